# cython: language_level=3
# ruff: noqa: E741, F403, I001, SIM102 (l is the low; C constants by star; two import forms; plain loops and tests become C)
"""The fill law: how one bar meets the working orders and the exits of one instrument.

A bar (or each of its finer bars) is walked in this order:

1. *At the open*: liquidation, then orders in the order in which they left, then exits that the open has jumped over.
2. *The adverse leg*: from the open to the low while long, to the high while short. Whatever level comes first on the
   way fills first; each fills at its level.
3. *The favourable leg*: to the other extreme.
4. *At the close*: what only the close decides.

When nothing is held the leg of the order that left first comes first. A unit filled away from the open is `fresh` for
the rest of its bar: the adverse extreme counts as later, the favourable one is ignored except for the close. With
`intrabar: favourable` (the best case of an envelope) the legs change places, and so do these two rules. An outcome
that another order of events inside the bar would change is flagged ambiguous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.given import Given
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import Options
        from cython.cimports.lingua.trading.position import Exit, Position, Unit
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        AT_AUCTION, AT_LIMIT, AT_MARKET, AT_OPEN, AT_STOP, AT_STOP_LIMIT, AT_TWAP, BY_QUANTITY, CANCELED, EXPIRED,
        F_AMBIGUOUS, F_WIDTH, FOR_LIQUIDATION, FOR_SPLIT, FOR_STOP, FOR_TARGET, FOR_TRAIL, IN_LEVEL, IN_PRICE,
        STOP_EXIT, TARGET_EXIT, WHY_LIFE, WHY_LOT, WHY_WITHDRAWN, ZERO_ROUNDED,
    )  # fmt: skip
    from lingua.trading.given import Given
    from lingua.trading.market import Market
    from lingua.trading.plan import Options
    from lingua.trading.position import Exit, Position, Unit
    from lingua.trading.shim import fabs, isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
FUNDING_NS: int = cython.declare(cython.longlong, 8 * 3_600_000_000_000)
DAY_NS: int = cython.declare(cython.longlong, 86_400_000_000_000)
ALL: float = cython.declare(cython.double, 1e300)
YEAR_NS: float = cython.declare(cython.double, 365.0 * 86_400e9)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Walk:
    """Takes one market one bar further. `o h l c v` are the (finer) bar being walked, `price` where the walk stands."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.options = book.options
        self.given = Given(book)
        self.market: Market = book.markets[0]
        self.position: Position = book.positions[0]
        self.o = NAN
        self.h = NAN
        self.l = NAN
        self.c = NAN
        self.v = NAN
        self.price = NAN
        self.open_ts = 0
        self.is_undecided = False
        self.most = ALL
        """How much of the order that is being filled may be filled now."""

    @cython.cfunc
    def step(self, market: Market) -> cython.int:
        """The next bar of `market`: corporate actions, carry, fills, aging of orders, the new mark."""
        book: Book = self.book
        position: Position = book.positions[market.index]
        i: cython.Py_ssize_t
        d: cython.Py_ssize_t
        since: cython.longlong
        held: cython.bint = position.quantity != 0.0
        market.advance_bar()
        i = market.bar
        self.market = market
        self.position = position
        book.at_detail = -1
        book.at_open = True
        book.path_low = NAN
        book.path_high = NAN
        if market.next_action < len(market.actions):
            self._corporate(market, position)
        if held and i > 0:
            self._carry(market, position, market.ts[i - 1], market.open_ts[i])
        if book.is_given:
            self._reported(market, position, i)
        elif market.tradable[i]:
            if book.orders[market.index]:
                self._late_auctions()
            if market.has_detail and market.detail_from[i + 1] > market.detail_from[i]:
                for d in range(market.detail_from[i], market.detail_from[i + 1]):
                    if market.detail_tradable[d]:
                        book.at_detail = d
                        self._bar(
                            market.detail_open[d], market.detail_high[d], market.detail_low[d],
                            market.detail_close[d], market.detail_volume[d], market.detail_open_ts[d],
                            market.detail_ts[d],
                        )  # fmt: skip
                book.at_detail = -1
            else:
                self._bar(
                    market.open[i], market.high[i], market.low[i], market.close[i], market.volume[i],
                    market.open_ts[i], market.ts[i],
                )  # fmt: skip
            if book.orders[market.index]:
                self._age()
        if position.quantity != 0.0:
            since = market.open_ts[i]
            self._carry(market, position, since, market.ts[i])
        if not isnan(market.close[i]):
            market.mark = market.close[i]
        if market.is_profiled:
            market.learn()
        book.path_low = NAN
        book.path_high = NAN
        return 0

    @cython.cfunc
    def _reported(self, market: Market, position: Position, i: cython.Py_ssize_t) -> cython.int:
        """The bar as a venue filled it: what it reported is booked, and units remember how far the bar went."""
        book: Book = self.book
        if market.tradable[i]:
            book.path_low = book.path_high = market.open[i]
        self.given.apply(market)
        if not market.tradable[i]:
            return 0
        self.c = market.close[i]
        if position.units:
            self._extremes(market.low[i], market.high[i])
        if book.orders[market.index]:
            self._age()
        return 0

    # Before the open

    @cython.cfunc
    def _corporate(self, market: Market, position: Position) -> cython.int:
        """Splits and dividends whose ex-date this bar is the first to reach."""
        book: Book = self.book
        unit: Unit
        order: Order
        e: Exit
        ts: cython.longlong
        split: cython.double
        dividend: cython.double
        paid: cython.double
        change: cython.double
        while market.next_action < len(market.actions):
            ts, split, dividend = market.actions[market.next_action]
            if ts >= market.ts[market.bar]:
                break
            market.next_action += 1
            if split > 0.0 and split != 1.0:
                change = (position.quantity + position.dust) * (split - 1.0)
                if change != 0.0:
                    book._record_fill(
                        market, 1 if change > 0.0 else -1, fabs(change), 0.0, 0.0, 0.0, -1, -1, FOR_SPLIT, False, False
                    )
                for unit in position.units:
                    unit.scale(split)
                position.dust *= split
                position.last_fill /= split
                position.last_unit_fill /= split
                position.total()
                market.mark /= split
                for order in book.orders[market.index]:
                    order.quantity *= split
                    order.filled *= split
                    order.limit /= split
                    order.stop /= split
                    order.reserve_each /= split
                    order.risk_each /= split
                    for e in order.exits:
                        if e.spec.form == IN_PRICE or e.spec.form == IN_LEVEL:
                            e.value /= split
                        if e.spec.after_form == IN_PRICE or e.spec.after_form == IN_LEVEL:
                            e.after /= split
            if dividend != 0.0 and position.quantity != 0.0:
                for unit in position.units:
                    paid = unit.side * unit.quantity * dividend * market.multiplier
                    unit.carry += paid
                    book.cash += paid
                    book.cost_dividends -= paid
        return 0

    @cython.cfunc
    def _carry(self, market: Market, position: Position, since: cython.longlong, until: cython.longlong) -> cython.int:
        """Funding at each eight-hour instant in (since, until] and borrow for the time, on the value at the mark."""
        options: Options = self.options
        book: Book = self.book
        unit: Unit
        paid: cython.double
        value: cython.double
        rate: cython.double = 0.0
        if options.funding != 0.0 and market.is_perp:
            rate = (until // FUNDING_NS - since // FUNDING_NS) * options.funding
        for unit in position.units:
            value = unit.side * unit.quantity * market.multiplier * market.mark
            if isnan(value):
                value = unit.side * unit.quantity * market.multiplier * unit.entry
            if rate != 0.0:
                paid = value * rate
                unit.carry -= paid
                book.cash -= paid
                book.cost_funding += paid
            if options.borrow != 0.0 and value < 0.0 and not market.is_perp and until > since:
                paid = -value * options.borrow * ((until - since) / YEAR_NS)
                unit.carry -= paid
                book.cash -= paid
                book.cost_borrow += paid
        return 0

    @cython.cfunc
    def _late_auctions(self) -> cython.int:
        """A new session has begun: what was sent before the last bar of the old one took part in its closing auction.

        Where each bar is a session the auction is that bar's own close (`_bar`).
        """
        market: Market = self.market
        order: Order
        i: cython.Py_ssize_t = market.bar
        if market.is_daily or i == 0 or market.session[i] == market.session[i - 1] or not market.tradable[i - 1]:
            return 0
        market.stand_at(i - 1)
        self.book.at_open = False
        self.open_ts = market.open_ts[i - 1]
        self.v = market.volume[i - 1]
        self.o = self.h = self.l = self.c = self.price = market.close[i - 1]
        for order in list(self.book.orders[market.index]):
            if order.kind == AT_AUCTION and not order.is_done and order.eligible_ts <= market.open_ts[i - 1]:
                self._fill(order, market.close[i - 1], False, True)
        market.stand_at(i)
        self.book.sweep(market.index)
        return 0

    # One bar, or one finer bar

    @cython.cfunc
    def _bar(
        self, o: cython.double, h: cython.double, l: cython.double, c: cython.double, v: cython.double,
        open_ts: cython.longlong, ts: cython.longlong,
    ) -> cython.int:  # fmt: skip
        book: Book = self.book
        position: Position = self.position
        unit: Unit
        order: Order
        direction: cython.int
        level: cython.double
        if not position.units and not book.orders[self.market.index]:
            return 0
        self.o = o
        self.h = h
        self.l = l
        self.c = c
        self.v = v
        self.price = o
        self.open_ts = open_ts
        self.is_undecided = False
        if not book.orders[self.market.index] and l > position.lower and h < position.upper:
            # Between the exits, and nothing works: unless the account itself gives way, nothing happens.
            level = book.liquidation_price(self.market.index)
            if not level > 0.0 or (l > level if position.quantity > 0.0 else h < level):
                for unit in position.units:
                    unit.is_fresh = False
                self._extremes(l, h)
                return 0
        book.path_low = o
        book.path_high = o
        book.at_open = True
        for unit in position.units:
            unit.is_fresh = False
        if position.units:
            self._guard()
        if book.orders[self.market.index]:
            for order in book.orders[self.market.index]:
                # Life by the clock ends before a bar that closes later.
                if order.until_ts > 0 and ts > order.until_ts:
                    book.cancel(order, EXPIRED, WHY_LIFE)
            self._open_orders(open_ts)
        if position.units:
            self._open_exits()
        book.at_open = False
        if position.units or book.orders[self.market.index]:
            direction = self._first_leg()
            if direction < 0:
                self._leg(-1, l, False)
                self._leg(1, h, True)
            else:
                self._leg(1, h, False)
                self._leg(-1, l, True)
            self._close_of_bar()
        book.path_low = l
        book.path_high = h
        if position.units:
            self._extremes(l, h)
        book.path_low = NAN
        book.path_high = NAN
        book.sweep(self.market.index)
        return 0

    @cython.cfunc
    def _first_leg(self) -> cython.int:
        """-1: down first. Held: the adverse way; flat: the way of the order that left first and is within reach."""
        order: Order
        way: cython.int = 0
        down: cython.bint = False
        up: cython.bint = False
        if self.position.quantity != 0.0:
            way = -1 if self.position.quantity > 0.0 else 1
            return -way if self.options.is_favourable else way
        for order in self.book.orders[self.market.index]:
            if order.is_done or not order.is_arrived:
                continue
            if self._reaches(order, -1):
                down = True
                if way == 0:
                    way = -1
            elif self._reaches(order, 1):
                up = True
                if way == 0:
                    way = 1
        self.is_undecided = down and up
        return way if way != 0 else -1

    @cython.cfunc
    def _reaches(self, order: Order, direction: cython.int) -> cython.bint:
        """Whether this order's price lies between the open and the extreme in `direction`."""
        end: cython.double = self.l if direction < 0 else self.h
        if order.kind == AT_LIMIT or (order.kind == AT_STOP_LIMIT and order.is_triggered):
            return order.side == -direction and self._through(order.side, order.limit, end)
        if order.kind == AT_STOP or order.kind == AT_STOP_LIMIT:
            return order.side == direction and (end - order.stop) * direction >= 0.0
        return False

    # At the open

    @cython.cfunc
    def _waits(self, order: Order, open_ts: cython.longlong) -> cython.bint:
        return order.is_done or open_ts < order.eligible_ts or order.wait_bars > 0

    @cython.cfunc
    def _open_orders(self, open_ts: cython.longlong) -> cython.int:
        """Orders that the open fills, in the order in which they left (reductions left first)."""
        order: Order
        kind: cython.int
        is_new: cython.bint
        o: cython.double = self.o
        session: cython.longlong = self.market.session[self.market.bar]
        for order in list(self.book.orders[self.market.index]):
            if self._waits(order, open_ts):
                continue
            is_new = not order.is_arrived
            order.is_arrived = True
            kind = order.kind
            if kind == AT_MARKET:
                self._fill(order, o, False, True)
            elif kind >= AT_TWAP:
                self._slice(order)
            elif kind == AT_OPEN:
                if session > order.placed_session:
                    self._fill(order, o, False, True)
            elif kind == AT_LIMIT or (kind == AT_STOP_LIMIT and order.is_triggered):
                if self._through(order.side, order.limit, o):
                    # Marketable on arrival: it takes. Resting and jumped over: it makes, at the better open.
                    self._fill(order, o, not is_new, False)
            elif kind == AT_STOP:
                if order.is_triggered or (o - order.stop) * order.side >= 0.0:
                    order.is_triggered = True
                    self._fill(order, o, False, True)
            elif kind == AT_STOP_LIMIT:
                if (o - order.stop) * order.side >= 0.0:
                    order.is_triggered = True
                    if self._through(order.side, order.limit, o):
                        self._fill(order, o, False, False)
        return 0

    @cython.cfunc
    def _slice(self, order: Order) -> cython.int:
        """What is due by the end of this bar, of an order that is spread over a window: in finer bars an equal part in
        each. What is too small for the venue, or what volume did not give, is due with the next slice; nothing is left
        over that would be too small. Once the unit that it builds is closed, no more of it is wanted."""
        market: Market = self.market
        n: cython.Py_ssize_t = len(order.shares)
        k: cython.Py_ssize_t = n - order.bars_left
        parts: cython.longlong = 1
        at: cython.longlong = 1
        before: cython.double = order.shares[k - 1] if k > 0 else 0.0
        share: cython.double = order.shares[k]
        due: cython.double
        if self._is_spent(order):
            self.book.cancel(order, CANCELED, WHY_WITHDRAWN)
            return 0
        if self.book.at_detail >= 0:
            parts = market.detail_from[market.bar + 1] - market.detail_from[market.bar]
            at = self.book.at_detail - market.detail_from[market.bar] + 1
        due = order.quantity
        if k < n - 1 or at < parts:
            share = before + (share - before) * at / parts
            due = market.lots(share * (order.filled + order.quantity) - order.filled)
        if due <= 0.0 or market.is_below_minimum(due, self.o):
            return 0
        if due >= order.quantity or market.is_below_minimum(order.quantity - due, self.o):
            due = order.quantity
        self.most = due
        self._fill(order, self.o, False, True)
        self.most = ALL
        return 0

    @cython.cfunc
    def _is_spent(self, order: Order) -> cython.bint:
        """Whether the unit that an order in slices has begun to build is closed already."""
        unit: Unit
        if not order.is_increase or order.is_target or order.filled <= 0.0:
            return False
        for unit in self.position.units:
            if unit.id == order.unit and unit.quantity > 0.0 and not unit.is_leaving:
                return False
        return True

    @cython.cfunc
    def _open_exits(self) -> cython.int:
        """Stops and targets that the open has jumped over fill at the open."""
        unit: Unit
        o: cython.double = self.o
        for unit in list(self.position.units):
            if unit.quantity <= 0.0 or unit.is_fresh or not self._is_live(unit):
                continue
            if (o - unit.stop) * unit.side <= 0.0:
                self._stop_out(unit, o, False)
            elif self._target_reached(unit, o):
                self._hit_targets(unit, o, False, False)
        return 0

    @cython.cfunc
    def _guard(self) -> cython.int:
        """Liquidation where the open is already beyond the level."""
        level: cython.double = self.book.liquidation_price(self.market.index)
        if level > 0.0 and (self.o - level) * self.position.quantity <= 0.0:
            self._liquidate(self.o, self.o)
        return 0

    @cython.cfunc
    def _liquidate(self, price: cython.double, raw: cython.double) -> cython.int:
        position: Position = self.position
        self.book.withdraw(self.market.index, 0, WHY_WITHDRAWN)
        self.book.reduce(
            self.market, None, fabs(position.quantity), price, raw, None, -1, FOR_LIQUIDATION, False, False,
            self.market.liquidation_fee,
        )  # fmt: skip
        return 0

    # Between open and close

    @cython.cfunc
    def _leg(self, direction: cython.int, end: cython.double, is_second: cython.bint) -> cython.int:
        """From where the walk stands to the extreme `end`, filling level after level."""
        book: Book = self.book
        position: Position = self.position
        unit: Unit
        order: Order
        hit_unit: Unit | None
        hit_order: Order | None
        level: cython.double
        best: cython.double
        liquidation: cython.double
        what: cython.int
        is_ambiguous: cython.bint
        rounds: cython.int = 0
        while True:
            rounds += 1
            if not position.units and not book.orders[self.market.index]:
                break
            hit_unit = None
            hit_order = None
            best = NAN
            what = 0  # 1 liquidation, 2 stop, 3 order, 4 target
            if position.units and position.quantity * direction < 0.0:
                liquidation = book.liquidation_price(self.market.index)
                if liquidation > 0.0 and (end - liquidation) * direction >= 0.0:
                    best = self._beyond(liquidation, direction)
                    what = 1
            for unit in position.units:
                if unit.is_fresh or unit.quantity <= 0.0 or not self._is_live(unit):
                    continue
                if unit.side == -direction:
                    level = self._beyond(unit.stop, direction)
                    if (end - level) * direction >= 0.0 and (what == 0 or (best - level) * direction > 0.0):
                        best = level
                        what = 2
                        hit_unit = unit
                else:
                    level = unit.target
                    if self._target_reached(unit, end) and (what == 0 or (best - level) * direction > 0.0):
                        best = level
                        what = 4
                        hit_unit = unit
            for order in book.orders[self.market.index]:
                if order.is_done or not order.is_arrived or order.walked_ts == self.open_ts:
                    continue
                if not self._reaches(order, direction):
                    continue
                level = order.limit if order.side == -direction else order.stop
                if what == 0 or (best - level) * direction > 0.0 or (what == 4 and best == level):
                    best = level
                    what = 3
                    hit_order = order
                    hit_unit = None
            if what == 0 or rounds > 10_000:
                break
            self.price = best
            if best < book.path_low:
                book.path_low = best
            if best > book.path_high:
                book.path_high = best
            if what == 1:
                self._liquidate(best, best)
            elif what == 2 and hit_unit is not None:
                # Undecidable when the target lies within the bar too.
                is_ambiguous = self._target_reached(hit_unit, self.h if hit_unit.side > 0 else self.l)
                self._stop_out(hit_unit, best, is_ambiguous)
            elif what == 4 and hit_unit is not None:
                level = self.l if hit_unit.side > 0 else self.h
                is_ambiguous = (level - hit_unit.stop) * hit_unit.side <= 0.0
                self._hit_targets(hit_unit, best, is_ambiguous, True)
            elif hit_order is not None:
                if hit_order.kind == AT_STOP:
                    hit_order.is_triggered = True
                    self._fill(hit_order, best, False, True)
                elif hit_order.kind == AT_STOP_LIMIT and not hit_order.is_triggered:
                    hit_order.is_triggered = True
                    if self._through(hit_order.side, hit_order.limit, best):
                        self._fill(hit_order, best, False, False)
                    else:
                        # Rests from here; this bar fills it only if the close proves it (`_close_of_bar`).
                        hit_order.is_arrived = False
                else:
                    self._fill(hit_order, best, True, False)
        self.price = end
        if end < book.path_low:
            book.path_low = end
        if end > book.path_high:
            book.path_high = end
        return 0

    @cython.cfunc
    def _close_of_bar(self) -> cython.int:
        """Fresh units whose exit the close proves; stop-limits triggered inside the bar; auctions of daily bars."""
        book: Book = self.book
        market: Market = self.market
        unit: Unit
        order: Order
        for order in list(book.orders[market.index]):
            if order.is_done:
                continue
            if order.kind == AT_STOP_LIMIT and order.is_triggered and not order.is_arrived:
                order.is_arrived = True
                if self._through(order.side, order.limit, self.c):
                    self.price = order.limit
                    self._fill(order, order.limit, True, False)
            elif order.kind == AT_AUCTION and order.is_arrived and market.is_daily:
                if book.at_detail < 0 or book.at_detail == market.detail_from[market.bar + 1] - 1:
                    self.price = self.c
                    self._fill(order, self.c, False, True)
        for unit in list(self.position.units):
            if not unit.is_fresh or unit.quantity <= 0.0 or not self._is_live(unit):
                continue
            if self.options.is_favourable:
                if (self.c - unit.stop) * unit.side <= 0.0:
                    self._stop_out(unit, unit.stop, False)
                elif ((self.l if unit.side > 0 else self.h) - unit.stop) * unit.side <= 0.0:
                    self._doubt(unit)
            elif self._target_reached(unit, self.c):
                self._hit_targets(unit, unit.target, False, False)
            elif self._target_reached(unit, self.h if unit.side > 0 else self.l):
                self._doubt(unit)
        return 0

    @cython.cfunc
    def _beyond(self, level: cython.double, direction: cython.int) -> cython.double:
        """The worse of a stop level and where the walk already is."""
        return self.price if (level - self.price) * direction < 0.0 else level

    # What a fill means inside the bar

    @cython.cfunc
    def _doubt(self, unit: Unit) -> cython.int:
        """The other order of events would have closed this unit already."""
        if not unit.is_ambiguous and 0 <= unit.fill_row < self.book.fills.count * F_WIDTH:
            unit.is_ambiguous = True
            self.book.ambiguous += 1
            self.book.fills.cells[unit.fill_row + F_AMBIGUOUS] = 1.0
        return 0

    @cython.cfunc
    def _is_live(self, unit: Unit) -> cython.bint:
        return self.market.bar >= unit.guarded_from

    @cython.cfunc
    def _through(self, side: cython.int, limit: cython.double, price: cython.double) -> cython.bint:
        """Whether a limit order fills when the market trades at `price`: through it by the ticks asked for, or at it
        where touching is enough. Without a tick size any trade beyond counts."""
        gap: cython.double = (limit - price) * side
        if self.options.fills_on_touch or self.options.through_ticks <= 0.0:
            return gap >= 0.0
        if self.market.tick <= 0.0:
            return gap > 0.0
        return gap >= self.options.through_ticks * self.market.tick * (1.0 - 1e-6)

    @cython.cfunc
    def _target_reached(self, unit: Unit, price: cython.double) -> cython.bint:
        return self._through(-unit.side, unit.target, price)

    @cython.cfunc
    def _cap(self, quantity: cython.double) -> cython.double:
        """What one bar's volume lets an order have."""
        most: cython.double
        if self.options.fill_share <= 0.0 or not self.v >= 0.0:
            return quantity
        most = self.options.fill_share * self.v
        if quantity <= most:
            return quantity
        return self.market.lots(most)

    @cython.cfunc
    def _fill(self, order: Order, level: cython.double, is_maker: cython.bint, slips: cython.bint) -> cython.int:
        """Fill `order` at `level`, as far as volume goes."""
        book: Book = self.book
        market: Market = self.market
        unit: Unit | None
        other: Unit
        quantity: cython.double
        price: cython.double = level
        # One fill a bar: what volume did not give waits for the next one.
        order.walked_ts = self.open_ts
        if order.is_increase:
            if order.size_by != BY_QUANTITY and order.filled == 0.0:
                if slips:
                    price = book.slipped(market, order.side, level, order.quantity, self.v)
                order.quantity = book.resize(order, market, price)
                if order.quantity <= 0.0:
                    book.cancel(order, ZERO_ROUNDED, WHY_LOT)
                    return 0
            quantity = self._cap(order.quantity if order.quantity < self.most else self.most)
            self.most = ALL
            if quantity <= 0.0:
                return 0
            if slips:
                price = book.slipped(market, order.side, level, quantity, self.v)
            unit = book.enter(order, quantity, price, level, is_maker, self.is_undecided)
            if unit is not None:
                if order.unit == unit.id and order.filled == quantity:
                    unit.is_fresh = not book.at_open
                    self._settle_fresh(unit, order)
            return 0
        if self.position.quantity * order.side >= 0.0:
            # Nothing is left to reduce: an exit got there first.
            book.cancel(order, EXPIRED, WHY_LIFE)
            return 0
        unit = None
        if order.unit >= 0:
            for other in self.position.units:
                if other.id == order.unit:
                    unit = other
            if unit is None:
                book.cancel(order, EXPIRED, WHY_LIFE)
                return 0
        quantity = self._cap(order.quantity if order.quantity < self.most else self.most)
        self.most = ALL
        if quantity <= 0.0:
            return 0
        if slips:
            price = book.slipped(market, order.side, level, quantity, self.v)
        if (
            book.reduce(market, unit, quantity, price, level, order, order.rule, order.reason, is_maker, False, 0.0)
            <= 0.0
        ):
            book.cancel(order, ZERO_ROUNDED, WHY_LOT)
        return 0

    @cython.cfunc
    def _settle_fresh(self, unit: Unit, order: Order) -> cython.int:
        """What the bar's extremes mean to a unit just filled."""
        adverse: cython.double = self.l if unit.side > 0 else self.h
        favourable: cython.double = self.h if unit.side > 0 else self.l
        is_doubtful: cython.bint
        if not self._is_live(unit):
            return 0
        if (self.price - unit.stop) * unit.side <= 0.0:
            # The stop is on the wrong side of the fill: out at once, at that price less costs.
            self._stop_out(unit, self.price, False)
            return 0
        if not unit.is_fresh:
            return 0
        if self.options.is_favourable:
            if self._target_reached(unit, favourable):
                self._hit_targets(unit, unit.target, not self._target_reached(unit, self.c), False)
        elif (adverse - unit.stop) * unit.side <= 0.0:
            # A limit is reached on the way to the adverse extreme: certain. A stop entry may come after it.
            is_doubtful = order.kind != AT_LIMIT and (self.c - unit.stop) * unit.side > 0.0
            self._stop_out(unit, unit.stop, is_doubtful)
        return 0

    @cython.cfunc
    def _stop_out(self, unit: Unit, level: cython.double, is_ambiguous: cython.bint) -> cython.int:
        """Close a unit at its stop. What volume leaves over goes on as a market order."""
        book: Book = self.book
        market: Market = self.market
        side: cython.int = -unit.side
        quantity: cython.double = self._cap(unit.quantity)
        reason: cython.int = FOR_STOP if unit.stop_kind == STOP_EXIT else FOR_TRAIL
        price: cython.double
        if quantity > 0.0:
            price = book.slipped(market, side, level, quantity, self.v)
            book.reduce(market, unit, quantity, price, level, None, unit.rule, reason, False, is_ambiguous, 0.0)
        if unit.quantity > 0.0 and not unit.is_leaving:
            self._rest(unit, unit.quantity, reason, NAN)
            unit.is_leaving = True
        if unit.quantity > 0.0:
            # Its exits are spent; the market order above finishes it.
            unit.exits = []
            unit.refresh()
            self.position.bounds()
        return 0

    @cython.cfunc
    def _rest(self, unit: Unit, quantity: cython.double, reason: cython.int, limit: cython.double) -> cython.int:
        """What volume left of an exit works on: at the market, or at its limit."""
        book: Book = self.book
        market: Market = self.market
        rest: Order = Order(market.index, unit.owner, -unit.side, unit.rule)
        rest.id = book.next_order
        book.next_order += 1
        rest.quantity = quantity
        rest.reason = reason
        rest.unit = unit.id
        if not isnan(limit):
            rest.kind = AT_LIMIT
            rest.limit = limit
        rest.placed_ts = market.ts[market.bar]
        rest.placed_session = market.session[market.bar]
        rest.eligible_ts = self.open_ts + 1
        book.orders[market.index].append(rest)
        return 0

    @cython.cfunc
    def _hit_targets(
        self, unit: Unit, price: cython.double, is_ambiguous: cython.bint, only_one: cython.bint
    ) -> cython.int:
        """Close the rungs that `price` has reached: the nearest alone, or all of them."""
        book: Book = self.book
        market: Market = self.market
        e: Exit
        quantity: cython.double
        part: cython.double
        for e in list(unit.exits):
            if e.spec.kind != TARGET_EXIT or e.is_done or not e.is_armed or isnan(e.level):
                continue
            if unit.quantity <= 0.0 or not self._rung(unit, e, price, only_one):
                continue
            if e.takes_rest or isnan(e.closing):
                quantity = unit.quantity
            elif e.spec.closing_is_quantity:
                quantity = e.closing
            else:
                quantity = e.closing * unit.original
            if quantity > unit.quantity:
                quantity = unit.quantity
            part = self._cap(quantity)
            if part > 0.0:
                book.reduce(market, unit, part, price, price, None, unit.rule, FOR_TARGET, True, is_ambiguous, 0.0)
            e.is_done = True
            if part < quantity and unit.quantity > 0.0:
                # Volume took the rest: it goes on as a limit at the level.
                self._rest(unit, quantity - part, FOR_TARGET, e.level)
        unit.refresh()
        self.position.bounds()
        return 0

    @cython.cfunc
    def _rung(self, unit: Unit, e: Exit, price: cython.double, only_one: cython.bint) -> cython.bint:
        if only_one:
            return e.level == price
        return (price - e.level) * unit.side >= 0.0

    @cython.cfunc
    def _extremes(self, low: cython.double, high: cython.double) -> cython.int:
        """Remember how far the bar went for what is still held. The favourable extreme of the bar of a fill away from
        the open counts only as far as the close."""
        unit: Unit
        lowest: cython.double
        highest: cython.double
        i: cython.Py_ssize_t = self.market.bar
        for unit in self.position.units:
            lowest = low
            highest = high
            if unit.is_fresh and not self.options.is_favourable:
                if unit.side > 0:
                    highest = self.c
                else:
                    lowest = self.c
            if lowest < unit.low:
                unit.low = lowest
            if highest > unit.high:
                unit.high = highest
            if i > unit.entry_bar:
                if unit.side > 0:
                    if not unit.reach >= high:
                        unit.reach = high
                elif not unit.reach <= low:
                    unit.reach = low
        return 0

    # After the bar

    @cython.cfunc
    def _age(self) -> cython.int:
        """One traded bar of this market has passed for its orders."""
        market: Market = self.market
        order: Order
        ts: cython.longlong = market.ts[market.bar]
        session: cython.longlong = market.session[market.bar]
        for order in self.book.orders[market.index]:
            if order.is_done or market.open_ts[market.bar] < order.placed_ts:
                continue
            if order.wait_bars > 0:
                order.wait_bars -= 1
                continue
            if not order.is_arrived:
                continue
            if order.is_sliced() and self._is_spent(order):
                self.book.cancel(order, CANCELED, WHY_WITHDRAWN)
                continue
            if order.bars_left > 0:
                order.bars_left -= 1
                if order.bars_left == 0:
                    self.book.cancel(order, EXPIRED, WHY_LIFE)
                    continue
            if order.until_ts > 0 and ts >= order.until_ts:
                self.book.cancel(order, EXPIRED, WHY_LIFE)
            elif order.until_session >= 0:
                # The same hour so many sessions on.
                if session > order.until_session or (
                    session == order.until_session and ts % DAY_NS >= order.placed_ts % DAY_NS
                ):
                    self.book.cancel(order, EXPIRED, WHY_LIFE)
        self.book.sweep(market.index)
        return 0
