"""The quality report finds each kind of damage, where it is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from market_series import market_bars, ns

from lingua.data.quality import check_file
from lingua.data.write import write_bars

NOW = ns("2030-01-01")


@pytest.fixture
def hourly(tmp_path: Path) -> list[str]:
    """Lines of a sound file of hours."""
    write_bars(market_bars("24x7", 60, "2024-01-01", "2024-01-21"), tmp_path / "BTCUSDT.csv")
    return (tmp_path / "BTCUSDT.csv").read_text().splitlines()


def report(written, lines, name="BTCUSDT.csv"):
    return check_file(written("\n".join(lines) + "\n", name), now=NOW)


def kinds(found) -> dict[str, tuple[int, ...]]:
    return {issue.kind: issue.rows for issue in found.issues}


def test_a_sound_file_scores_a_hundred(written, hourly):
    found = report(written, hourly)
    assert found.score == 100
    assert not found.issues
    assert found.may_run
    assert (found.symbol, found.timeframe, found.bars) == ("BTCUSDT", "1h", 480)


def test_missing_bars_cost_completeness_by_their_share(written, hourly):
    found = report(written, hourly[:101] + hourly[149:])
    assert found.count("missing") == 48
    assert found.completeness == 90 == found.score
    assert "2024-01-05T04:00 to 2024-01-07T03:00 (48)" in found.issues[0].text
    assert found.longest_gap_ns == 49 * 3600 * 10**9


def test_each_damage_is_found_with_its_row_and_its_side_of_the_score(written, hourly):
    cells = [line.split(",") for line in hourly]
    cells[10][4] = "oops"
    cells[20][2] = "0.01"
    cells[30][1] = "-3"
    cells[40][1:6] = ["", "", "", "", ""]
    cells[50][0] = cells[49][0]
    cells[60], cells[61] = cells[61], cells[60]
    cells[70] = cells[70][:4]
    cells[80][0] = "never"
    cells[90][1:5] = [str(float(x) / 100) for x in cells[90][1:5]]
    cells[100][0] = cells[100][0].replace(":00:00Z", ":17:00Z")
    cells.append([cells[-1][0].replace("2024", "2031"), *cells[-1][1:]])
    found = report(written, [",".join(row) for row in cells])
    rows = {
        "ragged": (71,), "stamp": (81,), "number": (11,), "unsorted": (62,), "duplicate": (51,), "negative": (31,),
        "off grid": (101,), "future": (482,), "no prices": (41,), "range": (21, 91), "missing": (), "outlier": (),
    }  # fmt: skip
    told = kinds(found)
    assert {kind: told.get(kind, ()) for kind in rows} == {**rows, "range": told["range"], "outlier": told["outlier"]}
    assert 21 in told["range"]
    assert 91 in told["outlier"]
    assert not found.may_run
    assert found.score == pytest.approx(
        found.completeness * found.accuracy * found.timeliness * found.consistency / 1e6, abs=0.02
    )
    text = "\n".join(found.lines())
    assert "score" in text
    assert "row 11" in text
    assert "a backtest refuses" in text
    assert found.as_dict()["issues"][0]["severity"] == "error"


def test_holidays_and_week_ends_are_not_missing(tmp_path):
    write_bars(market_bars("XNYS", 30, "2023-06-01", "2024-02-01"), tmp_path / "SPY.csv")
    found = check_file(tmp_path / "SPY.csv", now=NOW)
    assert (found.calendar, found.score, found.issues) == ("XNYS", 100, ())


def test_a_day_that_is_missing_from_daily_bars_is_named(written, shared):
    lines = (shared / "daily_us" / "IBM.csv").read_text().splitlines()
    found = report(written, lines[:100] + lines[101:], "IBM.csv")
    assert found.count("missing") == 1
    assert lines[100][:10] in found.issues[0].text


def test_a_split_without_a_factor_is_an_error_and_with_it_is_none(written, shared):
    text = (shared / "daily_us" / "MSFT.csv").read_text()
    found = check_file(written(text, "MSFT.csv"), now=NOW)
    assert kinds(found) == {"jump": (745,)}
    assert not found.may_run
    assert text.splitlines()[744].startswith("2003-02-18")
    written("date,split,dividend\n2003-02-18,2,\n", "MSFT.actions.csv")
    assert check_file(written(text, "MSFT.csv"), now=NOW).score == 100


DATA_TABLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "DATA.md"
ROWS = re.findall(
    r"^\| `([^`]+)` \| ([\d,]+)[^|]*\| [^|]* \| [^|]* \| ([^|]*) \| ([^|]*) \|",
    DATA_TABLE.read_text() if DATA_TABLE.exists() else "", re.MULTILINE,
)  # fmt: skip
# A million rows take five seconds; the minutes of 2013 show the same.
ROWS = [row for row in ROWS if "1m_BTCUSD_2017" not in row[0]]


def test_a_volume_of_zero_is_told_by_whether_one_was_recorded_before(written):
    rows = "".join(f"2024-01-{day:02d},1,1,1,1,{volume}\n" for day, volume in ((2, 0), (3, 0), (4, 5), (5, 0), (8, 5)))
    issues = check_file(written("date,open,high,low,close,volume\n" + rows)).issues
    told = {issue.text: issue.rows for issue in issues if issue.kind == "zero volume"}
    assert told == {
        "bars have no volume: no order is filled on them": (5,),
        "bars have no volume, as if it were not recorded": (2, 3),
    }


KINDS = {"flat_bars": "flat", "zero_vol": "zero volume", "same_stamp": "same stamp", "dup": "duplicate"}


@pytest.mark.parametrize(("name", "rows", "gap", "flags"), ROWS, ids=[row[0] for row in ROWS])
def test_the_shared_files_have_the_flags_their_description_tells(shared, name, rows, gap, flags):
    path = shared / name
    if "universe" in name:
        return _universe(path, flags)
    found = check_file(path, now=NOW)
    assert found.bars == int(rows.replace(",", ""))
    told = {KINDS[kind]: int(count) for kind, count in re.findall(r"(\w+) (\d+)", flags)}
    assert {kind: found.count(kind) for kind in KINDS.values()} == {**dict.fromkeys(KINDS.values(), 0), **told}
    assert not found.count("range")
    assert not found.count("unsorted")
    if gap:
        days, _, clock = gap.rpartition(" days") if "days" in gap else ("0", "", gap)
        hours = (
            sum(int(x) * s for x, s in zip(clock.strip().split(":"), (3600, 60, 1), strict=False))
            if clock.strip()
            else 0
        )
        assert found.longest_gap_ns == (int(days) * 86_400 + hours) * 10**9
    return None


def _universe(path: Path, flags: str) -> None:
    from lingua.data.quality import check
    from lingua.data.raw import symbols_of
    from lingua.data.table import read_table

    table = read_table(path)
    found = [check(table, symbol=symbol, now=NOW) for symbol in symbols_of(table)]
    assert len(found) == 44
    told = {KINDS[kind]: int(count) for kind, count in re.findall(r"(\w+) (\d+)", flags)}
    assert {kind: sum(each.count(kind) for each in found) for kind in told} == told


def test_the_real_bad_prints_of_2013_are_found(shared):
    path = shared / "dirty" / "crypto_1m_BTCUSD_2013_bitfinex.parquet"
    found = check_file(path, now=NOW)
    polars = pytest.importorskip("polars")
    stamps = polars.read_parquet(path)["timestamp"].to_numpy().astype("datetime64[m]")
    rows = next(issue.rows for issue in found.issues if issue.kind == "outlier")
    when = {str(stamps[row - 1]) for row in rows}
    assert {"2013-04-10T17:36", "2013-04-10T17:37"} <= when
    assert any(text.startswith("2013-04-11") for text in when)
    assert len(rows) < 40
    assert found.count("missing") == 247_938
    assert 37 < found.score < 38


def test_the_damaged_file_is_refused_for_what_is_damaged(shared):
    found = check_file(shared / "dirty" / "skender_bad_raw.csv", now=NOW)
    by_kind = {issue.kind: issue.count for issue in found.issues}
    assert by_kind["stamp"] == 50
    assert by_kind["no prices"] == 51
    assert by_kind["negative"] == 54
    assert by_kind["range"] == 9
    assert by_kind["volume"] == 1
    assert not found.may_run
    assert found.score < 70


def test_stamps_of_other_clocks_show(shared):
    found = check_file(shared / "fx_1h_GBPUSD.parquet", now=NOW)
    assert any(issue.kind == "outside" and "--zone" in issue.mend for issue in found.issues)


def test_a_calm_random_walk_has_no_outliers(written):
    random = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, 5000)))
    lines = ["timestamp,open,high,low,close"] + [
        f"{np.datetime64('2020-01-01') + np.timedelta64(k, 'h')},{c},{c * 1.03},{c * 0.97},{c}"
        for k, c in enumerate(close)
    ]
    assert not report(written, lines).count("outlier")
