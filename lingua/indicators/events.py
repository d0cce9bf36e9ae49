"""Truths about series, and memory of when something was true.

A truth comes in and goes out as a float: 2.0 true, 0.0 false, NaN unknown.
"""

from __future__ import annotations

import math
from typing import Any

from lingua.indicators.declaration import Input, OutputSpec
from lingua.indicators.declare import (
    CONDITION,
    FLAG,
    SAME,
    SOURCE,
    Calculation,
    after,
    anchored,
    indicator,
    length,
    none,
    one,
)
from lingua.indicators.kernels import BarsSince, Extreme, Lag, Total, ValueWhen
from lingua.indicators.kernels_windows import Sum
from lingua.indicators.pointwise import choose, truth
from lingua.indicators.smoothing import Stepped

GROUP = "events"
LANGUAGE = "the language itself"
PAIR = (Input("left"), Input("right"))
COUNTED = OutputSpec("value", "bars", 0.0, kind="int")


class Crossing(Calculation):
    def __init__(self) -> None:
        self.left, self.right = Lag(1), Lag(1)

    def both(self, left: Any, right: Any) -> tuple[Any, Any, Any]:
        """Whether left rose above right, whether it fell below, and a number where that is known."""
        was, other = self.left(left), self.right(right)
        return (left > right) & (was <= other), (left < right) & (was >= other), was


@indicator(
    "cross_above",
    "crossover",
    inputs=PAIR,
    outputs=(FLAG,),
    lookback=one,
    group=GROUP,
    source=LANGUAGE,
    formula="left > right now and left <= right at the observation before",
)
class CrossAbove(Crossing):
    """Crossing from below."""

    def __call__(self, left: Any, right: Any) -> Any:
        above, _, known = self.both(left, right)
        return truth(above, known)


@indicator(
    "cross_below",
    "crossunder",
    inputs=PAIR,
    outputs=(FLAG,),
    lookback=one,
    group=GROUP,
    source=LANGUAGE,
    formula="left < right now and left >= right at the observation before",
)
class CrossBelow(Crossing):
    """Crossing from above."""

    def __call__(self, left: Any, right: Any) -> Any:
        _, below, known = self.both(left, right)
        return truth(below, known)


@indicator(
    "cross",
    inputs=PAIR,
    outputs=(FLAG,),
    lookback=one,
    group=GROUP,
    source=LANGUAGE,
    formula="cross_above or cross_below",
)
class Cross(Crossing):
    """Crossing either way."""

    def __call__(self, left: Any, right: Any) -> Any:
        above, below, known = self.both(left, right)
        return truth(above | below, known)


@indicator(
    "count",
    inputs=(CONDITION,),
    parameters=(length(),),
    outputs=(COUNTED,),
    group=GROUP,
    source=LANGUAGE,
    formula="how many of the last length observations were true",
)
class Count(Calculation):
    """Count of true values."""

    def __init__(self, length: int) -> None:
        self.sum = Sum(length)

    def __call__(self, condition: Any) -> Any:
        return self.sum(choose(condition > 1.0, 1.0, 0.0))


indicator(
    "bars_since",
    "barssince",
    inputs=(CONDITION,),
    outputs=(COUNTED,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=LANGUAGE,
    formula="observations since the condition was last true; na before the first time",
    summary="Bars since an event.",
)(BarsSince)
indicator(
    "value_when",
    "valuewhen",
    inputs=(CONDITION, SOURCE),
    parameters=(length(0, 0, "occurrence"),),
    outputs=(OutputSpec("value", "u1"),),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=LANGUAGE,
    formula="source when the condition was true for the occurrence-th last time, 0 the last; na before that",
    summary="Value at an event.",
)(lambda occurrence: ValueWhen(occurrence))
indicator(
    "cum",
    "CUMSUM",
    "cumsum",
    lookback=none,
    settle=anchored,
    outputs=(SAME,),
    group=GROUP,
    source=LANGUAGE,
    formula="running sum since the first bar, in order",
    summary="Running sum.",
)(Total)


class Furthest(Stepped):
    """The greatest value so far (`sign` 1), or the least (-1)."""

    def __init__(self, sign: float) -> None:
        self.sign, self.value = sign, math.nan

    def take(self, x: float) -> float:
        if x - x == 0.0 and not self.sign * self.value >= self.sign * x:
            self.value = x
        return self.value


for _name, _alias, _word, _sign in (("cum_max", "cummax", "Greatest", 1.0), ("cum_min", "cummin", "Least", -1.0)):
    indicator(
        _name,
        _alias,
        lookback=none,
        settle=anchored,
        outputs=(SAME,),
        group=GROUP,
        source=f"Pine's ta.{_alias[3:]}",
        formula=f"{_word.lower()} value since the first bar",
        summary=f"{_word} value so far.",
    )(lambda sign=_sign: Furthest(sign))


class Run(Calculation):
    """Whether each of the last `length` steps went the way of `side`."""

    def __init__(self, length: int, side: float) -> None:
        self.before, self.side, self.worst = Lag(1), side, Extreme(length, -1.0)

    def __call__(self, x: Any) -> Any:
        worst = self.worst(self.side * (x - self.before(x)))
        return truth(worst > 0.0, worst)


indicator(
    "rising",
    parameters=(length(1),),
    outputs=(FLAG,),
    lookback=after,
    group=GROUP,
    source=LANGUAGE,
    formula="each of the last length steps went up",
    summary="Rising run.",
)(lambda length: Run(length, 1.0))
indicator(
    "falling",
    parameters=(length(1),),
    outputs=(FLAG,),
    lookback=after,
    group=GROUP,
    source=LANGUAGE,
    formula="each of the last length steps went down",
    summary="Falling run.",
)(lambda length: Run(length, -1.0))
