"""Buy-and-hold: bought where the strategy could first buy, with its costs, through splits and dividends."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from lingua.backtest.benchmark import buy_and_hold
from lingua.data.bars import Action
from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "daily_us" / "AAPL.csv"


def test_it_buys_at_the_open_after_the_ready_bar(runs):
    bars = runs.make_bars()
    held = buy_and_hold((bars,), (1,), bars.ts, 1000.0, Execution())
    assert held[:2].tolist() == [1000.0, 1000.0]
    np.testing.assert_allclose(held[2:], 1000 / 101 * bars.close[2:])


def test_it_pays_for_one_entry(runs):
    bars = runs.make_bars()
    execution = Execution(slippage=0.001, commission=0.002, commission_per_order=5.0)
    held = buy_and_hold((bars,), (1,), bars.ts, 1000.0, execution)
    quantity = (1000 - 5) / (101 * 1.001 * 1.002)
    assert held[-1] == pytest.approx(quantity * 110)


def test_the_minimum_commission_is_paid_when_it_is_more(runs):
    bars = runs.make_bars()
    held = buy_and_hold((bars,), (1,), bars.ts, 1000.0, Execution(commission=0.001, commission_minimum=10.0))
    assert held[-1] == pytest.approx(990 / 101 * 110)


def test_a_split_multiplies_shares_and_a_dividend_stays_as_cash(runs):
    closes = (100.0, 100.0, 100.0, 50.0, 55.0, 55.0)
    ex = runs.START + 3 * runs.DAY  # the open of the fourth bar
    bars = runs.make_bars(closes, actions=(Action(ex, split=2.0), Action(ex + runs.DAY, dividend=1.0)))
    held = buy_and_hold((bars,), (0,), bars.ts, 1000.0, Execution())
    # 10 shares at 100, 20 after the split; each pays 1 on the fifth day.
    np.testing.assert_allclose(held, [1000, 1000, 1000, 1000, 20 * 55 + 20, 20 * 55 + 20])


def test_a_split_on_the_entry_bar_is_already_in_its_price(runs):
    bars = runs.make_bars((100.0, 50.0, 50.0), actions=(Action(runs.START + runs.DAY, split=2.0),))
    bars.open[1] = 50.0
    held = buy_and_hold((bars,), (0,), bars.ts, 1000.0, Execution())
    np.testing.assert_allclose(held, [1000, 1000, 1000])


def test_bars_that_cannot_fill_are_waited_out(runs):
    bars = runs.make_bars(is_synthetic=np.array([False, False, True, *[False] * 7]))
    bars.volume[3] = 0.0
    held = buy_and_hold((bars,), (1,), bars.ts, 1000.0, Execution())
    assert held[3] == 1000.0
    assert held[-1] == pytest.approx(1000 / 104 * 110)  # the open of the fifth bar


def test_capital_is_shared_by_symbols_and_gaps_keep_the_last_price(runs):
    one = runs.make_bars((10.0, 10.0, np.nan, 20.0), "ONE")
    one.open[3] = 10.0
    two = runs.make_bars((5.0, 5.0, 5.0, 5.0), "TWO")
    held = buy_and_hold((one, two), (0, 0), one.ts, 1000.0, Execution())
    np.testing.assert_allclose(held, [1000, 1000, 1000, 1500])


def test_figures_of_the_benchmark_start_with_the_strategys(runs):
    run = runs.make_hand_run()
    assert run.metrics["benchmark_return"] == pytest.approx(110 / 101 - 1)
    assert run.metrics["excess_return"] == pytest.approx(0.0275 - (110 / 101 - 1))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared daily prices are not here")
def test_apple_with_its_splits_made_thirteen_hundred_percent(runs):
    with SHARED.open() as file:
        rows = list(csv.DictReader(file))
    column = {name: np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close", "volume")}
    days = np.array([int(datetime.fromisoformat(row["timestamp"]).timestamp()) for row in rows], dtype=np.int64)
    splits = tuple(
        Action(int(datetime(*day, tzinfo=UTC).timestamp()) * runs.SECOND, split=2.0)
        for day in ((2000, 6, 21), (2005, 2, 28))
    )
    stamps = days * runs.SECOND
    bars = runs.Bars(
        "AAPL", runs.Timeframe.parse("1d"), stamps + runs.DAY, stamps, column["open"], column["high"], column["low"],
        column["close"], column["volume"], Instrument("AAPL", kind="stock", is_assumed=False), actions=splits,
    )  # fmt: skip
    held = buy_and_hold((bars,), (0,), bars.ts, 1000.0, Execution())
    bought = column["open"][1]
    assert held[-1] / 1000 == pytest.approx(4 * column["close"][-1] / bought)
    # From the first close to the last: +1,221 %, where unadjusted prices say +230 %.
    assert 4 * column["close"][-1] / column["close"][0] - 1 == pytest.approx(12.21, abs=0.01)
    assert np.max(np.abs(np.diff(np.log(held)))) < np.log(2.2)
