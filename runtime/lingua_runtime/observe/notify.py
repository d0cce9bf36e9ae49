"""Tells people: through apprise, to any of the services it knows. Off unless addresses are configured.

Nothing here can hold up or stop a node: what is offered goes into a bounded queue and a thread of its own sends it. At
most `per_minute` messages leave; what is over is counted and told in the next one.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from lingua_runtime.control import Event
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics
from lingua_runtime.observe.redact import REDACTOR

LONGEST = 1_000
"""Characters of a message: some services cut at 1,024."""
WAITING = 200
"""Messages that wait; more are dropped and counted."""


class Topic(StrEnum):
    ORDER = "order"
    ERROR = "error"
    LIMIT = "limit"
    DISCONNECT = "disconnect"


class NotifyError(Exception):
    """An address cannot be used; the text says which, without showing it."""


class Sender(Protocol):
    def __call__(self, title: str, body: str, level: str) -> bool: ...


class Notifier:
    """`addresses`: as apprise reads them (`mailto://…`, `tgram://…`, `json://…`); they hold secrets and are shown
    nowhere. Raises NotifyError."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        topics: Sequence[Topic] = tuple(Topic),
        per_minute: int = 10,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.monotonic,
        name: str = "Lingua",
    ) -> None:
        self.topics = frozenset(topics)
        self._name = name
        self._metrics = metrics
        self._clock = clock
        self._per_minute = per_minute
        self._tokens, self._filled = float(per_minute), clock()
        self._held = 0
        self._queue: queue.Queue[tuple[str, str, str] | None] = queue.Queue(WAITING)
        self._send = _apprise(addresses) if addresses else None
        self._thread: threading.Thread | None = None
        if self._send is not None:
            self._thread = threading.Thread(target=self._work, name="notify", daemon=True)
            self._thread.start()

    def offer(self, event: Event) -> None:
        """Send a message of `event` if it belongs to a topic that is asked for. Never waits, never raises."""
        topic = topic_of(event)
        if self._send is None or topic is None or topic not in self.topics:
            return
        if not self._may_send():
            self._held += 1
            self._count("held")
            return
        text = event.text
        if self._held:
            text += f"\n({self._held} more were not sent: at most {self._per_minute} a minute)"
            self._held = 0
        where = f" {event.deployment}" if event.deployment else ""
        title = REDACTOR.text(f"{self._name}{where}: {topic}")
        try:
            self._queue.put_nowait((title, REDACTOR.text(text)[:LONGEST], event.level))
        except queue.Full:
            self._held += 1
            self._count("dropped")

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what waits, for no longer than `timeout_s`."""
        if self._thread is not None:
            try:
                self._queue.put(None, timeout=timeout_s)
            except queue.Full:
                return
            self._thread.join(timeout_s)

    def _may_send(self) -> bool:
        now = self._clock()
        self._tokens = min(self._per_minute, self._tokens + (now - self._filled) * self._per_minute / 60)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _work(self) -> None:
        log = logger("notify")
        while (item := self._queue.get()) is not None:
            assert self._send is not None
            try:
                is_sent = self._send(*item)
            except Exception as problem:
                # Whatever a service's plug-in raises: a message that cannot be sent must not end the thread.
                log.warning("notification failed", why=f"{type(problem).__name__}: {problem}")
                is_sent = False
            self._count("sent" if is_sent else "failed")

    def _count(self, state: str) -> None:
        if self._metrics is not None:
            self._metrics.notices.labels(state).inc()


def topic_of(event: Event) -> Topic | None:
    what = str(event.data.get("what", ""))
    if event.kind in ("order", "fill", "approval"):
        return Topic.ORDER
    if event.kind in ("risk", "limit", "kill") or what in ("limit", "risk", "drawdown", "kill", "halted"):
        return Topic.LIMIT
    if event.kind in ("feed", "disconnect", "connection") or what in (
        "disconnect",
        "feed",
        "stale",
        "sweep",
        "partition",
    ):
        return Topic.DISCONNECT if event.level != "note" or event.kind == "disconnect" else None
    if event.level == "critical" or event.kind == "error":
        return Topic.ERROR
    return None


def _apprise(addresses: Sequence[str]) -> Sender:
    import apprise

    service = apprise.Apprise()
    for number, address in enumerate(addresses, 1):
        REDACTOR.add(address)
        if not service.add(address):
            raise NotifyError(
                f"notification address number {number} is not understood; see `apprise --details` for how each "
                "service is written"
            )
    levels = {
        "warning": apprise.NotifyType.WARNING,
        "critical": apprise.NotifyType.FAILURE,
    }

    def send(title: str, body: str, level: str) -> bool:
        kind = levels.get(level, apprise.NotifyType.INFO)
        return bool(service.notify(title=title, body=body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT))

    return send
