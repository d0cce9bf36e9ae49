"""Trade lists that TradingView exported, beside what `execution { profile: pine }` makes of the same bars and rules."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.data.load import load_bars

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "reference" / "pine_strategy"

RSI = """
strategy Rsi {
  trade EURUSD @ 1h
  direction both
  indicator r = rsi(close, 14)
  rule long:  r crosses above 30 => cover & buy 1 shares
  rule short: r crosses below 70 => sell & short 1 shares
  execution { profile: pine }
}
"""
SLIPPAGE = """
strategy Slippage {
  trade EURUSD @ 1h
  direction both
  rule a: bar == 10 => buy 1 shares
  rule b: bar == 20 => sell
  rule c: bar == 40 => short 1 shares
  rule d: bar == 50 => cover
  execution { profile: pine; slippage: 10 ticks; commission: 0.1% }
}
"""


@pytest.fixture(scope="module")
def prices():
    file = FOLDER / "ohlcv_fx_60m.csv"
    if not file.exists():
        pytest.skip("the exported trade lists are not beside the repository")
    bars = load_bars(file, symbol="EURUSD", timeframe="1h")
    return replace(bars, instrument=replace(bars.instrument, tick=0.00001, initial_margin=1.0))


def exported(name):
    """(entry, exit, side, entry price, exit price) of the closed trades."""
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [
        (a["timestamp"], b["timestamp"], a["Type"].split()[1], float(a["Price USD"]), float(b["Price USD"]))
        for a, b in pairs
        if b["Signal"] != "Open"
    ]  # fmt: skip


def ours(text, bars, capital):
    def iso(ts):
        return f"{np.datetime64(ts, 'ns').astype('datetime64[s]')}Z"

    trades = lingua.compile(text).backtest({"EURUSD": bars}, capital=capital).ledger.trades
    return [
        (iso(t.entry_ts), iso(t.exit_ts), t.side, round(t.entry_price, 5), round(t.exit_price, 5))
        for t in trades
        if t.exit_ts is not None
    ]


def test_an_always_in_system_has_the_trades_of_the_exported_list(prices):
    found = ours(RSI, prices, 1_000_000)
    assert len(found) == 193
    assert found == exported("rsi_trades.csv")


def test_slippage_in_ticks_is_that_of_the_exported_list(prices):
    assert ours(SLIPPAGE, prices, 10_000) == exported("slippage_basic_trades.csv")


def test_slippage_in_ticks_of_an_instrument_without_a_tick_is_told(prices):
    bare = replace(prices, instrument=replace(prices.instrument, tick=0.0))
    result = lingua.compile(SLIPPAGE).backtest({"EURUSD": bare})
    assert any("EURUSD has no tick: NO SLIPPAGE" in note for note in result.notes)
