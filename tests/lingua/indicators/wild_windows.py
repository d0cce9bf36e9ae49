"""Columns that are hard on sums, and the bits that the kernels over windows make of them, a line for each case.

python tests/lingua/indicators/wild_windows.py
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

KINDS = ("walk", "returns", "volumes", "ticks", "spikes", "flat after a spike", "far apart", "subnormal", "cancelling")


def columns(kind: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    walk, other = (100.0 * np.exp(np.cumsum(random.normal(0, 0.01, n))) for _ in range(2))
    if kind == "returns":
        walk, other = walk[1:] / walk[:-1] - 1.0, other[1:] / other[:-1] - 1.0
    elif kind == "volumes":
        other = np.floor(random.random(n) * 5000) + 1.0
    elif kind == "ticks":
        walk, other = np.round(walk * 4) / 4, np.round(other * 100) / 100
    elif kind == "spikes":
        walk = np.where(random.random(n) < 0.004, 1e12, walk * 1e-5)
        other = np.where(random.random(n) < 0.004, -1e250, other)
    elif kind == "flat after a spike":
        walk = np.where(np.arange(n) < n // 2, 1e12 + random.random(n), 1e-3)
        other = np.full(n, 100.1)
    elif kind == "far apart":
        walk, other = (random.normal(0, 1, n) * 10.0 ** random.integers(-300, 300, n) for _ in range(2))
    elif kind == "subnormal":
        walk, other = walk * 1e-310, other * 1e-312
    elif kind == "cancelling":
        walk = np.where(np.arange(n) % 2 == 0, 1e9, -1e9) + random.random(n)
    return walk, other


def bits(found: Any) -> str:
    """Of the values alone: a NaN has no sign."""
    values = np.array(found, dtype=np.float64)
    return hashlib.sha256(np.where(np.isnan(values), np.nan, values).tobytes()).hexdigest()[:16]


def main() -> None:
    from lingua.indicators import kernels_windows as windows
    from lingua.indicators.kernel import COMPILED

    print("compiled" if COMPILED else "interpreted")
    one: dict[str, Any] = {
        "Sum": windows.Sum,
        "Mean": windows.Mean,
        "LinearMean": windows.LinearMean,
        "Line": windows.Line,
        "LineAt": lambda length: windows.LineAt(length, (length + 1) / 2.0),
        "slope": lambda length: windows.LineAt(length, np.nan),
        "Spread": windows.Spread,
        "Variance": lambda length: windows.Variance(length, length / (length - 1.0)),
        "deviation": lambda length: windows.Variance(length, 1.0, True),
        "Banded": lambda length: windows.Banded(length, 2.5),
        "MeanDeviation": windows.MeanDeviation,
    }
    two: dict[str, Any] = {
        "WeightedMean": windows.WeightedMean,
        "CoSpread": windows.CoSpread,
        "Correlation": windows.Correlation,
    }
    for name, make in (one | two).items():
        for kind in KINDS:
            for length in (2, 30):
                inputs = columns(kind, 400, length)[: 1 if name in one else 2]
                stepping = make(length)
                rows = [stepping(*row) for row in zip(*(each.tolist() for each in inputs), strict=True)]
                print(name, kind, length, bits(make(length)(*inputs)), bits(np.array(rows).T))


if __name__ == "__main__":
    main()
