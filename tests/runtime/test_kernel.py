"""One deployment against an exchange: what is held is known and protected, whatever goes wrong on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import Faults, Rig, walk

from lingua_runtime.commands import Cancel

LADDER = """strategy Ladder {
  trade BTCUSDT @ 1m
  rule enter: ema(close, 4) crosses above ema(close, 9) => buy 20% of equity
    with stop 1%, target 1R closing 50%, target 2R
  rule leave: close < lowest(low, 20)[1] => sell
}
"""
TRAIL = """strategy Trail {
  trade BTCUSDT @ 1m
  rule enter: close > highest(high, 8)[1] => buy 10% of equity with trail 1.5 * atr(10), expire after 30 bars
  rule dip: rsi(close, 5) < 25 => buy 10% of equity at limit close * 0.999 for 3 bars with stop 2%
  rule half: rsi(close, 5) > 80 => sell 50% of position
}
"""
LIFE = """strategy Life {
  trade BTCUSDT @ 1m
  rule dip: close < close[1] => buy 10% of equity at limit close for 1 bars with stop 5%
  rule leave: close > highest(high, 8)[1] => sell
}
"""


def agreed(rig: Rig) -> None:
    """What must hold once everything has been told."""
    run = rig.kernel.live.run
    position = run.book.positions[0]
    held = rig.held()
    units = rig.kernel.held(0)
    known = sum(unit.quantity for unit in units) + position.dust
    assert held == pytest.approx(known, abs=2e-3), rig.alarms[-5:]
    by_name: dict[str, int] = {}
    for order in rig.exchange.orders.values():
        by_name[order.client_id] = by_name.get(order.client_id, 0) + 1
        record = rig.kernel.orders.get(order.client_id)
        assert record is not None or not order.is_working, order
    assert max(by_name.values(), default=1) == 1, "sent twice"
    guarded: dict[int, float] = {}
    for order in rig.working():
        if not order.is_buy:
            group = order.group or -order.number
            guarded[group] = max(guarded.get(group, 0.0), float(order.left))
    stops = sum(unit.quantity for unit in units if unit.brackets and unit.quantity * 90 > 5)
    # What no venue would take for its size rests nowhere, nor does what a refusal has just sent back.
    assert sum(guarded.values()) == pytest.approx(stops, abs=0.06 * (1 + len(units))), rig.alarms[-5:]


def test_entries_are_filled_protected_and_left() -> None:
    rig = Rig(LADDER, walk(3))
    rig.run()
    rig.settle()
    agreed(rig)
    sent = [record.request.kind for record in rig.kernel.orders]
    assert {"market", "stop", "limit"} <= set(sent)
    assert len(rig.exchange.trades) > 6
    assert not rig.alarms


@pytest.mark.parametrize("program", [LADDER, TRAIL], ids=["ladder", "trail"])
@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_doubled_or_left_bare_whatever_goes_wrong(program: str, seed: int) -> None:
    faults = Faults(0.05, 0.1, 0.02, 0.2, 0.15, 0.3, 0.1)
    rig = Rig(program, walk(seed), faults, seed, share="0.4" if seed % 2 else "1")
    rig.run()
    rig.settle()
    agreed(rig)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.lists(st.sampled_from([0.0, 0.0, 0.05, 0.3]), min_size=7, max_size=7))
def test_any_mix_of_faults(seed: int, shares: list[float]) -> None:
    rig = Rig(LADDER if seed % 2 else TRAIL, walk(seed, 150), Faults(*shares), seed, share="0.3" if seed % 3 else "1")
    rig.run()
    rig.settle()
    agreed(rig)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_told_after_the_life_of_an_order_belongs_to_its_rule(seed: int) -> None:
    """Every message comes late: the run has ended its order when the last executions are told, and settled it too."""
    rig = Rig(LIFE, walk(seed, 120), Faults(delayed=1.0), seed, share="0.4")
    rig.run()
    rig.settle()
    agreed(rig)
    bought = [fill for decided in rig.decided for fill in decided.fills if fill.side > 0]
    assert len(bought) > 10
    assert {fill.rule for fill in bought} == {"dip"}


def test_the_two_of_a_bracket_are_withdrawn_by_one_request() -> None:
    rig = Rig(LADDER, walk(3))
    asked: list[tuple[int, str]] = []
    cancel = rig.cancel

    def counted(command: Cancel) -> None:
        asked.append((rig.now, command.client_id))
        cancel(command)

    rig.cancel = counted  # type: ignore[method-assign]
    rig.run()
    rig.settle()
    agreed(rig)
    pairs = [(now, name[:-1]) for now, name in asked if name[-1] in "st" and "-g" in name]
    assert pairs
    assert len(pairs) == len(set(pairs))
    assert not rig.alarms
