"""Averages and filters beyond the plain ones: weights of a form, poles, and averages that adapt."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from lingua.arrays import np
from lingua.indicators.averages import GROUP
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    HIGH,
    LOW,
    PLAIN,
    START_WEIGHT,
    Calculation,
    anchored,
    ema_alpha,
    indicator,
    length,
    none,
    number,
    settle_of,
)
from lingua.indicators.kernels_windows import LinearMean, Mean
from lingua.indicators.pointwise import ratio

CYBERNETIC = "J. F. Ehlers, Cybernetic Analysis for Stocks and Futures (2004)"
CYCLES = "J. F. Ehlers, Cycle Analytics for Traders (2013)"


def settle_of_poles(radius: float, count: int) -> int:
    """Bars until `count` poles of this radius have forgotten how they began: n^(count - 1) * radius^n."""
    if radius <= 0.0:
        return count
    bars = 1
    while (count - 1) * math.log(bars) + bars * math.log(radius) > math.log(START_WEIGHT):
        bars += 1 + bars // 50
    return bars


def begun(value: float) -> bool:
    return value == value


def exact_sum(values: Iterable[float]) -> float:
    """Rounded once; infinite where it is beyond the largest number."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return math.inf


class Stepped(Calculation):
    """A formula that goes from one observation to the next: columns are walked through the same `take`."""

    def __call__(self, *inputs: Any) -> Any:
        if not isinstance(inputs[0], np.ndarray):
            return self.take(*inputs)
        found = [self.take(*row) for row in zip(*(column.tolist() for column in inputs), strict=True)]
        # Without rows too there is a column for each output.
        shape = found[0] if found else self.copy().take(*(math.nan for _ in inputs))
        if isinstance(shape, tuple):
            width = len(shape)
            table = np.array(found, dtype=np.float64).reshape(-1, width)
            return tuple(np.ascontiguousarray(table[:, k]) for k in range(width))
        return np.array(found, dtype=np.float64)

    take: Any
    """One observation: as many floats as there are inputs."""


# --- weights of a form -------------------------------------------------------------------------------


class Weighted(Calculation):
    """Mean of the window with given weights, the oldest first; distances from the newest value are weighed, so that the
    mean of equal values is that value."""

    def __init__(self, weights: list[float]) -> None:
        self.weights, self.total = tuple(weights), math.fsum(weights)
        self.values: deque[float] = deque(maxlen=len(weights))

    def __call__(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self.run(x)
        self.values.append(x)
        if len(self.values) < len(self.weights):
            return math.nan
        away = 0.0
        for weight, value in zip(self.weights, self.values, strict=True):
            away += weight * (value - x)
        return x + away / self.total

    def run(self, x: Any) -> Any:
        found = np.full(len(x), math.nan)
        rows = len(x) - len(self.weights) + 1
        if rows > 0:
            newest = x[len(self.weights) - 1 :]
            away, step = np.zeros(rows), np.empty(rows)
            for k, weight in enumerate(self.weights):
                np.subtract(x[k : k + rows], newest, out=step)
                step *= weight
                away += step
            found[len(self.weights) - 1 :] = newest + away / self.total
        return found


@indicator(
    "alma",
    "ALMA",
    parameters=(length(9), number("offset", 0.85, 0.0, 1.0), number("sigma", 6.0, 1e-3, 1000.0)),
    group=GROUP,
    formula="mean of the window with weights exp(-(i - m)^2 / (2 s^2)), i = 0 (oldest) to length - 1, "
    "m = offset * (length - 1), s = length / sigma",
    source="A. Legoux, D. Kouzis-Loukas, Arnaud Legoux Moving Average (2009)",
    cost=lambda length, **_: 10 + 3 * length,
)
class Alma(Weighted):
    """Arnaud Legoux moving average: a bell of weights that leans to the newest bars."""

    def __init__(self, length: int, offset: float, sigma: float) -> None:
        middle, width = offset * (length - 1), length / sigma
        bell = [math.exp(-((i - middle) ** 2) / (2.0 * width * width)) for i in range(length)]
        # So narrow a bell that it holds no bar is that of the bar next to its middle.
        nearest = min(range(length), key=lambda i: abs(i - middle))
        super().__init__(bell if math.fsum(bell) > 0.0 else [float(i == nearest) for i in range(length)])


@indicator(
    "swma",
    "SWMA",
    lookback=lambda: 3,
    group=GROUP,
    formula="(source[3] + 2 * source[2] + 2 * source[1] + source) / 6",
    source="Pine's ta.swma",
)
class Swma(Calculation):
    """Symmetrically weighted moving average of four bars."""

    def __init__(self) -> None:
        # Weights 1 2 2 1 are a mean of three means of two, and those are exact.
        self.pair, self.three = Mean(2), Mean(3)

    def __call__(self, x: Any) -> Any:
        return self.three(self.pair(x))


# --- filters with poles ------------------------------------------------------------------------------


class Smooth(Stepped):
    """Two poles after a mean of two values, begun at the first value (or at 0 where `starts_at_zero`)."""

    def __init__(self, length: float, starts_at_zero: bool = False) -> None:
        angle = 1.414 * math.pi / length
        radius = math.exp(-angle)
        self.second = 2.0 * radius * math.cos(angle)
        self.third = -radius * radius
        self.first = 1.0 - self.second - self.third
        self.before, self.last, self.earlier = math.nan, math.nan, math.nan
        self.starts_at_zero = starts_at_zero

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        if not begun(self.before):
            self.before, self.last, self.earlier = x, x, x
            if self.starts_at_zero:
                self.last = self.earlier = 0.0
        # Written as steps from the last value: on a flat market nothing moves.
        middle = (x + self.before) / 2.0
        value = self.last + self.first * (middle - self.last) + self.third * (self.earlier - self.last)
        self.before, self.earlier, self.last = x, self.last, value
        return value


@indicator(
    "super_smoother",
    "ssf",
    parameters=(length(10, 2),),
    lookback=none,
    settle=lambda length: settle_of_poles(math.exp(-1.414 * math.pi / length), 2),
    group=GROUP,
    formula="c1 * (source + source[1]) / 2 + c2 * f[1] + c3 * f[2], f the value itself, a = exp(-1.414 pi / length), "
    "c2 = 2 a cos(1.414 pi / length), c3 = -a^2, c1 = 1 - c2 - c3; begun at the first value",
    source=f"{CYCLES}, ch. 3",
)
def super_smoother(length: int) -> Smooth:
    """Ehlers' super smoother: cycles shorter than the length are taken out, with little lag."""
    return Smooth(length)


def highpass_alpha(degrees: float) -> float:
    angle = math.radians(degrees)
    return (math.cos(angle) + math.sin(angle) - 1.0) / math.cos(angle)


@indicator(
    "decycler",
    parameters=(length(60, 5),),
    lookback=none,
    settle=lambda length: settle_of(highpass_alpha(360.0 / length)),
    group=GROUP,
    formula="a / 2 * (source + source[1]) + (1 - a) * d[1], d the value itself, a = (cos(360 / length) + "
    "sin(360 / length) - 1) / cos(360 / length), in degrees; begun at the first value",
    source="J. F. Ehlers, Technical Analysis of Stocks & Commodities 33:9 (2015)",
)
class Decycler(Stepped):
    """Ehlers' simple decycler: the source without its cycles shorter than the length."""

    def __init__(self, length: int) -> None:
        self.alpha = highpass_alpha(360.0 / length)
        self.before, self.last = math.nan, math.nan

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        if not begun(self.last):
            self.before = self.last = x
        self.last = self.last + self.alpha * ((x + self.before) / 2.0 - self.last)
        self.before = x
        return self.last


def roofing_radius(long: int) -> float:
    return abs(1.0 - highpass_alpha(0.707 * 360.0 / long))


@indicator(
    "roofing",
    parameters=(length(10, 2, "short"), length(48, 5, "long")),
    lookback=lambda short, long: 2,
    settle=lambda short, long: settle_of_poles(max(roofing_radius(long), math.exp(-1.414 * math.pi / short)), 4),
    group=GROUP,
    formula="super_smoother(h, short), h = (1 - a / 2)^2 * (source - 2 * source[1] + source[2]) + 2 (1 - a) h[1] - "
    "(1 - a)^2 h[2], a = (cos(w) + sin(w) - 1) / cos(w), w = 0.707 * 360 / long degrees; h and the smoother begin at 0",
    source=f"{CYCLES}, ch. 7",
)
class Roofing(Stepped):
    """Ehlers' roofing filter: cycles between the two lengths, without trend and without noise."""

    def __init__(self, short: int, long: int) -> None:
        self.alpha = highpass_alpha(0.707 * 360.0 / long)
        self.smooth = Smooth(short, True)
        self.before, self.earlier, self.last, self.last_but_one = math.nan, math.nan, 0.0, 0.0

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        passed = 0.0
        if begun(self.earlier):
            bend = (x - self.before) - (self.before - self.earlier)
            rest = 1.0 - self.alpha
            passed = (1.0 - self.alpha / 2.0) ** 2 * bend + 2.0 * rest * self.last - rest * rest * self.last_but_one
        self.earlier, self.before = self.before, x
        self.last_but_one, self.last = self.last, passed
        return float(self.smooth.take(passed))


@indicator(
    "itrend",
    parameters=(number("alpha", 0.07, 0.001, 0.999),),
    outputs=(OutputSpec("itrend", "u0"), OutputSpec("trigger", "u0")),
    lookback=lambda alpha: 4,
    settle=lambda alpha: settle_of_poles(1.0 - alpha, 2) + 7,
    group=GROUP,
    formula="itrend = (a - a^2 / 4) x + a^2 / 2 x[1] - (a - 3 a^2 / 4) x[2] + 2 (1 - a) itrend[1] - (1 - a)^2 "
    "itrend[2], (x + 2 x[1] + x[2]) / 4 on the first six bars, x the source, a = alpha; trigger = 2 itrend - itrend[2]",
    source=f"{CYBERNETIC}, ch. 3",
)
class InstantaneousTrend(Stepped):
    """Ehlers' instantaneous trendline, and the trigger that leads it."""

    def __init__(self, alpha: float) -> None:
        self.alpha, self.seen = alpha, 0
        self.before, self.earlier, self.last, self.last_but_one = (math.nan,) * 4

    def take(self, x: float) -> tuple[float, float]:
        if x - x != 0.0:
            return math.nan, math.nan
        self.seen = min(self.seen + 1, 7)
        a, before, earlier = self.alpha, self.before, self.earlier
        if self.seen < 7:
            value = before + ((x - before) + (earlier - before)) / 4.0
        else:
            # The weights add up to 1: steps from the value before stand still on a flat market.
            last, square = self.last, a * a
            value = last + (
                (a - square / 4.0) * (x - last)
                + square / 2.0 * (before - last)
                - (a - 0.75 * square) * (earlier - last)
                - (1.0 - a) * (1.0 - a) * (self.last_but_one - last)
            )
        trigger = 2.0 * value - self.last_but_one
        self.earlier, self.before = before, x
        self.last_but_one, self.last = self.last, value
        return value, trigger


@indicator(
    "cyber_cycle",
    parameters=(number("alpha", 0.07, 0.001, 0.999),),
    outputs=(OutputSpec("cycle", "u0"), OutputSpec("trigger", "u0")),
    lookback=lambda alpha: 3,
    settle=lambda alpha: settle_of_poles(1.0 - alpha, 2) + 7,
    group="cycles",
    formula="cycle = (1 - a / 2)^2 * (s - 2 s[1] + s[2]) + 2 (1 - a) cycle[1] - (1 - a)^2 cycle[2], s = (x + 2 x[1] + "
    "2 x[2] + x[3]) / 6; (x - 2 x[1] + x[2]) / 4 on the first six bars, x the source, a = alpha; trigger = cycle[1]",
    source=f"{CYBERNETIC}, ch. 4",
)
class CyberCycle(Stepped):
    """Ehlers' cyber cycle: what is left without the trend, and its value of the bar before."""

    def __init__(self, alpha: float) -> None:
        self.alpha, self.seen = alpha, 0
        self.values = [math.nan] * 6
        """The newest and the five before it."""
        self.last, self.last_but_one = math.nan, math.nan

    def take(self, x: float) -> tuple[float, float]:
        if x - x != 0.0:
            return math.nan, math.nan
        self.values = v = [x, *self.values[:5]]
        self.seen = min(self.seen + 1, 7)
        if self.seen < 7:
            value = ((x - v[1]) - (v[1] - v[2])) / 4.0
        else:
            steps = [v[k] - v[k + 1] for k in range(5)]  # s - s[1] = (steps 1 2 2 1 weighed) / 6
            bend = ((steps[0] - steps[1]) + 2.0 * (steps[1] - steps[2]) + 2.0 * (steps[2] - steps[3])
                    + (steps[3] - steps[4])) / 6.0  # fmt: skip
            rest = 1.0 - self.alpha
            half = 1.0 - self.alpha / 2.0
            value = half * half * bend + 2.0 * rest * self.last - rest * rest * self.last_but_one
        trigger = self.last
        self.last_but_one, self.last = self.last, value
        return value, trigger


@indicator(
    "cog",
    "COG",
    parameters=(length(10),),
    outputs=(PLAIN,),
    group="cycles",
    formula="-(source + 2 * source[1] + … + length * source[length - 1]) / sum(source, length); na where the sum is 0",
    source="J. F. Ehlers, Technical Analysis of Stocks & Commodities 20:5 (2002); as Pine's ta.cog",
)
class CenterOfGravity(Calculation):
    """Ehlers' centre of gravity: where in the window the weight of the source lies, as bars before the newest."""

    def __init__(self, length: int) -> None:
        # The oldest counts most here: a mean with rising weights turned round.
        self.rising, self.mean, self.bars = LinearMean(length), Mean(length), length + 1.0

    def __call__(self, x: Any) -> Any:
        return self.bars * (0.5 * ratio(self.rising(x), self.mean(x)) - 1.0)


# --- Laguerre ----------------------------------------------------------------------------------------

TIME_WARP = "J. F. Ehlers, Time Warp - Without Space Travel (2002)"
GAMMA_SETTLE = 4
"""Poles of a Laguerre filter."""


class Laguerre(Stepped):
    """The four parts of a Laguerre filter, begun at the first value."""

    def __init__(self, gamma: float) -> None:
        self.gamma = gamma
        self.parts = [math.nan] * 4

    def advance(self, x: float) -> list[float]:
        a, b, c, d = self.parts if begun(self.parts[0]) else (x,) * 4
        gamma = self.gamma
        first = x + gamma * (a - x)
        # Each is the one before, delayed: -gamma * new + old + gamma * its own.
        second = a + gamma * (b - first)
        third = b + gamma * (c - second)
        fourth = c + gamma * (d - third)
        self.parts = [first, second, third, fourth]
        return self.parts


@indicator(
    "laguerre",
    parameters=(number("gamma", 0.8, 0.0, 0.999),),
    lookback=none,
    settle=lambda gamma: settle_of_poles(gamma, GAMMA_SETTLE),
    group=GROUP,
    formula="(a + 2 b + 2 c + d) / 6, a = (1 - g) source + g a[1], b = -g a + a[1] + g b[1], c = -g b + b[1] + g c[1], "
    "d = -g c + c[1] + g d[1], g = gamma; begun at the first value",
    source=TIME_WARP,
)
class LaguerreFilter(Laguerre):
    """Ehlers' Laguerre filter: smooth, from four parts that lag more and more."""

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        a, b, c, d = self.advance(x)
        return a + (2.0 * (b - a) + 2.0 * (c - a) + (d - a)) / 6.0


@indicator(
    "laguerre_rsi",
    parameters=(number("gamma", 0.5, 0.0, 0.999),),
    outputs=(OutputSpec("value", "none", 0.0, 1.0),),
    lookback=lambda gamma: 1,
    settle=lambda gamma: settle_of_poles(gamma, GAMMA_SETTLE),
    group="momentum",
    formula="up / (up + down), the sums of the rises and falls from d to c to b to a of laguerre(source, gamma), 0 to "
    "1; na where nothing moved",
    source=TIME_WARP,
)
class LaguerreRsi(Laguerre):
    """Relative strength of the four parts of a Laguerre filter."""

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        a, b, c, d = self.advance(x)
        up = down = 0.0
        for step in (a - b, b - c, c - d):
            if step >= 0.0:
                up += step
            else:
                down -= step
        return up / (up + down) if up + down > 0.0 else math.nan


# --- averages that adapt -----------------------------------------------------------------------------


@indicator(
    "mcginley",
    parameters=(length(14), number("factor", 1.0, 0.01, 100.0)),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="m[1] + (source - m[1]) / (factor * length * (source / m[1])^4), never beyond the source, m the value "
    "itself; begun at the first value; factor is 0.6 in some texts",
    source="J. R. McGinley, Technical Analysis of Stocks & Commodities 15:8 (1997)",
)
class McGinley(Stepped):
    """McGinley's dynamic: an average that is fast in a fall and slow in a rise."""

    def __init__(self, length: int, factor: float) -> None:
        self.size, self.last = factor * length, math.nan

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        last = self.last
        if not begun(last):
            self.last = x
        elif last != 0.0 and x != 0.0:
            share = x / last
            square = share * share
            size = self.size * square * square
            # A divisor below 1 would throw the average beyond what it follows.
            self.last = last + (x - last) / size if size > 1.0 else x
        else:
            self.last = x
        return self.last


@indicator(
    "vidya",
    "VIDYA",
    parameters=(length(14), length(9, 1, "momentum")),
    lookback=lambda length, momentum: momentum,
    settle=anchored,
    group=GROUP,
    formula="v[1] + 2 / (length + 1) * k * (source - v[1]), v the value itself, k = abs(rises - falls) / (rises + "
    "falls) over momentum bars, 0 where nothing moved; begun at the first value that has a k",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994), ch. 3",
)
class Vidya(Stepped):
    """Variable index dynamic average: the faster, the more the source goes one way."""

    def __init__(self, length: int, momentum: int) -> None:
        self.alpha, self.before, self.last = ema_alpha(length), math.nan, math.nan
        self.changes: deque[float] = deque(maxlen=momentum)

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        if begun(self.before):
            self.changes.append(x - self.before)
        self.before = x
        if len(self.changes) < (self.changes.maxlen or 0):
            return math.nan
        moved = exact_sum(map(abs, self.changes))
        share = abs(exact_sum(self.changes)) / moved if 0.0 < moved < math.inf else 0.0
        self.last = x if not begun(self.last) else self.last + self.alpha * min(share, 1.0) * (x - self.last)
        return self.last


def halved(length: int) -> int:
    """Half of the window of `frama`, which is even."""
    return max(1, length // 2)


@indicator(
    "frama",
    "FRAMA",
    inputs=(HIGH, LOW),
    parameters=(length(16, 2),),
    outputs=(OutputSpec("value", "price"),),
    lookback=lambda length: 2 * halved(length) - 1,
    settle=lambda length: settle_of(0.01) + length,
    group=GROUP,
    formula="f[1] + a * (hl2 - f[1]), f the value itself, a = exp(-4.6 (d - 1)) held in 0.01..1, d = (log(n1 + n2) - "
    "log(n3)) / log(2), n1 and n2 the ranges of the newer and the older half of the window a bar of that half, n3 the "
    "range of the whole a bar; a is 1 where a range is 0; an odd length counts as the even one below",
    source="J. F. Ehlers, FRAMA - Fractal Adaptive Moving Average (2005)",
    cost=lambda length: 20 + length,
)
class Frama(Stepped):
    """Fractal adaptive moving average: fast along a line, slow in a tangle."""

    def __init__(self, length: int) -> None:
        self.half, self.last = halved(length), math.nan
        self.highs: deque[float] = deque(maxlen=2 * self.half)
        self.lows: deque[float] = deque(maxlen=2 * self.half)

    def take(self, high: float, low: float) -> float:
        if high - high != 0.0 or low - low != 0.0:
            return math.nan
        self.highs.append(high)
        self.lows.append(low)
        if len(self.highs) < 2 * self.half:
            return math.nan
        highs, lows, half = list(self.highs), list(self.lows), self.half
        tops, bottoms = (max(highs[:half]), max(highs[half:])), (min(lows[:half]), min(lows[half:]))
        older, newer = (top - bottom for top, bottom in zip(tops, bottoms, strict=True))
        whole = (max(tops) - min(bottoms)) / 2.0
        alpha = 1.0
        if older > 0.0 and newer > 0.0 and whole > 0.0:
            dimension = (math.log(older + newer) - math.log(whole)) / math.log(2.0)
            alpha = min(1.0, max(0.01, math.exp(-4.6 * (dimension - 1.0))))
        middle = (high + low) / 2.0
        self.last = middle if not begun(self.last) else self.last + alpha * (middle - self.last)
        return self.last
