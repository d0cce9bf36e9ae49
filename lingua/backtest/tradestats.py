"""Figures over round trips: how often, how much, at what risk, at what cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest.curve import Floats
from lingua.backtest.metric import metric
from lingua.backtest.sums import total
from lingua.backtest.trips import Trips

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan


def mean(values: Floats) -> float:
    """Mean of the values that are not NaN; NaN when there are none."""
    valid = values[~np.isnan(values)]
    return math.fsum(valid.tolist()) / len(valid) if len(valid) else NAN


def factor(trips: Trips) -> float:
    """Sum of net wins over sum of net losses; NaN without losers, where it would be infinite."""
    lost = -total(trips.pnl[trips.pnl < 0])
    return total(trips.pnl[trips.pnl > 0]) / lost if lost > 0 else NAN


def result_bp(trips: Trips) -> float:
    """Net result of all in hundredths of a percent of the money put in; NaN when there are none.

    Weighed by money: the plain mean of the trades' own figures can be positive while money is lost.
    """
    notional = total(trips.notional)
    return 1e4 * total(trips.pnl) / notional if notional else NAN


@metric(
    "Trades", "closed round trips: one unit from its fill to flat, however many pieces", unit="count", group="trades"
)
def trades(run: Result) -> float:
    return float(run.closed_count)


@metric("Open trades", "units still held at the last close, marked there", unit="count", group="trades")
def open_trades(run: Result) -> float:
    return float(np.count_nonzero(run.trips.is_open))


@metric("Wins", "closed round trips with a net result above zero", unit="count", group="trades")
def wins(run: Result) -> float:
    return float(np.count_nonzero(run.trips.closed.pnl > 0))


@metric("Win rate", "wins / trades", unit="share", group="trades")
def win_rate(run: Result) -> float:
    closed = run.trips.closed
    return wins(run) / len(closed) if len(closed) else NAN


@metric(
    "Profit factor",
    "sum of net wins / sum of net losses of closed trades; na without losers",
    unit="ratio",
    group="trades",
)
def profit_factor(run: Result) -> float:
    return factor(run.trips.closed)


@metric("Average trade", "mean net result of closed trades", unit="money", group="trades")
def average_trade(run: Result) -> float:
    return mean(run.trips.closed.pnl)


@metric(
    "Average trade, bp",
    "10,000 * sum(net result) / sum(entry notional), closed trades; equals break-even cost - cost paid",
    unit="bp",
    group="trades",
)
def average_trade_bp(run: Result) -> float:
    return result_bp(run.trips.closed)


@metric("Average trade, R", "mean of net result / planned risk, closed trades with a stop", unit="R", group="trades")
def average_trade_r(run: Result) -> float:
    return mean(run.trips.closed.r)


@metric("Average win", "mean net result of winners", unit="money", group="trades")
def average_win(run: Result) -> float:
    pnl = run.trips.closed.pnl
    return mean(pnl[pnl > 0])


@metric("Average loss", "mean net result of losers", unit="money", group="trades")
def average_loss(run: Result) -> float:
    pnl = run.trips.closed.pnl
    return mean(pnl[pnl < 0])


@metric("Best trade", "highest net result", unit="money", group="trades")
def best_trade(run: Result) -> float:
    pnl = run.trips.closed.pnl
    return float(np.max(pnl)) if len(pnl) else NAN


@metric("Worst trade", "lowest net result", unit="money", group="trades")
def worst_trade(run: Result) -> float:
    pnl = run.trips.closed.pnl
    return float(np.min(pnl)) if len(pnl) else NAN


@metric("Average bars held", "mean length of closed trades", unit="bars", group="trades")
def average_bars(run: Result) -> float:
    return mean(run.trips.closed.bars.astype(np.float64))


@metric(
    "Return without the best five",
    "(final equity - the five highest net results) / equity at the ready bar - 1",
    unit="share",
    group="trades",
)
def return_without_best_five(run: Result) -> float:
    pnl = run.trips.closed.pnl
    best = np.sort(pnl[pnl > 0])[-5:]
    return (run.curve.last - total(best)) / run.curve.first - 1.0 if run.curve.first > 0 else NAN


@metric(
    "Planned risk", "mean money between entry and initial stop, as a share of capital", unit="share", group="trades"
)
def planned_risk(run: Result) -> float:
    return mean(run.trips.closed.planned_risk / run.capital)


@metric(
    "Realised risk, R",
    "mean loss of trades that left by their stop below entry / planned risk; above 1 gaps and costs took more",
    unit="R",
    group="trades",
)
def realised_risk_r(run: Result) -> float:
    closed = run.trips.closed
    return mean(-closed.r[(closed.pnl < 0) & (closed.exit_rule == closed.number("stop"))])


@metric("Average MAE", "mean worst excursion of closed trades, share of entry price", unit="share", group="trades")
def average_mae(run: Result) -> float:
    return mean(run.trips.closed.mae)


@metric("Average MFE", "mean best excursion of closed trades, share of entry price", unit="share", group="trades")
def average_mfe(run: Result) -> float:
    return mean(run.trips.closed.mfe)


@metric("MAE of winners", "mean worst excursion of winners: heat taken on the way", unit="share", group="trades")
def mae_of_winners(run: Result) -> float:
    closed = run.trips.closed
    return mean(closed.mae[closed.pnl > 0])


@metric("MFE of losers", "mean best excursion of losers: profit given back", unit="share", group="trades")
def mfe_of_losers(run: Result) -> float:
    closed = run.trips.closed
    return mean(closed.mfe[closed.pnl < 0])
