"""What each scalar operation means, for one value: the definition that constant folding, the incremental evaluator and
the tests share. The batch back end must agree bit for bit.

Numbers are floats with NaN for `na`; truth is FALSE 0, UNKNOWN 1, TRUE 2. No operation returns an infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from lingua.ir.nodes import FALSE, TRUE, UNKNOWN

NAN = math.nan
LARGEST_INT = 2.0**53


def finite(x: float) -> float:
    return x if math.isfinite(x) else NAN


def add(a: float, b: float) -> float:
    return finite(a + b)


def sub(a: float, b: float) -> float:
    return finite(a - b)


def mul(a: float, b: float) -> float:
    return finite(a * b)


def div(a: float, b: float) -> float:
    """x/0 is na."""
    return finite(a / b) if b != 0.0 else NAN


def power(a: float, b: float) -> float:
    """0^0 is 1; negative^fraction, 0^negative and overflow are na; na^0 is na."""
    if a != a or b != b:
        return NAN
    try:
        return finite(math.pow(a, b))
    except (OverflowError, ValueError, ZeroDivisionError):
        return NAN


def as_int(x: float) -> float:
    """Integers are exact up to 2^53; beyond is na."""
    return x if abs(x) <= LARGEST_INT else NAN


def truth(flag: bool) -> int:
    return TRUE if flag else FALSE


def gt(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a > b)


def ge(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a >= b)


def lt(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a < b)


def le(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a <= b)


def eq(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a == b)


def ne(a: float, b: float) -> int:
    return UNKNOWN if a != a or b != b else truth(a != b)


def log(x: float) -> float:
    return math.log(x) if x > 0.0 else NAN


def exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return NAN


def sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0.0 else NAN


def sign(x: float) -> float:
    return NAN if x != x else float((x > 0.0) - (x < 0.0))


def floor(x: float) -> float:
    return NAN if x != x else as_int(float(math.floor(x)))


def ceil(x: float) -> float:
    return NAN if x != x else as_int(float(math.ceil(x)))


def round_(x: float) -> float:
    """Half to even."""
    return NAN if x != x else as_int(float(round(x)))


def trunc(x: float) -> float:
    return NAN if x != x else as_int(float(math.trunc(x)))


def lesser(a: float, b: float) -> float:
    return NAN if a != a or b != b else (a if a < b else b)


def greater(a: float, b: float) -> float:
    return NAN if a != a or b != b else (a if a > b else b)


def mod(a: float, b: float) -> float:
    """a - b * floor(a / b)"""
    q = div(a, b)
    return NAN if q != q else finite(a - b * float(math.floor(q)))


def clamp(x: float, low: float, high: float) -> float:
    return lesser(greater(x, low), high)


def nearest(x: float, step: float) -> float:
    """The multiple of `step` nearest to x, halves to even."""
    q = div(x, step)
    return NAN if q != q else finite(float(round(q)) * step)


BINARY: dict[str, Callable[[float, float], float]] = {
    "add": add, "sub": sub, "mul": mul, "div": div, "pow": power,
}  # fmt: skip
COMPARE: dict[str, Callable[[float, float], int]] = {"gt": gt, "ge": ge, "lt": lt, "le": le, "eq": eq, "ne": ne}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": math.fabs, "exp": exp, "log": log, "sqrt": sqrt, "sign": sign, "floor": floor, "ceil": ceil, "round": round_,
    "trunc": trunc, "min": lesser, "max": greater, "mod": mod, "clamp": clamp, "nearest": nearest,
}  # fmt: skip
