"""`lingua 1`: the edition of the language a file is written in."""

from __future__ import annotations

from lingua.diagnostics.codes import imports as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label, Problems
from lingua.syntax import nodes as ast

EDITIONS = (1,)


def check_editions(problems: Problems, file: ast.File) -> None:
    first: ast.Edition | None = None
    for position, item in enumerate(file.items):
        if not isinstance(item, ast.Edition):
            continue
        if item.number not in EDITIONS:
            problems.add(
                codes.UNKNOWN_EDITION, item.span, number=item.number, help=f"write `lingua {EDITIONS[-1]}`",
                fixes=(Fix(f"write `lingua {EDITIONS[-1]}`", (Edit(item.span, f"lingua {EDITIONS[-1]}"),)),),
            )  # fmt: skip
        if first is not None:
            problems.add(
                codes.EDITION_PLACE, item.span, cause="the edition is given twice", help="keep the first line",
                labels=(Label(first.span, "first here"),),
            )  # fmt: skip
        elif position > 0:
            problems.add(
                codes.EDITION_PLACE, item.span, cause="the edition stands after what is written in it",
                help="move it to the first line of the file",
            )  # fmt: skip
        first = first or item
