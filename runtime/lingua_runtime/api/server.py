"""Serves the application from inside a node's event loop: signals stay the node's, and what sends too slowly or too
much before anybody can look at it is dropped."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from lingua_runtime.api.settings import ApiSettings, is_loopback

LARGEST_HEAD = 16 * 1024
STARTING_S = 10.0
SENT_AHEAD = 256 * 1024
ENDING_S = 3


class ServerError(Exception):
    """Why the interface is not served."""


class Server:
    """`await start()` returns when it listens, on `port`; `await stop()` when it does not any more."""

    def __init__(self, app: Any, settings: ApiSettings) -> None:
        self._settings = settings
        config = uvicorn.Config(
            app,
            http=_protocol(settings.slow_s, settings.connections),
            # Head and body are bounded; a stream's reader has nothing to say.
            h11_max_incomplete_event_size=LARGEST_HEAD,
            ws="websockets-sansio",
            ws_max_size=4096,
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=ENDING_S,
            ssl_certfile=str(settings.certificate) if settings.certificate else None,
            ssl_keyfile=str(settings.certificate_key) if settings.certificate_key else None,
        )
        self._server = _Quiet(config)
        self._task: asyncio.Task[None] | None = None
        self.port = settings.port

    async def start(self) -> None:
        """Raises ServerError."""
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        # With the protocol named, asyncio turns off Nagle's wait on each connection: else an answer whose head and body
        # leave apart takes 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # What a slow reader of the stream has not taken waits where it is counted, not in the system's buffers.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)
        try:
            listening.bind((self._settings.host.strip("[]"), self._settings.port))
        except OSError as problem:
            listening.close()
            where = f"{self._settings.host}:{self._settings.port}"
            raise ServerError(f"{where} cannot be listened on: {problem.strerror or problem}") from None
        self.port = listening.getsockname()[1]
        self._task = asyncio.ensure_future(self._server.serve(sockets=[listening]))
        async with asyncio.timeout(STARTING_S):
            while not self._server.started:
                if self._task.done():
                    raise ServerError("the interface did not start; the log says why")
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def url(self) -> str:
        host = self._settings.host
        scheme = "https" if self._settings.certificate else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host and '[' not in host else host}:{self.port}"


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _protocol(slow_s: float, most: int) -> type[H11Protocol]:
    held: Counter[str] = Counter()
    """Connections by address."""

    class Patient(H11Protocol):
        """Closes a connection whose next request does not arrive whole, head and all, within `slow_s`, and one too many
        at once: those that are there go on. Another machine has a quarter of them, so that none shuts out the rest."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
            super().connection_made(transport)
            self._source = str((transport.get_extra_info("peername") or ("",))[0])
            held[self._source] += 1
            share = most if is_loopback(self._source) else max(1, most // 4)
            if held.total() > most or held[self._source] > share:
                transport.abort()
            self._seen = self.cycle
            self._timer = self.loop.call_later(slow_s, self._look)

        def connection_lost(self, exc: Exception | None) -> None:
            self._timer.cancel()
            held[self._source] -= 1
            if not held[self._source]:
                del held[self._source]
            super().connection_lost(exc)

        def _look(self) -> None:
            # Idle connections between two requests are the keep-alive's concern.
            if self.transport.is_closing():
                return
            if self.cycle is self._seen and (self.cycle is None or self.conn.trailing_data[0]):
                self.transport.close()
                return
            self._seen = self.cycle
            self._timer = self.loop.call_later(slow_s, self._look)

    return Patient
