"""How far prices range."""

from __future__ import annotations

from typing import Any

from lingua.indicators.averages import wilder_kernel
from lingua.indicators.declare import BAR, PRICE, Calculation, after, indicator, length, one, wilder_settle
from lingua.indicators.kernels import Lag
from lingua.indicators.pointwise import greater, lesser

WILDER_RANGE = "J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 21"


class TrueRange(Calculation):
    def __init__(self) -> None:
        self.before = Lag(1)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        before = self.before(close)
        return greater(high, before) - lesser(low, before)


@indicator(
    "true_range", "TRANGE", "trange", inputs=BAR, outputs=(PRICE,), lookback=one, group="volatility",
    formula="max(high, close[1]) - min(low, close[1])", source=WILDER_RANGE,
)  # fmt: skip
class TrueRangeOfBar(TrueRange):
    """True range: that of the bar, with the gap from the close before it."""


@indicator(
    "atr", "ATR", inputs=BAR, parameters=(length(14),), outputs=(PRICE,), lookback=after, settle=wilder_settle,
    group="volatility", formula="rma(true_range(), length); the first true range is that of the second bar",
    source=WILDER_RANGE,
)  # fmt: skip
class Atr(Calculation):
    """Average true range."""

    def __init__(self, length: int) -> None:
        self.range = TrueRange()
        self.smoother = wilder_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.smoother(self.range(high, low, close))
