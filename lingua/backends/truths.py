# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Truth columns in one pass over the numbers they are made of, without the interpreter's lock.

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
LARGEST: float = cython.declare(cython.double, 1.7976931348623157e308)


def above(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1]) -> None:
    """x > y; unknown where either is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] > y[i]) + (not (x[i] == x[i] and y[i] == y[i]))


def at_least(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1]) -> None:
    """x >= y; unknown where either is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] >= y[i]) + (not (x[i] == x[i] and y[i] == y[i]))


def above_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x > level, a number; unknown where x is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] > level) + (x[i] != x[i])


def at_least_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x >= level, a number; unknown where x is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] >= level) + (x[i] != x[i])


def below_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x < level, a number; unknown where x is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] < level) + (x[i] != x[i])


def at_most_level(x: cython.double[::1], level: cython.double, out: cython.uchar[::1]) -> None:
    """x <= level, a number; unknown where x is NaN."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(x)
    with cython.nogil:
        for i in range(n):
            out[i] = 2 * (x[i] <= level) + (x[i] != x[i])


def crossings(x: cython.double[::1], y: cython.double[::1], out: cython.uchar[::1], carry: cython.uchar[::1]) -> None:
    """x above y now and not above at the observation before; an observation is a bar on which both are numbers. Unknown
    on the first one and between them. `carry` (seen one, was above) is what the bars before leave behind: zeros before
    the first bar."""
    i: cython.Py_ssize_t = 0
    n: cython.Py_ssize_t = len(x)
    was_above: cython.uchar = carry[1]
    is_above: cython.uchar
    is_known: cython.uchar
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
        # Without a branch: whether a price crosses cannot be foreseen.
        while i < n:
            is_known = (x[i] == x[i]) & (y[i] == y[i])
            is_above = x[i] > y[i]
            out[i] = ((is_above & (1 - was_above)) << 1) | (1 - is_known)
            was_above = is_above if is_known else was_above
            i += 1
        carry[1] = was_above


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
