"""Estimates of volatility from closes, ranges, and the four prices of the bar.

A volatility is a share per bar (`0.01` is 1%), or per year when `periods` says how many bars a year has. A window that
holds a price of 0 or less has no value.
"""

from __future__ import annotations

import math
from typing import Any

from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    SOURCE,
    Calculation,
    after,
    indicator,
    length,
    number,
    one,
    settle_of,
)
from lingua.indicators.kernels import Extreme, Lag, Smoother
from lingua.indicators.kernels_windows import Mean, Spread, Sum
from lingua.indicators.pointwise import choose, log, magnitude, ratio, root

GROUP = "volatility"
WHOLE = (OPEN, HIGH, LOW, CLOSE)
SHARE = OutputSpec("value", "ratio", 0.0)
SQUARE = OutputSpec("value", "none", 0.0)
PERIODS = number("periods", 1.0, 1e-6, 1e9)
YEAR = "* sqrt(periods)"
PER_LENGTH = (length(20), PERIODS)


def thrice(length: int, periods: float) -> int:
    return 40 + 3 * length


class Full(Calculation):
    """A statistic of the last `length` values, if none of them is missing."""

    def __init__(self, length: int, statistic: Any) -> None:
        self.statistic, self.missing = statistic, Sum(length)

    def __call__(self, x: Any) -> Any:
        lost = x != x
        found = self.statistic(choose(lost, 0.0, x))
        return choose(self.missing(choose(lost, 1.0, 0.0)) == 0.0, found, math.nan)


class LogChange(Calculation):
    """log(x / x[1])"""

    def __init__(self) -> None:
        self.before = Lag(1)

    def __call__(self, x: Any) -> Any:
        return log(x) - log(self.before(x))


class Variance(Calculation):
    """Sample variance of the last `length` values."""

    def __init__(self, length: int) -> None:
        self.spread, self.factor = Spread(length), length / (length - 1.0)

    def __call__(self, x: Any) -> Any:
        return self.spread(x)[0] * self.factor


def full_mean(length: int) -> Full:
    return Full(length, Mean(length))


@indicator(
    "hv",
    "HV",
    "historical_volatility",
    inputs=(SOURCE,),
    parameters=(length(20, 2), PERIODS),
    outputs=(SHARE,),
    lookback=after,
    group=GROUP,
    cost=thrice,
    formula=f"sample standard deviation of log(source / source[1]) over length, {YEAR}",
    source="J. C. Hull, Options, Futures, and Other Derivatives, on estimating volatility from historical data",
)
class Historical(Calculation):
    """Historical volatility: the standard deviation of logarithmic returns."""

    def __init__(self, length: int, periods: float) -> None:
        self.change, self.variance, self.year = LogChange(), Full(length, Variance(length)), math.sqrt(periods)

    def __call__(self, x: Any) -> Any:
        return root(self.variance(self.change(x))) * self.year


@indicator(
    "ewma_volatility",
    inputs=(SOURCE,),
    parameters=(number("decay", 0.94, 0.0, 0.9999), PERIODS),
    outputs=(SHARE,),
    lookback=one,
    settle=lambda decay, periods: settle_of(1.0 - decay),
    group=GROUP,
    formula=f"sqrt(v) {YEAR}, v = decay * v[1] + (1 - decay) * log(source / source[1])^2, begun at the first square",
    source="J.P. Morgan, RiskMetrics Technical Document (1996)",
)
class EwmaVolatility(Calculation):
    """Volatility as an exponential mean of squared logarithmic returns."""

    def __init__(self, decay: float, periods: float) -> None:
        self.change, self.mean, self.year = LogChange(), Smoother(1, 1.0 - decay, True), math.sqrt(periods)

    def __call__(self, x: Any) -> Any:
        change = self.change(x)
        return root(self.mean(change * change)) * self.year


@indicator(
    "parkinson",
    inputs=(HIGH, LOW),
    parameters=PER_LENGTH,
    outputs=(SHARE,),
    group=GROUP,
    formula=f"sqrt(mean of log(high / low)^2 over length / (4 log 2)) {YEAR}",
    source="M. Parkinson, Journal of Business 53:1 (1980), pp. 61-65",
)
class Parkinson(Calculation):
    """Parkinson's volatility, from the ranges of the bars."""

    def __init__(self, length: int, periods: float) -> None:
        self.mean, self.year = full_mean(length), math.sqrt(periods)

    def __call__(self, high: Any, low: Any) -> Any:
        span = log(high) - log(low)
        return root(self.mean(span * span) / (4.0 * math.log(2.0))) * self.year


@indicator(
    "garman_klass",
    inputs=WHOLE,
    parameters=PER_LENGTH,
    outputs=(SHARE,),
    group=GROUP,
    formula=f"sqrt(mean of log(high / low)^2 / 2 - (2 log 2 - 1) * log(close / open)^2 over length) {YEAR}",
    source="M. B. Garman, M. J. Klass, Journal of Business 53:1 (1980), pp. 67-78",
)
class GarmanKlass(Calculation):
    """Garman and Klass' volatility, from range and body."""

    def __init__(self, length: int, periods: float) -> None:
        self.mean, self.year = full_mean(length), math.sqrt(periods)

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        span, body = log(high) - log(low), log(close) - log(open)
        return root(self.mean(0.5 * (span * span) - (2.0 * math.log(2.0) - 1.0) * (body * body))) * self.year


def drift_free(open: Any, high: Any, low: Any, close: Any) -> Any:
    """Rogers and Satchell's variance of one bar."""
    opened, top, bottom, closed = log(open), log(high), log(low), log(close)
    return (top - closed) * (top - opened) + (bottom - closed) * (bottom - opened)


@indicator(
    "rogers_satchell",
    inputs=WHOLE,
    parameters=PER_LENGTH,
    outputs=(SHARE,),
    group=GROUP,
    formula="sqrt(mean of log(high / close) * log(high / open) + log(low / close) * log(low / open) over length) "
    f"{YEAR}",
    source="L. C. G. Rogers, S. E. Satchell, Annals of Applied Probability 1:4 (1991), pp. 504-512",
)
class RogersSatchell(Calculation):
    """Rogers and Satchell's volatility, which a drift does not bias."""

    def __init__(self, length: int, periods: float) -> None:
        self.mean, self.year = full_mean(length), math.sqrt(periods)

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        return root(self.mean(drift_free(open, high, low, close))) * self.year


@indicator(
    "yang_zhang",
    inputs=WHOLE,
    parameters=(length(20, 2), PERIODS),
    outputs=(SHARE,),
    lookback=after,
    group=GROUP,
    cost=lambda length, periods: 90 + 6 * length,
    formula=f"sqrt(o + k * c + (1 - k) * rs) {YEAR}; o, c the sample variances of log(open / close[1]) and "
    "log(close / open) over length, rs the square of rogers_satchell(length), "
    "k = 0.34 / (1.34 + (length + 1) / (length - 1))",
    source="D. Yang, Q. Zhang, Journal of Business 73:3 (2000), pp. 477-491",
)
class YangZhang(Calculation):
    """Yang and Zhang's volatility: gaps, bodies and ranges, unbiased by drift."""

    def __init__(self, length: int, periods: float) -> None:
        self.before, self.gap, self.body = Lag(1), Full(length, Variance(length)), Full(length, Variance(length))
        self.mean, self.year = full_mean(length), math.sqrt(periods)
        self.share = 0.34 / (1.34 + (length + 1.0) / (length - 1.0))

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        opened = log(open)
        gaps, bodies = self.gap(opened - log(self.before(close))), self.body(log(close) - opened)
        within = self.mean(drift_free(open, high, low, close))
        return root(gaps + self.share * bodies + (1.0 - self.share) * within) * self.year


@indicator(
    "realized_variance",
    inputs=(SOURCE,),
    parameters=(length(20),),
    outputs=(SQUARE,),
    lookback=after,
    group=GROUP,
    formula="sum of log(source / source[1])^2 over length",
    source="T. G. Andersen, T. Bollerslev, International Economic Review 39:4 (1998)",
)
class RealizedVariance(Calculation):
    """Realized variance: the sum of squared logarithmic returns."""

    def __init__(self, length: int) -> None:
        self.change, self.sum = LogChange(), Full(length, Sum(length))

    def __call__(self, x: Any) -> Any:
        change = self.change(x)
        return self.sum(change * change)


@indicator(
    "bipower_variance",
    inputs=(SOURCE,),
    parameters=(length(20),),
    outputs=(SQUARE,),
    lookback=lambda length: length + 1,
    group=GROUP,
    formula="pi / 2 * sum of abs(r * r[1]) over length, r = log(source / source[1])",
    source="O. E. Barndorff-Nielsen, N. Shephard, Journal of Financial Econometrics 2:1 (2004)",
)
class BipowerVariance(Calculation):
    """Bipower variation: a variance that single jumps hardly move."""

    def __init__(self, length: int) -> None:
        self.change, self.last, self.sum = LogChange(), LastChange(), Full(length, Sum(length))

    def __call__(self, x: Any) -> Any:
        return math.pi / 2.0 * self.sum(magnitude(self.change(x)) * magnitude(self.last(x)))


class LastChange(Calculation):
    """log(x[1] / x[2])"""

    def __init__(self) -> None:
        self.before, self.first = Lag(1), Lag(2)

    def __call__(self, x: Any) -> Any:
        return log(self.before(x)) - log(self.first(x))


@indicator(
    "ulcer",
    "UI",
    "ulcer_index",
    inputs=(SOURCE,),
    parameters=(length(14),),
    outputs=(OutputSpec("value", "none", 0.0),),
    lookback=lambda length: 2 * (length - 1),
    group=GROUP,
    formula="sqrt(mean of d^2 over length), d = 100 * (source - highest(source, length)) / highest(source, length)",
    source="P. G. Martin, B. B. McCann, The Investor's Guide to Fidelity Funds (1989)",
)
class Ulcer(Calculation):
    """Ulcer index: depth and length of the falls from the highs, in percent."""

    def __init__(self, length: int) -> None:
        self.top, self.mean = Extreme(length, 1.0), full_mean(length)

    def __call__(self, x: Any) -> Any:
        top = self.top(x)
        fall = ratio(100.0 * (x - top), top)
        return root(self.mean(fall * fall))
