"""Imports of texts that are open in an editor: what is open hides what is on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lingua.diagnostics.diagnostic import Problems
from lingua.semantics.imports import Library
from lingua.syntax import nodes as ast

OpenText = Callable[[Path], str | None]
"""The unsaved text of a file; None when it is not open."""


class OpenLibrary(Library):
    """Reads imported files, the open ones from the editor."""

    def __init__(self, path: Path | None, text_of: OpenText) -> None:
        super().__init__(path)
        self._text_of = text_of

    def _file_text(self, item: ast.Import, path: Path, problems: Problems) -> str | None:
        text = self._text_of(path)
        return text if text is not None else super()._file_text(item, path, problems)
