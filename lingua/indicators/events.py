"""Crossings, counts and memories: indicators over conditions. Truth comes and goes as 0.0 false, 2.0 true."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from lingua.indicators import kernels
from lingua.indicators.declaration import ANCHORED, IndicatorSpec, Input, OutputSpec
from lingua.indicators.declare import CLOSE, FLAG, HIGH, LOW, SAME, SOURCE, VOLUME, Form, length, zero
from lingua.indicators.exact import Floats
from lingua.indicators.momentum import ratio, typical

TRUE = 2.0
LANGUAGE = "definition"
CONDITION = Input("condition", "any", "bool")
LEFT, RIGHT = Input("left"), Input("right")


def _flags(happened: Any) -> Floats:
    out = np.full(len(happened), np.nan)
    out[1:] = np.where(happened[1:], TRUE, 0.0)
    return out


def _before(x: Floats) -> Floats:
    return np.concatenate((x[:1], x[:-1]))


def cross_above(a: Floats, b: Floats) -> tuple[Floats]:
    return (_flags((a > b) & (_before(a) <= _before(b))),)


def cross_below(a: Floats, b: Floats) -> tuple[Floats]:
    return (_flags((a < b) & (_before(a) >= _before(b))),)


def cross(a: Floats, b: Floats) -> tuple[Floats]:
    above = (a > b) & (_before(a) <= _before(b))
    return (_flags(above | ((a < b) & (_before(a) >= _before(b)))),)


class Crossing(Form):
    def __init__(self) -> None:
        self._a = self._b = math.nan

    def happened(self, a: float, b: float) -> tuple[bool, bool] | None:
        before_a, before_b, self._a, self._b = self._a, self._b, a, b
        if before_a != before_a:
            return None
        return a > b and before_a <= before_b, a < b and before_a >= before_b


class CrossAbove(Crossing):
    def update(self, a: float, b: float) -> tuple[float]:
        found = self.happened(a, b)
        return (math.nan if found is None else TRUE if found[0] else 0.0,)


class CrossBelow(Crossing):
    def update(self, a: float, b: float) -> tuple[float]:
        found = self.happened(a, b)
        return (math.nan if found is None else TRUE if found[1] else 0.0,)


class Cross(Crossing):
    def update(self, a: float, b: float) -> tuple[float]:
        found = self.happened(a, b)
        return (math.nan if found is None else TRUE if any(found) else 0.0,)


def count(condition: Floats, *, length: int) -> tuple[Floats]:
    n = len(condition)
    out = np.full(n, np.nan)
    if n >= length:
        total = np.concatenate(([0], np.cumsum(condition > 0.5)))
        out[length - 1 :] = total[length:] - total[: n - length + 1]
    return (out,)


class Count(Form):
    def __init__(self, *, length: int) -> None:
        self._past: deque[bool] = deque(maxlen=length)

    def update(self, condition: float) -> tuple[float]:
        self._past.append(condition > 0.5)
        return (float(sum(self._past)) if len(self._past) == self._past.maxlen else math.nan,)


def bars_since(condition: Floats) -> tuple[Floats]:
    n = len(condition)
    last = np.maximum.accumulate(np.where(condition > 0.5, np.arange(n), -1)) if n else np.empty(0)
    return (np.where(last < 0, np.nan, np.arange(n) - last).astype(np.float64),)


class BarsSince(Form):
    def __init__(self) -> None:
        self._bars = math.nan

    def update(self, condition: float) -> tuple[float]:
        self._bars = 0.0 if condition > 0.5 else self._bars + 1.0
        return (self._bars,)


def value_when(condition: Floats, x: Floats, *, occurrence: int) -> tuple[Floats]:
    hits = np.flatnonzero(condition > 0.5)
    number = np.cumsum(condition > 0.5) - 1 - occurrence
    out = np.full(len(x), np.nan)
    seen = number >= 0
    out[seen] = x[hits[number[seen]]]
    return (out,)


class ValueWhen(Form):
    def __init__(self, *, occurrence: int) -> None:
        self._found: deque[float] = deque(maxlen=occurrence + 1)

    def update(self, condition: float, x: float) -> tuple[float]:
        if condition > 0.5:
            self._found.append(x)
        return (self._found[0] if len(self._found) == self._found.maxlen else math.nan,)


def moving(x: Floats, length: int, sign: float) -> Floats:
    """True where each of the last `length` steps went the same way."""
    steps = np.concatenate(([0.0], np.diff(x))) * sign
    run = count(np.where(steps > 0, TRUE, 0.0)[1:], length=length)[0] if len(x) else np.empty(0)
    out = np.full(len(x), np.nan)
    out[1:] = np.where(np.isnan(run), np.nan, np.where(run == length, TRUE, 0.0))
    return out


class Moving(Form):
    sign = 1.0

    def __init__(self, *, length: int) -> None:
        self._past: deque[bool] = deque(maxlen=length)
        self._before = math.nan

    def update(self, x: float) -> tuple[float]:
        before, self._before = self._before, x
        if before == before:
            self._past.append((x - before) * self.sign > 0)
        if len(self._past) < (self._past.maxlen or 0):
            return (math.nan,)
        return (TRUE if all(self._past) else 0.0,)


class Falling(Moving):
    sign = -1.0


def cum(x: Floats) -> tuple[Floats]:
    out = np.empty(len(x))
    compiled: Any = kernels  # its signatures are Cython's
    compiled.accumulate(np.require(x, np.float64, ["C", "W"]), out)
    return (out,)


class Cum(Form):
    def __init__(self) -> None:
        self._total = 0.0

    def update(self, x: float) -> tuple[float]:
        self._total = self._total + x
        return (self._total,)


def obv(close: Floats, volume: Floats) -> tuple[Floats]:
    moves = np.sign(np.diff(close, prepend=close[:1] - 1.0))
    return cum(moves * volume)


class Obv(Form):
    def __init__(self) -> None:
        self._total, self._before = 0.0, math.nan

    def update(self, close: float, volume: float) -> tuple[float]:
        sign = 1.0 if self._before != self._before else float((close > self._before) - (close < self._before))
        self._before = close
        self._total = self._total + sign * volume
        return (self._total,)


def close_location(high: Any, low: Any, close: Any) -> Any:
    """Where the close lies in the bar, -1 at the low, 1 at the high; 0 in a bar without range."""
    if isinstance(high, np.ndarray):
        return np.where(high == low, 0.0, ratio((close - low) - (high - close), high - low))
    return 0.0 if high == low else ((close - low) - (high - close)) / (high - low)


def ad(high: Floats, low: Floats, close: Floats, volume: Floats) -> tuple[Floats]:
    return cum(close_location(high, low, close) * volume)


class Ad(Form):
    def __init__(self) -> None:
        self._total = 0.0

    def update(self, high: float, low: float, close: float, volume: float) -> tuple[float]:
        self._total = self._total + close_location(high, low, close) * volume
        return (self._total,)


def vwap(high: Floats, low: Floats, close: Floats, volume: Floats) -> tuple[Floats]:
    return (ratio(cum(typical(high, low, close) * volume)[0], cum(volume)[0]),)


class Vwap(Form):
    def __init__(self) -> None:
        self._money = self._volume = 0.0

    def update(self, high: float, low: float, close: float, volume: float) -> tuple[float]:
        self._money = self._money + typical(high, low, close) * volume
        self._volume = self._volume + volume
        return (ratio(self._money, self._volume),)


def _anchored(**_: Any) -> int:
    return ANCHORED


COUNTED = OutputSpec("value", "bars", 0.0)
OCCURRENCE = length(0, 0, "occurrence")

SPECS = (
    IndicatorSpec("cross_above", (LEFT, RIGHT), (), (FLAG,), lambda: 1, zero, cross_above, CrossAbove,
                  "left > right now and left <= right at the observation before", LANGUAGE,
                  "Crossing from below.", "events", ("crossover",)),
    IndicatorSpec("cross_below", (LEFT, RIGHT), (), (FLAG,), lambda: 1, zero, cross_below, CrossBelow,
                  "left < right now and left >= right at the observation before", LANGUAGE,
                  "Crossing from above.", "events", ("crossunder",)),
    IndicatorSpec("cross", (LEFT, RIGHT), (), (FLAG,), lambda: 1, zero, cross, Cross,
                  "cross_above or cross_below", LANGUAGE, "Crossing either way.", "events"),
    IndicatorSpec("count", (CONDITION,), (length(),), (COUNTED,), lambda length: length - 1, zero, count, Count,
                  "how many of the last length observations were true", LANGUAGE, "Count of true values.", "events",
                  memory=lambda length: length),
    IndicatorSpec("bars_since", (CONDITION,), (), (COUNTED,), lambda: 0, _anchored, bars_since, BarsSince,
                  "observations since the condition was last true; na before the first time", LANGUAGE,
                  "Bars since an event.", "events", ("barssince",)),
    IndicatorSpec("value_when", (CONDITION, SOURCE), (OCCURRENCE,), (OutputSpec("value", "u1"),),
                  lambda occurrence: 0, _anchored, value_when, ValueWhen,
                  "source when the condition was true for the n-th last time (0 = the last)", LANGUAGE,
                  "Value at an event.", "events", ("valuewhen",), memory=lambda occurrence: occurrence + 1),
    IndicatorSpec("rising", (SOURCE,), (length(1),), (FLAG,), lambda length: length, zero,
                  lambda x, length: (moving(x, length, 1.0),), Moving, "each of the last length steps went up",
                  LANGUAGE, "Rising run.", "events", memory=lambda length: length),
    IndicatorSpec("falling", (SOURCE,), (length(1),), (FLAG,), lambda length: length, zero,
                  lambda x, length: (moving(x, length, -1.0),), Falling, "each of the last length steps went down",
                  LANGUAGE, "Falling run.", "events", memory=lambda length: length),
    IndicatorSpec("cum", (SOURCE,), (), (SAME,), lambda: 0, _anchored, cum, Cum, "running sum since the first bar",
                  LANGUAGE, "Running sum.", "events", ("CUMSUM",)),
    IndicatorSpec("obv", (CLOSE, VOLUME), (), (OutputSpec("value", "qty"),), lambda: 0, _anchored, obv, Obv,
                  "running sum of volume, signed by the change of the close; the first bar counts as up",
                  "J. E. Granville, New Key to Stock Market Profits (1963)", "On balance volume.", "volume", ("OBV",)),
    IndicatorSpec("ad", (HIGH, LOW, CLOSE, VOLUME), (), (OutputSpec("value", "qty"),), lambda: 0, _anchored, ad, Ad,
                  "running sum of volume * ((close - low) - (high - close)) / (high - low)",
                  "M. Chaikin, as in S. B. Achelis, Technical Analysis from A to Z (2000)",
                  "Accumulation/distribution line.", "volume", ("AD",)),
    IndicatorSpec("vwap", (HIGH, LOW, CLOSE, VOLUME), (), (OutputSpec("value", "price"),), lambda: 0, _anchored, vwap,
                  Vwap, "running sum of typical * volume over running sum of volume, since the first bar",
                  "S. A. Berkowitz, D. E. Logue, E. A. Noser, Journal of Finance 43:1 (1988)",
                  "Volume-weighted average price since the first bar.", "volume", ("VWAP",)),
)  # fmt: skip
