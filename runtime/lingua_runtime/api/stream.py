"""Events as they happen, over a WebSocket.

The first message is `{"kind": "hello", "seq": NEWEST}`. With `after_seq`, what happened after that number comes first,
so a reader that was away misses nothing. A reader that is too slow gets `{"kind": "lost", "from": A, "to": B}` in the
place of what it missed, and goes on at the newest; `/v1/log` still has what it missed. With `snapshot`, the state of
everything comes once a second as `{"kind": "snapshot", …}` where it has changed. Closes with 4401 when the key or the
session ends, and 1013 when a message could not be handed over for STUCK_S.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import pydantic_core
from fastapi import Query, WebSocket, WebSocketDisconnect

from lingua_runtime.api import models
from lingua_runtime.api.desk import Desk
from lingua_runtime.api.errors import ApiError
from lingua_runtime.api.gate import Caller
from lingua_runtime.api.store import StoreError
from lingua_runtime.api.tail import PAGE, Reader, clean
from lingua_runtime.control import ControlError, Event
from lingua_runtime.observe.redact import REDACTOR

STUCK_S = 20.0
CHECK_S = 20.0
"""How often it is looked whether the reader may still read."""
TICK_S = 1.0
MOST_BACK = 20_000
"""Events that are sent for an old `after_seq`; what is older counts as lost."""
MOST_HEARD = 100
"""Messages from a reader, which has nothing to say here."""


def events(desk: Desk) -> Callable[..., Awaitable[None]]:
    async def handle(
        socket: WebSocket,
        after_seq: Annotated[int, Query(ge=-1, le=models.BIGGEST)] = -1,
        deployment: Annotated[str, Query(pattern=r"^$|" + models.ID)] = "",
        snapshot: bool = False,
    ) -> None:
        if desk.tail.readers >= desk.settings.streams:
            raise ApiError("too_many", f"there are {desk.settings.streams} streams already", "close one")
        await socket.accept()
        stream = _Stream(desk, socket, deployment, snapshot)
        listening = asyncio.ensure_future(stream.listen())
        sending = asyncio.ensure_future(stream.send(after_seq))
        try:
            await asyncio.wait({listening, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, sending):
                task.cancel()
            done = await asyncio.gather(listening, sending, return_exceptions=True)
        for problem in done:
            if isinstance(problem, Exception) and not isinstance(problem, WebSocketDisconnect | _Ended):
                raise problem

    return handle


class _Ended(Exception):
    """The stream was closed here."""


class _Stream:
    def __init__(self, desk: Desk, socket: WebSocket, deployment: str, with_snapshot: bool) -> None:
        self._desk, self._socket = desk, socket
        self._deployment, self._with_snapshot = deployment, with_snapshot
        self._caller: Caller = socket.scope["state"]["caller"]
        self._shown = b""
        self._told: set[tuple[int, str, str]] = set()
        """Of the last number of the past."""
        self._checked = self._ticked = time.monotonic()

    async def listen(self) -> None:
        for _ in range(MOST_HEARD):
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
        await self._close(1008, "this stream is for listening")

    async def send(self, after_seq: int) -> None:
        tail = self._desk.tail
        with tail.reading() as reader:
            await self._put({"kind": "hello", "seq": tail.newest})
            last = await self._past(after_seq) if after_seq >= 0 else -1
            while True:
                await self._next(reader, last)
                await self._tick()

    async def _past(self, after_seq: int) -> int:
        """What happened after `after_seq`; the number of the last that was sent."""
        tail, last = self._desk.tail, after_seq
        if tail.newest - after_seq > MOST_BACK:
            last = tail.newest - MOST_BACK
            await self._put({"kind": "lost", "from": after_seq + 1, "to": last})
        while True:
            page = self._desk.control.log(self._deployment, after_seq=last, most=PAGE)
            for event in page:
                event = clean(event)
                await self._put_event(event)
                if event.seq > last:
                    self._told.clear()
                self._told.add(_mark(event))
                last = max(last, event.seq)
            if len(page) < PAGE:
                return last
            await asyncio.sleep(0)

    async def _next(self, reader: Reader, last: int) -> None:
        event = await reader.get(TICK_S)
        if reader.lost is not None:
            lost, reader.lost = reader.lost, None
            await self._put({"kind": "lost", "from": lost[0], "to": lost[1]})
        if event is None:
            return
        if event.kind == "lost":
            await self._put({"kind": "lost", "from": event.data.get("from", 0), "to": event.data.get("to", event.seq)})
        elif self._is_news(event, last) and self._deployment in ("", event.deployment):
            await self._put_event(event)

    def _is_news(self, event: Event, last: int) -> bool:
        # While the past was sent the present came in: what is in both is sent once. Several may have one number.
        return event.seq > last or (event.seq == last and _mark(event) not in self._told)

    async def _tick(self) -> None:
        now = time.monotonic()
        if self._with_snapshot and now - self._ticked >= TICK_S:
            self._ticked = now
            with contextlib.suppress(ControlError):
                state = self._desk.tail.snapshot(0.9 * TICK_S)
                text = pydantic_core.to_json({"kind": "snapshot", "state": state}, inf_nan_mode="null", fallback=str)
                if text != self._shown:
                    self._shown = text
                    await self._put_text(REDACTOR.announced(text.decode()))
        if now - self._checked >= CHECK_S:
            self._checked = now
            try:
                await asyncio.to_thread(self._desk.people.recognise, self._caller.credential)
            except StoreError:
                return
            except ApiError:
                await self._close(4401, "the key or session has ended")

    async def _put_event(self, event: Event) -> None:
        await self._put_text(pydantic_core.to_json(event, inf_nan_mode="null", fallback=str).decode())

    async def _put(self, message: dict[str, Any]) -> None:
        await self._put_text(pydantic_core.to_json(message).decode())

    async def _put_text(self, text: str) -> None:
        try:
            await asyncio.wait_for(self._socket.send_text(text), STUCK_S)
        except TimeoutError:
            await self._close(1013, "too slow")

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(RuntimeError, TimeoutError):
            await asyncio.wait_for(self._socket.close(code, reason), 1.0)
        raise _Ended(reason)


def _mark(event: Event) -> tuple[int, str, str]:
    return event.ts, event.kind, event.text
