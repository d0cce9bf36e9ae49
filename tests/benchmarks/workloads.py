"""What the speed benchmarks do: bars, strategies, parameter grids, and how a call is timed. Needs NumPy alone.

W1 an average crosses another; all in at the next open. W2 RSI below 30 buys with a stop of 2 % and a target of 4 %,
both living inside the bar; above 70 sells. W3 is W1 for 1,000 pairs of lengths. Fees are 0.1 % a side, capital a
million, orders sized when they fill. Everyone gets the same arrays.
"""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

FEE = 0.001
CAPITAL = 1_000_000.0
FAST = range(4, 29)
SLOW = range(30, 110, 2)
"""1,000 pairs in all."""
MINUTE = 60
FIRST = 1_577_836_800
"""2020-01-01, in seconds."""
INSIDE = 8
"""Steps of the price inside a bar."""


def bars(count: int, seed: int = 7, sigma: float = 0.002) -> dict[str, Any]:
    """Minute bars of a random walk with a standard deviation of 0.2 % a bar, prices on four decimals, stamps in
    seconds at the open."""
    rng = np.random.default_rng(seed)
    close = np.cumsum(rng.normal(-0.5 * sigma**2, sigma, count))
    opened = np.concatenate(([0.0], close[:-1])) + rng.normal(0.0, sigma / 10.0, count)
    reach = np.abs(rng.normal(0.0, sigma / 2.0, (2, count)))
    high, low = np.maximum(opened, close) + reach[0], np.minimum(opened, close) - reach[1]
    # A wide walk comes back before prices run out of decimals.
    drift = np.log(100.0) - np.linspace(0.0, close[-1], count)
    prices = {"open": opened, "high": high, "low": low, "close": close}
    found = {name: np.round(np.exp(each + drift), 4) for name, each in prices.items()}
    found["volume"] = rng.integers(1_000, 100_000, count).astype(np.float64)
    found["time"] = FIRST + MINUTE * np.arange(count, dtype=np.int64)
    return found


def pairs(count: int = 1_000) -> list[tuple[int, int]]:
    return [(fast, slow) for fast in FAST for slow in SLOW][:: max(1, 1_000 // count)]


def timed(call: Callable[[], Any], seconds: float = 1.0, least: int = 3, most: int = 101) -> dict[str, float]:
    """Milliseconds of processor time of one call, after a first one: the least, the middle, and what nine in ten stay
    below, of those that fit into `seconds`. `wall` is the least by the clock, which counts for what runs on several
    processors."""
    began = time.perf_counter()
    call()
    first = time.perf_counter() - began
    spent: list[float] = []
    walls: list[float] = []
    gc.collect()
    until = time.perf_counter() + seconds
    while len(spent) < least or (len(spent) < most and time.perf_counter() < until):
        wall, started = time.perf_counter(), time.process_time()
        call()
        spent.append((time.process_time() - started) * 1000.0)
        walls.append((time.perf_counter() - wall) * 1000.0)
    spent.sort()
    return {
        "least": spent[0], "middle": spent[len(spent) // 2], "late": spent[len(spent) * 9 // 10],
        "first": first * 1000.0, "wall": min(walls),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }  # fmt: skip
