"""Longer bars close by the clock, at the end of their period."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_series import cut, market_bars, ns

from lingua.data.actions import factor_of
from lingua.data.bars import Action, Bars
from lingua.data.calendars import sessions_between
from lingua.data.resample import adjusted, period_of, resample, visible_index
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

CALENDARS = ["24x7", "XNYS", "FX", "CMES", "XLON", "XTKS"]
PERIODS = ["1h", "4h", "1d", "2d", "1w", "1mo", "3mo", "1y"]
COLUMNS = ("ts", "open_ts", "open", "high", "low", "close", "volume")


def times(stamps) -> list[str]:
    return [str(x) for x in stamps.astype("datetime64[ns]").astype("datetime64[m]")]


def test_hours_of_new_york_make_days_that_close_with_the_session():
    days = resample(market_bars("XNYS", 60, "2024-03-06", "2024-03-13"), Timeframe(1, "d"))
    # The clocks go forward on Sunday the 10th.
    assert times(days.ts) == [
        f"2024-03-{d:02d}T{h}" for d, h in ((6, "21:00"), (7, "21:00"), (8, "21:00"), (11, "20:00"), (12, "20:00"))
    ]
    assert times(days.open_ts)[:1] == ["2024-03-06T14:30"]


def test_days_around_the_autumn_change_of_clocks():
    days = resample(market_bars("XNYS", 30, "2024-10-31", "2024-11-06"), Timeframe(1, "d"))
    assert times(days.ts) == ["2024-10-31T20:00", "2024-11-01T20:00", "2024-11-04T21:00", "2024-11-05T21:00"]
    fx = resample(market_bars("FX", 60, "2024-10-31T21:00", "2024-11-06T00:00"), Timeframe(1, "d"))
    assert times(fx.ts) == ["2024-11-01T21:00", "2024-11-04T22:00", "2024-11-05T22:00"]


def test_an_early_close_ends_the_day_and_the_hours_in_it():
    bars = market_bars("XNYS", 30, "2023-11-24", "2023-11-25")
    assert times(resample(bars, Timeframe(1, "d")).ts) == ["2023-11-24T18:00"]
    assert times(resample(bars, Timeframe(1, "h")).ts) == [
        "2023-11-24T15:30", "2023-11-24T16:30", "2023-11-24T17:30", "2023-11-24T18:00",
    ]  # fmt: skip


def test_the_period_that_began_before_the_data_and_the_running_one_are_left_out():
    bars = market_bars("24x7", 60, "2024-01-01T05:00", "2024-01-04T07:00")
    assert times(resample(bars, Timeframe(1, "d")).ts) == ["2024-01-03T00:00", "2024-01-04T00:00"]


def test_a_period_without_bars_gives_none_and_one_without_its_last_bar_closes_all_the_same():
    bars = market_bars("24x7", 60, "2024-01-01", "2024-01-05")
    hours = (bars.open_ts - ns("2024-01-01")) // (3600 * 10**9)
    keep = (hours // 24 != 1) & ~((hours // 24 == 2) & (hours % 24 >= 20))
    some = replace(bars, **{name: getattr(bars, name)[keep] for name in COLUMNS})
    days = resample(some, Timeframe(1, "d"))
    assert times(days.ts) == ["2024-01-02T00:00", "2024-01-04T00:00", "2024-01-05T00:00"]


def test_weeks_months_quarters_and_years_follow_the_calendar_of_sessions():
    bars = market_bars("XNYS", 60, "2022-12-30", "2024-04-10")
    assert times(resample(bars, Timeframe(1, "w")).ts)[:2] == ["2023-01-06T21:00", "2023-01-13T21:00"]
    # Good Friday 2023 has no session: that week ends on Thursday.
    assert "2023-04-06T20:00" in times(resample(bars, Timeframe(1, "w")).ts)
    assert times(resample(bars, Timeframe(1, "mo")).ts)[:2] == ["2023-01-31T21:00", "2023-02-28T21:00"]
    assert times(resample(bars, Timeframe(3, "mo")).ts) == [
        "2023-03-31T20:00", "2023-06-30T20:00", "2023-09-29T20:00", "2023-12-29T21:00", "2024-03-28T20:00",
    ]  # fmt: skip
    assert times(resample(bars, Timeframe(1, "y")).ts) == ["2023-12-29T21:00"]


def test_pairs_of_days_are_the_same_pairs_wherever_the_data_begins():
    bars = market_bars("XNYS", 60, "2023-06-01", "2024-02-01")
    whole = resample(bars, Timeframe(2, "d"))
    later = market_bars("XNYS", 60, "2024-01-05", "2024-02-01")
    assert set(resample(later, Timeframe(2, "d")).ts.tolist()) <= set(whole.ts.tolist())


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(CALENDARS), st.sampled_from(PERIODS), st.integers(0, 99))
def test_every_longer_bar_is_made_of_the_bars_of_its_period_alone(name, length, seed):
    bars = market_bars(name, 30, "2023-12-20", "2024-02-12", seed=seed, missing=0.2, holes=0.05)
    timeframe = Timeframe.parse(length)
    made = resample(bars, timeframe)
    starts, ends = period_of(bars.ts - 1, timeframe, name)
    assert (starts < bars.ts).all()
    assert (bars.ts <= ends).all()
    for k in range(len(made)):
        inside = np.flatnonzero(ends == made.ts[k])
        known = inside[~np.isnan(bars.close[inside])]
        if not len(known):
            assert np.isnan(made.close[k])
            continue
        assert made.open[k] == bars.open[known[0]]
        assert made.close[k] == bars.close[known[-1]]
        assert made.high[k] == bars.high[known].max()
        assert made.low[k] == bars.low[known].min()
        volume = 0.0
        for value in bars.volume[inside].tolist():
            volume += value
        assert made.volume[k] == volume
    assert (np.diff(made.ts) > 0).all()
    scalar = [period_of(int(ts) - 1, timeframe, name) for ts in bars.ts[::97]]
    assert scalar == list(zip(starts[::97].tolist(), ends[::97].tolist(), strict=True))


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(CALENDARS), st.sampled_from(PERIODS), st.integers(0, 99), st.floats(0.1, 0.99))
def test_no_longer_bar_changes_when_later_bars_do(name, length, seed, share):
    bars = market_bars(name, 30, "2023-12-20", "2024-02-12", seed=seed, missing=0.1)
    n = max(1, int(len(bars) * share))
    timeframe = Timeframe.parse(length)
    whole, part = resample(bars, timeframe), resample(cut(bars, n), timeframe)
    assert len(part) <= len(whole)
    for column in COLUMNS:
        assert np.array_equal(getattr(part, column), getattr(whole, column)[: len(part)], equal_nan=True)
    # What closed by the last bar of the part is all there.
    assert len(part) == int((whole.ts <= bars.ts[n - 1]).sum())


@pytest.mark.parametrize("every", ["1h", "4h", "1d", "1w", "1mo"])
def test_periods_of_a_market_that_never_closes_equal_polars(every):
    polars = pytest.importorskip("polars")
    bars = market_bars("24x7", 15, "2023-11-27", "2024-03-04", missing=0.3)
    frame = polars.DataFrame({name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")})
    frame = frame.with_columns(ts=polars.Series(bars.open_ts).cast(polars.Datetime("ns")))
    first, last = polars.col("open").first(), polars.col("close").last()
    theirs = frame.group_by_dynamic("ts", every=every).agg(
        first, polars.col("high").max(), polars.col("low").min(), last, polars.col("volume").sum()
    )
    ours = resample(bars, Timeframe.parse(every))
    starts = period_of(ours.open_ts, Timeframe.parse(every), "24x7")[0]
    stamps = theirs["ts"].to_physical().to_numpy()
    kept = np.isin(stamps, starts)
    # Polars also gives the first and last period, which are incomplete.
    assert kept.sum() == len(ours)
    assert len(stamps) - kept.sum() <= 2
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(theirs[name].to_numpy()[kept], getattr(ours, name))
    assert np.allclose(theirs["volume"].to_numpy()[kept], ours.volume, rtol=1e-12)


def test_a_bar_across_an_edge_belongs_to_the_period_in_which_it_ends():
    # Hours from the full hour, four-hour periods from the opening at 14:30 UTC: 14:30-18:30 and 18:30-21:00.
    opens = ["14:30", "15:00", "16:00", "17:00", "18:00", "19:00", "20:00"]
    ends = [*opens[1:], "21:00"]
    prices = np.arange(1.0, 8.0)
    day = Bars(
        "X", Timeframe(1, "h"), *(np.array([ns(f"2024-01-03T{at}") for at in times]) for times in (ends, opens)),
        prices, prices, prices, prices, prices, Instrument("X", "stock", calendar="XNYS"),
    )  # fmt: skip
    made = resample(day, Timeframe(4, "h"))
    assert made.ts.tolist() == [ns("2024-01-03T18:30"), ns("2024-01-03T21:00")]
    assert made.close.tolist() == [4.0, 7.0]  # the bar that ends at 19:00 is not known at 18:30
    assert made.open.tolist() == [1.0, 5.0]
    assert made.volume.tolist() == [10.0, 18.0]


def test_a_longer_bar_is_seen_from_the_first_close_at_or_after_its_own():
    assert visible_index(np.array([5, 10, 15, 20]), np.array([10, 20])).tolist() == [-1, 0, 0, 1]


def test_a_split_inside_a_week_leaves_one_scale():
    days = market_bars("XNYS", 60, "2024-01-02", "2024-02-02")
    split = Action(ns("2024-01-10T05:00"), 3.0)
    late = days.ts > split.ts
    prices = {
        name: np.where(late, getattr(days, name) / 3.0, getattr(days, name))
        for name in ("open", "high", "low", "close")
    }
    bars = replace(days, **prices, actions=(split,), factor=factor_of((split,), days.ts))
    weeks = resample(bars, Timeframe(1, "w"))
    # As traded: the week of the split is told in new shares.
    assert weeks.factor.tolist() == [1.0] + [3.0] * (len(weeks) - 1)
    assert weeks.open[1] == pytest.approx(days.open[days.ts > ns("2024-01-08")][0] / 3.0, rel=1e-12)
    # As series see it: adjusted first or last is the same.
    assert np.allclose(resample(adjusted(bars), Timeframe(1, "w")).high, weeks.high * weeks.factor, rtol=1e-15)
    assert np.allclose(adjusted(bars).close, days.close, rtol=1e-15)


def test_periods_far_from_the_table_of_holidays_still_follow_the_week():
    starts, ends = period_of(np.array([ns("1931-05-06T15:00"), ns("2061-05-04T15:00")]), Timeframe(1, "d"), "XNYS")
    assert times(ends) == ["1931-05-06T20:00", "2061-05-04T20:00"]
    assert (starts < ends).all()


def test_sessions_never_overlap():
    for name in CALENDARS:
        table = sessions_between(ns("1985-01-01"), ns("2027-01-01"), name)
        assert (table.opens < table.closes).all()
        assert (table.opens[1:] >= table.closes[:-1]).all()
