"""Long series in fewer points that still show every extreme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def bucket_size(length: int, limit: int) -> int:
    """Bars a bucket, so that at most `limit` buckets hold `length` bars."""
    return max(1, -(-length // limit))


def buckets(length: int, size: int) -> tuple[Indices, Indices]:
    """(first, last) index of each bucket of `size` bars; the last bucket may be shorter."""
    first = np.arange(0, length, size, dtype=np.intp)
    return first, np.minimum(first + size, length) - 1


def bucketed(bars: Bars, size: int) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Open, high, low, close, volume of each bucket: as one long bar. NaN bars count only where a bucket has no
    others."""
    first, last = buckets(len(bars), size)
    if size == 1 or not len(bars):
        return bars.open, bars.high, bars.low, bars.close, bars.volume
    return (
        bars.open[first],
        np.fmax.reduceat(bars.high, first),
        np.fmin.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )


def extremes(values: Floats, limit: int) -> Indices:
    """At most about `limit` indices, ascending: the first and last point, and the lowest and highest of each
    stretch, so that no high and no trough of the curve is lost."""
    length = len(values)
    if length <= limit:
        return np.arange(length, dtype=np.intp)
    size = bucket_size(length, max(limit // 2, 1))
    padded = np.concatenate((values, np.full(-length % size, values[-1]))).reshape(-1, size)
    starts = np.arange(0, length, size, dtype=np.intp)
    low = np.minimum(starts + np.argmin(padded, axis=1), length - 1)
    high = np.minimum(starts + np.argmax(padded, axis=1), length - 1)
    ends = np.asarray([0, length - 1], dtype=np.intp)
    return np.unique(np.concatenate((ends, low, high)))
