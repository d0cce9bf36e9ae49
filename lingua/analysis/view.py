"""One version of one text, cut into pieces, and what each name in it means.

A view never changes. The next version takes over every piece whose text is still there, wherever it stands now, so an
edit costs the item it was made in; what a view says depends on its text (and the files it imports) alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lingua.analysis.chunks import Chunk, Place, cut
from lingua.analysis.names import Space, Use
from lingua.analysis.pieces import Piece, read
from lingua.semantics.imports import STD, refused
from lingua.syntax import nodes as ast
from lingua.syntax.source import Source, Span

LARGEST = 400_000
"""Characters; a longer text holds more words than a program may, and has no items."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name as such: two occurrences mean the same if their symbols are equal.

    `file` is the view that defines it ("" for what is built in). `owner` is the strategy's opening chunk, -1 for the
    file. `chunk` and `binder` tell names apart that are bound inside a piece (-1 for all others).
    """

    file: str
    owner: int
    space: Space
    name: str
    kind: str
    chunk: int = -1
    binder: int = -1

    @property
    def is_builtin(self) -> bool:
        return not self.file


@dataclass(frozen=True, slots=True)
class Found:
    """An occurrence of a name in a view; `span` counts from the start of the text."""

    view: View
    chunk: int
    use: Use

    @property
    def span(self) -> Span:
        start = self.view.chunks[self.chunk].start
        return Span(start + self.use.start, start + self.use.end)


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name of the file or of a strategy is defined. Without its view, which holds it."""

    chunk: int
    use: Use
    start: int

    @property
    def span(self) -> Span:
        return Span(self.start + self.use.start, self.start + self.use.end)


Load = Callable[[Path], "View | None"]


class View:
    """`load` gives the view of an imported file."""

    def __init__(
        self, source: Source, path: Path | None = None, *, before: View | None = None, load: Load | None = None
    ) -> None:
        self.source = source
        self.path = path
        self.name = str(path) if path is not None else source.name or "<text>"
        self._load = load
        self.is_too_large = len(source.text) > LARGEST
        text = source.text if not self.is_too_large else ""
        self.chunks: list[Chunk] = cut(text)
        known = before.by_text if before is not None else {}
        self.by_text: dict[tuple[Place, str], Piece] = {}
        self.pieces: list[Piece] = []
        for chunk in self.chunks:
            key = (chunk.place, text[chunk.start : chunk.end])
            piece = self.by_text.get(key) or known.get(key) or read(key[1], chunk.place)
            self.by_text[key] = piece
            self.pieces.append(piece)

    # --- places ------------------------------------------------------------------------------

    @cached_property
    def _starts(self) -> list[int]:
        return [chunk.start for chunk in self.chunks]

    def chunk_at(self, offset: int) -> int:
        """Index of the chunk that holds `offset`."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def chunks_in(self, span: Span) -> range:
        return range(self.chunk_at(span.start), self.chunk_at(max(span.end - 1, span.start)) + 1)

    def spanned(self, chunk: int, span: Span) -> Span:
        """A span of an item of a piece, as a span of the text."""
        shift = self.chunks[chunk].start - self.pieces[chunk].shift
        return Span(span.start + shift, span.end + shift)

    def items(self) -> Iterator[tuple[int, ast.Top | ast.Item]]:
        """Every item with its chunk; spans are those of the piece (see `spanned`)."""
        for index, piece in enumerate(self.pieces):
            for item in piece.items:
                yield index, item

    def strategies(self) -> Iterator[tuple[int, ast.Strategy]]:
        """Opening chunk and name node of each strategy."""
        for index, item in self.items():
            if isinstance(item, ast.Strategy) and self.chunks[index].place is Place.OPENING:
                yield index, item

    def whole(self, opening: int) -> Span:
        """From the first word of a strategy to its closing brace."""
        end = opening
        while end + 1 < len(self.chunks) and self.chunks[end + 1].owner == opening:
            end += 1
        tokens = self.pieces[opening].tokens
        start = self.chunks[opening].start + (tokens[0].start if tokens else 0)
        return Span(start, self.chunks[end].end)

    def use_at(self, offset: int) -> Found | None:
        """The name that `offset` touches; where two meet, the one that begins there."""
        best: Found | None = None
        for at in (offset, offset - 1):
            if at < 0:
                continue
            index = self.chunk_at(at)
            start = self.chunks[index].start
            for use in self.pieces[index].uses:
                if start + use.start <= at < start + use.end:
                    best = Found(self, index, use)
            if best is not None:
                return best
        return None

    def uses(self) -> Iterator[Found]:
        for index, piece in enumerate(self.pieces):
            for use in piece.uses:
                yield Found(self, index, use)

    # --- names -------------------------------------------------------------------------------

    @cached_property
    def definitions(self) -> dict[tuple[int, Space, str], Definition]:
        """What the file (-1) and each strategy (its opening chunk) defines; the first of two."""
        found: dict[tuple[int, Space, str], Definition] = {}
        for index, piece in enumerate(self.pieces):
            chunk = self.chunks[index]
            owner = chunk.owner if chunk.place is Place.ITEM else -1
            for use in piece.definitions:
                found.setdefault((owner, use.space, use.name), Definition(index, use, chunk.start))
        return found

    @cached_property
    def imports(self) -> list[tuple[int, ast.Import]]:
        return [(index, item) for index, item in self.items() if isinstance(item, ast.Import)]

    def import_path(self, written: str) -> Path | None:
        """The file an import means; None for one that may not be read or has no file to start from."""
        if refused(written):
            return None
        name = written if written.endswith(".lingua") else f"{written}.lingua"
        if name.startswith("std/"):
            return STD / name.removeprefix("std/")
        if self.path is None:
            return None
        return (self.path.parent / name).resolve()

    def module(self, written: str) -> View | None:
        path = self.import_path(written)
        return self._load(path) if path is not None and self._load is not None else None

    def strategy_of(self, found: Found) -> int:
        """Opening chunk of the strategy whose names an occurrence can mean; -1 for none."""
        chunk = self.chunks[found.chunk]
        if chunk.place is Place.ITEM:
            return chunk.owner
        wanted = found.use.owner.removeprefix("strategy ")
        strategies = list(self.strategies())
        for index, item in strategies:
            if item.name == wanted:
                return index
        is_in_test = any(isinstance(item, ast.Test) for item in self.pieces[found.chunk].items)
        return strategies[0][0] if is_in_test and not wanted and len(strategies) == 1 else -1

    def symbol(self, found: Found) -> Symbol | None:
        """What an occurrence means; None where nobody knows."""
        use = found.use
        if use.binder >= 0:
            return self._local(found.chunk, use.binder, use.name)
        if use.kind:
            owner = self.chunks[found.chunk].owner if self.chunks[found.chunk].place is Place.ITEM else -1
            first = self.definitions.get((owner, use.space, use.name))
            return Symbol(self.name, owner, use.space, use.name, first.use.kind if first else use.kind)
        match use.space:
            case Space.VALUE:
                return self._value(found)
            case Space.FUNCTION:
                return self._function(found)
            case Space.PART:
                return self._part(found)
            case Space.INPUT:
                return self._input(found)
            case Space.STRATEGY | Space.PORTFOLIO:
                return self._defined(-1, use.space, use.name)
            case Space.FILE:
                return None
            case _:
                return self._defined(self.strategy_of(found), use.space, use.name)

    def definition(self, symbol: Symbol) -> Found | None:
        """Where a symbol of this view is defined."""
        if symbol.binder >= 0:
            for use in self.pieces[symbol.chunk].uses:
                if use.start == symbol.binder and use.kind:
                    return Found(self, symbol.chunk, use)
            return None
        place = self.definitions.get((symbol.owner, symbol.space, symbol.name))
        return Found(self, place.chunk, place.use) if place is not None else None

    def home(self, symbol: Symbol) -> View | None:
        """The view that defines a symbol: this one, or an imported one."""
        if symbol.file == self.name:
            return self
        for _, item in self.imports:
            module = self.module(item.path)
            if module is not None and module.name == symbol.file:
                return module
        return None

    def occurrences(self, symbol: Symbol) -> Iterator[Found]:
        """Every occurrence of a symbol in this text, its definition included."""
        if symbol.binder >= 0 and symbol.space is not Space.INPUT and symbol.kind != "input":
            indices: range | list[int] = [symbol.chunk] if symbol.file == self.name else []
        else:
            indices = range(len(self.pieces))
        for index in indices:
            for use in self.pieces[index].uses:
                if use.name == symbol.name and use.space is not Space.FILE:
                    found = Found(self, index, use)
                    if self.symbol(found) == symbol:
                        yield found

    def imported(self, space: Space, name: str) -> Symbol | None:
        """A name that an import without alias brings in."""
        for _, item in self.imports:
            if item.alias is None:
                module = self.module(item.path)
                symbol = module._defined(-1, space, name) if module is not None else None
                if symbol is not None and symbol.kind in ("const", "function", "extern"):
                    return symbol
        return None

    # --- each space --------------------------------------------------------------------------

    def _local(self, chunk: int, binder: int, name: str) -> Symbol:
        kind = next((use.kind for use in self.pieces[chunk].uses if use.start == binder and use.kind), "")
        return Symbol(self.name, -1, Space.VALUE, name, kind, chunk, binder)

    def _defined(self, owner: int, space: Space, name: str) -> Symbol | None:
        found = self.definitions.get((owner, space, name))
        return Symbol(self.name, owner, space, name, found.use.kind) if found is not None else None

    def _value(self, found: Found) -> Symbol | None:
        name, owner = found.use.name, self.strategy_of(found)
        own = self.definitions.get((owner, Space.VALUE, name)) if owner >= 0 else None
        if own is not None and not found.use.outer:
            return self._defined(owner, Space.VALUE, name)
        at_file = self.definitions.get((-1, Space.VALUE, name))
        if at_file is not None and not (found.use.outer and at_file.chunk == found.chunk):
            return self._defined(-1, Space.VALUE, name)
        return (
            self.imported(Space.VALUE, name)
            or builtin_value(name)
            or self._defined(-1, Space.FUNCTION, name)
            or self.imported(Space.FUNCTION, name)
            or builtin_function(name)
        )

    def _function(self, found: Found) -> Symbol | None:
        use = found.use
        if use.owner.startswith("."):
            return self._of_module(use.owner[1:], Space.FUNCTION, use.name) or builtin_function(
                f"{use.owner[1:]}.{use.name}"
            )
        owner = self.strategy_of(found)
        chosen = self.definitions.get((owner, Space.VALUE, use.name))
        if chosen is not None and chosen.use.kind == "param" and self._names_a_function(chosen):
            return self._defined(owner, Space.VALUE, use.name)
        return (
            self._defined(-1, Space.FUNCTION, use.name)
            or self.imported(Space.FUNCTION, use.name)
            or builtin_function(use.name)
        )

    def _names_a_function(self, found: Definition) -> bool:
        for item in self.pieces[found.chunk].items:
            if isinstance(item, ast.Param) and item.name == found.use.name:
                return isinstance(item.default, ast.Name)
        return False

    def _part(self, found: Found) -> Symbol | None:
        use = found.use
        return self._of_module(use.owner, Space.VALUE, use.name) or self._of_module(use.owner, Space.FUNCTION, use.name)

    def _of_module(self, alias: str, space: Space, name: str) -> Symbol | None:
        for _, item in self.imports:
            if alias and item.alias == alias:
                module = self.module(item.path)
                return module._defined(-1, space, name) if module is not None else None
        return None

    def _input(self, found: Found) -> Symbol | None:
        """The parameter behind the name of an argument."""
        use = found.use
        if use.owner.startswith("strategy "):
            return self._defined(self.strategy_of(found), Space.VALUE, use.name)
        alias, _, name = use.owner.rpartition(".")
        symbol = (
            self._of_module(alias, Space.FUNCTION, name)
            if alias
            else self._defined(-1, Space.FUNCTION, name) or self.imported(Space.FUNCTION, name)
        )
        home = self.home(symbol) if symbol is not None else None
        place = home.definition(symbol) if home is not None and symbol is not None else None
        if home is None or place is None:
            return None
        for each in home.pieces[place.chunk].uses:
            if each.kind == "input" and each.name == use.name:
                return home._local(place.chunk, each.start, each.name)
        return None


def builtin_value(name: str) -> Symbol | None:
    from lingua.semantics.observables import NAMES

    return Symbol("", -1, Space.VALUE, name, "builtin") if name in NAMES or name == "prev" else None


def builtin_function(name: str) -> Symbol | None:
    from lingua.semantics.calls import is_function

    is_known = is_function(name) or name == "fired" or name.startswith("cs.")
    return Symbol("", -1, Space.FUNCTION, name, "builtin") if is_known else None
