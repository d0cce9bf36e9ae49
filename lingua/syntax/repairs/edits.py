"""The two edits that most mends are made of."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.syntax.source import Span


def replacing(title: str, span: Span, text: str) -> tuple[Fix, ...]:
    """One fix that puts `text` in the place of `span`."""
    return (Fix(title, (Edit(span, text),)),)


def inserting(text: str, place: int) -> tuple[Fix, ...]:
    """One fix that puts `text` at the offset `place`."""
    return (Fix(f"insert `{text.strip()}`", (Edit(Span(place, place), text),)),)


def short(text: str) -> str:
    """`text` on one line, at most 30 characters of it."""
    line = " ".join(text.split())
    return line if len(line) <= 30 else line[:29] + "…"
