# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
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

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.indicators import exact
from lingua.indicators.exact import nearest, whole
from lingua.indicators.talib_twins import LONG, talib
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
# Declared, not annotated: an annotated name of a module stays a Python object, looked up at each use.
NAN = cython.declare(cython.double, float("nan"))
SPLITTER = cython.declare(cython.double, 134_217_729.0)  # 2^27 + 1


def buffer(length: int) -> Any:
    """Room for `length` floats: a list is the fastest when interpreted, an array when compiled."""
    return np.zeros(length) if cython.compiled else [0.0] * length


def copied(cells: Any) -> Any:
    return np.array(cells) if cython.compiled else list(cells)


def column(x: Any) -> Any:
    """A contiguous writable float64 column."""
    made = np.ascontiguousarray(x, dtype=np.float64)
    return made if made.flags.writeable else made.copy()


def columnwise(x: Any, calculate: Any, *others: Any) -> Any:
    """`calculate` over the rows without a hole, put back where they came from: one column or a tuple of them."""
    columns = [column(each) for each in (x, *others)]
    valid = np.isfinite(columns[0])
    for each in columns[1:]:
        valid &= np.isfinite(each)
    with np.errstate(all="ignore"):
        found = calculate(*(each[valid] for each in columns))

    def spread(values: Any) -> Any:
        out = np.full(len(valid), NAN)
        out[valid] = values
        return out

    return tuple(spread(each) for each in found) if isinstance(found, tuple) else spread(found)


def first_known(values: Any) -> int:
    """Row of the first value when none is missing from there on; -1 when one is, or none is there."""
    if len(values) == 0:
        return -1
    first = 0 if values[0] == values[0] else int(np.argmax(values == values))
    with np.errstate(all="ignore"):
        total = np.add.reduce(values[first:])
    # A finite sum has finite terms: mostly one quick pass.
    return first if total - total == 0.0 or bool(np.isfinite(values[first:]).all()) else -1


def led(values: Any, n: int) -> Any:
    """Values of the full windows, behind NaN, n in all."""
    out = np.full(n, NAN)
    out[n - len(values) :] = values
    return out


@cython.auto_pickle(True)
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
        if self.width == 2:
            return first, self.second
        return first, self.second, self.third

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


@cython.cfunc
@cython.inline
def quotient(high: cython.double, low: cython.double, n: cython.double) -> cython.double:
    """A sum as a pair divided by a whole number, rounded once: the mean of equal values is that value."""
    q: cython.double = high / n
    p: cython.double = q * n
    t: cython.double = SPLITTER * q
    qh: cython.double = t - (t - q)
    ql: cython.double = q - qh
    t = SPLITTER * n
    nh: cython.double = t - (t - n)
    nl: cython.double = n - nh
    e: cython.double = ((qh * nh - p) + qh * nl + ql * nh) + ql * nl
    return q + (((high - p) - e) + low) / n


@cython.cfunc
@cython.inline
def rest(a: cython.double, b: cython.double, s: cython.double) -> cython.double:
    """What `s`, the rounded sum of a and b, has lost."""
    t: cython.double = s - a
    return (a - (s - t)) + (b - t)


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
            if self.is_weighted:
                self.total.add(-oldest)
                # The oldest has weight 0; all that stay move down by one.
                self.moment.add(-self.total.high)
                self.moment.add(-self.total.low)
                self.moment.add_times(x, self.length - 1)
                self.total.add(x)
            else:
                self.total.exchange(x, oldest)
            self.cells[self.start] = x
            self.start += 1
            if self.start == self.length:
                self.start = 0
        if not self.total.is_exact or not self.moment.is_exact:
            self.add_again()
        return self.count == self.length

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
        self.total.set_whole(total)
        if self.is_weighted:
            self.moment.set_whole(moment)
        return 0

    @cython.cfunc
    def mean(self) -> cython.double:
        return self.total.divided(self.count)

    def is_fresh(self) -> bool:
        """Whether whole columns may be taken at once: interpreted, and nothing taken in yet."""
        return not cython.compiled and self.count == 0

    @cython.cfunc
    def assign_window(self, other: Window) -> cython.int:
        self.count = other.count
        self.start = other.start
        self.cells = copied(other.cells)
        self.total.assign(other.total)
        self.moment.assign(other.moment)
        return 0


def splitting(values: Any, length: int, factor: float) -> float:
    """The number C for which `(x + C) - C` splits every value into two parts whose window sums, times up to `factor`,
    are exact in plain floats; 0.0 where values lie too far apart for that (S. M. Rump, T. Ogita, S. Oishi, Accurate
    floating-point summation, SIAM Journal on Scientific Computing 31 (2008) 189-224)."""
    sizes = np.abs(values)
    most = float(sizes.max())
    least = float(sizes.min())
    if least == 0.0:
        sizes = sizes[sizes > 0.0]
        if len(sizes) == 0:
            return 1.0
        least = float(sizes.min())
    spare = math.frexp(length * factor)[1] + 1
    top = math.frexp(most)[1] + spare
    unit = top - 52
    bottom = math.frexp(least)[1] - 53
    if top > 1000 or bottom < -1000 or unit + spare - bottom > 53:
        return 0.0
    return 1.5 * 2.0**top


def by_windows(values: Any, length: int, kind: int) -> Any:
    """Columns of a kernel over values without holes; None where plain floats cannot hold the sums. `kind`: 0 the sum,
    1 the mean, 2 the mean weighted 1, 2, …, 3 slope of the line and mean. The sums are exact, so these are the values
    that `step` gives."""
    n: cython.Py_ssize_t = len(values)
    size: cython.double = length
    factors = (1.0, 1.0, size + 1.0, 24.0 * size)
    split: cython.double = splitting(values, length, factors[kind])
    if split == 0.0:
        return None
    shown = np.full(n, NAN)
    second = np.full(n if kind == 3 else 0, NAN)
    i: cython.Py_ssize_t
    w: cython.Py_ssize_t = length
    mode: cython.int = kind
    x: cython.double[::1] = values
    out: cython.double[::1] = shown
    other: cython.double[::1] = second
    high_part: cython.double
    low: cython.double
    oldest_high: cython.double
    oldest_low: cython.double
    sh: cython.double = 0.0
    sl: cython.double = 0.0
    mh: cython.double = 0.0
    ml: cython.double = 0.0
    high: cython.double
    slopes: cython.double = size * (size * size - 1.0)
    triangle: cython.double = size * (size + 1.0) / 2.0
    # x lies between -split / 3 and split / 3, so that the sum stays in one binade.
    for i in range(w - 1):
        high_part = (x[i] + split) - split
        low = x[i] - high_part
        mh += i * high_part
        ml += i * low
        sh += high_part
        sl += low
    oldest_high = 0.0
    oldest_low = 0.0
    for i in range(w - 1, n):
        high_part = (x[i] + split) - split
        low = x[i] - high_part
        if mode > 1:
            # All that stay move down by one, the oldest has weight 0 and goes.
            if i >= w:
                mh -= sh
                ml -= sl
            mh += (size - 1.0) * high_part
            ml += (size - 1.0) * low
        sh += high_part
        sl += low
        if mode == 0:
            out[i] = sh + sl
        elif mode == 1:
            high = sh + sl
            out[i] = quotient(high, rest(sh, sl, high), size)
        elif mode == 2:
            high_part = mh + sh
            low = ml + sl
            high = high_part + low
            out[i] = quotient(high, rest(high_part, low, high), triangle)
        else:
            high = sh + sl
            other[i] = quotient(high, rest(sh, sl, high), size)
            high_part = 12.0 * mh - 6.0 * (size - 1.0) * sh
            low = 12.0 * ml - 6.0 * (size - 1.0) * sl
            high = high_part + low
            out[i] = quotient(high, rest(high_part, low, high), slopes)
        oldest_high = (x[i - w + 1] + split) - split
        oldest_low = x[i - w + 1] - oldest_high
        sh -= oldest_high
        sl -= oldest_low
    return (shown, second) if kind == 3 else shown


def windowed(kernel: Window, a: Any, kind: int) -> Any:
    """`by_windows` for a fresh compiled kernel over a column whose holes all stand at its beginning; else None."""
    if not cython.compiled or kernel.count > 0:
        return None
    values = column(a)
    first = first_known(values)
    length = int(kernel.length)
    if first < 0 or len(values) - first < length:
        return None
    found = by_windows(values[first:], length, kind)
    if found is None or first == 0:
        return found
    return tuple(led(each, len(values)) for each in found) if kind == 3 else led(found, len(values))


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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            return led(exact.WindowSums(x).sums(length)[0], len(x)) if len(x) >= length else np.full(len(x), NAN)

        found = windowed(self, a, 0)
        if found is not None:
            return found
        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            return means(x, length)

        found = windowed(self, a, 1)
        if found is not None:
            return found
        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            if len(x) < length:
                return np.full(len(x), NAN)
            sums = exact.WindowSums(x)
            total = sums.sums(length)
            pair = exact.plus(exact.plus(sums.weighted(length), total[0]), total[1])
            return led(exact.divided(pair, length * (length + 1.0) / 2.0), len(x))

        found = windowed(self, a, 2)
        if found is not None:
            return found
        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
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

        found = windowed(self, a, 3)
        if found is not None:
            return found
        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

    def copy(self) -> Line:
        twin = Line(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Spread(Window):
    """Population variance of the last `length` values, and `second` their mean."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.width = 2

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        k: cython.Py_ssize_t
        away: cython.double
        squares: cython.double = 0.0
        mean: cython.double
        self.second = NAN
        if not self.push(a):
            return NAN
        mean = self.mean()
        for k in range(self.start, self.length):
            away = self.cells[k] - mean
            squares = squares + away * away
        for k in range(self.start):
            away = self.cells[k] - mean
            squares = squares + away * away
        self.second = mean
        return squares / self.length

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            mean = means(x, length)
            total = np.zeros(max(len(x) - length + 1, 0))
            for k in range(length if len(total) else 0):
                away = x[k : k + len(total)] - mean[length - 1 :]
                total = total + away * away
            return led(total / length, len(x)), mean

        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

    def copy(self) -> Spread:
        twin = Spread(self.length)
        twin.assign_window(self)
        return twin


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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            mean = means(x, length)
            total = np.zeros(max(len(x) - length + 1, 0))
            for k in range(length if len(total) else 0):
                away = x[k : k + len(total)] - mean[length - 1 :]
                total = total + np.abs(away)
            return led(total / length, len(x)), mean

        return columnwise(a, calculate) if self.is_fresh() else Kernel.run(self, a, b, c, d)

    def copy(self) -> MeanDeviation:
        twin = MeanDeviation(self.length)
        twin.assign_window(self)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class CoSpread(Window):
    """Population covariance of the last `length` pairs, `second` and `third` the variances of either."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.width = 3
        self.other = Window(length)

    other: Window

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        _k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        n: cython.double = self.length
        x: cython.double
        y: cython.double
        products: cython.double = 0.0
        squares_x: cython.double = 0.0
        squares_y: cython.double = 0.0
        mean_x: cython.double
        mean_y: cython.double
        self.second = NAN
        self.third = NAN
        self.other.push(b)
        if not self.push(a):
            return NAN
        mean_x = self.mean()
        mean_y = self.other.mean()
        at = self.start
        for _k in range(self.length):
            x = self.cells[at] - mean_x
            y = self.other.cells[at] - mean_y
            products = products + x * y
            squares_x = squares_x + x * x
            squares_y = squares_y + y * y
            at += 1
            if at == self.length:
                at = 0
        self.second = squares_x / n
        self.third = squares_y / n
        return products / n

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any, y: Any) -> Any:
            mean_x, mean_y = means(x, length), means(y, length)
            rows = max(len(x) - length + 1, 0)
            products, squares_x, squares_y = np.zeros(rows), np.zeros(rows), np.zeros(rows)
            for k in range(length if rows else 0):
                away_x = x[k : k + rows] - mean_x[length - 1 :]
                away_y = y[k : k + rows] - mean_y[length - 1 :]
                products = products + away_x * away_y
                squares_x = squares_x + away_x * away_x
                squares_y = squares_y + away_y * away_y
            n = float(length)
            return tuple(led(each / n, len(x)) for each in (products, squares_x, squares_y))

        return columnwise(a, calculate, b) if self.is_fresh() else Kernel.run(self, a, b, c, d)

    def copy(self) -> CoSpread:
        twin = CoSpread(self.length)
        twin.assign_window(self)
        twin.other.assign_window(self.other)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class WeightedMean(Window):
    """Mean of the last `length` values, each weighted by its partner: x[0] plus the weighted distances from it, so that
    equal values keep their value. NaN when the weights sum to 0."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.arity = 2
        self.other = Window(length)

    other: Window

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        _k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        weighted: cython.double = 0.0
        self.other.push(b)
        if not self.push(a):
            return NAN
        if self.other.total.high == 0.0:
            return NAN
        at = self.start
        for _k in range(self.length):
            weighted = weighted + self.other.cells[at] * (self.cells[at] - a)
            at += 1
            if at == self.length:
                at = 0
        return a + weighted / self.other.total.high

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any, weights: Any) -> Any:
            rows = max(len(x) - length + 1, 0)
            if not rows:
                return np.full(len(x), NAN)
            total = exact.WindowSums(weights).sums(length)[0]
            weighted = np.zeros(rows)
            for k in range(length):
                weighted = weighted + weights[k : k + rows] * (x[k : k + rows] - x[length - 1 :])
            return led(x[length - 1 :] + weighted / np.where(total == 0.0, NAN, total), len(x))

        return columnwise(a, calculate, b) if self.is_fresh() else Kernel.run(self, a, b, c, d)

    def copy(self) -> WeightedMean:
        twin = WeightedMean(self.length)
        twin.assign_window(self)
        twin.other.assign_window(self.other)
        return twin


@cython.final
@cython.auto_pickle(True)
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

    @cython.cfunc
    def take(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        """As `Kernel.take`; once it runs one test serves a missing input and a missing value."""
        value: cython.double
        if self.seeds is not None or self.count < self.length:
            return Kernel.take(self, a, b, c, d)
        value = self.value + self.alpha * (a - self.value)
        if value - value != 0.0:
            return NAN
        self.value = value
        return value

    @cython.cfunc
    def is_running(self) -> cython.bint:
        """Whether each further value is shown."""
        return self.seeds is None and self.count >= self.length

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, with the steps after the start in a loop of their own."""
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t = 0
        value: cython.double
        # A local number: an attribute would be stored and read again between two steps that wait for each other.
        last: cython.double
        alpha: cython.double = self.alpha
        values = column(a)
        shown = np.empty(n)
        if cython.compiled:
            source: cython.double[::1] = values
            out: cython.double[::1] = shown
        else:
            source = values.tolist()
            out = [NAN] * n
        while i < n and not self.is_running():
            out[i] = self.take(source[i], 0.0, 0.0, 0.0)
            i += 1
        last = self.value
        while i < n:
            # A missing source makes the value missing too: one test serves both.
            value = last + alpha * (source[i] - last)
            if value - value == 0.0:
                last = value
                out[i] = value
            else:
                out[i] = NAN
            i += 1
        self.value = last
        if not cython.compiled:
            shown[:] = out
        return shown

    def copy(self) -> Smoother:
        twin = Smoother(self.length, self.alpha, self.starts_at_first)
        twin.count = self.count
        twin.value = self.value
        if self.seeds is None:
            twin.seeds = None
        else:
            twin.seeds.assign_window(self.seeds)
        return twin


def side_by_side(one: Smoother, other: Smoother, x: Any) -> tuple[Any, Any]:
    """Columns of two smoothers of one source in one pass. A step waits for the one before it and leaves the processor
    idle meanwhile, so the second column takes no time of its own."""
    n: cython.Py_ssize_t = len(x)
    i: cython.Py_ssize_t = 0
    value: cython.double
    first: cython.double
    second: cython.double
    alpha: cython.double = one.alpha
    beta: cython.double = other.alpha
    if not cython.compiled:
        return one(x), other(x)
    shown, also = np.empty(n), np.empty(n)
    source: cython.double[::1] = column(x)
    out: cython.double[::1] = shown
    out_too: cython.double[::1] = also
    while i < n and not (one.is_running() and other.is_running()):
        out[i] = one.take(source[i], 0.0, 0.0, 0.0)
        out_too[i] = other.take(source[i], 0.0, 0.0, 0.0)
        i += 1
    first = one.value
    second = other.value
    while i < n:
        value = first + alpha * (source[i] - first)
        if value - value == 0.0:
            first = value
            out[i] = value
        else:
            out[i] = NAN
        value = second + beta * (source[i] - second)
        if value - value == 0.0:
            second = value
            out_too[i] = value
        else:
            out_too[i] = NAN
        i += 1
    one.value = first
    other.value = second
    return shown, also


@cython.cfunc
def is_chain_running(parts: list) -> cython.bint:
    part: Smoother
    for part in parts:  # noqa: SIM110  # a generator cannot call what is C
        if not part.is_running():
            return False
    return True


def chained(parts: list, x: Any) -> Any:
    """Columns of smoothers in a row, each of the one before, in one pass: they do not wait for one another."""
    n: cython.Py_ssize_t = len(x)
    depth: cython.Py_ssize_t = len(parts)
    i: cython.Py_ssize_t = 0
    j: cython.Py_ssize_t
    value: cython.double
    part: Smoother
    shown = np.full((depth, n), NAN)
    if not cython.compiled:
        values = x
        for j in range(depth):
            values = shown[j] = parts[j](values)
        return list(shown)
    source: cython.double[::1] = column(x)
    out: cython.double[:, ::1] = shown
    kept: cython.double[::1] = np.zeros(depth)
    weights: cython.double[::1] = np.zeros(depth)
    while i < n and not is_chain_running(parts):
        value = source[i]
        for j in range(depth):
            part = parts[j]
            value = part.take(value, 0.0, 0.0, 0.0)
            out[j, i] = value
        i += 1
    for j in range(depth):
        part = parts[j]
        kept[j] = part.value
        weights[j] = part.alpha
    while i < n:
        value = source[i]
        for j in range(depth):
            value = kept[j] + weights[j] * (value - kept[j])
            if value - value != 0.0:
                break
            kept[j] = value
            out[j, i] = value
        i += 1
    for j in range(depth):
        part = parts[j]
        part.value = kept[j]
    return list(shown)


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Strength(Kernel):
    """Wilder's average of the rises of the last `length` steps, and `second` that of the falls."""

    before: cython.double
    rises: Smoother
    falls: Smoother

    def __init__(self, length: int) -> None:
        super().__init__(1, 2)
        self.before = NAN
        self.rises = Smoother(length, 1.0 / length)
        self.falls = Smoother(length, 1.0 / length)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        change: cython.double = a - self.before
        self.before = a
        self.second = NAN
        if change - change != 0.0:
            return NAN
        self.second = self.falls.step(-change if change < 0.0 else 0.0, 0.0, 0.0, 0.0)
        return self.rises.step(change if change > 0.0 else 0.0, 0.0, 0.0, 0.0)

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, with the steps after the start in a loop of their own."""
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t = 0
        change: cython.double
        value: cython.double
        rise: cython.double
        fall: cython.double
        before: cython.double
        alpha: cython.double = self.rises.alpha
        values = column(a)
        first, second = np.empty(n), np.empty(n)
        if cython.compiled:
            source: cython.double[::1] = values
            rises: cython.double[::1] = first
            falls: cython.double[::1] = second
        else:
            source = values.tolist()
            rises = [NAN] * n
            falls = [NAN] * n
        while i < n and not (self.rises.is_running() and self.falls.is_running()):
            rises[i] = self.take(source[i], 0.0, 0.0, 0.0)
            falls[i] = self.second
            i += 1
        before = self.before
        rise = self.rises.value
        fall = self.falls.value
        while i < n:
            rises[i] = NAN
            falls[i] = NAN
            change = source[i] - before
            if source[i] - source[i] == 0.0:
                before = source[i]
                if change - change == 0.0:
                    # Times a truth, not a branch: the sign of a price change cannot be foreseen.
                    value = fall + alpha * (change * -(change < 0.0) - fall)
                    if value - value == 0.0:
                        fall = value
                        falls[i] = value
                    value = rise + alpha * (change * (change > 0.0) - rise)
                    if value - value == 0.0:
                        rise = value
                        rises[i] = value
            i += 1
        self.before = before
        self.rises.value = rise
        self.falls.value = fall
        if not cython.compiled:
            first[:], second[:] = rises, falls
        return first, second

    def share(self, x: Any) -> Any:
        """(n,) 100 * rises / (rises + falls) in the pass that makes them; NaN where both are zero. Compiled only."""
        n: cython.Py_ssize_t = len(x)
        i: cython.Py_ssize_t = 0
        change: cython.double
        value: cython.double
        rise: cython.double
        fall: cython.double
        both: cython.double
        before: cython.double
        alpha: cython.double = self.rises.alpha
        shown = np.empty(n)
        source: cython.double[::1] = column(x)
        out: cython.double[::1] = shown
        while i < n and not (self.rises.is_running() and self.falls.is_running()):
            rise = self.take(source[i], 0.0, 0.0, 0.0)
            both = rise + self.second
            out[i] = 100.0 * rise / both if both != 0.0 else NAN
            i += 1
        before = self.before
        rise = self.rises.value
        fall = self.falls.value
        while i < n:
            out[i] = NAN
            change = source[i] - before
            if source[i] - source[i] == 0.0:
                before = source[i]
                if change - change == 0.0:
                    value = fall + alpha * (change * -(change < 0.0) - fall)
                    both = NAN
                    if value - value == 0.0:
                        fall = value
                        both = value
                    value = rise + alpha * (change * (change > 0.0) - rise)
                    if value - value == 0.0:
                        rise = value
                        both = value + both
                        out[i] = 100.0 * value / both if both != 0.0 else NAN
            i += 1
        self.before = before
        self.rises.value = rise
        self.falls.value = fall
        return shown

    def copy(self) -> Strength:
        twin = Strength(1)
        twin.before = self.before
        twin.rises = self.rises.copy()
        twin.falls = self.falls.copy()
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class TrueRange(Kernel):
    """(high, low, close) to the range of the bar with the close before it."""

    before: cython.double

    def __init__(self) -> None:
        super().__init__(3)
        self.before = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        before: cython.double = self.before
        self.before = c
        if before != before:
            return NAN
        return (a if a > before else before) - (b if b < before else before)

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`; columns without holes at once."""
        high, low, close = (np.asarray(each, dtype=np.float64) for each in (a, b, c))
        is_whole = self.before != self.before and all(first_known(each) == 0 for each in (high, low, close))
        if not is_whole:
            return Kernel.run(self, a, b, c, d)
        out = np.empty(len(close))
        out[:1] = NAN
        before = close[: len(close) - 1]
        np.maximum(high[1:], before, out=out[1:])
        out[1:] -= np.minimum(low[1:], before)
        return out

    def copy(self) -> TrueRange:
        twin = TrueRange()
        twin.before = self.before
        return twin


def extremes(x: Any, length: int, sign: float) -> Any:
    """Greatest (`sign` 1) or least (-1) of each window: the better of the running extremes from either end of blocks
    of `length` (M. van Herk, Pattern Recognition Letters 13 (1992) 517-521)."""
    if len(x) < length:
        return np.full(len(x), NAN)
    better = np.maximum if sign > 0 else np.minimum
    padding = -len(x) % length
    blocks = np.concatenate((x, np.full(padding, -sign * np.inf))).reshape(-1, length)
    forwards = better.accumulate(blocks, axis=1).ravel()
    backwards = better.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    return led(better(backwards[: len(x) - length + 1], forwards[length - 1 : len(x)]) + 0.0, len(x))


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Extreme(Kernel):
    """Greatest (`sign` 1) or least (`sign` -1) of the last `length` values; with `is_age` the bars since it, counted
    from the newest of equal ones, or from the oldest with `is_oldest`. Candidates wait in order, each worse
    than the one before it: constant time a bar on average."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    head: cython.Py_ssize_t
    waiting: cython.Py_ssize_t
    sign: cython.double
    is_age: cython.bint
    is_oldest: cython.bint
    values: cython.double[::1]
    times: cython.double[::1]

    def __init__(self, length: int, sign: float, is_age: bool = False, is_oldest: bool = False) -> None:
        super().__init__()
        if length < 1:
            raise ValueError("a window has at least one bar")
        self.length = length
        self.count = 0
        self.head = 0
        self.waiting = 0
        self.sign = sign
        self.is_age = is_age
        self.is_oldest = is_oldest
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
            if self.values[last] > x or (self.is_oldest and self.values[last] == x):
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
        return self.sign * self.values[self.head] + 0.0

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        length = int(self.length)

        def calculate(x: Any) -> Any:
            return extremes(x, length, self.sign)

        if self.count > 0 or self.is_age:
            return Kernel.run(self, a, b, c, d)
        values = column(a)
        # TA-Lib only chooses among the values, so its bits are ours (0.0 for -0.0 apart).
        if len(values) >= LONG and length >= 2 and first_known(values) >= 0:
            found = (talib().MAX if self.sign > 0.0 else talib().MIN)(values, length)
            found += 0.0
            return found
        return Kernel.run(self, a, b, c, d) if cython.compiled else columnwise(a, calculate)

    def copy(self) -> Extreme:
        twin = Extreme(self.length, self.sign, self.is_age, self.is_oldest)
        twin.count = self.count
        twin.head = self.head
        twin.waiting = self.waiting
        twin.values = copied(self.values)
        twin.times = copied(self.times)
        return twin


@cython.final
@cython.auto_pickle(True)
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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`; a column without holes is moved as a whole."""
        values = np.asarray(a, dtype=np.float64)
        first = first_known(values) if self.count == 0 else -1
        if first < 0:
            return Kernel.run(self, a, b, c, d)
        start = min(first + self.length, len(values))
        out = np.empty(len(values))
        out[:start] = NAN
        out[start:] = values[first : first + len(values) - start]
        return out

    def copy(self) -> Lag:
        twin = Lag(self.length)
        twin.count = self.count
        twin.at = self.at
        twin.cells = copied(self.cells)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Skip(Kernel):
    """The series without its first `length` observations."""

    left: cython.Py_ssize_t

    def __init__(self, length: int) -> None:
        super().__init__()
        self.left = length

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if self.left > 0:
            self.left -= 1
            return NAN
        return a

    def copy(self) -> Skip:
        return Skip(self.left)


# --- recursions --------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Total(Kernel):
    """Sum of everything so far, in the order it came. A value that would make it infinite is left out."""

    value: cython.double

    def __init__(self) -> None:
        super().__init__()
        self.value = 0.0

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        value: cython.double = self.value + a
        if value - value != 0.0:
            return NAN
        self.value = value
        return value

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`; a column that adds up is added as a whole, in the same order."""
        values = np.asarray(a, dtype=np.float64)
        first = first_known(values) if self.value == 0.0 else -1
        if first < 0:
            return Kernel.run(self, a, b, c, d)
        out = np.empty(len(values))
        out[:first] = NAN
        np.add.accumulate(values[first:], out=out[first:])
        out[first:] += 0.0  # the sum begins with zero: a first -0.0 is not kept
        # Had a sum overflowed, the last one would be infinite or missing.
        return out if math.isfinite(out[len(out) - 1]) else Kernel.run(self, a, b, c, d)

    def copy(self) -> Total:
        twin = Total()
        twin.value = self.value
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Product(Kernel):
    """Everything so far multiplied, in the order it came, starting from `first`."""

    value: cython.double

    def __init__(self, first: float) -> None:
        super().__init__()
        self.value = first

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        value: cython.double = self.value * a
        if value - value != 0.0:
            return NAN
        self.value = value
        return value

    def copy(self) -> Product:
        return Product(self.value)


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class WilderSum(Kernel):
    """Wilder's running sum of about `length` values: the first `length - 1` added, then `s - s / length + x`."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    value: cython.double

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length
        self.count = 0
        self.value = 0.0

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        value: cython.double
        if self.count < self.length - 1:
            self.count += 1
            value = self.value + a
        else:
            value = self.value - self.value / self.length + a
        if value - value != 0.0:
            return NAN
        self.value = value
        return value if self.count >= self.length - 1 else NAN

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, without a call for each step."""
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t
        shown = np.full(n, NAN)
        values = column(a)
        if cython.compiled:
            source: cython.double[::1] = values
            out: cython.double[::1] = shown
        else:
            source = values.tolist()
            out = [NAN] * n
        for i in range(n):
            if source[i] - source[i] == 0.0:
                out[i] = self.step(source[i], 0.0, 0.0, 0.0)
        if not cython.compiled:
            shown[:] = out
        return shown

    def copy(self) -> WilderSum:
        twin = WilderSum(self.length)
        twin.count = self.count
        twin.value = self.value
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Adaptive(Kernel):
    """Smoothing with a weight of its own at each bar: (x, weight, where it starts) to `v += weight * (x - v)`."""

    value: cython.double

    def __init__(self) -> None:
        super().__init__(3)
        self.value = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        before: cython.double = c if self.value != self.value else self.value
        value: cython.double = before + b * (a - before)
        if value - value != 0.0:
            return NAN
        self.value = value
        return value

    def copy(self) -> Adaptive:
        twin = Adaptive()
        twin.value = self.value
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Parabolic(Kernel):
    """(high, low) to the parabolic stop, and `second`: 1 while long, -1 while short."""

    count: cython.Py_ssize_t
    is_long: cython.bint
    first_factor: cython.double
    last_factor: cython.double
    factor: cython.double
    extreme: cython.double
    stop: cython.double
    high: cython.double
    low: cython.double

    def __init__(self, acceleration: float, maximum: float) -> None:
        super().__init__(2, 2)
        self.count = 0
        self.is_long = True
        self.first_factor = acceleration if acceleration < maximum else maximum
        self.last_factor = maximum
        self.factor = self.first_factor
        self.extreme = NAN
        self.stop = NAN
        self.high = NAN
        self.low = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        shown: cython.double
        self.second = NAN
        if self.count == 0:
            self.count = 1
            self.high = a
            self.low = b
            return NAN
        if self.count == 1:
            # The first trend is up unless the low fell further than the high rose.
            self.count = 2
            down = self.low - b
            self.is_long = not (down > 0.0 and a - self.high < down)
            self.stop = self.low if self.is_long else self.high
            self.extreme = a if self.is_long else b
            self.high = a
            self.low = b
        if (b <= self.stop) if self.is_long else (a >= self.stop):
            self.is_long = not self.is_long
            self.stop = self.extreme
            self.hold(a, b)
            shown = self.stop
            self.factor = self.first_factor
            self.extreme = a if self.is_long else b
        else:
            shown = self.stop
            if (a > self.extreme) if self.is_long else (b < self.extreme):
                self.extreme = a if self.is_long else b
                self.factor = self.factor + self.first_factor
                if self.factor > self.last_factor:
                    self.factor = self.last_factor
        self.stop = self.stop + self.factor * (self.extreme - self.stop)
        self.hold(a, b)
        self.high = a
        self.low = b
        self.second = 1.0 if self.is_long else -1.0
        return shown

    @cython.cfunc
    def hold(self, high: cython.double, low: cython.double) -> cython.int:
        """Keep the stop outside the range of this bar and the one before."""
        if self.is_long:
            if self.stop > self.low:
                self.stop = self.low
            if self.stop > low:
                self.stop = low
        else:
            if self.stop < self.high:
                self.stop = self.high
            if self.stop < high:
                self.stop = high
        return 0

    def copy(self) -> Parabolic:
        twin = Parabolic(self.first_factor, self.last_factor)
        twin.count = self.count
        twin.is_long = self.is_long
        twin.factor = self.factor
        twin.extreme = self.extreme
        twin.stop = self.stop
        twin.high = self.high
        twin.low = self.low
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Ratchet(Kernel):
    """(close, upper band, lower band) to the band in force, and `second`: 1 while it is the lower one (up), -1 the
    upper. A band in force does not loosen, and a close beyond it turns to the other."""

    is_up: cython.bint
    close: cython.double
    upper: cython.double
    lower: cython.double

    def __init__(self) -> None:
        super().__init__(3, 2)
        self.is_up = True
        self.close = NAN
        self.upper = NAN
        self.lower = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if self.close != self.close:
            self.upper = b
            self.lower = c
        else:
            if b < self.upper or self.close > self.upper:
                self.upper = b
            if c > self.lower or self.close < self.lower:
                self.lower = c
            self.is_up = a >= self.lower if self.is_up else a > self.upper
        self.close = a
        self.second = 1.0 if self.is_up else -1.0
        return self.lower if self.is_up else self.upper

    def copy(self) -> Ratchet:
        twin = Ratchet()
        twin.is_up = self.is_up
        twin.close = self.close
        twin.upper = self.upper
        twin.lower = self.lower
        return twin


# --- memory of events --------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class BarsSince(Kernel):
    """Observations since the condition (above 1: true) last held."""

    count: cython.double

    def __init__(self) -> None:
        super().__init__()
        self.count = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        self.count = 0.0 if a > 1.0 else self.count + 1.0
        return self.count

    def copy(self) -> BarsSince:
        twin = BarsSince()
        twin.count = self.count
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class ValueWhen(Kernel):
    """(condition, x) to x as it was when the condition held the `back`-th last time, 0 the last."""

    size: cython.Py_ssize_t
    count: cython.Py_ssize_t
    at: cython.Py_ssize_t
    cells: cython.double[::1]

    def __init__(self, back: int) -> None:
        super().__init__(2)
        if back < 0:
            raise ValueError("counted back from the last time")
        self.size = back + 1
        self.count = 0
        self.at = 0
        self.cells = buffer(back + 1)

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        if a > 1.0:
            self.cells[self.at] = b
            self.at += 1
            if self.at == self.size:
                self.at = 0
            if self.count < self.size:
                self.count += 1
        return self.cells[self.at] if self.count == self.size else NAN

    def copy(self) -> ValueWhen:
        twin = ValueWhen(self.size - 1)
        twin.count = self.count
        twin.at = self.at
        twin.cells = copied(self.cells)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class TotalSince(Kernel):
    """(condition, x) to the sum of x since the condition last held, that bar included. NaN before it first did."""

    value: cython.double

    def __init__(self) -> None:
        super().__init__(2)
        self.value = NAN

    @cython.cfunc
    def step(self, a: cython.double, b: cython.double, c: cython.double, d: cython.double) -> cython.double:
        self.value = b if a > 1.0 else self.value + b
        return self.value

    def copy(self) -> TotalSince:
        twin = TotalSince()
        twin.value = self.value
        return twin
