"""What is wrong with data, said so that it can be mended."""

from __future__ import annotations

import re
from collections.abc import Sequence

SHOWN = 8


class DataError(Exception):
    """`file` and `rows` say where, `cause` what, `mend` what to do, `more` what else is wrong (a sentence each).
    `mend` names options of a command; `in_python` and `in_project` say it for who calls or edits instead.

    Rows of a text file are its lines (the header is line 1); of other files and of frames, bars (the first is 1).
    """

    def __init__(
        self, cause: str, *, file: str = "", rows: Sequence[int] = (), mend: str = "", more: Sequence[str] = ()
    ) -> None:
        self.cause = cause
        self.file = file
        self.rows = tuple(int(row) for row in rows)
        self.mend = mend
        self.more = tuple(more)
        self.of_command = mend
        super().__init__(str(self))

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, rows_text(self.rows)) if part)
        lines = [f"{where}: {self.cause}" if where else self.cause]
        lines += [f"  also {sentence}" for sentence in self.more]
        if self.mend:
            lines.append(f"  = help: {self.mend}")
        return "\n".join(lines)

    def in_python(self) -> DataError:
        """The same for somebody who called a function: `--mend sort` is `mend=["sort"]` there."""
        return self._mended(OPTION.sub(_argument, self.of_command))

    def in_project(self) -> DataError:
        """The same for somebody who edits files: `--mend sort` is `mend = ["sort"]` in lingua.toml there."""
        return self._mended(OPTION.sub(_key, self.of_command))

    def _mended(self, mend: str) -> DataError:
        other = type(self)(self.cause, file=self.file, rows=self.rows, mend=mend, more=self.more)
        other.of_command = self.of_command
        return other


OPTION = re.compile(r"`--([a-z-]+)(?: ([^`]+))?`")
ARGUMENTS = {"from": "start", "to": "end", "allow-jumps": "allow_jumps"}
"""Options of a command whose argument has another name."""


def _argument(found: re.Match[str]) -> str:
    option, value = found[1], found[2]
    name = ARGUMENTS.get(option, option)
    if value is None:
        return f"`{name}=True`" if option == "allow-jumps" else f"`{name}=`"
    return f'`{name}=["{value}"]`' if option == "mend" else f'`{name}="{value}"`'


KEYS = {
    "actions": "actions", "allow-jumps": "allow_jumps", "data": "file", "mend": "mend", "stamps": "stamps",
    "symbol": "symbol", "timeframe": "timeframe", "zone": "zone",
}  # fmt: skip
"""Options of a command that a symbol's table in lingua.toml has too."""


def _key(found: re.Match[str]) -> str:
    option, value = found[1], found[2]
    key = KEYS.get(option)
    if key is None:
        return found[0]
    written = (
        "true" if option == "allow-jumps" else f'["{value}"]' if option == "mend" else f'"{value}"' if value else "…"
    )
    return f"`{key} = {written}` in lingua.toml"


class OptionError(DataError):
    """An option says what nothing can be done with, whatever the bars are: a word that is none of its own, a time that
    is none, a place where nothing can be written."""


class MissingData(DataError):
    """There are no bars of what was asked for; nothing is wrong with what is there."""


def rows_text(rows: Sequence[int]) -> str:
    """`rows 3, 5-9, 12 and 40 more`.

    >>> rows_text([3, 5, 6, 7])
    'rows 3, 5-7'
    """
    if not len(rows):
        return ""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [str(a) if a == b else f"{a}-{b}" for a, b in spans[:SHOWN]]
    hidden = sum(b - a + 1 for a, b in spans[SHOWN:])
    text = f"row{'s' if len(rows) > 1 else ''} {', '.join(shown)}"
    return f"{text} and {hidden} more" if hidden else text
