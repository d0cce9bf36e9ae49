"""Attached exits: they belong to the unit whose fill carried them."""

from __future__ import annotations

import math

import pytest
from stage import Stage, bars, flat, play

QUIET = [(100, 100, 100, 100), (100, 100, 100, 100)]


def held(after, *exits, verb="buy", quantity=10, **more):
    """A market entry decided at bar 1, filled at the open of bar 2; `exits` are made by functions of the stage."""
    rows = [*QUIET, *after]
    stage = Stage(len(rows))
    stage.rule("enter", [1], stage.act(verb, ("qty", quantity), exits=[make(stage) for make in exits]))
    return play(stage, bars(rows), capital=100_000.0, **more)[0]


def out(ledger):
    return [(f.bar, f.quantity, f.price, f.reason) for f in ledger.fills[1:]]


def stop(form, x, **more):
    return lambda stage: stage.exit("stop", form, x, **more)


def target(form, x, **more):
    return lambda stage: stage.exit("target", form, x, **more)


def trail(form, x, **more):
    return lambda stage: stage.exit("trail", form, x, **more)


def test_a_price_distance_is_fixed_at_the_decision_and_a_ratio_is_of_the_fill():
    # Decided at 100, filled at 110: a distance of 5 is 105, 5 % of the fill is 104.5.
    assert out(held([(110, 110, 110, 110), (110, 110, 100, 100)], stop("price", 5))) == [(3, 10, 105, "stop")]
    assert out(held([(110, 110, 110, 110), (110, 110, 100, 100)], stop("ratio", 0.05))) == [(3, 10, 104.5, "stop")]
    moving = stop("price", [5, 5, 50, 50])
    assert out(held([(110, 110, 110, 110), (110, 110, 100, 100)], moving)) == [(3, 10, 105, "stop")]


def test_r_is_the_distance_from_the_fill_to_the_initial_stop():
    # Level 96 decided at 100, filled at 104: R = 8, 2R = 120.
    after = [(104, 104, 104, 104), (104, 121, 104, 120)]
    ledger = held(after, stop("level", 96), target("r", 2))
    assert out(ledger) == [(3, 10, 120, "target")]
    trade = ledger.trades[0]
    assert trade.planned_risk == 80
    assert trade.r == pytest.approx(160 / 80)


def test_closing_is_of_the_original_quantity_and_the_last_rung_takes_the_rest():
    after = [(100, 100, 100, 100), (100, 103, 100, 103), (103, 105, 103, 105)]
    ladder = (stop("price", 2), target("r", 1, closing=0.5), target("r", 2, closing=0.5))
    assert out(held(after, *ladder)) == [(3, 5, 102, "target"), (4, 5, 104, "target")]
    # 5 units, whole lots: 2 and then the 3 that are left.
    odd = held(after, *ladder, quantity=5)
    assert [t.trade_id for t in odd.trades] == [1, 1]
    assert sum(t.quantity for t in odd.trades) == 5
    single = held(after, stop("price", 2), target("r", 1, closing=0.5))
    assert out(single) == [(3, 5, 102, "target")]
    assert [t.exit_bar for t in single.trades] == [3, None]


def test_both_rungs_of_a_ladder_fill_in_one_bar_at_their_levels():
    after = [(100, 100, 100, 100), (100, 106, 100, 105)]
    ladder = (stop("price", 2), target("r", 1, closing=0.5), target("r", 2, closing=0.5))
    assert out(held(after, *ladder)) == [(3, 5, 102, "target"), (3, 5, 104, "target")]


def test_the_stop_shrinks_with_what_is_left():
    after = [(100, 100, 100, 100), (100, 103, 100, 101), (101, 101, 95, 96)]
    ledger = held(after, stop("price", 2), target("r", 1, closing=0.5))
    assert out(ledger) == [(3, 5, 102, "target"), (4, 5, 98, "stop")]
    assert [t.pnl for t in ledger.trades] == [10, -10]


def test_stop_at_entry_replaces_the_weaker_stop_from_the_bar_after_one_r():
    # R = 4. Bar 3 reaches 104 and falls to 99.5: the move comes with its close, so bar 4 is out at 100.
    after = [(100, 100, 100, 100), (100, 104, 99.5, 103), (103, 103, 99, 99)]
    entry_stop = lambda stage: stage.exit("stop", "level", stage.account("entry"), after=("r", 1))  # noqa: E731
    ledger = held(after, stop("price", 4), entry_stop)
    assert out(ledger) == [(4, 10, 100, "stop")]
    # The entry bar's own high does not count.
    after = [(100, 104, 99.5, 103), (103, 103, 99, 99), (99, 99, 99, 99)]
    assert out(held(after, stop("price", 4), entry_stop)) == []


def test_a_trail_follows_the_highest_high_since_the_fill_and_acts_from_the_next_bar():
    # Bar 3: high 110, low 101, close 104: level 104 from bar 4 on, though bar 3 itself fell to 101.
    after = [(100, 100, 100, 100), (100, 110, 101, 104), (106, 106, 103, 105)]
    assert out(held(after, trail("price", 6))) == [(4, 10, 104, "trail")]


def test_a_trail_never_loosens_and_uses_the_distance_of_the_close():
    wide_later = [6, 6, 6, 6, 50, 50]
    after = [(100, 100, 100, 100), (100, 110, 105, 108), (108, 109, 105, 107), (107, 107, 103, 103)]
    assert out(held(after, trail("price", wide_later))) == [(5, 10, 104, "trail")]
    tight_later = [6, 6, 6, 6, 1, 1]
    after = [(100, 100, 100, 100), (100, 110, 105, 110), (109.5, 109.5, 105, 109.5), (110, 110, 108, 108)]
    assert out(held(after, trail("price", tight_later))) == [(5, 10, 109, "trail")]
    assert out(held(after, trail("price", tight_later, fixed=True))) == []


def test_a_trail_is_a_stop_from_the_fill_on():
    assert out(held([(100, 101, 93, 95)], trail("price", 6))) == [(2, 10, 94, "trail")]


def test_a_trail_after_is_armed_by_a_later_bars_high():
    after = [(100, 120, 100, 100), (100, 104, 99, 99), (99, 106, 99, 105), (105, 105, 99, 99)]
    ledger = held(after, trail("price", 3, after=("price", 5)))
    # The entry bar's 120 arms nothing; bar 4's 106 does, and the level counts all highs since the fill: 117.
    assert out(ledger) == [(5, 10, 105, "trail")]


def test_the_favourable_extreme_of_an_entry_away_from_the_open_does_not_raise_a_trail():
    rows = [*QUIET, (100, 115, 97, 99), (99, 100, 95, 99), (99, 99, 90, 92)]
    stage = Stage(5)
    order = {"order": "limit", "limit": 98}
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=[stage.exit("trail", "price", 6)], **order))
    ledger = play(stage, bars(rows))[0]
    # Highest counted: the close 99 of bar 2, then 100 of bar 3: 94.
    assert out(ledger) == [(4, 10, 94, "trail")]


def test_expire_counts_the_bars_held_and_leaves_at_the_next_open():
    after = [(100, 100, 100, 100)] * 3 + [(101, 101, 101, 101)]
    ledger = held(after, lambda stage: stage.exit("expire", bars=3))
    assert out(ledger) == [(5, 10, 101, "expire")]
    assert ledger.trades[0].bars == 3
    ledger = held(after, lambda stage: stage.exit("expire", seconds=7200.0))
    assert out(ledger) == [(4, 10, 100, "expire")]


def test_a_level_that_reads_fills_waits_for_the_first_close_after_the_fill():
    stage = Stage(5)
    rows = [*QUIET, (100, 100, 90, 100), (100, 100, 99, 100), (100, 100, 90, 95)]
    late = stage.graph.node("sub", stage.account("entry"), stage.value(4.0), uses_fills=True)
    stage.slots[late.index] = ("column", 0)
    stage.columns.append([float("nan"), float("nan"), 96.0, 96.0, 96.0])
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=[stage.exit("stop", "level", late)]))
    ledger = play(stage, bars(rows))[0]
    assert out(ledger) == [(4, 10, 96, "stop")]


def test_protect_is_the_default_set():
    rows = [*QUIET, (100, 101, 95, 100)]
    stage = Stage(3)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10)))
    ledger = play(stage, bars(rows), protect=[stage.exit("stop", "price", 4)])[0]
    assert out(ledger) == [(2, 10, 96, "stop")]


def pyramid(units, from_last, closes, *, sells=()):
    stage = Stage(len(closes))
    exits = [stage.exit("stop", "price", 4, from_last=from_last)]
    stage.rule("enter", range(len(closes)), stage.act("buy", ("qty", 1), exits=exits))
    stage.rule("leave", sells, stage.act("sell", ("qty", 2)))
    return play(stage, bars(flat(*closes)), pyramid=(units, "price", 1.0))[0]


def test_pyramid_adds_up_to_n_units_each_a_step_from_the_last_fill():
    ledger = pyramid(4, False, [100, 101, 102, 103, 104, 105, 106, 107, 108])
    # Each close is one above the last fill, so each next open takes a unit, until there are four.
    assert [f.price for f in ledger.fills] == [100, 101, 102, 103]
    assert {e.detail for e in ledger.events if e.kind == "ignored"} == {"PYRAMID_FULL: units=4"}
    slow = pyramid(4, False, [100, 100.5, 101, 101.5, 102, 102.5])
    assert [f.price for f in slow.fills] == [100, 101, 102]
    assert "PYRAMID_STEP: moved=0.5, step=1" in {e.detail for e in slow.events}


def test_from_last_moves_every_stop_to_the_newest_units():
    closes = [100, 101, 102, 103, 104, 99, 90]
    # Units at 100, 101, 102. Own stops 98, 97, 96 on the way down; together all at the newest, 98.
    own = pyramid(3, False, closes)
    assert [f.price for f in own.fills] == [100, 101, 102, 98, 97, 96]
    together = pyramid(3, True, closes)
    assert [f.price for f in together.fills] == [100, 101, 102, 98, 98, 98]


def test_reductions_consume_units_first_in_first_out_with_a_row_for_each_piece():
    rows = flat(100, 101, 102, 103, 104, 105, 106)
    stage = Stage(7)
    stage.rule("enter", [1, 2], stage.act("buy", ("qty", 3)))
    stage.rule("leave", [4], stage.act("sell", ("qty", 4)))
    ledger = play(stage, bars(rows), pyramid=(2, "price", 0.0))[0]
    assert [(t.trade_id, t.quantity, t.entry_price, t.exit_price, t.exit_rule) for t in ledger.trades] == [
        (1, 3, 101, 104, "leave"), (2, 1, 102, 104, "leave"), (2, 2, 102, None, ""),
    ]  # fmt: skip
    assert [t.pnl for t in ledger.trades] == [9, 2, 8]


def test_a_target_position_keeps_one_exit_set_at_the_average_entry():
    rows = [*QUIET, (100, 100, 100, 100), (110, 110, 110, 110), (110, 110, 100.9, 101)]
    stage = Stage(5)
    exits = [stage.exit("stop", "price", 4)]
    stage.rule("lean", [1, 2], stage.act("target", ("qty", [0, 10, 20, 0, 0]), exits=exits))
    ledger = play(stage, bars(rows), capital=100_000.0)[0]
    # Average of 10 at 100 and 10 at 110 is 105: the stop of both is 101.
    assert out(ledger) == [(3, 10, 110, "rebalance"), (4, 20, 101, "stop")]
    assert [t.quantity for t in ledger.trades] == [20]


def test_excursions_are_shares_of_the_entry_price():
    after = [(100, 104, 98, 101), (101, 103, 96, 97), (97, 97, 97, 97)]
    trade = held(after).trades[0]
    assert trade.mae == pytest.approx(0.04)
    assert trade.mfe == pytest.approx(0.04)
    assert math.isnan(trade.r)
