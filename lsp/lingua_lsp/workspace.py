"""The texts a client works on, with what the analysis says of them; open ones and the files of its folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lingua.analysis.view import View
from lingua_lsp.documents import Document, Documents, uri_of

MOST_FILES = 2_000
"""Files of a workspace that are looked at; more are left out."""
SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist", "site-packages"})


@dataclass(frozen=True, slots=True)
class Text:
    """A document and its view."""

    document: Document
    view: View


class Workspace:
    def __init__(self) -> None:
        self.documents = Documents()
        self.folders: list[Path] = []
        self._texts: dict[str, Text] = {}
        self._on_disk: dict[Path, tuple[tuple[int, int], Text]] = {}

    def get(self, uri: str) -> Text | None:
        """The text behind an address: as it is open, or as it is on disk."""
        document = self.documents.find_open(uri)
        if document is not None:
            return self._of(document)
        path = self.documents.path_of(uri)
        return self.at(path) if path is not None else None

    def at(self, path: Path) -> Text | None:
        """The text of a file."""
        document = self.documents.open_at(path)
        if document is not None:
            return self._of(document)
        try:
            found = path.stat()
        except (OSError, ValueError):
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._on_disk.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        document = self.documents.read(uri_of(path))
        if document is None:
            return None
        text = Text(document, View(document.source, path, load=self.load))
        self._on_disk[path] = (stamp, text)
        return text

    def load(self, path: Path) -> View | None:
        """The view of an imported file."""
        text = self.at(path)
        return text.view if text is not None else None

    def _of(self, document: Document) -> Text:
        known = self._texts.get(document.uri)
        if known is None or known.document is not document:
            before = known.view if known is not None else None
            known = Text(document, View(document.source, document.path, before=before, load=self.load))
            self._texts[document.uri] = known
        return known

    def forget(self, uri: str) -> None:
        self._texts.pop(uri, None)

    def open_text(self, path: Path) -> str | None:
        """The text of a file that is open."""
        document = self.documents.open_at(path)
        return document.source.text if document is not None else None

    def open_texts(self) -> dict[str, str]:
        """Path to text of everything that is open."""
        return {
            str(document.path): document.source.text
            for document in self.documents.open.values()
            if document.path is not None
        }

    def everything(self) -> Iterator[Text]:
        """Every open text, then every other `.lingua` file of the folders."""
        seen: set[Path] = set()
        for document in list(self.documents.open.values()):
            if document.path is not None:
                seen.add(document.path)
            yield self._of(document)
        for path in self.files():
            if path not in seen:
                text = self.at(path)
                if text is not None:
                    yield text

    def files(self) -> list[Path]:
        """The `.lingua` files of the folders, in a fixed order."""
        found: list[Path] = []
        for folder in self.folders:
            for where, names, files in os.walk(folder):
                names[:] = sorted(name for name in names if not name.startswith(".") and name not in SKIPPED)
                found += [Path(where) / name for name in sorted(files) if name.endswith(".lingua")]
                if len(found) >= MOST_FILES:
                    return found[:MOST_FILES]
        return list(dict.fromkeys(found))
