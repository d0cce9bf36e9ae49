"""The risk block: base, moment, effect and reset of each limit."""

from __future__ import annotations

import pytest
from stage import Stage, bars, flat, play

from lingua.trading.instrument import Instrument


def run(closes, on, *limits, amount=("equity", 1.0), leave=(), exits=(), **more):
    stage = Stage(len(closes))
    stage.rule("in_", on, stage.act("buy", amount, exits=[stage.exit(*e) for e in exits]))
    stage.rule("out", leave, stage.act("sell"))
    for limit in limits:
        args, names = limit if isinstance(limit, tuple) and isinstance(limit[-1], dict) else (limit, {})
        stage.limit(*args, **names)
    return play(stage, bars(flat(*closes)), **more)[0]


def bars_of(ledger, side=1):
    return [f.bar for f in ledger.fills if f.side == side]


def test_drawdown_halts_for_good_and_exits_go_on():
    closes = [100, 100, 100, 120, 101, 101, 101, 130, 130, 130]
    ledger = run(closes, [1, 6, 8], (("max_drawdown", 0.15), {"effect": "halt"}), leave=[5])
    assert ledger.halted_at == 4
    assert bars_of(ledger) == [2]
    assert bars_of(ledger, -1) == [6]
    assert {e.detail for e in ledger.events if e.kind == "halted"} == {"HALTED_BY: MAX_DRAWDOWN"}


@pytest.mark.parametrize("limit", [0.5, 0.1])
def test_a_halt_withdraws_working_entries(limit):
    closes = [100, 100, 100, 80, 80, 70, 70]
    stage = Stage(7)
    stage.rule("in_", [1], stage.act("buy", ("equity", 0.8)))
    stage.rule("add", [2], stage.act("buy", ("qty", 1), order="limit", limit=71, gtc=True))
    stage.limit("max_drawdown", limit, effect="halt")
    ledger = play(stage, bars(flat(*closes)), pyramid=(3, "price", -100.0))[0]
    assert [f.rule for f in ledger.fills] == (["in_", "add"] if limit == 0.5 else ["in_"])


def test_flatten_closes_too():
    closes = [100, 100, 100, 80, 80, 80, 80]
    ledger = run(closes, [1, 5], (("max_drawdown", 0.15), {"effect": "flatten"}))
    assert bars_of(ledger) == [2]
    assert [(f.bar, f.reason) for f in ledger.fills if f.side < 0] == [(4, "flatten")]
    assert ledger.trades[0].exit_rule == "flatten"


def test_daily_loss_is_measured_from_the_start_of_the_session_and_lasts_until_the_next():
    # 24 bars a day; bought at 100 on day 0 at 110 by its end; day 1 falls 5 %.
    closes = [100] * 3 + [110] * 21 + [110, 104, 104] + [104] * 21 + [104] * 4
    on = [1, 26, 30, 48, 49]
    ledger = run(closes, on, (("daily_loss", 0.05), {"effect": "flatten", "lasting": ("sessions", 1.0)}))
    assert [(f.bar, f.reason) for f in ledger.fills if f.side < 0] == [(26, "flatten")]
    # Entries of bars 26 and 30 are halted; day 2 begins with the bar that opens at bar 48.
    assert bars_of(ledger) == [2, 49]
    # From the high of the day it would have been less: 110 -> 104 is 5.45 % of the session's start.
    assert run(closes, on, (("daily_loss", 0.06), {"effect": "flatten"})).halted_at is None


def test_a_loss_limit_without_effect_blocks_entries_while_it_is_breached():
    closes = [100, 100, 100, 90, 90, 100, 100, 100]
    some = {"amount": ("equity", 0.8), "pyramid": (3, "price", -50.0)}
    ledger = run(closes, [1, 4, 6], (("daily_loss", 0.05), {}), **some)
    assert bars_of(ledger) == [2, 7]
    halted = [e.bar for e in ledger.events if e.kind == "halted"]
    assert halted == [4]


def test_max_orders_counts_entries_in_their_period():
    closes = [100] * 30
    ledger = run(closes, range(0, 30, 2), (("max_orders", 2, "count"), {"per": "day"}), leave=range(1, 30, 2))
    assert bars_of(ledger) == [1, 3, 25, 27]
    denied = [e.detail for e in ledger.events if e.kind == "denied"]
    assert denied[0] == "MAX_ORDERS: limit=2, would be 3"


def test_exposure_cuts_to_fit_and_refuses_below_half():
    closes = [100] * 4
    ledger = run(closes, [1], (("max_exposure", 0.6), {}), amount=("equity", 1.0))
    assert [f.quantity for f in ledger.fills] == pytest.approx([60])
    ledger = run(closes, [1], (("max_exposure", 0.4), {}), amount=("equity", 1.0))
    assert ledger.fills == []
    assert [e.detail for e in ledger.events] == ["MAX_EXPOSURE: limit=4000, would be 10000"]


def test_max_weight_is_of_one_symbol():
    stage = Stage(4)
    stage.rule("in_", [1], stage.act("buy", ("equity", 0.4)))
    stage.limit("max_weight", 0.3)
    other = bars(flat(*[50] * 4), instrument=Instrument("OTHER", kind="stock"))
    ledger = play(stage, bars(flat(*[100] * 4)), others=[other])[0]
    assert [f.quantity for f in ledger.fills] == pytest.approx([30, 60])


def test_max_open_counts_units_and_working_entries():
    stage = Stage(12)
    stage.rule("in_", range(1, 8), stage.act("buy", ("qty", 1)))
    stage.limit("max_open", 2, "count")
    ledger = play(stage, bars(flat(*[100] * 12)), pyramid=(4, "price", 0.0))[0]
    assert len(ledger.fills) == 2
    assert "MAX_OPEN: limit=2, would be 3" in {e.detail for e in ledger.events}


def test_max_open_risk_adds_up_the_stops():
    stage = Stage(12)
    exits = [stage.exit("stop", "price", 5)]
    stage.rule("in_", range(1, 8), stage.act("buy", ("risk", 0.01), exits=exits))
    stage.limit("max_open_risk", 0.025)
    ledger = play(stage, bars(flat(*[100] * 12)), pyramid=(5, "price", 0.0))[0]
    # 100 each: two whole ones, then half of one fits 250 exactly.
    assert [f.quantity for f in ledger.fills] == pytest.approx([20, 20, 10])


def test_max_turnover_per_month():
    closes = [100] * 10
    ledger = run(closes, range(0, 10, 2), (("max_turnover", 2.5), {"per": "month"}), leave=range(1, 10, 2))
    # In and out is 2; a third 10,000 does not fit the 5,000 left, half of it does.
    assert [f.quantity for f in ledger.fills] == pytest.approx([100, 100, 50, 50])


def test_max_holding_closes_after_its_length():
    ledger = run([100] * 12, [1], (("max_holding", 4, "bars"), {"effect": "flatten"}))
    assert [(f.bar, f.reason) for f in ledger.fills] == [(2, "entry"), (6, "flatten")]
    assert ledger.halted_at is None
    ledger = run([100] * 60, [1], (("max_holding", 1, "sessions"), {"effect": "flatten"}))
    assert [f.bar for f in ledger.fills] == [2, 26]


def test_cooldown_waits_after_a_close():
    ledger = run([100] * 12, [1, 4, 5, 6, 7, 8], (("cooldown", 3, "bars"), {}), leave=[3])
    assert bars_of(ledger) == [2, 8]
    assert next(e.detail for e in ledger.events if e.kind == "denied") == "COOLDOWN: limit=3, would be 0"


def test_nothing_blocks_an_exit():
    closes = [100, 100, 100, 70, 70, 70]
    ledger = run(closes, [1], (("max_drawdown", 0.1), {"effect": "halt"}), (("max_orders", 1, "count"), {}), leave=[4])
    assert bars_of(ledger, -1) == [5]


def test_an_unknown_limit_is_named():
    with pytest.raises(ValueError, match="no limit 'max_luck'"):
        run([100] * 3, [1], (("max_luck", 1.0), {}))
