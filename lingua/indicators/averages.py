"""Moving averages."""

from __future__ import annotations

from typing import Any

from lingua.indicators.declare import (
    Calculation, ema_alpha, ema_settle, indicator, length, wilder_alpha, wilder_settle,
)  # fmt: skip
from lingua.indicators.kernels import Mean, Smoother


def ema_kernel(length: int) -> Smoother:
    return Smoother(length, ema_alpha(length))


def wilder_kernel(length: int) -> Smoother:
    return Smoother(length, wilder_alpha(length))


@indicator(
    "sma", "SMA", "avg", "mean", parameters=(length(30),), group="averages",
    formula="(x[0] + x[1] + … + x[length-1]) / length, the sum exact and rounded once",
    source="J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9",
)  # fmt: skip
class Sma(Calculation):
    """Simple moving average."""

    def __init__(self, length: int) -> None:
        self.mean = Mean(length)

    def __call__(self, x: Any) -> Any:
        return self.mean(x)


@indicator(
    "ema", "EMA", parameters=(length(30),), settle=ema_settle, group="averages",
    formula="e = e[1] + 2 / (length + 1) * (x - e[1]); the first is the mean of the first `length` values",
    source="P. N. Haurlan, Measuring Trend Values (1968); start as in TA-Lib",
)  # fmt: skip
class Ema(Calculation):
    """Exponential moving average."""

    def __init__(self, length: int) -> None:
        self.smoother = ema_kernel(length)

    def __call__(self, x: Any) -> Any:
        return self.smoother(x)


@indicator(
    "rma", "RMA", "wilder", parameters=(length(30),), settle=wilder_settle, group="averages",
    formula="r = r[1] + (x - r[1]) / length; the first is the mean of the first `length` values",
    source="J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 23",
)  # fmt: skip
class Rma(Calculation):
    """Wilder's smoothing, an exponential average with weight 1 / length."""

    def __init__(self, length: int) -> None:
        self.smoother = wilder_kernel(length)

    def __call__(self, x: Any) -> Any:
        return self.smoother(x)
