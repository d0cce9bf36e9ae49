"""Cleaning by named methods, which say what they changed."""

from __future__ import annotations

import numpy as np
import pytest
from market_series import market_bars, ns

from lingua.data.clean import USUAL, clean_file
from lingua.data.errors import DataError
from lingua.data.load import load_bars
from lingua.data.quality import check_file
from lingua.data.write import write_bars

HEADER = "timestamp,open,high,low,close,volume\n"


def hour(k: int) -> str:
    return str(np.datetime64("2024-01-01", "h") + k) + ":00:00Z"


def file_of(written, closes: dict[int, float]) -> object:
    return written(
        HEADER + "".join(f"{hour(k)},{c},{c + 1},{c - 1},{c},10\n" for k, c in closes.items()), "BTCUSDT.csv"
    )


def test_the_usual_methods_sort_keep_the_last_and_drop_and_say_so(written):
    text = HEADER + (
        "2024-01-01T02:00:00Z,3,4,2,3,1\n2024-01-01T00:00:00Z,1,2,1,1,1\n2024-01-01T01:00:00Z,2,3,1,2,1\n"
        "2024-01-01T01:00:00Z,2,3,1,2.5,1\n2024-01-01T03:00:00Z,x,5,3,4,1\n2024-01-01T04:00:00Z,5,6,4,5\n"
    )
    cleaned = clean_file(written(text))
    assert cleaned.bars.close.tolist() == [1, 2.5, 3]
    assert cleaned.rows_before == 6
    assert [(change.method, change.count, change.rows) for change in cleaned.changes] == [
        ("sort", 1, (3,)), ("last", 1, (4,)), ("drop", 2, (6, 7)),
    ]  # fmt: skip
    assert "row 4" in "\n".join(cleaned.lines())
    assert cleaned.lines()[0].startswith("6 rows became 3 bars")


def test_a_sound_file_is_left_alone(written):
    cleaned = clean_file(file_of(written, {k: 100 + k for k in range(9)}), USUAL)
    assert not cleaned.changes
    assert cleaned.lines()[-1] == "nothing was changed"


@pytest.mark.parametrize(
    ("method", "closes"),
    [
        ("forward", [100, 101, 101, 101, 104]),
        ("na", [100, 101, np.nan, np.nan, 104]),
        ("linear", [100, 101, 102, 103, 104]),
    ],
)
def test_a_gap_is_filled_and_what_fills_it_is_marked(written, method, closes):
    bars = clean_file(file_of(written, {0: 100, 1: 101, 4: 104}), [method], timeframe="1h").bars
    assert np.allclose(bars.close, closes, equal_nan=True)
    assert bars.is_synthetic.tolist() == [False, False, True, True, False]
    assert np.array_equal(bars.volume[2:4], [np.nan, np.nan] if method == "na" else [0, 0], equal_nan=True)
    assert np.array_equal(bars.high[2:4], bars.close[2:4], equal_nan=True)


def test_a_filled_bar_that_goes_again_is_counted_and_has_no_row(written):
    closes = {hour: 100 + hour % 3 for hour in range(60) if hour not in (31, 32)} | {30: 300}
    changes = clean_file(file_of(written, closes), ["forward", "mad"], timeframe="1h").changes
    assert [(each.method, each.count, each.rows) for each in changes] == [("forward", 2, ()), ("mad", 3, (32,))]
    assert changes[1].text.endswith("left out, 2 of them filled in before")


def test_marks_of_filled_bars_survive_the_file(written, tmp_path):
    bars = clean_file(file_of(written, {0: 100, 1: 101, 4: 104}), ["forward"], timeframe="1h").bars
    for name in ("A.csv", "A.parquet"):
        write_bars(bars, tmp_path / name)
        assert load_bars(tmp_path / name).is_synthetic.tolist() == bars.is_synthetic.tolist()


def test_filling_needs_order_and_keeps_to_the_calendar(written, tmp_path):
    path = written(HEADER + f"{hour(1)},1,1,1,1,1\n{hour(0)},1,1,1,1,1\n{hour(2)},1,1,1,1,1\n")
    with pytest.raises(DataError, match="in order"):
        clean_file(path, ["forward"])
    bars = market_bars("XNYS", 30, "2024-03-04", "2024-03-23")
    write_bars(bars, tmp_path / "SPY.csv")
    lines = (tmp_path / "SPY.csv").read_text().splitlines()
    filled = clean_file(written("\n".join(lines[:40] + lines[43:]) + "\n", "SPY.csv"), ["forward"]).bars
    # Three bars, not the nights and week-ends.
    assert np.array_equal(filled.ts, bars.ts)
    assert int(filled.is_synthetic.sum()) == 3


def test_a_spike_goes_and_a_wick_is_pulled_back(written):
    closes = {k: 100.0 + k % 3 for k in range(60)}
    path = file_of(written, {**closes, 20: 1.06})
    cleaned = clean_file(path, ["spike"])
    assert [change.rows for change in cleaned.changes] == [(22,)]
    assert ns("2024-01-01T20:00") not in cleaned.bars.open_ts.tolist()
    text = path.read_text().replace(f"{hour(30)},100.0,101.0,99.0", f"{hour(30)},100.0,101.0,9.0")
    cleaned = clean_file(written(text, "ETHUSDT.csv"), ["mad"])
    assert cleaned.bars.low[cleaned.bars.open_ts == ns(hour(30)[:-1])].tolist() == [100.0]


def test_a_level_that_changes_for_good_is_no_outlier(written):
    closes = {k: 100.0 + k % 3 if k < 30 else 50.0 + k % 3 for k in range(60)}
    assert not clean_file(file_of(written, closes), ["spike", "mad"]).changes


def test_the_bad_prints_of_2013_are_taken_out_and_the_rest_stays(shared):
    cleaned = clean_file(shared / "dirty" / "crypto_1m_BTCUSD_2013_bitfinex.parquet", ["spike", "mad"])
    removed = sum(change.count for change in cleaned.changes)
    assert 10 < removed < 60
    assert len(cleaned.bars) > 148_000
    day = (cleaned.bars.ts > ns("2013-04-11")) & (cleaned.bars.ts < ns("2013-04-12"))
    assert cleaned.bars.low[day].min() > 40


def test_a_cleaned_file_is_sound(shared, tmp_path):
    cleaned = clean_file(shared / "dirty" / "skender_bad_raw.csv", ["drop", "sort", "last", "forward", "spike", "mad"])
    write_bars(cleaned.bars, tmp_path / "SPY.csv")
    found = check_file(tmp_path / "SPY.csv")
    assert not [issue.kind for issue in found.issues if issue.severity == "error" and issue.kind != "jump"]


def test_what_no_method_mends_is_still_refused(written):
    with pytest.raises(DataError, match="high and low"):
        clean_file(written(HEADER + f"{hour(0)},1,0.5,1,1,1\n{hour(1)},1,1,1,1,1\n"), ["sort"])
