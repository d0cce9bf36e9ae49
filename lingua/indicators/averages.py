"""Moving averages."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from lingua.indicators import kernels
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.declare import SAME, SOURCE, VOLUME, Form, length, number, zero
from lingua.indicators.exact import Floats, Window, WindowSums, divide, scale
from lingua.indicators.exact import add as add_pairs
from lingua.indicators.smoothing import Smoother, ema_alpha, settle_of, smoothed, wilder_alpha

MURPHY = "J. J. Murphy, Technical Analysis of the Financial Markets (1999), ch. 9"


def led(values: Any, lead: int, n: int) -> Floats:
    """Values of the windows, behind `lead` bars of warm-up, cut to n bars."""
    out = np.full(n, np.nan)
    if n > lead:
        out[lead:] = values
    return out


def sma(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    return (led(divide(WindowSums(x).sums(length), float(length)), length - 1, n),)


class Sma(Form):
    def __init__(self, *, length: int) -> None:
        self._window = Window(length)
        self._length = float(length)

    def update(self, x: float) -> tuple[float]:
        self._window.push(x)
        return (float(divide(self._window.sum(), self._length)) if self._window.is_full else math.nan,)


def wma(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    sums = WindowSums(x)
    total = add_pairs(sums.weighted(length), sums.sums(length))
    return (led(divide(total, length * (length + 1) / 2.0), length - 1, n),)


class Wma(Form):
    def __init__(self, *, length: int) -> None:
        self._window = Window(length, is_weighted=True)
        self._weights = length * (length + 1) / 2.0

    def update(self, x: float) -> tuple[float]:
        self._window.push(x)
        if not self._window.is_full:
            return (math.nan,)
        return (float(divide(add_pairs(self._window.weighted(), self._window.sum()), self._weights)),)


def ema(x: Floats, *, length: int) -> tuple[Floats]:
    return (smoothed(x, length, ema_alpha(length)),)


class Ema(Form):
    def __init__(self, *, length: int) -> None:
        self._smoother = Smoother(length, ema_alpha(length))

    def update(self, x: float) -> tuple[float]:
        return (self._smoother.update(x),)


def rma(x: Floats, *, length: int) -> tuple[Floats]:
    return (smoothed(x, length, wilder_alpha(length)),)


class Rma(Form):
    def __init__(self, *, length: int) -> None:
        self._smoother = Smoother(length, wilder_alpha(length))

    def update(self, x: float) -> tuple[float]:
        return (self._smoother.update(x),)


class Chain(Form):
    """Smoothers in a row, each fed from the first value of the one before."""

    def __init__(self, depth: int, length: int) -> None:
        self._smoothers = [Smoother(length, ema_alpha(length)) for _ in range(depth)]

    def values(self, x: float) -> list[float]:
        found = []
        for smoother in self._smoothers:
            x = smoother.update(x) if x == x else math.nan
            found.append(x)
        return found

    def copy(self) -> Chain:
        twin = Chain(0, 1)
        twin._smoothers = [smoother.copy() for smoother in self._smoothers]
        return twin


def chain(x: Floats, depth: int, length: int) -> list[Floats]:
    found = []
    for k in range(depth):
        x = smoothed(x, length, ema_alpha(length), start=k * (length - 1))
        found.append(x)
    return found


def dema(x: Floats, *, length: int) -> tuple[Floats]:
    first, second = chain(x, 2, length)
    return (2.0 * first - second,)


class Dema(Form):
    def __init__(self, *, length: int) -> None:
        self._chain = Chain(2, length)

    def update(self, x: float) -> tuple[float]:
        first, second = self._chain.values(x)
        return (2.0 * first - second,)


def tema(x: Floats, *, length: int) -> tuple[Floats]:
    first, second, third = chain(x, 3, length)
    return (3.0 * first - 3.0 * second + third,)


class Tema(Form):
    def __init__(self, *, length: int) -> None:
        self._chain = Chain(3, length)

    def update(self, x: float) -> tuple[float]:
        first, second, third = self._chain.values(x)
        return (3.0 * first - 3.0 * second + third,)


def hull_lengths(length: int) -> tuple[int, int]:
    return max(1, length // 2), max(1, round(math.sqrt(length)))


def hma(x: Floats, *, length: int) -> tuple[Floats]:
    half, root = hull_lengths(length)
    raw = 2.0 * wma(x, length=half)[0] - wma(x, length=length)[0]
    n, lead = len(x), length - 1
    out = np.full(n, np.nan)
    if n > lead:
        out[lead:] = wma(raw[lead:], length=root)[0]
    return (out,)


class Hma(Form):
    def __init__(self, *, length: int) -> None:
        half, root = hull_lengths(length)
        self._half, self._full, self._root = Wma(length=half), Wma(length=length), Wma(length=root)

    def update(self, x: float) -> tuple[float]:
        raw = 2.0 * self._half.update(x)[0] - self._full.update(x)[0]
        return self._root.update(raw) if raw == raw else (math.nan,)


def vwma(x: Floats, volume: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    money, traded = WindowSums(x * volume).sums(length), WindowSums(volume).sums(length)
    with np.errstate(all="ignore"):
        mean = np.where(traded[0] == 0.0, np.nan, money[0] / traded[0])
    return (led(mean, length - 1, n),)


class Vwma(Form):
    def __init__(self, *, length: int) -> None:
        self._money, self._volume = Window(length), Window(length)

    def update(self, x: float, volume: float) -> tuple[float]:
        self._money.push(x * volume)
        self._volume.push(volume)
        traded = self._volume.sum()[0]
        if not self._volume.is_full or traded == 0.0:
            return (math.nan,)
        return (self._money.sum()[0] / traded,)


def kama(x: Floats, *, length: int, fast: int, slow: int) -> tuple[Floats]:
    n = len(x)
    out = np.full(n, np.nan)
    if n <= length:
        return (out,)
    moves = np.abs(np.diff(x))
    path = WindowSums(moves).sums(length)[0]
    travelled = np.abs(x[length:] - x[:-length])
    weights = np.zeros(n)
    weights[length:] = kama_weight(travelled, path, fast, slow)
    kernels.adaptive(np.ascontiguousarray(x), weights, length, seed_of(x, length, float(weights[length])), out)
    return (out,)


def seed_of(x: Floats, length: int, weight: float) -> float:
    """The first value: one step from the price before it."""
    before = float(x[length - 1])
    return before + weight * (float(x[length]) - before)


def kama_weight(travelled: Any, path: Any, fast: int, slow: int) -> Any:
    quick, lazy = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
    # A path of zero is a flat market: nothing travelled, and the average stays where it is at either speed.
    efficiency = np.where(np.asarray(path) > travelled, travelled / np.where(np.asarray(path) == 0.0, 1.0, path), 1.0)
    constant = efficiency * (quick - lazy) + lazy
    return constant * constant


class Kama(Form):
    def __init__(self, *, length: int, fast: int, slow: int) -> None:
        self._past: deque[float] = deque(maxlen=length + 1)
        self._moves = Window(length)
        self._fast, self._slow = fast, slow
        self._value = math.nan

    def update(self, x: float) -> tuple[float]:
        if self._past:
            self._moves.push(abs(x - self._past[-1]))
        self._past.append(x)
        if not self._moves.is_full:
            return (math.nan,)
        travelled = abs(x - self._past[0])
        weight = float(kama_weight(travelled, self._moves.sum()[0], self._fast, self._slow))
        before = self._value if self._value == self._value else self._past[-2]
        self._value = before + weight * (x - before)
        return (self._value,)


def _window(*, length: int, **_: Any) -> int:
    return length - 1


SPECS = (
    IndicatorSpec(
        "sma", (SOURCE,), (length(),), (SAME,), _window, zero, sma, Sma,
        "sum(source, length) / length", MURPHY, "Simple moving average.", "averages", ("SMA", "avg", "AVG"),
        memory=lambda length: length,
    ),
    IndicatorSpec(
        "ema", (SOURCE,), (length(),), (SAME,), _window, lambda length: settle_of(ema_alpha(length)), ema, Ema,
        "v + 2 / (length + 1) * (source - v), seeded with the mean of the first length values", MURPHY,
        "Exponential moving average.", "averages", ("EMA",),
    ),
    IndicatorSpec(
        "rma", (SOURCE,), (length(),), (SAME,), _window, lambda length: settle_of(wilder_alpha(length)), rma, Rma,
        "v + (source - v) / length, seeded with the mean of the first length values",
        "J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 23",
        "Wilder's smoothing.", "averages", ("wilder",),
    ),
    IndicatorSpec(
        "wma", (SOURCE,), (length(),), (SAME,), _window, zero, wma, Wma,
        "sum of source weighted 1 (oldest) to length (newest), over length (length + 1) / 2", MURPHY,
        "Linearly weighted moving average.", "averages", ("WMA",), memory=lambda length: length,
    ),
    IndicatorSpec(
        "dema", (SOURCE,), (length(),), (SAME,), lambda length: 2 * (length - 1),
        lambda length: 2 * settle_of(ema_alpha(length)), dema, Dema, "2 ema - ema(ema)",
        "P. G. Mulloy, Technical Analysis of Stocks & Commodities 12:1 (1994)", "Double exponential moving average.",
        "averages", ("DEMA",),
    ),
    IndicatorSpec(
        "tema", (SOURCE,), (length(),), (SAME,), lambda length: 3 * (length - 1),
        lambda length: 3 * settle_of(ema_alpha(length)), tema, Tema, "3 ema - 3 ema(ema) + ema(ema(ema))",
        "P. G. Mulloy, Technical Analysis of Stocks & Commodities 12:1 (1994)", "Triple exponential moving average.",
        "averages", ("TEMA",),
    ),
    IndicatorSpec(
        "hma", (SOURCE,), (length(low=2),), (SAME,), lambda length: length - 1 + hull_lengths(length)[1] - 1, zero, hma,
        Hma, "wma(2 wma(source, length / 2) - wma(source, length), sqrt(length))",
        "A. Hull, The Hull Moving Average (2005)", "Hull moving average.", "averages", ("HMA",),
        memory=lambda length: 3 * length,
    ),
    IndicatorSpec(
        "vwma", (SOURCE, VOLUME), (length(),), (SAME,), _window, zero, vwma, Vwma,
        "sum(source * volume, length) / sum(volume, length); na when nothing traded", MURPHY,
        "Volume-weighted moving average.", "averages", ("VWMA",), memory=lambda length: 2 * length,
    ),
    IndicatorSpec(
        "kama", (SOURCE,), (length(10), number("fast", 2, 1, 1000), number("slow", 30, 1, 1000)), (SAME,),
        lambda length, **_: length, lambda slow, **_: settle_of((2.0 / (slow + 1.0)) ** 2), kama, Kama,
        "v + (efficiency * (2/(fast+1) - 2/(slow+1)) + 2/(slow+1))^2 * (source - v)",
        "P. J. Kaufman, Smarter Trading (1995), ch. 7", "Kaufman's adaptive moving average.", "averages", ("KAMA",),
        memory=lambda length, **_: length,
    ),
)  # fmt: skip
__all__ = ["SPECS", "scale"]
