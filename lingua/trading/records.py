"""Facts a run leaves behind: fills, trades, order events. Events are facts and do not change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Fill(NamedTuple):
    """One execution. Times are UTC nanoseconds. `side` +1 bought, -1 sold; `quantity` is positive."""

    ts: int
    bar: int
    """Index of the bar of `symbol` in which it happened."""
    symbol: int
    """Index into the run's instruments."""
    side: int
    quantity: float
    price: float
    commission: float
    slippage: float
    """Money lost against the price before slippage."""
    order_id: int
    rule: str
    reason: str
    """entry, rule, stop, target, trail, expire, reversal, rebalance, liquidation, flatten, split, dust, unwind"""
    is_maker: bool
    is_ambiguous: bool


@dataclass(slots=True)
class Trade:
    """One closed (or still open) piece of a unit. Pieces of one position unit share `trade_id`.

    `pnl` is net of commission, funding and borrow, in quote money; an open trade has exit fields None and `pnl` marked
    at the last close. `planned_risk` is the money that the initial stop puts at risk, NaN without a stop; `r` is
    pnl / planned_risk. `mae`/`mfe` are the worst and best excursion as a share of the entry price, both positive.
    """

    trade_id: int
    symbol: str
    side: str
    quantity: float
    entry_ts: int
    entry_bar: int
    entry_price: float
    exit_ts: int | None
    exit_bar: int | None
    exit_price: float | None
    pnl: float
    commission: float
    slippage: float
    carry: float
    """Funding, borrow and dividends, signed from the trader's side."""
    bars: int
    entry_rule: str
    exit_rule: str
    """Rule, or `stop`, `target`, `trail`, `expire`, `liquidation`, `flatten`, `unwind`; empty while open."""
    tag: str
    planned_risk: float
    r: float
    mae: float
    mfe: float
    is_before_settle: bool = False
    is_ambiguous: bool = False


class OrderEvent(NamedTuple):
    """One step in the life of an order, or the reason why there was none."""

    ts: int
    bar: int
    symbol: int
    kind: str
    """submitted accepted partially_filled filled canceled expired rejected denied | suppressed ignored filtered
    na_value zero_rounded below_minimum wrong_side spent not_ready halted broken"""
    rule: str
    order_id: int
    quantity: float
    price: float
    detail: str


@dataclass(slots=True)
class Ledger:
    """Everything one run produced. Arrays run over `clock`, the union of the traded symbols' close times."""

    clock: Any
    """(events,) int64 UTC ns"""
    equity: Any
    """(events,) float64, cash plus marked positions after each event"""
    cash: Any
    """(events,) float64"""
    exposure: Any
    """(events,) float64 signed market value of all positions"""
    positions: list[Any]
    """per instrument (its bars,) float64 signed quantity after each bar"""
    fills: list[Fill]
    trades: list[Trade]
    events: list[OrderEvent]
    counts: dict[str, int]
    """How often each kind of OrderEvent happened, plus `ambiguous` fills."""
    costs: dict[str, float]
    """commission slippage funding borrow interest dividends, as money, losses positive"""
    halted_at: int | None = None
    ruined_at: int | None = None
    fired: dict[str, list[int]] = field(default_factory=dict)
    """Rule name to the clock indices on which its condition was true (after readiness)."""

    @property
    def has_shorts(self) -> bool:
        return any(trade.side == "short" for trade in self.trades)
