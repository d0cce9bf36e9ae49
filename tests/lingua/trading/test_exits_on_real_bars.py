"""Exits on real hours beside a plain loop that knows nothing of the engine: one entry, then bar after bar."""

from __future__ import annotations

from pathlib import Path

import pytest

import lingua

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = {"EURUSD": "fx_1h_EURUSD_2017-2018.csv", "BTCUSD": "crypto_1h_BTCUSD_2017-2018_bitfinex_derived.parquet"}
PROGRAM = """
strategy S {
  trade SYMBOL @ 1h
  indicator n = atr(14)
  rule enter: close > highest(high, 24)[1] => buy 20% with EXITS
  execution { limit_fill: touch }
}
"""


@pytest.fixture(scope="module", params=list(FILES))
def symbol(request):
    if not (DATA / FILES[request.param]).exists():
        pytest.skip("the shared prices are not beside the repository")
    return request.param


def run(symbol, exits):
    text = PROGRAM.replace("SYMBOL", symbol).replace("EXITS", exits)
    result = lingua.compile(text).backtest({symbol: DATA / FILES[symbol]})
    units = {}
    for trade in result.ledger.trades:
        if trade.exit_ts is not None:
            piece = (trade.exit_rule, trade.exit_bar, pytest.approx(trade.exit_price, rel=1e-12))
            units.setdefault((trade.trade_id, trade.entry_bar), []).append(piece)
    assert len(units) > 60
    return result.bars[0], result.series[0]["n"], units


def test_a_trail_that_is_armed_by_one_r(symbol):
    bars, n, units = run(symbol, "stop 2 * n, trail 3 * n after 1R")
    kinds = set()
    for (_, entry), pieces in units.items():
        fill, risk = bars.open[entry], 2 * n[entry - 1]
        level, trail, armed, high, t = fill - risk, None, False, bars.high[entry], entry
        while True:
            stop = level if trail is None or trail <= level else trail
            if t > entry and bars.open[t] <= stop:
                price = bars.open[t]
                break
            if bars.low[t] <= stop:
                price = stop
                break
            high = max(high, bars.high[t])
            # A later bar's high arms it; its level is that of the close, and acts from the next bar on.
            armed = armed or (t > entry and bars.high[t] >= fill + risk)
            if armed:
                trail = max(high - 3 * n[t], trail if trail is not None else -1e18)
            t += 1
        kind = "trail" if trail is not None and trail > level else "stop"
        kinds.add(kind)
        assert pieces == [(kind, t, price)]
    assert kinds == {"stop", "trail"}


def test_a_ladder_with_a_stop_that_moves_to_the_entry(symbol):
    """Half at 1R; the stop goes to the entry once a bar that reached 1R has closed; the rest at 3R."""
    bars, n, units = run(symbol, "stop 2 * n, target 1R closing 50%, target 3R, stop at entry after 1R")
    shapes = set()
    for (_, entry), pieces in units.items():
        fill, risk = bars.open[entry], 2 * n[entry - 1]
        stop, moved, rungs, t = fill - risk, False, [fill + risk, fill + 3 * risk], entry
        expected = []
        while len(expected) < 2:
            opened = bars.open[t] if t > entry else fill
            if opened <= stop:
                expected.append(("stop", t, opened))
                break
            while rungs and opened >= rungs[0]:
                rungs.pop(0)
                expected.append(("target", t, opened))
            if not rungs:
                break
            if bars.low[t] <= stop:
                expected.append(("stop", t, stop))
                break
            while rungs and bars.high[t] >= rungs[0]:
                expected.append(("target", t, rungs.pop(0)))
            if not moved and t > entry and bars.high[t] >= fill + risk:
                stop, moved = fill, True
            t += 1
            if t == len(bars):
                break
        if len(pieces) == len(expected):
            assert pieces == expected
            shapes.add(tuple(kind for kind, *_ in pieces))
        else:
            assert t == len(bars), "only the last unit may still be open"
    assert {("stop",), ("target", "stop"), ("target", "target")} <= shapes


def test_units_leave_by_time_unless_stopped_before(symbol):
    bars, n, units = run(symbol, "stop 1.5 * n, expire after 6 bars")
    kinds = set()
    for (_, entry), pieces in units.items():
        stop = bars.open[entry] - 1.5 * n[entry - 1]
        for t in range(entry, entry + 6):
            if t > entry and bars.open[t] <= stop:
                expected = ("stop", t, bars.open[t])
                break
            if bars.low[t] <= stop:
                expected = ("stop", t, stop)
                break
        else:
            # At the open of the seventh bar, ahead of anything the bar brings.
            expected = ("expire", entry + 6, bars.open[entry + 6])
        kinds.add(expected[0])
        assert pieces == [expected]
    assert kinds == {"stop", "expire"}
