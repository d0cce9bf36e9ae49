"""Protection by hand, and what holds for all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.trading.codes import FOR_STOP, FOR_TARGET
from lingua_runtime.guards import NOTHING, Guard, Held, Part, after, share_out, wanted

LADDER = [(FOR_STOP, -1, 98.0, 10.0), (FOR_TARGET, 1, 102.0, 5.0), (FOR_TARGET, 2, 104.0, 5.0)]


def told(guards: list[Guard]) -> list[tuple[float, float, float]]:
    return [(guard.stop, guard.target, guard.quantity) for guard in guards]


def test_each_rung_is_a_bracket_and_the_rest_has_its_stop() -> None:
    assert told(wanted("A", [Held(1, -1, 1, 10.0, LADDER)], 0.0)) == [(98.0, 102.0, 5.0), (98.0, 104.0, 5.0)]
    half = [LADDER[0], LADDER[1]]
    assert told(wanted("A", [Held(1, -1, 1, 10.0, half)], 0.0)) == [(98.0, 102.0, 5.0), (98.0, NOTHING, 5.0)]
    assert told(wanted("A", [Held(1, -1, 1, 10.0, LADDER[1:])], 0.0)) == [(0.0, 102.0, 5.0), (0.0, 104.0, 5.0)]
    assert wanted("A", [Held(1, -1, 1, 10.0, [])], 0.0) == []


def test_what_a_rule_is_about_to_close_is_left_without_a_guard_oldest_first() -> None:
    stop = [(FOR_STOP, -1, 98.0, 10.0)]
    held = [Held(1, -1, 1, 10.0, stop), Held(2, -1, 1, 10.0, stop)]
    (guard,) = wanted("A", held, 12.0)
    assert [(part.unit, part.quantity) for part in guard.parts] == [(2, 8.0)]
    assert wanted("A", held, 20.0) == []


def test_units_at_the_same_levels_are_one_guard_and_executions_go_to_the_oldest() -> None:
    stop = [(FOR_STOP, -1, 98.0, 10.0)]
    (guard,) = wanted("A", [Held(1, -1, 1, 10.0, stop), Held(2, -1, 1, 5.0, stop)], 0.0)
    assert guard.quantity == 15.0
    assert [(part.unit, taken) for part, taken in share_out(guard, 12.0)] == [(1, 10.0), (2, 2.0)]
    left = after(guard, 12.0)
    assert left is not None
    assert [(part.unit, part.quantity) for part in left.parts] == [(2, 3.0)]
    assert after(guard, 15.0) is None


def test_a_short_is_guarded_by_buys() -> None:
    (guard,) = wanted("A", [Held(1, -1, -1, 3.0, [(FOR_STOP, -1, 110.0, 3.0)])], 0.0)
    assert (guard.side, guard.stop) == (1, 110.0)


UNITS = st.lists(
    st.builds(
        lambda number, quantity, stop, rungs: Held(
            number, -1, 1, quantity,
            ([(FOR_STOP, -1, stop, quantity)] if stop else [])
            + [(FOR_TARGET, k + 1, 100.0 + k, quantity * share) for k, share in enumerate(rungs)],
        ),
        st.integers(1, 9), st.floats(0.001, 1e6), st.sampled_from([0.0, 90.0, 95.0]),
        st.lists(st.floats(0.05, 1.0), max_size=3),
    ),
    max_size=5,
)  # fmt: skip


@given(UNITS, st.floats(0.0, 1e6))
def test_protection_never_exceeds_what_is_held_and_covers_all_that_has_a_stop(
    units: list[Held], leaving: float
) -> None:
    guards = wanted("A", units, leaving)
    held = sum(unit.quantity for unit in units)
    guarded = sum(guard.quantity for guard in guards)
    assert guarded <= max(held - leaving, 0.0) * (1 + 1e-6) + 1e-6 * held
    if all(unit.brackets and unit.brackets[0][1] < 0 for unit in units):
        assert guarded == pytest.approx(max(held - leaving, 0.0), rel=1e-6, abs=1e-6 * max(held, 1e-9))
    assert len({guard.levels for guard in guards}) == len(guards)


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6), st.floats(0.0, 1.0))
def test_what_is_shared_out_and_what_is_left_are_the_guard(pieces: list[float], share: float) -> None:
    guard = Guard("A", -1, 90.0, NOTHING, tuple(Part(k, -1, -1, FOR_STOP, piece) for k, piece in enumerate(pieces)))
    quantity = guard.quantity * share
    out, left = share_out(guard, quantity), after(guard, quantity)
    assert sum(taken for _, taken in out) == pytest.approx(quantity, rel=1e-6, abs=1e-6)
    assert (left.quantity if left else 0.0) == pytest.approx(guard.quantity - quantity, rel=1e-6, abs=1e-6)
