"""The probability of backtest overfitting: how often the best half of the time is no guide to the other half.

The sessions are cut into S blocks of equal length. Each choice of S/2 blocks is once the training and its complement
the test. The combination with the best Sharpe ratio in training has a rank in the test; the share of choices in which
that rank is in the lower half is the probability of backtest overfitting (PBO).

Source: Bailey, Borwein, López de Prado and Zhu, The Probability of Backtest Overfitting, Journal of Computational
Finance 20(4), 2017 (combinatorially symmetric cross-validation, CSCV).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.curve import Floats

BLOCKS = 16
SMALLEST_BLOCK = 10
"""Sessions; a Sharpe ratio of fewer is noise, so short histories are cut into fewer blocks."""
CHUNK = 4_000_000
"""Numbers held at a time."""


@dataclass(frozen=True, slots=True)
class Overfitting:
    """`probability` PBO. `logits` (choices,) of the test rank of the training's best, negative in the lower half.
    `slope` of the best's Sharpe ratio in the test against that in training (per session); `loss` the share of choices
    in which the best lost money in the test. NaN and empty where there is too little to say."""

    probability: float
    logits: Floats
    blocks: int
    trials: int
    slope: float
    loss: float


NOTHING = Overfitting(math.nan, np.empty(0), 0, 0, math.nan, math.nan)


def blocks_for(sessions: int, most: int = BLOCKS) -> int:
    """The even number of blocks for so many sessions; 0 when there are too few for four."""
    found = min(most, sessions // SMALLEST_BLOCK)
    found -= found % 2
    return found if found >= 4 else 0


def overfitting(returns: Floats, blocks: int | None = None) -> Overfitting:
    """PBO of (sessions, trials) returns. `blocks` must be even; None: 16, fewer for a short history. Sessions that do
    not fill a block are left out at the beginning."""
    count = blocks_for(len(returns)) if blocks is None else blocks
    trials = returns.shape[1] if returns.ndim == 2 else 0
    if count < 2 or count % 2 or trials < 2 or len(returns) < count:
        return NOTHING
    size = len(returns) // count
    cut = returns[len(returns) - size * count :].reshape(count, size, trials)
    sums, squares = cut.sum(axis=1), (cut * cut).sum(axis=1)
    chosen = np.array(list(combinations(range(count), count // 2)), dtype=np.intp)
    n = size * count // 2
    logits, best_in, best_out = [], [], []
    step = max(1, CHUNK // trials)
    for begin in range(0, len(chosen), step):
        some = chosen[begin : begin + step]
        inside, outside = _sharpe(sums, squares, some, n), _sharpe(sums, squares, _others(some, count), n)
        rows = np.arange(len(some))
        best = np.argmax(inside, axis=1)
        own = outside[rows, best]
        # Equal ones share their rank.
        below = (outside < own[:, None]).sum(axis=1)
        equal = (outside == own[:, None]).sum(axis=1)
        share = (below + (equal + 1) / 2) / (trials + 1)
        logits.append(np.log(share / (1.0 - share)))
        best_in.append(inside[rows, best])
        best_out.append(own)
    logit, train, test = np.concatenate(logits), np.concatenate(best_in), np.concatenate(best_out)
    return Overfitting(
        float(np.mean(logit <= 0.0)), logit, count, trials, _slope(train, test), float(np.mean(test < 0.0))
    )


def _others(chosen: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    free = np.ones((len(chosen), count), dtype=np.bool_)
    np.put_along_axis(free, chosen, False, axis=1)
    return np.nonzero(free)[1].reshape(len(chosen), -1)


def _sharpe(sums: Floats, squares: Floats, chosen: NDArray[np.intp], n: int) -> Floats:
    """(choices, trials) Sharpe ratio a session over the chosen blocks; 0 where nothing varied: nothing was earned.
    Blocks are added one after the other, so that the last bit depends on no library's order of summing."""
    total = np.zeros((len(chosen), sums.shape[1]))
    square = np.zeros_like(total)
    for place in range(chosen.shape[1]):
        total += sums[chosen[:, place]]
        square += squares[chosen[:, place]]
    mean = total / n
    variance = np.maximum(square / n - mean * mean, 0.0) * n / (n - 1)
    varies = variance > 1e-30
    found: Floats = np.where(varies, mean / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
    return found


def _slope(x: Floats, y: Floats) -> float:
    distance = x - np.mean(x)
    spread = float(np.sum(distance * distance))
    return float(np.sum(distance * (y - np.mean(y)))) / spread if spread > 1e-30 else math.nan
