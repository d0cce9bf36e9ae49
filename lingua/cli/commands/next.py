"""Print the orders that a strategy wants for the next bar, with quantities, stops and reasons.

The strategy runs over all bars there are; what it would send before the next one is printed. That assumes that its
earlier orders filled as in the backtest: compare the position it shows with your own.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_run_arguments, prepare

if TYPE_CHECKING:
    from lingua.backtest.attached import Attached
    from lingua.backtest.next_orders import NextOrder, NextOrders, Protection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("-v", "--verbose", action="store_true", help="also why the other rules did nothing")


def run(options: argparse.Namespace) -> int:
    from lingua.backtest.next_orders import next_orders

    compiled = compile_or_fail(options)
    ready = prepare(compiled, options)
    found = next_orders(compiled, ready.market, ready.execution, ready.capital)
    if options.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print("\n".join(lines(found, options.verbose)))
    return exits.FINE


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
        shown += [f"    {exit_line(each, order)}" for each in order.exits]
        if order.is_entry and order.planned_loss is not None:
            shown.append(f"    planned loss at the stop: {order.planned_loss:,.2f}")
        if order.reason is not None:
            shown += [f"    {line}" for line in explanation_text(order.reason).splitlines()]
    if found.protections:
        shown += ["", "exits that rest from here:"]
        shown += [f"  {protection_line(each)}" for each in found.protections]
    if verbose and found.idle:
        shown += ["", "the other rules:"]
        shown += [f"  {line}" for one in found.idle for line in explanation_text(one).splitlines()]
    return shown


def order_line(order: NextOrder) -> str:
    """`buy 120 AAPL at limit 101.5, stop 98.2 (rule enter)`"""
    how = [f"{name} {price:,.8g}" for name, price in (("stop", order.stop), ("limit", order.limit)) if price]
    where = " ".join(how) or order.kind
    life = f" for {order.bars_left} more bars" if order.bars_left is not None and order.bars_left > 1 else ""
    return f"{order.side} {order.quantity:,.10g} {order.symbol} at {where}{life} (rule {order.rule})"


def exit_line(each: Attached, order: NextOrder) -> str:
    """`with stop 5 from the fill: 98.2 if it fills at the last close`"""
    if each.level is None or not each.is_from_fill:
        return f"with {each.text}"
    place = "if it fills at its price" if order.limit or order.stop else "if it fills at the last close"
    return f"with {each.text}: {each.level:,.8g} {place}"


def protection_line(each: Protection) -> str:
    """`37 AAPL long from 589.35: stop 561.2, target 640`"""
    levels = [f"{name} {price:,.8g}" for name, price in (("stop", each.stop), ("target", each.target)) if price]
    return f"{each.quantity:,g} {each.symbol} {each.side} from {each.entry:,.8g}: {', '.join(levels) or 'none'}"
