"""`lingua data`."""

import json
from pathlib import Path

import pytest

from lingua.cli import exits
from lingua.cli.commands.data import METHODS
from lingua.data.checks import MENDS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good file of hourly bars, and one with a duplicate, a hole and an impossible price."""
    monkeypatch.chdir(tmp_path)
    rows = [
        f"2024-01-{1 + n // 24:02d}T{n % 24:02d}:00:00Z,{100 + n % 7},{109 + n % 7},99,{100 + (n + 1) % 7},5"
        for n in range(96)
    ]
    header = "timestamp,open,high,low,close,volume"
    Path("good.csv").write_text("\n".join([header, *rows]) + "\n")
    bad = [*rows[:10], rows[9], *rows[10:40], *rows[43:60], rows[60].replace(",99,", ",199,"), *rows[61:]]
    Path("bad.csv").write_text("\n".join([header, *bad]) + "\n")
    return tmp_path


def test_methods_are_those_of_the_data_layer() -> None:
    assert set(METHODS) == set(MENDS)


def test_a_good_file_has_the_full_score(lingua) -> None:
    done = lingua("data", "check", "good.csv")
    assert done.code == 0
    assert "score 100.0 of 100" in done.out


def test_issues_are_told_with_their_rows(lingua) -> None:
    done = lingua("data", "check", "bad.csv")
    assert done.code == exits.DATA
    assert "row 12" in done.out
    found = json.loads(lingua("data", "check", "bad.csv", "--json").out)
    assert found["may_run"] is False
    assert 0 < found["score"] < 100
    assert all({"kind", "category", "severity", "rows", "count"} <= set(issue) for issue in found["issues"])


def test_info_tells_what_a_file_holds(lingua) -> None:
    assert "good 1h: 96 bars" in lingua("data", "info", "good.csv").out
    found = json.loads(lingua("data", "info", "good.csv", "--json").out)
    assert (found["bars"], found["timeframe"], found["has_volume"]) == (96, "1h", True)


def test_cleaning_says_what_it_changed(lingua) -> None:
    done = lingua("data", "clean", "bad.csv", "-o", "clean.csv")
    assert done.code == 0, done.err
    assert "last: 1" in done.out
    assert "drop: 1" in done.out
    assert lingua("data", "check", "clean.csv").code == 0


def test_gaps_can_be_filled(lingua) -> None:
    assert lingua("data", "clean", "bad.csv", "-o", "full.csv", "--mend", "last,clip", "--mend", "forward").code == 0
    assert json.loads(lingua("data", "info", "full.csv", "--json").out)["bars"] == 96


def test_longer_bars_are_made(lingua) -> None:
    done = lingua("data", "resample", "good.csv", "4h", "-o", "four.csv")
    assert done.out == "four.csv: 24 bars of 4h from 96 of 1h\n"
    assert json.loads(lingua("data", "info", "four.csv", "--json").out)["timeframe"] == "4h"


@pytest.mark.parametrize("ending", ["parquet", "feather", "tsv", "arrow"])
def test_formats_are_converted_and_back(lingua, ending: str) -> None:
    assert lingua("data", "convert", "good.csv", "-o", f"good.{ending}").code == 0
    assert lingua("data", "convert", f"good.{ending}", "-o", "back.csv").code == 0
    assert lingua("data", "convert", "good.csv", "-o", "same.csv").code == 0
    assert Path("back.csv").read_bytes() == Path("same.csv").read_bytes()


def test_wrong_bars_are_not_converted_silently(lingua) -> None:
    done = lingua("data", "convert", "bad.csv", "-o", "x.parquet")
    assert done.code == exits.DATA
    assert not Path("x.parquet").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), exits.USAGE),
        (("frob", "good.csv"), exits.USAGE),
        (("check", "none.csv"), exits.DATA),
        (("clean", "good.csv"), exits.USAGE),
        (("clean", "good.csv", "-o", "good.csv"), exits.USAGE),
        (("resample", "good.csv", "soon", "-o", "x.csv"), exits.USAGE),
        (("resample", "good.csv", "5m", "-o", "x.csv"), exits.USAGE),
        (("convert", "good.csv", "-o", "x.xls"), exits.USAGE),
        (("convert", "good.csv", "-o", "no/folder.csv"), exits.USAGE),
        (("check", "good.csv", "--timeframe", "soon"), exits.USAGE),
        (("info", "good.csv", "--zone", "Mars/Olympus"), exits.USAGE),
        (("clean", "good.csv", "-o", "x.csv", "--mend", "magic"), exits.USAGE),
    ],
)
def test_what_cannot_be_done_is_said(lingua, words: tuple[str, ...], code: int) -> None:
    done = lingua("data", *words)
    assert done.code == code
    assert done.err.startswith("lingua: ")
    assert "Traceback" not in done.err


def test_the_project_file_says_how_a_file_is_read(lingua) -> None:
    Path("lingua.toml").write_text('[symbols.GOOD]\nfile = "good.csv"\nkind = "spot"\nstamps = "close"\n')
    assert json.loads(lingua("data", "info", "good.csv", "--json").out)["closes"] == "2024-01-04T23:00:00Z"
