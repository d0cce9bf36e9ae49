"""How much of a Sharpe ratio is left when one knows how many were tried.

All Sharpe ratios here are per observation (per session), not per year: divide a yearly one by the root of the sessions
a year. `skew` and `kurtosis` are those of the returns, 0 and 3 for a normal distribution.

Sources: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2), 2012 (`probabilistic`,
`minimum_length`); Bailey and López de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5), 2014
(`expected_maximum`, `deflated`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lingua.backtest.curve import Floats

NORMAL = NormalDist()
EULER = 0.57721566490153286
NAN = math.nan


@dataclass(frozen=True, slots=True)
class Moments:
    """Of (n,) returns per session: the Sharpe ratio with n - 1, skew and kurtosis with n."""

    count: int
    sharpe: float
    skew: float
    kurtosis: float


def moments(returns: Floats) -> Moments:
    """NaN where the returns do not vary, or where there are fewer than three."""
    n = len(returns)
    if n < 3:
        return Moments(n, NAN, NAN, NAN)
    distance = returns - np.mean(returns)
    variance = float(np.mean(distance**2))
    if not math.sqrt(variance) > 1e-15 * (1.0 + float(np.max(np.abs(returns)))):
        return Moments(n, NAN, NAN, NAN)
    sharpe = float(np.mean(returns)) / math.sqrt(variance * n / (n - 1))
    return Moments(
        n, sharpe, float(np.mean(distance**3)) / variance**1.5, float(np.mean(distance**4)) / (variance * variance)
    )


def probabilistic(sharpe: float, benchmark: float, count: int, skew: float = 0.0, kurtosis: float = 3.0) -> float:
    """The probability that the true Sharpe ratio is above `benchmark`, from `count` returns.

    Normal returns, 251 of them, 0.1 a session against 0:

    >>> round(probabilistic(0.1, 0.0, 251), 4)
    0.9426
    """
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    if count < 2 or not spread > 0.0:
        return NAN
    return NORMAL.cdf((sharpe - benchmark) * math.sqrt(count - 1) / math.sqrt(spread))


def expected_maximum(trials: float, variance: float) -> float:
    """The greatest Sharpe ratio to expect of `trials` independent strategies without any skill, whose Sharpe ratios
    differ by `variance`. 0 for one trial: nothing was chosen.

    >>> round(expected_maximum(100, 1.0), 4)
    2.5306
    """
    if trials <= 1 or not variance > 0.0:
        return 0.0
    first = NORMAL.inv_cdf(1.0 - 1.0 / trials)
    second = NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - EULER) * first + EULER * second)


def deflated(
    sharpe: float, trials: float, variance: float, count: int, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """The probability that the true Sharpe ratio is above what luck alone would have shown in `trials` trials."""
    return probabilistic(sharpe, expected_maximum(trials, variance), count, skew, kurtosis)


def minimum_length(
    sharpe: float, benchmark: float, skew: float = 0.0, kurtosis: float = 3.0, confidence: float = 0.95
) -> float:
    """Returns needed until `probabilistic` reaches `confidence`; NaN where the ratio is not above the benchmark."""
    if not sharpe > benchmark:
        return NAN
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    return float(1.0 + spread * (NORMAL.inv_cdf(confidence) / (sharpe - benchmark)) ** 2)
