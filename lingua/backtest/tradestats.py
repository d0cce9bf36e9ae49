"""Figures over round trips: how often, how much, at what risk, at what cost."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lingua.backtest.metric import metric
from lingua.backtest.roundtrips import RoundTrip

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan


def mean(values: Iterable[float]) -> float:
    """Mean of the values that are not NaN; NaN when there are none."""
    valid = [value for value in values if value == value]
    return math.fsum(valid) / len(valid) if valid else NAN


def factor(trips: Iterable[RoundTrip]) -> float:
    """Sum of net wins over sum of net losses; NaN without losers, where it would be infinite."""
    results = [trip.pnl for trip in trips]
    lost = -math.fsum(result for result in results if result < 0)
    return math.fsum(result for result in results if result > 0) / lost if lost > 0 else NAN


def result_bp(trips: Iterable[RoundTrip]) -> float:
    """Net result of all in hundredths of a percent of the money put in; NaN when there are none.

    Weighed by money: the plain mean of the trades' own figures can be positive while money is lost.
    """
    kept = list(trips)
    notional = math.fsum(trip.notional for trip in kept)
    return 1e4 * math.fsum(trip.pnl for trip in kept) / notional if notional else NAN


@metric(
    "Trades", "closed round trips: one unit from its fill to flat, however many pieces", unit="count", group="trades"
)
def trades(run: Result) -> float:
    return float(run.closed_count)


@metric("Open trades", "units still held at the last close, marked there", unit="count", group="trades")
def open_trades(run: Result) -> float:
    return float(len(run.round_trips) - len(run.closed))


@metric("Wins", "closed round trips with a net result above zero", unit="count", group="trades")
def wins(run: Result) -> float:
    return float(sum(trip.pnl > 0 for trip in run.closed))


@metric("Win rate", "wins / trades", unit="share", group="trades")
def win_rate(run: Result) -> float:
    return wins(run) / len(run.closed) if run.closed else NAN


@metric(
    "Profit factor",
    "sum of net wins / sum of net losses of closed trades; na without losers",
    unit="ratio",
    group="trades",
)
def profit_factor(run: Result) -> float:
    return factor(run.closed)


@metric("Average trade", "mean net result of closed trades", unit="money", group="trades")
def average_trade(run: Result) -> float:
    return mean(trip.pnl for trip in run.closed)


@metric(
    "Average trade, bp",
    "10,000 * sum(net result) / sum(entry notional), closed trades; equals break-even cost - cost paid",
    unit="bp",
    group="trades",
)
def average_trade_bp(run: Result) -> float:
    return result_bp(run.closed)


@metric("Average trade, R", "mean of net result / planned risk, closed trades with a stop", unit="R", group="trades")
def average_trade_r(run: Result) -> float:
    return mean(trip.r for trip in run.closed)


@metric("Average win", "mean net result of winners", unit="money", group="trades")
def average_win(run: Result) -> float:
    return mean(trip.pnl for trip in run.closed if trip.pnl > 0)


@metric("Average loss", "mean net result of losers", unit="money", group="trades")
def average_loss(run: Result) -> float:
    return mean(trip.pnl for trip in run.closed if trip.pnl < 0)


@metric("Best trade", "highest net result", unit="money", group="trades")
def best_trade(run: Result) -> float:
    return max((trip.pnl for trip in run.closed), default=NAN)


@metric("Worst trade", "lowest net result", unit="money", group="trades")
def worst_trade(run: Result) -> float:
    return min((trip.pnl for trip in run.closed), default=NAN)


@metric("Average bars held", "mean length of closed trades", unit="bars", group="trades")
def average_bars(run: Result) -> float:
    return mean(float(trip.bars) for trip in run.closed)


@metric(
    "Return without the best five",
    "(final equity - the five highest net results) / equity at the ready bar - 1",
    unit="share",
    group="trades",
)
def return_without_best_five(run: Result) -> float:
    best = sorted((trip.pnl for trip in run.closed if trip.pnl > 0), reverse=True)[:5]
    return (run.curve.last - math.fsum(best)) / run.curve.first - 1.0 if run.curve.first > 0 else NAN


@metric(
    "Planned risk", "mean money between entry and initial stop, as a share of capital", unit="share", group="trades"
)
def planned_risk(run: Result) -> float:
    return mean(trip.planned_risk / run.capital for trip in run.closed)


@metric(
    "Realised risk, R",
    "mean loss of trades that left by their stop below entry / planned risk; above 1 gaps and costs took more",
    unit="R",
    group="trades",
)
def realised_risk_r(run: Result) -> float:
    return mean(-trip.r for trip in run.closed if trip.pnl < 0 and trip.exit_rule == "stop")


@metric("Average MAE", "mean worst excursion of closed trades, share of entry price", unit="share", group="trades")
def average_mae(run: Result) -> float:
    return mean(trip.mae for trip in run.closed)


@metric("Average MFE", "mean best excursion of closed trades, share of entry price", unit="share", group="trades")
def average_mfe(run: Result) -> float:
    return mean(trip.mfe for trip in run.closed)


@metric("MAE of winners", "mean worst excursion of winners: heat taken on the way", unit="share", group="trades")
def mae_of_winners(run: Result) -> float:
    return mean(trip.mae for trip in run.closed if trip.pnl > 0)


@metric("MFE of losers", "mean best excursion of losers: profit given back", unit="share", group="trades")
def mfe_of_losers(run: Result) -> float:
    return mean(trip.mfe for trip in run.closed if trip.pnl < 0)
