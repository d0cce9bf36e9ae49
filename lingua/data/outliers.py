"""Prices that stand far away from those around them. Both methods look at later bars too: they are for cleaning data,
never for a strategy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SPIKE = 0.2
"""A spike is at least this far (of the price) from both neighbours, on the same side."""
MAD_WIDTH, MAD_LIMIT, MAD_LEAST = 21, 15.0, 0.1
BLOCK = 50_000


def spikes(prices: Mapping[str, Floats]) -> dict[str, Flags]:
    """For each column (n,) where its price leaves the close before by a fifth and the close after is back: 106, 1.06,
    100. Bad prints may last two bars. `prices` has a `close`."""
    close = prices["close"]
    out = {name: np.zeros(len(close), dtype=np.bool_) for name in prices}
    known = np.flatnonzero(close > 0)
    c = np.log(close[known])
    limit = -np.log(1.0 - SPIKE)
    for length in (1, 2):
        n = len(known) - length - 1
        if n < 1:
            continue
        before, after = c[:n], c[length + 1 :]
        # It comes back: the neighbours are near each other, measured by how far the spike is.
        candidates = np.flatnonzero(np.abs(after - before) < 2.0)
        for name, column in prices.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                x = np.log(column[known])
            for k in range(1, length + 1):
                here = x[k : k + n][candidates]
                up, down = here - before[candidates], here - after[candidates]
                nearest = np.minimum(np.abs(up), np.abs(down))
                is_spike = (nearest > limit) & (up * down > 0)
                is_spike &= np.abs(up - down) < 0.5 * nearest
                out[name][known[k + candidates[is_spike]]] = True
    return out


def mad_outliers(prices: Mapping[str, Floats]) -> dict[str, Flags]:
    """For each column (n,) where its price is more than 15 robust deviations, and a tenth, away from the median of the
    21 closes around it. The deviation is 1.4826 times the median absolute one of those closes (Hampel 1974)."""
    close = prices["close"]
    out = {name: np.zeros(len(close), dtype=np.bool_) for name in prices}
    known = np.flatnonzero(close > 0)
    if len(known) < MAD_WIDTH:
        return out
    c = np.log(close[known])
    half = MAD_WIDTH // 2
    windows = sliding_window_view(np.pad(c, half, mode="reflect"), MAD_WIDTH)
    for begin in range(0, len(c), BLOCK):
        at = known[begin : begin + BLOCK]
        block = windows[begin : begin + BLOCK]
        middle = _median(block)
        limit = np.maximum(MAD_LIMIT * 1.4826 * _median(np.abs(block - middle[:, None])), MAD_LEAST)
        for name, column in prices.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                out[name][at] = np.abs(np.log(column[at]) - middle) > limit
    return out


def _median(block: Floats) -> Floats:
    """(n,) of (n, odd width): `np.median` without its copies."""
    return np.asarray(np.partition(block, MAD_WIDTH // 2, axis=1)[:, MAD_WIDTH // 2])
