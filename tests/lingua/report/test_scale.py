from __future__ import annotations

from dataclasses import replace

import numpy as np

from lingua.report.payload import payload
from lingua.report.scale import drawn_bars, scale_of


def halved(runs):
    """A run whose symbol was split 2 for 1 before its last bar."""
    run = runs.make_hand_run()
    bars = run.bars[0]
    factor = np.where(np.arange(len(bars)) < len(bars) - 1, 1.0, 2.0)
    return replace(run, bars=[replace(bars, factor=factor), *run.bars[1:]])


def test_bars_before_a_split_are_drawn_in_todays_scale(runs):
    run = halved(runs)
    bars, drawn = run.bars[0], drawn_bars(run.bars[0])
    half = len(bars) - 1
    np.testing.assert_array_equal(drawn.close[:half], bars.close[:half] / 2)
    np.testing.assert_array_equal(drawn.close[half:], bars.close[half:])
    np.testing.assert_array_equal(drawn.volume[:half], bars.volume[:half] * 2)


def test_bars_without_a_split_are_drawn_as_they_are(runs):
    bars = runs.make_hand_run().bars[0]
    assert scale_of(bars) is None
    assert drawn_bars(bars) is bars


def test_marks_of_trades_share_the_scale_of_the_bars_and_tables_do_not(runs):
    run, plain = halved(runs), runs.make_hand_run()
    data, untouched = payload(run), payload(plain)
    half = len(run.bars[0]) - 1
    expected = [1 if trade.exit_bar is None or trade.exit_bar >= half else 0.5 for trade in run.ledger.trades]
    assert data["trades"]["scale"] == expected
    assert 0.5 in expected
    assert data["trades"]["entryPrice"] == untouched["trades"]["entryPrice"]
    assert data["symbols"][0]["restated"]
    assert not untouched["symbols"][0]["restated"]
