"""Moving averages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.declaration import Input
from lingua.indicators.declare import (
    SOURCE,
    VOLUME,
    Calculation,
    choice,
    ema_alpha,
    ema_settle,
    indicator,
    is_finite,
    length,
    number,
    settle_of,
    wilder_alpha,
    wilder_settle,
)
from lingua.indicators.kernels import Adaptive, Lag, Skip, Smoother, chained, combined
from lingua.indicators.kernels_windows import LinearMean, Mean, Sum, VaryingMean, WeightedMean
from lingua.indicators.pointwise import choose, lesser, magnitude, ratio

MURPHY = "J. J. Murphy, Technical Analysis of the Financial Markets (1999), ch. 9"
MULLOY = "P. G. Mulloy, Technical Analysis of Stocks & Commodities 12:1 (1994)"
GROUP = "averages"
walks_over: Any = walks  # its signatures are Cython's

indicator(
    "sma",
    "SMA",
    "avg",
    "AVG",
    parameters=(length(),),
    group=GROUP,
    source=MURPHY,
    summary="Simple moving average.",
    formula="sum(source, length) / length, the sum exact and rounded once",
)(Mean)

indicator(
    "wma",
    "WMA",
    parameters=(length(),),
    group=GROUP,
    source=MURPHY,
    summary="Linearly weighted moving average.",
    formula="sum of source weighted 1 (oldest) to length (newest), over length * (length + 1) / 2",
)(LinearMean)

indicator(
    "vwma",
    "VWMA",
    inputs=(SOURCE, VOLUME),
    parameters=(length(),),
    group=GROUP,
    source=MURPHY,
    summary="Volume-weighted moving average.",
    cost=lambda length: 3 * length,
    formula="sum(source * volume, length) / sum(volume, length); na when nothing was traded",
)(WeightedMean)


@indicator(
    "mavp",
    "MAVP",
    inputs=(SOURCE, Input("periods")),
    parameters=(length(2, 1, "shortest"), length(30, 1, "longest")),
    lookback=lambda shortest, longest: longest - 1,
    group=GROUP,
    formula="sma(source, periods), periods rounded down and held between shortest and longest",
    source="TA-Lib",
    cost=lambda shortest, longest: 20 + 8 * longest,
)
def varying_kernel(shortest: int, longest: int) -> VaryingMean:
    """Simple moving average whose length is a series."""
    return VaryingMean(shortest, longest)


@indicator(
    "ema",
    "EMA",
    parameters=(length(),),
    settle=ema_settle,
    group=GROUP,
    source=MURPHY,
    formula="v + 2 / (length + 1) * (source - v), begun at the mean of the first length values",
)
def ema_kernel(length: int) -> Smoother:
    """Exponential moving average."""
    return Smoother(length, ema_alpha(length))


@indicator(
    "rma",
    "RMA",
    "wilder",
    parameters=(length(),),
    settle=wilder_settle,
    group=GROUP,
    formula="v + (source - v) / length, begun at the mean of the first length values",
    source="J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 23",
)
def wilder_kernel(length: int) -> Smoother:
    """Wilder's smoothing: an exponential average with weight 1 / length."""
    return Smoother(length, wilder_alpha(length))


class Chain(Calculation):
    """Exponential averages in a row, each of the one before."""

    def __init__(self, depth: int, length: int) -> None:
        self.parts = Parts([ema_kernel(length) for _ in range(depth)])

    def all(self, x: Any) -> list[Any]:
        if isinstance(x, np.ndarray):
            columns: list[Any] = chained(list(self.parts), x)
            return columns
        found = []
        for part in self.parts:
            x = part(x)
            found.append(x)
        return found

    def last(self, x: Any) -> Any:
        """The column of the last one."""
        return combined(list(self.parts), x, (len(self.parts) - 1,), (1.0,))


class Parts(list[Any]):
    """Kernels that are copied with their owner."""

    def copy(self) -> Parts:
        return Parts([part.copy() for part in self])


def chain_settle(depth: int) -> Callable[..., int]:
    """Settle of `depth` exponential averages in a row: the last one's start is forgotten after those before it."""
    return lambda length, **_: depth * settle_of(ema_alpha(length))


@indicator(
    "dema",
    "DEMA",
    parameters=(length(),),
    lookback=lambda length: 2 * (length - 1),
    settle=chain_settle(2),
    group=GROUP,
    formula="2 * ema - ema(ema)",
    source=MULLOY,
)
class Dema(Chain):
    """Double exponential moving average."""

    def __init__(self, length: int) -> None:
        super().__init__(2, length)

    def __call__(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return combined(list(self.parts), x, (0, 1), (2.0, -1.0))
        first, second = self.all(x)
        return 2.0 * first - second


@indicator(
    "tema",
    "TEMA",
    parameters=(length(),),
    lookback=lambda length: 3 * (length - 1),
    settle=chain_settle(3),
    group=GROUP,
    formula="3 * ema - 3 * ema(ema) + ema(ema(ema))",
    source=MULLOY,
)
class Tema(Chain):
    """Triple exponential moving average."""

    def __init__(self, length: int) -> None:
        super().__init__(3, length)

    def __call__(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return combined(list(self.parts), x, (0, 1, 2), (3.0, -3.0, 1.0))
        first, second, third = self.all(x)
        return 3.0 * first - 3.0 * second + third


@indicator(
    "t3",
    "T3",
    parameters=(length(5), number("factor", 0.7, 0.0, 1.0)),
    lookback=lambda length, factor: 6 * (length - 1),
    settle=chain_settle(6),
    group=GROUP,
    formula="-f^3 e6 + (3 f^2 + 3 f^3) e5 - (6 f^2 + 3 f + 3 f^3) e4 + (1 + 3 f + f^3 + 3 f^2) e3, "
    "en the n-fold ema, f the factor",
    source="T. Tillson, Technical Analysis of Stocks & Commodities 16:1 (1998)",
)
class T3(Chain):
    """Tillson's T3: a sixfold exponential average with part of its lag taken back."""

    def __init__(self, length: int, factor: float) -> None:
        super().__init__(6, length)
        square, cube = factor * factor, factor * factor * factor
        self.weights = (
            1.0 + 3.0 * factor + cube + 3.0 * square,
            -6.0 * square - 3.0 * (factor + cube),
            3.0 * (square + cube),
            -cube,
        )

    def __call__(self, x: Any) -> Any:
        a, b, c, d = self.weights
        if isinstance(x, np.ndarray):
            return combined(list(self.parts), x, (5, 4, 3, 2), (d, c, b, a))
        third, fourth, fifth, sixth = self.all(x)[2:]
        return d * sixth + c * fifth + b * fourth + a * third


@indicator(
    "trima",
    "TRIMA",
    parameters=(length(),),
    is_local=True,
    group=GROUP,
    source=MURPHY,
    formula="sma(sma(source, length / 2), length / 2 + 1), both halves (length + 1) / 2 when length is odd",
)
class Trima(Calculation):
    """Triangular moving average: weights rise to the middle of the window and fall again."""

    def __init__(self, length: int) -> None:
        first = (length + 1) // 2
        self.inner, self.outer = Mean(first), Mean(length + 1 - first)

    def __call__(self, x: Any) -> Any:
        return self.outer(self.inner(x))


def hull_lengths(length: int) -> tuple[int, int]:
    return max(1, length // 2), max(1, math.isqrt(length))


@indicator(
    "hma",
    "HMA",
    parameters=(length(low=2),),
    lookback=lambda length: length - 1 + hull_lengths(length)[1] - 1,
    is_local=True,
    group=GROUP,
    formula="wma(2 * wma(source, length / 2) - wma(source, length), sqrt(length)), lengths rounded down",
    source="A. Hull, The Hull Moving Average (2005)",
)
class Hma(Calculation):
    """Hull moving average."""

    def __init__(self, length: int) -> None:
        half, root = hull_lengths(length)
        self.half, self.full, self.root = LinearMean(half), LinearMean(length), LinearMean(root)

    def __call__(self, x: Any) -> Any:
        return self.root(2.0 * self.half(x) - self.full(x))


@indicator(
    "zlema",
    "ZLEMA",
    parameters=(length(20),),
    lookback=lambda length: length - 1 + (length - 1) // 2,
    settle=ema_settle,
    group=GROUP,
    formula="ema(source + (source - source[(length - 1) / 2]), length)",
    source="J. Ehlers, R. Way, Zero Lag (Well, Almost) (2010)",
)
class Zlema(Calculation):
    """Zero-lag exponential moving average: of the source with its own change added."""

    def __init__(self, length: int) -> None:
        lag = (length - 1) // 2
        self.before = Lag(lag) if lag else None
        self.smoother = ema_kernel(length)

    def __call__(self, x: Any) -> Any:
        return self.smoother(x + (x - self.before(x)) if self.before is not None else x)


class Efficiency(Calculation):
    """Distance covered over the length of the path, 0..1."""

    def __init__(self, length: int) -> None:
        self.start, self.before, self.path = Lag(length), Lag(1), Sum(length)

    def __call__(self, x: Any) -> Any:
        covered = magnitude(x - self.start(x))
        path = self.path(magnitude(x - self.before(x)))
        # Rounded apart, distance and path may differ the wrong way round by the last bit.
        return lesser(ratio(covered, path), 1.0)


@indicator(
    "kama",
    "KAMA",
    parameters=(length(10), number("fast", 2, 1, 1000), number("slow", 30, 1, 1000)),
    lookback=lambda length, **_: length,
    settle=lambda length, fast, slow: settle_of((2.0 / (slow + 1.0)) ** 2),
    group=GROUP,
    formula="v + (efficiency * (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2 * (source - v), efficiency = "
    "abs(source - source[length]) / sum of the steps, 1 where there were none; begun at the value before",
    source="P. J. Kaufman, Smarter Trading (1995), ch. 7",
)
class Kama(Calculation):
    """Kaufman's adaptive moving average."""

    def __init__(self, length: int, fast: float, slow: float) -> None:
        self.start, self.before, self.path = Lag(length), Lag(1), Sum(length)
        self.length = length
        self.quick, self.lazy = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
        self.smoother = Adaptive()

    def __call__(self, x: Any) -> Any:
        before = self.before(x)
        covered = magnitude(x - self.start(x))
        path = self.path(magnitude(x - before))
        efficiency = choose(path == 0.0, 1.0, lesser(ratio(covered, path), 1.0))
        weight = efficiency * (self.quick - self.lazy) + self.lazy
        return self.smoother(x, weight * weight, before)

    def whole(self, x: Any) -> Any:
        steps = np.empty(len(x))
        steps[:1] = math.nan
        np.abs(np.subtract(x[1:], x[:-1], out=steps[1:]), out=steps[1:])
        path, out = self.path(steps), np.full(len(x), math.nan)
        is_done = is_finite(path[self.length :]) and walks_over.adaptive(
            x, path, self.length, self.quick, self.lazy, out
        )
        return out if is_done else None


KINDS: dict[str, tuple[Callable[[int], Any], Callable[[int], int]]] = {
    "sma": (Mean, lambda n: n - 1),
    "ema": (ema_kernel, lambda n: n - 1),
    "wma": (LinearMean, lambda n: n - 1),
    "dema": (Dema, lambda n: 2 * (n - 1)),
    "tema": (Tema, lambda n: 3 * (n - 1)),
    "trima": (Trima, lambda n: n - 1),
    "rma": (wilder_kernel, lambda n: n - 1),
}
"""Averages that other indicators let one choose: how each is made, and its lookback."""

RECURSIVE = {"ema": (1, ema_alpha), "dema": (2, ema_alpha), "tema": (3, ema_alpha), "rma": (1, wilder_alpha)}


def kind_of_average(default: str, name: str = "average") -> Any:
    return choice(name, default, tuple(KINDS))


def average_settle(average: str, length: int) -> int:
    depth, alpha = RECURSIVE.get(average, (0, ema_alpha))
    return depth * settle_of(alpha(length))


@indicator(
    "ma",
    "MA",
    parameters=(length(30), kind_of_average("sma")),
    lookback=lambda length, average: KINDS[average][1](length),
    settle=lambda length, average: average_settle(average, length),
    group=GROUP,
    formula="the average named",
    source=MURPHY,
)
def moving_average(length: int, average: str) -> Any:
    """Moving average of a kind to be chosen."""
    return KINDS[average][0](length)


class Oscillator(Calculation):
    """Distance between a fast and a slow average that begin together, and the slow one."""

    def __init__(self, fast: int, slow: int, average: str) -> None:
        make, lookback = KINDS[average]
        most = max(lookback(fast), lookback(slow))
        self.fast_skip, self.slow_skip = Skip(most - lookback(fast)), Skip(most - lookback(slow))
        self.fast, self.slow = make(fast), make(slow)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        slow = self.slow(self.slow_skip(x))
        return self.fast(self.fast_skip(x)) - slow, slow


def oscillator_lookback(fast: int, slow: int, average: str, **_: Any) -> int:
    return max(KINDS[average][1](fast), KINDS[average][1](slow))


def oscillator_settle(fast: int, slow: int, average: str, **_: Any) -> int:
    return max(average_settle(average, fast), average_settle(average, slow))
