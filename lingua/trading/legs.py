# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""Legs that were sent together (`short 20% & buy 20% on btc`), watched until all are filled or the group is broken.

A group is broken when one leg has filled and another was rejected, ran out of its life, or rests unfilled longer than
`leg_timeout` after the first fill. It is completed at the market, or what has filled is closed (`on_broken`); a leg
that was rejected, or broke twice, is never tried again: the others are closed. A leg that the strategy itself withdrew
is no break, one that a halt withdrew is. Each break leaves an event `broken`.

`leg_timeout` counts from the open of the bar that filled the first leg, because the instant inside a bar is not known;
where bars are longer than it, the answer is given at the close of that bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.desk import Desk
        from cython.cimports.lingua.trading.limits import Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.position import Position, Unit
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        AT_MARKET, BROKEN, CANCELED, FOR_UNWIND, PLAIN, REJECTED, SUBMITTED, WHY_BROKEN, WHY_LEGS_APART,
    )  # fmt: skip
    from lingua.trading.desk import Desk
    from lingua.trading.limits import Limits
    from lingua.trading.market import Market
    from lingua.trading.position import Position, Unit
    from lingua.trading.shim import fabs
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class LegGroup:
    """The increases of one decision. `first_ts` is the open of the bar that filled the first of them (-1: none yet);
    `is_completing`: a broken leg was already sent once more."""

    FIELDS = ("first_ts", "is_completing")

    def __init__(self, orders: list[Order]) -> None:
        self.orders = orders
        self.first_ts = -1
        self.is_completing = False


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Legs:
    """The groups that are not all filled."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        self.desk = desk
        self.book = desk.book
        self.options = desk.options
        self.limits = limits
        self.groups: list[LegGroup] = []

    @cython.cfunc
    def send(self, orders: Any) -> cython.int:
        """Orders of one decision (a list) have left."""
        if len(orders) > 1:
            self.groups.append(LegGroup(orders))
        return 0

    @cython.cfunc
    def watch(self, ts: cython.longlong) -> cython.int:
        """After the fills of an instant, before its rules."""
        group: LegGroup
        ended: cython.bint = False
        if not self.groups:
            return 0
        for group in self.groups:
            if not self._is_open(group, ts):
                group.orders = []
                ended = True
        if ended:
            self.groups = [group for group in self.groups if group.orders]
        return 0

    @cython.cfunc
    def _is_open(self, group: LegGroup, ts: cython.longlong) -> cython.bint:
        """Look at one group and mend it where it is broken; False when nothing is left to watch."""
        order: Order
        filled: cython.int = 0
        working: cython.int = 0
        missing: cython.int = 0
        withdrawn: cython.int = 0
        refused: cython.bint = False
        is_late: cython.bint
        is_halted: cython.bint = self.limits.is_halted()
        for order in group.orders:
            if order.filled > 0.0:
                filled += 1
                if group.first_ts < 0 or order.walked_ts < group.first_ts:
                    group.first_ts = order.walked_ts
            if not order.is_done:
                working += 1
            elif order.quantity > 0.0:
                if order.ended == CANCELED and not is_halted:
                    withdrawn += 1
                else:
                    missing += 1
                    refused = refused or order.ended == REJECTED
        if withdrawn > 0 or (working == 0 and missing == 0):
            return False
        if filled == 0:
            if missing == 0:
                return True
            for order in group.orders:
                self.book.cancel(order, CANCELED, WHY_LEGS_APART)
            self._sweep(group)
            return False
        is_late = ts - group.first_ts >= self.options.leg_timeout_ns
        if missing == 0:
            for order in group.orders:
                if not order.is_done and is_late and order.is_priced():
                    missing += 1
        if missing == 0:
            return True
        for order in group.orders:
            if order.quantity > 0.0 and (order.is_done or order.is_priced()):
                self.book.event(
                    BROKEN, self.book.markets[order.market], order.rule, order.id, order.quantity, NAN, WHY_BROKEN,
                    filled, len(group.orders),
                )  # fmt: skip
        if self.options.unwinds or group.is_completing or refused or is_halted or self._is_left(group):
            self._unwind(group)
            return False
        self._complete(group)
        return True

    @cython.cfunc
    def _is_left(self, group: LegGroup) -> cython.bint:
        """Whether a leg that filled is closed already (its stop, a limit): there is nothing to hedge any more."""
        order: Order
        position: Position
        unit: Unit
        held: cython.bint
        for order in group.orders:
            if order.filled > 0.0:
                position = self.book.positions[order.market]
                held = False
                for unit in position.units:
                    if unit.side == order.side and (unit.id == order.unit or order.is_target) and not unit.is_leaving:
                        held = True
                if not held:
                    return True
        return False

    @cython.cfunc
    def _complete(self, group: LegGroup) -> cython.int:
        """What is missing goes on at the market, as a new order that carries what the old one did."""
        book: Book = self.book
        order: Order
        market: Market
        group.is_completing = True
        for order in group.orders:
            if order.quantity <= 0.0 or not (order.is_done or order.is_priced()):
                continue
            market = book.markets[order.market]
            if not order.is_done:
                book.cancel(order, CANCELED, WHY_LEGS_APART)
            book.sweep(order.market)
            order.is_done = False
            order.ended = PLAIN
            order.kind = AT_MARKET
            order.limit = NAN
            order.stop = NAN
            order.bars_left = -1
            order.until_ts = 0
            order.until_session = -1
            order.is_arrived = False
            order.is_triggered = False
            order.id = book.next_order
            book.next_order += 1
            order.placed_ts = self.desk.ts
            order.placed_session = market.session[market.bar]
            order.eligible_ts = self.desk.ts + self.options.latency_ns
            order.wait_bars = self.options.latency_bars
            book.orders[order.market].append(order)
            book.event(SUBMITTED, market, order.rule, order.id, order.quantity, NAN, WHY_BROKEN, 1.0, 1.0)
        return 0

    @cython.cfunc
    def _unwind(self, group: LegGroup) -> cython.int:
        """Withdraw what works and close what has filled."""
        book: Book = self.book
        order: Order
        closing: Order
        position: Position
        unit: Unit
        quantity: cython.double
        for order in group.orders:
            book.cancel(order, CANCELED, WHY_LEGS_APART)
        self._sweep(group)
        for order in group.orders:
            position = book.positions[order.market]
            if order.filled <= 0.0 or position.quantity * order.side <= 0.0:
                continue
            if fabs(position.quantity) - self.desk.pending(order.market) <= 1e-12 * fabs(position.quantity):
                continue
            closing = Order(order.market, order.owner, -order.side, order.rule)
            closing.reason = FOR_UNWIND
            quantity = order.filled
            for unit in position.units:
                if unit.id == order.unit and not order.is_target:
                    if unit.is_leaving:
                        quantity = 0.0
                    else:
                        unit.is_leaving = True
                        quantity = unit.quantity
                        closing.unit = unit.id
            if quantity > 0.0 and (order.is_target or closing.unit >= 0):
                closing.quantity = quantity
                self.desk.submit(closing)
        return 0

    @cython.cfunc
    def _sweep(self, group: LegGroup) -> cython.int:
        order: Order
        for order in group.orders:
            self.book.sweep(order.market)
        return 0
