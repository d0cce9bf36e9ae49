"""A watched folder of strategies: what is put there is deployed, what is changed there replaces what runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from lingua_runtime.config import NodeConfig
from lingua_runtime.control import ControlError

EVERY_S = 2.0
ENDINGS = (".lgx", ".lingua")
NAME = "the strategies folder"


class Owner(Protocol):
    """The node."""

    def warn(self, text: str, what: str) -> None: ...

    def _running(self, name: str) -> Any: ...

    async def deploy(self, artefact: bytes, options: Mapping[str, Any], *, by: str) -> Any: ...


class Folder:
    """A file that is gone stops nothing: `lingua stop` says what becomes of what is held. A file is taken when it has
    been the same for one look, so that one that is still being written is not."""

    def __init__(self, node: Owner, config: NodeConfig) -> None:
        assert config.strategies is not None
        self._node = node
        self._path = config.strategies
        self._options = {"account": config.strategies_account, "mode": config.strategies_mode}
        self._seen: dict[Path, tuple[int, int]] = {}
        self._taken: dict[Path, tuple[int, int]] = {}
        self._next = 0.0

    async def look(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        files = sorted(self._path.iterdir()) if self._path.is_dir() else []
        for file in files:
            if file.suffix not in ENDINGS or not file.is_file():
                continue
            stat = file.stat()
            mark = stat.st_mtime_ns, stat.st_size
            if self._seen.get(file) == mark and self._taken.get(file) != mark:
                self._taken[file] = mark
                await self._deploy(file)
            self._seen[file] = mark

    async def _deploy(self, file: Path) -> None:
        name = "".join(c if c.isalnum() and c.isascii() else "-" for c in file.stem.lower())[:13]
        try:
            content = file.read_bytes()
            running = self._node._running(name)
            if running is not None and running.order.artefact.encode() == content:
                return  # since before a restart
            options = {**self._options, "id": running.id if running is not None else name}
            if running is not None:
                options["replace"] = True
            await self._node.deploy(content, options, by=NAME)
        except ControlError as problem:
            text = f"{file.name}: {problem.why}"
            self._node.warn(text, "folder")
        except OSError as problem:
            text = f"{file.name} cannot be read: {problem.strerror}"
            self._node.warn(text, "folder")
