# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""Executions that a venue reported, booked in place of those that the fill law would make.

A run whose book `is_given` fills nothing by itself. What the venue did to its orders and exits is queued as it becomes
known (`add`) and booked when the bar in which it happened has closed, before anything is decided: so a decision sees
what it would have seen in a backtest with these fills, and the same bars and reports give the same decisions again.
What a venue has done is a fact: nothing is refused here, neither what cannot be paid nor what crosses zero.

`levels` and `brackets` tell where the exits of a fill stand the moment it is known, for protection cannot wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import isnan
        from cython.cimports.lingua.trading.account import Book
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.position import Exit, Position, Unit
        from cython.cimports.lingua.trading.working import Order
else:
    from lingua.trading.account import Book
    from lingua.trading.codes import (
        FOR_RULE, FOR_STOP, FOR_TARGET, FOR_TRAIL, PLAIN, STOP_EXIT, TARGET_EXIT,
    )  # fmt: skip
    from lingua.trading.market import Market
    from lingua.trading.position import Exit, Position, Unit
    from lingua.trading.shim import isnan
    from lingua.trading.working import Order

NAN: float = cython.declare(cython.double, float("nan"))
MOST_OPENED: int = cython.declare(cython.longlong, 1_000)
FILL, EXIT, END, DUST, CASH = "fill", "exit", "end", "dust", "cash"


class Report(NamedTuple):
    """One fact. `kind`:

    - `fill`: some of order `order` was executed. An order that the run does not know is somebody else's: what it opens
      has no exits, what it closes closes the oldest units first.
    - `exit`: an exit of unit `unit` (or of the one that `order` opened) was executed, for `reason` (a number of
      `codes.REASONS`); `rung` is the number of the target (-1: a stop or trail).
    - `end`: order `order` ended unfilled (any further); `reason` is the kind of event (`codes.KINDS`). What is left of
      a reduction and is less than a lot can be sold by nobody: it becomes dust, valued at `price`.
    - `dust`: unit `unit` should have been closed at `price` for `reason` and is too small for the venue to take it.
    - `cash`: `fee` was taken from the balance outside all trades (a deposit is negative).

    `side` +1 bought, -1 sold. `fee` in quote money. `at_open`: at the open of its bar, as a market order that was sent
    at the close before; `at_close`: in the closing auction of the bar before; else the bar's favourable extreme counts
    only as far as its close. `is_last`: no more of the order will be executed, so that a rest too small to be sold is
    dust.
    """

    kind: str
    market: int
    order: int = -1
    unit: int = -1
    side: int = 0
    quantity: float = 0.0
    price: float = float("nan")
    fee: float = 0.0
    reason: int = 0
    rung: int = -1
    is_maker: bool = False
    at_open: bool = False
    at_close: bool = False
    is_last: bool = True


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Given:
    """The reports of a book that are not booked yet. `opened` tells which unit each order has opened, `executed`
    how much of a target of a unit, by (unit, rung), while it is not done."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.queue: list[Any] = []
        self.opened: dict[int, int] = {}
        self.executed: dict[tuple[int, int], float] = {}

    def add(self, report: Any) -> None:
        """Raises ValueError for a report that can be of no execution."""
        if report.kind not in (FILL, EXIT, END, DUST, CASH):
            raise ValueError(f"no report is of the kind {report.kind!r}")
        if not 0 <= report.market < len(self.book.markets):
            raise ValueError(f"no market {report.market}")
        if report.kind in (FILL, EXIT):
            if not (report.quantity > 0.0 and report.price >= 0.0 and report.fee == report.fee):
                raise ValueError(f"an execution of {report.quantity:g} at {report.price:g} with fee {report.fee:g}")
            if report.side not in (1, -1):
                raise ValueError("an execution buys or sells")
        self.queue.append(report)

    @cython.cfunc
    def apply(self, market: Market) -> cython.int:
        """Book what is queued for `market`, which stands on the bar that has just closed."""
        book: Book = self.book
        position: Position = book.positions[market.index]
        unit: Unit
        order: Order
        bar: cython.Py_ssize_t = market.bar
        mine: list[Any] = [report for report in self.queue if report.market == market.index]
        for unit in position.units:
            unit.is_fresh = False
        for order in book.orders[market.index]:
            order.is_arrived = True
            order.wait_bars = 0
        if not mine:
            return 0
        self.queue = [report for report in self.queue if report.market != market.index]
        for report in mine:
            book.at_open = report.at_open
            book.fee = report.fee
            book.is_last = report.is_last
            book.reported = report.quantity
            if report.at_close and market.bar > 0:
                market.stand_at(market.bar - 1)
            if report.kind == FILL:
                self._fill(market, position, report)
            elif report.kind == EXIT:
                self._exit(market, position, report)
            elif report.kind == END:
                self._end(market, report)
            elif report.kind == DUST:
                self._dust(market, position, report)
            else:
                book.cash -= report.fee
                book.cost_commission += report.fee
            market.stand_at(bar)
        book.fee = NAN
        book.is_last = True
        book.reported = NAN
        book.sweep(market.index)
        return 0

    @cython.cfunc
    def _fill(self, market: Market, position: Position, report: Any) -> cython.int:
        book: Book = self.book
        order: Order | None = self.find(market.index, report.order)
        unit: Unit | None = None
        other: Unit
        side: cython.int = report.side
        left: cython.double = report.quantity
        price: cython.double = report.price
        closed: cython.double
        asked: cython.double
        rule: cython.int = -1
        reason: cython.int = FOR_RULE
        if order is not None:
            order.is_done = False
            order.walked_ts = market.open_ts[market.bar]
            rule = order.rule
            reason = order.reason
            if order.unit >= 0 and not order.is_increase:
                for other in position.units:
                    if other.id == order.unit:
                        unit = other
        if position.quantity * side < 0.0:
            # It closes, whatever it was meant to do; what it closes too much opens the other side.
            if order is not None and not order.is_increase:
                # All that lots can express of it: the order is done, and what is left becomes dust.
                asked = order.quantity if market.lots(order.quantity) <= left * (1.0 + 1e-12) else left
                closed = book.reduce(
                    market, unit, asked, price, price, order, rule, reason, report.is_maker, False, 0.0
                )
            else:
                closed = book.reduce(market, None, left, price, price, None, rule, reason, report.is_maker, False, 0.0)
            left -= closed
            if left <= 1e-9 * report.quantity or position.quantity * side < 0.0:
                return 0
            # The whole fee was charged with what was closed.
            book.fee = 0.0
        if order is None or not order.is_increase:
            order = Order(market.index, 0, side, rule)
            order.id = report.order
            order.is_increase = True
            order.quantity = left
            order.asked = left
        elif order.quantity < left:
            order.quantity = left
        unit = book.enter(order, left, price, price, report.is_maker, False)
        if unit is not None:
            unit.is_fresh = not (report.at_open or report.at_close)
            self.opened.pop(order.id, None)
            self.opened[order.id] = unit.id
            if len(self.opened) > MOST_OPENED:
                del self.opened[next(iter(self.opened))]
        return 0

    @cython.cfunc
    def _exit(self, market: Market, position: Position, report: Any) -> cython.int:
        book: Book = self.book
        unit: Unit | None = None
        other: Unit
        e: Exit
        number: cython.longlong = report.unit if report.unit >= 0 else self.opened.get(report.order, -1)
        for other in position.units:
            if other.id == number:
                unit = other
        if unit is None:
            # It closed before: this sells what else is there, or opens the other side.
            self._fill(market, position, report._replace(order=-1))
            return 0
        quantity: cython.double = report.quantity
        excess: cython.double = quantity - unit.quantity
        if market.lots(unit.quantity) <= quantity * (1.0 + 1e-12):
            quantity = unit.quantity
        book.reduce(
            market, unit, quantity, report.price, report.price, None, unit.rule, report.reason,
            report.is_maker, False, 0.0,
        )  # fmt: skip
        if report.rung >= 0:
            key = (unit.id, report.rung)
            quantity = self.executed.pop(key, 0.0) + report.quantity
            for e in unit.exits:
                if e.number == report.rung:
                    e.is_done = quantity >= market.lots(self._part(market, unit, e)) * (1.0 - 1e-9)
                    if not e.is_done:
                        self.executed[key] = quantity
        if unit.quantity <= 0.0 and self.executed:
            self.executed = {key: quantity for key, quantity in self.executed.items() if key[0] != unit.id}
        unit.refresh()
        position.bounds()
        if excess > 0.0 and market.lots(excess) > 0.0:
            # More was executed than the unit had: the rest closes what else is there. The whole fee was charged.
            book.fee = 0.0
            book.reported = excess
            self._fill(market, position, report._replace(order=-1, quantity=excess))
        return 0

    @cython.cfunc
    def _end(self, market: Market, report: Any) -> cython.int:
        order: Order | None = self.find(market.index, report.order)
        unit: Unit
        if order is not None:
            if not order.is_increase and order.unit >= 0 and market.lots(order.quantity) <= 0.0:
                for unit in self.book.positions[market.index].units:
                    if unit.id == order.unit:
                        self._leave(market, unit, order, report.price)
                        return 0
            self.book.cancel(order, report.reason, PLAIN)
        return 0

    @cython.cfunc
    def _leave(self, market: Market, unit: Unit, order: Order, price: cython.double) -> cython.int:
        book: Book = self.book
        if isnan(price):
            price = market.mark
        book.fee = 0.0
        book.reduce(market, unit, order.quantity, price, price, order, order.rule, order.reason, False, False, 0.0)
        self.forget(order.id)
        return 0

    @cython.cfunc
    def _dust(self, market: Market, position: Position, report: Any) -> cython.int:
        book: Book = self.book
        unit: Unit
        price: cython.double = market.mark if isnan(report.price) else report.price
        for unit in list(position.units):
            if unit.id == report.unit:
                book.fee = 0.0
                book.reduce(
                    market, unit, unit.quantity, price, price, None, unit.rule, report.reason, False, False, 0.0
                )
        return 0

    @cython.cfunc
    def find(self, market: cython.int, number: cython.longlong) -> Order | None:
        """An order that works, or that the run has ended and the venue may not have."""
        book: Book = self.book
        order: Order
        for order in book.orders[market]:
            if order.id == number:
                return order
        found: Order | None = book.ended.get(number)
        return found

    def forget(self, number: int) -> None:
        """The venue has ended order `number` too, and all its executions are known."""
        self.book.ended.pop(number, None)

    # Where exits stand

    def levels(self, market: int, number: int, price: float, quantity: float) -> list[tuple[int, int, float, float]]:
        """As `brackets`, for what order `number` opens when `quantity` of it is filled at `price`. Books nothing."""
        order: Order | None = self.find(market, number)
        unit: Unit
        e: Exit
        copied: Exit
        if order is None or not order.exits:
            return []
        unit = Unit()
        unit.market = market
        unit.side = order.side
        unit.entry = price
        unit.quantity = quantity
        unit.original = quantity
        exits: list[Exit] = []
        for e in order.exits:
            copied = Exit(e.spec, e.number)
            for name in Exit.FIELDS:
                setattr(copied, name, getattr(e, name))
            exits.append(copied)
        unit.exits = exits
        unit.anchor(self.book.markets[market], False)
        made: list[tuple[int, int, float, float]] = self._brackets(unit)
        return made

    def brackets(self, market: int, number: int) -> list[tuple[int, int, float, float]]:
        """What must rest at the venue for unit `number`: (reason, rung, level, quantity), the stop first, with the
        whole quantity and rung -1, then the targets from the nearest on with what each closes."""
        position: Position = self.book.positions[market]
        unit: Unit
        for unit in position.units:
            if unit.id == number:
                made: list[tuple[int, int, float, float]] = self._brackets(unit)
                return made
        return []

    @cython.cfunc
    def _brackets(self, unit: Unit) -> Any:
        market: Market = self.book.markets[unit.market]
        e: Exit
        found: list[tuple[int, int, float, float]] = []
        targets: list[Exit] = []
        left: cython.double = unit.quantity
        part: cython.double
        if not isnan(unit.stop):
            found.append((FOR_STOP if unit.stop_kind == STOP_EXIT else FOR_TRAIL, -1, unit.stop, unit.quantity))
        for e in unit.exits:
            if e.spec.kind == TARGET_EXIT and e.is_armed and not e.is_done and not isnan(e.level):
                targets.append(e)
        targets.sort(key=_level_of, reverse=unit.side < 0)
        for e in targets:
            if left <= 0.0:
                break
            if e.takes_rest or isnan(e.closing):
                part = left
            else:
                part = market.lots(self._part(market, unit, e)) - self.executed.get((unit.id, e.number), 0.0)
            if part > left:
                part = left
            if part > 0.0:
                found.append((FOR_TARGET, e.number, e.level, part))
                left -= part
        return found

    @cython.cfunc
    def _part(self, market: Market, unit: Unit, e: Exit) -> cython.double:
        """What a target closes of its unit."""
        if e.takes_rest or isnan(e.closing):
            return unit.quantity
        if e.spec.closing_is_quantity:
            return e.closing
        return e.closing * unit.original

    # As plain data

    def state(self) -> dict[str, Any]:
        return {
            "queue": [list(report) for report in self.queue],
            "opened": [[order, unit] for order, unit in self.opened.items()],
            "executed": [[unit, rung, quantity] for (unit, rung), quantity in self.executed.items()],
        }

    def set_state(self, state: dict[str, Any]) -> None:
        self.queue = []
        for row in state["queue"]:
            self.add(Report(*row))
        self.opened = {int(order): int(unit) for order, unit in state["opened"]}
        self.executed = {(int(unit), int(rung)): float(quantity) for unit, rung, quantity in state["executed"]}


def _level_of(e: Any) -> float:
    level: float = e.level
    return level
