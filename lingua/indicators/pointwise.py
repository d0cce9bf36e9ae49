"""Arithmetic that reads the same for one observation and for columns, with the same bits.

Arguments are floats or (n,) float64 columns. NaN in gives NaN out; what has no finite value is NaN.
"""

from __future__ import annotations

import math
from typing import Any

from lingua.arrays import np
from lingua.backends import elementary as compiled_functions
from lingua.indicators import passes

NAN = math.nan
elementary: Any = compiled_functions  # its signatures are Cython's


class Traced:
    """Stands for a number or a condition while a formula is written down as instructions, see
    `lingua.backends.machine_trace`: the functions below that would look at the number ask it instead."""

    def choose(self, a: Any, b: Any) -> Any:
        raise AssertionError("written down by each kind")

    def dividing(self, a: Any) -> Any:
        raise AssertionError("written down by each kind")

    def root(self) -> Any:
        raise AssertionError("written down by each kind")

    def log(self) -> Any:
        raise AssertionError("written down by each kind")


def are_columns(a: Any, b: Any) -> bool:
    """Whether both are columns that one compiled pass can take."""
    if not (passes.COMPILED and isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return False
    return bool(
        a.dtype == b.dtype == np.float64
        and a.ndim == b.ndim == 1
        and len(a) == len(b)
        and a.flags.carray
        and b.flags.carray
    )


def ratio(a: Any, b: Any) -> Any:
    """a / b; NaN where b is 0."""
    if are_columns(a, b):
        return passes.quotients(a, b)
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        quotient = np.asarray(np.divide(a, b))
        zero = np.equal(b, 0.0)
        if np.any(zero):
            quotient[np.broadcast_to(zero, quotient.shape)] = NAN
        return quotient
    if isinstance(b, Traced):
        return b.dividing(a)
    return a / b if b != 0.0 else NAN


def choose(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b."""
    if condition is True or condition is False:
        return a if condition else b
    if isinstance(condition, Traced):
        return condition.choose(a, b)
    if are_columns(a, b) and condition.dtype == bool and condition.flags.c_contiguous:
        return passes.chosen(condition, a, b)
    return np.where(condition, a, b) if isinstance(condition, np.ndarray) else a if condition else b


def only(condition: Any, a: Any) -> Any:
    """a where the condition holds, which must be where a is above 0 alone; else 0; NaN where a is missing."""
    if isinstance(condition, np.ndarray):
        # No choice between columns: a condition that changes from bar to bar is guessed wrongly half of the time.
        return a * condition + 0.0
    return choose(condition, a, a - a)


def greater(a: Any, b: Any) -> Any:
    if are_columns(a, a if type(b) is float else b):
        return passes.extremes(a, b, True)
    return choose((a > b) | (a != a), a, b)


def lesser(a: Any, b: Any) -> Any:
    if are_columns(a, a if type(b) is float else b):
        return passes.extremes(a, b, False)
    return choose((a < b) | (a != a), a, b)


def magnitude(a: Any) -> Any:
    return abs(a)


def root(a: Any) -> Any:
    """Square root; NaN below 0."""
    if isinstance(a, np.ndarray):
        return np.sqrt(np.where(a < 0.0, NAN, a))
    if isinstance(a, Traced):
        return a.root()
    return math.sqrt(a) if a >= 0.0 else NAN


def log(a: Any) -> Any:
    """Natural logarithm by the C library; NaN from 0 down."""
    if isinstance(a, np.ndarray):
        values = np.array(a, dtype=np.float64)
        out = np.empty(len(values))
        elementary.log(values, out)
        return out
    if isinstance(a, Traced):
        return a.log()
    return math.log(a) if a > 0.0 else NAN


def truth(condition: Any, *known: Any) -> Any:
    """2.0 where the condition holds, 0.0 where not, NaN where one of `known` is missing."""
    value = choose(condition, 2.0, 0.0)
    for each in known:
        value = choose(each != each, NAN, value)
    return value


def mid(high: Any, low: Any) -> Any:
    return (high + low) / 2.0


def typical(high: Any, low: Any, close: Any) -> Any:
    return (high + low + close) / 3.0
