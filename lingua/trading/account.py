# cython: language_level=3
# ruff: noqa: F403, I001, SIM109 (C constants by star; two import forms; plain loops and tests become C)
"""Cash, positions and working orders; what a fill does to them, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, isnan
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import Options
        from cython.cimports.lingua.trading.position import Exit, Position, Unit
        from cython.cimports.lingua.trading.rows import Rows
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.codes import (
        BELOW_MINIMUM, BY_ALL, BY_ALLOCATION, BY_CASH, BY_EQUITY, BY_MONEY, CANCELED, E_A, E_B, E_BAR, E_INSTANT,
        E_KIND, E_MARKET, E_ORDER, E_PRICE, E_QUANTITY, E_RULE, E_WHY, E_WIDTH, F_AMBIGUOUS, F_AT_OPEN, F_BAR,
        F_COMMISSION, F_DETAIL, F_INSTANT, F_MAKER, F_MARKET, F_ORDER, F_PRICE, F_QUANTITY, F_REASON, F_RULE,
        F_SIDE, F_SLIPPAGE, F_WIDTH, FILLED, FOR_DUST, FOR_ENTRY, FOR_RULE, PARTIALLY_FILLED, PLAIN, REJECTED,
        T_AMBIGUOUS, T_BEFORE_SETTLE, T_CARRY, T_COMMISSION, T_ENTRY_AT_OPEN, T_ENTRY_BAR, T_ENTRY_DETAIL,
        T_ENTRY_PRICE, T_ENTRY_RULE, T_EXIT_AT_OPEN, T_EXIT_BAR, T_EXIT_DETAIL, T_EXIT_PRICE, T_EXIT_RULE, T_ID,
        T_MAE, T_MARKET, T_MFE, T_PNL, T_QUANTITY, T_REASON, T_RISK, T_SIDE, T_SLIPPAGE, T_TAG, T_WIDTH,
        WHY_CROSSES_ZERO, WHY_MINIMUM, WHY_SIBLING, WHY_UNPAID,
    )  # fmt: skip
    from lingua.trading.market import Market
    from lingua.trading.plan import Options
    from lingua.trading.position import Exit, Position, Unit
    from lingua.trading.rows import Rows
    from lingua.trading.shim import fabs, isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
MOST_ENDED: int = cython.declare(cython.longlong, 1_000)
MONTH_NS: int = cython.declare(cython.longlong, 30 * 86_400 * 1_000_000_000)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Book:
    """The account of one run. `cash` is the balance: cash + sum(quantity * multiplier * mark) is equity, always.

    A book that `is_given` is told what was executed (`given`): then `fee` is the commission of the execution being
    booked, `reported` its quantity, `is_last` whether it is the last of its order, and `ended` keeps the orders that
    ended here and perhaps not yet at the venue.

    What may be spent (`free_cash`) leaves out the proceeds of shorts and the margin of what is held. While a bar is
    walked, `at_open`, `at_detail`, `path_low` and `path_high` say where in it the walk stands.
    """

    FIELDS = (
        "cash", "capital", "instant", "next_order", "next_trade", "cost_commission", "cost_slippage", "cost_funding",
        "cost_borrow", "cost_interest", "cost_dividends", "ambiguous", "traded", "tier_notional", "tier_head",
    )  # fmt: skip

    def __init__(self, options: Options, markets: list[Market], capital: cython.double) -> None:
        self.options = options
        self.markets = markets
        self.positions: list[Position] = [Position(market.index) for market in markets]
        self.orders: list[list[Order]] = [[] for _ in markets]
        self.fills = Rows(F_WIDTH)
        self.trades = Rows(T_WIDTH)
        self.events = Rows(E_WIDTH)
        self.cash = capital
        self.capital = capital
        self.instant = 0
        self.next_order = 1
        self.next_trade = 1
        self.cost_commission = 0.0
        self.cost_slippage = 0.0
        self.cost_funding = 0.0
        self.cost_borrow = 0.0
        self.cost_interest = 0.0
        self.cost_dividends = 0.0
        self.ambiguous = 0
        self.traded = 0.0
        self.is_given = False
        self.fee = NAN
        self.is_last = True
        self.reported = NAN
        self.ended: dict[int, Order] = {}
        self.tier_trades: list[tuple[int, float]] = []
        self.tier_notional = 0.0
        self.tier_head = 0
        self.at_detail = -1
        self.at_open = False
        self.path_low = NAN
        self.path_high = NAN

    # What is owned and what may be spent

    @cython.cfunc
    def value_of(self, market: Market, position: Position) -> cython.double:
        """Signed market value at the last mark, dust included."""
        held: cython.double = position.quantity + position.dust
        return 0.0 if held == 0.0 else held * market.multiplier * market.mark

    @cython.cfunc
    def equity(self) -> cython.double:
        market: Market
        exposure: cython.double = 0.0
        for market in self.markets:
            exposure += self.value_of(market, self.positions[market.index])
        return self.cash + exposure

    @cython.cfunc
    def free_cash(self) -> cython.double:
        """Balance less short proceeds and initial margin. For fully paid longs alone it is the balance."""
        market: Market
        value: cython.double
        free: cython.double = self.cash
        for market in self.markets:
            value = self.value_of(market, self.positions[market.index])
            if value > 0.0:
                free += (1.0 - market.initial_margin) * value
            elif value < 0.0:
                free += (1.0 + market.initial_margin) * value
        return free

    @cython.cfunc
    def reserved(self) -> cython.double:
        """Cash that working entries keep."""
        order: Order
        total: cython.double = 0.0
        orders: list[Order]
        for orders in self.orders:
            for order in orders:
                if order.is_increase and not order.is_done:
                    total += order.reserve + order.reserve_each * order.quantity
        return total

    @cython.cfunc
    def liquidation_price(self, index: cython.int) -> cython.double:
        """The price of this market at which equity falls to the maintenance margin, others at their marks; NaN or
        not positive when there is none."""
        market: Market
        position: Position = self.positions[index]
        others: cython.double = self.cash
        kept: cython.double = 0.0
        value: cython.double
        held: cython.double = position.quantity + position.dust
        if held == 0.0:
            return NAN
        if held > 0.0 and self.cash >= 0.0 and len(self.markets) == 1:
            return 0.0
        for market in self.markets:
            if market.index != index:
                value = self.value_of(market, self.positions[market.index])
                others += value
                kept += market.maintenance_margin * fabs(value)
        market = self.markets[index]
        return (kept - others) / (market.multiplier * (held - market.maintenance_margin * fabs(held)))

    # Costs

    @cython.cfunc
    def commission_rate(self, is_maker: cython.bint) -> cython.double:
        options: Options = self.options
        rate: cython.double = options.commission_maker if is_maker else options.commission
        start: cython.double
        share: cython.double
        if options.tiers and not (is_maker and options.has_maker):
            for start, share in options.tiers:
                if self.tier_notional >= start:
                    rate = share
        return rate

    @cython.cfunc
    def commission(self, quantity: cython.double, notional: cython.double, is_maker: cython.bint) -> cython.double:
        """Money for one whole order filled at once."""
        options: Options = self.options
        if not isnan(self.fee):
            return self.fee
        fee: cython.double = (
            options.commission_per_order
            + options.commission_per_unit * quantity
            + self.commission_rate(is_maker) * notional
        )
        return self._bounded(fee, notional)

    @cython.cfunc
    def order_commission(
        self, order: Order, quantity: cython.double, notional: cython.double, is_maker: cython.bint
    ) -> cython.double:
        """Money for one more fill of an order: per order and minimum are due once, whatever the number of fills."""
        options: Options = self.options
        if not isnan(self.fee):
            order.charged += self.fee
            return self.fee
        order.share_commission += self.commission_rate(is_maker) * notional
        due: cython.double = (
            options.commission_per_order
            + options.commission_per_unit * (order.filled + quantity)
            + order.share_commission
        )
        due = self._bounded(due, order.notional + notional)
        fee: cython.double = due - order.charged
        order.charged = due
        return fee

    @cython.cfunc
    def _bounded(self, due: cython.double, notional: cython.double) -> cython.double:
        """The commission of a whole order, not below the minimum, and never above the maximum."""
        options: Options = self.options
        most: cython.double
        if due < options.commission_minimum:
            due = options.commission_minimum
        if options.has_maximum:
            most = options.commission_maximum_share * notional
            most = most if most < options.commission_maximum else options.commission_maximum
            due = due if due < most else most
        return due

    @cython.cfunc
    def unit_cost(self, market: Market, price: cython.double) -> cython.double:
        """Cash that one unit of quantity binds at `price`: margin and the share of commission."""
        notional: cython.double = price * market.multiplier
        return (
            notional * (market.initial_margin + self.commission_rate(False)) + self.options.commission_per_unit
        )  # fmt: skip

    @cython.cfunc
    def affordable(
        self, market: Market, price: cython.double, free: cython.double, buffer: cython.double
    ) -> cython.double:
        """The quantity that `free` cash pays: free / (price * (margin + fee) * (1 + buffer))."""
        options: Options = self.options
        each: cython.double
        if market.initial_margin == 1.0 and options.commission_per_unit == 0.0:
            each = price * market.multiplier * (1.0 + self.commission_rate(False)) * (1.0 + buffer)
        else:
            each = self.unit_cost(market, price) * (1.0 + buffer)
        free -= options.commission_per_order
        if free <= 0.0 or each <= 0.0:
            return 0.0
        quantity: cython.double = free / each
        if quantity * each < options.commission_minimum + quantity * price * market.multiplier * market.initial_margin:
            # The minimum binds: it is paid in place of the share.
            each = price * market.multiplier * market.initial_margin * (1.0 + buffer)
            free += options.commission_per_order - options.commission_minimum
            quantity = free / each if free > 0.0 and each > 0.0 else 0.0
        return quantity

    @cython.cfunc
    def slipped(
        self, market: Market, side: cython.int, price: cython.double, quantity: cython.double, volume: cython.double
    ) -> cython.double:
        """`price` moved against the trader; nothing caps it at the bar's range."""
        options: Options = self.options
        moved: cython.double = price
        if options.slippage != 0.0:
            moved = price * (1.0 + side * options.slippage)
        if options.slippage_ticks != 0.0:
            moved += side * options.slippage_ticks * market.tick
        if options.slippage_volume_share != 0.0 and volume > 0.0:
            moved += side * price * options.slippage_volume_share * (quantity / volume)
        # A sale cannot fetch less than nothing.
        return moved if moved > 0.0 else 0.0

    @cython.cfunc
    def note_traded(self, market: Market, notional: cython.double) -> cython.int:
        """Remember what was traded: for turnover, and for the 30 days of the commission tiers."""
        ts: cython.longlong
        amount: cython.double
        self.traded += notional
        if self.options.tiers:
            ts = market.ts[market.bar]
            self.tier_trades.append((ts, notional))
            self.tier_notional += notional
            while self.tier_head < len(self.tier_trades) and self.tier_trades[self.tier_head][0] <= ts - MONTH_NS:
                amount = self.tier_trades[self.tier_head][1]
                self.tier_notional -= amount
                self.tier_head += 1
            if self.tier_head > 1000:
                del self.tier_trades[: self.tier_head]
                self.tier_head = 0
        return 0

    # Fills

    @cython.cfunc
    def enter(
        self, order: Order, quantity: cython.double, price: cython.double, raw: cython.double, is_maker: cython.bint,
        is_ambiguous: cython.bint,
    ) -> Unit | None:  # fmt: skip
        """Fill `quantity` of an increase at `price`. None when it was rejected: it would cross zero, or cannot be paid.

        Nothing is cut here: a live order carries its quantity when it leaves.
        """
        market: Market = self.markets[order.market]
        position: Position = self.positions[order.market]
        unit: Unit
        e: Exit
        fee: cython.double
        net: cython.double = quantity
        notional: cython.double
        need: cython.double
        free: cython.double
        grown: cython.double
        slippage: cython.double
        is_new: cython.bint
        if position.quantity * order.side < 0.0 and not self.is_given:
            self.cancel(order, REJECTED, WHY_CROSSES_ZERO)
            return None
        free = self.free_cash()
        notional = quantity * price * market.multiplier
        need = notional * market.initial_margin + self.commission(quantity, notional, is_maker)
        if need > free + 1e-9 * (need if need > 1.0 else 1.0) and not self.is_given:
            order.is_done = True
            order.ended = REJECTED
            self.event(REJECTED, market, order.rule, order.id, quantity, price, WHY_UNPAID, need, free)
            return None
        fee = self.order_commission(order, quantity, notional, is_maker)
        if market.fee_in_base and order.side > 0:
            net = quantity - fee / (price * market.multiplier)
            if net <= 0.0:
                # The fee, taken from what was bought, would take all of it and more.
                order.is_done = True
                self.event(REJECTED, market, order.rule, order.id, quantity, price, WHY_UNPAID, fee, notional)
                return None
            self.cash -= notional
        else:
            self.cash -= order.side * notional + fee
        slippage = (price - raw) * order.side * quantity * market.multiplier
        self.cost_commission += fee
        self.cost_slippage += slippage
        self.note_traded(market, notional)
        is_new = not position.units
        if is_new:
            unit = Unit()
        elif order.is_target:
            unit = position.first()
        else:
            unit = position.newest()
            if order.filled == 0.0 or unit.id != order.unit:
                is_new = True
                unit = Unit()
        if is_new:
            unit.id = self.next_trade
            self.next_trade += 1
            unit.market = order.market
            unit.owner = order.owner
            unit.side = order.side
            unit.entry_bar = market.bar
            unit.entry_detail = self.at_detail
            unit.entry_at_open = self.at_open
            unit.entry_ts = market.open_ts[market.bar] if self.at_open else market.ts[market.bar]
            unit.entry_session = market.session[market.bar]
            unit.rule = order.rule
            unit.tag = order.tag
            unit.is_before_settle = order.is_before_settle
            unit.is_target = order.is_target
            unit.guarded_from = market.bar + 1 if self.options.guards_from_next_bar else market.bar
            unit.is_off_open = not self.at_open
            unit.exits = order.exits
            unit.entry = price
            unit.high = price
            unit.low = price
            unit.is_ambiguous = is_ambiguous
            position.units.append(unit)
            order.unit = unit.id
        grown = unit.quantity + net
        if not is_new:
            unit.entry = (unit.entry * unit.quantity + price * net) / grown
            unit.is_ambiguous = unit.is_ambiguous or is_ambiguous
        unit.quantity = grown
        unit.original += net
        unit.commission += fee
        unit.slippage += slippage
        position.last_fill = price
        if order.filled == 0.0:
            position.last_unit_fill = price
        if order.side > 0:
            position.was_long = True
        else:
            position.was_short = True
        order.filled += quantity
        order.quantity -= quantity
        order.notional += notional
        unit.fill_row = self._record_fill(
            market, order.side, quantity, price, fee, slippage, order.id, order.rule,
            order.reason if order.reason != FOR_RULE else FOR_ENTRY, is_maker, is_ambiguous,
        )  # fmt: skip
        if order.quantity <= 1e-12 * order.filled:
            order.quantity = 0.0
            order.is_done = True
            self.event(FILLED, market, order.rule, order.id, quantity, price, PLAIN, 0.0, 0.0)
        else:
            self.event(PARTIALLY_FILLED, market, order.rule, order.id, quantity, price, PLAIN, 0.0, 0.0)
        if is_new:
            unit.anchor(market, False)
            for e in unit.exits:
                if e.spec.from_last:
                    self._tighten(position, unit)
                    break
        elif order.is_target:
            unit.anchor(market, True)
            unit.planned_risk = unit.r * unit.original * market.multiplier
        else:
            unit.planned_risk = unit.r * unit.original * market.multiplier
        position.total()
        self._cancel_siblings(order)
        return unit

    @cython.cfunc
    def resize(self, order: Order, market: Market, price: cython.double) -> cython.double:
        """The quantity of an order that is sized at its fill (`size_at: fill`)."""
        free: cython.double = self.free_cash()
        options: Options = self.options
        quantity: cython.double
        most: cython.double = self.affordable(market, price, free, options.cash_buffer)
        each: cython.double = price * market.multiplier
        by: cython.int = order.size_by
        if each <= 0.0:
            return 0.0
        if by == BY_ALL:
            # `size_value` of the allocation: shares of equity, less the fee that has to be paid from it.
            quantity = self.affordable(
                market, price, order.size_value * self.equity() * market.initial_margin, options.cash_buffer
            )
        elif by == BY_MONEY:
            quantity = order.size_value / each
        elif by == BY_EQUITY or by == BY_ALLOCATION:
            quantity = order.size_value * self.equity() / each
        elif by == BY_CASH:
            quantity = order.size_value * free / each
        else:
            quantity = order.quantity
        return market.lots(most if most < quantity else quantity)

    @cython.cfunc
    def _tighten(self, position: Position, newest: Unit) -> cython.int:
        """`from last`: every unit's stop moves to the newest unit's where that is tighter."""
        unit: Unit
        e: Exit
        if isnan(newest.stop):
            return 0
        for unit in position.units:
            if unit.side == newest.side and unit.id != newest.id:
                for e in unit.exits:
                    if e.spec.from_last and e.is_armed and (newest.stop - e.level) * unit.side > 0.0:
                        e.level = newest.stop
                unit.refresh()
        return 0

    @cython.cfunc
    def reduce(
        self, market: Market, only: Unit | None, quantity: cython.double, price: cython.double, raw: cython.double,
        order: Order | None, rule: cython.int, reason: cython.int, is_maker: cython.bint, is_ambiguous: cython.bint,
        fee_share: cython.double,
    ) -> cython.double:  # fmt: skip
        """Close up to `quantity` at `price`, first units first (or of unit `only`); the quantity sold is returned.

        A rest that could not be sold later is not left: a partial exit that would leave dust closes everything, and
        what lots cannot express stays as dust for the next exit. `fee_share` is charged beside commission.
        """
        position: Position = self.positions[market.index]
        unit: Unit
        pieces: list[Unit] = []
        available: cython.double = fabs(position.quantity)
        limit: cython.double = available if only is None else only.quantity
        side: cython.int = 1 if position.quantity > 0.0 else -1
        rest: cython.double
        sold: cython.double
        piece: cython.double
        fee: cython.double
        share: cython.double
        slippage: cython.double
        notional: cython.double
        extra: cython.double
        over: cython.double
        swept: cython.double = 0.0
        is_all: cython.bint
        is_unit: cython.bint
        order_id: cython.longlong
        if available == 0.0:
            return 0.0
        if quantity > limit:
            quantity = limit
        rest = available - quantity
        is_all = rest <= 1e-12 * available
        if (
            not is_all
            and rest > 0.0
            and self.is_last
            and (market.lots(rest) <= 0.0 or market.is_below_minimum(rest, price))
        ):
            is_all = True
            only = None
        is_unit = not is_all and only is not None and quantity >= only.quantity * (1.0 - 1e-12)
        if is_all:
            quantity = available
            swept = fabs(position.dust) if position.dust * side > 0.0 else 0.0
            sold = market.lots(available + swept)
            if self.reported < sold:
                # The venue sold so much; what is too small to be sold later is dust.
                sold = self.reported
        else:
            sold = market.lots(quantity)
        if sold <= 0.0 or (is_all and not self.is_given and market.is_below_minimum(sold, price)):
            if is_all:
                self._to_dust(market, position, price, reason)
                return quantity
            if not is_unit:
                return 0.0
        notional = sold * price * market.multiplier
        if sold <= 0.0:
            fee = 0.0
            order_id = -1
        elif order is None:
            fee = self.commission(sold, notional, is_maker)
            order_id = self.next_order
            self.next_order += 1
        else:
            fee = self.order_commission(order, sold, notional, is_maker)
            order_id = order.id
        fee += fee_share * notional
        slippage = (raw - price) * side * sold * market.multiplier
        self.cash += side * notional - fee
        self.cost_commission += fee
        self.cost_slippage += slippage
        if sold > 0.0:
            self.note_traded(market, notional)
            self._record_fill(market, -side, sold, price, fee, slippage, order_id, rule, reason, is_maker, is_ambiguous)
        # Old dust goes along; its own difference is told in the last piece. What lots cannot express stays.
        extra = 0.0
        if is_all:
            over = available + swept - sold
            if swept > 0.0:
                extra = side * (swept * price * market.multiplier - fabs(position.dust_cost))
                position.dust = 0.0
                position.dust_cost = 0.0
            if over > 1e-12 * available:
                position.dust += side * over
                position.dust_cost += side * over * price * market.multiplier
        elif is_unit and only is not None and only.quantity > sold:
            over = only.quantity - sold
            position.dust += side * over
            position.dust_cost += side * over * price * market.multiplier
        rest = sold
        if is_all or is_unit:
            rest = quantity
        share = rest
        if only is not None:
            pieces.append(only)
        else:
            pieces.extend(position.units)
        for unit in pieces:
            piece = unit.quantity if unit.quantity < rest else rest
            if is_all or is_unit or piece > unit.quantity * (1.0 - 1e-12):
                piece = unit.quantity
            if piece <= 0.0:
                continue
            rest -= piece
            self._close_piece(
                market, unit, piece, price, fee * piece / share, slippage * piece / share, rule, reason, is_ambiguous,
                extra if is_all and unit is pieces[-1] else 0.0,
            )  # fmt: skip
        position.last_fill = price
        position.units = [unit for unit in position.units if unit.quantity > 0.0]
        position.total()
        if not position.units:
            position.quantity = 0.0
            position.entry = NAN
            position.closed_bar = market.bar
            position.closed_ts = market.ts[market.bar]
            position.closed_session = market.session[market.bar]
        if order is not None:
            order.filled += sold
            order.quantity -= quantity if is_all else sold
            if is_unit or order.quantity <= 1e-12 * order.filled or not position.units:
                order.quantity = 0.0
                order.is_done = True
                self.event(FILLED, market, rule, order.id, sold, price, PLAIN, 0.0, 0.0)
            else:
                self.event(PARTIALLY_FILLED, market, rule, order.id, sold, price, PLAIN, 0.0, 0.0)
            self._cancel_siblings(order)
        return sold

    @cython.cfunc
    def _to_dust(self, market: Market, position: Position, price: cython.double, reason: cython.int) -> cython.int:
        """The whole position is too small to sell: it reads 0 from here, and the next exit sweeps it."""
        unit: Unit
        for unit in position.units:
            position.dust += unit.side * unit.quantity
            position.dust_cost += unit.side * unit.quantity * price * market.multiplier
            self._close_piece(market, unit, unit.quantity, price, 0.0, 0.0, unit.rule, FOR_DUST, False, 0.0)
        position.units = []
        position.quantity = 0.0
        position.entry = NAN
        position.closed_bar = market.bar
        position.closed_ts = market.ts[market.bar]
        position.closed_session = market.session[market.bar]
        position.bounds()
        self.event(BELOW_MINIMUM, market, -1, -1, fabs(position.dust), price, WHY_MINIMUM, fabs(position.dust),
                   fabs(position.dust) * price * market.multiplier)  # fmt: skip
        return 0

    @cython.cfunc
    def _close_piece(
        self, market: Market, unit: Unit, piece: cython.double, price: cython.double, commission: cython.double,
        slippage: cython.double, rule: cython.int, reason: cython.int, is_ambiguous: cython.bint, extra: cython.double,
    ) -> cython.int:  # fmt: skip
        """One trades row, with this piece's share of what the unit has cost so far."""
        share: cython.double = piece / unit.quantity
        entry_fee: cython.double = unit.commission * share
        entry_slippage: cython.double = unit.slippage * share
        carry: cython.double = unit.carry * share
        worst: cython.double
        best: cython.double
        k: cython.Py_ssize_t
        if not unit.is_fresh:
            if self.path_low < unit.low:
                unit.low = self.path_low
            if self.path_high > unit.high:
                unit.high = self.path_high
        if price < unit.low:
            unit.low = price
        if price > unit.high:
            unit.high = price
        worst = best = 0.0
        if unit.entry <= 0.0:
            pass  # sold for nothing after slippage: no share of the entry price can be told
        elif unit.side > 0:
            worst = (unit.entry - unit.low) / unit.entry
            best = (unit.high - unit.entry) / unit.entry
        else:
            worst = (unit.high - unit.entry) / unit.entry
            best = (unit.entry - unit.low) / unit.entry
        k = self.trades.add()
        row = self.trades.cells
        row[k + T_ID] = unit.id
        row[k + T_MARKET] = market.index
        row[k + T_SIDE] = unit.side
        row[k + T_QUANTITY] = piece
        row[k + T_ENTRY_BAR] = unit.entry_bar
        row[k + T_ENTRY_DETAIL] = unit.entry_detail
        row[k + T_ENTRY_AT_OPEN] = unit.entry_at_open
        row[k + T_ENTRY_PRICE] = unit.entry
        row[k + T_EXIT_BAR] = market.bar
        row[k + T_EXIT_DETAIL] = self.at_detail
        row[k + T_EXIT_AT_OPEN] = self.at_open
        row[k + T_EXIT_PRICE] = price
        row[k + T_PNL] = (
            unit.side * (price - unit.entry) * piece * market.multiplier - (commission + entry_fee) + carry + extra
        )  # fmt: skip
        row[k + T_COMMISSION] = commission + entry_fee
        row[k + T_SLIPPAGE] = slippage + entry_slippage
        row[k + T_CARRY] = carry
        row[k + T_ENTRY_RULE] = unit.rule
        row[k + T_EXIT_RULE] = rule
        row[k + T_REASON] = reason
        row[k + T_TAG] = unit.tag
        row[k + T_RISK] = unit.r * piece * market.multiplier
        row[k + T_MAE] = worst if worst > 0.0 else 0.0
        row[k + T_MFE] = best if best > 0.0 else 0.0
        row[k + T_BEFORE_SETTLE] = unit.is_before_settle
        row[k + T_AMBIGUOUS] = unit.is_ambiguous or is_ambiguous
        unit.commission -= entry_fee
        unit.slippage -= entry_slippage
        unit.carry -= carry
        unit.quantity = 0.0 if piece == unit.quantity else unit.quantity - piece
        return 0

    @cython.cfunc
    def _record_fill(
        self, market: Market, side: cython.int, quantity: cython.double, price: cython.double,
        commission: cython.double, slippage: cython.double, order: cython.longlong, rule: cython.int,
        reason: cython.int, is_maker: cython.bint, is_ambiguous: cython.bint,
    ) -> cython.longlong:  # fmt: skip
        k: cython.Py_ssize_t = self.fills.add()
        row = self.fills.cells
        row[k + F_INSTANT] = self.instant
        row[k + F_MARKET] = market.index
        row[k + F_BAR] = market.bar
        row[k + F_DETAIL] = self.at_detail
        row[k + F_AT_OPEN] = self.at_open
        row[k + F_SIDE] = side
        row[k + F_QUANTITY] = quantity
        row[k + F_PRICE] = price
        row[k + F_COMMISSION] = commission
        row[k + F_SLIPPAGE] = slippage
        row[k + F_ORDER] = order
        row[k + F_RULE] = rule
        row[k + F_REASON] = reason
        row[k + F_MAKER] = is_maker
        row[k + F_AMBIGUOUS] = is_ambiguous
        if is_ambiguous:
            self.ambiguous += 1
        return k

    # Orders

    @cython.cfunc
    def cancel(self, order: Order, kind: cython.int, why: cython.int) -> cython.int:
        """End an order that is not filled (any further)."""
        market: Market
        price: cython.double = order.limit
        if order.is_done:
            return 0
        if isnan(price):
            price = order.stop
        order.is_done = True
        order.ended = kind
        market = self.markets[order.market]
        self.event(kind, market, order.rule, order.id, order.quantity, price, why, order.quantity, 0.0)
        return 0

    @cython.cfunc
    def _cancel_siblings(self, order: Order) -> cython.int:
        other: Order
        orders: list[Order]
        if order.either < 0:
            return 0
        for orders in self.orders:
            for other in orders:
                if other.either == order.either and other.id != order.id and not other.is_done:
                    self.cancel(other, CANCELED, WHY_SIBLING)
        return 0

    @cython.cfunc
    def withdraw(self, market: cython.int, side: cython.int, why: cython.int) -> cython.int:
        """Cancel the working entries of a side (0: both)."""
        order: Order
        for order in self.orders[market]:
            if order.is_increase and not order.is_done and (side == 0 or order.side == side):
                self.cancel(order, CANCELED, why)
        self.sweep(market)
        return 0

    @cython.cfunc
    def sweep(self, market: cython.int) -> cython.int:
        """Forget orders that have ended."""
        order: Order
        ended: cython.bint = False
        for order in self.orders[market]:
            if order.is_done:
                ended = True
                if self.is_given and order.quantity > 0.0:
                    self.ended[order.id] = order
                    if len(self.ended) > MOST_ENDED:
                        del self.ended[next(iter(self.ended))]
        if ended:
            self.orders[market] = [order for order in self.orders[market] if not order.is_done]
        return 0

    @cython.cfunc
    def event(
        self, kind: cython.int, market: Market, rule: cython.int, order: cython.longlong, quantity: cython.double,
        price: cython.double, why: cython.int, a: cython.double, b: cython.double,
    ) -> cython.int:  # fmt: skip
        k: cython.Py_ssize_t = self.events.add()
        row = self.events.cells
        row[k + E_INSTANT] = self.instant
        row[k + E_MARKET] = market.index
        row[k + E_BAR] = market.bar
        row[k + E_KIND] = kind
        row[k + E_RULE] = rule
        row[k + E_ORDER] = order
        row[k + E_QUANTITY] = quantity
        row[k + E_PRICE] = price
        row[k + E_WHY] = why
        row[k + E_A] = a
        row[k + E_B] = b
        return 0
