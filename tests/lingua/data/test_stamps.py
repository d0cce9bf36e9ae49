"""Time stamps as people write them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.data.errors import DataError
from lingua.data.stamps import parse_one, parse_stamps
from lingua.data.table import Instants


def instant(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T14:30:00Z", "2024-01-31T14:30"),
        ("2024-01-31 14:30", "2024-01-31T14:30"),
        ("2024-01-31 14:30:00+00:00", "2024-01-31T14:30"),
        ("2024-01-31T14:30:00.123456789Z", "2024-01-31T14:30:00.123456789"),
        ("2024-01-31T14:30:00+01:00", "2024-01-31T13:30"),
        ("2024-01-31T14:30:00-0500", "2024-01-31T19:30"),
        ("2024-01-31T24:00:00Z", "2024-02-01"),
        ("2024-01-31T14", "2024-01-31T14:00"),
        ("2024-01-31 02-PM", "2024-01-31T14:00"),
        ("2024/01/31", "2024-01-31"),
        ("2024.01.31 14:30", "2024-01-31T14:30"),
        ("01/31/2024", "2024-01-31"),
        ("1/31/2024 2:30 PM", "2024-01-31T14:30"),
        ("12/31/2023 12:05:01 a.m.", "2023-12-31T00:05:01"),
        ("31.01.2024 14:30", "2024-01-31T14:30"),
        ("20240131", "2024-01-31"),
        ("20240131 143000", "2024-01-31T14:30"),
        ("20240131143000", "2024-01-31T14:30"),
        ("Jan 31, 2024", "2024-01-31"),
        ("31-Jan-24", "2024-01-31"),
        ("1706711400", "2024-01-31T14:30"),
        ("1706711400.5", "2024-01-31T14:30:00.5"),
        ("1706711400000", "2024-01-31T14:30"),
        ("1706711400000000", "2024-01-31T14:30"),
        ("1706711400000000000", "2024-01-31T14:30"),
    ],
)
def test_a_usual_spelling_is_understood(text, meant):
    assert parse_one(text, "UTC") == instant(meant)


@pytest.mark.parametrize("text", ["", "abc", "13/13/2024", "2024-13-01", "2024-02-30", "45292", "12:30", "9999-01-01"])
def test_what_is_no_time_is_not_guessed(text):
    with pytest.raises(ValueError, match="is not a time"):
        parse_one(text, "UTC")


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2199, 12, 31)))
def test_iso_texts_keep_every_microsecond(moment):
    meant = instant(moment.isoformat())
    column = [moment.isoformat(timespec="microseconds") + "Z", moment.isoformat(sep=" ", timespec="microseconds")]
    assert [parse_one(text, "UTC") for text in column] == [meant, meant]


def test_a_column_of_days_first_is_told_from_months_first():
    assert parse_stamps(["31/01/2024", "01/02/2024"], "UTC", "", [2, 3]).ts.tolist() == [
        instant("2024-01-31"), instant("2024-02-01")
    ]  # fmt: skip
    # Both ways possible: the one in order.
    assert parse_stamps(["11/01/2024", "12/01/2024", "01/02/2024"], "UTC", "", [2, 3, 4]).ts[2] == instant("2024-02-01")
    assert parse_stamps(["01/11/2024", "01/12/2024"], "UTC", "", [2, 3]).ts[1] == instant("2024-01-12")


def test_stamps_of_two_kinds_in_one_column_are_not_mixed():
    parsed = parse_stamps(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "1704240000"], "UTC", "", [2, 3, 4])
    assert parsed.bad.tolist() == [False, False, True]
    parsed = parse_stamps(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00"], "UTC", "", [2, 3, 4])
    assert parsed.bad.tolist() == [False, False, True]
    assert "another way" in parsed.cause


def test_new_york_clocks_give_the_hour_that_occurs_twice_both_times():
    texts = [f"2024-11-03 {clock}" for clock in ("00:30", "01:00", "01:30", "01:00", "01:30", "02:00")]
    hours = parse_stamps(texts, "America/New_York", "", range(2, 8)).ts
    assert hours[0] == instant("2024-11-03T04:30")
    assert np.diff(hours).tolist() == [30 * 60 * 10**9] * 5


def test_an_hour_that_never_was_is_refused_with_its_row():
    texts = ["2024-03-10 01:30", "2024-03-10 02:30", "2024-03-10 03:30"]
    with pytest.raises(DataError, match="does not exist in America/New_York") as caught:
        parse_stamps(texts, "America/New_York", "f.csv", [2, 3, 4])
    assert caught.value.rows == (3,)


def test_an_unknown_zone_is_a_data_error():
    for zone in ("Nowhere/Town", "../../etc/passwd", ""):
        with pytest.raises(DataError, match="no time zone"):
            parse_stamps(["2024-01-01"], zone, "", [2])


def test_a_date_as_a_number_is_a_date_and_a_count_is_none():
    assert parse_stamps(np.array([20240131, 20240201]), "UTC", "", [1, 2]).ts[0] == instant("2024-01-31")
    assert parse_stamps(np.array([1, 2, 3]), "UTC", "", [1, 2, 3]).bad.all()


def test_a_missing_stamp_of_a_typed_column_is_bad_not_early():
    parsed = parse_stamps(Instants(np.array([0, np.iinfo(np.int64).min]), True), "UTC", "", [1, 2])
    assert parsed.bad.tolist() == [False, True]
