"""The equity curve of a run and how it is sampled: from the ready bar, at session ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lingua.backtest import sums

if TYPE_CHECKING:
    from lingua.trading.told import ToldLedger

Floats = NDArray[np.float64]
Stamps = NDArray[np.int64]
Indices = NDArray[np.intp]


def session_ends(sessions: Stamps, start: int) -> Indices:
    """Indices of the last event of each session, from index `start` on. The last one may be unfinished.

    >>> session_ends(np.array([1, 1, 2, 2, 2, 3]), 1).tolist()
    [1, 4, 5]
    """
    tail = sessions[start:]
    if not len(tail):
        return np.empty(0, dtype=np.intp)
    return np.append(np.flatnonzero(tail[1:] != tail[:-1]), len(tail) - 1) + start


def months_of(ts: Stamps) -> Stamps:
    """(n,) months since 1970-01 of closes. A bar that closes at midnight belongs to the month that ends there."""
    months: Stamps = (ts - 1).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    return months


def simple_returns(values: Floats) -> Floats:
    """(n - 1,) changes as a share of the value before; 0 after the value has reached zero, where no share exists."""
    before, after = values[:-1], values[1:]
    returns: Floats = np.where(before > 0, after / np.where(before > 0, before, 1.0) - 1.0, 0.0)
    return returns


def drawdowns(values: Floats) -> Floats:
    """(n,) share lost since the highest value so far; 0 at a new high, never negative."""
    if not len(values):
        return np.empty(0)
    peak = np.maximum.accumulate(values)
    lost: Floats = np.where(peak > 0, 1.0 - values / np.where(peak > 0, peak, 1.0), 0.0)
    return lost


@dataclass(frozen=True)
class Curve:
    """(n,) values over the run's clock. `start` is the first instant that counts (the ready bar's close); what came
    before is kept but enters no figure. `sessions` numbers the session each instant belongs to."""

    ts: Stamps
    values: Floats
    start: int
    sessions: Stamps
    sessions_per_year: float
    all_ends: Indices | None = None
    """`session_ends(sessions, 0)`, where it is known."""

    def at(self, instants: Indices) -> Floats:
        """(k,) the values at these instants."""
        return self.values[instants]

    @property
    def first(self) -> float:
        return self._one(self.start) if self.start < len(self.ts) else self.last

    @property
    def last(self) -> float:
        return self._one(len(self.ts) - 1) if len(self.ts) else float("nan")

    def _one(self, instant: int) -> float:
        return float(self.at(np.array([instant], dtype=np.intp))[0])

    @cached_property
    def ends(self) -> Indices:
        """Clock indices of the session ends from `start` on."""
        if self.all_ends is not None and self.start < len(self.sessions):
            return self.all_ends[np.searchsorted(self.all_ends, self.start) :]
        return session_ends(self.sessions, self.start)

    @cached_property
    def sampled(self) -> Floats:
        """(sessions,) the values at the session ends."""
        return self.at(self.ends)

    @cached_property
    def returns(self) -> Floats:
        """(sessions - 1,) simple returns between successive session ends. The rest of the session in which the rules
        became live is its own first sample, so a run that starts at noon is not given half a day as a day."""
        return simple_returns(self.sampled)

    @cached_property
    def drawdown(self) -> Floats:
        """(n,) on every event; 0 before `start`."""
        lost = np.zeros(len(self.values))
        lost[self.start :] = drawdowns(self.values[self.start :])
        return lost

    @cached_property
    def years(self) -> float:
        """The sessions from the start on. The one in which the start lies counts by the share of its events that were
        still to come: none when the start is its end."""
        if not len(self.ends):
            return 0.0
        end = int(self.ends[0])
        begin = int(np.searchsorted(self.sessions, self.sessions[end]))
        return (len(self.returns) + (end - self.start) / (end - begin + 1)) / self.sessions_per_year

    @property
    def count(self) -> int:
        return len(self.values)

    @cached_property
    def depth(self) -> float:
        """The deepest drawdown."""
        return float(np.max(self.drawdown, initial=0.0))

    @property
    def deepest_bars(self) -> int:
        """From the high before the deepest drawdown until it was regained, or the end."""
        return 0 if self.deepest is None else self.deepest[2] - self.deepest[0]

    @property
    def deepest_ns(self) -> int:
        return 0 if self.deepest is None else int(self.ts[self.deepest[2]] - self.ts[self.deepest[0]])

    @property
    def longest_ns(self) -> int:
        """The longest time between two highs."""
        return 0 if self.longest is None else int(self.ts[self.longest[1]] - self.ts[self.longest[0]])

    @property
    def under_water(self) -> float:
        """Share of the instants from `start` on that lie below an earlier high."""
        return float(np.mean(self.drawdown[self.start :] > 0)) if self.start < len(self.values) else 0.0

    @cached_property
    def mean(self) -> float:
        """Mean value from `start` on; NaN where there is none."""
        return sums.mean(self.values[self.start :])

    @cached_property
    def months(self) -> tuple[tuple[int, float], ...]:
        """(months since 1970-01, value at its end) from `start` on."""
        values = self.values[self.start :]
        if not len(values):
            return ()
        numbers = months_of(self.ts[self.start :])
        last = np.append(np.flatnonzero(numbers[1:] != numbers[:-1]), len(numbers) - 1)
        return tuple(zip(numbers[last].tolist(), values[last].tolist(), strict=True))

    @cached_property
    def deepest(self) -> tuple[int, int, int] | None:
        """(peak, trough, recovery) indices of the deepest drawdown; recovery is the last index when it never came.
        None when the curve never fell."""
        if self.start >= len(self.values) or not np.any(self.drawdown > 0):
            return None
        trough = int(np.argmax(self.drawdown))
        peak = int(np.flatnonzero(self.drawdown[self.start : trough + 1] == 0)[-1]) + self.start
        back = np.flatnonzero(self.drawdown[trough:] == 0)
        return peak, trough, trough + int(back[0]) if len(back) else len(self.values) - 1

    @cached_property
    def longest(self) -> tuple[int, int] | None:
        """(peak, end) indices of the longest stretch below a former high; None when there was none."""
        under = np.concatenate(([False], self.drawdown[self.start :] > 0, [False]))
        edges = np.flatnonzero(under[1:] != under[:-1])
        if not len(edges):
            return None
        begins, ends = edges[::2], edges[1::2]
        at = int(np.argmax(ends - begins))
        # The stretch is measured from the high itself, one event before the first lower close.
        return self.start + int(begins[at]) - 1, self.start + min(int(ends[at]), len(self.values) - 1 - self.start)


class ToldCurve(Curve):
    """The curve of a ledger. The value after each bar is made when somebody asks for more than the ends of sessions."""

    def __init__(
        self, ledger: ToldLedger, start: int, sessions: Stamps, sessions_per_year: float, all_ends: Indices | None
    ) -> None:
        # The base is frozen, and has its values from the beginning.
        vars(self).update(
            ts=ledger.clock, start=start, sessions=sessions, sessions_per_year=sessions_per_year, all_ends=all_ends,
            _ledger=ledger,
        )  # fmt: skip

    @cached_property
    def values(self) -> Floats:
        found: Floats = np.asarray(vars(self)["_ledger"].equity, dtype=np.float64)
        return found

    @property
    def last(self) -> float:
        # The last session ends with the last instant, and its value serves the returns too.
        return float(self.sampled[-1]) if len(self.ends) else super().last

    def at(self, instants: Indices) -> Floats:
        found: Floats = vars(self)["_ledger"].equity_at(instants)
        return found
