"""Endpoints that steer a simulation, for tests and for people: only from this machine.

GET  /sim/state                     where the market is, what works, what has gone wrong
POST /sim/advance {"seconds": 60}   move market time on (with speed 0), and play what is due
POST /sim/speed   {"speed": 60}
POST /sim/move    {"symbol": "BTCUSDT", "price": "42000", "quantity": "1"}    a trade that the recording does not hold
POST /sim/faults  {"fault": [...]}  more that goes wrong; DELETE takes all of it away
POST /sim/deposit {"account": "me", "asset": "USDT", "amount": "100"}
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from aiohttp import web

from lingua_adapters.simulator.binance.faults import Fault, FaultError, parse_faults
from lingua_adapters.simulator.binance.lines import dumps

if TYPE_CHECKING:
    from lingua_adapters.simulator.binance.server import Server

LOCAL = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
LONGEST_STEP_S = 400 * 86_400


class Wrong(Exception):
    """What was sent cannot be used."""


class Steering:
    def __init__(self, server: Server) -> None:
        self.server = server

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.remote not in LOCAL:
            return _told({"error": "the simulation is steered from its own machine only"}, 403)
        # A page in a browser can send a form to this port, but no JSON without being asked first.
        if request.method != "GET" and request.content_type != "application/json":
            return _told({"error": "send application/json"}, 415)
        acts: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "state"): self.state, ("POST", "speed"): self.speed, ("POST", "move"): self.move,
            ("POST", "faults"): self.add_faults, ("DELETE", "faults"): self.clear_faults,
            ("GET", "faults"): self.faults, ("POST", "deposit"): self.deposit,
        }  # fmt: skip
        what = request.match_info["what"].strip("/")
        try:
            text = await request.text()
            try:
                given = json.loads(text) if text else {}
            except ValueError:
                raise Wrong("the body is not JSON") from None
            if isinstance(given, list) and what == "faults":
                given = {"fault": given}
            if not isinstance(given, dict):
                raise Wrong("the body is not an object")
            if (request.method, what) == ("POST", "advance"):
                return _told(await self.advance(given))
            act = acts.get((request.method, what))
            if act is None:
                return _told({"error": f"there is no {request.method} /sim/{what}", "help": (__doc__ or "")}, 404)
            return _told(act(given))
        except (Wrong, FaultError) as problem:
            return _told({"error": str(problem)}, 400)

    def state(self, given: dict[str, Any]) -> Any:
        desk = self.server.desk
        desk.settle()
        stage, exchange = desk.stage, desk.exchange
        return {
            "time": desk.now(), "speed": stage.speed, "is_over": stage.is_over, "begin": stage.begin_ms,
            "end": stage.end_ms, "prices": {symbol: f"{price:f}" for symbol, price in exchange.prices.items()},
            "requests": self.server.requests, "sockets": len(self.server.lines),
            "orders": len(exchange.orders), "trades": len(exchange.trades),
            "working": sum(1 for each in exchange.orders.values() if each.is_working),
            "faults": [{"on": f.on, "do": f.do, "seen": f.seen, "done": f.done} for f in desk.faults.script],
        }  # fmt: skip

    async def advance(self, given: dict[str, Any]) -> Any:
        stage = self.server.desk.stage
        seconds = _number(given, "seconds")
        if not 0 <= seconds <= LONGEST_STEP_S:
            raise Wrong("`seconds` is from 0 to 400 days")
        if stage.speed > 0:
            raise Wrong("market time runs by itself; set the speed to 0 to move it by hand")
        until = stage.now() + int(seconds * 1000)
        while not stage.advance(until, for_s=0.02):
            await asyncio.sleep(0)
        self.server.tick()
        await self.drained()
        return self.state({})

    async def drained(self) -> None:
        """Until what waits for the readers has been handed to their connections."""
        lines = [line for line in self.server.lines.values() if not line.is_silent]
        for _ in range(500):
            if all(line.waiting.empty() for line in lines):
                return
            await asyncio.sleep(0.002)

    def speed(self, given: dict[str, Any]) -> Any:
        speed = _number(given, "speed")
        if not 0 <= speed <= 1e6:
            raise Wrong("`speed` is from 0 to 1000000")
        self.server.desk.stage.set_speed(speed)
        return self.state({})

    def move(self, given: dict[str, Any]) -> Any:
        desk, symbol = self.server.desk, str(given.get("symbol", ""))
        market = desk.exchange.markets.get(symbol)
        if market is None:
            raise Wrong(f"there is no market {symbol!r}; known are {', '.join(desk.exchange.markets)}")
        price = _exact(given, "price").quantize(market.tick)
        if price <= 0:
            raise Wrong("`price` is more than 0")
        desk.stage.move(symbol, price, _exact(given, "quantity", "1"))
        self.server.tick()
        return self.state({})

    def deposit(self, given: dict[str, Any]) -> Any:
        desk, name = self.server.desk, str(given.get("account", ""))
        if name not in desk.exchange.accounts:
            raise Wrong(f"there is no account {name!r}; known are {', '.join(desk.exchange.accounts)}")
        asset, amount = str(given.get("asset", "")).upper(), _exact(given, "amount")
        held = desk.exchange.accounts[name].free.get(asset, Decimal(0))
        if not asset or held + amount < 0:
            raise Wrong("name an asset, and take no more than is free")
        desk.deposit(name, asset, amount)
        return self.state({})

    # --- faults --------------------------------------------------------------------------------------

    def faults(self, given: dict[str, Any]) -> Any:
        return self.state({})["faults"]

    def add_faults(self, given: dict[str, Any]) -> Any:
        found = parse_faults(given, "the request")
        self.server.desk.faults.add(found)
        self.server.tick()
        return self.faults({})

    def clear_faults(self, given: dict[str, Any]) -> Any:
        desk = self.server.desk
        desk.faults.clear()
        desk.skew_ms = 0
        desk.exchange.share = Decimal(1)
        return []

    def happen(self, fault: Fault) -> None:
        """A fault of the clock, the market or the sockets, whose time has come."""
        server, desk = self.server, self.server.desk
        server.note(f"fault: {fault.do} {fault.on}")
        match fault.do:
            case "skew":
                desk.skew_ms = int(fault.seconds * 1000)
            case "share":
                desk.exchange.share = Decimal(repr(fault.share))
            case "halt":
                market = desk.exchange.markets.get(fault.symbol)
                if market is not None:
                    from dataclasses import replace

                    desk.exchange.markets[fault.symbol] = replace(market, is_open=False)
            case _:
                for line in list(server.lines.values()):
                    if fnmatchcase(line.path, fault.path):
                        self._hit(fault, line)

    def _hit(self, fault: Fault, line: Any) -> None:
        if fault.do == "half_open":
            line.fall_silent(fault.seconds)
        elif fault.do == "shutdown":
            event = {"e": "serverShutdown", "E": self.server.desk.now()}
            line.send({"event": event} if line.path.startswith("/ws-api") else event)
            line.close()
        else:
            line.abort()


def _told(content: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, text=dumps(content), content_type="application/json")


def _number(given: dict[str, Any], name: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"`{name}` must be a number")
    return float(value)


def _exact(given: dict[str, Any], name: str, default: str = "") -> Decimal:
    try:
        value = Decimal(str(given.get(name, default)))
    except InvalidOperation:
        raise Wrong(f"`{name}` must be a number") from None
    if not value.is_finite():
        raise Wrong(f"`{name}` must be a number")
    return value
