"""How much was held, how much was turned over, and how big the orders were beside the market."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lingua.backtest.metric import metric

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan


@metric("Exposure", "share of bars from the ready bar on that close in a position", unit="share", group="exposure")
def exposure(run: Result) -> float:
    return run.held.share


@metric("Gross exposure", "mean over bars of sum |position value| / equity", unit="share", group="exposure")
def gross_exposure(run: Result) -> float:
    return run.held.gross


@metric("Turnover", "traded notional of all fills / mean equity", unit="times", group="exposure")
def turnover(run: Result) -> float:
    average = run.curve.mean
    return math.fsum(run.held.traded.tolist()) / average if average > 0 else NAN


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
    return run.held.largest


@metric(
    "Capacity",
    "capital * 1% / largest order's share of volume: the capital at which no order exceeds 1 % of its bar",
    unit="money",
    group="exposure",
)
def capacity(run: Result) -> float:
    largest = largest_order_share(run)
    return run.capital * 0.01 / largest if largest > 0 else NAN
