# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Machines that remember the shape of the market: legs, turns, periods and trails.

Like the kernels of `lingua.indicators.kernels` they take one observation, or columns a row at a time, through one
`step`, so both forms give the same bits, compiled or not. A row with a missing or infinite input gives NaN in every
output and leaves the machine as it was. They differ in what goes in and out: any number of inputs (`given`) and
outputs (`out`). A condition is a float, true above 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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


@cython.auto_pickle(False)
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
@cython.auto_pickle(False)
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
@cython.auto_pickle(False)
@cython.cclass
class Streak(Machine):
    """How many steps in a row went the same way: above 0 up, below 0 down, 0 at first and where nothing moved."""

    before: cython.double
    count: cython.double

    def __init__(self) -> None:
        Machine.__init__(self, 1, 1)
        self.before = NAN
        self.count = 0.0

    @cython.cfunc
    def step(self) -> cython.int:
        x: cython.double = self.given[0]
        if x > self.before:
            self.count = self.count + 1.0 if self.count > 0.0 else 1.0
        elif x < self.before:
            self.count = self.count - 1.0 if self.count < 0.0 else -1.0
        else:
            self.count = 0.0
        self.before = x
        self.out[0] = self.count
        return 0

    def copy(self) -> Streak:
        twin = Streak()
        twin.before = self.before
        twin.count = self.count
        return twin


# --- trails ------------------------------------------------------------------------------------------


@cython.final
@cython.auto_pickle(False)
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
@cython.auto_pickle(False)
@cython.cclass
class ClosingStop(Machine):
    """(close, distance) to a stop that far from the best close of the trend, and the trend: 1 up, -1 down. A close
    beyond the stop turns it, and the best close begins anew; `is_fast` keeps the stop from retreating when the
    distance grows. The first trend is up."""

    is_fast: cython.bint
    best: cython.double
    stop: cython.double
    trend: cython.double

    def __init__(self, is_fast: bool) -> None:
        Machine.__init__(self, 2, 2)
        self.is_fast = is_fast
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
        if self.is_fast and trend * stop < trend * self.stop:
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
        twin = ClosingStop(self.is_fast)
        twin.best = self.best
        twin.stop = self.stop
        twin.trend = self.trend
        return twin


@cython.final
@cython.auto_pickle(False)
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
