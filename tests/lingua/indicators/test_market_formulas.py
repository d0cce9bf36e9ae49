"""Channels, trails, estimators, flows, structure and composed oscillators against their formulas, written out in plain
Python without the library's kernels: lists of floats, None where there is no value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lingua.indicators.registry import lookup

Series = list[Any]
ROWS = 330


def bars(seed: int, rows: int = ROWS) -> dict[str, Series]:
    random = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, rows)))
    opened = np.concatenate((close[:1], close[:-1])) * np.exp(random.normal(0.0, 0.003, rows))
    high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0.0, 0.004, rows)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0.0, 0.004, rows)))
    volume = np.round(random.gamma(2.0, 500.0, rows)) + 1.0
    fields = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    return {name: column.tolist() for name, column in fields.items()}


# --- pieces ------------------------------------------------------------------------------------------


def each(function: Callable[..., Any], *series: Series) -> Series:
    """The function of every row; None where an input or the result is missing."""
    return [None if None in row else function(*row) for row in zip(*series, strict=True)]


def lag(x: Series, n: int = 1) -> Series:
    return [None] * min(n, len(x)) + x[: max(len(x) - n, 0)]


def over(x: Series, n: int, function: Callable[[Sequence[float]], Any]) -> Series:
    """The function of the last n values."""
    found: Series = []
    for k in range(len(x)):
        part = x[max(k - n + 1, 0) : k + 1]
        found.append(function(part) if len(part) == n and None not in part else None)
    return found


def sma(x: Series, n: int) -> Series:
    return over(x, n, lambda part: math.fsum(part) / n)


def total(x: Series, n: int) -> Series:
    return over(x, n, math.fsum)


def highest(x: Series, n: int) -> Series:
    return over(x, n, max)


def lowest(x: Series, n: int) -> Series:
    return over(x, n, min)


def variance(x: Series, n: int, less: int = 0) -> Series:
    def of(part: Sequence[float]) -> float:
        mean = math.fsum(part) / n
        return math.fsum((each - mean) ** 2 for each in part) / (n - less)

    return over(x, n, of)


def smooth(x: Series, n: int, alpha: float) -> Series:
    """Exponential smoothing begun at the mean of the first n values."""
    found: Series = []
    value, seeds = None, []
    for each in x:
        if each is None:
            found.append(None)
            continue
        if value is None:
            seeds.append(each)
            value = math.fsum(seeds) / n if len(seeds) == n else None
        else:
            value = value + alpha * (each - value)
        found.append(value)
    return found


def ema(x: Series, n: int) -> Series:
    return smooth(x, n, 2.0 / (n + 1.0))


def rma(x: Series, n: int) -> Series:
    return smooth(x, n, 1.0 / n)


def minus(x: Series, y: Series) -> Series:
    return each(lambda a, b: a - b, x, y)


def over_each(x: Series, y: Series, factor: float = 1.0) -> Series:
    return each(lambda a, b: factor * a / b if b else None, x, y)


def change(x: Series) -> Series:
    return minus(x, lag(x))


def roc(x: Series, n: int) -> Series:
    return each(lambda a, b: 100.0 * (a - b) / b, x, lag(x, n))


def hl2(b: dict[str, Series]) -> Series:
    return each(lambda h, lo: (h + lo) / 2.0, b["high"], b["low"])


def hlc3(b: dict[str, Series]) -> Series:
    return each(lambda h, lo, c: (h + lo + c) / 3.0, b["high"], b["low"], b["close"])


def true_range(b: dict[str, Series]) -> Series:
    return each(lambda h, lo, c: max(h, c) - min(lo, c), b["high"], b["low"], lag(b["close"]))


def atr(b: dict[str, Series], n: int) -> Series:
    return rma(true_range(b), n)


def rsi(x: Series, n: int) -> Series:
    up = rma(each(lambda d: max(d, 0.0), change(x)), n)
    down = rma(each(lambda d: max(-d, 0.0), change(x)), n)
    return each(lambda u, d: 100.0 * u / (u + d) if u + d else None, up, down)


def log_change(x: Series) -> Series:
    return each(lambda a, b: math.log(a / b), x, lag(x))


def line_end(part: Sequence[float]) -> float:
    slope, start = np.polyfit(np.arange(len(part)), np.array(part), 1)
    return float(start + slope * (len(part) - 1))


def sign(x: float) -> float:
    return (x > 0) - (x < 0)


def squared(x: Series) -> Series:
    return each(lambda a: a * a, x)


def band(middle: Series, width: Series, factor: float) -> tuple[Series, Series, Series]:
    up = each(lambda m, w: m + factor * w, middle, width)
    return up, middle, each(lambda m, w: m - factor * w, middle, width)


# --- the indicators ----------------------------------------------------------------------------------


def connors(b: dict[str, Series]) -> Series:
    close, run, runs = b["close"], 0.0, []
    for moved in change(close):
        way = sign(moved or 0.0)
        run = run + way if way and run * way > 0 else way
        runs.append(run)
    rates = roc(close, 1)
    rank = [None if k < 21 else 5.0 * sum(before < rates[k] for before in rates[k - 20 : k]) for k in range(len(close))]
    return each(lambda a, b, c: (a + b + c) / 3.0, rsi(close, 4), rsi(runs, 3), rank)


def held_place(x: Series, n: int) -> Series:
    found: Series = []
    last = None
    for value, top, bottom in zip(x, highest(x, n), lowest(x, n), strict=True):
        if top is not None and top > bottom:
            last = 100.0 * (value - bottom) / (top - bottom)
        found.append(last if top is not None else None)
    return found


def schaff(b: dict[str, Series]) -> Series:
    x = minus(ema(b["close"], 7), ema(b["close"], 15))
    return smooth(held_place(smooth(held_place(x, 6), 1, 0.5), 6), 1, 0.5)


def follow(x: Series, distance: Series) -> tuple[Series, Series]:
    """A level at a distance that does not retreat while x stays on its side."""
    level = before = None
    side, levels, sides = 1.0, [], []
    for value, away in zip(x, distance, strict=True):
        if value is None or away is None:
            levels.append(None)
            sides.append(None)
            continue
        if level is None:
            level = value - away
        elif value > level:
            level, side = max(level, value - away) if before > level else value - away, 1.0
        elif value < level:
            level, side = min(level, value + away) if before < level else value + away, -1.0
        before = value
        levels.append(level)
        sides.append(side)
    return levels, sides


def qqe(b: dict[str, Series]) -> tuple[Series, Series]:
    line = ema(rsi(b["close"], 5), 3)
    moved = ema(ema(each(abs, change(line)), 9), 9)
    return line, follow(line, each(lambda m: 2.5 * m, moved))[0]


def kst(b: dict[str, Series]) -> tuple[Series, Series]:
    pieces = [sma(roc(b["close"], n), m) for n, m in ((3, 4), (5, 4), (8, 6), (11, 7))]
    line = each(lambda p, q, r, s: p + 2 * q + 3 * r + 4 * s, *pieces)
    return line, sma(line, 5)


def pmo(b: dict[str, Series]) -> tuple[Series, Series]:
    first = smooth(roc(b["close"], 1), 12, 2.0 / 12)
    line = smooth(each(lambda v: 10.0 * v, first), 7, 2.0 / 7)
    return line, ema(line, 5)


def wavetrend(b: dict[str, Series]) -> tuple[Series, Series]:
    away = minus(hlc3(b), ema(hlc3(b), 10))
    line = ema(each(lambda a, d: a / (0.015 * d), away, ema(each(abs, away), 10)), 21)
    return line, sma(line, 4)


def impulse(b: dict[str, Series]) -> Series:
    close = b["close"]
    # The fast average begins with the slow one, as in `macd`.
    line = minus(ema([None] * 14 + close[14:], 12), ema(close, 26))
    hist = minus(line, ema(line, 9))
    return each(
        lambda a, h: 1.0 if a > 0 and h > 0 else -1.0 if a < 0 and h < 0 else 0.0, change(ema(close, 13)), change(hist)
    )


def fisher(b: dict[str, Series]) -> tuple[Series, Series]:
    x, value, line, lines = hl2(b), 0.0, 0.0, []
    for now, top, bottom in zip(x, highest(x, 9), lowest(x, 9), strict=True):
        if top is None:
            lines.append(None)
            continue
        value = 0.33 * 2.0 * ((now - bottom) / (top - bottom) - 0.5) + 0.67 * value
        value = 0.999 if value > 0.99 else -0.999 if value < -0.99 else value
        line = 0.5 * math.log((1.0 + value) / (1.0 - value)) + 0.5 * line
        lines.append(line)
    return lines, lag(lines)


def symmetric(x: Series) -> Series:
    return each(lambda p, q, r, s: (p + 2 * q + 2 * r + s) / 6.0, x, lag(x), lag(x, 2), lag(x, 3))


def rvgi(b: dict[str, Series]) -> tuple[Series, Series]:
    bodies = total(symmetric(minus(b["close"], b["open"])), 10)
    line = over_each(bodies, total(symmetric(minus(b["high"], b["low"])), 10))
    return line, symmetric(line)


def choppiness(b: dict[str, Series]) -> Series:
    span = minus(highest(b["high"], 14), lowest(b["low"], 14))
    return each(lambda t, s: 100.0 * math.log10(t / s) / math.log10(14), total(true_range(b), 14), span)


def random_walk(b: dict[str, Series]) -> tuple[Series, Series]:
    expected = each(lambda m: m * math.sqrt(9), sma(true_range(b), 9))
    return (
        over_each(minus(b["high"], lag(b["low"], 9)), expected),
        over_each(minus(lag(b["high"], 9), b["low"]), expected),
    )


def trend_intensity(b: dict[str, Series]) -> Series:
    away = minus(b["close"], sma(b["close"], 20))
    above = total(each(lambda d: max(d, 0.0), away), 10)
    below = total(each(lambda d: max(-d, 0.0), away), 10)
    return each(lambda u, d: 100.0 * u / (u + d), above, below)


def alligator(b: dict[str, Series]) -> tuple[Series, Series, Series]:
    x = hl2(b)
    return lag(rma(x, 13), 8), lag(rma(x, 8), 5), lag(rma(x, 5), 3)


def gator(b: dict[str, Series]) -> tuple[Series, Series]:
    jaw, teeth, lips = alligator(b)
    return each(abs, minus(jaw, teeth)), each(lambda d: -abs(d), minus(teeth, lips))


def rainbow(b: dict[str, Series]) -> tuple[Series, Series]:
    x, bands = b["close"], [sma(b["close"], 2)]
    while len(bands) < 10:
        bands.append(sma(bands[-1], 2))
    span = minus(highest(x, 10), lowest(x, 10))
    mean = each(lambda *row: sum(row) / 10.0, *bands)
    width = each(lambda *row: max(row) - min(row), *bands)
    return over_each(minus(x, mean), span, 100.0), over_each(width, span, 100.0)


def market_state(b: dict[str, Series]) -> Series:
    n, window = 7, 30
    found = {name: output(f"{name}", b, length=n) for name in ("adx", "plus_di", "minus_di", "natr")}
    states: Series = []
    for k in range(len(b["close"])):
        before = found["natr"][k - window : k] if k >= window else [None]
        if found["adx"][k] is None or None in before:
            states.append(None)
        elif 100.0 * sum(v < found["natr"][k] for v in before) / window > 80.0:
            states.append(2.0)
        else:
            trends = found["adx"][k] >= 25.0
            states.append(sign(found["plus_di"][k] - found["minus_di"][k]) if trends else 0.0)
    return states


def squeeze(b: dict[str, Series]) -> tuple[Series, Series]:
    close, n = b["close"], 12
    ranges = sma(true_range(b), n)
    on = each(lambda v, r: 2.0 if 2.0 * math.sqrt(v) < 1.5 * r else 0.0, variance(close, n), ranges)
    middle = each(lambda t, s, m: ((t + s) / 2.0 + m) / 2.0, highest(b["high"], n), lowest(b["low"], n), sma(close, n))
    return on, over(minus(close, middle), n, line_end)


def chande_kroll(b: dict[str, Series]) -> tuple[Series, Series]:
    away = atr(b, 10)
    short = highest(minus(highest(b["high"], 10), away), 9)
    return lowest(each(lambda v, a: v + a, lowest(b["low"], 10), away), 9), short


def volatility_stop(b: dict[str, Series]) -> tuple[Series, Series]:
    top = bottom = stop = None
    up, stops, sides = True, [], []
    for close, reach in zip(b["close"], atr(b, 10), strict=True):
        if reach is None:
            stops.append(None)
            sides.append(None)
            continue
        away = 2.0 * reach
        top, bottom = (close, close) if top is None else (max(top, close), min(bottom, close))
        fresh = top - away if up else bottom + away
        stop = fresh if stop is None else max(stop, fresh) if up else min(stop, fresh)
        if (close < stop) if up else (close > stop):
            up, top, bottom = not up, close, close
            stop = close - away if up else close + away
        stops.append(stop)
        sides.append(1.0 if up else -1.0)
    return stops, sides


def yang_zhang(b: dict[str, Series]) -> Series:
    n = 15
    gap = each(lambda o, c: math.log(o / c), b["open"], lag(b["close"]))
    body = each(lambda o, c: math.log(c / o), b["open"], b["close"])
    share = 0.34 / (1.34 + (n + 1) / (n - 1))
    within = sma(each(rogers_satchell, b["open"], b["high"], b["low"], b["close"]), n)
    return each(
        lambda g, d, w: math.sqrt(g + share * d + (1 - share) * w) * math.sqrt(252), variance(gap, n, 1),
        variance(body, n, 1), within,
    )  # fmt: skip


def rogers_satchell(o: float, h: float, lo: float, c: float) -> float:
    return math.log(h / c) * math.log(h / o) + math.log(lo / c) * math.log(lo / o)


def garman_klass(o: float, h: float, lo: float, c: float) -> float:
    return 0.5 * math.log(h / lo) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2


def parkinson(b: dict[str, Series]) -> Series:
    spans = each(lambda h, lo: math.log(h / lo) ** 2, b["high"], b["low"])
    return each(lambda m: math.sqrt(m / (4 * math.log(2))), sma(spans, 20))


def ulcer(b: dict[str, Series]) -> Series:
    fall = each(lambda c, t: (100.0 * (c - t) / t) ** 2, b["close"], highest(b["close"], 14))
    return each(math.sqrt, sma(fall, 14))


def bipower(b: dict[str, Series]) -> Series:
    size = each(abs, log_change(b["close"]))
    return each(lambda s: math.pi / 2.0 * s, total(each(lambda p, q: p * q, size, lag(size)), 20))


def ewma(b: dict[str, Series]) -> Series:
    return each(math.sqrt, smooth(squared(log_change(b["close"])), 1, 1.0 - 0.9))


def klinger(b: dict[str, Series]) -> tuple[Series, Series]:
    level, width = hlc3(b), minus(b["high"], b["low"])
    trend, span, forces = 0.0, 0.0, [None]
    for k in range(1, len(level)):
        now = sign(level[k] - level[k - 1]) or trend or 1.0
        span = (span if now == trend else width[k - 1]) + width[k]
        trend = now
        forces.append(b["volume"][k] * abs(2.0 * width[k] / span - 1.0) * 100.0 * trend)
    line = minus(smooth(forces, 1, 2.0 / 11), smooth(forces, 1, 2.0 / 18))
    line = [None] * 17 + line[17:]
    return line, ema(line, 5)


def flow(b: dict[str, Series]) -> Series:
    def of(h: float, lo: float, c: float, v: float, before: float) -> float:
        top, bottom = max(h, before), min(lo, before)
        return v * ((c - bottom) - (top - c)) / (top - bottom)

    before = lag(b["close"])
    flows = rma(each(of, b["high"], b["low"], b["close"], b["volume"], before), 21)
    return over_each(flows, rma([None, *b["volume"][1:]], 21))


def ease(b: dict[str, Series]) -> Series:
    moved = each(lambda d, h, lo, v: d * (h - lo) * 1e4 / v, change(hl2(b)), b["high"], b["low"], b["volume"])
    return sma(moved, 14)


def ad_williams(b: dict[str, Series]) -> Series:
    sums, line = [0.0], 0.0
    for k in range(1, len(b["close"])):
        before = b["close"][k - 1]
        span = max(b["high"][k], before) - min(b["low"][k], before)
        line += b["volume"][k] * (b["close"][k] - before) / span
        sums.append(line)
    return sums


def volume_ratio(b: dict[str, Series]) -> Series:
    moved = change(b["close"])
    up = total(each(lambda d, v: v if d > 0 else v / 2 if d == 0 else 0.0, moved, b["volume"]), 26)
    down = total(each(lambda d, v: v if d < 0 else v / 2 if d == 0 else 0.0, moved, b["volume"]), 26)
    return over_each(up, down, 100.0)


def volume_flow(b: dict[str, Series]) -> Series:
    level = hlc3(b)
    spread = each(math.sqrt, variance(log_change(level), 15))
    mean = lag(sma(b["volume"], 40))

    def signed(moved: float, s: float, c: float, v: float, m: float) -> float:
        least, counted = 0.2 * s * c, min(v, 2.5 * m)
        return counted if moved > least else -counted if moved < -least else 0.0

    flows = each(signed, change(level), spread, b["close"], b["volume"], mean)
    return ema(over_each(total(flows, 40), mean), 3)


def signed_share(x: Series, by: Series, n: int) -> Series:
    signs = each(lambda v, d: v if d > 0 else -v, x, change(by))
    return over_each(ema(signs, n), ema([None, *x[1:]], n), 100.0)


def de_marker(b: dict[str, Series]) -> Series:
    up = sma(each(lambda d: max(d, 0.0), change(b["high"])), 14)
    down = sma(each(lambda d: max(-d, 0.0), change(b["low"])), 14)
    return each(lambda u, d: u / (u + d), up, down)


def setup(b: dict[str, Series]) -> Series:
    count, counts = 0.0, []
    for now, before in zip(b["close"], lag(b["close"], 4), strict=True):
        way = None if before is None else sign(now - before)
        count = 0.0 if way is None else count + way if way * count > 0 else way
        counts.append(None if way is None else count)
    return counts


def rolling_vwap(b: dict[str, Series]) -> tuple[Series, ...]:
    x, n, rows = hlc3(b), 12, []
    for k in range(len(x)):
        if k < n - 1:
            rows.append((None, None, None))
            continue
        part, weight = np.array(x[k - n + 1 : k + 1]), np.array(b["volume"][k - n + 1 : k + 1])
        mean = float(np.average(part, weights=weight))
        away = 1.5 * math.sqrt(float(np.average((part - mean) ** 2, weights=weight)))
        rows.append((mean + away, mean, mean - away))
    return tuple(list(column) for column in zip(*rows, strict=True))


def profile(b: dict[str, Series]) -> tuple[Series, ...]:
    x, n, bins, rows = hlc3(b), 40, 10, []
    for k in range(len(x)):
        if k < n - 1:
            rows.append((None, None, None))
            continue
        window = slice(k - n + 1, k + 1)
        weights, edges = np.histogram(
            x[window], bins, (min(b["low"][window]), max(b["high"][window])), weights=b["volume"][window]
        )
        low = high = int(np.argmax(weights))
        while weights[low : high + 1].sum() < 0.7 * weights.sum():
            above = weights[high + 1] if high + 1 < bins else -1.0
            below = weights[low - 1] if low > 0 else -1.0
            low, high = (low, high + 1) if above >= below else (low - 1, high)
        best = int(np.argmax(weights))
        rows.append(((edges[best] + edges[best + 1]) / 2.0, edges[high + 1], edges[low]))
    return tuple(list(column) for column in zip(*rows, strict=True))


def relative_momentum(b: dict[str, Series]) -> Series:
    moved = minus(b["close"], lag(b["close"], 5))
    up, down = rma(each(lambda d: max(d, 0.0), moved), 20), rma(each(lambda d: max(-d, 0.0), moved), 20)
    return each(lambda u, d: 100.0 * u / (u + d), up, down)


def derivative(b: dict[str, Series]) -> Series:
    line = ema(ema(rsi(b["close"], 14), 5), 3)
    return minus(line, sma(line, 9))


def double_smoothed(b: dict[str, Series]) -> Series:
    top, bottom = highest(b["high"], 13), lowest(b["low"], 13)
    place, span = (ema(ema(x, 8), 5) for x in (minus(b["close"], bottom), minus(top, bottom)))
    return over_each(place, span, 100.0)


def inertia(b: dict[str, Series]) -> Series:
    spread = each(math.sqrt, variance(b["close"], 10))
    up = rma(each(lambda s, d: s if d > 0 else 0.0, spread, change(b["close"])), 14)
    down = rma(each(lambda s, d: s if d < 0 else 0.0, spread, change(b["close"])), 14)
    return over(each(lambda u, d: 100.0 * u / (u + d), up, down), 20, line_end)


def fractal_efficiency(b: dict[str, Series]) -> Series:
    path = total(each(lambda d: math.hypot(d, 1.0), change(b["close"])), 10)
    covered = minus(b["close"], lag(b["close"], 10))
    return ema(each(lambda d, p: math.copysign(100.0 * math.hypot(d, 10.0) / p, d), covered, path), 5)


def swing_index(b: dict[str, Series]) -> tuple[Series, Series]:
    def of(o: float, h: float, lo: float, c: float, o1: float, c1: float) -> float:
        a, d, e = abs(h - c1), abs(lo - c1), abs(c1 - o1)
        largest = max(a, d, h - lo)
        r = a - 0.5 * d + 0.25 * e if a == largest else d - 0.5 * a + 0.25 * e if d == largest else h - lo + 0.25 * e
        return 50.0 * (c - c1 + 0.5 * (c - o) + 0.25 * (c1 - o1)) / r * max(a, d) / 10.0

    index = each(of, *columns("open high low close", b), lag(b["open"]), lag(b["close"]))
    return index, [None, *np.cumsum(index[1:]).tolist()]


def brar(b: dict[str, Series]) -> tuple[Series, Series]:
    before = lag(b["close"])
    up = total(each(lambda h, c: max(h - c, 0.0), b["high"], before), 26)
    down = total(each(lambda lo, c: max(c - lo, 0.0), b["low"], before), 26)
    within = over_each(total(minus(b["high"], b["open"]), 26), total(minus(b["open"], b["low"]), 26), 100.0)
    return within, over_each(up, down, 100.0)


def thermometer(b: dict[str, Series]) -> tuple[Series, Series]:
    value = each(lambda u, d: max(u, -d, 0.0), change(b["high"]), change(b["low"]))
    return value, ema(value, 22)


def hilo(b: dict[str, Series]) -> tuple[Series, Series]:
    top, bottom, side, lines, sides = sma(b["high"], 3), sma(b["low"], 3), 1.0, [], []
    for close, t, s, t1, s1 in zip(b["close"], top, bottom, lag(top), lag(bottom), strict=True):
        if t1 is not None:
            side = 1.0 if close > t1 else -1.0 if close < s1 else side
        lines.append(None if t1 is None else s if side > 0 else t)
        sides.append(None if t1 is None else side)
    return lines, sides


def columns(names: str, b: dict[str, Series]) -> list[Series]:
    return [b[name] for name in names.split()]


def stochastic_free(b: dict[str, Series], width: float, range: str) -> tuple[Series, Series, Series]:
    moved = true_range(b) if range == "true_range" else minus(b["high"], b["low"])
    found = band(ema(b["close"], 20), ema(moved, 20), width)
    return found if range == "bar" else tuple([None, *line[1:]] for line in found)  # type: ignore[return-value]


Case = tuple[str, dict[str, Any], Callable[[dict[str, Series]], Any]]
CASES: list[Case] = [
    ("connors_rsi", {"length": 4, "streak": 3, "rank": 20}, connors),
    ("stc", {"fast": 7, "slow": 15, "length": 6}, schaff),
    ("qqe", {"length": 5, "smooth": 3, "factor": 2.5}, qqe),
    ("kst", {**dict.fromkeys(("sma1", "sma2"), 4), "roc1": 3, "roc2": 5, "roc3": 8, "roc4": 11, "sma3": 6, "sma4": 7,
             "signal": 5}, kst),
    ("pmo", {"first": 12, "second": 7, "signal": 5}, pmo),
    ("wavetrend", {}, wavetrend),
    ("impulse", {}, impulse),
    ("fisher", {"length": 9}, fisher),
    ("rvgi", {}, rvgi),
    ("chop", {}, choppiness),
    ("rwi", {"length": 9}, random_walk),
    ("ravi", {"slow": 30}, lambda b: each(
        lambda f, s: 100.0 * abs(f - s) / s, sma(b["close"], 7), sma(b["close"], 30))),
    ("tii", {"length": 10, "average": 20}, trend_intensity),
    ("alligator", {}, alligator),
    ("gator", {}, gator),
    ("market_state", {"length": 7, "window": 30, "loud": 80.0}, market_state),
    ("psy", {}, lambda b: each(lambda u: 100.0 * u / 12, total(each(lambda d: float(d > 0), change(b["close"])), 12))),
    ("demarker", {}, de_marker),
    ("pgo", {}, lambda b: over_each(minus(b["close"], sma(b["close"], 14)), ema(true_range(b), 14))),
    ("disparity", {}, lambda b: over_each(minus(b["close"], sma(b["close"], 14)), sma(b["close"], 14), 100.0)),
    ("rainbow", {}, rainbow),
    ("pzo", {}, lambda b: signed_share(b["close"], b["close"], 14)),
    ("vzo", {}, lambda b: signed_share(b["volume"], b["close"], 14)),
    ("kc_ema", {}, lambda b: stochastic_free(b, 1.5, "true_range")),
    ("kc_ema", {"range": "bar", "width": 2.0}, lambda b: stochastic_free(b, 2.0, "bar")),
    ("kcw", {}, lambda b: each(lambda u, m, d: (u - d) / m, *stochastic_free(b, 1.5, "true_range"))),
    ("starc", {"range": 5}, lambda b: band(sma(b["close"], 6), atr(b, 5), 2.0)),
    ("envelope", {}, lambda b: band(sma(b["close"], 20), sma(b["close"], 20), 0.025)),
    ("apz", {}, lambda b: band(
        ema(ema(b["close"], 5), 5), ema(ema(minus(b["high"], b["low"]), 5), 5), 2.0)),
    ("squeeze", {"length": 12}, squeeze),
    ("chandelier", {}, lambda b: (
        each(lambda t, a: t - 3 * a, highest(b["high"], 22), atr(b, 22)),
        each(lambda s, a: s + 3 * a, lowest(b["low"], 22), atr(b, 22)))),
    ("chande_kroll", {}, chande_kroll),
    ("volatility_stop", {"length": 10}, volatility_stop),
    ("atr_stop", {}, lambda b: follow(b["close"], each(lambda a: 3.5 * a, atr(b, 5)))),
    ("hv", {"periods": 252.0}, lambda b: each(
        lambda v: math.sqrt(252 * v), variance(log_change(b["close"]), 20, 1))),
    ("ewma_volatility", {"decay": 0.9}, ewma),
    ("parkinson", {}, parkinson),
    ("garman_klass", {}, lambda b: each(math.sqrt, sma(each(garman_klass, *columns("open high low close", b)), 20))),
    ("rogers_satchell", {}, lambda b: each(
        math.sqrt, sma(each(rogers_satchell, *columns("open high low close", b)), 20))),
    ("yang_zhang", {"length": 15, "periods": 252.0}, yang_zhang),
    ("realized_variance", {}, lambda b: total(squared(log_change(b["close"])), 20)),
    ("bipower_variance", {}, bipower),
    ("ulcer", {}, ulcer),
    ("iii", {}, lambda b: each(
        lambda h, s, c, v: (2 * c - h - s) / ((h - s) * v), *columns("high low close volume", b))),
    ("wvad", {"length": 6}, lambda b: total(each(
        lambda o, h, s, c, v: (c - o) / (h - s) * v, *columns("open high low close volume", b)), 6)),
    ("ad_williams", {}, ad_williams),
    ("twiggs", {}, flow),
    ("eom", {}, ease),
    ("klinger", {"fast": 10, "slow": 17, "signal": 5}, klinger),
    ("vosc", {}, lambda b: over_each(
        minus(sma(b["volume"], 5), sma(b["volume"], 10)), sma(b["volume"], 10), 100.0)),
    ("vr", {}, volume_ratio),
    ("vfi", {"length": 40, "deviation": 15}, volume_flow),
    ("td_setup", {}, setup),
    ("vwap_rolling", {"length": 12, "width": 1.5}, rolling_vwap),
    ("volume_profile", {"length": 40, "bins": 10}, profile),
    ("rmi", {}, relative_momentum),
    ("derivative", {}, derivative),
    ("dss", {}, double_smoothed),
    ("inertia", {}, inertia),
    ("pfe", {}, fractal_efficiency),
    ("asi", {}, swing_index),
    ("brar", {}, brar),
    ("thermometer", {}, thermometer),
    ("hilo", {}, hilo),
]  # fmt: skip


def values(name: str, b: dict[str, Series], conditions: Series | None = None, **parameters: Any) -> list[np.ndarray]:
    spec = lookup(name)
    assert spec is not None, name
    inputs = [conditions if i.kind == "bool" else b[i.default or "close"] for i in spec.inputs]
    return [np.asarray(column) for column in spec.batch(*map(np.array, inputs), **spec.bind(parameters))]


def output(name: str, b: dict[str, Series], **parameters: Any) -> Series:
    return [None if v != v else v for v in values(name, b, **parameters)[0].tolist()]


def agrees(ours: np.ndarray, theirs: Series, lookback: int) -> None:
    expected = np.array([math.nan if v is None else float(v) for v in theirs])
    expected[:lookback] = math.nan  # several outputs begin together
    assert not np.isnan(expected).all()
    assert np.array_equal(np.isnan(ours), np.isnan(expected))
    scale = max(1.0, float(np.nanmax(np.abs(expected))))
    assert np.allclose(ours, expected, rtol=1e-9, atol=1e-11 * scale, equal_nan=True)


@pytest.mark.parametrize(("name", "parameters", "formula"), CASES, ids=[case[0] for case in CASES])
def test_an_indicator_is_its_formula_written_out(
    name: str, parameters: dict[str, Any], formula: Callable[[dict[str, Series]], Any]
) -> None:
    spec = lookup(name)
    assert spec is not None
    for seed in range(3):
        b = bars(seed)
        theirs = formula(b)
        ours = values(name, b, **parameters)
        lines = theirs if isinstance(theirs, tuple) else (theirs,)
        assert len(ours) == len(lines)
        for column, line in zip(ours, lines, strict=True):
            agrees(column, line, spec.lookback(**spec.bind(parameters)))
