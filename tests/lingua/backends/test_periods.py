"""Bars that arrive one by one make the same longer bars as a whole column of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lingua
from lingua.backends.periods import PeriodBuilder, StreamBar
from lingua.backtest.testing import batch_is_incremental
from lingua.data.bars import Bars
from lingua.data.calendars import session_bounds
from lingua.data.market import Market
from lingua.data.resample import resample
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

MINUTE = 60 * 10**9
FIELDS = ("open", "high", "low", "close", "volume")


def bars(calendar: str, minutes: int, count: int, seed: int, begins: str = "2024-03-06T00:00") -> Bars:
    """Random bars inside the sessions of a calendar, some missing, some without prices."""
    random = np.random.default_rng(seed)
    start = int(np.datetime64(begins, "ns").astype(np.int64))
    opens = start + np.arange(count, dtype=np.int64) * minutes * MINUTE
    if calendar != "24x7":
        days = opens // (86_400 * 10**9)
        first, last = session_bounds(days, calendar)
        opens = opens[(opens >= first) & (opens + minutes * MINUTE <= last)]
    opens = opens[random.random(len(opens)) > 0.2]
    n = len(opens)
    close = 100 + np.cumsum(random.normal(0, 1, n))
    opened = close + random.normal(0, 0.1, n)
    high, low = np.maximum(opened, close) + 0.1, np.minimum(opened, close) - 0.1
    holes = random.random(n) < 0.1
    for column in (opened, high, low, close):
        column[holes] = np.nan
    volume = random.random(n) * 100
    return Bars(
        "X", Timeframe(minutes, "m"), opens + minutes * MINUTE, opens, opened, high, low, close, volume,
        Instrument("X", calendar=calendar),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["24x7", "XNYS", "FX"]), st.sampled_from([5, 15, 60]), st.integers(0, 1000),
    st.sampled_from(["1h", "4h", "1d", "2d", "1w", "1mo"]), st.sampled_from(["2024-03-06T03:20", "2024-10-30T13:35"]),
)  # fmt: skip
def test_a_builder_agrees_with_resampling(calendar: str, minutes: int, seed: int, timeframe: str, begins: str) -> None:
    base = bars(calendar, minutes, 900, seed, begins)
    wanted = Timeframe.parse(timeframe)
    if not len(base) or not wanted.is_multiple_of(base.timeframe) or wanted == base.timeframe:
        return
    whole = resample(base, wanted)
    builder = PeriodBuilder(timeframe, base.instrument)
    found = []
    columns = [getattr(base, name).tolist() for name in FIELDS]
    for k in range(len(base)):
        values = {name: column[k] for name, column in zip(FIELDS, columns, strict=True)}
        found += builder.push(StreamBar(int(base.open_ts[k]), int(base.ts[k]), values))
    # A period that has ended by the clock is only known to have ended once a later bar arrives; the column form knows
    # it as soon as the last bar lies behind its end, so both hold the same bars.
    assert [bar.ts for bar in found] == whole.ts.tolist()
    assert [bar.open_ts for bar in found] == whole.open_ts.tolist()
    for name in FIELDS:
        assert np.array_equal([bar.fields[name] for bar in found], getattr(whole, name), equal_nan=True), name


@pytest.mark.parametrize("timeframe", ["1h", "1d", "1w"])
@pytest.mark.parametrize("calendar", ["24x7", "XNYS", "FX"])
def test_a_longer_bar_does_not_change_when_later_bars_do(calendar: str, timeframe: str) -> None:
    base = bars(calendar, 15, 1500, 5)
    whole = resample(base, Timeframe.parse(timeframe))
    for cut in (3, 40, len(base) // 2):
        part = resample(
            Bars(*(getattr(base, name)[:cut] if isinstance(getattr(base, name), np.ndarray) else getattr(base, name)
                   for name in ("symbol", "timeframe", "ts", "open_ts", *FIELDS, "instrument"))),
            Timeframe.parse(timeframe),
        )  # fmt: skip
        assert np.array_equal(part.ts, whole.ts[: len(part)])
        assert np.array_equal(part.close, whole.close[: len(part)], equal_nan=True)


STRADDLING = """
strategy Straddling {
  trade X @ 1h
  let long = close@4h
  let level = highest(high, 2)@4h
  let forming = developing(high, 4h)
  let forming_sum = developing(sum(volume, 2), 4h)
  rule now every 4h: long > 0 => buy 1 shares
}
"""


@pytest.mark.parametrize(("calendar", "begins"), [("XNYS", "2024-03-06T00:00"), ("24x7", "2024-03-06T00:30")])
def test_bars_across_the_edges_of_periods_are_the_same_bar_by_bar(calendar: str, begins: str) -> None:
    # Hours from the full hour beside four-hour periods from 14:30; hours from the half hour beside those from 00:00.
    program = lingua.compile(STRADDLING).program
    base = bars(calendar, 60, 600, 3, begins)
    longer = resample(base, Timeframe.parse("4h"))
    assert np.setdiff1d(longer.ts, base.ts).size > 3
    assert batch_is_incremental(program, Market((base,), {}, {}))
