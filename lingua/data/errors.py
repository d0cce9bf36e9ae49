"""What is wrong with data, said so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence


class DataError(Exception):
    """`file` and `rows` say where (rows count from 1 at the first line of the file, the header), `cause` what, `mend`
    what to do."""

    def __init__(self, cause: str, *, file: str = "", rows: Sequence[int] = (), mend: str = "") -> None:
        self.cause = cause
        self.file = file
        self.rows = tuple(rows)
        self.mend = mend
        super().__init__(str(self))

    def __str__(self) -> str:
        where = self.file
        if self.rows:
            shown = ", ".join(str(row) for row in self.rows[:8])
            more = f" and {len(self.rows) - 8} more" if len(self.rows) > 8 else ""
            where += f"{':' if where else ''} row{'s' if len(self.rows) > 1 else ''} {shown}{more}"
        text = f"{where}: {self.cause}" if where else self.cause
        return f"{text}\n  = help: {self.mend}" if self.mend else text
