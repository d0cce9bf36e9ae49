"""ccxt's own structures, read with care: it fills in what an exchange did not tell with None, and None is no number."""

from __future__ import annotations

import math
from typing import Any

from lingua_runtime.ports import FillReport, OrderReport, OutcomeUnknown
from lingua_runtime.states import State

MS = 1_000_000
SIDES = {"buy": 1, "sell": -1}
STATES = {
    "open": State.ACCEPTED, "closed": State.FILLED, "canceled": State.CANCELED, "canceling": State.CANCEL_PENDING,
    "expired": State.EXPIRED, "rejected": State.REJECTED,
}  # fmt: skip


def number(data: Any, name: str, *, is_positive: bool = False) -> float:
    value = data.get(name) if isinstance(data, dict) else None
    found = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not (found > 0.0 if is_positive else found >= 0.0) or math.isinf(found):
        raise OutcomeUnknown(f"an answer cannot be believed: `{name}` is {str(value)[:40]}")
    return found


def optional(data: dict[str, Any], *names: str) -> float:
    """The first of these that is told; 0 where none is."""
    for name in names:
        if data.get(name) is not None:
            return number(data, name)
    return 0.0


def text(data: Any, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise OutcomeUnknown(f"an answer cannot be believed: `{name}` is {str(value)[:40]}")
    return value


def of_pair(data: Any, pair: str) -> None:
    if text(data, "symbol") != pair:
        raise OutcomeUnknown(f"an answer is about {str(data['symbol'])[:40]}, and {pair} was asked for")


def order_report(data: Any, pair: str, symbol: str, now_ts: int) -> OrderReport:
    of_pair(data, pair)
    side, status = text(data, "side"), text(data, "status")
    if side not in SIDES or status not in STATES:
        raise OutcomeUnknown(f"an order is said to be {side[:20]}, {status[:20]}")
    quantity, filled = number(data, "amount"), number(data, "filled")
    state = STATES[status]
    if filled > quantity > 0.0:
        raise OutcomeUnknown(f"{filled:g} of {quantity:g} is said to be filled")
    if state is State.ACCEPTED and filled > 0.0:
        state = State.PARTIALLY_FILLED
    if state is State.FILLED and filled < quantity:
        state = State.CANCELED  # `closed` is also what ended with a part of it
    stop = optional(data, "triggerPrice", "stopPrice", "stopLossPrice")
    time = optional(data, "lastUpdateTimestamp", "lastTradeTimestamp", "timestamp")
    return OrderReport(
        text(data, "id"), data.get("clientOrderId") or "", symbol, SIDES[side], _kind(data, stop), state, quantity,
        filled, int(time) * MS if time else now_ts, optional(data, "price"), stop,
    )  # fmt: skip


def _kind(data: dict[str, Any], stop: float) -> str:
    name = str(data.get("type") or "")
    is_limit = "limit" in name
    if stop > 0.0:
        return "stop_limit" if is_limit else "stop"
    return "market" if "market" in name else "limit"


def fill_report(data: Any, pair: str, symbol: str, client: str) -> FillReport:
    of_pair(data, pair)
    side = text(data, "side")
    if side not in SIDES:
        raise OutcomeUnknown(f"a fill is said to {side[:20]}")
    fee = data.get("fee") or {}
    return FillReport(
        text(data, "id"), text(data, "order"), client, symbol, SIDES[side], number(data, "amount", is_positive=True),
        number(data, "price", is_positive=True), int(number(data, "timestamp", is_positive=True)) * MS,
        optional(fee, "cost"), str(fee.get("currency") or ""), data.get("takerOrMaker") == "maker",
    )  # fmt: skip
