"""What things cost, what may be spent, margin, dust, corporate actions: sums a reader can repeat."""

from __future__ import annotations

import pytest
from stage import HOUR, START, STOCK, Stage, bars, flat, play

from lingua.data.bars import Action
from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

PERP = Instrument("TEST", kind="perp", initial_margin=0.1, maintenance_margin=0.05, liquidation_fee=0.01)
HOURS_A_YEAR = 365 * 24


def trip(rows, *, verb="buy", amount=("qty", 10), on=1, leave=None, execution=None, exits=(), **more):
    """One entry decided at bar `on`, one close decided at bar `leave`."""
    instrument = more.pop("instrument", STOCK)
    series = {name: more.pop(name) for name in ("actions", "volume", "timeframe") if name in more}
    stage = Stage(len(rows))
    stage.rule("in_", [on], stage.act(verb, amount, exits=[stage.exit(*e) for e in exits]))
    if leave is not None:
        stage.rule("out", [leave] if isinstance(leave, int) else leave, stage.act("close"))
    return play(stage, bars(rows, instrument=instrument, **series), execution=execution, **more)[0]


ROUND = flat(100, 100, 100, 110, 110, 110)


def test_percent_commission_is_per_side_on_notional():
    ledger = trip(ROUND, leave=3, execution=Execution(commission=0.001))
    assert [f.commission for f in ledger.fills] == pytest.approx([1.0, 1.1])
    assert ledger.trades[0].pnl == pytest.approx(100 - 2.1)
    assert ledger.equity[-1] == pytest.approx(10_000 + 100 - 2.1)
    assert ledger.costs["commission"] == pytest.approx(2.1)


def test_the_multiplier_is_part_of_notional():
    terms = Instrument("TEST", kind="future", multiplier=5.0, initial_margin=0.1)
    ledger = trip(ROUND, leave=3, execution=Execution(commission=0.001), instrument=terms)
    assert [f.commission for f in ledger.fills] == pytest.approx([5.0, 5.5])
    assert ledger.trades[0].pnl == pytest.approx(10 * 10 * 5 - 10.5)


def test_per_order_per_unit_and_minimum_are_separate():
    costs = Execution(commission_per_order=2.0, commission_per_unit=0.05)
    assert [f.commission for f in trip(ROUND, leave=3, execution=costs).fills] == [2.5, 2.5]
    costs = Execution(commission_per_unit=0.05, commission_minimum=4.0)
    assert [f.commission for f in trip(ROUND, leave=3, execution=costs).fills] == [4.0, 4.0]


def test_tiers_follow_what_was_traded_in_thirty_days():
    costs = Execution(commission_tiers=((0.0, 0.01), (1000.0, 0.005)))
    stage = Stage(6)
    stage.rule("in_", [1], stage.act("buy", ("qty", 10)))
    stage.rule("out", [3], stage.act("sell"))
    ledger = play(stage, bars(flat(100, 100, 100, 100, 100, 100)), execution=costs)[0]
    assert [f.commission for f in ledger.fills] == [10.0, 5.0]


def test_fees_in_the_bought_asset_leave_dust_that_the_next_exit_sweeps():
    terms = Instrument("TEST", kind="spot", lot=0.01, min_quantity=0.01, fee_asset="base")
    rows = flat(*[100] * 14)
    stage = Stage(14)
    stage.rule("in_", [1, 5, 9], stage.act("buy", ("qty", 5)))
    stage.rule("out", [3, 7, 11], stage.act("sell"))
    ledger = play(stage, bars(rows, instrument=terms), execution=Execution(commission=0.001))[0]
    # Each buy of 5 keeps 4.995; 4.99 is sold, 0.005 stays and reads 0; the second exit sells 5.00 and sweeps it.
    assert [round(f.side * f.quantity, 9) for f in ledger.fills] == [5, -4.99, 5, -5, 5, -4.99]
    assert ledger.fills[0].commission == pytest.approx(0.5)
    assert ledger.positions[0][4] == pytest.approx(0.005)
    assert ledger.positions[0][8] == pytest.approx(0.0, abs=1e-12)
    assert ledger.equity[-1] == pytest.approx(10_000 - sum(f.commission for f in ledger.fills))


def test_a_partial_exit_that_would_leave_dust_closes_everything():
    terms = Instrument("TEST", kind="stock", min_notional=200.0)
    stage = Stage(6)
    stage.rule("in_", [1], stage.act("buy", ("qty", 5)))
    stage.rule("out", [3], stage.act("sell", ("qty", 4)))
    ledger = play(stage, bars(flat(*[100] * 6), instrument=terms))[0]
    assert [f.quantity for f in ledger.fills] == [5, 5]


def test_a_position_too_small_to_sell_reads_zero():
    terms = Instrument("TEST", kind="stock", min_notional=200.0)
    stage = Stage(8)
    stage.rule("in_", [1, 5], stage.act("buy", ("qty", [0, 3, 0, 0, 0, 30, 0, 0])))
    stage.rule("out", [3], stage.act("sell"))
    ledger = play(stage, bars(flat(100, 100, 100, 50, 50, 50, 50, 50), instrument=terms))[0]
    assert [(f.bar, f.quantity) for f in ledger.fills] == [(2, 3), (6, 30)]
    assert ledger.positions[0].tolist() == [0, 0, 3, 3, 3, 3, 33, 33]


def test_equity_is_cash_plus_the_marked_position_and_open_trades_are_marked():
    ledger = trip(flat(100, 100, 100, 90, 120))
    assert ledger.cash.tolist() == [10_000, 10_000, 9_000, 9_000, 9_000]
    assert ledger.exposure.tolist() == [0, 0, 1000, 900, 1200]
    assert ledger.equity.tolist() == [10_000, 10_000, 10_000, 9_900, 10_200]
    (trade,) = ledger.trades
    assert (trade.exit_bar, trade.exit_rule, trade.pnl) == (None, "", 200)


def test_the_proceeds_of_shorts_and_margin_are_not_spendable():
    stage = Stage(6)
    stage.rule("down", [1], stage.act("short", ("qty", 60)))
    stage.rule("more", [3], stage.act("buy", ("cash", 0.25), on=""))
    other = bars(flat(*[100] * 6), instrument=Instrument("OTHER", kind="stock"))
    ledger = play(stage, bars(flat(*[100] * 6)), others=[other])[0]
    shorts = [(f.symbol, f.quantity) for f in ledger.fills if f.side < 0]
    # 6,000 short keep 6,000 of margin: the second symbol can short 4,000 and no more.
    assert shorts == [(0, 60), (1, 40)]
    assert [e.kind for e in ledger.events if e.rule == "more"] == ["ignored", "ignored"]


def test_a_squeezed_short_is_closed_where_equity_ends_and_the_run_with_it():
    # Short 100 at 100 with 10,000: nothing is left at 200.
    rows = [*flat(100, 100, 100), (100, 250, 100, 240), (240, 240, 240, 240)]
    ledger = trip(rows, verb="short", amount=("qty", 100))
    assert [(f.bar, f.price, f.reason) for f in ledger.fills] == [(2, 100, "entry"), (3, 200, "liquidation")]
    assert ledger.ruined_at == 3
    assert len(ledger.clock) == 4
    assert ledger.equity[-1] == pytest.approx(0)


def test_liquidation_at_the_worse_of_level_and_open_plus_fee():
    # Long 500 at 100 with 10,000: equity 10,000 - 500 (100 - p) meets 5 % of 500 p at p = 40,000 / 475.
    level = 40_000 / 475
    rows = [*flat(100, 100, 100), (100, 100, 60, 95)]
    ledger = trip(rows, amount=("qty", 500), instrument=PERP)
    (out,) = ledger.fills[1:]
    assert (out.bar, out.reason) == (3, "liquidation")
    assert out.price == pytest.approx(level)
    assert out.commission == pytest.approx(0.01 * 500 * level)
    rows = [*flat(100, 100, 100), (82, 90, 80, 85)]
    assert trip(rows, amount=("qty", 500), instrument=PERP).fills[1].price == 82


def test_a_stop_nearer_than_the_liquidation_level_comes_first():
    rows = [*flat(100, 100, 100), (100, 100, 60, 95)]
    ledger = trip(rows, amount=("qty", 500), instrument=PERP, exits=[("stop", "price", 5)])
    assert [(f.price, f.reason) for f in ledger.fills[1:]] == [(95, "stop")]


def test_funding_is_charged_at_each_eight_hour_instant():
    ledger = trip(flat(*[100] * 26), instrument=PERP, execution=Execution(funding=0.0001))
    # Held from 02:00 to 02:00: funding at 08:00, 16:00 and 00:00 on 1,000.
    assert ledger.costs["funding"] == pytest.approx(3 * 0.0001 * 1000)
    assert ledger.trades[0].carry == pytest.approx(-0.3)
    short = trip(flat(*[100] * 26), instrument=PERP, execution=Execution(funding=0.0001), verb="short")
    assert short.costs["funding"] == pytest.approx(-0.3)


def test_borrow_accrues_on_the_market_value_of_shorts():
    ledger = trip(flat(*[100] * 12), verb="short", execution=Execution(borrow=0.1))
    # Held for ten hours.
    assert ledger.costs["borrow"] == pytest.approx(1000 * 0.1 * 10 / HOURS_A_YEAR)
    assert ledger.equity[-1] == pytest.approx(10_000 - ledger.costs["borrow"])


def test_interest_is_paid_on_idle_cash():
    ledger = trip(flat(*[100] * 12), execution=Execution(interest=0.05))
    assert ledger.costs["interest"] == pytest.approx(-(10_000 + 9_000 * 10) * 0.05 / HOURS_A_YEAR, rel=1e-4)


def test_a_split_changes_quantity_levels_and_orders_on_its_ex_date():
    rows = [(100, 100, 100, 100)] * 4 + [(50, 51, 49, 50), (50, 50, 46, 47)]
    split = Action(START + 4 * HOUR + 1, split=2.0)
    ledger = trip(rows, exits=[("stop", "price", 6)], actions=[split])
    assert ledger.positions[0].tolist() == [0, 0, 10, 10, 20, 0]
    assert ledger.equity[:5].tolist() == [10_000] * 5
    assert [(f.bar, f.side * f.quantity, f.price, f.reason) for f in ledger.fills] == [
        (2, 10, 100, "entry"), (4, 10, 0, "split"), (5, -20, 47, "stop"),
    ]  # fmt: skip
    assert ledger.trades[0].pnl == -60


def test_a_dividend_credits_longs_and_debits_shorts():
    paid = Action(START + 4 * HOUR + 1, dividend=0.5)
    ledger = trip(flat(*[100] * 6), actions=[paid])
    assert ledger.costs["dividends"] == -5
    assert ledger.equity[-1] == 10_005
    assert ledger.trades[0].carry == 5
    ledger = trip(flat(*[100] * 6), actions=[paid], verb="short")
    assert ledger.equity[-1] == 9_995
    # Bought on the ex-date: too late for it.
    assert trip(flat(*[100] * 6), actions=[paid], on=4).equity[-1] == 10_000


def test_a_split_that_nobody_holds_changes_working_orders():
    rows = [(100, 101, 99, 100)] * 3 + [(50, 51, 44, 45)]
    stage = Stage(4)
    stage.rule("in_", [1], stage.act("buy", ("qty", 10), order="limit", limit=90, gtc=True))
    series = bars(rows, actions=[Action(START + 3 * HOUR + 1, split=2.0)])
    ledger = play(stage, series)[0]
    assert [(f.quantity, f.price) for f in ledger.fills] == [(20, 45)]


def test_planned_and_realised_risk_stand_side_by_side():
    rows = [(100, 100, 100, 100)] * 3 + [(90, 90, 90, 90)]
    trade = trip(rows, exits=[("stop", "price", 5)]).trades[0]
    assert trade.planned_risk == 50
    assert trade.pnl == -100
    assert trade.r == -2
