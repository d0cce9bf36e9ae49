"""Momentum: how fast, how far, how stretched."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from lingua.indicators.averages import Sma, sma
from lingua.indicators.declaration import IndicatorSpec, OutputSpec
from lingua.indicators.declare import CLOSE, HIGH, LOW, PERCENT, PLAIN, SAME, SOURCE, VOLUME, Form, length, zero
from lingua.indicators.exact import Floats, Window, WindowSums, divide
from lingua.indicators.smoothing import Smoother, ema_alpha, settle_of, smoothed, wilder_alpha
from lingua.indicators.windows import Recent, extreme

WILDER = "J. W. Wilder, New Concepts in Technical Trading Systems (1978)"
ACHELIS = "S. B. Achelis, Technical Analysis from A to Z (2000)"


def ratio(above: Any, below: Any) -> Any:
    """above / below, na where nothing divides it."""
    if isinstance(below, np.ndarray):
        with np.errstate(all="ignore"):
            return np.where(below == 0.0, np.nan, above / np.where(below == 0.0, 1.0, below))
    return math.nan if below == 0.0 else above / below


def rsi(x: Floats, *, length: int) -> tuple[Floats]:
    moves = np.diff(x, prepend=x[:1])
    gain = smoothed(np.maximum(moves, 0.0), length, wilder_alpha(length), start=1)
    loss = smoothed(np.maximum(-moves, 0.0), length, wilder_alpha(length), start=1)
    return (100.0 * ratio(gain, gain + loss),)


class Rsi(Form):
    def __init__(self, *, length: int) -> None:
        self._gain, self._loss = Smoother(length, wilder_alpha(length)), Smoother(length, wilder_alpha(length))
        self._before = math.nan

    def update(self, x: float) -> tuple[float]:
        before, self._before = self._before, x
        if before != before:
            return (math.nan,)
        move = x - before
        gain, loss = self._gain.update(max(move, 0.0)), self._loss.update(max(-move, 0.0))
        return (100.0 * ratio(gain, gain + loss),)


def macd(x: Floats, *, fast: int, slow: int, signal: int) -> tuple[Floats, Floats, Floats]:
    line = smoothed(x, fast, ema_alpha(fast), start=max(slow - fast, 0)) - smoothed(
        x, slow, ema_alpha(slow), start=max(fast - slow, 0)
    )
    smooth = smoothed(line, signal, ema_alpha(signal), start=max(fast, slow) - 1)
    # All three outputs begin together, where the last of them is known.
    line[: max(fast, slow) + signal - 2] = np.nan
    return line, smooth, line - smooth


class Macd(Form):
    def __init__(self, *, fast: int, slow: int, signal: int) -> None:
        self._fast, self._slow = Smoother(fast, ema_alpha(fast)), Smoother(slow, ema_alpha(slow))
        self._signal = Smoother(signal, ema_alpha(signal))
        self._skip_fast, self._skip_slow = max(slow - fast, 0), max(fast - slow, 0)

    def update(self, x: float) -> tuple[float, float, float]:
        fast = slow = math.nan
        if self._skip_fast:
            self._skip_fast -= 1
        else:
            fast = self._fast.update(x)
        if self._skip_slow:
            self._skip_slow -= 1
        else:
            slow = self._slow.update(x)
        line = fast - slow
        if line != line:
            return math.nan, math.nan, math.nan
        smooth = self._signal.update(line)
        return (line, smooth, line - smooth) if smooth == smooth else (math.nan, math.nan, math.nan)


def ppo(x: Floats, *, fast: int, slow: int) -> tuple[Floats]:
    quick = smoothed(x, fast, ema_alpha(fast))
    lazy = smoothed(x, slow, ema_alpha(slow))
    return (100.0 * ratio(quick - lazy, lazy),)


class Ppo(Form):
    def __init__(self, *, fast: int, slow: int) -> None:
        self._fast, self._slow = Smoother(fast, ema_alpha(fast)), Smoother(slow, ema_alpha(slow))

    def update(self, x: float) -> tuple[float]:
        quick, lazy = self._fast.update(x), self._slow.update(x)
        return (100.0 * ratio(quick - lazy, lazy),)


def lagged(x: Floats, length: int) -> Floats:
    out = np.full(len(x), np.nan)
    out[length:] = x[: max(len(x) - length, 0)]
    return out


class Lagged(Form):
    """This value and the one `length` observations ago."""

    def __init__(self, *, length: int) -> None:
        self._past: deque[float] = deque(maxlen=length + 1)

    def push(self, x: float) -> float:
        self._past.append(x)
        return self._past[0] if len(self._past) == self._past.maxlen else math.nan


class Mom(Lagged):
    def update(self, x: float) -> tuple[float]:
        return (x - self.push(x),)


class Roc(Lagged):
    def update(self, x: float) -> tuple[float]:
        before = self.push(x)
        return (100.0 * ratio(x - before, before),)


def stochastic(high: Floats, low: Floats, close: Floats, length: int) -> Floats:
    top, bottom = extreme(high, length, np.maximum), extreme(low, length, np.minimum)
    return np.asarray(100.0 * ratio(close - bottom, top - bottom))


def observed_mean(x: Floats, length: int) -> Floats:
    """Mean over valid values only: a flat window has no stochastic, and is left out like a hole."""
    valid = ~np.isnan(x)
    out = np.full(len(x), np.nan)
    out[valid] = sma(np.ascontiguousarray(x[valid]), length=length)[0]
    return out


def stoch(high: Floats, low: Floats, close: Floats, *, length: int, smooth: int, signal: int) -> tuple[Floats, Floats]:
    k = observed_mean(stochastic(high, low, close, length), smooth)
    d = observed_mean(k, signal)
    return np.where(np.isnan(d), np.nan, k), d


class RangeForm(Form):
    def __init__(self, length: int) -> None:
        self._high, self._low = Recent(length=length), Recent(length=length)

    def bounds(self, high: float, low: float) -> tuple[float, float]:
        self._high.push(high)
        if not self._low.push(low):
            return math.nan, math.nan
        return max(self._high._past), min(self._low._past)


class Stoch(RangeForm):
    def __init__(self, *, length: int, smooth: int, signal: int) -> None:
        super().__init__(length)
        self._k, self._d = Sma(length=smooth), Sma(length=signal)

    def update(self, high: float, low: float, close: float) -> tuple[float, float]:
        top, bottom = self.bounds(high, low)
        raw = 100.0 * ratio(close - bottom, top - bottom)
        k = self._k.update(raw)[0] if raw == raw else math.nan
        d = self._d.update(k)[0] if k == k else math.nan
        return (k, d) if d == d else (math.nan, d)


def willr(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    top, bottom = extreme(high, length, np.maximum), extreme(low, length, np.minimum)
    return (-100.0 * ratio(top - close, top - bottom),)


class Willr(RangeForm):
    def __init__(self, *, length: int) -> None:
        super().__init__(length)

    def update(self, high: float, low: float, close: float) -> tuple[float]:
        top, bottom = self.bounds(high, low)
        return (-100.0 * ratio(top - close, top - bottom),)


def typical(high: Any, low: Any, close: Any) -> Any:
    return (high + low + close) / 3.0


def cci(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    x = typical(high, low, close)
    n = len(x)
    out = np.full(n, np.nan)
    if n < length:
        return (out,)
    mean = divide(WindowSums(x).sums(length), float(length))
    deviation = np.zeros(len(mean))
    for k in range(length):
        deviation = deviation + np.abs(x[k : n - length + 1 + k] - mean)
    out[length - 1 :] = ratio(x[length - 1 :] - mean, 0.015 * (deviation / length))
    return (out,)


class Cci(Form):
    def __init__(self, *, length: int) -> None:
        self._window, self._length = Window(length), length

    def update(self, high: float, low: float, close: float) -> tuple[float]:
        x = typical(high, low, close)
        self._window.push(x)
        if not self._window.is_full:
            return (math.nan,)
        mean = float(divide(self._window.sum(), float(self._length)))
        deviation = 0.0
        for value in self._window.values:
            deviation = deviation + abs(value - mean)
        return (ratio(x - mean, 0.015 * (deviation / self._length)),)


def mfi(high: Floats, low: Floats, close: Floats, volume: Floats, *, length: int) -> tuple[Floats]:
    x = typical(high, low, close)
    n = len(x)
    out = np.full(n, np.nan)
    if n <= length:
        return (out,)
    moves = np.diff(x)
    flow = x[1:] * volume[1:]
    up = WindowSums(np.where(moves > 0, flow, 0.0)).sums(length)[0]
    down = WindowSums(np.where(moves < 0, flow, 0.0)).sums(length)[0]
    out[length:] = 100.0 * ratio(up, up + down)
    return (out,)


class Mfi(Form):
    def __init__(self, *, length: int) -> None:
        self._up, self._down = Window(length), Window(length)
        self._before = math.nan

    def update(self, high: float, low: float, close: float, volume: float) -> tuple[float]:
        x = typical(high, low, close)
        before, self._before = self._before, x
        if before != before:
            return (math.nan,)
        flow = x * volume
        self._up.push(flow if x > before else 0.0)
        self._down.push(flow if x < before else 0.0)
        if not self._up.is_full:
            return (math.nan,)
        up, down = self._up.sum()[0], self._down.sum()[0]
        return (100.0 * ratio(up, up + down),)


def directional(high: Floats, low: Floats, close: Floats, length: int) -> tuple[Floats, Floats]:
    """+DI and -DI, Wilder-smoothed from the second bar on."""
    up, down = np.diff(high, prepend=high[:1]), -np.diff(low, prepend=low[:1])
    before = np.concatenate((close[:1], close[:-1]))
    true_range = np.maximum(high, before) - np.minimum(low, before)
    alpha = wilder_alpha(length)
    plus = smoothed(np.where((up > down) & (up > 0), up, 0.0), length, alpha, start=1)
    minus = smoothed(np.where((down > up) & (down > 0), down, 0.0), length, alpha, start=1)
    ranges = smoothed(true_range, length, alpha, start=1)
    return np.asarray(100.0 * ratio(plus, ranges)), np.asarray(100.0 * ratio(minus, ranges))


def dx(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    plus, minus = directional(high, low, close, length)
    return (100.0 * ratio(np.abs(plus - minus), plus + minus),)


def adx(high: Floats, low: Floats, close: Floats, *, length: int) -> tuple[Floats]:
    strength = dx(high, low, close, length=length)[0]
    # Bars without any directional movement have no DX; they are left out like holes.
    valid = ~np.isnan(strength)
    out = np.full(len(strength), np.nan)
    out[valid] = smoothed(np.ascontiguousarray(strength[valid]), length, wilder_alpha(length))
    return (out,)


class Directional(Form):
    def __init__(self, *, length: int) -> None:
        alpha = wilder_alpha(length)
        self._plus, self._minus, self._range = (Smoother(length, alpha) for _ in range(3))
        self._before = (math.nan, math.nan, math.nan)
        self._length = length

    def both(self, high: float, low: float, close: float) -> tuple[float, float]:
        (high_before, low_before, close_before), self._before = self._before, (high, low, close)
        if close_before != close_before:
            return math.nan, math.nan
        up, down = high - high_before, -(low - low_before)
        true_range = max(high, close_before) - min(low, close_before)
        plus = self._plus.update(up if up > down and up > 0 else 0.0)
        minus = self._minus.update(down if down > up and down > 0 else 0.0)
        ranges = self._range.update(true_range)
        if ranges != ranges:
            return math.nan, math.nan
        return 100.0 * ratio(plus, ranges), 100.0 * ratio(minus, ranges)


class PlusDi(Directional):
    def update(self, high: float, low: float, close: float) -> tuple[float]:
        return (self.both(high, low, close)[0],)


class MinusDi(Directional):
    def update(self, high: float, low: float, close: float) -> tuple[float]:
        return (self.both(high, low, close)[1],)


class Dx(Directional):
    def update(self, high: float, low: float, close: float) -> tuple[float]:
        plus, minus = self.both(high, low, close)
        return (100.0 * ratio(abs(plus - minus), plus + minus) if plus == plus else math.nan,)


class Adx(Dx):
    def __init__(self, *, length: int) -> None:
        super().__init__(length=length)
        self._strength = Smoother(length, wilder_alpha(length))

    def update(self, high: float, low: float, close: float) -> tuple[float]:
        strength = super().update(high, low, close)[0]
        return (self._strength.update(strength) if strength == strength else math.nan,)


def aroon(high: Floats, low: Floats, *, length: int) -> tuple[Floats, Floats, Floats]:
    from lingua.indicators.windows import bars_since_extreme

    up = 100.0 * (length - bars_since_extreme(high, length + 1, np.argmax)) / length
    down = 100.0 * (length - bars_since_extreme(low, length + 1, np.argmin)) / length
    return up, down, up - down


class Aroon(Form):
    def __init__(self, *, length: int) -> None:
        self._high, self._low, self._length = Recent(length=length + 1), Recent(length=length + 1), length

    def update(self, high: float, low: float) -> tuple[float, float, float]:
        self._high.push(high)
        if not self._low.push(low):
            return math.nan, math.nan, math.nan
        newest_high, newest_low = list(reversed(self._high._past)), list(reversed(self._low._past))
        up = 100.0 * (self._length - float(newest_high.index(max(newest_high)))) / self._length
        down = 100.0 * (self._length - float(newest_low.index(min(newest_low)))) / self._length
        return up, down, up - down


BAR = (HIGH, LOW, CLOSE)
BOUNDED = OutputSpec("value", "none", -100.0, 0.0)


def _wilder_settle(*, length: int, **_: Any) -> int:
    return settle_of(wilder_alpha(length))


def _slower(*, fast: int, slow: int, signal: int = 1) -> int:
    return settle_of(ema_alpha(max(fast, slow))) + (settle_of(ema_alpha(signal)) if signal > 1 else 0)


SPECS = (
    IndicatorSpec("rsi", (SOURCE,), (length(14),), (PERCENT,), lambda length: length, _wilder_settle, rsi, Rsi,
                  "100 * gain / (gain + loss), both Wilder-smoothed; na while the series has never moved",
                  f"{WILDER}, p. 65", "Relative strength index.", "momentum", ("RSI",)),
    IndicatorSpec("macd", (SOURCE,), (length(12, 2, "fast"), length(26, 2, "slow"), length(9, 1, "signal")),
                  (OutputSpec("line", "u0"), OutputSpec("signal", "u0"), OutputSpec("hist", "u0")),
                  lambda fast, slow, signal: max(fast, slow) + signal - 2, _slower, macd, Macd,
                  "line = ema(source, fast) - ema(source, slow), both begun together; signal = ema(line, signal); "
                  "hist = line - signal", "G. Appel, Technical Analysis: Power Tools (2005), ch. 8",
                  "Moving average convergence divergence.", "momentum", ("MACD",)),
    IndicatorSpec("ppo", (SOURCE,), (length(12, 2, "fast"), length(26, 2, "slow")), (PLAIN,),
                  lambda fast, slow: max(fast, slow) - 1, _slower, ppo, Ppo,
                  "100 * (ema(source, fast) - ema(source, slow)) / ema(source, slow)", ACHELIS,
                  "Percentage price oscillator.", "momentum"),
    IndicatorSpec("mom", (SOURCE,), (length(10),), (SAME,), lambda length: length, zero,
                  lambda x, length: (x - lagged(x, length),), Mom, "source - source[length]", ACHELIS, "Momentum.",
                  "momentum", ("MOM", "change"), memory=lambda length: length),
    IndicatorSpec("roc", (SOURCE,), (length(10),), (PLAIN,), lambda length: length, zero,
                  lambda x, length: (100.0 * ratio(x - lagged(x, length), lagged(x, length)),), Roc,
                  "100 * (source - source[length]) / source[length]", ACHELIS, "Rate of change in percent.",
                  "momentum", ("ROC",), memory=lambda length: length),
    IndicatorSpec("stoch", BAR, (length(14), length(3, 1, "smooth"), length(3, 1, "signal")),
                  (OutputSpec("k", "none", 0.0, 100.0), OutputSpec("d", "none", 0.0, 100.0)),
                  lambda length, smooth, signal: length + smooth + signal - 3, zero, stoch, Stoch,
                  "k = sma(100 * (close - lowest low) / (highest high - lowest low), smooth); d = sma(k, signal)",
                  "G. C. Lane, Technical Analysis of Stocks & Commodities 2:3 (1984)", "Slow stochastic.", "momentum",
                  ("STOCH",), memory=lambda length, smooth, signal: 2 * length + smooth + signal),
    IndicatorSpec("willr", BAR, (length(14),), (BOUNDED,), lambda length: length - 1, zero, willr, Willr,
                  "-100 * (highest high - close) / (highest high - lowest low)", ACHELIS, "Williams %R.", "momentum",
                  ("WILLR",), memory=lambda length: 2 * length),
    IndicatorSpec("cci", BAR, (length(14, 2),), (PLAIN,), lambda length: length - 1, zero, cci, Cci,
                  "(typical - sma) / (0.015 * mean deviation), typical = (high + low + close) / 3",
                  "D. R. Lambert, Commodities 9:10 (1980)", "Commodity channel index.", "momentum", ("CCI",),
                  cost=lambda length: 3 * length, memory=lambda length: length),
    IndicatorSpec("mfi", (HIGH, LOW, CLOSE, VOLUME), (length(14),), (PERCENT,), lambda length: length, zero, mfi, Mfi,
                  "100 * up flow / (up flow + down flow), flow = typical * volume", ACHELIS, "Money flow index.",
                  "momentum", ("MFI",), memory=lambda length: 2 * length),
    IndicatorSpec("plus_di", BAR, (length(14),), (PERCENT,), lambda length: length, _wilder_settle,
                  lambda high, low, close, length: (directional(high, low, close, length)[0],), PlusDi,
                  "100 * rma(+DM) / rma(true range)", f"{WILDER}, p. 35", "Plus directional indicator.", "momentum",
                  ("PLUS_DI",)),
    IndicatorSpec("minus_di", BAR, (length(14),), (PERCENT,), lambda length: length, _wilder_settle,
                  lambda high, low, close, length: (directional(high, low, close, length)[1],), MinusDi,
                  "100 * rma(-DM) / rma(true range)", f"{WILDER}, p. 35", "Minus directional indicator.", "momentum",
                  ("MINUS_DI",)),
    IndicatorSpec("dx", BAR, (length(14),), (PERCENT,), lambda length: length, _wilder_settle, dx, Dx,
                  "100 * |+DI - -DI| / (+DI + -DI)", f"{WILDER}, p. 40", "Directional movement index.", "momentum",
                  ("DX",)),
    IndicatorSpec("adx", BAR, (length(14),), (PERCENT,), lambda length: 2 * length - 1,
                  lambda length: 2 * settle_of(wilder_alpha(length)), adx, Adx, "rma(dx(length), length)",
                  f"{WILDER}, p. 42", "Average directional movement index.", "momentum", ("ADX",)),
    IndicatorSpec("aroon", (HIGH, LOW), (length(14),),
                  (OutputSpec("up", "none", 0.0, 100.0), OutputSpec("down", "none", 0.0, 100.0),
                   OutputSpec("oscillator", "none", -100.0, 100.0)), lambda length: length, zero, aroon, Aroon,
                  "up = 100 * (length - bars since the highest high of length + 1 bars) / length",
                  "T. S. Chande, Technical Analysis of Stocks & Commodities 13:9 (1995)", "Aroon.", "momentum",
                  ("AROON",), memory=lambda length: 2 * length),
)  # fmt: skip
