"""What other programs read: the JSON object and the CSV files, to the letter."""

import csv
import json
import math
import subprocess
import sys

import numpy as np
import pytest

from lingua.backtest.values import write_values

KEYS = (
    "strategy", "fingerprint", "symbol", "timeframe", "bars", "from", "to", "trades", "wins", "final_equity",
    "total_return", "annual_return", "sharpe", "sortino", "max_drawdown", "volatility", "profit_factor", "exposure",
    "commission", "ambiguous_fills", "ready_bar", "elapsed_s",
)  # fmt: skip


@pytest.fixture
def run(runs):
    return runs.make_hand_run(series=({"fast": np.array([np.nan, *range(9)]) / 3},))


def test_json_has_at_least_the_promised_keys(run):
    data = json.loads(run.to_json())
    assert [key for key in KEYS if key not in data] == []
    assert data["symbol"] == "AAA"
    assert (data["from"], data["to"]) == ("2024-01-02T00:00:00Z", "2024-01-11T00:00:00Z")
    assert (data["bars"], data["ready_bar"], data["trades"], data["wins"]) == (10, 1, 2, 1)
    assert data["max_drawdown"] == 1 - 1009.5 / 1019.5


def test_json_writes_null_for_what_is_undefined_and_never_nan(run):
    data = json.loads(run.to_json(), parse_constant=lambda text: pytest.fail(f"{text} in the JSON"))
    assert data["sharpe"] is None
    assert isinstance(data["trades"], int)


def test_trades_csv(run, tmp_path):
    run.write_trades(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,pnl,commission,bars,entry_rule,exit_rule",
        "AAA,long,10.0,2024-01-04T00:00:00Z,102.0,2024-01-07T00:00:00Z,105.0,29.0,1.0,3,enter,leave",
        "AAA,short,2.0,2024-01-08T00:00:00Z,107.0,2024-01-09T00:00:00Z,106.0,1.8,0.2,1,fade,spent",
        "AAA,short,3.0,2024-01-08T00:00:00Z,107.0,2024-01-10T00:00:00Z,108.0,-3.3,0.3,2,fade,stop",
    ]


def test_an_open_trade_has_empty_exit_fields(runs, tmp_path):
    bars = runs.make_bars()
    trade = runs.make_trade(bars, 1, "long", 0.1, 8, None)
    run = runs.make_result(bars, [1000] * 10, trades=(trade,))
    run.write_trades(tmp_path / "t.csv")
    (row,) = csv.DictReader((tmp_path / "t.csv").open())
    assert (row["exit_time"], row["exit_price"], row["exit_rule"]) == ("", "", "")
    assert float(row["pnl"]) == trade.pnl
    assert (run.metrics["trades"], run.metrics["open_trades"]) == (0, 1)
    assert run.trades.to_rows()[0]["exit_time"] is None


def test_equity_csv(run, tmp_path):
    run.write_equity(tmp_path / "e.csv")
    lines = (tmp_path / "e.csv").read_text().splitlines()
    assert lines[0] == "time,equity,cash,position,drawdown"
    assert lines[1] == "2024-01-02T00:00:00Z,1000.0,1000.0,0.0,0.0"
    assert lines[5] == f"2024-01-06T00:00:00Z,1009.5,-20.5,10.0,{1 - 1009.5 / 1019.5!r}"
    assert len(lines) == 11


def test_floats_read_back_as_the_same_floats(runs, tmp_path):
    equity = 1000 / 3 * np.arange(1, 11)
    run = runs.make_result(runs.make_bars(), equity)
    run.write_equity(tmp_path / "e.csv")
    read = [float(row["equity"]) for row in csv.DictReader((tmp_path / "e.csv").open())]
    assert read == equity.tolist()


def test_position_of_several_symbols_is_their_market_value(runs):
    pair = (runs.make_bars(symbol="AAA"), runs.make_bars(symbol="BBB"))
    run = runs.make_result(pair, [1000] * 10, [np.full(10, 2.0), np.full(10, -1.0)])
    run.ledger.exposure = np.arange(10.0)
    assert run.equity["position"].tolist() == list(range(10))
    assert run.to_dict()["symbol"] == "AAA,BBB"


def test_values_csv_writes_truth_as_words_and_na_as_nothing(runs, tmp_path):
    bars = runs.make_bars((1.0, 2.0, 3.0))
    series = {"fast": np.array([np.nan, 0.1, 1 / 3]), "is_up": np.array([0, 1, 2], dtype=np.uint8)}
    write_values(tmp_path / "v.csv", (bars,), (series,))
    assert (tmp_path / "v.csv").read_text().splitlines() == [
        "time,fast,is_up",
        "2024-01-02T00:00:00Z,,false",
        "2024-01-03T00:00:00Z,0.1,",
        "2024-01-04T00:00:00Z,0.3333333333333333,true",
    ]


def test_values_of_several_symbols_are_in_order_of_time(runs, tmp_path):
    hour = 3600 * runs.SECOND
    slow = runs.make_bars((1.0, 2.0), "SLOW", step=2 * hour)
    fast = runs.make_bars((1.0, 2.0, 3.0), "FAST", step=hour)
    write_values(tmp_path / "v.csv", (slow, fast), ({"x": slow.close}, {"x": fast.close}))
    rows = list(csv.reader((tmp_path / "v.csv").open()))
    assert rows[0] == ["time", "symbol", "x"]
    assert [(row[0][11:13], row[1]) for row in rows[1:]] == [
        ("01", "FAST"), ("02", "SLOW"), ("02", "FAST"), ("03", "FAST"), ("04", "SLOW"),
    ]  # fmt: skip


def test_names_with_separators_are_quoted(runs, tmp_path):
    bars = runs.make_bars(symbol='A,"B"')
    run = runs.make_result(bars, [1000] * 10, trades=(runs.make_trade(bars, 1, "long", 1, 2, 3),))
    run.write_trades(tmp_path / "t.csv")
    (row,) = csv.DictReader((tmp_path / "t.csv").open())
    assert row["symbol"] == 'A,"B"'


def test_stamps_below_a_second_keep_their_digits(runs):
    bars = runs.make_bars((1.0, 2.0), step=250_000_000, timeframe="1s")
    assert runs.make_result(bars, [1.0, 1.0]).equity.to_rows()[0]["time"] == "2024-01-01T00:00:00.250Z"


def test_pandas_and_polars_frames_hold_utc_times(run):
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = run.trades.to_pandas()
    assert str(frame["entry_time"].dtype) == "datetime64[ns, UTC]"
    assert frame["entry_time"][0] == pandas.Timestamp("2024-01-04T00:00:00Z")
    assert frame["pnl"].sum() == pytest.approx(27.5)
    table = run.equity.to_polars()
    assert table["time"].dtype == polars.Datetime("ns", "UTC")
    assert table["equity"].to_list() == run.curve.values.tolist()


def test_open_trades_are_missing_times_in_frames(runs):
    pytest.importorskip("pandas")
    bars = runs.make_bars()
    run = runs.make_result(bars, [1000] * 10, trades=(runs.make_trade(bars, 1, "long", 1, 8, None),))
    assert run.trades.to_pandas()["exit_time"].isna().all()
    assert run.trades.to_polars()["exit_price"].is_nan().all() or math.isnan(run.trades["exit_price"][0])


def test_results_load_no_heavy_library_until_asked():
    code = (
        "import sys, lingua.backtest.result, lingua.report.terminal, lingua.report.page\n"
        "print([m for m in ('pandas', 'polars', 'matplotlib', 'rich', 'talib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_stamps_name_what_was_not_counted(runs):
    bars = runs.make_bars(instrument=runs.Instrument("AAA", kind="perp"))
    given = runs.Execution(commission=0.001, is_given=frozenset({"commission"}))
    assert runs.make_result(bars, [1000] * 10).stamps == ("GROSS", "NO FUNDING", "ASSUMED INSTRUMENT AAA")
    assert runs.make_result(bars, [1000] * 10, execution=given).stamps[0] == "NO SLIPPAGE"
    zero = runs.Execution(is_given=frozenset({"commission", "slippage", "funding"}))
    assert runs.make_result(bars, [1000] * 10, execution=zero).stamps == ("ASSUMED INSTRUMENT AAA",)
    stock = runs.make_bars(instrument=runs.Instrument("AAA", kind="stock", is_assumed=False))
    assert runs.make_result(stock, [1000] * 10, execution=given).stamps == ("NO SLIPPAGE", "NO BORROW")
    future = runs.make_bars(instrument=runs.Instrument("CL", kind="future", is_assumed=False))
    assert runs.make_result(future, [1000] * 10, execution=zero).stamps == ("NO ROLL",)
    long_only = runs.make_program(direction="long")
    assert runs.make_result(stock, [1000] * 10, execution=zero, program=long_only).stamps == ()
