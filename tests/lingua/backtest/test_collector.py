"""A run leaves nothing for the collector: columns that wait for it make the next run take fresh memory."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import lingua
from lingua.backends.blocks import BLOCK
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

RULES = (
    "rule enter: ema(close, 12) crosses above ema(close, 26) => buy\nrule leave: close < ema(close, 26) => sell",
    "rule enter: rsi(close, 14) < 30 => buy with stop 2%, target 4%\nrule leave: sma(close, 9) > high[3] => sell",
)


@pytest.mark.parametrize("rules", RULES)
def test_nothing_of_a_run_waits_for_the_collector(rules: str) -> None:
    n = 3 * BLOCK
    close = 100.0 * np.exp(np.cumsum(np.random.default_rng(2).normal(0.0, 0.001, n)))
    ts = (np.arange(n, dtype=np.int64) + 1) * 60 * 10**9 + 1_600_000_020 * 10**9
    prices = (close, close * 1.001, close * 0.999, close)
    bars = Bars("X", Timeframe(1, "m"), ts, ts - 60 * 10**9, *prices, np.ones(n), Instrument("X"))
    compiled = lingua.compile(f"strategy S {{\n{rules}\n}}")

    def run() -> None:
        result = compiled.backtest(bars)
        assert len(result.curve.values) == n
        assert result.metrics["trades"] > 10

    run()
    gc.collect()
    gc.disable()
    try:
        run()
        assert gc.collect() == 0
    finally:
        gc.enable()
