"""`detail: 1m` on real minutes: every exit is where a plain walk over the minutes finds it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.data.load import load_bars

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "crypto_1m_BTCUSD_2017-2018_bitfinex.parquet"
PROGRAM = """
strategy S {{
  trade BTCUSD @ 1h
  direction both
  indicator n = atr(14)
  rule long:  close > highest(high, 24)[1] => buy 20%   with stop 0.5 * n, target 1 * n
  rule short: close < lowest(low, 24)[1]   => short 20% with stop 0.5 * n, target 1 * n
  execution {{ limit_fill: touch{detail} }}
}}
"""


@pytest.fixture(scope="module")
def minutes():
    if not FILE.exists():
        pytest.skip("the shared minutes are not beside the repository")
    bars = load_bars(FILE, symbol="BTCUSD", timeframe="1m")
    return replace(bars, instrument=replace(bars.instrument, kind="perp"))


def run(minutes, detail):
    program = PROGRAM.format(detail=detail)
    return lingua.compile(program).backtest({"BTCUSD": minutes}, start="2018-01-01", end="2018-05-31")


def walked(minutes, side, entry_ts, entry, stop, target):
    """Price, minute and kind of the exit: in each minute an open beyond a level, then the stop, then the target."""
    at = int(np.searchsorted(minutes.open_ts, entry_ts))
    while True:
        o, high, low = minutes.open[at], minutes.high[at], minutes.low[at]
        adverse, favourable = (low, high) if side > 0 else (high, low)
        if (o - stop) * side <= 0:
            return o, at, "stop"
        if (o - target) * side >= 0:
            return o, at, "target"
        if (adverse - stop) * side <= 0:
            return stop, at, "stop"
        if (favourable - target) * side >= 0:
            return target, at, "target"
        at += 1


def test_exits_are_those_of_a_plain_walk_over_the_minutes(minutes):
    result = run(minutes, "; detail: 1m")
    hours = result.bars[0]
    closed = [trade for trade in result.ledger.trades if trade.exit_ts is not None]
    assert len(closed) > 250
    kinds = set()
    for trade in closed:
        side = 1 if trade.side == "long" else -1
        distance = result.series[0]["n"][trade.entry_bar - 1]
        stop = trade.entry_price - side * 0.5 * distance
        target = trade.entry_price + side * distance
        price, at, kind = walked(minutes, side, trade.entry_ts, trade.entry_price, stop, target)
        assert (trade.exit_rule, trade.exit_price) == (kind, pytest.approx(price, rel=1e-12)), trade
        assert hours.open_ts[trade.exit_bar] <= minutes.open_ts[at] < hours.ts[trade.exit_bar]
        kinds.add(kind)
    assert kinds == {"stop", "target"}


def test_minutes_settle_what_the_hours_left_open_and_nothing_else(minutes):
    coarse, fine = run(minutes, ""), run(minutes, "; detail: 1m")
    open_cases = {trade.entry_ts for trade in coarse.ledger.trades if trade.is_ambiguous}
    assert 5 < len(open_cases) < 40
    assert coarse.metrics["ambiguous_fills"] > 5 * fine.metrics["ambiguous_fills"]
    known = {trade.entry_ts: trade for trade in fine.ledger.trades}
    both = [t for t in coarse.ledger.trades if t.entry_ts in known]
    changed = {t.entry_ts for t in both if t.exit_rule != known[t.entry_ts].exit_rule}
    assert changed
    assert changed <= open_cases
    assert all(known[ts].exit_rule == "target" for ts in changed)
