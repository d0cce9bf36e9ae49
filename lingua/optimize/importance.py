"""Which parameter decides: the share of the objective's variance that each one explains by itself.

Trials are put in groups by the parameter's value (ranges with many values in ten equal parts). The share is epsilon
squared, (between - (g - 1) * within / (n - g)) / total, which a parameter without effect leaves near 0 however many
groups it has; below 0 counts as 0. What is left over is interaction of parameters. Source: Kelley, An Unbiased
Correlation Ratio Measure, Proceedings of the National Academy of Sciences 21(9), 1935.
"""

from __future__ import annotations

import math

import numpy as np

from lingua.optimize.outcome import Outcome
from lingua.optimize.space import Dimension

PARTS = 10


def importance(outcome: Outcome) -> dict[str, float]:
    """Parameter to its share from 0 to 1; NaN where too few trials are defined, or all are equal."""
    scores = outcome.scores()
    defined = np.flatnonzero(~np.isnan(scores))
    found: dict[str, float] = {}
    for each in outcome.task.space.dimensions:
        groups: dict[object, list[float]] = {}
        for number in defined.tolist():
            groups.setdefault(_group(each, outcome.records[number].values[each.name]), []).append(float(scores[number]))
        found[each.name] = _epsilon(list(groups.values()))
    return found


def _group(each: Dimension, value: object) -> object:
    if not each.is_ordered or (not each.is_free and len(each.values) <= PARTS):
        return value
    low, high = float(each.values[0]), float(each.values[-1])
    return min(PARTS - 1, int(PARTS * (float(str(value)) - low) / (high - low))) if high > low else 0


def _epsilon(groups: list[list[float]]) -> float:
    values = [value for group in groups for value in group]
    n, g = len(values), len(groups)
    if g < 2 or n <= g:
        return math.nan
    mean = math.fsum(values) / n
    total = math.fsum((value - mean) ** 2 for value in values)
    if not total > 1e-30:
        return math.nan
    between = math.fsum(len(group) * (math.fsum(group) / len(group) - mean) ** 2 for group in groups)
    return max(0.0, (between - (g - 1) * (total - between) / (n - g)) / total)
