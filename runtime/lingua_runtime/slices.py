"""Orders that leave in slices: `at twap for …`, `at vwap for …`, and icebergs where the venue has none.

The run holds one order and knows the parts of it that are due by the end of each bar of its window (`Order.shares`);
a backtest sends each part at the open of its bar. Here a bar's part is divided further, by time: a slice each minute,
at most MOST_SLICES over the whole window. Every slice is an order of its own, with its own client id, that belongs to
the run's order as a repeated attempt does. A slice leaves when the one before it has ended and all of it is known.

What is due follows from the time that the kernel is told, so a journal told again gives the same slices. After an
interruption what could not be sent meanwhile is spread over what is left of the window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SECOND = 1_000_000_000
SLICE_S = 60
MOST_SLICES = 60
KINDS = ("twap", "vwap")


@dataclass(slots=True)
class Schedule:
    """One order of the run. `show` > 0: an iceberg, whose slices follow each other at its price. `bar_ts` is the close
    of the last bar that was evaluated, from which the part of the running bar is measured. `from_share` and
    `from_taken` are where it stood when it last began (again)."""

    order: int
    symbol: str
    side: int
    is_reduce: bool
    total: float
    bar_ns: int
    bar_ts: int
    kind: str = "market"
    limit: float = 0.0
    show: float = 0.0
    slices: int = 0
    refused: int = 0
    not_before: int = 0
    bars_left: int = 0
    from_share: float = 0.0
    from_taken: float = 0.0

    def due(self, shares: Sequence[float], bars_left: int, now: int, taken: float, *, steps_back: int = 0) -> float:
        """What should have been sent by `now`, less what was. `shares` and `bars_left` are the run's."""
        if self.show:
            return self.total - taken
        share = self.share(shares, bars_left, now, steps_back)
        if share >= 1.0:
            return self.total - taken
        rest = (share - self.from_share) / (1.0 - self.from_share) if self.from_share < 1.0 else 1.0
        return self.from_taken + max(rest, 0.0) * (self.total - self.from_taken) - taken

    def share(self, shares: Sequence[float], bars_left: int, now: int, steps_back: int = 0) -> float:
        """The part of the whole that is due by now."""
        done = min(max(len(shares) - bars_left, 0), len(shares) - 1)
        before = shares[done - 1] if done else 0.0
        parts = self.parts(len(shares))
        passed = min(max(now - self.bar_ts, 0) / self.bar_ns, 1.0 - 1e-9)
        step = math.floor(passed * parts) + 1 - steps_back
        return before + (shares[done] - before) * step / parts

    def parts(self, bars: int) -> int:
        """Slices of one bar."""
        return max(min(self.bar_ns // (SLICE_S * SECOND), MOST_SLICES // bars), 1)

    def begin_again(self, shares: Sequence[float], bars_left: int, now: int, taken: float) -> None:
        """Spread what is left over what is left of the window."""
        if not self.show:
            self.from_share = self.share(shares, bars_left, now, steps_back=1)
            self.from_taken = taken


class Schedules:
    """Those of a deployment, by the number of the run's order."""

    def __init__(self) -> None:
        self._found: dict[int, Schedule] = {}

    def __iter__(self) -> Iterator[Schedule]:
        return iter(list(self._found.values()))

    def add(self, schedule: Schedule) -> None:
        self._found[schedule.order] = schedule

    def get(self, order: int) -> Schedule | None:
        return self._found.get(order)

    def of(self, symbol: str) -> list[Schedule]:
        return [each for each in self._found.values() if each.symbol == symbol]

    def __contains__(self, order: object) -> bool:
        return order in self._found

    def drop(self, order: int) -> None:
        self._found.pop(order, None)

    def clear(self) -> None:
        self._found.clear()


def order_of(run: Any, market: int, number: int) -> Any | None:
    """The run's order while it works."""
    return next((each for each in run.book.orders[market] if each.id == number and not each.is_done), None)
