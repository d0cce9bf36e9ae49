"""The states of an order, and what may follow what: one table that everything else reads.

`UNKNOWN` is a state like the others: a request left, and nobody knows whether it arrived. Only what the venue itself
says of the order ends it. States after `SUBMITTED` are told by the venue; a venue repeats itself, and tells late what
it did early, so `later` decides which of two reports is the newer one: an order never goes back.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    CREATED = "created"
    """Decided and written down; nothing has left."""
    DENIED = "denied"
    """Stopped here, by a limit or a person: it never left."""
    SUBMITTED = "submitted"
    """On its way; no answer yet."""
    UNKNOWN = "unknown"
    """The answer did not come, or said nothing: it may work at the venue, or not."""
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    CANCEL_PENDING = "cancel_pending"
    """Its withdrawal is on its way; it can still be filled."""
    FILLED = "filled"
    CANCELED = "canceled"
    REPLACED = "replaced"
    """Canceled by the order that took its place."""
    REJECTED = "rejected"
    EXPIRED = "expired"


FINAL = frozenset({State.DENIED, State.FILLED, State.CANCELED, State.REPLACED, State.REJECTED, State.EXPIRED})
OPEN = frozenset(State) - FINAL
AT_VENUE = frozenset({State.UNKNOWN, State.SUBMITTED, State.ACCEPTED, State.PARTIALLY_FILLED, State.CANCEL_PENDING})
"""What may be executed: counted in full when risk is counted."""

_ENDS = frozenset({State.FILLED, State.CANCELED, State.REPLACED, State.EXPIRED})
_WORKS = frozenset({State.ACCEPTED, State.PARTIALLY_FILLED, State.CANCEL_PENDING})

FOLLOWS: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.DENIED, State.SUBMITTED}),
    # Written down as leaving, and stopped by a limit at the door.
    State.SUBMITTED: frozenset({State.UNKNOWN, State.REJECTED, State.DENIED}) | _WORKS | _ENDS,
    # A look-up that finds nothing tells that the request never arrived.
    State.UNKNOWN: frozenset({State.REJECTED}) | _WORKS | _ENDS,
    # Venues accept and reject afterwards (a stop that would trigger at once).
    State.ACCEPTED: frozenset({State.PARTIALLY_FILLED, State.CANCEL_PENDING, State.REJECTED}) | _ENDS,
    State.PARTIALLY_FILLED: frozenset({State.CANCEL_PENDING}) | _ENDS,
    # A withdrawal that was refused leaves the order where it was.
    State.CANCEL_PENDING: frozenset({State.ACCEPTED, State.PARTIALLY_FILLED, State.REJECTED}) | _ENDS,
    **{state: frozenset() for state in FINAL},
}


def may_follow(before: State, after: State) -> bool:
    return after in FOLLOWS[before]


def later(before: State, told: State, filled_before: float, filled_told: float) -> bool:
    """Whether a venue's report is news: it goes on from where the order stands, and takes back no execution.

    A final state is the last word but for one thing: executions that were on their way when it was told (`filled_told`
    beyond `filled_before`), which the caller books whatever this says.
    """
    if filled_told < filled_before or before in FINAL or told == before:
        return False
    if before is State.CANCEL_PENDING and told in (State.ACCEPTED, State.PARTIALLY_FILLED):
        return False  # sent before the withdrawal arrived; only an answer to the withdrawal itself takes it back
    if before is State.PARTIALLY_FILLED and told is State.ACCEPTED:
        return False
    return may_follow(before, told)
