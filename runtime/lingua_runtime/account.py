"""An account that several deployments trade on: what of it is whose.

A venue knows one account; each deployment asks for its own orders, executions and holdings, and gets those (`Share`).
Orders are told apart by their client ids. What is held and belongs to no deployment is the account's own: it was there
before (the base), or somebody else traded it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from lingua_runtime.config import AccountConfig
from lingua_runtime.ports import (
    AccountEvent,
    Balance,
    Capabilities,
    Connection,
    Execution,
    FillReport,
    Listing,
    OrderReport,
    OrderRequest,
    Refused,
    Venue,
)


class NotAllowed(Refused):
    """Stopped here, before it left: a limit of the account or the node."""


class Owner(Protocol):
    """A deployment as its account sees it."""

    @property
    def prefix(self) -> str:
        """With which its client ids begin."""
        ...

    @property
    def id(self) -> str: ...

    @property
    def cash(self) -> float:
        """Of its capital, what is not invested; 0 once it has ended, and where no venue fills its orders."""
        ...

    def quantity_of(self, symbol: str) -> float:
        """What it holds, without dust."""
        ...

    async def told(self, event: AccountEvent) -> None: ...


Check = Callable[[OrderRequest], str]
"""Why an order may not leave; empty when it may."""


class Account:
    """`strange` is called with what belongs to nobody here, once for each order or execution."""

    def __init__(
        self, config: AccountConfig, venue: Venue, strange: Callable[[OrderReport | FillReport], None]
    ) -> None:
        self.config = config
        self.name = config.name
        self.venue = venue
        self.strange = strange
        self.owners: list[Owner] = []
        self.base: dict[str, float] = {}
        """Quantities by symbol that are nobody's."""
        self.is_up = True
        self.why_absent = ""
        """Why the venue could not be opened yet; empty once it is."""
        self.look: Callable[[], Awaitable[None]] | None = None
        """Called when the stream is there again, before anybody is told."""
        self._seen: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Listen to the venue."""
        if self.venue.account is not None and self._task is None:
            self._task = asyncio.ensure_future(self._listen(self.venue.account))

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.venue.close()

    def reach(self, venue: Venue) -> None:
        """The venue that could not be opened is open now."""
        self.venue, self.why_absent = venue, ""

    def owner_of(self, client_id: str) -> Owner | None:
        return next((each for each in self.owners if client_id.startswith(each.prefix)), None)

    async def _listen(self, account: Execution) -> None:
        async for event in account.events():
            await self.deliver(event)

    async def deliver(self, event: AccountEvent) -> None:
        """One event to whom it belongs."""
        if isinstance(event, Connection):
            self.is_up = event.is_up
            if event.is_up and self.look is not None:
                await self.look()
            for each in list(self.owners):
                await each.told(event)
            return
        owner = self.owner_of(event.client_id)
        if owner is not None:
            await owner.told(event)
        else:
            self.note_strange(event)

    def note_strange(self, event: OrderReport | FillReport) -> None:
        name = f"fill {event.trade_id}" if isinstance(event, FillReport) else f"order {event.venue_id}"
        if name not in self._seen:
            self._seen.add(name)
            self.strange(event)


class Share:
    """An account as one deployment sees it: `lingua_runtime.ports.Execution`. `listings` of its symbols; `check` is
    asked before an order leaves."""

    def __init__(self, account: Account, owner: Owner, listings: dict[str, Listing], check: Check) -> None:
        if account.venue.account is None:
            raise ValueError(f"{account.name} has bars and no account")
        self._account = account
        self._owner = owner
        self._listings = listings
        self._check = check

    @property
    def _venue(self) -> Execution:
        """Asked for each time: a venue that was absent when a node started is another object once it is there."""
        found = self._account.venue.account
        assert found is not None
        return found

    @property
    def capabilities(self) -> Capabilities:
        return self._venue.capabilities

    async def place(self, requests: Sequence[OrderRequest]) -> list[OrderReport]:
        for request in requests:
            why = self._check(request)
            if why:
                raise NotAllowed(why)
        return await self._venue.place(requests)

    async def cancel(self, symbol: str, client_id: str) -> OrderReport:
        return await self._venue.cancel(symbol, client_id)

    async def order(self, symbol: str, client_id: str) -> OrderReport:
        return await self._venue.order(symbol, client_id)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        return [each for each in await self._venue.open_orders(symbol) if self._is_mine(each)]

    async def fills(self, symbol: str, since_ts: int) -> list[FillReport]:
        return [each for each in await self._venue.fills(symbol, since_ts) if self._is_mine(each)]

    async def balances(self) -> list[Balance]:
        """What is left of each holding when the others' shares and the base are taken off."""
        out = []
        owners = [owner for owner in self._account.owners if owner.prefix != self._owner.prefix]
        for balance in await self._venue.balances():
            others = 0.0
            for symbol, listing in self._listings.items():
                if listing.base == balance.asset:
                    others += self._account.base.get(symbol, 0.0)
                    others += sum(owner.quantity_of(symbol) for owner in owners)
            out.append(Balance(balance.asset, balance.free - others, balance.locked))
        return out

    async def events(self) -> AsyncIterator[AccountEvent]:
        raise NotImplementedError("the account listens for all its deployments")
        yield

    def _is_mine(self, each: OrderReport | FillReport) -> bool:
        owner = self._account.owner_of(each.client_id)
        if owner is None:
            self._account.note_strange(each)
        return owner is not None and owner.prefix == self._owner.prefix
