"""The run beside buy-and-hold of what it traded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest.metric import metric
from lingua.backtest.returns import excess, has_enough

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan
CAPM = "Jensen, The Performance of Mutual Funds 1945-1964, Journal of Finance 23(2), 1968"


@metric(
    "Buy and hold",
    "value of equal parts bought at the first open after the ready bar, one entry's costs paid, splits and dividends "
    "kept / capital - 1",
    unit="share",
    group="benchmark",
)
def benchmark_return(run: Result) -> float:
    curve = run.benchmark
    return curve.last / curve.first - 1.0 if curve.first > 0 else NAN


@metric("Buy and hold, drawdown", "maximum drawdown of buy-and-hold", unit="share", group="benchmark")
def benchmark_drawdown(run: Result) -> float:
    return run.benchmark.depth


@metric("Ahead of buy and hold", "total return - buy-and-hold return", unit="share", group="benchmark")
def excess_return(run: Result) -> float:
    return run.curve.last / run.curve.first - 1.0 - benchmark_return(run) if run.curve.first > 0 else NAN


@metric(
    "Beta",
    "cov(r - f, b - f) / var(b - f), b session returns of buy-and-hold; na under 30 sessions",
    unit="ratio",
    group="benchmark",
    source=CAPM,
)
def beta(run: Result) -> float:
    returns, market = run.curve.returns, run.benchmark.returns
    if not has_enough(returns):
        return NAN
    distance = market - np.mean(market)
    variance = float(np.mean(distance**2))
    return float(np.mean(distance * returns)) / variance if variance > 1e-30 else NAN


@metric(
    "Alpha",
    "(1 + mean((r - f) - beta * (b - f)))^S - 1; na under 30 sessions",
    unit="share",
    group="benchmark",
    source=CAPM,
)
def alpha(run: Result) -> float:
    slope = beta(run)
    if slope != slope:
        return NAN
    market = run.benchmark.returns - run.execution.risk_free / run.sessions_per_year
    growth = 1.0 + float(np.mean(excess(run) - slope * market))
    power = math.log(growth) * run.sessions_per_year if growth > 0 else -math.inf
    return math.expm1(power) if power < 700 else NAN
