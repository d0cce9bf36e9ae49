"""What a terminal gets and a pipe does not: colours and drawn tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO


def wants_colour(stream: TextIO, no_color: bool = False) -> bool:
    """Colours only on a terminal, and never when `--no-color` or the variable NO_COLOR asks for none."""
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), no_color: bool = False
) -> None:
    """A table; columns numbered in `right` are set to the right. Plain text, two blanks between columns, when piped."""
    if wants_colour(sys.stdout, no_color):
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold", pad_edge=False)
        for index, header in enumerate(headers):
            table.add_column(header, justify="right" if index in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        Console(highlight=False).print(table)
        return
    widths = [max(len(row[i]) for row in [headers, *rows]) for i in range(len(headers))]
    for row in [headers, *rows]:
        cells = [
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def escape(cell: str) -> str:
    from rich.markup import escape as escape_markup

    return escape_markup(cell)
