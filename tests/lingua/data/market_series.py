"""Random bars of a market, made of what its calendar allows."""

from __future__ import annotations

import numpy as np

from lingua.data.bars import Bars
from lingua.data.calendars import calendar, sessions_between
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

MINUTE = 60 * 10**9


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def market_bars(
    name: str, minutes: int, begins: str, ends: str, *, seed: int = 1, missing: float = 0.0, holes: float = 0.0
) -> Bars:
    """Bars of `minutes` in every session between two dates; a share `missing`, a share `holes` without prices."""
    random = np.random.default_rng(seed)
    first, last = ns(begins), ns(ends)
    table = sessions_between(first, last, name)
    opens, closes = [], []
    for o, c in zip(table.opens.tolist(), table.closes.tolist(), strict=True):
        if c > first and o < last:
            at = np.arange(max(o, first), min(c, last), minutes * MINUTE, dtype=np.int64)
            opens.append(at)
            closes.append(np.minimum(at + minutes * MINUTE, c))
    open_ts, ts = np.concatenate(opens), np.concatenate(closes)
    keep = random.random(len(ts)) >= missing
    open_ts, ts = open_ts[keep], ts[keep]
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, len(ts))))
    opened = close * np.exp(random.normal(0, 0.003, len(ts)))
    high = np.maximum(opened, close) * 1.002
    low = np.minimum(opened, close) * 0.998
    none = random.random(len(ts)) < holes
    for column in (opened, high, low, close):
        column[none] = np.nan
    return Bars(
        "X", Timeframe(minutes, "m") if minutes < 60 else Timeframe(minutes // 60, "h"), ts, open_ts, opened, high, low,
        close, np.round(random.random(len(ts)) * 1000, 3),
        Instrument("X", "stock", calendar=name, session_zone=calendar(name).zone),
    )  # fmt: skip


def cut(bars: Bars, n: int) -> Bars:
    """The first `n` bars."""
    from dataclasses import replace

    columns = {x: getattr(bars, x)[:n] for x in ("ts", "open_ts", "open", "high", "low", "close", "volume")}
    return replace(bars, **columns, factor=None if bars.factor is None else bars.factor[:n])
