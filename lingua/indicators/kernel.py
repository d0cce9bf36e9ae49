# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What indicators are made of: small machines that take one observation and give one value.

A kernel called with numbers takes one step; called with columns it takes a step for each row. Both go through the same
`step`, so the batch form and the incremental form of everything built here agree to the last bit by construction. A row
with a missing or infinite input gives NaN and leaves the kernel as it was. Compiled where a compiler was present, else
run as it stands, with the same bits: plain float64, no contraction. The kernels themselves are in `kernels` and, for
windows, in `kernels_windows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
# Declared, not annotated: an annotated name of a module stays a Python object, looked up at each use.
NAN = cython.declare(cython.double, float("nan"))


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
            # What a kernel does not take may be anything: a column of zeros would be read for nothing.
            xb: cython.double[::1] = column(b) if self.arity > 1 else xa
            xc: cython.double[::1] = column(c) if self.arity > 2 else xa
            xd: cython.double[::1] = column(d) if self.arity > 3 else xa
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
