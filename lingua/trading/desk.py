# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""Where orders leave: what is being decided on now, and what becomes of it: a submitted order or a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.evaluator import Evaluator
        from cython.cimports.lingua.trading.limits import Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import RuleSpec
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        DENIED, PLAIN, SUBMITTED, WHY_CUT, WHY_LIMIT,
    )  # fmt: skip
    from lingua.trading.evaluator import Evaluator
    from lingua.trading.limits import Limits
    from lingua.trading.market import Market
    from lingua.trading.plan import RuleSpec
    from lingua.trading.shim import isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Desk:
    """The instant and the symbol being decided: one equity snapshot for all symbols (`begin`), and the registers of the
    symbol whose turn it is."""

    def __init__(self, book: Book, limits: Limits, evaluators: list[Evaluator]) -> None:
        self.book = book
        self.options = book.options
        self.limits = limits
        self.symbols = len(evaluators)
        self.equity = book.capital
        self.cash = book.capital
        self.ts = 0
        self.symbol = 0
        self.is_settled = False
        self.gap = 0.0
        self.evaluator: Evaluator = evaluators[0]

    @cython.cfunc
    def begin(self, ts: cython.longlong) -> cython.int:
        """Take the snapshot all symbols of this instant are sized on."""
        self.ts = ts
        self.equity = self.book.equity()
        self.cash = self.book.free_cash() - self.book.reserved()
        return 0

    @cython.cfunc
    def refuse(
        self, kind: cython.int, rule: RuleSpec, market: Market, quantity: cython.double, why: cython.int,
        a: cython.double, b: cython.double,
    ) -> cython.int:  # fmt: skip
        self.book.event(kind, market, rule.index, -1, quantity, NAN, why, a, b)
        return 0

    @cython.cfunc
    def submit(self, order: Order) -> cython.int:
        book: Book = self.book
        market: Market = book.markets[order.market]
        price: cython.double = order.limit if not isnan(order.limit) else order.stop
        order.id = book.next_order
        book.next_order += 1
        order.placed_ts = self.ts
        order.placed_session = market.session[market.bar] if market.bar >= 0 else 0
        order.eligible_ts = self.ts + self.options.latency_ns
        order.wait_bars = self.options.latency_bars
        book.orders[order.market].append(order)
        if order.is_increase:
            self.limits.count_order()
            if order.asked - order.quantity > market.lot + 1e-9 * order.asked:
                # More is missing than rounding takes: limits or cash cut it.
                book.event(
                    SUBMITTED, market, order.rule, order.id, order.quantity, price, WHY_CUT, order.asked, order.quantity
                )
                return 0
        book.event(SUBMITTED, market, order.rule, order.id, order.quantity, price, PLAIN, 0.0, 0.0)
        return 0

    @cython.cfunc
    def pending(self, market: cython.int) -> cython.double:
        """What market orders already on their way will close, and what the group being decided closes itself."""
        order: Order
        total: cython.double = (self.book.markets[market]).leaving
        for order in self.book.orders[market]:
            if not order.is_increase and not order.is_done and not order.is_priced():
                total += order.quantity
        return total

    @cython.cfunc
    def refuse_limit(self, rule: RuleSpec, order: Order) -> cython.int:
        # `order_id` carries the number of the limit: the event names it.
        limits: Limits = self.limits
        market: Market = self.book.markets[order.market]
        self.book.event(
            DENIED, market, rule.index, -2 - limits.blocker, order.quantity, NAN, WHY_LIMIT, limits.blocked_limit,
            limits.blocked_value,
        )  # fmt: skip
        return 0
