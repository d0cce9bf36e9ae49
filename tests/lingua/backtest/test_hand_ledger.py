"""Figures of a run small enough to add up on paper: see `make_hand_run` for its numbers."""

import math

import pytest


@pytest.fixture
def run(runs):
    return runs.make_hand_run()


def test_final_equity_and_return_start_at_the_ready_bar(run):
    assert run.start == 1
    assert run.metrics["final_equity"] == 1027.5
    assert run.metrics["total_return"] == pytest.approx(0.0275)


def test_a_unit_that_left_in_two_pieces_is_one_trade(run):
    assert len(run.ledger.trades) == 3
    assert run.metrics["trades"] == 2
    assert run.metrics["wins"] == 1
    assert run.metrics["win_rate"] == 0.5


def test_profit_factor_is_net_of_costs(run):
    assert run.metrics["profit_factor"] == pytest.approx(29 / 1.5)


def test_profit_factor_is_undefined_without_losers(runs):
    bars = runs.make_bars()
    run = runs.make_result(bars, [1000] * 10, trades=(runs.make_trade(bars, 1, "long", 1, 2, 5),))
    assert math.isnan(run.metrics["profit_factor"])
    assert run.to_dict()["profit_factor"] is None


def test_drawdown_is_a_positive_share_on_bar_closes(run):
    assert run.metrics["max_drawdown"] == pytest.approx(10 / 1019.5)
    assert run.metrics["max_drawdown_bars"] == 2  # high on bar 3, back on bar 5
    assert run.metrics["max_drawdown_days"] == 2
    assert run.metrics["time_under_water"] == pytest.approx(4 / 9)  # bars 4, 6, 8, 9 of bars 1 to 9


def test_exposure_counts_bars_that_close_in_a_position(run):
    assert run.metrics["exposure"] == pytest.approx(5 / 9)
    held = [10 * 104 / 1019.5, 10 * 103 / 1009.5, 10 * 105 / 1029.5, 5 * 106 / 1033.75, 3 * 108 / 1027.65]
    assert run.metrics["gross_exposure"] == pytest.approx(sum(held) / 9)


def test_break_even_cost_less_cost_paid_is_the_average_trade(run):
    notional = 10 * 102 + 5 * 107
    assert run.metrics["break_even_cost_bp"] == pytest.approx(1e4 * 29 / notional)
    assert run.metrics["cost_bp"] == pytest.approx(1e4 * 1.5 / notional)
    assert run.metrics["average_trade_bp"] == pytest.approx(1e4 * 27.5 / notional)


def test_average_trade_in_money_and_in_r(run):
    assert run.metrics["average_trade"] == pytest.approx(27.5 / 2)
    assert run.metrics["average_trade_r"] == pytest.approx((29 / 20 - 1.5 / 10) / 2)


def test_planned_risk_stands_beside_what_stops_lost(run):
    assert run.metrics["planned_risk"] == pytest.approx((20 + 10) / 2 / 1000)
    assert run.metrics["realised_risk_r"] == pytest.approx(0.15)


def test_return_without_the_best_five_trades(run):
    assert run.metrics["return_without_best_five"] == pytest.approx((1027.5 - 29) / 1000 - 1)


def test_turnover_counts_both_sides(run):
    traded = 1020 + 1050 + 535 + 212 + 324
    mean = (1000 + 1000 + 1019.5 + 1009.5 + 1029.5 + 1029 + 1033.75 + 1027.65 + 1027.5) / 9
    assert run.metrics["turnover"] == pytest.approx(traded / mean)


def test_largest_order_is_a_share_of_its_bars_volume(run):
    assert run.metrics["largest_order_share"] == pytest.approx(10 / 1000)
    assert run.metrics["capacity"] == pytest.approx(1000)


def test_fills_of_one_order_on_one_bar_count_together(runs):
    bars = runs.make_bars()
    fills = (runs.make_fill(bars, 3, 1, 10, 7), runs.make_fill(bars, 3, 1, 30, 7), runs.make_fill(bars, 4, 1, 35, 7))
    assert runs.make_result(bars, [1000] * 10, fills=fills).metrics["largest_order_share"] == pytest.approx(0.04)


def test_counts_and_ambiguous_share(run):
    assert run.metrics["ambiguous_fills"] == 1
    assert run.metrics["ambiguous_share"] == pytest.approx(1 / 5)
    assert run.metrics["ignored"] == run.metrics["suppressed"] == 1
    assert run.metrics["rejected"] == 0


def test_excursions_of_winners_and_losers(run):
    assert run.metrics["mae_of_winners"] == 0.0
    assert run.metrics["mfe_of_losers"] == pytest.approx(0.03)
    assert run.metrics["average_mfe"] == pytest.approx((0.0294 + 0.03) / 2)


def test_rules_are_told_with_what_they_earned_and_what_was_not_sent(run):
    rows = {row["rule"]: row for row in run.rules.to_rows()}
    assert list(rows) == ["enter", "leave", "fade", "spent", "stop"]
    assert (rows["enter"]["fired"], rows["enter"]["entries"], rows["enter"]["pnl"]) == (3, 1, 29.0)
    assert (rows["enter"]["ignored"], rows["enter"]["suppressed"]) == (1, 1)
    assert rows["leave"]["exits"] == 1
    assert rows["leave"]["pnl"] is None
    assert rows["stop"]["exits"] == 1  # a unit's exit is that of its last piece
    assert rows["fade"]["pnl"] == pytest.approx(-1.5)


def test_splits_by_side_and_exit_add_up_to_all_trades(run):
    for name in ("side", "weekday", "month", "exit"):
        table = run.splits[name]
        assert sum(table["trades"]) == 2
        assert sum(table["pnl"]) == pytest.approx(27.5)
    assert run.splits["side"]["key"] == ["long", "short"]


def test_entry_hours_are_told_in_the_instruments_zone(runs):
    new_york = runs.Instrument("AAA", session_zone="America/New_York", is_assumed=False)
    bars = runs.make_bars(step=3600 * runs.SECOND, timeframe="1h", instrument=new_york)
    trades = (runs.make_trade(bars, 1, "long", 1, 2, 5), runs.make_trade(bars, 2, "long", 1, 6, 7))
    run = runs.make_result(bars, [1000] * 10, trades=trades)
    # Opened at 02:00 and 06:00 UTC on 1 January 2024: 21:00 and 01:00 in New York, the first still on Sunday.
    assert run.splits["hour"]["key"] == ["01:00", "21:00"]
    assert run.splits["weekday"]["key"] == ["Mon", "Sun"]
    assert run.splits["month"]["key"] == ["Jan", "Dec"]


def test_monthly_returns_chain_to_the_total(runs):
    closes = [100.0] * 70
    equity = [1000.0] * 31 + [1100.0] * 29 + [990.0] * 10
    run = runs.make_result(runs.make_bars(closes), equity)
    (row,) = run.monthly_returns.to_rows()
    assert row["year"] == 2024
    assert row["Jan"] == 0.0  # 31 January's bar closes on 1 February at 00:00 and belongs to January
    assert row["Feb"] == pytest.approx(0.1)
    assert row["Mar"] == pytest.approx(-0.1)
    assert row["Apr"] is None
    assert row["total"] == pytest.approx(-0.01)


def test_a_run_whose_rules_were_never_live_has_no_figures_but_stands(runs):
    bars = runs.make_bars()
    run = runs.make_result(bars, [1000.0] * 10, ready=(10,))
    assert run.to_dict()["ready_bar"] is None
    assert run.metrics["total_return"] == 0.0
    assert math.isnan(run.metrics["sharpe"])
    assert run.metrics["exposure"] == 0.0
    assert all(value is None or value == value for value in run.to_dict().values())


def test_positions_of_several_symbols_meet_on_one_clock(runs):
    hour = 3600 * runs.SECOND
    slow = runs.make_bars((10.0, 11.0), "SLOW", step=2 * hour, timeframe="2h")
    fast = runs.make_bars((20.0, 20.0, 20.0, 20.0), "FAST", step=hour, timeframe="1h")
    run = runs.make_result((slow, fast), [1000.0] * 4, [[1.0, 0.0], [0.0, 0.0, 0.0, 2.0]], ready=(0, 0))
    assert len(run.clock) == 4
    assert [held.tolist() for held in run.positions] == [[0, 1, 1, 0], [0, 0, 0, 2]]
    assert run.metrics["exposure"] == pytest.approx(3 / 4)  # from the first ready bar, the fast one's, at 01:00
