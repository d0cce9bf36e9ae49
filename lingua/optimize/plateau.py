"""Is the best combination on a plateau or on a spike?

The score compares the neighbours of the best with the best itself and with the poor trials:

    (median of the neighbours - poor) / (best - poor), held between 0 and 1; poor: nine of ten trials are better

1: the neighbours do as well. 0: they are no better than the poor ones; a small change of the parameters would have lost
all. Among trials that are noise alone the best scores about 0.3.
Neighbours are the tried combinations one step away in one parameter (of the grid); where fewer than two of those were
tried, the nearest ones by distance, each parameter scaled to the width of its domain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lingua.ir.program import ParamValue
from lingua.optimize.space import Dimension, Space

FEWEST = 3
POOR = 0.1


@dataclass(frozen=True, slots=True)
class Plateau:
    """`score` 0 to 1, NaN where there is nothing to compare; `neighbours` how many were compared."""

    score: float
    neighbours: int


def plateau(space: Space, tried: Sequence[Mapping[str, ParamValue]], scores: Sequence[float], best: int) -> Plateau:
    """Of trial number `best`. `scores` are such that more is better; undefined ones count as the worst."""
    defined = [score for score in scores if score == score]
    if len(defined) < FEWEST or scores[best] != scores[best]:
        return Plateau(math.nan, 0)
    lowest = min(defined)
    full = [score if score == score else lowest for score in scores]
    around = neighbours(space, tried, best)
    poor = float(np.quantile(full, POOR))
    height = full[best] - poor
    if not around:
        return Plateau(math.nan, 0)
    if not height > 0:
        return Plateau(1.0, len(around))  # nothing stands out: all the land is as high
    score = (float(np.median([full[k] for k in around])) - poor) / height
    return Plateau(min(1.0, max(0.0, score)), len(around))


def neighbours(space: Space, tried: Sequence[Mapping[str, ParamValue]], best: int) -> list[int]:
    """Numbers of the trials next to trial `best`."""
    own = tried[best]
    steps = [k for k, other in enumerate(tried) if k != best and _is_one_step(space.dimensions, own, other)]
    if len(steps) >= 2:
        return steps
    here = space.place(own)
    others = sorted((_distance(space, here, space.place(other)), k) for k, other in enumerate(tried) if k != best)
    nearest = [k for _, k in others[: 2 * len(space.dimensions)]]
    return steps + [k for k in nearest if k not in steps]


def _is_one_step(
    dimensions: Sequence[Dimension], own: Mapping[str, ParamValue], other: Mapping[str, ParamValue]
) -> bool:
    changed = [each for each in dimensions if own[each.name] != other[each.name]]
    if len(changed) != 1:
        return False
    values = changed[0].values
    a, b = own[changed[0].name], other[changed[0].name]
    if a not in values or b not in values:
        return False
    return not changed[0].is_ordered or abs(values.index(a) - values.index(b)) == 1


def _distance(space: Space, a: Sequence[float], b: Sequence[float]) -> float:
    """Of values without order only the difference counts, not how far apart they are listed."""
    total = 0.0
    for each, x, y in zip(space.dimensions, a, b, strict=True):
        total += (x - y) ** 2 if each.is_ordered else float(x != y)
    return math.sqrt(total)
