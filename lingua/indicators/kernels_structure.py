# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Machines that remember the shape of the market: legs, turns, periods and trails.

Like the kernels of `lingua.indicators.kernel` they take one observation, or columns a row at a time, through one
`step`, so both forms give the same bits, compiled or not. A row with a missing or infinite input gives NaN in every
output and leaves the machine as it was. They differ in what goes in and out: any number of inputs (`given`) and
outputs (`out`). A condition is a float, true above 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    from cython.cimports.libc.math import log as c_log
else:
    from lingua.trading.shim import log as c_log

COMPILED = cython.compiled
NAN: cython.double = float("nan")


def buffer(length: int) -> Any:
    """Room for `length` floats: a list is the fastest when interpreted, an array when compiled."""
    return np.zeros(length) if cython.compiled else [0.0] * length


def copied(cells: Any) -> Any:
    return np.array(cells) if cython.compiled else list(cells)


@cython.auto_pickle(True)
@cython.cclass
class Machine:
    """`arity` inputs, `width` outputs."""

    arity: cython.Py_ssize_t
    width: cython.Py_ssize_t
    given: cython.double[::1]
    out: cython.double[::1]

    def __init__(self, arity: int, width: int) -> None:
        self.arity = arity
        self.width = width
        self.given = buffer(arity)
        self.out = buffer(width)

    @cython.cfunc
    def step(self) -> cython.int:
        """From `given` to `out`."""
        return 0

    @cython.cfunc
    def take(self) -> cython.int:
        """One step, unless an input is missing or infinite."""
        k: cython.Py_ssize_t
        for k in range(self.width):
            self.out[k] = NAN
        for k in range(self.arity):
            if self.given[k] - self.given[k] != 0.0:
                return 0
        return self.step()

    def __call__(self, *inputs: Any) -> Any:
        k: cython.Py_ssize_t
        if not isinstance(inputs[0], float):
            return self.run(inputs)
        for k in range(self.arity):
            self.given[k] = inputs[k]
        self.take()
        if self.width == 1:
            return self.out[0]
        return tuple([self.out[k] for k in range(self.width)])

    def run(self, inputs: Any) -> Any:
        """(n,) columns, as many as `arity`, to one column or a tuple of `width` columns."""
        n: cython.Py_ssize_t = len(inputs[0])
        i: cython.Py_ssize_t
        k: cython.Py_ssize_t
        taken = np.ascontiguousarray(np.column_stack([np.asarray(x, dtype=np.float64) for x in inputs]))
        found = np.empty((n, self.width))
        if cython.compiled:
            rows: cython.double[:, ::1] = taken
            results: cython.double[:, ::1] = found
            for i in range(n):
                for k in range(self.arity):
                    self.given[k] = rows[i, k]
                self.take()
                for k in range(self.width):
                    results[i, k] = self.out[k]
        else:
            for i, row in enumerate(taken.tolist()):
                self.given = row
                self.take()
                found[i] = self.out
            self.given = [0.0] * self.arity
        if self.width == 1:
            return found[:, 0].copy()
        return tuple(found[:, k].copy() for k in range(self.width))


# --- legs and runs -----------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class TrendSpan(Machine):
    """(level, width) to the sum of widths since the level's direction turned, the bar before the turn included, and
    the direction: 1 up, -1 down, up until the first fall. Nothing at the first bar."""

    level: cython.double
    before: cython.double
    span: cython.double
    trend: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 2, 2)
        self.level = NAN
        self.before = NAN
        self.span = NAN
        self.trend = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        level: cython.double = self.given[0]
        width: cython.double = self.given[1]
        trend: cython.double = self.trend
        if self.level == self.level:
            trend = 1.0 if level > self.level else -1.0 if level < self.level else 1.0 if trend == 0.0 else trend
            if trend != self.trend:
                self.span = self.before
                self.trend = trend
            self.span = self.span + width
            self.out[0] = self.span
            self.out[1] = trend
        self.level = level
        self.before = width
        return 0

    def copy(self) -> TrendSpan:
        twin = TrendSpan()
        twin.level = self.level
        twin.before = self.before
        twin.span = self.span
        twin.trend = self.trend
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class SignRun(Machine):
    """How many values in a row had the sign of this one, with that sign; 0 at a 0."""

    count: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 1, 1)
        self.count = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        x: cython.double = self.given[0]
        if x > 0.0:
            self.count = self.count + 1.0 if self.count > 0.0 else 1.0
        elif x < 0.0:
            self.count = self.count - 1.0 if self.count < 0.0 else -1.0
        else:
            self.count = 0.0
        self.out[0] = self.count
        return 0

    def copy(self) -> SignRun:
        twin = SignRun()
        twin.count = self.count
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Turns(Machine):
    """(high, low) to the last confirmed turn: its price, 1 for a top and -1 for a bottom, bars since, and the extreme
    reached since. A top is confirmed when a low lies `share` of it below it, a bottom when a high lies that share
    above; a bar that sets a new extreme does not turn. NaN before the first turn."""

    share: cython.double
    side: cython.double
    point: cython.double
    age: cython.double
    top: cython.double
    bottom: cython.double
    top_age: cython.double
    bottom_age: cython.double

    def __init__(self, share: float) -> None:
        Machine.__init__(self, 2, 4)
        self.share = share
        self.side = 0.0
        self.point = NAN
        self.age = 0.0
        self.top = NAN
        self.bottom = NAN
        self.top_age = 0.0
        self.bottom_age = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        high: cython.double = self.given[0]
        low: cython.double = self.given[1]
        size: cython.double
        is_top: cython.bint = False
        is_bottom: cython.bint = False
        self.age = self.age + 1.0
        self.top_age = self.top_age + 1.0
        self.bottom_age = self.bottom_age + 1.0
        # After a bottom only a top is looked for, after a top only a bottom, at first either.
        if self.side <= 0.0 and not high <= self.top:
            self.top = high
            self.top_age = 0.0
            is_top = True
        if self.side >= 0.0 and not low >= self.bottom:
            self.bottom = low
            self.bottom_age = 0.0
            is_bottom = True
        size = self.share * (self.top if self.top >= 0.0 else -self.top)
        if self.side <= 0.0 and not is_top and low <= self.top - size:
            self.side = 1.0
            self.point = self.top
            self.age = self.top_age
            self.bottom = low
            self.bottom_age = 0.0
        else:
            size = self.share * (self.bottom if self.bottom >= 0.0 else -self.bottom)
            if self.side >= 0.0 and not is_bottom and high >= self.bottom + size:
                self.side = -1.0
                self.point = self.bottom
                self.age = self.bottom_age
                self.top = high
                self.top_age = 0.0
        if self.side != 0.0:
            self.out[0] = self.point
            self.out[1] = self.side
            self.out[2] = self.age
            self.out[3] = self.bottom if self.side > 0.0 else self.top
        return 0

    def copy(self) -> Turns:
        twin = Turns(self.share)
        twin.side = self.side
        twin.point = self.point
        twin.age = self.age
        twin.top = self.top
        twin.bottom = self.bottom
        twin.top_age = self.top_age
        twin.bottom_age = self.bottom_age
        return twin


# --- trails ------------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Trail(Machine):
    """(x, distance) to a level that follows x at that distance and does not retreat while x and the x before it stay on
    its side, and the side of x: 1 above, -1 below. It starts below."""

    before: cython.double
    level: cython.double
    side: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 2, 2)
        self.before = NAN
        self.level = NAN
        self.side = 1.0

    @cython.cfunc
    def step(self) -> cython.int:
        x: cython.double = self.given[0]
        distance: cython.double = self.given[1]
        old: cython.double = self.level
        new: cython.double = old
        if old != old:
            new = x - distance
        elif x > old:
            new = x - distance
            if self.before > old and new < old:
                new = old
            self.side = 1.0
        elif x < old:
            new = x + distance
            if self.before < old and new > old:
                new = old
            self.side = -1.0
        self.before = x
        self.level = new
        self.out[0] = new
        self.out[1] = self.side
        return 0

    def copy(self) -> Trail:
        twin = Trail()
        twin.before = self.before
        twin.level = self.level
        twin.side = self.side
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class ClosingStop(Machine):
    """(close, distance) to a stop that far from the best close of the trend, never retreating, and the trend: 1 up, -1
    down. A close beyond the stop turns it, and the best close begins anew. The first trend is up."""

    best: cython.double
    stop: cython.double
    trend: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 2, 2)
        self.best = NAN
        self.stop = NAN
        self.trend = 1.0

    @cython.cfunc
    def step(self) -> cython.int:
        x: cython.double = self.given[0]
        distance: cython.double = self.given[1]
        trend: cython.double = self.trend
        stop: cython.double
        if not trend * x <= trend * self.best:
            self.best = x
        stop = self.best - trend * distance
        if trend * stop < trend * self.stop:
            stop = self.stop
        if trend * x < trend * stop:
            trend = -trend
            self.best = x
            stop = x - trend * distance
        self.trend = trend
        self.stop = stop
        self.out[0] = stop
        self.out[1] = trend
        return 0

    def copy(self) -> ClosingStop:
        twin = ClosingStop()
        twin.best = self.best
        twin.stop = self.stop
        twin.trend = self.trend
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class FisherLine(Machine):
    """A position from 0 to 1 to Ehlers' Fisher transform of its smoothed distance from the middle, itself smoothed."""

    value: cython.double
    line: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 1, 1)
        self.value = 0.0
        self.line = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        value: cython.double = 0.66 * (self.given[0] - 0.5) + 0.67 * self.value
        if value > 0.99:
            value = 0.999
        if value < -0.99:
            value = -0.999
        self.value = value
        self.line = 0.5 * c_log((1.0 + value) / (1.0 - value)) + 0.5 * self.line
        self.out[0] = self.line
        return 0

    def copy(self) -> FisherLine:
        twin = FisherLine()
        twin.value = self.value
        twin.line = self.line
        return twin


# --- periods -----------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Periods(Machine):
    """(whether a period begins, open, high, low, close) to the open, high, low and close of the last whole period, then
    the open, high and low of the one that runs, and its bars so far. The period that began before the first bar is
    not whole."""

    count: cython.double
    running: cython.double[::1]
    last: cython.double[::1]

    def __init__(self) -> None:
        Machine.__init__(self, 5, 8)
        self.count = 0.0
        self.running = buffer(4)
        self.last = buffer(4)
        for k in range(4):
            self.running[k] = NAN
            self.last[k] = NAN

    @cython.cfunc
    def step(self) -> cython.int:
        k: cython.Py_ssize_t
        if self.given[0] > 1.0:
            for k in range(4):
                self.last[k] = self.running[k]
                self.running[k] = self.given[k + 1]
            self.count = 1.0
        elif self.count > 0.0:
            if self.given[2] > self.running[1]:
                self.running[1] = self.given[2]
            if self.given[3] < self.running[2]:
                self.running[2] = self.given[3]
            self.running[3] = self.given[4]
            self.count = self.count + 1.0
        for k in range(4):
            self.out[k] = self.last[k]
        if self.count > 0.0:
            for k in range(3):
                self.out[k + 4] = self.running[k]
            self.out[7] = self.count
        return 0

    def copy(self) -> Periods:
        twin = Periods()
        twin.count = self.count
        twin.running = copied(self.running)
        twin.last = copied(self.last)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class SpreadSince(Machine):
    """(condition, x, weight) to the weighted variance of x since the condition last held, that bar included: one pass
    without cancellation (D. H. D. West, Communications of the ACM 22 (1979) 532-535). NaN before the condition first
    held and without weight."""

    weight: cython.double
    mean: cython.double
    squares: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 3, 1)
        self.weight = NAN
        self.mean = 0.0
        self.squares = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        x: cython.double = self.given[1]
        weight: cython.double = self.given[2]
        away: cython.double
        if self.given[0] > 1.0:
            self.weight = 0.0
            self.mean = 0.0
            self.squares = 0.0
        if self.weight == self.weight:
            self.weight = self.weight + weight
            if self.weight > 0.0:
                away = x - self.mean
                self.mean = self.mean + away * (weight / self.weight)
                self.squares = self.squares + weight * away * (x - self.mean)
                self.out[0] = self.squares / self.weight
        return 0

    def copy(self) -> SpreadSince:
        twin = SpreadSince()
        twin.weight = self.weight
        twin.mean = self.mean
        twin.squares = self.squares
        return twin


# --- windows -----------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class WeightedSpread(Machine):
    """(x, weight) to the weighted mean of the last `length` values and their weighted variance around it, both added
    from the oldest to the newest. NaN when the weights sum to 0."""

    length: cython.Py_ssize_t
    count: cython.Py_ssize_t
    start: cython.Py_ssize_t
    values: cython.double[::1]
    weights: cython.double[::1]

    def __init__(self, length: int) -> None:
        Machine.__init__(self, 2, 2)
        if length < 1:
            raise ValueError("a window has at least one bar")
        self.length = length
        self.count = 0
        self.start = 0
        self.values = buffer(length)
        self.weights = buffer(length)

    @cython.cfunc
    def step(self) -> cython.int:
        _k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        x: cython.double = self.given[0]
        total: cython.double = 0.0
        weighted: cython.double = 0.0
        squares: cython.double = 0.0
        mean: cython.double
        away: cython.double
        at = self.start + self.count
        if at >= self.length:
            at -= self.length
        self.values[at] = x
        self.weights[at] = self.given[1]
        if self.count < self.length:
            self.count += 1
        else:
            self.start += 1
            if self.start == self.length:
                self.start = 0
        if self.count < self.length:
            return 0
        at = self.start
        for _k in range(self.length):
            total = total + self.weights[at]
            weighted = weighted + self.weights[at] * (self.values[at] - x)
            at += 1
            if at == self.length:
                at = 0
        if not total > 0.0:
            return 0
        mean = x + weighted / total
        for _k in range(self.length):
            away = self.values[at] - mean
            squares = squares + self.weights[at] * away * away
            at += 1
            if at == self.length:
                at = 0
        self.out[0] = mean
        self.out[1] = squares / total
        return 0

    def copy(self) -> WeightedSpread:
        twin = WeightedSpread(self.length)
        twin.count = self.count
        twin.start = self.start
        twin.values = copied(self.values)
        twin.weights = copied(self.weights)
        return twin


@cython.final
@cython.auto_pickle(True)
@cython.cclass
class Profile(Machine):
    """(top, bottom, x, weight) to where the weight of the last `length` values lies: the middle of the heaviest of
    `bins` equal parts of bottom..top, and the upper and lower edge of the parts around it that hold `share` of the
    weight. The heavier neighbour joins first, the upper one of equals; of equally heavy parts the lowest counts. NaN
    when the weights sum to 0."""

    length: cython.Py_ssize_t
    bins: cython.Py_ssize_t
    share: cython.double
    count: cython.Py_ssize_t
    start: cython.Py_ssize_t
    values: cython.double[::1]
    weights: cython.double[::1]
    parts: cython.double[::1]

    def __init__(self, length: int, bins: int, share: float) -> None:
        Machine.__init__(self, 4, 3)
        if length < 1 or bins < 1:
            raise ValueError("a window has at least one bar, a profile at least one part")
        self.length = length
        self.bins = bins
        self.share = share
        self.count = 0
        self.start = 0
        self.values = buffer(length)
        self.weights = buffer(length)
        self.parts = buffer(bins)

    @cython.cfunc
    def step(self) -> cython.int:
        k: cython.Py_ssize_t
        _k: cython.Py_ssize_t
        at: cython.Py_ssize_t
        best: cython.Py_ssize_t = 0
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        top: cython.double = self.given[0]
        bottom: cython.double = self.given[1]
        part: cython.double = (top - bottom) / self.bins
        place: cython.double
        total: cython.double = 0.0
        held: cython.double
        above: cython.double
        below: cython.double
        at = self.start + self.count
        if at >= self.length:
            at -= self.length
        self.values[at] = self.given[2]
        self.weights[at] = self.given[3]
        if self.count < self.length:
            self.count += 1
        else:
            self.start += 1
            if self.start == self.length:
                self.start = 0
        if self.count < self.length:
            return 0
        for k in range(self.bins):
            self.parts[k] = 0.0
        at = self.start
        for _k in range(self.length):
            place = (self.values[at] - bottom) / part if part > 0.0 else 0.0
            low = self.bins - 1 if place >= self.bins else 0 if not place > 0.0 else int(place)
            self.parts[low] = self.parts[low] + self.weights[at]
            total = total + self.weights[at]
            at += 1
            if at == self.length:
                at = 0
        if not total > 0.0 or total - total != 0.0:
            return 0
        for k in range(self.bins):
            if self.parts[k] > self.parts[best]:
                best = k
        low = best
        high = best
        held = self.parts[best]
        while held < self.share * total and (low > 0 or high < self.bins - 1):
            above = self.parts[high + 1] if high < self.bins - 1 else -1.0
            below = self.parts[low - 1] if low > 0 else -1.0
            if above >= below:
                high += 1
                held = held + above
            else:
                low -= 1
                held = held + below
        self.out[0] = bottom + part * (best + 0.5)
        self.out[1] = top if high == self.bins - 1 else bottom + part * (high + 1)
        self.out[2] = bottom + part * low
        return 0

    def copy(self) -> Profile:
        twin = Profile(self.length, self.bins, self.share)
        twin.count = self.count
        twin.start = self.start
        twin.values = copied(self.values)
        twin.weights = copied(self.weights)
        return twin
