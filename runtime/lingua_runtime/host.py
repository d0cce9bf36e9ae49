"""One deployment in its node: its bars come in, its instants are decided in time, its standing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from lingua.compiler import Compiled
from lingua.data.timeframe import Timeframe
from lingua.live.bars import Channel, ClosedBar
from lingua.live.decisions import Decisions
from lingua_runtime.absent import Backoff
from lingua_runtime.clock import Clock
from lingua_runtime.commands import Alarm, Level
from lingua_runtime.control import OVER, ControlError, DeploymentView, FillView, Mode, RiskState, Standing, StopHow
from lingua_runtime.deployment import Deployment
from lingua_runtime.instants import Instants
from lingua_runtime.journal import JournalError, Record, Writer
from lingua_runtime.journalled import Journalled
from lingua_runtime.kernel import SECOND, Settings
from lingua_runtime.orders import OrderRecord
from lingua_runtime.paper import Paper
from lingua_runtime.ports import (
    AccountEvent,
    BarEvent,
    Capabilities,
    Connection,
    FillReport,
    NotFound,
    PriceEvent,
    Refused,
    Venue,
    VenueError,
)
from lingua_runtime.quality import Feed
from lingua_runtime.seen import MOST, Seen
from lingua_runtime.skew import ClockCheck
from lingua_runtime.strategies import Terms, arriving, make_live
from lingua_runtime.track import Track

GIVEN = (Mode.LIVE, Mode.SEMI)
"""Modes whose orders a venue fills."""
TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; see `lingua_runtime.config.NodeConfig`."""

    bar_deadline_s: float = 2.0
    sweep_s: float = 30.0
    stale_s: float = 30.0
    errors_until_advisory: int = 5


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked to be deployed: written down, and the same for ever. `tag` makes client ids of one deployment
    differ from those of an earlier one of its name."""

    id: str
    artefact: str
    options: Mapping[str, Any]
    mode: Mode
    account: str
    by: str
    ts: int
    terms: Terms
    capabilities: Capabilities | None = None
    """The venue's at that time; None where no venue fills its orders."""

    @property
    def tag(self) -> str:
        return _base36(self.ts // SECOND)[-6:]

    @property
    def prefix(self) -> str:
        return f"{self.id}-{self.tag}-"

    def to_data(self) -> dict[str, Any]:
        return {
            "artefact": self.artefact, "options": dict(self.options), "mode": str(self.mode), "account": self.account,
            "by": self.by, "terms": self.terms.to_data(), "capabilities": capabilities_data(self.capabilities),
        }  # fmt: skip

    @classmethod
    def of(cls, record: Record) -> Order:
        data = record.data
        found = data["capabilities"]
        able = None if found is None else Capabilities(**{**found, "kinds": frozenset(found["kinds"])})
        return cls(
            record.deployment, data["artefact"], data["options"], Mode(data["mode"]), data["account"], data["by"],
            record.ts, Terms.of(data["terms"]), able,
        )  # fmt: skip


class Host:
    """See above. It is driven by `feed` (bars) and `watch` (time); everything else is asked of it by the node."""

    def __init__(self, order: Order, compiled: Compiled, venue: Venue, clock: Clock, writer: Writer, timing: Timing,
                 share: Any = None, pace: Clock | None = None, hook: Any = None) -> None:  # fmt: skip
        self.order = order
        self.prefix = order.prefix
        self.compiled = compiled
        self.venue = venue
        self.clock = clock
        self.pace = pace or clock
        self.writer = writer
        self.timing = timing
        self.mode = order.mode
        self.standing = Standing.STARTING
        self.goes_on_as = Standing.RUNNING
        """What it was before it had to begin again."""
        self.risk = RiskState.ACTIVE
        self.why = ""
        self.is_armed = False
        self.is_killed = False
        self.errors = 0
        """Requests that went wrong since the last one that went well."""
        self.waits_for: Host | None = None
        """The version before, which closes what it has first."""
        self.clock_check: ClockCheck | None = None
        """Of its account; the node sets both."""
        self.look: Callable[[], Awaitable[None]] | None = None
        self.is_replaced = False
        live = make_live(compiled, order.terms, is_given=order.mode in GIVEN)
        self.seen = Seen(order.id)
        self.track = Track(order.terms.capital, live.sources[0].instrument.calendar)
        options: dict[str, Any] = {"listener": self._heard, "watcher": self._decided, "bar_watcher": self._pushed}
        if hook is not None:
            options["hook"] = hook
        self.deployment: Journalled
        if order.mode in GIVEN:
            listings = dict(zip(live.names, order.terms.listings, strict=True))
            settings = Settings(
                f"{order.id}-{order.tag}", late_entries=int(order.options.get("late_entries", 0)),
                needs_approval=order.mode is Mode.SEMI,
            )  # fmt: skip
            options["capabilities"] = order.capabilities
            options["rate"] = self._rate_of
            self.deployment = Deployment(order.id, live, settings, share, listings, writer, clock, **options)
        else:
            self.deployment = Paper(order.id, live, writer, clock, **options)
        if self.given is not None:
            self.given.kernel.heard = self._filled
        calendars = {source.symbol: source.instrument.calendar for source in live.sources}
        self.instants = Instants(live.channels, calendars, timing.bar_deadline_s)
        self.feeds = {channel: Feed(channel, calendars[channel.symbol]) for channel in live.channels}
        self.listeners: list[Any] = []
        self.watchers: list[Callable[[Host, Decisions], None]] = []
        self.bar_watchers: list[Callable[[Channel, ClosedBar], None]] = []
        self._lock = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._swept_at = 0
        self._gap_why = ""
        """Why missed bars could not be fetched last time: told once."""
        self._rules: dict[int, str] = {}
        base = Timeframe.parse(live.sources[0].timeframe).seconds
        self._late_ns = int(max(min(60.0, base / 2), timing.bar_deadline_s + 1.0) * SECOND)

    # --- who it is -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.order.id

    @property
    def fingerprint(self) -> str:
        return self.compiled.fingerprint

    @property
    def given(self) -> Deployment | None:
        """The deployment when a venue fills its orders."""
        return self.deployment if isinstance(self.deployment, Deployment) else None

    @property
    def cash(self) -> float:
        return 0.0 if self.given is None or self.standing in OVER else max(self.track.cash, 0.0)

    def quantity_of(self, symbol: str) -> float:
        live = self.deployment.live
        if self.given is None or symbol not in live.names:
            return 0.0
        market = live.names.index(symbol)
        return self.given.kernel.quantity(market) + abs(live.run.book.positions[market].dust)

    # --- beginning and ending ------------------------------------------------------------------------

    def reach(self, venue: Venue, clock: Clock) -> None:
        """The venue that was absent when this was made."""
        self.venue, self.clock, self.deployment.clock = venue, clock, clock

    async def resume(self) -> None:
        """After the journal was told: what was missed is fetched and evaluated, then the venue is asked; as often as it
        takes."""
        if self.given is not None:
            await self.given.hold()
        backoff = Backoff()
        while self.venue.is_shared and not await self.fill_gaps(0):
            await self.clock.sleep(backoff.next_s())
        if self.given is not None:
            await self.given.reconcile()

    def run(self, standing: Standing) -> None:
        """Bars and time from here on."""
        self.standing = standing
        self._tasks.append(asyncio.ensure_future(self._guarded(self._feed())))
        if self.given is not None or self.venue.is_shared:
            self._tasks.append(asyncio.ensure_future(self._guarded(self._watch())))

    async def end(self) -> None:
        """No more bars. What is at the venue stays there."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.gather(*(t for t in tasks if t is not asyncio.current_task()), return_exceptions=True)

    async def _guarded(self, work: Any) -> None:
        """A fault stops this deployment and says so; the others go on."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except JournalError as problem:
            self.fail(f"the journal cannot be written: {problem}")
        except Exception as problem:
            self.fail(f"{type(problem).__name__}: {problem}")

    def fail(self, why: str) -> None:
        if self.standing is not Standing.FAILED:
            self.standing, self.why = Standing.FAILED, why
            if self.given is not None:
                self.given.kernel.hold()
            self._heard("alarm", {"level": str(Level.CRITICAL), "what": "failed", "text": f"{self.id}: {why}"})

    # --- bars ----------------------------------------------------------------------------------------

    async def _feed(self) -> None:
        pairs = list(dict.fromkeys((channel.symbol, channel.timeframe) for channel in self.deployment.live.channels))
        async for event in self.venue.market.subscribe(pairs):
            if isinstance(event, BarEvent):
                await self.take_bar(event)
            elif isinstance(event, PriceEvent):
                if self.given is not None:
                    async with self._lock:
                        await self.given.price(event.symbol, event.price)
            elif event.is_up:
                await self._look()
                await self.fill_gaps(self.clock.now())
            else:
                self._say(Level.WARNING, "disconnect", f"{self.id}: the stream of bars is lost: {event.why}")
        async with self._lock:
            await self._decide(2**62)
        self.standing, self.why = Standing.STOPPED, "the recorded bars have ended"
        self._heard("standing", {"standing": str(self.standing), "why": self.why})

    async def take_bar(self, event: BarEvent) -> None:
        """A bar from the stream; what is missing before it is fetched first."""
        live = self.deployment.live
        for channel in live.channels:
            if (channel.symbol, channel.timeframe) != (event.symbol, event.timeframe):
                continue
            if self.venue.is_shared and self.feeds[channel].is_gap(live.last_of(channel), event.bar):
                await self.fill_gaps(event.bar.ts, only=channel)
            async with self._lock:
                await self._decide(self.clock.now())
                await self._take(channel, event.bar, is_repaired=event.is_repaired)
                await self._decide(self.clock.now())

    async def _take(self, channel: Channel, bar: ClosedBar, *, is_repaired: bool = False) -> None:
        now = self.clock.now()
        live = self.deployment.live
        if bar.ts <= live.last_of(channel):
            self.feeds[channel].repeated += 1
            return
        await self.deployment.bar(channel, bar)
        self.feeds[channel].came(bar, now, is_repaired=is_repaired)
        if not channel.is_finer:
            is_traded = channel.market < len(self.order.terms.symbols)
            self.instants.came(channel, bar.ts, now, decides=is_traded)

    async def _decide(self, now: int) -> None:
        """The instants whose time has come."""
        for ts, expired in self.instants.due(now):
            is_late = self.given is not None and now < 2**62 and now - ts > self._late_ns
            await self.deployment.instant(ts, is_late=is_late, expired=expired if self.venue.is_shared else ())

    async def fill_gaps(self, now: int, only: Channel | None = None) -> bool:
        """Fetch the bars that the stream did not bring, of every channel, and evaluate them; whether they were told."""
        live = self.deployment.live
        try:
            until = (now or await self.venue.market.now()) - (1 if only is not None else 0)
            found = {}
            for channel in live.channels:
                since = live.last_of(channel)
                since = until if since < 0 or only not in (None, channel) else since
                found[channel] = await self.venue.market.bars(channel.symbol, channel.timeframe, since, until)
        except VenueError as problem:
            if problem.why != self._gap_why:
                self._gap_why = problem.why
                self._say(Level.WARNING, "gap", f"{self.id}: missed bars could not be fetched: {problem.why}")
            return False
        self._gap_why = ""
        async with self._lock:
            for _, together in groupby(arriving(live, found), key=lambda item: item[1].ts):
                await self._decide(self.clock.now())
                for channel, bar in together:
                    await self._take(channel, bar, is_repaired=True)
            await self._decide(self.clock.now())
        return True

    # --- time ----------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await self.clock.sleep(TICK_S)
            now = self.clock.now()
            async with self._lock:
                await self._decide(now)
                if self.given is not None:
                    await self.given.tick()
                    if self.given.failure is not None:
                        raise self.given.failure
            # What a venue lets one ask is counted by the real clock, whatever the market's own does.
            if self.pace.now() - self._swept_at >= self.timing.sweep_s * SECOND:
                self._swept_at = self.pace.now()
                await self._look()
                if self.given is not None:
                    for symbol in self.deployment.live.names[: len(self.order.terms.symbols)]:
                        await self.given.sweep(symbol)
            for feed in self.feeds.values():
                if feed.goes_stale(now, self.timing.stale_s):
                    self._say(
                        Level.WARNING,
                        "stale",
                        f"{self.id}: no bar of {feed.channel.symbol} since {feed.age(now):.0f} s",
                    )

    async def _look(self) -> None:
        """Compare the clocks."""
        if self.look is not None:
            await self.look()

    # --- the venue -----------------------------------------------------------------------------------

    async def told(self, event: AccountEvent) -> None:
        """What the account's stream says of this deployment's orders."""
        given = self.given
        if given is None or self.standing is Standing.FAILED:
            return
        try:
            if not isinstance(event, Connection):
                await given.event(event)
            elif event.is_up:
                await given.hold()
                # Not waited for: the account has others to tell, and a venue may take its time.
                self._tasks = [task for task in self._tasks if not task.done()]
                self._tasks.append(asyncio.ensure_future(self._guarded(given.reconcile())))
            else:
                self._say(Level.WARNING, "disconnect", f"{self.id}: the account's stream is lost: {event.why}")
        except JournalError as problem:
            self.fail(f"the journal cannot be written: {problem}")

    # --- being handled -------------------------------------------------------------------------------

    def set_mode(self, mode: Mode, why: str) -> None:
        self.mode = mode
        self.why = why or self.why
        if self.given is not None:
            self.given.kernel.needs_approval = mode is Mode.SEMI

    def latch(self, risk: RiskState, is_killed: bool, why: str) -> None:
        self.risk, self.is_killed, self.why = risk, is_killed, why

    @property
    def may_enter(self) -> bool:
        """Whether anything may be opened."""
        if self.standing is not Standing.RUNNING or self.risk is not RiskState.ACTIVE or self.is_killed:
            return False
        if self.is_replaced or self.waits_for is not None:
            return False
        if self.clock_check is not None and self.clock_check.is_off:
            return False
        return self.given is None or (self.mode in GIVEN and self.is_armed)

    @property
    def is_flat(self) -> bool:
        """Nothing is held but dust, and nothing works."""
        if self.given is not None:
            return self.given.kernel.is_flat
        book = self.deployment.live.run.book
        return not any(p.quantity for p in book.positions) and not any(
            not order.is_done for orders in book.orders for order in orders
        )

    async def permit(self) -> None:
        """Let the deployment know what `may_enter` says."""
        may = self.may_enter
        if self.given is not None:
            if self.given.kernel.may_enter != may:
                await self.given.arm(may)
        elif self.deployment.operator.is_halted == may:
            await self.deployment.operate("halt", not may)

    async def kill(self, is_on: bool) -> None:
        """Close all that is held, and keep trying until it is gone; or stop trying."""
        if self.given is not None:
            await self.given.kill(is_on)
        else:
            await self.deployment.operate("flatten", is_on)

    async def stop(self, how: StopHow) -> None:
        """Withdraw what opens, then leave what is held as `how` says. Raises ControlError when that takes too long."""
        given = self.given
        if given is None:
            return
        await given.arm(False)
        if how is StopHow.HAND_OVER:
            await given.hand_over()
            return
        if how is StopHow.FLATTEN:
            await given.kill(True)
        for _ in range(240):
            is_done = given.kernel.is_flat if how is StopHow.FLATTEN else not given.kernel.has_entries
            if is_done:
                return
            await given.tick()
            await self.clock.sleep(TICK_S)
        raise ControlError(
            "not_done", f"{self.id} is not done after a minute; it goes on trying", "look at `lingua orders`"
        )

    async def answer(self, order: int, *, is_yes: bool) -> None:
        if self.given is not None:
            await (self.given.approve(order) if is_yes else self.given.reject(order))

    async def adopt(self, symbol: str) -> None:
        """What the venue holds and nobody here knows becomes this deployment's."""
        if self.given is None or symbol not in self.deployment.live.names:
            raise ControlError("not_traded", f"{self.id} does not trade {symbol} at a venue")
        try:
            await self.given.adopt(symbol, await self.venue.market.price(symbol))
        except VenueError as problem:
            raise ControlError("venue", problem.why) from None

    # --- telling -------------------------------------------------------------------------------------

    def view(self) -> DeploymentView:
        live, track = self.deployment.live, self.track
        return DeploymentView(
            id=self.id, strategy=self.compiled.program.name, fingerprint=self.compiled.fingerprint, mode=self.mode,
            standing=self.standing, risk=self.risk, account=self.order.account, symbols=self.order.terms.symbols,
            timeframe=self.order.terms.timeframe, is_armed=self.is_armed, started_ts=self.order.ts,
            last_bar_ts=max(live.last_ts, 0), bars=live.instants, equity=track.equity, cash=track.cash,
            pnl_day=track.pnl_day, drawdown=track.drawdown, trades=track.trades, why=self.why,
        )  # fmt: skip

    def rule_of(self, order: int) -> str:
        """The rule of an order of the run."""
        return self._rules.get(order, "")

    def _pushed(self, channel: Channel, bar: ClosedBar) -> None:
        for watcher in self.bar_watchers:
            watcher(channel, bar)

    def _decided(self, decisions: Decisions) -> None:
        self.track.take(decisions)
        for watcher in self.watchers:
            watcher(self, decisions)
        if self.given is None:
            self.seen.take(decisions)
        for sent in decisions.orders:
            self._rules[sent.order_id] = sent.rule
        while len(self._rules) > MOST:
            del self._rules[next(iter(self._rules))]

    async def _rate_of(self, asset: str, currency: str) -> float:
        """What an asset costs, by the pair that the venue has of the two."""
        try:
            return await self.venue.market.price(f"{asset}{currency}")
        except (NotFound, Refused):
            return 1.0 / await self.venue.market.price(f"{currency}{asset}")

    def _filled(self, fill: FillReport, record: OrderRecord) -> None:
        self.seen.fills.append(
            FillView(
                self.id, fill.trade_id, fill.client_id, fill.symbol, fill.side, fill.quantity, fill.price, fill.fee,
                fill.fee_asset, fill.ts, self.rule_of(record.order),
            )
        )  # fmt: skip

    def _heard(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "error":
            self.errors += 1
        elif kind == "fill":
            self.errors = 0
        for listener in self.listeners:
            listener(self, kind, data)

    def _say(self, level: Level, what: str, text: str) -> None:
        self.deployment._tell(Alarm(level, what, text))


def told_to_host(host: Host, record: Record) -> bool:
    """A record of a deployment that is its host's, told again; False for one that is the deployment's own."""
    data = record.data
    match record.kind:
        case "standing":
            host.standing, host.why = Standing(data["standing"]), data.get("why", "")
            host.goes_on_as = host.standing if host.standing is Standing.PAUSED else Standing.RUNNING
        case "mode":
            host.set_mode(Mode(data["mode"]), data.get("why", ""))
        case "armed":
            host.is_armed = bool(data["on"])
        case "latch":
            host.latch(RiskState(data["risk"]), bool(data["killed"]), data.get("why", ""))
        case "replaced":
            host.is_replaced = bool(data["on"])
        case "deploy" | "audit" | "alarm":
            pass
        case _:
            return False
    return True


def capabilities_data(capabilities: Capabilities | None) -> dict[str, Any] | None:
    """As plain data."""
    if capabilities is None:
        return None
    return {**asdict(capabilities), "kinds": sorted(capabilities.kinds)}


def check_id(name: str) -> str:
    """A deployment's name: it begins its client ids, which venues keep short. Raises ControlError."""
    if not (1 <= len(name) <= 16 and name.replace("_", "").replace("-", "").isalnum() and name.isascii()):
        raise ControlError(
            "bad_id", f"`{name[:40]}` is no name for a deployment", "letters, digits, - and _, at most 16"
        )
    return name


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, k = divmod(number, 36)
        out = digits[k] + out
    return out or "0"
