"""WebSockets of the server: what is to be sent waits in a line for each, so that a slow reader stops nobody."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from lingua_adapters.simulator.binance.faults import Fault, Faults

PING_S = 20.0
LIFE_S = 86_400.0
MOST_MESSAGES_S = 5
MOST_WAITING = 20_000
HELD_FROM = 2_000
NUMBERS = itertools.count(1)


class Line:
    """One WebSocket. `send` never waits."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, faults: Faults) -> None:
        self.ws, self.path, self.faults = ws, request.path, faults
        self._transport: Any = request.transport
        self.number = next(NUMBERS)
        self.waiting: asyncio.Queue[str | None] = asyncio.Queue()
        self.is_silent = False
        self.on_close: list[Callable[[], None]] = []
        self._swapped: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._inbound: list[float] = []

    def send(self, message: Any, name: str = "") -> None:
        """`name`, such as `user executionReport` or `stream btcusdt@trade`, is what faults know it by."""
        fault = self.faults.pick("message", name) if name and self.faults.script else None
        if fault is None:
            self._put(dumps(message))
        else:
            self._spoil(fault, message)
        if self.waiting.qsize() > MOST_WAITING:
            self.close()

    def _spoil(self, fault: Fault, message: Any) -> None:
        text = dumps(message)
        match fault.do:
            case "drop":
                return
            case "duplicate":
                self._put(text)
                self._put(text)
            case "delay":
                loop = asyncio.get_running_loop()
                self._timers.append(loop.call_later(fault.seconds, self._put, text))
            case "swap":
                self._swapped = text
            case "garbage":
                self._put(fault.text)
            case "alter":
                self._put(dumps(altered(message, fault.fields)))

    def _put(self, text: str) -> None:
        self.waiting.put_nowait(text)
        if self._swapped is not None:
            text, self._swapped = self._swapped, None
            self.waiting.put_nowait(text)

    async def serve(self, receive: Callable[[str], Any]) -> None:
        """Until it closes: `receive` is called with each text that comes in."""
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._ping())]
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(LIFE_S, self.close))
        try:
            while not self.ws.closed:
                message = await self.ws.receive()
                if message.type == WSMsgType.TEXT:
                    if self._is_too_much(loop.time()):
                        await self.ws.close(code=1008, message=b"Too many requests")
                        break
                    receive(message.data)
                elif message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                    break
        finally:
            for act in self.on_close:
                act()
            for timer in self._timers:
                timer.cancel()
            for task in self._tasks:
                task.cancel()

    def _is_too_much(self, now: float) -> bool:
        if self.path.startswith("/ws-api"):
            return False  # counted by weight there
        self._inbound = [each for each in self._inbound if now - each < 1.0]
        self._inbound.append(now)
        return len(self._inbound) > MOST_MESSAGES_S

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                text = await self.waiting.get()
                if text is None:
                    await self.ws.close()
                    return
                if not self.is_silent:
                    await self.ws.send_str(text)

    async def _ping(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                await asyncio.sleep(PING_S)
                if not self.is_silent:
                    await self.ws.ping()

    def close(self) -> None:
        """After what waits was sent."""
        self.waiting.put_nowait(None)

    def abort(self) -> None:
        """Break the connection."""
        if self._transport is not None:
            self._transport.abort()

    def fall_silent(self, seconds: float) -> None:
        self.is_silent = True
        if self._transport is not None:
            self._transport.pause_reading()  # pings are answered below this, by the library
        if seconds:
            self._timers.append(asyncio.get_running_loop().call_later(seconds, self._speak))

    def _speak(self) -> None:
        self.is_silent = False
        if self._transport is not None:
            self._transport.resume_reading()


def dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def altered(message: Any, fields: dict[str, Any]) -> Any:
    """With fields replaced; `a.b` is the field b in a. Where an event is wrapped, those of the event."""
    changed = json.loads(json.dumps(message))
    for name, value in fields.items():
        at = changed
        if "event" in changed:
            at = changed["event"]
        elif isinstance(changed.get("data"), dict):
            at = changed["data"]
        *parents, last = name.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = value
    return changed
