"""An account through ccxt: orders one by one, each sent once; what becomes of them from ccxt.pro where it can watch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from lingua_adapters.ccxt.errors import error_of, told
from lingua_adapters.ccxt.market import CcxtMarket
from lingua_adapters.ccxt.reading import MS, fill_report, number, order_report, text
from lingua_runtime.ports import (
    AccountEvent,
    Balance,
    Capabilities,
    Connection,
    FillReport,
    NotFound,
    OrderReport,
    OrderRequest,
    OutcomeUnknown,
    Refused,
)

PAGE = 500
DAY_MS = 86_400_000
SETTLES_S = 1.0
"""A subscription that has not failed for so long stands."""
SIDES = {1: "buy", -1: "sell"}
BY_CLIENT_ID = frozenset({"binance"})
"""Exchanges that look up and withdraw orders by client id although ccxt does not say so."""


class CcxtAccount:
    """`lingua_runtime.ports.Execution`."""

    def __init__(self, exchange: Any, market: CcxtMarket) -> None:
        self.exchange, self.market = exchange, market
        features = ((exchange.features or {}).get("spot") or {}).get("createOrder") or {}
        kinds = {"market", "limit"}
        if features.get("stopLossPrice"):
            kinds |= {"stop", "stop_limit"}
        self.capabilities = Capabilities(
            kinds=frozenset(kinds), has_icebergs=bool(features.get("icebergAmount")), history_bars=PAGE,
        )  # fmt: skip
        self._by_client = exchange.id in BY_CLIENT_ID or bool(exchange.has.get("fetchOrderWithClientOrderId"))
        self._ids: dict[str, str] = {}
        """The exchange's id of an order by its client id, of orders seen here."""
        self._clients: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"CcxtAccount({self.exchange.id})"

    # --- orders --------------------------------------------------------------------------------------

    async def place(self, requests: Sequence[OrderRequest]) -> list[OrderReport]:
        if len(requests) != 1:
            raise Refused("ccxt has no brackets that all exchanges know: one order at a time")
        (request,) = requests
        if request.kind not in self.capabilities.kinds:
            raise Refused(f"{self.exchange.id} takes no orders of kind {request.kind} here")
        market = await self.market.listed(request.symbol)
        params: dict[str, Any] = {"clientOrderId": request.client_id}
        kind = "market" if request.kind in ("market", "stop") else "limit"
        if request.kind.startswith("stop"):
            params["stopLossPrice"] = self._price(market, request.stop)
        if request.post_only:
            params["postOnly"] = True
        if 0.0 < request.show < request.quantity and self.capabilities.has_icebergs:
            params["icebergQty" if self.exchange.id.startswith("binance") else "icebergAmount"] = request.show
        price = self._price(market, request.limit) if kind == "limit" else None
        async with told(self.exchange):
            amount = self.exchange.amount_to_precision(market["symbol"], request.quantity)
            answer = await self.exchange.create_order(
                market["symbol"], kind, SIDES[request.side], float(amount), price, params
            )
            return [self._placed(answer, market["symbol"], request)]

    def _price(self, market: dict[str, Any], price: float) -> float:
        return float(self.exchange.price_to_precision(market["symbol"], price))

    def _placed(self, answer: Any, pair: str, request: OrderRequest) -> OrderReport:
        """Some exchanges answer with as little as an id, which is for a look-up."""
        if not isinstance(answer, dict):
            raise OutcomeUnknown("the answer to an order cannot be believed")
        client = answer.get("clientOrderId")
        if client not in (None, request.client_id):
            raise OutcomeUnknown(f"the answer is about {str(client)[:40]}, and {request.client_id} was sent")
        known = {name: value for name, value in answer.items() if value is not None}
        if isinstance(known.get("id"), str):
            self._ids[request.client_id] = known["id"]
        report = order_report({"clientOrderId": request.client_id, **known}, pair, request.symbol, 0)
        if report.side != request.side:
            raise OutcomeUnknown("the answer is about an order of the other side")
        return self._told(report)

    async def cancel(self, symbol: str, client_id: str) -> OrderReport:
        market = await self.market.listed(symbol)
        pair = market["symbol"]
        async with told(self.exchange):
            if client_id in self._ids:
                answer = await self.exchange.cancel_order(self._ids[client_id], pair)
            elif self._by_client or self.exchange.has.get("cancelOrderWithClientOrderId"):
                answer = await self.exchange.cancel_order_with_client_order_id(client_id, pair)
            else:
                raise NotFound(f"{client_id} was not placed from here")
        try:
            report = order_report({**answer, "clientOrderId": client_id}, pair, symbol, await self.market.now())
        except (OutcomeUnknown, TypeError):
            return await self.order(symbol, client_id)  # many exchanges answer a withdrawal with an id and no more
        return self._told(report)

    async def order(self, symbol: str, client_id: str) -> OrderReport:
        market = await self.market.listed(symbol)
        pair = market["symbol"]
        async with told(self.exchange):
            if self._by_client:
                answer = await self.exchange.fetch_order_with_client_order_id(client_id, pair)
            elif client_id in self._ids:
                answer = await self.exchange.fetch_order(self._ids[client_id], pair)
            else:
                answer = await self._searched(client_id, pair)
            report = order_report(answer, pair, symbol, 0)
        if report.client_id != client_id and client_id not in self._ids:
            raise OutcomeUnknown(f"the answer is about {report.client_id[:40]}, and {client_id} was asked for")
        return self._told(report)

    async def _searched(self, client_id: str, pair: str) -> Any:
        """Among the orders that the exchange lists. Not to be there is not to have been: it lists a part of them."""
        for name in ("OpenOrders", "ClosedOrders", "Orders"):
            if self.exchange.has.get(f"fetch{name}"):
                for each in await getattr(self.exchange, f"fetch{name}")(pair):
                    if each.get("clientOrderId") == client_id:
                        return each
        raise OutcomeUnknown(f"{self.exchange.id} lists no order {client_id}, and cannot be asked for it by that id")

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        market = await self.market.listed(symbol)
        async with told(self.exchange):
            found = await self.exchange.fetch_open_orders(market["symbol"])
            if not isinstance(found, list):
                raise OutcomeUnknown("the list of orders is none")
            return [self._told(order_report(each, market["symbol"], symbol, 0)) for each in found]

    # --- fills and balances --------------------------------------------------------------------------

    async def fills(self, symbol: str, since_ts: int) -> list[FillReport]:
        """Since 0: the newest page, because exchanges tell the past a day or a page at a time."""
        market = await self.market.listed(symbol)
        pair = market["symbol"]
        found: dict[str, Any] = {}
        async with told(self.exchange):
            if since_ts <= 0:
                found = {text(each, "id"): each for each in await self.exchange.fetch_my_trades(pair, None, PAGE)}
            else:
                now, since = await self.market.now() // MS, since_ts // MS
                while True:
                    page = await self.exchange.fetch_my_trades(pair, since, PAGE)
                    found |= {text(each, "id"): each for each in page}
                    if len(page) >= PAGE:
                        newest = max(int(number(each, "timestamp")) for each in page)
                        since = max(newest, since + 1)
                    else:
                        since += DAY_MS
                    if since > now:
                        break
            reports = []
            for each in sorted(found.values(), key=lambda trade: (trade["timestamp"], len(trade["id"]), trade["id"])):
                if int(number(each, "timestamp")) * MS >= since_ts:
                    client = await self._client_of(text(each, "order"), pair, symbol)
                    reports.append(fill_report(each, pair, symbol, client))
            return reports

    async def _client_of(self, number_: str, pair: str, symbol: str) -> str:
        """The client id of an order, which fills do not tell."""
        if number_ not in self._clients:
            self._told(order_report(await self.exchange.fetch_order(number_, pair), pair, symbol, 0))
        return self._clients.get(number_, "")

    async def balances(self) -> list[Balance]:
        async with told(self.exchange):
            found = await self.exchange.fetch_balance()
            free, used = found.get("free"), found.get("used")
            if not isinstance(free, dict) or not isinstance(used, dict):
                raise OutcomeUnknown("the balances cannot be believed")
            return [Balance(asset, number(free, asset), number(used, asset)) for asset in sorted(free)]

    # --- the account's stream ------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[AccountEvent]:
        if not self.exchange.has.get("watchOrders"):
            yield Connection(False, f"{self.exchange.id} tells nothing by itself: orders and fills are swept")
            await asyncio.Event().wait()
        queue: asyncio.Queue[AccountEvent] = asyncio.Queue()
        watches = [self._watch(queue, self.exchange.watch_orders, self._order_event, tells=True)]
        if self.exchange.has.get("watchMyTrades"):
            watches.append(self._watch(queue, self.exchange.watch_my_trades, self._fill_event, tells=False))
        tasks = [asyncio.ensure_future(each) for each in watches]
        try:
            while True:
                yield await queue.get()
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, queue: asyncio.Queue[AccountEvent], watch: Any, read: Any, *, tells: bool) -> None:
        is_up, wait = False, 0.2
        while True:
            task = asyncio.ensure_future(watch())
            try:
                if not is_up:
                    await asyncio.wait([task], timeout=SETTLES_S)
                    if not task.done() or task.exception() is None:
                        is_up, wait = True, 0.2
                        if tells:
                            await queue.put(Connection(True))
                for each in await task:
                    await queue.put(await read(each))
            except asyncio.CancelledError:
                task.cancel()
                raise
            except Exception as problem:
                secrets = (self.exchange.apiKey or "", self.exchange.secret or "")
                if tells and is_up:
                    await queue.put(Connection(False, error_of(problem, secrets).why))
                is_up = False
                await asyncio.sleep(wait)
                wait = min(wait * 2, 30.0)

    async def _order_event(self, data: Any) -> OrderReport:
        pair = text(data, "symbol")
        return self._told(order_report(data, pair, self._symbol(pair), await self.market.now()))

    async def _fill_event(self, data: Any) -> FillReport:
        pair = text(data, "symbol")
        symbol = self._symbol(pair)
        return fill_report(data, pair, symbol, await self._client_of(text(data, "order"), pair, symbol))

    def _symbol(self, pair: str) -> str:
        """As the exchange writes it: BTCUSDT of BTC/USDT."""
        return "".join(c for c in pair if c.isalnum())

    def _told(self, report: OrderReport) -> OrderReport:
        if report.client_id:
            self._ids[report.client_id] = report.venue_id
        self._clients[report.venue_id] = report.client_id or self._clients.get(report.venue_id, "")
        return report
