# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# ruff: noqa: I001 (two import forms)
"""Arithmetic between columns in one pass each; `pointwise` says what it means, and does without where none is compiled.

Columns are (n,) float64, contiguous, of one length; `pointwise` sees to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled and not TYPE_CHECKING:
    from cython.cimports.lingua.indicators.passes import (
        lp_chosen, lp_greater, lp_greater_than, lp_lesser, lp_lesser_than, lp_quotients,
    )  # fmt: skip

COMPILED = cython.compiled


def quotients(a: Any, b: Any) -> Any:
    """a / b; NaN where b is 0."""
    made = np.empty(len(a))
    if cython.compiled and len(a) > 0:
        x: cython.double[::1] = a
        y: cython.double[::1] = b
        out: cython.double[::1] = made
        lp_quotients(cython.address(x[0]), cython.address(y[0]), len(a), cython.address(out[0]))
    return made


def extremes(a: Any, b: Any, is_greater: bool) -> Any:
    """The greater (or lesser) of each two, the second of equal ones; NaN where one is missing."""
    made = np.empty(len(a))
    if cython.compiled and len(a) > 0:
        x: cython.double[::1] = a
        out: cython.double[::1] = made
        if isinstance(b, float):
            if is_greater:
                lp_greater_than(cython.address(x[0]), b, len(a), cython.address(out[0]))
            else:
                lp_lesser_than(cython.address(x[0]), b, len(a), cython.address(out[0]))
            return made
        y: cython.double[::1] = b
        if is_greater:
            lp_greater(cython.address(x[0]), cython.address(y[0]), len(a), cython.address(out[0]))
        else:
            lp_lesser(cython.address(x[0]), cython.address(y[0]), len(a), cython.address(out[0]))
    return made


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; the condition a column of bool."""
    made = np.empty(len(a))
    if cython.compiled and len(a) > 0:
        which: cython.uchar[::1] = condition.view(np.uint8)
        x: cython.double[::1] = a
        y: cython.double[::1] = b
        out: cython.double[::1] = made
        lp_chosen(
            cython.address(which[0]), cython.address(x[0]), cython.address(y[0]), len(a), cython.address(out[0])
        )  # fmt: skip
    return made
