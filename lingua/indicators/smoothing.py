"""Exponential smoothing in its two forms, shared by every indicator that smooths."""

from __future__ import annotations

import math
from copy import copy

import numpy as np

from lingua.indicators import kernels
from lingua.indicators.exact import Floats, WindowSums, divide

START_WEIGHT = 1e-6
"""What the start value may still weigh when an indicator counts as settled."""


def settle_of(alpha: float) -> int:
    """Bars until the start value of `v += alpha * (x - v)` weighs less than START_WEIGHT."""
    return 0 if alpha >= 1 else math.ceil(math.log(START_WEIGHT) / math.log1p(-alpha))


def ema_alpha(length: int) -> float:
    return 2.0 / (length + 1.0)


def wilder_alpha(length: int) -> float:
    return 1.0 / length


def smoothed(x: Floats, length: int, alpha: float, start: int = 0) -> Floats:
    """(n,) smoothing of `x[start:]`, seeded at index start + length - 1 with the mean of the first `length` values."""
    out = np.full(len(x), np.nan)
    first = start + length - 1
    if first < len(x):
        seed = divide(WindowSums(x[start : first + 1]).sums(length), float(length))
        kernels.smooth(np.require(x, np.float64, ["C", "W"]), first, float(seed[0]), alpha, out)
    return out


class Smoother:
    """The incremental form: one `update(x)` a value, NaN until seeded."""

    __slots__ = ("_alpha", "_length", "_seeds", "value")

    def __init__(self, length: int, alpha: float) -> None:
        self._length = length
        self._alpha = alpha
        self._seeds: list[float] = []
        self.value = math.nan

    def update(self, x: float) -> float:
        if self.value == self.value:
            self.value = self.value + self._alpha * (x - self.value)
        else:
            self._seeds.append(x)
            if len(self._seeds) == self._length:
                pair = WindowSums(np.array(self._seeds)).sums(self._length)
                self.value = float(divide(pair, float(self._length))[0])
                self._seeds = []
        return self.value

    def copy(self) -> Smoother:
        twin = copy(self)
        twin._seeds = list(self._seeds)
        return twin
