# cython: language_level=3
# ruff: noqa: F403, I001, SIM102 (C constants by star; two import forms; plain loops and tests become C)
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
        from cython.cimports.libc.math import fabs, isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.desk import Desk
        from cython.cimports.lingua.trading.evaluator import Evaluator
        from cython.cimports.lingua.trading.follow import Follower
        from cython.cimports.lingua.trading.legs import Legs
        from cython.cimports.lingua.trading.limits import Limits
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import ActionSpec, GroupSpec, Options, RuleSpec
        from cython.cimports.lingua.trading.position import Position
        from cython.cimports.lingua.trading.rows import Rows
        from cython.cimports.lingua.trading.sizing import Sizer
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        AT_MARKET, AT_TWAP, BELOW_MINIMUM, BUY, BY_ALL, BY_ALLOCATION, BY_CASH, BY_EQUITY, BY_MONEY, BY_POSITION,
        BY_QUANTITY, CANCEL, CANCELED, CLOSE, COVER, DENIED, FILTERED, FOR_ENTRY, FOR_FLATTEN, FOR_REBALANCE,
        FOR_REVERSAL, FOR_RULE, HALTED, IGNORED, IN_PRICE, IN_RATIO, NA_VALUE, NOT_READY, PLAIN, SELL, SHORT, SPENT,
        SUPPRESSED, TARGET,
        WHY_AMOUNT_NA, WHY_BORROWED_SIDE, WHY_DIRECTION, WHY_EXIT_NA, WHY_FILTER, WHY_GAP, WHY_HALT, WHY_LEG,
        WHY_LOT, WHY_MINIMUM, WHY_NEGATIVE, WHY_ONCE, WHY_OPEN, WHY_OPPOSITE, WHY_PRICE_NA, WHY_PYRAMID_FULL,
        WHY_PYRAMID_STEP, WHY_REBALANCE, WHY_REDUCTION, WHY_REPLACED, WHY_STOP_SIDE, WHY_WARMUP, WHY_WITHDRAWN,
        WHY_WORKING, WRONG_SIDE, ZERO_ROUNDED,
    )  # fmt: skip
    from lingua.trading.desk import Desk
    from lingua.trading.evaluator import Evaluator
    from lingua.trading.follow import Follower
    from lingua.trading.legs import Legs
    from lingua.trading.limits import Limits
    from lingua.trading.market import Market
    from lingua.trading.plan import ActionSpec, GroupSpec, Options, RuleSpec
    from lingua.trading.position import Position
    from lingua.trading.rows import Rows
    from lingua.trading.shim import fabs, isnan
    from lingua.trading.sizing import Sizer
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))


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
        self.desk = Desk(book, limits, evaluators)
        self.follower = Follower(self.desk)
        self.sizer = Sizer(self.desk)
        self.legs = Legs(self.desk, limits)
        self.starts = starts
        self.settles = settles
        self.fired = Rows(3)
        self.watch = watch
        self.watched = Rows(2 + len(watch))
        self.episodes: list[list[int]] = [[0] * len(rules) for _ in evaluators]
        self.spent: list[list[int]] = [[0] * len(rules) for _ in evaluators]
        self.next_either = 0
        self.has_once = any(rule.is_once for rule in rules)
        self.blocks_long: list[int] = [0] * len(book.markets)
        self.blocks_short: list[int] = [0] * len(book.markets)

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
        self.desk.symbol = symbol
        self.desk.evaluator = evaluator
        self.desk.gap = gap
        if not is_loaded:
            evaluator.load(market.bar)
        self._load_account(symbol, evaluator)
        evaluator.run()
        is_ready = market.bar >= self.starts[symbol]
        self.desk.is_settled = market.bar >= self.settles[symbol]
        if self.watch:
            self._note_watched(symbol, market, evaluator)
        self.follower.follow(symbol)
        if isnan(market.mark):
            return 0
        active = []
        for k in range(n):
            rule = self.rules[k]
            group = self._active(symbol, rule)
            if group is not None and not is_ready:
                for action in group.actions:
                    if action.verb == BUY or action.verb == SHORT or action.verb == TARGET:
                        self.desk.refuse(
                            NOT_READY, rule, self._market(action), NAN, WHY_WARMUP, self.starts[symbol], 0.0
                        )
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
                self.desk.symbol = symbol
                self.desk.evaluator = evaluator
                evaluator.load(market.bar)
                self._load_account(symbol, evaluator)
                evaluator.run()
                self.follower.follow(symbol)
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
            r[2] = value * market.mark / self.desk.equity if self.desk.equity > 0.0 else NAN
            r[5] = value * (market.mark - position.entry)
            r[6] = float(market.bar - position.first().entry_bar)
        r[3] = self.desk.equity
        r[4] = self.desk.cash
        r[7] = position.last_fill
        r[8] = self.desk.equity / self.desk.symbols
        for k in range(self.desk.symbols, len(book.markets)):
            market = book.markets[k]
            position = book.positions[k]
            r[9 + 3 * (k - self.desk.symbols)] = position.quantity
            r[10 + 3 * (k - self.desk.symbols)] = position.entry
            r[11 + 3 * (k - self.desk.symbols)] = (
                0.0
                if position.quantity == 0.0
                else position.quantity * market.multiplier * (market.mark - position.entry)
            )
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
            self._hurry(market, WHY_WITHDRAWN)
            position = book.positions[market.index]
            rest = fabs(position.quantity) - self.desk.pending(market.index)
            if position.quantity != 0.0 and rest > 1e-12 * fabs(position.quantity):
                order = Order(market.index, 0, -1 if position.quantity > 0.0 else 1, -1)
                order.quantity = rest
                order.reason = FOR_FLATTEN
                self.desk.submit(order)
        return 0

    @cython.cfunc
    def withdraw_all(self) -> cython.int:
        """A halt: working entries go, exits and protection stay."""
        market: Market
        for market in self.book.markets:
            if self.book.orders[market.index]:
                self.book.withdraw(market.index, 0, WHY_WITHDRAWN)
        return 0

    @cython.cfunc
    def _active(self, symbol: cython.int, rule: RuleSpec) -> GroupSpec | None:
        """The group that this rule carries out now, or None. Keeps the episodes of `once`."""
        evaluator: Evaluator = self.desk.evaluator
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
        return rule.is_once and self.spent[self.desk.symbol][rule.index] == 1

    @cython.cfunc
    def _market(self, action: ActionSpec) -> Market:
        market: Market = self.book.markets[self.desk.symbol if action.market < 0 else action.market]
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

    @cython.cfunc
    def _reductions(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        action: ActionSpec
        either: cython.longlong = -1
        if self._is_spent(rule):
            return 0
        if group.is_atomic and self._has_na(rule, group):
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
    def _has_na(self, rule: RuleSpec, group: GroupSpec) -> cython.bint:
        """Whether a reduction of a group of legs has no value, or none above zero: then no leg is sent."""
        action: ActionSpec
        other: ActionSpec
        amount: cython.double
        for action in group.actions:
            if action.verb == SELL or action.verb == COVER or action.verb == CLOSE:
                amount = self._reduced(action)
                if amount >= 0.0:
                    continue
                for other in group.actions:
                    if other is not action:
                        self.desk.refuse(IGNORED, rule, self._market(other), NAN, WHY_LEG, 0.0, 0.0)
                    elif isnan(amount):
                        self.desk.refuse(NA_VALUE, rule, self._market(other), NAN, WHY_AMOUNT_NA, 0.0, 0.0)
                    else:
                        self.desk.refuse(ZERO_ROUNDED, rule, self._market(other), NAN, WHY_NEGATIVE, 0.0, 0.0)
                return True
        return False

    @cython.cfunc
    def _reduced(self, action: ActionSpec) -> cython.double:
        """The quantity that a reduction asks for: 0 where there is nothing to reduce, NaN when its amount is na, not
        above 0 when it asks for nothing."""
        market: Market = self._market(action)
        position: Position = self.book.positions[market.index]
        held: cython.double = position.quantity
        amount: cython.double
        side: cython.int = 1 if action.verb == SELL else (-1 if action.verb == COVER else 0)
        if held == 0.0 or (side != 0 and held * side < 0.0):
            return 0.0
        if action.amount == BY_ALL:
            return fabs(held)
        amount = self.desk.evaluator.value(action.amount_slot)
        if action.verb == CLOSE and amount < 0.0:
            amount = -amount
        if not amount > 0.0:
            return NAN if isnan(amount) else -1.0
        if action.amount == BY_POSITION:
            return amount * fabs(held)
        if action.amount == BY_QUANTITY:
            return amount
        if action.amount == BY_EQUITY:
            return amount * self.desk.equity / (market.mark * market.multiplier)
        if action.amount == BY_CASH:
            return amount * self.desk.cash / (market.mark * market.multiplier)
        if action.amount == BY_ALLOCATION:
            return amount * self.desk.equity / self.desk.symbols / (market.mark * market.multiplier)
        return amount / (market.mark * market.multiplier)

    @cython.cfunc
    def _reduce(self, rule: RuleSpec, action: ActionSpec, either: cython.longlong) -> cython.int:
        market: Market = self._market(action)
        quantity: cython.double
        amount: cython.double
        side: cython.int = 1 if action.verb == SELL else (-1 if action.verb == COVER else 0)
        self.book.withdraw(market.index, side, WHY_WITHDRAWN)
        quantity = self._reduced(action)
        if isnan(quantity):
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
        elif quantity < 0.0:
            amount = self.desk.evaluator.value(action.amount_slot)
            self.desk.refuse(ZERO_ROUNDED, rule, market, amount, WHY_NEGATIVE, amount, 0.0)
        elif quantity > 0.0:
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
        available: cython.double
        rest: cython.double
        if action.kind < AT_TWAP:
            self._hurry(market, WHY_REPLACED)
        available = held - self.desk.pending(market.index)
        if available <= 1e-12 * held:
            return 0
        order = Order(market.index, self.desk.symbol, -1 if position.quantity > 0.0 else 1, rule.index)
        order.kind = action.kind
        order.reason = reason
        order.tag = action.tag
        order.either = either
        if self.sizer.price(order, action, market) != 0:
            self.desk.refuse(NA_VALUE, rule, market, quantity, WHY_PRICE_NA, 0.0, 0.0)
            return 0
        if quantity >= available * (1.0 - 1e-12):
            quantity = available
        else:
            rest = market.lots(quantity)
            if rest <= 0.0:
                self.desk.refuse(ZERO_ROUNDED, rule, market, quantity, WHY_LOT, quantity, market.lot)
                return 0
            quantity = rest
            rest = held - quantity
            if market.lots(rest) <= 0.0 or market.is_below_minimum(rest, market.mark):
                # A partial exit that would leave dust closes everything.
                quantity = available
            elif market.is_below_minimum(quantity, market.mark):
                self.desk.refuse(
                    BELOW_MINIMUM, rule, market, quantity, WHY_MINIMUM, quantity,
                    quantity * market.mark * market.multiplier,
                )  # fmt: skip
                return 0
        order.quantity = quantity
        if self.sizer.live(order, action) != 0:
            self.desk.refuse(NA_VALUE, rule, market, quantity, WHY_PRICE_NA, 0.0, 0.0)
            return 0
        if order.is_priced():
            for other in book.orders[market.index]:
                if not other.is_increase and other.is_priced() and other.rule == rule.index and not other.is_done:
                    if other.unit < 0 and (either < 0 or other.either != either):
                        book.cancel(other, CANCELED, WHY_REPLACED)
            book.sweep(market.index)
        self.desk.submit(order)
        if rule.is_once:
            self.spent[self.desk.symbol][rule.index] = 2
        return 0

    @cython.cfunc
    def _hurry(self, market: Market, why: cython.int) -> cython.int:
        """Withdraw exits that are sent in slices: another takes what is left of them, and does not wait."""
        order: Order
        for order in self.book.orders[market.index]:
            if not order.is_increase and order.is_sliced() and not order.is_done:
                self.book.cancel(order, CANCELED, why)
        self.book.sweep(market.index)
        return 0

    @cython.cfunc
    def _cancel(self, rule: RuleSpec, action: ActionSpec) -> cython.int:
        market: Market = self._market(action)
        order: Order
        for order in self.book.orders[market.index]:
            if order.is_increase or ((order.is_priced() or order.is_sliced()) and order.unit < 0):
                if action.cancel_rule < 0 or order.rule == action.cancel_rule:
                    self.book.cancel(order, CANCELED, PLAIN)
        self.book.sweep(market.index)
        return 0

    @cython.cfunc
    def _wanted(self, action: ActionSpec) -> cython.double:
        """The signed quantity that a target asks for, in whole lots towards zero; NaN when it has no value."""
        market: Market = self._market(action)
        amount: cython.double = self.desk.evaluator.value(action.amount_slot)
        each: cython.double = market.mark * market.multiplier
        quantity: cython.double
        if action.amount == BY_QUANTITY:
            quantity = amount
        elif action.amount == BY_MONEY:
            quantity = amount / each
        elif action.amount == BY_CASH:
            quantity = amount * self.desk.cash / each
        elif action.amount == BY_ALLOCATION:
            quantity = amount * self.desk.equity / self.desk.symbols / each
        else:
            quantity = amount * self.desk.equity / each
        if isnan(quantity):
            return NAN
        return market.lots(quantity) if quantity >= 0.0 else -market.lots(-quantity)

    @cython.cfunc
    def _is_small(self, rule: RuleSpec, market: Market, change: cython.double) -> cython.bint:
        """Whether a change is below one lot, the minimum notional or the rebalance threshold."""
        bound: cython.double = self.options.rebalance * self.desk.equity
        money: cython.double = change * market.mark * market.multiplier
        if market.min_notional > bound:
            bound = market.min_notional
        if market.lots(change) > 0.0 and money >= bound * (1.0 - 1e-12) and money > 0.0:
            return False
        if change > 0.0:
            self.desk.refuse(IGNORED, rule, market, change, WHY_REBALANCE, money, bound)
        return True

    @cython.cfunc
    def _target_down(self, rule: RuleSpec, action: ActionSpec) -> cython.int:
        """The part of a target that goes towards zero."""
        market: Market = self._market(action)
        position: Position = self.book.positions[market.index]
        held: cython.double = position.quantity
        wanted: cython.double = self._wanted(action)
        if isnan(wanted):
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
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

    @cython.cfunc
    def _increases(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        """Prepare the orders of one group, fit them to limits and cash, and send them."""
        if group.is_atomic:
            if not self._has_na(rule, group):
                self._note_leaving(group)
                self._together(rule, group)
                self._forget_leaving()
        else:
            self._one_by_one(rule, group)
        return 0

    @cython.cfunc
    def _note_leaving(self, group: GroupSpec) -> cython.int:
        """What the group itself closes at the market, so that its increases may open the other side: `cover & buy`."""
        action: ActionSpec
        market: Market
        for action in group.actions:
            if (action.verb == SELL or action.verb == COVER or action.verb == CLOSE) and action.kind == AT_MARKET:
                market = self._market(action)
                market.leaving += self._reduced(action)
        return 0

    @cython.cfunc
    def _forget_leaving(self) -> cython.int:
        market: Market
        for market in self.book.markets:
            market.leaving = 0.0
        return 0

    @cython.cfunc
    def _together(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        """The legs of one decision: all are sent, scaled by one factor, or none."""
        book: Book = self.book
        action: ActionSpec
        order: Order | None
        other: Order
        market: Market
        orders: list[Order] = []
        share: cython.double
        free: cython.double
        need: cython.double
        refused: cython.bint = False
        for action in group.actions:
            if action.verb == BUY or action.verb == SHORT:
                order = self._increase(rule, action, -1, True)
                refused = order is None
            elif action.verb == TARGET:
                order = self._target_up(rule, action, True)
                refused = order is None and isnan(self._wanted(action))
            else:
                continue
            if refused:
                break
            if order is not None:
                orders.append(order)
        if refused:
            for other in orders:
                self.desk.refuse(IGNORED, rule, book.markets[other.market], other.quantity, WHY_LEG, 0.0, 0.0)
            return 0
        if orders:
            if not self.sizer.fit_limits(orders, rule):
                return 0
            # One factor for all legs, so that their proportion stays.
            free = book.free_cash() - book.reserved()
            need = 0.0
            for other in orders:
                market = book.markets[other.market]
                free += self.sizer.released(market, other.side)
                need += (
                    other.quantity
                    * book.unit_cost(market, self.sizer.reference(other, market))
                    * (1.0 + self.sizer.buffer(other))
                    + self.options.commission_per_order
                )
            if need > free * (1.0 + 1e-12):
                share = free / need if free > 0.0 else 0.0
                for other in orders:
                    other.quantity *= share
            for other in orders:
                if not self.sizer.finish(other):
                    refused = True
                    break
            if refused:
                for other in orders:
                    self.desk.refuse(IGNORED, rule, book.markets[other.market], other.quantity, WHY_LEG, 0.0, 0.0)
                return 0
        self._forget_leaving()
        for action in group.actions:
            if action.verb == SELL or action.verb == COVER or action.verb == CLOSE:
                self._reduce(rule, action, -1)
            elif action.verb == CANCEL:
                self._cancel(rule, action)
            elif action.verb == TARGET:
                self._target_down(rule, action)
        for other in orders:
            self.desk.submit(other)
        self.legs.send(orders)
        if orders and rule.is_once:
            self.spent[self.desk.symbol][rule.index] = 2
        return 0

    @cython.cfunc
    def _one_by_one(self, rule: RuleSpec, group: GroupSpec) -> cython.int:
        """One increase, or alternatives of which one will fill."""
        book: Book = self.book
        action: ActionSpec
        order: Order | None
        other: Order
        market: Market
        orders: list[Order] = []
        passed: list[Order] = []
        either: cython.longlong = -1
        free: cython.double
        need: cython.double
        largest: cython.double
        if group.is_either:
            either = self.next_either
            self.next_either += 1
        for action in group.actions:
            if action.verb == BUY or action.verb == SHORT:
                order = self._increase(rule, action, either, False)
            elif action.verb == TARGET:
                order = self._target_up(rule, action, False)
            else:
                continue
            if order is not None:
                orders.append(order)
        for other in orders:
            market = book.markets[other.market]
            free = book.free_cash() - book.reserved()
            if other.either >= 0:
                # Alternatives are asked about as if alone: only one of them will fill.
                for order in passed:
                    if order is not None:
                        free += order.reserve + order.reserve_each * order.quantity
            free += self.sizer.released(market, other.side)
            if not self.sizer.fit_limits([other], rule):
                continue
            if not self.sizer.fit_cash(other, market, free) or not self.sizer.finish(other):
                continue
            self.desk.submit(other)
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
        if passed and rule.is_once:
            self.spent[self.desk.symbol][rule.index] = 2
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
            self.desk.refuse(SPENT, rule, market, NAN, WHY_ONCE, 0.0, 0.0)
            return None
        if self._is_barred(rule, market, side):
            return None
        if action.verb != TARGET and self._is_taken(rule, market, position, side, either):
            return None
        order = Order(market.index, self.desk.symbol, side, rule.index)
        order.is_increase = True
        order.kind = action.kind
        order.reason = FOR_ENTRY
        order.tag = action.tag
        order.either = either
        order.is_before_settle = not self.desk.is_settled
        if self.sizer.price(order, action, market) != 0 or self.sizer.live(order, action) != 0:
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_PRICE_NA, 0.0, 0.0)
            return None
        reference = self.sizer.reference(order, market)
        status = self.sizer.attach(order, action, market, reference)
        if status == 1:
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_EXIT_NA, 0.0, 0.0)
            return None
        if status == 2:
            self.desk.refuse(WRONG_SIDE, rule, market, NAN, WHY_STOP_SIDE, order.size_value, reference)
            return None
        order.quantity = quantity if not isnan(quantity) else self.sizer.amount(order, action, market, reference)
        if isnan(order.quantity):
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_AMOUNT_NA, 0.0, 0.0)
            return None
        if order.quantity <= 0.0:
            self.desk.refuse(ZERO_ROUNDED, rule, market, order.quantity, WHY_NEGATIVE, order.quantity, 0.0)
            return None
        if in_group or not isnan(quantity) or order.is_sliced():
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
            self.desk.refuse(DENIED, rule, market, NAN, WHY_DIRECTION, 0.0, 0.0)
            return True
        if side < 0 and not market.may_short:
            self.desk.refuse(DENIED, rule, market, NAN, WHY_BORROWED_SIDE, 0.0, 0.0)
            return True
        halted = self.limits.halted_by()
        if halted >= 0:
            self.desk.refuse(HALTED, rule, market, NAN, WHY_HALT, halted, 0.0)
            return True
        if (self.blocks_long if side > 0 else self.blocks_short)[market.index]:
            self.desk.refuse(SUPPRESSED, rule, market, NAN, WHY_REDUCTION, 0.0, 0.0)
            return True
        for k in range(len(self.filters)):
            slot = self.filters[k]
            if self.desk.evaluator.value(slot) != 2.0:
                self.desk.refuse(FILTERED, rule, market, NAN, WHY_FILTER, k, 0.0)
                return True
        if self.desk.gap > self.options.max_gap:
            self.desk.refuse(DENIED, rule, market, NAN, WHY_GAP, self.desk.gap, self.options.max_gap)
            return True
        if isnan(market.mark):
            self.desk.refuse(NA_VALUE, rule, market, NAN, WHY_PRICE_NA, 0.0, 0.0)
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
        if held * side < 0.0 and self.desk.pending(market.index) < fabs(held) * (1.0 - 1e-12):
            self.desk.refuse(IGNORED, rule, market, NAN, WHY_OPPOSITE, held, 0.0)
            return True
        if held * side > 0.0:
            if options.pyramid_units <= 1:
                self.desk.refuse(IGNORED, rule, market, NAN, WHY_OPEN, held, 0.0)
                return True
            if len(position.units) >= options.pyramid_units:
                self.desk.refuse(IGNORED, rule, market, NAN, WHY_PYRAMID_FULL, len(position.units), 0.0)
                return True
        for other in self.book.orders[market.index]:
            if other.is_increase and not other.is_done and other.side == side:
                if either < 0 or other.either != either:
                    self.desk.refuse(IGNORED, rule, market, NAN, WHY_WORKING, other.id, 0.0)
                    return True
        if held * side > 0.0 and options.pyramid_slot >= 0:
            step = self.desk.evaluator.value(options.pyramid_slot)
            if options.pyramid_form == IN_RATIO:
                step *= position.last_unit_fill
            elif options.pyramid_form != IN_PRICE:
                step *= position.newest().r
            moved = (market.mark - position.last_unit_fill) * side
            if not moved >= step:
                self.desk.refuse(IGNORED, rule, market, NAN, WHY_PYRAMID_STEP, moved, step)
                return True
        return False
