# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Elementary functions over columns, by the C library, one value at a time.

NumPy's vectorised `exp`, `log` and `pow` differ from the C library in the last bit on some inputs, and differ between
processors of different vector width; a backtest on one machine must equal the live run on another. So both back ends
and the decision program use the C library: here compiled where a compiler was present, else through `math`.

Every function takes a contiguous float64 column and fills `out` of the same length. NaN stays NaN; what has no finite
value becomes NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    from cython.cimports.libc.math import exp as c_exp
    from cython.cimports.libc.math import isfinite
    from cython.cimports.libc.math import log as c_log
    from cython.cimports.libc.math import pow as c_pow
else:
    from math import isfinite

    from lingua.trading.shim import exp as c_exp
    from lingua.trading.shim import log as c_log
    from lingua.trading.shim import power as c_pow

COMPILED = cython.compiled
NAN = float("nan")


def exp(x: cython.double[::1], out: cython.double[::1]) -> None:
    """e^x; overflow is NaN."""
    i: cython.Py_ssize_t
    v: cython.double
    for i in range(len(x)):
        v = c_exp(x[i])
        out[i] = v if isfinite(v) else NAN


def log(x: cython.double[::1], out: cython.double[::1]) -> None:
    """Natural logarithm; NaN for x <= 0."""
    i: cython.Py_ssize_t
    v: cython.double
    for i in range(len(x)):
        v = x[i]
        out[i] = c_log(v) if v > 0.0 else NAN


def power(x: cython.double[::1], y: cython.double[::1], out: cython.double[::1]) -> None:
    """x^y; 0^0 is 1, a negative base with a fractional exponent and overflow are NaN, NaN^0 stays NaN."""
    i: cython.Py_ssize_t
    v: cython.double
    for i in range(len(x)):
        if x[i] != x[i] or y[i] != y[i]:
            out[i] = NAN
        else:
            v = c_pow(x[i], y[i])
            out[i] = v if isfinite(v) else NAN
