"""Bars from trades, and longer bars from shorter ones, as they come: the same bars, bit for bit, that
`lingua.data.ticks` and `lingua.data.resample` make of the same trades and bars at once. The trades of a stock exchange
outside its sessions belong to nothing live; the batch side takes the closing auction to the day before.

Trades come late, twice and out of order. A bar is open for `wait_s` beyond its end; until then a trade goes where its
time says, whenever it arrives. One that is later still changes nothing: bars that were decided on stay as they were.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.live.bars import ClosedBar

SECOND = 1_000_000_000


@dataclass(slots=True)
class _Open:
    """A bar that still takes trades."""

    start: int
    end: int
    open: float
    close: float
    first: int
    last: int
    high: float
    low: float
    total: float = 0.0
    stamps: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[float] = field(default_factory=lambda: array("d"))
    numbers: set[int] = field(default_factory=set)
    is_disordered: bool = False

    def take(self, ts: int, price: float, size: float) -> None:
        if ts >= self.last:
            self.last, self.close = ts, price
        else:
            self.is_disordered = True
            if ts < self.first:
                self.first, self.open = ts, price
        if price > self.high:
            self.high = price
        if price < self.low:
            self.low = price
        self.total += size
        self.stamps.append(ts)
        self.sizes.append(size)

    def closed(self) -> ClosedBar:
        volume = self.total
        if self.is_disordered:  # added up again in the order of time: sums of floats depend on it
            volume = 0.0
            for k in sorted(range(len(self.stamps)), key=self.stamps.__getitem__):
                volume += self.sizes[k]
        return ClosedBar(self.start, self.end, self.open, self.high, self.low, self.close, volume)


@dataclass(slots=True)
class Quality:
    """What has come in: trades taken, repeated, out of order, too late for their bar, and impossible ones."""

    taken: int = 0
    repeated: int = 0
    disordered: int = 0
    late: int = 0
    impossible: int = 0


class TickBars:
    """Bars of one symbol from its trades. The period in which the first trade lies is left out unless `since` (UTC ns)
    says that everything from then on comes in."""

    def __init__(
        self, timeframe: str, *, calendar: str = "24x7", wait_s: float = 0.0, since: int | None = None
    ) -> None:
        self.timeframe = Timeframe.parse(timeframe)
        self.calendar = calendar
        self.quality = Quality()
        self._wait = int(wait_s * SECOND)
        self._since = since
        self._pending: dict[int, _Open] = {}
        self._now_open: _Open | None = None
        self._closed_until = -(2**62)
        self._newest = -(2**62)

    def tick(self, ts: int, price: float, size: float, number: int = 0) -> list[ClosedBar]:
        """A trade; the bars that close by it. `number`, the venue's own of the trade, tells a repetition."""
        if not (0.0 < price < math.inf and 0.0 <= size < math.inf):
            self.quality.impossible += 1
            return []
        into = self._now_open
        if into is None or not into.start <= ts < into.end:
            into = self._find(ts, price)
            if into is None:
                self.quality.late += 1
                return []
        if number:
            if number in into.numbers:
                self.quality.repeated += 1
                return []
            into.numbers.add(number)
        if ts < self._newest:
            self.quality.disordered += 1
        into.take(ts, price, size)
        self.quality.taken += 1
        if ts <= self._newest:
            return []
        self._newest = ts
        return self._due(ts - self._wait) if self._needs_look(ts) else []

    def advance(self, now: int) -> list[ClosedBar]:
        """Time has passed: the bars that end by `now` minus the wait, whether or not another trade has come."""
        return self._due(now - self._wait)

    def _needs_look(self, ts: int) -> bool:
        first = next(iter(self._pending.values()))
        return len(self._pending) > 1 or first.end <= ts - self._wait

    def _find(self, ts: int, price: float) -> _Open | None:
        """The open bar of an instant; None when it has closed, or began before anything was known."""
        if ts < self._closed_until:
            return None
        start, end = period_of(ts, self.timeframe, self.calendar)
        if self._since is None:
            # Nobody knows what happened in this period before now.
            self._since = ts if ts == start else int(end)
        if start < self._since:
            self._closed_until = max(self._closed_until, min(int(end), self._since))
            return None
        found = self._pending.get(start)
        if found is None:
            found = self._pending[start] = _Open(int(start), int(end), price, price, ts, ts, price, price)
            self._pending = dict(sorted(self._pending.items()))
        self._now_open = found
        return found

    def _due(self, until: int) -> list[ClosedBar]:
        closed = []
        for start in [start for start, bar in self._pending.items() if bar.end <= until]:
            bar = self._pending.pop(start)
            closed.append(bar.closed())
            self._closed_until = max(self._closed_until, bar.end)
            if bar is self._now_open:
                self._now_open = None
        if until > self._closed_until and not self._pending:
            # A period that ended without a trade takes none any more.
            start, _ = period_of(until, self.timeframe, self.calendar)
            self._closed_until = max(self._closed_until, int(start))
        return closed


class LongerBars:
    """Bars of a longer timeframe from shorter ones that come in order: `lingua.data.resample.resample`, bar by bar."""

    def __init__(self, timeframe: str, *, calendar: str = "24x7") -> None:
        self.timeframe = Timeframe.parse(timeframe)
        self.calendar = calendar
        self._parts: list[ClosedBar] = []
        self._start = self._end = 0
        self._is_first = True

    def push(self, bar: ClosedBar) -> list[ClosedBar]:
        """The bars that close by this one: its own when it ends it, and the one before when that had no last part."""
        start, end = period_of(bar.ts - 1, self.timeframe, self.calendar)
        closed = []
        if self._parts and start != self._start:
            closed += self._close()
        if not self._parts:
            self._start, self._end = int(start), int(end)
        self._parts.append(bar)
        if bar.ts >= self._end:
            closed += self._close()
        return closed

    def advance(self, now: int) -> list[ClosedBar]:
        """The period has ended, whether or not its last bar exists."""
        return self._close() if self._parts and now >= self._end else []

    def _close(self) -> list[ClosedBar]:
        parts, self._parts = self._parts, []
        is_whole = not self._is_first or parts[0].open_ts <= self._start
        self._is_first = False
        return [_joined(parts, self._end)] if is_whole else []


def _joined(parts: list[ClosedBar], end: int) -> ClosedBar:
    last_factor = parts[-1].factor
    scales = [1.0 if last_factor is None else (part.factor or 1.0) / last_factor for part in parts]

    def known(name: str) -> list[float]:
        found = [getattr(part, name) * scale for part, scale in zip(parts, scales, strict=True)]
        return [value for value in found if not math.isnan(value)]

    opens, highs, lows, closes = known("open"), known("high"), known("low"), known("close")
    volumes = [part.volume / scale for part, scale in zip(parts, scales, strict=True) if not math.isnan(part.volume)]
    volume = math.nan
    if volumes:
        volume = 0.0
        for each in volumes:
            volume += each
    names = {name for part in parts for name in part.columns}
    columns = {name: _last([part.columns.get(name, math.nan) for part in parts]) for name in sorted(names)}
    return ClosedBar(
        parts[0].open_ts, end, opens[0] if opens else math.nan, max(highs, default=math.nan),
        min(lows, default=math.nan), closes[-1] if closes else math.nan, volume, columns,
        all(part.is_synthetic for part in parts), last_factor,
    )  # fmt: skip


def _last(values: list[float]) -> float:
    return next((value for value in reversed(values) if not math.isnan(value)), math.nan)
