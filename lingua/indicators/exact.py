"""Sums over windows that depend on the window's contents alone.

A running sum of floats remembers every rounding since the data began, so two runs that start on different bars differ
in the last bit, and `close > sma(close, 20)` becomes true on a flat market. Here a column is written as integers over a
common power of two, in limbs of 32 bits; running sums of integers are exact, so a window's sum is exact whatever came
before it. It is handed on as a pair `(high, low)` of floats whose sum it is (exact as long as the window's values span
less than 2^50; beyond that to 2^-104 of the sum).

The functions on pairs work on arrays and on single floats alike, with the same roundings: batch and incremental form
use the same ones. Error-free transformations: T. J. Dekker, A floating-point technique for extending the available
precision, Numerische Mathematik 18 (1971) 224-242.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[Any, Any]
LIMB = 32
MASK = (1 << LIMB) - 1
SPLITTER = 134_217_729.0  # 2^27 + 1


def two_sum(a: Any, b: Any) -> Pair:
    """a + b as (rounded sum, its error), exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def two_product(a: Any, b: Any) -> Pair:
    """a * b as (rounded product, its error), exactly while nothing under- or overflows."""
    p = a * b
    ta, tb = SPLITTER * a, SPLITTER * b
    ah, bh = ta - (ta - a), tb - (tb - b)
    al, bl = a - ah, b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def add(x: Pair, y: Pair) -> Pair:
    s, e = two_sum(x[0], y[0])
    t, f = two_sum(x[1], y[1])
    s, e = two_sum(s, e + t)
    return two_sum(s, e + f)


def negative(x: Pair) -> Pair:
    return -x[0], -x[1]


def multiply(x: Pair, y: Pair) -> Pair:
    p, e = two_product(x[0], y[0])
    return two_sum(p, e + (x[0] * y[1] + x[1] * y[0]))


def scale(x: Pair, factor: float) -> Pair:
    """The pair times a whole number below 2^53."""
    p, e = two_product(x[0], factor)
    return two_sum(p, e + x[1] * factor)


def divide(x: Pair, n: float) -> Any:
    """The pair divided by a whole number, rounded once: the mean of equal values is that value."""
    q = x[0] / n
    p, e = two_product(q, n)
    return q + (((x[0] - p) - e) + x[1]) / n


class WindowSums:
    """Exact sums over sliding windows of one column (no NaN)."""

    def __init__(self, column: Floats) -> None:
        self._limbs, self._exponent = to_limbs(column)
        self._n = len(column)

    def sums(self, length: int) -> Pair:
        """(n - length + 1,) sum of each window, as a pair."""
        return self._join([_sliding(limb, length) for limb in self._limbs])

    def weighted(self, length: int) -> Pair:
        """(n - length + 1,) sum of k * x over each window, k = 0 at the window's oldest value."""
        count = self._n - length + 1
        position = np.arange(self._n, dtype=np.int64)
        start = np.arange(count, dtype=np.int64)
        # Integers wrap around, and unwrap in the difference: what is left after it fits.
        return self._join(
            [_sliding(limb * position, length) - start * _sliding(limb, length) for limb in self._limbs]
        )

    def _join(self, limbs: list[NDArray[np.int64]]) -> Pair:
        return from_limbs(limbs, self._exponent)


def _sliding(limb: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(limb)))
    return np.asarray(total[length:] - total[: len(total) - length])


def to_limbs(column: Floats) -> tuple[list[NDArray[np.int64]], int]:
    """Integers `limb[0] + limb[1] * 2^32 + …` times 2^exponent that equal the column exactly."""
    mantissa, exponent = np.frexp(column)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    used = whole != 0
    power = exponent.astype(np.int64) - 53
    lowest = int(power[used].min()) if used.any() else 0
    shift = np.where(used, power - lowest, 0)
    skipped, within = shift // LIMB, shift % LIMB
    low = (whole & ((1 << 27) - 1)) << within
    high = (whole >> 27) << within
    above = high >> 5
    parts = ((low & MASK) + ((high & 31) << 27), (low >> LIMB) + (above & MASK), above >> LIMB)
    limbs = []
    for j in range(int(skipped.max(initial=0)) + 3):
        limb = np.zeros(len(column), dtype=np.int64)
        for k, part in enumerate(parts):
            if j >= k:
                at = skipped == j - k
                limb[at] = part[at]
        limbs.append(limb)
    return limbs, lowest


def from_limbs(limbs: list[NDArray[np.int64]], exponent: int) -> Pair:
    """The integers as pairs of floats."""
    digits = _carried(limbs)
    is_negative = digits[-1] < 0
    if is_negative.any():
        digits = _carried([np.where(is_negative, -limb, limb) for limb in limbs])
    total: Any = np.ldexp(digits[-1].astype(np.float64), exponent + LIMB * (len(digits) - 1))
    rest: Any = np.zeros(len(total))
    for j in range(len(digits) - 2, -1, -1):
        total, error = two_sum(total, np.ldexp(digits[j].astype(np.float64), exponent + LIMB * j))
        rest = rest + error
    total, rest = two_sum(total, rest)
    sign = np.where(is_negative, -1.0, 1.0)
    # Adding zero turns -0.0 into 0.0: a sum of nothing has no sign.
    return total * sign + 0.0, rest * sign + 0.0


def _carried(limbs: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    digits: list[NDArray[np.int64]] = []
    carry: Any = np.int64(0)
    for limb in limbs:
        full = limb + carry
        digits.append(full & MASK)
        carry = full >> LIMB
    digits.append(np.asarray(carry))
    return digits


UNIT = 1 << 1074
"""Every float is a whole number of 2^-1074."""


class ExactSum:
    """A sum of floats that come and go, kept as one integer."""

    __slots__ = ("_total",)

    def __init__(self) -> None:
        self._total = 0

    def add(self, x: float, times: int = 1) -> None:
        above, below = x.as_integer_ratio()
        self._total += above * (UNIT // below) * times

    def shift_weights(self, plain: ExactSum) -> None:
        """Every value's weight falls by one: take away the plain sum."""
        self._total -= plain._total

    def pair(self) -> tuple[float, float]:
        high = self._total / UNIT
        above, below = high.as_integer_ratio()
        return high + 0.0, (self._total - above * (UNIT // below)) / UNIT + 0.0


class Window:
    """The last `length` values with their exact sum, and weighted sum if asked for."""

    __slots__ = ("_is_weighted", "_plain", "_weighted", "values")

    def __init__(self, length: int, *, is_weighted: bool = False) -> None:
        self.values: deque[float] = deque(maxlen=length)
        self._plain = ExactSum()
        self._weighted = ExactSum()
        self._is_weighted = is_weighted

    @property
    def is_full(self) -> bool:
        return len(self.values) == self.values.maxlen

    def push(self, x: float) -> None:
        if self.is_full:
            oldest = self.values[0]
            self._plain.add(-oldest)
            if self._is_weighted:
                # The oldest has weight 0; all others move down by one.
                self._weighted.shift_weights(self._plain)
        if self._is_weighted:
            self._weighted.add(x, len(self.values) - (1 if self.is_full else 0))
        self._plain.add(x)
        self.values.append(x)

    def sum(self) -> tuple[float, float]:
        return self._plain.pair()

    def weighted(self) -> tuple[float, float]:
        return self._weighted.pair()

    def copy(self) -> Window:
        twin = Window(self.values.maxlen or 1, is_weighted=self._is_weighted)
        twin.values = deque(self.values, maxlen=self.values.maxlen)
        twin._plain._total = self._plain._total
        twin._weighted._total = self._weighted._total
        return twin
