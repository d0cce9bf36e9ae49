"""Sessions: holidays, early closes, daylight saving."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingua.data.calendars import (
    ALIASES,
    calendar,
    is_session,
    names,
    session_bounds,
    session_close_after,
    session_of,
    sessions_between,
    sessions_per_year,
)
from lingua.data.zones import to_local, to_utc


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def bounds(text: str, name: str = "XNYS") -> list[str]:
    opens, closes = session_bounds(np.array([day(text)]), name)
    return [str(np.datetime64(int(x[0]), "ns").astype("datetime64[m]")) for x in (opens, closes)]


def test_new_york_opens_an_hour_earlier_in_utc_after_the_clocks_go_forward():
    assert bounds("2024-03-08") == ["2024-03-08T14:30", "2024-03-08T21:00"]
    assert bounds("2024-03-11") == ["2024-03-11T13:30", "2024-03-11T20:00"]
    assert bounds("2024-11-01") == ["2024-11-01T13:30", "2024-11-01T20:00"]
    assert bounds("2024-11-04") == ["2024-11-04T14:30", "2024-11-04T21:00"]


def test_the_day_after_thanksgiving_closes_early_and_thanksgiving_is_none():
    assert bounds("2023-11-24") == ["2023-11-24T14:30", "2023-11-24T18:00"]
    assert not is_session(np.array([day("2023-11-23")]), "XNYS")[0]
    assert is_session(np.array([day("2023-11-24")]), "NASDAQ")[0]


def test_days_without_a_session_after_the_attacks_and_the_hurricane():
    closed = [day(text) for text in ("2001-09-11", "2001-09-14", "2012-10-29", "2012-10-30")]
    assert not is_session(np.array(closed), "XNYS").any()


def test_foreign_exchange_runs_from_five_to_five_in_new_york():
    assert bounds("2024-03-11", "FX") == ["2024-03-10T21:00", "2024-03-11T21:00"]
    assert bounds("2024-01-08", "FX") == ["2024-01-07T22:00", "2024-01-08T22:00"]


def test_a_close_belongs_to_the_session_it_ends_and_the_night_to_the_next():
    stamps = np.array([ns("2024-03-08T21:00"), ns("2024-03-08T22:00"), ns("2024-03-11T13:31")])
    assert session_of(stamps, "XNYS").tolist() == [day("2024-03-08"), day("2024-03-11"), day("2024-03-11")]
    assert session_of(np.array([ns("2024-03-09T00:00")]), "24x7").tolist() == [day("2024-03-08")]


def test_the_close_after_a_friday_is_mondays():
    assert session_close_after(ns("2024-03-08T21:00"), "XNYS") == ns("2024-03-11T20:00")


def test_every_alias_leads_to_a_calendar_and_an_unknown_name_lists_them():
    for alias in ALIASES:
        assert calendar(alias).name in names()
    with pytest.raises(ValueError, match="XNYS"):
        calendar("XMARS")
    assert sessions_per_year("24x7") == 365
    assert sessions_per_year("NYSE") == 252


@pytest.mark.filterwarnings("ignore::Warning")
@pytest.mark.parametrize("name", [name for name in names() if name not in ("24x7", "FX")])
def test_the_tables_equal_the_published_sessions(name):
    published = pytest.importorskip("exchange_calendars")
    factory = published.calendar_utils._default_calendar_factories[name]
    ends = factory.bound_max()
    last = "2026-12-31" if ends is None else min("2026-12-31", str(ends.date()))
    schedule = published.get_calendar(name, start="2015-01-01", end=last).schedule
    days = schedule.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    table = sessions_between(int(days[0]) * 86_400 * 10**9, int(days[-1]) * 86_400 * 10**9, name)
    kept = slice(np.searchsorted(table.days, days[0]), np.searchsorted(table.days, days[-1], side="right"))
    assert np.array_equal(table.days[kept], days)
    for column, ours in (("open", table.opens[kept]), ("close", table.closes[kept])):
        theirs = schedule[column].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]")
        assert np.array_equal(ours, theirs.astype(np.int64))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Sydney", "Asia/Kolkata", "UTC"]),
    st.integers(0, 2_000_000_000),
    st.integers(60, 90_000),
)
def test_columns_of_instants_go_to_local_time_and_back(zone, start, step):
    utc = (start + step * np.arange(50, dtype=np.int64)) * 10**9
    local = to_local(utc, zone)
    expected = [datetime.fromtimestamp(int(t) // 10**9, ZoneInfo(zone)).replace(tzinfo=None) for t in utc]
    assert local.astype("datetime64[ns]").astype("datetime64[s]").tolist() == expected
    # An hour that occurs twice comes back as its first pass unless the column goes through both.
    back = to_utc(local, zone)
    assert (to_local(back, zone) == local).all()
    if step <= 1800:
        assert (back == utc).all() or (utc[0] != back[0])


def test_a_month_of_minutes_through_both_passes_of_an_hour_is_exact():
    utc = np.arange(ns("2024-10-20"), ns("2024-11-20"), 60 * 10**9, dtype=np.int64)
    assert np.array_equal(to_utc(to_local(utc, "America/New_York"), "America/New_York"), utc)
    utc = np.arange(ns("2024-03-01"), ns("2024-04-20"), 60 * 10**9, dtype=np.int64)
    assert np.array_equal(to_utc(to_local(utc, "Europe/London"), "Europe/London"), utc)
