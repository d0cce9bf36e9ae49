"""What is to go wrong, as a script: which requests, messages and connections, when, how often, and in which way.

[[fault]]
on = "POST /api/v3/order"     # a method and path, a method of the WebSocket API, `user executionReport`,
                              # `stream btcusdt@kline_1m`, `sockets`, `clock` or `market`; * stands for anything
do = "status"                 # see DOES
when = "after"                # of a request: before or after it took effect
status = 504
times = 1
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

DOES = {
    "request": {
        "status": "answer with `status`, `code`, `text` and `retry_after`",
        "hang": "answer after `seconds`, or never when that is 0",
        "reset": "break the connection",
        "garbage": "answer with `text` instead of what is true",
        "reject": "refuse with `code` and `text`, before anything is done",
    },
    "message": {
        "drop": "send it to nobody",
        "duplicate": "send it twice",
        "delay": "send it `seconds` later, while others pass it",
        "swap": "send it after the one that follows",
        "garbage": "send `text` instead",
        "alter": "send it with the fields of `fields`",
    },
    "sockets": {
        "close": "close the WebSockets, or those that match `path`",
        "half_open": "say and hear nothing any more for `seconds` (0: for ever), and leave them open",
        "shutdown": "announce serverShutdown, then close",
    },
    "clock": {"skew": "the clock is `seconds` ahead (or, negative, behind)"},
    "market": {"share": "fill the part `share` of an order at a time", "halt": "the market of `symbol` is closed"},
}


class FaultError(Exception):
    """A script that cannot be used; the text says where and why."""


@dataclass(slots=True)
class Fault:
    """`skip` of those that match pass first; then it happens `times` times (0: always), each with `chance`. `at`: from
    so many seconds of market time on, `until`: not after (0: for ever)."""

    on: str
    do: str
    when: str = "before"
    times: int = 1
    skip: int = 0
    chance: float = 1.0
    at: float = 0.0
    until: float = 0.0
    status: int = 503
    code: int = 0
    text: str = ""
    retry_after: int = 0
    seconds: float = 0.0
    share: float = 1.0
    symbol: str = ""
    path: str = "*"
    fields: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    done: int = 0

    @property
    def kind(self) -> str:
        first = self.on.split()[0] if self.on else ""
        if first in ("user", "stream"):
            return "message"
        return first if first in ("sockets", "clock", "market") else "request"

    @property
    def is_spent(self) -> bool:
        return bool(self.times) and self.done >= self.times


class Faults:
    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.script: list[Fault] = list(faults)
        self._rng = random.Random(seed)
        self.elapsed_s = 0.0
        """Seconds of market time since the beginning; whoever owns the clock sets it."""

    def add(self, faults: Iterable[Fault]) -> None:
        self.script += faults

    def clear(self) -> None:
        self.script.clear()

    def pick(self, kind: str, name: str, when: str = "") -> Fault | None:
        """The first fault that happens to this request, message or connection now."""
        for fault in self.script:
            if fault.kind != kind or fault.is_spent or (when and fault.when != when):
                continue
            if not fnmatchcase(name, fault.on) and not fnmatchcase(name.partition(" ")[0], fault.on):
                continue
            if self.elapsed_s < fault.at or (fault.until and self.elapsed_s > fault.until):
                continue
            fault.seen += 1
            if fault.seen <= fault.skip or (fault.chance < 1.0 and self._rng.random() >= fault.chance):
                continue
            fault.done += 1
            return fault
        return None

    def due(self, *kinds: str) -> list[Fault]:
        """Those that happen by themselves at their time, each once: of sockets, clock and market."""
        found = []
        for fault in self.script:
            if fault.kind in kinds and not fault.done and self.elapsed_s >= fault.at:
                fault.done += 1
                found.append(fault)
        return found


def read_faults(path: Path) -> list[Fault]:
    """Of a TOML or JSON file. Raises FaultError."""
    try:
        text = path.read_text("utf-8-sig")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as problem:
        raise FaultError(f"{path}: it cannot be read: {problem.strerror}") from None
    except (ValueError, RecursionError) as problem:
        raise FaultError(f"{path}: it is neither TOML nor JSON: {problem}") from None
    return parse_faults(content, str(path))


def parse_faults(content: Any, where: str) -> list[Fault]:
    """Of `{"fault": [...]}` or a list. Raises FaultError."""
    listed = content.get("fault", []) if isinstance(content, Mapping) else content
    if isinstance(content, Mapping) and set(content) - {"fault"}:
        raise FaultError(f"{where}: only [[fault]] tables are known, not `{min(set(content) - {'fault'})}`")
    if not isinstance(listed, list):
        raise FaultError(f"{where}: `fault` is not a list; write [[fault]]")
    return [_fault(each, f"{where}: fault {k}") for k, each in enumerate(listed, 1)]


def _fault(given: Any, where: str) -> Fault:
    from lingua.diagnostics.suggest import did_you_mean

    if not isinstance(given, Mapping):
        raise FaultError(f"{where}: it is not a table")
    types = {f.name: f.type for f in fields(Fault) if f.name not in ("seen", "done")}
    for name, value in given.items():
        if name not in types:
            near = did_you_mean(str(name), sorted(types))
            raise FaultError(f"{where}: `{name}` is not known" + (f"; did you mean `{near}`?" if near else ""))
        kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
        wanted = kinds.get(str(types[name]), (dict,))
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise FaultError(f"{where}: `{name}` is {value!r}, which is not of its kind")
    for name in ("on", "do"):
        if not given.get(name):
            raise FaultError(f"{where}: it says no `{name}`")
    fault = Fault(**given)
    if fault.do not in DOES[fault.kind]:
        known = ", ".join(DOES[fault.kind])
        raise FaultError(f"{where}: `{fault.on}` cannot `{fault.do}`; known there are {known}")
    if fault.when not in ("before", "after") or not 0.0 <= fault.chance <= 1.0 or not 0.0 < fault.share <= 1.0:
        raise FaultError(f"{where}: `when` is before or after, `chance` from 0 to 1, `share` above 0 and 1 at most")
    return fault
