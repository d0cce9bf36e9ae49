"""Comparisons that cannot be decided either way are pointed out."""

import pytest

from lingua.semantics import bounds


@pytest.mark.parametrize(
    "text",
    [
        "rsi(close, 14) > 120", "rsi(close, 14) < 0", "ema(rsi(close, 14), 3) > 100", "100 - rsi(close, 14) > 100",
        "hour > 23",
        "rsi(close, 14) / 100 > 1", "abs(close - open) < 0", "clamp(rsi(close, 14), 20, 80) > 80", "close <= -1",
        "1 > 2",
        "rsi(close, 14)[3] > 101", "max(rsi(close, 14), 10) < 10", "rsi(close, 14)@1d > 120", "rsi(close, 14) == 101",
        "correl(close, open, 20) > 1", "weekday == 0", "adx(14) + rsi(close, 14) > 200", "mod(bar, 5) > 5",
    ],
)  # fmt: skip
def test_what_can_never_be_true(text: str, check) -> None:
    checked = check(text)
    assert checked.codes == ["L0220"], checked.said()
    assert checked.node().kind.value == "bool"


@pytest.mark.parametrize(
    "text",
    ["rsi(close, 14) >= 0", "rsi(close, 14) <= 100", "hour < 24", "close > -1", "rsi(close, 14) != 101", "1 < 2"],
)
def test_what_is_always_true(text: str, check) -> None:
    assert check(text).codes == ["L0221"]


@pytest.mark.parametrize(
    "text",
    [
        "rsi(close, 14) > 70", "rsi(close, 14) > 99.5", "close - open > 0", "rsi(close, 14) - 50 < 0", "close > 0.01",
        "log(close) < 0", "rsi(close, 14) * -1 < -50", "position < 0", "bar > 5", "close / open < 1",
    ],
)  # fmt: skip
def test_what_can_be_either(text: str, check) -> None:
    assert not check(text).problems


def test_a_parameter_counts_with_its_value(check) -> None:
    assert check("param level = 120\nlet a = rsi(close, 14) > level").codes == ["L0220"]
    assert not check("param level = 70\nlet a = rsi(close, 14) > level").problems


def test_parameters_against_each_other_are_nobodys_mistake(check) -> None:
    assert not check("param a = 5\nparam b = 9\nlet c = a < b").problems


def test_inside_a_function_a_constant_may_be_an_argument(check) -> None:
    assert not check("fn f(x, n) = if n > 10 then ema(x, n) else x\nlet a = f(close, 5)").problems


def test_the_message_names_the_range(check) -> None:
    assert "between 0 and 100" in check("rsi(close, 14) > 120").problems[0].help


def test_intervals_by_hand() -> None:
    assert bounds.multiply((-1, 2), (3, 4)) == (-4, 8)
    assert bounds.divide((1, 2), (4, 8)) == (0.125, 0.5)
    assert bounds.divide((1, 2), (-1, 8)) == (None, None)
    assert bounds.multiply((0, None), (2, 3)) == (0, None)
    assert bounds.subtract((0, 100), (50, 50)) == (-50, 50)
    assert bounds.either((0, 1), (5, None)) == (0, None)
    assert bounds.absolute((-3, 2)) == (0.0, 3)
    assert bounds.greater((None, 5), (2, 3)) == (2, 5)
    assert bounds.decide(">=", (3, 4), (1, 3)) is True
    assert bounds.decide(">", (3, 4), (1, 3)) is None
    assert bounds.decide("==", (3, 4), (5, 6)) is False
