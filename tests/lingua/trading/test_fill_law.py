"""The fill law, sentence by sentence, on ledgers small enough to add up by hand.

Every case has a bar that decides (bar 1) and bars that follow; prices are whole numbers around 100.
"""

from __future__ import annotations

import numpy as np
import pytest
from stage import STOCK, Stage, bars, flat, play

from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

TICK = Instrument("TEST", kind="stock", tick=1.0)
BEFORE = [(100, 100, 100, 100), (100, 100, 100, 100)]


def prices(ledger):
    return [(f.bar, f.side, f.price, f.reason) for f in ledger.fills]


def entry(order, after, *, exits=(), verb="buy", execution=None, instrument=TICK, **more):
    """One order of 10 decided at the close of bar 1; `after` are the bars from bar 2 on."""
    rows = [*BEFORE, *after]
    stage = Stage(len(rows))
    made = [stage.exit(*e[:3], **(e[3] if len(e) > 3 else {})) for e in exits]
    stage.rule("enter", [1], stage.act(verb, ("qty", 10), exits=made, **order))
    ledger, _ = play(stage, bars(rows, instrument=instrument), execution=execution, capital=100_000.0, **more)
    return ledger


ENTRIES = [
    # what, order, next bar (open high low close), expected (bar, price) or None
    ("a market order fills at the next open", {}, (103, 106, 99, 101), (2, 103)),
    ("a limit fills at its price when traded through", {"order": "limit", "limit": 98}, (100, 101, 97, 99), (2, 98)),
    ("a limit that is only touched does not fill", {"order": "limit", "limit": 98}, (100, 101, 98, 99), None),
    ("a limit fills at a better open", {"order": "limit", "limit": 98}, (95, 99, 94, 96), (2, 95)),
    ("an open equal to the limit is a touch", {"order": "limit", "limit": 98}, (98, 99, 98, 99), None),
    ("a stop fills at its level", {"order": "stop", "stop": 102}, (100, 103, 99, 101), (2, 102)),
    ("a touched stop triggers", {"order": "stop", "stop": 102}, (100, 102, 99, 101), (2, 102)),
    ("a stop jumped over fills at the worse open", {"order": "stop", "stop": 102}, (104, 105, 103, 104), (2, 104)),
    ("a stop not reached does not fill", {"order": "stop", "stop": 102}, (100, 101, 99, 100), None),
    ("a stop-limit fills at the stop within its limit",
     {"order": "stop_limit", "stop": 102, "limit": 104}, (100, 105, 99, 103), (2, 102)),
    ("a stop-limit jumped over its limit does not fill",
     {"order": "stop_limit", "stop": 102, "limit": 103}, (105, 106, 104, 105), None),
    ("a stop-limit whose open is between stop and limit fills at the open",
     {"order": "stop_limit", "stop": 102, "limit": 105}, (103, 106, 101, 104), (2, 103)),
    ("a stop-limit with a limit below the stop fills when the close proves it",
     {"order": "stop_limit", "stop": 103, "limit": 101}, (100, 104, 99, 99), (2, 101)),
    ("a stop-limit with a limit below the stop waits when the close does not prove it",
     {"order": "stop_limit", "stop": 103, "limit": 101}, (100, 104, 99, 102), None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "order", "bar", "expected"), ENTRIES, ids=[e[0] for e in ENTRIES])
def test_an_entry_fills_where_the_law_says(what, order, bar, expected):
    found = [(f.bar, f.price) for f in entry(order, [bar]).fills]
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(("what", "order", "bar", "expected"), ENTRIES, ids=[e[0] for e in ENTRIES])
def test_a_short_entry_is_the_mirror_image(what, order, bar, expected):
    def mirror(x):
        return 200 - x

    turned = {name: mirror(x) if name in ("limit", "stop") else x for name, x in order.items()}
    o, h, low, c = bar
    ledger = entry(turned, [(mirror(o), mirror(low), mirror(h), mirror(c))], verb="short")
    found = [(f.bar, f.price) for f in ledger.fills]
    assert found == ([] if expected is None else [(expected[0], mirror(expected[1]))])


def test_a_touched_limit_fills_under_the_optimistic_option():
    ledger = entry(
        {"order": "limit", "limit": 98}, [(100, 101, 98, 99)], execution=Execution(limit_fill="touch", cash_buffer=0.0)
    )
    assert [(f.bar, f.price) for f in ledger.fills] == [(2, 98)]


def test_a_marketable_limit_takes_and_a_resting_one_makes_without_slippage():
    costs = Execution(commission=0.001, commission_maker=0.0002, slippage=0.01)
    taken = entry({"order": "limit", "limit": 105}, [(100, 101, 99, 100)], execution=costs).fills[0]
    assert (taken.price, taken.is_maker, taken.slippage) == (100, False, 0.0)
    assert taken.commission == pytest.approx(10 * 100 * 0.001)
    made = entry({"order": "limit", "limit": 98}, [(100, 101, 97, 99)], execution=costs).fills[0]
    assert (made.price, made.is_maker, made.slippage) == (98, True, 0.0)
    assert made.commission == pytest.approx(10 * 98 * 0.0002)


def test_a_limit_jumped_over_while_it_rests_fills_at_the_better_open_and_makes():
    order = {"order": "limit", "limit": 98, "life": 3}
    fill = entry(order, [(100, 101, 99, 100), (95, 96, 94, 95)]).fills[0]
    assert (fill.bar, fill.price, fill.is_maker) == (3, 95, True)


def test_slippage_is_against_the_trader_on_market_and_stop_fills_and_not_capped_by_the_bar():
    costs = Execution(slippage=0.05)
    assert entry({}, [(100, 101, 99, 100)], execution=costs).fills[0].price == 105
    assert entry({"order": "stop", "stop": 102}, [(100, 103, 99, 101)], execution=costs).fills[0].price == 102 * 1.05
    fill = entry({}, [(100, 101, 99, 100)], verb="short", execution=costs).fills[0]
    assert fill.price == 95
    assert fill.slippage == pytest.approx(50)


def test_slippage_in_ticks_and_by_share_of_volume_add_up():
    rows = [*BEFORE, (100, 101, 99, 100)]
    stage = Stage(3)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10)))
    costs = Execution(slippage_ticks=2, slippage_volume_share=0.1)
    ledger, _ = play(stage, bars(rows, instrument=TICK, volume=[100, 100, 100]), execution=costs)
    # two ticks of 1, and 100 * 0.1 * (10 / 100)
    assert ledger.fills[0].price == pytest.approx(100 + 2 + 1)


HELD = [
    # what, exits of a long of 10 filled at the open of bar 2, bars from 2 on, expected (bar, price, reason, doubt)
    ("a stop is live from the fill, on the entry bar", [("stop", "price", 3)],
     [(100, 101, 96, 100)], (2, 97, "stop", False)),
    ("a stop fills at the worse open", [("stop", "price", 3)],
     [(100, 101, 99, 100), (95, 99, 94, 98)], (3, 95, "stop", False)),
    ("a target needs trade-through", [("target", "price", 3)],
     [(100, 103, 99, 101)], None),
    ("a target fills at its level", [("target", "price", 3)],
     [(100, 104, 99, 101)], (2, 103, "target", False)),
    ("a target jumped over fills at the better open", [("target", "price", 3)],
     [(100, 101, 99, 100), (106, 107, 105, 106)], (3, 106, "target", False)),
    ("the stop comes before the target of one bar, and that is counted", [("stop", "price", 3), ("target", "price", 3)],
     [(100, 104, 96, 100)], (2, 97, "stop", True)),
    ("a stop jumped over is certain although the target lies in the bar",
     [("stop", "price", 3), ("target", "price", 3)],
     [(100, 101, 99, 100), (95, 110, 94, 100)], (3, 95, "stop", False)),
    ("a level stop above the fill exits at once", [("stop", "level", 99.5)],
     [(98, 101, 97, 100)], (2, 98, "stop", False)),
    ("a ratio is that share of the fill price", [("stop", "ratio", 0.05)],
     [(100, 101, 94, 100)], (2, 95, "stop", False)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "exits", "after", "expected"), HELD, ids=[h[0] for h in HELD])
def test_an_exit_fills_where_the_law_says(what, exits, after, expected):
    ledger = entry({}, after, exits=exits)
    found = [(f.bar, f.price, f.reason, f.is_ambiguous) for f in ledger.fills[1:]]
    assert found == ([] if expected is None else [expected])


STOP_LIMIT_BARS = [
    # what, order, exits, entry bar, expected exits (price, reason, doubt), entry fill doubtful
    ("adverse extremes of the entry bar count as later", {"order": "stop", "stop": 101}, [("stop", "level", 99)],
     (100, 102, 98, 101), [(99, "stop", True)], False),
    ("a close beyond the stop leaves no doubt", {"order": "stop", "stop": 101}, [("stop", "level", 99)],
     (100, 102, 97, 98), [(99, "stop", False)], False),
    ("below a limit entry the stop is certain", {"order": "limit", "limit": 98}, [("stop", "level", 96)],
     (100, 101, 95, 99), [(96, "stop", False)], False),
    ("the favourable extreme of the entry bar is ignored", {"order": "limit", "limit": 98}, [("target", "level", 102)],
     (100, 104, 97, 99), [], True),
    ("but the close counts", {"order": "limit", "limit": 98}, [("target", "level", 102)],
     (100, 105, 97, 104), [(102, "target", False)], False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "order", "exits", "bar", "expected", "doubt"), STOP_LIMIT_BARS, ids=[s[0] for s in STOP_LIMIT_BARS]
)
def test_the_bar_of_a_fill_away_from_the_open(what, order, exits, bar, expected, doubt):
    ledger = entry(order, [bar], exits=exits)
    assert [(f.price, f.reason, f.is_ambiguous) for f in ledger.fills[1:]] == expected
    assert ledger.fills[0].is_ambiguous is doubt
    assert ledger.counts["ambiguous"] == sum(f.is_ambiguous for f in ledger.fills)


def test_the_bar_of_the_specification_stops_out_at_a_loss_of_two():
    # Long at stop 101, protection 99; bar O100 H102 L98 C101.5: -2, not +0.5.
    ledger = entry(
        {"order": "stop", "stop": 101}, [(100, 102, 98, 101.5)], exits=[("stop", "level", 99)], instrument=STOCK
    )
    assert [t.pnl for t in ledger.trades] == [-20.0]


def test_the_favourable_run_of_an_envelope_takes_the_target_first():
    best = Execution(intrabar="favourable")
    both = [("stop", "price", 3), ("target", "price", 3)]
    assert prices(entry({}, [(100, 104, 96, 100)], exits=both, execution=best))[1] == (2, -1, 103, "target")
    held = entry({"order": "stop", "stop": 101}, [(100, 102, 98, 101)], exits=[("stop", "level", 99)], execution=best)
    assert len(held.fills) == 1
    assert held.fills[0].is_ambiguous


def test_stops_from_the_next_bar_leave_the_entry_bar_alone():
    late = Execution(stops_from="next_bar")
    ledger = entry({}, [(100, 101, 96, 100), (100, 101, 96, 100)], exits=[("stop", "price", 3)], execution=late)
    assert prices(ledger)[1] == (3, -1, 97, "stop")


def test_synthetic_and_volumeless_bars_never_fill_nor_trigger():
    rows = [*BEFORE, (100, 100, 90, 95), (96, 99, 94, 97), (98, 99, 97, 98)]
    stage = Stage(5)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10)))
    ledger, _ = play(stage, bars(rows, synthetic=[2]))
    assert prices(ledger) == [(3, 1, 96, "entry")]
    ledger, _ = play(stage, bars(rows, volume=[1, 1, 0, 0, 1]))
    assert prices(ledger) == [(4, 1, 98, "entry")]
    # Without any volume in the series every bar trades: none given, or 0 up to the bar. What comes later says nothing.
    for volume in (None, [0, 0, 0, 0, 0], [0, 0, 0, 0, 5]):
        ledger, _ = play(stage, bars(rows, volume=volume))
        assert prices(ledger) == [(2, 1, 100, "entry")]


def test_a_stop_is_not_triggered_by_an_invented_bar():
    rows = [*BEFORE, (100, 101, 99, 100), (90, 90, 80, 85), (100, 101, 99, 100)]
    stage = Stage(5)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=[stage.exit("stop", "price", 5)]))
    ledger, _ = play(stage, bars(rows, synthetic=[3]))
    assert prices(ledger) == [(2, 1, 100, "entry")]
    assert ledger.equity[3] == pytest.approx(10_000 + 10 * (85 - 100))


def test_latency_in_bars_and_in_seconds():
    after = [(101, 102, 100, 101), (103, 104, 102, 103), (105, 106, 104, 105)]
    assert prices(entry({}, after, execution=Execution(latency_bars=1)))[0][:3] == (3, 1, 103)
    assert prices(entry({}, after, execution=Execution(latency_s=7200.0)))[0][:3] == (4, 1, 105)
    # Shorter than the finest data: the next available price.
    assert prices(entry({}, after, execution=Execution(latency_s=0.25)))[0][:3] == (2, 1, 101)


def test_volume_lets_an_order_have_a_share_of_each_bar():
    rows = [*BEFORE, (101, 101, 101, 101), (102, 102, 102, 102), (103, 103, 103, 103)]
    stage = Stage(5)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10)))
    costs = Execution(fill_share=0.1, commission_per_order=1.0)
    ledger, _ = play(stage, bars(rows, volume=[40] * 5), execution=costs)
    assert [(f.bar, f.quantity, f.price, f.commission) for f in ledger.fills] == [
        (2, 4, 101, 1.0), (3, 4, 102, 0.0), (4, 2, 103, 0.0),
    ]  # fmt: skip
    assert ledger.counts["partially_filled"] == 2
    assert len(ledger.trades) == 1
    assert ledger.trades[0].entry_price == pytest.approx((4 * 101 + 4 * 102 + 2 * 103) / 10)


def test_what_volume_leaves_of_a_stop_goes_on_at_the_market():
    rows = [*BEFORE, (100, 100, 100, 100), (100, 100, 94, 96), (97, 98, 96, 98)]
    stage = Stage(5)
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=[stage.exit("stop", "price", 5)]))
    ledger, _ = play(stage, bars(rows, volume=[1000, 1000, 1000, 60, 1000]), execution=Execution(fill_share=0.1))
    assert [(f.bar, f.quantity, f.price, f.reason) for f in ledger.fills[1:]] == [
        (3, 6, 95, "stop"), (4, 4, 97, "stop"),
    ]  # fmt: skip


def test_finer_bars_replace_the_assumption():
    coarse = [*BEFORE, (100, 104, 96, 100)]
    stage = Stage(3)
    exits = [stage.exit("stop", "price", 3), stage.exit("target", "price", 3)]
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=exits))
    series = bars(coarse)
    fine = bars(
        [(100, 100, 100, 100)] * 8 + [(100, 104, 100, 103), (103, 103, 96, 97), (97, 98, 97, 98), (98, 100, 98, 100)],
        timeframe="15m",
    )
    assert prices(play(stage, series)[0])[1] == (2, -1, 97, "stop")
    ledger, _ = play(stage, series, detail=fine)
    assert prices(ledger)[1] == (2, -1, 103, "target")
    assert ledger.counts["ambiguous"] == 0
    assert ledger.fills[1].ts == int(fine.ts[8])


def test_finer_bars_that_do_not_cover_a_bar_are_not_used():
    rows = [*BEFORE, (100, 104, 96, 100)]
    stage = Stage(3)
    exits = [stage.exit("stop", "price", 3), stage.exit("target", "price", 3)]
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=exits))
    fine = bars([(100, 100, 100, 100)] * 8 + [(100, 104, 100, 103)], timeframe="15m")
    assert prices(play(stage, bars(rows), detail=fine)[0])[1] == (2, -1, 97, "stop")


def test_an_order_never_fills_on_a_bar_that_opened_before_it_left():
    # Decided at the close of bar 1; the leg's daily bar of that day opened long before.
    from lingua.trading.inputs import LegInput

    stage = Stage(30, legs=1)
    stage.rule("enter", [1], stage.act("buy", ("qty", 1), on="leg"))
    terms = Instrument("LEG", kind="stock")
    leg = bars([(50, 60, 40, 55), (56, 60, 50, 58)], instrument=terms, timeframe="1d")
    ledger, _ = play(stage, bars(flat(*[100] * 30)), legs=[LegInput("leg", leg)])
    assert prices(ledger) == []
    stage = Stage(60, legs=1)
    stage.rule("enter", [25], stage.act("buy", ("qty", 1), on="leg"))
    leg = bars([(50, 60, 40, 55), (56, 60, 50, 58), (59, 60, 50, 58)], instrument=terms, timeframe="1d")
    ledger, _ = play(stage, bars(flat(*[100] * 60)), legs=[LegInput("leg", leg)])
    assert ledger.fills == []


def test_at_open_is_the_next_sessions_open_and_auction_its_next_close():
    closes = list(range(100, 160))
    stage = Stage(60)
    stage.rule("enter", [5], stage.act("buy", ("qty", 1), order="open"))
    ledger, _ = play(stage, bars(flat(*closes)))
    assert prices(ledger)[0][:3] == (24, 1, 123)
    stage = Stage(60)
    stage.rule("enter", [5], stage.act("buy", ("qty", 1), order="auction"))
    ledger, _ = play(stage, bars(flat(*closes)))
    fill = ledger.fills[0]
    assert (fill.bar, fill.price) == (23, 123)
    stage = Stage(4)
    stage.rule("enter", [1], stage.act("buy", ("qty", 1), order="auction"))
    ledger, _ = play(stage, bars([(100, 105, 99, 104)] * 4, timeframe="1d"))
    assert (ledger.fills[0].bar, ledger.fills[0].price) == (2, 104)
    assert ledger.positions[0].tolist() == [0, 0, 1, 1]


def test_flat_bars_that_were_never_reached_leave_nothing():
    ledger = entry({"order": "limit", "limit": 90}, [(100, 101, 99, 100)])
    assert ledger.fills == []
    assert np.all(ledger.equity == 100_000.0)
    assert [e.kind for e in ledger.events] == ["submitted", "expired"]
