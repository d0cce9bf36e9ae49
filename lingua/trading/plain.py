# cython: language_level=3
# ruff: noqa: E741, F403, I001, SIM102 (l is the low; C constants by star; two import forms; plain loops become C)
"""A fast way through the bars for plain strategies: one symbol, one long unit at a time, orders at the market.

It says what `decide`, `sizing`, `fills`, `account` and `position` say of such strategies (which they are, `plainness`
tells), in plain numbers and without an object for an order or a unit, and writes the same rows to the last bit; tests
compare the two. It goes from flat to flat: what it does not know (an order that cannot be paid, a rest that lots cannot
express, a stop on the wrong side …) takes it back to where the account was flat last, and the general step does that
trade. So does the last one, which may still be open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, floor, isnan
        from cython.cimports.libc.string import memchr
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.evaluator import Evaluator
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import Options
        from cython.cimports.lingua.trading.position import Position
        from cython.cimports.lingua.trading.rows import Rows
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        BY_ALL, BY_ALLOCATION, BY_CASH, BY_EQUITY, BY_MONEY, BY_QUANTITY, BY_RISK, E_A, E_B, E_BAR, E_INSTANT,
        E_KIND, E_MARKET, E_ORDER, E_PRICE, E_QUANTITY, E_RULE, E_WHY, E_WIDTH, FILLED, FILTERED, FOR_ENTRY,
        FOR_RULE, FOR_STOP, FOR_TARGET, F_AMBIGUOUS, F_AT_OPEN, F_BAR, F_COMMISSION, F_DETAIL, F_INSTANT,
        F_MAKER, F_MARKET, F_ORDER, F_PRICE, F_QUANTITY, F_REASON, F_RULE, F_SIDE, F_SLIPPAGE, F_WIDTH, IGNORED,
        IN_LEVEL, IN_NOTHING, IN_PRICE, IN_RATIO, PLAIN, P_AMOUNT, P_AMOUNT_SLOT, P_BUYS, P_CONDITION, P_RULE,
        P_STOP_FORM, P_STOP_SLOT, P_TAG, P_TARGET_FORM, P_TARGET_SLOT, P_TICK, P_WIDTH, SUBMITTED, SUPPRESSED,
        T_AMBIGUOUS, T_BEFORE_SETTLE, T_CARRY, T_COMMISSION, T_ENTRY_AT_OPEN, T_ENTRY_BAR, T_ENTRY_DETAIL,
        T_ENTRY_PRICE, T_ENTRY_RULE, T_EXIT_AT_OPEN, T_EXIT_BAR, T_EXIT_DETAIL, T_EXIT_PRICE, T_EXIT_RULE, T_ID,
        T_MAE, T_MARKET, T_MFE, T_PNL, T_QUANTITY, T_REASON, T_RISK, T_SIDE, T_SLIPPAGE, T_TAG, T_WIDTH,
        WALK_ENDS, WALK_IS_FULL, WALK_STOPS, WHY_CUT, WHY_FILTER, WHY_OPEN, WHY_REDUCTION, WHY_WORKING,
    )  # fmt: skip
    from lingua.trading.evaluator import Evaluator
    from lingua.trading.market import Market
    from lingua.trading.plan import Options
    from lingua.trading.position import Position
    from lingua.trading.rows import Rows
    from lingua.trading.shim import fabs, floor, isnan, memchr

NAN: float = cython.declare(cython.double, float("nan"))
FAR: float = cython.declare(cython.double, 1e300)
STRETCH: int = cython.declare(cython.Py_ssize_t, 64)
"""Bars that are looked at together while a position is held."""
AHEAD: int = cython.declare(cython.Py_ssize_t, 4096)
LINE: int = cython.declare(cython.Py_ssize_t, 8)
"""Prices in a line of the cache."""


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Plain:
    """Walks the one market of `book`. `rules` (rules, P_WIDTH) and `filters` are numbers of `plainness`; `start` is the
    bar from which rules act, `settles` the one before which entries are marked. `lowest` is below or at every price
    where the bars are ordinary (each is tradable and opens when the one before it is over), and 0 where they are not.

    A bare unit (without exits, in an account that no price of these bars can ruin) is looked at on bars on which rules
    act and on no other. How far it went against and for the account in between (T_MAE, T_MFE) is left NaN, for
    `curves.excursions` to find when somebody asks.

    What a rule says where it can do nothing (sell when flat, buy when held) needs no look at the bar either. That it
    fired there, and that its entry was ignored, stands in its column: `passed` tells where to look it up."""

    def __init__(
        self, book: Book, evaluator: Evaluator, rules: Any, filters: Any, start: cython.Py_ssize_t,
        settles: cython.Py_ssize_t, changes: Rows, holdings: Rows, lowest: cython.double,
    ) -> None:  # fmt: skip
        self.book = book
        self.market: Market = book.markets[0]
        self.position: Position = book.positions[0]
        self.evaluator = evaluator
        self.options: Options = book.options
        self.tables = (changes, holdings)
        self.gaps = Rows(3)
        self.ranges: list[tuple[int, int]] = []
        rules = np.array(rules, dtype=np.int32, order="C").reshape(-1, P_WIDTH)
        filters = np.array(filters, dtype=np.int32)
        high = evaluator.offset + evaluator.series
        for slot in (*rules[:, [P_CONDITION, P_TICK, P_AMOUNT_SLOT, P_STOP_SLOT, P_TARGET_SLOT]].ravel(), *filters):
            if slot >= high or slot < -1:
                raise ValueError(f"register {slot} is neither a constant nor one of the columns, which end at {high}")
        self.coming: Any = np.full(max(1, len(rules)), -1, dtype=np.int64)
        self.store: Any = (rules, filters)
        self.rule_count = len(rules)
        self.filter_count = len(filters)
        self.start = start
        self.settles = settles
        market: Market = self.market
        options: Options = self.options
        self.multiplier = market.multiplier
        self.tick = market.tick
        self.tick_inverse = market.tick_inverse
        self.lot = market.lot
        self.lot_inverse = market.lot_inverse
        self.min_quantity = market.min_quantity
        self.min_notional = market.min_notional
        self.rate = options.commission
        self.maker_rate = options.commission_maker
        self.per_order = options.commission_per_order
        self.per_unit = options.commission_per_unit
        self.fee_minimum = options.commission_minimum
        self.kept_margin = 1.0 - market.maintenance_margin
        self.is_reserved = False
        self.slippage = options.slippage
        self.slippage_ticks = options.slippage_ticks
        self.fills_on_touch = options.fills_on_touch
        self.through_ticks = options.through_ticks
        self.cash_buffer = options.cash_buffer
        self.order_buffer = options.cash_buffer if options.has_cash_buffer else 0.01
        self.sizes_at_fill = options.sizes_at_fill
        self.guards_from_next = options.guards_from_next_bar
        self.unit_high = NAN
        self.unit_low = NAN
        self.guarded_from = 0
        self.lowest = lowest
        self.is_ordinary = lowest > 0.0
        self.is_bare = False
        self.active: Any = None
        if not cython.compiled:
            self.rules: list[int] = rules.reshape(-1).tolist()
            self.filters: list[int] = filters.tolist()
            self.truths: list[int] = [0] * max(1, len(rules))
            self.upcoming: list[int] = self.coming.tolist()
        else:
            self.active = np.zeros(max(1, len(rules)), dtype=np.int32)
            rules_at: cython.size_t = rules.ctypes.data
            filters_at: cython.size_t = filters.ctypes.data
            truths_at: cython.size_t = self.active.ctypes.data
            self.rules = cython.cast(cython.p_int, rules_at)
            self.filters = cython.cast(cython.p_int, filters_at)
            self.truths = cython.cast(cython.p_int, truths_at)
            upcoming_at: cython.size_t = self.coming.ctypes.data
            self.upcoming = cython.cast(cython.p_longlong, upcoming_at)

    @cython.cfunc
    def walk(
        self, at: cython.Py_ssize_t, until: cython.Py_ssize_t, attention: cython.p_uchar, last_cash: cython.double
    ) -> cython.Py_ssize_t:
        """From instant `at`, flat and without orders, to the last instant up to `until` on which that is so again;
        that instant, and `last_cash` for the machine."""
        status: cython.int
        if self.market.bar != at - 1 or at < 1 or at < self.start or until > self.market.size:
            return at
        self._begin(at, last_cash)
        if not self.is_reserved:
            self._reserve(_episodes(attention, at, until), at, until)
            self.is_reserved = True
        while True:
            self._make_room()
            with cython.nogil:
                status = self._walk(attention, until)
            if status != WALK_IS_FULL:
                break
        self._end(at)
        return self.at

    def _begin(self, at: cython.Py_ssize_t, last_cash: cython.double) -> None:
        book: Book = self.book
        market: Market = self.market
        self.o = market.open
        self.h = market.high
        self.l = market.low
        self.c = market.close
        self.ts = market.ts
        self.open_ts = market.open_ts
        self.tradable = market.tradable
        self.is_truth = self.evaluator.is_truth
        self.numbers = self.evaluator.numbers
        self.truth_columns = self.evaluator.truths
        self.registers = self.evaluator.registers
        self.offset = self.evaluator.offset
        self.has_series = self.evaluator.series > 0
        self.at = at
        self.began = at
        self.bar = at
        self.warm = at
        self.warmth = 0.0
        self.mark = market.mark
        self.cash = book.cash
        self.last_cash = last_cash
        self.next_order = book.next_order
        self.next_trade = book.next_trade
        self.commission_paid = book.cost_commission
        self.slippage_paid = book.cost_slippage
        self.traded = book.traded
        self.ambiguous = book.ambiguous
        self.last_fill = self.position.last_fill
        self.last_unit_fill = self.position.last_unit_fill
        self.closed_bar = -1
        self.quantity = 0.0
        self.is_bare = False
        self.recorded = self.position.recorded
        self.pending = 0
        self.stop = NAN
        self.target = NAN
        changes: Rows = self.tables[0]
        holdings: Rows = self.tables[1]
        self.fill_count = book.fills.count
        self.trade_count = book.trades.count
        self.event_count = book.events.count
        self.change_count = changes.count
        self.holding_count = holdings.count
        self.gap_count = self.gaps.count
        self.is_direct = self._reads_columns()
        for rule in range(self.rule_count):
            self.upcoming[rule] = -1
        self._keep(at)

    def _reads_columns(self) -> bool:
        """Whether what each rule says is a truth column, read as it stands."""
        spec: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        for spec in range(0, self.rule_count * P_WIDTH, P_WIDTH):
            slot = self.rules[spec + P_CONDITION] - self.offset
            if slot < 0 or not self.has_series or not self.is_truth[slot] or self.rules[spec + P_TICK] >= 0:
                return False
        return True

    def _reserve(self, acts: cython.Py_ssize_t, at: cython.Py_ssize_t, until: cython.Py_ssize_t) -> None:
        """Room for what `acts` times that rules begin to act mostly bring, so that tables do not grow step by step, and
        a quarter more for rules that take turns bar by bar. Of the bars after `until` as much is expected as before."""
        book: Book = self.book
        acts += acts // 4
        if until < self.market.size:
            acts = acts * (self.market.size - at) // (until - at)
        changes: Rows = self.tables[0]
        holdings: Rows = self.tables[1]
        spare: cython.Py_ssize_t = 2 * self.rule_count + 64
        book.fills.reserve(self.fill_count + acts + spare)
        book.trades.reserve(self.trade_count + acts // 2 + spare)
        book.events.reserve(self.event_count + 2 * acts + spare)
        changes.reserve(self.change_count + acts + spare)
        holdings.reserve(self.holding_count + acts + spare)
        self.gaps.reserve(self.gap_count + acts // 2 + spare)

    def _make_room(self) -> None:
        """Room for the rows of at least one bar in each table, for many where they were used up."""
        book: Book = self.book
        changes: Rows = self.tables[0]
        holdings: Rows = self.tables[1]
        most: cython.Py_ssize_t = 2 * self.rule_count + 8
        book.fills.reserve(self.fill_count + most)
        book.trades.reserve(self.trade_count + most)
        book.events.reserve(self.event_count + most)
        changes.reserve(self.change_count + most)
        holdings.reserve(self.holding_count + most)
        self.gaps.reserve(self.gap_count + most)
        self.fill_cells = book.fills.cells
        self.trade_cells = book.trades.cells
        self.event_cells = book.events.cells
        self.change_cells = changes.cells
        self.holding_cells = holdings.cells
        self.gap_cells = self.gaps.cells
        self.fill_room = book.fills.capacity - most + 4
        self.trade_room = book.trades.capacity - most + 4
        self.event_room = book.events.capacity - most + 4
        self.change_room = changes.capacity - most + 4
        self.holding_room = holdings.capacity - most + 4
        self.gap_room = self.gaps.capacity - most + 4

    def _end(self, began: cython.Py_ssize_t) -> None:
        """Stand where the account was flat last."""
        book: Book = self.book
        market: Market = self.market
        position: Position = self.position
        changes: Rows = self.tables[0]
        holdings: Rows = self.tables[1]
        k: cython.Py_ssize_t
        book.fills.take(self.kept_fills)
        book.trades.take(self.kept_trades)
        book.events.take(self.kept_events)
        changes.take(self.kept_changes)
        holdings.take(self.kept_holdings)
        self.gaps.take(self.kept_gaps)
        self._forget()
        if self.at == began:
            return
        if self.ranges and self.ranges[-1][1] == began:
            began_before = self.ranges.pop()[0]
        else:
            began_before = began
        self.ranges.append((began_before, self.at))
        book.cash = self.cash
        book.next_order = self.next_order
        book.next_trade = self.next_trade
        book.cost_commission = self.commission_paid
        book.cost_slippage = self.slippage_paid
        book.traded = self.traded
        book.ambiguous = self.ambiguous
        position.last_fill = self.last_fill
        position.last_unit_fill = self.last_unit_fill
        position.recorded = 0.0
        if self.closed_bar >= 0:
            position.closed_bar = self.closed_bar
            position.closed_ts = market.ts[self.closed_bar]
            position.closed_session = market.session[self.closed_bar]
        market.stand_at(self.at - 1)
        k = self.at - 1
        while k >= began:
            if market.close[k] == market.close[k]:
                market.mark = market.close[k]
                break
            k -= 1

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _keep(self, at: cython.Py_ssize_t) -> cython.int:
        """Before instant `at` the account is flat and no order works."""
        self.at = at
        self.kept_cash = self.cash
        self.kept_last_cash = self.last_cash
        self.kept_order = self.next_order
        self.kept_trade = self.next_trade
        self.kept_commission = self.commission_paid
        self.kept_slippage = self.slippage_paid
        self.kept_traded = self.traded
        self.kept_ambiguous = self.ambiguous
        self.kept_fill = self.last_fill
        self.kept_unit_fill = self.last_unit_fill
        self.kept_closed = self.closed_bar
        self.kept_fills = self.fill_count
        self.kept_trades = self.trade_count
        self.kept_events = self.event_count
        self.kept_changes = self.change_count
        self.kept_holdings = self.holding_count
        self.kept_gaps = self.gap_count
        return 0

    def _forget(self) -> None:
        """Undo what was done since `_keep`."""
        self.recorded = 0.0
        self.cash = self.kept_cash
        self.last_cash = self.kept_last_cash
        self.next_order = self.kept_order
        self.next_trade = self.kept_trade
        self.commission_paid = self.kept_commission
        self.slippage_paid = self.kept_slippage
        self.traded = self.kept_traded
        self.ambiguous = self.kept_ambiguous
        self.last_fill = self.kept_fill
        self.last_unit_fill = self.kept_unit_fill
        self.closed_bar = self.kept_closed
        self.fill_count = self.kept_fills
        self.trade_count = self.kept_trades
        self.event_count = self.kept_events
        self.change_count = self.kept_changes
        self.holding_count = self.kept_holdings
        self.gap_count = self.kept_gaps

    def go_on(self, lowest: float) -> None:
        """Other bars follow: what `lowest` says of them."""
        self.lowest = lowest
        self.is_ordinary = lowest > 0.0

    def passed(self) -> tuple[list[tuple[int, int]], Any, Any, list[int], list[Any], int]:
        """What `lingua.trading.passed` needs: stretches that were walked, stretches of these (from, to, quantity held)
        in which entries were ignored without a look, the numbers of rules and filters, a column or a constant for each
        register from 0 on, and the bar with which the columns begin."""
        registers: list[Any] = [float(self.evaluator.registers[k]) for k in range(self.evaluator.offset)]
        rules, filters = self.store
        return (
            list(self.ranges),
            self.gaps.view(),
            rules,
            filters.tolist(),
            registers + list(self.evaluator.store[2]),
            self.evaluator.first,
        )

    def told(self) -> None:
        """All that was passed over is written down elsewhere by now."""
        self.ranges = []
        self.gaps.clear()

    # The bars

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _walk(self, attention: cython.p_uchar, until: cython.Py_ssize_t) -> cython.int:
        i: cython.Py_ssize_t = self.bar
        o = self.o
        h = self.h
        l = self.l
        c = self.c
        tradable = self.tradable
        ordinary: cython.bint = self.is_ordinary
        lower: cython.double
        upper: cython.double
        top: cython.double
        bottom: cython.double
        high: cython.double
        low: cython.double
        acts: cython.Py_ssize_t
        began: cython.Py_ssize_t
        last: cython.Py_ssize_t
        k: cython.Py_ssize_t
        top_too: cython.double
        bottom_too: cython.double
        while i < until:
            if i >= self.warm:
                self._warm(i, until)
            if self.quantity == 0.0 and self.pending == 0:
                # Flat, and nothing works: until a rule may buy.
                i = self._next(attention, i, until, 1)
                self._keep(i)
                if i >= until:
                    break
                if not ordinary:
                    self._mark_before(i)
            elif self.pending == 0 and self.is_bare:
                began = i
                i = self._next(attention, i, until, 0)
                self._gap(began, i)
                if i >= until:
                    break
            elif self.pending == 0:
                # Held, and nothing works: until a bar leaves the band between the exits, or a rule may act.
                lower = self.stop if self.stop > 0.0 else 0.0
                if self.cash < 0.0 and lower < self._ruin():
                    lower = self._ruin()
                upper = FAR if isnan(self.target) else self.target
                began = i
                acts = self._next(attention, i, until, 0)
                while i < acts:
                    # Stretches whose highest high and lowest low stay inside, then bar by bar to the one that leaves.
                    last = i + STRETCH if i + STRETCH < acts else acts
                    top = -FAR
                    bottom = FAR
                    top_too = -FAR
                    bottom_too = FAR
                    k = i
                    # Two by two: the greater of two numbers is there only after four cycles.
                    while k + 1 < last:
                        top = h[k] if h[k] > top else top
                        bottom = l[k] if l[k] < bottom else bottom
                        top_too = h[k + 1] if h[k + 1] > top_too else top_too
                        bottom_too = l[k + 1] if l[k + 1] < bottom_too else bottom_too
                        k += 2
                    if k < last:
                        top = h[k] if h[k] > top else top
                        bottom = l[k] if l[k] < bottom else bottom
                    top = top_too if top_too > top else top
                    bottom = bottom_too if bottom_too < bottom else bottom
                    # Bars without a price are not tradable.
                    if bottom > lower and top < upper and _all_set(tradable, i, last):
                        self.unit_high = top if top > self.unit_high else self.unit_high
                        self.unit_low = bottom if bottom < self.unit_low else self.unit_low
                        i = last
                        continue
                    while i < last:
                        high = h[i]
                        low = l[i]
                        if not (low > lower and high < upper) or not tradable[i]:
                            break
                        self.unit_high = high if high > self.unit_high else self.unit_high
                        self.unit_low = low if low < self.unit_low else self.unit_low
                        i += 1
                    break
                self._gap(began, i)
                if i >= until:
                    break
                self._mark_before(i)
            if (
                self.fill_count >= self.fill_room or self.trade_count >= self.trade_room
                or self.event_count >= self.event_room or self.gap_count >= self.gap_room
                or self.change_count >= self.change_room or self.holding_count >= self.holding_room
            ):  # fmt: skip
                self.bar = i
                return WALK_IS_FULL
            if self.is_bare or (self.pending > 0 and self._will_be_bare()):
                if self.pending != 0 and self._fill_at_open(i, o[i]) != 0:
                    return WALK_STOPS
                if self.quantity != 0.0 and not self.is_bare:
                    # The account owes something: prices may ruin it after all.
                    if not l[i] > self._ruin():
                        return WALK_STOPS
                    self._extremes(l[i], h[i])
            elif tradable[i] and (self.quantity != 0.0 or self.pending != 0):
                if self._fill_bar(i, o[i], h[i], l[i]) != 0:
                    return WALK_STOPS
            # The close of an ordinary bar is looked at where it decides something.
            if not ordinary or attention[i] != 0 or (self.quantity != 0.0 and not self.is_bare):
                if c[i] == c[i]:
                    self.mark = c[i]
            if self.quantity == 0.0:
                if not self.cash > 0.0:
                    return WALK_STOPS
            elif not self.is_bare:
                if not self.cash + self.quantity * self.multiplier * self.mark > 0.0:
                    return WALK_STOPS
            if attention[i] != 0:
                if self._decide(i) != 0:
                    return WALK_STOPS
            self._record(i)
            i += 1
        if self.quantity == 0.0 and self.pending == 0:
            self._keep(i)
        self.bar = i
        return WALK_ENDS

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _next(
        self, attention: cython.p_uchar, i: cython.Py_ssize_t, until: cython.Py_ssize_t, buys: cython.int
    ) -> cython.Py_ssize_t:
        """The first bar from i on where a rule of that kind says yes; where rules are not read directly, any rule."""
        n: cython.Py_ssize_t
        found: cython.Py_ssize_t = until
        if not self.is_direct:
            return _first(attention, 1, i, until)
        for n in range(self.rule_count):
            if self.rules[n * P_WIDTH + P_BUYS] != buys:
                continue
            if self.upcoming[n] < i:
                slot: cython.Py_ssize_t = self.rules[n * P_WIDTH + P_CONDITION] - self.offset
                self.upcoming[n] = _first(self.truth_columns[slot], 2, i, until)
            if self.upcoming[n] < found:
                found = self.upcoming[n]
        return found

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _gap(self, began: cython.Py_ssize_t, i: cython.Py_ssize_t) -> cython.int:
        """From bar `began` to before bar i a unit was held and rules that buy were not heard."""
        k: cython.Py_ssize_t = 3 * self.gap_count
        if self.is_direct and i > began:
            self.gap_count += 1
            self.gap_cells[k] = began
            self.gap_cells[k + 1] = i
            self.gap_cells[k + 2] = self.quantity
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _warm(self, i: cython.Py_ssize_t, until: cython.Py_ssize_t) -> cython.int:
        """Look at the opens and closes ahead one after the other: the processor fetches what is read in order before it
        is asked for, and would be waited for at each bar on which rules act, which it cannot foresee."""
        total: cython.double = 0.0
        last: cython.Py_ssize_t = i + AHEAD if i + AHEAD < until else until
        self.warm = last
        if cython.compiled:
            while i < last:
                total += self.o[i] + self.c[i]
                i += LINE
        self.warmth = total
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _mark_before(self, i: cython.Py_ssize_t) -> cython.int:
        """The last valid close before bar i, of the bars that this walk passed over."""
        k: cython.Py_ssize_t = i - 1
        while k >= self.began:
            if self.c[k] == self.c[k]:
                self.mark = self.c[k]
                return 0
            k -= 1
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _record(self, i: cython.Py_ssize_t) -> cython.int:
        k: cython.Py_ssize_t
        if self.cash != self.last_cash:
            k = 2 * self.change_count
            self.change_count += 1
            self.change_cells[k] = i
            self.change_cells[k + 1] = self.cash
            self.last_cash = self.cash
        if self.quantity != self.recorded:
            k = 3 * self.holding_count
            self.holding_count += 1
            self.holding_cells[k] = 0.0
            self.holding_cells[k + 1] = i
            self.holding_cells[k + 2] = self.quantity
            self.recorded = self.quantity
        return 0

    # Fills

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _will_be_bare(self) -> cython.bint:
        """Whether the entry that waits brings a unit without exits, on ordinary bars."""
        return self.is_ordinary and self.stop_form == IN_NOTHING and self.target_form == IN_NOTHING

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill_at_open(self, i: cython.Py_ssize_t, o: cython.double) -> cython.int:
        """`_fill_bar` for a bare unit: the order that waits fills, and nothing else can happen."""
        self.at_open = 1.0
        if self.pending > 0:
            if self._enter(i, o) != 0:
                return 1
        elif self._leave(i, self._slipped(-1, o), o, self.order_rule, FOR_RULE, False, False, True) != 0:
            return 1
        self.pending = 0
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill_bar(self, i: cython.Py_ssize_t, o: cython.double, h: cython.double, l: cython.double) -> cython.int:
        """The law of `fills` for one long unit and one order at the market. 1: not known here."""
        lower: cython.double = -FAR if isnan(self.stop) else self.stop
        upper: cython.double = FAR if isnan(self.target) else self.target
        level: cython.double
        if self.cash < 0.0 and not l > self._ruin():
            return 1
        if self.pending == 0 and l > lower and h < upper:
            self._extremes(l, h)
            return 0
        self.path_low = o
        self.path_high = o
        self.at_open = 1.0
        if self.pending != 0:
            if not self.is_ordinary and self.open_ts[i] < self.placed_ts:
                return 1
            if self.pending > 0:
                if self._enter(i, o) != 0 or (self.cash < 0.0 and not l > self._ruin()):
                    return 1
            elif self._leave(i, self._slipped(-1, o), o, self.order_rule, FOR_RULE, False, False, True) != 0:
                return 1
            self.pending = 0
        if self.quantity == 0.0:
            return 0
        if i >= self.guarded_from:
            if o - self.stop <= 0.0:
                return self._leave(i, self._slipped(-1, o), o, self.unit_rule, FOR_STOP, False, False, False)
            if self._reaches(o):
                return self._leave(i, o, o, self.unit_rule, FOR_TARGET, True, False, False)
            self.at_open = 0.0
            # Down first, as long; then up.
            level = o if o < self.stop else self.stop
            if level - l >= 0.0:
                self.path_low = level if level < self.path_low else self.path_low
                return self._leave(
                    i, self._slipped(-1, level), level, self.unit_rule, FOR_STOP, False, self._reaches(h), False
                )
            self.path_low = l if l < self.path_low else self.path_low
            if self._reaches(h):
                self.path_high = self.target if self.target > self.path_high else self.path_high
                return self._leave(
                    i, self.target, self.target, self.unit_rule, FOR_TARGET, True, l - self.stop <= 0.0, False
                )
        self._extremes(l, h)
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _ruin(self) -> cython.double:
        """Above `Book.liquidation_price` by a hair. Who buys with all there is may owe the last bit of it."""
        if self.quantity == 0.0 or self.kept_margin <= 0.0:
            return FAR
        return -self.cash / (self.multiplier * self.quantity * self.kept_margin) * (1.0 + 1e-9)

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _extremes(self, l: cython.double, h: cython.double) -> cython.int:
        if l < self.unit_low:
            self.unit_low = l
        if h > self.unit_high:
            self.unit_high = h
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _reaches(self, price: cython.double) -> cython.bint:
        """`Walk._through` for the target of a long unit."""
        gap: cython.double = price - self.target
        if self.fills_on_touch or self.through_ticks <= 0.0:
            return gap >= 0.0
        if self.tick <= 0.0:
            return gap > 0.0
        return gap >= self.through_ticks * self.tick * (1.0 - 1e-6)

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _slipped(self, side: cython.int, price: cython.double) -> cython.double:
        moved: cython.double = price
        if self.slippage != 0.0:
            moved = price * (1.0 + side * self.slippage)
        if self.slippage_ticks != 0.0:
            moved += side * self.slippage_ticks * self.tick
        return moved if moved > 0.0 else 0.0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _fee(self, quantity: cython.double, notional: cython.double, rate: cython.double) -> cython.double:
        fee: cython.double = self.per_order + self.per_unit * quantity + rate * notional
        return fee if fee > self.fee_minimum else self.fee_minimum

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _order_fee(self, quantity: cython.double, notional: cython.double) -> cython.double:
        """`Book.order_commission` of an order filled at once: its terms in that order."""
        due: cython.double = self.per_order + self.per_unit * (0.0 + quantity) + (0.0 + self.rate * notional)
        return self.fee_minimum if due < self.fee_minimum else due

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _affordable(self, price: cython.double, free: cython.double, buffer: cython.double) -> cython.double:
        each: cython.double
        quantity: cython.double
        if self.per_unit == 0.0:
            each = price * self.multiplier * (1.0 + self.rate) * (1.0 + buffer)
        else:
            each = (price * self.multiplier * (1.0 + self.rate) + self.per_unit) * (1.0 + buffer)
        free -= self.per_order
        if free <= 0.0 or each <= 0.0:
            return 0.0
        quantity = free / each
        if quantity * each < self.fee_minimum + quantity * price * self.multiplier * 1.0:
            each = price * self.multiplier * 1.0 * (1.0 + buffer)
            free += self.per_order - self.fee_minimum
            quantity = free / each if free > 0.0 and each > 0.0 else 0.0
        return quantity

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _grid(self, x: cython.double, step: cython.double, inverse: cython.double, up: cython.bint) -> cython.double:
        """`market._on_grid`; x itself where there is no grid."""
        n: cython.double
        near: cython.double
        if step <= 0.0:
            return x
        n = floor(x / step + 0.5)
        near = n / inverse if inverse > 0.0 else n * step
        if fabs(near - x) <= 1e-7 * step:
            return near
        n = floor(x / step)
        if up:
            n += 1.0
        return n / inverse if inverse > 0.0 else n * step

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_below_minimum(self, quantity: cython.double, price: cython.double) -> cython.bint:
        return (
            quantity < self.min_quantity * (1.0 - 1e-12)
            or quantity * price * self.multiplier < self.min_notional * (1.0 - 1e-12)
        )  # fmt: skip

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _enter(self, i: cython.Py_ssize_t, o: cython.double) -> cython.int:
        """The entry fills at the open."""
        price: cython.double = self._slipped(1, o)
        quantity: cython.double = self.order_quantity
        most: cython.double
        each: cython.double
        notional: cython.double
        need: cython.double
        fee: cython.double
        slippage: cython.double
        stop: cython.double = NAN
        target: cython.double = NAN
        if self.size_by != BY_QUANTITY:
            # `size_at: fill`
            most = self._affordable(price, self.cash, self.cash_buffer)
            each = price * self.multiplier
            if each <= 0.0:
                return 1
            if self.size_by == BY_ALL:
                quantity = self._affordable(price, self.size_value * self.cash * 1.0, self.cash_buffer)
            elif self.size_by == BY_MONEY:
                quantity = self.size_value / each
            elif self.size_by == BY_EQUITY or self.size_by == BY_ALLOCATION or self.size_by == BY_CASH:
                quantity = self.size_value * self.cash / each
            quantity = self._grid(most if most < quantity else quantity, self.lot, self.lot_inverse, False)
            if quantity <= 0.0:
                return 1
        notional = quantity * price * self.multiplier
        need = notional * 1.0 + self._fee(quantity, notional, self.rate)
        if need > self.cash + 1e-9 * (need if need > 1.0 else 1.0):
            return 1
        fee = self._order_fee(quantity, notional)
        self.cash -= notional + fee
        slippage = (price - o) * quantity * self.multiplier
        self.commission_paid += fee
        self.slippage_paid += slippage
        self.traded += notional
        self.unit_id = self.next_trade
        self.next_trade += 1
        self.quantity = quantity
        self.entry = price
        self.entry_bar = i
        self.unit_fee = fee
        self.unit_slippage = slippage
        self.unit_rule = self.order_rule
        self.unit_tag = self.order_tag
        self.is_before_settle = self.order_before_settle
        self.unit_high = price
        self.unit_low = price
        self.guarded_from = i + 1 if self.guards_from_next else i
        self.last_fill = price
        self.last_unit_fill = price
        self._row_fill(i, 1, quantity, price, fee, slippage, self.order_id, self.unit_rule, FOR_ENTRY, False, False)
        self._row_event(i, FILLED, self.unit_rule, self.order_id, quantity, price, PLAIN, 0.0, 0.0)
        self.unit_r = NAN
        if self.stop_form != IN_NOTHING:
            if self.stop_form == IN_LEVEL:
                stop = self.stop_value
            else:
                stop = price - (self.stop_value if self.stop_form == IN_PRICE else self.stop_value * price)
            stop = self._grid(stop, self.tick, self.tick_inverse, False)
            self.unit_r = fabs(price - stop)
        if self.target_form != IN_NOTHING:
            if self.target_form == IN_LEVEL:
                target = self.target_value
            elif self.target_form == IN_PRICE:
                target = price + self.target_value
            elif self.target_form == IN_RATIO:
                target = price + self.target_value * price
            else:
                target = price + self.target_value * self.unit_r
            target = self._grid(target, self.tick, self.tick_inverse, True)
        self.stop = stop
        self.target = target
        self.is_bare = self._will_be_bare() and (self.cash >= 0.0 or self._ruin() < self.lowest)
        # A stop already behind the price acts at once: the general step's affair.
        return 1 if i >= self.guarded_from and o - stop <= 0.0 else 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _leave(
        self, i: cython.Py_ssize_t, price: cython.double, raw: cython.double, rule: cython.int, reason: cython.int,
        is_maker: cython.bint, is_ambiguous: cython.bint, is_order: cython.bint,
    ) -> cython.int:  # fmt: skip
        """The whole unit is sold: `Book.reduce` and `_close_piece` where nothing is left over."""
        available: cython.double = self.quantity
        sold: cython.double = self._grid(available, self.lot, self.lot_inverse, False)
        notional: cython.double
        fee: cython.double
        slippage: cython.double
        order: cython.longlong
        worst: cython.double = 0.0
        best: cython.double = 0.0
        k: cython.Py_ssize_t
        if sold <= 0.0 or self._is_below_minimum(sold, price) or available - sold > 1e-12 * available:
            return 1
        notional = sold * price * self.multiplier
        if is_order:
            fee = self._order_fee(sold, notional)
            order = self.order_id
        else:
            fee = self._fee(sold, notional, self.maker_rate if is_maker else self.rate)
            order = self.next_order
            self.next_order += 1
        slippage = (raw - price) * sold * self.multiplier
        self.cash += notional - fee
        self.commission_paid += fee
        self.slippage_paid += slippage
        self.traded += notional
        self._row_fill(i, -1, sold, price, fee, slippage, order, rule, reason, is_maker, is_ambiguous)
        # The piece is all of the unit: its share of the fee is fee * q / q.
        fee = fee * available / available
        slippage = slippage * available / available
        if self.is_bare:
            worst = NAN
            best = NAN
        else:
            if self.path_low < self.unit_low:
                self.unit_low = self.path_low
            if self.path_high > self.unit_high:
                self.unit_high = self.path_high
            if price < self.unit_low:
                self.unit_low = price
            if price > self.unit_high:
                self.unit_high = price
            if self.entry > 0.0:
                worst = (self.entry - self.unit_low) / self.entry
                best = (self.unit_high - self.entry) / self.entry
            worst = worst if worst > 0.0 else 0.0
            best = best if best > 0.0 else 0.0
        k = T_WIDTH * self.trade_count
        self.trade_count += 1
        row = self.trade_cells
        row[k + T_ID] = self.unit_id
        row[k + T_MARKET] = 0.0
        row[k + T_SIDE] = 1.0
        row[k + T_QUANTITY] = available
        row[k + T_ENTRY_BAR] = self.entry_bar
        row[k + T_ENTRY_DETAIL] = -1.0
        row[k + T_ENTRY_AT_OPEN] = 1.0
        row[k + T_ENTRY_PRICE] = self.entry
        row[k + T_EXIT_BAR] = i
        row[k + T_EXIT_DETAIL] = -1.0
        row[k + T_EXIT_AT_OPEN] = self.at_open
        row[k + T_EXIT_PRICE] = price
        row[k + T_PNL] = (price - self.entry) * available * self.multiplier - (fee + self.unit_fee) + 0.0 + 0.0
        row[k + T_COMMISSION] = fee + self.unit_fee
        row[k + T_SLIPPAGE] = slippage + self.unit_slippage
        row[k + T_CARRY] = 0.0
        row[k + T_ENTRY_RULE] = self.unit_rule
        row[k + T_EXIT_RULE] = rule
        row[k + T_REASON] = reason
        row[k + T_TAG] = self.unit_tag
        row[k + T_RISK] = self.unit_r * available * self.multiplier
        row[k + T_MAE] = worst
        row[k + T_MFE] = best
        row[k + T_BEFORE_SETTLE] = self.is_before_settle
        row[k + T_AMBIGUOUS] = is_ambiguous
        self.last_fill = price
        self.closed_bar = i
        self.quantity = 0.0
        self.is_bare = False
        self.stop = NAN
        self.target = NAN
        if is_order:
            self._row_event(i, FILLED, rule, order, sold, price, PLAIN, 0.0, 0.0)
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _row_fill(
        self, i: cython.Py_ssize_t, side: cython.int, quantity: cython.double, price: cython.double,
        fee: cython.double, slippage: cython.double, order: cython.longlong, rule: cython.int, reason: cython.int,
        is_maker: cython.bint, is_ambiguous: cython.bint,
    ) -> cython.int:  # fmt: skip
        k: cython.Py_ssize_t = F_WIDTH * self.fill_count
        self.fill_count += 1
        row = self.fill_cells
        row[k + F_INSTANT] = i
        row[k + F_MARKET] = 0.0
        row[k + F_BAR] = i
        row[k + F_DETAIL] = -1.0
        row[k + F_AT_OPEN] = self.at_open
        row[k + F_SIDE] = side
        row[k + F_QUANTITY] = quantity
        row[k + F_PRICE] = price
        row[k + F_COMMISSION] = fee
        row[k + F_SLIPPAGE] = slippage
        row[k + F_ORDER] = order
        row[k + F_RULE] = rule
        row[k + F_REASON] = reason
        row[k + F_MAKER] = is_maker
        row[k + F_AMBIGUOUS] = is_ambiguous
        if is_ambiguous:
            self.ambiguous += 1
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _row_event(
        self, i: cython.Py_ssize_t, kind: cython.int, rule: cython.int, order: cython.longlong,
        quantity: cython.double, price: cython.double, why: cython.int, a: cython.double, b: cython.double,
    ) -> cython.int:  # fmt: skip
        k: cython.Py_ssize_t = E_WIDTH * self.event_count
        self.event_count += 1
        row = self.event_cells
        row[k + E_INSTANT] = i
        row[k + E_MARKET] = 0.0
        row[k + E_BAR] = i
        row[k + E_KIND] = kind
        row[k + E_RULE] = rule
        row[k + E_ORDER] = order
        row[k + E_QUANTITY] = quantity
        row[k + E_PRICE] = price
        row[k + E_WHY] = why
        row[k + E_A] = a
        row[k + E_B] = b
        return 0

    # Decisions

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _value(self, slot: cython.Py_ssize_t, i: cython.Py_ssize_t) -> cython.double:
        """A series column at bar i, or a constant."""
        if slot < 0:
            return NAN
        if slot < self.offset or not self.has_series:
            return float(self.registers[slot])
        if self.is_truth[slot - self.offset]:
            return float(self.truth_columns[slot - self.offset][i])
        return float(self.numbers[slot - self.offset][i])

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _decide(self, i: cython.Py_ssize_t) -> cython.int:
        """`Decider.decide`: reductions of all rules, then increases. 1: not known here."""
        n: cython.Py_ssize_t
        k: cython.Py_ssize_t
        spec: cython.Py_ssize_t
        rule: cython.int
        acts: cython.bint = False
        blocks: cython.bint = False
        equity: cython.double = self.cash + (0.0 + self.quantity * self.multiplier * self.mark)
        if isnan(self.mark) or not equity > 0.0:
            return 1
        for n in range(self.rule_count):
            spec = n * P_WIDTH
            self.truths[n] = 0
            if self.rules[spec + P_TICK] >= 0 and self._value(self.rules[spec + P_TICK], i) != 2.0:
                continue
            if self._value(self.rules[spec + P_CONDITION], i) == 2.0:
                self.truths[n] = 1
                acts = True
                if not self.rules[spec + P_BUYS]:
                    blocks = True
        if not acts:
            return 0
        if blocks:
            if self.pending > 0:
                return 1
            for n in range(self.rule_count):
                spec = n * P_WIDTH
                if self.truths[n] and not self.rules[spec + P_BUYS] and self.quantity != 0.0 and self.pending == 0:
                    self.pending = -1
                    self.order_rule = self.rules[spec + P_RULE]
                    self._submit(i, self.quantity, self.quantity, False)
        for n in range(self.rule_count):
            spec = n * P_WIDTH
            if not self.truths[n] or not self.rules[spec + P_BUYS]:
                continue
            rule = self.rules[spec + P_RULE]
            if blocks:
                self._row_event(i, SUPPRESSED, rule, -1, NAN, NAN, WHY_REDUCTION, 0.0, 0.0)
                continue
            k = self._filtered(i)
            if k >= 0:
                self._row_event(i, FILTERED, rule, -1, NAN, NAN, WHY_FILTER, k, 0.0)
            elif self.quantity > 0.0:
                self._row_event(i, IGNORED, rule, -1, NAN, NAN, WHY_OPEN, self.quantity, 0.0)
            elif self.pending > 0:
                self._row_event(i, IGNORED, rule, -1, NAN, NAN, WHY_WORKING, self.order_id, 0.0)
            elif self._size(i, spec, equity) != 0:
                return 1
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _filtered(self, i: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """The first filter that does not hold; -1 when all do."""
        k: cython.Py_ssize_t
        for k in range(self.filter_count):
            if self._value(self.filters[k], i) != 2.0:
                return k
        return -1

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.cdivision(True)
    def _size(self, i: cython.Py_ssize_t, spec: cython.Py_ssize_t, equity: cython.double) -> cython.int:
        """Exits, amount, cash, lots and minimums of an entry, as `Decider._prepare` and `Sizer` do it."""
        reference: cython.double = self.mark
        each: cython.double = reference * self.multiplier
        kind: cython.int = self.rules[spec + P_AMOUNT]
        planned: cython.double = NAN
        risk: cython.double = NAN
        rates: cython.double
        amount: cython.double = 0.0
        quantity: cython.double
        asked: cython.double
        most: cython.double
        if self.quantity != 0.0 or not each > 0.0:
            return 1
        self.stop_form = self.rules[spec + P_STOP_FORM]
        self.target_form = self.rules[spec + P_TARGET_FORM]
        if self.stop_form != IN_NOTHING:
            self.stop_value = self._value(self.rules[spec + P_STOP_SLOT], i)
            if self.stop_form == IN_LEVEL:
                planned = reference - self.stop_value
            elif self.stop_form == IN_RATIO:
                planned = self.stop_value * reference
            else:
                planned = self.stop_value
            if not planned > 0.0:
                return 1
            rates = self.rate * reference
            rates += self.rate * (reference - planned)
            rates += self.slippage * (reference - planned)
            rates += self.slippage_ticks * self.tick
            rates += self.slippage * reference + self.slippage_ticks * self.tick
            risk = (planned + rates) * self.multiplier + 2.0 * self.per_unit
        if self.target_form != IN_NOTHING:
            self.target_value = self._value(self.rules[spec + P_TARGET_SLOT], i)
            if isnan(self.target_value) or (self.target_form != IN_LEVEL and not self.target_value > 0.0):
                return 1
        self.size_by = kind if self.sizes_at_fill else BY_QUANTITY
        self.size_value = 1.0
        if kind == BY_ALL:
            quantity = self._affordable(reference, equity * 1.0, self.order_buffer)
        else:
            amount = self._value(self.rules[spec + P_AMOUNT_SLOT], i)
            self.size_value = amount
            if kind == BY_QUANTITY:
                quantity = amount
            elif kind == BY_MONEY:
                quantity = amount / each
            elif kind == BY_CASH:
                quantity = amount * self.cash / each
            elif kind == BY_RISK:
                self.size_by = BY_QUANTITY
                if not risk > 0.0:
                    return 1
                quantity = amount * equity / risk
            else:
                quantity = amount * equity / each
        if not quantity > 0.0:
            return 1
        asked = quantity
        most = self._affordable(reference, self.cash, self.order_buffer)
        if not quantity <= most:
            if most <= 0.0:
                return 1
            quantity = most
        quantity = self._grid(quantity, self.lot, self.lot_inverse, False)
        if quantity <= 0.0 or self._is_below_minimum(quantity, reference):
            return 1
        self.pending = 1
        self.order_rule = self.rules[spec + P_RULE]
        self.order_tag = self.rules[spec + P_TAG]
        self.order_before_settle = i < self.settles
        self._submit(i, quantity, asked, True)
        return 0

    @cython.nogil
    @cython.cfunc
    @cython.exceptval(check=False)
    def _submit(
        self, i: cython.Py_ssize_t, quantity: cython.double, asked: cython.double, is_increase: cython.bint
    ) -> cython.int:
        self.order_id = self.next_order
        self.next_order += 1
        self.order_quantity = quantity
        if not self.is_ordinary:
            self.placed_ts = self.ts[i]
        if is_increase and asked - quantity > self.lot + 1e-9 * asked:
            self._row_event(i, SUBMITTED, self.order_rule, self.order_id, quantity, NAN, WHY_CUT, asked, quantity)
        else:
            self._row_event(i, SUBMITTED, self.order_rule, self.order_id, quantity, NAN, PLAIN, 0.0, 0.0)
        return 0


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _all_set(flags: cython.p_uchar, i: cython.Py_ssize_t, until: cython.Py_ssize_t) -> cython.bint:
    """Whether every flag is 1."""
    every: cython.int = 1
    while i < until:
        every &= flags[i]
        i += 1
    return every != 0


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _episodes(flags: cython.p_uchar, i: cython.Py_ssize_t, until: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """How often a flag is 1 after one that is not."""
    count: cython.Py_ssize_t = flags[i] if i < until else 0
    k: cython.Py_ssize_t
    last: cython.Py_ssize_t
    few: cython.uchar
    i += 1
    while i < until:
        # In bytes, which the processor adds many at a time.
        last = i + STRETCH if i + STRETCH < until else until
        few = 0
        for k in range(i, last):
            few += flags[k] & (1 - flags[k - 1])
        count += few
        i = last
    return count


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _first(
    flags: cython.p_uchar, value: cython.int, i: cython.Py_ssize_t, until: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    """The first index from i on where a flag has that value; `until` when there is none before."""
    if cython.compiled:
        if i >= until:
            return until
        start = cython.cast(cython.p_uchar, flags)
        found = cython.cast(cython.p_uchar, memchr(start + i, value, until - i))
        return until if found == cython.NULL else found - start
    while i < until and flags[i] != value:
        i += 1
    return i
