"""Whole programs on real prices, trade by trade, in an engine that shares no code with ours (backtesting.py).

The other side computes its indicators by the loops below. Rules that differ are named where they are set alike; the
how-to on comparing tells the rest.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.data.load import load_bars

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = {
    "ORCL": "daily_us/ORCL.csv",
    "NVDA": "daily_us/NVDA.csv",
    "EURUSD": "fx_1h_EURUSD_2017-2018.csv",
    "GBPUSD": "fx_1h_GBPUSD.parquet",
}
PANDAS = pytest.importorskip("pandas", reason="pandas is not installed")
BACKTESTING = pytest.importorskip("backtesting", reason="backtesting is not installed")


@pytest.fixture(scope="module", params=list(FILES))
def prices(request):
    file = DATA / FILES[request.param]
    if not file.exists():
        pytest.skip("the shared prices are not beside the repository")
    bars = load_bars(file, symbol=request.param, timeframe="1d" if "daily" in str(file) else "1h")
    columns = ("ts", "open_ts", "open", "high", "low", "close", "volume", "rows", "factor", "is_synthetic")
    cut = {name: column[:6000] for name in columns if (column := getattr(bars, name)) is not None}
    return replace(bars, **cut, columns={})


def sma(x, n):
    out = np.full(len(x), np.nan)
    for k in range(n - 1, len(x)):
        out[k] = float(np.sum(x[k - n + 1 : k + 1].astype(np.longdouble)) / n)
    return out


def wilder_rsi(x, n):
    out = np.full(len(x), np.nan)
    up, down = np.maximum(np.diff(x), 0), np.maximum(-np.diff(x), 0)
    a, b = up[:n].mean(), down[:n].mean()
    for k in range(n, len(x)):
        if k > n:
            a, b = (a * (n - 1) + up[k - 1]) / n, (b * (n - 1) + down[k - 1]) / n
        out[k] = 100 * a / (a + b)
    return out


def crosses(a, b):
    above = np.r_[False, (a[1:] > b[1:]) & (a[:-1] <= b[:-1])]
    below = np.r_[False, (a[1:] < b[1:]) & (a[:-1] >= b[:-1])]
    return above, below


def width(bars):
    """How far a stop lies: stocks move by the day as currencies do in weeks."""
    return 0.03 if str(bars.timeframe) == "1d" else 0.002


def theirs(bars, decide):
    """`decide(strategy, k)` is asked once bar `k` has closed."""

    class Rules(BACKTESTING.Strategy):
        def init(self):
            pass

        def next(self):
            decide(self, len(self.data) - 1)

    columns = {name.capitalize(): getattr(bars, name) for name in ("open", "high", "low", "close")}
    frame = PANDAS.DataFrame(columns, index=PANDAS.date_range("2000-01-01", periods=len(bars), freq="h"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = BACKTESTING.Backtest(frame, Rules, cash=1e9, finalize_trades=False)
        found = test.run()._trades
    return sorted(
        (int(t.EntryBar), int(t.ExitBar), int(t.Size), round(float(t.EntryPrice), 9), round(float(t.ExitPrice), 9))
        for t in found.itertuples()
    )


def ours(bars, rules, execution=""):
    text = f"strategy S {{ trade {bars.symbol} @ {bars.timeframe} direction both {rules} "
    compiled = lingua.compile(text + f"execution {{ profile: backtesting{execution} }} }}")
    assert compiled.ok, compiled.problems
    result = compiled.backtest({bars.symbol: bars}, capital=1e9, allow_jumps=True)
    assert not [e for e in result.ledger.events if e.kind == "rejected"]
    return sorted(
        (t.entry_bar, t.exit_bar, int(t.quantity) * (1 if t.side == "long" else -1), round(t.entry_price, 9),
         round(t.exit_price, 9))
        for t in result.ledger.trades
        if t.exit_bar is not None
    )  # fmt: skip


def test_a_crossing_of_averages_long_alone(prices):
    up, down = crosses(sma(prices.close, 20), sma(prices.close, 50))

    def decide(strategy, k):
        if down[k] and strategy.position:
            strategy.position.close()
        if up[k] and not strategy.position:
            strategy.buy(size=10)

    found = ours(
        prices,
        "let a = sma(close, 20) let b = sma(close, 50)"
        " rule enter: a crosses above b => buy 10 shares rule leave: a crosses below b => sell",
    )
    assert len(found) > 20
    assert found == theirs(prices, decide)


def test_an_oscillator_that_is_always_in(prices):
    r = wilder_rsi(prices.close, 14)
    up, _ = crosses(r, np.full(len(r), 35.0))
    _, down = crosses(r, np.full(len(r), 65.0))

    def decide(strategy, k):
        if up[k] and not strategy.position.is_long:
            strategy.position.close()
            strategy.buy(size=10)
        elif down[k] and not strategy.position.is_short:
            strategy.position.close()
            strategy.sell(size=10)

    found = ours(
        prices,
        "let r = rsi(close, 14) rule up: r crosses above 35 => cover & buy 10 shares"
        " rule down: r crosses below 65 => sell & short 10 shares",
    )
    assert {size for _, _, size, _, _ in found} == {10, -10}
    assert found == theirs(prices, decide)


def test_shorts_with_a_stop_and_a_target(prices):
    """Of stop and target in one bar both take the stop. A bar that opens beyond a level leaves there, in both; but on
    the bar of the entry they look at the stop first, where the open itself has reached the target."""
    mean = sma(prices.close, 30)
    _, down = crosses(prices.close, mean)
    stop, target = 0.5 * width(prices), width(prices)

    def decide(strategy, k):
        if down[k] and not strategy.position:
            close = prices.close[k]
            strategy.sell(size=10, sl=close + stop * close, tp=close - target * close)

    found = ours(
        prices,
        "rule enter: close crosses below sma(close, 30) => short 10 shares"
        f" with stop at close + {stop} * close, target at close - {target} * close",
    )
    assert len(found) > 40
    assert any(entry == leave for entry, leave, *_ in found)
    for mine, other in zip(found, theirs(prices, decide), strict=True):
        opened = prices.open[mine[0]]
        if opened < prices.close[mine[0] - 1] * (1 - target):
            assert mine == (mine[0], mine[0], -10, round(opened, 9), round(opened, 9))
        else:
            assert mine == other


def test_stop_entries_on_both_sides_and_an_exit_by_time(prices):
    """There a stop attached to a stop entry waits for the bar after the entry: `stops_from: next_bar`."""
    stop = width(prices)

    def decide(strategy, k):
        for order in list(strategy.orders):
            if not order.is_contingent:
                order.cancel()
        if strategy.position:
            if k - strategy.trades[0].entry_bar >= 10:
                strategy.position.close()
            return
        if k < 19:
            return
        top, bottom = prices.high[k - 19 : k + 1].max(), prices.low[k - 19 : k + 1].min()
        if prices.close[k] > prices.open[k]:
            strategy.buy(size=10, stop=top, sl=top * (1 - stop))
        else:
            strategy.sell(size=10, stop=bottom, sl=bottom * (1 + stop))

    found = ours(
        prices,
        "let top = highest(high, 20) let bottom = lowest(low, 20)"
        f" rule long: close > open and position == 0 => buy 10 shares at stop top with stop at top * (1 - {stop})"
        f" rule short: close <= open and position == 0"
        f" => short 10 shares at stop bottom with stop at bottom * (1 + {stop})"
        " rule old: bars_in_trade >= 10 => close",
        "; stops_from: next_bar",
    )
    assert len(found) > 40
    assert {size for _, _, size, _, _ in found} == {10, -10}
    assert found == theirs(prices, decide)


def test_limit_entries_and_an_exit_by_time(prices):
    def decide(strategy, k):
        for order in list(strategy.orders):
            if not order.is_contingent:
                order.cancel()
        if strategy.position:
            if k - strategy.trades[0].entry_bar >= 5:
                strategy.position.close()
        elif k and prices.close[k] < prices.close[k - 1]:
            strategy.buy(size=10, limit=prices.close[k] * 0.998)

    found = ours(
        prices,
        "rule dip: close < close[1] and position == 0 => buy 10 shares at limit close * 0.998"
        " rule old: bars_in_trade >= 5 => sell",
    )
    assert len(found) > 40
    assert found == theirs(prices, decide)
