"""Print the orders that a strategy wants for the next bar, with quantities, stops and reasons.

The strategy runs over all bars there are; what it would send before the next one is printed. That assumes that its
earlier orders filled as in the backtest: compare the position it shows with your own.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_run_arguments, prepare

if TYPE_CHECKING:
    from lingua.backtest.next_orders import NextOrder, NextOrders
    from lingua.cli.running import Prepared
    from lingua.compiler import Compiled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("-v", "--verbose", action="store_true", help="also why the other rules did nothing")


def run(options: argparse.Namespace) -> int:
    from lingua.backtest.next_orders import next_orders

    compiled = compile_or_fail(options)
    ready = prepare(compiled, options)
    found = named(next_orders(compiled, ready.market, ready.execution, ready.capital), compiled, ready)
    if options.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print("\n".join(lines(found, options.verbose)))
    return exits.FINE


def named(found: NextOrders, compiled: Compiled, ready: Prepared) -> NextOrders:
    """The same with rules by name (the step counts them from 0), and the reason from the bar that decided the order."""
    from lingua.backtest.explain import explainer

    rules = compiled.program.rules
    if not any(order.rule.isdigit() for order in found.orders):
        return found
    told = explainer(compiled, ready.market, ready.execution, ready.capital)
    symbols = [bound.bars.symbol for bound in told.bound]
    orders = []
    for order in found.orders:
        if order.rule.isdigit() and int(order.rule) < len(rules):
            rule = rules[int(order.rule)]
            at = symbols.index(order.symbol) if order.symbol in symbols else 0
            stamps = told.bound[at].bars.ts
            decided = min(int(stamps.searchsorted(int(order.facts["placed_ts"]))), len(stamps) - 1)
            reason = told.explain(rule, decided, at)
            order = replace(order, rule=rule.name, facts={**order.facts, "rule": rule.name}, reason=reason)
        orders.append(order)
    acted = {(order.symbol, order.rule) for order in orders}
    idle = tuple(one for one in found.idle if (one.symbol, one.rule) not in acted)
    return replace(found, orders=tuple(orders), idle=idle)


def lines(found: NextOrders, verbose: bool) -> list[str]:
    from lingua.report.explain import explanation_text

    held = ", ".join(f"{quantity:+,g} {symbol}" for symbol, quantity in found.positions.items()) or "none"
    shown = [
        f"after the bar that closed {found.as_of}: equity {found.equity:,.2f}, cash {found.cash:,.2f}",
        f"position: {held}",
        "",
        f"orders for the next bar: {len(found.orders) or 'none'}",
    ]
    for order in found.orders:
        shown.append(f"  {order_line(order)}")
        if order.reason is not None:
            shown += [f"    {line}" for line in explanation_text(order.reason).splitlines()]
    if verbose and found.idle:
        shown += ["", "the other rules:"]
        shown += [f"  {line}" for one in found.idle for line in explanation_text(one).splitlines()]
    return shown


def order_line(order: NextOrder) -> str:
    """`buy 120 AAPL at limit 101.5, stop 98.2 (rule enter)`"""
    facts: dict[str, Any] = order.facts
    side = "buy" if facts.get("side", 1) > 0 else "sell"
    kind = str(facts.get("kind", "market")).replace("_", " ").removeprefix("at ")
    prices = {name: facts[name] for name in ("stop", "limit") if is_price(facts.get(name))}
    how = [f"{name} {price:,.8g}" for name, price in prices.items()] or [kind]
    return f"{side} {facts.get('quantity', 0):,g} {order.symbol} at {' '.join(how)} (rule {order.rule})"


def is_price(value: Any) -> bool:
    return isinstance(value, float) and value == value and value > 0
