"""The reference: each workload written by hand for TA-Lib and Numba, compiled and cached. It knows one strategy and
nothing else: no costs but a fee, no record of fills, no checks.

    python tests/benchmarks/reference.py W1 100000

prints one JSON object. Without Numba the same functions run as plain Python: the tests compare answers that way.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import talib
from workloads import CAPITAL, FEE, bars, pairs, timed

try:
    import numba
except ImportError:
    numba = None


def jit(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return numba.njit(cache=True, **options) if numba else lambda function: function


each = numba.prange if numba else range


@jit()
def walk(opened, high, low, close, enters, leaves, stop, target, fee, capital, equity):  # type: ignore[no-untyped-def]
    """All in and all out at the next open; stop and target from the entry's bar on, the stop first. Equity after each
    bar, and the Sharpe ratio of its changes bar by bar."""
    cash, quantity, entry = capital, 0.0, 0.0
    pending, trades = 0, 0
    before, total, squares = capital, 0.0, 0.0
    for i in range(close.size):
        if pending == 1 and quantity == 0.0:
            quantity = cash / (opened[i] * (1.0 + fee))
            cash -= quantity * opened[i] * (1.0 + fee)
            entry = opened[i]
        elif pending == -1 and quantity > 0.0:
            cash += quantity * opened[i] * (1.0 - fee)
            quantity = 0.0
            trades += 1
        pending = 0
        if quantity > 0.0 and stop > 0.0:
            price = 0.0
            if low[i] <= entry * (1.0 - stop):
                price = min(opened[i], entry * (1.0 - stop))
            elif high[i] >= entry * (1.0 + target):
                price = max(opened[i], entry * (1.0 + target))
            if price > 0.0:
                cash += quantity * price * (1.0 - fee)
                quantity = 0.0
                trades += 1
        if quantity == 0.0 and enters[i]:
            pending = 1
        elif quantity > 0.0 and leaves[i]:
            pending = -1
        value = cash + quantity * close[i]
        equity[i] = value
        change = value / before - 1.0
        before = value
        total += change
        squares += change * change
    mean = total / close.size
    return value, trades, mean / np.sqrt(max(squares / close.size - mean * mean, 1e-300))


def crossings(fast: Any, slow: Any) -> tuple[Any, Any]:
    """Where `fast` rises above `slow`, and where it falls below."""
    with np.errstate(invalid="ignore"):
        above, below = fast > slow, fast < slow
    known = ~np.isnan(slow)
    up, down = np.zeros(fast.size, np.bool_), np.zeros(fast.size, np.bool_)
    up[1:] = above[1:] & ~above[:-1] & known[:-1]
    down[1:] = below[1:] & ~below[:-1] & known[:-1]
    return up, down


def w1(given: dict[str, Any], fast: int = 12, slow: int = 26) -> tuple[float, int, float]:
    close = given["close"]
    up, down = crossings(talib.EMA(close, fast), talib.EMA(close, slow))
    return run(given, up, down, 0.0, 0.0)


def w2(given: dict[str, Any]) -> tuple[float, int, float]:
    strength = talib.RSI(given["close"], 14)
    with np.errstate(invalid="ignore"):
        return run(given, strength < 30.0, strength > 70.0, 0.02, 0.04)


def run(given: dict[str, Any], enters: Any, leaves: Any, stop: float, target: float) -> tuple[float, int, float]:
    prices = (given["open"], given["high"], given["low"], given["close"])
    found: tuple[float, int, float] = walk(
        *prices, enters, leaves, stop, target, FEE, CAPITAL, np.empty(prices[0].size)
    )
    return found


@jit()
def one(opened, close, fast, slow, fee, capital):  # type: ignore[no-untyped-def]
    """W1 in one pass, nothing kept of it but the end, the trades and the Sharpe ratio."""
    cash, quantity = capital, 0.0
    pending, trades = 0, 0
    before, total, squares = capital, 0.0, 0.0
    was_above, was_below, was_known = False, False, False
    for i in range(close.size):
        if pending == 1:
            quantity = cash / (opened[i] * (1.0 + fee))
            cash = 0.0
        elif pending == -1:
            cash = quantity * opened[i] * (1.0 - fee)
            quantity = 0.0
            trades += 1
        pending = 0
        above, below = fast[i] > slow[i], fast[i] < slow[i]
        if was_known:
            if above and not was_above and quantity == 0.0:
                pending = 1
            elif below and not was_below and quantity > 0.0:
                pending = -1
        was_above, was_below, was_known = above, below, slow[i] == slow[i] and fast[i] == fast[i]
        value = cash + quantity * close[i]
        change = value / before - 1.0
        before = value
        total += change
        squares += change * change
    mean = total / close.size
    return before, trades, mean / np.sqrt(max(squares / close.size - mean * mean, 1e-300))


@jit()
def sweep_one(opened, close, averages, fast, slow, fee, capital, out):  # type: ignore[no-untyped-def]
    for j in range(fast.size):
        out[j, 0], out[j, 1], out[j, 2] = one(opened, close, averages[fast[j]], averages[slow[j]], fee, capital)


@jit(parallel=True)
def sweep_many(opened, close, averages, fast, slow, fee, capital, out):  # type: ignore[no-untyped-def]
    for j in each(fast.size):
        out[j, 0], out[j, 1], out[j, 2] = one(opened, close, averages[fast[j]], averages[slow[j]], fee, capital)


def w3(given: dict[str, Any], threads: int = 1, count: int = 1_000) -> Any:
    """(pairs, 3) final equity, trades, Sharpe ratio; each average is computed once."""
    wanted = pairs(count)
    lengths = sorted({length for pair in wanted for length in pair})
    averages = np.stack([talib.EMA(given["close"], length) for length in lengths])
    fast, slow = (np.array([lengths.index(pair[k]) for pair in wanted]) for k in (0, 1))
    out = np.empty((len(wanted), 3))
    sweep = sweep_one if threads == 1 else sweep_many
    sweep(given["open"], given["close"], averages, fast, slow, FEE, CAPITAL, out)
    return out


CALLS: dict[str, Callable[..., Any]] = {"W1": w1, "W2": w2, "W3": w3}


def prepared(work: str, size: int, count: int = 1_000) -> Callable[[], Any]:
    """What is to be timed. The reference of W1 and W2 has one thread, whatever Lingua is given."""
    name, _, extra = work.partition(" ")
    data = bars(size)
    return (lambda: w3(data, 2 if extra else 1, count)) if name == "W3" else (lambda: CALLS[name](data))


if __name__ == "__main__":
    print(json.dumps(timed(prepared(sys.argv[1], *map(int, sys.argv[2:])))))
