"""A rule on a value that depends on the first bar for ever is told so."""

import pytest

import lingua
from lingua.semantics.anchored import judge


def hints(condition: str, items: str = "") -> list[str]:
    text = f"strategy S {{\ntrade X @ 1h\n{items}\nrule r: {condition} => buy 10% with stop 2%\n}}"
    compiled = lingua.compile(text)
    assert compiled.ok, [problem.message for problem in compiled.problems]
    found = judge(compiled.programs[0], compiled.source)
    assert all(problem.code.number == "L0502" and problem.help for problem in found)
    return [f"{compiled.source.excerpt(problem.span)}: {problem.message.split('`')[1]}" for problem in found]


@pytest.fixture(autouse=True)
def only_a_few_indicators() -> None:
    """These tests compile whole programs: the real registry says what is anchored."""


def test_cumulative_indicators_are_anchored() -> None:
    assert hints("obv() > 1000 and close > open") == ["obv() > 1000: obv"]
    assert hints("bars_since(close > open) > 3") == ["bars_since(close > open) > 3: bars_since"]


def test_states_that_do_not_forget_are_anchored() -> None:
    assert hints("s > 3", "state s = 0 => if close > open then prev + 1 else 0") == ["s > 3: s"]
    assert hints("s > 3", "state s: price = 0 => 0.9 * prev + 0.1 * close") == []


def test_what_fades_or_ends_is_not() -> None:
    assert hints("ema(close, 50) > sma(close, 200) and rsi(close, 14) > 50") == []
    assert hints("(close > ema(close, 50))@1d") == []


def test_the_part_to_blame_is_found_behind_names_and_other_timeframes() -> None:
    assert hints("flow > 0", "let flow = ema(obv(), 20)@1d") == ["flow > 0: obv"]
