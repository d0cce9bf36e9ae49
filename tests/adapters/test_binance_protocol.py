"""The simulated Binance answers as the exchange documents it: codes, filters, limits, signatures, streams.

It is spoken to with nothing but HTTP and WebSocket.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from venues import KEY, LISTED, SECRET, Server, Terms, move, recording, served, steer, until
from yarl import URL

Answer = tuple[int, Any, Any]
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "39000",
}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


class Caller:
    """Signed requests, put together here by the documentation."""

    def __init__(self, server: Server, session: aiohttp.ClientSession) -> None:
        self.server, self.session = server, session

    async def __call__(self, verb: str, path: str, *, signed: bool = True, key: str = KEY, secret: str = SECRET,
                       stamp: int | None = None, **params: Any) -> Answer:  # fmt: skip
        if signed:
            params["timestamp"] = stamp if stamp is not None else self.server.desk.now()
            text = urlencode(params)
            params["signature"] = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        text = urlencode(params)
        headers = {"X-MBX-APIKEY": key} if signed else {}
        address = URL(f"{self.server.url}/api/v3/{path}?{text}", encoded=True)
        async with self.session.request(verb, address, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers

    async def frame(self, method: str, params: dict[str, Any], *, signed: bool = True) -> Any:
        async with self.session.ws_connect("/ws-api/v3") as ws:
            return await ask(ws, method, params, self.server if signed else None)


async def ask(ws: Any, method: str, params: dict[str, Any], server: Server | None) -> Any:
    if server is not None:
        params = {**params, "apiKey": KEY, "timestamp": server.desk.now()}
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        params["signature"] = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    await ws.send_json({"id": 7, "method": method, "params": params})
    while True:
        message = await ws.receive_json(timeout=10)
        if message.get("id") == 7:
            return message


@asynccontextmanager
async def called(terms: Terms | None = None, **options: Any) -> AsyncIterator[Caller]:
    async with served(terms, **options) as server, aiohttp.ClientSession(server.url) as session:
        await move(server, 40_000)
        yield Caller(server, session)


def run(work: Callable[[Caller], Awaitable[None]], terms: Terms | None = None, **options: Any) -> None:
    async def whole() -> None:
        async with called(terms, **options) as call:
            await work(call)

    asyncio.run(asyncio.wait_for(whole(), 60))


REFUSALS: list[tuple[str, dict[str, Any], int, int]] = [
    ("lot", {"quantity": "0.000001"}, 400, -1013),
    ("lot step", {"quantity": "0.0100001"}, 400, -1013),
    ("price step", {"price": "39000.001"}, 400, -1013),
    ("notional", {"quantity": "0.0001"}, 400, -1013),
    ("far price", {"price": "500000"}, 400, -1013),
    ("precision", {"quantity": "0.0123456789"}, 400, -1111),
    ("not a number", {"quantity": "1e-2"}, 400, -1100),
    ("negative", {"quantity": "-1"}, 400, -1100),
    ("zero", {"quantity": "0"}, 400, -1013),
    ("no quantity", {"quantity": ""}, 400, -1102),
    ("no price", {"price": None}, 400, -1102),
    ("no time in force", {"timeInForce": None}, 400, -1102),
    ("time in force", {"timeInForce": "GTD"}, 400, -1115),
    ("side", {"side": "HOLD"}, 400, -1117),
    ("type", {"type": "FANCY"}, 400, -1116),
    ("symbol", {"symbol": "NOPE"}, 400, -1121),
    ("signs", {"symbol": "btc/usdt"}, 400, -1100),
    ("client id", {"newClientOrderId": "with space"}, 400, -1100),
    ("long id", {"newClientOrderId": "x" * 37}, 400, -1100),
    ("unread", {"colour": "red"}, 400, -1104),
    ("not required", {"type": "MARKET"}, 400, -1106),
    ("stop missing", {"type": "STOP_LOSS_LIMIT"}, 400, -1102),
    ("stop triggers", {"type": "STOP_LOSS_LIMIT", "stopPrice": "39000"}, 400, -2010),
    ("balance", {"quantity": "100"}, 400, -2010),
    ("takes", {"type": "LIMIT_MAKER", "timeInForce": None, "price": "41000"}, 400, -2010),
    ("iceberg", {"icebergQty": "0.0005"}, 400, -1013),
]


def test_orders_are_refused_by_the_codes_of_the_documentation() -> None:
    async def work(call: Caller) -> None:
        for name, change, status, code in REFUSALS:
            params = {k: v for k, v in {**ORDER, **change}.items() if v is not None}
            told = await call("POST", "order", **params)
            assert (told[0], told[1].get("code")) == (status, code), (name, told[1])
            tested = await call("POST", "order/test", **params)
            if name != "balance":
                assert tested[1].get("code") == code, (name, "test", tested[1])
        assert not call.server.desk.exchange.orders

    run(work)


def test_a_market_order_is_limited_by_its_own_filter() -> None:
    async def work(call: Caller) -> None:
        assert (await call("POST", "order", **{**MARKET, "quantity": "501"}))[1][
            "msg"
        ] == "Filter failure: MARKET_LOT_SIZE"
        both = await call("POST", "order", **{**MARKET, "quoteOrderQty": "100"})
        assert both[1]["code"] == -1106
        neither = {name: value for name, value in MARKET.items() if name != "quantity"}
        assert (await call("POST", "order", **neither))[1]["code"] == -1102
        spent = await call("POST", "order", **neither, quoteOrderQty="100")
        assert Decimal(spent[1]["cummulativeQuoteQty"]) == Decimal("100")

    run(work)


def test_the_number_of_orders_and_of_stops_is_limited() -> None:
    from dataclasses import replace

    market = replace(LISTED, max_orders=3, max_stops=1, max_position=Decimal(2))

    async def work(call: Caller) -> None:
        stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "quantity": "0.01", "stopPrice": "30000"}
        assert (await call("POST", "order", **stop))[0] == 200
        assert (await call("POST", "order", **stop))[1]["msg"] == "Filter failure: MAX_NUM_ALGO_ORDERS"
        for _ in range(2):
            assert (await call("POST", "order", **ORDER))[0] == 200
        assert (await call("POST", "order", **ORDER))[1]["msg"] == "Filter failure: MAX_NUM_ORDERS"
        await call("DELETE", "openOrders", symbol="BTCUSDT")
        assert (await call("POST", "order", **{**ORDER, "quantity": "1.5"}))[1]["msg"] == "Filter failure: MAX_POSITION"

    run(work, recordings=[recording(market=market)])


def test_answers_tell_as_much_as_is_asked_for() -> None:
    async def work(call: Caller) -> None:
        ack = (await call("POST", "order", **MARKET, newOrderRespType="ACK"))[1]
        assert set(ack) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
        full = (await call("POST", "order", **MARKET, newClientOrderId="full"))[1]
        assert full["fills"][0] == {
            "price": "40000.00000000", "qty": "0.01000000", "commission": "0.00001000", "commissionAsset": "BTC",
            "tradeId": 2,
        }  # fmt: skip
        assert (full["status"], full["executedQty"], full["cummulativeQuoteQty"]) == (
            "FILLED",
            "0.01000000",
            "400.00000000",
        )
        again = await call("POST", "order", **ORDER, newClientOrderId="full")
        assert again[0] == 200, "an id is taken only while its order works"
        assert (await call("POST", "order", **ORDER, newClientOrderId="full"))[1]["msg"] == "Duplicate order sent."
        told = (await call("GET", "order", symbol="BTCUSDT", origClientOrderId="full"))[1]
        assert told["orderId"] == again[1]["orderId"]
        gone = (await call("DELETE", "order", symbol="BTCUSDT", origClientOrderId="full", newClientOrderId="bye"))[1]
        assert (gone["origClientOrderId"], gone["clientOrderId"], gone["status"]) == ("full", "bye", "CANCELED")
        assert (await call("DELETE", "order", symbol="BTCUSDT", orderId=99))[1] == {
            "code": -2011,
            "msg": "Unknown order sent.",
        }
        assert (await call("GET", "order", symbol="BTCUSDT", orderId=99))[1]["code"] == -2013
        assert (await call("GET", "order", symbol="BTCUSDT"))[1]["code"] == -1102
        ioc = (await call("POST", "order", **{**ORDER, "timeInForce": "IOC"}))[1]
        assert (ioc["status"], ioc["executedQty"]) == ("EXPIRED", "0.00000000")

    run(work)


def test_an_order_is_replaced_or_nothing_is() -> None:
    async def work(call: Caller) -> None:
        old = (await call("POST", "order", **ORDER))[1]
        new = {**ORDER, "price": "38000", "cancelOrderId": old["orderId"]}
        done = await call("POST", "order/cancelReplace", **new, cancelReplaceMode="STOP_ON_FAILURE")
        assert (done[0], done[1]["cancelResult"], done[1]["newOrderResult"]) == (200, "SUCCESS", "SUCCESS")
        failed = await call("POST", "order/cancelReplace", **new, cancelReplaceMode="STOP_ON_FAILURE")
        assert (failed[0], failed[1]["code"], failed[1]["data"]["newOrderResult"]) == (400, -2022, "NOT_ATTEMPTED")
        partly = await call("POST", "order/cancelReplace", **new, cancelReplaceMode="ALLOW_FAILURE")
        assert (partly[0], partly[1]["code"], partly[1]["data"]["newOrderResult"]) == (409, -2021, "SUCCESS")
        assert len((await call("GET", "openOrders", symbol="BTCUSDT"))[1]) == 2

    run(work)


OCO = {
    "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "aboveType": "LIMIT_MAKER", "abovePrice": "41000",
    "belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "39000", "belowPrice": "38900", "belowTimeInForce": "GTC",
}  # fmt: skip


def test_a_pair_of_orders_is_placed_told_and_withdrawn_as_one() -> None:
    async def work(call: Caller) -> None:
        made = (await call("POST", "orderList/oco", **OCO, listClientOrderId="pair"))[1]
        assert (made["contingencyType"], made["listOrderStatus"], len(made["orderReports"])) == ("OCO", "EXECUTING", 2)
        locked = next(b for b in (await call("GET", "account"))[1]["balances"] if b["asset"] == "BTC")
        assert locked["locked"] == "0.01000000", "one holding is enough for both"
        assert (await call("GET", "orderList", orderListId=made["orderListId"]))[1]["listClientOrderId"] == "pair"
        gone = (await call("DELETE", "orderList", symbol="BTCUSDT", listClientOrderId="pair"))[1]
        assert [report["status"] for report in gone["orderReports"]] == ["CANCELED", "CANCELED"]
        assert (await call("GET", "openOrderList"))[1] == []
        wrong = await call("POST", "orderList/oco", **{**OCO, "abovePrice": "39500"})
        assert wrong[1]["code"] == -2010
        assert (await call("POST", "orderList/oco", **{**OCO, "aboveType": "STOP_LOSS"}))[1]["code"] == -1106
        old = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "price": "41000", "stopPrice": "39000"}
        await call("POST", "order/oco", **old)
        await move(call.server, 41_001)
        statuses = sorted(o["status"] for o in (await call("GET", "allOrders", symbol="BTCUSDT"))[1])
        assert statuses == ["CANCELED", "CANCELED", "EXPIRED", "FILLED"]

    run(work)


def test_who_signs_wrongly_or_too_late_is_refused() -> None:
    async def work(call: Caller) -> None:
        assert (await call("GET", "account", secret="wrong"))[:2] == (
            400, {"code": -1022, "msg": "Signature for this request is not valid."},
        )  # fmt: skip
        assert (await call("GET", "account", key="nobody"))[1]["code"] == -2015
        assert (await call("GET", "account", key="?"))[1]["code"] == -2014
        assert (await call("GET", "account", signed=False))[0] == 401
        now = int(time.time() * 1000)
        assert (await call("GET", "account", stamp=now - 6_000))[1]["code"] == -1021
        assert (await call("GET", "account", stamp=now - 6_000, recvWindow=10_000))[0] == 200
        assert (await call("GET", "account", stamp=now + 5_000))[1]["code"] == -1021
        assert (await call("GET", "account", stamp=now, recvWindow=70_000))[1]["code"] == -1131
        assert (await call("GET", "account", stamp=now * 1000))[0] == 200, "a stamp in microseconds"

    run(work, Terms(speed=1.0, begins_now=True))


def test_too_many_requests_are_told_to_wait_and_then_banned() -> None:
    async def work(call: Caller) -> None:
        status, _, headers = await call("GET", "time", signed=False)
        assert (status, headers["X-MBX-USED-WEIGHT-1M"]) == (200, "1")
        for _ in range(3):
            status, told, headers = await call("GET", "account")
        assert (status, told["code"]) == (429, -1003)
        assert 1 <= int(headers["Retry-After"]) <= 61
        for _ in range(11):
            status, told, headers = await call("GET", "account")
        assert (status, told["code"]) == (418, -1003)
        assert int(headers["Retry-After"]) > 60

    run(work, Terms(speed=0, history=300, weight_limit=50))


def test_too_many_orders_are_refused_by_the_account() -> None:
    async def work(call: Caller) -> None:
        for _ in range(3):
            status, _, headers = await call("POST", "order", **ORDER)
        assert (status, headers["X-MBX-ORDER-COUNT-10S"], headers["X-MBX-ORDER-COUNT-1D"]) == (200, "3", "3")
        status, told, _ = await call("POST", "order", **ORDER)
        assert (status, told["code"]) == (429, -1015)

    run(work, Terms(speed=0, history=300, order_limit=3))


def test_the_websocket_api_knows_the_same_requests() -> None:
    async def work(call: Caller) -> None:
        assert (await call.frame("ping", {}, signed=False))["result"] == {}
        placed = await call.frame("order.place", ORDER)
        assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
        number = placed["result"]["orderId"]
        assert (await call.frame("order.status", {"symbol": "BTCUSDT", "orderId": number}))["result"]["type"] == "LIMIT"
        gone = await call.frame("order.cancel", {"symbol": "BTCUSDT", "orderId": number})
        assert gone["result"]["status"] == "CANCELED"
        wrong = await call.frame("order.place", {**ORDER, "side": "HOLD"})
        assert (wrong["status"], wrong["error"]["code"]) == (400, -1117)
        assert (await call.frame("account.status", {}))["result"]["canTrade"] is True
        assert (await call.frame("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 2}, signed=False))["result"]
        assert (await call.frame("session.logon", {}))["error"]["code"] == -4056
        assert (await call.frame("no.such", {}))["status"] == 400

    run(work)


def test_frames_that_make_no_sense_are_answered_and_the_connection_stands() -> None:
    async def work(call: Caller) -> None:
        for path in ("/ws-api/v3", "/ws"):
            async with call.session.ws_connect(path) as ws:
                for text in ("", "[", "[]", "7", '{"id": {}}', '{"method": 5}'):
                    await ws.send_str(text)
                    assert await ws.receive_json(timeout=5)
                    await asyncio.sleep(0.21 if path == "/ws" else 0.0)  # five messages a second at most
                assert not ws.closed

    run(work)


def test_a_listener_hears_of_its_orders_in_the_old_way_and_the_new() -> None:
    async def work(call: Caller) -> None:
        async with call.session.post("/api/v3/userDataStream", headers={"X-MBX-APIKEY": KEY}) as answer:
            listen = (await answer.json())["listenKey"]
        async with call.session.ws_connect(f"/ws/{listen}") as old, call.session.ws_connect("/ws-api/v3") as new:
            assert (await ask(new, "userDataStream.subscribe.signature", {}, call.server))["result"] == {
                "subscriptionId": 0
            }
            await call("POST", "order", **MARKET, newClientOrderId="heard")
            for socket in (old, new):
                events = [(await socket.receive_json(timeout=5)) for _ in range(4)]
                events = [event.get("event", event) for event in events]
                assert [event["e"] for event in events] == ["executionReport", "outboundAccountPosition"] * 2
                assert [event.get("x") for event in events] == ["NEW", None, "TRADE", None]
                trade = events[2]
                assert (trade["c"], trade["l"], trade["L"], trade["n"], trade["N"], trade["X"]) == (
                    "heard", "0.01000000", "40000.00000000", "0.00001000", "BTC", "FILLED",
                )  # fmt: skip

    run(work)


def test_a_book_that_is_kept_by_its_changes_stays_the_book() -> None:
    """As the documentation says to keep one: a snapshot, and changes in sequence from there."""

    async def work(call: Caller) -> None:
        async with call.session.ws_connect("/ws/btcusdt@depth@100ms") as ws:
            events: list[Any] = []

            async def listen() -> None:
                async for message in ws:
                    events.append(json.loads(message.data))

            task = asyncio.ensure_future(listen())
            await steer(call.server, "advance", {"seconds": 20})
            snapshot = (await call("GET", "depth", signed=False, symbol="BTCUSDT", limit=5000))[1]
            await call("POST", "order", **{**ORDER, "price": "39998.01"})
            for _ in range(10):
                await steer(call.server, "advance", {"seconds": 30})
            expected = (await call("GET", "depth", signed=False, symbol="BTCUSDT", limit=5000))[1]
            await until(lambda: events and events[-1]["u"] >= expected["lastUpdateId"] - 1, what="the last change")
            book = {side: dict(map(tuple, snapshot[side])) for side in ("bids", "asks")}
            later = [event for event in events if event["u"] > snapshot["lastUpdateId"]]
            assert later[0]["U"] <= snapshot["lastUpdateId"] + 1
            for before, event in itertools.pairwise(later):
                assert event["U"] == before["u"] + 1
            for event in later:
                for side, name in (("bids", "b"), ("asks", "a")):
                    for price, size in event[name]:
                        book[side].pop(price, None)
                        if Decimal(size):
                            book[side][price] = size
            assert book == {side: dict(map(tuple, expected[side])) for side in ("bids", "asks")}
            task.cancel()

    run(work)


def test_trades_make_the_candles_and_the_candles_are_the_recording() -> None:
    async def work(call: Caller) -> None:
        bars = call.server.desk.stage.recordings["BTCUSDT"].bars
        async with call.session.ws_connect("/stream?streams=btcusdt@trade/btcusdt@kline_1m/btcusdt@kline_3m") as ws:
            heard: list[Any] = []

            async def listen() -> None:
                async for message in ws:
                    heard.append(json.loads(message.data))

            task = asyncio.ensure_future(listen())
            await until(lambda: len(call.server.streams.lines) >= 3, what="the subscriptions")
            for _ in range(12):
                await steer(call.server, "advance", {"seconds": 60})
            closed = [m["data"]["k"] for m in heard if m["stream"].endswith("kline_1m") and m["data"]["k"]["x"]]
            assert [k["t"] for k in closed] == (bars.open_ts[300:312] // 10**6).tolist()
            rows = (await call("GET", "klines", signed=False, symbol="BTCUSDT", interval="1m", limit=13))[1][:12]
            assert [[k["t"], k["o"], k["h"], k["l"], k["c"], k["v"]] for k in closed] == [row[:6] for row in rows]
            trades = [m["data"] for m in heard if m["stream"].endswith("@trade")]
            for k in range(301, 312):
                inside = [t for t in trades if bars.open_ts[k] <= t["T"] * 10**6 < bars.ts[k]]
                prices = [float(t["p"]) for t in inside]
                assert (prices[0], max(prices), min(prices), prices[-1]) == (
                    bars.open[k], bars.high[k], bars.low[k], bars.close[k],
                )  # fmt: skip
                assert sum(Decimal(t["q"]) for t in inside) == Decimal(repr(float(bars.volume[k])))
            threes = [m["data"]["k"] for m in heard if m["stream"].endswith("kline_3m") and m["data"]["k"]["x"]]
            assert [float(k["h"]) for k in threes] == [max(bars.high[k : k + 3]) for k in range(300, 312, 3)]
            task.cancel()

    run(work)


@pytest.mark.parametrize(
    ("path", "filled"), [("natural", None), ("up", "target"), ("down", "stop"), ("adverse", "stop")]
)
def test_the_path_inside_a_bar_decides_which_of_two_is_reached(path: str, filled: str | None) -> None:
    async def work(call: Caller) -> None:
        bars = call.server.desk.stage.recordings["BTCUSDT"].bars
        await move(call.server, float(bars.close[299]))
        above = Decimal(repr(float(bars.high[300]))) - Decimal("0.01")
        below = Decimal(repr(float(bars.low[300]))) + Decimal("0.01")
        pair = {**OCO, "abovePrice": str(above), "belowType": "STOP_LOSS", "belowStopPrice": str(below)}
        for name in ("belowPrice", "belowTimeInForce"):
            pair.pop(name)
        made = await call("POST", "orderList/oco", **pair, aboveClientOrderId="target", belowClientOrderId="stop")
        assert made[0] == 200, made[1]
        await steer(call.server, "advance", {"seconds": 60})
        done = [
            o["clientOrderId"] for o in (await call("GET", "allOrders", symbol="BTCUSDT"))[1] if o["status"] == "FILLED"
        ]
        expected = filled or ("stop" if bars.close[300] >= bars.open[300] else "target")
        assert done == [expected]

    run(work, Terms(speed=0, history=300, path=path), recordings=[recording(seed=4)])


def test_fees_are_taken_from_the_asset_that_is_named_while_there_is_some() -> None:
    from venues import OWNERS

    bnb = recording(market=type(LISTED)("BNBUSDT", "BNB", "USDT"))

    async def work(call: Caller) -> None:
        call.server.desk.exchange.deposit("me", "BNB", Decimal("0.00001"))
        first = (await call("POST", "order", **MARKET))[1]["fills"][0]
        assert (first["commissionAsset"], Decimal(first["commission"])) == ("BNB", Decimal("0.4") / 40_000)
        second = (await call("POST", "order", **MARKET))[1]["fills"][0]
        assert second["commissionAsset"] == "BTC", "there is none left"

    async def whole() -> None:
        async with called(Terms(speed=0, history=300, fee_asset="BNB"), recordings=[recording(), bnb]) as call:
            await move(call.server, 40_000, "BNBUSDT")
            await work(call)

    assert OWNERS
    asyncio.run(whole())


def test_a_key_that_only_reads_places_nothing() -> None:
    from lingua_adapters.simulator.binance.simulation import OwnerError, parse_owner

    owner = parse_owner("watcher:reads-only!:very-secret:USDT=5")
    assert not owner.account.may_trade

    async def work(call: Caller) -> None:
        call.server.desk.keys._by_key["reads-only"] = owner.account
        assert (await call("GET", "account", key="reads-only", secret="very-secret"))[1]["canTrade"] is False
        assert (await call("POST", "order", key="reads-only", secret="very-secret", **ORDER))[1]["code"] == -2015

    run(work)
    for wrong in ("x", "a:b:c", "me:k!:s:", "me:key:secret:USDT", "me:key:secret:USDT=-1", "me:key:secret:USDT=nan"):
        with pytest.raises(OwnerError):
            parse_owner(wrong)


def test_steering_is_for_this_machine_and_says_what_is_wrong() -> None:
    async def work(call: Caller) -> None:
        for what, content in (
            ("advance", {"seconds": -1}), ("advance", {}), ("advance", {"seconds": "x"}), ("speed", {"speed": -1}),
            ("move", {"symbol": "X", "price": "1"}), ("move", {"symbol": "BTCUSDT", "price": "x"}),
            ("move", {"symbol": "BTCUSDT", "price": "-1"}), ("faults", [{"on": "x"}]), ("faults", [{"do": "hang"}]),
            ("faults", [{"on": "user *", "do": "hang"}]), ("faults", [{"on": "x", "do": "hang", "tmies": 1}]),
            ("faults", [{"on": "x", "do": "hang", "times": "many"}]), ("faults", 5), ("deposit", {"account": "nobody"}),
            ("deposit", {"account": "me", "asset": "USDT", "amount": "-1000000"}),
        ):  # fmt: skip
            async with call.session.post(f"/sim/{what}", json=content) as answer:
                assert answer.status == 400, (what, content)
                assert (await answer.json())["error"]
        async with call.session.post("/sim/advance", data={"seconds": "60"}) as answer:
            assert answer.status == 415, "a form of a web page"
        async with call.session.get("/sim/nothing") as answer:
            assert answer.status == 404

    run(work)


def test_a_script_of_faults_is_read_or_refused_with_its_line() -> None:
    from lingua_adapters.simulator.binance.faults import FaultError, parse_faults

    (fault,) = parse_faults(
        {"fault": [{"on": "POST /api/v3/order", "do": "status", "status": 504, "when": "after"}]}, "f"
    )
    assert (fault.kind, fault.times) == ("request", 1)
    with pytest.raises(FaultError, match=r"f: fault 1: .*did you mean `times`"):
        parse_faults([{"on": "x", "do": "hang", "tims": 1}], "f")


def test_an_unknown_path_and_a_wrong_method_are_told_apart() -> None:
    async def work(call: Caller) -> None:
        assert (await call("GET", "nothing", signed=False))[0] == 404
        assert (await call("POST", "time", signed=False))[0] == 405

    run(work)
