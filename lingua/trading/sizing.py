# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""How much, at which prices, and for how long: an order before it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, floor, isnan
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.desk import Desk
        from cython.cimports.lingua.trading.evaluator import Evaluator
        from cython.cimports.lingua.trading.limits import Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import ActionSpec, ExitSpec, RuleSpec
        from cython.cimports.lingua.trading.position import Exit, Position
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.codes import (
        AT_LIMIT, AT_STOP, AT_STOP_LIMIT, AT_VWAP, BELOW_MINIMUM, BY_ALL, BY_ALLOCATION, BY_CASH, BY_EQUITY, BY_MONEY,
        BY_POSITION, BY_QUANTITY, BY_RISK, DENIED, EXPIRE_EXIT, IN_LEVEL, IN_NOTHING, IN_RATIO, LIFE_BARS, LIFE_GTC,
        LIFE_SECONDS, STOP_EXIT, TARGET_EXIT, TRAIL_EXIT, WHY_LOT, WHY_MINIMUM, WHY_NO_CASH, ZERO_ROUNDED,
    )  # fmt: skip
    from lingua.trading.desk import Desk
    from lingua.trading.evaluator import Evaluator
    from lingua.trading.limits import Limits
    from lingua.trading.market import Market
    from lingua.trading.plan import ActionSpec, ExitSpec, RuleSpec
    from lingua.trading.position import Exit, Position
    from lingua.trading.shim import fabs, floor, isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
MOST_BARS: int = cython.declare(cython.longlong, 100_000)
"""Of the window of an order that is sent in slices."""


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Sizer:
    """Evaluates prices, exits, life and amount of one action, and fits orders to limits, cash, lots and minimums."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.book = desk.book
        self.options = desk.options
        self.limits = desk.limits

    @cython.cfunc
    def price(self, order: Order, action: ActionSpec, market: Market) -> cython.int:
        """The order's own prices, on the grid: limits to the near side, stops to the far side. 1 when one is na."""
        if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT:
            order.limit = self.desk.evaluator.value(action.limit_slot)
            if isnan(order.limit):
                return 1
            order.limit = market.passive(order.limit, order.side)
        if order.kind == AT_STOP or order.kind == AT_STOP_LIMIT:
            order.stop = self.desk.evaluator.value(action.stop_slot)
            if isnan(order.stop):
                return 1
            order.stop = market.passive(order.stop, -order.side)
        # An iceberg shows a part and fills like the limit it is: trading through its price takes all of it.
        if action.show_slot >= 0:
            order.show = self.desk.evaluator.value(action.show_slot)
            if isnan(order.show):
                return 1
        return 0

    @cython.cfunc
    def reference(self, order: Order, market: Market) -> cython.double:
        """What the order is sized on: its own price, else the close."""
        if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT:
            return order.limit
        if order.kind == AT_STOP:
            return order.stop
        return market.mark

    @cython.cfunc
    def live(self, order: Order, action: ActionSpec) -> cython.int:
        """How long a priced order works, or over how many bars one is spread. 1 when the length is na."""
        length: cython.double
        bar_ns: cython.longlong
        sessions: cython.double
        market: Market = self.book.markets[order.market]
        if order.is_sliced():
            length = self.desk.evaluator.value(action.life_slot) if action.life_slot >= 0 else 1.0
            if isnan(length):
                return 1
            bar_ns = market.ts[market.bar] - market.open_ts[market.bar]
            if action.life == LIFE_SECONDS and bar_ns > 0:
                length = length * 1e9 / bar_ns
            order.bars_left = 1 if length < 1.0 else (int(floor(length)) if length < MOST_BARS else MOST_BARS)
            order.shares = market.shares(order.bars_left, order.kind == AT_VWAP)
            return 0
        if not order.is_priced() or action.life == LIFE_GTC:
            return 0
        if action.life_slot < 0:
            order.bars_left = 1
            return 0
        length = self.desk.evaluator.value(action.life_slot)
        if isnan(length):
            return 1
        if action.life == LIFE_BARS:
            order.bars_left = 1 if length < 1.0 else (int(floor(length)) if length < 1e9 else 1_000_000_000)
            return 0
        sessions = floor(length / 86_400.0)
        if sessions >= 1.0 and sessions * 86_400.0 == length and sessions < 1e6:
            order.until_session = market.session[market.bar] + int(sessions)
        else:
            order.until_ts = self.desk.ts + int(length * 1e9 if length < 1e9 else 1e18)
        return 0

    @cython.cfunc
    def attach(self, order: Order, action: ActionSpec, market: Market, reference: cython.double) -> cython.int:
        """Evaluate the exits. 1: one is na; 2: a stop is on the wrong side (its price is left in `size_value`)."""
        spec: ExitSpec
        e: Exit
        last: Exit | None = None
        evaluator: Evaluator = self.desk.evaluator
        number: cython.int = 0
        closing: cython.double = 0.0
        away: cython.double
        planned: cython.double = NAN
        trailed: cython.double = NAN
        rates: cython.double
        for spec in action.exits:
            e = Exit(spec, number)
            number += 1
            order.exits.append(e)
            if spec.kind == EXPIRE_EXIT:
                e.life = evaluator.value(spec.life_slot)
                if isnan(e.life):
                    return 1
                continue
            if spec.after_form != IN_NOTHING:
                e.after = evaluator.value(spec.after_slot)
                if isnan(e.after):
                    return 1
            if spec.closing_slot >= 0:
                e.closing = evaluator.value(spec.closing_slot)
                if isnan(e.closing):
                    return 1
            if spec.kind == TARGET_EXIT:
                last = e
                closing += 1.0 if isnan(e.closing) else (0.0 if spec.closing_is_quantity else e.closing)
            if spec.is_late or spec.is_entry:
                continue
            e.value = evaluator.value(spec.slot)
            if isnan(e.value):
                return 1
            if spec.form == IN_LEVEL:
                away = (reference - e.value) * order.side
            elif spec.form == IN_RATIO:
                away = e.value * reference
            else:
                away = e.value
            if spec.kind == TARGET_EXIT:
                if spec.form != IN_LEVEL and away <= 0.0:
                    order.size_value = reference + away * order.side
                    return 2
                continue
            if away <= 0.0 and spec.after_form == IN_NOTHING:
                order.size_value = reference - away * order.side
                return 2
            if spec.after_form == IN_NOTHING and spec.form != IN_NOTHING:
                if spec.kind == STOP_EXIT and isnan(planned):
                    planned = away
                elif spec.kind == TRAIL_EXIT and isnan(trailed):
                    trailed = away
        if last is not None and closing >= 1.0 - 1e-9:
            last.takes_rest = True
        if isnan(planned):
            planned = trailed
        if not isnan(planned):
            # Loss of one unit at the stop, with the costs of getting in and out.
            rates = self.book.commission_rate(order.kind == AT_LIMIT) * reference
            rates += self.book.commission_rate(False) * (reference - planned * order.side)
            rates += self.options.slippage * (reference - planned * order.side)
            rates += self.options.slippage_ticks * market.tick
            if order.kind != AT_LIMIT and order.kind != AT_STOP_LIMIT:
                rates += self.options.slippage * reference + self.options.slippage_ticks * market.tick
            order.risk_each = (planned + rates) * market.multiplier + 2.0 * self.options.commission_per_unit
        return 0

    @cython.cfunc
    def amount(self, order: Order, action: ActionSpec, market: Market, reference: cython.double) -> cython.double:
        """The quantity asked for, before limits and cash."""
        amount: cython.double
        each: cython.double = reference * market.multiplier
        kind: cython.int = action.amount
        if self.options.sizes_at_fill:
            order.size_by = kind
        if kind == BY_ALL:
            # The whole allocation less the cash buffer and the fee.
            order.size_value = 1.0 / self.desk.symbols
            return self.book.affordable(
                market, reference, self.desk.equity / self.desk.symbols * market.initial_margin, self.buffer(order)
            )
        amount = self.desk.evaluator.value(action.amount_slot)
        order.size_value = amount
        if kind == BY_QUANTITY:
            return amount
        if kind == BY_MONEY:
            return _over(amount, each)
        if kind == BY_EQUITY:
            return _over(amount * self.desk.equity, each)
        if kind == BY_CASH:
            return _over(amount * self.desk.cash, each)
        if kind == BY_ALLOCATION:
            order.size_value = amount / self.desk.symbols
            return _over(amount * self.desk.equity / self.desk.symbols, each)
        order.size_by = BY_QUANTITY
        if kind == BY_POSITION:
            position: Position = self.book.positions[market.index]
            return amount * fabs(position.quantity)
        if kind == BY_RISK:
            return _over(amount * self.desk.equity, order.risk_each)
        return _over(amount, order.risk_each)

    @cython.cfunc
    def released(self, market: Market, side: cython.int) -> cython.double:
        """Margin that a reversal's first half frees before its second half fills, less its fee."""
        position: Position = self.book.positions[market.index]
        value: cython.double
        if position.quantity * side >= 0.0:
            return 0.0
        value = fabs(position.quantity) * market.multiplier * market.mark
        return value * (market.initial_margin - self.book.commission_rate(False))

    @cython.cfunc
    def buffer(self, order: Order) -> cython.double:
        if self.options.has_cash_buffer:
            return self.options.cash_buffer
        return 0.0 if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT else 0.01

    @cython.cfunc
    def fit_limits(self, orders: list[Order], rule: RuleSpec) -> cython.bint:
        """Let the risk block cut or refuse `orders` together."""
        order: Order
        share: cython.double
        limits: Limits = self.limits
        if not limits.limits:
            return True
        share = limits.room(orders, self.desk.equity)
        if share >= 1.0:
            return True
        if share <= 0.0:
            for order in orders:
                self.desk.refuse_limit(rule, order)
            return False
        for order in orders:
            order.quantity *= share
            order.size_by = BY_QUANTITY
        return True

    @cython.cfunc
    def fit_cash(self, order: Order, market: Market, free: cython.double) -> cython.bint:
        """Limit the quantity to what free cash pays; False when it pays nothing."""
        most: cython.double = self.book.affordable(market, self.reference(order, market), free, self.buffer(order))
        if order.quantity <= most:
            return True
        if most <= 0.0:
            self.book.event(DENIED, market, order.rule, -1, order.quantity, NAN, WHY_NO_CASH, free, 0.0)
            return False
        order.quantity = most
        return True

    @cython.cfunc
    def finish(self, order: Order) -> cython.bint:
        """Round to lots and test the minimums; set what the order reserves."""
        market: Market = self.book.markets[order.market]
        reference: cython.double = self.reference(order, market)
        wanted: cython.double = order.quantity
        order.quantity = market.lots(wanted)
        if order.quantity <= 0.0:
            self.book.event(ZERO_ROUNDED, market, order.rule, -1, wanted, reference, WHY_LOT, wanted, market.lot)
            return False
        if market.is_below_minimum(order.quantity, reference):
            self.book.event(
                BELOW_MINIMUM, market, order.rule, -1, order.quantity, reference, WHY_MINIMUM, order.quantity,
                order.quantity * reference * market.multiplier,
            )  # fmt: skip
            return False
        order.reserve_each = self.book.unit_cost(market, reference) * (1.0 + self.buffer(order))
        order.reserve = self.options.commission_per_order
        return True


@cython.cfunc
def _over(amount: cython.double, each: cython.double) -> cython.double:
    """How many units `amount` makes; none that could be told where a unit costs nothing (an order's price of zero)."""
    return amount / each if each > 0.0 else NAN
