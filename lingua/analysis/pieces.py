"""One chunk read by itself: its tokens as the parser takes them, its items, its mistakes, the names in it.

Offsets of a piece count from the start of its chunk, so a piece is good for every place its text stands at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lingua.analysis.chunks import Place
from lingua.analysis.names import Use, uses_of
from lingua.diagnostics.diagnostic import Diagnostic
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse_traced
from lingua.syntax.scanner import Token
from lingua.syntax.source import Source, Span

AROUND = {
    Place.FILE: ("", ""),
    Place.OPENING: ("", "}"),
    Place.ITEM: ("strategy _ {", "}"),
    Place.CLOSING: ("strategy _ {", ""),
}
"""What makes a whole program of a chunk."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`shift` is what must be taken from spans of `items` to count from the start of the chunk."""

    text: str
    place: Place
    shift: int
    items: tuple[ast.Top | ast.Item, ...]
    tokens: tuple[Token, ...]
    """Spans count from the start of the chunk."""
    comments: tuple[ast.Comment, ...]
    problems: tuple[Diagnostic, ...]
    uses: tuple[Use, ...]
    """The names in it, in order."""

    @property
    def definitions(self) -> Iterator[Use]:
        """Names the whole file or strategy sees."""
        return (use for use in self.uses if use.kind and use.binder < 0)

    @property
    def is_blank(self) -> bool:
        """Nothing but blanks and comments."""
        return not self.tokens


def read(text: str, place: Place) -> Piece:
    """Parse the text of one chunk."""
    before, after = AROUND[place]
    shift = len(before)
    whole = f"{before}{text}\n{after}" if after else before + text
    file, problems, taken = parse_traced(Source("", whole))
    end = shift + len(text)
    tokens = tuple(
        [
            Token(token.kind, token.text, token.start - shift, token.end - shift)
            for token in taken
            if token.start >= shift and token.end <= end and token.end > token.start
        ]
    )
    items: tuple[ast.Top | ast.Item, ...] = file.items
    if place in (Place.ITEM, Place.CLOSING):
        items = tuple([part for each in file.items if isinstance(each, ast.Strategy) for part in each.items])
    comments = tuple(
        [
            ast.Comment(each.text, Span(each.span.start - shift, each.span.end - shift), each.own_line)
            for each in file.comments
            if shift <= each.span.start < end
        ]
    )
    found = uses_of(items, tokens, shift)
    return Piece(text, place, shift, items, tokens, comments, problems, found)
