"""When a rule acts, what suppresses what, and the life of working orders."""

from __future__ import annotations

import pytest
from stage import STOCK, Stage, bars, flat, play

from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput
from lingua.trading.instrument import Instrument

FLAT = flat(*[100] * 12)
SPOT = Instrument("TEST", kind="spot")


def kinds(ledger, rule=None):
    return [e.kind for e in ledger.events if rule is None or e.rule == rule]


def fills(ledger):
    return [(f.bar, f.side * f.quantity, f.rule) for f in ledger.fills]


def test_a_rule_acts_on_true_alone():
    stage = Stage(12)
    stage.rule("enter", [("?", 1), 3], stage.act("buy", ("qty", 1)))
    assert fills(play(stage, bars(FLAT))[0]) == [(4, 1, "enter")]


def test_otherwise_acts_on_false_alone():
    stage = Stage(12)
    truth = [0, 1, ("?", 2), ("?", 3), *range(5, 12)]
    stage.rule("hold", truth, stage.act("buy", ("qty", 1)), otherwise=[stage.act("close")])
    assert fills(play(stage, bars(FLAT))[0]) == [(1, 1, "hold"), (5, -1, "hold"), (6, 1, "hold")]


def test_an_entry_is_ignored_while_its_position_is_open_and_counted():
    stage = Stage(12)
    stage.rule("enter", range(12), stage.act("buy", ("qty", 1)))
    ledger = play(stage, bars(FLAT))[0]
    assert len(ledger.fills) == 1
    assert ledger.counts["ignored"] == 11
    assert ledger.fired["enter"] == list(range(12))


def test_before_the_ready_bar_nothing_acts():
    stage = Stage(12)
    stage.rule("enter", [1, 5], stage.act("buy", ("qty", 1)))
    ledger = play(stage, bars(FLAT), ready=4)[0]
    assert fills(ledger) == [(6, 1, "enter")]
    assert ledger.counts["not_ready"] == 1
    assert ledger.fired["enter"] == [5]
    waits = Execution(warmup="settled", cash_buffer=0.0)
    assert play(stage, bars(FLAT), ready=1, settled=6, execution=waits)[0].fills == []
    early = play(stage, bars(FLAT), ready=1, settled=6)[0]
    assert [t.is_before_settle for t in early.trades] == [True]


@pytest.mark.parametrize(
    ("reduction", "increase", "suppressed"),
    [("sell", "buy", True), ("cover", "short", True), ("close", "buy", True), ("close", "short", True),
     ("cover", "buy", False), ("sell", "short", False)],
)  # fmt: skip
def test_a_true_reduction_suppresses_its_own_side(reduction, increase, suppressed):
    stage = Stage(12)
    stage.rule("enter", [1], stage.act(increase, ("qty", 1)))
    stage.rule("leave", [1], stage.act(reduction))
    ledger = play(stage, bars(FLAT))[0]
    assert bool(ledger.fills) is not suppressed
    assert ledger.counts.get("suppressed", 0) == suppressed


def test_cover_with_buy_is_a_reversal_and_the_reduction_goes_first():
    stage = Stage(12)
    stage.rule("up", [5], stage.act("buy"))
    stage.rule("down", [1], stage.act("short"))
    stage.rule("out", [5], stage.act("cover"))
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(2, -100, "down"), (6, 100, "out"), (6, 100, "up")]


def test_an_always_in_system_trades_both_sides():
    stage = Stage(12)
    stage.rule("up", [1, 5, 9], stage.act("buy"))
    stage.rule("up_out", [1, 5, 9], stage.act("cover"))
    stage.rule("down", [3, 7], stage.act("short"))
    stage.rule("down_out", [3, 7], stage.act("sell"))
    ledger = play(stage, bars(FLAT), execution=Execution(commission=0.001))[0]
    assert [t.side for t in ledger.trades] == ["long", "short", "long", "short", "long"]
    assert "rejected" not in ledger.counts


def test_verbs_never_cross_zero():
    stage = Stage(12)
    stage.rule("in_", [1], stage.act("buy", ("qty", 2)))
    stage.rule("over", [3], stage.act("sell", ("qty", 5)))
    stage.rule("flip", [6], stage.act("buy", ("qty", 1)))
    stage.rule("not_yet", [8], stage.act("short", ("qty", 3)))
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(2, 2, "in_"), (4, -2, "over"), (7, 1, "flip")]
    assert [e.detail for e in ledger.events if e.kind == "ignored"] == ["OPPOSITE_POSITION_OPEN: quantity=1"]


def test_sell_closes_longs_alone_and_close_takes_the_absolute_value():
    stage = Stage(12)
    stage.rule("in_", [1], stage.act("short", ("qty", 4)))
    stage.rule("wrong", [3], stage.act("sell"))
    stage.rule("half", [5], stage.act("close", ("qty", -2)))
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(2, -4, "in_"), (6, 2, "half")]


def test_a_partial_reduction_repeats_on_every_true_bar():
    stage = Stage(12)
    stage.rule("in_", [1], stage.act("buy", ("qty", 8)))
    stage.rule("half", [3, 4, 5], stage.act("close", ("position", 0.5)))
    assert fills(play(stage, bars(FLAT))[0])[1:] == [(4, -4, "half"), (5, -2, "half"), (6, -1, "half")]


def test_short_on_spot_and_against_the_direction_is_denied():
    stage = Stage(12)
    stage.rule("in_", [1], stage.act("short", ("qty", 1)))
    ledger = play(stage, bars(FLAT, instrument=SPOT))[0]
    assert [e.detail for e in ledger.events] == ["SHORT_ON_SPOT"]
    ledger = play(stage, bars(FLAT), direction="long")[0]
    assert [e.kind for e in ledger.events] == ["denied"]


def test_filters_gate_increases_only_and_open_on_true_alone():
    stage = Stage(12)
    stage.rule("in_", [1, 3, 5], stage.act("buy", ("qty", 1)))
    stage.rule("out", [7], stage.act("sell"))
    stage.filter("calm", [("?", 3), 5])
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(6, 1, "in_"), (8, -1, "out")]
    assert [e.detail for e in ledger.events if e.kind == "filtered"] == ["FILTER: calm"] * 2


def test_max_gap_blocks_increases_until_a_valid_bar():
    rows = list(FLAT)
    for k in range(2, 7):
        rows[k] = (float("nan"),) * 4
    stage = Stage(12)
    stage.rule("in_", [4, 6, 8], stage.act("buy", ("qty", 1)))
    ledger = play(stage, bars(rows))[0]
    # Bar 4 is the third na bar: still allowed, and it fills at the next traded bar.
    assert fills(ledger) == [(7, 1, "in_")]
    stage = Stage(12)
    stage.rule("in_", [6, 8], stage.act("buy", ("qty", 1)))
    ledger = play(stage, bars(rows))[0]
    assert fills(ledger) == [(9, 1, "in_")]
    assert [e.detail for e in ledger.events if e.kind == "denied"] == ["MAX_GAP: missing bars=5, limit=3"]


# once, every


def test_once_acts_once_an_episode_and_na_does_not_end_it():
    stage = Stage(12)
    stage.rule("in_", [1, 2, ("?", 3), 4, 5, 7, 8], stage.act("buy", ("qty", 1)), once=True)
    stage.rule("out", [3], stage.act("sell"))
    stage.rule("out2", [6], stage.act("sell"))
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(2, 1, "in_"), (4, -1, "out"), (8, 1, "in_")]
    assert kinds(ledger, "in_").count("spent") >= 2


def test_what_is_refused_does_not_spend_an_episode():
    stage = Stage(12)
    stage.rule("in_", [1, 2, 3], stage.act("buy", ("qty", [0, 0, 1] + [1] * 9)), once=True)
    stage.filter("calm", [1, 2, 3])
    assert fills(play(stage, bars(FLAT))[0]) == [(3, 1, "in_")]
    stage = Stage(12)
    stage.rule("in_", [1, 2, 3], stage.act("buy", ("qty", 1)), once=True)
    stage.rule("no", [1], stage.act("close"))
    assert fills(play(stage, bars(FLAT))[0]) == [(3, 1, "in_")]


def test_an_episode_is_spent_by_a_position_of_that_side_that_another_rule_opened():
    stage = Stage(12)
    stage.rule("other", [1], stage.act("buy", ("qty", 1)))
    stage.rule("out", [3], stage.act("sell"))
    stage.rule("in_", [2, 3, 4, 5, 6], stage.act("buy", ("qty", 1)), once=True)
    assert fills(play(stage, bars(FLAT))[0]) == [(2, 1, "other"), (4, -1, "out")]


def test_every_tests_the_condition_on_its_tick_alone():
    stage = Stage(12)
    stage.rule("in_", [2, 3, 4], stage.act("buy", ("qty", 1)), tick=[0, 4, 8])
    stage.rule("out", [5, 6, 7], stage.act("sell"), tick=[0, 4, 8])
    assert fills(play(stage, bars(FLAT))[0]) == [(5, 1, "in_")]


# Working orders


def working(life, after, on=(1,)):
    rows = [(100, 100, 100, 100)] * 2 + list(after)
    stage = Stage(len(rows))
    stage.rule("in_", on, stage.act("buy", ("qty", 1), order="limit", limit=98, **life))
    return play(stage, bars(rows))[0]


HIGH, LOW = (100, 101, 99, 100), (100, 101, 95, 100)


def test_a_priced_entry_lives_one_bar_or_as_long_as_it_says():
    assert fills(working({}, [HIGH, LOW])) == []
    assert fills(working({"life": 2}, [HIGH, LOW])) == [(3, 1, "in_")]
    assert fills(working({"life": 2}, [HIGH, HIGH, LOW])) == []
    assert fills(working({"seconds": 7200.0}, [HIGH, LOW])) == [(3, 1, "in_")]
    assert fills(working({"seconds": 7200.0}, [HIGH, HIGH, LOW])) == []
    assert fills(working({"gtc": True}, [HIGH] * 6 + [LOW])) == [(8, 1, "in_")]
    # A day is a session: 24 hours where trading never stops.
    assert fills(working({"seconds": 86400.0}, [HIGH] * 23 + [LOW])) == [(25, 1, "in_")]
    assert fills(working({"seconds": 86400.0}, [HIGH] * 24 + [LOW])) == []


def test_while_an_entry_works_others_of_its_side_are_ignored():
    ledger = working({"life": 4}, [HIGH, HIGH, HIGH, LOW], on=(1, 2, 3))
    assert [e.detail for e in ledger.events if e.kind == "ignored"] == ["ENTRY_WORKING: order=1"] * 2
    assert fills(ledger) == [(5, 1, "in_")]


def test_a_reduction_withdraws_working_entries_even_when_flat():
    for verb, gone in (("sell", True), ("close", True), ("cover", False)):
        stage = Stage(6)
        rows = [(100, 100, 100, 100)] * 2 + [HIGH, HIGH, LOW, HIGH]
        stage.rule("in_", [1], stage.act("buy", ("qty", 1), order="limit", limit=98, gtc=True))
        stage.rule("out", [2], stage.act(verb))
        ledger = play(stage, bars(rows))[0]
        assert (ledger.fills == []) is gone, verb
        assert ("canceled" in kinds(ledger)) is gone


def test_cancel_withdraws_the_orders_of_a_rule_or_of_all():
    for cancels, gone in (("in_", True), ("", True), ("out", False)):
        stage = Stage(6)
        rows = [(100, 100, 100, 100)] * 2 + [HIGH, HIGH, LOW, HIGH]
        stage.rule("in_", [1], stage.act("buy", ("qty", 1), order="limit", limit=98, gtc=True))
        stage.rule("out", [2], stage.act("cancel", cancels=cancels))
        assert (play(stage, bars(rows))[0].fills == []) is gone


def test_one_cancels_other():
    rows = [(100, 100, 100, 100)] * 2 + [HIGH, (100, 104, 99, 103), LOW]
    stage = Stage(5)
    stage.rule(
        "break_", [1], stage.act("buy", ("qty", 1), order="stop", stop=102, gtc=True),
        stage.act("short", ("qty", 1), order="stop", stop=98, gtc=True), join="|",
    )  # fmt: skip
    ledger = play(stage, bars(rows))[0]
    assert fills(ledger) == [(3, 1, "break_")]
    assert [e.detail for e in ledger.events if e.kind == "canceled"] == ["OTHER_ORDER_FILLED"]


def test_a_bar_that_reaches_both_alternatives_takes_the_first_and_is_counted():
    rows = [(100, 100, 100, 100)] * 2 + [(100, 104, 96, 100)]
    stage = Stage(3)
    stage.rule(
        "break_", [1], stage.act("buy", ("qty", 1), order="stop", stop=102),
        stage.act("short", ("qty", 1), order="stop", stop=98), join="|",
    )  # fmt: skip
    ledger = play(stage, bars(rows))[0]
    assert fills(ledger) == [(2, 1, "break_")]
    assert ledger.fills[0].is_ambiguous


def test_a_priced_reduction_rests_and_the_next_one_replaces_it():
    rows = [(100, 100, 100, 100)] * 2 + [HIGH, HIGH, (100, 107, 99, 100)]
    stage = Stage(5)
    stage.rule("in_", [1], stage.act("buy", ("qty", 4)))
    stage.rule("take", [2, 3], stage.act("sell", ("position", 0.5), order="limit", limit=[0, 0, 103, 105, 0], gtc=True))
    ledger = play(stage, bars(rows))[0]
    assert [(f.bar, f.quantity, f.price, f.is_maker) for f in ledger.fills[1:]] == [(4, 2, 105, True)]
    assert [e.detail for e in ledger.events if e.kind == "canceled"] == ["REPLACED"]


def test_an_exit_sells_never_more_than_is_held():
    rows = [(100, 100, 100, 100)] * 3 + [(100, 106, 94, 100), HIGH]
    stage = Stage(5)
    stage.rule("in_", [1], stage.act("buy", ("qty", 4), exits=[stage.exit("stop", "price", 5)]))
    stage.rule("take", [2], stage.act("sell", order="limit", limit=103, gtc=True))
    ledger = play(stage, bars(rows))[0]
    assert fills(ledger) == [(2, 4, "in_"), (3, -4, "in_")]
    assert ledger.positions[0][-1] == 0


# target


def lean(weights, closes=None, **more):
    closes = closes or [100] * len(weights)
    stage = Stage(len(weights))
    on = [k for k, w in enumerate(weights) if w is not None]
    column = [0.0 if w is None else w for w in weights]
    stage.rule("lean", on, stage.act("target", ("equity", column)))
    return play(stage, bars(flat(*closes)), **more)[0]


def test_target_moves_to_a_weight_and_small_changes_are_not_sent():
    ledger = lean([0.4, 0.405, 0.2, 0.2, None, 0.0, None])
    assert fills(ledger) == [(1, 40, "lean"), (3, -20, "lean"), (6, -20, "lean")]
    assert [e.detail for e in ledger.events if e.kind == "ignored"] == ["BELOW_REBALANCE: change=50, threshold=100"]
    assert [f.reason for f in ledger.fills] == ["entry", "rebalance", "rule"]


def test_a_constant_target_does_not_churn():
    closes = [100, 100.1, 99.9, 100.2, 100, 99.8]
    assert len(lean([0.4] * 6, closes).fills) == 1


def test_target_through_zero_is_a_reversal():
    ledger = lean([0.4, -0.4, None, None])
    assert fills(ledger) == [(1, 40, "lean"), (2, -40, "lean"), (2, -40, "lean")]
    assert [f.reason for f in ledger.fills] == ["entry", "reversal", "reversal"]


def test_a_target_towards_zero_suppresses_entries_and_filters_do_not_stop_it():
    stage = Stage(12)
    stage.rule("lean", [1, 5], stage.act("target", ("equity", [0.4] * 4 + [0.1] * 8)))
    stage.rule("add", [5], stage.act("short", ("qty", 1)))
    stage.filter("early", [1, 2, 3])
    ledger = play(stage, bars(FLAT))[0]
    assert fills(ledger) == [(2, 40, "lean"), (6, -30, "lean")]
    assert ledger.counts["suppressed"] == 1


# Legs


LEG = LegInput("btc", bars(flat(*[50] * 12), instrument=Instrument("LEG", kind="stock", lot=1.0)))


def test_legs_leave_together_and_are_scaled_by_one_factor():
    stage = Stage(12, legs=1)
    stage.rule("pair", [1], stage.act("buy", ("equity", 0.9)), stage.act("buy", ("equity", 0.6), on="btc"))
    ledger = play(stage, bars(FLAT), legs=[LEG])[0]
    first, second = ledger.fills
    assert first.quantity == pytest.approx(10_000 * 0.9 / 1.5 / 100)
    assert second.quantity == 80
    assert ledger.counts["cut"] == 2


@pytest.mark.parametrize("broken", ["na", "zero", "suppressed", "open", "limit"])
def test_if_one_leg_cannot_be_sent_none_is(broken):
    stage = Stage(12, legs=1)
    amount = {"na": float("nan"), "zero": 0.4}.get(broken, 10.0)
    stage.rule("pair", [3], stage.act("short", ("qty", 2)), stage.act("buy", ("qty", amount), on="btc"))
    if broken == "suppressed":
        stage.rule("no", [3], stage.act("close", on="btc"))
    if broken == "open":
        stage.rule("before", [1], stage.act("buy", ("qty", 1), on="btc"))
    if broken == "limit":
        stage.limit("max_open", 1, "count")
    ledger = play(stage, bars(FLAT), legs=[LEG])[0]
    assert [f for f in ledger.fills if f.rule == "pair"] == []
    assert {e.kind for e in ledger.events if e.rule == "pair"} & {"ignored", "denied"}


def test_closing_legs_closes_what_is_there():
    stage = Stage(12, legs=1)
    stage.rule("pair", [1], stage.act("short", ("qty", 2)), stage.act("buy", ("qty", 4), on="btc"))
    stage.rule("done", [5, 7], stage.act("close"), stage.act("close", on="btc"))
    ledger = play(stage, bars(FLAT), legs=[LEG])[0]
    assert [(f.symbol, f.side * f.quantity) for f in ledger.fills] == [(0, -2), (1, 4), (0, 2), (1, -4)]
    assert ledger.positions[1].tolist()[-1] == 0


def test_a_group_that_closes_one_side_may_open_the_other():
    stage = Stage(12)
    stage.rule("up", [1, 7], stage.act("cover"), stage.act("buy", ("qty", 2)))
    stage.rule("down", [4], stage.act("sell"), stage.act("short", ("qty", 3)))
    ledger = play(stage, bars(FLAT))[0]
    assert [(f.bar, f.side * f.quantity) for f in ledger.fills] == [(2, 2), (5, -2), (5, -3), (8, 3), (8, 2)]


def test_a_group_does_not_reverse_a_position_that_it_closes_in_part():
    stage = Stage(12)
    stage.rule("up", [1], stage.act("buy", ("qty", 4)))
    stage.rule("down", [4], stage.act("sell", ("qty", 1)), stage.act("short", ("qty", 3)))
    ledger = play(stage, bars(FLAT))[0]
    assert [(f.bar, f.side * f.quantity) for f in ledger.fills] == [(2, 4)]
    assert ledger.counts["ignored"] == 1


def test_what_a_group_closes_leaves_room_under_a_limit():
    stage = Stage(12)
    stage.limit("max_exposure", 0.5)
    stage.rule("up", [1], stage.act("buy", ("qty", 40)))
    stage.rule("down", [4], stage.act("sell"), stage.act("short", ("qty", 40)))
    ledger = play(stage, bars(FLAT))[0]
    assert [(f.bar, f.side * f.quantity) for f in ledger.fills] == [(2, 40), (5, -40), (5, -40)]


@pytest.mark.parametrize("amount", [float("nan"), 0.0])
def test_closing_legs_are_sent_together_or_not_at_all(amount):
    stage = Stage(12, legs=1)
    stage.rule("pair", [1], stage.act("short", ("qty", 2)), stage.act("buy", ("qty", 4), on="btc"))
    stage.rule("done", [5], stage.act("close"), stage.act("close", ("qty", amount), on="btc"))
    ledger = play(stage, bars(FLAT), legs=[LEG])[0]
    assert len(ledger.fills) == 2
    assert sorted(e.detail for e in ledger.events if e.rule == "done")[1].startswith("LEG_NOT_SENT")


def test_symbols_are_filled_in_source_order_and_sized_on_one_equity():
    stage = Stage(4)
    stage.rule("enter", [1], stage.act("buy", ("equity", 0.4)))
    other = bars(flat(100, 100, 110, 120), instrument=Instrument("OTHER", kind="stock"))
    ledger = play(stage, bars(flat(100, 100, 90, 80), instrument=STOCK), others=[other])[0]
    assert [(f.symbol, f.quantity) for f in ledger.fills] == [(0, 40), (1, 40)]
    assert ledger.equity.tolist() == pytest.approx([10_000, 10_000, 10_000 - 400 + 400, 10_000])


def test_symbols_with_different_stamps_share_one_clock():
    import dataclasses

    stage = Stage(4)
    stage.rule("enter", [1], stage.act("buy", ("qty", 1)))
    other = bars(flat(50, 50, 50, 50), instrument=Instrument("OTHER", kind="stock"))
    shifted = dataclasses.replace(other, ts=other.ts + 1_800_000_000_000, open_ts=other.open_ts + 1_800_000_000_000)
    ledger = play(stage, bars(flat(100, 100, 100, 100)), others=[shifted])[0]
    assert len(ledger.clock) == 8
    assert [(f.symbol, f.bar) for f in ledger.fills] == [(0, 2), (1, 2)]
    assert len(ledger.positions[1]) == 4
