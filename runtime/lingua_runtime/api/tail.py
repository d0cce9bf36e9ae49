"""The newest events, read once from the node and kept for whoever asks; and snapshots, made once a second for all who
watch."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator

from lingua_runtime.api.models import Snapshot
from lingua_runtime.control import Control, ControlError, Event
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics
from lingua_runtime.observe.redact import REDACTOR

KEPT = 2_000
WAITING = 500
"""Events that a slow reader may be behind before it is told that it lost some."""
PAGE = 500


class Reader:
    """One reader's queue. `lost`: numbers of the first and last event that it missed since it was last told."""

    def __init__(self) -> None:
        self.queue: deque[Event] = deque()
        self.lost: tuple[int, int] | None = None
        self.woken = asyncio.Event()

    def put(self, event: Event) -> None:
        if len(self.queue) >= WAITING:
            first = self.lost[0] if self.lost is not None else self.queue[0].seq
            self.lost = (first, self.queue[-1].seq)
            self.queue.clear()
        self.queue.append(event)
        self.woken.set()

    async def get(self, timeout_s: float) -> Event | None:
        """The next, or None after `timeout_s`."""
        if not self.queue:
            self.woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), timeout_s)
        return self.queue.popleft() if self.queue else None


class Tail:
    def __init__(self, control: Control, metrics: Metrics) -> None:
        self._control, self._metrics = control, metrics
        self._readers: set[Reader] = set()
        self._snapshot: Snapshot | None = None
        self._made = 0.0
        self.newest = 0

    def seed(self) -> None:
        for event in self._control.log(after_seq=-1, most=1):
            self.newest = max(self.newest, event.seq)

    async def run(self) -> None:
        """Until it is cancelled. A node whose stream breaks is asked again."""
        log = logger("api")
        while True:
            try:
                async for event in self._control.events():
                    self._take(event)
            except ControlError as problem:
                log.error("the node's events cannot be read", why=problem.why)
            self._metrics.queue.labels("stream").set(0)
            await asyncio.sleep(0.5)

    def _take(self, event: Event) -> None:
        if event.kind != "lost":
            event = clean(event)
            self.newest = max(self.newest, event.seq)
        for reader in self._readers:
            reader.put(event)
        if self._readers:
            self._metrics.queue.labels("stream").set(max(len(reader.queue) for reader in self._readers))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reader]:
        reader = Reader()
        self._readers.add(reader)
        self._metrics.streams.set(len(self._readers))
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self._metrics.streams.set(len(self._readers))

    @property
    def readers(self) -> int:
        return len(self._readers)

    def snapshot(self, fresh_s: float = 0.0) -> Snapshot:
        """Of this moment, or one that is not older than `fresh_s`."""
        now = time.monotonic()
        if self._snapshot is None or now - self._made > fresh_s:
            control = self._control
            self._snapshot = Snapshot(
                time.time_ns(), self.newest, control.health(), tuple(control.deployments()), tuple(control.positions()),
                tuple(control.orders(is_open=True)), tuple(control.approvals()), control.risk(),
            )  # fmt: skip
            self._made = now
        return self._snapshot


def clean(event: Event) -> Event:
    """Without secrets: what a venue or a fault wrote into it is not known beforehand."""
    return Event(
        event.seq,
        event.ts,
        event.deployment,
        event.kind,
        event.level,
        REDACTOR.text(event.text),
        REDACTOR.data(event.data),
    )
