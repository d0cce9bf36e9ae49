"""The state table of orders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lingua_runtime.states import AT_VENUE, FINAL, FOLLOWS, OPEN, State, later, may_follow

STATES = st.sampled_from(list(State))


def test_every_state_says_what_may_follow_and_is_reached_from_the_first() -> None:
    assert set(FOLLOWS) == set(State)
    reached, new = {State.CREATED}, {State.CREATED}
    while new:
        new = {after for before in new for after in FOLLOWS[before]} - reached
        reached |= new
    assert reached == set(State)


def test_nothing_follows_an_end_and_something_follows_all_else() -> None:
    assert all(not FOLLOWS[state] for state in FINAL)
    assert all(FOLLOWS[state] for state in OPEN)


@given(STATES)
def test_what_may_be_executed_can_become_filled_and_what_cannot_cannot(state: State) -> None:
    assert (state in AT_VENUE) == may_follow(state, State.FILLED)


@given(st.lists(st.tuples(STATES, st.integers(0, 10)), max_size=30))
def test_whatever_a_venue_tells_an_order_never_goes_back(told: list[tuple[State, int]]) -> None:
    state, filled, ended = State.SUBMITTED, 0, False
    for told_state, told_filled in told:
        if later(state, told_state, filled, told_filled):
            assert may_follow(state, told_state)
            assert not ended
            assert told_filled >= filled
            state, filled = told_state, told_filled
            ended = state in FINAL


def test_an_unknown_order_is_ended_by_the_venue_alone() -> None:
    assert not may_follow(State.UNKNOWN, State.DENIED)
    assert not may_follow(State.CREATED, State.UNKNOWN)
