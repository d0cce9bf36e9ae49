"""Longer bars built from shorter ones as these arrive: the incremental twin of `lingua.data.resample`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lingua.backends.clocks import PERIODS
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class StreamBar:
    """One closed bar: stamps in UTC nanoseconds, `fields` by name (open high low close volume and further columns)."""

    open_ts: int
    ts: int
    fields: dict[str, float] = field(default_factory=dict)


class PeriodBuilder:
    """Collects base bars into periods of `timeframe`. A period closes at its end by the clock; one that began before
    the first base bar is discarded."""

    def __init__(self, timeframe: str, instrument: Instrument) -> None:
        self.timeframe = Timeframe.parse(timeframe)
        self._calendar = instrument.calendar
        self._start = self._end = 0
        self._is_whole = False
        self._begun = False
        self._parts: StreamBar | None = None

    def push(self, bar: StreamBar) -> list[StreamBar]:
        """Take a base bar; the periods that have closed by its close, oldest first."""
        from lingua.data.resample import period_of

        closed: list[StreamBar] = []
        # A bar across an edge belongs to the period in which it ends.
        last = bar.ts - 1
        if self._begun and self._start <= last < self._end:
            start, end = self._start, self._end
        else:
            start, end = period_of(last, self.timeframe, self._calendar)
        if self._begun and start == self._start and self._parts is None:
            return closed  # a late bar of a period that is over
        if not self._begun or start != self._start:
            if self._parts is not None and self._is_whole:
                closed.append(self._finished())
            self._is_whole = self._begun or bar.open_ts <= start
            self._begun = True
            self._start, self._end, self._parts = start, end, None
        self._parts = bar if self._parts is None else merge(self._parts, bar)
        if bar.ts >= self._end:
            if self._is_whole:
                closed.append(self._finished())
            self._parts = None
        return closed

    def close_before(self, ts: int) -> StreamBar | None:
        """The period that ended before `ts` without a bar of its own to tell it: one of another symbol closed then."""
        if self._parts is None or self._end >= ts:
            return None
        closed = self._finished() if self._is_whole else None
        self._parts = None
        return closed

    def running(self) -> StreamBar | None:
        """The bar still forming, as it stands; None right after a close and in a discarded period."""
        if self._parts is None or not self._is_whole:
            return None
        return StreamBar(self._parts.open_ts, self._parts.ts, dict(self._parts.fields))

    def snapshot(self) -> dict[str, Any]:
        """What it holds, as plain data; NaN stays NaN."""
        parts = self._parts
        return {
            "start": self._start,
            "end": self._end,
            "is_whole": self._is_whole,
            "begun": self._begun,
            "parts": None if parts is None else [parts.open_ts, parts.ts, dict(parts.fields)],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold what `snapshot` tells."""
        self._start, self._end = int(snapshot["start"]), int(snapshot["end"])
        self._is_whole, self._begun = bool(snapshot["is_whole"]), bool(snapshot["begun"])
        parts = snapshot["parts"]
        self._parts = None if parts is None else StreamBar(int(parts[0]), int(parts[1]), dict(parts[2]))

    def _finished(self) -> StreamBar:
        parts = self._parts
        assert parts is not None  # a period is begun by its first bar
        return StreamBar(parts.open_ts, self._end, parts.fields)


def merge(first: StreamBar, second: StreamBar) -> StreamBar:
    """One bar made of two neighbours; `na` prices are left out, other columns keep their last valid value."""
    fields = dict(first.fields)
    for name, value in second.fields.items():
        old = fields.get(name, math.nan)
        if value != value:
            continue
        if old != old:
            fields[name] = value
        elif name == "high":
            fields[name] = max(old, value)
        elif name == "low":
            fields[name] = min(old, value)
        elif name == "volume":
            fields[name] = old + value
        elif name != "open":
            fields[name] = value
    return StreamBar(first.open_ts, second.ts, fields)


class TickClock:
    """True on the first base bar at which a new period has closed."""

    def __init__(self, period: str, instrument: Instrument) -> None:
        self._every = int(period.split()[0]) if period.endswith("bars") else 0
        self._builder = None if self._every else PeriodBuilder(PERIODS.get(period, period), instrument)
        self._count = 0

    def push(self, bar: StreamBar) -> bool:
        self._count += 1
        if self._builder is None:
            return self._count % self._every == 0
        return bool(self._builder.push(bar))

    def state(self) -> dict[str, Any]:
        return {"count": self._count, "period": None if self._builder is None else self._builder.snapshot()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self._count = int(state["count"])
        if self._builder is not None:
            self._builder.restore(state["period"])
