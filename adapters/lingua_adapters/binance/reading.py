"""What the exchange tells, read with care: a message that does not hold what it should is refused as a whole, and
nothing is made up in its place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lingua.live.bars import ClosedBar
from lingua.trading.instrument import Instrument
from lingua_runtime.ports import Balance, FillReport, Listing, OrderReport, OutcomeUnknown
from lingua_runtime.states import State

MS = 1_000_000
STATES = {
    "NEW": State.ACCEPTED, "PENDING_NEW": State.ACCEPTED, "PARTIALLY_FILLED": State.PARTIALLY_FILLED,
    "FILLED": State.FILLED, "CANCELED": State.CANCELED, "PENDING_CANCEL": State.CANCEL_PENDING,
    "REJECTED": State.REJECTED, "EXPIRED": State.EXPIRED, "EXPIRED_IN_MATCH": State.EXPIRED,
}  # fmt: skip
KINDS = {
    "MARKET": "market", "LIMIT": "limit", "LIMIT_MAKER": "limit", "STOP_LOSS": "stop",
    "STOP_LOSS_LIMIT": "stop_limit", "TAKE_PROFIT": "target", "TAKE_PROFIT_LIMIT": "target_limit",
}  # fmt: skip
SIDES = {"BUY": 1, "SELL": -1}
MOST_SHOWN = 60


class Malformed(Exception):
    """A message that cannot be believed; the text says what is wrong with it."""


class believed:
    """What is read in it: Malformed becomes OutcomeUnknown, as an answer that says nothing."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, Malformed):
            raise OutcomeUnknown(f"{self.what} cannot be believed: {problem}") from None


def field(data: Any, name: str) -> Any:
    if not isinstance(data, dict):
        raise Malformed(f"{shown(data)} is no object")
    if name not in data:
        raise Malformed(f"`{name}` is missing")
    return data[name]


def shown(value: Any) -> str:
    text = "".join(c if c.isprintable() else " " for c in repr(value))
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def number(data: Any, name: str, *, is_positive: bool = False) -> float:
    """A finite number, 0 or more."""
    value = field(data, name)
    try:
        found = math.nan if isinstance(value, bool) or not isinstance(value, str | int | float) else float(value)
    except ValueError:
        found = math.nan
    if not (found > 0.0 if is_positive else found >= 0.0) or math.isinf(found):
        raise Malformed(f"`{name}` is {shown(value)}")
    return found


def whole(data: Any, name: str) -> int:
    value = field(data, name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise Malformed(f"`{name}` is {shown(value)}")
    return value


def instant(data: Any, name: str) -> int:
    """UTC ns of a time in ms."""
    value = whole(data, name)
    if not 10**11 <= value < 10**13:
        raise Malformed(f"`{name}` is {shown(value)}, which is no time")
    return value * MS


def text(data: Any, name: str) -> str:
    value = field(data, name)
    if not isinstance(value, str):
        raise Malformed(f"`{name}` is {shown(value)}")
    return value


def one_of(data: Any, name: str, known: dict[str, Any]) -> Any:
    value = text(data, name)
    if value not in known:
        raise Malformed(f"`{name}` is {shown(value)}")
    return known[value]


def listed(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise Malformed(f"{shown(data)} is no list")
    return data


def of_symbol(data: Any, name: str, symbol: str) -> str:
    found = text(data, name)
    if found != symbol:
        raise Malformed(f"it is about {shown(found)}, and {symbol} was asked for")
    return found


# --- orders and fills --------------------------------------------------------------------------------


def order_report(data: Any, symbol: str, name: str) -> OrderReport:
    """Of the answer about an order. `symbol` is the exchange's, `name` ours."""
    of_symbol(data, "symbol", symbol)
    client = text(data, "origClientOrderId" if "origClientOrderId" in data else "clientOrderId")
    time = next((key for key in ("updateTime", "transactTime", "time") if key in data), "updateTime")
    return _report(
        str(whole(data, "orderId")), client, name, data, ("side", "type", "status", "origQty", "executedQty"),
        instant(data, time), number(data, "price"), number(data, "stopPrice") if "stopPrice" in data else 0.0,
    )  # fmt: skip


def event_report(data: Any, name: str) -> OrderReport:
    """Of an `executionReport`. The id of a withdrawn order is in `C`: `c` is then that of the withdrawal."""
    client = text(data, "C") or text(data, "c")
    why = text(data, "r")
    return _report(
        str(whole(data, "i")), client, name, data, ("S", "o", "X", "q", "z"), instant(data, "T"), number(data, "p"),
        number(data, "P"), "" if why == "NONE" else why,
    )  # fmt: skip


def _report(
    venue_id: str, client: str, symbol: str, data: Any, names: Iterable[str], ts: int, limit: float, stop: float,
    why: str = "",
) -> OrderReport:  # fmt: skip
    side, kind, status, quantity, filled = names
    total, done = number(data, quantity), number(data, filled)
    if done > total and total > 0.0:
        raise Malformed(f"{done:g} of {total:g} is said to be filled")
    state: State = one_of(data, status, STATES)
    if state is State.FILLED and done < total:
        raise Malformed(f"it is said to be filled, with {done:g} of {total:g}")
    return OrderReport(
        venue_id, client, symbol, one_of(data, side, SIDES), one_of(data, kind, KINDS), state, total, done, ts, limit,
        stop, why,
    )  # fmt: skip


def fill_report(data: Any, symbol: str, name: str, client: str) -> FillReport:
    """Of `myTrades`, which does not tell the client id."""
    of_symbol(data, "symbol", symbol)
    is_buyer = field(data, "isBuyer")
    if not isinstance(is_buyer, bool):
        raise Malformed(f"`isBuyer` is {shown(is_buyer)}")
    return FillReport(
        str(whole(data, "id")), str(whole(data, "orderId")), client, name, 1 if is_buyer else -1,
        number(data, "qty", is_positive=True), number(data, "price", is_positive=True), instant(data, "time"),
        number(data, "commission"), text(data, "commissionAsset"), field(data, "isMaker") is True,
    )  # fmt: skip


def event_fill(data: Any, name: str) -> FillReport:
    """Of an `executionReport` of kind TRADE."""
    return FillReport(
        str(whole(data, "t")), str(whole(data, "i")), text(data, "C") or text(data, "c"), name,
        one_of(data, "S", SIDES), number(data, "l", is_positive=True), number(data, "L", is_positive=True),
        instant(data, "T"), number(data, "n"), text(data, "N") if data.get("N") is not None else "",
        field(data, "m") is True,
    )  # fmt: skip


def balances(data: Any) -> list[Balance]:
    return [
        Balance(text(each, "asset"), number(each, "free"), number(each, "locked"))
        for each in listed(field(data, "balances"))
    ]


# --- bars --------------------------------------------------------------------------------------------


def row_bar(row: Any) -> ClosedBar:
    """Of a row of klines."""
    row = listed(row)
    if len(row) < 7:
        raise Malformed(f"a kline has {len(row)} fields")
    names = dict(zip(("t", "o", "h", "l", "c", "v", "T"), row, strict=False))
    return bar_of(names)


def bar_of(data: Any) -> ClosedBar:
    """A bar from the fields of a kline; it closes where the next one opens."""
    open_ts, ts = instant(data, "t"), instant(data, "T") + MS
    open_, high, low, close = (number(data, name, is_positive=True) for name in ("o", "h", "l", "c"))
    if not low <= min(open_, close) <= max(open_, close) <= high or ts <= open_ts:
        raise Malformed(f"its prices or times contradict each other: o {open_:g} h {high:g} l {low:g} c {close:g}")
    return ClosedBar(open_ts, ts, open_, high, low, close, number(data, "v"))


# --- instruments -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """A market as the exchange lists it; steps as it writes them."""

    listing: Listing
    symbol: str
    tick: str
    lot: str
    types: frozenset[str]
    most_orders: int
    most_stops: int
    iceberg_parts: int = 0
    """An iceberg has at most so many parts; 0: it is not told, or there are no icebergs."""


def terms_of(data: Any, symbol: str, name: str) -> Terms:
    """Of an entry of `exchangeInfo`."""
    of_symbol(data, "symbol", symbol)
    filters = {text(each, "filterType"): each for each in listed(field(data, "filters"))}
    for needed in ("PRICE_FILTER", "LOT_SIZE"):
        if needed not in filters:
            raise Malformed(f"{symbol} has no {needed}")
    price, lot, market = filters["PRICE_FILTER"], filters["LOT_SIZE"], filters.get("MARKET_LOT_SIZE")
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL")
    base, quote = text(data, "baseAsset"), text(data, "quoteAsset")
    instrument = Instrument(
        name, "spot", tick=number(price, "tickSize"), lot=number(lot, "stepSize"), min_quantity=number(lot, "minQty"),
        min_notional=number(notional, "minNotional") if notional else 0.0, quote=quote, fee_asset="base",
        is_assumed=False,
    )  # fmt: skip
    listing = Listing(
        instrument, base, quote, text(data, "status") == "TRADING", number(lot, "maxQty"),
        number(market, "maxQty") if market else 0.0,
    )  # fmt: skip
    orders, stops = filters.get("MAX_NUM_ORDERS"), filters.get("MAX_NUM_ALGO_ORDERS")
    parts = filters.get("ICEBERG_PARTS")
    return Terms(
        listing, symbol, text(price, "tickSize"), text(lot, "stepSize"),
        frozenset(text({"t": each}, "t") for each in listed(field(data, "orderTypes"))),
        whole(orders, "maxNumOrders") if orders else 200, whole(stops, "maxNumAlgoOrders") if stops else 5,
        whole(parts, "limit") if parts else 0,
    )  # fmt: skip
