"""Columns made in a second thread while bars are walked give the same answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lingua
from lingua.backends import blocks
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

MINUTE = 60 * 10**9
PLAIN = (
    "rule enter: ema(close, 12) crosses above ema(close, 26) => buy\n"
    "rule leave: ema(close, 12) crosses below ema(close, 26) => sell",
    "rule enter: rsi(close, 14) < 30 => buy with stop 2%, target 4%\nrule leave: rsi(close, 14) > 70 => sell",
    "rule enter: close > sma(close, 50) => buy\nrule leave: close < lowest(low, 20)[1] => close\n"
    "filter calm: atr(10) < 0.3",
)
OTHER = (
    "rule enter: close > ema(close, 9) => buy else sell",
    "rule enter: close > ema(close, 9) and position == 0 => buy\nrule leave: bars_in_trade > 3 => sell",
    "direction both\nrule enter: close crosses above ema(close, 99) => buy with trail 1%\n"
    "rule short_it: close crosses below ema(close, 99) => short",
)


def bars(n: int) -> Bars:
    rng = np.random.default_rng(5)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.001, n)))
    opened = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.0005, np.minimum(opened, close) * 0.9995
    ts = (np.arange(n, dtype=np.int64) + 1) * MINUTE + 1_600_000_020 * 10**9
    return Bars("X", Timeframe(1, "m"), ts, ts - MINUTE, opened, high, low, close, np.ones(n), Instrument("X"))


def told(result: Any) -> dict[str, Any]:
    ledger = result.ledger
    return {
        "equity": ledger.equity.tobytes(),
        "counts": ledger.counts,
        **{name: repr(getattr(ledger, name)) for name in ("fills", "trades", "events", "fired", "costs")},
    }


@pytest.mark.parametrize("rules", [*PLAIN, *OTHER])
def test_two_threads_tell_what_one_tells(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small blocks make a short run of many.
    monkeypatch.setattr(blocks, "BLOCK", 512)
    monkeypatch.setattr("lingua.backtest.run.BLOCK", 512)
    compiled = lingua.compile(f"strategy S {{\n{rules}\n}}")
    given = bars(6_000)
    one, two = (compiled.backtest(given, threads=threads) for threads in (1, 2))
    assert len(one.ledger.fills) > 20
    assert told(one) == told(two)


def test_fewer_than_one_thread_is_refused() -> None:
    compiled = lingua.compile("strategy S { rule a: close > open => buy }")
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        compiled.backtest(bars(50), threads=0)
