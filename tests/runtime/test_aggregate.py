"""Bars from trades as they come are the bars that the batch side makes of the same trades."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.data.bars import Bars
from lingua.data.resample import resample
from lingua.data.table import Instants, Table
from lingua.data.ticks import bars_from_ticks
from lingua.data.timeframe import Timeframe
from lingua.live.bars import ClosedBar
from lingua.trading.instrument import Instrument
from lingua_runtime.aggregate import LongerBars, TickBars

SECOND = 1_000_000_000
START = 1_704_067_200 * SECOND
Trade = tuple[int, float, float]


@st.composite
def trades(draw: st.DrawFn) -> list[Trade]:
    """In the order of time, with equal stamps, gaps of minutes and a first one within a minute."""
    count = draw(st.integers(1, 60))
    steps = draw(st.lists(st.sampled_from([0, 1, 7, 20, 59, 60, 61, 300]), min_size=count, max_size=count))
    price = st.floats(0.01, 1e6, allow_nan=False)
    size = st.floats(0, 1e4, allow_nan=False)
    ts, found = START + draw(st.integers(0, 59)) * SECOND, []
    for step in steps:
        ts += step * SECOND
        found.append((ts, draw(price), draw(size)))
    return found


def rows(bars: Bars) -> list[tuple[float, ...]]:
    columns = (bars.open_ts, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [tuple(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def row(bar: ClosedBar) -> tuple[float, ...]:
    return (bar.open_ts, bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume)


def batch(found: list[Trade], timeframe: str) -> list[tuple[float, ...]]:
    """The bars of the batch side, but for what ticks alone do not tell: a first period that began before the first
    trade, and the last, which may go on."""
    ts, prices, sizes = (np.array(column) for column in zip(*found, strict=True))
    table = Table("", {"timestamp": Instants(ts, True), "price": prices, "size": sizes}, np.arange(len(ts)))
    made = rows(bars_from_ticks(table, Timeframe.parse(timeframe), name="BTCUSDT"))
    return made[0 if made[0][0] == found[0][0] else 1 : -1]


@given(trades(), st.randoms(use_true_random=False))
def test_trades_make_the_bars_of_the_batch_side_in_whatever_order_they_come(
    found: list[Trade], rng: random.Random
) -> None:
    """Out of order by up to 30 s, some twice; the order of equal stamps is kept, as the numbers of trades tell it."""
    numbered = [(trade, number) for number, trade in enumerate(found, 1)]
    late = {number: rng.choice([0, 0, 0, 30]) * SECOND for _, number in numbered}
    by_stamp: dict[int, int] = {}
    for (ts, _, _), number in numbered:
        by_stamp[ts] = max(by_stamp.get(ts, 0), late[number])
    late[1] = 0
    arrivals = sorted(
        (trade[0] + (by_stamp[trade[0]] if trade[0] != found[0][0] else 0), number, trade)
        for trade, number in numbered for _ in range(rng.choice([1, 1, 2]))
    )  # fmt: skip
    bars, made = TickBars("1m", wait_s=40), []
    for _, number, (ts, price, size) in arrivals:
        made += bars.tick(ts, price, size, number)
    made += bars.advance(found[-1][0] - found[-1][0] % (60 * SECOND) + 40 * SECOND)
    assert [row(bar) for bar in made] == batch(found, "1m")
    assert bars.quality.taken + bars.quality.repeated + bars.quality.late == len(arrivals)


def test_a_trade_that_is_too_late_changes_nothing_and_is_counted() -> None:
    bars = TickBars("1m", since=START)
    assert bars.tick(START + 1 * SECOND, 10.0, 1.0) == []
    (closed,) = bars.tick(START + 61 * SECOND, 11.0, 1.0)
    assert row(closed)[2:] == (10.0, 10.0, 10.0, 10.0, 1.0)
    assert bars.tick(START + 30 * SECOND, 99.0, 1.0) == []
    assert bars.quality.late == 1
    (closed,) = bars.advance(START + 120 * SECOND)
    assert closed.high == 11.0


def test_a_bar_closes_by_the_clock_when_no_trade_follows() -> None:
    bars = TickBars("1m", since=START, wait_s=2)
    bars.tick(START + 5 * SECOND, 10.0, 1.0)
    assert bars.advance(START + 61 * SECOND) == []
    assert len(bars.advance(START + 62 * SECOND)) == 1
    assert bars.advance(START + 600 * SECOND) == []
    assert bars.tick(START + 100 * SECOND, 1.0, 1.0) == []
    assert bars.quality.late == 1, "the minute of 100 s has ended without a trade"


@pytest.mark.parametrize(
    ("price", "size"), [(math.nan, 1.0), (-1.0, 1.0), (0.0, 1.0), (math.inf, 1.0), (1.0, -1.0), (1.0, math.nan)]
)
def test_an_impossible_trade_makes_no_bar(price: float, size: float) -> None:
    bars = TickBars("1m", since=START)
    bars.tick(START, price, size)
    assert bars.advance(START + 120 * SECOND) == []
    assert bars.quality.impossible == 1


@pytest.mark.parametrize(
    ("timeframe", "calendar"), [("5m", "24x7"), ("1h", "24x7"), ("1d", "24x7"), ("1h", "XNYS"), ("1w", "24x7")]
)
def test_longer_bars_are_those_of_the_batch_side(timeframe: str, calendar: str) -> None:
    rng = np.random.default_rng(1)
    step = 60 * SECOND
    count = 3_000 if timeframe != "1w" else 30_000
    start = START + 86_400 * SECOND + (14 * 3600 + 35 * 60) * SECOND
    ts = start + step * np.cumsum(rng.choice([1, 1, 1, 1, 2, 7], count))
    if calendar != "24x7":
        ts = ts[(ts - start) < 6 * 3600 * SECOND]
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, len(ts))))
    volume = rng.uniform(0, 10, len(ts))
    close[rng.uniform(size=len(ts)) < 0.02] = np.nan
    volume[rng.uniform(size=len(ts)) < 0.02] = np.nan
    instrument = Instrument("X", calendar=calendar)
    bars = Bars(
        "X", Timeframe.parse("1m"), ts, ts - step, close, close * 1.001, close * 0.999, close, volume, instrument
    )
    longer, made = LongerBars(timeframe, calendar=calendar), []
    for k, each in enumerate(rows(bars)):
        made += longer.push(ClosedBar(*each))  # type: ignore[arg-type]
        made += longer.advance(int(ts[k]))
    expected = rows(resample(bars, Timeframe.parse(timeframe)))
    assert len(expected) > 3
    np.testing.assert_array_equal(np.array([row(bar) for bar in made]), np.array(expected))
