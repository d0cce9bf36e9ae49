# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Exponential averages of a long column in several places at a time, with the bits of one after the other.

Each value of `v += alpha * (x - v)` waits twelve cycles for the one before it, while the processor could do eight such
steps at once. An average forgets, though: begun with another value, it comes to the very same number after some
36 / alpha steps, and from there on the two never part. So a column is cut into lanes, each begins some bars before its
first with a guess, all go on side by side, and then each is held against the end of the lane before it. Where the bits
differ the steps are done again until the two meet, at worst to the end of the lane. The guess decides about the time
taken and never about an answer.

A value that is not finite stays so to the end of its lane: `smooth` then gives NaN, and the caller goes bar by bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
LANES: int = cython.declare(cython.Py_ssize_t, 8)
NAN: float = cython.declare(cython.double, float("nan"))
FORGETS: float = cython.declare(cython.double, 40.0)
"""Times 1 / alpha: steps after which the first value of an average is forgotten, with some to spare."""


def are_worth(n: cython.Py_ssize_t, alpha: cython.double) -> bool:
    """Whether a column of n bars is so long that lanes forget their beginning in half their length."""
    return alpha > 0.0 and alpha * (n // LANES // 2) >= FORGETS


def smooth(
    x: cython.double[::1], out: cython.double[::1], value: cython.double, alpha: cython.double
) -> cython.double:  # fmt: skip
    """Writes the average of `x`, which stands at `value`, into `out` of the same length. The last value; NaN where one
    is not finite, and then `out` is of no meaning."""
    n: cython.Py_ssize_t = len(x)
    if n == 0:
        return value
    if cython.compiled:
        with cython.nogil:
            value = _smooth(cython.address(x[0]), cython.address(out[0]), n, value, alpha)
        return value
    return _one_by_one(x, out, n, value, alpha)


def moves(x: cython.double[::1], before: cython.double, rises: cython.double[::1], falls: cython.double[::1]) -> None:
    """How far each value lies above the one before it (`before`: before the first), and how far below; the other is
    zero. Where a value is not finite `falls` is not."""
    n: cython.Py_ssize_t = len(x)
    if n == 0:
        return
    rises[0] = x[0] - before if x[0] - before > 0.0 else 0.0
    falls[0] = rises[0] - (x[0] - before)
    if cython.compiled:
        with cython.nogil:
            _moves(cython.address(x[0]), cython.address(rises[0]), cython.address(falls[0]), n)
    else:
        _moves(x, rises, falls, n)


def shares(rises: cython.double[::1], falls: cython.double[::1]) -> None:
    """100 * rises / (rises + falls) in place of `rises`; NaN where both are zero."""
    n: cython.Py_ssize_t = len(rises)
    if n == 0:
        return
    if cython.compiled:
        with cython.nogil:
            _shares(cython.address(rises[0]), cython.address(falls[0]), n)
    else:
        _shares(rises, falls, n)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _moves(x: cython.p_double, rises: cython.p_double, falls: cython.p_double, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    change: cython.double
    rise: cython.double
    for i in range(1, n):
        change = x[i] - x[i - 1]
        # The greater of two, and a difference that is exact: no branch on what cannot be foreseen.
        rise = change if change > 0.0 else 0.0
        rises[i] = rise
        falls[i] = rise - change
    return 0


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _shares(rises: cython.p_double, falls: cython.p_double, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    both: cython.double
    for i in range(n):
        both = rises[i] + falls[i]
        # Divided by a missing value, not chosen after: that would be a branch.
        both = both if both != 0.0 else NAN
        rises[i] = 100.0 * rises[i] / both
    return 0


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _one_by_one(
    x: cython.p_double, out: cython.p_double, n: cython.Py_ssize_t, value: cython.double, alpha: cython.double
) -> cython.double:  # fmt: skip
    i: cython.Py_ssize_t
    for i in range(n):
        value = value + alpha * (x[i] - value)
        out[i] = value
    return value if value - value == 0.0 else NAN


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _smooth(
    x: cython.p_double, out: cython.p_double, n: cython.Py_ssize_t, value: cython.double, alpha: cython.double
) -> cython.double:  # fmt: skip
    lane: cython.Py_ssize_t = n // LANES
    before: cython.Py_ssize_t
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t
    total: cython.double
    if not (alpha > 0.0 and alpha * (lane // 2) >= FORGETS):
        return _one_by_one(x, out, n, value, alpha)
    before = int(FORGETS / alpha)
    x1 = x + lane
    x2 = x1 + lane
    x3 = x2 + lane
    x4 = x3 + lane
    x5 = x4 + lane
    x6 = x5 + lane
    x7 = x6 + lane
    v0: cython.double = value
    v1: cython.double = x1[-before]
    v2: cython.double = x2[-before]
    v3: cython.double = x3[-before]
    v4: cython.double = x4[-before]
    v5: cython.double = x5[-before]
    v6: cython.double = x6[-before]
    v7: cython.double = x7[-before]
    for i in range(-before + 1, 0):
        v1 = v1 + alpha * (x1[i] - v1)
        v2 = v2 + alpha * (x2[i] - v2)
        v3 = v3 + alpha * (x3[i] - v3)
        v4 = v4 + alpha * (x4[i] - v4)
        v5 = v5 + alpha * (x5[i] - v5)
        v6 = v6 + alpha * (x6[i] - v6)
        v7 = v7 + alpha * (x7[i] - v7)
    g1: cython.double = v1
    g2: cython.double = v2
    g3: cython.double = v3
    g4: cython.double = v4
    g5: cython.double = v5
    g6: cython.double = v6
    g7: cython.double = v7
    y1 = out + lane
    y2 = y1 + lane
    y3 = y2 + lane
    y4 = y3 + lane
    y5 = y4 + lane
    y6 = y5 + lane
    y7 = y6 + lane
    for i in range(lane):
        v0 = v0 + alpha * (x[i] - v0)
        v1 = v1 + alpha * (x1[i] - v1)
        v2 = v2 + alpha * (x2[i] - v2)
        v3 = v3 + alpha * (x3[i] - v3)
        v4 = v4 + alpha * (x4[i] - v4)
        v5 = v5 + alpha * (x5[i] - v5)
        v6 = v6 + alpha * (x6[i] - v6)
        v7 = v7 + alpha * (x7[i] - v7)
        out[i] = v0
        y1[i] = v1
        y2[i] = v2
        y3[i] = v3
        y4[i] = v4
        y5[i] = v5
        y6[i] = v6
        y7[i] = v7
    total = v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7
    if total - total != 0.0:
        return NAN
    _meet(x1, y1, lane, v0, g1, alpha)
    _meet(x2, y2, lane, y1[lane - 1], g2, alpha)
    _meet(x3, y3, lane, y2[lane - 1], g3, alpha)
    _meet(x4, y4, lane, y3[lane - 1], g4, alpha)
    _meet(x5, y5, lane, y4[lane - 1], g5, alpha)
    _meet(x6, y6, lane, y5[lane - 1], g6, alpha)
    _meet(x7, y7, lane, y6[lane - 1], g7, alpha)
    at = LANES * lane
    return _one_by_one(x + at, out + at, n - at, out[at - 1], alpha)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _meet(
    x: cython.p_double, out: cython.p_double, n: cython.Py_ssize_t, value: cython.double, guess: cython.double,
    alpha: cython.double,
) -> cython.int:  # fmt: skip
    """Write the lane again from its true beginning until it is as it was written from the guess. Numbers that are equal
    lead to the same bits (a zero of either sign leads to the same next value)."""
    i: cython.Py_ssize_t = 0
    if value == guess:
        return 0
    while i < n:
        value = value + alpha * (x[i] - value)
        if value == out[i]:
            out[i] = value
            return 0
        out[i] = value
        i += 1
    return 0
