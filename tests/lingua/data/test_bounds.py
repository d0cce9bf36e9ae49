"""When bars open and close, told from stamps."""

from __future__ import annotations

import numpy as np
import pytest
from market_series import ns

from lingua.data.bounds import bar_bounds, infer_timeframe
from lingua.data.errors import DataError
from lingua.data.timeframe import Timeframe


def stamps(*texts: str):
    return np.array([ns(text) for text in texts], dtype=np.int64)


def bounds(texts, timeframe, calendar, said=""):
    opens, closes = bar_bounds(stamps(*texts), Timeframe.parse(timeframe), said, calendar)
    return [[str(x) for x in column.astype("datetime64[ns]").astype("datetime64[m]")] for column in (opens, closes)]


def test_a_daily_stamp_is_the_date_of_the_session():
    opens, closes = bounds(["2024-03-08", "2024-03-11"], "1d", "XNYS")
    assert opens == ["2024-03-08T14:30", "2024-03-11T13:30"]
    assert closes == ["2024-03-08T21:00", "2024-03-11T20:00"]
    assert bounds(["2024-03-11"], "1d", "FX")[0] == ["2024-03-10T21:00"]
    assert bounds(["2024-03-11"], "1d", "24x7")[1] == ["2024-03-12T00:00"]


def test_a_daily_stamp_at_midnight_of_the_exchange_is_a_date_too():
    assert bounds(["2024-03-08T05:00", "2024-03-11T04:00"], "1d", "XNYS") == bounds(
        ["2024-03-08", "2024-03-11"], "1d", "XNYS"
    )


def test_daily_closes_of_a_market_that_never_closes_may_be_stamped_by_the_close():
    assert bounds(["2024-03-08", "2024-03-09"], "1d", "24x7", "close") == [
        ["2024-03-07T00:00", "2024-03-08T00:00"], ["2024-03-08T00:00", "2024-03-09T00:00"]
    ]  # fmt: skip


def test_daily_bars_stamped_by_the_instant_of_their_close_or_open_are_understood():
    assert (
        bounds(["2024-03-07T21:00", "2024-03-08T21:00", "2024-03-11T20:00"], "1d", "XNYS")[1][2] == "2024-03-11T20:00"
    )
    opens, closes = bounds(["2024-03-08T14:30", "2024-03-11T13:30"], "1d", "XNYS")
    assert opens[1] == "2024-03-11T13:30"
    assert closes[1] == "2024-03-11T20:00"


def test_hours_are_stamped_by_the_open_unless_said_otherwise():
    assert bounds(["2024-01-01T10:00"], "1h", "24x7") == [["2024-01-01T10:00"], ["2024-01-01T11:00"]]
    assert bounds(["2024-01-01T10:00"], "1h", "24x7", "close") == [["2024-01-01T09:00"], ["2024-01-01T10:00"]]


def test_the_last_hour_of_a_session_ends_with_it():
    opens, closes = bounds([f"2024-01-03T{h}:30" for h in range(14, 21)], "1h", "XNYS")
    assert closes[-1] == "2024-01-03T21:00"
    assert opens[-1] == "2024-01-03T20:30"


def test_a_bar_of_the_full_hour_opens_with_the_session_in_it():
    opens, closes = bounds([f"2024-01-03T{h}:00" for h in range(14, 21)], "1h", "XNYS")
    assert opens[0] == "2024-01-03T14:30"
    assert closes[0] == "2024-01-03T15:00"


def test_bars_of_a_day_with_trading_before_and_after_keep_their_length():
    texts = [f"2024-01-03T{h:02d}:30" for h in range(9, 24)]
    assert bounds(texts, "1h", "XNYS")[1][11] == "2024-01-03T21:30"


@pytest.mark.parametrize(
    ("texts", "closes"),
    [
        # Mondays, a holiday's week by its Tuesday.
        (["2024-01-08", "2024-01-16", "2024-01-22"], ["2024-01-12T21:00", "2024-01-19T21:00", "2024-01-26T21:00"]),
        # Fridays end a week, and Good Friday's by the Thursday before.
        (["2024-03-15", "2024-03-22", "2024-03-28"], ["2024-03-15T20:00", "2024-03-22T20:00", "2024-03-28T20:00"]),
        # Sundays begin one.
        (["2024-01-07", "2024-01-14", "2024-01-21"], ["2024-01-12T21:00", "2024-01-19T21:00", "2024-01-26T21:00"]),
    ],
)
def test_a_week_is_known_by_its_first_or_last_day(texts, closes):
    assert bounds(texts, "1w", "XNYS")[1] == closes


def test_a_sunday_is_never_taken_to_end_a_week_unless_said():
    assert bounds(["2024-01-07", "2024-01-14"], "1w", "24x7")[1] == ["2024-01-14T00:00", "2024-01-21T00:00"]
    assert bounds(["2024-01-07", "2024-01-14"], "1w", "24x7", "close")[1] == ["2024-01-08T00:00", "2024-01-15T00:00"]


def test_a_month_is_known_by_its_first_or_last_day():
    closes = ["2024-01-31T21:00", "2024-02-29T21:00", "2024-03-28T20:00"]
    assert bounds(["2024-01-01", "2024-02-01", "2024-03-01"], "1mo", "XNYS")[1] == closes
    assert bounds(["2024-01-31", "2024-02-29", "2024-03-28"], "1mo", "XNYS")[1] == closes
    assert bounds(["2024-01-01"], "3mo", "XNYS")[1] == ["2024-03-28T20:00"]
    assert bounds(["2024-01-01", "2025-01-01"], "1y", "24x7")[1] == ["2025-01-01T00:00", "2026-01-01T00:00"]
    assert bounds(["2023-12-29", "2024-12-31"], "1y", "XNYS")[1] == ["2023-12-29T21:00", "2024-12-31T21:00"]


def test_the_length_of_bars_is_the_usual_step():
    hour = 3600 * 10**9
    assert str(infer_timeframe(np.arange(9) * hour, "")) == "1h"
    assert str(infer_timeframe(np.array([0, 1, 2, 5, 6, 30]) * hour // 4, "")) == "15m"
    assert str(infer_timeframe(np.arange(9) * 24 * hour, "")) == "1d"
    assert str(infer_timeframe(np.arange(9) * 7 * 24 * hour, "")) == "1w"
    months = np.array([f"2024-{m:02d}-01" for m in range(1, 13)], dtype="datetime64[ns]").astype(np.int64)
    assert str(infer_timeframe(months, "")) == "1mo"
    assert str(infer_timeframe(months[::3], "")) == "3mo"


@pytest.mark.parametrize("ts", [[0], [0, 7, 14], [0, 60, 120, 150, 210, 215, 300, 360]])
def test_a_length_that_is_not_clear_is_asked_for(ts):
    with pytest.raises(DataError, match="--timeframe"):
        infer_timeframe(np.array(ts, dtype=np.int64) * 10**9, "")
