"""What the kernel asks to be done. Nothing is done by asking: the driver writes a command down, does it, and tells the
kernel what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lingua_runtime.ports import OrderRequest


class Level(StrEnum):
    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"
    """Somebody must look now."""


@dataclass(frozen=True, slots=True)
class Place:
    """One order, or the two of a bracket, written down before they leave."""

    requests: tuple[OrderRequest, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    symbol: str
    client_id: str
    why: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the venue what became of an order: its state and its executions."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Ask for the price of an asset that a fee was taken in, in what the symbol is paid with."""

    asset: str
    currency: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """Ask for everything: open orders, executions, balances."""

    why: str


@dataclass(frozen=True, slots=True)
class Alarm:
    level: Level
    what: str
    text: str


Command = Place | Cancel | LookUp | Quote | Sweep | Alarm
