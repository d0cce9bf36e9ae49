"""Why a rule did or did not act on one bar, as data: filled by `explain`, drawn by the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["fired", "false", "na", "blocked", "not ready"]
Truth = Literal["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison of the condition: its source text, the values it compared, and what came out."""

    text: str
    value: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class Explanation:
    """`rule` on the bar that closed at `ts` (UTC nanoseconds) of `symbol`.

    `blocker` says in words what stopped a true condition (or why there is no verdict); `orders` lists what was sent;
    `condition` is the source text of the whole condition.
    """

    rule: str
    symbol: str
    ts: int
    verdict: Verdict
    leaves: tuple[Leaf, ...] = ()
    blocker: str = ""
    orders: tuple[str, ...] = ()
    condition: str = ""

    @property
    def failing(self) -> tuple[Leaf, ...]:
        """The leaves that were not true, in source order."""
        return tuple(leaf for leaf in self.leaves if leaf.truth != "true")


Story = Explanation | str | Sequence[Explanation | str]
"""What may stand behind a trade: one decision, a sentence, or several (the entry, then the exit)."""
