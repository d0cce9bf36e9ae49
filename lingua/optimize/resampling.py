"""The same trades or sessions in other orders: what else the history could have looked like.

All of these take what one run earned as given and ask how much of the curve is order and luck. None of them can say
that the market will go on as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.curve import Floats, drawdowns

if TYPE_CHECKING:
    from lingua.backtest.result import Result

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
POINTS = 200
"""Points of a band that are kept."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """`runs` histories. `finals` (runs,) total returns, `depths` (runs,) deepest drawdowns, `ruined` the share that at
    some time had lost the ruinous share of the start. `bands` (levels, points) of equity over `steps` (points,), the
    number of the trade or session, with equity 1 at the beginning."""

    name: str
    title: str
    runs: int
    finals: Floats
    depths: Floats
    ruined: float
    steps: NDArray[np.intp]
    bands: Floats

    def final(self, level: float) -> float:
        return float(np.quantile(self.finals, level)) if len(self.finals) else math.nan

    def depth(self, level: float) -> float:
        return float(np.quantile(self.depths, level)) if len(self.depths) else math.nan


def trade_returns(run: Result) -> Floats:
    """(trades,) what each closed round trip added to the equity of the bar before it, in order of entry."""
    trips = sorted(run.closed, key=lambda trip: (trip.entry_ts, trip.trade_id))
    before = np.searchsorted(run.clock, [trip.entry_ts for trip in trips], side="left") - 1
    equity = run.curve.values
    held = [float(equity[max(0, k)]) for k in before.tolist()]
    return np.array([trip.pnl / value if value > 0 else 0.0 for trip, value in zip(trips, held, strict=True)])


def shuffled(returns: Floats, runs: int, seed: int, ruin: float) -> Resampled:
    """The same trades in another order: the end is the same, the way there is not."""
    rng = _generator(seed, 1)
    drawn = np.stack([rng.permutation(len(returns)) for _ in range(runs)]) if len(returns) else _none(runs)
    return _judge("shuffled", "trades in another order", returns[drawn], ruin)


def redrawn(returns: Floats, runs: int, seed: int, ruin: float) -> Resampled:
    """As many trades drawn from those that were, some twice and some not at all (Efron, Bootstrap Methods, Annals of
    Statistics 7(1), 1979)."""
    rng = _generator(seed, 2)
    drawn = rng.integers(len(returns), size=(runs, len(returns))) if len(returns) else _none(runs)
    return _judge("redrawn", "trades drawn again", returns[drawn], ruin)


def skipped(returns: Floats, runs: int, seed: int, ruin: float, share: float) -> Resampled:
    """Each trade is missed with a probability of `share`: the machine was off, the order was not filled."""
    rng = _generator(seed, 3 + round(share * 1_000_000))
    taken = rng.random((runs, len(returns))) >= share
    return _judge(
        f"skipped_{share:g}", f"{share:.0%} of the trades missed", np.where(taken, returns[None, :], 0.0), ruin
    )


def blocks(returns: Floats, runs: int, seed: int, ruin: float, length: float | None = None) -> Resampled:
    """Session returns in blocks of random length with mean `length` (None: the cube root of the sessions), so that
    calm and wild times stay together (Politis and Romano, The Stationary Bootstrap, Journal of the American Statistical
    Association 89, 1994)."""
    n = len(returns)
    mean = max(1.0, n ** (1 / 3)) if length is None else max(1.0, length)
    rng = _generator(seed, 4)
    place = rng.integers(max(1, n), size=runs)
    drawn = np.empty((runs, n), dtype=np.intp)
    for k in range(n):
        drawn[:, k] = place
        begins = rng.random(runs) < 1.0 / mean
        place = np.where(begins, rng.integers(n, size=runs), (place + 1) % n)
    return _judge("blocks", f"sessions in blocks of about {mean:.0f}", returns[drawn], ruin)


def _judge(name: str, title: str, drawn: Floats, ruin: float) -> Resampled:
    """`drawn` (runs, steps) returns."""
    runs, steps = drawn.shape
    curves: Floats = np.cumprod(
        np.concatenate((np.ones((runs, 1)), 1.0 + np.maximum(drawn, -1.0)), axis=1), axis=1, dtype=np.float64
    )
    finals: Floats = curves[:, -1] - 1.0
    depths = np.array([float(np.max(drawdowns(curve))) for curve in curves])
    lost = np.min(curves, axis=1) <= 1.0 - ruin
    kept = np.unique(np.linspace(0, steps, min(POINTS, steps + 1)).round().astype(np.intp))
    bands: Floats = np.quantile(curves[:, kept], LEVELS, axis=0)
    return Resampled(name, title, runs, finals, depths, float(np.mean(lost)), kept, bands)


def _generator(seed: int, number: int) -> np.random.Generator:
    """One stream for each test: adding a test changes no other."""
    return np.random.Generator(np.random.PCG64([seed, number]))


def _none(runs: int) -> NDArray[np.intp]:
    return np.empty((runs, 0), dtype=np.intp)
