"""How much was held, how much was turned over, and how big the orders were beside the market."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest.curve import Floats
from lingua.backtest.metric import metric

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan


def gross_value(run: Result) -> Floats:
    """(events,) sum of |quantity| * close * multiplier over all symbols."""
    total = np.zeros(len(run.clock))
    for held, bars in zip(run.positions, run.bars, strict=True):
        if np.any(held):
            total += np.abs(held) * np.abs(run.on_clock(bars, bars.close)) * bars.instrument.multiplier
    return total


@metric("Exposure", "share of bars from the ready bar on that close in a position", unit="share", group="exposure")
def exposure(run: Result) -> float:
    is_in = np.zeros(len(run.clock), dtype=np.bool_)
    for held in run.positions:
        is_in |= held != 0
    return float(np.mean(is_in[run.start :])) if run.start < len(is_in) else 0.0


@metric("Gross exposure", "mean over bars of sum |position value| / equity", unit="share", group="exposure")
def gross_exposure(run: Result) -> float:
    equity = run.curve.values[run.start :]
    if not len(equity):
        return 0.0
    share = np.where(equity > 0, np.nan_to_num(gross_value(run)[run.start :]) / np.where(equity > 0, equity, 1.0), 0.0)
    return float(np.mean(share))


@metric("Turnover", "traded notional of all fills / mean equity", unit="times", group="exposure")
def turnover(run: Result) -> float:
    equity = run.curve.values[run.start :]
    average = float(np.mean(equity)) if len(equity) else NAN
    multipliers = [bars.instrument.multiplier for bars in run.bars]
    traded = math.fsum(fill.quantity * abs(fill.price) * multipliers[fill.symbol] for fill in run.ledger.fills)
    return traded / average if average > 0 else NAN


@metric("Turnover a year", "turnover / years; na under 30 sessions", unit="times", group="exposure")
def annual_turnover(run: Result) -> float:
    return turnover(run) / run.curve.years if len(run.curve.returns) >= 30 else NAN


@metric(
    "Largest order, share of volume",
    "max over orders and bars of quantity filled / volume of that bar; na without volume",
    unit="share",
    group="exposure",
)
def largest_order_share(run: Result) -> float:
    filled: dict[tuple[int, int, int], float] = {}
    for fill in run.ledger.fills:
        key = (fill.symbol, fill.bar, fill.order_id)
        filled[key] = filled.get(key, 0.0) + fill.quantity
    shares = [
        quantity / volume
        for (symbol, bar, _), quantity in filled.items()
        if 0 <= bar < len(run.bars[symbol]) and (volume := float(run.bars[symbol].volume[bar])) > 0
    ]
    return max(shares, default=NAN)


@metric(
    "Capacity",
    "capital * 1% / largest order's share of volume: the capital at which no order exceeds 1 % of its bar",
    unit="money",
    group="exposure",
)
def capacity(run: Result) -> float:
    largest = largest_order_share(run)
    return run.capital * 0.01 / largest if largest > 0 else NAN
