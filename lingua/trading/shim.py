"""Stands in for `cython` while a file of the step runs interpreted, and for the C library's mathematics.

The compiled form uses the names of the same spelling from Cython and from `libc.math`. Importing the real `cython`
would cost 14 ms and is not needed at run time, so a module of the step says

    from lingua.trading import shim as cython
    from lingua.trading.shim import COMPILING

    if not TYPE_CHECKING and COMPILING:
        import cython

of which the Cython compiler sees the last line and the interpreter and the type checker see the first.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F")

compiled = False
COMPILING = False

double = builtins.float
bint = builtins.bool
int = builtins.int
uchar = builtins.int
longlong = builtins.int
size_t = builtins.int
Py_ssize_t = builtins.int
void = None
p_double = list[builtins.float]
p_int = list[builtins.int]
p_longlong = list[builtins.int]
p_uchar = list[builtins.int]
pp_double = list[list[builtins.float]]
pp_uchar = list[list[builtins.int]]


def cfunc(function: F) -> F:
    return function


def ccall(function: F) -> F:
    return function


def inline(function: F) -> F:
    return function


def cclass(kind: F) -> F:
    return kind


def final(kind: F) -> F:
    return kind


def auto_pickle(_allowed: bool) -> Callable[[F], F]:
    return cclass


def exceptval(check: bool) -> Callable[[F], F]:
    return inline


def cdivision(_allowed: bool) -> Callable[[F], F]:
    return inline


class _NoGil:
    """`@cython.nogil` and `with cython.nogil:`"""

    def __call__(self, function: F) -> F:
        return function

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_problem: object) -> None:
        return None


nogil = _NoGil()


def declare(_kind: object, value: Any = None) -> Any:
    return value


def cast(_kind: object, value: Any) -> Any:
    return value


NULL: Any = None


def memchr(_flags: Any, _value: int, _size: int) -> Any:
    """C's alone: a list is searched by a loop."""
    raise AssertionError("interpreted code has no memory to search")


# The C library answers where Python's `math` raises: an infinity, or NaN.


def floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil(x: float) -> float:
    return float(math.ceil(x)) if math.isfinite(x) else x


def rint(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else x


def exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def power(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


log = math.log
sqrt = math.sqrt
fabs = math.fabs
isnan = math.isnan
