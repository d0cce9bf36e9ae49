"""Many combinations of one strategy: each as if it were run by itself, on any number of threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

import lingua
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.ir.program import ParamValue
from lingua.optimize.sweep import sweep
from lingua.trading.instrument import Instrument

MINUTE = 60 * 10**9
CROSS = """strategy Cross {
  param fast = 5 in 2..40
  param slow = 13 in 5..90
  require fast < slow
  indicator quick = ema(close, fast)
  indicator calm = ema(close, slow)
  rule up: quick crosses above calm => buy
  rule down: quick crosses below calm => sell
  execution { commission: 0.1% }
}"""
GUARDED = """strategy Guarded {
  param length = 14 in 5..30
  param risk = 1% in 0.5%..5%
  param reward = 2.0 in 1.0..4.0
  rule enter: rsi(close, length) < 35 => buy 50% of equity with stop risk, target reward * risk
  rule leave: rsi(close, length) > 60 => sell
  execution { commission: 0.05%; slippage: 1bp }
}"""
METRICS = ("sharpe", "total_return", "trades", "max_drawdown")


def random_bars(n: int = 3000, seed: int = 3) -> Bars:
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.004, n)))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(random.normal(0, 0.001, n))
    high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, 0.002, n)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0, 0.002, n)))
    ts = (np.arange(n, dtype=np.int64) + 1) * MINUTE + 1_600_000_000 * 10**9 // MINUTE * MINUTE
    return Bars("X", Timeframe(1, "m"), ts, ts - MINUTE, opened, high, low, close, np.ones(n), Instrument("X"))


def figures(text: str, grid: Sequence[Mapping[str, ParamValue]], **how: object) -> list[dict[str, float]]:
    return [dict(each.metrics) for each in sweep(lingua.compile(text), random_bars(), grid, metrics=METRICS, **how)]  # type: ignore[arg-type]


GRID: list[dict[str, ParamValue]] = [{"fast": fast, "slow": slow} for fast in (3, 5, 8) for slow in (13, 21, 34)]
GUARDED_GRID: list[dict[str, ParamValue]] = [
    {"length": length, "risk": risk, "reward": reward}
    for length in (7, 14)
    for risk in (0.005, 0.02)
    for reward in (1.0, 3.0)
]


@pytest.mark.parametrize(("text", "grid"), [(CROSS, GRID), (GUARDED, GUARDED_GRID)])
def test_each_combination_is_what_a_run_of_its_own_says(text: str, grid: list[dict[str, ParamValue]]) -> None:
    # With `start` at or before every combination's first ready bar nothing is moved, so single runs are the oracle.
    for values, told in zip(grid, figures(text, grid, start=0, threads=1), strict=True):
        alone = lingua.compile(text, set=values).backtest(random_bars())
        assert told == {name: pytest.approx(alone.metrics[name], rel=0, abs=0, nan_ok=True) for name in METRICS}
        assert alone.metrics["trades"] > 3


def test_threads_and_order_change_no_bit() -> None:
    once = figures(CROSS, GRID, threads=1)
    assert figures(CROSS, GRID, threads=2) == once
    assert figures(CROSS, GRID[::-1], threads=3)[::-1] == once


def test_all_begin_on_the_bar_on_which_the_slowest_is_ready() -> None:
    found = list(sweep(lingua.compile(CROSS), random_bars(), GRID, threads=1))
    assert {each.result().ready[0] for each in found} == {34}
    assert {each.result().start for each in found} == {34}


def test_the_equity_of_an_outcome_is_that_of_its_run() -> None:
    told = next(sweep(lingua.compile(CROSS), random_bars(), GRID[4:5], start=0))
    alone = lingua.compile(CROSS, set=GRID[4]).backtest(random_bars())
    assert np.array_equal(told.equity, np.asarray(alone.ledger.equity))
    assert told.index == 0
    assert told.parameters == GRID[4]


def test_what_shapes_the_program_is_elaborated_again() -> None:
    text = """strategy Slow {
      param frame = 5m in {5m, 15m}
      let trend = ema(close, 4) @ frame
      rule up: close > trend => buy
      rule down: close < trend => sell
    }"""
    told = figures(text, [{"frame": "5m"}, {"frame": "15m"}], start=0)
    alone = [lingua.compile(text, set={"frame": f}).backtest(random_bars()).metrics["trades"] for f in ("5m", "15m")]
    assert [each["trades"] for each in told] == alone
    assert alone[0] != alone[1]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"quick": 3}, "no parameter is called 'quick'; there are: fast, slow"),
        ({"fast": 2.5}, "fast is a whole number, not 2.5"),
        ({"fast": 41}, "fast = 41 is outside 2..40"),
        ({"fast": 30, "slow": 20}, "`require fast < slow` does not hold with fast = 30, slow = 20"),
    ],
)
def test_a_value_that_cannot_be_is_told_before_anything_runs(values: dict[str, ParamValue], told: str) -> None:
    with pytest.raises(ValueError, match="combination 1") as problem:
        sweep(lingua.compile(CROSS), random_bars(), [GRID[0], values])
    assert told in str(problem.value)


def test_an_unknown_figure_is_told() -> None:
    with pytest.raises(ValueError, match="no metric is called 'sharp'"):
        sweep(lingua.compile(CROSS), random_bars(), GRID, metrics=("sharp",))


def test_a_search_over_nothing_finds_nothing() -> None:
    assert list(sweep(lingua.compile(CROSS), random_bars(), [])) == []
