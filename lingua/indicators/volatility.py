"""Ranges, channels and trailing bands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lingua.indicators.declaration import IndicatorSpec, OutputSpec
from lingua.indicators.declare import CLOSE, HIGH, LOW, PLAIN, PRICE, Form, length, number, zero
from lingua.indicators.exact import Floats
from lingua.indicators.momentum import RangeForm, ratio
from lingua.indicators.smoothing import Smoother, ema_alpha, settle_of, smoothed, wilder_alpha
from lingua.indicators.windows import extreme

WILDER = "J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 21"


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """From the second bar on; the first bar has no close before it."""
    out = np.full(len(close), np.nan)
    out[1:] = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    return out


class TrueRange(Form):
    def __init__(self) -> None:
        self._before = math.nan

    def update(self, high: float, low: float, close: float) -> tuple[float]:
        before, self._before = self._before, close
        return (max(high, before) - min(low, before) if before == before else math.nan,)


def atr(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    return (smoothed(true_range(high, low, close), length, wilder_alpha(length), start=1),)


class Atr(TrueRange):
    def __init__(self, *, length: int) -> None:
        super().__init__()
        self._smoother = Smoother(length, wilder_alpha(length))

    def update(self, high: float, low: float, close: float) -> tuple[float]:
        moved = super().update(high, low, close)[0]
        return (self._smoother.update(moved) if moved == moved else math.nan,)


def natr(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    return (100.0 * ratio(atr(high, low, close, length=length)[0], close),)


class Natr(Atr):
    def update(self, high: float, low: float, close: float) -> tuple[float]:
        return (100.0 * ratio(super().update(high, low, close)[0], close),)


def keltner(high: Floats, low: Floats, close: Floats, *, length: int, width: float) -> tuple[Floats, Floats, Floats]:
    middle = smoothed(close, length, ema_alpha(length))
    band = width * atr(high, low, close, length=length)[0]
    return middle + band, np.where(np.isnan(band), np.nan, middle), middle - band


class Keltner(Form):
    def __init__(self, *, length: int, width: float) -> None:
        self._middle, self._range, self._width = Smoother(length, ema_alpha(length)), Atr(length=length), width

    def update(self, high: float, low: float, close: float) -> tuple[float, float, float]:
        middle = self._middle.update(close)
        band = self._width * self._range.update(high, low, close)[0]
        return (middle + band, middle, middle - band) if band == band else (math.nan, math.nan, math.nan)


def donchian(high: Floats, low: Floats, *, length: int) -> tuple[Floats, Floats, Floats]:
    top, bottom = extreme(high, length, np.maximum), extreme(low, length, np.minimum)
    return top, (top + bottom) / 2.0, bottom


class Donchian(RangeForm):
    def __init__(self, *, length: int) -> None:
        super().__init__(length)

    def update(self, high: float, low: float) -> tuple[float, float, float]:
        top, bottom = self.bounds(high, low)
        return top, (top + bottom) / 2.0, bottom


class Supertrend(Form):
    def __init__(self, *, length: int, width: float) -> None:
        self._range, self._width = Atr(length=length), width
        self._upper = self._lower = self._before = math.nan
        self._side = 1.0

    def update(self, high: float, low: float, close: float) -> tuple[float, float]:
        band = self._width * self._range.update(high, low, close)[0]
        before, self._before = self._before, close
        if band != band:
            return math.nan, math.nan
        middle = (high + low) / 2.0
        upper, lower = middle + band, middle - band
        if self._upper == self._upper:
            # A band only tightens while the close before stayed inside it.
            upper = upper if upper < self._upper or before > self._upper else self._upper
            lower = lower if lower > self._lower or before < self._lower else self._lower
            if self._side > 0 and close < lower:
                self._side = -1.0
            elif self._side < 0 and close > upper:
                self._side = 1.0
        self._upper, self._lower = upper, lower
        return (lower if self._side > 0 else upper), self._side


def supertrend(high: Floats, low: Floats, close: Floats, *, length: int, width: float) -> tuple[Floats, Floats]:
    form = Supertrend(length=length, width=width)
    rows = [form.update(*bar) for bar in zip(high.tolist(), low.tolist(), close.tolist(), strict=True)]
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def _wilder_settle(*, length: int, **_: Any) -> int:
    return settle_of(wilder_alpha(length))


CHANNEL = (OutputSpec("upper", "price"), OutputSpec("middle", "price"), OutputSpec("lower", "price"))
BAR = (HIGH, LOW, CLOSE)

SPECS = (
    IndicatorSpec("trange", BAR, (), (OutputSpec("value", "price", 0.0),), lambda: 1, zero,
                  lambda high, low, close: (true_range(high, low, close),), TrueRange,
                  "max(high, close[1]) - min(low, close[1])", WILDER, "True range.", "volatility",
                  ("TRANGE", "true_range", "tr")),
    IndicatorSpec("atr", BAR, (length(14),), (OutputSpec("value", "price", 0.0),), lambda length: length,
                  _wilder_settle, atr, Atr, "rma(true range, length)", WILDER, "Average true range.", "volatility",
                  ("ATR",)),
    IndicatorSpec("natr", BAR, (length(14),), (PLAIN,), lambda length: length, _wilder_settle, natr, Natr,
                  "100 * atr(length) / close", "J. Forman, Technical Analysis of Stocks & Commodities 24:5 (2006)",
                  "Average true range in percent of the close.", "volatility", ("NATR",)),
    IndicatorSpec("keltner", BAR, (length(20), number("width", 2.0)), CHANNEL, lambda length, **_: length,
                  lambda length, **_: settle_of(wilder_alpha(length)), keltner, Keltner,
                  "ema(close, length) ± width * atr(length)", "L. B. Raschke's form of C. W. Keltner, How to Make "
                  "Money in Commodities (1960)", "Keltner channel.", "volatility", ("kc",)),
    IndicatorSpec("donchian", (HIGH, LOW), (length(20),), CHANNEL, lambda length: length - 1, zero, donchian, Donchian,
                  "highest high, lowest low of length bars, the newest included, and their middle",
                  "R. D. Donchian's four-week rule, as in C. Faith, Way of the Turtle (2007)", "Donchian channel.",
                  "volatility", memory=lambda length: 2 * length),
    IndicatorSpec("supertrend", BAR, (length(10), number("width", 3.0)),
                  (PRICE, OutputSpec("direction", "none", -1.0, 1.0)), lambda length, **_: length,
                  lambda length, **_: -1, supertrend, Supertrend,
                  "(high + low) / 2 ± width * atr(length), each band only tightening until the close crosses it",
                  "O. Seban, Tout le monde mérite d'être riche (2008)", "SuperTrend; direction 1 is up.", "volatility"),
)  # fmt: skip
