# cython: language_level=3
# ruff: noqa: E741 (l is the low)
"""The one order/fill step: an instant of the union clock, called bar after bar by backtest, paper and live.

An instant is: the fills of all bars that end now (instruments in source order), one marking, the loss limits, and then
each traded symbol with a bar closing now is evaluated on the same equity snapshot and sends its orders.

In front of it stands `_quiet`: runs of bars on which nothing can happen are passed over without the general step. It
changes nothing but the time taken; tests compare the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING
from lingua.trading.tail import Tail

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.decide import Decider
        from cython.cimports.lingua.trading.fills import Walk
        from cython.cimports.lingua.trading.limits import Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plain import Plain
        from cython.cimports.lingua.trading.position import Position, Unit
        from cython.cimports.lingua.trading.rows import Rows
else:
    from lingua.trading.account import Book
    from lingua.trading.decide import Decider
    from lingua.trading.fills import Walk
    from lingua.trading.limits import Limits
    from lingua.trading.market import Market
    from lingua.trading.plain import Plain
    from lingua.trading.position import Position, Unit
    from lingua.trading.rows import Rows

COMPILED = bool(cython.compiled)
YEAR_NS: float = cython.declare(cython.double, 365.0 * 86_400e9)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Machine:
    """`at` instants are done. `changes` rows are (instant, cash) where cash changed, `holdings` rows (market, bar,
    quantity with dust) where a position changed: between rows both stand still, so a quiet bar writes nothing."""

    FIELDS = ("at", "is_ruined", "last_cash", "last_ts")

    def __init__(self, book: Book, limits: Limits, decider: Decider, looks_always: bool) -> None:
        self.book = book
        self.limits = limits
        self.decider = decider
        self.walk = Walk(book)
        self.changes = Rows(2)
        self.holdings = Rows(3)
        self.symbols = decider.desk.symbols
        self.instants = 0
        self.at = 0
        self.is_ruined = False
        self.looks_always = looks_always
        self.is_single = len(book.markets) == 1
        self.may_skip = False
        self.last_cash = float("nan")
        self.last_ts = -1
        self.plain: Plain | None = None
        self.store: Any = None
        self.attention_store: list[Any] = []
        self.gaps: list[Any] = []
        self.begins = [0] * self.symbols

    def load(
        self, clock: Any, days: Any, attention: list[Any], gaps: list[Any], may_skip: bool, rises: bool = False
    ) -> None:
        """The union clock (stamps and session dates) from the next instant on, and per traded symbol what `SymbolInput`
        says of attention and gaps of the bars not yet walked. `rises`: that the clock does is known. Raises ValueError
        when lengths or kinds do not fit the markets."""
        symbol: cython.Py_ssize_t
        begin: cython.Py_ssize_t
        market: Market
        for name, column in (("clock", clock), ("days", days)):
            if not isinstance(column, np.ndarray) or column.dtype != np.int64 or not column.flags.c_contiguous:
                raise ValueError(f"{name} must be a contiguous array of int64")
        if len(clock) != len(days) or not (rises or np.all(clock[1:] > clock[:-1])):
            raise ValueError("the clock must rise and have one date for each stamp")
        if len(attention) != self.symbols or len(gaps) != self.symbols:
            raise ValueError("attention and gaps are needed for each traded symbol")
        first: cython.Py_ssize_t = self.at
        for symbol in range(self.symbols):
            market = self.book.markets[symbol]
            begin = market.bar + 1
            for name, column, kind in (("attention", attention[symbol], "uint8"), ("gaps", gaps[symbol], "int32")):
                if not isinstance(column, np.ndarray) or column.dtype != kind or len(column) != market.size - begin:
                    raise ValueError(f"{market.symbol}: {name} must be an array of {kind}, one for each bar")
            self.begins[symbol] = begin
        if may_skip and self.is_single and first + len(clock) != self.book.markets[0].size:
            raise ValueError("the clock of one symbol is that symbol's bars")
        self.store = (clock, days)
        self.attention_store = [np.ascontiguousarray(column) for column in attention]
        self.gaps = list(gaps)
        self.instants = first + len(clock)
        self.may_skip = may_skip and self.is_single
        if cython.compiled:
            # Shifted back, so that instant and bar number `first` stand where the columns begin.
            clock_at: cython.size_t = clock.ctypes.data - 8 * first
            days_at: cython.size_t = days.ctypes.data - 8 * first
            attention_at: cython.size_t = self.attention_store[0].ctypes.data - self.begins[0]
            self.clock = cython.cast(cython.p_longlong, clock_at)
            self.days = cython.cast(cython.p_longlong, days_at)
            self.attention = cython.cast(cython.p_uchar, attention_at)
        else:
            self.clock = Tail(clock.tolist(), first)
            self.days = Tail(days.tolist(), first)
            looks: Any = Tail(self.attention_store[0].tolist(), self.begins[0])
            self.attention = looks
        if self.symbols > 1:
            self.attention_store = [bytes(column) for column in self.attention_store] + self.attention_store

    def run(self, until: cython.Py_ssize_t) -> int:
        """Go on to instant `until` (or the end, or ruin). Returns the number of instants done."""
        if until > self.instants:
            until = self.instants
        while self.at < until and not self.is_ruined:
            if self.plain is not None and self.may_skip:
                self._plainly(until)
                if self.at >= until:
                    break
            if self.may_skip:
                self.at = self._quiet(until)
                if self.at >= until:
                    break
            self.book.instant = self.at
            self._instant(self.clock[self.at], self.days[self.at], False)
            self.at += 1
        return self.at

    def advance(self, ts: cython.longlong, day: cython.longlong, gaps: list[int]) -> None:
        """One live instant: the bars that end now are already appended, series values already fed; `gaps` tells the
        missing bars of each traded symbol."""
        if self.is_ruined:
            return
        if len(gaps) != self.symbols:
            raise ValueError("a gap count is needed for each traded symbol")
        self.gaps = gaps
        self.book.instant = self.at
        self._instant(ts, day, True)
        self.at += 1

    def state(self) -> dict[str, Any]:
        return {"at": self.at, "is_ruined": self.is_ruined, "last_cash": self.last_cash, "last_ts": self.last_ts}

    def set_state(self, state: dict[str, Any]) -> None:
        if not int(state["at"]) >= 0:
            raise ValueError("a run cannot stand before its first instant")
        self.at = int(state["at"])
        self.is_ruined = bool(state["is_ruined"])
        self.last_cash = float(state["last_cash"])
        self.last_ts = int(state["last_ts"])

    @cython.cfunc
    def _instant(self, ts: cython.longlong, day: cython.longlong, is_live: cython.bint) -> cython.int:
        book: Book = self.book
        limits: Limits = self.limits
        decider: Decider = self.decider
        market: Market
        position: Position
        symbol: cython.Py_ssize_t
        equity: cython.double
        idle: cython.double
        paid: cython.double
        acts: cython.bint
        attention: bytes
        begin: cython.Py_ssize_t
        if limits.limits:
            limits.roll(day, ts)
        # Fills, instruments in source order
        for market in book.markets:
            while market.bar + 1 < market.size and market.ts[market.bar + 1] <= ts:
                self.walk.step(market)
        # One marking
        equity = book.equity()
        if book.options.interest != 0.0 and self.last_ts >= 0:
            idle = book.free_cash()
            if idle > 0.0:
                paid = idle * book.options.interest * ((ts - self.last_ts) / YEAR_NS)
                book.cash += paid
                book.cost_interest -= paid
                equity = book.equity()
        self.last_ts = ts
        if equity <= 0.0:
            self.is_ruined = True
            self._record()
            return 0
        decider.desk.begin(ts)
        # Loss limits
        if limits.limits:
            market = book.markets[0]
            limits.watch(equity, day, market.session[market.bar] if market.bar >= 0 else 0, ts)
            if limits.must_flatten():
                decider.flatten()
            elif limits.halted_by() >= 0 and limits.is_halted():
                decider.withdraw_all()
        if decider.legs.groups:
            decider.legs.watch(ts)
        # Rules, symbols in source order
        for symbol in range(self.symbols):
            market = book.markets[symbol]
            if market.bar < 0 or market.ts[market.bar] != ts:
                continue
            acts = True
            begin = self.begins[symbol]
            if not is_live and not self.looks_always:
                if symbol == 0:
                    acts = self.attention[market.bar] != 0
                else:
                    attention = self.attention_store[symbol]
                    acts = attention[market.bar - begin] != 0
            if acts:
                decider.decide(symbol, is_live, self.gaps[symbol] if is_live else self.gaps[symbol][market.bar - begin])
            else:
                decider.follow(symbol)
        for position in book.positions:
            position.was_long = False
            position.was_short = False
        self._record()
        return 0

    @cython.cfunc
    def _record(self) -> cython.int:
        """Write down what changed in this instant."""
        book: Book = self.book
        market: Market
        position: Position
        held: cython.double
        k: cython.Py_ssize_t
        if book.cash != self.last_cash:
            k = self.changes.add()
            self.changes.cells[k] = book.instant
            self.changes.cells[k + 1] = book.cash
            self.last_cash = book.cash
        for market in book.markets:
            position = book.positions[market.index]
            held = position.quantity + position.dust
            if held != position.recorded:
                k = self.holdings.add()
                self.holdings.cells[k] = market.index
                self.holdings.cells[k + 1] = market.bar
                self.holdings.cells[k + 2] = held
                position.recorded = held
        return 0

    @cython.cfunc
    def _plainly(self, until: cython.Py_ssize_t) -> cython.int:
        """As far as the fast way goes; nowhere unless the account is flat and no order works."""
        position: Position = self.book.positions[0]
        plain: Plain | None = self.plain
        began: cython.Py_ssize_t = self.at
        if plain is None or self.at == 0 or position.units or position.dust != 0.0 or self.book.orders[0]:
            return 0
        self.at = plain.walk(began, until, self.attention, self.last_cash)
        if self.at > began:
            self.last_cash = plain.last_cash
            self.last_ts = self.clock[self.at - 1]
        return 0

    # Bars on which nothing can happen

    @cython.cfunc
    def _quiet(self, stop: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """The first instant from `at` on that needs the general step (or `stop`)."""
        book: Book = self.book
        market: Market = book.markets[0]
        position: Position = book.positions[0]
        if self.looks_always or self.at == 0 or book.orders[0] or book.options.interest != 0.0:
            return self.at
        if market.next_action < len(market.actions) or position.dust != 0.0:
            return self.at
        if not position.units:
            return self._quiet_flat(market, stop)
        if position.needs_close or self.limits.has_holding or book.options.guards_from_next_bar:
            return self.at
        if book.options.funding != 0.0 or book.options.borrow != 0.0 or market.has_detail:
            return self.at
        return self._quiet_held(market, position, stop)

    @cython.cfunc
    def _quiet_flat(self, market: Market, stop: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Flat, without orders: until a rule may act. Equity stands still, so no loss limit can trip."""
        i: cython.Py_ssize_t = self.at
        attention = self.attention
        if self.limits.is_halted():
            # A halt may end by time alone, which only the general step sees; nothing else hangs on it when flat.
            return i
        while i < stop and attention[i] == 0:
            i += 1
        if i > self.at:
            self._pass_over(market, i)
        return i

    @cython.cfunc
    def _quiet_held(self, market: Market, position: Position, stop: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """In a position, without orders: until a bar leaves the band between the exits, or a rule or limit may act."""
        limits: Limits = self.limits
        unit: Unit
        i: cython.Py_ssize_t = self.at
        attention = self.attention
        highs = market.high
        lows = market.low
        closes = market.close
        tradable = market.tradable
        peak: cython.double
        floor: cython.double
        lower: cython.double = position.lower
        upper: cython.double = position.upper
        top: cython.double = -1e300
        bottom: cython.double = 1e300
        h: cython.double
        l: cython.double
        equity: cython.double
        liquidation: cython.double = self.book.liquidation_price(0)
        held: cython.double = position.quantity * market.multiplier
        cash: cython.double = self.book.cash
        day: cython.longlong = limits.last_day
        watches: cython.bint = limits.watches_equity
        by_session: cython.bint = limits.watches_sessions
        if position.quantity > 0.0:
            if liquidation > lower:
                lower = liquidation
        elif liquidation > 0.0 and liquidation < upper:
            upper = liquidation
        if watches:
            # A breached limit must be seen to recover, a halt to end; hours are not watched here.
            if limits.halted_by() >= 0 or limits.watches_hours:
                return i
            peak = limits.peak
            floor = limits.floor
            while i < stop and attention[i] == 0:
                h = highs[i]
                l = lows[i]
                if not (l > lower and h < upper) or not tradable[i]:
                    break
                equity = cash + held * closes[i]
                if equity > peak:
                    peak = equity
                    floor = limits.floor_at(peak)
                if not equity > floor or (by_session and self.days[i] != day):
                    break
                if h > top:
                    top = h
                if l < bottom:
                    bottom = l
                limits.peak = peak
                limits.floor = floor
                limits.last_equity = equity
                i += 1
        else:
            while i < stop and attention[i] == 0:
                h = highs[i]
                l = lows[i]
                if not (l > lower and h < upper) or not tradable[i]:
                    break
                if h > top:
                    top = h
                if l < bottom:
                    bottom = l
                i += 1
        if i > self.at:
            for unit in position.units:
                unit.is_fresh = False
                if top > unit.high:
                    unit.high = top
                if bottom < unit.low:
                    unit.low = bottom
                if unit.side > 0:
                    if not unit.reach >= top:
                        unit.reach = top
                elif not unit.reach <= bottom:
                    unit.reach = bottom
            self._pass_over(market, i)
        return i

    @cython.cfunc
    def _pass_over(self, market: Market, i: cython.Py_ssize_t) -> cython.int:
        """Stand after bar i - 1, as the general step would."""
        k: cython.Py_ssize_t = i - 1
        market.stand_at(k)
        self.last_ts = self.clock[k]
        closes = market.close
        while k >= self.at:
            if closes[k] == closes[k]:
                market.mark = closes[k]
                break
            k -= 1
        return 0
