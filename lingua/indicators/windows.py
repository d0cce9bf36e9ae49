"""Extremes of a window, and how long ago they were."""

from __future__ import annotations

from typing import Any

from lingua.indicators.declare import Calculation, indicator, length
from lingua.indicators.kernels import Extreme


@indicator(
    "highest", "MAX", parameters=(length(30),), group="windows", formula="max(x[0], …, x[length-1])",
    source="R. D. Donchian's channel; TA-Lib MAX",
)  # fmt: skip
class Highest(Calculation):
    """Greatest value of the window."""

    def __init__(self, length: int) -> None:
        self.extreme = Extreme(length, 1.0)

    def __call__(self, x: Any) -> Any:
        return self.extreme(x)


@indicator(
    "lowest", "MIN", parameters=(length(30),), group="windows", formula="min(x[0], …, x[length-1])",
    source="R. D. Donchian's channel; TA-Lib MIN",
)  # fmt: skip
class Lowest(Calculation):
    """Least value of the window."""

    def __init__(self, length: int) -> None:
        self.extreme = Extreme(length, -1.0)

    def __call__(self, x: Any) -> Any:
        return self.extreme(x)
