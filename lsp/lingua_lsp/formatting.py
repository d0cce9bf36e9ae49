"""Formatting: the whole text, the items of a range, and the line that was just ended."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.analysis.chunks import Place
from lingua.analysis.view import View
from lingua.syntax.format import format_text
from lingua.syntax.source import Span
from lingua_lsp.documents import Document

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer
    from lingua_lsp.workspace import Text

LARGEST = 400_000
"""Characters; a longer text is replaced whole."""


def register(server: LinguaServer) -> None:
    @server.on(types.TEXT_DOCUMENT_FORMATTING)
    def whole(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        text = server.space.get(params.text_document.uri)
        return edits_of(text.document) if text is not None else None

    @server.on(types.TEXT_DOCUMENT_RANGE_FORMATTING, types.DocumentRangeFormattingOptions(ranges_support=True))
    def of_range(params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        text = server.space.get(params.text_document.uri)
        return within(text, [params.range]) if text is not None else None

    @server.on(types.TEXT_DOCUMENT_RANGES_FORMATTING)
    def of_ranges(params: types.DocumentRangesFormattingParams) -> list[types.TextEdit] | None:
        text = server.space.get(params.text_document.uri)
        return within(text, list(params.ranges)) if text is not None else None

    options = types.DocumentOnTypeFormattingOptions(first_trigger_character="}", more_trigger_character=["\n", ";"])

    @server.on(types.TEXT_DOCUMENT_ON_TYPE_FORMATTING, options)
    def on_type(params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        offset = text.document.offset(params.position)
        if params.ch == "\n":
            return _indent(text, params.position.line)
        return _item_before(text, offset)


def edits_of(document: Document) -> list[types.TextEdit]:
    """What makes the text that of the common layout; nothing for a text with errors."""
    source = document.source
    formatted, _ = format_text(source.text, source.name)
    if formatted is None or formatted == source.text:
        return []
    return line_edits(document, source.text, formatted)


def line_edits(document: Document, before: str, after: str) -> list[types.TextEdit]:
    """Edits of the lines that differ, so that cursors and marks elsewhere stay."""
    if len(before) > LARGEST:
        return [document.edit(Span(0, len(before)), after)]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if any(line.rstrip("\n") != line[: len(line.rstrip("\n"))] or "\x0b" in line or "\x0c" in line for line in old):
        old, new = _lines(before), _lines(after)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    edits: list[types.TextEdit] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace" and b - a == d - c:
            for step in range(b - a):
                edits.append(document.edit(Span(starts[a + step], starts[a + step + 1]), new[c + step]))
        elif tag != "equal":
            edits.append(document.edit(Span(starts[a], starts[b]), "".join(new[c:d])))
    return edits


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def within(text: Text, ranges: list[types.Range]) -> list[types.TextEdit]:
    """The edits of the common layout that touch the items of the ranges."""
    view, document = text.view, text.document
    edits: dict[tuple[int, int], types.TextEdit] = {}
    chosen = [view.chunks[index].place for each in ranges for index in view.chunks_in(document.span(each))]
    every = edits_of(document) if set(chosen) != {Place.ITEM} else []
    if every:
        lines: set[int] = set()
        for each in ranges:
            for index in view.chunks_in(document.span(each)):
                chunk = view.chunks[index]
                first = document.position(chunk.start).line
                lines.update(range(first, document.position(chunk.end).line + 1))
        for edit in every:
            if set(range(edit.range.start.line, max(edit.range.end.line, edit.range.start.line + 1))) & lines:
                edits[edit.range.start.line, edit.range.start.character] = edit
        return list(edits.values())
    # Items of a strategy are laid out by themselves, also where something else in the file does not parse.
    for each in ranges:
        for index in view.chunks_in(document.span(each)):
            for edit in _of_chunk(view, document, index):
                edits[edit.range.start.line, edit.range.start.character] = edit
    return list(edits.values())


def _of_chunk(view: View, document: Document, index: int) -> list[types.TextEdit]:
    """One item of a strategy laid out by itself."""
    piece, chunk = view.pieces[index], view.chunks[index]
    if chunk.place is not Place.ITEM or piece.problems or not piece.tokens:
        return []
    first = piece.tokens[0].start
    last = max([piece.tokens[-1].end, *(comment.span.end for comment in piece.comments)])
    head = view.source.text.rfind("\n", 0, chunk.start + first) + 1
    if head < chunk.start or view.source.text[head : chunk.start + first].strip():
        return []
    formatted, _ = format_text("strategy _ {\n" + piece.text[:last] + "\n}\n")
    if formatted is None:
        return []
    body = formatted[len("strategy _ {\n") : formatted.rindex("}")].rstrip("\n")
    before = view.source.text[chunk.start : chunk.start + last]
    lead = before[: len(before) - len(before.lstrip("\n"))]
    after = lead + body.lstrip("\n")
    if after == before:
        return []
    return [document.edit(Span(chunk.start, chunk.start + last), after)]


GOES_ON = frozenset({"=>", "and", "or", ",", "+", "-", "*", "/", "="})
"""Behind one of these at the end of a line the item is not over."""


def _indent(text: Text, line: int) -> list[types.TextEdit]:
    """Set in a new line as its block asks: two columns a brace, two more where an item goes on."""
    document = text.document
    source = document.source.text
    lines = document.own_lines
    if line >= len(lines.starts) or line == 0:
        return []
    start, end = lines.starts[line], lines.ends[line]
    now = source[start:end]
    index = text.view.chunk_at(max(start - 1, 0))
    depth = 1 if text.view.chunks[index].owner >= 0 and text.view.chunks[index].place is not Place.CLOSING else 0
    first = text.view.chunks[index].start
    before = [token for token in text.view.pieces[index].tokens if first + token.start < start]
    if text.view.chunks[index].place is Place.ITEM or depth == 0:
        for token in before:
            depth += (token.kind == "LBRACE") - (token.kind == "RBRACE")
    wanted = "  " * max(depth - now.lstrip().startswith("}"), 0)
    # A comment's end says nothing of the item.
    if before and source[first + before[-1].start : first + before[-1].end] in GOES_ON:
        wanted += "  "
    blanks = len(now) - len(now.lstrip(" \t"))
    if now[:blanks] == wanted:
        return []
    return [document.edit(Span(start, start + blanks), wanted)]


def _item_before(text: Text, offset: int) -> list[types.TextEdit]:
    """The item that was just closed."""
    index = text.view.chunk_at(max(offset - 1, 0))
    if text.view.chunks[index].place is Place.CLOSING:
        return within(text, [text.document.range(text.view.whole(text.view.chunks[index].owner))])
    return within(text, [text.document.range(Span(max(offset - 1, 0), offset))])
