"""CSV files as exchanges, vendors, brokers and spreadsheets write them."""

from __future__ import annotations

import contextlib
import gzip
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.data.errors import DataError, MissingData
from lingua.data.load import load_bars
from lingua.data.numbers import as_floats
from lingua.data.table import LARGE_TEXT, _large_text, read_text

ROWS = "2024-01-01T00:00:00Z,1,3,0.5,2,10\n2024-01-01T01:00:00Z,2,4,1.5,3,20\n2024-01-01T02:00:00Z,3,5,2.5,4,30\n"
HEADER = "timestamp,open,high,low,close,volume\n"


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def assert_is_usual(bars, *, volume=(10, 20, 30)):
    assert str(bars.timeframe) == "1h"
    assert bars.open_ts[0] == ns("2024-01-01T00:00")
    assert bars.ts[0] == ns("2024-01-01T01:00")
    assert bars.open.tolist() == [1, 2, 3]
    assert bars.close.tolist() == [2, 3, 4]
    assert bars.high.tolist() == [3, 4, 5]
    assert bars.low.tolist() == [0.5, 1.5, 2.5]
    assert bars.volume.tolist() == list(volume)


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROWS,
        "\ufeff" + HEADER + ROWS,
        HEADER.upper() + ROWS.replace("\n", "\r\n"),
        '"Date","Open","High","Low","Close","Volume"\n' + ROWS,
        (HEADER + ROWS).replace(",", ";"),
        (HEADER + ROWS).replace(",", "\t"),
        (HEADER + ROWS).replace(",", " | "),
        "# made by hand\n" + HEADER + "\n" + ROWS + "\n\n",
        "https://www.example.org/prices\n" + HEADER + ROWS,
        "Time,Vol.,Close,Low,High,Open,Adj Close\n"
        "2024-01-01 00:00,10,2,0.5,3,1,99\n2024-01-01 01:00,20,3,1.5,4,2,99\n2024-01-01 02:00,30,4,2.5,5,3,99\n",
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<SPREAD>\n"
        "2024.01.01\t00:00:00\t1\t3\t0.5\t2\t10\t0\n2024.01.01\t01:00:00\t2\t4\t1.5\t3\t20\t0\n"
        "2024.01.01\t02:00:00\t3\t5\t2.5\t4\t30\t0\n",
        # Klines of an exchange, without a header.
        "1704067200000,1,3,0.5,2,10,1704070799999,0,0,0,0,0\n1704070800000,2,4,1.5,3,20,1704074399999,0,0,0,0,0\n"
        "1704074400000,3,5,2.5,4,30,1704077999999,0,0,0,0,0\n",
        "20240101 000000;1;3;0.5;2;10\n20240101 010000;2;4;1.5;3;20\n20240101 020000;3;5;2.5;4;30\n",
        "2024.01.01,00:00,1,3,0.5,2,10\n2024.01.01,01:00,2,4,1.5,3,20\n2024.01.01,02:00,3,5,2.5,4,30\n",
        "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"
        "1704067200,2024-01-01 00:00:00,BTC/USD,1,3,0.5,2,10,1\n1704070800,2024-01-01 01:00:00,BTC/USD,2,4,1.5,3,20,1\n"
        "1704074400,2024-01-01 02:00:00,BTC/USD,3,5,2.5,4,30,1\n",
        # Without a name for the column of times, as a frame with an unnamed index is written.
        HEADER.replace("timestamp", "") + ROWS,
        # Numbered titles; a broker that counts ticks; titles and clocks of other languages.
        "timestamp,1a. open (EUR),1b. open (USD),2. high,3. low,4. close,5. volume\n"
        + ROWS.replace("Z,1,", "Z,1,9,").replace("Z,2,", "Z,2,9,").replace("Z,3,", "Z,3,9,"),
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\n"
        "2024.01.01\t00:00:00\t1\t3\t0.5\t2\t10\t0\n2024.01.01\t01:00:00\t2\t4\t1.5\t3\t20\t0\n"
        "2024.01.01\t02:00:00\t3\t5\t2.5\t4\t30\t0\n",
        "Datum;Uhrzeit;Eröffnung;Hoch;Tief;Schluss;Volumen\n01.01.2024;00:00;1;3;0,5;2;10\n"
        "01.01.2024;01:00;2;4;1,5;3;20\n01.01.2024;02:00;3;5;2,5;4;30\n",
        "Date;Heure;Ouverture;Plus haut;Plus bas;Clôture;Volume\n01/01/2024;00:00;1;3;0,5;2;10\n"
        "01/01/2024;01:00;2;4;1,5;3;20\n01/01/2024;02:00;3;5;2,5;4;30\n",
        "日付,時刻,始値,高値,安値,終値,出来高\n2024/01/01,00:00,1,3,0.5,2,10\n2024/01/01,01:00,2,4,1.5,3,20\n"
        "2024/01/01,02:00,3,5,2.5,4,30\n",
        # Offsets and zones in the stamps themselves.
        "Local time,Open,High,Low,Close,Volume\n01.01.2024 02:00:00.000 GMT+0200,1,3,0.5,2,10\n"
        "01.01.2024 03:00:00.000 GMT+0200,2,4,1.5,3,20\n01.01.2024 04:00:00.000 GMT+0200,3,5,2.5,4,30\n",
        "date,open,high,low,close,volume\n20231231 19:00:00 US/Eastern,1,3,0.5,2,10\n"
        "20231231 20:00:00 US/Eastern,2,4,1.5,3,20\n20231231 21:00:00 US/Eastern,3,5,2.5,4,30\n",
        "date,open,high,low,close,volume\n2023-12-31 07:00 PM EST,1,3,0.5,2,10\n"
        "2023-12-31 08:00 PM EST,2,4,1.5,3,20\n2023-12-31 09:00 PM EST,3,5,2.5,4,30\n",
        "date,open,high,low,close,volume\n2024-01-01T01:00+01:00[Europe/Paris],1,3,0.5,2,10\n"
        "2024-01-01T02:00+01:00[Europe/Paris],2,4,1.5,3,20\n2024-01-01T03:00+01:00[Europe/Paris],3,5,2.5,4,30\n",
        # Two headers, as a downloader of shares writes them.
        "Price,Close,High,Low,Open,Volume\nTicker,AAA,AAA,AAA,AAA,AAA\nDatetime,,,,,\n"
        "2024-01-01 00:00:00+00:00,2,3,0.5,1,10\n2024-01-01 01:00:00+00:00,3,4,1.5,2,20\n"
        "2024-01-01 02:00:00+00:00,4,5,2.5,3,30\n",
        "close_time;o;h;l;c;v\n1704070800;1;3;0,5;2;10\n1704074400;2;4;1,5;3;20\n1704078000;3;5;2,5;4;30\n",
    ],
)
def test_a_usual_layout_is_read(written, text):
    assert_is_usual(load_bars(written(text)))


def test_shares_side_by_side_are_told_apart(written):
    """A share that was not traded yet has empty cells; rows keep their numbers."""
    text = (
        "Ticker,AAA,AAA,AAA,AAA,BBB,BBB,BBB,BBB\nPrice,Open,High,Low,Close,Open,High,Low,Close\nDate,,,,,,,,\n"
        "2024-01-01,1,3,0.5,2,,,,\n2024-01-02,2,4,1.5,3,7,9,6,8\n2024-01-03,3,5,2.5,4,8,9,7,8\n"
    )
    path = written(text)
    with pytest.raises(DataError, match=r"2 symbols \(AAA, BBB\)"):
        load_bars(path)
    bars = load_bars(path, symbol="BBB")
    assert bars.open.tolist() == [7, 8]
    assert bars.rows.tolist() == [5, 6]
    assert load_bars(path, symbol="AAA").close.tolist() == [2, 3, 4]


def test_months_zones_and_their_gaps(written):
    """A month alone is a date; a zone that is none and an hour that no clock showed are refused with their rows."""
    months = "date,open,high,low,close\n2024-01,1,1,1,1\n2024-02,1,1,1,1\n2024-03,1,1,1,1\n"
    assert str(load_bars(written(months)).timeframe) == "1mo"
    stamps = ["2024-03-10 01:30 America/New_York", "2024-03-10 02:30 America/New_York"]
    with pytest.raises(DataError, match=r"row 3: 2024-03-10 02:30 does not exist in America/New_York"):
        load_bars(written("date,open,high,low,close\n" + "".join(f"{stamp},1,1,1,1\n" for stamp in stamps)))
    with pytest.raises(DataError, match=r"rows 2-3: `2024-03-10 01:30 Nowhere/City` is not a time"):
        load_bars(
            written(
                ("date,open,high,low,close\n" + f"{stamps[0]},1,1,1,1\n" * 2).replace(
                    "America/New_York", "Nowhere/City"
                )
            )
        )


def test_an_archive_of_one_file_is_read_and_of_several_refused(written, tmp_path):
    path = tmp_path / "BTC-1h.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTC-1h-2024-01.csv", HEADER + ROWS)
    assert_is_usual(load_bars(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.csv", HEADER + ROWS)
    with pytest.raises(DataError, match="the archive holds 2 files"):
        load_bars(path)
    with pytest.raises(DataError, match="damaged or locked"):
        load_bars(written(path.read_bytes()[:60], "B.zip"))


def test_windows_text_with_accents_in_its_header_is_read(written):
    text = "Datum;Eröffnung;Hoch;Tief;Schluss\n01.02.2024;1;3;0,5;2\n02.02.2024;2;4;1,5;3\n"
    assert load_bars(written(text.encode("cp1252"))).open.tolist() == [1, 2]


def test_thousands_money_and_suffixes_are_numbers(written):
    text = (
        'Date,Price,Open,High,Low,Vol.,Change %\n01/02/2024,"2,000.5","1,000.5","$3,000.0",500,1.5K,1%\n'
        '01/03/2024,"2,001.5","1,001.5","3,001.0",501,2M,1%\n'
    )
    bars = load_bars(written(text))
    assert bars.close.tolist() == [2000.5, 2001.5]
    assert bars.high[0] == 3000.0
    assert bars.volume.tolist() == [1500.0, 2_000_000.0]


def test_utf16_gzip_json_lines_and_tsv_are_read(written):
    assert_is_usual(load_bars(written((HEADER + ROWS).encode("utf-16"))))
    assert_is_usual(load_bars(written(gzip.compress((HEADER + ROWS).encode()), "BTC.csv.gz")))
    assert_is_usual(load_bars(written((HEADER + ROWS).replace(",", "\t"), "BTC.tsv")))
    names = HEADER.strip().split(",")
    objects = [dict(zip(names, row.split(","), strict=True)) for row in ROWS.split()]
    lines = "\n".join(str(each).replace("'", '"') for each in objects)
    assert_is_usual(load_bars(written(lines, "BTC.jsonl")))


@given(st.lists(st.floats(min_value=1e-300, max_value=1e300), min_size=1, max_size=30))
def test_prices_are_what_float_makes_of_their_text(values):
    texts = [repr(value) for value in values]
    assert as_floats(texts)[0].tolist() == values
    # One odd cell sends the column down the slow way: the same numbers.
    numbers, bad = as_floats([*texts, "-", "", "x"])
    assert numbers[: len(values)].tolist() == values
    assert np.isnan(numbers[len(values) :]).all()
    assert bad == [len(values) + 2]


def test_a_large_file_is_read_to_the_same_bits():
    random = np.random.default_rng(5)
    numbers = np.exp(random.normal(0, 30, (400, 5)))
    rows = [
        ",".join([f"2024-01-01 {k // 60:02d}:{k % 60:02d}:00", *map(repr, row.tolist())])
        for k, row in enumerate(numbers)
    ]
    text = HEADER + "\n".join(rows) + "\n"
    assert len(text) < LARGE_TEXT
    small, large = read_text(text, "f"), _large_text(text, ",", 1, "f")
    assert large is not None
    assert large.rows.tolist() == small.rows.tolist()
    for name in small.columns:
        assert large.columns[name].to_list() == small.columns[name]
    for name in ("open", "volume"):
        assert np.array_equal(as_floats(large.columns[name])[0], as_floats(small.columns[name])[0])


def test_a_large_file_with_a_faulty_row_is_looked_at_closely():
    text = HEADER + ROWS + "2024-01-01T03:00:00Z,1,2\n"
    assert _large_text(text, ",", 1, "f") is None
    assert read_text(text, "f").ragged == (5,)


@pytest.mark.parametrize(
    ("row", "cause", "mend"),
    [
        ("2023-12-31T23:00:00Z,1,3,0.5,2,10", "earlier than the one before", "sort"),
        ("2024-01-01T02:00:00Z,1,3,0.5,2,10", "occurs more than once", "last"),
        ("2024-01-01T03:00:00Z,4,3,0.5,2,10", "high and low do not enclose", "clip"),
        ("2024-01-01T03:00:00Z,1,0.4,0.5,1,10", "high and low do not enclose", "drop"),
        ("2024-01-01T03:00:00Z,1,3,-0.5,2,10", "zero or negative", "drop"),
        ("2024-01-01T03:00:00Z,0,3,0,2,10", "zero or negative", "drop"),
        ("2024-01-01T03:00:00Z,1,inf,0.5,2,10", "infinite", "drop"),
        ("2024-01-01T03:00:00Z,1,1e999,0.5,2,10", "infinite", "drop"),
        ("2024-01-01T03:00:00Z,1,3,0.5,2,-10", "volume is negative", "drop"),
        ("2024-01-01T03:00:00Z,1,3,,2,10", "are missing", "drop"),
        ("2024-01-01T03:00:00Z,1,3,0.5,two,10", "`two` in column close is not a number", "drop"),
        ("yesterday,1,3,0.5,2,10", "`yesterday` is not a time", "drop"),
        (",1,3,0.5,2,10", "the stamp is missing", "drop"),
        ("2024-01-01T03:00:00Z,1,3,0.5", "does not have the 6 fields", "drop"),
        ("2024-01-01T03:00:00Z,1,3,0.5,2,10,7,8", "does not have the 6 fields", "drop"),
    ],
)
def test_a_wrong_row_is_refused_by_its_number_until_it_is_mended(written, row, cause, mend):
    path = written(HEADER + ROWS + row + "\n")
    with pytest.raises(DataError) as caught:
        load_bars(path)
    assert caught.value.rows == (5,)
    assert cause in str(caught.value)
    assert str(path) in str(caught.value)
    assert "row 5" in str(caught.value)
    bars = load_bars(path, mend=[mend, "sort"] if mend != "sort" else ["sort"])
    assert len(bars) >= 3
    assert (np.diff(bars.ts) > 0).all()
    assert (bars.low <= bars.high).all()


def test_every_kind_of_fault_is_told_at_once(written):
    text = HEADER + ROWS + "2024-01-01T03:00:00Z,1,3,0.5,x,10\n2024-01-01T02:00:00Z,-1,3,0.5,2,10\n"
    with pytest.raises(DataError) as caught:
        load_bars(written(text))
    message = str(caught.value)
    assert "row 5: `x` in column close" in message
    assert "also row 6: the stamp is earlier" in message
    assert "also row 6: a price is zero or negative" in message


def test_rows_are_lines_of_the_file_whatever_stands_between(written):
    text = "a title\n# a remark\n" + HEADER + "\n" + ROWS + "2024-01-01T03:00:00Z,1,3,0.5,x,10\n"
    with pytest.raises(DataError) as caught:
        load_bars(written(text))
    assert caught.value.rows == (8,)


def test_a_bar_without_any_price_is_na(written):
    bars = load_bars(written(HEADER + ROWS + "2024-01-01T03:00:00Z,,,,,\n2024-01-01T04:00:00Z,1,3,0.5,2,10\n"))
    assert np.isnan(bars.close[3])
    assert np.isnan(bars.open[3])
    assert len(bars) == 5


def test_columns_that_bars_need_are_asked_for(written):
    with pytest.raises(DataError, match="no column for high, low among"):
        load_bars(written("time,open,close\n2024-01-01,1,2\n"))
    with pytest.raises(DataError, match="trades or quotes, not bars"):
        load_bars(written("time,price,size\n2024-01-01,1,2\n"))


def test_further_columns_are_kept_and_adjusted_closes_are_not(written):
    text = "timestamp,open,high,low,close,volume,funding,comment,Adj Close\n" + "".join(
        row + f",0.0{k},hello,1\n" for k, row in enumerate(ROWS.split())
    )
    assert {name: column.tolist() for name, column in load_bars(written(text)).columns.items()} == {
        "funding": [0.0, 0.01, 0.02]
    }


def test_a_file_of_several_symbols_gives_the_one_asked_for(written):
    rows = [
        f"{symbol},2024-01-0{day},1,3,0.5,{close},10" for day in (1, 2, 3) for symbol, close in (("AAA", 2), ("BBB", 1))
    ]
    path = written("ticker,date,open,high,low,close,volume\n" + "\n".join(rows))
    assert load_bars(path, symbol="BBB").close.tolist() == [1, 1, 1]
    with pytest.raises(MissingData, match=r"2 symbols \(AAA, BBB\)"):
        load_bars(path)
    with pytest.raises(MissingData, match="none of them CCC"):
        load_bars(path, symbol="CCC")


def test_an_unknown_mend_is_told_with_a_guess(written):
    with pytest.raises(DataError, match="did you mean `clip`"):
        load_bars(written(HEADER + ROWS), mend=["clp"])
    with pytest.raises(DataError, match="uses later bars"):
        load_bars(written(HEADER + ROWS), mend=["spike"])


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (HEADER.encode(), "not a single bar"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        (b"PAR1\0\0", "binary"),
        (b"timestamp,open,high,low,close\n2024-01-01,\xff\xfe,1,1,1\n", "not UTF-8"),
        (b"\x1f\x8b\x08garbage", "gzip"),
        (b"just some words\nand more\n", "no column for"),
        (b"<html><body>404</body></html>", "no column for"),
        (b'timestamp,open,high,low,close\n"2024-01-01,1,2,1,1\n' * 3, "not a"),
    ],
)
def test_what_is_no_table_of_bars_is_refused_in_words(written, content, cause):
    with pytest.raises(DataError, match=cause):
        load_bars(written(content))


def test_a_missing_file_a_folder_and_a_strange_ending_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load_bars(tmp_path / "NONE.csv")
    with pytest.raises(DataError, match="folder"):
        load_bars(tmp_path)
    (tmp_path / "A.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match="not a format of bars"):
        load_bars(tmp_path / "A.xlsx")
    for name in ("A.parquet", "A.feather"):
        (tmp_path / name).write_bytes(b"PAR1 this is no parquet PAR1")
        with pytest.raises(DataError, match=r"cannot be read|damaged"):
            load_bars(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        b"," * 3_000_000,
        b"\n" * 3_000_000,
        b"a," * 1_000_000 + b"\n",
        HEADER.encode() + b'"' + b"a" * 1_000_000,
        HEADER.encode() + b"1" * 100_000 + b",1,1,1,1,1\n",
        HEADER.encode() + b"2024-01-01," + b"1" * 1_000_000 + b",1,1,1,1\n",
        HEADER.encode() + b"2024-01-01,1\n" * 20_000,
        HEADER.encode() + b"x,1,1,1,1,1\n" * 20_000,
    ],
    ids=["separators", "lines", "columns", "quote", "long stamp", "long number", "short rows", "wrong stamps"],
)
def test_a_hostile_file_is_refused_at_once(written, content):
    path = written(content)
    began = time.process_time()
    with pytest.raises(DataError) as caught:
        load_bars(path)
    assert time.process_time() - began < 2
    assert len(str(caught.value)) < 2000


@given(st.binary(max_size=300))
def test_junk_is_refused_and_never_crashes(tmp_path_factory, junk):
    path = tmp_path_factory.mktemp("junk") / "A.csv"
    for content in (junk, HEADER.encode() + junk, (HEADER + ROWS).encode() + junk):
        path.write_bytes(content)
        with contextlib.suppress(DataError):
            load_bars(path)
