"""What holds for every program and every series of bars, tried on random ones (`wild`)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wild import Wild, told

SEEDS = st.integers(min_value=0, max_value=1_000_000)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS)
def test_the_books_agree_after_every_instant(seed):
    wild = Wild(seed)
    ledger = wild.build().run_checked()
    assert ledger.equity == pytest.approx(ledger.cash + ledger.exposure)
    earned = sum(trade.pnl for trade in ledger.trades) - ledger.costs["interest"]
    # Splits of fractional dust and swept dust are told in no trade; everything else is.
    if (
        wild.series[0].instrument.fee_asset == "quote"
        and not any(s.instrument.lot for s in wild.series)
        and not wild.legs
    ):
        assert ledger.equity[-1] - 10_000.0 == pytest.approx(earned, abs=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS)
def test_passing_over_quiet_bars_changes_nothing(seed):
    wild = Wild(seed)
    assert told(wild.build().run()) == told(wild.build(skips=False).run())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS, st.integers(min_value=2, max_value=118))
def test_no_fill_or_event_changes_when_a_later_bar_does(seed, bar):
    wild = Wild(seed)
    whole = told(wild.build().run(), bar)
    assert told(wild.build(upto=bar).run(), bar) == whole
    ruined = wild.build(changed_from=bar).run()
    assert told(ruined, bar) == whole


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, st.integers(min_value=1, max_value=119))
def test_a_run_goes_on_from_its_snapshot_as_if_never_stopped(seed, bar):
    wild = Wild(seed)
    run = wild.build()
    run.run(until=bar)
    text = json.dumps(run.snapshot(), allow_nan=False)
    again = wild.build()
    again.restore(json.loads(text))
    assert told(again.run()) == told(wild.build().run())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, st.integers(min_value=1, max_value=119))
def test_one_bar_at_a_time_is_the_batch(seed, bar):
    wild = Wild(seed)
    run = wild.build(upto=bar)
    run.run()
    assert told(wild.go_live(run, bar)) == told(wild.build().run())
