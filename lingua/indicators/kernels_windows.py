# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Kernels over windows of sums: means, spreads and lines that depend on the window's contents alone.

A running sum of floats remembers every rounding since the data began, so two runs that start on different bars differ
in the last bit, and `close > sma(close, 20)` becomes true on a flat market. Here a sum is a pair (rounded sum, rest)
that is kept exact by error-free transformations (T. J. Dekker, Numerische Mathematik 18 (1971) 224-242; D. E. Knuth,
The Art of Computer Programming 2, 4.2.2); each addition tells whether it lost anything, and when it did (values further
apart than about 2^34) the window is added again in whole numbers. Sums of squares and products are taken around the
window's mean in the window's order, from the oldest value to the newest: nothing cancels, and equal values have a
deviation of exactly zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.indicators import exact
from lingua.indicators.exact import nearest, whole
from lingua.indicators.kernel import buffer, column, columnwise, copied, first_known, led
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.lingua.indicators.kernel import Kernel
else:
    from lingua.indicators.kernel import Kernel

# Declared, not annotated: an annotated name of a module stays a Python object, looked up at each use.
NAN = cython.declare(cython.double, float("nan"))
SPLITTER = cython.declare(cython.double, 134_217_729.0)  # 2^27 + 1


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
