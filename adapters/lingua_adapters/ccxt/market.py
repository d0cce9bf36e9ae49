"""The market through ccxt: bars are asked for over REST when one is due, which every exchange can answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument
from lingua_adapters.ccxt.errors import told
from lingua_adapters.ccxt.reading import MS, number
from lingua_runtime.ports import (
    BarEvent,
    Connection,
    Listing,
    MarketEvent,
    NotFound,
    OutcomeUnknown,
    Refused,
    VenueError,
)

PAGE = 500
UNITS = {"mo": "M"}


@dataclass(slots=True)
class _Feed:
    symbol: str
    timeframe: str
    last_ts: int


class CcxtMarket:
    """`lingua_runtime.ports.MarketData`. `poll_s`: how long between two looks for a bar that is due."""

    def __init__(self, exchange: Any, poll_s: float = 2.0) -> None:
        self.exchange = exchange
        self.poll_s = poll_s

    # --- instruments ---------------------------------------------------------------------------------

    async def listed(self, symbol: str) -> dict[str, Any]:
        """ccxt's own record. Raises NotFound."""
        async with told(self.exchange):
            await self.exchange.load_markets()
        plain = "".join(c for c in symbol.upper() if c.isalnum())
        for market in self.exchange.markets.values():
            if market.get("spot") and plain in (_plain(market["symbol"]), _plain(market["id"])):
                return dict(market)
        raise NotFound(f"{symbol} is not listed")

    async def listing(self, symbol: str) -> Listing:
        market = await self.listed(symbol)
        limits, precision = market["limits"], market["precision"]

        def step(name: str) -> float:
            value = precision.get(name)
            if value is None:
                return 0.0
            return float(value) if self.exchange.precisionMode == 4 else float(10.0 ** -int(value))

        def least(name: str, which: str = "min") -> float:
            value = (limits.get(name) or {}).get(which)
            return float(value) if value is not None else 0.0

        instrument = Instrument(
            symbol, "spot", tick=step("price"), lot=step("amount"), min_quantity=least("amount"),
            min_notional=least("cost"), quote=market["quote"], fee_asset="base", is_assumed=False,
        )  # fmt: skip
        is_open = market.get("active") is not False
        return Listing(
            instrument, market["base"], market["quote"], is_open, least("amount", "max"), least("market", "max")
        )

    async def price(self, symbol: str) -> float:
        market = await self.listed(symbol)
        async with told(self.exchange):
            return number(await self.exchange.fetch_ticker(market["symbol"]), "last", is_positive=True)

    async def now(self) -> int:
        if not self.exchange.has.get("fetchTime"):
            return int(self.exchange.milliseconds()) * MS
        async with told(self.exchange):
            found = await self.exchange.fetch_time()
            if isinstance(found, bool) or not isinstance(found, int) or found <= 0:
                raise OutcomeUnknown("the exchange told no time")
            return found * MS

    # --- bars ----------------------------------------------------------------------------------------

    async def bars(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> Bars:
        instrument = (await self.listing(symbol)).instrument
        return _columns(await self._closed(symbol, timeframe, start_ts, end_ts), symbol, timeframe, instrument)

    async def _closed(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> list[tuple[Any, ...]]:
        """(open_ts, ts, open, high, low, close, volume) of bars whose closes lie in (start, end]."""
        market, wanted = await self.listed(symbol), Timeframe.parse(timeframe)
        theirs = f"{wanted.count}{UNITS.get(wanted.unit, wanted.unit)}"
        if theirs not in (self.exchange.timeframes or {}):
            raise Refused(f"{self.exchange.id} has no bars of {timeframe}")
        until = min(end_ts, await self.now())
        since = max(0, (start_ts - 2 * wanted.seconds * 10**9) // MS)
        found: dict[int, tuple[Any, ...]] = {}
        while since * MS < until:
            async with told(self.exchange):
                rows = await self.exchange.fetch_ohlcv(market["symbol"], theirs, since, PAGE)
                page = [_row(row, wanted) for row in rows]
            found |= {bar[1]: bar for bar in page if start_ts < bar[1] <= until}
            newest = max((bar[0] for bar in page), default=0)
            if newest // MS <= since:
                break
            since = newest // MS + 1 if len(page) < PAGE else newest // MS
            if len(page) < PAGE and newest + wanted.seconds * 10**9 >= until:
                break
        return [found[ts] for ts in sorted(found)]

    async def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        feeds: list[_Feed] = []
        is_up = False
        while True:
            try:
                now = await self.now()
                if not feeds:
                    feeds = [_Feed(s, t, period_of(now, Timeframe.parse(t), "24x7")[0]) for s, t in channels]
                    for feed in feeds:
                        await self.listed(feed.symbol)
                if not is_up:
                    is_up = True
                    yield Connection(True)
                for feed in feeds:
                    for event in await self._new(feed, now):
                        yield event
            except (NotFound, Refused):
                raise
            except VenueError as problem:
                if is_up:
                    yield Connection(False, problem.why)
                is_up = False
            await asyncio.sleep(self.poll_s)

    async def _new(self, feed: _Feed, now: int) -> list[MarketEvent]:
        from lingua.live.bars import ClosedBar

        _, end = period_of(feed.last_ts, Timeframe.parse(feed.timeframe), "24x7")
        if end > now:
            return []
        events: list[MarketEvent] = []
        for bar in await self._closed(feed.symbol, feed.timeframe, feed.last_ts, now):
            events.append(BarEvent(feed.symbol, feed.timeframe, ClosedBar(*bar), bool(events)))
            feed.last_ts = bar[1]
        return events


def _plain(text: Any) -> str:
    return "".join(c for c in str(text).upper() if c.isalnum())


def _row(row: Any, timeframe: Timeframe) -> tuple[Any, ...]:
    if not isinstance(row, list) or len(row) < 6:
        raise OutcomeUnknown("an answer cannot be believed: a bar that is none")
    names = ("open", "high", "low", "close")
    values = dict(zip(("time", *names, "volume"), row, strict=False))
    open_, high, low, close = (number(values, name, is_positive=True) for name in names)
    if not low <= min(open_, close) <= max(open_, close) <= high:
        raise OutcomeUnknown("an answer cannot be believed: a bar whose prices contradict each other")
    start, end = period_of(int(number(values, "time", is_positive=True)) * MS, timeframe, "24x7")
    volume = number(values, "volume") if values["volume"] is not None else float("nan")
    return int(start), int(end), open_, high, low, close, volume


def _columns(rows: list[tuple[Any, ...]], symbol: str, timeframe: str, instrument: Instrument) -> Bars:
    columns: list[Any] = [np.array([row[k] for row in rows], dtype=np.int64 if k < 2 else np.float64) for k in range(7)]
    open_ts, ts, open_, high, low, close, volume = columns
    return Bars(
        symbol, Timeframe.parse(timeframe), ts, open_ts, open_, high, low, close, volume, instrument, source="ccxt"
    )
