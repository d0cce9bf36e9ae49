"""One reader of the node's events that keeps logs, metrics and notifications fed."""

from __future__ import annotations

import time

from lingua_runtime.control import Control, Event
from lingua_runtime.log import LEVELS
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics
from lingua_runtime.observe.notify import Notifier


async def watch(control: Control, metrics: Metrics, notifier: Notifier | None = None) -> None:
    """Until it is cancelled. Alarms that a node raised while it started are told first: a venue that is not there must
    not be silent because nobody listened yet."""
    log = logger("node")

    def told(event: Event) -> None:
        metrics.saw(event)
        tell(log, event)
        if notifier is not None:
            notifier.offer(event)

    began = time.time_ns() - int(control.health().uptime_s * 1e9)
    for event in control.log(after_seq=-1):
        if event.ts >= began and event.level == "critical":
            told(event)
    async for event in control.events():
        told(event)


def tell(log: object, event: Event) -> None:
    write = getattr(log, LEVELS.get(event.level, "info"))
    write(event.text, kind=event.kind, deployment=event.deployment, seq=event.seq, at=event.ts, data=event.data)
