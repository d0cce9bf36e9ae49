"""The saved LALR(1) tables of `lingua.lark`: plain JSON, read in a few milliseconds and without Lark.

Lark builds the tables (`python -m lingua_grammar.build`), because grammar and conflict checks belong to it. It does not
run them: importing Lark and its saved grammar costs some 30 ms of a command that should take 100, its own saved form
is a pickle, and a parser that repairs and reports every mistake of a file needs the stack in its own hands.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

END = "$END"


class Rule(NamedTuple):
    """One production.

    `callback` is the name of the builder's method; None passes the only child through, and "" collects the children
    in a list that is spliced into the parent. `children` gives, for each child kept, its place in the production
    (-1 for an absent optional part) and whether it is such a list.
    """

    origin: str
    size: int
    callback: str | None
    children: tuple[tuple[int, bool], ...]


class Tables:
    """Actions by state and terminal: a state to shift to (>= 0), or `~rule` to reduce by; and the words' terminals.

    `words[w]` lists the terminals that the word `w` may be, best first, each with the regular expression that must
    match from the word's start on (None: the word alone suffices), whether it goes before a name in rank, and whether
    it takes in more than the word (`crosses above`).
    """

    def __init__(self, data: dict[str, object]) -> None:
        self.fingerprint: str = data["fingerprint"]  # type: ignore[assignment]
        self.terminals: list[str] = data["terminals"]  # type: ignore[assignment]
        self.rules = [
            Rule(origin, size, callback, tuple((place, bool(splice)) for place, splice in children))
            for origin, size, callback, children in data["rules"]  # type: ignore[attr-defined]
        ]
        self.starts: dict[str, int] = data["starts"]  # type: ignore[assignment]
        self.ends: dict[str, int] = data["ends"]  # type: ignore[assignment]
        self.gotos: list[dict[str, int]] = data["gotos"]  # type: ignore[assignment]
        self.symbols: list[str] = data["symbols"]  # type: ignore[assignment]
        self.literals: dict[str, str] = data["literals"]  # type: ignore[assignment]
        self.numbers: list[tuple[str, str]] = data["numbers"]  # type: ignore[assignment]
        self.words: dict[str, list[tuple[str, str | None, bool, bool]]] = data["words"]  # type: ignore[assignment]
        self.open_words: list[tuple[str, str]] = data["open_words"]  # type: ignore[assignment]
        self.reserved: frozenset[str] = frozenset(data["reserved"])  # type: ignore[call-overload]
        self.rows = Rows(data)


class Rows(dict[int, dict[str, int]]):
    """Actions of each state by terminal; unfolded when first asked for, since a program visits few of the states."""

    def __init__(self, data: dict[str, object]) -> None:
        self._terminals: list[str] = data["terminals"]  # type: ignore[assignment]
        self._shifts: list[list[int]] = data["shifts"]  # type: ignore[assignment]
        self._reduces: list[list[int]] = data["reduces"]  # type: ignore[assignment]
        self._sets: list[list[int]] = data["sets"]  # type: ignore[assignment]

    def __missing__(self, state: int) -> dict[str, int]:
        names = self._terminals
        shifts = self._shifts[state]
        row = {names[shifts[i]]: shifts[i + 1] for i in range(0, len(shifts), 2)}
        reduces = self._reduces[state]
        for i in range(0, len(reduces), 2):
            action = ~reduces[i]
            for terminal in self._sets[reduces[i + 1]]:
                row[names[terminal]] = action
        self[state] = row
        return row


@cache
def load() -> Tables:
    """The tables saved beside the grammar."""
    return Tables(json.loads(Path(__file__).with_name("tables.json").read_text(encoding="utf-8")))
