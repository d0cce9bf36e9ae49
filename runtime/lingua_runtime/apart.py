"""Legs that were sent together (`buy … & short … on btc`) and of which one has filled and another has not.

The run looks at its groups when a bar closes (`lingua.trading.legs`); a venue does not wait for that. So the kernel
looks too, at everything that happens: `leg_timeout` after the first execution the missing legs go to the market, or
with `on_broken: unwind` what has filled is closed. A leg that was refused is not tried again: the others are closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lingua_runtime.orders import OrderRecord, Orders
from lingua_runtime.states import State

What = Literal["complete", "unwind"]
REFUSED = frozenset({State.REJECTED, State.DENIED})


@dataclass(frozen=True, slots=True)
class Broken:
    """A group that is to be mended. `orders` are the run's, `resting` what still works of them."""

    what: What
    orders: tuple[Any, ...]
    resting: tuple[OrderRecord, ...]
    why: str


class Apart:
    """What was done about each group, by the number of its first order."""

    def __init__(self) -> None:
        self._done: dict[int, What] = {}
        self.completing: set[int] = set()
        """Orders of the run whose rest goes to the market once they are withdrawn."""

    def __len__(self) -> int:
        return len(self._done) + len(self.completing)

    def found(self, run: Any, orders: Orders, now: int) -> Iterator[Broken]:
        """The groups that are broken now, each told once for each thing that is to be done."""
        groups = run.decider.legs.groups
        if self._done:
            known = {group.orders[0].id for group in groups}
            self._done = {key: what for key, what in self._done.items() if key in known}
        for group in groups:
            broken = self._broken(group, run.book.options, orders, now)
            key = group.orders[0].id
            if broken is not None and self._done.get(key) not in (broken.what, "unwind"):
                self._done[key] = broken.what
                yield broken

    def _broken(self, group: Any, options: Any, orders: Orders, now: int) -> Broken | None:
        legs = [orders.of_run(order.id) for order in group.orders]
        if not all(legs):
            return None
        open_ = tuple(r for leg in legs for r in leg if r.is_open)
        first = min((r.first_ts for leg in legs for r in leg if r.filled), default=0)
        refused = next((leg[-1] for leg in legs if leg[-1].state in REFUSED and not any(r.filled for r in leg)), None)
        whole = tuple(group.orders)
        if refused is not None and (first or open_):
            return Broken("unwind", whole, open_, f"{refused.request.symbol} was refused ({refused.why})")
        resting = tuple(r for r in open_ if r.request.kind != "market")
        if not first or not resting or now - first < options.leg_timeout_ns:
            return None
        names = " and ".join(dict.fromkeys(r.request.symbol for r in resting))
        why = f"{names} did not fill in {options.leg_timeout_ns / 1e9:g} s"
        return Broken("unwind" if options.unwinds else "complete", whole, resting, why)
