# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""Attached exits at the close: trails are moved up, what waited is armed, what is over leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import floor, isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.desk import Desk
        from cython.cimports.lingua.trading.limits import Limit
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import ExitSpec
        from cython.cimports.lingua.trading.position import Exit, Position, Unit
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        EXPIRE_EXIT, FOR_EXPIRE, FOR_FLATTEN, IN_LEVEL, IN_NOTHING, LAST_BARS, LAST_SESSIONS, LIFE_BARS,
        LIFE_SECONDS, MAX_HOLDING, TARGET_EXIT, TRAIL_EXIT,
    )  # fmt: skip
    from lingua.trading.desk import Desk
    from lingua.trading.limits import Limit
    from lingua.trading.market import Market
    from lingua.trading.plan import ExitSpec
    from lingua.trading.position import Exit, Position, Unit
    from lingua.trading.shim import floor, isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
DAY_NS: int = cython.declare(cython.longlong, 86_400_000_000_000)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Follower:
    """Moves the exits of the units that the deciding symbol opened, here and on legs."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.book = desk.book
        self.limits = desk.limits

    @cython.cfunc
    def follow(self, symbol: cython.int) -> cython.int:
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
                    level = self.desk.evaluator.value(spec.slot) if spec.is_late else e.value
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
                level = unit.entry if spec.is_entry else self.desk.evaluator.value(spec.slot)
                if isnan(level):
                    continue
                if spec.form != IN_LEVEL:
                    step = unit.distance(spec.form, level)
                    level = unit.entry + (step if spec.kind == TARGET_EXIT else -step) * unit.side
                e.level = market.passive(level, -unit.side if spec.kind == TARGET_EXIT else unit.side)
                e.is_armed = True
            if spec.kind == TRAIL_EXIT:
                if spec.form == IN_LEVEL:
                    level = e.value if spec.is_fixed else self.desk.evaluator.value(spec.slot)
                else:
                    step = unit.distance(spec.form, e.value if spec.is_fixed else self.desk.evaluator.value(spec.slot))
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
        order = Order(market.index, self.desk.symbol, -unit.side, unit.rule)
        order.quantity = unit.quantity
        order.reason = reason
        order.unit = unit.id
        self.desk.submit(order)
        return 0
