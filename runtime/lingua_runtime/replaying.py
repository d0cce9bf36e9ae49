"""A journal told again, without a venue and without a clock: does the same input give the same decisions and orders?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lingua_runtime.clock import VirtualClock
from lingua_runtime.host import Host, Order, Timing, told_to_host
from lingua_runtime.journal import Journal, Record
from lingua_runtime.journalled import ReplayError
from lingua_runtime.ports import Capabilities, Venue
from lingua_runtime.strategies import compile_bytes


@dataclass(slots=True)
class Retold:
    """One deployment. `why` says where it first differs; empty when it does not."""

    deployment: str
    records: int = 0
    bars: int = 0
    compared: int = 0
    why: str = ""


class Recorded:
    """In place of an account: it can do what the venue could, and nobody asks it anything."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities


def replay(records: Iterable[Record], deployment: str = "") -> list[Retold]:
    """Tell every deployment (or one) its records again; a deployment of a name used twice counts twice."""
    hosts: dict[str, tuple[Host, Retold]] = {}
    out: list[Retold] = []
    for record in records:
        if not record.deployment or deployment not in ("", record.deployment):
            continue
        if record.kind == "deploy":
            told = Retold(record.deployment)
            hosts[record.deployment] = host_of(record), told
            out.append(told)
        if record.deployment not in hosts:
            continue
        host, told = hosts[record.deployment]
        told.records += 1
        if told.why or told_to_host(host, record):
            continue
        try:
            host.deployment.retell_one(record)
        except (ReplayError, ValueError) as problem:
            told.why = str(problem)
        told.bars, told.compared = host.deployment.live.instants, host.deployment.compared
    for host, told in hosts.values():
        if not told.why and host.deployment._expected:
            told.why = "the last decisions are not written down"
    return out


def replay_journal(url: str, deployment: str = "") -> list[Retold]:
    """Raises JournalError."""
    journal = Journal(url)
    try:
        return replay(journal.read(), deployment)
    finally:
        journal.close()


def host_of(record: Record) -> Host:
    """A deployment as it stood before its first bar."""
    order = Order.of(record)
    compiled = compile_bytes(order.artefact.encode(), order.options.get("set"), str(order.options.get("strategy", "")))
    venue = Venue("journal", _NOTHING)
    share: Any = Recorded(order.capabilities) if order.capabilities is not None else None
    return Host(order, compiled, venue, VirtualClock(), _NOTHING, Timing(), share)


_NOTHING: Any = None
"""Of a market and a writer: a replay neither asks nor writes."""
