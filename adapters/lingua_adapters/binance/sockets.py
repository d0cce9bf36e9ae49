"""WebSockets that are opened again when they break, slower and slower, and that notice when nothing comes any more."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import aiohttp

from lingua_adapters.binance.reading import Malformed, shown
from lingua_adapters.binance.rest import Rest
from lingua_runtime.ports import NotDone, OutcomeUnknown, VenueError

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 30.0
LARGEST = 8_000_000
SUBSCRIBED_AT_ONCE = 200


class Quiet(Exception):
    """Nothing has come for a while, and the connection stands."""


class Socket:
    """One connection. `heartbeat_s`: a ping so often, and the connection is broken when no pong comes in half of it."""

    def __init__(self, rest: Rest, url: str, heartbeat_s: float) -> None:
        self.rest, self.url, self.heartbeat_s = rest, url, heartbeat_s
        self._ws: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Socket:
        """Raises NotDone when there is no connection."""
        try:
            self._ws = await asyncio.wait_for(
                self.rest.session().ws_connect(self.url, heartbeat=self.heartbeat_s, max_msg_size=LARGEST),
                self.rest.timeout_s,
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise NotDone(f"no WebSocket connection: {type(problem).__name__}", wait_s=1.0) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ws is not None:
            await self._ws.close()

    async def send(self, message: Any) -> None:
        assert self._ws is not None
        try:
            await self._ws.send_str(json.dumps(message, separators=(",", ":")))
        except (aiohttp.ClientError, OSError, RuntimeError) as problem:
            raise NotDone(f"the WebSocket broke: {type(problem).__name__}") from None

    async def receive(self, wait_s: float | None = None) -> Any:
        """The next message. Raises NotDone when the connection ends, Quiet after `wait_s`, Malformed for what is no
        JSON."""
        assert self._ws is not None
        try:
            message = await self._ws.receive(timeout=wait_s)
        except TimeoutError:
            raise Quiet from None
        except (aiohttp.ClientError, OSError, RuntimeError) as problem:
            raise NotDone(f"the WebSocket broke: {type(problem).__name__}") from None
        if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            raise NotDone(f"the WebSocket ended ({message.type.name.lower()})")
        try:
            return json.loads(message.data)
        except (ValueError, RecursionError):
            raise Malformed(f"{shown(message.data)} is not JSON") from None

    async def subscribe(self, streams: Sequence[str]) -> None:
        """Ask for streams of the market. Raises NotDone."""
        for k in range(0, len(streams), SUBSCRIBED_AT_ONCE):
            part = list(streams[k : k + SUBSCRIBED_AT_ONCE])
            await self.send({"method": "SUBSCRIBE", "params": part, "id": k + 1})
            if k:
                await asyncio.sleep(0.3)  # five messages a second at most

    async def news(self, wait_s: float) -> dict[str, Any] | None:
        """As `receive`, of what was subscribed to, without its envelope; None for the answer to a subscription. Raises
        Malformed for what is no object, OutcomeUnknown when the exchange announces its end."""
        message = await self.receive(wait_s)
        if isinstance(message, dict) and isinstance(message.get("data"), dict):
            message = message["data"]
        if not isinstance(message, dict):
            raise Malformed(f"{shown(message)} is no object")
        if "result" in message:
            return None
        if message.get("e") == "serverShutdown":
            raise OutcomeUnknown("the exchange announces that it goes down")
        return message


class Patience:
    """How long to wait before the next attempt."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT_S

    def reset(self) -> None:
        self._wait = FIRST_WAIT_S

    async def rest(self, problem: VenueError | None = None) -> None:
        least = problem.wait_s if isinstance(problem, NotDone) and problem.code else 0.0
        await asyncio.sleep(max(least, self._wait * random.uniform(0.8, 1.2)))
        self._wait = min(self._wait * 2, LONGEST_WAIT_S)
