"""EMA 12, EMA 26, RSI 14, MACD(12, 26, 9), BBANDS(20, 2) and ATR 14 bar by bar in other libraries.

Run by `streaming.py` with the Python of an environment that has them; prints one JSON object: for each library that is
there `measured`, for each that is not the reason. Imports nothing of Lingua.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

BARS, WARM = 20_000, 1_000
Step = Callable[[int], Any]
Bars = dict[str, list[float]]


def bars(count: int = BARS + WARM) -> Bars:
    """A random walk of 0.2 % a bar, prices on four decimals."""
    rng, close = random.Random(4), 100.0
    made: Bars = {"open": [], "high": [], "low": [], "close": []}
    for _ in range(count):
        opened, close = close, round(close * (1.0 + rng.gauss(0.0, 0.002)), 4)
        made["open"].append(opened)
        made["high"].append(round(max(opened, close) * (1.0 + rng.random() * 0.001), 4))
        made["low"].append(round(min(opened, close) * (1.0 - rng.random() * 0.001), 4))
        made["close"].append(close)
    return made


def measured(step: Step, count: int = BARS, warm: int = WARM) -> dict[str, float]:
    """Microseconds of one call, the clock's own time taken off: mean, median, 99 % and 99.9 % quantile, greatest."""
    now = time.perf_counter_ns
    for i in range(warm):
        step(i)
    gc.collect()
    times = [0] * count
    for i in range(warm, warm + count):
        started = now()
        step(i)
        times[i - warm] = now() - started
    clock = sorted(-(now() - now()) for _ in range(2_001))[1_000]
    times = sorted(each - clock for each in times)

    def quantile(share: float) -> float:
        return times[min(int(share * count), count - 1)] / 1000.0

    return {
        "mean": sum(times) / count / 1000.0, "p50": quantile(0.5), "p99": quantile(0.99), "p999": quantile(0.999),
        "max": times[-1] / 1000.0,
    }  # fmt: skip


def talib_stream(given: Bars) -> Step:
    import numpy as np
    from talib import stream

    high, low, close = given["high"], given["low"], given["close"]
    first = {name: np.array(given[name][:200]) for name in given}
    last = first["close"]
    fast, slow, strength = stream.EMA(last, 12).update, stream.EMA(last, 26).update, stream.RSI(last, 14).update
    lines, band = stream.MACD(last, 12, 26, 9).update, stream.BBANDS(last, 20, 2.0, 2.0).update
    width = stream.ATR(first["high"], first["low"], last, 14).update

    def step(i: int) -> Any:
        x = close[i]
        return fast(x), slow(x), strength(x), lines(x), band(x), width(high[i], low[i], x)

    return step


def talipp(given: Bars) -> Step:
    from talipp.indicators import ATR, BB, EMA, MACD, RSI
    from talipp.ohlcv import OHLCV

    opened, high, low, close = given["open"], given["high"], given["low"], given["close"]
    fast, slow, strength, lines, band, width = EMA(12), EMA(26), RSI(14), MACD(12, 26, 9), BB(20, 2.0), ATR(14)

    def step(i: int) -> Any:
        x = close[i]
        for each in (fast, slow, strength, lines, band):
            each.add(x)
        width.add(OHLCV(opened[i], high[i], low[i], x))
        return fast[-1], slow[-1], strength[-1], lines[-1], band[-1], width[-1]

    return step


def nautilus(given: Bars, kit: Any, wilder: Any) -> Step:
    high, low, close = given["high"], given["low"], given["close"]
    fast, slow, signal = (kit.ExponentialMovingAverage(length) for length in (12, 26, 9))
    strength, width = kit.RelativeStrengthIndex(14, wilder), kit.AverageTrueRange(14, wilder)
    lines, band = kit.MovingAverageConvergenceDivergence(12, 26), kit.BollingerBands(20, 2.0)

    def step(i: int) -> Any:
        x = close[i]
        fast.update_raw(x)
        slow.update_raw(x)
        strength.update_raw(x)
        lines.update_raw(x)
        signal.update_raw(lines.value)
        band.update_raw(high[i], low[i], x)
        width.update_raw(high[i], low[i], x)
        return fast.value, slow.value, strength.value, lines.value, signal.value, band.upper, band.lower, width.value

    return step


def nautilus_rust(given: Bars) -> Step:
    from nautilus_trader.core import nautilus_pyo3 as kit

    return nautilus(given, kit, kit.MovingAverageType.Wilder)


def nautilus_cython(given: Bars) -> Step:
    import nautilus_trader.indicators as kit

    return nautilus(given, kit, kit.MovingAverageType.WILDER)


RIVALS: dict[str, Callable[[Bars], Step]] = {
    "talib.stream": talib_stream,
    "NautilusTrader (Rust)": nautilus_rust,
    "NautilusTrader (Cython)": nautilus_cython,
    "talipp": talipp,
}


def main() -> None:
    given, found = bars(), {}
    for name in sys.argv[1:] or RIVALS:
        try:
            step = RIVALS[name](given)
        except ImportError as reason:
            found[name] = {"missing": str(reason)}
            continue
        found[name] = measured(step)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
