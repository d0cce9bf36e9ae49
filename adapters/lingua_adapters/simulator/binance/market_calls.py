"""Requests about the market, which anybody may send."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from lingua_adapters.simulator.binance import book, forms
from lingua_adapters.simulator.binance.calls import Asked, call
from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.refusals import Refusal
from lingua_adapters.simulator.candles import INTERVALS, Candle
from lingua_adapters.simulator.matching import Market

DAY_MS = 86_400_000


@call("GET /api/v3/ping", "ping")
def ping(asked: Asked) -> Any:
    return {}


@call("GET /api/v3/time", "time")
def time(asked: Asked) -> Any:
    return {"serverTime": asked.desk.now()}


@call("GET /api/v3/exchangeInfo", "exchangeInfo", weight=20)
def exchange_info(asked: Asked) -> Any:
    desk, given = asked.desk, asked.given
    for name in ("permissions", "showPermissionSets", "symbolStatus"):
        given.text(name, "")
    markets = chosen(asked) or list(desk.exchange.markets.values())
    return {
        "timezone": "UTC", "serverTime": desk.now(), "rateLimits": [limit.listed() for limit in desk.limits.all()],
        "exchangeFilters": [], "symbols": [forms.market_form(market) for market in markets],
    }  # fmt: skip


def chosen(asked: Asked) -> list[Market]:
    """The markets of `symbol` or `symbols`; none when neither is given."""
    given, desk = asked.given, asked.desk
    if "symbol" in given and "symbols" in given:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if "symbol" in given:
        return [desk.market(given.symbol())]
    if "symbols" in given:
        try:
            names = json.loads(given.text("symbols"))
        except ValueError:
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Refusal(-1100, "Illegal characters found in parameter 'symbols'.")
        return [desk.market(name) for name in names]
    return []


@call("GET /api/v3/depth", "depth", weight=5)
def depth(asked: Asked) -> Any:
    desk, market = asked.desk, asked.desk.market(asked.given.symbol())
    limit = asked.given.whole("limit", 100, most=5_000)
    asked.given.text("symbolStatus", "")
    bids, asks = book.levels(desk.exchange, market)
    return {"lastUpdateId": desk.book_id, "bids": rows(bids, limit), "asks": rows(asks, limit)}


def rows(side: book.Levels, limit: int) -> list[list[str]]:
    return [[forms.eight(price), forms.eight(size)] for price, size in list(side.items())[:limit]]


@call("GET /api/v3/trades", "trades.recent", weight=25)
@call("GET /api/v3/historicalTrades", "trades.historical", weight=25)
def trades(asked: Asked) -> Any:
    market, limit = asked.desk.market(asked.given.symbol()), asked.given.whole("limit", 500, most=1_000)
    first = asked.given.maybe_whole("fromId")
    recent = asked.desk.tapes[market.symbol].recent
    found = [each for each in recent if first is None or each[1] >= first]
    found = found[:limit] if first is not None else found[-limit:]
    return [
        {"id": number, "price": forms.eight(t.price), "qty": forms.text(t.quantity),
         "quoteQty": forms.text(t.price * t.quantity), "time": t.time, "isBuyerMaker": t.is_sell, "isBestMatch": True}
        for t, number in found
    ]  # fmt: skip


@call("GET /api/v3/aggTrades", "trades.aggregate", weight=4)
def agg_trades(asked: Asked) -> Any:
    given = asked.given
    market, limit = asked.desk.market(given.symbol()), given.whole("limit", 500, most=1_000)
    first, start, end = given.maybe_whole("fromId"), given.maybe_whole("startTime"), given.maybe_whole("endTime")
    found = [
        (t, number) for t, number in asked.desk.tapes[market.symbol].recent
        if (first is None or number >= first) and (start is None or t.time >= start) and (end is None or t.time <= end)
    ]  # fmt: skip
    found = found[-limit:] if first is None and start is None else found[:limit]
    return [
        {"a": number, "p": forms.eight(t.price), "q": forms.text(t.quantity), "f": number, "l": number, "T": t.time,
         "m": t.is_sell, "M": True}
        for t, number in found
    ]  # fmt: skip


@call("GET /api/v3/klines", "klines", weight=2)
@call("GET /api/v3/uiKlines", "uiKlines", weight=2)
def klines(asked: Asked) -> Any:
    given, desk = asked.given, asked.desk
    market = desk.market(given.symbol())
    interval = given.choice("interval", INTERVALS, Refusal(-1120, "Invalid interval."))
    start, end = given.maybe_whole("startTime"), given.maybe_whole("endTime")
    given.text("timeZone", "0")
    limit = max(1, given.whole("limit", 500, most=1_000))
    # Stamps may be given in microseconds.
    start, end = (value // 1000 if value is not None and value > 10**14 else value for value in (start, end))
    found = desk.candles[market.symbol].between(interval, start, end, limit, desk.stage.now())
    return [forms.kline_form(candle) for candle in found]


@call("GET /api/v3/avgPrice", "avgPrice", weight=2)
def avg_price(asked: Asked) -> Any:
    market = asked.desk.market(asked.given.symbol())
    recent = [t for t, _ in asked.desk.tapes[market.symbol].recent if t.time > asked.desk.stage.now() - 300_000]
    total = sum((t.quantity for t in recent), Decimal(0))
    worth = sum((t.quantity * t.price for t in recent), Decimal(0))
    price = worth / total if total else asked.desk.exchange.prices[market.symbol]
    return {"mins": 5, "price": forms.eight(price), "closeTime": asked.desk.now()}


@call("GET /api/v3/ticker/price", "ticker.price", weight=2)
def ticker_price(asked: Asked) -> Any:
    desk = asked.desk
    return one_or_all(
        asked, lambda market: {"symbol": market.symbol, "price": forms.eight(desk.exchange.prices[market.symbol])}
    )


@call("GET /api/v3/ticker/bookTicker", "ticker.book", weight=2)
def ticker_book(asked: Asked) -> Any:
    return one_or_all(asked, lambda market: book_ticker(asked.desk, market))


def book_ticker(desk: Desk, market: Market) -> forms.Json:
    bids, asks = book.levels(desk.exchange, market)
    (bid, bid_size), (ask, ask_size) = next(iter(bids.items())), next(iter(asks.items()))
    return {
        "symbol": market.symbol, "bidPrice": forms.eight(bid), "bidQty": forms.eight(bid_size),
        "askPrice": forms.eight(ask), "askQty": forms.eight(ask_size),
    }  # fmt: skip


@call("GET /api/v3/ticker/24hr", "ticker.24hr", weight=2)
@call("GET /api/v3/ticker/tradingDay", "ticker.tradingDay", weight=4)
@call("GET /api/v3/ticker", "ticker", weight=4)
def ticker_24hr(asked: Asked) -> Any:
    is_short = asked.given.text("type", "FULL") == "MINI"
    for name in ("windowSize", "timeZone", "symbolStatus"):
        asked.given.text(name, "")

    def form(market: Market) -> forms.Json:
        full = day_ticker(asked.desk, market)
        return {name: full[name] for name in MINI} if is_short else full

    return one_or_all(asked, form)


MINI = (
    "symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume", "openTime", "closeTime",
    "firstId", "lastId", "count",
)  # fmt: skip


def day_of(desk: Desk, symbol: str) -> list[Candle]:
    """What happened in the last 24 hours, in candles of the recording's own length (the finest that it has)."""
    now = desk.stage.now()
    candles = desk.candles[symbol]
    base = str(candles.recording.bars.timeframe)
    interval = base if base in INTERVALS else "1d"
    return candles.between(interval, max(0, now - DAY_MS), None, 100_000, now)


def day_ticker(desk: Desk, market: Market) -> forms.Json:
    found, now, last = day_of(desk, market.symbol), desk.now(), desk.exchange.prices[market.symbol]
    open_ = found[0].open if found else last
    volume = sum((each.volume for each in found), Decimal(0))
    worth = sum((each.quote_volume for each in found), Decimal(0))
    ticker = book_ticker(desk, market)
    recent = desk.tapes[market.symbol].recent
    return {
        "symbol": market.symbol, "priceChange": forms.eight(last - open_),
        "priceChangePercent": f"{(last - open_) / open_ * 100:.3f}",
        "weightedAvgPrice": forms.eight(worth / volume if volume else last), "prevClosePrice": forms.eight(open_),
        "lastPrice": forms.eight(last), "lastQty": forms.text(recent[-1][0].quantity if recent else Decimal(0)),
        "bidPrice": ticker["bidPrice"], "bidQty": ticker["bidQty"], "askPrice": ticker["askPrice"],
        "askQty": ticker["askQty"], "openPrice": forms.eight(open_),
        "highPrice": forms.eight(max([last, *(each.high for each in found)])),
        "lowPrice": forms.eight(min([last, *(each.low for each in found)])), "volume": forms.text(volume),
        "quoteVolume": forms.text(worth), "openTime": now - DAY_MS, "closeTime": now,
        "firstId": recent[0][1] if recent else -1, "lastId": recent[-1][1] if recent else -1,
        "count": sum(each.count for each in found),
    }  # fmt: skip


def one_or_all(asked: Asked, form: Any) -> Any:
    """An object for `symbol`, a list for `symbols` or for none."""
    is_one = "symbol" in asked.given
    markets = chosen(asked) or list(asked.desk.exchange.markets.values())
    found = [form(market) for market in markets]
    return found[0] if is_one else found


@call("GET /api/v1/exchangeInfo")
@call("GET /fapi/v1/exchangeInfo")
@call("GET /dapi/v1/exchangeInfo")
@call("GET /eapi/v1/exchangeInfo")
def nothing_else_is_listed(asked: Asked) -> Any:
    """Clients ask for futures, options and margin pairs as well: there are none here."""
    desk = asked.desk
    return {"timezone": "UTC", "serverTime": desk.now(), "rateLimits": [], "exchangeFilters": [], "symbols": []}


@call("GET /sapi/v1/margin/allPairs")
@call("GET /sapi/v1/margin/isolated/allPairs")
def no_margin_pairs(asked: Asked) -> Any:
    return []


@call("GET /sapi/v1/system/status")
def system_status(asked: Asked) -> Any:
    return {"status": 0, "msg": "normal"}
