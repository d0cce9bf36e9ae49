"""How far what a venue did lies from what the backtest's own step would have done with the same bars.

The bars of a deployment's journal are run again on paper; orders are matched by the bar on which they were decided, the
symbol, the rule and the side. Told of each pair: the difference of the average prices in basis points and in money,
positive when it cost. An order that paper filled and the venue did not is missed; the other way it is extra.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lingua_runtime import wire
from lingua_runtime.control import Mode
from lingua_runtime.host import Order
from lingua_runtime.journal import Record
from lingua_runtime.strategies import compile_bytes, make_live

Key = tuple[str, str, str, str]
"""Time of the decision, symbol, rule (or the reason of an exit), side."""


@dataclass(slots=True)
class Filled:
    quantity: float = 0.0
    money: float = 0.0
    fees: float = 0.0

    @property
    def price(self) -> float:
        return self.money / self.quantity

    def add(self, fill: dict[str, Any]) -> None:
        self.quantity += fill["quantity"]
        self.money += fill["quantity"] * fill["price"]
        self.fees += fill["commission"]


@dataclass(frozen=True, slots=True)
class Pair:
    time: str
    symbol: str
    rule: str
    side: str
    quantity: float
    paper: float
    """Average price."""
    venue: float
    basis_points: float
    money: float


@dataclass(slots=True)
class Drift:
    deployment: str
    pairs: list[Pair] = field(default_factory=list)
    missed: list[Key] = field(default_factory=list)
    extra: list[Key] = field(default_factory=list)
    fees_paper: float = 0.0
    fees_venue: float = 0.0

    @property
    def money(self) -> float:
        return sum(pair.money for pair in self.pairs)

    @property
    def basis_points(self) -> float:
        """Of everything that was traded, weighted by what it was worth."""
        worth = sum(pair.quantity * pair.paper for pair in self.pairs)
        return 1e4 * self.money / worth if worth else 0.0


class Fills:
    """Fills gathered under the decision that led to them."""

    def __init__(self) -> None:
        self.found: dict[Key, Filled] = {}
        self._decided: dict[tuple[str, int], tuple[str, str]] = {}

    def take(self, told: dict[str, Any]) -> None:
        """The decisions of one instant, as the journal holds them."""
        for order in told["orders"]:
            self._decided[order["symbol"], order["order"]] = told["time"], order["rule"] or order["reason"]
        for fill in told["fills"]:
            # An exit at a level was decided by its entry; the bar that filled it stands for it.
            own = (told["time"], fill["reason"])
            time, rule = own if fill["order"] is None else self._decided.get((fill["symbol"], fill["order"]), own)
            self.found.setdefault((time, fill["symbol"], rule, fill["side"]), Filled()).add(fill)


def drift(records: Iterable[Record], deployment: str) -> Drift:
    """Of the deployment's last beginning. Raises ValueError when there is none, or no venue filled its orders."""
    order: Order | None = None
    own: list[Record] = []
    for record in records:
        if record.deployment == deployment and record.kind == "deploy":
            order, own = Order.of(record), []
        elif record.deployment == deployment:
            own.append(record)
    if order is None:
        raise ValueError(f"the journal holds no deployment `{deployment[:40]}`")
    if order.mode not in (Mode.LIVE, Mode.SEMI):
        raise ValueError(f"{deployment} was filled by the backtest's own step: there is nothing to compare")
    compiled = compile_bytes(order.artefact.encode(), order.options.get("set"), str(order.options.get("strategy", "")))
    live = make_live(compiled, order.terms, is_given=False)
    venue, paper, history = Fills(), Fills(), 0
    for record in own:
        if record.kind == "decisions":
            venue.take(record.data)
        elif record.kind in ("history", "bar"):
            bar = wire.bar_of(record.data["bar"])
            if record.kind == "history" and bar.ts > history > 0:
                live.relive(history)
            history = bar.ts if record.kind == "history" else history
            live.push(live.channels[record.data["channel"]], bar)
        elif record.kind == "instant":
            if history:
                live.relive(history)
                history = 0
            for each in live.decide(int(record.data["ts"])):
                paper.take(each.to_dict())
    return compare(deployment, paper.found, venue.found)


def compare(deployment: str, paper: dict[Key, Filled], venue: dict[Key, Filled]) -> Drift:
    out = Drift(deployment)
    for key in sorted({*paper, *venue}):
        ours, theirs = paper.get(key), venue.get(key)
        if theirs is None:
            out.missed.append(key)
        elif ours is None:
            out.extra.append(key)
        else:
            sign = 1.0 if key[3] == "buy" else -1.0
            away = (theirs.price - ours.price) * sign
            out.pairs.append(
                Pair(*key, theirs.quantity, ours.price, theirs.price, 1e4 * away / ours.price, away * theirs.quantity)
            )
    out.fees_paper = sum(each.fees for each in paper.values())
    out.fees_venue = sum(each.fees for each in venue.values())
    return out
