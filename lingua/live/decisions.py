"""What a live strategy decided at one instant, and the same as one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from lingua.trading.records import Fill, OrderEvent, Trade

SCHEMA = 1
"""Of the JSON objects; a number is added when a field changes its meaning or goes."""
SENT = ("submitted",)
"""Told by the orders as well."""
ENDED = ("canceled", "expired", "rejected")
REACHED = ("accepted", "partially_filled", "filled")
"""Told by the fills as well."""


class SentOrder(NamedTuple):
    """An order that left at this instant, with the quantity it has now. `side` +1 buys, -1 sells; `kind` market open
    auction limit stop stop_limit; prices NaN where it has none. `bars_left` -1 and `until_ts` 0: until it is withdrawn.
    """

    order_id: int
    symbol: str
    side: int
    kind: str
    quantity: float
    limit: float
    stop: float
    bars_left: int
    until_ts: int
    is_increase: bool
    rule: str
    reason: str
    why: str
    """`CUT: …` where limits or cash left less than was wanted."""


class Protection(NamedTuple):
    """The exits of one open unit that hold from the next bar on; NaN where there is none."""

    symbol: str
    unit: int
    side: int
    quantity: float
    entry: float
    stop: float
    target: float


class Fired(NamedTuple):
    """A rule whose condition was true on a bar on which it is live."""

    symbol: str
    rule: str


class Alert(NamedTuple):
    """An `alert` whose condition turned true, with its holes filled."""

    symbol: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """One instant. `symbols` are those with a bar closing now; `names` those that fills and events count in.

    `orders` left now; `fills`, `trades` (pieces that were closed) and `events` are what the order/fill step wrote down
    at this instant, in its order; `signals` holds side times confidence of each signal by symbol, NaN where it is `na`.
    `positions` leaves out what is flat; `protections` are the exits that hold from here. `halted` names the limit that
    forbids increases now.
    """

    ts: int
    instant: int
    symbols: tuple[str, ...]
    names: tuple[str, ...]
    is_ready: bool
    fired: tuple[Fired, ...]
    orders: tuple[SentOrder, ...]
    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    events: tuple[OrderEvent, ...]
    signals: dict[str, dict[str, float]]
    alerts: tuple[Alert, ...]
    positions: dict[str, float]
    protections: tuple[Protection, ...]
    equity: float
    cash: float
    halted: str = ""
    is_ruined: bool = False
    late: int = 0
    """Bars that came after their instant: they feed the series and nothing is decided on them."""

    @property
    def is_quiet(self) -> bool:
        """Nothing happened: no rule fired, no order moved, nothing was filled."""
        return not (self.fired or self.fills or self.trades or self.events or self.alerts or self.late)

    def to_dict(self) -> dict[str, Any]:
        """Plain data without NaN; keys in a fixed order, lists empty rather than absent."""
        from lingua.backtest.times import iso

        return {
            "schema": SCHEMA,
            "time": iso(self.ts),
            "instant": self.instant,
            "symbols": list(self.symbols),
            "ready": self.is_ready,
            "fired": [{"symbol": each.symbol, "rule": each.rule} for each in self.fired],
            "orders": [self._order(each) for each in self.orders],
            "ended": [self._event(each) for each in self.events if each.kind in ENDED],
            "blocked": [self._event(each) for each in self.events if each.kind not in (*SENT, *ENDED, *REACHED)],
            "fills": [self._fill(each) for each in self.fills],
            "trades": [self._trade(each) for each in self.trades],
            "signals": {
                symbol: {name: _number(value) for name, value in values.items()}
                for symbol, values in self.signals.items()
            },
            "alerts": [each._asdict() for each in self.alerts],
            "positions": dict(self.positions),
            "protections": [
                {
                    **each._asdict(),
                    "side": "long" if each.side > 0 else "short",
                    "entry": _number(each.entry),
                    "stop": _number(each.stop),
                    "target": _number(each.target),
                }
                for each in self.protections
            ],
            "equity": _number(self.equity),
            "cash": _number(self.cash),
            "halted": self.halted or None,
            "ruined": self.is_ruined,
            "late": self.late,
        }

    @staticmethod
    def _order(order: SentOrder) -> dict[str, Any]:
        from lingua.backtest.times import iso

        return {
            "order": order.order_id,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "kind": order.kind,
            "quantity": order.quantity,
            "limit": _number(order.limit),
            "stop": _number(order.stop),
            "bars": None if order.bars_left < 0 else order.bars_left,
            "until": iso(order.until_ts) if order.until_ts else None,
            "opens": order.is_increase,
            "rule": order.rule or None,
            "reason": order.reason,
            "why": order.why or None,
        }

    def _event(self, event: OrderEvent) -> dict[str, Any]:
        return {
            "symbol": self.names[event.symbol],
            "kind": event.kind,
            "rule": event.rule or None,
            "order": None if event.order_id < 0 else event.order_id,
            "quantity": _number(event.quantity),
            "price": _number(event.price),
            "why": event.detail or None,
        }

    def _fill(self, fill: Fill) -> dict[str, Any]:
        from lingua.backtest.times import iso

        return {
            "time": iso(fill.ts),
            "symbol": self.names[fill.symbol],
            "side": "buy" if fill.side > 0 else "sell",
            "quantity": fill.quantity,
            "price": _number(fill.price),
            "commission": fill.commission,
            "slippage": fill.slippage,
            "order": None if fill.order_id < 0 else fill.order_id,
            "rule": fill.rule or None,
            "reason": fill.reason,
        }

    @staticmethod
    def _trade(trade: Trade) -> dict[str, Any]:
        from lingua.backtest.times import iso

        return {
            "trade": trade.trade_id,
            "symbol": trade.symbol,
            "side": trade.side,
            "quantity": trade.quantity,
            "entry_time": iso(trade.entry_ts),
            "entry_price": trade.entry_price,
            "exit_time": None if trade.exit_ts is None else iso(trade.exit_ts),
            "exit_price": None if trade.exit_price is None else _number(trade.exit_price),
            "pnl": _number(trade.pnl),
            "entry_rule": trade.entry_rule or None,
            "exit_rule": trade.exit_rule or None,
        }


def _number(value: float) -> float | None:
    return value if value == value else None
