"""One deployment between its strategy and its venue, without a clock, a network or a disk of its own.

Everything comes in as a call that tells what has happened and when; what is to be done goes out as commands. The same
calls in the same order give the same commands, so a deployment is restored by telling it its journal again.

After every call the kernel compares what should be at the venue with what is known to be there, symbol by symbol, and
asks for the difference (`_plan`). What should be there: the orders that the run has working, and guards for what is
held and not about to leave. An order whose outcome is unknown blocks new risk in its symbol until the venue has told.

What is executed is told to the run when its bar has closed (`lingua.trading.given`); protection does not wait for that.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lingua.data.timeframe import Timeframe
from lingua.live.decisions import Decisions, SentOrder
from lingua.live.strategy import LiveStrategy
from lingua.trading import codes
from lingua.trading.given import CASH, DUST, END, EXIT, FILL, Report
from lingua_runtime.apart import Apart, Broken
from lingua_runtime.commands import Alarm, Cancel, Command, Level, LookUp, Place
from lingua_runtime.fees import Fees
from lingua_runtime.guards import NOTHING, TINY, Guard, Held, same, share_out, wanted
from lingua_runtime.orders import OrderRecord, Orders
from lingua_runtime.ports import Capabilities, FillReport, Listing, OrderReport, OrderRequest
from lingua_runtime.slices import KINDS, Schedule, Schedules, order_of
from lingua_runtime.states import AT_VENUE, FINAL, State

SECOND = 1_000_000_000
CATCH_UP_S = 1
"""A late entry waits so long, so that the bars missed after it have their say first."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds. `protect_deadline_s`: a guard that is not acknowledged by then is watched here, with an alarm; after as
    long again the position is closed. `look_up_s`: an outcome that is unknown is asked for after so long, and again.
    `retries` of an exit that the venue refuses. `absences`: look-ups that must find nothing until an order counts as
    never arrived, because a venue may show an order a moment after it took it. `late_entries`: what was missed is
    opened all the same when that is no more than so many bars ago and the strategy has not withdrawn it since."""

    deployment: str
    protect_deadline_s: float = 5.0
    look_up_s: float = 1.0
    cancel_deadline_s: float = 5.0
    retries: int = 3
    absences: int = 3
    late_entries: int = 0
    needs_approval: bool = False
    approval_s: float = 300.0


@dataclass(slots=True)
class Execution:
    """An execution that the run has not booked yet. `fee`, in what the symbol is paid with, is told when it is."""

    record: OrderRecord | None
    fill: FillReport
    fee: float = 0.0


class Kernel:
    """See above. `live` is a strategy that `is_given`; `listings` those of its symbols."""

    def __init__(
        self,
        live: LiveStrategy,
        settings: Settings,
        capabilities: Capabilities,
        listings: Mapping[str, Listing],
    ) -> None:
        if not live.is_given:
            raise ValueError("a strategy that fills its own orders needs no venue")
        self.live = live
        self.settings = settings
        self.capabilities = capabilities
        self.listings = dict(listings)
        self.fees = Fees(self.listings, live.execution.commission)
        self.orders = Orders()
        self.schedules = Schedules()
        self.apart = Apart()
        self._unwinding: dict[str, int] = {}
        """Attempts at closing a leg whose group broke, by client id."""
        self.is_held = True
        """Nothing is asked for but look-ups: until this side and the venue agree."""
        self.may_enter = False
        """Whether increases may leave: set by whoever arms, reduces or halts."""
        self.needs_approval = settings.needs_approval
        self.is_killed = False
        """Everything is to be closed, whatever it takes."""
        self.disputed: set[str] = set()
        """Symbols of which the venue holds something else than is known here: nothing is opened in them."""
        self.waiting: list[Execution] = []
        self.foreign: list[FillReport] = []
        self.prices: dict[str, float] = {}
        self._watched: set[tuple[str, int, float, float]] = set()
        """Levels of guards that no venue holds: the price is wanted."""
        self._guards = 0
        self._closers = 0
        self._adopted = 0
        self._closing: dict[str, tuple[int, int]] = {}
        """(attempts, not before) at closing a symbol, while killed."""
        self._settled: deque[list[int]] = deque(maxlen=4)
        """Orders of the run that have settled, by bar."""
        self._unbooked: list[int] = []
        """Settled ones with executions that the run has not been told of."""
        self._ended: list[tuple[int, int, int]] = []
        """(market, order of the run, kind) to be told to the run."""
        self._refused: dict[int, int] = {}
        self._alarms: list[Alarm] = []
        self.heard: Callable[[FillReport, OrderRecord], None] = lambda *_: None
        """Called with every execution of an order of this deployment, once."""
        self._approved: set[int] = set()
        self._bar_ns = Timeframe.parse(live.sources[0].timeframe).seconds * SECOND
        self._late: set[str] = set()
        """Entries of missed instants that may still leave."""
        self._patience: dict[tuple[str, int, float, float], tuple[int, int]] = {}
        """(refusals, not before) of guards."""

    # --- what happens --------------------------------------------------------------------------------

    def instant(self, ts: int, now: int, *, is_late: bool = False) -> tuple[list[Decisions], list[Command]]:
        """All bars that close by `ts` are pushed: book what was executed, decide. `is_late`: this instant was missed;
        what it opens is written down, and not sent unless `late_entries` lets it."""
        self._book(ts if is_late else None)
        decided = list(self.live.decide(ts))
        for schedule in self.schedules:
            self._pass_bar(schedule, ts)
        for decisions in decided:
            for sent in decisions.orders:
                self._decided(sent, ts, now, is_late)
        return decided, [] if is_late else self.plan(now)

    def report(self, report: OrderReport, now: int) -> list[Command]:
        """The venue says something of an order."""
        record = self.orders.get(report.client_id)
        if record is None:
            return self._taken()
        was = record.state
        if not record.told(report) and not record.lacks_fills:
            return self._taken()
        if record.state in FINAL and was not in FINAL:
            self._over(record)
        commands: list[Command] = []
        if record.lacks_fills:
            # Executions that no stream has brought yet.
            commands.append(LookUp(record.request.symbol, record.client_id))
        return [*commands, *self.plan(now, record.request.symbol)]

    def fill(self, fill: FillReport, now: int) -> list[Command]:
        """The venue executed something."""
        if not self._is_sane(fill):
            return self._taken()
        record = self.orders.get(fill.client_id)
        if record is None:
            if all(fill.trade_id != other.trade_id for other in self.foreign):
                self.foreign.append(fill)
                self._alarm(Level.WARNING, "foreign", f"{fill.symbol}: {fill.quantity:g} traded by somebody else")
            return self._taken()
        was = record.state
        if not record.executed(fill):
            return self._taken()
        self.waiting.append(Execution(record, fill))
        self.heard(fill, record)
        if record.state in FINAL and was not in FINAL:
            self._over(record)
        return [*self.fees.wanted(fill, now), *self.plan(now, fill.symbol)]

    def rate(self, asset: str, currency: str, price: float, now: int) -> list[Command]:
        """What an asset costs that fees are taken in; NaN: nobody tells."""
        self._alarms += self.fees.told(asset, currency, price, now)
        return self._taken()

    def sent(self, client_id: str, now: int) -> None:
        """A command to place leaves now."""
        record = self.orders.get(client_id)
        if record is not None:
            record.move(State.SUBMITTED, now)

    def refused(self, client_id: str, why: str, now: int) -> list[Command]:
        """The venue said no to an order."""
        record = self.orders.get(client_id)
        if record is not None and record.move(State.REJECTED, now, why):
            self._over(record)
        return self.plan(now)

    def unknown(self, client_id: str, why: str, now: int) -> list[Command]:
        """No answer, or one that says nothing."""
        record = self.orders.get(client_id)
        if record is not None and record.move(State.UNKNOWN, now, why):
            self._alarm(
                Level.WARNING, "unknown", f"{record.request.symbol}: it is not known whether {client_id} arrived"
            )
            return [LookUp(record.request.symbol, client_id), *self._taken()]
        return self._taken()

    def not_found(self, client_id: str, now: int) -> list[Command]:
        """The venue has never seen an order: it did not arrive."""
        record = self.orders.get(client_id)
        if record is not None and record.state in (State.UNKNOWN, State.SUBMITTED):
            record.absent += 1
            if record.absent < self.settings.absences:
                return self._taken()
            record.move(State.REJECTED, now, "it never arrived")
            self._over(record)
        return self.plan(now)

    def not_canceled(self, client_id: str, why: str, now: int) -> list[Command]:
        """A withdrawal was refused or had no answer: the order is asked for."""
        record = self.orders.get(client_id)
        if record is None or not record.is_open:
            return self._taken()
        if record.state is State.CANCEL_PENDING:
            record.move(State.PARTIALLY_FILLED if record.filled else State.ACCEPTED, now, why)
        return [LookUp(record.request.symbol, client_id), *self._taken()]

    def swept(
        self, symbol: str, working: Sequence[OrderReport], fills: Sequence[FillReport], held: float, now: int
    ) -> list[Command]:
        """Everything the venue has of a symbol: its working orders, the executions since the last sweep, what is held.
        What the streams lost is taken from here; what cannot be explained is told, and opens nothing until it is."""
        commands: list[Command] = []
        for fill in fills:
            commands += self.fill(fill, now)
        for report in working:
            commands += self.report(report, now)
        there = {report.client_id for report in working}
        for record in self.orders.open(symbol):
            if record.client_id not in there and record.state in (
                State.ACCEPTED, State.PARTIALLY_FILLED, State.CANCEL_PENDING,
            ):  # fmt: skip
                commands.append(LookUp(symbol, record.client_id))
        strange = [report for report in working if self.orders.get(report.client_id) is None]
        if strange:
            self._alarm(Level.WARNING, "foreign", f"{symbol}: {len(strange)} orders of somebody else are working")
        if not commands and not self.orders.unclear(symbol) and not self._agrees(symbol, held):
            known = self.quantity(self.live.names.index(symbol))
            if symbol not in self.disputed:
                self._alarm(Level.CRITICAL, "mismatch", f"{symbol}: the venue holds {held:g}, {known:g} is known here")
            self.disputed.add(symbol)
        elif not commands:
            self.disputed.discard(symbol)
        return [*commands, *self.plan(now, symbol)]

    def knows(self, message: OrderReport | FillReport) -> bool:
        """Whether a message tells nothing new: nothing follows from it, now or when it is told again."""
        record = self.orders.get(message.client_id)
        if record is None:
            return False
        if isinstance(message, FillReport):
            return message.trade_id in record.trades
        return record.is_known(message)

    def _agrees(self, symbol: str, held: float) -> bool:
        """Whether a balance is what is known to be held, give or take a lot and dust."""
        market = self.live.names.index(symbol)
        known = self.quantity(market) + abs(self.live.run.book.positions[market].dust)
        return abs(held - known) <= max(2 * self.listings[symbol].instrument.lot, 1e-6 * known)

    def price(self, symbol: str, price: float, now: int) -> list[Command]:
        """The last trade: guards that no venue holds are watched on it."""
        self.prices[symbol] = price
        return self.plan(now, symbol) if any(levels[0] == symbol for levels in self._watched) else []

    def denied(self, client_id: str, why: str, now: int) -> list[Command]:
        """An order was stopped on its way out, before it left."""
        record = self.orders.get(client_id)
        if record is not None:
            self._deny(record, now, why)
        return self.plan(now)

    def reject(self, order: int, now: int) -> list[Command]:
        """A person said no to an order that waited for an answer."""
        for record in self.orders.of_run(order):
            if record.state is State.CREATED:
                self._deny(record, now, "a person said no")
        return self.plan(now)

    def kill(self, is_on: bool, now: int) -> list[Command]:
        """Close everything and open nothing, from now on; or no longer."""
        self.is_killed = is_on
        self._closing = {}
        return self.plan(now)

    def adopt(self, symbol: str, quantity: float, price: float, ts: int, now: int) -> list[Command]:
        """What somebody else traded (negative: sold) becomes this deployment's, valued at `price`."""
        self._adopted += 1
        fill = FillReport(
            f"adopted-{self._adopted}", "", "", symbol, 1 if quantity > 0 else -1, abs(quantity), price, ts
        )
        self.waiting.append(Execution(None, fill))
        self.disputed.discard(symbol)
        return self.plan(now)

    def hand_over(self, now: int) -> list[Command]:
        """Withdraw everything: what is held is a person's from here on."""
        self.may_enter = False
        commands: list[Command] = []
        self.schedules.clear()
        for record in self.orders.open():
            commands += self._withdraw(record, now, "handed over")
        self.is_held = True
        return [*commands, *self._taken()]

    @property
    def is_flat(self) -> bool:
        """Nothing is held that could be sold, and nothing is at the venue."""
        return not any(r.state in AT_VENUE for r in self.orders.open()) and not any(
            self._is_sellable(market) for market in range(len(self.live.names))
        )

    @property
    def has_entries(self) -> bool:
        return any(r.order >= 0 and not r.request.is_reduce for r in self.orders.open()) or any(
            not schedule.is_reduce for schedule in self.schedules
        )

    def standing(self) -> tuple[object, ...]:
        """What a call may change without asking for anything: a change of it is written down too."""
        return self.orders.states(), len(self._ended), [s.slices for s in self.schedules], len(self.apart)

    def hold(self) -> None:
        """Ask for nothing: the venue may know what is not known here."""
        self.is_held = True

    def release(self, now: int) -> list[Command]:
        """This side and the venue agree: go on."""
        self.is_held = False
        for schedule in self.schedules:
            self._begin_again(schedule, now)
        return self.plan(now)

    def forgotten(self, now: int) -> list[Command]:
        """This program begins again: of what was on its way nobody knows what became of it."""
        commands: list[Command] = self.fees.unanswered()
        for record in self.orders.open():
            if record.state is State.SUBMITTED:
                record.move(State.UNKNOWN, now, "this program stopped")
                commands.append(LookUp(record.request.symbol, record.client_id))
            elif record.state in (State.UNKNOWN, State.CANCEL_PENDING):
                self._ask_again(record, now)
                commands.append(LookUp(record.request.symbol, record.client_id))
        return commands

    def _ask_again(self, record: OrderRecord, now: int) -> None:
        """A withdrawal that had no effect: it is asked for again, which does no harm."""
        if record.state is State.CANCEL_PENDING:
            record.move(State.PARTIALLY_FILLED if record.filled else State.ACCEPTED, now)

    def approve(self, order: int, now: int) -> list[Command]:
        self._approved.add(order)
        schedule = self.schedules.get(order)
        if schedule is not None:
            self._begin_again(schedule, now)
        return self.plan(now)

    def tick(self, now: int) -> list[Command]:
        """Time has passed: deadlines."""
        commands: list[Command] = self.fees.overdue(now)
        for symbol in self.live.names:
            for record in self.orders.unclear(symbol):
                if now - record.answered_ts >= self.settings.look_up_s * SECOND * 2 ** min(record.looked_up, 5):
                    record.looked_up += 1
                    commands.append(LookUp(symbol, record.client_id))
        for record in self.orders.open():
            if (
                record.state is State.CANCEL_PENDING
                and now - record.asked_ts >= self.settings.cancel_deadline_s * SECOND
            ):
                self._ask_again(record, now)
                continue
            since = now - max(record.sent_ts, record.asked_ts)
            if record.state in (State.SUBMITTED, State.UNKNOWN, State.CANCEL_PENDING):
                due = self.settings.look_up_s * SECOND * 2 ** min(record.looked_up, 5)
                if since >= due:
                    record.looked_up += 1
                    commands.append(LookUp(record.request.symbol, record.client_id))
            elif self._waits_for_approval(record) and now - record.created_ts >= self.settings.approval_s * SECOND:
                self._deny(record, now, "nobody approved it in time")
        return [*commands, *self.plan(now)]

    # --- what should be there ------------------------------------------------------------------------

    def plan(self, now: int, symbol: str = "") -> list[Command]:
        """What must be done so that the venue holds what it should, in one symbol or in all."""
        commands: list[Command] = []
        if self.is_held:
            return self._taken()
        for broken in self.apart.found(self.live.run, self.orders, now):
            commands += self._mend(broken, now)
            symbol = ""  # legs are of several symbols
        for market, name in enumerate(self.live.names):
            if symbol in ("", name):
                commands += self._plan(market, now)
        return [*commands, *self._taken()]

    def _plan(self, market: int, now: int) -> list[Command]:
        symbol = self.live.names[market]
        commands: list[Command] = []
        if self._is_quiet(market):
            return self._unneeded(symbol, [], now)
        working = {order.id for order in self.live.run.book.orders[market] if not order.is_done}
        for record in self.orders.open(symbol):
            if record.order >= 0 and record.order not in working:
                commands += self._withdraw(record, now, "the strategy has withdrawn it")
        for schedule in self.schedules.of(symbol):
            self._slice(schedule, market, now)
        reductions = [r for r in self.orders.open(symbol) if r.guard is None and r.request.is_reduce]
        leaving = sum(r.left if r.state in AT_VENUE else r.request.quantity for r in reductions)
        if self.is_killed and self._may_close(symbol, reductions, now):
            leaving = max(leaving, self.quantity(market))
        guards = [guard for guard in wanted(symbol, self.held(market), leaving) if self._is_tradable(guard)]
        commands += self._unneeded(symbol, guards, now)
        if self.orders.unclear(symbol):
            return commands  # what is held is about to be told
        free = self.quantity(market) - self._locked(symbol)
        for record in reductions:
            if record.state is State.CREATED:
                sent, free = self._leave(record, free, now)
                commands += sent
        if self.is_killed:
            commands += self._close_all(market, reductions, free, now)
        if not any(r.state is State.CANCEL_PENDING for r in self.orders.guards(symbol)):
            for guard in guards:
                made, free = self._protect(guard, free, now)
                commands += made
        is_known = not any(r.state is State.UNKNOWN for r in self.orders.open(symbol))
        for record in self.orders.open(symbol):
            if record.state is State.CREATED and record.order >= 0 and not record.request.is_reduce and is_known:
                if not self.may_enter or self.is_killed:
                    self._deny(record, now, "entries are halted")
                elif symbol in self.disputed:
                    self._deny(record, now, "the venue holds something else than is known here")
                elif record.client_id in self._late and now - record.created_ts < CATCH_UP_S * SECOND:
                    continue
                elif not self._waits_for_approval(record):
                    self._late.discard(record.client_id)
                    commands.append(self._place((record,), "entry", now))
        return commands

    # --- legs that came apart ------------------------------------------------------------------------

    def _mend(self, broken: Broken, now: int) -> list[Command]:
        commands: list[Command] = []
        done = "the missing legs go to the market" if broken.what == "complete" else "what has filled is closed"
        self._alarm(Level.CRITICAL, "legs", f"legs of one decision came apart: {broken.why}; {done}")
        for record in broken.resting:
            if broken.what == "complete":
                self.apart.completing.add(record.order)
            else:
                self.apart.completing.discard(record.order)
            commands += self._withdraw(record, now, "its legs came apart")
        if broken.what == "unwind":
            for order in broken.orders:
                self._close_leg(order, now)
        return commands

    def _close_leg(self, order: Any, now: int) -> None:
        """Close at the market what an order of a broken group has opened."""
        symbol = self.live.names[order.market]
        unit = self.live.run.given.opened.get(order.id, -1)
        held = [h for h in self.held(order.market) if h.order == order.id or (unit >= 0 and h.unit == unit)]
        quantity = self._lots(symbol, sum(each.quantity for each in held))
        if quantity > 0.0:
            self._guards += 1
            self._add_unwinding(f"{self.settings.deployment}-u{self._guards}", symbol, -order.side, quantity, now, 0)

    def _add_unwinding(self, name: str, symbol: str, side: int, quantity: float, now: int, tries: int) -> None:
        self._unwinding[name] = tries
        request = OrderRequest(name, symbol, side, "market", quantity, is_reduce=True)
        self.orders.add(OrderRecord(request, created_ts=now))

    def _complete_leg(self, record: OrderRecord) -> bool:
        """What is missing of a leg goes on at the market; False where the run has no use for it any more."""
        self.apart.completing.discard(record.order)
        market = self.live.names.index(record.request.symbol)
        rest = self._lots(record.request.symbol, record.unfilled)
        if order_of(self.live.run, market, record.order) is None or rest <= 0.0:
            return False
        request = replace(
            record.request, client_id=f"{self.settings.deployment}-{record.order}-m", kind="market", quantity=rest,
            limit=0.0, stop=0.0, show=0.0,
        )  # fmt: skip
        self.orders.add(OrderRecord(request, order=record.order, created_ts=record.created_ts))
        return True

    def _is_quiet(self, market: int) -> bool:
        """Nothing is held in a market and nothing works there: most markets, most of the time."""
        symbol = self.live.names[market]
        is_held = self.live.run.book.positions[market].units or any(e.fill.symbol == symbol for e in self.waiting)
        return not is_held and not self.orders.unsettled(symbol) and not self.schedules.of(symbol)

    def _may_close(self, symbol: str, reductions: list[OrderRecord], now: int) -> bool:
        """Whether the closing of a symbol goes on now: between two attempts protection is put back."""
        if any(r.state in AT_VENUE for r in reductions):
            return False
        return now >= self._closing.get(symbol, (0, 0))[1]

    def _close_all(self, market: int, reductions: list[OrderRecord], free: float, now: int) -> list[Command]:
        """Sell all that is held of a market, when no order keeps it any more."""
        symbol = self.live.names[market]
        tried, not_before = self._closing.get(symbol, (0, 0))
        if now < not_before or any(r.is_open for r in reductions) or not self._is_sellable(market):
            return []
        held = self.quantity(market)
        if self.capabilities.locks_balance and free < held * (1.0 - 1e-6):
            return []  # protection is being withdrawn
        side = -next(unit.side for unit in self.held(market))
        self._closers += 1
        wait = int(self.settings.look_up_s * SECOND) * 2 ** min(tried, 5)
        self._closing[symbol] = tried + 1, now + wait
        name = f"{self.settings.deployment}-k{self._closers}"
        request = OrderRequest(name, symbol, side, "market", self._lots(symbol, held), is_reduce=True)
        record = OrderRecord(request, created_ts=now)
        self.orders.add(record)
        return [self._place((record,), "killed", now)]

    def _is_sellable(self, market: int) -> bool:
        """Whether what is held is more than dust."""
        symbol = self.live.names[market]
        terms = self.listings[symbol].instrument
        quantity = self._lots(symbol, self.quantity(market))
        price = self.prices.get(symbol, 0.0) or self.live.run.book.markets[market].mark
        return quantity > 0.0 and quantity >= terms.min_quantity and quantity * price >= terms.min_notional

    def held(self, market: int) -> list[Held]:
        """The units of a market as the venue left them: those of the run, less and more what is not booked yet."""
        given, position = self.live.run.given, self.live.run.book.positions[market]
        units = {
            unit.id: Held(unit.id, -1, unit.side, unit.quantity, given.brackets(market, unit.id))
            for unit in position.units
        }
        fresh: dict[int, tuple[float, float]] = {}
        for execution in self.waiting:
            record, fill = execution.record, execution.fill
            if fill.symbol != self.live.names[market]:
                continue
            if record is None:
                units, fresh = _adopted(units, fresh, fill)
                continue
            if record.guard is not None:
                for part, taken in share_out(record.guard, fill.quantity):
                    number = part.unit if part.unit >= 0 else given.opened.get(part.order, -1)
                    units, fresh = _less(units, fresh, number, part.order, taken)
                    if record.is_target and number in units:
                        units[number] = _without_rung(units[number], part.rung, taken)
            elif record.request.is_reduce:
                units, fresh = _closed(units, fresh, fill.quantity)
            else:
                quantity, cost = fresh.get(record.order, (0.0, 0.0))
                net = fill.quantity - self._base_fee(market, execution)
                fresh[record.order] = (quantity + net, cost + net * fill.price)
        made = [unit for unit in units.values() if unit.quantity > 0.0]
        for order, (quantity, cost) in fresh.items():
            if quantity > 0.0 and order < 0:
                made.append(Held(-1, -1, 1, quantity, []))
            elif quantity > 0.0:
                average = cost / quantity
                side = self.orders.of_run(order)[0].request.side
                made.append(Held(-1, order, side, quantity, given.levels(market, order, average, quantity)))
        return made

    def quantity(self, market: int) -> float:
        """What is held now, without its sign."""
        symbol = self.live.names[market]
        if not any(execution.fill.symbol == symbol for execution in self.waiting):
            return sum(unit.quantity for unit in self.live.run.book.positions[market].units if unit.quantity > 0.0)
        return sum(unit.quantity for unit in self.held(market))

    def _locked(self, symbol: str) -> float:
        """What resting orders that close keep for themselves; the two of a bracket keep it once."""
        if not self.capabilities.locks_balance:
            return 0.0
        kept: dict[str, float] = {}
        for record in self.orders.open(symbol):
            if record.state in AT_VENUE and (record.guard is not None or record.request.is_reduce):
                name = record.request.bracket or record.client_id
                kept[name] = max(kept.get(name, 0.0), record.left)
        return sum(kept.values())

    # --- guards --------------------------------------------------------------------------------------

    def _unneeded(self, symbol: str, guards: list[Guard], now: int) -> list[Command]:
        """Withdraw guards at other levels or of other quantities than are wanted."""
        commands: list[Command] = []
        for record in self.orders.guards(symbol):
            assert record.guard is not None
            fits = any(
                guard.levels == record.guard.levels and same(self._lots(symbol, guard.quantity), record.left)
                for guard in guards
            ) or record.state in (State.SUBMITTED, State.UNKNOWN)
            if not fits:
                commands += self._withdraw(record, now, "protection has moved")
        standing = {guard.levels for guard in guards}
        resting = {r.guard.levels for r in self.orders.guards(symbol) if r.guard and r.state is State.ACCEPTED}
        self._watched = {each for each in self._watched if each[0] != symbol or each in standing - resting}
        self._patience = {
            levels: wait for levels, wait in self._patience.items() if levels[0] != symbol or levels in standing
        }
        return commands

    def _protect(self, guard: Guard, free: float, now: int) -> tuple[list[Command], float]:
        """See that a guard rests at the venue, or is watched here."""
        resting = [
            r for r in self.orders.guards(guard.symbol) if r.guard is not None and r.guard.levels == guard.levels
        ]
        if resting:
            return self._late_guard(guard, resting, now), free
        reached = self._reached(guard)
        if now < self._patience.get(guard.levels, (0, 0))[1]:
            return [], free
        if reached:
            return self._close(guard, free, now, is_target=reached == "target")
        if free < guard.quantity * (1.0 - TINY) and self.capabilities.locks_balance:
            return [], free  # what it needs is still kept by an order that is being withdrawn
        kinds = self.capabilities.kinds
        has_both = guard.stop != NOTHING and guard.target != NOTHING
        rests_stop = guard.stop != NOTHING and "stop" in kinds
        rests_target = guard.target != NOTHING and "limit" in kinds
        if has_both and not self.capabilities.has_brackets and self.capabilities.locks_balance:
            rests_target = False
        if not rests_stop and guard.stop != NOTHING:
            if guard.levels not in self._watched:
                self._watched.add(guard.levels)
                self._alarm(Level.WARNING, "watched", f"{guard.symbol}: the venue holds no stops; it is watched here")
            return [], free
        self._guards += 1
        name = f"{self.settings.deployment}-g{self._guards}"
        bracket = name if rests_stop and rests_target else ""
        records = []
        if rests_stop:
            records.append(self._guard_record(f"{name}s" if bracket else name, guard, "stop", bracket, now))
        if rests_target:
            records.append(self._guard_record(f"{name}t" if bracket else name, guard, "limit", bracket, now))
        if not records:
            return [], free
        return [self._place(tuple(records), "protection", now)], free - guard.quantity

    def _guard_record(self, name: str, guard: Guard, kind: str, bracket: str, now: int) -> OrderRecord:
        request = OrderRequest(
            name, guard.symbol, guard.side, kind, self._lots(guard.symbol, guard.quantity), is_reduce=True,
            bracket=bracket, stop=guard.stop if kind == "stop" else NOTHING,
            limit=guard.target if kind == "limit" else NOTHING,
        )  # fmt: skip
        record = OrderRecord(request, guard=guard, is_target=kind == "limit", created_ts=now)
        self.orders.add(record)
        return record

    def _late_guard(self, guard: Guard, resting: list[OrderRecord], now: int) -> list[Command]:
        """A guard without an answer is watched here, and after as long again its position is closed."""
        deadline = self.settings.protect_deadline_s * SECOND
        waits = [r for r in resting if r.state in (State.SUBMITTED, State.UNKNOWN) and now - r.sent_ts >= deadline]
        if waits and guard.levels not in self._watched:
            self._watched.add(guard.levels)
            self._alarm(
                Level.CRITICAL, "unprotected", f"{guard.symbol}: a stop is not acknowledged; it is watched here"
            )
        return []

    def _reached(self, guard: Guard) -> str:
        """`stop` or `target` when the price is there already: such an order cannot rest any more."""
        price = self.prices.get(guard.symbol)
        if price is None:
            return ""
        if guard.stop != NOTHING and (price - guard.stop) * -guard.side <= 0.0:
            return "stop"
        return "target" if guard.target != NOTHING and (price - guard.target) * -guard.side >= 0.0 else ""

    def _close(self, guard: Guard, free: float, now: int, *, is_target: bool) -> tuple[list[Command], float]:
        """Close at the market what a guard is for."""
        quantity = min(guard.quantity, free) if self.capabilities.locks_balance else guard.quantity
        quantity = self._lots(guard.symbol, quantity)
        if quantity <= 0.0:
            return [], free
        self._guards += 1
        name = f"{self.settings.deployment}-w{self._guards}"
        request = OrderRequest(name, guard.symbol, guard.side, "market", quantity, is_reduce=True)
        record = OrderRecord(request, guard=guard, is_target=is_target, created_ts=now)
        self.orders.add(record)
        return [self._place((record,), "its level is reached", now)], free - quantity

    # --- orders of the run ---------------------------------------------------------------------------

    def _decided(self, sent: SentOrder, ts: int, now: int, is_late: bool) -> None:
        kind = sent.kind if sent.kind in ("limit", "stop", "stop_limit") else "market"
        is_missed = is_late and sent.is_increase and now - ts > self.settings.late_entries * self._bar_ns
        if self._is_spread(sent) and not is_missed:
            self._spread(sent, ts)
            return
        request = OrderRequest(
            f"{self.settings.deployment}-{sent.order_id}", sent.symbol, sent.side, kind, sent.quantity,
            limit=_or_nothing(sent.limit), stop=_or_nothing(sent.stop), is_reduce=not sent.is_increase,
            show=self._shown(sent) if self.capabilities.has_icebergs else 0.0,
        )  # fmt: skip
        record = OrderRecord(request, order=sent.order_id, created_ts=now)
        self.orders.add(record)
        if is_missed:
            self._deny(record, now, "it was decided while this program was away")
        elif is_late and sent.is_increase:
            self._late.add(record.client_id)

    # --- orders that leave in slices -----------------------------------------------------------------

    def _is_spread(self, sent: SentOrder) -> bool:
        return sent.kind in KINDS or (
            sent.kind == "limit" and not self.capabilities.has_icebergs and self._shown(sent) > 0.0
        )

    def _spread(self, sent: SentOrder, ts: int) -> None:
        order = order_of(self.live.run, self.live.names.index(sent.symbol), sent.order_id)
        is_iceberg = sent.kind not in KINDS
        self.schedules.add(
            Schedule(
                sent.order_id, sent.symbol, sent.side, not sent.is_increase, sent.quantity, self._bar_ns, ts,
                "limit" if is_iceberg else "market", sent.limit if is_iceberg else 0.0,
                self._shown(sent) if is_iceberg else 0.0, bars_left=order.bars_left if order is not None else 0,
            )
        )  # fmt: skip

    def _pass_bar(self, schedule: Schedule, ts: int) -> None:
        order = order_of(self.live.run, self.live.names.index(schedule.symbol), schedule.order)
        if order is not None and order.bars_left != schedule.bars_left:
            schedule.bars_left, schedule.bar_ts = order.bars_left, ts

    def _begin_again(self, schedule: Schedule, now: int) -> None:
        order = order_of(self.live.run, self.live.names.index(schedule.symbol), schedule.order)
        if order is not None:
            schedule.begin_again(order.shares, order.bars_left, now, self._taken_by(schedule))

    def _taken_by(self, schedule: Schedule) -> float:
        """What its slices have executed, or still may."""
        return sum(r.request.quantity if r.is_open else r.filled for r in self.orders.of_run(schedule.order))

    def asked_for(self, record: OrderRecord) -> float:
        """The quantity that a person is asked about: of a slice that of its whole order."""
        schedule = self.schedules.get(record.order) if record.is_slice else None
        return record.request.quantity if schedule is None else schedule.total

    def _slice(self, schedule: Schedule, market: int, now: int) -> None:
        """Make the next order of a schedule, when one is due."""
        order = order_of(self.live.run, market, schedule.order)
        if order is None or (self.is_killed and schedule.is_reduce):
            self.schedules.drop(schedule.order)
            return
        records = self.orders.of_run(schedule.order)
        if any(r.is_open for r in records) or self.orders.unclear(schedule.symbol) or now < schedule.not_before:
            return
        if not schedule.is_reduce and any(r.filled for r in records) and not self._is_building(schedule, market):
            return  # what it was building is closed: the run ends it with its bar
        quantity = self._due(schedule, order, market, now)
        if quantity <= 0.0:
            return
        schedule.slices += 1
        request = OrderRequest(
            f"{self.settings.deployment}-{schedule.order}-s{schedule.slices}", schedule.symbol, schedule.side,
            schedule.kind, quantity, limit=schedule.limit, is_reduce=schedule.is_reduce,
        )  # fmt: skip
        self.orders.add(OrderRecord(request, order=schedule.order, is_slice=True, created_ts=now))

    def _is_building(self, schedule: Schedule, market: int) -> bool:
        """Whether something is held of what the schedule has opened."""
        unit = self.live.run.given.opened.get(schedule.order, -1)
        return any(schedule.order == held.order or (unit >= 0 and unit == held.unit) for held in self.held(market))

    def _due(self, schedule: Schedule, order: Any, market: int, now: int) -> float:
        """The next slice: what the venue takes, leaving nothing that it would not; 0 while none is due."""
        symbol, listing = schedule.symbol, self.listings[schedule.symbol]
        taken = self._taken_by(schedule)
        rest = self._lots(symbol, schedule.total - taken)
        due = min(self._lots(symbol, schedule.due(order.shares, order.bars_left, now, taken)), rest)
        if schedule.show:
            due = min(schedule.show, rest)
        else:
            due = min(due, self._participation(schedule, order, market, due))
        price = schedule.limit or self.prices.get(symbol, 0.0) or self.live.run.book.markets[market].mark
        if due <= 0.0 or self._is_small(symbol, due, price):
            return 0.0
        if due < rest and self._is_small(symbol, self._lots(symbol, rest - due), price):
            due = rest
        if listing.max_market_quantity > 0.0 and schedule.kind == "market":
            due = min(due, self._lots(symbol, listing.max_market_quantity))
        return due

    def _participation(self, schedule: Schedule, order: Any, market: int, due: float) -> float:
        """At most `fill_share` of what the last bar traded, for the part of a bar that a slice stands for."""
        share = self.live.fill_share
        if not share > 0.0:
            return due
        volume = float(self.live.run.book.markets[market].arrays()["volume"][-1])
        if not volume >= 0.0:
            return due
        return self._lots(schedule.symbol, share * volume / schedule.parts(len(order.shares)))

    def _is_small(self, symbol: str, quantity: float, price: float) -> bool:
        """Whether the venue would not take so little."""
        terms = self.listings[symbol].instrument
        return quantity < terms.min_quantity or quantity * price < terms.min_notional

    def _slice_is_over(self, schedule: Schedule, record: OrderRecord) -> bool:
        """A slice has ended; whether the whole order has with it."""
        if record.state is State.FILLED:
            schedule.refused = 0
            return False
        if record.state is not State.DENIED:
            schedule.refused += 1
            wait = int(self.settings.look_up_s * SECOND) * 2 ** min(schedule.refused - 1, 6)
            schedule.not_before = record.answered_ts + wait
            if schedule.refused <= self.settings.retries:
                return False
            self._alarm(Level.CRITICAL, "stuck", f"{schedule.symbol}: slices are refused ({record.why}): no more leave")
        self.schedules.drop(schedule.order)
        return True

    def _shown(self, sent: SentOrder) -> float:
        """What the venue is to show of an order, in whole lots and no less than it takes; 0 for all of it."""
        order = order_of(self.live.run, self.live.names.index(sent.symbol), sent.order_id)
        shown = math.nan if order is None else order.show
        if not math.isfinite(shown):
            return 0.0
        terms = self.listings[sent.symbol].instrument
        part = max(self._lots(sent.symbol, shown), terms.lot, terms.min_quantity)
        return part if part < sent.quantity else 0.0

    def _leave(self, record: OrderRecord, free: float, now: int) -> tuple[list[Command], float]:
        """Send what closes, as far as it is held and no resting order keeps it."""
        need = min(record.request.quantity, free) if self.capabilities.locks_balance else record.request.quantity
        held = self.quantity(self.live.names.index(record.request.symbol))
        if held <= 0.0:
            self._deny(record, now, "nothing is left to close")
            return [], free
        if need < min(record.request.quantity, held) * (1.0 - 1e-6):
            return [], free
        quantity = self._lots(record.request.symbol, min(need, held))
        if quantity <= 0.0:
            self._deny(record, now, "less than a lot is left")
            return [], free
        record.request = replace(record.request, quantity=quantity)
        return [self._place((record,), "exit", now)], free - quantity

    def _place(self, records: tuple[OrderRecord, ...], why: str, now: int) -> Place:
        for record in records:
            record.move(State.SUBMITTED, now)
        return Place(tuple(record.request for record in records), why)

    def _waits_for_approval(self, record: OrderRecord) -> bool:
        is_new = record.state is State.CREATED and record.order >= 0 and not record.request.is_reduce
        return self.needs_approval and is_new and record.order not in self._approved

    def _withdraw(self, record: OrderRecord, now: int, why: str) -> list[Command]:
        if record.state is State.CREATED:
            self._deny(record, now, why)
            return []
        if record.state not in (State.ACCEPTED, State.PARTIALLY_FILLED):
            return []  # unknown, or on its way: its turn comes when the venue has told
        record.move(State.CANCEL_PENDING, now, why)
        partner = self.orders.partner(record) if record.request.bracket else None
        if partner is not None and partner.state is State.CANCEL_PENDING and partner.asked_ts == now:
            return []  # the venue withdraws the two of a bracket together
        return [Cancel(record.request.symbol, record.client_id, why)]

    def _deny(self, record: OrderRecord, now: int, why: str) -> None:
        if record.move(State.DENIED, now, why):
            self._over(record)

    def _over(self, record: OrderRecord) -> None:
        """An order has ended: the run is told, and an exit that failed is tried again."""
        market = self.live.names.index(record.request.symbol)
        if record.order < 0:
            tries = self._unwinding.pop(record.client_id, -1)
            if tries >= 0 and record.state is State.REJECTED and tries < self.settings.retries:
                request = record.request
                self._add_unwinding(
                    f"{request.client_id.partition('.')[0]}.{tries + 1}", request.symbol, request.side,
                    request.quantity, record.answered_ts, tries + 1,
                )  # fmt: skip
            elif record.guard is None and record.state in (State.REJECTED, State.DENIED):
                self._alarm(
                    Level.CRITICAL, "kill", f"{record.request.symbol}: closing failed ({record.why}); again soon"
                )
            if record.state is State.REJECTED and record.guard is not None:
                levels = record.guard.levels
                tried = self._patience.get(levels, (0, 0))[0] + 1
                wait = int(self.settings.look_up_s * SECOND) * 2 ** min(tried - 1, 6)
                self._patience[levels] = (tried, record.answered_ts + wait)
                self._watched.add(levels)
                self._alarm(
                    Level.CRITICAL, "unprotected", f"{record.request.symbol}: a stop was refused ({record.why}); it is "
                    "watched here",
                )  # fmt: skip
            return
        schedule = self.schedules.get(record.order)
        if schedule is not None and record.is_slice and not self._slice_is_over(schedule, record):
            return
        if record.state is State.FILLED:
            return
        is_withdrawn = record.state in (State.CANCELED, State.EXPIRED)
        if record.order in self.apart.completing and is_withdrawn and self._complete_leg(record):
            return
        if not record.is_slice and record.request.is_reduce and record.state in (State.REJECTED, State.EXPIRED):
            tried = self._refused.get(record.order, 0) + 1
            self._refused[record.order] = tried
            if tried <= self.settings.retries:
                attempt = replace(record.request, client_id=f"{self.settings.deployment}-{record.order}-{tried + 1}")
                self.orders.add(OrderRecord(attempt, order=record.order, created_ts=record.created_ts))
                return
            self._alarm(Level.CRITICAL, "stuck", f"{record.request.symbol}: an exit was refused ({record.why})")
        kind = codes.CANCELED if record.state in (State.CANCELED, State.REPLACED) else codes.REJECTED
        self._ended.append((market, record.order, codes.EXPIRED if record.state is State.EXPIRED else kind))

    # --- booking -------------------------------------------------------------------------------------

    def _book(self, until: int | None) -> None:
        """Tell the run what was executed (until an instant, when it catches up) and what has ended."""
        later: list[Execution] = []
        for execution in self.waiting:
            if until is not None and execution.fill.ts > until:
                later.append(execution)
                continue
            execution.fee = self.fees.fee(execution.fill)
            for report in self._reports(execution):
                self.live.give(report)
        self.waiting = later
        for symbol, money in self.fees.corrections():
            self.live.give(Report(CASH, self.live.names.index(symbol), fee=money))
        for market, order, kind in self._ended:
            self.live.give(Report(END, market, order=order, reason=kind))
        self._ended = []
        for market in range(len(self.live.names)):
            self._leave_dust(market)
        # What was told just now is booked when this bar is decided, and needs its order; an order may also end there
        # after it has settled here.
        for orders in self._settled:
            for order in orders:
                self.live.run.given.forget(order)
        settled = self._unbooked + [record.order for record in self.orders.newly_settled() if record.order >= 0]
        waiting = {execution.record.order for execution in self.waiting if execution.record is not None}
        self._unbooked = [order for order in settled if order in waiting]
        self._settled.append([order for order in settled if order not in waiting])
        self.orders.forget(self.schedules)

    def _reports(self, execution: Execution) -> list[Report]:
        record, fill = execution.record, execution.fill
        market = self.live.names.index(fill.symbol)
        if record is None or record.guard is None:
            order = -1 if record is None else record.order
            at_open = record is not None and record.request.kind == "market" and not record.is_slice
            return [
                Report(
                    FILL, market, order=order, side=fill.side, quantity=fill.quantity, price=fill.price,
                    fee=execution.fee, is_maker=fill.is_maker, at_open=at_open, is_last=self._is_last(execution),
                )
            ]  # fmt: skip
        out = []
        is_target = record.is_target
        for part, taken in share_out(record.guard, fill.quantity):
            out.append(
                Report(
                    EXIT, market, order=part.order, unit=part.unit, side=fill.side, quantity=taken, price=fill.price,
                    fee=execution.fee * taken / fill.quantity, is_maker=fill.is_maker,
                    reason=codes.FOR_TARGET if is_target else part.stop_reason,
                    rung=part.rung if is_target else -1, is_last=self._is_last(execution),
                )
            )  # fmt: skip
        return out

    def _is_last(self, execution: Execution) -> bool:
        """Whether nothing more will be executed of the order of an execution."""
        record = execution.record
        if record is None:
            return True
        if record.order in self.schedules:
            return False
        waiting = [each for each in self.waiting if each.record is record]
        return record.is_settled and (not waiting or waiting[-1] is execution)

    def _leave_dust(self, market: int) -> None:
        """Units too small for the venue, when nothing is on its way that would change that."""
        symbol = self.live.names[market]
        price = self.prices.get(symbol)
        if price is None or self.waiting or self.orders.open(symbol) or self.orders.unclear(symbol):
            return
        terms = self.listings[symbol].instrument
        for unit in self.live.run.book.positions[market].units:
            quantity = self._lots(symbol, unit.quantity)
            if quantity < terms.min_quantity or quantity * price < terms.min_notional:
                self.live.give(Report(DUST, market, unit=unit.id, price=price, reason=codes.FOR_DUST))

    def _base_fee(self, market: int, execution: Execution) -> float:
        """What a fee takes from the quantity bought."""
        listing = self.listings[self.live.names[market]]
        fill = execution.fill
        return fill.fee if fill.side > 0 and fill.fee_asset == listing.base else 0.0

    def _is_tradable(self, guard: Guard) -> bool:
        """Whether the venue takes an order of this size: what is smaller is dust until more is held."""
        terms = self.listings[guard.symbol].instrument
        quantity = self._lots(guard.symbol, guard.quantity)
        price = min(level for level in (guard.stop, guard.target) if level != NOTHING)
        return quantity > 0.0 and quantity >= terms.min_quantity and quantity * price >= terms.min_notional

    def _lots(self, symbol: str, quantity: float) -> float:
        lot = self.listings[symbol].instrument.lot
        if lot <= 0.0:
            return quantity
        return round(int(quantity / lot * (1.0 + TINY) + 1e-9) * lot, 12)

    def _is_sane(self, fill: FillReport) -> bool:
        """Whether this can be an execution at all: a venue that says what cannot be is not believed."""
        if fill.symbol not in self.listings or fill.symbol not in self.live.names:
            self._alarm(Level.CRITICAL, "nonsense", f"an execution in {fill.symbol[:30]!r}, which is not traded here")
            return False
        record = self.orders.get(fill.client_id)
        numbers = (fill.quantity, fill.price, fill.fee)
        if not (all(map(math.isfinite, numbers)) and fill.quantity > 0.0 < fill.price and fill.side in (1, -1)):
            self._alarm(
                Level.CRITICAL, "nonsense", f"{fill.symbol}: an execution of {fill.quantity:g} at {fill.price:g}"
            )
            return False
        if record is not None and (record.request.symbol, record.request.side) != (fill.symbol, fill.side):
            self._alarm(Level.CRITICAL, "nonsense", f"{fill.symbol}: an execution that is not of its order")
            return False
        is_known = record is not None and fill.trade_id in record.trades
        if record is not None and not is_known and fill.quantity > record.unfilled * (1.0 + 1e-6):
            self._alarm(
                Level.CRITICAL, "nonsense", f"{fill.symbol}: {fill.quantity:g} executed of {record.unfilled:g} left"
            )
            return False
        return True

    def _alarm(self, level: Level, what: str, text: str) -> None:
        self._alarms.append(Alarm(level, what, text))

    def _taken(self) -> list[Command]:
        alarms, self._alarms = self._alarms, []
        return list(alarms)


def _less(
    units: dict[int, Held], fresh: dict[int, tuple[float, float]], unit: int, order: int, taken: float
) -> tuple[dict[int, Held], dict[int, tuple[float, float]]]:
    if unit in units:
        units[unit] = units[unit]._replace(quantity=units[unit].quantity - taken)
    elif order in fresh:
        quantity, cost = fresh[order]
        share = max(quantity - taken, 0.0) / quantity if quantity else 0.0
        fresh[order] = (quantity * share, cost * share)
    return units, fresh


def _adopted(
    units: dict[int, Held], fresh: dict[int, tuple[float, float]], fill: FillReport
) -> tuple[dict[int, Held], dict[int, tuple[float, float]]]:
    """The units with what somebody else traded: bought without exits, sold from the oldest."""
    if fill.side > 0:
        quantity, cost = fresh.get(-1, (0.0, 0.0))
        return units, {**fresh, -1: (quantity + fill.quantity, cost + fill.quantity * fill.price)}
    return _closed(units, fresh, fill.quantity)


def _closed(
    units: dict[int, Held], fresh: dict[int, tuple[float, float]], left: float
) -> tuple[dict[int, Held], dict[int, tuple[float, float]]]:
    """The units when so much was closed: the oldest first, then what no bar has booked yet."""
    for number in list(units):
        taken = min(left, units[number].quantity)
        units, fresh = _less(units, fresh, number, -1, taken)
        left -= taken
    for order in list(fresh):
        taken = min(left, fresh[order][0])
        units, fresh = _less(units, fresh, -1, order, taken)
        left -= taken
    return units, fresh


def _without_rung(unit: Held, rung: int, taken: float) -> Held:
    """The unit once so much of a target of it was executed."""
    brackets = [
        (reason, number, level, quantity - taken if number == rung else quantity)
        for reason, number, level, quantity in unit.brackets
    ]
    return unit._replace(brackets=[each for each in brackets if each[3] > TINY * max(taken, unit.quantity)])


def _or_nothing(price: float) -> float:
    return price if price == price else 0.0
