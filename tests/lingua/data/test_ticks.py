"""Bars of trades and of quotes."""

from __future__ import annotations

import numpy as np
import pytest

from lingua.cli.main import main
from lingua.data.errors import DataError
from lingua.data.load import load_bars
from lingua.data.table import read_text
from lingua.data.ticks import bars_from_ticks
from lingua.data.timeframe import Timeframe

TRADES = (
    "timestamp,price,size\n"
    "2024-01-01T00:00:05Z,10,1\n2024-01-01T00:00:50Z,12,2\n2024-01-01T00:00:50Z,9,3\n2024-01-01T00:00:59.9Z,11,4\n"
    "2024-01-01T00:01:00Z,11.5,5\n2024-01-01T00:04:00Z,8,6\n"
)
USUAL = [(10, 12, 9, 11, 10), (11.5, 11.5, 11.5, 11.5, 5), (8, 8, 8, 8, 6)]


def rows(bars) -> list[tuple[float, ...]]:
    return list(
        zip(*(getattr(bars, name).tolist() for name in ("open", "high", "low", "close", "volume")), strict=True)
    )


def minutes(text: str, length: str = "1m", **options):
    return bars_from_ticks(read_text(text, "TICKS.csv"), Timeframe.parse(length), name="BTCUSDT", **options)


def test_trades_become_bars_and_minutes_without_one_none():
    bars = minutes(TRADES)
    assert rows(bars) == USUAL
    stamps = [str(ts) for ts in bars.ts.astype("datetime64[ns]").astype("datetime64[m]")]
    assert stamps == ["2024-01-01T00:01", "2024-01-01T00:02", "2024-01-01T00:05"]


def test_the_files_of_exchanges_without_a_header_are_known():
    single = "".join(
        f"{k},{row.split(',')[1]},{row.split(',')[2]},0,{ms},True,True\n"
        for k, (row, ms) in enumerate(
            zip(TRADES.split()[1:], (5_000, 50_000, 50_000, 59_900, 60_000, 240_000), strict=True)
        )
        for ms in [1_704_067_200_000 + ms]
    )
    assert rows(minutes(single)) == USUAL


def test_quotes_give_the_middle_and_a_side_that_was_not_updated_stands():
    text = (
        "time,bid,ask\n2024-01-01T00:00:01Z,10,0\n2024-01-01T00:00:02Z,0,12\n2024-01-01T00:00:30Z,11,0\n"
        "2024-01-01T00:01:10Z,,14\n"
    )
    bars = minutes(text)
    assert rows(bars)[0][:4] == (11, 11.5, 11, 11.5)
    assert rows(bars)[1][:4] == (12.5, 12.5, 12.5, 12.5)
    assert np.isnan(bars.volume).all()


def test_a_session_has_its_own_trades_and_those_of_its_closing_auction():
    text = (
        "timestamp,price,size\n2024-01-02T13:00:00Z,99,1\n2024-01-02T14:30:00Z,10,1\n2024-01-02T20:59:59Z,11,1\n"
        "2024-01-02T21:00:07Z,12,50\n2024-01-02T22:00:00Z,1,1\n2024-01-03T15:00:00Z,13,1\n"
    )

    def of_new_york(assumed):
        from dataclasses import replace

        return replace(assumed, kind="stock", calendar="XNYS")

    bars = minutes(text, "1d", terms=of_new_york)
    assert rows(bars) == [(10, 12, 10, 12, 52), (13, 13, 13, 13, 1)]


@pytest.mark.parametrize(
    ("text", "cause", "mend"),
    [
        (TRADES + "2024-01-01T00:03:00Z,8,6\n", "row 8: the stamp is earlier", "sort"),
        (TRADES + "2024-01-01T00:05:00Z,0,6\n", "row 8: a price is not above zero", "drop"),
        (TRADES + "yesterday,8,6\n", "row 8: `yesterday` is not a time", "drop"),
    ],
)
def test_wrong_ticks_are_refused_with_their_row_and_mended_when_told(text, cause, mend):
    with pytest.raises(DataError, match=cause) as caught:
        minutes(text)
    assert mend in caught.value.mend
    assert rows(minutes(text, mend=(mend,)))[:2] == USUAL[:2]


def test_a_backtest_on_ticks_names_the_command_that_makes_bars(tmp_path, capsys):
    path = tmp_path / "BTCUSDT.csv"
    path.write_text(TRADES)
    with pytest.raises(DataError) as caught:
        load_bars(path)
    assert "lingua data resample" in caught.value.mend
    assert main(["data", "resample", str(path), "1m", "-o", str(tmp_path / "OUT.csv")]) == 0
    assert "3 bars of 1m from ticks" in capsys.readouterr().out
    assert rows(load_bars(tmp_path / "OUT.csv", timeframe="1m")) == USUAL
