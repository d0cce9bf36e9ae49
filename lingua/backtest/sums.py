"""Means of long columns that come in pieces: the same bits however they are cut."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 4096


class BlockSum:
    """Sums blocks of `BLOCK` values, counted from the first; the sums of the blocks are added exactly."""

    def __init__(self) -> None:
        self.count = 0
        self._sums: list[float] = []
        self._rest = np.empty(0)

    def take(self, values: Floats) -> None:
        self.count += len(values)
        joined = np.concatenate((self._rest, values)) if len(self._rest) else values
        whole = len(joined) // BLOCK * BLOCK
        if whole:
            blocks = np.ascontiguousarray(joined[:whole]).reshape(-1, BLOCK)
            self._sums += np.add.reduce(blocks, axis=1).tolist()
        self._rest = joined[whole:].copy()

    def mean(self) -> float:
        """NaN where there was nothing."""
        rest = float(np.add.reduce(self._rest)) if len(self._rest) else 0.0
        return math.fsum([*self._sums, rest]) / self.count if self.count else math.nan


def mean(values: Floats) -> float:
    """The same of a column that is there as a whole."""
    total = BlockSum()
    total.take(values)
    return total.mean()


def total(values: Floats) -> float:
    """The sum, rounded once."""
    return math.fsum(values.tolist())
