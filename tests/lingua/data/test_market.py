"""The bars a program needs, from whatever it is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from market_series import market_bars

import lingua
from lingua.data.errors import DataError, MissingData
from lingua.data.market import load_market
from lingua.data.write import write_bars

HOURS = "strategy S { trade BTCUSDT @ 1h  rule a: close > open => buy }"
DAYS = "strategy S { trade BTCUSDT @ 1d  rule a: close > open => buy }"
PAIR = "strategy S { trade ETHUSDT @ 1h  data btc = BTCUSDT  let r = close / btc.close  rule a: num(r) > 1 => buy }"
BARE = "strategy S { rule a: close > open => buy }"
INNER = "strategy S { trade BTCUSDT @ 1h  let top = inner(15m, max(high))  rule a: close >= top => buy }"


def program(text: str):
    compiled = lingua.compile(text)
    return compiled.program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Minutes of two coins, hours of one."""
    write_bars(market_bars("24x7", 15, "2024-01-01", "2024-01-20", seed=1), tmp_path / "BTCUSDT_15m.csv")
    write_bars(market_bars("24x7", 60, "2024-01-01", "2024-01-20", seed=2), tmp_path / "BTCUSDT_1h.csv")
    write_bars(market_bars("24x7", 15, "2024-01-01", "2024-01-20", seed=3), tmp_path / "eth-usdt-15m.parquet")
    return tmp_path


def test_a_folder_gives_the_file_of_that_length(folder):
    market = load_market(program(HOURS), folder)
    assert Path(market.traded[0].source).name == "BTCUSDT_1h.csv"
    assert market.notes == ()


def test_longer_bars_are_built_from_the_longest_that_divide_them(folder):
    market = load_market(program(DAYS), folder)
    assert str(market.traded[0].timeframe) == "1d"
    assert market.notes == ("BTCUSDT 1d is built from bars of 1h",)


def test_other_symbols_are_found_beside_the_file_given(folder):
    market = load_market(program(PAIR), folder / "eth-usdt-15m.parquet")
    assert market.traded[0].symbol == "ETHUSDT"
    assert Path(market.data["btc"].source).name == "BTCUSDT_1h.csv"


def test_finer_bars_for_inner_come_from_the_folder(folder):
    market = load_market(program(INNER), folder)
    assert len(market.finer["BTCUSDT", "15m"]) == 19 * 96
    alone = load_market(program(INNER), folder / "BTCUSDT_1h.csv")
    assert not alone.finer
    assert alone.notes == ("there are no 15m bars of BTCUSDT",)


def test_the_only_file_given_serves_the_only_symbol_whatever_it_is_called(folder, tmp_path):
    plain = tmp_path / "my prices.csv"
    plain.write_bytes((folder / "BTCUSDT_1h.csv").read_bytes())
    market = load_market(program(HOURS), plain)
    assert market.traded[0].symbol == "BTCUSDT"
    assert "my prices.csv" in market.notes[0]
    other = tmp_path / "XRPUSDT.csv"
    other.write_bytes((folder / "BTCUSDT_1h.csv").read_bytes())
    market = load_market(program(HOURS), other)
    assert market.traded[0].symbol == "XRPUSDT"
    assert "the program trades BTCUSDT: this run is on the bars given, of XRPUSDT" in market.notes


def test_a_file_of_one_symbol_never_stands_for_another_that_is_read(tmp_path):
    write_bars(market_bars("24x7", 60, "2024-01-01", "2024-01-05"), tmp_path / "prices.csv")
    with pytest.raises(MissingData, match="no bars of BTCUSDT"):
        load_market(program(PAIR), tmp_path / "prices.csv", near=tmp_path)


def test_a_program_without_a_symbol_trades_what_is_given(folder):
    market = load_market(program(BARE), folder / "BTCUSDT_1h.csv")
    assert market.traded[0].symbol == "BTCUSDT"
    assert "names no symbol" in market.notes[0]
    with pytest.raises(MissingData, match="names no symbol"):
        load_market(program(BARE), near=folder)


def test_a_missing_symbol_names_what_was_searched_and_what_is_there(folder):
    with pytest.raises(MissingData, match=r"no file of SOLUSDT in the folder, which holds BTCUSDT_15m\.csv") as caught:
        load_market(program(HOURS), folder, symbol="SOLUSDT")
    assert str(folder) in str(caught.value)
    with pytest.raises(MissingData, match="--data FILE"):
        load_market(program(HOURS), near=folder)


def test_bars_too_long_are_told_with_the_timeframe_that_would_do(folder):
    with pytest.raises(DataError, match="bars of 1h, which do not make bars of 5m"):
        load_market(program(HOURS), folder / "BTCUSDT_1h.csv", timeframe="5m")


def test_the_project_file_maps_symbols_and_its_note_is_told(folder):
    (folder / "lingua.toml").write_text(
        '[symbols.BTCUSDT]\nfile = "BTCUSDT_1h.csv"\nkind = "perp"\ntick = 0.5\nnote = "made up"\n'
        '[symbols.ETHUSDT]\nfile = "eth-usdt-15m.parquet"\n'
    )
    market = load_market(program(PAIR), near=folder / "s.lingua")
    assert market.data["btc"].instrument.tick == 0.5
    assert "BTCUSDT: made up" in market.notes
    # What the project says of a symbol holds for other bars of it too.
    assert load_market(program(HOURS), folder, near=folder).traded[0].instrument.kind == "perp"


def test_frames_and_bars_and_mappings_are_taken(folder):
    polars = pytest.importorskip("polars")
    frame = polars.read_csv(folder / "BTCUSDT_1h.csv", try_parse_dates=True)
    for data in (frame, frame.to_pandas(), {"BTC/USDT": frame}, {"BTCUSDT": str(folder / "BTCUSDT_1h.csv")}):
        market = load_market(program(HOURS), data)
        assert (market.traded[0].symbol, len(market.traded[0])) == ("BTCUSDT", 19 * 24)
    bars = load_market(program(HOURS), folder).traded[0]
    assert load_market(program(HOURS), bars).traded[0] is bars
    with pytest.raises(MissingData, match="given are ETHUSDT"):
        load_market(program(HOURS), {"ETHUSDT": frame})


def test_a_span_cuts_bars_by_their_close(folder):
    market = load_market(program(HOURS), folder, start="2024-01-05", end="2024-01-06")
    times = market.traded[0].ts.astype("datetime64[ns]").astype("datetime64[h]").astype(str).tolist()
    assert (times[0], times[-1]) == ("2024-01-05T01", "2024-01-07T00")
    with pytest.raises(DataError, match="no bar of BTCUSDT lies in the span"):
        load_market(program(HOURS), folder, start="2030-01-01")
    with pytest.raises(DataError, match="is not a time"):
        load_market(program(HOURS), folder, start="then")


def test_a_broken_finer_file_is_an_error_and_not_a_missing_one(folder):
    path = folder / "BTCUSDT_15m.csv"
    path.write_text(path.read_text().replace(",", ";;", 3))
    with pytest.raises(DataError, match="15m"):
        load_market(program(INNER), folder)


def test_bars_without_prices_and_filled_ones_are_told(folder):
    path = folder / "BTCUSDT_1h.csv"
    lines = path.read_text().splitlines()
    lines[5] = lines[5].split(",")[0] + ",,,,,"
    path.write_text("\n".join(lines))
    assert load_market(program(HOURS), path).notes == ("1 of 456 bars of BTCUSDT have no prices (na)",)
    path.write_text("\n".join(lines[:9] + lines[12:]))
    market = load_market(program(HOURS), path, mend=["forward"])
    assert "3 bars of BTCUSDT are filled in: no order is filled on them" in market.notes
    assert len(market.traded[0]) == 456


def test_one_file_of_many_symbols_serves_them_all(shared):
    text = "strategy S { trade AAPL @ 1d  data m = MSFT  let r = close / m.close  rule a: num(r) > 1 => buy }"
    market = load_market(program(text), shared / "universe_daily_44.parquet")
    assert np.array_equal(market.traded[0].ts, market.data["m"].ts)
    assert not np.array_equal(market.traded[0].close, market.data["m"].close)
    weekly = load_market(program(text), shared / "universe_daily_44.parquet", symbol="MSFT", timeframe="1w")
    assert (weekly.traded[0].symbol, str(weekly.traded[0].timeframe)) == ("MSFT", "1w")


def test_a_symbol_that_ends_before_the_others_is_told():
    early = replace(market_bars("24x7", 60, "2024-01-01", "2024-01-05", seed=1), symbol="AUSDT")
    late = replace(market_bars("24x7", 60, "2024-01-01", "2024-02-05", seed=2), symbol="BUSDT")
    both = program("strategy S { trade AUSDT, BUSDT @ 1h  rule a: close > open => buy }")
    (note,) = load_market(both, {"AUSDT": early, "BUSDT": late}).notes
    assert note.startswith("AUSDT ends on 2024-01-05, before the others")
    assert load_market(both, {"AUSDT": late, "BUSDT": late}).notes == ()


def test_a_mapping_says_whose_bars_they_are(folder):
    given = {
        "ETHUSDT": folder / "BTCUSDT_15m.csv",
        "BTCUSDT": market_bars("24x7", 60, "2024-01-01", "2024-01-20", seed=2),
    }
    market = load_market(program(PAIR), given)
    assert [bars.symbol for bars in (*market.traded, *market.data.values())] == ["ETHUSDT", "BTCUSDT"]
    assert [bars.instrument.symbol for bars in (*market.traded, *market.data.values())] == ["ETHUSDT", "BTCUSDT"]
    assert market.traded[0].instrument.quote == "USDT"
    assert market.notes == ("ETHUSDT 1h is built from bars of 15m",)


def test_finer_bars_are_those_of_the_mapping(folder):
    market = load_market(program(INNER), {"BTCUSDT": folder / "eth-usdt-15m.parquet"})
    assert len(market.finer["BTCUSDT", "15m"]) == 19 * 96
