"""Random bars for a random program: trends, gaps, flat stretches, spikes, holes, empty volume, missing bars, splits."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lingua.data.actions import factor_of
from lingua.data.bars import Action, Bars
from lingua.data.calendars import calendar as rule_of
from lingua.data.calendars import session_bounds, sessions_between
from lingua.data.market import Market
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

START = "2024-01-01"
"""A Monday."""
SECOND = 1_000_000_000
COLUMNS = ("ts", "open_ts", "open", "high", "low", "close", "volume")


def session_zone(calendar: str) -> str:
    return "UTC" if calendar == "24x7" else rule_of(calendar).zone


def instrument(rng: random.Random, symbol: str, kind: str, calendar: str) -> Instrument:
    is_margined = kind in ("perp", "future")
    return Instrument(
        symbol, kind=kind, multiplier=rng.choice([1.0, 1.0, 1.0, 10.0]), tick=rng.choice([0.0, 0.01, 0.25]),  # type: ignore[arg-type]
        lot=rng.choice([0.0, 0.001, 1.0]), min_notional=rng.choice([0.0, 10.0]),
        fee_asset="base" if kind == "spot" and rng.random() < 0.3 else "quote",
        initial_margin=rng.choice([0.1, 0.5]) if is_margined else 1.0,
        maintenance_margin=rng.choice([0.0, 0.05]) if is_margined else 0.0,
        liquidation_fee=0.01 if kind == "perp" else 0.0, calendar=calendar,
        session_zone=session_zone(calendar),
    )  # fmt: skip


def stamps(timeframe: str, n: int, calendar: str, start: str = START) -> tuple[Any, Any]:
    """(n,) opening and closing instants of complete bars; the last of a session may be a short one."""
    first = int(np.datetime64(start, "ns").astype(np.int64))
    if timeframe == "1d" and calendar != "24x7":
        days = sessions_between(first, first + 3 * 366 * 86_400 * SECOND, calendar).days
        days = days[days >= first // (86_400 * SECOND)][:n]
        return session_bounds(days, calendar)
    step = Timeframe.parse(timeframe).seconds * SECOND
    if calendar != "24x7":
        days = sessions_between(first, first + 366 * 86_400 * SECOND, calendar).days
        opens, closes = session_bounds(days[days >= first // (86_400 * SECOND)], calendar)
        rows = [
            (at, min(at + step, int(e)))
            for o, e in zip(opens, closes, strict=True)
            for at in range(int(o), int(e), step)
        ]
        return tuple(np.array(column, dtype=np.int64) for column in zip(*rows[:n], strict=True))
    opened = first + step * np.arange(n, dtype=np.int64)
    return opened, opened + step


def path(rng: random.Random, n: int, tick: float) -> list[list[float]]:
    """(n, 4) open, high, low, close: stretches of trend, of nothing, and of noise, with gaps and spikes."""
    swing = rng.choice([0.002, 0.01, 0.04])
    # A price of a few steps never moves: it would be the same flat market each time.
    price, rows, mood, left = rng.choice([0.5 if tick < 0.1 else 5.0, 50.0, 30_000.0]), [], "noise", 0
    floor = price / 1000
    for _ in range(n):
        if left == 0:
            mood, left = rng.choice(["noise", "noise", "up", "down", "flat", "still"]), rng.randint(3, 40)
        left -= 1
        gap = rng.gauss(0, 3 * swing) if rng.random() < 0.06 else 0.0
        drift = {"up": swing / 2, "down": -swing / 2}.get(mood, 0.0)
        o = max(floor, price * (1 + gap)) if mood != "still" else price
        c = max(floor, o * (1 + drift + rng.gauss(0, swing))) if mood not in ("flat", "still") else o
        wide = 0.0 if mood == "still" else swing * (10 if rng.random() < 0.02 else 1)
        h = max(o, c) * (1 + abs(rng.gauss(0, wide)))
        low = max(floor / 2, min(o, c) * (1 - min(0.9, abs(rng.gauss(0, wide)))))
        row = [o, h, low, c]
        if tick:
            row = [max(tick, round(x / tick) * tick) for x in row]
        rows.append(row)
        price = row[3]
    return rows


def bars(rng: random.Random, symbol: str, timeframe: str, n: int, kind: str, calendar: str, start: str = START) -> Bars:
    terms = instrument(rng, symbol, kind, calendar)
    open_ts, ts = stamps(timeframe, n, calendar, start)
    n = len(ts)
    table = np.array(path(rng, n, terms.tick))
    for _ in range(rng.choice([0, 0, 1, 4])):
        table[rng.randrange(n)] = math.nan
    volume = np.array([rng.choice([0.0, 3.0, 40.0, 500.0, 2500.5]) for _ in range(n)])
    if rng.random() < 0.2:
        volume[: rng.choice([n, n // 2])] = math.nan
    if rng.random() < 0.4:
        volume[volume == 0.0] = 1_000_000.0  # a liquid market, where every bar fills
    keep = np.ones(n, dtype=np.bool_)
    if symbol != "AAA" and n > 20 and rng.random() < 0.3:
        keep[: rng.randrange(n // 3)] = False  # listed later than the others
    if symbol != "AAA" and n > 20 and rng.random() < 0.15:
        keep[n - rng.randrange(1, n // 3) :] = False
    for _ in range(rng.choice([0, 0, 2])):
        first = rng.randrange(1, n)
        keep[first : first + rng.randint(1, 9)] = False
    invented = np.zeros(n, dtype=np.bool_)
    if rng.random() < 0.15:
        invented[rng.randrange(n)] = True
    actions: tuple[Action, ...] = ()
    if kind == "stock" and rng.random() < 0.4:
        at = rng.randrange(2, n - 1)
        actions = (
            Action(
                int(open_ts[at]),
                rng.choice([1.0, 2.0, 0.5, 3.0]),
                rng.choice([0.0, 0.0, float(np.nanmin(table[:, 3])) * 0.01]),
            ),
        )
        table[at:] /= actions[0].split
    made = Bars(
        symbol, Timeframe.parse(timeframe), ts[keep], open_ts[keep], *(np.ascontiguousarray(table[keep, k]) for k in range(4)),
        volume[keep], terms, is_synthetic=invented[keep], actions=actions,
    )  # fmt: skip
    return replace(made, factor=factor_of(actions, made.ts))


def market(
    rng: random.Random,
    timeframe: str,
    n: int,
    symbols: Sequence[str],
    data: Sequence[tuple[str, str, str]],
    *,
    kind: str,
    calendar: str,
    detail: str = "",
    start: str = START,
) -> Market:
    """Bars of the traded `symbols` and of `data` (alias, symbol, timeframe), out of step with each other."""
    traded = tuple(bars(rng, symbol, timeframe, n, kind, calendar, start) for symbol in symbols)
    last = max(int(each.ts[-1]) for each in traded)
    others = {}
    for alias, symbol, other in data:
        base, wanted = Timeframe.parse(timeframe).seconds, Timeframe.parse(other).seconds
        # Another exchange may keep other hours and other holidays.
        keeps = rng.choice([calendar, calendar, "24x7", "XLON" if timeframe == "1d" else calendar])
        made = bars(rng, symbol, other, max(3, n * base // wanted), kind, keeps, start)
        others[alias] = cut(made, last)
    finer = {}
    if detail:
        for each in traded:
            finer[each.symbol, detail] = split_up(rng, each, detail)
    return Market(traded, others, finer)


def split_up(rng: random.Random, whole: Bars, timeframe: str) -> Bars:
    """Finer bars that walk through each bar's own extremes; some bars have none."""
    step = Timeframe.parse(timeframe).seconds * SECOND
    rows, opened = [], []
    for k in range(len(whole)):
        # Where a bar is missing, its finer ones may be there all the same: they belong to none.
        before = int(whole.ts[k - 1]) if k else int(whole.open_ts[0])
        if 0 < int(whole.open_ts[k]) - before <= 9 * (int(whole.ts[k]) - int(whole.open_ts[k])) and rng.random() < 0.5:
            for at in range(before, int(whole.open_ts[k]) - step + 1, step):
                rows.append((1.0, 1.5, 0.5, 1.0))
                opened.append(at)
        o, h, low, c = (float(column[k]) for column in (whole.open, whole.high, whole.low, whole.close))
        if math.isnan(c) or rng.random() < 0.1:
            continue
        corners = [o, h, low, c] if rng.random() < 0.5 else [o, low, h, c]
        count = int(whole.ts[k] - whole.open_ts[k]) // step
        for j in range(count):
            a, b = (corners[min(3, j + i)] for i in (0, 1))
            rows.append((a, max(a, b), min(a, b), b))
            opened.append(int(whole.open_ts[k]) + j * step)
    table, open_ts = np.array(rows).reshape(-1, 4), np.array(opened, dtype=np.int64)
    made = Bars(
        whole.symbol, Timeframe.parse(timeframe), open_ts + step, open_ts,
        *(np.ascontiguousarray(table[:, k]) for k in range(4)), np.full(len(rows), 10.0), whole.instrument,
        actions=whole.actions,
    )  # fmt: skip
    return replace(made, factor=factor_of(made.actions, made.ts))


# --- the same bars with another future ---------------------------------------------------------------


def cut(series: Bars, last: int) -> Bars:
    """The bars that closed by `last`."""
    return _chosen(series, series.ts <= last)


def _chosen(series: Bars, keep: Any) -> Bars:
    picked = {name: getattr(series, name)[keep] for name in COLUMNS}
    return replace(
        series, **picked, factor=None if series.factor is None else series.factor[keep],
        is_synthetic=None if series.is_synthetic is None else series.is_synthetic[keep],
    )  # fmt: skip


def changed(rng: random.Random, series: Bars, last: int) -> Bars:
    """Other prices, volumes, holes and stamps for the bars after `last`; what closed by then stays as it was."""
    later = series.ts > last
    drop = later & np.array([rng.random() < 0.15 for _ in range(len(series))])
    keep = ~drop
    keep[np.flatnonzero(later)[-1:]] = True  # the last bar stays, so that the clock still ends where it did
    columns = {name: getattr(series, name).copy() for name in COLUMNS}
    for k in np.flatnonzero(later):
        scale = rng.choice([0.3, 0.9, 1.1, 4.0])
        for name in ("open", "high", "low", "close"):
            columns[name][k] *= scale
        columns["volume"][k] = rng.choice([0.0, 1.0, 9_999.0, math.nan])
        if rng.random() < 0.05:
            for name in ("open", "high", "low", "close"):
                columns[name][k] = math.nan
    return _chosen(replace(series, **columns), keep)


def shortened(whole: Market, last: int) -> Market:
    return _each(whole, lambda series: cut(series, last))


def ruined(whole: Market, last: int, rng: random.Random) -> Market:
    return _each(whole, lambda series: changed(rng, series, last))


def _each(whole: Market, form: Any) -> Market:
    return Market(
        tuple(form(series) for series in whole.traded),
        {name: form(series) for name, series in whole.data.items()},
        {key: form(series) for key, series in whole.finer.items()},
    )
