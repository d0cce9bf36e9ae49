"""The known word a misspelt one was probably meant to be.

>>> did_you_mean("indcator", ["indicator", "rule"])
'indicator'
>>> did_you_mean("xyz", ["indicator", "rule"]) is None
True
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LONGEST_WORD = 64


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The nearest of `known`, or None if none is near: the first that differs only in case or underscores, else the
    one with the fewest edits (a swap of neighbours is one), at most one for every three letters."""
    if not word or len(word) > LONGEST_WORD:
        return None
    folded = _fold(word)
    allowed = max(1, min(len(word) // 3, 3)) if len(word) > 1 else 0
    best: str | None = None
    least = allowed + 1
    letters = frozenset(word.lower())
    for candidate in known:
        if candidate == word:
            continue
        if _fold(candidate) == folded:
            return candidate
        if abs(len(candidate) - len(word)) < least and len(letters.difference(candidate.lower())) < least:
            # Each letter that the candidate has not is an edit, so most are out before they are compared.
            distance = _distance(word.lower(), candidate.lower(), least)
            if distance < least and distance < max(len(candidate), len(word)) - distance + 1:
                best, least = candidate, distance
    return best


MOST_FILES = 1000


def near_file(path: Path) -> str | None:
    """The name of the file beside `path`, of its ending, that was probably meant. Raises OSError."""
    if not path.parent.is_dir():
        return None
    stems = [each.stem for _, each in zip(range(MOST_FILES), path.parent.glob(f"*{path.suffix}"), strict=False)]
    near = did_you_mean(path.stem, sorted(stems))
    return None if near is None else near + path.suffix


def _fold(word: str) -> str:
    return word.replace("_", "").lower()


def _distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance of `a` and `b`, or `limit` if it is at least that."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, previous, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
