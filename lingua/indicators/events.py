"""Truths about two series, and memory of when something was true.

Truth comes in and goes out as a float: 2.0 true, 0.0 false, NaN unknown.
"""

from __future__ import annotations

from typing import Any

from lingua.indicators.declaration import Input
from lingua.indicators.declare import FLAG, Calculation, indicator, one
from lingua.indicators.kernels import Lag
from lingua.indicators.pointwise import truth

TWO = (Input("a"), Input("b"))


class Crossing(Calculation):
    def __init__(self) -> None:
        self.before_a = Lag(1)
        self.before_b = Lag(1)

    def parts(self, a: Any, b: Any) -> tuple[Any, Any, Any]:
        """(above, below, known): whether a crossed b on this observation of the pair."""
        was_a, was_b = self.before_a(a), self.before_b(b)
        return (a > b) & (was_a <= was_b), (a < b) & (was_a >= was_b), was_a


@indicator(
    "cross_above", inputs=TWO, outputs=(FLAG,), lookback=one, group="events", formula="a > b and a[1] <= b[1]",
    source="the language, section 5",
)  # fmt: skip
class CrossAbove(Crossing):
    """Whether a came from at or below b to above it since the observation before."""

    def __call__(self, a: Any, b: Any) -> Any:
        above, _, known = self.parts(a, b)
        return truth(above, known)


@indicator(
    "cross_below", inputs=TWO, outputs=(FLAG,), lookback=one, group="events", formula="a < b and a[1] >= b[1]",
    source="the language, section 5",
)  # fmt: skip
class CrossBelow(Crossing):
    """Whether a came from at or above b to below it since the observation before."""

    def __call__(self, a: Any, b: Any) -> Any:
        _, below, known = self.parts(a, b)
        return truth(below, known)


@indicator(
    "cross", inputs=TWO, outputs=(FLAG,), lookback=one, group="events",
    formula="cross_above(a, b) or cross_below(a, b)", source="the language, section 5",
)  # fmt: skip
class Cross(Crossing):
    """Whether a came to the other side of b since the observation before."""

    def __call__(self, a: Any, b: Any) -> Any:
        above, below, known = self.parts(a, b)
        return truth(above | below, known)
