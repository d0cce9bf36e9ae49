"""A deployment with its journal on a disk, on an exchange that goes on while it is dead."""

from __future__ import annotations

import asyncio
import contextlib
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from rig import LISTING, MINUTE, SPOT, START

import lingua
from lingua.live.bars import ClosedBar, Source
from lingua.live.strategy import LiveStrategy
from lingua.trading.execution import Execution
from lingua_adapters.simulated import Faults, SimulatedAccount
from lingua_adapters.simulator.matching import Exchange, Market
from lingua_runtime.clock import VirtualClock
from lingua_runtime.deployment import Deployment
from lingua_runtime.journal import Journal, Writer
from lingua_runtime.kernel import Settings


class Crash(BaseException):
    """The process is gone."""


class World:
    def __init__(self, program: str, prices: list[Any], path: Path, seed: int, faults: Faults) -> None:
        self.program, self.prices, self.path = program, prices, path
        self.rng = random.Random(seed)
        market = Market("BTCUSDT", "BTC", "USDT", lot=Decimal("0.001"), min_quantity=Decimal("0.001"), max_stops=100)
        self.exchange = Exchange([market])
        self.exchange.deposit("me", "USDT", Decimal(100_000))
        self.exchange.now = START // 1_000_000
        self.exchange.move("BTCUSDT", Decimal(repr(prices[0][0])).quantize(Decimal("0.01")))
        self.account = SimulatedAccount(self.exchange, faults=faults, seed=seed)
        self.clock = VirtualClock(START)
        self.alarms: list[str] = []
        self.crashes = 0
        self.crash_at = 0
        """The step from now at which the process dies; 0: never."""
        self.labels: list[str] = []
        self.deployment: Deployment | None = None
        self.next_bar = 0
        self.bars: list[ClosedBar] = []

    # --- the process ---------------------------------------------------------------------------------

    def make(self) -> LiveStrategy:
        compiled = lingua.compile(self.program)
        assert compiled.ok, compiled.problems
        execution = Execution(commission=0.001, cash_buffer=0.02)
        return LiveStrategy(compiled, [Source(SPOT, "1m")], execution=execution, capital=100_000.0, is_given=True)

    async def start(self) -> None:
        self.writer = Writer(Journal(self.path))
        life = {"left": self.crash_at, "is_dead": False}

        def hook(label: str) -> None:
            if life["is_dead"]:
                raise Crash
            if life["left"]:
                life["left"] -= 1
                if not life["left"]:
                    life["is_dead"] = True
                    self.labels.append(label)
                    raise Crash

        deployment = Deployment(
            "d1", self.make(), Settings("d1", absences=2), self.account, {"BTCUSDT": LISTING}, self.writer, self.clock,
            hook=hook, listener=self.heard,
        )  # fmt: skip
        self.deployment = deployment
        records = list(self.writer.journal.read("d1"))
        if not records:
            await self.during(deployment.begin(iter([])))
            await self.during(deployment.arm(True))
        else:
            deployment.retell(iter(records))
            # The bars that were missed: evaluated, and nothing that they open is sent.
            told = deployment.live.last_ts
            await self.during(self.catch_up(deployment, told))
            await self.during(deployment.reconcile())

    async def catch_up(self, deployment: Deployment, told: int) -> None:
        deployment.kernel.hold()
        channel = deployment.live.channels[0]
        for bar in self.bars:
            if bar.ts > deployment.live.last_of(channel):
                await deployment.bar(channel, bar)
            if bar.ts > told:
                await deployment.instant(bar.ts, is_late=True)

    async def during(self, work: Any) -> None:
        """Work that may sleep: time passes and messages wait until it is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if not task.done():
                await asyncio.sleep(0.0005)
                self.pass_time(200_000_000)
        await task

    def heard(self, kind: str, data: Any) -> None:
        if kind == "alarm":
            self.alarms.append(f"{data['level']} {data['what']}: {data['text']}")

    async def stop(self) -> None:
        assert self.deployment is not None
        for task in list(self.deployment._tasks):
            task.cancel()
        with contextlib.suppress(BaseException):
            await asyncio.gather(*self.deployment._tasks, return_exceptions=True)
        self.deployment = None
        self.writer.close()
        self.writer.journal.close()

    async def guarded(self, work: Any) -> None:
        """Work of the process, which may die of it."""
        try:
            await work
            if self.deployment is not None and self.deployment.failure is not None:
                raise self.deployment.failure
        except Crash:
            self.crashes += 1
            await self.stop()

    # --- the world -----------------------------------------------------------------------------------

    def pass_time(self, ns: int) -> None:
        self.clock.move(self.clock.now() + ns)
        self.exchange.now = self.clock.now() // 1_000_000

    async def deliver(self) -> None:
        for message in self.account.pump(self.clock.now()):
            if self.deployment is not None:
                await self.guarded(self.deployment.event(message))  # type: ignore[arg-type]

    async def run(self, crash_every: int, down_for: int) -> None:
        """All bars; the process dies at a random step, about each `crash_every` steps, and is back some bars later."""
        self.crash_at = self.rng.randint(1, crash_every) if crash_every else 0
        await self.guarded(self.start())
        back_at = 0
        for k, (open_, high, low, close) in enumerate(self.prices):
            path = [open_, low, high, close] if close >= open_ else [open_, high, low, close]
            start = START + k * MINUTE
            for j, price in enumerate(path):
                self.clock.move(start + (j + 1) * MINUTE // 5)
                self.exchange.now = self.clock.now() // 1_000_000
                self.exchange.move("BTCUSDT", Decimal(repr(price)).quantize(Decimal("0.01")))
                await self.deliver()
                if self.deployment is not None:
                    await self.guarded(self.deployment.price("BTCUSDT", price))
                if self.deployment is not None:
                    await self.guarded(self.deployment.tick())
                await asyncio.sleep(0)
            self.clock.move(start + MINUTE)
            self.exchange.now = self.clock.now() // 1_000_000
            bar = ClosedBar(start, start + MINUTE, open_, high, low, close, 1e9)
            if self.deployment is not None:
                await self.guarded(self.close(self.deployment, bar, k))
            self.bars.append(bar)
            await self.deliver()
            if self.deployment is None:
                if not back_at:
                    back_at = k + self.rng.randint(0, down_for)
                if k >= back_at:
                    back_at = 0
                    self.crash_at = self.rng.randint(1, crash_every)
                    await self.guarded(self.start())

    async def close(self, deployment: Deployment, bar: ClosedBar, k: int) -> None:
        await deployment.bar(deployment.live.channels[0], bar)
        await deployment.instant(bar.ts)
        if k % 10 == 9:
            await deployment.sweep("BTCUSDT")

    async def settle(self) -> None:
        self.account.faults = Faults()
        self.crash_at = 0
        if self.deployment is not None:
            await self.stop()
        await self.start()
        assert self.deployment is not None
        await self.deployment.arm(False)
        for _ in range(30):
            self.pass_time(10_000_000_000)
            await self.deliver()
            await self.deployment.sweep("BTCUSDT")
            await self.deployment.tick()
            await self.deployment.price("BTCUSDT", self.prices[-1][3])
            await self.during(self.deployment.idle())
