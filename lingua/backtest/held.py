"""What a run held and traded, as figures ask for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest import sums
from lingua.backtest.curve import Floats

if TYPE_CHECKING:
    from lingua.backtest.result import Result


@dataclass(frozen=True, slots=True)
class Held:
    """What was held and traded, from the ready bar on: `share` of the instants in a position; `gross` the mean of sum
    |position value| / equity; `traded` (fills,) notional of each; `largest` quantity filled of one order in one bar as
    a share of that bar's volume, NaN where no volume is known."""

    share: float
    gross: float
    traded: Floats
    largest: float


def held_of(run: Result) -> Held:
    """Of a run whose columns are there."""
    start, equity = run.start, run.curve.values[run.start :]
    is_in, gross = np.zeros(len(run.clock), dtype=np.bool_), np.zeros(len(run.clock))
    for held, bars in zip(run.positions, run.bars, strict=True):
        is_in |= held != 0
        if np.any(held):
            gross += gross_value(held, run.on_clock(bars, bars.close), bars.instrument.multiplier)
    multipliers = [bars.instrument.multiplier for bars in run.bars]
    fills = run.ledger.fills
    return Held(
        float(np.mean(is_in[start:])) if start < len(is_in) else 0.0,
        sums.mean(share_of(gross[start:], equity)) if len(equity) else 0.0,
        np.array([fill.quantity * abs(fill.price) * multipliers[fill.symbol] for fill in fills], dtype=np.float64),
        _largest_share(run),
    )  # fmt: skip


def gross_value(held: Floats, close: Floats, multiplier: float) -> Floats:
    """(events,) |quantity| * close * multiplier; 0 where nothing is held, NaN where the close is missing."""
    return np.where(held != 0, np.abs(held) * np.abs(close) * multiplier, 0.0)


def share_of(gross: Floats, equity: Floats) -> Floats:
    """(events,) what is held as a share of equity; 0 where a close is missing or equity is gone."""
    return np.where(equity > 0, np.nan_to_num(gross) / np.where(equity > 0, equity, 1.0), 0.0)


def _largest_share(run: Result) -> float:
    filled: dict[tuple[int, int, int], float] = {}
    for fill in run.ledger.fills:
        key = (fill.symbol, fill.bar, fill.order_id)
        filled[key] = filled.get(key, 0.0) + fill.quantity
    shares = [
        quantity / volume
        for (symbol, bar, _), quantity in filled.items()
        if 0 <= bar < len(run.bars[symbol]) and (volume := float(run.bars[symbol].volume[bar])) > 0
    ]
    return max(shares, default=math.nan)
