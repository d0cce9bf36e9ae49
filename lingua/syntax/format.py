"""The one common layout of a program. Comments stay, meaning never changes, and formatting twice changes nothing more.

Two columns for each block, an item a line, at most one blank line where the author left some; `size:`, `plot:` and
`require:` with their colon; long rules broken before `=>` and `with`; TA-Lib's upper-case names in lower case.

>>> text, _ = format_text("strategy S{rule up:EMA(close,12)>1 =>buy   // now\\n}")
>>> print(text, end="")
strategy S {
  rule up: ema(close, 12) > 1 => buy  // now
}
"""

from __future__ import annotations

from collections.abc import Callable

from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.syntax.formatting.blocks import between
from lingua.syntax.formatting.comments import Comments
from lingua.syntax.formatting.documents import render
from lingua.syntax.formatting.items import WIDTH, ItemPrinter
from lingua.syntax.formatting.spelling import lower_case, own_functions
from lingua.syntax.nodes import File
from lingua.syntax.parse import parse
from lingua.syntax.source import Source, Span


def format_file(file: File, source: Source, spell: Callable[[str], str] = lower_case) -> str:
    """`file` in the common layout; `source` is the text it came from (empty for a tree made otherwise).

    `spell` gives the name under which a called function is written; names that the file defines stay as they are.
    """
    own = own_functions(file)
    comments = Comments(source, file.comments)
    printer = ItemPrinter(source, comments, lambda name: name if name in own else spell(name))
    lines = between(printer.entries(file.items, 0), comments, Span(0, len(source.text)))
    text = render(lines, WIDTH).lstrip("\n ")  # a comment behind a leading `;` would keep its blanks
    return text + "\n" if text else ""


def format_text(
    text: str, name: str = "<stdin>", spell: Callable[[str], str] = lower_case
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """`text` in the common layout and what was found while reading it; None in its place if there are errors."""
    source = Source(name, text)
    file, problems = parse(source)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    return format_file(file, source, spell), problems


def format_source(source: Source, spell: Callable[[str], str] = lower_case) -> str:
    """The text of `source`, which must parse, in the common layout; one that does not stays as it is."""
    formatted, _ = format_text(source.text, source.name, spell)
    return source.text if formatted is None else formatted
