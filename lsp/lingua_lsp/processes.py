"""A process that works for the server, so that typing never waits."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import Callable
from typing import Any

from lingua_lsp.jobs import LENGTH

Progress = Callable[[int, int], None]


class JobFailed(Exception):
    """The work raised something, or its process died."""


class Worker:
    """One process, started when it is first needed, one job at a time. A job that is cancelled is killed with it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def run(self, job: str, *arguments: Any, progress: Progress | None = None) -> Any:
        """The result of `JOBS[job](…, *arguments)`. Raises JobFailed."""
        async with self._turn:
            try:
                return await self._run(pickle.dumps((job, arguments)), progress)
            except asyncio.CancelledError:
                self.stop()
                raise
            except (OSError, EOFError, asyncio.IncompleteReadError) as problem:
                self.stop()
                raise JobFailed(f"the process ended: {problem}") from problem

    async def _run(self, request: bytes, progress: Progress | None) -> Any:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(LENGTH.pack(len(request)) + request)
        await process.stdin.drain()
        while True:
            head = await process.stdout.readexactly(LENGTH.size)
            kind, value = pickle.loads(await process.stdout.readexactly(LENGTH.unpack(head)[0]))
            if kind == "done":
                return value
            if kind == "failed":
                raise JobFailed(value)
            if progress is not None:
                progress(*value)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "lingua_lsp.jobs", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
        return self._process

    def stop(self) -> None:
        """End the process at once; the next job starts another."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            # Its pipes belong to an event loop that may be over before they are collected.
            process._transport.close()  # type: ignore[attr-defined]
