"""The market: instruments, bars from REST, and bars as they close from streams whose gaps are filled from REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.resample import period_of, resample
from lingua.data.timeframe import Timeframe
from lingua.live.bars import ClosedBar
from lingua.trading.instrument import Instrument
from lingua_adapters.binance.channel import Channel
from lingua_adapters.binance.names import INTERVALS, native, venue_symbol
from lingua_adapters.binance.reading import (
    MS,
    Malformed,
    Terms,
    bar_of,
    believed,
    field,
    instant,
    listed,
    number,
    of_symbol,
    row_bar,
    shown,
    terms_of,
)
from lingua_adapters.binance.rest import Rest
from lingua_adapters.binance.sockets import Patience, Quiet, Socket
from lingua_runtime.aggregate import LongerBars
from lingua_runtime.ports import (
    Connection,
    Listing,
    MarketEvent,
    NotFound,
    PriceEvent,
    Refused,
    VenueError,
)

PAGE = 1_000
QUIET_S = 5.0
"""After so long without a message it is looked up whether a bar has closed meanwhile."""
UNKNOWN_SYMBOL = "-1121"


class _Feed(Channel):
    """One stream of klines."""

    __slots__ = ()

    @property
    def stream(self) -> str:
        return f"{venue_symbol(self.symbol).lower()}@kline_{INTERVALS[self.interval]}"


class BinanceMarket:
    """`lingua_runtime.ports.MarketData`."""

    def __init__(
        self, rest: Rest, stream_url: str, *, heartbeat_s: float = 15.0, quiet_s: float = QUIET_S,
        trade_wait_s: float | None = None,
    ) -> None:  # fmt: skip
        """`trade_wait_s`: bars are made of trades, and are open for so long beyond their end. None: klines."""
        self.rest = rest
        self.stream_url = stream_url
        self.heartbeat_s = heartbeat_s
        self.quiet_s = quiet_s
        self.trade_wait_s = trade_wait_s
        self._terms: dict[str, Terms] = {}

    # --- instruments ---------------------------------------------------------------------------------

    async def listing(self, symbol: str) -> Listing:
        return (await self.terms(symbol, is_fresh=True)).listing

    async def terms(self, symbol: str, *, is_fresh: bool = False) -> Terms:
        """Raises NotFound for a symbol that is not listed."""
        known = self._terms.get(symbol)
        if known is not None and not is_fresh:
            return known
        name = venue_symbol(symbol)
        if not name:
            raise NotFound(f"{symbol!r} is no symbol")
        try:
            answer = await self.rest.public("/api/v3/exchangeInfo", {"symbol": name}, weight=20)
        except Refused as problem:
            raise NotFound(f"{symbol} is not listed: {problem.why}", problem.code) from None
        with believed(f"the terms of {symbol}"):
            entries = listed(field(answer, "symbols"))
            if len(entries) != 1:
                raise Malformed(f"{len(entries)} instruments are told for {symbol}")
            found = self._terms[symbol] = terms_of(entries[0], name, symbol)
        return found

    async def price(self, symbol: str) -> float:
        name = venue_symbol(symbol)
        answer = await self.rest.public("/api/v3/ticker/price", {"symbol": name}, weight=2)
        with believed(f"the price of {symbol}"):
            of_symbol(answer, "symbol", name)
            return number(answer, "price", is_positive=True)

    async def now(self) -> int:
        return await self.rest.server_ms() * MS

    # --- past bars -----------------------------------------------------------------------------------

    async def bars(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> Bars:
        instrument = (await self.terms(symbol)).listing.instrument
        base = native(timeframe)
        if base == timeframe:
            return _columns(await self.closed(symbol, base, start_ts, end_ts), symbol, base, instrument)
        # Whole periods are made from the bars in them, so the first one is fetched from its beginning.
        wanted = Timeframe.parse(timeframe)
        begin, _ = period_of(max(start_ts, 0), wanted, instrument.calendar)
        made = _columns(await self.closed(symbol, base, int(begin), end_ts), symbol, base, instrument)
        longer = resample(made, wanted)
        keep = (longer.ts > start_ts) & (longer.ts <= end_ts)
        rows = [
            ClosedBar(*(column[k] for column in _values(longer))) for k in np.flatnonzero(keep)
        ]  # fmt: skip
        return _columns(rows, symbol, timeframe, instrument)

    async def closed(self, symbol: str, interval: str, start_ts: int, end_ts: int) -> list[ClosedBar]:
        """Closed bars of the exchange whose closes lie in (start, end], page by page."""
        found: list[ClosedBar] = []
        name, now = venue_symbol(symbol), await self.now()
        length = Timeframe.parse(interval).seconds * 1_000_000_000
        # The first one opens before `start` and closes after it (months have more than 30 days); what is too early is
        # left out below.
        from_ms = max(0, (start_ts - 2 * length) // MS)
        until_ms = min(end_ts, now) // MS
        while from_ms < until_ms:
            rows = await self.rest.public(
                "/api/v3/klines",
                {
                    "symbol": name, "interval": INTERVALS[interval], "startTime": from_ms, "endTime": until_ms,
                    "limit": PAGE,
                },
                weight=2,
            )  # fmt: skip
            with believed(f"bars of {symbol}"):
                page = [row_bar(row) for row in listed(rows)]
                last = found[-1].ts if found else 0
                for bar in page:
                    if bar.open_ts < last or bar.open_ts // MS < from_ms:
                        raise Malformed("its bars are not in order")
                    last = bar.ts
                    if start_ts < bar.ts <= min(end_ts, now):
                        found.append(bar)
            if len(page) < PAGE:
                break
            from_ms = page[-1].ts // MS
        return found

    # --- bars as they close --------------------------------------------------------------------------

    async def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        if self.trade_wait_s is not None:
            from lingua_adapters.binance.ticks import TradeFeed

            async for event in TradeFeed(self, self.trade_wait_s).events(channels):
                yield event
            return
        feeds = [_Feed(symbol, timeframe, native(timeframe)) for symbol, timeframe in dict.fromkeys(channels)]
        patience, was_up, has_begun = Patience(), True, False
        while True:
            try:
                if not has_begun:
                    now = await self.now()
                    for feed in feeds:
                        await self.begin(feed, now)
                    has_begun = True
                async with Socket(self.rest, self.stream_url, self.heartbeat_s) as socket:
                    await socket.subscribe(sorted({feed.stream for feed in feeds}))
                    was_up = True
                    yield Connection(True)
                    for event in await self._missed(feeds):
                        yield event
                    patience.reset()
                    while True:
                        async for event in self._next(socket, feeds):
                            yield event
            except NotFound:
                raise
            except VenueError as problem:
                if was_up:
                    was_up = False
                    yield Connection(False, problem.why)
                await patience.rest(problem)

    async def begin(self, channel: Channel, now: int) -> None:
        """The first bar that is told is the one that runs now; what closed before is history."""
        await self.terms(channel.symbol)
        start, _ = period_of(now, Timeframe.parse(channel.interval), "24x7")
        channel.last_ts = int(start)
        if channel.interval != channel.wanted:
            channel.longer = LongerBars(channel.wanted)
            begin, _ = period_of(now, Timeframe.parse(channel.wanted), "24x7")
            for bar in await self.closed(channel.symbol, channel.interval, int(begin), now):
                channel.longer.push(bar)
                channel.last_ts = bar.ts

    async def _next(self, socket: Socket, feeds: list[_Feed]) -> AsyncIterator[MarketEvent]:
        try:
            message = await socket.news(self.quiet_s)
            if message is None:
                return
            symbol, interval, bar, is_closed = _kline(message)
            told_ts = instant(message, "E")
        except Quiet:
            for event in await self._missed(feeds):
                yield event
            return
        except Malformed as problem:
            yield Connection(False, f"a message of the market cannot be believed: {problem}")
            repaired = await self._missed(feeds)
            yield Connection(True)
            for event in repaired:
                yield event
            return
        for feed in feeds:
            if venue_symbol(feed.symbol) != symbol or INTERVALS[feed.interval] != interval:
                continue
            if bar.open_ts > feed.last_ts:
                for event in await self._missed([feed], until_ts=bar.open_ts):
                    yield event
                feed.last_ts = max(feed.last_ts, bar.open_ts)
            if is_closed and bar.ts > feed.last_ts:
                for each in feed.told(bar, is_repaired=False):
                    yield each
            elif not is_closed and bar.open_ts >= feed.last_ts:
                yield PriceEvent(feed.symbol, bar.close, told_ts)

    async def _missed(self, feeds: list[_Feed], until_ts: int | None = None) -> list[MarketEvent]:
        """What has closed and was not told, from REST."""
        found: list[MarketEvent] = []
        for feed in feeds:
            until = until_ts if until_ts is not None else await self.now()
            _, end = period_of(feed.last_ts, Timeframe.parse(feed.interval), "24x7")
            if end > until:
                continue
            for bar in await self.closed(feed.symbol, feed.interval, feed.last_ts, until):
                if bar.ts > feed.last_ts:
                    found += feed.told(bar, is_repaired=True)
        return found


def _kline(message: Any) -> tuple[str, str, ClosedBar, bool]:
    if field(message, "e") != "kline":
        raise Malformed(f"{shown(message.get('e'))} was not subscribed to")
    data = field(message, "k")
    symbol, interval = field(data, "s"), field(data, "i")
    if symbol != field(message, "s") or interval not in INTERVALS.values():
        raise Malformed(f"a kline of {shown(symbol)} {shown(interval)}")
    is_closed = field(data, "x")
    if not isinstance(is_closed, bool):
        raise Malformed(f"`x` is {shown(is_closed)}")
    bar = bar_of(data)
    ours = next(name for name, theirs in INTERVALS.items() if theirs == interval)
    if period_of(bar.open_ts, Timeframe.parse(ours), "24x7") != (bar.open_ts, bar.ts):
        raise Malformed("a kline that is no whole period")
    return symbol, interval, bar, is_closed


def _values(bars: Bars) -> tuple[list[Any], ...]:
    columns = (bars.open_ts, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return tuple(column.tolist() for column in columns)


def _columns(rows: list[ClosedBar], symbol: str, timeframe: str, instrument: Instrument) -> Bars:
    def column(name: str) -> Any:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)

    return Bars(
        symbol, Timeframe.parse(timeframe), np.array([row.ts for row in rows], dtype=np.int64),
        np.array([row.open_ts for row in rows], dtype=np.int64), column("open"), column("high"), column("low"),
        column("close"), column("volume"), instrument, source="binance",
    )  # fmt: skip
