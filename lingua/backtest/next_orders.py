"""The orders for the next bar: what a person who trades by hand wants every evening."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from lingua.backtest.explain import Explainer, explainer
from lingua.backtest.explanation import Explanation
from lingua.backtest.times import iso
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.trading.execution import Execution

DECIDED = ("submitted", "accepted")


@dataclass(frozen=True, slots=True)
class NextOrder:
    """One order that works at the next bar. `reason` explains a decision of the last bar, None for an older order."""

    symbol: str
    rule: str
    facts: dict[str, Any]
    reason: Explanation | None = None


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
            "orders": [
                {"symbol": o.symbol, "rule": o.rule, **{k: v if v == v else None for k, v in o.facts.items()}}
                for o in self.orders
            ],
            "protections": [asdict(protection) for protection in self.protections],
        }


def next_orders(compiled: Compiled, market: Market, options: Execution, capital: float) -> NextOrders:
    """Run over all bars and report what would be sent before the next one."""
    from lingua.backtest.bind import bind
    from lingua.backtest.run import build_run
    from lingua.trading import snapshots

    program = compiled.program
    bound, legs = bind(program, market)
    run = build_run(program, bound, legs, options, capital)
    ledger = run.run()
    told = explainer(compiled, market, options, capital)
    names = [bars.symbol for bars in (*(b.bars for b in bound), *market.data.values())]
    orders = tuple(_order(facts, names, told) for facts in snapshots.working(run.book))
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


def _order(facts: dict[str, Any], names: list[str], told: Explainer) -> NextOrder:
    """The step counts rules from 0; here they have their names, and the reason is that of the deciding bar."""
    symbol = str(facts.get("symbol", ""))
    at = names.index(symbol) if symbol in names else len(told.bound)
    rules = told.compiled.program.rules
    number = int(facts.get("rule", -1))
    if not 0 <= number < len(rules):
        return NextOrder(symbol, "", facts)
    rule, reason = rules[number], None
    if at < len(told.bound):
        stamps = told.bound[at].bars.ts
        decided = min(int(stamps.searchsorted(int(facts.get("placed_ts", stamps[-1])))), len(stamps) - 1)
        reason = told.explain(rule, decided, at)
    return NextOrder(symbol, rule.name, {**facts, "rule": rule.name}, reason)
