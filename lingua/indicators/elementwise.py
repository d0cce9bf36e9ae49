"""TA-Lib's functions of single values.

The language's own operators and helpers say the same; these are for programs that come with TA-Lib's spelling
(`SIN(close)`, `ADD(high, low)`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lingua.arrays import np
from lingua.indicators.declaration import Input, OutputSpec
from lingua.indicators.declare import PLAIN, SAME, SOURCE, Calculation, indicator, none
from lingua.indicators.pointwise import ratio

GROUP = "arithmetic"
PAIR = (Input("left"), Input("right"))


class Elementwise(Calculation):
    """A function of the C library, one value at a time: NumPy's own differ from it in the last bit, and between
    processors. NaN where it has no finite value."""

    def __init__(self, function: Callable[[float], float]) -> None:
        self.function = function

    def __call__(self, x: Any) -> Any:
        return np.array([self.of(each) for each in x.tolist()]) if isinstance(x, np.ndarray) else self.of(x)

    def of(self, x: float) -> float:
        try:
            return float(self.function(x))
        except (ValueError, OverflowError):
            return math.nan


class Both(Calculation):
    def __init__(self, formula: Callable[[Any, Any], Any]) -> None:
        self.formula = formula

    def __call__(self, left: Any, right: Any) -> Any:
        return self.formula(left, right)


def _declare_function(
    name: str, function: Callable[[float], float], output: OutputSpec, formula: str, alias: str = ""
) -> None:
    indicator(
        name,
        alias or name.upper(),
        inputs=(SOURCE,),
        outputs=(output,),
        lookback=none,
        group=GROUP,
        formula=formula,
        source="the C library",
        summary=f"{formula} of each value.",
    )(lambda: Elementwise(function))


for _name in ("acos", "asin", "atan", "cos", "cosh", "exp", "sin", "sinh", "sqrt", "tan", "tanh", "log10"):
    _declare_function(_name, getattr(math, _name), PLAIN, f"{_name}(source)")
_declare_function("ln", math.log, PLAIN, "natural logarithm of source")
_declare_function("ceil", math.ceil, SAME, "least whole number not below source")
_declare_function("floor", math.floor, SAME, "greatest whole number not above source")


def _declare_pair(name: str, formula: Callable[[Any, Any], Any], unit: str, text: str) -> None:
    indicator(
        name,
        name.upper(),
        inputs=PAIR,
        outputs=(OutputSpec("value", unit),),
        lookback=none,
        group=GROUP,
        formula=text,
        source="arithmetic",
        summary=f"{text}, value by value.",
    )(lambda: Both(formula))


_declare_pair("add", lambda left, right: left + right, "u0", "left + right")
_declare_pair("sub", lambda left, right: left - right, "u0", "left - right")
_declare_pair("mult", lambda left, right: left * right, "u0*u1", "left * right")
_declare_pair("div", ratio, "u0/u1", "left / right")
