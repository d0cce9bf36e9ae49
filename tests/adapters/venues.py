"""A simulated exchange on one symbol whose prices a test sets by hand, and clients that are pointed at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import numpy as np

from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument
from lingua_adapters.simulator.binance.keys import Account
from lingua_adapters.simulator.binance.server import Server
from lingua_adapters.simulator.binance.simulation import KEY, SECRET, Owner, Terms, simulation
from lingua_adapters.simulator.matching import Market
from lingua_adapters.simulator.recording import Recording

MINUTE = 60_000_000_000
START = 1_704_067_200_000_000_000
BALANCES = {"USDT": Decimal(100_000), "BTC": Decimal(1)}
OWNERS = (Owner(Account("me", KEY, SECRET), BALANCES), Owner(Account("other", "other-key", "other-secret"), BALANCES))
LISTED = Market(
    "BTCUSDT", "BTC", "USDT", tick=Decimal("0.01"), lot=Decimal("0.00001"), min_quantity=Decimal("0.00001"),
    max_market_quantity=Decimal(500), percent_up=Decimal(5), percent_down=Decimal("0.2"),
)  # fmt: skip


def recording(count: int = 600, timeframe: str = "1m", market: Market = LISTED, seed: int = 1) -> Recording:
    """Bars of a random walk around 40,000, with their digits."""
    rng = np.random.default_rng(seed)
    step = Timeframe.parse(timeframe).seconds * 1_000_000_000
    close = np.round(40_000 * np.exp(np.cumsum(rng.normal(0, 0.0005, count))), 2)
    open_ = np.concatenate(([40_000.0], close[:-1]))
    high = np.round(np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.0002, count))), 2)
    low = np.round(np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.0002, count))), 2)
    volume = np.round(rng.uniform(1, 100, count), 5)
    ts = START + step * np.arange(1, count + 1)
    instrument = Instrument(market.symbol, quote=market.quote, is_assumed=False)
    bars = Bars(market.symbol, Timeframe.parse(timeframe), ts, ts - step, open_, high, low, close, volume, instrument)
    return Recording(market, bars)


@asynccontextmanager
async def served(terms: Terms | None = None, **options: Any) -> AsyncIterator[Server]:
    """A simulation on a free port. Its market stands still unless the terms say otherwise."""
    played = options.pop("recordings", None) or [recording()]
    server = simulation(played, terms or Terms(speed=0, history=300), **{"owners": OWNERS, **options})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def steer(server: Server, what: str, content: Any = None, verb: str = "POST") -> Any:
    async with (
        aiohttp.ClientSession(server.url) as session,
        session.request(verb, f"/sim/{what}", json=content or {}) as answer,
    ):
        told = await answer.json()
        assert answer.status == 200, told
        return told


async def move(server: Server, price: str | float, symbol: str = "BTCUSDT") -> None:
    await steer(server, "move", {"symbol": symbol, "price": str(price), "quantity": "1"})


async def until(holds: Callable[[], Any] | Callable[[], Awaitable[Any]], seconds: float = 20.0, what: str = "") -> Any:
    """Wait until something is true; fails after `seconds`, which is far more than it takes."""
    loop = asyncio.get_running_loop()
    stop = loop.time() + seconds
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert loop.time() < stop, f"it did not come about in {seconds} s: {what}"
        await asyncio.sleep(0.01)


def point(exchange: Any, url: str) -> Any:
    """An exchange object of ccxt whose addresses are those of a simulator; nothing else of it is changed."""
    socket = url.replace("http", "ws", 1)
    for name, address in list(exchange.urls["api"].items()):
        if isinstance(address, str):
            tail = address.split("binance.com", 1)[1]
            exchange.urls["api"][name] = url + tail
    if isinstance(exchange.urls["api"].get("ws"), dict):
        exchange.urls["api"]["ws"]["spot"] = f"{socket}/ws"
        exchange.urls["api"]["ws"]["ws-api"]["spot"] = f"{socket}/ws-api/v3"
    return exchange
