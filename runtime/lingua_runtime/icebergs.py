"""`at limit P show Q`: how much of an order its venue is to show.

Filling knows nothing of it, so the order/fill step does not carry it: it is read where the rule that sent the order has
just computed it. A rule whose orders of one kind show different parts does not tell which of them an order is;
`mixed_rules` names such rules, and they are not deployed.
"""

from __future__ import annotations

import math

from lingua.ir.program import Program
from lingua.live.decisions import SentOrder
from lingua.live.strategy import LiveStrategy
from lingua.trading import codes
from lingua.trading.plan import RuleSpec

PRICED = ("limit", "stop_limit")


class Icebergs:
    """Of one strategy. The registers that hold what is shown, by rule and kind of order."""

    def __init__(self, live: LiveStrategy) -> None:
        self._live = live
        self._slots: dict[tuple[str, str], int] = {}
        lowered = live.run.lowered
        for name, rule in zip(lowered.rule_names, lowered.rules, strict=True):
            for kind, slot in _slots(rule):
                self._slots[name, kind] = slot

    def shown(self, sent: SentOrder) -> float:
        """The part of an order that left just now, in units of its instrument; NaN when it is no iceberg."""
        slot = self._slots.get((sent.rule, sent.kind))
        if slot is None:
            return math.nan
        book = self._live.run.book
        orders = book.orders[self._live.names.index(sent.symbol)]
        owner = next((order.owner for order in orders if order.id == sent.order_id), -1)
        return math.nan if owner < 0 else self._live.registers(owner)[slot]


def _slots(rule: RuleSpec) -> list[tuple[str, int]]:
    groups = [group for group in (rule.group, rule.otherwise) if group is not None]
    actions = [action for group in groups for action in group.actions]
    return [(codes.ORDER_KINDS[action.kind], action.show_slot) for action in actions if action.show_slot >= 0]


def has_icebergs(program: Program) -> list[str]:
    """Rules that send icebergs."""
    return [rule for rule, found in _shows(program).items() if any(show is not None for _, show in found)]


def mixed_rules(program: Program) -> list[str]:
    """Rules whose orders of one kind show different parts."""
    mixed = []
    for rule, found in _shows(program).items():
        for kind in PRICED:
            if len({show for each, show in found if each == kind}) > 1:
                mixed.append(rule)
                break
    return mixed


def _shows(program: Program) -> dict[str, list[tuple[str, int | None]]]:
    """By rule: kind and node of what is shown, of each order with a price."""
    out: dict[str, list[tuple[str, int | None]]] = {}
    for rule in program.rules:
        for group in (rule.group, rule.otherwise):
            for action in group.actions if group is not None else ():
                if action.order.kind in PRICED:
                    node = action.order.show
                    out.setdefault(rule.name, []).append((action.order.kind, None if node is None else node.index))
    return out
