"""The orders for the next bar: what a person who trades by hand wants every evening."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from lingua.backtest.attached import Attached, attached
from lingua.backtest.explain import Explainer, explainer
from lingua.backtest.explanation import Explanation
from lingua.backtest.times import iso
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.trading import codes
from lingua.trading.execution import Execution


@dataclass(frozen=True, slots=True)
class NextOrder:
    """One order that works at the next bar. `limit` and `stop` are None where it has none, `exits` what it attaches to
    its fill; `planned_loss` is the money lost if its stop is reached, costs included. `reason` explains the decision,
    None for an order of no rule."""

    symbol: str
    rule: str
    side: Literal["buy", "sell"]
    quantity: float
    kind: str
    limit: float | None
    stop: float | None
    is_entry: bool
    exits: tuple[Attached, ...]
    planned_loss: float | None
    bars_left: int | None
    reason: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        from lingua.report.explain import explanation_text

        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ("exits", "reason")}
        why = None if self.reason is None else explanation_text(self.reason)
        return {**found, "exits": [asdict(each) for each in self.exits], "reason": why}


@dataclass(frozen=True, slots=True)
class Protection:
    """What guards one open unit from here on: rest these levels at the broker. None where there is no such exit."""

    symbol: str
    side: str
    quantity: float
    entry: float
    stop: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class NextOrders:
    """State after the last bar, and the orders that work from here."""

    as_of: str
    equity: float
    cash: float
    positions: dict[str, float]
    orders: tuple[NextOrder, ...]
    protections: tuple[Protection, ...] = ()
    idle: tuple[Explanation, ...] = field(default=())
    """Rules that did not act on the last bar, and why."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of,
            "equity": self.equity,
            "cash": self.cash,
            "positions": self.positions,
            "orders": [order.to_dict() for order in self.orders],
            "protections": [asdict(protection) for protection in self.protections],
        }


def next_orders(compiled: Compiled, market: Market, options: Execution, capital: float) -> NextOrders:
    """Run over all bars and report what would be sent before the next one."""
    from lingua.backtest.bind import bind
    from lingua.backtest.run import build_run

    program = compiled.program
    bound, legs = bind(program, market)
    run = build_run(program, bound, legs, options, capital)
    ledger = run.run()
    told = explainer(compiled, market, options, capital)
    names = [bars.symbol for bars in (*(b.bars for b in bound), *market.data.values())]
    orders = tuple(
        _order(order, market_, names, told)
        for market_, working in zip(run.book.markets, run.book.orders, strict=True)
        for order in working
        if not order.is_done
    )
    positions = {
        name: float(held[-1]) for name, held in zip(names, ledger.positions, strict=True) if len(held) and held[-1]
    }
    acted = {(order.symbol, order.rule) for order in orders}
    idle = tuple(
        told.explain(rule, len(each.bars) - 1, number)
        for number, each in enumerate(bound)
        for rule in program.rules
        if (each.bars.symbol, rule.name) not in acted
    )
    return NextOrders(
        iso(int(ledger.clock[-1])),
        float(ledger.equity[-1]),
        float(ledger.cash[-1]),
        positions,
        orders,
        _protections(run.book, names),
        idle,
    )


def _protections(book: Any, names: list[str]) -> tuple[Protection, ...]:
    """The exits of every open unit, at the levels that hold for the next bar."""

    def level(value: float) -> float | None:
        return float(value) if value == value and value > 0.0 else None

    return tuple(
        Protection(
            names[position.market],
            "long" if unit.side > 0 else "short",
            float(unit.quantity),
            float(unit.entry),
            level(unit.stop),
            level(unit.target),
        )
        for position in book.positions
        for unit in position.units
    )


def _order(order: Any, market: Any, names: list[str], told: Explainer) -> NextOrder:
    """The step counts rules from 0; here they have their names, and the reason is that of the deciding bar."""
    rules = told.compiled.program.rules
    reason = None
    if 0 <= order.rule < len(rules) and order.market < len(told.bound):
        stamps = told.bound[order.market].bars.ts
        decided = min(int(stamps.searchsorted(int(order.placed_ts))), len(stamps) - 1)
        reason = told.explain(rules[order.rule], decided, order.market)
    prices = [value for value in (order.limit, order.stop) if value == value]
    loss = order.risk_each * (order.quantity - order.filled)
    return NextOrder(
        symbol=names[order.market],
        rule=rules[order.rule].name if 0 <= order.rule < len(rules) else "",
        side="buy" if order.side > 0 else "sell",
        quantity=float(order.quantity - order.filled),
        kind=codes.ORDER_KINDS[order.kind],
        limit=_known(order.limit),
        stop=_known(order.stop),
        is_entry=bool(order.is_increase),
        exits=attached(order, prices[0] if prices else float(market.mark)),
        planned_loss=_known(loss),
        bars_left=int(order.bars_left) if order.bars_left >= 0 else None,
        reason=reason,
    )


def _known(value: float) -> float | None:
    return float(value) if value == value else None
