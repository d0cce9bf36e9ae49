"""Intervals that every valid value of an expression keeps, so that `rsi > 120` can be told to be impossible.

A bound is a number, or None where nothing is known. Missing values are outside all of this.

>>> add((0.0, 100.0), (1.0, 1.0))
(1.0, 101.0)
>>> decide(">", (0.0, 100.0), (120.0, 120.0))
False
"""

from __future__ import annotations

import math
from itertools import product as pairs

Bounds = tuple[float | None, float | None]
UNBOUNDED: Bounds = (None, None)


def exactly(value: float) -> Bounds:
    return UNBOUNDED if math.isnan(value) else (value, value)


def negate(a: Bounds) -> Bounds:
    return (None if a[1] is None else -a[1], None if a[0] is None else -a[0])


def add(a: Bounds, b: Bounds) -> Bounds:
    return (_sum(a[0], b[0]), _sum(a[1], b[1]))


def subtract(a: Bounds, b: Bounds) -> Bounds:
    return add(a, negate(b))


def multiply(a: Bounds, b: Bounds) -> Bounds:
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        # Two values of one sign have a product of known sign.
        if a[0] is not None and b[0] is not None and a[0] >= 0 and b[0] >= 0:
            return (_finite(a[0] * b[0]), None)
        return UNBOUNDED
    ends = [x * y for x, y in pairs((a[0], a[1]), (b[0], b[1]))]
    return (_finite(min(ends)), _finite(max(ends)))


def divide(a: Bounds, b: Bounds) -> Bounds:
    if b[0] is not None and b[1] is not None and (b[0] > 0 or b[1] < 0):
        return multiply(a, (1 / b[1], 1 / b[0]))
    return UNBOUNDED


def lesser(a: Bounds, b: Bounds) -> Bounds:
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    highs = [x for x in (a[1], b[1]) if x is not None]
    return (low, min(highs) if highs else None)


def greater(a: Bounds, b: Bounds) -> Bounds:
    return negate(lesser(negate(a), negate(b)))


def either(a: Bounds, b: Bounds) -> Bounds:
    """Bounds of a value that is one or the other."""
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    high = None if a[1] is None or b[1] is None else max(a[1], b[1])
    return (low, high)


def absolute(a: Bounds) -> Bounds:
    if a[0] is not None and a[0] >= 0:
        return a
    if a[1] is not None and a[1] <= 0:
        return negate(a)
    return (0.0, None if a[0] is None or a[1] is None else max(-a[0], a[1]))


def decide(op: str, a: Bounds, b: Bounds) -> bool | None:
    """What `a op b` always is for valid values; None when it can be either."""
    match op:
        case ">":
            return _above(a, b, strict=True)
        case ">=":
            return _above(a, b, strict=False)
        case "<":
            return _above(b, a, strict=True)
        case "<=":
            return _above(b, a, strict=False)
        case "==" | "!=":
            apart = _above(a, b, strict=True) or _above(b, a, strict=True)
            return None if not apart else op == "!="
        case _:
            return None


def _above(a: Bounds, b: Bounds, *, strict: bool) -> bool | None:
    if a[0] is not None and b[1] is not None and (a[0] > b[1] if strict else a[0] >= b[1]):
        return True
    if a[1] is not None and b[0] is not None and (a[1] <= b[0] if strict else a[1] < b[0]):
        return False
    return None


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else _finite(a + b)


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
