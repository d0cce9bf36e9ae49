"""Frames of pandas and Polars."""

from __future__ import annotations

import numpy as np
import pytest

from lingua.data.errors import DataError
from lingua.data.load import load_frame

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

PRICES = {
    "Open": [1.0, 2.0, 3.0],
    "High": [3.0, 4.0, 5.0],
    "Low": [0.5, 1.5, 2.5],
    "Close": [2.0, 3.0, 4.0],
    "Volume": [1, 2, 3],
}
HOURS = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"]


def closes(bars) -> list[str]:
    return [str(x) for x in bars.ts.astype("datetime64[ns]").astype("datetime64[m]")]


UTC_CLOSES = ["2024-01-01T01:00", "2024-01-01T02:00", "2024-01-01T03:00"]


@pytest.mark.parametrize(
    "index",
    [
        HOURS,
        [1704067200000, 1704070800000, 1704074400000],
        pandas.PeriodIndex(HOURS, freq="h"),
        pandas.Index(HOURS, name="Datetime"),
    ],
    ids=["texts", "epoch", "periods", "named texts"],
)
def test_an_index_that_is_more_than_a_count_is_the_time_column(index):
    assert closes(load_frame(pandas.DataFrame(PRICES, index=index), symbol="X")) == UTC_CLOSES


def test_a_count_of_rows_is_no_time():
    with pytest.raises(DataError, match="no column for time"):
        load_frame(pandas.DataFrame(PRICES), symbol="X")
    with pytest.raises(DataError, match="no column for time"):
        load_frame(pandas.DataFrame(PRICES).iloc[::-1], symbol="X")


def test_a_table_of_pyarrow_is_a_frame():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"time": HOURS, **PRICES})
    assert closes(load_frame(table, symbol="X")) == UTC_CLOSES


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_pandas_index_of_times_is_the_time_column(unit, zone):
    frame = pandas.DataFrame(PRICES, index=pandas.DatetimeIndex(HOURS, tz=zone).as_unit(unit))
    bars = load_frame(frame, symbol="X")
    assert closes(bars) == UTC_CLOSES
    assert bars.close.tolist() == [2, 3, 4]
    assert bars.symbol == "X"


def test_a_zone_of_the_frame_wins_and_naive_times_are_read_in_the_zone_given():
    aware = pandas.DataFrame(PRICES, index=pandas.DatetimeIndex(HOURS, tz="America/New_York"))
    assert closes(load_frame(aware))[0] == "2024-01-01T06:00"
    naive = pandas.DataFrame(PRICES, index=pandas.DatetimeIndex(HOURS))
    assert closes(load_frame(naive, zone="America/New_York"))[0] == "2024-01-01T06:00"


@pytest.mark.parametrize("kind", ["Float64", "float64[pyarrow]", "float32", "object"])
def test_columns_of_any_numeric_type_are_numbers(kind):
    frame = pandas.DataFrame({"Date": pandas.to_datetime(HOURS), **PRICES})
    frame[["Open", "High", "Low", "Close"]] = frame[["Open", "High", "Low", "Close"]].astype(kind)
    assert load_frame(frame).high.tolist() == [3, 4, 5]


def test_missing_values_of_nullable_columns_are_na():
    frame = pandas.DataFrame({"date": HOURS, **{name: [1.0, None, 1.0] for name in ("open", "high", "low", "close")}})
    frame = frame.astype(dict.fromkeys(("open", "high", "low", "close"), "Float64"))
    assert np.isnan(load_frame(frame).close).tolist() == [False, True, False]


def test_two_level_columns_of_downloaders_are_told_apart():
    columns = pandas.MultiIndex.from_product([["AAPL", "MSFT"], list(PRICES)])
    values = np.column_stack([np.array(PRICES[name]) + k for k in (0, 10) for name in PRICES])
    frame = pandas.DataFrame(values, index=pandas.DatetimeIndex(HOURS), columns=columns)
    assert load_frame(frame, symbol="MSFT").close.tolist() == [12, 13, 14]
    assert load_frame(frame.swaplevel(axis=1), symbol="AAPL").close.tolist() == [2, 3, 4]
    with pytest.raises(DataError, match="2 symbols"):
        load_frame(frame)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_polars_frames_lazy_ones_and_epochs_are_read(unit):
    frame = polars.DataFrame({"timestamp": HOURS, **PRICES}).with_columns(
        polars.col("timestamp").str.to_datetime("%Y-%m-%d %H:%M").cast(polars.Datetime(unit, "UTC"))
    )
    assert closes(load_frame(frame)) == UTC_CLOSES
    assert closes(load_frame(frame.lazy())) == UTC_CLOSES
    assert closes(load_frame(frame.with_columns(polars.col("timestamp").dt.timestamp("ms")))) == UTC_CLOSES
    dates = frame.with_columns(timestamp=polars.Series(["2024-01-01", "2024-01-02", "2024-01-03"]).str.to_date())
    assert str(load_frame(dates).timeframe) == "1d"


def test_rows_of_a_frame_are_counted_from_one():
    frame = polars.DataFrame({"timestamp": HOURS, **PRICES, "Low": [0.5, 9.0, 2.5]})
    with pytest.raises(DataError) as caught:
        load_frame(frame)
    assert caught.value.rows == (2,)


@pytest.mark.parametrize("thing", [None, 3, [1, 2], {"a": 1}, polars.Series([1]), pandas.Series([1.0])])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(DataError, match="is not"):
        load_frame(thing)
