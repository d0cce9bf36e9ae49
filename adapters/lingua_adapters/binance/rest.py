"""Requests over HTTP: signed, counted, and each sent once. What goes wrong is one of the four errors of the ports.

Keys, signatures and whole addresses are never part of an error.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from lingua_adapters.binance.budget import Budget
from lingua_adapters.binance.codes import CLOCK_IS_WRONG, error_of
from lingua_runtime.ports import NotDone, OutcomeUnknown, Refused, VenueError

MOST_TEXT = 200
LARGEST_ANSWER = 50_000_000
CLOCK_SAMPLES = 3
Params = Mapping[str, str | int]


class Rest:
    """`url` is that of the exchange, without a path."""

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        timeout_s: float = 10.0,
        recv_window_ms: int = 5_000,
        budget: Budget | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._key, self._secret = key, secret
        self.timeout_s = timeout_s
        self.recv_window_ms = recv_window_ms
        self.budget = budget or Budget()
        self.offset_ms = 0
        """The exchange's clock minus this machine's."""
        self.is_timed = False
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Rest({self.url!r})"

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.timeout_s))
            # aiohttp sends idempotent requests again when a kept connection breaks. A withdrawal is one by HTTP's
            # book, but whether it was done is to be looked up and not tried.
            self._session._retry_connection = False
        return self._session

    # --- requests ------------------------------------------------------------------------------------

    async def public(self, path: str, params: Params | None = None, *, weight: int = 1) -> Any:
        self.budget.admit(weight, "read")
        return await self._send("GET", path, urlencode(params or {}), {})

    async def signed(self, verb: str, path: str, params: Params, *, weight: int = 1, lane: str = "read") -> Any:
        """A request of the account. A reading one whose time was wrong is sent again with the right one."""
        if not self.is_timed:
            await self.measure_clock()
        for attempt in (1, 2):
            self.budget.admit(weight, lane)
            query = self.sign(params)
            try:
                return await self._send(verb, path, query, {"X-MBX-APIKEY": self._key})
            except NotDone as problem:
                if problem.code != str(CLOCK_IS_WRONG):
                    raise
                await self.measure_clock()
                if verb != "GET" or attempt == 2:
                    raise
        raise AssertionError

    def sign(self, params: Params) -> str:
        query = urlencode({**params, "recvWindow": self.recv_window_ms, "timestamp": self.now_ms()})
        return f"{query}&signature={self._digest(query)}"

    def sign_frame(self, params: Params) -> dict[str, str | int]:
        """The parameters of a request of the WebSocket API: signed in the order of their names."""
        whole: dict[str, str | int] = {**params, "apiKey": self._key, "timestamp": self.now_ms()}
        whole["recvWindow"] = self.recv_window_ms
        text = "&".join(f"{name}={whole[name]}" for name in sorted(whole))
        return {**whole, "signature": self._digest(text)}

    def _digest(self, text: str) -> str:
        return hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    # --- the clock -----------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """The exchange's time, as far as it is known."""
        return int(time.time() * 1000) + self.offset_ms

    async def measure_clock(self) -> int:
        """The offset in ms, from the quickest of some answers."""
        best: tuple[float, int] | None = None
        for _ in range(CLOCK_SAMPLES):
            before = time.time()
            told = await self.server_ms()
            after = time.time()
            offset = told - int((before + after) / 2 * 1000)
            if best is None or after - before < best[0]:
                best = after - before, offset
        assert best is not None
        self.offset_ms, self.is_timed = best[1], True
        return self.offset_ms

    async def server_ms(self) -> int:
        answer = await self.public("/api/v3/time")
        told = answer.get("serverTime") if isinstance(answer, dict) else None
        if isinstance(told, bool) or not isinstance(told, int) or told <= 0:
            raise OutcomeUnknown("the exchange told no time")
        return told

    # --- sending -------------------------------------------------------------------------------------

    async def _send(self, verb: str, path: str, query: str, headers: dict[str, str]) -> Any:
        body: bytes | None = None
        address = self.url + path
        if verb == "POST":
            body, headers = query.encode(), {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        elif query:
            address += "?" + query
        from yarl import URL

        try:
            async with self.session().request(
                verb, URL(address, encoded=True), data=body, headers=headers, allow_redirects=False
            ) as answer:
                self.budget.told(answer.headers)
                raw = await answer.content.read(LARGEST_ANSWER)
                while not answer.content.at_eof() and len(raw) < LARGEST_ANSWER:
                    raw += await answer.content.read(LARGEST_ANSWER)
                return self._judged(answer.status, raw, answer.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as problem:
            raise NotDone(f"no connection to {self._host()}: {type(problem).__name__}", wait_s=1.0) from None
        except TimeoutError:
            raise OutcomeUnknown(f"no answer from {self._host()} in {self.timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as problem:
            raise OutcomeUnknown(f"the connection to {self._host()} broke: {type(problem).__name__}") from None
        except asyncio.IncompleteReadError:
            raise OutcomeUnknown(f"the connection to {self._host()} broke") from None

    def _judged(self, status: int, raw: bytes, headers: Mapping[str, str]) -> Any:
        try:
            content = json.loads(raw)
        except (ValueError, RecursionError):
            content = None
            if 200 <= status < 300:
                raise OutcomeUnknown("the answer is not JSON") from None
        if 200 <= status < 300:
            return content
        error = self.error(status, content, headers.get("Retry-After", ""))
        if status in (429, 418) and isinstance(error, NotDone):
            self.budget.close(error.wait_s)
        raise error

    def error(self, status: int, content: Any, retry_after: str = "") -> VenueError:
        """Of an answer that is none. Also for the WebSocket API, whose errors are the same."""
        code = content.get("code") if isinstance(content, dict) else None
        text = content.get("msg") if isinstance(content, dict) else None
        if isinstance(code, bool) or not isinstance(code, int):
            code = None
        wait = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
        if 300 <= status < 400:
            return Refused(f"{self._host()} sends its clients elsewhere (HTTP {status})")
        return error_of(status, code, self.clean(text if isinstance(text, str) else "no reason was told"), wait)

    def clean(self, text: str) -> str:
        """Words of the exchange that can be shown: without control signs, and without what is secret."""
        for secret in (self._secret, self._key):
            if secret:
                text = text.replace(secret, "***")
        return "".join(c if c.isprintable() else " " for c in text)[:MOST_TEXT]

    def _host(self) -> str:
        return self.url.partition("://")[2]
