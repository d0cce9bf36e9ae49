"""Bars from the trades of the exchange (`feed = "trades"`), in place of its own klines.

Trades are numbered without holes, so it is known which of them are missing: a bar is made of trades alone when all of
its period came, and the one that follows them proves it. Of any other period (the one in which the stream began or
broke, one with a hole, one after which nothing has come for PROOF_S) the exchange's own bar is fetched before anything
later is told. Trades that arrive late or out of order find their bar
while it is open, `wait_s` beyond its end; one that is later still changes nothing and is counted.

Volumes are added up in whole steps of the instrument, so they are the exchange's to the last bit.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.live.bars import ClosedBar
from lingua_adapters.binance.channel import Channel
from lingua_adapters.binance.names import native, venue_symbol
from lingua_adapters.binance.reading import Malformed, instant, number, text, whole
from lingua_adapters.binance.reading import field as field_of
from lingua_adapters.binance.sockets import Patience, Quiet, Socket
from lingua_runtime.aggregate import TickBars
from lingua_runtime.ports import Connection, MarketEvent, NotFound, PriceEvent, VenueError

if TYPE_CHECKING:
    from lingua_adapters.binance.market import BinanceMarket

SMALLEST = Decimal("1e-8")
"""The exchange tells quantities with eight decimals."""
LOOK_S = 0.25
"""So long without a message, and it is looked whether a period has ended."""
PROOF_S = 1.0
PRICE_EVERY_NS = 100_000_000
"""Last prices are told no more often."""


@dataclass(slots=True, kw_only=True)
class _Made(Channel):
    """Bars of one timeframe. `whole_from`: every trade since then has come."""

    step: Decimal
    """Quantities are counted in it."""
    inverse: float
    bars: TickBars
    whole_from: int = 0
    asked_at: float = 0.0
    """When the exchange was asked for a bar that it had not closed yet (seconds of this machine)."""
    ready: list[ClosedBar] = field(default_factory=list)


@dataclass(slots=True)
class _Trades:
    """Of one symbol. `last` is the number of its latest trade, `newest` the time of it."""

    name: str
    made: list[_Made]
    last: int = 0
    newest: int = 0
    told_at: int = 0


class TradeFeed:
    """The subscription of one deployment."""

    def __init__(self, market: BinanceMarket, wait_s: float) -> None:
        self._market = market
        self._wait_s = wait_s

    async def events(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        market = self._market
        trades: dict[str, _Trades] = {}
        patience, was_up = Patience(), True
        while True:
            try:
                if not trades:
                    trades = await self._begin(channels)
                async with Socket(market.rest, market.stream_url, market.heartbeat_s) as socket:
                    await socket.subscribe(sorted(f"{name.lower()}@trade" for name in trades))
                    was_up = True
                    yield Connection(True)
                    now = await market.now()
                    for each in trades.values():
                        _broke(each, now)
                    for event in await self._due(trades, now):
                        yield event
                    patience.reset()
                    while True:
                        for event in await self._next(socket, trades):
                            yield event
            except NotFound:
                raise
            except VenueError as problem:
                if was_up:
                    was_up = False
                    yield Connection(False, problem.why)
                await patience.rest(problem)

    async def _begin(self, channels: Sequence[tuple[str, str]]) -> dict[str, _Trades]:
        market, found = self._market, dict[str, _Trades]()
        now = await market.now()
        for symbol, timeframe in dict.fromkeys(channels):
            terms = await market.terms(symbol)
            interval = native(timeframe)
            step = max(Decimal(terms.lot) / 1_000, SMALLEST)
            bars = TickBars(interval, wait_s=self._wait_s, since=0)
            made = _Made(
                symbol, timeframe, interval, step=step, inverse=float(1 / step), bars=bars, whole_from=now
            )  # fmt: skip
            await market.begin(made, now)
            name = venue_symbol(symbol)
            found.setdefault(name, _Trades(name, [])).made.append(made)
        return found

    async def _next(self, socket: Socket, trades: dict[str, _Trades]) -> list[MarketEvent]:
        try:
            message = await socket.news(LOOK_S)
            if message is None:
                return []
            each, ts, price, size, count = _trade(message, trades)
            now = instant(message, "E")
        except Quiet:
            return await self._due(trades, await self._market.now())
        except Malformed as problem:
            # Whatever it was about: the periods that run now are not whole.
            now = await self._market.now()
            for each in trades.values():
                _broke(each, now)
            return [
                Connection(False, f"a message of the market cannot be believed: {problem}"), Connection(True),
                *await self._due(trades, now),
            ]  # fmt: skip
        if count > each.last + 1:
            _broke(each, ts + 1)  # trades are missing before this one, or nobody knows whether
        each.last, each.newest = max(each.last, count), max(each.newest, ts)
        for made in each.made:
            made.ready += made.bars.tick(ts, price, _steps(size, made.inverse), count)
        found = await self._due(trades, max(now, ts))
        if count == each.last and now - each.told_at >= PRICE_EVERY_NS:
            each.told_at = now
            found += [PriceEvent(symbol, price, now) for symbol in dict.fromkeys(made.symbol for made in each.made)]
        return found

    async def _due(self, trades: dict[str, _Trades], now: int) -> list[MarketEvent]:
        """The bars of periods that have ended, in order: whole ones, and the exchange's in place of others."""
        found: list[MarketEvent] = []
        for each in trades.values():
            for made in each.made:
                made.ready += made.bars.advance(now)
                found += await self._told(made, now, each.newest)
        return found

    async def _told(self, made: _Made, now: int, newest: int) -> list[MarketEvent]:
        found: list[MarketEvent] = []
        length, wait = Timeframe.parse(made.interval), int(self._wait_s * 1e9)
        while True:
            start, end = period_of(made.last_ts, length, "24x7")
            if int(end) > now - wait:
                return found
            made.ready = [bar for bar in made.ready if bar.ts >= int(end)]
            own = made.ready[0] if made.ready and made.ready[0].ts == int(end) else None
            if own is not None and int(start) >= made.whole_from and newest >= int(end):
                made.ready.pop(0)
                volume = float(Decimal(repr(own.volume)) * made.step)
                found += made.told(replace(own, volume=volume), is_repaired=False)
                continue
            is_hopeless = int(start) < made.whole_from or newest >= int(end)
            if not is_hopeless and now < int(end) + wait + int(PROOF_S * 1e9):
                return found  # the trade that follows may be on its way
            if time.monotonic() < made.asked_at + LOOK_S:
                return found
            missing = await self._market.closed(made.symbol, made.interval, made.last_ts, now)
            if not missing:
                made.asked_at = time.monotonic()  # the exchange has not closed it yet
                return found
            for bar in missing:
                if bar.ts > made.last_ts and bar.ts <= int(end):
                    found += made.told(bar, is_repaired=True)
            if made.last_ts < int(end):
                made.last_ts = int(end)  # the exchange has no bar of this period


def _broke(each: _Trades, ts: int) -> None:
    for made in each.made:
        made.whole_from = max(made.whole_from, ts)
    each.last = 0


def _steps(size: float, inverse: float) -> float:
    """A quantity counted in steps: a whole number, whose sums are exact, where the exchange keeps to its own steps."""
    count = size * inverse
    whole_count = float(round(count))
    return whole_count if abs(count - whole_count) <= 1e-6 * max(count, 1.0) else count


def _trade(message: Any, trades: dict[str, _Trades]) -> tuple[_Trades, int, float, float, int]:
    if field_of(message, "e") != "trade":
        raise Malformed("it is no trade")
    each = trades.get(text(message, "s"))
    if each is None:
        raise Malformed("a trade of a symbol that was not subscribed to")
    price = number(message, "p", is_positive=True)
    return each, instant(message, "T"), price, number(message, "q"), whole(message, "t")
