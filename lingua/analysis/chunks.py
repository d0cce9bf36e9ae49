"""A text cut into its items, so that an edit costs the item it stands in and not the file.

Cutting looks at words, braces, strings and comments alone. An item starts at a line-initial item word, or after `;`, at
the depth of its block: a file that parses does not depend on it, and a broken item never reaches into the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from lingua.syntax.blocks import words_by_block
from lingua_grammar.tables import load


class Place(StrEnum):
    """What a chunk is read as."""

    FILE = "file"
    """Items of the file; `portfolio` and `test` with their blocks."""
    OPENING = "opening"
    """`strategy Name {`"""
    ITEM = "item"
    """An item of a strategy."""
    CLOSING = "closing"
    """The `}` of a strategy."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """`[start, end)` of the text; chunks follow each other without holes. `owner` is the index of the opening chunk of
    the strategy it belongs to, -1 outside."""

    start: int
    end: int
    place: Place
    owner: int


RESERVED = ("rule", "indicator", "param", "parameter")
"""Words that are no names anywhere: whatever is still open before them is a mistake."""

# A sign that matters, or a word that is the first of its line.
_SIGNS = re.compile(
    r'"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|[{};]'
    r"|^[^\S\n]*([A-Za-z_]\w*)",
    re.MULTILINE,
)
_WORD = re.compile(r"\s*([A-Za-z_]\w*)")


def cut(text: str) -> list[Chunk]:
    """The chunks of `text`. Depends on the text alone, and is linear in it."""
    chunks: list[Chunk] = []
    start, place, owner = 0, Place.FILE, -1
    depth = 0
    is_strategy = False

    def end_at(offset: int, then: Place) -> None:
        nonlocal start, place
        if offset > start:
            chunks.append(Chunk(start, offset, place, owner))
            start = offset
        place = then

    for found in _SIGNS.finditer(text):
        word = found.group(1)
        if word is not None:
            at = found.start(1)
            if depth == 0 and _starts(word, text, at, "file"):
                end_at(_line_start(text, at), Place.FILE)
                is_strategy = word == "strategy"
                owner = -1
            elif word == "strategy" and _strategy_follows(text, at):
                # Whatever was left open before it: this is where a new strategy begins.
                end_at(_line_start(text, at), Place.FILE)
                depth, is_strategy, owner = 0, True, -1
            elif owner >= 0 and (depth == 1 or word in RESERVED) and _starts(word, text, at, "strategy"):
                end_at(_line_start(text, at), Place.ITEM)
                depth = 1
            continue
        sign = found.group()
        if sign == "{":
            depth += 1
            if depth == 1 and is_strategy:
                place, owner = Place.OPENING, len(chunks)
                end_at(found.end(), Place.ITEM)
                is_strategy = False
        elif sign == "}":
            depth = max(depth - 1, 0)
            if depth == 0 and owner >= 0:
                end_at(found.start(), Place.CLOSING)
                end_at(found.end(), Place.FILE)
                owner = -1
        elif sign == ";" and ((depth == 1 and owner >= 0) or depth == 0):
            following = _WORD.match(text, found.end())
            block = "strategy" if depth else "file"
            if following and _starts(following.group(1), text, following.start(1), block):
                end_at(found.end(), place)
                if not depth:
                    is_strategy = following.group(1) == "strategy"
    end_at(len(text), Place.FILE)
    return chunks or [Chunk(0, len(text), Place.FILE, -1)]


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _strategy_follows(text: str, at: int) -> bool:
    return _STRATEGY.match(text, at) is not None


_STRATEGY = re.compile(r"strategy\s+[A-Za-z_]\w*\s*\{")


def _starts(word: str, text: str, at: int, block: str) -> bool:
    """Whether `word` starts an item of `block` here, by what follows it."""
    patterns = _openers(block).get(word)
    if patterns is None:
        return False
    return not patterns or any(pattern.match(text, at) for pattern in patterns)


@cache
def _openers(block: str) -> dict[str, tuple[re.Pattern[str], ...]]:
    """Item words of a block with what must follow each; nothing for a word that always starts one."""
    tables = load()
    found: dict[str, tuple[re.Pattern[str], ...]] = {}
    for word in words_by_block()[block]:
        kinds = [(kind, pattern) for kind, pattern, before_name, _ in tables.words[word] if before_name]
        own = [pattern for kind, pattern in kinds if kind.removeprefix("_").lower() == word]
        patterns = own or [pattern for _, pattern in kinds]
        if all(pattern is not None for pattern in patterns):
            found[word] = tuple(re.compile(pattern, re.ASCII) for pattern in patterns if pattern is not None)
        else:
            found[word] = ()
    return found
