"""Oscillators made of other oscillators."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from lingua.indicators.averages import ema_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    PERCENT,
    Calculation,
    anchored,
    ema_alpha,
    indicator,
    length,
    number,
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernels import Extreme, Lag, Smoother, ValueWhen
from lingua.indicators.kernels_structure import FisherLine, SignRun, Trail
from lingua.indicators.kernels_windows import Mean, Sum
from lingua.indicators.momentum import APPEL, Lines, Roc, Rsi, macd_lookback, macd_settle
from lingua.indicators.oscillators import Position
from lingua.indicators.pointwise import choose, magnitude, mid, ratio, truth, typical
from lingua.indicators.windows import PercentRank

GROUP = "momentum"
LONGEST_STREAK = 30
"""Bars after which a run of closes in one direction is taken to have ended."""


class StrictRank(PercentRank):
    """Percent of the `length` values before this one that are below it."""

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return super().take(x)
        found = float("nan")
        if len(self.values) == self.values.maxlen:
            found = 100.0 * bisect_left(self.ranked, x) / len(self.ranked)
        super().take(x)
        return found


@indicator(
    "connors_rsi",
    "CRSI",
    "crsi",
    parameters=(length(3), length(2, 1, "streak"), length(100, 1, "rank")),
    outputs=(PERCENT,),
    lookback=lambda length, streak, rank: max(length, streak, rank + 1),
    settle=lambda length, streak, rank: wilder_settle(max(length, streak)) + LONGEST_STREAK,
    group=GROUP,
    formula="(rsi(source, length) + rsi(run, streak) + below) / 3; run = closes in a row that rose (fell: negative); "
    "below = percent of the last rank one-bar changes, this one left out, that are less than this bar's",
    source="L. Connors, C. Alvarez, An Introduction to ConnorsRSI (2012)",
)
class ConnorsRsi(Calculation):
    """Connors' relative strength index: of the price, of its runs, and the rank of its last change."""

    def __init__(self, length: int, streak: int, rank: int) -> None:
        self.strength, self.before, self.run, self.run_strength = Rsi(length), Lag(1), SignRun(), Rsi(streak)
        self.rate, self.rank = Roc(1), StrictRank(rank)

    def __call__(self, x: Any) -> Any:
        before = self.before(x)
        run = self.run_strength(self.run(choose(before != before, 0.0 * x, x - before)))
        return (self.strength(x) + run + self.rank(self.rate(x))) / 3.0


class HeldPosition(Calculation):
    """Position in the range of the last `length` values, 0 to 100; the last one known while there is no range."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom, self.held = Extreme(length, 1.0), Extreme(length, -1.0), ValueWhen(0)

    def __call__(self, x: Any) -> Any:
        top, bottom = self.top(x), self.bottom(x)
        span = top - bottom
        place = choose(span == 0.0, span, ratio(100.0 * (x - bottom), span))
        return self.held(truth(span > 0.0, span), place)


def stc_settle(fast: int, slow: int, length: int, factor: float) -> int:
    return settle_of(ema_alpha(max(fast, slow))) + 2 * (length + settle_of(factor))


@indicator(
    "stc",
    "STC",
    parameters=(length(23, 1, "fast"), length(50, 1, "slow"), length(10, 2), number("factor", 0.5, 0.01, 1.0)),
    outputs=(PERCENT,),
    lookback=lambda fast, slow, length, factor: max(fast, slow) - 1 + 2 * (length - 1),
    settle=stc_settle,
    group=GROUP,
    formula="p(p(ema(source, fast) - ema(source, slow))); p(x): 100 * (x - lowest) / (highest - lowest) over length, "
    "the value before where there is no range, smoothed by v + factor * (p - v)",
    source="D. Schaff, The Schaff Trend Cycle (1999)",
)
class SchaffTrendCycle(Calculation):
    """Schaff trend cycle: a stochastic of a stochastic of the distance between two averages."""

    def __init__(self, fast: int, slow: int, length: int, factor: float) -> None:
        self.fast, self.slow = ema_kernel(fast), ema_kernel(slow)
        self.first, self.first_smooth = HeldPosition(length), Smoother(1, factor, True)
        self.second, self.second_smooth = HeldPosition(length), Smoother(1, factor, True)

    def __call__(self, x: Any) -> Any:
        first = self.first_smooth(self.first(self.fast(x) - self.slow(x)))
        return self.second_smooth(self.second(first))


def qqe_lookback(length: int, smooth: int, factor: float) -> int:
    return length + smooth + 2 * (2 * length - 2)


@indicator(
    "qqe",
    "QQE",
    parameters=(length(14), length(5, 1, "smooth"), number("factor", 4.236)),
    outputs=(OutputSpec("qqe", "none", 0.0, 100.0), OutputSpec("level", "none")),
    lookback=qqe_lookback,
    settle=anchored,
    group=GROUP,
    formula="qqe = ema(rsi(source, length), smooth); level follows it at factor * ema(ema(abs(qqe - qqe[1]))), both of "
    "2 * length - 1 bars, and does not retreat while qqe stays on its side",
    source="R. Ignatov, QQE for MetaTrader (2005)",
)
class Qqe(Calculation):
    """Quantitative qualitative estimation: a smoothed RSI and the level that trails it."""

    def __init__(self, length: int, smooth: int, factor: float) -> None:
        self.strength, self.smooth, self.before = Rsi(length), ema_kernel(smooth), Lag(1)
        self.range, self.range_again = ema_kernel(2 * length - 1), ema_kernel(2 * length - 1)
        self.factor, self.trail = factor, Trail()

    def __call__(self, x: Any) -> tuple[Any, Any]:
        line = self.smooth(self.strength(x))
        moved = self.range_again(self.range(magnitude(line - self.before(line))))
        return line, self.trail(line, self.factor * moved)[0]


RATES = ((10, 10), (15, 10), (20, 10), (30, 15))


def kst_lookback(signal: int, **lengths: int) -> int:
    return max(lengths[f"roc{k}"] + lengths[f"sma{k}"] - 1 for k in range(1, 5)) + signal - 1


@indicator(
    "kst",
    "KST",
    parameters=(
        *(length(rate, 1, f"roc{k}") for k, (rate, _) in enumerate(RATES, 1)),
        *(length(mean, 1, f"sma{k}") for k, (_, mean) in enumerate(RATES, 1)),
        length(9, 1, "signal"),
    ),
    outputs=(OutputSpec("kst", "none"), OutputSpec("signal", "none")),
    lookback=kst_lookback,
    group=GROUP,
    formula="kst = r1 + 2 r2 + 3 r3 + 4 r4, rk = sma(roc(source, rock), smak); signal = sma(kst, signal)",
    source="M. J. Pring, Martin Pring on Market Momentum (1993)",
)
class Kst(Calculation):
    """Pring's know sure thing: rates of change of four lengths, the longer the heavier."""

    def __init__(
        self, roc1: int, roc2: int, roc3: int, roc4: int, sma1: int, sma2: int, sma3: int, sma4: int, signal: int
    ) -> None:
        self.rate1, self.rate2, self.rate3, self.rate4 = Roc(roc1), Roc(roc2), Roc(roc3), Roc(roc4)
        self.mean1, self.mean2, self.mean3, self.mean4 = Mean(sma1), Mean(sma2), Mean(sma3), Mean(sma4)
        self.signal = Mean(signal)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        first, second = self.mean1(self.rate1(x)), self.mean2(self.rate2(x))
        third, fourth = self.mean3(self.rate3(x)), self.mean4(self.rate4(x))
        line = first + 2.0 * second + 3.0 * third + 4.0 * fourth
        return line, self.signal(line)


def pmo_lookback(first: int, second: int, signal: int) -> int:
    return first + second + signal - 2


@indicator(
    "pmo",
    "PMO",
    parameters=(length(35, 2, "first"), length(20, 2, "second"), length(10, 1, "signal")),
    outputs=(OutputSpec("pmo", "none"), OutputSpec("signal", "none")),
    lookback=pmo_lookback,
    settle=lambda first, second, signal: settle_of(2 / first) + settle_of(2 / second) + settle_of(ema_alpha(signal)),
    group=GROUP,
    formula="pmo = s(10 * s(roc(source, 1), first), second), s(x, n) = v + 2 / n * (x - v), begun at the mean of the "
    "first n; signal = ema(pmo, signal)",
    source="C. Swenlin, DecisionPoint price momentum oscillator",
)
class Pmo(Calculation):
    """Price momentum oscillator: the one-bar rate of change smoothed twice."""

    def __init__(self, first: int, second: int, signal: int) -> None:
        self.rate, self.first, self.second = Roc(1), Smoother(first, 2.0 / first), Smoother(second, 2.0 / second)
        self.signal = ema_kernel(signal)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        line = self.second(10.0 * self.first(self.rate(x)))
        return line, self.signal(line)


def wavetrend_lookback(length: int, average: int, signal: int) -> int:
    return 2 * (length - 1) + average + signal - 2


@indicator(
    "wavetrend",
    "WT",
    inputs=BAR,
    parameters=(length(10, 2), length(21, 1, "average"), length(4, 1, "signal")),
    outputs=(OutputSpec("wt", "none"), OutputSpec("signal", "none")),
    lookback=wavetrend_lookback,
    settle=lambda length, average, signal: 2 * settle_of(ema_alpha(length)) + settle_of(ema_alpha(average)),
    group=GROUP,
    formula="wt = ema((hlc3 - e) / (0.015 * ema(abs(hlc3 - e), length)), average), e = ema(hlc3, length); "
    "signal = sma(wt, signal)",
    source="LazyBear's WaveTrend oscillator for TradingView (2014)",
)
class WaveTrend(Calculation):
    """WaveTrend: the distance from an average in mean distances, smoothed."""

    def __init__(self, length: int, average: int, signal: int) -> None:
        self.middle, self.distance = ema_kernel(length), ema_kernel(length)
        self.smooth, self.signal = ema_kernel(average), Mean(signal)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        level = typical(high, low, close)
        away = level - self.middle(level)
        line = self.smooth(ratio(away, 0.015 * self.distance(magnitude(away))))
        return line, self.signal(line)


def impulse_lookback(length: int, fast: int, slow: int, signal: int) -> int:
    return max(length - 1, macd_lookback(fast, slow, signal)) + 1


@indicator(
    "impulse",
    "elder_impulse",
    parameters=(length(13), length(12, 1, "fast"), length(26, 1, "slow"), length(9, 1, "signal")),
    outputs=(OutputSpec("value", "none", -1.0, 1.0, "int"),),
    lookback=impulse_lookback,
    settle=lambda length, fast, slow, signal: max(settle_of(ema_alpha(length)), macd_settle(fast, slow, signal)),
    group=GROUP,
    formula="1 while ema(source, length) and macd(source, fast, slow, signal).hist rise, -1 while both fall, else 0",
    source=f"A. Elder, Come Into My Trading Room (2002); {APPEL}",
)
class Impulse(Calculation):
    """Elder's impulse system: 1 green, -1 red, 0 blue."""

    def __init__(self, length: int, fast: int, slow: int, signal: int) -> None:
        self.average, self.average_before, self.hist_before = ema_kernel(length), Lag(1), Lag(1)
        self.lines = Lines(ema_kernel(fast), fast, ema_kernel(slow), slow, signal)

    def __call__(self, x: Any) -> Any:
        average, (_, _, hist) = self.average(x), self.lines(x)
        inertia, power = average - self.average_before(average), hist - self.hist_before(hist)
        known = (inertia - inertia) + (power - power)
        return choose((inertia > 0.0) & (power > 0.0), 1.0, choose((inertia < 0.0) & (power < 0.0), -1.0, 0.0)) + known


# --- Ehlers ------------------------------------------------------------------------------------------


@indicator(
    "fisher",
    "FISHER",
    inputs=(HIGH, LOW),
    parameters=(length(10, 2),),
    outputs=(OutputSpec("fisher", "none"), OutputSpec("signal", "none")),
    lookback=lambda length: length,
    settle=lambda length: settle_of(0.33) + settle_of(0.5) + 20,
    group=GROUP,
    formula="fisher = 0.5 * log((1 + v) / (1 - v)) + 0.5 * fisher[1]; v = 0.66 * (p - 0.5) + 0.67 * v[1], beyond ±0.99 "
    "held at ±0.999; p = place of hl2 in its range of length, 0 to 1; signal = fisher[1]",
    source="J. F. Ehlers, Technical Analysis of Stocks & Commodities 20:11 (2002)",
)
class Fisher(Calculation):
    """Fisher transform of where the price stands in its range; its turns are sharp."""

    def __init__(self, length: int) -> None:
        self.position, self.line, self.before = Position(length), FisherLine(), Lag(1)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any]:
        middle = mid(high, low)
        line = self.line(self.position(middle, middle, middle) / 100.0)
        return line, self.before(line)


class Symmetric(Calculation):
    """Mean of four values weighted 1, 2, 2, 1."""

    def __init__(self) -> None:
        self.first, self.second, self.third = Lag(1), Lag(2), Lag(3)

    def __call__(self, x: Any) -> Any:
        return (x + 2.0 * self.first(x) + 2.0 * self.second(x) + self.third(x)) / 6.0


@indicator(
    "rvgi",
    "RVGI",
    "vigor",
    inputs=(OPEN, HIGH, LOW, CLOSE),
    parameters=(length(10),),
    outputs=(OutputSpec("rvgi", "none"), OutputSpec("signal", "none")),
    lookback=lambda length: length + 5,
    group=GROUP,
    formula="rvgi = sum(w(close - open), length) / sum(w(high - low), length), "
    "w(x) = (x + 2 x[1] + 2 x[2] + x[3]) / 6; signal = w(rvgi)",
    source="J. F. Ehlers, Technical Analysis of Stocks & Commodities 20:1 (2002)",
)
class RelativeVigor(Calculation):
    """Relative vigor index: bodies against ranges."""

    def __init__(self, length: int) -> None:
        self.body, self.range, self.weighted = Symmetric(), Symmetric(), Symmetric()
        self.bodies, self.ranges = Sum(length), Sum(length)

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        line = ratio(self.bodies(self.body(close - open)), self.ranges(self.range(high - low)))
        return line, self.weighted(line)
