# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The recursions of the indicator library over whole columns: compiled where a compiler was present, else run as they
stand, with the same bits (plain float64, no contraction)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled


def smooth(
    x: cython.double[::1], first: cython.Py_ssize_t, seed: cython.double, alpha: cython.double, out: cython.double[::1]
) -> None:
    """Exponential smoothing: `out[first] = seed`, then `out[i] = out[i-1] + alpha * (x[i] - out[i-1])`."""
    i: cython.Py_ssize_t
    value: cython.double = seed
    n: cython.Py_ssize_t = x.shape[0]
    if first < 0 or first >= n or out.shape[0] < n:
        return
    out[first] = value
    for i in range(first + 1, n):
        value = value + alpha * (x[i] - value)
        out[i] = value


def adaptive(
    x: cython.double[::1],
    weight: cython.double[::1],
    first: cython.Py_ssize_t,
    seed: cython.double,
    out: cython.double[::1],
) -> None:
    """Smoothing with a weight of its own at each bar: `out[i] = out[i-1] + weight[i] * (x[i] - out[i-1])`."""
    i: cython.Py_ssize_t
    value: cython.double = seed
    n: cython.Py_ssize_t = x.shape[0]
    if first < 0 or first >= n or out.shape[0] < n or weight.shape[0] < n:
        return
    out[first] = value
    for i in range(first + 1, n):
        value = value + weight[i] * (x[i] - value)
        out[i] = value


def accumulate(x: cython.double[::1], out: cython.double[::1]) -> None:
    """Running sum, left to right."""
    i: cython.Py_ssize_t
    value: cython.double = 0.0
    n: cython.Py_ssize_t = x.shape[0]
    if out.shape[0] < n:
        return
    for i in range(n):
        value = value + x[i]
        out[i] = value
