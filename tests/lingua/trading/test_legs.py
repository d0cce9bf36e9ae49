"""Groups of legs that break: one leg has filled, another has not. Every ledger adds up on paper."""

from __future__ import annotations

import json

import pytest
from stage import Stage, bars, flat, play

from lingua.trading import setup
from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput
from lingua.trading.instrument import Instrument

N = 12
FLAT = flat(*[100] * N)
TERMS = Instrument("LEG", kind="stock", lot=1.0)
LEG = LegInput("btc", bars(flat(*[50] * N), instrument=TERMS))
# Bar 3 opens at 500: a leg that goes to the market there cannot be paid.
DEAR = LegInput("btc", bars([(50, 50, 50, 50)] * 3 + [(500, 500, 50, 50)] + [(50, 50, 50, 50)] * 8, instrument=TERMS))


def pair(leg=LEG, *, quantity=10.0, order=None, first=None, more=(), **options):
    """Short 2 at 100 and buy on btc at the close of bar 1; (market, bar, quantity, price, reason) of fills."""
    stage = Stage(N, legs=1)
    stage.rule(
        "pair", [1], stage.act("short", ("qty", 2), **(first or {})),
        stage.act("buy", ("qty", quantity), on="btc", **(order or {})),
    )  # fmt: skip
    for add in more:
        add(stage)
    ledger, _ = play(stage, bars(FLAT), legs=[leg], execution=Execution(cash_buffer=0.0, **options))
    return [(f.symbol, f.bar, f.side * f.quantity, f.price, f.reason) for f in ledger.fills], ledger


REST = {"order": "limit", "limit": 40, "gtc": True}


def test_a_leg_that_the_account_cannot_pay_takes_the_other_out_again():
    # 150 at 50 is 7,500 of 10,000 at the decision; the open of 500 would need 75,000.
    gap = LegInput("btc", bars([(50, 50, 50, 50)] * 2 + [(500, 500, 50, 50)] * 10, instrument=TERMS))
    fills, ledger = pair(gap, quantity=150)
    assert fills == [(0, 2, -2, 100, "entry"), (0, 3, 2, 100, "unwind")]
    assert ledger.counts["broken"] == 1
    assert ledger.counts["rejected"] == 1
    assert [t.exit_rule for t in ledger.trades] == ["unwind"]
    (broken,) = [e for e in ledger.events if e.kind == "broken"]
    assert (broken.symbol, broken.bar, broken.quantity) == (1, 2, 150)
    assert broken.detail == "LEG_BROKEN: filled legs=1, legs=2"
    assert ledger.positions[0].tolist()[2:4] == [-2, 0]


def test_a_leg_that_rests_goes_to_the_market_once_the_time_is_over():
    fills, ledger = pair(order=REST)
    assert fills == [(0, 2, -2, 100, "entry"), (1, 3, 10, 50, "entry")]
    assert ledger.counts["broken"] == 1
    assert ledger.counts["canceled"] == 1
    fills, _ = pair(order=REST, leg_timeout_s=3 * 3600.0)  # the first filled at the open of bar 2
    assert fills == [(0, 2, -2, 100, "entry"), (1, 5, 10, 50, "entry")]


def test_a_leg_whose_life_ends_before_the_time_is_sent_again():
    fills, ledger = pair(order={"order": "limit", "limit": 40, "life": 2}, leg_timeout_s=1e6)
    assert fills == [(0, 2, -2, 100, "entry"), (1, 4, 10, 50, "entry")]
    assert ledger.counts["expired"] == 1


def test_a_broken_group_can_be_taken_out_instead():
    fills, ledger = pair(order=REST, on_broken="unwind")
    assert fills == [(0, 2, -2, 100, "entry"), (0, 3, 2, 100, "unwind")]
    assert not any(e.symbol == 1 and e.kind == "filled" for e in ledger.events)


def test_a_leg_is_sent_again_once():
    fills, ledger = pair(DEAR, quantity=150, order=REST)
    assert fills == [(0, 2, -2, 100, "entry"), (0, 4, 2, 100, "unwind")]
    assert ledger.counts["broken"] == 2
    assert ledger.counts["rejected"] == 1


def test_when_no_leg_has_filled_the_rest_is_withdrawn():
    fills, ledger = pair(
        first={"order": "limit", "limit": 120, "life": 2}, order=REST, leg_timeout_s=1e6
    )  # fmt: skip
    assert fills == []
    assert "broken" not in ledger.counts
    assert [e.detail for e in ledger.events if e.kind == "canceled"] == [
        "LEGS_APART: another leg of the group did not fill"
    ]


def test_a_leg_that_the_strategy_withdraws_is_no_break():
    def give_up(stage):
        stage.rule("off", [3], stage.act("cancel"), stage.act("cancel", on="btc"))

    fills, ledger = pair(order=REST, leg_timeout_s=1e6, more=[give_up])
    assert fills == [(0, 2, -2, 100, "entry")]
    assert "broken" not in ledger.counts


def test_a_leg_that_a_halt_withdraws_takes_the_other_out_again():
    stage = Stage(N, legs=1)
    stage.limit("max_drawdown", 0.01, effect="halt")
    stage.rule("pair", [1], stage.act("short", ("qty", 20)), stage.act("buy", ("qty", 10), on="btc", **REST))
    rising = flat(*[100] * 4, 110, *[110] * 7)  # 20 times 10 is 2 % of 10,000
    ledger, _ = play(
        stage, bars(rising), legs=[LEG], execution=Execution(cash_buffer=0.0, leg_timeout_s=1e6)
    )  # fmt: skip
    assert [(f.bar, f.side * f.quantity, f.reason) for f in ledger.fills] == [(2, -20, "entry"), (5, 20, "unwind")]


def test_a_leg_whose_partner_was_stopped_is_not_completed():
    stage = Stage(N, legs=1)
    exits = [stage.exit("stop", "price", 5)]
    stage.rule(
        "pair", [1], stage.act("short", ("qty", 2), exits=exits), stage.act("buy", ("qty", 10), on="btc", **REST)
    )  # fmt: skip
    jump = [(100, 100, 100, 100)] * 2 + [(100, 110, 100, 100)] + [(100, 100, 100, 100)] * 9
    ledger, _ = play(stage, bars(jump), legs=[LEG])
    assert [(f.symbol, f.bar, f.price, f.reason) for f in ledger.fills] == [(0, 2, 100, "entry"), (0, 2, 105, "stop")]
    assert ledger.counts["broken"] == 1


def test_volume_that_is_short_is_waited_for():
    thin = LegInput("btc", bars(flat(*[50] * N), instrument=TERMS, volume=[8] * N))
    fills, ledger = pair(thin, fill_share=0.5)
    assert [f[:3] for f in fills] == [(0, 2, -2), (1, 2, 4), (1, 3, 4), (1, 4, 2)]
    assert "broken" not in ledger.counts


@pytest.mark.parametrize("at", [2, 3, 4])
def test_a_broken_group_survives_a_restart(at):
    whole, first, second = build(), build(), build()
    expected = whole.run()
    first.run(until=at)
    second.restore(json.loads(json.dumps(first.snapshot())))
    ledger = second.run()
    assert ledger.counts["broken"] == 2
    assert (repr(ledger.fills), repr(ledger.events)) == (repr(expected.fills), repr(expected.events))


def build():
    """A run before its first bar: its group breaks twice."""
    stage = Stage(N, legs=1)
    stage.rule("pair", [1], stage.act("short", ("qty", 2)), stage.act("buy", ("qty", 150), on="btc", **REST))
    return setup.build(
        stage.program(), stage.slot_of, [stage.symbol(bars(FLAT))], [DEAR], Execution(cash_buffer=0.0), 10_000.0
    )
