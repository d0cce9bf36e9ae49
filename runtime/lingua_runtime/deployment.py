"""A deployment at work: its kernel, its journal and its venue.

Whatever happens is told to the kernel and written down together with what the kernel then asks for; when both are on
the disk it is done. So after a crash the journal tells everything that was asked, and the venue what became of it: a
request of which no answer is written is looked up, and nothing new is asked for until all is known.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict

from lingua.live.bars import Channel, ClosedBar
from lingua.live.decisions import Decisions
from lingua.live.strategy import LiveStrategy
from lingua_runtime import wire
from lingua_runtime.absent import Backoff
from lingua_runtime.account import NotAllowed
from lingua_runtime.clock import Clock
from lingua_runtime.commands import Alarm, Cancel, Command, Level, LookUp, Place, Quote, Sweep
from lingua_runtime.journal import JournalError, Record, Writer
from lingua_runtime.journalled import DECISIONS, BarWatcher, Facts, Hook, Journalled, Listener, Watcher
from lingua_runtime.kernel import SECOND, Kernel, Settings
from lingua_runtime.observe import timing
from lingua_runtime.observe.timing import deciding, leaving, timed
from lingua_runtime.ports import (
    Capabilities,
    Execution,
    FillReport,
    Listing,
    NotDone,
    NotFound,
    OrderReport,
    OutcomeUnknown,
    Refused,
    VenueError,
)

PLACE_TRIES = 3
Rate = Callable[[str, str], Awaitable[float]]
"""What one unit of an asset costs in another; raises VenueError."""
LATEST_S = 600
"""How late an execution may be told by the venue's list of them."""


class Deployment(Journalled):
    """See above. `live` stands before its first bar and `is_given`; `account` is the venue's;
    `capabilities` are those it had when this deployment was written down, so that it is told again as it was."""

    def __init__(
        self,
        name: str,
        live: LiveStrategy,
        settings: Settings,
        account: Execution,
        listings: Mapping[str, Listing],
        writer: Writer,
        clock: Clock,
        *,
        rate: Rate | None = None,
        capabilities: Capabilities | None = None,
        hook: Hook = lambda _: None,
        listener: Listener = lambda *_: None,
        watcher: Watcher = lambda _: None,
        bar_watcher: BarWatcher = lambda *_: None,
    ) -> None:
        super().__init__(
            name, live, writer, clock, hook=hook, listener=listener, watcher=watcher, bar_watcher=bar_watcher
        )
        self.account = account
        self.kernel = Kernel(live, settings, capabilities or account.capabilities, listings)
        self._rate_of = rate
        self._tasks: set[asyncio.Task[None]] = set()
        self._swept: dict[str, int] = {}
        """When each symbol was swept last."""
        self._unswept: set[str] = set()
        self._reconciling = asyncio.Lock()

    # --- what happens --------------------------------------------------------------------------------

    async def _decide(self, ts: int, now: int, is_late: bool, facts: Facts) -> list[Decisions]:
        with deciding():
            decided, commands = self.kernel.instant(ts, now, is_late=is_late)
        for each in decided:
            self.watcher(each)  # before anything leaves: a limit that is reached now holds now
        told = [each.to_dict() for each in decided]
        entries = [*facts, ("instant", {"ts": ts, "late": is_late}), *((DECISIONS, each) for each in told)]
        await self._follow(entries, commands, now)
        timing.decided()
        for fact in told:
            self.listener(DECISIONS, fact)
        return decided

    async def event(self, message: OrderReport | FillReport) -> None:
        """The venue says something."""
        now = self.clock.now()
        numbers = [value for value in asdict(message).values() if isinstance(value, float)]
        if not all(map(math.isfinite, numbers)):
            # No number, so nothing that could be written down or counted.
            text = f"{message.symbol[:30]!r}: the venue tells numbers that are none of {message.client_id[:40]!r}"
            await self._follow([("nonsense", {"text": text})], [Alarm(Level.CRITICAL, "nonsense", text)], now)
        elif self.kernel.knows(message):
            pass  # venues tell everything by several ways, and nothing follows from the second
        elif isinstance(message, OrderReport):
            await self._follow([("report", wire.report_data(message))], self.kernel.report(message, now), now)
        else:
            await self._follow([("fill", wire.fill_data(message))], self.kernel.fill(message, now), now)
            self.listener("fill", wire.fill_data(message))

    async def price(self, symbol: str, price: float) -> None:
        now = self.clock.now()
        before = self.kernel.standing()
        commands = self.kernel.price(symbol, price, now)
        fact = {"symbol": symbol, "price": price}
        if commands or self.kernel.standing() != before:
            await self._follow([("price", fact)], commands, now)
            return
        last = self._noted[-1] if self._noted else None
        if last is not None and last.kind == "price" and last.data["symbol"] == symbol:
            self._noted.pop()  # nothing followed from it, and nothing will
        await self._note("price", fact)

    async def tick(self) -> None:
        """Time has passed. Written down only when that changes something."""
        now = self.clock.now()
        before = self.kernel.standing()
        commands = self.kernel.tick(now)
        if commands or self.kernel.standing() != before:
            await self._follow([("tick", {})], commands, now)

    async def arm(self, may_enter: bool) -> None:
        """Whether increases may leave."""
        self.kernel.may_enter = may_enter
        await self._write([("arm", {"may_enter": may_enter})])

    async def approve(self, order: int) -> None:
        now = self.clock.now()
        await self._follow([("approve", {"order": order})], self.kernel.approve(order, now), now)

    async def reject(self, order: int) -> None:
        now = self.clock.now()
        await self._follow([("reject", {"order": order})], self.kernel.reject(order, now), now)

    async def kill(self, is_on: bool) -> None:
        """Close everything, whatever it takes; or stop doing so."""
        now = self.clock.now()
        await self._follow([("kill", {"on": is_on})], self.kernel.kill(is_on, now), now)

    async def hand_over(self) -> None:
        """Withdraw every order, and let go of what is held."""
        now = self.clock.now()
        await self._follow([("hand_over", {})], self.kernel.hand_over(now), now)
        await self.idle()

    async def adopt(self, symbol: str, price: float) -> None:
        """What the venue holds more (or less) than is known here becomes this deployment's."""
        listing = self.kernel.listings[symbol]
        held = sum(each.free + each.locked for each in await self.account.balances() if each.asset == listing.base)
        market = self.live.names.index(symbol)
        quantity = held - self.kernel.quantity(market) - abs(self.live.run.book.positions[market].dust)
        if abs(quantity) < max(listing.instrument.lot, 1e-12):
            return
        now = self.clock.now()
        commands = self.kernel.adopt(symbol, quantity, price, now, now)
        await self._follow([("adopt", {"symbol": symbol, "quantity": quantity, "price": price})], commands, now)

    # --- beginning -----------------------------------------------------------------------------------

    async def begin(self, history: Iterable[tuple[Channel, ClosedBar]]) -> None:
        await super().begin(history)
        await self.reconcile()

    def _decide_again(self, ts: int, now: int, is_late: bool) -> tuple[list[Decisions], list[Command]]:
        return self.kernel.instant(ts, now, is_late=is_late)

    def _told_again(self, record: Record) -> list[Command]:
        kernel, data, now = self.kernel, record.data, record.ts
        match record.kind:
            case "report":
                return kernel.report(wire.report_of(data), now)
            case "fill":
                return kernel.fill(wire.fill_of(data), now)
            case "refused":
                return kernel.refused(data["order"], data["why"], now)
            case "unknown":
                return kernel.unknown(data["order"], data["why"], now)
            case "not_found":
                return kernel.not_found(data["order"], now)
            case "not_canceled":
                return kernel.not_canceled(data["order"], data["why"], now)
            case "swept":
                working = [wire.report_of(each) for each in data["working"]]
                fills = [wire.fill_of(each) for each in data["fills"]]
                self._swept[data["symbol"]] = now
                return kernel.swept(data["symbol"], working, fills, float(data["held"]), now)
            case "price":
                return kernel.price(data["symbol"], float(data["price"]), now)
            case "tick":
                return kernel.tick(now)
            case "arm":
                kernel.may_enter = bool(data["may_enter"])
            case "rate":
                price = math.nan if data["price"] is None else float(data["price"])
                return kernel.rate(data["asset"], data["currency"], price, now)
            case "approve":
                return kernel.approve(int(data["order"]), now)
            case "reject":
                return kernel.reject(int(data["order"]), now)
            case "denied":
                return kernel.denied(data["order"], data["why"], now)
            case "kill":
                return kernel.kill(bool(data["on"]), now)
            case "nonsense":
                return [Alarm(Level.CRITICAL, "nonsense", data["text"])]
            case "hand_over":
                return kernel.hand_over(now)
            case "adopt":
                return kernel.adopt(data["symbol"], float(data["quantity"]), float(data["price"]), now, now)
            case "hold":
                kernel.hold()
                return kernel.forgotten(now)
            case "release":
                return kernel.release(now)
            case _:
                pass
        return []

    async def hold(self) -> None:
        """Ask for nothing until `reconcile` has been through."""
        now = self.clock.now()
        self.kernel.hold()
        await self._follow([("hold", {})], self.kernel.forgotten(now), now)

    async def reconcile(self) -> None:
        """Ask the venue for everything until nothing is unknown, then go on. Nothing else is asked for meanwhile."""
        async with self._reconciling:
            await self.hold()
            backoff = Backoff()
            while True:
                await self.idle()
                answered = [await self.sweep(symbol) for symbol in self.live.names]
                await self.idle()
                await self.tick()
                if all(answered) and self._is_clear():
                    break
                wait_s = self.kernel.settings.look_up_s / 2 if all(answered) else backoff.next_s()
                await self.clock.sleep(wait_s)
            now = self.clock.now()
            await self._follow([("release", {})], self.kernel.release(now), now)

    def _is_clear(self) -> bool:
        """Whether of everything that was asked for it is known what became of it."""
        orders = self.kernel.orders
        return not any(r.sent_ts and not r.answered_ts for r in orders.open()) and not any(
            orders.unclear(symbol) for symbol in self.live.names
        )

    async def sweep(self, symbol: str) -> bool:
        """Take what the streams may have lost; whether the venue answered. Written down only when it is something."""
        listing = self.kernel.listings[symbol]
        try:
            working = await self.account.open_orders(symbol)
            now = self.clock.now()
            fills = await self.account.fills(symbol, self._since(symbol))
            balances = {each.asset: each for each in await self.account.balances()}
        except (NotDone, OutcomeUnknown, Refused) as problem:
            if symbol not in self._unswept:
                self._unswept.add(symbol)
                self._tell(Alarm(Level.WARNING, "sweep", f"{symbol}: the venue does not answer a sweep: {problem.why}"))
            return False
        self._unswept.discard(symbol)
        self._swept[symbol] = now
        fills = [fill for fill in fills if not self.kernel.knows(fill)]
        of_base = balances.get(listing.base)
        held = of_base.free + of_base.locked if of_base is not None else 0.0
        now = self.clock.now()
        is_news = bool(fills) or not all(self.kernel.knows(report) for report in working)
        before = self.kernel.orders.states(), symbol in self.kernel.disputed
        commands = self.kernel.swept(symbol, working, fills, held, now)
        is_news = is_news or before != (self.kernel.orders.states(), symbol in self.kernel.disputed)
        if not is_news and not commands:
            return True
        facts = {
            "symbol": symbol, "held": held, "working": [wire.report_data(each) for each in working],
            "fills": [wire.fill_data(each) for each in fills],
        }  # fmt: skip
        await self._follow([("swept", facts)], commands, now)
        return True

    def _since(self, symbol: str) -> int:
        """From when on executions are asked for: with the last sweep, with room for those that are told late, and from
        the beginning of what still works."""
        working = [record.created_ts for record in self.kernel.orders.unsettled(symbol)]
        return max(min([self._swept.get(symbol, 0), *working]) - LATEST_S * SECOND, 0)

    async def idle(self) -> None:
        """Until everything that was asked for has been answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.failure is not None:
            raise self.failure

    # --- doing ---------------------------------------------------------------------------------------

    async def _follow(self, entries: Facts, commands: list[Command], now: int) -> None:
        """Write down what happened and what follows from it, then do that."""
        self.hook("handled")
        await self._write([*entries, *(("command", wire.command_data(each)) for each in commands)], now)
        self.hook("written")
        for command in commands:
            if isinstance(command, Alarm):
                self._tell(command)
                continue
            task = asyncio.ensure_future(self._do(command))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and self.failure is None:
            self.failure = task.exception()

    async def _do(self, command: Command) -> None:
        match command:
            case Place():
                await self._place(command)
            case Cancel():
                await self._cancel(command)
            case LookUp():
                await self._look_up(command)
            case Quote():
                await self._quote(command)
            case Sweep():
                for symbol in self.live.names:
                    await self.sweep(symbol)
            case Alarm():
                self._tell(command)

    async def _place(self, command: Place) -> None:
        names = [request.client_id for request in command.requests]
        for attempt in range(PLACE_TRIES):
            self.hook("before place")
            try:
                leaving()
                with timed("answer"):
                    reports = await self.account.place(command.requests)
            except NotAllowed as problem:
                await self._each("denied", names, problem.why)
                return
            except Refused as problem:
                await self._each("refused", names, problem.why)
                return
            except NotDone as problem:
                if attempt + 1 < PLACE_TRIES:
                    await self.clock.sleep(max(problem.wait_s, 0.2 * 2**attempt))
                    continue
                await self._each("refused", names, problem.why)
                return
            except OutcomeUnknown as problem:
                self.hook("no answer")
                await self._each("unknown", names, problem.why)
                return
            self.hook("placed")
            for report in reports:
                await self.event(report)
            return

    async def _each(self, kind: str, names: list[str], why: str) -> None:
        if kind in ("refused", "unknown"):
            self.listener("error", {"kind": kind, "why": why})
        for name in names:
            now = self.clock.now()
            commands = getattr(self.kernel, kind)(name, why, now)
            await self._follow([(kind, {"order": name, "why": why})], commands, now)

    async def _cancel(self, command: Cancel) -> None:
        self.hook("before cancel")
        try:
            report = await self.account.cancel(command.symbol, command.client_id)
        except (Refused, NotDone, OutcomeUnknown, NotFound) as problem:
            await self._each("not_canceled", [command.client_id], problem.why)
            return
        self.hook("canceled")
        await self.event(report)

    async def _quote(self, command: Quote) -> None:
        price: float | None = None
        if self._rate_of is not None:
            try:
                price = await self._rate_of(command.asset, command.currency)
            except VenueError:
                price = None
        price = price if price is not None and math.isfinite(price) and price > 0.0 else None
        now = self.clock.now()
        commands = self.kernel.rate(command.asset, command.currency, math.nan if price is None else price, now)
        fact = {"asset": command.asset, "currency": command.currency, "price": price}
        await self._follow([("rate", fact)], commands, now)

    async def _look_up(self, command: LookUp) -> None:
        self.hook("before look-up")
        record = self.kernel.orders.get(command.client_id)
        since = record.created_ts - 60 * SECOND if record is not None else 0
        try:
            report = await self.account.order(command.symbol, command.client_id)
            fills = [
                fill for fill in await self.account.fills(command.symbol, since)
                if fill.client_id == command.client_id or fill.venue_id == report.venue_id
            ]  # fmt: skip
        except NotFound:
            now = self.clock.now()
            commands = self.kernel.not_found(command.client_id, now)
            await self._follow([("not_found", {"order": command.client_id})], commands, now)
            return
        except (Refused, NotDone, OutcomeUnknown):
            return  # asked again when the time comes
        self.hook("looked up")
        for fill in fills:
            await self.event(fill)
        await self.event(report)

    def _cannot_write(self, problem: JournalError) -> None:
        self.kernel.hold()
        super()._cannot_write(problem)
