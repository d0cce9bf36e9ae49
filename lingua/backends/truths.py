# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Truth columns in one pass over the numbers they are made of, without the interpreter's lock.

Columns are read through plain pointers: a byte that is written may be anything to the compiler, the place where a
column stands included, which would be looked up again for every number.

Truth is FALSE = 0, UNKNOWN = 1, TRUE = 2 in uint8. `lingua.backends.batch` says the same in NumPy where there is no
compiler, in a dozen passes; the tests hold the two together. Columns are contiguous float64, `out` is as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
STRETCH: int = cython.declare(cython.Py_ssize_t, 256)
LARGEST: float = cython.declare(cython.double, 1.7976931348623157e308)


def above(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1]) -> None:
    """x > y; unknown where either is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _above(cython.address(x[0]), cython.address(y[0]), cython.address(out[0]), len(x))
    else:
        _above(x, y, out, len(x))


def at_least(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1]) -> None:
    """x >= y; unknown where either is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _at_least(cython.address(x[0]), cython.address(y[0]), cython.address(out[0]), len(x))
    else:
        _at_least(x, y, out, len(x))


def above_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x > level, a number; unknown where x is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _above_level(cython.address(x[0]), level, cython.address(out[0]), len(x))
    else:
        _above_level(x, level, out, len(x))


def at_least_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x >= level, a number; unknown where x is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _at_least_level(cython.address(x[0]), level, cython.address(out[0]), len(x))
    else:
        _at_least_level(x, level, out, len(x))


def below_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x < level, a number; unknown where x is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _below_level(cython.address(x[0]), level, cython.address(out[0]), len(x))
    else:
        _below_level(x, level, out, len(x))


def at_most_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x <= level, a number; unknown where x is NaN."""
    if len(x) == 0:
        return
    if cython.compiled:
        _at_most_level(cython.address(x[0]), level, cython.address(out[0]), len(x))
    else:
        _at_most_level(x, level, out, len(x))


def crossings(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1], carry: cython.uchar[::1]) -> None:
    """x above y now and not above at the observation before; an observation is a bar on which both are numbers. Unknown
    on the first one and between them. `carry` (seen one, was above) is what the bars before leave behind: zeros before
    the first bar."""
    if len(x) == 0:
        return
    if cython.compiled:
        _crossings(cython.address(x[0]), cython.address(y[0]), cython.address(out[0]), cython.address(carry[0]), len(x))
    else:
        _crossings(x, y, out, carry, len(x))


def mark_true(truth: cython.uchar[::1], out: cython.uchar[::1]) -> None:
    """1 in `out` where `truth` is true; the rest of it stays."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(truth)
    with cython.nogil:
        for i in range(n):
            out[i] |= truth[i] >> 1


def has_infinity(x: cython.double[::1]) -> bool:
    """Whether any number is infinite."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    found: cython.int = 0
    with cython.nogil:
        for i in range(n):
            found |= (x[i] > LARGEST) | (x[i] < -LARGEST)
    return found != 0


def first_number(x: cython.double[::1]) -> int:
    """The first index from which on there is no NaN; -1 when there is one after the first number."""
    i: cython.Py_ssize_t = 0
    n: cython.Py_ssize_t = len(x)
    first: cython.Py_ssize_t
    holes: cython.int = 0
    with cython.nogil:
        while i < n and x[i] != x[i]:
            i += 1
        first = i
        for i in range(first, n):
            holes |= x[i] != x[i]
    return -1 if holes else first


@cython.cfunc
@cython.exceptval(check=False)
def _above(x: cython.p_double, y: cython.p_double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] > y[i]) + ((x[i] != x[i]) | (y[i] != y[i]))
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _at_least(x: cython.p_double, y: cython.p_double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] >= y[i]) + ((x[i] != x[i]) | (y[i] != y[i]))
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _above_level(x: cython.p_double, level: cython.double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] > level) + (x[i] != x[i])
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _at_least_level(x: cython.p_double, level: cython.double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] >= level) + (x[i] != x[i])
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _below_level(x: cython.p_double, level: cython.double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] < level) + (x[i] != x[i])
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _at_most_level(x: cython.p_double, level: cython.double, out: cython.p_uchar, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] <= level) + (x[i] != x[i])
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _crossings(
    x: cython.p_double, y: cython.p_double, out: cython.p_uchar, carry: cython.p_uchar, n: cython.Py_ssize_t
) -> cython.int:
    i: cython.Py_ssize_t = 0
    k: cython.Py_ssize_t
    last: cython.Py_ssize_t
    holes: cython.int
    was_above: cython.int = carry[1]
    is_above: cython.int
    with cython.nogil:
        if carry[0] == 0:
            while i < n and not (x[i] == x[i] and y[i] == y[i]):
                out[i] = 1
                i += 1
            if i < n:
                out[i] = 1
                was_above = x[i] > y[i]
                carry[0] = 1
                i += 1
        while i < n:
            # A stretch at a time: first which bars are above, all at once, then which were not before.
            last = i + STRETCH if i + STRETCH < n else n
            holes = 0
            for k in range(i, last):
                holes |= (x[k] != x[k]) | (y[k] != y[k])
                out[k] = x[k] > y[k]
            if holes:
                for k in range(i, last):
                    if x[k] == x[k] and y[k] == y[k]:
                        is_above = x[k] > y[k]
                        out[k] = (is_above & (1 - was_above)) << 1
                        was_above = is_above
                    else:
                        out[k] = 1
            else:
                is_above = out[last - 1]
                k = last - 1
                while k > i:
                    out[k] = (out[k] & (1 - out[k - 1])) << 1
                    k -= 1
                out[i] = (out[i] & (1 - was_above)) << 1
                was_above = is_above
            i = last
        carry[1] = was_above
    return 0
