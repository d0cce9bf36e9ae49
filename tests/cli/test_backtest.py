"""`lingua backtest`, `values`, `explain FILE`, `next` and `build`, on a small price file."""

import csv
import json
from pathlib import Path

import pytest

from lingua.cli import exits

PROGRAM = """strategy Cross {
  trade TEST @ 1d
  param n = 5 in 2..20
  indicator average = sma(close, n)
  let above = close > average
  state smooth = close => 0.8 * prev + 0.2 * close
  indicator bands = bbands(close, 5, 2)
  rule enter: close crosses above average => buy 50% of equity with stop 10%
  rule leave: close crosses below average and close < 2 * smooth and not above and close < bands.upper => sell
}
"""
REQUIRED = """
strategy fingerprint symbol timeframe bars from to trades wins final_equity total_return annual_return sharpe sortino
max_drawdown volatility profit_factor exposure commission ambiguous_fills ready_bar elapsed_s
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a strategy and 120 daily bars that swing up and down."""
    monkeypatch.chdir(tmp_path)
    Path("cross.lingua").write_text(PROGRAM)
    rows = ["timestamp,open,high,low,close,volume"]
    close = 100.0
    for day in range(120):
        before, close = close, close * (1.01 if day % 20 < 10 else 0.991)
        stamp = f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}"
        rows.append(f"{stamp},{before},{max(before, close) + 0.5},{min(before, close) - 0.5},{close},1000")
    Path("test.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def run_json(lingua, *words: str) -> dict:
    done = lingua("backtest", "cross.lingua", "--data", "test.csv", "--json", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_json_has_every_promised_field(lingua) -> None:
    found = run_json(lingua)
    assert [name for name in REQUIRED.split() if name not in found] == []
    assert found["strategy"] == "Cross"
    assert found["bars"] == 120
    assert found["trades"] > 0


def test_the_summary_is_plain_when_piped(lingua) -> None:
    done = lingua("backtest", "cross.lingua", "--data", "test.csv")
    assert done.code == 0
    assert "GROSS" in done.out.splitlines()[0]
    assert "\x1b" not in done.out


def test_quiet_prints_nothing(lingua) -> None:
    done = lingua("backtest", "cross.lingua", "--data", "test.csv", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_costs_and_capital_are_used(lingua) -> None:
    cheap = run_json(lingua)
    dear = run_json(lingua, "--commission", "1%", "--slippage", "10bp", "--capital", "50_000")
    assert dear["capital"] == 50_000
    assert dear["commission"] > 0
    assert dear["total_return"] < cheap["total_return"]


def test_a_parameter_can_be_set(lingua) -> None:
    assert run_json(lingua, "--set", "n=9")["parameters"] == {"n": 9}
    assert run_json(lingua, "--set", "n=9")["fingerprint"] != run_json(lingua)["fingerprint"]


@pytest.mark.parametrize(("setting", "code"), [("n=99", exits.WRONG), ("m=9", exits.WRONG), ("n", exits.USAGE)])
def test_a_wrong_setting_is_refused(lingua, setting: str, code: int) -> None:
    assert lingua("backtest", "cross.lingua", "--data", "test.csv", "--set", setting).code == code


def test_bars_can_be_cut(lingua) -> None:
    found = run_json(lingua, "--from", "2024-02-01", "--to", "2024-03-01")
    assert found["bars"] < 40
    assert found["from"] >= "2024-02-01"


def test_trades_have_the_promised_columns(lingua) -> None:
    run_json(lingua, "--trades", "trades.csv")
    with open("trades.csv") as file:
        rows = list(csv.DictReader(file))
    columns = (
        "symbol side quantity entry_time entry_price exit_time exit_price pnl commission bars entry_rule exit_rule"
    )
    assert list(rows[0]) == columns.split()
    assert rows[0]["entry_rule"] == "enter"
    assert rows[0]["entry_time"].endswith("Z")


def test_equity_has_a_row_for_each_bar(lingua) -> None:
    run_json(lingua, "--equity", "equity.csv")
    with open("equity.csv") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time", "equity", "cash", "position", "drawdown"]
    assert len(rows) == 120


def test_the_report_is_one_file(lingua) -> None:
    run_json(lingua, "--report", "report.html")
    text = Path("report.html").read_text("utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert "Cross" in text


def test_a_picture_is_written(lingua) -> None:
    run_json(lingua, "--png", "report.png")
    assert Path("report.png").read_bytes().startswith(b"\x89PNG")


def test_the_envelope_runs_both_ways(lingua) -> None:
    found = run_json(lingua, "--envelope")["envelope"]
    assert set(found) == {"worst", "best"}
    assert found["worst"]["final_equity"] <= found["best"]["final_equity"]
    assert "worst" in lingua("backtest", "cross.lingua", "--data", "test.csv", "--envelope").out


def test_values_have_a_row_for_each_bar(lingua) -> None:
    done = lingua("values", "cross.lingua", "--data", "test.csv", "-o", "values.csv")
    assert done.code == 0, done.err
    with open("values.csv") as file:
        rows = list(csv.DictReader(file))
    wanted = {"time", "average", "above", "smooth", "bands.upper", "bands.middle", "bands.lower"}
    assert wanted <= set(rows[0])
    assert len(rows) == 120
    assert rows[0]["average"] == ""
    assert lingua("values", "cross.lingua", "--data", "test.csv").out == Path("values.csv").read_text()


def test_explain_shows_each_part_of_the_condition(lingua) -> None:
    done = lingua("explain", "cross.lingua", "enter", "--data", "test.csv", "--bar", "50")
    assert done.code == 0, done.err
    assert "close crosses above average" in done.out
    assert lingua("explain", "cross.lingua", "leave", "--data", "test.csv", "--misses").code == 0


@pytest.mark.parametrize("words", [("nope",), ("enter", "--bar", "soon"), ("enter", "--bar", "1999-01-01"), ()])
def test_explain_of_what_is_not_there_is_a_usage_error(lingua, words: tuple[str, ...]) -> None:
    done = lingua("explain", "cross.lingua", *words, "--data", "test.csv")
    assert done.code == exits.USAGE, done.err


def test_next_prints_the_orders_of_the_next_bar(lingua) -> None:
    Path("always.lingua").write_text(
        "strategy Always {\n  trade TEST @ 1d\n"
        "  rule up: close > 0 => buy 10 at limit close - 5 for 2 bars with stop 5%\n}\n"
    )
    done = lingua("next", "always.lingua", "--data", "test.csv")
    assert done.code == 0, done.err
    assert "buy 10 TEST at limit" in done.out
    assert "rule up" in done.out
    assert "close > 0" in done.out, "with its reason"
    orders = json.loads(lingua("next", "always.lingua", "--data", "test.csv", "--json").out)["orders"]
    assert [(order["symbol"], order["rule"]) for order in orders] == [("TEST", "up")]


def test_build_writes_data_and_no_code(lingua) -> None:
    assert lingua("build", "cross.lingua").code == 0
    found = json.loads(Path("cross.lgx").read_text("utf-8"))
    assert found["strategy"] == "Cross"
    assert found["source"]["text"] == PROGRAM
    assert found["fingerprint"] == run_json(lingua)["fingerprint"]
    assert lingua("build", "cross.lingua", "-o", "again.lgx").code == 0
    assert Path("again.lgx").read_bytes() == Path("cross.lgx").read_bytes()


@pytest.mark.parametrize(
    ("what", "part"), [("ast", "Strategy name='Cross'"), ("ir", "call("), ("numpy", "def kernel(")]
)
def test_build_can_print_each_stage(lingua, what: str, part: str) -> None:
    done = lingua("build", "--emit", what, "cross.lingua")
    assert done.code == 0
    assert part in done.out


def test_missing_data_is_a_data_error(lingua) -> None:
    done = lingua("backtest", "cross.lingua", "--data", "none.csv")
    assert done.code == exits.DATA
    assert done.err.startswith("lingua: ")
    assert "Traceback" not in done.err


def test_bars_out_of_order_are_refused_with_their_row_until_mended(lingua) -> None:
    lines = Path("test.csv").read_text().splitlines()
    lines[5], lines[6] = lines[6], lines[5]
    Path("test.csv").write_text("\n".join(lines) + "\n")
    done = lingua("backtest", "cross.lingua", "--data", "test.csv")
    assert done.code == exits.DATA
    assert "row 7" in done.err
    assert "--mend sort" in done.err
    assert lingua("backtest", "cross.lingua", "--data", "test.csv", "--mend", "sort").code == 0


def test_a_wrong_program_is_shown_and_ends_with_1(lingua) -> None:
    Path("cross.lingua").write_text(PROGRAM.replace("above average", "above averag"))
    done = lingua("backtest", "cross.lingua", "--data", "test.csv")
    assert done.code == exits.WRONG
    assert "error[L0201]" in done.err
    assert "did you mean" in done.err


def test_what_is_not_run_yet_is_said(lingua) -> None:
    universe = 'universe liquid = top 5 by volume from "list" refresh 7d\n'
    Path("cross.lingua").write_text(universe + PROGRAM.replace("trade TEST", "trade liquid"))
    done = lingua("backtest", "cross.lingua", "--data", "test.csv")
    assert done.code == exits.WRONG
    assert "L0690" in done.err


def test_of_several_strategies_one_is_chosen(lingua) -> None:
    Path("cross.lingua").write_text(PROGRAM + PROGRAM.replace("Cross", "Other"))
    done = lingua("backtest", "cross.lingua", "--data", "test.csv")
    assert done.code == exits.USAGE
    assert "Cross, Other" in done.err
    assert run_json(lingua, "--strategy", "Other")["strategy"] == "Other"


SENSELESS = {
    "--capital": ["0", "x"],
    "--commission": ["2"],
    "--slippage": ["-1bp"],
    "--timeframe": ["7x"],
    "--stamps": ["m"],
    "--from": ["soon"],
    "--mend": ["magic", "spike"],
    "--zone": ["Mars/Olympus"],
}


@pytest.mark.parametrize("words", [(option, value) for option, values in SENSELESS.items() for value in values])
def test_options_without_sense_are_usage_errors(lingua, words: tuple[str, str]) -> None:
    done = lingua("backtest", "cross.lingua", "--data", "test.csv", *words)
    assert done.code == exits.USAGE
    assert done.err.startswith("lingua: ")


def test_output_that_cannot_be_written_is_a_usage_error(lingua) -> None:
    done = lingua("backtest", "cross.lingua", "--data", "test.csv", "--trades", "no/such/folder.csv")
    assert done.code == exits.USAGE
    assert "there is no folder no/such" in done.err
