"""How long the batch form of an indicator takes beside TA-Lib's own function, and whether windows are O(n).

python tests/benchmarks/indicators_batch.py                  every function of TA-Lib, those above 1.5 marked
python tests/benchmarks/indicators_batch.py SMA RSI          those alone
python tests/benchmarks/indicators_batch.py --windows        ours at window 10 and 1,000, without TA-Lib
python tests/benchmarks/indicators_batch.py --json           one JSON object

The two take turns on the same columns, so that a busy machine slows both; shown is the least processor time of a call,
and in `spread` the distance between the quartiles of our times as a share of the median: how busy the machine was. Run
it on a compiled installation (`lingua --version` tells).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.registry import lookup, specs
from lingua.indicators.talib_forms import talib

BARS = 100_000
LIMIT = 1.5
OWN_NAMES: dict[str, dict[str, Any]] = {
    "BBANDS": {"length": 20, "width": 2.0},
    "STOCH": {"length": 5, "smooth": 3, "signal": 3},
    "KDJ": {"length": 9, "smooth": 3, "signal": 3},
    "MACDEXT": {"fast": 12, "slow": 26, "signal": 9, "average": "sma", "signal_average": "sma"},
    "MAVP": {"shortest": 2, "longest": 30},
    "STDDEV": {"length": 5},
    "VAR": {"length": 5},
    "KAMA": {"length": 30, "fast": 2, "slow": 30},
}
"""Parameters that do not stand in TA-Lib's order."""


def fields(bars: int = BARS) -> dict[str, np.ndarray]:
    random = np.random.default_rng(20)
    close = 100.0 * np.exp(np.cumsum(random.normal(0, 0.005, bars)))
    opened = np.concatenate((close[:1], close[:-1])) * (1 + random.normal(0, 0.001, bars))
    other = 100.0 * np.exp(np.cumsum(random.normal(0, 0.005, bars)))
    return {
        "open": opened, "high": np.maximum(opened, close) * (1 + random.random(bars) * 0.003),
        "low": np.minimum(opened, close) * (1 - random.random(bars) * 0.003), "close": close,
        "volume": np.round(random.random(bars) * 1000) + 1.0, "real": close, "real0": close, "real1": other,
        "periods": np.floor(random.random(bars) * 40),
    }  # fmt: skip


def theirs(name: str, data: dict[str, np.ndarray]) -> tuple[Callable[[], Any], dict[str, Any]]:
    """A call of TA-Lib's function with its defaults, and these."""
    from talib import abstract

    function = getattr(talib(), name)
    line = next(line for line in function.__doc__.splitlines() if line.startswith(f"{name}(") and "ndarray" not in line)
    inputs = [data[word.strip()] for word in line.partition("(")[2].partition("[")[0].rstrip(") ,").split(",")]
    parameters = dict(abstract.Function(name).info["parameters"])
    return lambda: function(*inputs, **parameters), parameters


def ours(spec: IndicatorSpec, data: dict[str, np.ndarray], given: dict[str, Any]) -> Callable[[], Any]:
    plain = {"right": "real1", "other": "real1", "periods": "periods"}
    inputs = [data[each.default if each.is_implicit else plain.get(each.name, "close")] for each in spec.inputs]
    inputs = [(column > 100.0) * 2.0 if each.kind == "bool" else column
              for each, column in zip(spec.inputs, inputs, strict=True)]  # fmt: skip
    values = spec.bind(given)
    return lambda: spec.batch(*inputs, **values)


def in_turns(*calls: Callable[[], Any], seconds: float = 0.25) -> list[list[float]]:
    """Times of each call in milliseconds, taken in turns."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    end = time.perf_counter() + seconds
    while len(times[0]) < 7 or (time.perf_counter() < end and len(times[0]) < 60):
        for call, found in zip(calls, times, strict=True):
            begun = time.thread_time()
            call()
            found.append((time.thread_time() - begun) * 1e3)
    return times


def spread(times: list[float]) -> float:
    low, middle, high = statistics.quantiles(times, n=4)
    return (high - low) / middle


def beside_talib(names: list[str]) -> list[dict[str, Any]]:
    data = fields()
    rows = []
    for name in names:
        spec = lookup(name)
        assert spec is not None, name
        their_call, parameters = theirs(name, data)
        given = OWN_NAMES.get(name) or {
            each.name: value
            for each, value in zip(spec.parameters, parameters.values(), strict=False)
            if each.kind != "choice"
        }
        mine, other = in_turns(ours(spec, data, given), their_call)
        a, b = min(mine), min(other)
        rows.append({"function": name, "ours_ms": a, "talib_ms": b, "ratio": a / b, "spread": spread(mine)})
    return sorted(rows, key=lambda row: -row["ratio"])


def windows(names: list[str]) -> list[dict[str, Any]]:
    data = fields()
    rows = []
    for spec in [each for each in specs() if not names or each.name in names]:
        lengths = [each.name for each in spec.parameters if each.is_window]
        if len(lengths) != 1 or spec.group == "candles":
            continue
        (length,) = lengths
        given = {each.name: 20 if each.default is None else each.default for each in spec.parameters}
        short, long = (ours(spec, data, given | {length: size}) for size in (10, 1000))
        a, b = (min(times) for times in in_turns(short, long, seconds=0.1))
        rows.append({"indicator": spec.name, "window_10_ms": a, "window_1000_ms": b, "ratio": b / a})
    return sorted(rows, key=lambda row: -row["ratio"])


def show(rows: list[dict[str, Any]]) -> None:
    print("  ".join(f"{key:>14}" for key in rows[0]))
    for row in rows:
        cells = [f"{value:>14.3f}" if isinstance(value, float) else f"{value:>14}" for value in row.values()]
        print("  ".join(cells) + (" <" if row["ratio"] > LIMIT else ""))


def main() -> None:
    parser = argparse.ArgumentParser(description="Batch forms beside TA-Lib's own functions.")
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = windows(options.names) if options.windows else beside_talib(options.names or list(talib().get_functions()))
    if options.json:
        print(json.dumps({"bars": BARS, "numpy": np.__version__, "talib": talib().__version__, "rows": rows}))
    else:
        show(rows)
        print(f"{sum(row['ratio'] > LIMIT for row in rows)} of {len(rows)} above {LIMIT}")


if __name__ == "__main__":
    main()
