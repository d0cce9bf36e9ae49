"""How fast prices move: relative strength, rates of change, oscillators of averages."""

from __future__ import annotations

from typing import Any

from lingua.indicators.averages import wilder_kernel
from lingua.indicators.declare import PERCENT, Calculation, after, indicator, length, wilder_settle
from lingua.indicators.kernels import Lag
from lingua.indicators.pointwise import greater, ratio


@indicator(
    "rsi", "RSI", parameters=(length(14),), outputs=(PERCENT,), lookback=after, settle=wilder_settle, group="momentum",
    formula="100 * rma(rises) / (rma(rises) + rma(falls)); na while nothing has moved",
    source="J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 63",
)  # fmt: skip
class Rsi(Calculation):
    """Relative strength index."""

    def __init__(self, length: int) -> None:
        self.before = Lag(1)
        self.rises = wilder_kernel(length)
        self.falls = wilder_kernel(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        up = self.rises(greater(change, 0.0))
        down = self.falls(greater(-change, 0.0))
        return ratio(100.0 * up, up + down)
