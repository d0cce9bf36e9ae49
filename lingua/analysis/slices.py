"""A small program of the items that matter for a question: those asked about, and all they are made of.

What an expression is depends on the definitions it reaches and on a few items that every rule reads. Elaborating these
alone costs milliseconds where the whole file costs hundreds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from lingua.analysis.chunks import Place
from lingua.analysis.library import OpenLibrary, OpenText
from lingua.analysis.names import Use
from lingua.analysis.view import Found, View
from lingua.diagnostics.diagnostic import Diagnostic
from lingua.semantics.elaborate import Elaboration, elaborate
from lingua.semantics.expressions import Fact
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse
from lingua.syntax.source import Source, Span

ALWAYS = (ast.Trade, ast.Data, ast.Direction, ast.Size, ast.Protect, ast.Pyramid, ast.Import, ast.Edition)
"""Items that others read without naming them."""


class Slice:
    """The chunks `indices` of a view as a program of their own."""

    def __init__(self, view: View, indices: Iterable[int], text_of: OpenText = lambda path: None) -> None:
        self.view = view
        self.indices = sorted(indices)
        self._text_of = text_of
        self._starts: list[int] = []
        texts: list[str] = []
        place = 0
        for index in self.indices:
            self._starts.append(place)
            texts.append(view.pieces[index].text)
            place += len(texts[-1])
        self.source = Source(view.source.name, "".join(texts))

    @cached_property
    def parsed(self) -> tuple[ast.File, tuple[Diagnostic, ...]]:
        return parse(self.source)

    @cached_property
    def elaboration(self) -> Elaboration:
        """What the program means. Only what is wrong in itself is told: lints want the whole file."""
        library = OpenLibrary(self.view.path, self._text_of)
        return elaborate(self.parsed[0], self.source, library=library, has_syntax_errors=True)

    @property
    def problems(self) -> list[Diagnostic]:
        """Diagnostics with the places of this program."""
        own = [each for each in self.elaboration.problems if each.source is self.source]
        return [*self.parsed[1], *own]

    @cached_property
    def facts(self) -> dict[Span, Fact]:
        """What each expression is, by its place in the text of the view."""
        found: dict[Span, Fact] = {}
        for span, fact in self.elaboration.facts.items():
            place = self.outward(span)
            if place is not None:
                found[place] = fact
        return found

    def chunk_of(self, offset: int) -> int:
        """The chunk of the view that an offset of this program lies in."""
        return self.indices[max(bisect_right(self._starts, offset) - 1, 0)]

    def outward(self, span: Span) -> Span | None:
        """The place in the text of the view; None where the program joins chunks that are apart."""
        at = max(bisect_right(self._starts, span.start) - 1, 0)
        shift = self.view.chunks[self.indices[at]].start - self._starts[at]
        last = max(bisect_right(self._starts, max(span.end - 1, span.start)) - 1, 0)
        if self.view.chunks[self.indices[last]].start - self._starts[last] != shift:
            return None
        return Span(span.start + shift, span.end + shift)


def around(view: View, wanted: Iterable[int], text_of: OpenText = lambda path: None) -> Slice:
    """The slice of the chunks `wanted` and everything they need."""
    chosen = set(wanted)
    pending = list(chosen)
    owners: set[int] = set()
    while pending:
        index = pending.pop()
        owner = view.chunks[index].owner
        if owner >= 0:
            owners.add(owner)
        for needed in _needs(view, index):
            if needed not in chosen:
                chosen.add(needed)
                pending.append(needed)
        if not pending:
            more = set(_frame(view, owners)) - chosen
            chosen |= more
            pending.extend(more)
    return Slice(view, chosen, text_of)


def _needs(view: View, index: int) -> Iterable[int]:
    """Chunks that define what a chunk speaks of."""
    for use in view.pieces[index].uses:
        if use.kind or use.binder >= 0:
            continue
        place = _place_of(view, index, use)
        if place is not None:
            yield place


def _place_of(view: View, index: int, use: Use) -> int | None:
    found = Found(view, index, use)
    symbol = view.symbol(found)
    if symbol is None or symbol.file != view.name:
        return None
    if symbol.chunk >= 0:
        return symbol.chunk
    place = view.definition(symbol)
    return place.chunk if place is not None else None


def _frame(view: View, owners: set[int]) -> Iterable[int]:
    """What stands around the items of some strategies: their braces, and what everything in them reads."""
    for index, chunk in enumerate(view.chunks):
        if chunk.place is Place.FILE:
            if any(isinstance(item, ast.Import | ast.Edition) for item in view.pieces[index].items):
                yield index
        elif chunk.owner in owners and (
            chunk.place is not Place.ITEM or any(isinstance(item, ALWAYS) for item in view.pieces[index].items)
        ):
            yield index
