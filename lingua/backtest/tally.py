"""What is told of a curve as it goes by, so that it need not be kept: the figures of `curve.Curve`, the same bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lingua.backtest.curve import Floats, Stamps, months_of, simple_returns
from lingua.backtest.sums import BlockSum

DRAWN = 4096
"""Points of a picture; of a longer curve every second, fourth, … stretch is told by its lowest and highest."""


@dataclass
class Place:
    """An instant of the curve: its number and its stamp."""

    at: int
    ts: int


class CurveTally:
    """Takes a curve piece by piece (`take`), then `close`. Nothing counts before instant `start`, which may become
    known when its piece is there."""

    def __init__(self, sessions_per_year: float) -> None:
        self.sessions_per_year = sessions_per_year
        self.count = 0
        self.start: int | None = None
        self.start_ts = 0
        self.first_ts = 0
        self.last_ts = 0
        self.first = float("nan")
        self.last = float("nan")
        self.depth = 0.0
        self.under = 0
        self.values = BlockSum()
        self.monthly: list[tuple[int, float]] = []
        self.drawn = Thinned()
        self._session: int | None = None
        self._session_begin = 0
        self._start_begin = 0
        self._ends: list[Floats] = []
        self._first_end = -1
        self._peak = -np.inf
        self._high = Place(0, 0)
        self._deepest: tuple[Place, Place, Place | None] | None = None
        self._longest: tuple[Place, Place] | None = None
        self._since: Place | None = None
        self._month: int | None = None

    def take(self, ts: Stamps, values: Floats, sessions: Stamps, start: int | None) -> None:
        """The next (n,) instants. `start`: the number within these at which counting begins, where it does so here."""
        n = len(ts)
        if not n:
            return
        if not self.count:
            self.first_ts = int(ts[0])
        changed = np.flatnonzero(sessions[1:] != sessions[:-1]) + 1
        if self._session is not None and int(sessions[0]) != self._session:
            self._end_session(self.count - 1, self.last)
            self._session_begin = self.count
        if self._session is None:
            self._session_begin = 0
        begins = changed + self.count
        if start is not None and self.start is None:
            self.start = self.count + start
            self.start_ts = int(ts[start])
            self.first = float(values[start])
            before = begins[begins <= self.start]
            self._start_begin = int(before[-1]) if len(before) else self._session_begin
        if self.start is not None:
            ends = changed[begins - 1 >= self.start] - 1
            if len(ends) and self._first_end < 0:
                self._first_end = int(ends[0]) + self.count
            self._ends.append(values[ends])
            since = max(self.start - self.count, 0)
            self._count_from(ts[since:], values[since:], self.count + since)
        if len(begins):
            self._session_begin = int(begins[-1])
        self._session = int(sessions[-1])
        self.count += n
        self.last = float(values[-1])
        self.last_ts = int(ts[-1])

    def _end_session(self, at: int, value: float) -> None:
        if self.start is not None and at >= self.start:
            if self._first_end < 0:
                self._first_end = at
            self._ends.append(np.array([value]))

    def _count_from(self, ts: Stamps, values: Floats, first: int) -> None:
        self.values.take(values)
        self.drawn.take(ts, values)
        self._take_months(ts, values)
        peak = np.maximum.accumulate(np.concatenate(([self._peak], values)))[1:]
        self._peak = float(peak[-1])
        lost = np.where(peak > 0, 1.0 - values / np.where(peak > 0, peak, 1.0), 0.0)
        below = lost > 0
        self.under += int(np.count_nonzero(below))
        self._take_depth(lost, ts, first)
        self._take_stretches(below, ts, first)
        zero = np.flatnonzero(lost == 0)
        if len(zero):
            self._high = Place(first + int(zero[-1]), int(ts[zero[-1]]))

    def _take_depth(self, lost: Floats, ts: Stamps, first: int) -> None:
        zero = np.flatnonzero(lost == 0)
        worst = int(np.argmax(lost))
        if lost[worst] > self.depth:
            self.depth = float(lost[worst])
            before = zero[zero < worst]
            peak = Place(first + int(before[-1]), int(ts[before[-1]])) if len(before) else self._high
            self._deepest = (peak, Place(first + worst, int(ts[worst])), None)
            zero = zero[zero > worst]
        if self._deepest is not None and self._deepest[2] is None and len(zero):
            back = Place(first + int(zero[0]), int(ts[zero[0]]))
            self._deepest = (*self._deepest[:2], back)

    def _take_stretches(self, below: Any, ts: Stamps, first: int) -> None:
        """Stretches below a former high that end here, and one that goes on."""
        was = self._since is not None
        edges = np.flatnonzero(np.diff(np.concatenate(([was], below))))
        if not len(edges):
            return
        if was:
            self._end_stretch(Place(first + int(edges[0]), int(ts[edges[0]])))
            edges = edges[1:]
        begins, ends = edges[::2], edges[1::2]
        if len(ends):
            longest = int(np.argmax(ends - begins[: len(ends)]))
            self._since = self._before(int(begins[longest]), ts, first)
            self._end_stretch(Place(first + int(ends[longest]), int(ts[ends[longest]])))
        if len(begins) > len(ends):
            self._since = self._before(int(begins[-1]), ts, first)

    def _before(self, at: int, ts: Stamps, first: int) -> Place:
        """The high before a stretch that begins at `at`."""
        return Place(first + at - 1, int(ts[at - 1])) if at else Place(first - 1, self._high.ts)

    def _end_stretch(self, end: Place) -> None:
        assert self._since is not None
        if self._longest is None or end.at - self._since.at > self._longest[1].at - self._longest[0].at:
            self._longest = (self._since, end)
        self._since = None

    def _take_months(self, ts: Stamps, values: Floats) -> None:
        months = months_of(ts)
        ends = np.flatnonzero(months[1:] != months[:-1])
        if self._month is not None and int(months[0]) != self._month:
            self.monthly.append((self._month, self.last))
        self.monthly += zip(months[ends].tolist(), values[ends].tolist(), strict=True)
        self._month = int(months[-1])

    def close(self) -> TalliedCurve:
        """The figures of all that went by."""
        if self.start is not None:
            self._end_session(self.count - 1, self.last)
            if self._month is not None:
                self.monthly.append((self._month, self.last))
        last = Place(self.count - 1, self.last_ts)
        if self._deepest is not None and self._deepest[2] is None:
            self._deepest = (*self._deepest[:2], last)
        if self._since is not None:
            since = self._since
            # As if the stretch ended behind the last instant; it is measured up to the last.
            longest = self._longest
            if longest is None or last.at + 1 - since.at > longest[1].at - longest[0].at:
                self._longest = (since, last)
        at_ends = np.concatenate(self._ends) if self._ends else np.empty(0)
        returns = simple_returns(at_ends) if len(at_ends) else np.empty(0)
        years = 0.0
        if len(at_ends) and self.start is not None:
            share = (self._first_end - self.start) / (self._first_end - self._start_begin + 1)
            years = (len(returns) + share) / self.sessions_per_year
        counted = self.count - self.start if self.start is not None else 0
        return TalliedCurve(
            count=self.count, start=self.count if self.start is None else self.start,
            first=self.last if self.start is None else self.first, last=self.last, returns=returns, years=years,
            depth=self.depth, deepest_bars=_bars(self._deepest and (self._deepest[0], self._deepest[2])),
            deepest_ns=_ns(self._deepest and (self._deepest[0], self._deepest[2])), longest_ns=_ns(self._longest),
            under_water=self.under / counted if counted else 0.0, mean=self.values.mean(), drawn=self.drawn,
            months=tuple(self.monthly),
        )  # fmt: skip


def _bars(found: Any) -> int:
    return found[1].at - found[0].at if found else 0


def _ns(found: Any) -> int:
    return found[1].ts - found[0].ts if found else 0


@dataclass(frozen=True)
class TalliedCurve:
    """The figures of a curve that was not kept; `drawn` is a thinned picture of it. Named as in `Curve`."""

    count: int
    start: int
    first: float
    last: float
    returns: Floats
    years: float
    depth: float
    deepest_bars: int
    deepest_ns: int
    longest_ns: int
    under_water: float
    mean: float
    months: tuple[tuple[int, float], ...]
    """(months since 1970-01, value at its end) from the start on."""
    drawn: Thinned


@dataclass
class Thinned:
    """A picture of a curve of any length: its ends, and for each stretch of `step` instants the lowest and the highest
    value, in the order in which they came."""

    step: int = 1
    stamps: Stamps = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    numbers: Floats = field(default_factory=lambda: np.empty(0))
    _rest: list[tuple[Any, Any]] = field(default_factory=list)
    _waiting: int = 0
    _ends: list[tuple[int, float]] = field(default_factory=list)
    """The first and the last instant, whatever they are."""

    def take(self, ts: Stamps, values: Floats) -> None:
        if not self._ends:
            self._ends = [(int(ts[0]), float(values[0]))] * 2
        self._ends[1] = (int(ts[-1]), float(values[-1]))
        self._rest.append((ts, values))
        self._waiting += len(ts)
        if self._waiting >= 2 * self.step:
            self._settle(is_last=False)

    def _settle(self, *, is_last: bool) -> None:
        ts = np.concatenate([each for each, _ in self._rest])
        values = np.concatenate([each for _, each in self._rest])
        whole = len(ts) if is_last else len(ts) // self.step * self.step
        self._note(ts[:whole], values[:whole], self.step)
        # Copies: what is kept must not keep the piece that it was part of.
        self._rest = [(ts[whole:].copy(), values[whole:].copy())]
        self._waiting = len(ts) - whole
        while len(self.numbers) > 2 * DRAWN:
            stamps, numbers = self.stamps, self.numbers
            self.stamps, self.numbers = stamps[:0], numbers[:0]
            self._note(stamps, numbers, 4)
            self.step *= 4 if self.step == 1 else 2

    def _note(self, ts: Stamps, values: Floats, step: int) -> None:
        """The lowest and the highest of each stretch of `step`; all where that is 1."""
        if step > 1 and len(ts):
            # The last stretch may be shorter: it is filled up with its last value.
            rows = np.append(values, np.full(-len(values) % step, values[-1])).reshape(-1, step)
            starts = np.arange(0, len(values), step)
            kept = np.zeros(len(values), dtype=np.bool_)
            for places in (np.argmin(rows, axis=1), np.argmax(rows, axis=1)):
                kept[np.minimum(starts + places, len(values) - 1)] = True
            ts, values = ts[kept], values[kept]
        self.stamps = np.append(self.stamps, ts)
        self.numbers = np.append(self.numbers, values)

    def points(self) -> tuple[Stamps, Floats]:
        """Stamps and values of the picture."""
        if self._waiting:
            self._settle(is_last=True)
        stamps, numbers = self.stamps, self.numbers
        for ts, value in self._ends:
            at = int(np.searchsorted(stamps, ts))
            if at == len(stamps) or stamps[at] != ts:
                stamps, numbers = np.insert(stamps, at, ts), np.insert(numbers, at, value)
        return stamps, numbers
