"""Longer bars from shorter ones. A period closes by the clock, at its end, whether or not its last base bar exists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars, Floats
from lingua.data.calendars import ALIASES, DAY_NS, Sessions, calendar, sessions_between
from lingua.data.timeframe import Timeframe

Stamps = NDArray[np.int64]


def period_of(open_ts: Any, timeframe: Timeframe, calendar_name: str) -> tuple[Any, Any]:
    """Start and end (UTC ns) of the period of `timeframe` in which a bar that opens at `open_ts` lies.

    Up to hours, periods are counted from the opening of the session and cut at its close (24x7: from 00:00 UTC). From
    days on they are whole sessions, grouped by the session's date: weeks from Monday, calendar months and years.
    A bar that opens before the session's opening belongs to that session. Works on an int or an int64 array.
    """
    stamps = np.atleast_1d(np.asarray(open_ts, dtype=np.int64))
    if not len(stamps):
        return stamps, stamps
    if timeframe.is_fixed:
        start, end = _intraday(stamps, timeframe.seconds * 10**9, calendar_name)
    else:
        start, end = _sessions(stamps, timeframe, calendar_name)
    return (start, end) if isinstance(open_ts, np.ndarray) else (int(start[0]), int(end[0]))


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
    margin = 400 * timeframe.count * DAY_NS if timeframe.unit == "y" else 0
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
    first = sessions_between(0, 0, name).days
    before = int(table.days[0])
    rule = calendar(ALIASES.get(name, name))
    count = sum(1 for d in range(int(first[0]), before) if (d + 3) % 7 in rule.weekdays and d not in rule.holidays)
    return np.arange(len(table.days), dtype=np.int64) + count


def resample(bars: Bars, timeframe: Timeframe) -> Bars:
    """The complete bars of `timeframe`. The period that began before the data is left out, so is the one still
    running at the last bar; a period without a base bar gives no bar. Missing prices are left out of a period.

    Across a split, the parts of a period are brought to the scale of its last bar.
    """
    if not len(bars):
        return replace(bars, timeframe=timeframe)
    starts, ends = period_of(bars.open_ts, timeframe, bars.instrument.calendar)
    firsts = np.flatnonzero(np.concatenate(([True], starts[1:] != starts[:-1])))
    lasts = np.concatenate((firsts[1:], [len(bars)])) - 1
    keep = ends[firsts] <= bars.ts[-1]
    keep[0] &= bars.open_ts[0] <= starts[0]
    firsts, lasts = firsts[keep], lasts[keep]
    prices = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    factor = None
    if bars.factor is not None:
        factor = bars.factor[lasts]
        group = np.repeat(np.arange(len(firsts)), lasts - firsts + 1)
        inside = np.concatenate([np.arange(a, b + 1) for a, b in zip(firsts, lasts, strict=True)] or [[]]).astype(int)
        scale = np.ones(len(bars))
        scale[inside] = bars.factor[inside] / factor[group]
        prices = {k: v / scale if k == "volume" else v * scale for k, v in prices.items()}
    synthetic = None
    if bars.is_synthetic is not None:
        synthetic = np.logical_and.reduceat(bars.is_synthetic, firsts) if len(firsts) else bars.is_synthetic[:0]
        synthetic = np.array([bool(bars.is_synthetic[a : b + 1].all()) for a, b in zip(firsts, lasts, strict=True)])
    return Bars(
        symbol=bars.symbol, timeframe=timeframe, ts=ends[firsts], open_ts=bars.open_ts[firsts],
        open=_first(prices["open"], firsts, lasts), high=_extreme(prices["high"], firsts, lasts, np.fmax),
        low=_extreme(prices["low"], firsts, lasts, np.fmin), close=_last(prices["close"], firsts, lasts),
        volume=_total(prices["volume"], firsts, lasts), instrument=bars.instrument, is_synthetic=synthetic,
        actions=bars.actions, columns={k: _last(v, firsts, lasts) for k, v in bars.columns.items()}, factor=factor,
        source=bars.source,
    )  # fmt: skip


def _first(x: Floats, firsts: Stamps, lasts: Stamps) -> Floats:
    return _pick(x, firsts, lasts, newest=False)


def _last(x: Floats, firsts: Stamps, lasts: Stamps) -> Floats:
    return _pick(x, firsts, lasts, newest=True)


def _pick(x: Floats, firsts: Stamps, lasts: Stamps, *, newest: bool) -> Floats:
    out: Floats = x[lasts if newest else firsts].copy()
    for k in np.flatnonzero(np.isnan(out)):
        valid = x[firsts[k] : lasts[k] + 1]
        valid = valid[~np.isnan(valid)]
        if len(valid):
            out[k] = valid[-1 if newest else 0]
    return out


def _extreme(x: Floats, firsts: Stamps, lasts: Stamps, choose: Any) -> Floats:
    if not len(firsts):
        return x[:0].copy()
    # Groups left out lie before the first and after the last kept one, so the reductions run from first to next first.
    edges = np.append(firsts, lasts[-1] + 1)
    gaps = np.flatnonzero(firsts[1:] != lasts[:-1] + 1)
    if len(gaps):
        return np.array([choose.reduce(x[a : b + 1]) for a, b in zip(firsts, lasts, strict=True)])
    return np.asarray(choose.reduceat(x[: edges[-1]], firsts))


def _total(x: Floats, firsts: Stamps, lasts: Stamps) -> Floats:
    """Sums from left to right, as bars that arrive one by one are summed; all missing is missing."""
    out: Floats = x[firsts].copy()
    sizes = lasts - firsts + 1
    for k in range(1, int(sizes.max(initial=1))):
        at = np.flatnonzero(sizes > k)
        new, old = x[firsts[at] + k], out[at]
        out[at] = np.where(np.isnan(old), new, np.where(np.isnan(new), old, old + new))
    return out
