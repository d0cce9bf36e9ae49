"""The log of a node: the records of its journal in words, the latest of them in memory, each once to who listens."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from lingua_runtime.control import Event
from lingua_runtime.journal import Record

MOST = 20_000
MOST_WAITING = 1_000
"""Events that a reader may be behind."""
QUIET = ("bar", "history", "instant", "begin", "price", "tick", "swept", "hold", "release", "report", "rate")
"""Kinds of records that are facts for a replay, and no news for people."""
LEVELS = {"note": "info", "warning": "warning", "critical": "critical"}


class Log:
    def __init__(self, most: int = MOST) -> None:
        self._events: deque[Event] = deque(maxlen=most)
        self._readers: set[asyncio.Queue[Event]] = set()
        self._last = 0
        self._executions: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        """The latest that were told: a venue tells each by several ways, and all of them are in the journal."""

    def take(self, record: Record) -> None:
        """A record of the journal, written now or told again."""
        self._last = record.seq
        event = event_of(record)
        if event is not None and not (record.kind == "fill" and self._is_told(record)):
            self._add(event)

    def _is_told(self, fill: Record) -> bool:
        key = (fill.deployment, str(fill.data["symbol"]), str(fill.data["trade_id"]))
        if key in self._executions:
            return True
        self._executions[key] = None
        if len(self._executions) > MOST:
            self._executions.popitem(last=False)
        return False

    def say(self, deployment: str, kind: str, level: str, text: str, ts: int, data: Mapping[str, Any]) -> None:
        """What is in no journal (it cannot be written, or need not be)."""
        self._add(Event(self._last, ts, deployment, kind, level, text, data))

    def latest(self, deployment: str = "", after_seq: int = 0, most: int = 500) -> Sequence[Event]:
        """Oldest first: the first `most` after `after_seq`, or the newest ones where that is negative."""
        found = (event for event in self._events if deployment in ("", event.deployment))
        if after_seq < 0:
            return list(deque(found, maxlen=most))
        return list(itertools.islice((event for event in found if event.seq > after_seq), most))

    async def follow(self) -> AsyncIterator[Event]:
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._readers.add(queue)
        try:
            while True:
                event = await queue.get()
                if queue.qsize() > MOST_WAITING:
                    lost = 0
                    while not queue.empty():
                        event, lost = queue.get_nowait(), lost + 1
                    yield Event(event.seq, event.ts, "", "lost", "warning", f"{lost} events were left out", {})
                yield event
        finally:
            self._readers.discard(queue)

    def _add(self, event: Event) -> None:
        self._events.append(event)
        for queue in self._readers:
            if queue.qsize() <= 2 * MOST_WAITING:
                queue.put_nowait(event)


def event_of(record: Record) -> Event | None:
    """What a record says to people; None for one that is no news."""
    kind, data = record.kind, record.data
    if kind in QUIET:
        return None
    level, text = "info", ""
    if kind == "command":
        if data["command"] == "alarm":
            kind, level, text = "alarm", LEVELS[data["level"]], data["text"]
        elif data["command"] == "place":
            kind, text = "order", "; ".join(_request(each) for each in data["requests"]) + f" ({data['why']})"
        elif data["command"] == "cancel":
            kind, text = "order", f"withdraws {data['client_id']} ({data['why']})"
        else:
            return None
    elif kind == "decisions":
        text = decided(data)
        if not text:
            return None
    elif kind == "fill":
        side = "bought" if data["side"] > 0 else "sold"
        text = f"{data['symbol']}: {side} {data['quantity']:g} at {data['price']:g}"
    elif kind in ("refused", "unknown", "denied", "not_canceled", "not_found"):
        level = "warning"
        text = f"{data['order']}: {kind.replace('_', ' ')}" + (f": {data['why']}" if data.get("why") else "")
    elif kind == "deploy":
        text, data = (
            f"deployed in mode {data['mode']} on {data['account']} by {data['by']}",
            {name: data[name] for name in ("mode", "account", "by")},
        )
    elif kind == "expired":
        level, text = "warning", f"decided without {len(data['channels'])} bars that did not come in time"
    else:
        level, text = data.get("level", "info"), data.get("text", "") or told(kind, data)
    return Event(record.seq, record.ts, record.deployment, kind, level, text, data)


def told(kind: str, data: Mapping[str, Any]) -> str:
    """Facts without a sentence of their own."""
    shown = ", ".join(f"{k} {v}" for k, v in data.items() if isinstance(v, (str, int, float, bool)) and k != "by")
    by = f" by {data['by']}" if data.get("by") else ""
    return f"{kind}{by}: {shown}" if shown else f"{kind}{by}"


def decided(data: Mapping[str, Any]) -> str:
    """One instant in words; empty for a quiet one."""
    parts = [f"{f['symbol']}: {f['side']} {f['quantity']:g} at {f['price']:g} filled" for f in data["fills"]]
    parts += [f"{o['symbol']}: {o['kind']} order to {o['side']} {o['quantity']:g}" for o in data["orders"]]
    parts += [f"{e['symbol']}: order {e['order']} {e['kind']}" for e in data["ended"]]
    parts += [f"{e['symbol']}: {e['rule'] or 'protection'} {e['kind']}" for e in data["blocked"]]
    parts += [f"{a['symbol']}: {a['message']}" for a in data["alerts"]]
    return "; ".join(parts)


def _request(request: Mapping[str, Any]) -> str:
    side = "buy" if request["side"] > 0 else "sell"
    price = request["limit"] or request["stop"]
    return f"{request['symbol']}: {request['kind']} {side} {request['quantity']:g}" + (
        f" at {price:g}" if price else ""
    )
