"""Longer bars from shorter ones. A period closes by the clock, at its end, whether or not its last base bar exists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars, Floats
from lingua.data.calendars import DAY_NS, Sessions, calendar, sessions_between
from lingua.data.timeframe import Timeframe

Stamps = NDArray[np.int64]
PRICES = ("open", "high", "low", "close")


def period_of(instant: Any, timeframe: Timeframe, calendar_name: str) -> tuple[Any, Any]:
    """Start and end (UTC ns) of the period of `timeframe` in which an instant lies.

    Up to hours, periods are counted from the opening of the session and cut at its close (24x7: from 00:00 UTC). From
    days on they are whole sessions, grouped by the session's date: weeks from Monday, calendar months and years.
    What lies before a session's opening belongs to that session. Works on an int or an int64 array.
    """
    stamps = np.atleast_1d(np.asarray(instant, dtype=np.int64))
    if not len(stamps):
        return stamps, stamps
    if timeframe.is_fixed:
        start, end = _intraday(stamps, timeframe.seconds * 10**9, calendar_name)
    else:
        start, end = _sessions(stamps, timeframe, calendar_name)
    return (start, end) if isinstance(instant, np.ndarray) else (int(start[0]), int(end[0]))


def _intraday(stamps: Stamps, length: int, name: str) -> tuple[Stamps, Stamps]:
    if name == "24x7":
        start = stamps // length * length
        return start, start + length
    table = sessions_between(int(stamps.min()), int(stamps.max()), name)
    at = np.searchsorted(table.closes, stamps, side="right")
    opens, closes = table.opens[at], table.closes[at]
    start = opens + (stamps - opens) // length * length
    return start, np.minimum(start + length, closes)


def _sessions(stamps: Stamps, timeframe: Timeframe, name: str) -> tuple[Stamps, Stamps]:
    if name == "24x7" and timeframe.unit == "d":
        length = timeframe.count * DAY_NS
        start = stamps // length * length
        return start, start + length
    margin = timeframe.seconds * 10**9
    table = sessions_between(int(stamps.min()) - margin, int(stamps.max()) + margin, name)
    keys = _group(table, timeframe, name)
    firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    lasts = np.concatenate((firsts[1:] - 1, [len(keys) - 1]))
    group = np.searchsorted(firsts, np.searchsorted(table.closes, stamps, side="right"), side="right") - 1
    return table.opens[firsts[group]], table.closes[lasts[group]]


def _group(table: Sessions, timeframe: Timeframe, name: str) -> Stamps:
    """A number per session that changes where a new period begins."""
    count = timeframe.count
    if timeframe.unit == "d":
        return _ordinal(table, name) // count
    if timeframe.unit == "w":
        return (table.days + 3) // 7 // count
    months = table.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // (count * (12 if timeframe.unit == "y" else 1))


def _ordinal(table: Sessions, name: str) -> Stamps:
    """Number of each session since 1970, so that pairs of days are the same pairs wherever the data begins."""
    rule = calendar(name)
    before = np.busday_count(
        "1970-01-01",
        table.days[:1].astype("datetime64[D]"),
        weekmask=[day in rule.weekdays for day in range(7)],
        holidays=np.array(sorted(rule.holidays), dtype="datetime64[D]"),
    )
    return np.arange(len(table.days), dtype=np.int64) + int(before[0])


def visible_index(base_ts: Stamps, period_ts: Stamps) -> Stamps:
    """(n,) index of the last period closed by each base close; -1 before the first."""
    return np.asarray(np.searchsorted(period_ts, base_ts, side="right").astype(np.int64) - 1)


def adjusted(bars: Bars) -> Bars:
    """The bars as series see them: prices times, volume over the split factor of each bar, and no factor left."""
    if bars.factor is None:
        return bars
    prices = {name: getattr(bars, name) * bars.factor for name in PRICES}
    return replace(bars, **prices, volume=bars.volume / bars.factor, factor=None)


def resample(bars: Bars, timeframe: Timeframe) -> Bars:
    """The complete bars of `timeframe`. The period that began before the data is left out, so is the one still
    running at the last bar; a period without a base bar gives no bar. Missing prices are left out of a period. A bar
    that lies across an edge belongs to the period in which it ends: the one before closes without knowing it.

    Across a split, the parts of a period are brought to the scale of its last bar.
    """
    if not len(bars):
        return replace(bars, timeframe=timeframe)
    starts, ends = period_of(bars.ts - 1, timeframe, bars.instrument.calendar)
    firsts = np.flatnonzero(np.concatenate(([True], starts[1:] != starts[:-1])))
    keep = ends[firsts] <= bars.ts[-1]
    keep[0] &= bars.open_ts[0] <= starts[0]
    # What is left out lies before the first and after the last kept period.
    edges = np.append(firsts, len(bars))
    kept = np.flatnonzero(keep)
    begin, end = (int(edges[kept[0]]), int(edges[kept[-1] + 1])) if len(kept) else (0, 0)
    firsts = firsts[kept] - begin
    groups = Groups(firsts, np.diff(np.append(firsts, end - begin)))
    columns = {name: getattr(bars, name)[begin:end] for name in (*PRICES, "volume")}
    factor = None
    if bars.factor is not None:
        inside = bars.factor[begin:end]
        factor = groups.last_of(inside)
        scale = inside / np.repeat(factor, groups.sizes)
        columns = {name: column / scale if name == "volume" else column * scale for name, column in columns.items()}
    synthetic = None
    if bars.is_synthetic is not None:
        synthetic = groups.reduced(bars.is_synthetic[begin:end], np.logical_and)
    return Bars(
        symbol=bars.symbol, timeframe=timeframe, ts=ends[begin:end][firsts], open_ts=bars.open_ts[begin:end][firsts],
        open=groups.valid(columns["open"], newest=False), high=groups.reduced(columns["high"], np.fmax),
        low=groups.reduced(columns["low"], np.fmin), close=groups.valid(columns["close"], newest=True),
        volume=groups.total(columns["volume"]), instrument=bars.instrument, is_synthetic=synthetic,
        actions=bars.actions, factor=factor, source=bars.source,
        rows=None if bars.rows is None else bars.rows[begin:end][firsts],
        columns={name: groups.valid(column[begin:end], newest=True) for name, column in bars.columns.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Groups:
    """Neighbouring bars that make one longer bar: where each group begins, and how many bars it has."""

    firsts: Stamps
    sizes: Stamps

    def last_of(self, x: Any) -> Any:
        return x[self.firsts + self.sizes - 1]

    def reduced(self, x: Any, choose: Any) -> Any:
        return choose.reduceat(x, self.firsts) if len(self.firsts) else x[:0].copy()

    def valid(self, x: Floats, *, newest: bool) -> Floats:
        """The first or last value of each group that is not missing."""
        out: Floats = (self.last_of(x) if newest else x[self.firsts]).copy()
        for k in np.flatnonzero(np.isnan(out)):
            group = x[self.firsts[k] : self.firsts[k] + self.sizes[k]]
            group = group[~np.isnan(group)]
            if len(group):
                out[k] = group[-1 if newest else 0]
        return out

    def total(self, x: Floats) -> Floats:
        """Sums from left to right, as bars that arrive one by one are summed; all missing is missing."""
        known = ~np.isnan(x)
        filled = np.where(known, x, 0.0)
        if len(self.firsts) < self.sizes.max(initial=0):
            groups = zip(self.firsts.tolist(), self.sizes.tolist(), strict=True)
            # `accumulate` adds in order; `sum` would add in pairs.
            out = np.array([np.add.accumulate(filled[first : first + size])[-1] for first, size in groups])
        else:
            out = filled[self.firsts].copy()
            for k in range(1, int(self.sizes.max(initial=1))):
                at = np.flatnonzero(self.sizes > k)
                out[at] += filled[self.firsts[at] + k]
        out[~self.reduced(known, np.logical_or)] = np.nan
        return out
