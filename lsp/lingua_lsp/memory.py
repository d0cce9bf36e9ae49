"""When the interpreter looks for garbage: while nobody types.

A collection of everything takes 100 ms with a large file open, which would be felt as a hitch in the middle of a word.
"""

from __future__ import annotations

import asyncio
import gc

IDLE_S = 1.5
MOST_CHANGES = 400
"""Changes without a pause, after which there is a collection all the same."""


class Collector:
    """Collects after a pause, or when it has been put off for too long."""

    def __init__(self) -> None:
        gc.disable()
        self._changes = 0
        self._pending: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Something was typed."""
        self._changes += 1
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if self._changes >= MOST_CHANGES:
            self._collect()
        else:
            self._pending = asyncio.get_running_loop().call_later(IDLE_S, self._collect)

    def _collect(self) -> None:
        self._changes = 0
        self._pending = None
        gc.collect()
