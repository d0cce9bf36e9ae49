"""An account: orders over REST, each request sent once, and what becomes of them from the user data stream."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from lingua_adapters.binance.codes import ORDER_REFUSED
from lingua_adapters.binance.market import BinanceMarket
from lingua_adapters.binance.names import client_id, digits, venue_symbol
from lingua_adapters.binance.reading import (
    MS,
    Malformed,
    Terms,
    balances,
    believed,
    event_fill,
    event_report,
    field,
    fill_report,
    listed,
    order_report,
    shown,
    text,
    whole,
)
from lingua_adapters.binance.rest import Params, Rest
from lingua_adapters.binance.sockets import Patience, Socket
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
    VenueError,
)

PAGE = 1_000
TYPES = {"market": "MARKET", "limit": "LIMIT", "stop": "STOP_LOSS", "stop_limit": "STOP_LOSS_LIMIT"}
SIDES = {1: "BUY", -1: "SELL"}
SINGLE_LOOK_UPS = 20
"""Orders of fills that are older than a page are asked for one by one, so many at most."""


class BinanceAccount:
    """`lingua_runtime.ports.Execution`."""

    capabilities = Capabilities(
        kinds=frozenset({"market", "limit", "stop", "stop_limit"}), has_brackets=True, has_icebergs=True,
        most_orders=200, most_stops=5, history_bars=PAGE,
    )  # fmt: skip

    def __init__(self, rest: Rest, market: BinanceMarket, socket_url: str, *, heartbeat_s: float = 15.0) -> None:
        self.rest, self.market, self.socket_url = rest, market, socket_url
        self.heartbeat_s = heartbeat_s
        self._clients: dict[tuple[str, str], str] = {}
        """Client id by (symbol of the exchange, its number of the order)."""
        self._names: dict[str, str] = {}
        """Our symbol by the exchange's."""

    # --- orders --------------------------------------------------------------------------------------

    async def place(self, requests: Sequence[OrderRequest]) -> list[OrderReport]:
        first = requests[0]
        terms = await self._terms(first.symbol)
        if len(requests) == 1:
            path, params = "/api/v3/order", self._order(first, terms)
        elif len(requests) == 2:
            path, params = "/api/v3/orderList/oco", self._bracket(requests[0], requests[1], terms)
        else:
            raise Refused(f"one order or the two of a bracket can be placed at once, not {len(requests)}")
        try:
            answer = await self.rest.signed("POST", path, params, lane="order")
        except Refused as problem:
            if problem.code != str(ORDER_REFUSED):
                raise
            # The code is also that of a client id that works already: then the order is there.
            return [await self._there_already(request, problem) for request in requests]
        with believed("the answer to an order"):
            found = listed(field(answer, "orderReports")) if len(requests) == 2 else [answer]
            reports = [self._told(order_report(each, terms.symbol, first.symbol)) for each in found]
            by_client = {report.client_id: report for report in reports}
            missing = [each.client_id for each in requests if each.client_id not in by_client]
            if missing:
                raise Malformed(f"it does not tell of the order {shown(missing[0])}")
            for request in requests:
                report = by_client[request.client_id]
                if report.side != request.side:
                    raise Malformed(f"it tells of the other side of {shown(request.client_id)}")
        return [by_client[request.client_id] for request in requests]

    async def _there_already(self, request: OrderRequest, problem: Refused) -> OrderReport:
        try:
            return await self.order(request.symbol, request.client_id)
        except NotFound:
            raise problem from None
        except VenueError:
            raise OutcomeUnknown(f"{problem.why}, and the look-up failed", problem.code) from None

    def _order(self, request: OrderRequest, terms: Terms) -> Params:
        kind = TYPES.get(request.kind)
        if kind is None:
            raise Refused(f"the exchange has no orders of kind {request.kind}")
        if kind == "LIMIT" and request.post_only:
            kind = "LIMIT_MAKER"
        self._supported(kind, terms)
        params: dict[str, str | int] = {
            "symbol": terms.symbol, "side": SIDES[request.side], "type": kind,
            "quantity": digits(request.quantity, terms.lot), "newClientOrderId": client_id(request.client_id),
            "newOrderRespType": "RESULT",
        }  # fmt: skip
        if kind in ("LIMIT", "STOP_LOSS_LIMIT"):
            params["timeInForce"] = "GTC"
        if kind in ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT"):
            params["price"] = digits(request.limit, terms.tick)
        if kind.startswith("STOP"):
            params["stopPrice"] = digits(request.stop, terms.tick)
        if 0.0 < request.show < request.quantity:
            parts = math.ceil(request.quantity / request.show * (1.0 - 1e-9))
            if terms.iceberg_parts and parts > terms.iceberg_parts:
                raise Refused(
                    f"the exchange takes an iceberg of at most {terms.iceberg_parts} parts, and this one has {parts}: "
                    f"show {request.quantity / terms.iceberg_parts:g} or more"
                )
            params["icebergQty"] = digits(request.show, terms.lot)
        return params

    def _bracket(self, one: OrderRequest, two: OrderRequest, terms: Terms) -> Params:
        """One cancels the other: a limit and a stop around the price."""
        targets = [each for each in (one, two) if each.kind == "limit"]
        guards = [each for each in (one, two) if each.kind in ("stop", "stop_limit")]
        if len(targets) != 1 or len(guards) != 1 or (one.side, one.quantity) != (two.side, two.quantity):
            raise Refused("a bracket is a limit and a stop of one side and quantity")
        target, guard = targets[0], guards[0]
        params: dict[str, str | int] = {
            "symbol": terms.symbol, "side": SIDES[one.side], "quantity": digits(one.quantity, terms.lot),
            "newOrderRespType": "RESULT",
        }  # fmt: skip
        legs = ("above", "below") if one.side < 0 else ("below", "above")
        for which, request, kind in ((legs[0], target, "LIMIT_MAKER"), (legs[1], guard, TYPES[guard.kind])):
            self._supported(kind, terms)
            params[f"{which}Type"] = kind
            params[f"{which}ClientOrderId"] = client_id(request.client_id)
            if kind != "STOP_LOSS":
                params[f"{which}Price"] = digits(request.limit, terms.tick)
            if kind != "LIMIT_MAKER":
                params[f"{which}StopPrice"] = digits(request.stop, terms.tick)
            if kind == "STOP_LOSS_LIMIT":
                params[f"{which}TimeInForce"] = "GTC"
        return params

    @staticmethod
    def _supported(kind: str, terms: Terms) -> None:
        if kind not in terms.types:
            raise Refused(f"{terms.symbol} takes no orders of type {kind}")

    async def cancel(self, symbol: str, client_id: str) -> OrderReport:
        name = self._named(symbol)
        answer = await self.rest.signed(
            "DELETE", "/api/v3/order", {"symbol": name, "origClientOrderId": client_id}, lane="cancel"
        )
        with believed("the answer to a withdrawal"):
            # Of a bracket, both are told.
            each = listed(answer["orderReports"]) if isinstance(answer, dict) and "orderReports" in answer else [answer]
            for data in each:
                if field(data, "origClientOrderId") == client_id:
                    return self._told(order_report(data, name, symbol))
            raise Malformed(f"it does not tell of the order {shown(client_id)}")

    async def order(self, symbol: str, client_id: str) -> OrderReport:
        name = self._named(symbol)
        # A look-up frees a symbol whose orders are unknown, so it may use what is kept for withdrawals.
        answer = await self.rest.signed(
            "GET", "/api/v3/order", {"symbol": name, "origClientOrderId": client_id}, weight=4, lane="cancel"
        )
        with believed("the answer about an order"):
            report = order_report(answer, name, symbol)
            if report.client_id != client_id:
                raise Malformed(f"it is about {shown(report.client_id)}, and {client_id} was asked for")
            return self._told(report)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        name = self._named(symbol)
        answer = await self.rest.signed("GET", "/api/v3/openOrders", {"symbol": name}, weight=6)
        with believed("the list of orders"):
            return [self._told(order_report(each, name, symbol)) for each in listed(answer)]

    # --- fills and balances --------------------------------------------------------------------------

    async def fills(self, symbol: str, since_ts: int) -> list[FillReport]:
        name, found = self._named(symbol), []
        where: dict[str, str | int] = {"startTime": since_ts // MS} if since_ts > 0 else {"fromId": 0}
        while True:
            answer = await self.rest.signed(
                "GET", "/api/v3/myTrades", {"symbol": name, "limit": PAGE, **where}, weight=20
            )
            with believed("the list of fills"):
                page = listed(answer)
                await self._learn(name, symbol, [str(whole(each, "orderId")) for each in page])
                for each in page:
                    client = self._clients.get((name, str(whole(each, "orderId"))), "")
                    fill = fill_report(each, name, symbol, client)
                    if fill.ts >= since_ts:
                        found.append(fill)
            if len(page) < PAGE:
                return found
            where = {"fromId": whole(page[-1], "id") + 1}

    async def _learn(self, name: str, symbol: str, numbers: list[str]) -> None:
        """The client ids of orders, which fills do not tell."""
        unknown = {each for each in numbers if (name, each) not in self._clients}
        if not unknown:
            return
        first = min(map(int, unknown))
        answer = await self.rest.signed(
            "GET", "/api/v3/allOrders", {"symbol": name, "orderId": first, "limit": PAGE}, weight=20
        )
        for each in listed(answer):
            self._told(order_report(each, name, symbol))
        left = sorted(each for each in unknown if (name, each) not in self._clients)
        for each in left[:SINGLE_LOOK_UPS]:
            try:
                one = await self.rest.signed("GET", "/api/v3/order", {"symbol": name, "orderId": each}, weight=4)
            except NotFound:
                self._clients[name, each] = ""
                continue
            self._told(order_report(one, name, symbol))

    async def balances(self) -> list[Balance]:
        answer = await self.rest.signed("GET", "/api/v3/account", {"omitZeroBalances": "true"}, weight=20)
        with believed("the balances"):
            return balances(answer)

    # --- the user data stream ------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[AccountEvent]:
        patience, was_up = Patience(), True
        while True:
            try:
                async with Socket(self.rest, self.socket_url, self.heartbeat_s) as socket:
                    await self._listen(socket)
                    was_up = True
                    yield Connection(True)
                    patience.reset()
                    while True:
                        try:
                            for event in self._event(await socket.receive()):
                                yield event
                        except Malformed as problem:
                            # Whatever it was about has to be asked for.
                            yield Connection(False, f"a message of the account cannot be believed: {problem}")
                            yield Connection(True)
            except VenueError as problem:
                if was_up:
                    was_up = False
                    yield Connection(False, problem.why)
                await patience.rest(problem)

    async def _listen(self, socket: Socket) -> None:
        await self.rest.measure_clock()
        method = "userDataStream.subscribe.signature"
        await socket.send({"id": "listen", "method": method, "params": self.rest.sign_frame({})})
        try:
            answer = await socket.receive(self.rest.timeout_s)
        except Malformed as problem:
            raise OutcomeUnknown(f"the answer to {method} cannot be believed: {problem}") from None
        except Exception as problem:
            if isinstance(problem, VenueError):
                raise
            raise OutcomeUnknown(f"no answer to {method}") from None
        status = answer.get("status") if isinstance(answer, dict) else None
        if status != 200:
            error = answer.get("error") if isinstance(answer, dict) else None
            raise self.rest.error(status if isinstance(status, int) else 500, error)

    def _event(self, message: Any) -> list[AccountEvent]:
        if isinstance(message, dict) and "event" not in message and "status" in message:
            return []
        data = field(message, "event")
        kind = text(data, "e")
        if kind in ("serverShutdown", "eventStreamTerminated"):
            raise OutcomeUnknown(f"the exchange ends the stream: {kind}")
        if kind != "executionReport":
            return []
        symbol = text(data, "s")
        name = self._names.get(symbol, symbol)
        report = event_report(data, name)
        found: list[AccountEvent] = [self._told(report)]
        if text(data, "x") == "TRADE":
            found.append(event_fill(data, name))
        return found

    # --- names ---------------------------------------------------------------------------------------

    async def _terms(self, symbol: str) -> Terms:
        self._named(symbol)
        return await self.market.terms(symbol)

    def _named(self, symbol: str) -> str:
        name = venue_symbol(symbol)
        self._names[name] = symbol
        return name

    def _told(self, report: OrderReport) -> OrderReport:
        self._clients[venue_symbol(report.symbol), report.venue_id] = report.client_id
        return report
