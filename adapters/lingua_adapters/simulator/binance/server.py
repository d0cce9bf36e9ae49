"""The server: REST, market streams, WebSocket API and the endpoints that steer the simulation, on one port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from lingua_adapters.simulator.binance import market_calls, order_calls
from lingua_adapters.simulator.binance.calls import KEYED, PUBLIC, REST, SIGNED, SOCKET, Asked, Call
from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.faults import Fault
from lingua_adapters.simulator.binance.given import Given
from lingua_adapters.simulator.binance.keys import Account, pairs, split_signature
from lingua_adapters.simulator.binance.lines import HELD_FROM, Line, dumps
from lingua_adapters.simulator.binance.refusals import Refusal
from lingua_adapters.simulator.binance.socket_api import SocketApi
from lingua_adapters.simulator.binance.steering import Steering
from lingua_adapters.simulator.binance.streams import MOST_STREAMS, Streams

DECLARED = (market_calls, order_calls)
"""Imported for the requests that they declare."""
LARGEST_BODY = 1_000_000
LARGEST_FRAME = 1_000_000
FLUSH_S = 0.1
FOR_EVER_S = 3_600.0


class Server:
    """`log` gets a line for what somebody who watches wants to see."""

    def __init__(self, desk: Desk, *, log: Callable[[str], None] = lambda _: None, is_local: bool = True) -> None:
        self.desk = desk
        self.streams = Streams(desk)
        self.lines: dict[int, Line] = {}
        self.log = log
        self.is_local = is_local
        self.steering = Steering(self)
        self.requests = 0
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.host, self.port = "", 0
        desk.stage.is_held = self._is_held

    # --- beginning and end ---------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError when the address is taken."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/ws", self._market_socket)
        app.router.add_get("/ws/{names:.+}", self._market_socket)
        app.router.add_get("/stream", self._market_socket)
        app.router.add_get("/ws-api/v3", self._api_socket)
        app.router.add_get("/ws-api/v3/", self._api_socket)
        app.router.add_route("*", "/sim/{what:.*}", self.steering.handle)
        app.router.add_route("*", "/{path:.*}", self._request)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.host, self.port = host, int(self._runner.addresses[0][1])
        self._tasks = [asyncio.create_task(self.desk.stage.run()), asyncio.create_task(self._by_the_clock())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in list(self.lines.values()):
            line.abort()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def note(self, text: str) -> None:
        self.log(text)

    def _is_held(self) -> bool:
        """Where market time is not real time, it waits for its slowest reader."""
        if self.desk.is_timed:
            return False
        return any(line.waiting.qsize() > HELD_FROM and not line.is_silent for line in self.lines.values())

    async def _by_the_clock(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self.tick()

    def tick(self) -> None:
        """What happens by the clock: books are told, and faults whose time has come."""
        self.desk.faults.elapsed_s = (self.desk.stage.now() - self.desk.stage.begin_ms) / 1000
        for fault in self.desk.faults.due("sockets", "clock", "market"):
            self.steering.happen(fault)
        self.streams.flush()

    # --- requests ------------------------------------------------------------------------------------

    async def _request(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        address, path = request.remote or "", request.path
        name = f"{request.method} {path}"
        if self.desk.faults.script:
            self.tick()
            spoiled = await self._spoiled(self.desk.faults.pick("request", name, "before"), request)
            if spoiled is not None:
                return spoiled
        self.desk.settle()
        who = ""
        try:
            call = REST.get((request.method, path))
            if call is None:
                raise self._unknown(path)
            body = (await request.read()).decode("utf-8", "replace") if request.can_read_body else ""
            query = request.rel_url.raw_query_string
            given = {**pairs(query), **pairs(body)}
            payload = split_signature(query) + split_signature(body)
            account = self._who(call, request.headers.get("X-MBX-APIKEY", ""), payload, given)
            who = account.name if account is not None and call.security == SIGNED else ""
            result = self._act(call, given, account, address)
            status, content = 200, result
        except Refusal as refusal:
            status, content = refusal.status, refusal.body()
            headers = self.desk.limits.headers(address, who)
            if refusal.wait_s:
                headers["Retry-After"] = str(refusal.wait_s)
            self.note(f"{name}: {refusal.code} {refusal.text}")
            return web.Response(status=status, text=dumps(content), content_type="application/json", headers=headers)
        if self.desk.faults.script:
            spoiled = await self._spoiled(self.desk.faults.pick("request", name, "after"), request)
            if spoiled is not None:
                return spoiled
        headers = self.desk.limits.headers(address, who if call.orders else "")
        return web.Response(text=dumps(content), content_type="application/json", headers=headers)

    def _unknown(self, path: str) -> Refusal:
        if any(known == path for _, known in REST):
            return Refusal(-1020, "This operation is not supported.", 405)
        return Refusal(-1020, f"This simulator does not know {path}.", 404)

    def _who(self, call: Call, key: str, payload: str, given: dict[str, str]) -> Account | None:
        if call.security == PUBLIC:
            return None
        account = self.desk.keys.account(key)
        if call.needs_trade and not account.may_trade:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        if call.security != KEYED:
            self.desk.keys.check(account, payload, given, self.desk.now(), is_timed=self.desk.is_timed)
        return account

    def _act(self, call: Call, params: dict[str, Any], account: Account | None, address: str) -> Any:
        self.desk.limits.spend(address, call.weight)
        if call.orders and account is not None:
            self.desk.limits.order(account.name, call.orders)
        given = Given(params)
        result = call.act(Asked(self.desk, given, account))
        given.refuse_rest()
        if account is not None and call.needs_trade:
            self._tell_order(call, account, result)
        return result

    def _tell_order(self, call: Call, account: Account, result: Any) -> None:
        for each in result.get("orderReports", [result]) if isinstance(result, dict) else result:
            if "orderId" in each and "side" in each:
                price = each["price"] if float(each["price"]) else "at market"
                what = f"{each['side']} {each['origQty']} {each['symbol']} {each['type']} {price}"
                self.note(f"{account.name}: {call.verb.lower()} {what}: {each['status']}")

    async def _spoiled(self, fault: Fault | None, request: web.Request) -> web.StreamResponse | None:
        """The answer of a fault; None when the request goes on."""
        if fault is None:
            return None
        self.note(f"fault: {fault.do} {fault.when} {request.method} {request.path}")
        match fault.do:
            case "hang":
                await asyncio.sleep(fault.seconds or FOR_EVER_S)
                return None if fault.seconds and fault.when == "before" else self._reset(request)
            case "reset":
                return self._reset(request)
            case "garbage":
                return web.Response(text=fault.text, content_type="application/json")
            case "reject":
                return self._told(400, fault.code or -2010, fault.text or "This action is disabled on this account.")
        default = {429: -1003, 418: -1003, 504: -1007}.get(fault.status, -1001)
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        return self._told(
            fault.status, fault.code or default, fault.text or TEXTS.get(fault.status, "A fault."), headers
        )

    def _told(self, status: int, code: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
        body = dumps({"code": code, "msg": text})
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    def _reset(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    # --- WebSockets ----------------------------------------------------------------------------------

    async def _market_socket(self, request: web.Request) -> web.StreamResponse:
        names = [name for name in request.match_info.get("names", "").split("/") if name]
        combined = request.path == "/stream"
        if combined:
            names = [name for name in request.query.get("streams", "").split("/") if name]
        if len(names) > MOST_STREAMS:
            return web.Response(status=400, text="too many streams")
        account = self.desk.of_listen_key(names[0]) if len(names) == 1 else None
        ws = web.WebSocketResponse(max_msg_size=LARGEST_FRAME, autoclose=True)
        await ws.prepare(request)
        line = self._line(ws, request)
        if combined:
            self.streams.wrapped.add(line.number)
        if account is not None:
            number = self.desk.listen(account.name, lambda event: line.send(event, f"user {event['e']}"))
            line.on_close.append(lambda: self.desk.leave(account.name, number))
            self.note(f"{account.name}: listens to its orders")
        else:
            self.streams.subscribe(line, names)
        line.on_close.append(lambda: self.streams.leave(line))
        await line.serve(lambda text: self.streams.received(line, text))
        return ws

    async def _api_socket(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(max_msg_size=LARGEST_FRAME)
        await ws.prepare(request)
        line = self._line(ws, request)
        api = SocketApi(self, line, request.remote or "")
        await line.serve(api.received)
        return ws

    def _line(self, ws: web.WebSocketResponse, request: web.Request) -> Line:
        line = Line(ws, request, self.desk.faults)
        self.lines[line.number] = line
        line.on_close.append(lambda: self._gone(line))
        return line

    def _gone(self, line: Line) -> None:
        self.lines.pop(line.number, None)

    def signed_frame(self, params: dict[str, Any]) -> Account:
        """The account that signed the parameters of a frame. Raises Refusal."""
        account = self.desk.keys.account(str(params.get("apiKey", "")))
        texts = {name: Given({name: value}).text(name, "") for name, value in params.items() if value is not None}
        payload = "&".join(f"{name}={texts[name]}" for name in sorted(texts) if name != "signature")
        self.desk.keys.check(account, payload, texts, self.desk.now(), is_timed=self.desk.is_timed)
        return account

    def socket_call(self, api: SocketApi, number: Any, method: str, params: dict[str, Any]) -> None:
        """A request of the WebSocket API. Raises Refusal."""
        self.requests += 1
        call = SOCKET.get(method)
        if call is None:
            raise Refusal(-1000, f"There is no method {method[:60]!r}.")
        before = self.desk.faults.pick("request", method, "before") if self.desk.faults.script else None
        if before is not None and self._spoil_frame(before, api):
            return
        self.desk.settle()
        account = self.signed_frame(params) if call.security == SIGNED else None
        if account is not None and call.needs_trade and not account.may_trade:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        result = self._act(call, params, account, api.address)
        after = self.desk.faults.pick("request", method, "after") if self.desk.faults.script else None
        if after is not None and self._spoil_frame(after, api):
            return
        api._answer(number, result, account.name if account is not None and call.orders else "")

    def _spoil_frame(self, fault: Fault, api: SocketApi) -> bool:
        """Whether nothing more is answered. Raises Refusal for a status."""
        self.note(f"fault: {fault.do} {fault.when} {fault.on}")
        match fault.do:
            case "hang":
                return True
            case "reset":
                api.line.abort()
                return True
            case "garbage":
                api.line.send(fault.text)
                return True
        status = 400 if fault.do == "reject" else fault.status
        default = {429: -1003, 418: -1003, 504: -1007, 400: -2010}.get(status, -1001)
        raise Refusal(
            fault.code or default, fault.text or TEXTS.get(status, "A fault."), status, wait_s=fault.retry_after
        )


TEXTS = {
    429: "Too much request weight used; please use WebSocket Streams for live updates.",
    418: "Way too much request weight used; IP banned.", 503: "Service Unavailable.",
    504: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    500: "Internal error; unable to process your request. Please try again.",
    400: "This action is disabled on this account.",
}  # fmt: skip
