"""Across a split series are one piece, and what is written down, told and ordered is in the prices of the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lingua

# Two for one before the third day: 100 becomes 50, 1,000 shares 2,000.
CLOSES = (100, 110, 50, 55, 60)
VOLUMES = (1000, 1000, 2000, 3000, 2000)
ROWS = "".join(
    f"2024-01-0{k + 2},{close},{close},{close},{close},{volume}\n"
    for k, (close, volume) in enumerate(zip(CLOSES, VOLUMES, strict=True))
)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    (tmp_path / "T.actions.csv").write_text("date,split,dividend\n2024-01-04,2,0\n")
    path = tmp_path / "T.csv"
    path.write_text("date,open,high,low,close,volume\n" + ROWS)
    return path


def series(split: Path, expression: str, *, incremental: bool = False, params: str = "") -> list[float | None]:
    text = f"strategy S {{ {params} let x = {expression} rule a: x is na => buy 1 }}"
    found = np.asarray(lingua.compile(text).backtest(split, incremental=incremental).series[0]["x"])
    if found.dtype == np.uint8:
        found = np.array([0.0, np.nan, 1.0])[found]
    return [None if value != value else value for value in found.tolist()]


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("close", [100, 110, 50, 55, 60]),
        ("volume", [1000, 1000, 2000, 3000, 2000]),
        ("close[1]", [None, 100, 55, 50, 55]),
        ("sma(close, 2)", [None, 105, 52.5, 52.5, 57.5]),
        ("close > 54", [1, 1, 0, 1, 1]),
        ("54 < close", [1, 1, 0, 1, 1]),
        ("volume > 2500", [0, 0, 0, 1, 0]),
        ("close - 20", [80, 90, 30, 35, 40]),
        ("max(close, 55)", [100, 110, 55, 55, 60]),
        ("clamp(close, 51, 59)", [59, 59, 51, 55, 59]),
        ("if bar >= 2 then 54 else close", [100, 110, 54, 54, 54]),
        ("close crosses above 52", [None, 0, 0, 1, 0]),
        ("close in 50..56", [0, 0, 1, 1, 0]),
        ("close / 2", [50, 55, 25, 27.5, 30]),
        ("close / level", [2, 2.2, 1, 1.1, 1.2]),
        ("close > level", [1, 1, 0, 1, 1]),
        ("highest(close - 20, 2)", [None, 90, 45, 35, 40]),
        ("close > 0", [1, 1, 1, 1, 1]),
    ],
)
def test_what_is_written_down_is_in_the_prices_of_the_day(split, expression, expected, incremental):
    found = series(split, expression, incremental=incremental, params="param level: price = 50")
    assert found == expected


def test_amounts_and_levels_of_orders_are_those_of_the_day(split):
    """A share count that depends on a condition, and a stop that mixes a number with a series."""
    text = """strategy S {
      rule a: bar == 2 => buy if close > 40 then 10 else 5 with stop max(4, close - 51)
      rule b: bar == 3 and entry > 54 => sell
    }"""
    trades = lingua.compile(text).backtest(split, capital=10_000).trades
    assert [trades[name][0] for name in ("quantity", "entry_price", "exit_price")] == [10, 55, 60]


def test_bars_of_another_symbol_keep_their_own_scale(tmp_path, split):
    (tmp_path / "OTHER.csv").write_text(
        "date,open,high,low,close,volume\n" + ROWS.replace("50,50,50,50", "120,120,120,120")
    )
    text = "strategy S { trade T @ 1d data o = OTHER let x = o.close > 100 rule a: x => buy 1 }"
    found = lingua.compile(text).backtest(tmp_path, allow_jumps=True).series[0]["x"]
    assert (found / 2).tolist() == [0, 1, 1, 0, 0]
