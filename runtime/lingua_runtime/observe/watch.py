"""One reader of the node's events that keeps logs, metrics and notifications fed."""

from __future__ import annotations

from lingua_runtime.control import Control, Event
from lingua_runtime.log import LEVELS
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics
from lingua_runtime.observe.notify import Notifier


async def watch(control: Control, metrics: Metrics, notifier: Notifier | None = None) -> None:
    """Until it is cancelled."""
    log = logger("node")
    async for event in control.events():
        metrics.saw(event)
        tell(log, event)
        if notifier is not None:
            notifier.offer(event)


def tell(log: object, event: Event) -> None:
    write = getattr(log, LEVELS.get(event.level, "info"))
    write(event.text, kind=event.kind, deployment=event.deployment, seq=event.seq, at=event.ts, data=event.data)
