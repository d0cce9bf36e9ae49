"""`lingua optimize`, `stress`, `freeze` and `compare` as a user meets them."""

import json
from pathlib import Path

import pytest

import lingua
from lingua.cli.commands.optimize import bar_text
from lingua.cli.main import main
from lingua.optimize.search import Progress

BLOCK = "  optimize { objective: sharpe; folds: walk_forward(train: 200d, test: 80d); trials: 50 }\n}\n"


@pytest.fixture
def folder(tmp_path: Path, made_bars, program: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A strategy with a block, another without, and bars."""
    made_bars().write_csv(tmp_path / "SYM.csv", datetime_format="%Y-%m-%d")
    (tmp_path / "cross.lingua").write_text(f"// my strategy\n{program.removesuffix('}' + chr(10))}{BLOCK}")
    (tmp_path / "plain.lingua").write_text(program.replace("Cross", "Plain"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[str, str]:
    assert main(list(words)) == code, capsys.readouterr().err
    out, err = capsys.readouterr()
    return out, err


def test_a_search_shows_both_columns_and_what_to_believe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv")
    for words in ("sharpe, in", "out", "trials", "deflated Sharpe", "overfitting (PBO)", "plateau", "tests together"):
        assert words in out
    assert "12 trials, walk_forward(train: 200d, test: 80d), purged 30 sessions (look-back of 30 bars" in out
    assert (folder / "cross.trials.sqlite").exists()


def test_options_stand_over_the_block(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(
        capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "--objective", "total_return - max_drawdown",
        "--method", "random", "--trials", "6", "--seed", "4", "--folds", "k_fold(k: 4)", "--storage", "none", "--json",
    )  # fmt: skip
    found = json.loads(out)
    assert (found["method"], found["seed"], found["trials"], len(found["by_fold"])) == ("random", 4, 6, 4)
    assert found["objectives"] == [{"text": "total_return - max_drawdown", "maximize": True}]
    assert found["folds"]["plan"] == "k_fold(k: 4)"
    assert not (folder / "cross.trials.sqlite").exists()


def test_two_searches_print_the_same_bytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("optimize", "cross.lingua", "--data", "SYM.csv", "--json")
    first, _ = told(capsys, *words, "--storage", "none")
    second, _ = told(capsys, *words, "--jobs", "2")
    third, _ = told(capsys, *words)  # from the file
    assert first == second == third


def test_a_program_without_a_block_is_searched_with_five_tests(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = told(capsys, "optimize", "plain.lingua", "--data", "SYM.csv", "--json", "--storage", "none")
    assert len(json.loads(out)["by_fold"]) == 5


def test_the_report_is_one_page_without_scripts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, err = told(
        capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "--report", "r.html", "--storage", "none",
        "--objective", "sharpe", "--objective", "max_drawdown",
    )  # fmt: skip
    page = (folder / "r.html").read_text()
    assert "report: r.html" in err
    for title in ("Heat map", "Parallel coordinates", "decides by itself", "Equity of the tests", "Pareto front"):
        assert title in page
    assert "<script" not in page
    assert "http://" not in page


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--objective", "sharp"), 2, "no figure of a backtest is called `sharp`"),
        (("--objective", "close"), 2, "no figure of a backtest is called `close`"),
        (("--folds", "walk(1)"), 2, "is no way to divide the data"),
        (("--folds", "0"), 2, "give a number from 1 to 100"),
        (("--folds", "walk_forward(train: 9000d, test: 90d)"), 1, "needs 9,120 sessions"),
        (("--trials", "0"), 2, "must be at least 1"),
        (("--method", "grid", "--trials", "3"), 1, "more than the 3 combinations"),
        (("--set", "nosuch=3"), 1, "no `param` is called `nosuch`"),
        (("--method", "annealing"), 2, "annealing"),
        (("--report", "nowhere/r.html"), 2, "nowhere/r.html cannot be written"),
        (("--storage", "SYM.csv"), 2, "SYM.csv"),
    ],
)
def test_what_cannot_be_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, message: str
) -> None:
    _, err = told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv", *words, code=code)
    assert message in err
    assert "Traceback" not in err
    assert "internal error" not in err


def test_the_bar_shows_best_and_time_left() -> None:
    assert bar_text(Progress(120, 240, 1.3211, 42.0)) == "[############------------] 120/240  best 1.321  0:42 left"
    assert bar_text(Progress(0, 5, None, None)) == "[------------------------] 0/5  best na"
    assert bar_text(Progress(1, 9, 0.5, 3725.0)).endswith("1:02:05 left")


def test_freezing_writes_the_best_values_and_nothing_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "--json")
    found = json.loads(out)
    told(capsys, "freeze", "cross.lingua")
    text = (folder / "cross.frozen.lingua").read_text()
    before = (folder / "cross.lingua").read_text()
    program = lingua.compile(folder / "cross.frozen.lingua").program
    assert {param.name: param.value for param in program.params} == found["best"]["values"]
    assert found["search"][:16] in text
    assert found["fingerprint"][:16] in text
    assert found["data"][:16] in text
    best = found["best"]["values"]
    wanted = before.replace("fast = 5", f"fast = {best['fast']}").replace("slow = 20", f"slow = {best['slow']}")
    assert text.endswith(wanted)
    assert text.count("// ") == wanted.count("// ") + 3


def test_freezing_again_replaces_the_remarks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "s.json").write_text(told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "--json")[0])
    told(capsys, "freeze", "cross.lingua", "--from", "s.json", "--trial", "3", "--in-place", "-q")
    first = (folder / "cross.lingua").read_text()
    told(capsys, "freeze", "cross.lingua", "--set", "fast=9", "--storage", "none.sqlite", code=2)
    told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "-q")
    told(capsys, "freeze", "cross.lingua", "--in-place", "-q")
    second = (folder / "cross.lingua").read_text()
    assert first.count("frozen:") == second.count("frozen:") == 1


def test_a_changed_program_is_not_frozen_with_old_values(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "optimize", "cross.lingua", "--data", "SYM.csv", "-q")
    text = (folder / "cross.lingua").read_text()
    (folder / "cross.lingua").write_text(text.replace("stop 10%", "stop 9%"))
    _, err = told(capsys, "freeze", "cross.lingua", code=1)
    assert "holds no search of cross.lingua as it is now" in err


def test_without_trials_freeze_says_how_to_get_some(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, err = told(capsys, "freeze", "plain.lingua", code=2)
    assert "there are no trials" in err
    assert "lingua optimize plain.lingua" in err


@pytest.mark.parametrize(
    ("param", "given", "line"),
    [
        ("param x = 2% in 1%..30% step 1%", "x=29%", "param x = 29% in"),
        ("param x = 5bp in 1bp..90bp step 1bp", "x=7bp", "param x = 7bp in"),
        ("param x = 0.5 in 0.1..0.9 step 0.1", "x=0.3", "param x = 0.3 in"),
        ("param x = 1.0 in 1.0..3.0", "x=2", "param x = 2.0 in"),
        ("param x = true in {true, false}", "x=false", "param x = false in"),
        ("param x = ema in {ema, sma}", "x=sma", "param x = sma in"),
        ("param x = 1h in {1h, 4h}", "x=4h", "param x = 4h in"),
    ],
)
def test_values_are_written_in_the_words_of_the_default(
    folder: Path, capsys: pytest.CaptureFixture[str], param: str, given: str, line: str
) -> None:
    rule = "rule r: close > sma(close, 5) => buy 10% with stop 5%"
    (folder / "one.lingua").write_text(f"strategy S {{\n  {param}\n  {rule}\n}}\n")
    told(capsys, "freeze", "one.lingua", "--set", given, "-o", "out.lingua")
    assert line in (folder / "out.lingua").read_text()


def test_stress_prints_bands_and_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(
        capsys, "stress", "cross.lingua", "--data", "SYM.csv", "--set", "fast=3", "--set", "slow=10", "--runs", "50",
        "--reruns", "2", "--report", "s.html",
    )  # fmt: skip
    for words in ("as it was", "sessions in blocks", "commission +10 bp", "orders 1 bar later", "25% noise"):
        assert words in out
    assert "<polygon" in (folder / "s.html").read_text()
    found = json.loads(
        told(capsys, "stress", "cross.lingua", "--data", "SYM.csv", "--only", "delay", "--json", "--runs", "9")[0]
    )
    assert [each["test"] for each in found["reruns"]] == ["delay"] * 3


def test_two_strategies_stand_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(capsys, "compare", "cross.lingua", "plain.lingua", "--data", "SYM.csv")
    assert "Cross" in out
    assert "Plain" in out
    assert out.strip().splitlines()[-1].endswith("1.00")  # the same rules


def test_values_and_periods_stand_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(
        capsys, "compare", "plain.lingua", "--data", "SYM.csv", "--with", "fast=3", "--with", "fast=7 slow=30",
        "--period", "2015..2015", "--period", "2016-01-01..2016-06-30", "--json",
    )  # fmt: skip
    found = json.loads(out)
    assert [each["name"] for each in found["runs"]] == [
        "fast=3 2015-01-01..2015-12-31", "fast=3 2016-01-01..2016-06-30",
        "fast=7 slow=30 2015-01-01..2015-12-31", "fast=7 slow=30 2016-01-01..2016-06-30",
    ]  # fmt: skip
    alone = lingua.compile(folder / "plain.lingua", set={"fast": 3}).backtest(folder / "SYM.csv", end="2015-12-31")
    assert found["runs"][0]["figures"]["total_return"] == alone.metrics["total_return"]
    assert found["correlation"][0][1] is None  # no session in both periods


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("plain.lingua",), "nothing to compare"),
        (("plain.lingua", "--period", "2015"), "`2015` is not a period"),
        (("plain.lingua", "cross.lingua", "--figure", "sharp"), "no figure is called sharp"),
        (("plain.lingua", "nosuch.lingua"), "there is no file nosuch.lingua"),
    ],
)
def test_a_comparison_that_cannot_be_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    _, err = told(capsys, "compare", *words, "--data", "SYM.csv", code=2)
    assert message in err
