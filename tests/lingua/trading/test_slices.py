"""Orders that are sent in slices over a window, by time and by volume: on ledgers small enough to add up by hand."""

from __future__ import annotations

import numpy as np
import pytest
from stage import STOCK, Stage, bars, flat, play

from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

LOTS = Instrument("TEST", kind="stock", lot=1.0)
COIN = Instrument("TEST", kind="stock", lot=1.0, calendar="24x7")
N = 12
FREE = Execution(cash_buffer=0.0)


def played(
    *acts, rows=None, volume=None, instrument=LOTS, execution=FREE, more=(), capital=100_000.0, detail=None, at=1
):
    rows = rows or flat(*[100] * N)
    stage = Stage(len(rows))
    stage.rule("first", [at], *(stage.act(*act, **options) for act, options in acts))
    for add in more:
        add(stage)
    ledger, _ = play(
        stage, bars(rows, instrument=instrument, volume=volume), execution=execution, capital=capital, detail=detail
    )
    return ledger


def fills(ledger):
    return [(f.bar, f.side * f.quantity, f.price) for f in ledger.fills]


def buy(quantity=12, **options):
    return ("buy", ("qty", quantity)), {"order": "twap", "life": 4, **options}


def test_equal_parts_leave_at_the_open_of_each_bar_of_the_window():
    rows = flat(100, 100, 101, 102, 103, 104, 105, 106)
    assert fills(played(buy(), rows=rows)) == [(2, 3, 100), (3, 3, 101), (4, 3, 102), (5, 3, 103)]


def test_a_window_of_time_is_counted_in_base_bars():
    order = ("buy", ("qty", 12)), {"order": "twap", "seconds": 3 * 3600.0}
    assert fills(played(order)) == [(2, 4, 100), (3, 4, 100), (4, 4, 100)]


def test_parts_are_whole_lots_and_add_up_to_the_order():
    found = fills(played(buy(10)))
    assert found == [(2, 2, 100), (3, 3, 100), (4, 2, 100), (5, 3, 100)]


def test_a_part_too_small_for_the_venue_waits_for_the_next_and_none_is_left_over():
    terms = Instrument("TEST", kind="stock", lot=1.0, min_notional=500.0)
    assert fills(played(buy(12), instrument=terms)) == [(3, 6, 100), (5, 6, 100)]
    assert fills(played(buy(14), instrument=terms)) == [(3, 7, 100), (5, 7, 100)]
    assert fills(played(buy(8), instrument=terms)) == [(4, 8, 100)], "what would be left could not be sent"


def test_the_volume_of_a_bar_bounds_its_part_and_what_is_missing_is_due_with_the_next():
    volume = [1e9, 1e9, 10, 40, 40, 40, 40, 40, 40, 40, 40, 40]
    share = Execution(cash_buffer=0.0, fill_share=0.1)
    assert fills(played(buy(12), volume=volume, execution=share)) == [
        (2, 1, 100),
        (3, 4, 100),
        (4, 4, 100),
        (5, 3, 100),
    ]


def test_what_volume_did_not_give_by_the_end_of_the_window_is_not_sent():
    volume = [1e9, 1e9, *[20] * 10]
    ledger = played(buy(12), volume=volume, execution=Execution(cash_buffer=0.0, fill_share=0.1))
    assert fills(ledger) == [(2, 2, 100), (3, 2, 100), (4, 2, 100), (5, 2, 100)]
    assert ledger.counts["expired"] == 1


def test_finer_bars_share_the_part_of_their_bar():
    fine = bars(flat(*[100] * (4 * N)), instrument=LOTS, timeframe="15m")
    ledger = played(buy(32), detail=fine)
    assert [q for _, q, _ in fills(ledger)] == [2] * 16
    assert [b for b, *_ in fills(ledger)] == [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4


def test_volume_parts_follow_what_those_hours_usually_trade():
    """Days in which the first hours trade nothing like the rest; the window lies over a change of them."""
    day = [10.0] * 6 + [30.0] * 6 + [20.0] * 12
    ledger = played(
        (("buy", ("qty", 80)), {"order": "vwap", "life": 4}), rows=flat(*[100] * 72), volume=day * 3, instrument=COIN,
        at=24 + 3,
    )  # fmt: skip
    # Bars 28 to 31 stand at the hours 4 to 7: 10, 10, 30, 30.
    assert fills(ledger) == [(28, 10, 100), (29, 10, 100), (30, 30, 100), (31, 30, 100)]


def test_without_volumes_parts_are_equal():
    order = ("buy", ("qty", 12)), {"order": "vwap", "life": 4}
    assert [q for _, q, _ in fills(played(order))] == [3] * 4


def test_one_unit_is_built_and_its_stop_covers_what_has_been_filled():
    rows = [*flat(100, 100, 100, 100), (100, 100, 90, 100), *flat(*[100] * 5)]
    stage_exit = {"exits": None}

    def ledger_of():
        stage = Stage(len(rows))
        stage.rule(
            "in", [1], stage.act("buy", ("qty", 12), order="twap", life=4, exits=[stage.exit("stop", "price", 5)])
        )
        return play(stage, bars(rows, instrument=LOTS), execution=FREE, capital=100_000.0)[0]

    ledger = ledger_of()
    assert stage_exit
    # Bars 2, 3 and 4 fill three each; bar 4 falls to 90: the stop at 95 takes the nine, and no more is bought.
    assert fills(ledger) == [(2, 3, 100), (3, 3, 100), (4, 3, 100), (4, -9, 95)]
    assert len(ledger.trades) == 1
    assert ledger.counts["canceled"] == 1


def test_a_rules_exit_withdraws_the_rest():
    def leave(stage):
        stage.rule("out", [3], stage.act("close"))

    ledger = played(buy(), more=[leave])
    assert fills(ledger) == [(2, 3, 100), (3, 3, 100), (4, -6, 100)]


def test_an_exit_in_slices_is_overtaken_by_one_at_once():
    def leave(stage):
        stage.rule("slow", [3], stage.act("sell", order="twap", life=6))

    def hurry(stage):
        stage.rule("panic", [5], stage.act("close"))

    ledger = played((("buy", ("qty", 12)), {}), more=[leave, hurry])
    assert fills(ledger) == [(2, 12, 100), (4, -2, 100), (5, -2, 100), (6, -8, 100)]


def test_an_exit_in_slices_is_sent_once_while_its_condition_lasts():
    def leave(stage):
        stage.rule("slow", [3, 4, 5, 6], stage.act("sell", order="twap", life=4))

    ledger = played((("buy", ("qty", 12)), {}), more=[leave])
    assert fills(ledger) == [(2, 12, 100), *((b, -3, 100) for b in (4, 5, 6, 7))]


def test_each_part_is_slipped_by_its_own_size():
    share = Execution(cash_buffer=0.0, slippage_volume_share=0.1)
    at_once = played((("buy", ("qty", 40)), {}), volume=[100] * N, execution=share)
    spread = played(buy(40), volume=[100] * N, execution=share)
    assert at_once.fills[0].price == pytest.approx(104.0)
    assert [f.price for f in spread.fills] == pytest.approx([101.0] * 4)


def test_orders_as_a_whole_keep_their_cash():
    """Nothing else can spend what the later slices need."""

    def other(stage):
        stage.rule("more", [2], stage.act("target", ("equity", 1.0)))

    ledger = played(buy(900), more=[other])
    assert np.all(ledger.equity > 0)
    assert not ledger.counts.get("rejected")


def test_the_plain_instrument_without_lots_is_spread_exactly():
    found = fills(played(buy(10), instrument=STOCK))
    assert [q for _, q, _ in found] == pytest.approx([2.5] * 4)
