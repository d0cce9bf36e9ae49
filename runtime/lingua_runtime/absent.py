"""A venue that cannot be opened yet: everything that is asked of it was not done, and says why.

A node starts without it, so that what its journal knows can be seen and what other venues hold is traded on. The place
is taken by the venue itself once it is there (`Account.reach`); nobody subscribes before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from lingua_runtime.ports import Capabilities, MarketEvent, NotDone, Venue, VenueError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


class Absent:
    """In place of a market and of an account."""

    capabilities = Capabilities()

    def __init__(self, why: str) -> None:
        self.why = why

    async def _ask(self, *_: Any, **__: Any) -> Any:
        raise NotDone(self.why)

    listing = bars = price = now = place = cancel = order = open_orders = fills = balances = _ask

    async def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        raise NotDone(self.why)
        yield

    async def events(self) -> AsyncIterator[Any]:
        raise NotDone(self.why)
        yield


def absent(name: str, why: str) -> Venue:
    """In the place of the venue `name` until it can be opened."""
    nobody = Absent(why)
    return Venue(name, nobody, nobody)


class Backoff:
    """How long to wait before the next attempt: twice as long each time, up to a bound."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT_S

    def next_s(self, problem: VenueError | None = None) -> float:
        """`problem` may say itself when it makes sense to ask again."""
        wait, self._wait = self._wait, min(self._wait * 2.0, LONGEST_WAIT_S)
        return max(wait, problem.wait_s if isinstance(problem, NotDone) else 0.0)
