"""A node: deployments on accounts, one journal, and the surface by which they are seen and handled (`control.Control`).

What the journal says of a deployment, beside its own facts: `deploy` (what was asked), `standing`, `mode`, `armed`,
`latch` (killed, halted), `base` (what an account held before), `audit` (who did what). A node that starts reads its
journal once and stands where it ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lingua.compiler import Compiled
from lingua_runtime import checks, views
from lingua_runtime.absent import Backoff, absent
from lingua_runtime.account import Account, Share
from lingua_runtime.clock import Clock, RealClock
from lingua_runtime.config import AccountConfig, ConfigError, NodeConfig
from lingua_runtime.control import (
    OVER,
    ApprovalView,
    ControlError,
    DeploymentView,
    EquityPoint,
    Event,
    FillView,
    HealthView,
    Mode,
    OrderView,
    PositionView,
    RiskState,
    Standing,
    StopHow,
)
from lingua_runtime.folder import Folder
from lingua_runtime.host import GIVEN, Host, Order, Timing, check_id, told_to_host
from lingua_runtime.journal import Entry, Journal, JournalError, Record, Writer
from lingua_runtime.journalled import Hook, ReplayError
from lingua_runtime.log import LEVELS, Log
from lingua_runtime.ports import FillReport, OrderReport, Refused, Venue, VenueError
from lingua_runtime.riskbook import RiskBook
from lingua_runtime.skew import ClockCheck
from lingua_runtime.strategies import NotDeployable, compile_bytes, find_terms, history, history_bars
from lingua_runtime.venues import NoAdapter, open_venue

VenueOpener = Callable[[str, Mapping[str, Any], Clock], Any]
SECOND = 1_000_000_000
OPENING_S = 5.0
"""So long a start waits for venues; then it goes on without those that have not answered."""
LONGEST_OPENING_S = 60.0
BEGINNING_S = 20.0
"""So long the answer to a deploy waits for it to agree with its venue."""
CONSOLE = "console"
"""An administrator at the machine itself, who may confirm twice."""
NODE = ""
"""The deployment of records that are of no deployment."""


class Node:
    """See above. `start` it, then use it as a `Control`; `end` leaves everything at the venues as it is."""

    def __init__(
        self,
        config: NodeConfig,
        *,
        clock: Clock | None = None,
        opener: VenueOpener = open_venue,
        hook: Hook | None = None,
    ) -> None:
        self.config = config
        self.clock = clock or RealClock()
        self.hosts: dict[str, Host] = {}
        self.accounts: dict[str, Account] = {}
        self.clock_checks: dict[str, ClockCheck] = {}
        """By account."""
        self.log_book = Log()
        self._opener = opener
        self._hook = hook
        self._timing = Timing(config.bar_deadline_s, config.sweep_s, config.stale_s, config.errors_until_advisory)
        self._began = time.monotonic()
        self._lag_s = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._failures: dict[str, str] = {}
        """Deployments that could not be restored, and why."""
        self._doing = asyncio.Lock()
        self.risk_book = RiskBook(self, config)
        self._folder = Folder(self, config) if config.strategies is not None else None

    # --- life ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Stand where the journal ends, and go on. A venue that cannot be reached is waited for; what is on other
        venues goes on meanwhile. Raises JournalError, NoAdapter, ConfigError."""
        self.writer = Writer(Journal(self.config.journal), self.log_book.take)
        opening = {config.name: asyncio.ensure_future(self._open(config)) for config in self.config.accounts.values()}
        if opening:
            await asyncio.wait(opening.values(), timeout=OPENING_S)
        for name, task in opening.items():
            await self._first(name, task)
        await self._restore()
        self.risk_book.is_retold = False
        for account in self.accounts.values():
            if not account.why_absent:
                self._begin(account)
            else:
                self._later(self._reach(account, opening[account.name]))
        self._tasks.append(asyncio.ensure_future(self._watch()))

    async def _first(self, name: str, opening: asyncio.Task[Venue]) -> None:
        """Take up an account with its venue, or with what stands for it until that is there."""
        config = self.config.accounts[name]
        try:
            venue, why = (opening.result(), "") if opening.done() else (None, f"no answer in {OPENING_S:g} s")
        except VenueError as problem:
            venue, why = None, problem.why
        account = self.accounts[name] = Account(config, venue or absent(config.venue, why), self._strange)
        account.why_absent = why
        account.look = partial(self._look, name)
        self.clock_checks[name] = ClockCheck(account.venue, self.clock, self.config.max_clock_skew_s)
        if venue is not None:
            await self._look(name)

    def _begin(self, account: Account) -> None:
        """Its venue is there: listen to it, and let the deployments of the journal go on."""
        account.begin()
        for host in self.hosts.values():
            if host.order.account == account.name and host.standing in (
                Standing.RUNNING, Standing.PAUSED, Standing.STARTING,
            ):  # fmt: skip
                host.standing = Standing.STARTING
                self._later(host._guarded(self._again(host)))

    async def _reach(self, account: Account, opening: asyncio.Task[Venue]) -> None:
        """Try again, slower and slower, until the venue can be opened."""
        backoff, told, name = Backoff(), "", account.name
        for host in self._waiting_on(account):
            host.standing = Standing.STARTING
        while True:
            problem: VenueError | None = None
            try:
                venue = await asyncio.wait_for(opening, LONGEST_OPENING_S)
                break
            except VenueError as found:
                problem, why = found, found.why
            except TimeoutError:
                why = f"no answer in {LONGEST_OPENING_S:g} s"
            except ValueError as found:
                account.why_absent = str(found)
                await self._tell(NODE, "critical", f"{name} cannot be used: {found}", what="venue", account=name)
                return
            account.why_absent = why
            if why != told:
                told = why
                text = f"{name} cannot be reached ({why}): nothing is traded on it; it is tried again"
                await self._tell(NODE, "critical", text, what="venue", account=name)
            for host in self._waiting_on(account):
                host.why = f"waits for {name}: {why}" if host.risk is RiskState.ACTIVE else host.why
            await asyncio.sleep(backoff.next_s(problem))
            opening = asyncio.ensure_future(self._open(account.config))
        account.reach(venue)
        self.clock_checks[name] = ClockCheck(venue, self.clock, self.config.max_clock_skew_s)
        await self._look(name)
        await self._tell(NODE, "info", f"{name} is reached", what="venue", account=name)
        for host in self._waiting_on(account):
            await host._guarded(self._arrive(host, account))
        self._begin(account)

    def _waiting_on(self, account: Account) -> list[Host]:
        return [h for h in self.hosts.values() if h.order.account == account.name and h.standing not in OVER]

    async def _arrive(self, host: Host, account: Account) -> None:
        """A deployment that was made without its venue gets it."""
        venue = account.venue if account.venue.is_shared else await self._open(account.config)
        if host.given is not None and venue.account is None:
            raise Refused(f"account {account.name} has bars and no account")
        host.reach(venue, venue.clock or self.clock)
        if venue.is_shared:
            host.clock_check = self.clock_checks[account.name]
        host.why = "" if host.risk is RiskState.ACTIVE else host.why

    async def end(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for host in self.hosts.values():
            await host.end()
        for account in self.accounts.values():
            await account.end()
        self.writer.close()
        self.writer.journal.close()

    async def _open(self, config: AccountConfig) -> Venue:
        try:
            venue: Venue = await self._opener(config.venue, config.settings, self.clock)
        except NoAdapter:
            raise
        except ValueError as problem:
            raise ConfigError(f"[accounts.{config.name}] {problem}") from None
        return venue

    async def _restore(self) -> None:
        """Read the journal once, and tell each deployment its part."""
        for record in self.writer.journal.read():
            self.log_book.take(record)
            if record.kind == "deploy":
                await self._restore_one(record)
            elif record.kind == "base":
                self.accounts[record.data["account"]].base[record.data["symbol"]] = float(record.data["quantity"])
            elif record.deployment in self.hosts and record.deployment not in self._failures:
                host = self.hosts[record.deployment]
                if not told_to_host(host, record):
                    try:
                        host.deployment.retell_one(record)
                    except (ReplayError, ValueError) as problem:
                        self._failures[host.id] = str(problem)
        for host in self.hosts.values():
            before = self.hosts.get(str(host.order.options.get("replaces", "")))
            if before is not None and before.standing is not Standing.STOPPED:
                host.waits_for = before
        for host in self.hosts.values():
            if host.id in self._failures:
                host.fail(self._failures[host.id])
                continue
            try:
                host.deployment.retold()
            except ReplayError as problem:
                host.fail(str(problem))

    async def _restore_one(self, record: Record) -> None:
        order = Order.of(record)
        if order.account not in self.accounts:
            text = f"{order.id}: there is no account {order.account} any more"
            self._later(self._tell(order.id, "critical", text, what="node"))
            return
        compiled = await asyncio.to_thread(
            compile_bytes, order.artefact.encode(), order.options.get("set"), order.options.get("strategy", "")
        )
        await self._add(order, compiled)

    async def _look(self, name: str) -> None:
        """Compare the clock of an account's venue with ours, and say so when it goes off or comes back."""
        check = self.clock_checks[name]
        if not await check.look():
            return
        level = "critical" if check.is_off else "info"
        text = f"the clock of {name} {check.why if check.is_off else 'agrees with ours again'}"
        await self._tell(NODE, level, text, what="clock", skew_s=check.skew_s)
        for host in list(self.hosts.values()):
            if host.order.account == name and host.standing in (Standing.RUNNING, Standing.PAUSED):
                try:
                    await self._permit(host)
                except JournalError as problem:
                    host.fail(f"the journal cannot be written: {problem}")

    async def _again(self, host: Host) -> None:
        if host.given is not None and self.clock_checks[host.order.account].is_off:
            await self._permit(host)  # as long as it starts it may open nothing
        await host.resume()
        host.why = "" if host.risk is RiskState.ACTIVE else host.why
        host.run(host.goes_on_as)
        await self._permit(host)

    async def _watch(self) -> None:
        """The loop's own delay, the kill file, the folder of strategies."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.25)
            self._lag_s = max(time.monotonic() - before - 0.25, self._lag_s * 0.9)
            try:
                if self.config.kill_file is not None and self.config.kill_file.exists():
                    await self._kill_by_file()
                await self._hand_on()
                await self._downgrade()
                if self._folder is not None:
                    await self._folder.look()
            except ControlError as problem:
                await self._tell(NODE, "critical", problem.why, what="node")

    async def _downgrade(self) -> None:
        """What the venue refuses or leaves unanswered again and again sends nothing new until a person has looked."""
        for host in list(self.hosts.values()):
            if host.mode in GIVEN and host.errors >= self._timing.errors_until_advisory:
                why = f"{host.errors} requests in a row went wrong: downgraded to advisory"
                await self._write(host.id, "mode", {"mode": str(Mode.ADVISORY), "why": why, "level": "critical",
                                                    "text": f"{host.id}: {why}"})  # fmt: skip
                host.errors = 0
                host.set_mode(Mode.ADVISORY, why)
                await self._permit(host)

    async def _kill_by_file(self) -> None:
        """The file's lines name deployments and accounts; an empty one means everything. Taken away when obeyed."""
        file = self.config.kill_file
        assert file is not None
        names = file.read_text("utf-8", "replace").split()
        for name in names or [""]:
            kind = "account" if name in self.accounts else "deployment"
            try:
                await self.kill(**{kind: name} if name else {}, by="the kill file")
            except ControlError as problem:
                await self._tell(NODE, "critical", f"kill file: {problem.why}", what="node")
        file.unlink(missing_ok=True)

    def _strange(self, event: OrderReport | FillReport) -> None:
        what = "traded" if isinstance(event, FillReport) else "ordered"
        text = f"{event.symbol}: {event.quantity:g} {what} by somebody else"
        self.warn(text, "foreign", symbol=event.symbol)

    def warn(self, text: str, what: str, **data: Any) -> None:
        """Something that is of no deployment, and that somebody should look at."""
        self._later(self._tell(NODE, "warning", text, what=what, **data))

    async def _tell(self, deployment: str, level: str, text: str, **data: Any) -> None:
        """An alarm that follows from no record. It gets one, so that who reads on from a number sees it."""
        told, now = {"level": level, "text": text, **data}, self.clock.now()
        try:
            await self.writer.append([Entry(deployment, "alarm", now, told)])
        except JournalError:
            self.log_book.say(deployment, "alarm", level, text, now, told)

    async def _write(self, deployment: str, kind: str, data: Mapping[str, Any]) -> None:
        try:
            await self.writer.append([Entry(deployment, kind, self.clock.now(), data)])
        except JournalError as problem:
            raise ControlError("journal", str(problem), "nothing was done; see to the disk first") from None

    # --- seeing --------------------------------------------------------------------------------------

    def health(self) -> HealthView:
        now = self.clock.now()
        problems = [f"{h.id}: {h.why}" for h in self.hosts.values() if h.standing is Standing.FAILED]
        problems += [f"{h.id} is starting" for h in self.hosts.values() if h.standing is Standing.STARTING]
        for each in self.accounts.values():
            if each.why_absent:
                problems.append(f"{each.name} cannot be reached: {each.why_absent}")
            elif not each.is_up:
                problems.append(f"the stream of {each.name} is lost")
        problems += [f"the clock of {name} {check.why}" for name, check in self.clock_checks.items() if check.is_off]
        feeds: dict[str, Mapping[str, float]] = {}
        for host in self.hosts.values():
            if host.standing in (Standing.RUNNING, Standing.PAUSED):
                for channel, feed in host.feeds.items():
                    figures = feed.figures(host.clock.now() if host.venue.clock is not None else now)
                    feeds[f"{host.id}:{channel.symbol}@{channel.timeframe}"] = figures
                    if host.venue.is_shared and figures["score"] == 0.0:
                        problems.append(f"{host.id}: bars of {channel.symbol} are overdue")
        reached = {each.name: not each.why_absent and each.is_up for each in self.accounts.values()}
        return HealthView(
            True, not problems, tuple(problems), time.monotonic() - self._began, self._lag_s, feeds, reached
        )

    def deployments(self) -> Sequence[DeploymentView]:
        return [host.view() for host in self.hosts.values()]

    def deployment(self, deployment: str) -> DeploymentView:
        return self._host(deployment).view()

    def orders(self, deployment: str = "", *, is_open: bool = False, most: int = 500) -> Sequence[OrderView]:
        return views.orders(self._chosen(deployment), is_open=is_open, most=most)

    def positions(self, deployment: str = "") -> Sequence[PositionView]:
        return [each for host in self._chosen(deployment) for each in views.positions(host)]

    def fills(self, deployment: str = "", *, since_ts: int = 0, most: int = 500) -> Sequence[FillView]:
        found = [f for host in self._chosen(deployment) for f in host.seen.fills if f.ts >= since_ts]
        return sorted(found, key=lambda fill: fill.ts)[-most:]

    def approvals(self, deployment: str = "") -> Sequence[ApprovalView]:
        return [each for host in self._chosen(deployment) for each in views.approvals(host)]

    def equity(self, deployment: str, *, most: int = 2_000) -> Sequence[EquityPoint]:
        points = list(self._host(deployment).track.points)
        step = max(-(-len(points) // most), 1)
        return points[::-1][::step][::-1]

    def performance(self, deployment: str) -> Mapping[str, Any]:
        return self._host(deployment).track.figures()

    def log(self, deployment: str = "", *, after_seq: int = 0, most: int = 500) -> Sequence[Event]:
        return self.log_book.latest(deployment, after_seq, most)

    def risk(self) -> Mapping[str, Any]:
        return {
            "deployments": {
                h.id: {"state": str(h.risk), "killed": h.is_killed, "why": h.why, "drawdown": h.track.drawdown,
                       "pnl_day": h.track.pnl_day}
                for h in self.hosts.values()
            },
            **self.risk_book.view(),
        }  # fmt: skip

    def events(self) -> AsyncIterator[Event]:
        return self.log_book.follow()

    # --- doing ---------------------------------------------------------------------------------------

    async def deploy(self, artefact: bytes, options: Mapping[str, Any], *, by: str) -> DeploymentView:
        async with self._doing:
            return await self._deploy(artefact, options, by)

    async def _deploy(self, artefact: bytes, options: Mapping[str, Any], by: str) -> DeploymentView:
        options = {name: value for name, value in options.items() if value is not None}
        try:
            mode = Mode(options.get("mode", "paper"))
        except ValueError:
            raise ControlError(
                "bad_mode", f"there is no mode `{options['mode']}`", "advisory, paper, semi, live"
            ) from None
        account = self._account(str(options.get("account") or next(iter(self.accounts))))
        try:
            compiled = await asyncio.to_thread(
                compile_bytes, artefact, options.get("set"), str(options.get("strategy", ""))
            )
            name = check_id(str(options.get("id") or compiled.program.name.lower()[:16]))
            before = self._running(name)
            if before is not None and not options.get("replace"):
                mend = f"`--replace` takes its place; `lingua stop {before.id}` ends it"
                raise ControlError("exists", f"there is a deployment {before.id} already", mend)
            if before is not None:
                name = check_id(next_version(before.id))
                options = {**options, "replaces": before.id}
            venue = account.venue if account.venue.is_shared else await self._open(account.config)
            now = await venue.market.now()
            terms = await find_terms(compiled, venue.market, options, 0)
            replaced = [each.id for each in self.hosts.values() if before and family(each.id) == family(before.id)]
            problems = await checks.deployable(compiled, terms, mode, account, venue, options, replaced)
        except NotDeployable as problem:
            raise ControlError("not_deployable", str(problem)) from None
        except VenueError as problem:
            raise ControlError("venue", f"{account.name}: {problem.why}") from None
        if problems:
            raise ControlError("not_deployable", "; ".join(problems))
        past = await self._history(compiled, terms, venue, now)
        # What closes now is history still, and no order of it would leave.
        acts_from = now + 1 if past is None or past[1] else 0
        able = venue.account.capabilities if mode in GIVEN and venue.account is not None else None
        order = Order(
            name, artefact.decode(), {k: v for k, v in options.items() if k != "dry_run"}, mode, account.name, by,
            self.clock.now(), replace(terms, acts_from=acts_from), able,
        )  # fmt: skip
        host = await self._make(order, compiled, venue)
        if options.get("dry_run"):
            return replace(host.view(), standing=Standing.STOPPED, why="dry run: everything it needs is there")
        await self._write(name, "audit", {"by": by, "what": "deploy", "fingerprint": compiled.fingerprint})
        await self.writer.append([Entry(name, "deploy", order.ts, order.to_data())])
        self._keep(host, account)
        if before is not None:
            await self._write(before.id, "replaced", {"on": True, "text": f"replaced by {name}", "by": by})
            before.is_replaced, host.waits_for = True, before
            await self._permit(before)
        self._later(beginning := asyncio.ensure_future(host._guarded(self._start_up(host, past[1] if past else []))))
        await asyncio.wait({beginning}, timeout=BEGINNING_S)
        return host.view()

    async def _start_up(self, host: Host, past: list[Any]) -> None:
        """A new deployment warms up and agrees with its venue; how long that takes is the venue's affair."""
        await host.deployment.begin(past)
        host.run(host.goes_on_as)
        await self._permit(host)

    def _running(self, name: str) -> Host | None:
        """The newest version of a deployment that has not been stopped."""
        found = [host for host in self.hosts.values() if family(host.id) == family(name)]
        found = [host for host in found if host.standing is not Standing.STOPPED and not host.is_replaced]
        return found[-1] if found else None

    async def _hand_on(self) -> None:
        """What replaces another begins when that one is flat."""
        for host in list(self.hosts.values()):
            before = host.waits_for
            if before is None or not before.is_flat:
                continue
            host.waits_for = None
            why = f"replaced by {host.id}"
            await self._write(before.id, "standing", {"standing": str(Standing.STOPPED), "why": why})
            before.standing, before.why = Standing.STOPPED, why
            await before.end()
            await self._permit(host)

    async def _history(self, compiled: Compiled, terms: Any, venue: Venue, now: int) -> Any:
        from lingua_runtime.strategies import make_live

        live = make_live(compiled, terms, is_given=False)
        return live, await history(live, venue.market, history_bars(compiled, terms), now)

    async def _add(self, order: Order, compiled: Compiled) -> Host:
        account = self.accounts[order.account]
        venue = account.venue if account.venue.is_shared else await self._open(account.config)
        host = await self._make(order, compiled, venue)
        self._keep(host, account)
        return host

    async def _make(self, order: Order, compiled: Compiled, venue: Venue) -> Host:
        account = self.accounts[order.account]
        share = None
        owner = _Later()
        if order.mode in GIVEN:
            listings = {each.instrument.symbol: each for each in order.terms.listings}
            share = Share(account, owner, listings, lambda request: self.risk_book.why_not(owner.host, request))
        host = Host(order, compiled, venue, venue.clock or self.clock, self.writer, self._timing,
                    share, self.clock, self._hook)  # fmt: skip
        owner.host = host
        if account.venue.is_shared:
            host.clock_check, host.look = self.clock_checks[order.account], partial(self._look, order.account)
        host.listeners.append(self._heard)
        host.watchers.append(self.risk_book.watch)
        host.bar_watchers.append(self.risk_book.take_bar)
        return host

    def _keep(self, host: Host, account: Account) -> None:
        old = self.hosts.get(host.id)
        if old is not None and old in account.owners:
            account.owners.remove(old)
        self.hosts[host.id] = host
        account.owners.append(host)

    async def limited(self, host: Host, risk: RiskState, why: str) -> None:
        """The limits of an account have changed what a deployment may do; a halt is latched."""
        if host.risk is risk or host.is_killed or host.id not in self.hosts:
            return
        await self._write(host.id, "latch", {"risk": str(risk), "killed": False, "why": why, "level": "warning"})
        host.latch(risk, False, why)
        await self._permit(host)

    def _heard(self, host: Host, kind: str, data: Mapping[str, Any]) -> None:
        """What a deployment says that is in no journal."""
        if kind == "alarm" and data.get("what") in ("journal", "failed", "sweep", "stale", "gap", "disconnect"):
            self._later(self._tell(host.id, LEVELS[data["level"]], data["text"], what=data["what"]))
        elif kind == "standing":
            self._later(self._write(host.id, "standing", data))

    def _later(self, work: Any) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.ensure_future(work))

    async def roll_back(self, deployment: str, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        before = self.hosts.get(str(host.order.options.get("replaces", "")))
        if before is None:
            raise ControlError("no_version", f"{deployment} has replaced nothing", "deploy the version that you want")
        options = {**before.order.options, "id": host.id, "replace": True, "mode": str(before.order.mode),
                   "account": before.order.account}  # fmt: skip
        return await self.deploy(before.order.artefact.encode(), options, by=by)

    async def arm(self, deployment: str, phrase: str, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        if host.mode not in GIVEN:
            raise ControlError("not_live", f"{deployment} runs in mode {host.mode}: there is nothing to arm")
        if phrase != f"arm {deployment}":
            raise ControlError("phrase", "the phrase is not right", f"type `arm {deployment}`")
        if by == host.order.by and by != CONSOLE:
            raise ControlError("same_person", f"{by} deployed it: the second confirmation is another person's")
        await self._write(host.id, "armed", {"on": True, "by": by})
        host.is_armed = True
        await self._permit(host)
        return host.view()

    async def disarm(self, deployment: str, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        await self._write(host.id, "armed", {"on": False, "by": by})
        host.is_armed = False
        await self._permit(host)
        return host.view()

    async def set_mode(self, deployment: str, mode: Mode, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        if (host.order.mode in GIVEN) < (mode in GIVEN):
            raise ControlError(
                "other_book", f"{deployment} was deployed in mode {host.order.mode}: its fills are not a venue's",
                f"deploy it again with `--mode {mode}`",
            )  # fmt: skip
        await self._write(host.id, "mode", {"mode": str(mode), "by": by})
        host.set_mode(mode, "")
        await self._permit(host)
        return host.view()

    async def pause(self, deployment: str, *, by: str) -> DeploymentView:
        return await self._stand(deployment, Standing.PAUSED, by)

    async def resume(self, deployment: str, *, by: str) -> DeploymentView:
        return await self._stand(deployment, Standing.RUNNING, by)

    async def _stand(self, deployment: str, standing: Standing, by: str) -> DeploymentView:
        host = self._host(deployment)
        if host.standing not in (Standing.RUNNING, Standing.PAUSED, Standing.STARTING):
            raise ControlError("standing", f"{deployment} is {host.standing}", "deploy it again")
        await self._write(host.id, "standing", {"standing": str(standing), "by": by})
        host.goes_on_as = standing
        if host.standing is not Standing.STARTING:
            host.standing, host.why = standing, ""
        await self._permit(host)
        return host.view()

    async def stop(self, deployment: str, how: StopHow, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        await self._write(host.id, "audit", {"by": by, "what": f"stop --{how}"})
        await host.stop(how)
        await self._write(host.id, "standing", {"standing": str(Standing.STOPPED), "why": f"stopped ({how})", "by": by})
        host.standing, host.why = Standing.STOPPED, f"stopped ({how})"
        await host.end()
        return host.view()

    async def kill(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        hosts = self._addressed(deployment, account)
        for host in hosts:
            data = {"risk": str(RiskState.HALTED), "killed": True, "why": f"killed by {by}", "by": by}
            await self._write(host.id, "latch", data)
            host.latch(RiskState.HALTED, True, str(data["why"]))
        for host in hosts:
            await self._permit(host)
            await host.kill(True)
        return {"killed": [host.id for host in hosts]}

    async def rearm(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        hosts = [host for host in self._addressed(deployment, account) if host.risk is not RiskState.ACTIVE]
        self.risk_book.rearm({host.order.account for host in hosts}, is_all=not (deployment or account))
        for host in hosts:
            await self._write(host.id, "latch", {"risk": str(RiskState.ACTIVE), "killed": False, "by": by})
            await host.kill(False)
            host.latch(RiskState.ACTIVE, False, "")
            if host.is_armed:
                await self._write(host.id, "armed", {"on": False, "by": by})
                host.is_armed = False
            await self._permit(host)
        return {"rearmed": [host.id for host in hosts]}

    def _addressed(self, deployment: str, account: str) -> list[Host]:
        if deployment:
            return [self._host(deployment)]
        if account:
            self._account(account)
        return [host for host in self.hosts.values() if account in ("", host.order.account)]

    async def approve(self, approval: str, *, by: str) -> None:
        host, order = self._approval(approval)
        await self._write(host.id, "audit", {"by": by, "what": f"approve {approval}"})
        await host.answer(order, is_yes=True)

    async def reject(self, approval: str, *, by: str) -> None:
        host, order = self._approval(approval)
        await self._write(host.id, "audit", {"by": by, "what": f"reject {approval}"})
        await host.answer(order, is_yes=False)

    def _approval(self, approval: str) -> tuple[Host, int]:
        for host in self.hosts.values():
            for each in views.approvals(host):
                if each.id == approval:
                    return host, int(approval.rpartition(":")[2])
        raise ControlError("no_such_approval", f"nothing waits under `{approval[:40]}`: it was answered or has expired")

    async def adopt(self, deployment: str, symbol: str, *, by: str) -> DeploymentView:
        host = self._host(deployment)
        await self._write(host.id, "audit", {"by": by, "what": f"adopt {symbol}"})
        await host.adopt(symbol)
        return host.view()

    # --- finding -------------------------------------------------------------------------------------

    async def _permit(self, host: Host) -> None:
        """Whether it may open anything follows from all that is known of it."""
        await host.permit()

    def _host(self, deployment: str) -> Host:
        """One by its name; a name without a version means the one that runs."""
        host = self.hosts.get(deployment)
        if host is not None and host.is_replaced:
            host = self._running(deployment) or host
        if host is None:
            known = ", ".join(self.hosts) or "none"
            raise ControlError(
                "no_such_deployment", f"there is no deployment `{deployment[:40]}`", f"there are: {known}"
            )
        return host

    def _chosen(self, deployment: str) -> list[Host]:
        return [self._host(deployment)] if deployment else list(self.hosts.values())

    def _account(self, name: str) -> Account:
        account = self.accounts.get(name)
        if account is None:
            known = ", ".join(self.accounts)
            raise ControlError("no_such_account", f"there is no account `{name[:40]}`", f"there are: {known}")
        return account


def family(name: str) -> str:
    """A deployment's name without its version."""
    stem, dash, number = name.rpartition("-v")
    return stem if dash and number.isdigit() else name


def next_version(name: str) -> str:
    stem, dash, number = name.rpartition("-v")
    return f"{stem}-v{int(number) + 1}" if dash and number.isdigit() else f"{name}-v2"


class _Later:
    """A host that is being made: what its share of the account asks is asked of it later."""

    host: Host

    @property
    def prefix(self) -> str:
        return self.host.prefix

    @property
    def id(self) -> str:
        return self.host.id

    @property
    def cash(self) -> float:
        return self.host.cash

    def quantity_of(self, symbol: str) -> float:
        return self.host.quantity_of(symbol)

    async def told(self, event: Any) -> None:
        await self.host.told(event)
