"""Prices that stand far away from those around them. Both methods look at later bars too: they are for cleaning data,
never for a strategy."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SPIKE = 0.2
"""A spike is at least this far (of the price) from both neighbours, on the same side."""
MAD_WIDTH, MAD_LIMIT, MAD_LEAST = 21, 15.0, 0.1
BLOCK = 100_000


def spikes(close: Floats, prices: Floats) -> Flags:
    """(n,) where a price leaves the close before it by a fifth and the close after it is back: 106, 1.06, 100. Bad
    prints may last two bars."""
    out = np.zeros(len(close), dtype=np.bool_)
    known = np.flatnonzero(close > 0)
    if len(known) < 3:
        return out
    c = np.log(close[known])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(prices[known])
    limit = -np.log(1.0 - SPIKE)
    for length in (1, 2):
        before, after = c[: -length - 1], c[length + 1 :]
        for k in range(1, length + 1):
            here = x[k : len(x) - length - 1 + k]
            from_before, from_after = here - before, here - after
            far = (np.abs(from_before) > limit) & (np.abs(from_after) > limit) & (from_before * from_after > 0)
            # It came back: the neighbours are close to each other against how far the spike is.
            back = np.abs(after - before) < 0.5 * np.minimum(np.abs(from_before), np.abs(from_after))
            out[known[k : len(x) - length - 1 + k]] |= far & back
    return out


def mad_outliers(close: Floats, prices: Floats) -> Flags:
    """(n,) where a price is more than 15 robust deviations, and a tenth, away from the median of the 21 closes around
    it. The deviation is 1.4826 times the median absolute one (Hampel 1974), of those closes."""
    out = np.zeros(len(close), dtype=np.bool_)
    known = np.flatnonzero(close > 0)
    if len(known) < MAD_WIDTH:
        return out
    c = np.log(close[known])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(prices[known])
    half = MAD_WIDTH // 2
    windows = sliding_window_view(np.pad(c, half, mode="reflect"), MAD_WIDTH)
    for begin in range(0, len(c), BLOCK):
        block = windows[begin : begin + BLOCK]
        middle = np.median(block, axis=1)
        deviation = 1.4826 * np.median(np.abs(block - middle[:, None]), axis=1)
        far = np.abs(x[begin : begin + BLOCK] - middle)
        out[known[begin : begin + BLOCK]] = (far > MAD_LIMIT * deviation) & (far > MAD_LEAST)
    return out
