"""One way to handle every adapter: a market whose price is set by hand, and the account that trades on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import venues
from venues import KEY, SECRET, Terms, recording, served, steer

from lingua_adapters.simulated import SimulatedAccount
from lingua_adapters.simulator.binance.server import Server
from lingua_adapters.simulator.matching import Exchange
from lingua_adapters.simulator.stage import Stage
from lingua_runtime.clock import RealClock
from lingua_runtime.ports import (
    AccountEvent,
    Connection,
    Execution,
    FillReport,
    MarketData,
    MarketEvent,
    OrderReport,
    OrderRequest,
)

PRICE = 40_000.0
SYMBOL = "BTCUSDT"


@dataclass
class Heard:
    """What a stream has said so far."""

    events: list[Any] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    patience_s: float = 20.0

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def reports(self, client_id: str) -> list[OrderReport]:
        return [event for event in self.of(OrderReport) if event.client_id == client_id]

    def fills(self, client_id: str) -> list[FillReport]:
        return [event for event in self.of(FillReport) if event.client_id == client_id]

    @property
    def ups(self) -> int:
        return sum(event.is_up for event in self.of(Connection))

    @property
    def downs(self) -> list[str]:
        return [event.why for event in self.of(Connection) if not event.is_up]

    def follow(self, events: AsyncIterator[AccountEvent] | AsyncIterator[MarketEvent]) -> None:
        async def listen() -> None:
            async for event in events:
                self.events.append(event)

        self.task = asyncio.ensure_future(listen())

    async def until(self, holds: Callable[[], Any], what: str) -> Any:
        def watched() -> Any:
            if self.task is not None and self.task.done() and not self.task.cancelled():
                self.task.result()
            return holds()

        return await venues.until(watched, self.patience_s, what)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task


@dataclass
class Rig:
    name: str
    account: Execution
    market: MarketData | None
    exchange: Exchange
    stage: Stage
    server: Server | None = None
    count: int = 0
    patience_s: float = 20.0

    async def move(self, price: float) -> None:
        """The market trades at a price."""
        if self.server is not None:
            await steer(self.server, "move", {"symbol": SYMBOL, "price": str(price), "quantity": "1"})
        else:
            self.exchange.now += 1
            self.exchange.move(SYMBOL, Decimal(str(price)))
            self.pump()

    async def advance(self, seconds: float) -> None:
        assert self.server is not None
        await steer(self.server, "advance", {"seconds": seconds})

    async def faults(self, *faults: dict[str, Any]) -> None:
        assert self.server is not None
        await steer(self.server, "faults", list(faults))

    async def no_faults(self) -> None:
        assert self.server is not None
        await steer(self.server, "faults", verb="DELETE")

    def pump(self) -> None:
        if isinstance(self.account, SimulatedAccount):
            self.account.pump(2**62)

    def request(self, kind: str = "market", side: int = 1, quantity: float = 0.01, **more: Any) -> OrderRequest:
        self.count += 1
        name = more.pop("client_id", f"case-{self.count}")
        return OrderRequest(name, SYMBOL, side, kind, quantity, **more)

    async def place(self, *requests: OrderRequest) -> list[OrderReport]:
        try:
            return await self.account.place(requests)
        finally:
            self.pump()

    async def cancel(self, client_id: str) -> OrderReport:
        try:
            return await self.account.cancel(SYMBOL, client_id)
        finally:
            self.pump()

    def at_venue(self, client_id: str) -> Any:
        """The order as the exchange itself holds it."""
        return self.exchange.find("me", client_id=client_id)

    async def listen(self) -> Heard:
        heard = Heard(patience_s=self.patience_s)
        heard.follow(self.account.events())
        if self.server is not None:
            await heard.until(lambda: heard.ups, "the stream of the account")
        return heard


def unserved() -> tuple[Exchange, Stage]:
    exchange = Exchange([venues.LISTED])
    for owner in venues.OWNERS:
        for asset, amount in owner.balances.items():
            exchange.deposit(owner.account.name, asset, amount)
    return exchange, Stage([recording()], exchange, history=300, speed=0)


@asynccontextmanager
async def rig(name: str, **options: Any) -> AsyncIterator[Rig]:
    """An adapter by its name: simulated, binance, ccxt. `options` are those of its opening."""
    if name == "simulated":
        exchange, stage = unserved()
        made = Rig(name, SimulatedAccount(exchange, "me"), None, exchange, stage)
        await made.move(PRICE)
        yield made
        return
    terms = options.pop("terms", None) or Terms(speed=0, history=300)
    async with served(terms) as server:
        settings = {"url": server.url, "key": KEY, "secret": SECRET, "timeout_s": 2.0, **options}
        if name == "binance":
            from lingua_adapters.binance import open_venue
        else:
            from lingua_adapters.ccxt import open_venue

            settings |= {"exchange": "binance", "poll_s": 0.05}
        venue = await open_venue(settings, RealClock())
        try:
            assert venue.account is not None
            made = Rig(name, venue.account, venue.market, server.desk.exchange, server.desk.stage, server)
            await made.move(PRICE)
            yield made
        finally:
            for line in list(server.lines.values()):
                line.abort()  # ccxt would wait for a dead one to say good-bye
            await venue.close()
