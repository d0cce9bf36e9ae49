"""Return and risk figures, from the equity curve alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest.curve import Floats
from lingua.backtest.metric import metric
from lingua.backtest.times import DAY

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan
MINIMUM_SESSIONS = 30
"""Fewer session returns than this carry no annual figure."""

SHARPE = "Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21(1), 1994"
SORTINO = "Sortino and Price, Performance Measurement in a Downside Risk Framework, Journal of Investing 3(3), 1994"
CALMAR = "Young, Calmar Ratio: A Smoother Tool, Futures 20(1), 1991"


def has_enough(returns: Floats) -> bool:
    return len(returns) >= MINIMUM_SESSIONS


def excess(run: Result) -> Floats:
    """(sessions,) returns above the risk-free rate, which is given per year and spread evenly over its sessions."""
    return run.curve.returns - run.execution.risk_free / run.sessions_per_year


@metric("Final equity", "cash + marked positions at the last close", unit="money", group="return")
def final_equity(run: Result) -> float:
    return run.curve.last


@metric("Total return", "final equity / equity at the ready bar - 1", unit="share", group="return")
def total_return(run: Result) -> float:
    return run.curve.last / run.curve.first - 1.0 if run.curve.first > 0 else NAN


@metric(
    "Annual return",
    "(1 + total return)^(S / sessions from the ready bar) - 1, S sessions a year; na under 30 sessions",
    unit="share",
    group="return",
    source="Compound annual growth rate",
)
def annual_return(run: Result) -> float:
    if not has_enough(run.curve.returns):
        return NAN
    growth = 1.0 + total_return(run)
    if growth <= 0:
        return -1.0
    power = math.log(growth) / run.curve.years
    return math.expm1(power) if power < 700 else NAN


@metric(
    "Sharpe",
    "mean(r - f) / stdev(r - f) * sqrt(S): r session-end returns, stdev with n - 1; na under 30 sessions",
    unit="ratio",
    group="return",
    source=SHARPE,
)
def sharpe(run: Result) -> float:
    returns = excess(run)
    deviation = _deviation(returns) if has_enough(returns) else 0.0
    return float(np.mean(returns)) / deviation * math.sqrt(run.sessions_per_year) if deviation > 0 else NAN


@metric(
    "Sortino",
    "mean(r - f) / sqrt(mean(min(r - f, 0)^2)) * sqrt(S); na under 30 sessions",
    unit="ratio",
    group="return",
    source=SORTINO,
)
def sortino(run: Result) -> float:
    returns = excess(run)
    # The target is given, not estimated from the sample, so the squares are averaged over all n sessions.
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2))) if has_enough(returns) else 0.0
    return float(np.mean(returns)) / downside * math.sqrt(run.sessions_per_year) if downside > 0 else NAN


@metric("Calmar", "annual return / maximum drawdown", unit="ratio", group="return", source=CALMAR)
def calmar(run: Result) -> float:
    deepest = max_drawdown(run)
    return annual_return(run) / deepest if deepest > 0 else NAN


@metric(
    "Volatility",
    "stdev(r) * sqrt(S), with n - 1; na under 30 sessions",
    unit="share",
    group="risk",
    source="Annualised standard deviation of session-end returns",
)
def volatility(run: Result) -> float:
    returns = run.curve.returns
    return _deviation(returns) * math.sqrt(run.sessions_per_year) if has_enough(returns) else NAN


@metric("Maximum drawdown", "max over bar closes of 1 - equity / highest equity so far", unit="share", group="risk")
def max_drawdown(run: Result) -> float:
    return run.curve.depth


@metric(
    "Maximum drawdown, days",
    "days from the high before the deepest drawdown until that high was regained, or the end",
    unit="days",
    group="risk",
)
def max_drawdown_days(run: Result) -> float:
    return float(run.curve.deepest_ns) / DAY


@metric("Maximum drawdown, bars", "the same in bars", unit="bars", group="risk")
def max_drawdown_bars(run: Result) -> float:
    return float(run.curve.deepest_bars)


@metric("Longest drawdown, days", "longest time between two highs of equity", unit="days", group="risk")
def longest_drawdown_days(run: Result) -> float:
    return float(run.curve.longest_ns) / DAY


@metric("Time under water", "share of bars that close below an earlier high of equity", unit="share", group="risk")
def time_under_water(run: Result) -> float:
    return run.curve.under_water


@metric("Best session", "max(r)", unit="share", group="risk")
def best_session(run: Result) -> float:
    return float(np.max(run.curve.returns)) if len(run.curve.returns) else NAN


@metric("Worst session", "min(r)", unit="share", group="risk")
def worst_session(run: Result) -> float:
    return float(np.min(run.curve.returns)) if len(run.curve.returns) else NAN


@metric("Skewness", "mean(d^3) / mean(d^2)^1.5, d = r - mean(r); na under 30 sessions", unit="ratio", group="risk")
def skewness(run: Result) -> float:
    return _standard_moment(run.curve.returns, 3)


@metric(
    "Excess kurtosis", "mean(d^4) / mean(d^2)^2 - 3, d = r - mean(r); na under 30 sessions", unit="ratio", group="risk"
)
def kurtosis(run: Result) -> float:
    return _standard_moment(run.curve.returns, 4) - 3.0


@metric("Sessions", "session-end returns from the ready bar on", unit="sessions", group="return")
def sessions(run: Result) -> float:
    return float(len(run.curve.returns))


def _deviation(returns: Floats) -> float:
    """Standard deviation with n - 1; 0 where the returns differ by no more than the rounding of their mean."""
    deviation = float(np.std(returns, ddof=1))
    return deviation if deviation > 1e-15 * (1.0 + float(np.max(np.abs(returns)))) else 0.0


def _standard_moment(returns: Floats, power: int) -> float:
    if not has_enough(returns) or _deviation(returns) == 0:
        return NAN
    distance = returns - np.mean(returns)
    return float(np.mean(distance**power) / np.mean(distance**2) ** (power / 2))
