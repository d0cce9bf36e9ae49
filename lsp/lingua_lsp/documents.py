"""Open texts, as the client has them, and files of the workspace as they are on disk."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from lingua.syntax.source import Source, Span
from lingua_lsp.positions import Lines

Change: TypeAlias = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


class Document:
    """One version of one text. It never changes: an edit makes another document.

    `text` is what the client has. Lingua reads `source`, in which every line ends with `\\n`; a line and a column mean
    the same in both, so only offsets differ.
    """

    def __init__(self, uri: str, text: str, version: int | None, encoding: str) -> None:
        self.uri = uri
        self.text = text
        self.version = version
        self.encoding = encoding
        self.path = path_of(uri)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def source(self) -> Source:
        name = str(self.path) if self.path is not None else self.uri.rsplit("/", 1)[-1]
        text = self.text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return Source(name, text)

    @cached_property
    def own_lines(self) -> Lines:
        """Lines of `source`."""
        return Lines(self.source.text) if "\r" in self.text else self.lines

    @property
    def line_end(self) -> str:
        """What ends the lines of this text: that of the first line."""
        first = self.lines.ends[0]
        return self.text[first : self.lines.starts[1]] if len(self.lines.starts) > 1 else "\n"

    # --- places ------------------------------------------------------------------------------

    def offset(self, position: types.Position) -> int:
        """Offset into `source`."""
        return self.own_lines.offset(position.line, position.character, self.encoding)

    def span(self, range: types.Range) -> Span:
        start, end = self.offset(range.start), self.offset(range.end)
        return Span(min(start, end), max(start, end))

    def position(self, offset: int) -> types.Position:
        return types.Position(*self.own_lines.place(offset, self.encoding))

    def range(self, span: Span) -> types.Range:
        return types.Range(self.position(span.start), self.position(span.end))

    def location(self, span: Span) -> types.Location:
        return types.Location(self.uri, self.range(span))

    def edit(self, span: Span, text: str) -> types.TextEdit:
        """Replace `span` by `text`, with the line ends of this document."""
        if self.line_end != "\n":
            text = text.replace("\n", self.line_end)
        return types.TextEdit(self.range(span), text)

    # --- changes -----------------------------------------------------------------------------

    def changed(self, changes: Iterable[Change], version: int | None) -> Document:
        text, lines = self.text, self.lines
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = lines.offset(change.range.start.line, change.range.start.character, self.encoding)
                end = lines.offset(change.range.end.line, change.range.end.character, self.encoding)
                text = text[: min(start, end)] + change.text + text[max(start, end) :]
            else:
                text = change.text
            lines = Lines(text)
        document = Document(self.uri, text, version, self.encoding)
        document.__dict__["lines"] = lines
        return document


class Documents:
    """The open texts, by address."""

    def __init__(self) -> None:
        self.open: dict[str, Document] = {}
        self.encoding = "utf-16"

    def put(self, document: Document) -> None:
        self.open[document.uri] = document

    def close(self, uri: str) -> None:
        self.open.pop(uri, None)

    def find_open(self, uri: str) -> Document | None:
        """The open document, also under another spelling of its address (`%3A` for `:`)."""
        found = self.open.get(uri)
        path = path_of(uri) if found is None else None
        return self.open_at(path) if path is not None else found

    def open_at(self, path: Path) -> Document | None:
        return next((each for each in self.open.values() if each.path == path), None)

    def path_of(self, uri: str) -> Path | None:
        return path_of(uri)

    def read(self, uri: str) -> Document | None:
        """The file behind an address; None for what is no text or too large."""
        path = path_of(uri)
        if path is None:
            return None
        from lingua.syntax.parse import LARGEST_FILE

        try:
            if path.stat().st_size > LARGEST_FILE:
                return None
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, ValueError):
            return None
        return Document(uri, text, None, self.encoding)


def path_of(uri: str) -> Path | None:
    """The file behind an address; None for one that is no file (`untitled:`, `git:`)."""
    try:
        name = to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:
        return None
    return Path(name) if name and "\0" not in name else None


def uri_of(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()
