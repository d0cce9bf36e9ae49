"""The states of an order, and which may follow which: one table for backtest, paper and live."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """*Denied* is our own risk check, *rejected* the venue's (or, in a backtest, the account that cannot pay).

    `UNKNOWN` is a live state: a time-out or reset after the order left. It blocks new risk until a query resolves it.
    """

    CREATED = "created"
    DENIED = "denied"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"


CREATED, DENIED, SUBMITTED, UNKNOWN = OrderState.CREATED, OrderState.DENIED, OrderState.SUBMITTED, OrderState.UNKNOWN
ACCEPTED, REJECTED, PARTIALLY_FILLED = OrderState.ACCEPTED, OrderState.REJECTED, OrderState.PARTIALLY_FILLED
FILLED, CANCELED, EXPIRED = OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED

NEXT: dict[OrderState, frozenset[OrderState]] = {
    CREATED: frozenset({SUBMITTED, DENIED}),
    SUBMITTED: frozenset({ACCEPTED, UNKNOWN, REJECTED, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED}),
    UNKNOWN: frozenset({ACCEPTED, REJECTED, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED}),
    ACCEPTED: frozenset({UNKNOWN, REJECTED, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED}),
    PARTIALLY_FILLED: frozenset({UNKNOWN, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED}),
    # A fill already on its way when the cancel was confirmed, or the day ended.
    CANCELED: frozenset({PARTIALLY_FILLED, FILLED}),
    EXPIRED: frozenset({PARTIALLY_FILLED, FILLED}),
    DENIED: frozenset(),
    REJECTED: frozenset(),
    FILLED: frozenset(),
}

FINAL = frozenset({DENIED, REJECTED, FILLED, CANCELED, EXPIRED})
"""States in which an order no longer works."""


def may_follow(before: OrderState, after: OrderState) -> bool:
    return after in NEXT[before]
