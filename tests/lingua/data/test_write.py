"""What is written reads back: the same prices, closing at the same instants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_series import market_bars

from lingua.data.errors import DataError
from lingua.data.info import describe_file
from lingua.data.load import load_bars
from lingua.data.resample import resample
from lingua.data.timeframe import Timeframe
from lingua.data.write import number_text, write_bars

PRICES = ("open", "high", "low", "close", "volume")


def assert_same(ours, theirs):
    assert np.array_equal(ours.ts, theirs.ts)
    assert ours.timeframe == theirs.timeframe
    for name in PRICES:
        assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True)


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "feather", "arrow"])
@pytest.mark.parametrize("name", ["24x7", "XNYS", "FX", "XTKS"])
@pytest.mark.parametrize("length", ["15m", "1h", "1d", "1w", "1mo"])
def test_bars_of_every_length_and_market_survive_every_format(tmp_path, ending, name, length):
    bars = market_bars(name, 15, "2023-10-02", "2024-04-10", missing=0.1, holes=0.01)
    made = bars if length == "15m" else resample(bars, Timeframe.parse(length))
    write_bars(made, tmp_path / f"X.{ending}")
    assert_same(made, load_bars(tmp_path / f"X.{ending}", instrument=bars.instrument))


@settings(deadline=None, max_examples=60)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_so_that_they_read_back_exactly(value):
    assert float(number_text(value)) == value


def test_further_columns_are_written(tmp_path, written):
    text = "timestamp,open,high,low,close,funding\n2024-01-01T00:00:00Z,1,1,1,1,0.5\n2024-01-01T01:00:00Z,1,1,1,1,\n"
    bars = load_bars(written(text))
    write_bars(bars, tmp_path / "B.csv")
    assert np.array_equal(load_bars(tmp_path / "B.csv").columns["funding"], [0.5, np.nan], equal_nan=True)
    assert "volume" not in (tmp_path / "B.csv").read_text()


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("equity_1h_AAPL.parquet", "1h"), ("equity_1h_AAPL.parquet", "1d"), ("fx_1h_EURUSD_2017-2018.csv", "4h"),
        ("crypto_5m_XMR_BTC.parquet", "15m"), ("dirty/crypto_1m_BTCUSD_2013_bitfinex.parquet", "4h"),
        ("index_daily/N225_1970-2025.csv", "1mo"), ("fx_1h_GBPUSD.parquet", "1d"),
    ],
)  # fmt: skip
def test_real_bars_survive_a_file(shared, tmp_path, name, length):
    bars = load_bars(shared / name)
    made = bars if str(bars.timeframe) == length else resample(bars, Timeframe.parse(length))
    for ending in ("csv", "parquet"):
        write_bars(made, tmp_path / f"X.{ending}")
        assert_same(made, load_bars(tmp_path / f"X.{ending}", instrument=bars.instrument))


def test_a_file_is_described(tmp_path, shared):
    found = describe_file(shared / "daily_us" / "AAPL.csv")
    assert (found.symbol, found.timeframe, found.bars, found.first) == ("AAPL", "1d", 3270, "2000-03-01")
    assert found.closes == "2013-03-01T21:00:00Z"
    assert "3,270 bars" in "\n".join(found.lines())
    several = describe_file(shared / "universe_daily_44.parquet")
    assert len(several.symbols) == 44
    assert "44 symbols" in "\n".join(several.lines())


def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path):
    bars = market_bars("24x7", 60, "2024-01-01", "2024-01-03")
    with pytest.raises(DataError, match="cannot be written"):
        write_bars(bars, tmp_path / "A.xlsx")
    with pytest.raises(DataError, match="cannot be written"):
        write_bars(bars, tmp_path / "nowhere" / "A.csv")
    assert not list(tmp_path.iterdir())
