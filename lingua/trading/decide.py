# cython: language_level=3
# ruff: noqa: F403, SIM102 (compiled too: plain loops and comparisons become C; l is the low)
"""From the closed bar to orders: exits are moved up, then rules act.

For each traded symbol with a bar closing now: account values and series columns go into the registers, the program
runs, attached exits follow the close, and then reductions of all rules leave in source order, increases after them.
Everything refers to one equity snapshot (`begin`); cash is reserved as orders leave. An entry that is not sent leaves
an event with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, floor, isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.evaluator import Evaluator
        from cython.cimports.lingua.trading.limits import Limit, Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import ActionSpec, ExitSpec, GroupSpec, Options, RuleSpec
        from cython.cimports.lingua.trading.position import Exit, Position, Unit
        from cython.cimports.lingua.trading.rows import Rows
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        AT_LIMIT,
        AT_STOP,
        AT_STOP_LIMIT,
        BELOW_MINIMUM,
        BUY,
        BY_ALL,
        BY_ALLOCATION,
        BY_CASH,
        BY_EQUITY,
        BY_MONEY,
        BY_POSITION,
        BY_QUANTITY,
        BY_RISK,
        CANCEL,
        CANCELED,
        CLOSE,
        COVER,
        DENIED,
        EXPIRE_EXIT,
        FILTERED,
        FOR_ENTRY,
        FOR_EXPIRE,
        FOR_FLATTEN,
        FOR_REBALANCE,
        FOR_REVERSAL,
        FOR_RULE,
        HALTED,
        IGNORED,
        IN_LEVEL,
        IN_NOTHING,
        IN_PRICE,
        IN_RATIO,
        LAST_BARS,
        LAST_SESSIONS,
        LIFE_BARS,
        LIFE_GTC,
        LIFE_SECONDS,
        MAX_HOLDING,
        NA_VALUE,
        NOT_READY,
        PLAIN,
        SELL,
        SHORT,
        SPENT,
        STOP_EXIT,
        SUBMITTED,
        SUPPRESSED,
        TARGET,
        TARGET_EXIT,
        TRAIL_EXIT,
        WHY_AMOUNT_NA,
        WHY_BORROWED_SIDE,
        WHY_CUT,
        WHY_DIRECTION,
        WHY_EXIT_NA,
        WHY_FILTER,
        WHY_GAP,
        WHY_HALT,
        WHY_LEG,
        WHY_LIMIT,
        WHY_LOT,
        WHY_MINIMUM,
        WHY_NEGATIVE,
        WHY_NO_CASH,
        WHY_ONCE,
        WHY_OPEN,
        WHY_OPPOSITE,
        WHY_PRICE_NA,
        WHY_PYRAMID_FULL,
        WHY_PYRAMID_STEP,
        WHY_REBALANCE,
        WHY_REDUCTION,
        WHY_REPLACED,
        WHY_STOP_SIDE,
        WHY_WARMUP,
        WHY_WITHDRAWN,
        WHY_WORKING,
        WRONG_SIDE,
        ZERO_ROUNDED,
    )  # fmt: skip
    from lingua.trading.evaluator import Evaluator
    from lingua.trading.limits import Limit, Limits
    from lingua.trading.market import Market
    from lingua.trading.plan import ActionSpec, ExitSpec, GroupSpec, Options, RuleSpec
    from lingua.trading.position import Exit, Position, Unit
    from lingua.trading.rows import Rows
    from lingua.trading.shim import fabs, floor, isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
DAY_NS: int = cython.declare(cython.longlong, 86_400_000_000_000)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Decider:
    """`starts[s]` is the first bar on which the rules of symbol s act, `settles[s]` the one before which its entries
    are marked. `episodes` and `spent` hold, for each symbol and rule, what `once` remembers."""

    def __init__(
        self, book: Book, limits: Limits, evaluators: list[Evaluator], rules: list[RuleSpec], filters: list[int],
        starts: list[int], settles: list[int], watch: list[int],
    ) -> None:  # fmt: skip
        self.book = book
        self.options = book.options
        self.limits = limits
        self.evaluators = evaluators
        self.rules = rules
        self.filters = filters
        self.symbols = len(evaluators)
        self.starts = starts
        self.settles = settles
        self.fired = Rows(3)
        self.watch = watch
        self.watched = Rows(2 + len(watch))
        self.episodes: list[list[int]] = [[0] * len(rules) for _ in evaluators]
        self.spent: list[list[int]] = [[0] * len(rules) for _ in evaluators]
        self.next_either = 0
        self.has_once = any(rule.is_once for rule in rules)
        self.equity = book.capital
        self.cash = book.capital
        self.ts = 0
        self.symbol = 0
        self.is_settled = False
        self.gap = 0.0
        self.evaluator: Evaluator = evaluators[0]
        self.blocks_long: list[int] = [0] * len(book.markets)
        self.blocks_short: list[int] = [0] * len(book.markets)

    @cython.cfunc
    def begin(self, ts: cython.longlong) -> cython.int:
        """Take the snapshot all symbols of this instant are sized on."""
        self.ts = ts
        self.equity = self.book.equity()
        self.cash = self.book.free_cash() - self.book.reserved()
        return 0

    @cython.cfunc
    def decide(self, symbol: cython.int, is_loaded: cython.bint, gap: cython.double) -> cython.int:
        """Evaluate one traded symbol at its closed bar. `is_loaded`: the series values already stand in the file."""
        rule: RuleSpec
        group: GroupSpec | None
        action: ActionSpec
        market: Market = self.book.markets[symbol]
        evaluator: Evaluator = self.evaluators[symbol]
        k: cython.Py_ssize_t
        n: cython.Py_ssize_t = len(self.rules)
        is_ready: cython.bint
        active: list[GroupSpec | None]
        acts: cython.bint = False
        self.symbol = symbol
        self.evaluator = evaluator
        self.gap = gap
        if not is_loaded:
            evaluator.load(market.bar)
        self._load_account(symbol, evaluator)
        evaluator.run()
        is_ready = market.bar >= self.starts[symbol]
        self.is_settled = market.bar >= self.settles[symbol]
        if self.watch:
            self._note_watched(symbol, market, evaluator)
        self._follow(symbol)
        if isnan(market.mark):
            return 0
        active = []
        for k in range(n):
            rule = self.rules[k]
            group = self._active(symbol, rule)
            if group is not None and not is_ready:
                for action in group.actions:
                    if action.verb == BUY or action.verb == SHORT or action.verb == TARGET:
                        self._refuse(NOT_READY, rule, self._market(action), NAN, WHY_WARMUP, self.starts[symbol], 0.0)
                group = None
            if group is not None:
                acts = True
            active.append(group)
        if not acts:
            return 0
        for k in range(len(self.blocks_long)):
            self.blocks_long[k] = 0
            self.blocks_short[k] = 0
        for k in range(n):
            group = active[k]
            if group is not None:
                self._note_blocks(group)
        for k in range(n):
            group = active[k]
            if group is not None and not (group.is_atomic and (group.increases or group.targets)):
                self._reductions(self.rules[k], group)
        for k in range(n):
            group = active[k]
            if group is not None and (group.increases or group.targets):
                self._increases(self.rules[k], group)
        return 0

    @cython.cfunc
    def _note_watched(self, symbol: cython.int, market: Market, evaluator: Evaluator) -> cython.int:
        """A row (symbol, bar, values) of the registers that somebody asked to see."""
        k: cython.Py_ssize_t = self.watched.add()
        n: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        self.watched.cells[k] = symbol
        self.watched.cells[k + 1] = market.bar
        for n in range(len(self.watch)):
            slot = self.watch[n]
            self.watched.cells[k + 2 + n] = evaluator.value(slot)
        return 0

    @cython.cfunc
    def follow(self, symbol: cython.int) -> cython.int:
        """A bar on which no rule can act: only exits that look at closes are moved."""
        position: Position
        market: Market = self.book.markets[symbol]
        evaluator: Evaluator
        for position in self.book.positions:
            if position.units and (position.needs_close or self.limits.has_holding):
                evaluator = self.evaluators[symbol]
                self.symbol = symbol
                self.evaluator = evaluator
                evaluator.load(market.bar)
                self._load_account(symbol, evaluator)
                evaluator.run()
                self._follow(symbol)
                break
        return 0

    @cython.cfunc
    def _load_account(self, symbol: cython.int, evaluator: Evaluator) -> cython.int:
        """The registers of `opcodes.ACCOUNT` and, for each leg, `opcodes.LEG`."""
        book: Book = self.book
        market: Market = book.markets[symbol]
        position: Position = book.positions[symbol]
        r = evaluator.registers
        k: cython.Py_ssize_t
        value: cython.double = position.quantity * market.multiplier
        r[0] = position.quantity
        r[1] = position.entry
        r[2] = 0.0
        r[5] = 0.0
        r[6] = NAN
        if position.quantity != 0.0:
            r[2] = value * market.mark / self.equity if self.equity > 0.0 else NAN
            r[5] = value * (market.mark - position.entry)
            r[6] = market.bar - position.first().entry_bar
        r[3] = self.equity
        r[4] = self.cash
        r[7] = position.last_fill
        r[8] = self.equity / self.symbols
        for k in range(self.symbols, len(book.markets)):
            market = book.markets[k]
            position = book.positions[k]
            r[9 + 3 * (k - self.symbols)] = position.quantity
            r[10 + 3 * (k - self.symbols)] = position.entry
            r[11 + 3 * (k - self.symbols)] = (
                0.0
                if position.quantity == 0.0
                else position.quantity * market.multiplier * (market.mark - position.entry)
            )
        return 0

    # Attached exits at the close

    @cython.cfunc
    def _follow(self, symbol: cython.int) -> cython.int:
        """Move the exits of the units that this symbol's rules opened, here and on legs."""
        book: Book = self.book
        position: Position
        unit: Unit
        for position in book.positions:
            if not position.units or not (position.needs_close or self.limits.has_holding):
                continue
            for unit in position.units:
                if unit.owner == symbol:
                    self._follow_unit(book.markets[position.market], position, unit)
            position.bounds()
        return 0

    @cython.cfunc
    def _follow_unit(self, market: Market, position: Position, unit: Unit) -> cython.int:
        e: Exit
        spec: ExitSpec
        limit: Limit
        level: cython.double
        step: cython.double
        for e in unit.exits:
            if e.is_done:
                continue
            spec = e.spec
            if spec.kind == EXPIRE_EXIT:
                if self._is_over(market, unit, spec.life, e.life):
                    self._leave(market, unit, FOR_EXPIRE)
                continue
            if not e.is_armed and spec.after_form != IN_NOTHING:
                # Armed by a later bar's favourable extreme, in force from the next bar.
                if not ((unit.reach - e.after_level) * unit.side >= 0.0):
                    continue
                level = NAN
                if spec.is_entry:
                    level = unit.entry
                elif spec.form == IN_LEVEL:
                    level = self.evaluator.value(spec.slot) if spec.is_late else e.value
                elif spec.kind != TRAIL_EXIT:
                    step = unit.distance(spec.form, e.value)
                    level = unit.entry + (step if spec.kind == TARGET_EXIT else -step) * unit.side
                if spec.kind != TRAIL_EXIT:
                    if isnan(level):
                        continue
                    e.level = market.passive(level, -unit.side if spec.kind == TARGET_EXIT else unit.side)
                e.is_armed = True
            elif not e.is_armed:
                # The level reads fills: the first valid value at a close stands.
                level = unit.entry if spec.is_entry else self.evaluator.value(spec.slot)
                if isnan(level):
                    continue
                if spec.form != IN_LEVEL:
                    step = unit.distance(spec.form, level)
                    level = unit.entry + (step if spec.kind == TARGET_EXIT else -step) * unit.side
                e.level = market.passive(level, -unit.side if spec.kind == TARGET_EXIT else unit.side)
                e.is_armed = True
            if spec.kind == TRAIL_EXIT:
                if spec.form == IN_LEVEL:
                    level = e.value if spec.is_fixed else self.evaluator.value(spec.slot)
                else:
                    step = unit.distance(spec.form, e.value if spec.is_fixed else self.evaluator.value(spec.slot))
                    level = (unit.high if unit.side > 0 else unit.low) - unit.side * step
                if not isnan(level):
                    level = market.passive(level, unit.side)
                    if isnan(e.level) or (level - e.level) * unit.side > 0.0:
                        e.level = level
        unit.refresh()
        if self.limits.has_holding:
            for limit in self.limits.limits:
                if limit.spec.kind == MAX_HOLDING:
                    if limit.spec.unit == LAST_BARS:
                        if self._is_over(market, unit, LIFE_BARS, limit.spec.value):
                            self._leave(market, unit, FOR_FLATTEN)
                    elif limit.spec.unit == LAST_SESSIONS:
                        if self._is_over(market, unit, LIFE_SECONDS, limit.spec.value * 86_400.0):
                            self._leave(market, unit, FOR_FLATTEN)
                    elif self._is_over(market, unit, LIFE_SECONDS, limit.spec.value):
                        self._leave(market, unit, FOR_FLATTEN)
        return 0

    @cython.cfunc
    def _is_over(self, market: Market, unit: Unit, life: cython.int, length: cython.double) -> cython.bint:
        """Whether the unit has been held so long: bars count the entry bar; whole days are sessions."""
        sessions: cython.double
        ts: cython.longlong = market.ts[market.bar]
        if life == LIFE_BARS:
            return market.bar - unit.entry_bar + 1 >= length
        sessions = floor(length / 86_400.0)
        if sessions >= 1.0 and sessions * 86_400.0 == length:
            passed: cython.longlong = market.session[market.bar] - unit.entry_session
            if market.is_daily:
                return passed + 1 >= sessions
            return passed > sessions or (passed == sessions and ts % DAY_NS >= unit.entry_ts % DAY_NS)
        return ts - unit.entry_ts >= length * 1e9

    @cython.cfunc
    def _leave(self, market: Market, unit: Unit, reason: cython.int) -> cython.int:
        """Close one unit at the market."""
        order: Order
        if unit.is_leaving:
            return 0
        unit.is_leaving = True
        order = Order(market.index, self.symbol, -unit.side, unit.rule)
        order.quantity = unit.quantity
        order.reason = reason
        order.unit = unit.id
        self._submit(order)
        return 0

    @cython.cfunc
    def flatten(self) -> cython.int:
        """Withdraw every entry and close every position at the market."""
        book: Book = self.book
        market: Market
        position: Position
        order: Order
        rest: cython.double
        for market in book.markets:
            book.withdraw(market.index, 0, WHY_WITHDRAWN)
            position = book.positions[market.index]
            rest = fabs(position.quantity) - self._pending(market.index)
            if position.quantity != 0.0 and rest > 1e-12 * fabs(position.quantity):
                order = Order(market.index, 0, -1 if position.quantity > 0.0 else 1, -1)
                order.quantity = rest
                order.reason = FOR_FLATTEN
                self._submit(order)
        return 0

    @cython.cfunc
    def withdraw_all(self) -> cython.int:
        """A halt: working entries go, exits and protection stay."""
        market: Market
        for market in self.book.markets:
            if self.book.orders[market.index]:
                self.book.withdraw(market.index, 0, WHY_WITHDRAWN)
        return 0

    # Which rules act

    @cython.cfunc
    def _active(self, symbol: cython.int, rule: RuleSpec) -> GroupSpec | None:
        """The group that this rule carries out now, or None. Keeps the episodes of `once`."""
        evaluator: Evaluator = self.evaluator
        truth: cython.double
        k: cython.Py_ssize_t
        if rule.tick >= 0 and evaluator.value(rule.tick) != 2.0:
            return None
        truth = evaluator.value(rule.condition)
        if rule.is_once:
            if truth == 0.0:
                self.episodes[symbol][rule.index] = 0
                self.spent[symbol][rule.index] = 0
            elif truth == 2.0:
                self._note_episode(symbol, rule)
        if truth == 2.0:
            book: Book = self.book
            market: Market = book.markets[symbol]
            if market.bar >= self.starts[symbol]:
                k = self.fired.add()
                self.fired.cells[k] = book.instant
                self.fired.cells[k + 1] = rule.index
                self.fired.cells[k + 2] = symbol
            return rule.group
        if truth == 0.0:
            return rule.otherwise
        return None

    @cython.cfunc
    def _note_episode(self, symbol: cython.int, rule: RuleSpec) -> cython.int:
        """Inside an episode: it is spent once an order of the rule was accepted (2 until the next bar, so that the
        second half of a reversal still leaves), or once a position of its side existed."""
        action: ActionSpec
        position: Position
        self.episodes[symbol][rule.index] = 1
        if self.spent[symbol][rule.index] == 2:
            self.spent[symbol][rule.index] = 1
        for action in rule.group.actions:
            position = self.book.positions[self._market(action).index]
            if action.verb == BUY and (position.quantity > 0.0 or position.was_long):
                self.spent[symbol][rule.index] = 1
            if action.verb == SHORT and (position.quantity < 0.0 or position.was_short):
                self.spent[symbol][rule.index] = 1
        return 0

    @cython.cfunc
    def _is_spent(self, rule: RuleSpec) -> cython.bint:
        return rule.is_once and self.spent[self.symbol][rule.index] == 1

    @cython.cfunc
    def _market(self, action: ActionSpec) -> Market:
        market: Market = self.book.markets[self.symbol if action.market < 0 else action.market]
        return market

    @cython.cfunc
    def _note_blocks(self, group: GroupSpec) -> cython.int:
        """A true sell suppresses buy, a true cover short, a true close both; target counts as close towards zero."""
        action: ActionSpec
        market: cython.int
        held: cython.double
        wanted: cython.double
        position: Position
        for action in group.actions:
            market = self._market(action).index
            if action.verb == SELL or action.verb == CLOSE:
                self.blocks_long[market] = 1
            if action.verb == COVER or action.verb == CLOSE:
                self.blocks_short[market] = 1
            if action.verb == TARGET:
                position = self.book.positions[market]
                held = position.quantity
                wanted = self._wanted(action)
                if isnan(wanted):
                    continue
                if wanted * held < 0.0:
                    # Through zero is a reversal: the old side alone is suppressed.
                    if held > 0.0:
                        self.blocks_long[market] = 1
                    else:
                        self.blocks_short[market] = 1
                elif wanted == 0.0 or fabs(wanted) < fabs(held):
                    self.blocks_long[market] = 1
                    self.blocks_short[market] = 1
        return 0

    # Reductions

    @cython.cfunc
    def _reductions(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        action: ActionSpec
        either: cython.longlong = -1
        if self._is_spent(rule):
            return 0
        if group.is_either:
            either = self.next_either
            self.next_either += 1
        for action in group.actions:
            if action.verb == SELL or action.verb == COVER or action.verb == CLOSE:
                self._reduce(rule, action, either)
            elif action.verb == CANCEL:
                self._cancel(rule, action)
            elif action.verb == TARGET:
                self._target_down(rule, action)
        return 0

    @cython.cfunc
    def _pending(self, market: cython.int) -> cython.double:
        """What market orders already on their way will close."""
        order: Order
        total: cython.double = 0.0
        for order in self.book.orders[market]:
            if not order.is_increase and not order.is_done and not order.is_priced():
                total += order.quantity
        return total

    @cython.cfunc
    def _reduce(self, rule: RuleSpec, action: ActionSpec, either: cython.longlong) -> cython.int:
        market: Market = self._market(action)
        position: Position = self.book.positions[market.index]
        held: cython.double = position.quantity
        amount: cython.double
        quantity: cython.double
        side: cython.int = 1 if action.verb == SELL else (-1 if action.verb == COVER else 0)
        self.book.withdraw(market.index, side, WHY_WITHDRAWN)
        if held == 0.0 or (side != 0 and held * side < 0.0):
            return 0
        if action.amount == BY_ALL:
            quantity = fabs(held)
        else:
            amount = self.evaluator.value(action.amount_slot)
            if action.verb == CLOSE and amount < 0.0:
                amount = -amount
            if isnan(amount):
                self._refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
                return 0
            if amount <= 0.0:
                self._refuse(ZERO_ROUNDED, rule, market, amount, WHY_NEGATIVE, amount, 0.0)
                return 0
            if action.amount == BY_POSITION:
                quantity = amount * fabs(held)
            elif action.amount == BY_QUANTITY:
                quantity = amount
            elif action.amount == BY_EQUITY:
                quantity = amount * self.equity / (market.mark * market.multiplier)
            elif action.amount == BY_CASH:
                quantity = amount * self.cash / (market.mark * market.multiplier)
            elif action.amount == BY_ALLOCATION:
                quantity = amount * self.equity / self.symbols / (market.mark * market.multiplier)
            else:
                quantity = amount / (market.mark * market.multiplier)
        self._send_reduction(rule, action, market, quantity, FOR_RULE, either)
        return 0

    @cython.cfunc
    def _send_reduction(
        self, rule: RuleSpec, action: ActionSpec, market: Market, quantity: cython.double, reason: cython.int,
        either: cython.longlong,
    ) -> cython.int:  # fmt: skip
        book: Book = self.book
        position: Position = book.positions[market.index]
        order: Order
        other: Order
        held: cython.double = fabs(position.quantity)
        available: cython.double = held - self._pending(market.index)
        rest: cython.double
        if available <= 1e-12 * held:
            return 0
        order = Order(market.index, self.symbol, -1 if position.quantity > 0.0 else 1, rule.index)
        order.kind = action.kind
        order.reason = reason
        order.tag = action.tag
        order.either = either
        if self._price(order, action, market) != 0:
            self._refuse(NA_VALUE, rule, market, quantity, WHY_PRICE_NA, 0.0, 0.0)
            return 0
        if quantity >= available * (1.0 - 1e-12):
            quantity = available
        else:
            rest = market.lots(quantity)
            if rest <= 0.0:
                self._refuse(ZERO_ROUNDED, rule, market, quantity, WHY_LOT, quantity, market.lot)
                return 0
            quantity = rest
            rest = held - quantity
            if market.lots(rest) <= 0.0 or market.is_below_minimum(rest, market.mark):
                # A partial exit that would leave dust closes everything.
                quantity = available
            elif market.is_below_minimum(quantity, market.mark):
                self._refuse(
                    BELOW_MINIMUM, rule, market, quantity, WHY_MINIMUM, quantity,
                    quantity * market.mark * market.multiplier,
                )  # fmt: skip
                return 0
        order.quantity = quantity
        if self._live(order, action) != 0:
            self._refuse(NA_VALUE, rule, market, quantity, WHY_PRICE_NA, 0.0, 0.0)
            return 0
        if order.is_priced():
            for other in book.orders[market.index]:
                if not other.is_increase and other.is_priced() and other.rule == rule.index and not other.is_done:
                    if other.unit < 0 and (either < 0 or other.either != either):
                        book.cancel(other, CANCELED, WHY_REPLACED)
            book.sweep(market.index)
        self._submit(order)
        if rule.is_once:
            self.spent[self.symbol][rule.index] = 2
        return 0

    @cython.cfunc
    def _cancel(self, rule: RuleSpec, action: ActionSpec) -> cython.int:
        market: Market = self._market(action)
        order: Order
        for order in self.book.orders[market.index]:
            if order.is_increase or (order.is_priced() and order.unit < 0):
                if action.cancel_rule < 0 or order.rule == action.cancel_rule:
                    self.book.cancel(order, CANCELED, PLAIN)
        self.book.sweep(market.index)
        return 0

    # target

    @cython.cfunc
    def _wanted(self, action: ActionSpec) -> cython.double:
        """The signed quantity that a target asks for, in whole lots towards zero; NaN when it has no value."""
        market: Market = self._market(action)
        amount: cython.double = self.evaluator.value(action.amount_slot)
        each: cython.double = market.mark * market.multiplier
        quantity: cython.double
        if action.amount == BY_QUANTITY:
            quantity = amount
        elif action.amount == BY_MONEY:
            quantity = amount / each
        elif action.amount == BY_CASH:
            quantity = amount * self.cash / each
        elif action.amount == BY_ALLOCATION:
            quantity = amount * self.equity / self.symbols / each
        else:
            quantity = amount * self.equity / each
        if isnan(quantity):
            return NAN
        return market.lots(quantity) if quantity >= 0.0 else -market.lots(-quantity)

    @cython.cfunc
    def _is_small(self, rule: RuleSpec, market: Market, change: cython.double) -> cython.bint:
        """Whether a change is below one lot, the minimum notional or the rebalance threshold."""
        bound: cython.double = self.options.rebalance * self.equity
        money: cython.double = change * market.mark * market.multiplier
        if market.min_notional > bound:
            bound = market.min_notional
        if market.lots(change) > 0.0 and money >= bound * (1.0 - 1e-12) and money > 0.0:
            return False
        if change > 0.0:
            self._refuse(IGNORED, rule, market, change, WHY_REBALANCE, money, bound)
        return True

    @cython.cfunc
    def _target_down(self, rule: RuleSpec, action: ActionSpec) -> cython.int:
        """The part of a target that goes towards zero."""
        market: Market = self._market(action)
        position: Position = self.book.positions[market.index]
        held: cython.double = position.quantity
        wanted: cython.double = self._wanted(action)
        if isnan(wanted):
            self._refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
            return 0
        self.book.withdraw(market.index, 0, WHY_WITHDRAWN)
        if held == 0.0:
            return 0
        if wanted == 0.0:
            self._send_reduction(rule, action, market, fabs(held), FOR_RULE, -1)
        elif wanted * held < 0.0:
            self._send_reduction(rule, action, market, fabs(held), FOR_REVERSAL, -1)
        elif fabs(wanted) < fabs(held) and not self._is_small(rule, market, fabs(held) - fabs(wanted)):
            self._send_reduction(rule, action, market, fabs(held) - fabs(wanted), FOR_REBALANCE, -1)
        return 0

    @cython.cfunc
    def _target_up(self, rule: RuleSpec, action: ActionSpec, in_group: cython.bint) -> Order | None:
        """The part of a target that goes away from zero, as an order not yet sent."""
        market: Market = self._market(action)
        position: Position = self.book.positions[market.index]
        order: Order | None
        held: cython.double = position.quantity
        wanted: cython.double = self._wanted(action)
        change: cython.double
        side: cython.int
        if isnan(wanted) or wanted == 0.0:
            return None
        side = 1 if wanted > 0.0 else -1
        change = fabs(wanted)
        if held * side > 0.0:
            change = fabs(wanted) - fabs(held)
            if change <= 0.0:
                return None
        if held * side >= 0.0 and self._is_small(rule, market, change):
            return None
        order = self._prepare(rule, action, market, side, change, -1, in_group)
        if order is not None:
            order.is_target = True
            if held * side > 0.0:
                order.reason = FOR_REBALANCE
            elif held != 0.0:
                order.reason = FOR_REVERSAL
        return order

    # Increases

    @cython.cfunc
    def _increases(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        """Prepare the orders of one group, fit them to limits and cash together, and send them."""
        book: Book = self.book
        action: ActionSpec
        order: Order | None
        other: Order
        market: Market
        orders: list[Order] = []
        passed: list[Order]
        either: cython.longlong = -1
        share: cython.double
        free: cython.double
        need: cython.double
        largest: cython.double
        refused: cython.bint = False
        expected: cython.int = 0
        if group.is_either:
            either = self.next_either
            self.next_either += 1
        for action in group.actions:
            if action.verb == BUY or action.verb == SHORT:
                expected += 1
                order = self._increase(rule, action, either, group.is_atomic)
            elif action.verb == TARGET:
                order = self._target_up(rule, action, group.is_atomic)
                if order is None and group.is_atomic and isnan(self._wanted(action)):
                    refused = True
            else:
                continue
            if order is not None:
                orders.append(order)
            elif action.verb != TARGET:
                refused = True
            if refused and group.is_atomic:
                break
        if group.is_atomic and refused:
            for other in orders:
                self._refuse(IGNORED, rule, book.markets[other.market], other.quantity, WHY_LEG, 0.0, 0.0)
            return 0
        if group.is_atomic:
            if orders:
                if not self._fit_limits(orders, rule):
                    return 0
                # One factor for all legs, so that their proportion stays.
                free = book.free_cash() - book.reserved()
                need = 0.0
                for other in orders:
                    market = book.markets[other.market]
                    free += self._released(market, other.side)
                    need += (
                        other.quantity
                        * book.unit_cost(market, self._reference(other, market))
                        * (1.0 + self._buffer(other))
                        + self.options.commission_per_order
                    )
                if need > free * (1.0 + 1e-12):
                    share = free / need if free > 0.0 else 0.0
                    for other in orders:
                        other.quantity *= share
                for other in orders:
                    if not self._finish(other):
                        refused = True
                        break
                if refused:
                    for other in orders:
                        self._refuse(IGNORED, rule, book.markets[other.market], other.quantity, WHY_LEG, 0.0, 0.0)
                    return 0
            for action in group.actions:
                if action.verb == SELL or action.verb == COVER or action.verb == CLOSE:
                    self._reduce(rule, action, -1)
                elif action.verb == CANCEL:
                    self._cancel(rule, action)
                elif action.verb == TARGET:
                    self._target_down(rule, action)
            for other in orders:
                self._submit(other)
        else:
            passed = []
            for other in orders:
                market = book.markets[other.market]
                if other.either >= 0:
                    # Alternatives are asked about as if alone: only one of them will fill.
                    free = book.free_cash() - book.reserved()
                    for order in passed:
                        if order is not None:
                            free += order.reserve + order.reserve_each * order.quantity
                else:
                    free = book.free_cash() - book.reserved()
                free += self._released(market, other.side)
                if not self._fit_limits([other], rule):
                    continue
                if not self._fit_cash(other, market, free) or not self._finish(other):
                    continue
                self._submit(other)
                passed.append(other)
            if len(passed) > 1:
                # Together they keep what the dearest keeps.
                largest = 0.0
                for other in passed:
                    need = other.reserve + other.reserve_each * other.quantity
                    if need > largest:
                        largest = need
                for other in passed:
                    other.reserve = 0.0
                    other.reserve_each = 0.0
                (passed[0]).reserve = largest
            orders = passed
        if orders and rule.is_once:
            self.spent[self.symbol][rule.index] = 2
        return 0

    @cython.cfunc
    def _increase(
        self, rule: RuleSpec, action: ActionSpec, either: cython.longlong, in_group: cython.bint
    ) -> Order | None:
        return self._prepare(rule, action, self._market(action), 1 if action.verb == BUY else -1, NAN, either, in_group)

    @cython.cfunc
    def _prepare(
        self, rule: RuleSpec, action: ActionSpec, market: Market, side: cython.int, quantity: cython.double,
        either: cython.longlong, in_group: cython.bint,
    ) -> Order | None:  # fmt: skip
        """One increase, sized but not yet fitted to limits and cash; None (with its event) when it may not be sent.

        `quantity` NaN sizes by the action's amount; a number is what a target still lacks.
        """
        position: Position = self.book.positions[market.index]
        order: Order
        reference: cython.double
        status: cython.int
        if self._is_spent(rule):
            self._refuse(SPENT, rule, market, NAN, WHY_ONCE, 0.0, 0.0)
            return None
        if self._is_barred(rule, market, side):
            return None
        if action.verb != TARGET and self._is_taken(rule, market, position, side, either):
            return None
        order = Order(market.index, self.symbol, side, rule.index)
        order.is_increase = True
        order.kind = action.kind
        order.reason = FOR_ENTRY
        order.tag = action.tag
        order.either = either
        order.is_before_settle = not self.is_settled
        if self._price(order, action, market) != 0 or self._live(order, action) != 0:
            self._refuse(NA_VALUE, rule, market, NAN, WHY_PRICE_NA, 0.0, 0.0)
            return None
        reference = self._reference(order, market)
        status = self._attach(order, action, market, reference)
        if status == 1:
            self._refuse(NA_VALUE, rule, market, NAN, WHY_EXIT_NA, 0.0, 0.0)
            return None
        if status == 2:
            self._refuse(WRONG_SIDE, rule, market, NAN, WHY_STOP_SIDE, order.size_value, reference)
            return None
        order.quantity = quantity if not isnan(quantity) else self._amount(order, action, market, reference)
        if isnan(order.quantity):
            self._refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
            return None
        if order.quantity <= 0.0:
            self._refuse(ZERO_ROUNDED, rule, market, order.quantity, WHY_NEGATIVE, order.quantity, 0.0)
            return None
        if in_group or not isnan(quantity):
            order.size_by = BY_QUANTITY
        order.asked = order.quantity
        return order

    @cython.cfunc
    def _is_barred(self, rule: RuleSpec, market: Market, side: cython.int) -> cython.bint:
        """Whether something forbids any increase of this side now; the event says what."""
        k: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        halted: cython.int
        if self.options.direction * side < 0:
            self._refuse(DENIED, rule, market, NAN, WHY_DIRECTION, 0.0, 0.0)
            return True
        if side < 0 and not market.may_short:
            self._refuse(DENIED, rule, market, NAN, WHY_BORROWED_SIDE, 0.0, 0.0)
            return True
        halted = self.limits.halted_by()
        if halted >= 0:
            self._refuse(HALTED, rule, market, NAN, WHY_HALT, halted, 0.0)
            return True
        if (self.blocks_long if side > 0 else self.blocks_short)[market.index]:
            self._refuse(SUPPRESSED, rule, market, NAN, WHY_REDUCTION, 0.0, 0.0)
            return True
        for k in range(len(self.filters)):
            slot = self.filters[k]
            if self.evaluator.value(slot) != 2.0:
                self._refuse(FILTERED, rule, market, NAN, WHY_FILTER, k, 0.0)
                return True
        if self.gap > self.options.max_gap:
            self._refuse(DENIED, rule, market, NAN, WHY_GAP, self.gap, self.options.max_gap)
            return True
        if isnan(market.mark):
            self._refuse(NA_VALUE, rule, market, NAN, WHY_PRICE_NA, 0.0, 0.0)
            return True
        return False

    @cython.cfunc
    def _is_taken(
        self, rule: RuleSpec, market: Market, position: Position, side: cython.int, either: cython.longlong
    ) -> cython.bint:
        """Whether the position asked for is open already, or on its way."""
        options: Options = self.options
        other: Order
        held: cython.double = position.quantity
        moved: cython.double
        step: cython.double
        if held * side < 0.0 and self._pending(market.index) < fabs(held) * (1.0 - 1e-12):
            self._refuse(IGNORED, rule, market, NAN, WHY_OPPOSITE, held, 0.0)
            return True
        if held * side > 0.0:
            if options.pyramid_units <= 1:
                self._refuse(IGNORED, rule, market, NAN, WHY_OPEN, held, 0.0)
                return True
            if len(position.units) >= options.pyramid_units:
                self._refuse(IGNORED, rule, market, NAN, WHY_PYRAMID_FULL, len(position.units), 0.0)
                return True
        for other in self.book.orders[market.index]:
            if other.is_increase and not other.is_done and other.side == side:
                if either < 0 or other.either != either:
                    self._refuse(IGNORED, rule, market, NAN, WHY_WORKING, other.id, 0.0)
                    return True
        if held * side > 0.0 and options.pyramid_slot >= 0:
            step = self.evaluator.value(options.pyramid_slot)
            if options.pyramid_form == IN_RATIO:
                step *= position.last_unit_fill
            elif options.pyramid_form != IN_PRICE:
                step *= position.newest().r
            moved = (market.mark - position.last_unit_fill) * side
            if not moved >= step:
                self._refuse(IGNORED, rule, market, NAN, WHY_PYRAMID_STEP, moved, step)
                return True
        return False

    @cython.cfunc
    def _price(self, order: Order, action: ActionSpec, market: Market) -> cython.int:
        """The order's own prices, on the grid: limits to the near side, stops to the far side. 1 when one is na."""
        if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT:
            order.limit = self.evaluator.value(action.limit_slot)
            if isnan(order.limit):
                return 1
            order.limit = market.passive(order.limit, order.side)
        if order.kind == AT_STOP or order.kind == AT_STOP_LIMIT:
            order.stop = self.evaluator.value(action.stop_slot)
            if isnan(order.stop):
                return 1
            order.stop = market.passive(order.stop, -order.side)
        return 0

    @cython.cfunc
    def _reference(self, order: Order, market: Market) -> cython.double:
        """What the order is sized on: its own price, else the close."""
        if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT:
            return order.limit
        if order.kind == AT_STOP:
            return order.stop
        return market.mark

    @cython.cfunc
    def _live(self, order: Order, action: ActionSpec) -> cython.int:
        """How long a priced order works. 1 when the length is na."""
        length: cython.double
        sessions: cython.double
        market: Market = self.book.markets[order.market]
        if not order.is_priced() or action.life == LIFE_GTC:
            return 0
        if action.life_slot < 0:
            order.bars_left = 1
            return 0
        length = self.evaluator.value(action.life_slot)
        if isnan(length):
            return 1
        if action.life == LIFE_BARS:
            order.bars_left = 1 if length < 1.0 else (int(floor(length)) if length < 1e9 else 1_000_000_000)
            return 0
        sessions = floor(length / 86_400.0)
        if sessions >= 1.0 and sessions * 86_400.0 == length and sessions < 1e6:
            order.until_session = market.session[market.bar] + int(sessions)
        else:
            order.until_ts = self.ts + int(length * 1e9 if length < 1e9 else 1e18)
        return 0

    @cython.cfunc
    def _attach(self, order: Order, action: ActionSpec, market: Market, reference: cython.double) -> cython.int:
        """Evaluate the exits. 1: one is na; 2: a stop is on the wrong side (its price is left in `size_value`)."""
        spec: ExitSpec
        e: Exit
        last: Exit | None = None
        evaluator: Evaluator = self.evaluator
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
    def _amount(self, order: Order, action: ActionSpec, market: Market, reference: cython.double) -> cython.double:
        """The quantity asked for, before limits and cash."""
        amount: cython.double
        each: cython.double = reference * market.multiplier
        kind: cython.int = action.amount
        if self.options.sizes_at_fill:
            order.size_by = kind
        if kind == BY_ALL:
            # The whole allocation less the cash buffer and the fee.
            order.size_value = 1.0 / self.symbols
            return self.book.affordable(
                market, reference, self.equity / self.symbols * market.initial_margin, self._buffer(order)
            )
        amount = self.evaluator.value(action.amount_slot)
        order.size_value = amount
        if kind == BY_QUANTITY:
            return amount
        if kind == BY_MONEY:
            return amount / each
        if kind == BY_EQUITY:
            return amount * self.equity / each
        if kind == BY_CASH:
            return amount * self.cash / each
        if kind == BY_ALLOCATION:
            order.size_value = amount / self.symbols
            return amount * self.equity / self.symbols / each
        order.size_by = BY_QUANTITY
        if kind == BY_POSITION:
            position: Position = self.book.positions[market.index]
            return amount * fabs(position.quantity)
        if kind == BY_RISK:
            return amount * self.equity / order.risk_each
        return amount / order.risk_each

    @cython.cfunc
    def _released(self, market: Market, side: cython.int) -> cython.double:
        """Margin that a reversal's first half frees before its second half fills, less its fee."""
        position: Position = self.book.positions[market.index]
        value: cython.double
        if position.quantity * side >= 0.0:
            return 0.0
        value = fabs(position.quantity) * market.multiplier * market.mark
        return value * (market.initial_margin - self.book.commission_rate(False))

    @cython.cfunc
    def _buffer(self, order: Order) -> cython.double:
        if self.options.has_cash_buffer:
            return self.options.cash_buffer
        return 0.0 if order.kind == AT_LIMIT or order.kind == AT_STOP_LIMIT else 0.01

    @cython.cfunc
    def _fit_limits(self, orders: list[Order], rule: RuleSpec) -> cython.bint:
        """Let the risk block cut or refuse `orders` together."""
        order: Order
        share: cython.double
        limits: Limits = self.limits
        if not limits.limits:
            return True
        share = limits.room(orders, self.equity)
        if share >= 1.0:
            return True
        if share <= 0.0:
            for order in orders:
                self._refuse_limit(rule, order)
            return False
        for order in orders:
            order.quantity *= share
            order.size_by = BY_QUANTITY
        return True

    @cython.cfunc
    def _refuse_limit(self, rule: RuleSpec, order: Order) -> cython.int:
        # `order_id` carries the number of the limit: the event names it.
        limits: Limits = self.limits
        market: Market = self.book.markets[order.market]
        self.book.event(
            DENIED, market, rule.index, -2 - limits.blocker, order.quantity, NAN, WHY_LIMIT, limits.blocked_limit,
            limits.blocked_value,
        )  # fmt: skip
        return 0

    @cython.cfunc
    def _fit_cash(self, order: Order, market: Market, free: cython.double) -> cython.bint:
        """Limit the quantity to what free cash pays; False when it pays nothing."""
        most: cython.double = self.book.affordable(market, self._reference(order, market), free, self._buffer(order))
        if order.quantity <= most:
            return True
        if most <= 0.0:
            self.book.event(DENIED, market, order.rule, -1, order.quantity, NAN, WHY_NO_CASH, free, 0.0)
            return False
        order.quantity = most
        return True

    @cython.cfunc
    def _finish(self, order: Order) -> cython.bint:
        """Round to lots and test the minimums; set what the order reserves."""
        market: Market = self.book.markets[order.market]
        reference: cython.double = self._reference(order, market)
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
        order.reserve_each = self.book.unit_cost(market, reference) * (1.0 + self._buffer(order))
        order.reserve = self.options.commission_per_order
        return True

    @cython.cfunc
    def _submit(self, order: Order) -> cython.int:
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
    def _refuse(
        self, kind: cython.int, rule: RuleSpec, market: Market, quantity: cython.double, why: cython.int,
        a: cython.double, b: cython.double,
    ) -> cython.int:  # fmt: skip
        self.book.event(kind, market, rule.index, -1, quantity, NAN, why, a, b)
        return 0
