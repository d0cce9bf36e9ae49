"""What must rest at the venue for what is held: one guard for each pair of levels.

A unit wants its stop for all of it, and each rung of its ladder for a part. Where a resting order keeps the balance it
sells, stop and target of one piece cannot rest side by side: they are one bracket, of which the venue fills one. So
each rung becomes a guard with stop and target, what no rung takes a guard with the stop alone, and guards of several
units at the same levels are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lingua.trading import codes

NOTHING = 0.0
"""A level that a guard does not have."""
TINY = 1e-9
"""Relative; quantities closer than this are equal."""


class Part(NamedTuple):
    """A piece of a unit under a guard. `order` is the entry order of a unit that the run has not booked yet (-1 once
    it has), `unit` the unit's number after that; `stop_reason` a number of `codes.REASONS`; `rung` the target's number,
    -1 without."""

    unit: int
    order: int
    rung: int
    stop_reason: int
    quantity: float


@dataclass(frozen=True, slots=True)
class Guard:
    """`side` of the orders: -1 guards what is held long. `stop` and `target` NOTHING where there is none."""

    symbol: str
    side: int
    stop: float
    target: float
    parts: tuple[Part, ...]

    @property
    def quantity(self) -> float:
        return sum(part.quantity for part in self.parts)

    @property
    def levels(self) -> tuple[str, int, float, float]:
        return self.symbol, self.side, self.stop, self.target

    def is_as(self, other: Guard) -> bool:
        """The same orders at the venue."""
        return self.levels == other.levels and same(self.quantity, other.quantity)


class Held(NamedTuple):
    """A unit as the venue left it: `brackets` as `lingua.trading.given` tells them."""

    unit: int
    order: int
    side: int
    quantity: float
    brackets: list[tuple[int, int, float, float]]


def wanted(symbol: str, held: Iterable[Held], leaving: float) -> list[Guard]:
    """The guards of the units of one symbol, oldest first. `leaving` is what orders of rules are about to close: taken
    from the oldest units, and without a guard."""
    found: dict[tuple[str, int, float, float], list[Part]] = {}
    for unit in held:
        gone = min(leaving, unit.quantity)
        leaving -= gone
        left = unit.quantity - gone
        if left <= TINY * unit.quantity:
            continue
        stop, reason = NOTHING, codes.FOR_STOP
        for why, rung, level, quantity in unit.brackets:
            if rung < 0:
                stop, reason = level, why
                continue
            part = min(quantity, left)
            if part > TINY * unit.quantity:
                _add(found, (symbol, -unit.side, stop, level), Part(unit.unit, unit.order, rung, reason, part))
                left -= part
        if stop != NOTHING and left > TINY * unit.quantity:
            _add(found, (symbol, -unit.side, stop, NOTHING), Part(unit.unit, unit.order, -1, reason, left))
    return [Guard(*levels, tuple(parts)) for levels, parts in found.items()]


def _add(
    found: dict[tuple[str, int, float, float], list[Part]], levels: tuple[str, int, float, float], part: Part
) -> None:
    found.setdefault(levels, []).append(part)


def share_out(guard: Guard, quantity: float) -> list[tuple[Part, float]]:
    """Whose pieces an execution of `quantity` closed: the parts in their order."""
    out: list[tuple[Part, float]] = []
    for part in guard.parts:
        taken = min(part.quantity, quantity)
        if taken > TINY * part.quantity:
            out.append((part, taken))
            quantity -= taken
    if quantity > TINY * guard.quantity and out:
        # More than was guarded: the venue's word counts, on the last piece.
        last, taken = out[-1]
        out[-1] = (last, taken + quantity)
    return out


def after(guard: Guard, quantity: float) -> Guard | None:
    """The guard once `quantity` of it was executed; None when nothing is left."""
    left = []
    for part in guard.parts:
        taken = min(part.quantity, quantity)
        quantity -= taken
        if part.quantity - taken > TINY * part.quantity:
            left.append(part._replace(quantity=part.quantity - taken))
    return Guard(guard.symbol, guard.side, guard.stop, guard.target, tuple(left)) if left else None


def same(a: float, b: float) -> bool:
    return abs(a - b) <= TINY * max(abs(a), abs(b))
