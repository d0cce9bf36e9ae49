"""A run over bars in pieces is the run over all of them: every figure, row and message."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

import lingua
from lingua.backtest.curve import Curve, session_ends
from lingua.backtest.sums import BlockSum
from lingua.backtest.tally import CurveTally
from lingua.data.columnar import NotInPieces

EXAMPLES = Path(__file__).parents[3] / "examples"
CROSS = """strategy cross {
  indicator fast = ema(close, 12)
  indicator slow = ema(close, 26)
  rule enter: fast crosses above slow => buy
  rule leave: fast crosses below slow => sell
}
"""
STOPPED = """strategy stopped {
  rule dip: rsi(close, 14) < 35 and bar > 20 => buy 40% of equity with stop 1%, target 2%
  rule out: close > highest(high, 30)[1] => sell
}
"""
SLOWER = """strategy slower {
  indicator long = sma(close, 10) @ 15m
  rule enter: close > long => buy
  rule leave: close < long and bars_in_trade > 3 => sell
}
"""


def minutes(count: int, *, seed: int = 3, holes: bool = True) -> polars.DataFrame:
    """A random walk; some bars have no prices, some have no trades, some are missing."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, count)))
    opened = np.concatenate(([100.0], close[:-1]))
    reach = np.abs(rng.normal(0.0, 5e-4, (2, count)))
    stamps = np.datetime64("2021-03-01", "ns") + np.arange(count) * np.timedelta64(60, "s")
    columns: dict[str, Any] = {
        "open": opened, "high": np.maximum(opened, close) * (1 + reach[0]),
        "low": np.minimum(opened, close) * (1 - reach[1]), "close": close,
        "volume": rng.integers(1, 50, count).astype(np.float64),
    }  # fmt: skip
    if holes:
        for name in ("open", "high", "low", "close"):
            columns[name] = np.where(rng.random(count) < 0.01, np.nan, 1.0) * columns[name]
        missing = np.isnan(sum(columns[name] for name in ("open", "high", "low", "close")))
        columns = {name: np.where(missing, np.nan, column) for name, column in columns.items()}
        columns["volume"][rng.random(count) < 0.02] = 0.0
    frame = polars.DataFrame({"timestamp": polars.Series(stamps).dt.replace_time_zone("UTC"), **columns})
    return frame.filter(polars.Series(rng.random(count) > 0.01)) if holes else frame


def told(result: Any, folder: Path) -> dict[str, Any]:
    """Everything that leaves a result."""
    facts = result.to_dict()
    del facts["elapsed_s"]
    for name in ("trades", "equity"):
        getattr(result, f"write_{name}")(folder / name)
        facts[name] = (folder / name).read_text()
    facts["rules"] = repr(result.rules.to_rows())
    facts["months"] = repr(result.monthly_returns.to_rows())
    facts["orders"] = repr(result.orders.to_rows())
    return json.loads(json.dumps(facts))


@pytest.mark.parametrize("text", [CROSS, STOPPED, SLOWER], ids=["cross", "stopped", "slower"])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_in_pieces_gives_the_answer_of_the_whole(tmp_path: Path, text: str, ending: str) -> None:
    path = tmp_path / f"SIM.{ending}"
    frame = minutes(6_000)
    if ending == "parquet":
        frame.write_parquet(path, row_group_size=700)
    else:
        frame.write_ipc(path)
    strategy = lingua.compile(text)
    whole = told(strategy.backtest(path, chunk=0, commission=0.0005), tmp_path)
    for chunk in (1_000, 26, 5_999):
        assert told(strategy.backtest(path, chunk=chunk, commission=0.0005), tmp_path) == whole, chunk


def test_pieces_of_one_bar(tmp_path: Path) -> None:
    path = tmp_path / "SIM.parquet"
    minutes(260).write_parquet(path)
    strategy = lingua.compile(STOPPED)
    assert told(strategy.backtest(path, chunk=1), tmp_path) == told(strategy.backtest(path, chunk=0), tmp_path)


def test_a_span_is_cut_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "SIM.parquet"
    minutes(5_000).write_parquet(path)
    strategy = lingua.compile(CROSS)
    span = {"start": "2021-03-01T07:00", "end": "2021-03-03"}
    whole = told(strategy.backtest(path, chunk=0, **span), tmp_path)
    assert told(strategy.backtest(path, chunk=300, **span), tmp_path) == whole


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lingua")), ids=lambda path: path.stem)
def test_every_example_runs_in_pieces(path: Path, tmp_path: Path) -> None:
    strategy = lingua.compile(path)
    try:
        whole = strategy.backtest(chunk=0)
    except lingua.DataError:
        pytest.skip("its bars are not here")
    from lingua.backtest.run import execution_of, run_pieces
    from lingua.data.market import load_market
    from lingua.data.pieces import every_so_many

    market = load_market(strategy.program, None, near=path)
    options = execution_of(strategy.program, {})
    for count in (1, 37, 400):
        if count == 1 and len(market.traded[0]) > 3_000:
            continue
        pieced = run_pieces(strategy, strategy.program, every_so_many(market, count), options, 100_000.0)
        assert told(pieced, tmp_path) == told(whole, tmp_path), count


WRONG = {
    "out of order": {"timestamp": [1_300, 1_299]},
    "twice": {"timestamp": [1_300, 1_300]},
    "below zero": {"low": [-1.0, -2.0]},
    "range": {"high": [0.5, 0.5]},
    "infinite": {"close": [float("inf"), 1.0]},
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("at", [999, 1_000, 1_500])
def test_wrong_rows_are_named_as_in_the_whole(tmp_path: Path, name: str, at: int) -> None:
    """On both sides of the edge of a piece, and inside one."""
    frame = minutes(3_000, holes=False)
    ((column, values),) = WRONG[name].items()
    series = frame[column].to_list()
    for k, value in enumerate(values):
        series[at + k] = frame["timestamp"][int(value)] if column == "timestamp" else value
    if column == "timestamp":
        series[at], series[at + 1] = frame["timestamp"][at + 1], frame["timestamp"][at + (0 if name != "twice" else 1)]
    path = tmp_path / "SIM.parquet"
    frame.with_columns(polars.Series(column, series, dtype=frame[column].dtype)).write_parquet(path)
    strategy = lingua.compile(CROSS)
    with pytest.raises(lingua.DataError) as whole:
        strategy.backtest(path, chunk=0)
    with pytest.raises(lingua.DataError) as pieces:
        strategy.backtest(path, chunk=1_000)
    assert str(pieces.value) == str(whole.value)


def test_what_cannot_be_run_in_pieces_says_why(tmp_path: Path) -> None:
    path = tmp_path / "SIM.parquet"
    minutes(3_000).write_parquet(path)
    strategy = lingua.compile(CROSS)
    with pytest.raises(NotInPieces, match="would be built from bars of 1m"):
        strategy.backtest(path, chunk=500, timeframe="1h")
    with pytest.raises(NotInPieces, match="not mended"):
        strategy.backtest(path, chunk=500, mend=["drop"])
    with pytest.raises(ValueError, match="one bar or more"):
        strategy.backtest(path, chunk=-1)


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "SIM.parquet"
    minutes(2_000).write_parquet(path)
    result = lingua.compile(CROSS).backtest(path, chunk=500)
    minutes(2_001).write_parquet(path)
    with pytest.raises(lingua.DataError, match="has changed"):
        result.write_equity(tmp_path / "equity.csv")


def test_a_curve_told_in_passing_has_the_figures_of_the_whole() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 400))
        values = np.round(1_000.0 + np.cumsum(rng.normal(0.0, 3.0, n)), int(rng.integers(0, 3)))
        ts = np.cumsum(rng.integers(1, 40, n)) * 3_600 * 10**9
        sessions = (ts - 1) // (86_400 * 10**9)
        start = int(rng.integers(0, n + 1))
        whole = Curve(ts, values, start, sessions, 365.0, session_ends(sessions, 0))
        tally, first = CurveTally(365.0), 0
        while first < n:
            last = min(n, first + int(rng.integers(1, 60)))
            begins = start - first if first <= start < last else None
            tally.take(ts[first:last], values[first:last], sessions[first:last], begins)
            first = last
        told = tally.close()
        for name in (
            "count", "start", "first", "last", "years", "depth", "deepest_bars", "deepest_ns", "longest_ns",
            "under_water", "months",
        ):  # fmt: skip
            assert getattr(told, name) == getattr(whole, name), (seed, name)
        assert np.array_equal(told.returns, whole.returns), seed
        assert told.mean == whole.mean or start == n, seed


def test_a_mean_does_not_depend_on_how_it_is_cut() -> None:
    values = np.random.default_rng(5).normal(1e6, 1.0, 30_011)
    means = set()
    for size in (1, 4_095, 4_096, 7_777, 30_011):
        total = BlockSum()
        for first in range(0, len(values), size):
            total.take(values[first : first + size])
        means.add(total.mean())
    assert len(means) == 1
    assert means.pop() == pytest.approx(float(values.mean()), rel=1e-14)


MEASURED = """
import sys, lingua
strategy = lingua.compile(sys.argv[1])
result = strategy.backtest(sys.argv[2], chunk=int(sys.argv[3]))
print(result.metrics["final_equity"], result.metrics["sharpe"], int(result.metrics["trades"]))
# The peak of this process: what `getrusage` tells began with that of the one before it.
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_memory_does_not_grow_with_the_bars(tmp_path: Path) -> None:
    """A million bars in pieces: the answer of the whole, in the memory that a quarter of them takes."""
    frame = minutes(1_000_000, holes=False)
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for count, chunk in ((1_000_000, 0), (250_000, 25_000), (1_000_000, 25_000)):
        path = tmp_path / f"SIM{count}.parquet"
        frame.head(count).write_parquet(path, row_group_size=50_000)
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, CROSS, str(path), str(chunk)], capture_output=True, text=True, check=True
        )
        answer, peak = done.stdout.splitlines()
        found[count, chunk] = (answer, int(peak))
    assert found[1_000_000, 25_000][0] == found[1_000_000, 0][0]
    # Eight columns of the 750,000 bars more are 46 MiB, and the series of the strategy 14.
    assert found[1_000_000, 25_000][1] < found[250_000, 25_000][1] + 30, found


def test_a_report_draws_the_curves_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "SIM.parquet"
    minutes(40_000).write_parquet(path)
    strategy = lingua.compile(CROSS)
    pieced, whole = (strategy.backtest(path, chunk=chunk) for chunk in (3_000, 0))
    pieced.report(tmp_path / "report.html")
    assert "read in pieces" in (tmp_path / "report.html").read_text()
    drawn = pieced.drawn
    assert 4_000 < len(drawn.equity) < 40_000
    for name in ("equity", "hold"):
        a, b = getattr(drawn, name), getattr(whole.drawn, name)
        assert (a.min(), a.max(), a[-1]) == (b.min(), b.max(), b[-1])
    assert drawn.drawdown.max() == whole.metrics["max_drawdown"]
    assert repr(pieced.splits) == repr(whole.splits)
    with pytest.raises(ValueError, match="no bars to draw"):
        pieced.png(tmp_path / "picture.png")


def test_results_leave_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = tmp_path / "SIM.parquet"
    minutes(2_000).write_parquet(path)
    result = lingua.compile(CROSS).backtest(path, chunk=500)
    assert list((tmp_path / "temporary").iterdir())
    del result
    import gc

    gc.collect()
    assert not list((tmp_path / "temporary").iterdir())
