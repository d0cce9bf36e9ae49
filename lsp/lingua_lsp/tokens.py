"""Semantic tokens: what each word is, full, of a range, and as the difference to the last ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.analysis.names import Space, Use
from lingua.analysis.pieces import Piece
from lingua.analysis.view import Found, View
from lingua.syntax.scanner import WORD
from lingua_lsp.positions import Lines, units

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer
    from lingua_lsp.workspace import Text

TYPES = (
    "keyword", "function", "variable", "parameter", "property", "class", "namespace", "event", "type", "number",
    "string", "comment", "operator",
)  # fmt: skip
MODIFIERS = ("declaration", "readonly", "defaultLibrary")
TYPE = {name: place for place, name in enumerate(TYPES)}
DECLARATION, READONLY, LIBRARY = 1, 2, 4

OF_KIND = {
    "param": ("parameter", READONLY), "const": ("variable", READONLY), "let": ("variable", 0),
    "indicator": ("variable", 0), "state": ("variable", 0), "signal": ("variable", 0), "input": ("parameter", 0),
    "variable": ("variable", READONLY), "function": ("function", 0), "extern": ("function", 0),
    "strategy": ("class", 0), "portfolio": ("class", 0), "rule": ("event", 0), "filter": ("event", 0),
    "alert": ("event", 0), "import": ("namespace", 0), "data": ("namespace", 0), "universe": ("variable", 0),
}  # fmt: skip
NUMBERS = frozenset({"NUMBER", "PERCENT", "RMULT", "DURATION", "UNITNUM"})
NAMES = frozenset({"NAME", "KEY", "WORD", WORD})
SIGNS = frozenset({"LPAR", "RPAR", "LBRACE", "RBRACE", "LSQB", "RSQB", "COMMA", "SEMICOLON", "COLON", "DOT", "EQUAL"})
MOST_KEPT = 4
"""Answers of one text that a difference can be taken from."""

Entry = tuple[int, int, int, int]
"""Start, end, number of the type, modifiers."""


class Kept:
    """The last answers, by text and mark."""

    def __init__(self) -> None:
        self._marks = itertools.count(1)
        self.answers: dict[str, dict[str, list[int]]] = {}
        self._rows: dict[str, Rows] = {}

    def rows(self, uri: str) -> Rows:
        return self._rows.setdefault(uri, Rows())

    def forget(self, uri: str) -> None:
        self.answers.pop(uri, None)
        self._rows.pop(uri, None)

    def keep(self, uri: str, data: list[int]) -> str:
        mark = str(next(self._marks))
        known = self.answers.setdefault(uri, {})
        known[mark] = data
        while len(known) > MOST_KEPT:
            del known[next(iter(known))]
        return mark


def register(server: LinguaServer) -> None:
    legend = types.SemanticTokensLegend(TYPES, MODIFIERS)
    kept = server.tokens

    @server.on(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)
    def full(params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        data = encoded(text, range(len(text.view.pieces)), kept.rows(text.document.uri))
        return types.SemanticTokens(data, kept.keep(text.document.uri, data))

    @server.on(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, legend)
    def delta(params: types.SemanticTokensDeltaParams) -> types.SemanticTokens | types.SemanticTokensDelta | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        before = kept.answers.get(text.document.uri, {}).get(params.previous_result_id)
        data = encoded(text, range(len(text.view.pieces)), kept.rows(text.document.uri))
        mark = kept.keep(text.document.uri, data)
        if before is None:
            return types.SemanticTokens(data, mark)
        return types.SemanticTokensDelta(difference(before, data), mark)

    @server.on(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, legend)
    def of_range(params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        chunks = text.view.chunks_in(text.document.span(params.range))
        return types.SemanticTokens(encoded(text, chunks, kept.rows(text.document.uri)))


def difference(before: list[int], after: list[int]) -> list[types.SemanticTokensEdit]:
    """One edit: what lies between the common start and the common end, in whole tokens."""
    if before == after:
        return []
    most = min(len(before), len(after))
    first = _common(before, after, most)
    first -= first % 5
    last = _common(before[::-1], after[::-1], most - first)
    last -= last % 5
    return [types.SemanticTokensEdit(first, len(before) - first - last, after[first : len(after) - last])]


def _common(a: list[int], b: list[int], most: int) -> int:
    """How many elements at the start are the same, at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class Row:
    """The tokens of one piece, ready to be put behind those before it: places of the first and the last count from the
    start of the piece, `data` begins behind the first two numbers."""

    first: tuple[int, int]
    last: tuple[int, int]
    data: list[int]


class Rows:
    """Encoded pieces of one text. What a word is depends on the names of the file, so all are forgotten when those
    change; an edit that defines nothing costs its own item."""

    def __init__(self) -> None:
        self._names: object = None
        self._encoding = ""
        self._known: dict[tuple[int, str], tuple[Piece, Row | None]] = {}

    def of(self, text: Text, chunks: range) -> list[tuple[int, Row]]:
        """(chunk, its tokens) for every chunk that has any."""
        view, encoding = text.view, text.document.encoding
        names = _names_of(view)
        if names != self._names or encoding != self._encoding:
            self._names, self._encoding, self._known = names, encoding, {}
        strategies = {index: item.name for index, item in view.strategies()}
        kept: dict[tuple[int, str], tuple[Piece, Row | None]] = {}
        found: list[tuple[int, Row]] = []
        for index in chunks:
            piece = view.pieces[index]
            key = (id(piece), strategies.get(view.chunks[index].owner, ""))
            known = kept.get(key) or self._known.get(key) or (piece, _row(piece, _of_piece(view, index), encoding))
            kept[key] = known
            if known[1] is not None:
                found.append((index, known[1]))
        # Pieces that are gone may share their number with new ones: only what was met stays.
        self._known = kept if len(chunks) == len(view.pieces) else {**self._known, **kept}
        return found


def _names_of(view: View) -> object:
    """Everything that decides what a name is."""
    strategies = {index: item.name for index, item in view.strategies()}
    own = frozenset(
        (strategies.get(owner, ""), space, name, found.use.kind)
        for (owner, space, name), found in view.definitions.items()
    )
    modules = tuple((item.alias, item.path, id(view.module(item.path))) for _, item in view.imports)
    return own, modules


def _row(piece: Piece, entries: list[Entry], encoding: str) -> Row | None:
    """Tokens of a piece as the protocol counts them."""
    if not entries:
        return None
    lines = Lines(piece.text)
    data: list[int] = []
    places: list[tuple[int, int]] = []
    last_line = last_column = 0
    for start, end, kind, modifiers in entries:
        line, column = lines.place(start, encoding)
        length = units(piece.text[start:end], encoding)
        places.append((line, column))
        data += (line - last_line, column - last_column if line == last_line else column, length, kind, modifiers)
        last_line, last_column = line, column
    return Row(places[0], places[-1], data[2:])


def encoded(text: Text, chunks: range, rows: Rows) -> list[int]:
    """Tokens of some chunks as the protocol counts them: each from the one before."""
    document, view = text.document, text.view
    lines = document.own_lines
    data: list[int] = []
    last_line = last_column = 0
    for index, row in rows.of(text, chunks):
        top, left = lines.place(view.chunks[index].start, document.encoding)
        line, column = top + row.first[0], row.first[1] + (left if row.first[0] == 0 else 0)
        data.append(line - last_line)
        data.append(column - last_column if line == last_line else column)
        data += row.data
        last_line, last_column = top + row.last[0], row.last[1] + (left if row.last[0] == 0 else 0)
    return data


def _of_piece(view: View, index: int) -> list[Entry]:
    """Tokens of one chunk, offsets from its start."""
    piece = view.pieces[index]
    uses = {use.start: use for use in piece.uses}
    found: list[Entry] = []
    for token in piece.tokens:
        use = uses.get(token.start)
        if use is not None and use.space is not Space.FILE:
            found.append((use.start, use.end, *_of_use(view, index, use)))
        elif token.kind in NUMBERS:
            found.append((token.start, token.end, TYPE["number"], 0))
        elif token.kind == "STRING":
            found.append((token.start, token.end, TYPE["string"], 0))
        elif token.kind in NAMES:
            found.append((token.start, token.end, TYPE["property" if token.kind != "NAME" else "type"], 0))
        elif token.kind in SIGNS:
            continue
        elif token.text[:1].isalpha():
            found += _words(token.text, token.start)
        else:
            found.append((token.start, token.end, TYPE["operator"], 0))
    for comment in piece.comments:
        place = comment.span.start
        for line in comment.text.split("\n"):
            if line:
                found.append((place, place + len(line), TYPE["comment"], 0))
            place += len(line) + 1
    found.sort()
    return found


def _words(text: str, start: int) -> Iterator[Entry]:
    """A keyword; one of several words may stand on several lines."""
    if text.isalpha():
        yield start, start + len(text), TYPE["keyword"], 0
        return
    place = 0
    for word in text.split():
        place = text.index(word, place)
        length = len(word.rstrip("("))
        if length:
            yield start + place, start + place + length, TYPE["keyword"], 0
        place += len(word)


def _of_use(view: View, index: int, use: Use) -> tuple[int, int]:
    if use.kind:
        kind, modifiers = OF_KIND.get(use.kind, ("variable", 0))
        return TYPE[kind], modifiers | DECLARATION
    symbol = view.symbol(Found(view, index, use))
    if symbol is not None:
        if symbol.is_builtin:
            return TYPE["function" if symbol.space is Space.FUNCTION else "variable"], LIBRARY
        kind, modifiers = OF_KIND.get(symbol.kind, ("variable", 0))
        return TYPE[kind], modifiers
    match use.space:
        case Space.FUNCTION:
            return TYPE["function"], 0
        case Space.PART:
            return TYPE["property"], 0
        case Space.INPUT:
            return TYPE["parameter"], 0
        case Space.RULE | Space.FILTER | Space.ALERT:
            return TYPE["event"], 0
        case Space.STRATEGY | Space.PORTFOLIO:
            return TYPE["class"], 0
        case _:
            return TYPE["variable"], 0
