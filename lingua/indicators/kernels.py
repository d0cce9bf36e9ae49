# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Kernels that remember: smoothing, extremes, lags, totals, trails and memory of events (`kernel` says what one is)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.indicators import lanes, walks
from lingua.indicators.kernel import buffer, column, columnwise, copied, first_known, led
from lingua.indicators.talib_twins import LONG, talib
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.lingua.indicators.kernel import Kernel
        from cython.cimports.lingua.indicators.kernels_windows import Window
else:
    from lingua.indicators.kernel import Kernel
    from lingua.indicators.kernels_windows import Window

# Declared, not annotated: an annotated name of a module stays a Python object, looked up at each use.
NAN = cython.declare(cython.double, float("nan"))
walks_over: Any = walks
in_lanes: Any = lanes.smooth  # signatures are Cython's
rises_and_falls: Any = lanes.moves
share_of_both: Any = lanes.shares
total_over: Any = walks.total
true_ranges: Any = walks.true_range


def six_in_a_row(x: Any, kept: Any, alpha: float, order: tuple, factors: tuple, out: Any) -> bool:
    """Whether the six averages of T3 could be made without looking at each value; `kept` moves on if so."""
    return order == (5, 4, 3, 2) and bool(walks_over.sixfold(x, kept, alpha, *factors, out))


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

    def has_lanes(self, n: int) -> bool:
        """Whether a column of n rows is long enough to be made in lanes."""
        return bool(lanes.COMPILED and lanes.are_worth(n, self.alpha))

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, with the steps after the start in a loop of their own, or in lanes."""
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
        if self.has_lanes(n - i):
            value = in_lanes(values[i:], shown[i:], last, alpha)
            if value - value == 0.0:
                self.value = value
                return shown
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
    """Columns of two smoothers of one source. Where lanes do not help they are made in one pass: a step waits for the
    one before it and leaves the processor idle meanwhile, so the second column takes no time of its own."""
    n: cython.Py_ssize_t = len(x)
    i: cython.Py_ssize_t = 0
    value: cython.double
    first: cython.double
    second: cython.double
    alpha: cython.double = one.alpha
    beta: cython.double = other.alpha
    if not cython.compiled or (one.has_lanes(n) and other.has_lanes(n)):
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


def have_lanes(parts: list, n: int) -> bool:
    return all(each.has_lanes(n) for each in parts)


def combined(parts: list, x: Any, order: tuple, factors: tuple) -> Any:
    """The sum of averages in a row, each of the one before, times `factors`, added in `order`, the last of them among
    them: as `chained`, without a column for each."""
    n: cython.Py_ssize_t = len(x)
    depth: cython.Py_ssize_t = len(parts)
    terms: cython.Py_ssize_t = len(order)
    i: cython.Py_ssize_t = 0
    j: cython.Py_ssize_t
    value: cython.double
    total: cython.double
    part: Smoother
    shown = np.empty(n)
    if not cython.compiled:
        columns = chained(parts, x)
        found = factors[0] * columns[order[0]]
        for j in range(1, terms):
            found = found + factors[j] * columns[order[j]]
        return found
    if depth <= 3 and have_lanes(parts, n):
        columns = []
        for each in parts:
            x = each(x)
            columns.append(x)
        found = columns[order[0]]
        found = found * factors[0] if factors[0] != 1.0 else found
        for j in range(1, terms):
            found += columns[order[j]] * factors[j] if factors[j] != 1.0 else columns[order[j]]
        return found
    values = column(x)
    source: cython.double[::1] = values
    out: cython.double[::1] = shown
    kept: cython.double[::1] = np.zeros(depth)
    weights: cython.double[::1] = np.zeros(depth)
    places: cython.Py_ssize_t[::1] = np.array(order, dtype=np.intp)
    scales: cython.double[::1] = np.array(factors, dtype=np.float64)
    while i < n and not is_chain_running(parts):
        value = source[i]
        for j in range(depth):
            part = parts[j]
            value = part.take(value, 0.0, 0.0, 0.0)
            kept[j] = value
        total = scales[0] * kept[places[0]]
        for j in range(1, terms):
            total = total + scales[j] * kept[places[j]]
        out[i] = total
        i += 1
    for j in range(depth):
        part = parts[j]
        kept[j] = part.value
        weights[j] = part.alpha
    if depth == 6 and n > i and six_in_a_row(values[i:], np.asarray(kept), weights[0], order, factors, shown[i:]):
        i = n
    while i < n:
        value = source[i]
        for j in range(depth):
            value = kept[j] + weights[j] * (value - kept[j])
            if value - value != 0.0:
                break
            kept[j] = value
        if value - value == 0.0:
            total = scales[0] * kept[places[0]]
            for j in range(1, terms):
                total = total + scales[j] * kept[places[j]]
            out[i] = total
        else:
            out[i] = NAN
        i += 1
    for j in range(depth):
        part = parts[j]
        part.value = kept[j]
    return shown


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
        if self.rises.has_lanes(n - i) and self.has_gone_in_lanes(values[i:], first[i:], second[i:]):
            return first, second
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

    def has_gone_in_lanes(self, x: Any, rises: Any, falls: Any) -> bool:
        """Fills both columns; false, and nothing done, where a value is missing or infinite."""
        ups, downs = np.empty(len(x)), np.empty(len(x))
        rises_and_falls(x, self.before, ups, downs)
        rise = in_lanes(ups, rises, self.rises.value, self.rises.alpha)
        fall = in_lanes(downs, falls, self.falls.value, self.falls.alpha)
        if rise - rise != 0.0 or fall - fall != 0.0:
            return False
        self.before = x[len(x) - 1]
        self.rises.value = rise
        self.falls.value = fall
        return True

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
        values = column(x)
        source: cython.double[::1] = values
        out: cython.double[::1] = shown
        while i < n and not (self.rises.is_running() and self.falls.is_running()):
            rise = self.take(source[i], 0.0, 0.0, 0.0)
            both = rise + self.second
            out[i] = 100.0 * rise / both if both != 0.0 else NAN
            i += 1
        if self.rises.has_lanes(n - i):
            falls = np.empty(n - i)
            if self.has_gone_in_lanes(values[i:], shown[i:], falls):
                share_of_both(shown[i:], falls)
                return shown
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
        if cython.compiled and len(a) and self.before != self.before:
            columns = [column(each) for each in (a, b, c)]
            ranges = np.empty(len(a))
            if true_ranges(*columns, ranges):
                self.before = columns[2][len(a) - 1]
                return ranges
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

        values = column(a)
        if self.is_age or self.count > 0:
            return self.stepped(values) if cython.compiled else Kernel.run(self, a, b, c, d)
        # TA-Lib only chooses among the values, so its bits are ours (0.0 for -0.0 apart).
        if len(values) >= LONG and length >= 2 and first_known(values) >= 0:
            found = (talib().MAX if self.sign > 0.0 else talib().MIN)(values, length)
            found += 0.0
            return found
        return self.stepped(values) if cython.compiled else columnwise(a, calculate)

    def stepped(self, values: Any) -> Any:
        """A column, step by step without a call between them."""
        n: cython.Py_ssize_t = len(values)
        i: cython.Py_ssize_t
        found = np.empty(n)
        source: cython.double[::1] = values
        out: cython.double[::1] = found
        for i in range(n):
            out[i] = self.step(source[i], 0.0, 0.0, 0.0) if source[i] - source[i] == 0.0 else NAN
        return found

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`; a column without holes as a whole."""
        values = column(a)
        first = first_known(values) if self.left > 0 else 0
        if first < 0:
            return Kernel.run(self, a, b, c, d)
        if self.left == 0:
            return values
        found = values.copy()
        until = min(first + int(self.left), len(values))
        found[:until] = NAN
        self.left -= until - first
        return found

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
        values = column(a)
        if cython.compiled:
            found = np.empty(len(values))
            start = int(np.argmax(values == values)) if len(values) and values[0] != values[0] else 0
            found[:start] = NAN
            last = total_over(values[start:], self.value, found[start:])
            if not math.isfinite(last):
                return Kernel.run(self, a, b, c, d)
            self.value = last
            return found
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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, without a call for each step."""
        if not cython.compiled:
            return Kernel.run(self, a, b, c, d)
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t
        first = np.empty(n)
        xa: cython.double[::1] = column(a)
        xb: cython.double[::1] = column(b)
        xc: cython.double[::1] = column(c)
        ya: cython.double[::1] = first
        for i in range(n):
            if (xa[i] - xa[i]) + (xb[i] - xb[i]) + (xc[i] - xc[i]) == 0.0:
                ya[i] = self.step(xa[i], xb[i], xc[i], 0.0)
            else:
                ya[i] = NAN
        return first

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, without a call for each step."""
        if not cython.compiled:
            return Kernel.run(self, a, b, c, d)
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t
        first = np.empty(n)
        second = np.empty(n)
        xa: cython.double[::1] = column(a)
        xb: cython.double[::1] = column(b)
        ya: cython.double[::1] = first
        yb: cython.double[::1] = second
        for i in range(n):
            if (xa[i] - xa[i]) + (xb[i] - xb[i]) == 0.0:
                ya[i] = self.step(xa[i], xb[i], 0.0, 0.0)
                yb[i] = self.second
            else:
                ya[i] = NAN
                yb[i] = NAN
        return first, second

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

    def run(self, a: Any, b: Any, c: Any, d: Any) -> Any:
        """As `Kernel.run`, without a call for each step."""
        if not cython.compiled:
            return Kernel.run(self, a, b, c, d)
        n: cython.Py_ssize_t = len(a)
        i: cython.Py_ssize_t
        first = np.empty(n)
        second = np.empty(n)
        xa: cython.double[::1] = column(a)
        xb: cython.double[::1] = column(b)
        xc: cython.double[::1] = column(c)
        ya: cython.double[::1] = first
        yb: cython.double[::1] = second
        for i in range(n):
            if (xa[i] - xa[i]) + (xb[i] - xb[i]) + (xc[i] - xc[i]) == 0.0:
                ya[i] = self.step(xa[i], xb[i], xc[i], 0.0)
                yb[i] = self.second
            else:
                ya[i] = NAN
                yb[i] = NAN
        return first, second

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
