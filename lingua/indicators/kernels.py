# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: legacy_implicit_noexcept=True
"""What indicators are made of: small machines that take one observation and give one value.

A kernel called with numbers takes one step; called with columns it takes a step for each row. Both go through the same
`step`, so the batch form and the incremental form of everything built here agree to the last bit by construction. A row
with a missing or infinite input gives NaN and leaves the kernel as it was. Compiled where a compiler was present, else
run as it stands, with the same bits: plain float64, no contraction.

Sums over windows depend on the window's contents alone. A running sum of floats remembers every rounding since the data
began, so two runs that start on different bars differ in the last bit, and `close > sma(close, 20)` becomes true on a
flat market. Here a sum is a pair (rounded sum, rest) that is kept exact by error-free transformations (T. J. Dekker,
Numerische Mathematik 18 (1971) 224-242; D. E. Knuth, The Art of Computer Programming 2, 4.2.2); each addition tells
whether it lost anything, and when it did (values further apart than about 2^34) the window is added again in whole
numbers. Sums of squares and products are taken around the window's mean in the window's order, from the oldest value
to the newest: nothing cancels, and equal values have a deviation of exactly zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
NAN: cython.double = float("nan")
SPLITTER: cython.double = 134_217_729.0  # 2^27 + 1
UNIT = 1 << 1074
"""Every float is a whole number of 2^-1074."""


def buffer(length: int) -> Any:
    """Room for `length` floats: a list is the fastest when interpreted, an array when compiled."""
    return np.zeros(length) if cython.compiled else [0.0] * length


def copied(cells: Any) -> Any:
    return np.array(cells) if cython.compiled else list(cells)


def column(x: Any) -> Any:
    """A contiguous writable float64 column."""
    made = np.ascontiguousarray(x, dtype=np.float64)
    return made if made.flags.writeable else made.copy()


def whole(x: float) -> int:
    """A float in units of 2^-1074."""
    above, below = x.as_integer_ratio()
    return above << (1075 - below.bit_length())


def nearest(total: int) -> float:
    """The float nearest to a number of units."""
    try:
        return total / UNIT
    except OverflowError:
        return float("nan")


@cython.auto_pickle(False)
@cython.cclass
class Kernel:
    """`arity` inputs, `width` outputs: the result of `step`, then `second`, then `third`."""

    arity: cython.int
    width: cython.int
    second: cython.double
    third: cython.double

    def __init__(self, arity: int = 1, width: int = 1) -> None:
        self.arity = arity
        self.width = width
        self.second = NAN
        self.third = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        return NAN

    @cython.cfunc
    def take(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        """One step, unless an input is missing or infinite."""
        if a - a != 0.0 or b - b != 0.0 or c - c != 0.0 or d - d != 0.0:
            self.second = NAN
            self.third = NAN
            return NAN
        return self.step(a, b, c, d)

    def __call__(self, a: Any, b: Any = 0.0, c: Any = 0.0, d: Any = 0.0) -> Any:
        if not isinstance(a, float):
            return self.run(a, b, c, d)
        first = self.take(a, b, c, d)
        if self.width == 1:
            return first
        return (first, self.second) if self.width == 2 else (first, self.second, self.third)

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """(n,) columns, as many as `arity`, to one column or a tuple of `width` columns."""
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t
        first = np.empty(n)
        second = np.empty(n if self.width > 1 else 0)
        third = np.empty(n if self.width > 2 else 0)
        if cython.compiled:
            xa: cython.double[::1] = column(a)
            xb: cython.double[::1] = column(b) if self.arity > 1 else np.zeros(n)
            xc: cython.double[::1] = column(c) if self.arity > 2 else np.zeros(n)
            xd: cython.double[::1] = column(d) if self.arity > 3 else np.zeros(n)
            ya: cython.double[::1] = first
            yb: cython.double[::1] = second
            yc: cython.double[::1] = third
            if xb.shape[0] != n or xc.shape[0] != n or xd.shape[0] != n:
                raise ValueError("columns of different length")
            for i in range(n):
                ya[i] = self.take(xa[i], xb[i], xc[i], xd[i])
                if self.width > 1:
                    yb[i] = self.second
                if self.width > 2:
                    yc[i] = self.third
        else:
            rest = [0.0] * n
            la = column(a).tolist()
            lb = column(b).tolist() if self.arity > 1 else rest
            lc = column(c).tolist() if self.arity > 2 else rest
            ld = column(d).tolist() if self.arity > 3 else rest
            take = self.take
            if self.width == 1:
                first[:] = [take(*row) for row in zip(la, lb, lc, ld, strict=True)]
            else:
                for i, row in enumerate(zip(la, lb, lc, ld, strict=True)):
                    first[i] = take(*row)
                    second[i] = self.second
                    if self.width > 2:
                        third[i] = self.third
        if self.width == 1:
            return first
        return (first, second) if self.width == 2 else (first, second, third)


# --- windows -----------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(False)
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
    def add(self, x: cython.double) -> cython.void:
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

    @cython.cfunc
    def add_times(self, x: cython.double, factor: cython.double) -> cython.void:
        """Add x * factor, a whole number below 2^26: the product in two exact parts."""
        t: cython.double = SPLITTER * x
        top: cython.double = t - (t - x)
        self.add(top * factor)
        self.add((x - top) * factor)

    @cython.cfunc
    def set_whole(self, total: object) -> cython.void:
        self.high = nearest(total)
        if self.high != self.high:
            self.low = NAN
            self.is_exact = False
            return
        rest = total - whole(self.high)
        self.low = nearest(rest)
        self.is_exact = whole(self.low) == rest

    @cython.cfunc
    def divided(self, n: cython.double) -> cython.double:
        """The sum divided by a whole number, rounded once: the mean of equal values is that value."""
        q: cython.double = self.high / n
        p: cython.double = q * n
        t: cython.double = SPLITTER * q
        qh: cython.double = t - (t - q)
        ql: cython.double = q - qh
        t = SPLITTER * n
        nh: cython.double = t - (t - n)
        nl: cython.double = n - nh
        e: cython.double = ((qh * nh - p) + qh * nl + ql * nh) + ql * nl
        return q + (((self.high - p) - e) + self.low) / n

    @cython.cfunc
    def assign(self, other: Pair) -> cython.void:
        self.high = other.high
        self.low = other.low
        self.is_exact = other.is_exact


@cython.auto_pickle(False)
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

    @cython.cfunc
    def push(self, x: cython.double) -> cython.bint:
        """Take a value in and the oldest out; whether the window is full."""
        oldest: cython.double
        if self.count < self.length:
            if self.is_weighted:
                self.moment.add_times(x, self.count)
            self.cells[self.count] = x
            self.count += 1
            self.total.add(x)
        else:
            oldest = self.cells[self.start]
            self.total.add(-oldest)
            if self.is_weighted:
                # The oldest has weight 0; all that stay move down by one.
                self.moment.add(-self.total.high)
                self.moment.add(-self.total.low)
                self.moment.add_times(x, self.length - 1)
            self.cells[self.start] = x
            self.start += 1
            if self.start == self.length:
                self.start = 0
            self.total.add(x)
        if not self.total.is_exact or not self.moment.is_exact:
            self.add_again()
        return self.count == self.length

    @cython.cfunc
    def add_again(self) -> cython.void:
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
        self.total.set_whole(total)
        if self.is_weighted:
            self.moment.set_whole(moment)

    @cython.cfunc
    def mean(self) -> cython.double:
        return self.total.divided(self.count)

    @cython.cfunc
    def assign_window(self, other: Window) -> cython.void:
        self.count = other.count
        self.start = other.start
        self.cells = copied(other.cells)
        self.total.assign(other.total)
        self.moment.assign(other.moment)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Sum(Window):
    """Sum of the last `length` values."""

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if not self.push(a):
            return NAN
        return self.total.high

    def copy(self) -> Sum:
        twin = Sum(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Mean(Window):
    """Arithmetic mean of the last `length` values."""

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if not self.push(a):
            return NAN
        return self.mean()

    def copy(self) -> Mean:
        twin = Mean(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Smoother(Kernel):
    """Exponential smoothing `v += alpha * (x - v)`, which keeps a constant series as it is. Starts at the mean of the
    first `length` values, or at the first value and shown from the `length`-th on when `starts_at_first`."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    alpha: cython.double
    value: cython.double
    starts_at_first: cython.bint
    seeds: Window

    def __init__(self, length: int, alpha: float, starts_at_first: bool = False) -> None:
        super().__init__()
        self.length = length
        self.count = 0
        self.alpha = alpha
        self.value = NAN
        self.starts_at_first = starts_at_first
        self.seeds = Window(1 if starts_at_first else length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        value: cython.double
        if self.seeds is not None:
            self.count += 1
            if not self.seeds.push(a):
                return NAN
            self.value = self.seeds.mean()
            self.seeds = None
            return self.value if self.count >= self.length else NAN
        value = self.value + self.alpha * (a - self.value)
        if value - value != 0.0:
            return NAN
        self.value = value
        if self.count < self.length:
            self.count += 1
            if self.count < self.length:
                return NAN
        return value

    def copy(self) -> Smoother:
        twin = Smoother(self.length, self.alpha, self.starts_at_first)
        twin.count = self.count
        twin.value = self.value
        if self.seeds is None:
            twin.seeds = None
        else:
            twin.seeds.assign_window(self.seeds)
        return twin


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Extreme(Kernel):
    """Greatest (`sign` 1) or least (`sign` -1) of the last `length` values, and `second`: bars since, the newest of
    equal ones. Candidates wait in order, each worse than the one before it: constant time a bar on average."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    head: cython.Py_ssize_t
    waiting: cython.Py_ssize_t
    sign: cython.double
    is_age: cython.bint
    values: cython.double[::1]
    times: cython.double[::1]

    def __init__(self, length: int, sign: float, is_age: bool = False) -> None:
        super().__init__()
        if length < 1:
            raise ValueError("a window has at least one bar")
        self.length = length
        self.count = 0
        self.head = 0
        self.waiting = 0
        self.sign = sign
        self.is_age = is_age
        self.values = buffer(length)
        self.times = buffer(length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        last: cython.Py_ssize_t
        x: cython.double = self.sign * a
        if self.waiting > 0 and self.times[self.head] <= self.count - self.length:
            self.head += 1
            if self.head == self.length:
                self.head = 0
            self.waiting -= 1
        while self.waiting > 0:
            last = self.head + self.waiting - 1
            if last >= self.length:
                last -= self.length
            if self.values[last] > x:
                break
            self.waiting -= 1
        last = self.head + self.waiting
        if last >= self.length:
            last -= self.length
        self.values[last] = x
        self.times[last] = self.count
        self.waiting += 1
        self.count += 1
        if self.count < self.length:
            return NAN
        if self.is_age:
            return self.count - 1 - self.times[self.head]
        return self.sign * self.values[self.head]

    def copy(self) -> Extreme:
        twin = Extreme(self.length, self.sign, self.is_age)
        twin.count = self.count
        twin.head = self.head
        twin.waiting = self.waiting
        twin.values = copied(self.values)
        twin.times = copied(self.times)
        return twin


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Lag(Kernel):
    """The value `length` observations ago."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    at: cython.Py_ssize_t
    cells: cython.double[::1]

    def __init__(self, length: int) -> None:
        super().__init__()
        if length < 1:
            raise ValueError("a lag has at least one bar")
        self.length = length
        self.count = 0
        self.at = 0
        self.cells = buffer(length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        before: cython.double = self.cells[self.at]
        self.cells[self.at] = a
        self.at += 1
        if self.at == self.length:
            self.at = 0
        if self.count < self.length:
            self.count += 1
            return NAN
        return before

    def copy(self) -> Lag:
        twin = Lag(self.length)
        twin.count = self.count
        twin.at = self.at
        twin.cells = copied(self.cells)
        return twin
