"""Bars and programs that searches are tried on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

import lingua
from lingua.backtest.run import execution_of
from lingua.data.market import load_market
from lingua.optimize.objective import parse_objective
from lingua.optimize.settings import read_folds
from lingua.optimize.task import Task, make_task

CROSS = """strategy Cross {
  trade SYM @ 1d
  param fast = 5 in 3..9 step 2
  param slow = 20 in 10..30 step 10
  require fast < slow
  rule enter: ema(close, fast) crosses above ema(close, slow) => buy 90% with stop 10%
  rule leave: ema(close, fast) crosses below ema(close, slow) => sell
}
"""


def daily_bars(count: int = 600, seed: int = 1, drift: float = 0.0004) -> pl.DataFrame:
    """(count,) daily bars of a random walk."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, 0.012, count)))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(rng.normal(0, 0.002, count))
    spread = np.abs(rng.normal(0, 0.004, (2, count)))
    first = dt.datetime(2015, 1, 1)
    return pl.DataFrame({
        "time": [first + dt.timedelta(days=k) for k in range(count)],
        "open": opened,
        "high": np.maximum(opened, close) * (1 + spread[0]),
        "low": np.minimum(opened, close) * (1 - spread[1]),
        "close": close,
        "volume": np.full(count, 1e6),
    })  # fmt: skip


def task_of(
    text: str = CROSS, *, bars: pl.DataFrame | None = None, objectives: tuple[str, ...] = ("sharpe",), folds: str = "3",
    commission: float = 0.0,
) -> Task:  # fmt: skip
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    market = load_market(compiled.program, {"SYM": daily_bars() if bars is None else bars})
    execution = execution_of(compiled.program, {"commission": commission})
    goals = tuple(parse_objective(each) for each in objectives)
    return make_task(compiled, market, execution, 100_000.0, goals, read_folds(folds))


@pytest.fixture(scope="session")
def task() -> Task:
    """The crossing of two averages on 600 days, three walk-forward tests."""
    return task_of()


@pytest.fixture(scope="session")
def made_task():
    """`made_task(text, bars=…, objectives=…, folds=…)`"""
    return task_of


@pytest.fixture(scope="session")
def made_bars():
    """`made_bars(count, seed, drift)`"""
    return daily_bars


@pytest.fixture(scope="session")
def program() -> str:
    return CROSS
