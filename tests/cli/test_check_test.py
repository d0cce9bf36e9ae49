"""`lingua check` and `lingua test`."""

import io
import json
import sys
from pathlib import Path

import pytest

from lingua.cli import exits

GOOD = "strategy S {\n  trade TEST @ 1d\n  rule up: close > ema(close, 5) => buy 10 with stop 5%\n}\n"
TEST = (
    'test "rises are bought" for S {\n  given lead = 20\n  given close = [100, 101, 102]\n  expect position == 10\n}\n'
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.lingua").write_text(GOOD)
    Path("bad.lingua").write_text(GOOD.replace("ema(close, 5)", "emaa(close, 5)").replace("up:", "up: closs > 1 and"))


def test_a_file_without_problems_is_fine(lingua) -> None:
    assert (lingua("check", "good.lingua").out, lingua("check", "good.lingua").code) == ("1 file: no problems\n", 0)


def test_all_problems_of_a_file_are_shown(lingua) -> None:
    done = lingua("check", "bad.lingua")
    assert done.code == exits.WRONG
    assert "error[L0201]" in done.out
    assert "error[L0202]" in done.out
    assert done.out.endswith("1 file: 2 errors\n")


def test_several_files_are_checked_at_once(lingua) -> None:
    done = lingua("check", "good.lingua", "bad.lingua")
    assert done.code == exits.WRONG
    assert done.out.endswith("2 files: 2 errors\n")


def test_warnings_alone_are_fine(lingua) -> None:
    Path("warn.lingua").write_text(GOOD.replace("rule", "let idle = 1\n  rule"))
    done = lingua("check", "warn.lingua")
    assert done.code == 0
    assert "warning[L0205]" in done.out
    assert lingua("check", "-q", "warn.lingua").out == ""


def test_json_is_one_object(lingua) -> None:
    found = json.loads(lingua("check", "--json", "-v", "good.lingua", "bad.lingua").out)
    assert found["ok"] is False
    assert (found["errors"], found["warnings"], found["hints"]) == (2, 0, 0)
    problem = found["problems"][0]
    assert {"code", "severity", "message", "file", "line", "column", "end_line", "end_column", "help", "fixes"} <= set(
        problem
    )
    assert problem["file"] == "bad.lingua"
    strategy = found["strategies"][0]
    assert strategy["lookback"] == 4
    assert strategy["largest"] == "ema(close, 5)"


def test_verbose_tells_what_the_strategy_needs(lingua) -> None:
    out = lingua("check", "-v", "good.lingua").out
    assert "ready after 4 bars of 1d" in out
    assert "largest: ema(close, 5)" in out
    assert "operations a bar" in out


def test_settings_are_checked_too(lingua) -> None:
    Path("p.lingua").write_text(GOOD.replace("rule", "param n = 5 in 2..9\n  rule").replace("close, 5", "close, n"))
    assert lingua("check", "p.lingua", "--set", "n=7").code == 0
    assert lingua("check", "p.lingua", "--set", "n=70").code == exits.WRONG


def test_standard_input_is_checked(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert lingua("check", "-").code == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    done = lingua("check", "-")
    assert done.code == exits.WRONG
    assert "L0192" in done.out


@pytest.mark.parametrize("name", ["missing.lingua", ".", "no/folder.lingua"])
def test_what_is_no_file_is_a_usage_error(lingua, name: str) -> None:
    assert lingua("check", name).code == exits.USAGE


def test_a_test_that_passes_is_told(lingua) -> None:
    Path("t.lingua").write_text(GOOD + TEST)
    done = lingua("test", "t.lingua")
    assert (done.code, done.out) == (0, "ok   S: rises are bought\n1 passed\n")


def test_a_test_that_fails_says_where_and_what(lingua) -> None:
    Path("t.lingua").write_text(GOOD + TEST.replace("== 10", "== 11"))
    done = lingua("test", "t.lingua")
    assert done.code == exits.WRONG
    assert "FAIL S: rises are bought" in done.out
    assert "t.lingua:8:3" in done.out
    assert "10 against 11" in done.out
    assert done.out.endswith("0 passed, 1 failed\n")


def test_tests_can_be_chosen_by_title(lingua) -> None:
    Path("t.lingua").write_text(GOOD + TEST + TEST.replace("rises", "falls"))
    assert lingua("test", "t.lingua", "--only", "falls").out.endswith("1 passed\n")
    assert lingua("test", "t.lingua", "--only", "nothing").out == "there are no tests to run\n"


def test_json_of_tests_is_one_object(lingua) -> None:
    Path("t.lingua").write_text(GOOD + TEST)
    found = json.loads(lingua("test", "--json", "t.lingua").out)
    assert found["ok"] is True
    assert found["tests"][0]["title"] == "rises are bought"


def test_a_program_with_errors_is_not_tested(lingua) -> None:
    done = lingua("test", "bad.lingua")
    assert done.code == exits.WRONG
    assert "error[L0202]" in done.err


@pytest.mark.parametrize(
    "text", ["(" * 1000, "strategy S {" * 300, "\x00" * 5000, "let " * 70000, "a" * (2 << 20), '"' * 999]
)
def test_junk_gives_a_diagnostic_and_no_traceback(lingua, text: str) -> None:
    Path("junk.lingua").write_text(text)
    for command in ("check", "fmt", "test"):
        done = lingua(command, "junk.lingua")
        assert done.code == exits.WRONG
        assert "internal error" not in done.err
        assert "error[L" in done.out + done.err
