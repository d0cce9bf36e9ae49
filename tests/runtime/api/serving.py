"""The interface as a node serves it: over a real socket, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from double import Double

from lingua_runtime.api.service import Service
from lingua_runtime.api.settings import ApiSettings
from lingua_runtime.control import Control


class Serving:
    def __init__(self, folder: Path, node: Control | None = None, *, before: Any = None, **settings: Any) -> None:
        self.node: Any = node if node is not None else Double()
        self.folder = folder
        chosen = {"port": 0, "rate": 10_000.0, "burst": 100_000.0, **settings}
        self.loop = asyncio.new_event_loop()
        self.service = Service(
            self.node, database=f"sqlite:///{folder / 'node.db'}", folder=folder, settings=ApiSettings(**chosen)
        )
        self._thread = threading.Thread(target=self.loop.run_forever, name="serving", daemon=True)
        self._thread.start()
        if before is not None:
            self.run(before())
        self.url = self.run(self.service.start())
        self.port = self.service.server.port
        self.app_tail = self.service.app.state.desk.tail
        self.key = self.service.console_file.read_text().strip()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, work: Callable[[], Any]) -> Any:
        """In the node's loop, where its queues live."""

        async def inside() -> Any:
            return work()

        return self.run(inside())

    def close(self) -> None:
        self.run(self.service.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()
