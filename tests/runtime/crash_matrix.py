"""kill -9 of a real process at every step between an event and its effect, with faults on, and what is true afterwards.

    python tests/runtime/crash_matrix.py --kills 500

A deployment runs in a process of its own; its exchange is here, goes on while the process is dead, loses answers and
messages, repeats and delays them. Two of three deaths come at a labelled step, the third at any moment at all. After
each world: nothing was sent twice, no order is lost on either side, positions are the venue's, and what should be
protected is. Printed: where the deaths were, and what was checked.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from rig import LISTING, MINUTE, SPOT, START, exact, walk
from test_kernel import LADDER, TRAIL

import lingua
from lingua.live.bars import ClosedBar, Source
from lingua.live.strategy import LiveStrategy
from lingua.trading.execution import Execution
from lingua_adapters.simulated import Faults, SimulatedAccount
from lingua_adapters.simulator.matching import Exchange, Market
from lingua_runtime import ports, wire
from lingua_runtime.clock import VirtualClock
from lingua_runtime.deployment import Deployment
from lingua_runtime.journal import Journal, Writer
from lingua_runtime.kernel import Settings

FAULTS = Faults(0.03, 0.08, 0.02, 0.03, 0.1, 0.1, 0.2, 0.05)
ERRORS = {kind.__name__: kind for kind in (ports.Refused, ports.NotDone, ports.OutcomeUnknown, ports.NotFound)}
PROGRAMS = (LADDER, TRAIL)
LABELS = ("before place", "no answer", "placed", "before cancel", "canceled", "before look-up", "looked up")


class Line:
    """JSON objects over a socket, one a line."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.file = end.makefile("rb")

    def send(self, message: Any) -> None:
        self.end.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> Any:
        """None when the other side is gone."""
        try:
            text = self.file.readline()
        except OSError:
            return None
        return json.loads(text) if text.endswith(b"\n") else None

    def close(self) -> None:
        self.file.close()
        self.end.close()


# --- the process that dies -------------------------------------------------------------------------------


class Remote:
    """The account of the other process."""

    capabilities = SimulatedAccount.capabilities

    def __init__(self, line: Line) -> None:
        self.line = line

    def ask(self, what: str, **more: Any) -> Any:
        self.line.send({"ask": what, **more})
        answer = self.line.read()
        if answer is None:
            os._exit(3)
        if "error" in answer:
            raise ERRORS[answer["error"]](answer["why"])
        return answer["ok"]

    async def place(self, requests: Sequence[ports.OrderRequest]) -> list[ports.OrderReport]:
        return [wire.report_of(each) for each in self.ask("place", requests=[asdict(r) for r in requests])]

    async def cancel(self, symbol: str, client_id: str) -> ports.OrderReport:
        return wire.report_of(self.ask("cancel", symbol=symbol, client_id=client_id))

    async def order(self, symbol: str, client_id: str) -> ports.OrderReport:
        return wire.report_of(self.ask("order", symbol=symbol, client_id=client_id))

    async def open_orders(self, symbol: str) -> list[ports.OrderReport]:
        return [wire.report_of(each) for each in self.ask("open_orders", symbol=symbol)]

    async def fills(self, symbol: str, since_ts: int) -> list[ports.FillReport]:
        return [wire.fill_of(each) for each in self.ask("fills", symbol=symbol, since_ts=since_ts)]

    async def balances(self) -> list[ports.Balance]:
        return [ports.Balance(**each) for each in self.ask("balances")]

    async def events(self) -> AsyncIterator[ports.AccountEvent]:
        raise NotImplementedError
        yield


def process(line: Line, program: str, path: Path, kill_at: int, at: str, now: int) -> None:
    """The life of a deployment: it stands where its journal ends, does what it is told, and dies at step number
    `kill_at` of those called `at` (of all, without a name)."""
    left = [kill_at]

    def hook(label: str) -> None:
        left[0] -= at in ("", label)
        if left[0] == 0 and at in ("", label):
            line.send({"dying": label})
            os.kill(os.getpid(), signal.SIGKILL)

    async def main() -> None:
        clock = VirtualClock(now)
        writer = Writer(Journal(path))
        live = LiveStrategy(compiled_of(program), [Source(SPOT, "1m")], capital=100_000.0, is_given=True,
                            execution=Execution(commission=0.001, cash_buffer=0.02))  # fmt: skip
        deployment = Deployment("d1", live, Settings("d1", absences=2), Remote(line), {"BTCUSDT": LISTING}, writer,
                                clock, hook=hook)  # fmt: skip

        async def during(work: Any) -> None:
            task = asyncio.ensure_future(work)
            while not task.done():
                for _ in range(10):
                    await asyncio.sleep(0)
                if not task.done() and clock.sleepers:
                    line.send({"wait": True})
                    clock.move(line.read()["now"])
                elif not task.done():
                    await asyncio.sleep(0.0002)
            await task

        records = list(writer.journal.read("d1"))
        if records:
            deployment.retell(iter(records))
            await during(deployment.hold())
        else:
            await during(deployment.begin([]))
            await during(deployment.arm(True))
        line.send({"done": True, "told": deployment.live.last_ts})
        while (told := line.read()) is not None:
            clock.move(told["now"])
            await during(act(deployment, told))
            await during(deployment.idle() if told["do"] in ("reconcile", "state") else asyncio.sleep(0))
            line.send({"done": True, "state": state(deployment) if told["do"] == "state" else None})
        os._exit(0)

    asyncio.run(main())


async def act(deployment: Deployment, told: Any) -> None:
    channel = deployment.live.channels[0]
    match told["do"]:
        case "bar":
            bar = wire.bar_of(told["bar"])
            if bar.ts > deployment.live.last_of(channel):
                await deployment.bar(channel, bar)
            if bar.ts > deployment.live.last_ts:
                await deployment.instant(bar.ts, is_late=told["late"])
        case "price":
            await deployment.price("BTCUSDT", told["price"])
            await deployment.tick()
        case "report":
            await deployment.event(wire.report_of(told["report"]))
        case "fill":
            await deployment.event(wire.fill_of(told["fill"]))
        case "sweep":
            await deployment.sweep("BTCUSDT")
            await deployment.tick()
        case "reconcile":
            await deployment.reconcile()
        case "disarm":
            await deployment.arm(False)


def state(deployment: Deployment) -> dict[str, Any]:
    """What this side holds to be true."""
    kernel = deployment.kernel
    units = kernel.held(0)
    return {
        "held": sum(unit.quantity for unit in units) + abs(kernel.live.run.book.positions[0].dust),
        "guarded": sum(unit.quantity for unit in units if unit.brackets and unit.quantity * 90 > 5),
        "units": len(units),
        "orders": {record.client_id: str(record.state) for record in kernel.orders},
    }


# --- the world that goes on ------------------------------------------------------------------------------


@dataclass
class Tally:
    kills: int = 0
    worlds: int = 0
    orders: int = 0
    fills: int = 0
    bars: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Dead(Exception):
    """The process is gone."""


class World:
    def __init__(self, seed: int, bars: int, path: Path, kill_every: int, tally: Tally) -> None:
        self.rng = random.Random(seed)
        self.program = PROGRAMS[seed % len(PROGRAMS)]
        self.prices = walk(seed, bars)
        self.path, self.kill_every, self.tally = path, kill_every, tally
        market = Market("BTCUSDT", "BTC", "USDT", lot=Decimal("0.001"), min_quantity=Decimal("0.001"), max_stops=100)
        self.exchange = Exchange([market])
        self.exchange.deposit("me", "USDT", Decimal(100_000))
        self.exchange.now = START // 1_000_000
        self.exchange.move("BTCUSDT", exact(self.prices[0][0]))
        self.account = SimulatedAccount(self.exchange, faults=FAULTS, seed=seed)
        self.now = START
        self.bars: list[ClosedBar] = []
        self.line: Line | None = None
        self.pid = 0
        self.is_settling = False
        self.dies_anywhere = False
        self.kill_in = 0

    # --- the process ---

    def start(self) -> None:
        """A new life; it may end before it has begun."""
        ours, theirs = socket.socketpair()
        kill_at = 0 if self.is_settling or self.rng.random() < 0.34 else self.rng.randint(1, self.kill_every)
        # Half of the labelled deaths come at a step of one name, which might be rare.
        at = self.rng.choice(LABELS) if kill_at and self.rng.random() < 0.5 else ""
        kill_at = self.rng.randint(1, 4) if at else kill_at
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            try:
                process(Line(theirs), self.program, self.path, kill_at, at, self.now)
            except BaseException as problem:
                print(f"the process ended by {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
            os._exit(4)
        theirs.close()
        self.pid, self.line = pid, Line(ours)
        # The others die at any moment: at a random message, a random while after it was sent.
        self.dies_anywhere = not kill_at and not self.is_settling
        self.kill_in = self.rng.randint(1, self.kill_every)
        told = self.serve()["told"]
        for bar in self.bars:
            if bar.ts > told:
                self.do("bar", bar=wire.bar_data(bar), late=True)
        self.do("reconcile")

    def do(self, what: str, **more: Any) -> Any:
        if self.line is None:
            return None
        if self.kill_in:
            self.kill_in -= 1
        try:
            self.line.send({"do": what, "now": self.now, **more})
        except OSError:
            self.died("any moment")
        if self.dies_anywhere and self.kill_in == 0:
            time.sleep(self.rng.random() * 0.004)
            os.kill(self.pid, signal.SIGKILL)
            self.dies_anywhere = False
        return self.serve()

    def serve(self) -> Any:
        """Answer what the process asks until it has done what it was told."""
        assert self.line is not None
        label = "any moment"
        while True:
            message = self.line.read()
            if message is None:
                self.died(label)
            if "done" in message:
                return message
            if "dying" in message:
                label = message["dying"]
                continue
            try:
                self.line.send(self.answer(message))
            except OSError:
                self.died(label)

    def answer(self, message: Any) -> Any:
        if "wait" in message:
            self.pass_time(200_000_000)
            return {"now": self.now}
        ask = message["ask"]
        account = self.account
        work: Any
        if ask == "place":
            work = account.place([ports.OrderRequest(**each) for each in message["requests"]])
        elif ask == "fills":
            work = account.fills(message["symbol"], message["since_ts"])
        elif ask == "balances":
            work = account.balances()
        elif ask == "open_orders":
            work = account.open_orders(message["symbol"])
        else:
            work = getattr(account, ask)(message["symbol"], message["client_id"])
        try:
            found = run_now(work)
        except ports.VenueError as problem:
            return {"error": type(problem).__name__, "why": problem.why}
        return {"ok": [asdict(each) for each in found] if isinstance(found, list) else asdict(found)}

    def died(self, label: str) -> None:
        assert self.line is not None
        self.line.close()
        self.line = None
        _, status = os.waitpid(self.pid, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            self.tally.wrong.append(f"the process ended by itself ({status})")
        self.tally.kills += 1
        self.tally.labels[label] += 1
        raise Dead

    def end(self) -> None:
        if self.line is not None:
            self.line.close()
            os.waitpid(self.pid, 0)
            self.line = None

    # --- time ---

    def pass_time(self, ns: int) -> None:
        self.now += ns
        self.exchange.now = self.now // 1_000_000

    def deliver(self) -> None:
        for message in self.account.pump(self.now):
            if self.line is not None:
                if isinstance(message, ports.OrderReport):
                    self.do("report", report=wire.report_data(message))
                elif isinstance(message, ports.FillReport):
                    self.do("fill", fill=wire.fill_data(message))

    def run(self) -> None:
        down = 0
        for k, row in enumerate(self.prices):
            if self.line is None:
                if down > 0:
                    down -= 1
                else:
                    self.guard(self.start)
            if not self.guard(lambda k=k, row=row: self.bar(k, row)):
                down = self.rng.randint(0, 2)
            if len(self.bars) <= k:  # it died inside the bar, which goes on without it
                self.finish(k, row)
        self.tally.bars += len(self.prices)

    def guard(self, work: Any) -> bool:
        try:
            work()
        except Dead:
            return False
        return True

    def bar(self, k: int, row: tuple[float, float, float, float]) -> None:
        open_, high, low, close = row
        path = (open_, low, high, close) if close >= open_ else (open_, high, low, close)
        for j, price in enumerate(path):
            self.pass_time(max(START + k * MINUTE + (j + 1) * MINUTE // 5 - self.now, 0))
            self.exchange.move("BTCUSDT", exact(price))
            self.deliver()
            self.do("price", price=price)
        bar = self.finish(k, row)
        self.do("bar", bar=wire.bar_data(bar), late=False)
        self.deliver()
        if k % 10 == 9:
            self.do("sweep")

    def finish(self, k: int, row: tuple[float, float, float, float]) -> ClosedBar:
        self.pass_time(max(START + (k + 1) * MINUTE - self.now, 0))
        self.exchange.move("BTCUSDT", exact(row[3]))
        bar = ClosedBar(START + k * MINUTE, START + (k + 1) * MINUTE, *row, 1e9)
        self.bars.append(bar)
        return bar

    # --- what must be true ---

    def check(self) -> None:
        self.account.faults = Faults()
        self.is_settling = True
        self.end()
        self.start()
        self.do("disarm")
        for _ in range(20):
            self.pass_time(10_000_000_000)
            self.deliver()
            self.do("sweep")
            self.do("price", price=self.prices[-1][3])
        found = self.do("state")["state"]
        self.end()
        self.compare(found)
        self.tally.worlds += 1
        self.tally.orders += len(self.exchange.orders)
        self.tally.fills += len(self.exchange.trades)

    def compare(self, found: dict[str, Any]) -> None:
        def wrong(text: str) -> None:
            self.tally.wrong.append(f"{self.path.name}: {text}")

        account, zero = self.exchange.accounts["me"], Decimal(0)
        held = float(account.free.get("BTC", zero) + account.locked.get("BTC", zero))
        if abs(held - found["held"]) > 3e-3:
            wrong(f"the venue holds {held:g}, {found['held']:g} is known here")
        names = [order.client_id for order in self.exchange.orders.values()]
        if len(names) != len(set(names)):
            wrong("an order was sent twice")
        for order in self.exchange.orders.values():
            here = found["orders"].get(order.client_id)
            if order.is_working and here is None:
                wrong(f"{order.client_id} works at the venue and is forgotten here")
            if order.is_working and here in ("filled", "canceled", "rejected", "expired", "denied"):
                wrong(f"{order.client_id} works at the venue and is {here} here")
        for name, here in found["orders"].items():
            if here in ("accepted", "partially_filled") and name not in names:
                wrong(f"{name} is {here} here and the venue has never seen it")
        guarded: dict[int, float] = {}
        for order in self.exchange.open("me"):
            if not order.is_buy:
                group = order.group or -order.number
                guarded[group] = max(guarded.get(group, 0.0), float(order.left))
        if abs(sum(guarded.values()) - found["guarded"]) > 0.06 * (1 + found["units"]):
            wrong(f"{sum(guarded.values()):g} is protected at the venue, {found['guarded']:g} should be")


@functools.cache
def compiled_of(program: str) -> Any:
    """Before the first process is made, so that none of them has to."""
    compiled = lingua.compile(program)
    LiveStrategy(compiled, [Source(SPOT, "1m")], is_given=True)
    return compiled


def run_now(work: Any) -> Any:
    """The value of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


def matrix(kills: int, *, bars: int = 100, kill_every: int = 90, seed: int = 0, tell: Any = None) -> Tally:
    """Worlds until so many processes were killed."""
    tally = Tally()
    for program in PROGRAMS:
        compiled_of(program)
    with tempfile.TemporaryDirectory() as folder:
        while tally.kills < kills:
            world = World(seed, bars, Path(folder) / f"world-{seed}.db", kill_every, tally)
            world.run()
            world.check()
            seed += 1
            if tell is not None:
                tell(tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()

    def tell(tally: Tally) -> None:
        print(f"\r{tally.kills} kills in {tally.worlds} worlds, {len(tally.wrong)} faults found", end="", flush=True)

    tally = matrix(options.kills, seed=options.seed, tell=tell if sys.stdout.isatty() else None)
    print(f"\r{tally.kills} processes killed in {tally.worlds} worlds of {tally.bars:,} bars "
          f"({time.monotonic() - began:.0f} s); {tally.orders:,} orders, {tally.fills:,} fills")  # fmt: skip
    for label, count in sorted(tally.labels.items(), key=lambda item: -item[1]):
        print(f"  {count:5}  {label}")
    print("sent twice, lost on either side, forgotten stops, positions that differ:", len(tally.wrong) or "none")
    for each in tally.wrong:
        print("  ", each)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
