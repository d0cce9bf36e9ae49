"""The examples: each is right, laid out, explained, tested and trades on the data beside it."""

import re
from pathlib import Path

import pytest

import lingua
from lingua.backtest.testing import run_tests
from lingua.diagnostics.render import render_all
from lingua.syntax.format import format_text

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*.lingua"))
KINDS = {
    "ema_cloud": "Trend",
    "rsi_gradient": "Mean reversion",
    "volatility_breakout": "Volatility breakout",
    "mtf_momentum": "Multi-timeframe momentum",
    "pairs": "Pairs",
    "turtle": "Turtle",
    "squeeze": "Squeeze",
    "ensemble": "Ensemble",
}

each_example = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_there_is_one_for_each_kind_of_strategy() -> None:
    assert KINDS.keys() <= {file.stem for file in FILES}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_its_first_comment_says_what_it_is(name: str, kind: str) -> None:
    comment = re.search(r"^// (.*)$", (EXAMPLES / f"{name}.lingua").read_text("utf-8"), flags=re.MULTILINE)
    assert comment is not None
    assert comment[1].startswith(kind)


@each_example
def test_it_has_no_problems(file: Path) -> None:
    problems = lingua.compile(file).problems
    assert not problems, "\n" + render_all(problems)


@each_example
def test_it_is_laid_out(file: Path) -> None:
    text = file.read_text("utf-8")
    assert format_text(text, str(file))[0] == text


@each_example
def test_its_own_tests_pass(file: Path) -> None:
    outcomes = run_tests(lingua.compile(file))
    assert outcomes, "an example has a test"
    assert [outcome.title for outcome in outcomes if not outcome.passed] == []


@each_example
def test_it_trades_on_the_data_beside_it(file: Path) -> None:
    result = lingua.compile(file).backtest()
    assert result.metrics["trades"] > 0
    assert result.metrics["ambiguous_fills"] <= result.metrics["fills"] / 10
    assert not any("GROSS" in stamp for stamp in result.stamps or ()), "an example states its costs"


@each_example
def test_it_explains_itself_in_a_few_lines(file: Path) -> None:
    comments = [line for line in file.read_text("utf-8").splitlines() if line.startswith("//")]
    assert 4 <= len(comments) <= 12
