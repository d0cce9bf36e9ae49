"""A market with an account in this program, on a clock that the test moves, for whole nodes: recorded prices move an
exchange, bars and prices are told to who subscribed, and on the way things go wrong as a `Faults` says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.live.bars import ClosedBar
from lingua.trading.instrument import Instrument
from lingua_adapters.simulated import Faults, SimulatedAccount
from lingua_adapters.simulator.matching import Exchange, Market
from lingua_runtime.clock import Clock, VirtualClock
from lingua_runtime.config import NodeConfig, config_of
from lingua_runtime.host import Host
from lingua_runtime.node import Node
from lingua_runtime.ports import BarEvent, Connection, Listing, MarketEvent, NotDone, NotFound, PriceEvent, Venue

MINUTE = 60_000_000_000
START = 1_704_067_200_000_000_000
Row = tuple[float, float, float, float]


class Threads(ThreadPoolExecutor):
    """Those of an event loop. The virtual clock stands while one works: else minutes pass while a program compiles."""

    def __init__(self) -> None:
        super().__init__(4)
        self._given: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._given = [each for each in self._given if not each.done()]
        future = super().submit(fn, *args, **kwargs)
        self._given.append(future)
        return future

    @property
    def is_busy(self) -> bool:
        return not all(each.done() for each in self._given)


class Fair:
    """`prices` by symbol: a row (open, high, low, close) for each bar of `minutes` minutes."""

    def __init__(
        self, prices: Mapping[str, Sequence[Row]], folder: Path, faults: Faults | None = None, seed: int = 0, *,
        minutes: int = 1, cash: int = 1_000_000, lot: str = "0.001",
    ) -> None:  # fmt: skip
        self.prices = {symbol: list(rows) for symbol, rows in prices.items()}
        self.length = minutes * MINUTE
        self.timeframe = f"{minutes}m" if minutes < 60 else f"{minutes // 60}h"
        self.lot = Decimal(lot)
        self.rng = random.Random(seed)
        markets = [
            Market(s, s.removesuffix("USDT"), "USDT", lot=self.lot, min_quantity=self.lot, max_stops=100)
            for s in prices
        ]  # fmt: skip
        self.exchange = Exchange(markets)
        self.exchange.deposit("me", "USDT", Decimal(cash))
        self.clock = VirtualClock(START)
        self.threads = Threads()
        self.recorded: dict[str, list[ClosedBar]] = {symbol: [] for symbol in prices}
        for symbol, rows in self.prices.items():
            self.exchange.move(symbol, exact(rows[0][0]))
        self.account = SimulatedAccount(self.exchange, faults=faults, seed=seed)
        self.config: NodeConfig = config_of(
            {"journal": "node.db", "accounts": {"main": {"venue": "fair"}}}, folder / "node.toml"
        )
        self.readers: list[tuple[set[tuple[str, str]], asyncio.Queue[MarketEvent]]] = []
        self.lose_bars = 0.0
        self.is_down = False
        """Nothing reaches the venue or comes from it."""
        self.k = 0
        self.node: Node | None = None

    # --- the venue -----------------------------------------------------------------------------------

    async def open(self, name: str, settings: Mapping[str, Any], clock: Clock) -> Venue:
        return Venue("fair", self, self.account)

    async def listing(self, symbol: str) -> Listing:
        if symbol not in self.prices:
            raise NotFound("no such symbol")
        lot = float(self.lot)
        terms = Instrument(symbol, "spot", tick=0.01, lot=lot, min_quantity=lot, min_notional=5.0, fee_asset="base",
                           quote="USDT", is_assumed=False)  # fmt: skip
        return Listing(terms, symbol.removesuffix("USDT"), "USDT")

    async def bars(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> Bars:
        if self.is_down:
            raise NotDone("no connection")
        found = [bar for bar in self.recorded[symbol] if start_ts < bar.ts <= end_ts]
        columns = {name: np.array([getattr(b, name) for b in found]) for name in ("open", "high", "low", "close")}
        stamps = {name: np.array([getattr(b, name) for b in found], dtype=np.int64) for name in ("ts", "open_ts")}
        terms = (await self.listing(symbol)).instrument
        return Bars(symbol, Timeframe.parse(timeframe), volume=np.full(len(found), 1e9), instrument=terms,
                    **columns, **stamps)  # fmt: skip

    async def price(self, symbol: str) -> float:
        return float(self.exchange.prices[symbol])

    async def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        queue: asyncio.Queue[MarketEvent] = asyncio.Queue()
        reader = set(channels), queue
        self.readers.append(reader)
        try:
            while True:
                yield await queue.get()
        finally:
            self.readers = [each for each in self.readers if each is not reader]

    async def now(self) -> int:
        return self.clock.now()

    def tell(self, event: MarketEvent, symbol: str) -> None:
        if not self.is_down:
            for channels, queue in self.readers:
                if (symbol, self.timeframe) in channels:
                    queue.put_nowait(event)

    # --- the process ---------------------------------------------------------------------------------

    async def start(self) -> Node:
        self.readers.clear()
        asyncio.get_running_loop().set_default_executor(self.threads)
        self.node = Node(self.config, clock=self.clock, opener=self.open)
        await self.during(self.node.start())
        await self.quiet()
        return self.node

    async def end(self) -> None:
        assert self.node is not None
        await self.node.end()
        self.node = None
        self.readers.clear()

    async def deploy(self, artefact: str, name: str, *, mode: str = "live", **options: Any) -> Host:
        assert self.node is not None
        given = {"id": name, "mode": mode, "confirm": True, "capital": 10_000.0, **options}
        await self.during(self.node.deploy(artefact.encode(), given, by="ann"))
        if mode in ("live", "semi"):
            await self.during(self.node.arm(name, f"arm {name}", by="bob"))
        await self.quiet()
        return self.node.hosts[name]

    async def during(self, work: Any) -> Any:
        """Work that may sleep: time passes and messages arrive until it is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.quiet()
            if task.done():
                break
            if self.clock.sleepers:
                self.pass_time(200_000_000)
                await self.deliver()
            else:
                await asyncio.sleep(0.001)  # it works in another thread
        return await task

    async def quiet(self) -> None:
        """Until nobody has anything to do before time passes."""
        calm = 0
        while calm < 3:
            await asyncio.sleep(0)
            node = self.node
            busy = self.threads.is_busy or any(queue.qsize() for _, queue in self.readers)
            if node is not None and hasattr(node, "writer"):
                busy = busy or node.writer.pending > 0
                busy = busy or any(host._lock.locked() and not self.clock.sleepers for host in node.hosts.values())
            calm = 0 if busy else calm + 1
            if busy:
                await asyncio.sleep(0.0002)

    async def deliver(self) -> None:
        for message in self.account.pump(self.clock.now()):
            if self.node is not None and not self.is_down:
                await self.node.accounts["main"].deliver(message)

    # --- time ----------------------------------------------------------------------------------------

    def pass_time(self, ns: int) -> None:
        self.clock.move(self.clock.now() + ns)
        self.exchange.now = self.clock.now() // 1_000_000

    async def step(self) -> None:
        """One bar of every symbol: its path, its close, and what the venue tells of it."""
        begin = START + self.k * self.length
        for j in range(4):
            self.pass_time(max(begin + (j + 1) * self.length // 5 - self.clock.now(), 0))
            for symbol, rows in self.prices.items():
                open_, high, low, close = rows[self.k]
                path = (open_, low, high, close) if close >= open_ else (open_, high, low, close)
                self.exchange.move(symbol, exact(path[j]))
                self.tell(PriceEvent(symbol, path[j], self.clock.now()), symbol)
            await self.deliver()
            await self.quiet()
        self.pass_time(max(begin + self.length - self.clock.now(), 0))
        for symbol, rows in self.prices.items():
            bar = ClosedBar(begin, begin + self.length, *rows[self.k], 1e9)
            self.recorded[symbol].append(bar)
            if self.rng.random() >= self.lose_bars:
                self.tell(BarEvent(symbol, self.timeframe, bar), symbol)
        self.k += 1
        await self.quiet()
        await self.deliver()
        await self.quiet()

    async def run(self, bars: int) -> None:
        for _ in range(bars):
            await self.step()

    async def wait(self, seconds: float) -> None:
        """Time passes and prices stand still."""
        for _ in range(int(seconds / 0.25)):
            self.pass_time(250_000_000)
            await self.deliver()
            await self.quiet()

    async def disconnect(self) -> None:
        self.is_down = True

    async def reconnect(self) -> None:
        self.is_down = False
        for _, queue in self.readers:
            queue.put_nowait(Connection(True))
        assert self.node is not None
        await self.during(self.node.accounts["main"].deliver(Connection(True)))

    # --- what is true --------------------------------------------------------------------------------

    def held(self, symbol: str) -> float:
        account, asset, zero = self.exchange.accounts["me"], symbol.removesuffix("USDT"), Decimal(0)
        return float(account.free.get(asset, zero) + account.locked.get(asset, zero))

    def agreed(self) -> None:
        """Positions equal the venue's, no order was sent twice or is unknown here."""
        assert self.node is not None
        for symbol in self.prices:
            known = sum(host.quantity_of(symbol) for host in self.node.hosts.values())
            known += self.node.accounts["main"].base.get(symbol, 0.0)
            most = 3 * float(self.lot) * max(len(self.node.hosts), 1)
            assert abs(self.held(symbol) - known) <= most, (symbol, self.held(symbol), known, self.alarms()[-6:])
        names = [order.client_id for order in self.exchange.orders.values()]
        assert len(names) == len(set(names)), "sent twice"
        for order in self.exchange.open("me"):
            owner = self.node.accounts["main"].owner_of(order.client_id)
            assert isinstance(owner, Host), order
            assert owner.given is not None
            assert owner.given.kernel.orders.get(order.client_id) is not None, order

    def alarms(self) -> list[str]:
        assert self.node is not None
        return [f"{e.level} {e.data.get('what')}: {e.text}" for e in self.node.log(most=20_000) if e.kind == "alarm"]


def exact(price: float) -> Decimal:
    return Decimal(repr(price)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def walk(seed: int, n: int, step: float = 0.004, start: float = 100.0) -> list[Row]:
    rng = np.random.default_rng(seed)
    close, rows = start, []
    for _ in range(n):
        open_ = close
        close = round(max(open_ * (1 + rng.normal(0, step)), 1.0), 2)
        high = round(max(open_, close) * (1 + abs(rng.normal(0, step / 2))), 2)
        low = round(min(open_, close) * (1 - abs(rng.normal(0, step / 2))), 2)
        rows.append((open_, high, low, close))
    return rows
