# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Columns over the bars of one market in one pass: equity after each, and which bars may fill orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
NAN: float = cython.declare(cython.double, float("nan"))


def equity(
    changes: cython.double[:, ::1], holdings: cython.double[:, ::1], close: cython.double[::1],
    multiplier: cython.double, out: cython.double[::1],
) -> None:  # fmt: skip
    """cash + quantity * multiplier * the last valid close, after each bar. `changes` are rows (bar, cash), `holdings`
    rows (market, bar, quantity), each from its bar on; of two rows of one bar the later stands."""
    i: cython.Py_ssize_t = 0
    c: cython.Py_ssize_t = 0
    k: cython.Py_ssize_t = 0
    n: cython.Py_ssize_t = len(out)
    until: cython.Py_ssize_t
    cash: cython.double = 0.0
    held: cython.double = 0.0
    size: cython.double
    mark: cython.double
    holes: cython.int
    j: cython.Py_ssize_t
    if n == 0:
        return
    # Plain pointers: see `lingua.backends.truths`.
    price = cython.address(close[0]) if cython.compiled else close
    made = cython.address(out[0]) if cython.compiled else out
    with cython.nogil:
        # From one change to the next all but the price stands still.
        while i < n:
            while c < changes.shape[0] and changes[c, 0] <= i:
                cash = changes[c, 1]
                c += 1
            while k < holdings.shape[0] and holdings[k, 1] <= i:
                held = holdings[k, 2]
                k += 1
            until = n
            if c < changes.shape[0] and changes[c, 0] < until:
                until = int(changes[c, 0])
            if k < holdings.shape[0] and holdings[k, 1] < until:
                until = int(holdings[k, 1])
            if held == 0.0:
                while i < until:
                    made[i] = cash
                    i += 1
                continue
            size = held * multiplier
            holes = _fill(price, cash, size, i, until, made)
            if holes:
                mark = _last_number(price, i)
                for j in range(i, until):
                    mark = price[j] if price[j] == price[j] else mark
                    made[j] = cash + size * mark
            i = until


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _fill(
    close: cython.p_double, cash: cython.double, size: cython.double, i: cython.Py_ssize_t, until: cython.Py_ssize_t,
    out: cython.p_double,
) -> cython.int:  # fmt: skip
    """Equity from bar i to before `until`; whether a close is missing there."""
    holes: cython.int = 0
    while i < until:
        holes |= close[i] != close[i]
        out[i] = cash + size * close[i]
        i += 1
    return holes


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _last_number(close: cython.p_double, i: cython.Py_ssize_t) -> cython.double:
    """The last valid close up to bar i; NaN before one."""
    while i >= 0:
        if close[i] == close[i]:
            return close[i]
        i -= 1
    return NAN


def excursions(
    trades: cython.double[:, ::1], cells: cython.longlong[::1], opened: cython.double[::1], high: cython.double[::1],
    low: cython.double[::1],
) -> None:  # fmt: skip
    """Fills in, where it is NaN, how far the price went against and for a long unit, as shares of its entry: over its
    bars from the entry on, and to the open of the bar that it left at. `cells` are the numbers of the columns of
    entry bar, entry price, exit bar, exit price, against and for; every bar is tradable."""
    row: cython.Py_ssize_t
    i: cython.Py_ssize_t
    last: cython.Py_ssize_t
    entry: cython.double
    leaving: cython.double
    top: cython.double
    bottom: cython.double
    with cython.nogil:
        for row in range(trades.shape[0]):
            if trades[row, cells[4]] == trades[row, cells[4]]:
                continue
            entry = trades[row, cells[1]]
            leaving = trades[row, cells[3]]
            last = int(trades[row, cells[2]])
            top = entry if entry > leaving else leaving
            bottom = entry if entry < leaving else leaving
            top = opened[last] if opened[last] > top else top
            bottom = opened[last] if opened[last] < bottom else bottom
            for i in range(int(trades[row, cells[0]]), last):
                top = high[i] if high[i] > top else top
                bottom = low[i] if low[i] < bottom else bottom
            trades[row, cells[4]] = 0.0
            trades[row, cells[5]] = 0.0
            if entry > 0.0:
                trades[row, cells[4]] = (entry - bottom) / entry
                trades[row, cells[5]] = (top - entry) / entry


def tradable(
    opened: cython.double[::1], high: cython.double[::1], low: cython.double[::1], close: cython.double[::1],
    volume: cython.double[::1], out: cython.uchar[::1],
) -> None:  # fmt: skip
    """1 where all prices are there and something was traded, or no bar up to this one tells of a volume: a column of
    zeros alone is a volume that nobody recorded. What comes later does not decide."""
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = len(out)
    total: cython.double
    is_told: cython.bint = False
    with cython.nogil:
        for i in range(n):
            is_told = is_told or volume[i] > 0.0
            # A NaN, and nothing else among prices, makes the sum unequal to itself.
            total = opened[i] + high[i] + low[i] + close[i]
            out[i] = (total == total) & (not (is_told and volume[i] <= 0.0))
