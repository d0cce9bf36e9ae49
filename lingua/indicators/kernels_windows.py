# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# ruff: noqa: I001 (two import forms)
"""Kernels over windows: sums, means, spreads and lines that depend on the window's contents alone.

A running sum of floats remembers every rounding since the data began, so two runs that start on different bars differ
in the last bit, and `close > sma(close, 20)` becomes true on a flat market. Here sums are exact and what is made of
them is rounded at the end, so it does not matter in which order, or by which of these ways, a sum came about:

- A sum is a pair (rounded sum, rest), kept by error-free transformations (T. J. Dekker, Numerische Mathematik 18 (1971)
  224-242; D. E. Knuth, The Art of Computer Programming 2, 4.2.2). Each addition tells whether it lost anything; when it
  did (values further apart than about 2^50) the sum is kept in whole numbers until such values have left the window.
- A sum of products is a whole number of 256 bits, or one of Python's: interpreted, or with values further apart
  than 2^47. A variance is n * (sum of squares) - (sum)^2, exact and rounded once, divided by n^2: nothing cancels, and
  equal values have a deviation of exactly zero.
- Whole columns are swept by loops in C (`sweeps.pxd`), a stretch at a time; a stretch whose values lie too far apart
  for those is stepped.
"""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.indicators import exact
from lingua.indicators.exact import UNIT, nearest, whole
from lingua.indicators.kernel import buffer, column, columnwise, copied, led
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import sqrt
        from cython.cimports.lingua.indicators.kernel import Kernel
        from cython.cimports.lingua.indicators.sweeps import (
            lw_bands, lw_correlations, lw_cospread, lw_distances, lw_excess, lw_exchange, lw_lay, lw_nearest_pair,
            lw_roots, lw_share, lw_spread, lw_sums, lw_weighted,
        )  # fmt: skip
else:
    from lingua.indicators.kernel import Kernel
    from lingua.trading.shim import sqrt

# Declared, not annotated: an annotated name of a module stays a Python object, looked up at each use.
NAN = cython.declare(cython.double, float("nan"))
SPLITTER = cython.declare(cython.double, 134_217_729.0)  # 2^27 + 1
GREATEST = cython.declare(cython.double, 1e290)
FINE = -200
FINEST = -1074
"""Exponents of the units in which sums of products are whole numbers: shorter ones as long as they will do."""
GREAT = 2.0**250
TINY = cython.declare(cython.double, 2.0**-960)
SQUARED_UNIT = UNIT * UNIT
STRETCH = cython.declare(cython.Py_ssize_t, 1024)
"""Rows of a sweep, unless two windows are more: each begins with a window of its own."""


@cython.cfunc
@cython.inline
def quotient(high: cython.double, low: cython.double, n: cython.double) -> cython.double:
    """A sum as a pair divided by a whole number, rounded once: the mean of equal values is that value.

    The first 26 bits of high / n times n are exact, so what is left of the sum after them is too.
    """
    if high > GREATEST or high < -GREATEST:
        return quotient(high * 2.0**-60, low * 2.0**-60, n) * 2.0**60
    by: cython.double = 1.0 / n
    q: cython.double = high * by
    t: cython.double = SPLITTER * q
    top: cython.double = t - (t - q)
    t = SPLITTER * n
    nh: cython.double = t - (t - n)
    nl: cython.double = n - nh
    return top + (((high - top * nh) - top * nl) + low) * by


@cython.cfunc
@cython.inline
def share(a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
    """(a + b) / (c + d) of two pairs, rounded once; `lw_share` interpreted."""
    q: cython.double = a / c
    p: cython.double = q * c
    t: cython.double = SPLITTER * q
    qh: cython.double = t - (t - q)
    ql: cython.double = q - qh
    t = SPLITTER * c
    ch: cython.double = t - (t - c)
    cl: cython.double = c - ch
    e: cython.double = ((qh * ch - p) + qh * cl + ql * ch) + ql * cl
    return q + ((((a - p) - e) + b) - q * d) / c


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Pair:
    """A sum as (rounded sum, rest). `is_exact` falls when an addition lost something."""

    high: cython.double
    low: cython.double
    is_exact: cython.bint

    def __init__(self) -> None:
        self.high = 0.0
        self.low = 0.0
        self.is_exact = True

    @cython.cfunc
    def add(self, x: cython.double) -> cython.int:
        s: cython.double = self.high + x
        t: cython.double = s - self.high
        e: cython.double = (self.high - (s - t)) + (x - t)
        r: cython.double = self.low + e
        t = r - self.low
        if (self.low - (r - t)) + (e - t) != 0.0:
            self.is_exact = False
        self.high = s + r
        t = self.high - s
        self.low = (s - (self.high - t)) + (r - t)
        return 0

    @cython.cfunc
    def exchange(self, x: cython.double, y: cython.double) -> cython.int:
        """Add x and take y away. As long as nothing is lost the pair is the exact sum, whatever order it came in, so
        this is `add` twice: in half the time, as the difference does not wait for the sum."""
        d: cython.double = x - y
        t: cython.double = d - x
        f: cython.double = (x - (d - t)) - (y + t)
        s: cython.double = self.high + d
        t = s - self.high
        e: cython.double = (self.high - (s - t)) + (d - t)
        r: cython.double = self.low + e
        t = r - self.low
        lost: cython.double = (self.low - (r - t)) + (e - t)
        q: cython.double = r + f
        t = q - r
        if lost != 0.0 or (r - (q - t)) + (f - t) != 0.0:
            self.is_exact = False
        self.high = s + q
        t = self.high - s
        self.low = (s - (self.high - t)) + (q - t)
        return 0

    @cython.cfunc
    def add_times(self, x: cython.double, factor: cython.double) -> cython.int:
        """Add x * factor, a whole number below 2^26: the product in two exact parts."""
        t: cython.double = SPLITTER * x
        top: cython.double = t - (t - x)
        self.add(top * factor)
        self.add((x - top) * factor)
        return 0

    @cython.cfunc
    def set_whole(self, total: object) -> cython.int:
        self.high = nearest(total)
        if self.high != self.high:
            self.low = NAN
            self.is_exact = False
            return 0
        rest = total - whole(self.high)
        self.low = nearest(rest)
        self.is_exact = whole(self.low) == rest
        return 0

    @cython.cfunc
    def divided(self, n: cython.double) -> cython.double:
        return quotient(self.high, self.low, n)

    @cython.cfunc
    def clear(self) -> cython.int:
        self.high = 0.0
        self.low = 0.0
        self.is_exact = True
        return 0

    @cython.cfunc
    def assign(self, other: Pair) -> cython.int:
        self.high = other.high
        self.low = other.low
        self.is_exact = other.is_exact
        return 0


@cython.auto_pickle(True)
@cython.cclass
class Window(Kernel):
    """The last `length` values (oldest at `start`), their exact sum, and if asked for the exact sum of k * x, k = 0 at
    the oldest value."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    start: cython.Py_ssize_t
    is_weighted: cython.bint
    cells: cython.double[::1]
    total: Pair
    moment: Pair
    whole_total: object
    whole_moment: object
    whole_left: cython.Py_ssize_t

    def __init__(self, length: int, is_weighted: bool = False) -> None:
        super().__init__()
        if length < 1:
            raise ValueError("a window has at least one bar")
        self.length = length
        self.count = 0
        self.start = 0
        self.is_weighted = is_weighted
        self.cells = buffer(length)
        self.total = Pair()
        self.moment = Pair()
        self.whole_total = 0
        self.whole_moment = 0
        self.whole_left = 0  # bars for which the sums are kept in whole numbers

    @cython.cfunc
    def roll(self, x: cython.double) -> cython.bint:
        """As `push`, for who does not ask for the sums."""
        if self.count < self.length:
            self.cells[self.count] = x
            self.count += 1
            return self.count == self.length
        self.cells[self.start] = x
        self.start += 1
        if self.start == self.length:
            self.start = 0
        return True

    @cython.cfunc
    def push(self, x: cython.double) -> cython.bint:
        """Take a value in and the oldest out; whether the window is full."""
        oldest: cython.double = self.cells[self.start]
        is_full: cython.bint = self.count == self.length
        if self.whole_left > 0:
            self.push_whole(x, oldest, is_full)
        elif not is_full:
            if self.is_weighted:
                self.moment.add_times(x, self.count)
            self.total.add(x)
        elif self.is_weighted:
            self.total.add(-oldest)
            # The oldest has weight 0; all that stay move down by one.
            self.moment.add(-self.total.high)
            self.moment.add(-self.total.low)
            self.moment.add_times(x, self.length - 1)
            self.total.add(x)
        else:
            self.total.exchange(x, oldest)
        self.roll(x)
        if not self.total.is_exact or not self.moment.is_exact:
            self.add_again()
        return self.count == self.length

    @cython.cfunc
    def push_whole(self, x: cython.double, oldest: cython.double, is_full: cython.bint) -> cython.int:
        """The sums in whole numbers; left when both have been pairs for as long as the window."""
        value: object = whole(x)
        if is_full:
            self.whole_total = self.whole_total - whole(oldest)
            if self.is_weighted:
                self.whole_moment = self.whole_moment - self.whole_total + value * (self.length - 1)
        elif self.is_weighted:
            self.whole_moment = self.whole_moment + value * self.count
        self.whole_total = self.whole_total + value
        self.round_whole()
        return 0

    @cython.cfunc
    def round_whole(self) -> cython.int:
        self.total.set_whole(self.whole_total)
        if self.is_weighted:
            self.moment.set_whole(self.whole_moment)
        # What is not exact stays in whole numbers and needs no more help.
        self.whole_left -= 1
        if not self.total.is_exact or not self.moment.is_exact:
            self.whole_left = self.length
        self.total.is_exact = True
        self.moment.is_exact = True
        return 0

    @cython.cfunc
    def add_again(self) -> cython.int:
        """The sums from the window's contents, in whole numbers."""
        total: object = 0
        moment: object = 0
        k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        for k in range(self.count):
            at = self.start + k
            if at >= self.length:
                at -= self.length
            value: object = whole(self.cells[at])
            total += value
            moment += value * k
        self.whole_total = total
        self.whole_moment = moment
        self.whole_left = self.length
        self.round_whole()
        return 0

    @cython.cfunc
    def mean(self) -> cython.double:
        return self.total.divided(self.count)

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        """Compiled: results of `rows` windows, the first of which begins at `x`; `sweeps.pxd` has what it answers."""
        return 0

    def fresh(self) -> Any:
        """Another of the same parameters that has taken nothing in."""
        twin = self.copy()
        twin.clear()
        return twin

    def clear(self) -> None:
        """As at the beginning; parts of its own are cleared where they are kept."""
        self.count = 0
        self.start = 0
        self.total.clear()
        self.moment.clear()
        self.whole_left = 0

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`; rows with a hole are left out first, and a fresh kernel sweeps."""
        if self.count > 0:
            return Kernel.run(self, a, b, c, d)
        if not cython.compiled:
            return columnwise(a, self.by_columns, b) if self.arity > 1 else columnwise(a, self.by_columns)
        found = self.swept(a, b if self.arity > 1 else a)
        if found is None:
            return columnwise(a, self.swept, b) if self.arity > 1 else columnwise(a, self.swept)
        return found

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        """Interpreted: columns without holes at once, where there is a quicker way than a step for each row."""
        return Kernel.run(self.fresh(), x, y, 0.0, 0.0)

    def swept(self, a: Any, b: Any = None) -> Any:
        """Compiled: stretch after stretch; None when a value is missing, but at the beginning."""
        n: cython.Py_ssize_t = len(a)
        rows: cython.Py_ssize_t
        at: cython.Py_ssize_t
        first: cython.Py_ssize_t = 0
        length: cython.Py_ssize_t = self.length
        size: cython.Py_ssize_t = STRETCH if 2 * length < STRETCH else 2 * length
        done: cython.int
        if not cython.compiled:
            return None
        xs: cython.double[::1] = column(a)
        ys: cython.double[::1] = xs if b is None or b is a else column(b)
        if ys.shape[0] != n:
            raise ValueError("columns of different length")
        while first < n and (xs[first] != xs[first] or ys[first] != ys[first]):
            first += 1
        outs = tuple([np.empty(n) for _ in range(self.width)])
        out: cython.double[::1] = outs[0]
        # What is no output is kept for a stretch.
        second: cython.double[::1] = outs[1] if self.width > 1 else np.empty(size)
        third: cython.double[::1] = outs[2] if self.width > 2 else np.empty(size)
        to_second: cython.Py_ssize_t
        to_third: cython.Py_ssize_t
        at = first + length - 1
        for each in outs:
            each[:at] = NAN
        while at < n:
            rows = n - at if n - at < size else size
            to_second = at if self.width > 1 else 0
            to_third = at if self.width > 2 else 0
            done = self.sweep(
                cython.address(xs[at - length + 1]), cython.address(ys[at - length + 1]), rows,
                cython.address(out[at]), cython.address(second[to_second]), cython.address(third[to_third]),
            )  # fmt: skip
            if done < 0:
                return None
            if done == 0:
                found = Kernel.run(self.fresh(), xs[at - length + 1 : at + rows], ys[at - length + 1 : at + rows], 0, 0)
                for each, values in zip(outs, found if self.width > 1 else (found,), strict=True):
                    each[at : at + rows] = values[length - 1 :]
            at += rows
        return outs if self.width > 1 else outs[0]

    @cython.cfunc
    def assign_window(self, other: Window) -> cython.int:
        self.count = other.count
        self.start = other.start
        self.cells = copied(other.cells)
        self.total.assign(other.total)
        self.moment.assign(other.moment)
        self.whole_total = other.whole_total
        self.whole_moment = other.whole_moment
        self.whole_left = other.whole_left
        return 0


def means(x: Any, length: int) -> Any:
    if len(x) < length:
        return np.full(len(x), NAN)
    return led(exact.divided(exact.WindowSums(x).sums(length), float(length)), len(x))


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Sum(Window):
    """Sum of the last `length` values."""

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if not self.push(a):
            return NAN
        return self.total.high

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_sums(x, rows, self.length, 0, 0.0, out, out)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length = int(self.length)
        return led(exact.WindowSums(x).sums(length)[0], len(x)) if len(x) >= length else np.full(len(x), NAN)

    def copy(self) -> Sum:
        twin = Sum(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Mean(Window):
    """Arithmetic mean of the last `length` values."""

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if not self.push(a):
            return NAN
        return self.mean()

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_sums(x, rows, self.length, 1, 0.0, out, out)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        return means(x, int(self.length))

    def copy(self) -> Mean:
        twin = Mean(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class VaryingMean(Window):
    """(x, n) to the mean of the last n values, n held between `shortest` and the window's length."""

    shortest: cython.Py_ssize_t
    sum: Pair

    def __init__(self, shortest: int, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.shortest = shortest
        self.sum = Pair()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        n: cython.Py_ssize_t
        if not self.push(a):
            return NAN
        n = self.length if b >= self.length else self.shortest if b < self.shortest else int(b)
        if n > self.length:
            n = self.length
        self.sum.clear()
        total: object = 0
        for k in range(self.length - n, self.length):
            at = self.start + k
            if at >= self.length:
                at -= self.length
            self.sum.add(self.cells[at])
        if not self.sum.is_exact:
            for k in range(self.length - n, self.length):
                at = self.start + k
                if at >= self.length:
                    at -= self.length
                total += whole(self.cells[at])
            self.sum.set_whole(total)
        return self.sum.divided(n)

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        return Kernel.run(self, a, b, c, d)

    def copy(self) -> VaryingMean:
        twin = VaryingMean(self.shortest, self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class LinearMean(Window):
    """Mean of the last `length` values weighted 1, 2, … towards the newest."""

    def __init__(self, length: int) -> None:
        super().__init__(length, True)
        self.sum = Pair()

    sum: Pair

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        if not self.push(a):
            return NAN
        self.sum.assign(self.moment)
        self.sum.add(self.total.high)
        self.sum.add(self.total.low)
        return self.sum.divided(n * (n + 1.0) / 2.0)

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_sums(x, rows, self.length, 2, 0.0, out, out)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length = int(self.length)
        if len(x) < length:
            return np.full(len(x), NAN)
        sums = exact.WindowSums(x)
        total = sums.sums(length)
        pair = exact.plus(exact.plus(sums.weighted(length), total[0]), total[1])
        return led(exact.divided(pair, length * (length + 1.0) / 2.0), len(x))

    def copy(self) -> LinearMean:
        twin = LinearMean(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Line(Window):
    """Slope of the least-squares line through the last `length` (2 or more) values, and `second` their mean."""

    def __init__(self, length: int) -> None:
        super().__init__(length, True)
        self.width = 2
        self.sum = Pair()

    sum: Pair

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        self.second = NAN
        if not self.push(a):
            return NAN
        self.second = self.mean()
        self.sum.clear()
        self.sum.add_times(self.moment.high, 12.0)
        self.sum.add_times(self.moment.low, 12.0)
        self.sum.add_times(self.total.high, -6.0 * (n - 1.0))
        self.sum.add_times(self.total.low, -6.0 * (n - 1.0))
        return self.sum.divided(n * (n * n - 1.0))

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_sums(x, rows, self.length, 3, 0.0, out, second)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length = int(self.length)
        if len(x) < length:
            return np.full(len(x), NAN), np.full(len(x), NAN)
        n = float(length)
        sums = exact.WindowSums(x)
        total, moment = sums.sums(length), sums.weighted(length)
        pair = (np.zeros(len(total[0])), np.zeros(len(total[0])))
        pair = exact.plus_times(exact.plus_times(pair, moment[0], 12.0), moment[1], 12.0)
        pair = exact.plus_times(pair, total[0], -6.0 * (n - 1.0))
        pair = exact.plus_times(pair, total[1], -6.0 * (n - 1.0))
        return led(exact.divided(pair, n * (n * n - 1.0)), len(x)), led(exact.divided(total, n), len(x))

    def copy(self) -> Line:
        twin = Line(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class LineAt(Window):
    """The least-squares line through the last `length` (2 or more) values, `ahead` bars after the window's middle; its
    slope where that is NaN."""

    ahead: cython.double
    line: Line

    def __init__(self, length: int, ahead: float) -> None:
        super().__init__(length, True)
        self.ahead = ahead
        self.line = Line(length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        slope: cython.double = self.line.step(a, 0.0, 0.0, 0.0)
        return slope if self.ahead != self.ahead else self.line.second + slope * self.ahead

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_sums(x, rows, self.length, 5 if self.ahead != self.ahead else 4, self.ahead, out, out)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        slope, mean = self.line.by_columns(x)
        return slope if self.ahead != self.ahead else mean + slope * self.ahead

    def clear(self) -> None:
        self.line.clear()

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        return Window.run(self, a, b, c, d) if self.line.count == 0 else Kernel.run(self, a, b, c, d)

    def copy(self) -> LineAt:
        twin = LineAt(self.length, self.ahead)
        twin.line = self.line.copy()
        return twin


# --- sums of products --------------------------------------------------------------------------------


def units(x: float, exponent: int) -> Any:
    """A float in units of 2^exponent; None where it is no whole number of FINE ones, or a very great one."""
    if exponent == FINEST:
        return whole(x)
    scaled = math.ldexp(x, -FINE) if -GREAT < x < GREAT else 0.5
    return int(scaled) if scaled.is_integer() else None


def nearest_product(total: Any, exponent: int) -> float:
    """The float nearest to a number of squared units; NaN beyond the greatest."""
    if exponent == FINE:
        return math.ldexp(float(total), 2 * FINE)
    try:
        found: float = total / SQUARED_UNIT
    except OverflowError:
        return float("nan")
    return found


def nearest_share(products: Any, weights: Any) -> float:
    """The float nearest to sums in units of 2^-2148 and 2^-1074 divided; NaN beyond the greatest."""
    try:
        found: float = products / (weights * UNIT)
    except OverflowError:
        return float("nan")
    return found


def in_units(x: Any) -> Any:
    """Interpreted: a column in units of 2^FINE; None where a value is no whole number of them."""
    scaled = np.ldexp(x, -FINE)
    fits = (np.abs(x) < GREAT) & (np.abs(scaled - np.floor(scaled)) == 0.0)
    return [int(each) for each in scaled.tolist()] if fits.all() else None


def excesses(x: Any, y: Any, length: int) -> Any:
    """Interpreted: `Products.excess` of every window of two columns `in_units`."""
    sums_x, sums_y = list(accumulate(x, initial=0)), list(accumulate(y, initial=0))
    sums = list(accumulate(map(mul, x, y), initial=0))
    found = [
        math.ldexp(
            float(length * (sums[k + length] - s) - (sums_x[k + length] - a) * (sums_y[k + length] - b)), 2 * FINE
        )
        for k, (s, a, b) in enumerate(zip(sums[:-length], sums_x, sums_y, strict=False))
    ]
    return np.array(found)


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Products:
    """Exact sums of x, of y and of x * y over two windows that go together; over one, x and y are the same.

    On a grid for either (`parts`, see `sweeps.pxd`) or in Python's whole numbers: interpreted, and while the windows
    hold values too far apart for a grid.
    """

    is_on_grid: cython.bint
    left: cython.Py_ssize_t
    grid_x: cython.int
    grid_y: cython.int
    parts: cython.ulonglong[8]
    unit: cython.int
    sum_x: object
    sum_y: object
    sum: object

    def __init__(self) -> None:
        self.is_on_grid = False
        self.left = 0  # bars until a grid, or the shorter numbers, are tried again
        self.grid_x = 0
        self.grid_y = 0
        self.parts = [0] * 8
        self.unit = FINE
        self.sum_x = 0
        self.sum_y = 0
        self.sum = 0

    @cython.cfunc
    def push(self, xs: Window, ys: Window, x: cython.double, y: cython.double) -> cython.int:
        """Before the windows take x and y in."""
        is_full: cython.bint = xs.count == xs.length
        old_x: cython.double = xs.cells[xs.start]
        old_y: cython.double = ys.cells[ys.start]
        if cython.compiled:
            if self.is_on_grid and lw_exchange(self.parts, self.grid_x, self.grid_y, x, y, False):
                if is_full:
                    lw_exchange(self.parts, self.grid_x, self.grid_y, old_x, old_y, True)
                return 0
            if (self.is_on_grid or self.left <= 0) and self.lay(xs, ys, x, y, is_full):
                return 0
        if self.is_on_grid or (self.left <= 0 and self.unit != FINE):
            self.unit = FINE
            self.gather(xs, ys)
        self.left -= 1
        above: object = units(x, self.unit)
        other: object = above if x == y else units(y, self.unit)
        if above is None or other is None:
            self.unit = FINEST
            self.gather(xs, ys)
            above = whole(x)
            other = whole(y)
        self.sum_x = self.sum_x + above
        self.sum_y = self.sum_y + other
        self.sum = self.sum + above * other
        if is_full:
            above = units(old_x, self.unit)
            other = above if old_x == old_y else units(old_y, self.unit)
            self.sum_x = self.sum_x - above
            self.sum_y = self.sum_y - other
            self.sum = self.sum - above * other
        return 0

    @cython.cfunc
    def gather(self, xs: Window, ys: Window) -> cython.int:
        """The sums of the windows' contents in Python's whole numbers."""
        k: cython.Py_ssize_t
        self.is_on_grid = False
        self.left = xs.length
        self.sum_x = 0
        self.sum_y = 0
        self.sum = 0
        # Two windows that go together have turned as far: their values meet where they stand.
        for k in range(xs.count):
            above: object = units(xs.cells[k], self.unit)
            other: object = units(ys.cells[k], self.unit)
            if above is None or other is None:
                self.unit = FINEST
                return self.gather(xs, ys)
            self.sum_x = self.sum_x + above
            self.sum_y = self.sum_y + other
            self.sum = self.sum + above * other
        return 0

    @cython.cfunc
    def lay(self, xs: Window, ys: Window, x: cython.double, y: cython.double, is_full: cython.bint) -> cython.bint:
        """A grid under the windows as they will be with x and y in them; False where there is none."""
        k: cython.Py_ssize_t
        if not cython.compiled:
            return False
        if not lw_lay(cython.address(xs.cells[0]), xs.count, x, cython.address(self.grid_x)):
            return False
        if not lw_lay(cython.address(ys.cells[0]), ys.count, y, cython.address(self.grid_y)):
            return False
        for k in range(8):
            self.parts[k] = 0
        for k in range(xs.count):
            # The oldest is on its way out, but has a place on the grid too.
            if not is_full or k != xs.start:
                lw_exchange(self.parts, self.grid_x, self.grid_y, xs.cells[k], ys.cells[k], False)
        lw_exchange(self.parts, self.grid_x, self.grid_y, x, y, False)
        self.is_on_grid = True
        return True

    @cython.cfunc
    def excess(self, xs: Window, ys: Window) -> cython.double:
        """n * (sum of x * y) - (sum of x) * (sum of y), rounded once: n^2 covariances."""
        if cython.compiled and self.is_on_grid:
            return lw_excess(self.parts, xs.count, self.grid_x + self.grid_y)
        if self.is_on_grid:
            self.gather(xs, ys)
        return nearest_product(self.sum * xs.count - self.sum_x * self.sum_y, self.unit)

    @cython.cfunc
    def share(self, xs: Window, weights: Window) -> cython.double:
        """(sum of x * y) / (sum of y), rounded once."""
        high: cython.double
        low: cython.double = 0.0
        if cython.compiled and self.is_on_grid:
            high = lw_nearest_pair(cython.address(self.parts[4]), self.grid_x + self.grid_y, cython.address(low))
            return lw_share(high, low, weights.total.high, weights.total.low)
        if self.is_on_grid:
            self.gather(xs, weights)
        high = nearest_product(self.sum, self.unit)
        if high != high:
            return NAN
        if self.unit == FINEST and (-TINY < high < TINY or -TINY < weights.total.high < TINY):
            # Floats of this size have not the digits of a pair. No grid holds such sums.
            return nearest_share(self.sum, self.sum_y)
        taken: object = int(math.ldexp(high, -2 * FINE)) if self.unit == FINE else whole(high) * UNIT
        low = nearest_product(self.sum - taken, self.unit)
        return share(high, low, weights.total.high, weights.total.low)

    @cython.cfunc
    def assign(self, other: Products) -> cython.int:
        k: cython.Py_ssize_t
        self.is_on_grid = other.is_on_grid
        self.left = other.left
        self.unit = other.unit
        self.grid_x = other.grid_x
        self.grid_y = other.grid_y
        for k in range(8):
            self.parts[k] = other.parts[k]
        self.sum_x = other.sum_x
        self.sum_y = other.sum_y
        self.sum = other.sum
        return 0

    @cython.cfunc
    def clear(self) -> cython.int:
        self.is_on_grid = False
        self.left = 0
        self.unit = FINE
        self.sum_x = 0
        self.sum_y = 0
        self.sum = 0
        return 0


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Spread(Window):
    """Population variance of the last `length` values, and `second` their mean."""

    squares: Products

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.width = 2
        self.squares = Products()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        self.second = NAN
        self.squares.push(self, self, a, a)
        if not self.push(a):
            return NAN
        self.second = self.mean()
        return self.squares.excess(self, self) / (n * n)

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_spread(x, rows, self.length, out, second)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length, whole_x = int(self.length), in_units(x)
        if whole_x is None or len(x) < length:
            return Window.by_columns(self, x, y)
        return led(excesses(whole_x, whole_x, length) / float(length * length), len(x)), means(x, length)

    def clear(self) -> None:
        Window.clear(self)
        self.squares.clear()

    def copy(self) -> Spread:
        twin = Spread(self.length)
        twin.assign_window(self)
        twin.squares.assign(self.squares)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Variance(Window):
    """Population variance of the last `length` values times `factor`, or the root of that."""

    factor: cython.double
    is_root: cython.bint
    squares: Products

    def __init__(self, length: int, factor: float = 1.0, is_root: bool = False) -> None:
        super().__init__(length)
        self.factor = factor
        self.is_root = is_root
        self.squares = Products()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        value: cython.double
        self.squares.push(self, self, a, a)
        if not self.roll(a):
            return NAN
        value = self.squares.excess(self, self) / (n * n) * self.factor
        return sqrt(value) if self.is_root else value

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        done: cython.int = lw_spread(x, rows, self.length, out, cython.NULL)
        if done > 0:
            lw_roots(out, rows, self.factor, self.is_root)
        return done

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length, whole_x = int(self.length), in_units(x)
        if whole_x is None or len(x) < length:
            return Window.by_columns(self, x, y)
        variance = led(excesses(whole_x, whole_x, length) / float(length * length), len(x)) * self.factor
        return np.sqrt(variance) if self.is_root else variance

    def clear(self) -> None:
        Window.clear(self)
        self.squares.clear()

    def copy(self) -> Variance:
        twin = Variance(self.length, self.factor, self.is_root)
        twin.assign_window(self)
        twin.squares.assign(self.squares)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Banded(Window):
    """Mean of the last `length` values as `second`; the result and `third` lie `width` deviations above and below."""

    around: cython.double
    squares: Products

    def __init__(self, length: int, around: float) -> None:
        super().__init__(length)
        self.width = 3
        self.around = around
        self.squares = Products()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        band: cython.double
        self.second = NAN
        self.third = NAN
        self.squares.push(self, self, a, a)
        if not self.push(a):
            return NAN
        band = self.around * sqrt(self.squares.excess(self, self) / (n * n))
        self.second = self.mean()
        self.third = self.second - band
        return self.second + band

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        done: cython.int = lw_spread(x, rows, self.length, third, second)
        if done > 0:
            lw_bands(out, second, third, rows, self.around)
        return done

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length, whole_x = int(self.length), in_units(x)
        if whole_x is None or len(x) < length:
            return Window.by_columns(self, x, y)
        mean = means(x, length)
        band = self.around * np.sqrt(led(excesses(whole_x, whole_x, length) / float(length * length), len(x)))
        return mean + band, mean, mean - band

    def clear(self) -> None:
        Window.clear(self)
        self.squares.clear()

    def copy(self) -> Banded:
        twin = Banded(self.length, self.around)
        twin.assign_window(self)
        twin.squares.assign(self.squares)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class CoSpread(Window):
    """Population covariance of the last `length` pairs, `second` and `third` the variances of either."""

    other: Window
    squares_x: Products
    squares_y: Products
    products: Products

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.width = 3
        self.other = Window(length)
        self.squares_x = Products()
        self.squares_y = Products()
        self.products = Products()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        n: cython.double = self.length
        self.second = NAN
        self.third = NAN
        self.squares_x.push(self, self, a, a)
        self.squares_y.push(self.other, self.other, b, b)
        self.products.push(self, self.other, a, b)
        self.other.roll(b)
        if not self.roll(a):
            return NAN
        self.second = self.squares_x.excess(self, self) / (n * n)
        self.third = self.squares_y.excess(self.other, self.other) / (n * n)
        return self.products.excess(self, self.other) / (n * n)

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_cospread(x, y, rows, self.length, out, second, third)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length, whole_x, whole_y = int(self.length), in_units(x), in_units(y)
        if whole_x is None or whole_y is None or len(x) < length:
            return Window.by_columns(self, x, y)
        pairs = ((whole_x, whole_y), (whole_x, whole_x), (whole_y, whole_y))
        return tuple(led(excesses(a, b, length) / float(length * length), len(x)) for a, b in pairs)

    def clear(self) -> None:
        Window.clear(self)
        self.other.clear()
        self.squares_x.clear()
        self.squares_y.clear()
        self.products.clear()

    def copy(self) -> CoSpread:
        twin = CoSpread(self.length)
        twin.assign_window(self)
        twin.other.assign_window(self.other)
        twin.squares_x.assign(self.squares_x)
        twin.squares_y.assign(self.squares_y)
        twin.products.assign(self.products)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Correlation(Window):
    """Pearson's correlation of the last `length` pairs; NaN where one does not move."""

    spread: CoSpread

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.spread = CoSpread(length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        both: cython.double = self.spread.step(a, b, 0.0, 0.0)
        root: cython.double = sqrt(self.spread.second * self.spread.third)
        if root == 0.0 or both != both:
            return NAN
        both = both / root
        return 1.0 if both > 1.0 else -1.0 if both < -1.0 else both

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        done: cython.int = lw_cospread(x, y, rows, self.length, out, second, third)
        if done > 0:
            lw_correlations(out, second, third, rows)
        return done

    def clear(self) -> None:
        self.spread.clear()

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        return Window.run(self, a, b, c, d) if self.spread.count == 0 else Kernel.run(self, a, b, c, d)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        both, of_x, of_y = self.spread.by_columns(x, y)
        root = np.sqrt(of_x * of_y)
        with np.errstate(all="ignore"):
            both = both / np.where(root == 0.0, NAN, root)
        return np.where(both > 1.0, 1.0, np.where(both < -1.0, -1.0, both))

    def copy(self) -> Correlation:
        twin = Correlation(self.length)
        twin.spread = self.spread.copy()
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class WeightedMean(Window):
    """Mean of the last `length` values, each weighted by its partner: the exact sum of the products divided by that of
    the weights and rounded once, so that equal values keep their value. NaN when the weights sum to 0."""

    other: Window
    products: Products

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.other = Window(length)
        self.products = Products()

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        self.products.push(self, self.other, a, b)
        self.other.push(b)
        if not self.roll(a) or self.other.total.high == 0.0:
            return NAN
        return self.products.share(self, self.other)

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        return lw_weighted(x, y, rows, self.length, out)

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length, whole_x, whole_y = int(self.length), in_units(x), in_units(y)
        if whole_x is None or whole_y is None or len(x) < length:
            return Window.by_columns(self, x, y)
        sums = list(accumulate(map(mul, whole_x, whole_y), initial=0))
        totals = [after - before for before, after in zip(sums, sums[length:], strict=False)]
        high = [math.ldexp(float(each), 2 * FINE) for each in totals]
        low = [
            math.ldexp(float(each - int(math.ldexp(above, -2 * FINE))), 2 * FINE)
            for each, above in zip(totals, high, strict=True)
        ]
        weights, rest = exact.WindowSums(y).sums(length)
        return led(share(np.array(high), np.array(low), np.where(weights == 0.0, NAN, weights), rest), len(x))

    def clear(self) -> None:
        Window.clear(self)
        self.other.clear()
        self.products.clear()

    def copy(self) -> WeightedMean:
        twin = WeightedMean(self.length)
        twin.assign_window(self)
        twin.other.assign_window(self.other)
        twin.products.assign(self.products)
        return twin


# --- distances ---------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class MeanDeviation(Window):
    """Mean distance of the last `length` values from their mean, and `second` that mean."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.width = 2

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        k: cython.Py_ssize_t
        away: cython.double
        distance: cython.double = 0.0
        mean: cython.double
        self.second = NAN
        if not self.push(a):
            return NAN
        mean = self.mean()
        for k in range(self.start, self.length):
            away = self.cells[k] - mean
            distance = distance + (away if away >= 0.0 else -away)
        for k in range(self.start):
            away = self.cells[k] - mean
            distance = distance + (away if away >= 0.0 else -away)
        self.second = mean
        return distance / self.length

    @cython.cfunc
    def sweep(
        self, x: cython.p_double, y: cython.p_double, rows: cython.Py_ssize_t,
        out: cython.p_double, second: cython.p_double, third: cython.p_double,
    ) -> cython.int:  # fmt: skip
        done: cython.int = lw_sums(x, rows, self.length, 1, 0.0, second, second)
        if done > 0:
            lw_distances(x, rows, self.length, second, out)
        return done

    def by_columns(self, x: Any, y: Any = 0.0) -> Any:
        length = int(self.length)
        mean = means(x, length)
        total = np.zeros(max(len(x) - length + 1, 0))
        for k in range(length if len(total) else 0):
            away = x[k : k + len(total)] - mean[length - 1 :]
            total = total + np.abs(away)
        return led(total / length, len(x)), mean

    def copy(self) -> MeanDeviation:
        twin = MeanDeviation(self.length)
        twin.assign_window(self)
        return twin
