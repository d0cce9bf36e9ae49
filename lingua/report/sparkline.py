"""A curve in one line of block characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.,-=+*#"


def sparkline(
    values: NDArray[np.float64], width: int, low: float | None = None, high: float | None = None, blocks: str = BLOCKS
) -> str:
    """`values` sampled at `width` places, each a block between `low` and `high` (its own range unless given).

    >>> sparkline(np.array([1.0, 2.0, 3.0, 4.0]), 4)
    '▁▃▆█'
    """
    valid = values[~np.isnan(values)]
    if not len(valid) or width < 1:
        return ""
    # The last value of each stretch: a sampled equity curve ends where the run ended.
    at = np.linspace(0, len(valid) - 1, min(width, len(valid))).round().astype(int)
    sample = valid[at]
    bottom = float(np.min(valid)) if low is None else low
    top = float(np.max(valid)) if high is None else high
    if top <= bottom:
        return blocks[0] * len(sample)
    levels = np.clip((sample - bottom) / (top - bottom) * (len(blocks) - 1), 0, len(blocks) - 1).round().astype(int)
    return "".join(blocks[level] for level in levels)
