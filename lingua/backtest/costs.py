"""What trading cost, and how much more it could have cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lingua.backtest.metric import metric
from lingua.backtest.sums import total

if TYPE_CHECKING:
    from lingua.backtest.result import Result

NAN = math.nan
COSTS = ("commission", "slippage", "funding", "borrow", "interest", "dividends")
"""Keys of `Ledger.costs` in the order of the cost table; money, losses positive."""


@metric("Commission", "paid on all fills", unit="money", group="costs")
def commission(run: Result) -> float:
    return float(run.ledger.costs.get("commission", 0.0))


@metric("Slippage", "money lost against the price before slippage, all fills", unit="money", group="costs")
def slippage(run: Result) -> float:
    return float(run.ledger.costs.get("slippage", 0.0))


@metric("Funding", "paid on perpetual positions (received: negative)", unit="money", group="costs")
def funding(run: Result) -> float:
    return float(run.ledger.costs.get("funding", 0.0))


@metric("Borrow", "paid for borrowed shares", unit="money", group="costs")
def borrow(run: Result) -> float:
    return float(run.ledger.costs.get("borrow", 0.0))


@metric("Interest", "paid on debit cash (received: negative)", unit="money", group="costs")
def interest(run: Result) -> float:
    return float(run.ledger.costs.get("interest", 0.0))


@metric("Dividends", "paid on shorts (received on longs: negative)", unit="money", group="costs")
def dividends(run: Result) -> float:
    return float(run.ledger.costs.get("dividends", 0.0))


@metric(
    "Break-even cost",
    "10,000 * sum(net result + commission + slippage) / sum(entry notional), closed trades: the round-trip cost at "
    "which the average trade earns nothing",
    unit="bp",
    group="costs",
)
def break_even_cost_bp(run: Result) -> float:
    closed = run.trips.closed
    notional = total(closed.notional)
    return 1e4 * total(closed.gross) / notional if notional else NAN


@metric(
    "Cost paid",
    "10,000 * sum(commission + slippage) / sum(entry notional), closed trades, both sides together",
    unit="bp",
    group="costs",
)
def cost_bp(run: Result) -> float:
    closed = run.trips.closed
    notional = total(closed.notional)
    paid = total(closed.commission + closed.slippage)
    return 1e4 * paid / notional if notional else NAN
