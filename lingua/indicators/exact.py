"""Exact sums of sliding windows over whole columns, for kernels that run interpreted.

A column is written as whole numbers over a common power of two, in limbs of 32 bits. Running sums of whole numbers are
exact, so a window's sum is exact whatever came before it. It is handed on as the pair (float nearest to the sum, float
nearest to the rest), the very pair that `lingua.indicators.kernels_windows` keeps bar by bar.

The functions on pairs work on columns of highs and lows. Error-free transformations: T. J. Dekker, A floating-point
technique for extending the available precision, Numerische Mathematik 18 (1971) 224-242.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
Pair = tuple[Any, Any]
LIMB = 32
MASK = (1 << LIMB) - 1
MOST_LIMBS = 8
"""Columns whose values lie further apart than that are added window by window."""
SPLITTER = 134_217_729.0  # 2^27 + 1
UNIT = 1 << 1074
"""Every float is a whole number of 2^-1074."""


def whole(x: float) -> int:
    """A float in units of 2^-1074."""
    above, below = x.as_integer_ratio()
    return above << (1075 - below.bit_length())


def nearest(total: int) -> float:
    """The float nearest to a number of units; NaN beyond the greatest."""
    try:
        return total / UNIT
    except OverflowError:
        return float("nan")


def pair_of(total: int) -> tuple[float, float]:
    high = nearest(total)
    return (high, nearest(total - whole(high))) if high == high else (high, high)


def two_sum(a: Any, b: Any) -> Pair:
    """a + b as (rounded sum, its error), exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def plus(x: Pair, value: Any) -> Pair:
    """A pair with a float added."""
    s, e = two_sum(x[0], value)
    return two_sum(s, x[1] + e)


def plus_times(x: Pair, value: Any, factor: float) -> Pair:
    """A pair with value * factor added, a whole number below 2^26."""
    t = SPLITTER * value
    top = t - (t - value)
    return plus(plus(x, top * factor), (value - top) * factor)


def divided(x: Pair, n: float) -> Any:
    """The pair divided by a whole number, rounded once, by the operations of `kernels_windows.quotient`."""
    high, low = x
    is_great = np.abs(high) > 1e290
    scale = np.where(is_great, 2.0**-60, 1.0)
    high, low, by = high * scale, low * scale, 1.0 / n
    q = high * by
    t = SPLITTER * q
    top = t - (t - q)
    t = SPLITTER * n
    nh = t - (t - n)
    nl = n - nh
    return (top + (((high - top * nh) - top * nl) + low) * by) / scale


class WindowSums:
    """Sums over the windows of one column (finite values)."""

    def __init__(self, column: Floats) -> None:
        self._column = column
        self._limbs, self._exponent = to_limbs(column)

    def sums(self, length: int) -> Pair:
        """(n - length + 1,) sum of each window."""
        if not self._limbs:
            return self._added_again(length, is_weighted=False)
        return self._joined([_sliding(limb, length) for limb in self._limbs], length, is_weighted=False)

    def weighted(self, length: int) -> Pair:
        """(n - length + 1,) sum of k * x over each window, k = 0 at the oldest value."""
        if not self._limbs:
            return self._added_again(length, is_weighted=True)
        position = np.arange(len(self._column), dtype=np.int64)
        start = np.arange(len(self._column) - length + 1, dtype=np.int64)
        # Whole numbers wrap around, and unwrap in the difference: what is left after it fits.
        limbs = [_sliding(limb * position, length) - start * _sliding(limb, length) for limb in self._limbs]
        return self._joined(limbs, length, is_weighted=True)

    def _joined(self, limbs: list[NDArray[np.int64]], length: int, *, is_weighted: bool) -> Pair:
        high, low, is_exact = from_limbs(limbs, self._exponent)
        for k in np.flatnonzero(~is_exact):
            high[k], low[k] = self._window(int(k), length, is_weighted)
        return high, low

    def _added_again(self, length: int, *, is_weighted: bool) -> Pair:
        pairs = [self._window(k, length, is_weighted) for k in range(len(self._column) - length + 1)]
        table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()

    def _window(self, k: int, length: int, is_weighted: bool) -> tuple[float, float]:
        values = self._column[k : k + length].tolist()
        return pair_of(sum(whole(x) * (j if is_weighted else 1) for j, x in enumerate(values)))


def _sliding(limb: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(limb)))
    return np.asarray(total[length:] - total[: len(total) - length])


def to_limbs(column: Floats) -> tuple[list[NDArray[np.int64]], int]:
    """Integers `limb[0] + limb[1] * 2^32 + …` times 2^exponent that equal the column exactly; none when that would
    take more than MOST_LIMBS of them."""
    mantissa, exponent = np.frexp(column)
    integers = np.ldexp(mantissa, 53).astype(np.int64)
    used = integers != 0
    power = exponent.astype(np.int64) - 53
    lowest = int(power[used].min()) if used.any() else 0
    shift = np.where(used, power - lowest, 0)
    skipped, within = shift // LIMB, shift % LIMB
    count = int(skipped.max(initial=0)) + 3
    if count > MOST_LIMBS or lowest < -1000:
        return [], 0
    low = (integers & ((1 << 27) - 1)) << within
    high = (integers >> 27) << within
    above = high >> 5
    parts = ((low & MASK) + ((high & 31) << 27), (low >> LIMB) + (above & MASK), above >> LIMB)
    limbs = []
    for j in range(count):
        limb = np.zeros(len(column), dtype=np.int64)
        for k, part in enumerate(parts):
            if j >= k:
                at = skipped == j - k
                limb[at] = part[at]
        limbs.append(limb)
    return limbs, lowest


def from_limbs(limbs: list[NDArray[np.int64]], exponent: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The integers as pairs, and where the pair is all of the sum."""
    digits = _carried(limbs)
    is_negative = digits[-1] < 0
    if is_negative.any():
        digits = _carried([np.where(is_negative, -limb, limb) for limb in limbs])
    total: Any = np.ldexp(digits[-1].astype(np.float64), exponent + LIMB * (len(digits) - 1))
    rest: Any = np.zeros(len(total))
    lost: Any = np.zeros(len(total), dtype=np.bool_)
    for j in range(len(digits) - 2, -1, -1):
        total, error = two_sum(total, np.ldexp(digits[j].astype(np.float64), exponent + LIMB * j))
        rest, gone = two_sum(rest, error)
        lost |= gone != 0.0
    total, rest = two_sum(total, rest)
    sign = np.where(is_negative, -1.0, 1.0)
    # Adding zero turns -0.0 into 0.0: a sum of nothing has no sign.
    return total * sign + 0.0, rest * sign + 0.0, ~lost & np.isfinite(total)


def _carried(limbs: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    digits: list[NDArray[np.int64]] = []
    carry: Any = np.int64(0)
    for limb in limbs:
        full = limb + carry
        digits.append(full & MASK)
        carry = full >> LIMB
    digits.append(np.asarray(carry))
    return digits
