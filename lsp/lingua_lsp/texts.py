"""Programs as they stand in the editor, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua.compiler import Compiled


def compiled_text(text: str, path: str | None, strategy: str, open_texts: Mapping[str, str]) -> Compiled:
    """A text as it is open, with the texts it imports as they are open."""
    from lingua.analysis.library import OpenLibrary
    from lingua.compiler import compile_source
    from lingua.syntax.source import Source

    library = OpenLibrary(near(path), lambda each: open_texts.get(str(each)))
    return compile_source(Source(path or "untitled", text), strategy=strategy, path=near(path), library=library)


def near(path: str | None) -> Path | None:
    """Where the search for a project file and imports begins."""
    return Path(path) if path else None
