"""The same rules on real prices, trade by trade, in an engine that shares no code with ours (backtesting.py)."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest
from stage import Stage, bars, play

from lingua.trading.execution import Execution
from lingua.trading.profiles import resolve

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "data" / "AAPL.csv"


@pytest.fixture(scope="module")
def prices():
    if not SAMPLE.exists():
        pytest.skip("the sample prices are not here")
    with SAMPLE.open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    table = np.array([[float(row[name]) for name in ("open", "high", "low", "close")] for row in rows])
    return table[:2500]


def mean(x, n):
    out = np.full(len(x), np.nan)
    out[n - 1 :] = np.convolve(x, np.ones(n) / n, "valid")
    return out


def theirs(prices, enter, leave, *, short=False, stop=0.0, target=0.0, commission=0.0):
    """Trades of backtesting.py: what `enter`/`leave` say at a close acts at the next open."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    backtesting = pytest.importorskip("backtesting", reason="backtesting is not installed")

    class Rules(backtesting.Strategy):
        def init(self):
            pass

        def next(self):
            k, close = len(self.data) - 1, self.data.Close[-1]
            if leave[k] and self.position:
                self.position.close()
            if enter[k] and (short or not self.position):
                if short and self.position:
                    self.position.close()
                levels = {}
                if stop:
                    levels = {"sl": close - stop, "tp": close + target}
                self.buy(size=10, **levels)
            elif short and leave[k]:
                self.sell(size=10)

    index = pandas.date_range("2000-01-01", periods=len(prices), freq="D")
    frame = pandas.DataFrame(prices, columns=["Open", "High", "Low", "Close"], index=index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = backtesting.Backtest(frame, Rules, cash=1_000_000, commission=commission, finalize_trades=False)
        found = test.run()._trades
    return [
        (int(t.EntryBar), int(t.ExitBar), int(t.Size), round(float(t.EntryPrice), 9), round(float(t.ExitPrice), 9))
        for t in found.sort_values(["EntryBar", "ExitBar"]).itertuples()
    ]


def ours(stage, prices, **program):
    execution = resolve(Execution(profile="backtesting"))
    ledger, _ = play(stage, bars(prices, timeframe="1d"), execution=execution, capital=1_000_000.0, checked=False,
                     **program)  # fmt: skip
    return [
        (t.entry_bar, t.exit_bar, int(t.quantity) * (1 if t.side == "long" else -1), round(t.entry_price, 9),
         round(t.exit_price, 9))
        for t in ledger.trades
        if t.exit_bar is not None
    ]  # fmt: skip


def crosses(prices):
    close = prices[:, 3]
    fast, slow = mean(close, 10), mean(close, 30)
    up = np.r_[False, (fast[1:] > slow[1:]) & (fast[:-1] <= slow[:-1])]
    down = np.r_[False, (fast[1:] < slow[1:]) & (fast[:-1] >= slow[:-1])]
    return up, down


def test_market_orders_in_and_out(prices):
    up, down = crosses(prices)
    stage = Stage(len(prices))
    stage.rule("enter", np.flatnonzero(up).tolist(), stage.act("buy", ("qty", 10)))
    stage.rule("leave", np.flatnonzero(down).tolist(), stage.act("sell"))
    found = ours(stage, prices)
    assert len(found) > 30
    assert found == theirs(prices, up, down)


def test_always_in_with_reversals(prices):
    up, down = crosses(prices)
    stage = Stage(len(prices))
    stage.rule("up", np.flatnonzero(up).tolist(), stage.act("buy", ("qty", 10)))
    stage.rule("up_out", np.flatnonzero(up).tolist(), stage.act("cover"))
    stage.rule("down", np.flatnonzero(down).tolist(), stage.act("short", ("qty", 10)))
    stage.rule("down_out", np.flatnonzero(down).tolist(), stage.act("sell"))
    found = ours(stage, prices)
    assert {size for *_, size, _, _ in found} == {10, -10}
    assert found == theirs(prices, up, down, short=True)


def test_brackets_gaps_and_stops_on_the_entry_bar(prices):
    close = prices[:, 3]
    dips = np.r_[False, (close[1:] < close[:-1] * 0.97)]
    # Left out: openings beyond a level. There we leave at that open, they wait for the level.
    inside = (prices[1:, 0] > close[:-1] - 1.5) & (prices[1:, 0] < close[:-1] + 2.5)
    dips &= np.r_[inside, False]
    never = np.zeros(len(prices), dtype=bool)
    stage = Stage(len(prices))
    exits = [stage.exit("stop", "level", close - 1.5), stage.exit("target", "level", close + 2.5)]
    stage.rule("enter", np.flatnonzero(dips).tolist(), stage.act("buy", ("qty", 10), exits=exits))
    found = ours(stage, prices)
    assert len(found) > 50
    assert any(entry == leave for entry, leave, *_ in found)
    assert found == theirs(prices, dips, never, stop=1.5, target=2.5)
