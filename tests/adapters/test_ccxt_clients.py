"""ccxt and ccxt.pro, as they are installed, trade on the simulated Binance: only the addresses are changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from venues import KEY, SECRET, START, Server, Terms, move, point, served, steer, until

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed: pip install 'lingua-trading[ccxt]'")
import ccxt.async_support as ccxt_async  # noqa: E402 - after the skip
import ccxt.pro as ccxt_pro  # noqa: E402 - after the skip

PAIR = "BTC/USDT"


@asynccontextmanager
async def client(server: Server, kind: Any = ccxt_async, **options: Any) -> AsyncIterator[Any]:
    given = {"apiKey": KEY, "secret": SECRET, "enableRateLimit": False, "timeout": 20_000, **options}
    exchange = point(kind.binance(given), server.url)
    try:
        yield exchange
    finally:
        await exchange.close()


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 120))


def test_the_blocking_client_loads_markets_with_nothing_but_its_defaults() -> None:
    async def work() -> None:
        async with served() as server:
            exchange = point(ccxt.binance({"apiKey": KEY, "secret": SECRET}), server.url)
            markets = await asyncio.to_thread(exchange.load_markets)
            assert list(markets) == [PAIR]
            assert markets[PAIR]["precision"] == {"amount": 1e-5, "price": 0.01, "base": 1e-8, "quote": 1e-8}
            assert markets[PAIR]["limits"]["cost"]["min"] == 5.0

    run(work())


def test_market_data_is_that_of_the_recording() -> None:
    async def work() -> None:
        async with served() as server, client(server) as exchange:
            bars = server.desk.stage.recordings["BTCUSDT"].bars
            rows = await exchange.fetch_ohlcv(PAIR, "1m", limit=1000)
            assert len(rows) == 300
            for k in (0, 1, 150, 299):
                expected = [
                    bars.open_ts[k] / 1e6,
                    bars.open[k],
                    bars.high[k],
                    bars.low[k],
                    bars.close[k],
                    bars.volume[k],
                ]
                assert rows[k] == expected
            part = await exchange.fetch_ohlcv(PAIR, "1m", since=int(bars.open_ts[10] // 10**6), limit=5)
            assert [row[0] for row in part] == [bars.open_ts[k] / 1e6 for k in range(10, 15)]
            hours = await exchange.fetch_ohlcv(PAIR, "1h")
            assert hours[0][1:5] == [bars.open[0], max(bars.high[:60]), min(bars.low[:60]), bars.close[59]]
            book = await exchange.fetch_order_book(PAIR, 10)
            assert book["bids"][0][0] < bars.close[299] < book["asks"][0][0]
            assert [row[0] for row in book["bids"]] == sorted((row[0] for row in book["bids"]), reverse=True)
            ticker = await exchange.fetch_ticker(PAIR)
            assert ticker["last"] == bars.close[299]
            assert ticker["high"] == max(bars.high[:300])
            assert await exchange.fetch_time() == bars.ts[299] // 10**6
            await move(server, 41_000)
            trades = await exchange.fetch_trades(PAIR)
            assert trades[-1]["price"] == 41_000.0

    run(work())


def test_orders_of_every_kind_live_and_end() -> None:
    async def work() -> None:
        async with served() as server, client(server) as exchange:
            await move(server, 40_000)
            market = await exchange.create_order(PAIR, "market", "buy", 0.01, None, {"clientOrderId": "mine-1"})
            assert (market["status"], market["filled"], market["clientOrderId"]) == ("closed", 0.01, "mine-1")
            assert market["average"] == 40_000.0
            limit = await exchange.create_order(PAIR, "limit", "buy", 0.02, 39_000, {"clientOrderId": "mine-2"})
            assert limit["status"] == "open"
            (working,) = await exchange.fetch_open_orders(PAIR)
            assert working["id"] == limit["id"]
            await move(server, "38999.99")
            done = await exchange.fetch_order(limit["id"], PAIR)
            assert (done["status"], done["filled"]) == ("closed", 0.02)
            stop = await exchange.create_order(PAIR, "STOP_LOSS_LIMIT", "sell", 0.01, 37_900, {"stopPrice": 38_000})
            canceled = await exchange.cancel_order(stop["id"], PAIR)
            assert canceled["status"] == "canceled"
            maker = await exchange.create_order(PAIR, "limit", "sell", 0.01, 45_000, {"postOnly": True})
            assert maker["postOnly"] or maker["type"] == "limit"
            await exchange.cancel_all_orders(PAIR)
            assert await exchange.fetch_open_orders(PAIR) == []
            cost = await exchange.create_market_buy_order_with_cost(PAIR, 100)
            assert 99 < cost["cost"] <= 100
            trades = await exchange.fetch_my_trades(PAIR)
            assert [trade["order"] for trade in trades] == [market["id"], limit["id"], cost["id"]]
            assert (trades[0]["fee"]["currency"], trades[0]["fee"]["cost"]) == ("BTC", 0.00001)
            assert {each["id"] for each in await exchange.fetch_orders(PAIR)} >= {market["id"], stop["id"]}
            balance = await exchange.fetch_balance()
            expected = 100_000 - 400 - 780 - cost["cost"]
            assert balance["USDT"]["total"] == pytest.approx(expected, abs=1e-6)
            fees = await exchange.fetch_trading_fee(PAIR)
            assert (fees["maker"], fees["taker"]) == (0.001, 0.001)
            edited = await exchange.create_order(PAIR, "limit", "buy", 0.01, 30_000)
            replaced = await exchange.edit_order(edited["id"], PAIR, "limit", "buy", 0.01, 31_000)
            assert replaced["price"] == 31_000.0
            assert (await exchange.fetch_order(edited["id"], PAIR))["status"] == "canceled"

    run(work())


def test_refusals_reach_the_client_as_its_own_errors() -> None:
    async def work() -> None:
        async with served() as server, client(server) as exchange:
            await move(server, 40_000)
            await exchange.load_markets()
            with pytest.raises(ccxt.InsufficientFunds):
                await exchange.create_order(PAIR, "limit", "buy", 10, 39_000)
            with pytest.raises(ccxt.BadRequest, match="NOTIONAL"):
                await exchange.create_order(PAIR, "limit", "buy", 0.0001, 39_000)
            with pytest.raises(ccxt.BaseError, match="PERCENT_PRICE"):
                await exchange.create_order(PAIR, "limit", "buy", 0.01, 1_000)
            with pytest.raises(ccxt.OrderNotFound):
                await exchange.fetch_order("999", PAIR)
            with pytest.raises(ccxt.OrderNotFound):
                await exchange.cancel_order("999", PAIR)
            with pytest.raises(ccxt.BadSymbol):
                await exchange.public_get_klines({"symbol": "NOPE", "interval": "1m"})
            async with client(server, secret="wrong") as stranger:
                with pytest.raises(ccxt.AuthenticationError):
                    await stranger.fetch_balance()
            async with client(server, apiKey="nobody") as stranger:
                with pytest.raises(ccxt.AuthenticationError):
                    await stranger.fetch_balance()

    run(work())


def test_a_wrong_clock_is_refused_and_mended_by_the_clients_own_means() -> None:
    async def work() -> None:
        async with served(Terms(speed=1.0, begins_now=True)) as server, client(server) as exchange:
            assert (await exchange.fetch_balance())["USDT"]["free"] == 100_000.0
            await steer(server, "faults", [{"on": "clock", "do": "skew", "seconds": -30.0}])
            with pytest.raises(ccxt.InvalidNonce):
                await exchange.fetch_balance()
            await exchange.load_time_difference()
            assert (await exchange.fetch_balance())["USDT"]["free"] == 100_000.0

    run(work())


@pytest.mark.parametrize(
    ("fault", "error", "is_there"),
    [
        ({"do": "status", "status": 429, "retry_after": 1}, "RateLimitExceeded DDoSProtection", False),
        ({"do": "status", "status": 418}, "DDoSProtection RateLimitExceeded", False),
        ({"do": "status", "status": 503}, "OperationFailed ExchangeNotAvailable", False),
        ({"do": "status", "status": 504, "when": "after"}, "RequestTimeout", True),
        ({"do": "reset", "when": "after"}, "NetworkError ExchangeNotAvailable", True),
        ({"do": "hang", "when": "after"}, "RequestTimeout", True),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
def test_an_order_whose_answer_goes_wrong_is_found_by_its_client_id(fault: Any, error: str, is_there: bool) -> None:
    async def work() -> None:
        async with served() as server, client(server, timeout=1_500) as exchange:
            await move(server, 40_000)
            await exchange.load_markets()
            await steer(server, "faults", [{"on": "POST /api/v3/order", **fault}])
            kinds = tuple(getattr(ccxt, name) for name in error.split())
            with pytest.raises(kinds):
                await exchange.create_order(PAIR, "limit", "buy", 0.01, 39_000, {"clientOrderId": "a1"})
            look = exchange.fetch_order(None, PAIR, {"origClientOrderId": "a1"})
            if is_there:
                assert (await look)["status"] == "open"
            else:
                with pytest.raises(ccxt.OrderNotFound):
                    await look

    run(work())


def test_streams_tell_bars_trades_books_and_orders() -> None:
    async def work() -> None:
        async with served() as server, client(server, ccxt_pro) as exchange:
            await move(server, 40_000)
            await exchange.load_markets()
            waiting = [
                asyncio.ensure_future(each) for each in (
                    exchange.watch_ohlcv(PAIR, "1m"), exchange.watch_trades(PAIR), exchange.watch_ticker(PAIR),
                    exchange.watch_order_book(PAIR), exchange.watch_orders(PAIR), exchange.watch_my_trades(PAIR),
                )
            ]  # fmt: skip
            await until(lambda: any(server.desk._listeners.values()), what="the user data stream")
            await until(lambda: len([n for n, at in server.streams.lines.items() if at]) >= 4, what="the subscriptions")
            order = await exchange.create_order(PAIR, "market", "buy", 0.01)

            async def press() -> None:
                while not all(each.done() for each in waiting):
                    await steer(server, "advance", {"seconds": 5})
                    await asyncio.sleep(0.05)

            pressing = asyncio.ensure_future(press())
            candles, trades, ticker, book, orders, mine = await asyncio.gather(*waiting)
            await pressing
            assert candles[-1][0] >= START // 10**6
            assert trades[-1]["symbol"] == PAIR
            assert ticker["last"] > 0
            assert book["bids"][0][0] < book["asks"][0][0]
            assert orders[-1]["id"] == order["id"]
            assert mine[-1]["order"] == order["id"]
            balance = await exchange.fetch_balance()
            assert balance["BTC"]["total"] == pytest.approx(1.00999)

    run(work())


def test_a_fill_that_is_told_twice_carries_one_number_and_one_that_is_dropped_is_in_the_trades() -> None:
    async def work() -> None:
        async with served() as server, client(server, ccxt_pro) as exchange:
            await move(server, 40_000)
            await exchange.load_markets()
            heard: list[Any] = []

            async def listen() -> None:
                while True:
                    heard.extend(await exchange.watch_my_trades(PAIR))

            listening = asyncio.ensure_future(listen())
            await until(lambda: any(server.desk._listeners.values()), what="the user data stream")
            await steer(server, "faults", [{"on": "user executionReport", "do": "duplicate", "times": 0, "until": 1.0}])
            await exchange.create_order(PAIR, "market", "buy", 0.01)
            await until(lambda: heard, what="the fill, twice")
            assert len({trade["id"] for trade in heard}) == 1
            assert (await steer(server, "state", verb="GET"))["faults"][0]["done"] == 2, "the order, and its fill"
            await steer(server, "faults", verb="DELETE")
            await steer(server, "faults", [{"on": "user *", "do": "drop", "times": 0}])
            await exchange.create_order(PAIR, "market", "buy", 0.02)
            assert [trade["amount"] for trade in await exchange.fetch_my_trades(PAIR)] == [0.01, 0.02]
            assert len({trade["id"] for trade in heard}) == 1
            listening.cancel()

    run(work())
