"""What the runtime asks of a venue and of a source of bars: the whole of it, so that another venue is another adapter.

Prices and quantities cross this border as floats that are multiples of the instrument's tick and lot; an adapter writes
them out with exactly those digits. Times are UTC nanoseconds. Nothing here raises an adapter's own errors: what can go
wrong with a request is one of the four below, and which one decides what may be done next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lingua.data.bars import Action, Bars
from lingua.live.bars import ClosedBar
from lingua.trading.instrument import Instrument
from lingua_runtime.clock import Clock
from lingua_runtime.states import State


class VenueError(Exception):
    """`why` in words that can be shown; never holds a key, a signature or a whole request."""

    def __init__(self, why: str, code: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.code = code


class Refused(VenueError):
    """The venue said no: nothing was done, and asking again in the same way gives the same answer."""


class NotDone(VenueError):
    """Nothing was done, and asking again may succeed: rate limit, overload told before anything was accepted, no
    connection. `wait_s`: not before so long."""

    def __init__(self, why: str, code: str = "", wait_s: float = 0.0) -> None:
        super().__init__(why, code)
        self.wait_s = wait_s


class OutcomeUnknown(VenueError):
    """Time-out, reset, or an error that says nothing: it may have been done. Only a look-up tells."""


class NotFound(VenueError):
    """The venue knows no such order."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it leaves. `side` +1 buys, -1 sells. `kind`: market limit stop stop_limit. `show` > 0: an iceberg
    that shows so much. `is_reduce`: it may only close. `post_only`: it never takes. `bracket`: at the fill of one of
    them the venue withdraws the other (one-cancels-other); both requests carry the same name."""

    client_id: str
    symbol: str
    side: int
    kind: str
    quantity: float
    limit: float = 0.0
    stop: float = 0.0
    show: float = 0.0
    until_ts: int = 0
    is_reduce: bool = False
    post_only: bool = False
    bracket: str = ""


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What the venue says of an order. `filled` counts from the beginning; `client_id` is empty for somebody else's."""

    venue_id: str
    client_id: str
    symbol: str
    side: int
    kind: str
    state: State
    quantity: float
    filled: float
    ts: int
    limit: float = 0.0
    stop: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class FillReport:
    """One execution. `trade_id` is the venue's and tells a repetition; `fee` in units of `fee_asset`."""

    trade_id: str
    venue_id: str
    client_id: str
    symbol: str
    side: int
    quantity: float
    price: float
    ts: int
    fee: float = 0.0
    fee_asset: str = ""
    is_maker: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    asset: str
    free: float
    locked: float = 0.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do; what it cannot is done here, with the risk that this states."""

    kinds: frozenset[str] = frozenset({"market", "limit"})
    """Of orders; a stop that no venue holds is watched here: it does not protect while this program is down."""
    has_brackets: bool = False
    has_reduce_only: bool = False
    has_icebergs: bool = False
    has_client_ids: bool = True
    locks_balance: bool = True
    """A resting sell order keeps what it sells: two of them cannot rest on one holding but as a bracket."""
    most_orders: int = 200
    """Working at once in one symbol."""
    most_stops: int = 5
    history_bars: int = 1_000
    """In one answer."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument as the venue lists it: its terms, and the assets that are bought and paid with. `actions`: splits
    and dividends known so far. A maximum of 0 is none."""

    instrument: Instrument
    base: str
    quote: str
    is_open: bool = True
    max_quantity: float = 0.0
    max_market_quantity: float = 0.0
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class BarEvent:
    """A closed bar of a subscription. `is_repaired`: it was fetched because the stream had lost it."""

    symbol: str
    timeframe: str
    bar: ClosedBar
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """The stream was lost or is there again: what happened meanwhile is to be asked for."""

    is_up: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """The last trade of a subscribed symbol; not every one of them need be told."""

    symbol: str
    price: float
    ts: int


AccountEvent = OrderReport | FillReport | Connection
MarketEvent = BarEvent | PriceEvent | Connection


class MarketData(Protocol):
    """A source of bars."""

    async def listing(self, symbol: str) -> Listing:
        """Raises NotFound for a symbol that is not listed."""
        ...

    async def bars(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> Bars:
        """Closed bars whose closes lie in (start_ts, end_ts], oldest first."""
        ...

    async def price(self, symbol: str) -> float:
        """The last trade."""
        ...

    def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        """Closed bars of (symbol, timeframe) as they close, for ever: a lost connection is an event, not an end.
        Recorded bars come to an end. The next event is asked for when the last one has been dealt with, so that a
        source with a clock of its own moves it (to the close of the bar) just before it gives the bar."""
        ...

    async def now(self) -> int:
        """The venue's clock."""
        ...


class Execution(Protocol):
    """An account at a venue. Every call raises one of the four errors above or succeeds; none tries again by itself."""

    capabilities: Capabilities

    async def place(self, requests: Sequence[OrderRequest]) -> list[OrderReport]:
        """One order, or the two of a bracket."""
        ...

    async def cancel(self, symbol: str, client_id: str) -> OrderReport: ...

    async def order(self, symbol: str, client_id: str) -> OrderReport:
        """Raises NotFound when the venue has never seen this id."""
        ...

    async def open_orders(self, symbol: str) -> list[OrderReport]: ...

    async def fills(self, symbol: str, since_ts: int) -> list[FillReport]: ...

    async def balances(self) -> list[Balance]: ...

    def events(self) -> AsyncIterator[AccountEvent]:
        """Reports as the venue sends them: repeated, late, out of order, and with gaps."""
        ...


@dataclass(frozen=True, slots=True)
class Venue:
    """A market, and an account there: None where bars are all that there is, so that only paper can run on it. `clock`
    is its own time where that is not the real one (recorded bars). `is_shared`: one for all deployments of an account;
    otherwise each opens its own and begins at its beginning."""

    name: str
    market: MarketData
    account: Execution | None = None
    clock: Clock | None = None
    is_shared: bool = True
    notes: tuple[str, ...] = field(default=())

    async def close(self) -> None:
        """End connections; adapters that have some override it."""


class Opener(Protocol):
    """What an adapter module `lingua_adapters.NAME` has under the name `open_venue`: a node finds it by the `venue` of
    an account in its configuration, or among the entry points of group `lingua.venues`. `settings` are the other lines
    of that account, with secrets resolved; raises VenueError, or ValueError for a setting that is missing or wrong."""

    async def __call__(self, settings: Mapping[str, Any], clock: Clock) -> Venue: ...
