# cython: language_level=3
# ruff: noqa: F403, I001, SIM102, SIM110 (C constants by star; two import forms; plain loops and tests become C)
"""The risk block: one object that blocks, cuts, halts and flattens, the same in backtest, paper and live."""

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
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import LimitSpec
        from cython.cimports.lingua.trading.position import Position, Unit
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        AT_MARKET, COOLDOWN, LAST_BARS, LAST_FOREVER, LAST_SECONDS, LAST_SESSIONS, MAX_DRAWDOWN, MAX_EXPOSURE,
        MAX_HOLDING, MAX_LOSS, MAX_OPEN, MAX_OPEN_RISK, MAX_ORDERS, MAX_TURNOVER, MAX_WEIGHT, PER_HOUR, PER_MONTH,
        PER_QUARTER, PER_RUN, PER_SESSION, PER_WEEK, PER_YEAR, TO_FLATTEN, TO_LIMIT,
    )  # fmt: skip
    from lingua.trading.market import Market
    from lingua.trading.plan import LimitSpec
    from lingua.trading.position import Position, Unit
    from lingua.trading.shim import fabs, isnan
    from lingua.trading.working import Order

HOUR_NS: int = cython.declare(cython.longlong, 3_600_000_000_000)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Limit:
    """One line of the block. `period` is the running period and `base` what it is measured from (equity for losses,
    a count for orders, money for turnover)."""

    FIELDS = ("period", "base", "is_tripped", "is_breached", "until_session", "until_ts", "until_instant")

    def __init__(self, spec: LimitSpec, number: cython.int) -> None:
        self.spec = spec
        self.number = number
        self.period = -(2**62)
        self.base = 0.0
        self.is_tripped = False
        self.is_breached = False
        self.until_session = -1.0
        self.until_ts = -1.0
        self.until_instant = -1.0


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Limits:
    """`watch` runs once an instant, after the marking; `room` answers how much of some orders may be sent.

    `floor` is the equity below which a loss limit trips, so that quiet bars can be passed over. After a refusal
    `blocker` is the number of the limit, `blocked_limit` its bound and `blocked_value` what would have been.
    """

    FIELDS = ("peak", "floor", "last_equity", "last_day", "halted_at")

    def __init__(self, specs: list[LimitSpec], book: Book) -> None:
        spec: LimitSpec
        self.limits: list[Limit] = []
        for number, spec in enumerate(specs):
            self.limits.append(Limit(spec, number))
        self.book = book
        self.peak = book.capital
        self.floor = -1e300
        self.last_equity = book.capital
        self.last_day = -(2**62)
        self.halted_at = -1
        self.blocker = -1
        self.blocked_value = 0.0
        self.blocked_limit = 0.0
        kinds = [spec.kind for spec in specs]
        self.watches_equity = MAX_DRAWDOWN in kinds or MAX_LOSS in kinds
        self.watches_sessions = MAX_LOSS in kinds
        self.watches_hours = any(spec.kind == MAX_LOSS and spec.per == PER_HOUR for spec in specs)
        self.has_holding = MAX_HOLDING in kinds

    @cython.cfunc
    def roll(self, day: cython.longlong, ts: cython.longlong) -> cython.int:
        """Begin the periods that the instant opens. The equity before it is what losses are measured from."""
        limit: Limit
        period: cython.longlong
        for limit in self.limits:
            if limit.spec.per == PER_RUN:
                continue
            period = _period(limit.spec.per, day, ts)
            if period != limit.period:
                limit.period = period
                limit.base = self.last_equity if limit.spec.kind == MAX_LOSS else 0.0
                if limit.spec.kind == MAX_TURNOVER:
                    limit.base = self.book.traded
        self.last_day = day
        return 0

    @cython.cfunc
    def watch(
        self, equity: cython.double, day: cython.longlong, session: cython.longlong, ts: cython.longlong
    ) -> cython.int:
        """Test the loss limits at a base close, and let halts end."""
        limit: Limit
        spec: LimitSpec
        bound: cython.double
        book: Book = self.book
        if equity > self.peak:
            self.peak = equity
        self.floor = -1e300
        for limit in self.limits:
            spec = limit.spec
            if spec.kind != MAX_DRAWDOWN and spec.kind != MAX_LOSS:
                continue
            bound = (self.peak if spec.kind == MAX_DRAWDOWN else limit.base) * (1.0 - spec.value)
            limit.is_breached = equity <= bound
            if limit.is_tripped and spec.lasting != LAST_FOREVER:
                # `for 1d`: until the next session starts, which is when its first bar closes at the latest.
                if spec.lasting == LAST_SESSIONS:
                    limit.is_tripped = session < limit.until_session
                elif spec.lasting == LAST_SECONDS:
                    limit.is_tripped = ts < limit.until_ts
                else:
                    limit.is_tripped = book.instant < limit.until_instant
            if limit.is_breached and spec.effect != TO_LIMIT and not limit.is_tripped:
                limit.is_tripped = True
                limit.until_session = session + spec.lasting_value
                limit.until_ts = ts + spec.lasting_value * 1e9
                limit.until_instant = book.instant + spec.lasting_value
                if self.halted_at < 0:
                    self.halted_at = book.instant
            if not limit.is_tripped and bound > self.floor and not limit.is_breached:
                self.floor = bound
        self.last_equity = equity
        return 0

    @cython.cfunc
    def floor_at(self, peak: cython.double) -> cython.double:
        """The equity at which the first loss limit would trip after a new peak (none being in force now)."""
        limit: Limit
        bound: cython.double
        floor: cython.double = -1e300
        for limit in self.limits:
            if limit.spec.kind == MAX_DRAWDOWN or limit.spec.kind == MAX_LOSS:
                bound = (peak if limit.spec.kind == MAX_DRAWDOWN else limit.base) * (1.0 - limit.spec.value)
                if bound > floor:
                    floor = bound
        return floor

    @cython.cfunc
    def must_flatten(self) -> cython.bint:
        limit: Limit
        for limit in self.limits:
            if limit.is_tripped and limit.spec.effect == TO_FLATTEN:
                return True
        return False

    @cython.cfunc
    def is_halted(self) -> cython.bint:
        """Whether a halt or flatten is in force, which withdraws working entries."""
        limit: Limit
        for limit in self.limits:
            if limit.is_tripped:
                return True
        return False

    @cython.cfunc
    def halted_by(self) -> cython.int:
        """The number of the limit that forbids increases now, or -1."""
        limit: Limit
        for limit in self.limits:
            if limit.is_tripped or limit.is_breached:
                return limit.number
        return -1

    @cython.cfunc
    def room(self, orders: list[Order], equity: cython.double) -> cython.double:
        """The share of `orders` (one decision) that fits: 1 all, 0 refused. Below half is refused.

        Only increases are asked about; nothing can block an exit.
        """
        limit: Limit
        spec: LimitSpec
        order: Order
        other: Order
        market: Market
        position: Position
        unit: Unit
        share: cython.double = 1.0
        gross: cython.double
        added: cython.double
        held: cython.double
        value: cython.double
        count: cython.double
        factor: cython.double
        book: Book = self.book
        for limit in self.limits:
            spec = limit.spec
            factor = 1.0
            added = 0.0
            held = 0.0
            if spec.kind == MAX_ORDERS:
                count = limit.base + len(orders)
                if count > spec.value:
                    self._refuse(limit, spec.value, count)
                    return 0.0
            elif spec.kind == MAX_OPEN:
                count = 0.0
                for position in book.positions:
                    if not _is_left(position, orders):
                        count += len(position.units)
                for working in book.orders:
                    for other in working:
                        if (
                            other.is_increase
                            and not other.is_done
                            and other.filled == 0.0
                            and not _either(other, orders)
                        ):
                            count += 1.0
                for order in orders:
                    position = book.positions[order.market]
                    if not (order.is_target and position.units and position.quantity * order.side > 0.0):
                        count += 1.0
                if len(orders) > 1 and (orders[0]).either >= 0:
                    count -= len(orders) - 1
                if count > spec.value:
                    self._refuse(limit, spec.value, count)
                    return 0.0
            elif spec.kind == COOLDOWN:
                for order in orders:
                    market = book.markets[order.market]
                    position = book.positions[order.market]
                    if position.closed_bar < 0:
                        continue
                    if spec.unit == LAST_BARS:
                        value = market.bar - position.closed_bar
                    elif spec.unit == LAST_SESSIONS:
                        value = market.session[market.bar] - position.closed_session
                    else:
                        value = (market.ts[market.bar] - position.closed_ts) * 1e-9
                    if value < spec.value:
                        self._refuse(limit, spec.value, value)
                        return 0.0
            elif spec.kind == MAX_EXPOSURE:
                for market in book.markets:
                    held += fabs(book.value_of(market, book.positions[market.index]))
                    if market.leaving != 0.0:
                        held -= market.leaving * market.multiplier * market.mark
                for working in book.orders:
                    for other in working:
                        if other.is_increase and not other.is_done and not _either(other, orders):
                            held += self._worth(other)
                        elif not other.is_increase and not other.is_done and _reverses(other, orders):
                            held -= self._released(other)
                for order in orders:
                    added = self._add(added, self._worth(order), order)
                factor = _fits(held, added, spec.value * equity)
                value = held + added
            elif spec.kind == MAX_WEIGHT:
                for order in orders:
                    market = book.markets[order.market]
                    position = book.positions[order.market]
                    value = book.value_of(market, position)
                    held = value * order.side if value * order.side > 0.0 else 0.0
                    for other in book.orders[order.market]:
                        if other.is_increase and not other.is_done and other.side == order.side:
                            if not _either(other, orders):
                                held += self._worth(other)
                    gross = _fits(held, self._worth(order), spec.value * equity)
                    if gross < factor:
                        factor = gross
                        added = self._worth(order)
            elif spec.kind == MAX_OPEN_RISK:
                for position in book.positions:
                    market = book.markets[position.market]
                    for unit in position.units:
                        if isnan(unit.stop):
                            held += unit.quantity * market.multiplier * market.mark
                        elif (unit.entry - unit.stop) * unit.side > 0.0:
                            held += (unit.entry - unit.stop) * unit.side * unit.quantity * market.multiplier
                for working in book.orders:
                    for other in working:
                        if other.is_increase and not other.is_done and not _either(other, orders):
                            held += self._risk(other)
                for order in orders:
                    added = self._add(added, self._risk(order), order)
                factor = _fits(held, added, spec.value * equity)
            elif spec.kind == MAX_TURNOVER:
                held = book.traded - limit.base
                for order in orders:
                    added = self._add(added, self._worth(order), order)
                factor = _fits(held, added, spec.value * equity)
            if factor < 0.5:
                self._refuse(limit, spec.value * equity, held + added)
                return 0.0
            if factor < share:
                share = factor
                self._refuse(limit, spec.value * equity, held + added)
        return share

    @cython.cfunc
    def _add(self, total: cython.double, value: cython.double, order: Order) -> cython.double:
        """Of orders of which only one can fill, the largest counts."""
        if order.either >= 0:
            return value if value > total else total
        return total + value

    @cython.cfunc
    def _refuse(self, limit: Limit, bound: cython.double, value: cython.double) -> cython.int:
        self.blocker = limit.number
        self.blocked_limit = bound
        self.blocked_value = value
        return 0

    @cython.cfunc
    def _worth(self, order: Order) -> cython.double:
        market: Market = self.book.markets[order.market]
        price: cython.double = market.mark
        if not isnan(order.limit):
            price = order.limit
        elif not isnan(order.stop):
            price = order.stop
        return order.quantity * market.multiplier * price

    @cython.cfunc
    def _released(self, order: Order) -> cython.double:
        """Market value that a closing order already on its way frees."""
        market: Market = self.book.markets[order.market]
        position: Position = self.book.positions[order.market]
        held: cython.double = fabs(position.quantity)
        quantity: cython.double = order.quantity if order.quantity < held else held
        return quantity * market.multiplier * market.mark

    @cython.cfunc
    def _risk(self, order: Order) -> cython.double:
        if isnan(order.risk_each):
            return self._worth(order)
        return order.risk_each * order.quantity

    @cython.cfunc
    def count_order(self) -> cython.int:
        """An increase has left."""
        limit: Limit
        for limit in self.limits:
            if limit.spec.kind == MAX_ORDERS:
                limit.base += 1.0
        return 0


@cython.cfunc
def _fits(held: cython.double, added: cython.double, bound: cython.double) -> cython.double:
    """The share of `added` that keeps within `bound` (a billionth over it is rounding)."""
    if added <= 0.0 or held + added <= bound * (1.0 + 1e-9):
        return 1.0
    rest: cython.double = bound - held
    return rest / added if rest > 0.0 else 0.0


@cython.cfunc
def _either(order: Order, orders: list[Order]) -> cython.bint:
    """Whether `order` is one of the alternatives being asked about."""
    other: Order
    for other in orders:
        if other is order or (other.either >= 0 and other.either == order.either):
            return True
    return False


@cython.cfunc
def _reverses(closing: Order, orders: list[Order]) -> cython.bint:
    """Whether `closing` is the first half of a reversal that one of `orders` completes."""
    other: Order
    for other in orders:
        if other.market == closing.market and other.side == closing.side and closing.kind == AT_MARKET:
            return True
    return False


@cython.cfunc
def _is_left(position: Position, orders: list[Order]) -> cython.bint:
    """Whether one of `orders` opens the other side, so that this position is on its way out."""
    other: Order
    for other in orders:
        if other.market == position.market and other.side * position.quantity < 0.0:
            return True
    return False


@cython.cfunc
def _period(per: cython.int, day: cython.longlong, ts: cython.longlong) -> cython.longlong:
    """A number that changes when a new hour, session, week (from Monday), month, quarter or year begins.

    `day` is the session's date in days since 1970-01-01, a Thursday.
    """
    month: cython.longlong
    if per == PER_HOUR:
        # The bar that closes at the full hour belongs to the hour before.
        return (ts - 1) // HOUR_NS
    if per == PER_SESSION:
        return day
    if per == PER_WEEK:
        return (day + 3) // 7
    month = _month(day)
    if per == PER_MONTH:
        return month
    if per == PER_QUARTER:
        return month // 3
    if per == PER_YEAR:
        return month // 12
    return 0


@cython.cfunc
def _month(day: cython.longlong) -> cython.longlong:
    """Months since year 0 (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days)."""
    z: cython.longlong = day + 719468
    era: cython.longlong = z // 146097
    doe: cython.longlong = z - era * 146097
    yoe: cython.longlong = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy: cython.longlong = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp: cython.longlong = (5 * doy + 2) // 153
    month: cython.longlong = mp + 2 if mp < 10 else mp - 10
    return (yoe + era * 400 + (1 if month <= 1 else 0)) * 12 + month
