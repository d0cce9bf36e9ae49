"""The bars of every clock of a program, and which bar of one clock is visible from a bar of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.ir.nodes import Clock
from lingua.trading.instrument import Instrument

Index = NDArray[np.int64]

PERIODS = {"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1mo", "quarterly": "3mo", "yearly": "1y"}
"""What `every weekly` means as a timeframe."""

DAY_NS = 86_400 * 10**9
STEPS = {"tick": " tick", "lot": " lot", "split_scale": " split_scale"}
"""Columns that carry the adjusted tick and lot to longer bars; no column of a file has such a name."""


class Feeds:
    """Bars by clock for one traded symbol.

    Args:
        own: bars of the traded symbol.
        data: bars of each `data` declaration, by alias.
        finer: finer bars by (symbol, timeframe), for `inner`.
    """

    def __init__(self, own: Bars, data: Mapping[str, Bars], finer: Mapping[tuple[str, str], Bars]) -> None:
        self._sources = {"": own, **data}
        self._finer = finer
        self._bars: dict[Clock, Bars] = {}
        self._visible: dict[tuple[Clock, Clock], Index] = {}
        self._fields: dict[tuple[Clock, str], Any] = {}

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the data declarations, in order."""
        return tuple(name for name in self._sources if name)

    def bars(self, clock: Clock) -> Bars:
        """The closed bars of a clock: the source's own, resampled, or finer ones (none if there is no finer data)."""
        if clock not in self._bars:
            self._bars[clock] = self._make(clock)
        return self._bars[clock]

    def _make(self, clock: Clock) -> Bars:
        source = self._sources[clock.source]
        if not clock.timeframe or clock.timeframe == str(source.timeframe):
            return source
        wanted = Timeframe.parse(clock.timeframe)
        if wanted.seconds < source.timeframe.seconds:
            return self._finer.get((source.symbol, clock.timeframe)) or empty_like(source, wanted)
        from lingua.data.resample import adjusted, resample

        # One rounding per price: adjusting first is what the incremental back end does, bar by bar.
        return resample(_with_steps(adjusted(source), source), wanted)

    def field(self, clock: Clock, name: str) -> Any:
        """Column of a bar field: float64, times in seconds; `symbol` is a string. Prices are adjusted for splits up to
        each bar, so that a window across a split sees one scale and nothing later than itself."""
        key = (clock, name)
        if key not in self._fields:
            self._fields[key] = self._field(self.bars(clock), name)
        return self._fields[key]

    def _field(self, bars: Bars, name: str) -> Any:
        if name in ("open", "high", "low", "close"):
            column: Any = getattr(bars, name)
            return column if bars.factor is None else column * bars.factor
        if name == "volume":
            return bars.volume if bars.factor is None else bars.volume / bars.factor
        if name == "time":
            return bars.ts / 1e9
        if name == "open_time":
            return bars.open_ts / 1e9
        if name == "bar":
            return np.arange(len(bars), dtype=np.float64)
        if name == "symbol":
            return bars.symbol
        if (kept := bars.columns.get(STEPS.get(name, ""))) is not None:
            return kept
        if name == "tick":
            return np.full(len(bars), bars.instrument.tick) * (1.0 if bars.factor is None else bars.factor)
        if name == "lot":
            return np.full(len(bars), bars.instrument.lot_size) / (1.0 if bars.factor is None else bars.factor)
        if name == "split_scale":
            return np.ones(len(bars)) if bars.factor is None else bars.factor
        return bars.columns.get(name, np.full(len(bars), np.nan))

    def visible(self, theirs: Clock, ours: Clock) -> Index:
        """(our bars,) index of their last bar closed by our bar's close; -1 when there is none or it is stale."""
        key = (theirs, ours)
        if key not in self._visible:
            self._visible[key] = self._visibility(self.bars(theirs), self.bars(ours), theirs.source == ours.source)
        return self._visible[key]

    def _visibility(self, theirs: Bars, ours: Bars, same_source: bool) -> Index:
        index = np.searchsorted(theirs.ts, ours.ts, side="right").astype(np.int64) - 1
        if not same_source and len(theirs):
            seen = index >= 0
            limit = fresh_until(theirs.ts[index[seen]], str(theirs.timeframe), str(ours.timeframe), theirs.instrument)
            stale = np.zeros(len(index), dtype=np.bool_)
            stale[seen] = ours.ts[seen] > limit
            index[stale] = -1
        return index

    def first_visible(self, theirs: Clock, ours: Clock, number: int) -> float:
        """Our first bar from which their bar `number` is visible; our bar count when there is none."""
        their_bars, our_bars = self.bars(theirs), self.bars(ours)
        if number >= len(their_bars):
            return float(len(our_bars))
        return float(np.searchsorted(our_bars.ts, their_bars.ts[number], side="left"))

    def first_in_period(self, theirs: Clock, ours: Clock, number: int) -> float:
        """Our first bar that belongs to their bar `number`, closed or still forming."""
        counts = self.periods_begun(theirs, ours)
        return float(np.searchsorted(counts, number + 1, side="left"))

    def periods_begun(self, theirs: Clock, ours: Clock) -> Index:
        """(our bars,) how many of their bars are closed by, or forming at, each of our bars."""
        from lingua.data.resample import period_of

        their_bars, our_bars = self.bars(theirs), self.bars(ours)
        index = np.searchsorted(their_bars.ts, our_bars.ts, side="right").astype(np.int64)
        starts, ends = period_of(our_bars.ts - 1, their_bars.timeframe, our_bars.instrument.calendar)
        forming = (ends > our_bars.ts) & (starts >= our_bars.open_ts[:1])
        return np.maximum.accumulate(index + forming)

    def inside(self, finer: Clock, ours: Clock) -> tuple[Index, Index]:
        """(our bars,) first and one past the last finer bar inside each of our bars."""
        fine, coarse = self.bars(finer), self.bars(ours)
        first = np.searchsorted(fine.open_ts, coarse.open_ts, side="left").astype(np.int64)
        last = np.searchsorted(fine.ts, coarse.ts, side="right").astype(np.int64)
        return first, np.maximum(first, last)

    def ticks(self, clock: Clock, period: str) -> NDArray[np.bool_]:
        """(our bars,) true on the first bar at which a new period has closed; `5 bars` counts bars."""
        n = len(self.bars(clock))
        if period.endswith("bars"):
            return np.asarray((np.arange(n) + 1) % int(period.split()[0]) == 0)
        timeframe = PERIODS.get(period, period)
        if timeframe == str(self.bars(clock).timeframe):
            return np.ones(n, dtype=np.bool_)
        index = self.visible(Clock(clock.source, timeframe), clock)
        return index > np.concatenate(([-1], index[:-1]))


def fresh_until(closed: Any, theirs: str, ours: str, instrument: Instrument) -> Any:
    """Last instant at which a bar of another symbol, closed at `closed` (ns, array or int), still counts: on the same
    timeframe only at its own stamp; else for one session, or its own length if that is longer."""
    if theirs == ours:
        return closed
    length = max(Timeframe.parse(theirs).seconds * 10**9, DAY_NS)
    if instrument.calendar == "24x7":
        return closed + length
    from lingua.data.calendars import session_close_after

    if isinstance(closed, np.ndarray):
        unique, where = np.unique(closed, return_inverse=True)
        table = np.array([session_close_after(int(c + length - DAY_NS), instrument.calendar) for c in unique], np.int64)
        return table[where]
    return session_close_after(int(closed + length - DAY_NS), instrument.calendar)


def is_stale(closed: int, now: int, theirs: str, ours: str, instrument: Instrument) -> bool:
    """Whether a bar of another symbol that closed at `closed` no longer counts at `now`."""
    return now > int(fresh_until(closed, theirs, ours, instrument))


def _with_steps(whole: Bars, traded: Bars) -> Bars:
    """The adjusted bars with the tick and the lot that each bar had on the adjusted scale, and the scale itself."""
    factor = traded.factor
    if factor is None:
        return whole
    terms = traded.instrument
    steps = {"tick": terms.tick * factor, "lot": terms.lot_size / factor, "split_scale": factor}
    return replace(whole, columns={**whole.columns, **{STEPS[name]: column for name, column in steps.items()}})


def empty_like(bars: Bars, timeframe: Timeframe) -> Bars:
    """No bars at all, of the same symbol."""
    none = np.empty(0)
    stamps = np.empty(0, dtype=np.int64)
    return Bars(bars.symbol, timeframe, stamps, stamps, none, none, none, none, none, bars.instrument)
