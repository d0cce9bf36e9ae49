"""Whole numbers, missing values, three-valued truth, and constants computed at compile time."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingua.backends import scalar
from lingua.ir.nodes import TRUE, Graph, Kind
from lingua.semantics import folding

# --- whole numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1 + 2", Kind.INT), ("3 * 4 - 1", Kind.INT), ("-3", Kind.INT), ("6 / 2", Kind.NUM), ("2 ^ 3", Kind.NUM),
        ("floor(2.5)", Kind.INT), ("round(2.5)", Kind.INT), ("mod(7, 3)", Kind.INT), ("mod(7.5, 3)", Kind.NUM),
        ("max(1, 2)", Kind.INT), ("max(1, 2.0)", Kind.NUM), ("abs(-3)", Kind.INT), ("sign(close - open)", Kind.INT),
        ("if close > open then 1 else 2", Kind.INT), ("if close > open then 1 else 2.5", Kind.NUM), ("bar", Kind.INT),
        ("if close > open then 1 else na", Kind.INT), ("hour", Kind.INT), ("1 + 2.0", Kind.NUM), ("bar - 1", Kind.INT),
        ("count(close > open, 3)", Kind.INT), ("trunc(close / 2)", Kind.INT),
    ],
)  # fmt: skip
def test_what_is_whole(text: str, kind: Kind, check) -> None:
    assert check(text).node().kind is kind


def test_a_length_must_be_whole_and_the_mend_rounds_it(check) -> None:
    checked = check("param n = 14\nlet a = sma(close, n / 2)")
    assert checked.codes == ["L0215"]
    assert checked.problems[0].fixes[0].edits[0].text == "floor(n / 2)"
    assert not check("param n = 14\nlet a = sma(close, floor(n / 2))").problems
    assert check("sma(close, 5.0)").problems[0].help == "write `5`"
    assert check("close[1.5]").codes == ["L0215"]
    assert not check("sma(close, 20 bars)").problems
    assert check("sma(close, 20 shares)").codes == ["L0215"]


def test_a_length_has_bounds(check) -> None:
    for text in ("sma(close, 0)", "sma(close, -5)", "sma(close, 100001)", "sma(close, 1000000000)", "close[100001]"):
        assert check(text).codes == ["L0216"], text
    assert "at most 100,000" in check("sma(close, 1000000000)").problems[0].message


def test_a_parameter_expression_is_a_length(check) -> None:
    checked = check("param n = 14\nlet a = sma(close[n], n + 7)")
    assert not checked.problems
    assert [arg.op for arg in checked.node("a").args] == ["hist", "add"]


def test_truth_never_converts(check) -> None:
    for text in (
        "true + 1",
        "-true",
        "close + (close > open)",
        "abs(close > open)",
        "close > true",
    ):
        assert check(text).codes == ["L0211"], text
    for text in ("close and true", "not close", "if close then 1 else 2", "close or true"):
        assert check(text).codes == ["L0211"], text


def test_truths_are_equal_when_both_or_neither_hold(check) -> None:
    """Unknown when one is, by `and`, `or` and `not` alone: the decision step has no other comparison of truths."""
    same = check("(close > open) == (position > 0)").node()
    assert {same.op, *(arg.op for arg in same.args)} == {"or", "and"}
    assert check("(close > open) != (position > 0)").node().op == "not"
    assert check("true == false").node().attrs == (False,)


# --- missing values ----------------------------------------------------------------------------------


def test_a_comparison_with_na_is_translated(check) -> None:
    assert check("close == na").problems[0].help == "write `close is na`"
    assert check("na != close[1]").problems[0].help == "write `close[1] is not na`"
    assert check("close is not na").node().op == "not"


def test_na_fits_every_case(check) -> None:
    assert check("if close > open then na else close > 3").node().kind is Kind.BOOL
    assert check("if close > open then na else time").node().kind is Kind.TIME
    assert check("close > open and na").node().kind is Kind.BOOL


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 / 0", math.nan), ("0 ^ 0", 1), ("(-8) ^ (1 / 3)", math.nan), ("0 ^ -1", math.nan), ("mod(-1, 3)", 2),
        ("9007199254740992 + 2", math.nan), ("9007199254740993", math.nan), ("log(0)", math.nan),
        ("sqrt(-1)", math.nan),
        ("round(2.5)", 2), ("round(3.5)", 4), ("trunc(-2.5)", -2), ("floor(-2.5)", -3), ("ceil(-2.5)", -2),
        ("nearest(7.3, 0.5)", 7.5), ("clamp(5, 1, 3)", 3), ("10 ^ 400", math.nan), ("2 + 3 * 4", 14), ("-2 ^ 2", -4),
        ("sign(-3)", -1), ("na + 1", math.nan), ("na ?? 3", 3), ("min(1, 2, 3)", 1), ("max(1, na)", math.nan),
        ("if true then 1 else 2", 1), ("match { false => 1, true => 2, else => 3 }", 2), ("1d / 1h", 24),
        ("sum over (i in 1..4: i * i)", 30), ("product over (i in 1..5: i)", 120), ("min over (i in 2..5: i)", 2),
        ("sum over (i in 3..2: i)", 0), ("product over (i in 3..2: i)", 1), ("max over (i in 3..2: i)", math.nan),
    ],
)  # fmt: skip
def test_constants_fold(text: str, value: float, check) -> None:
    node = check(text).node()
    assert node.op == "const"
    found = node.attrs[0]
    assert found == value or (math.isnan(value) and found != found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true and not false", True), ("1 < 2 or false", True), ("na is na", True), ("1 is not na", True),
        ("3 in 1..3", True), ("4 in {1, 2}", False), ('"a" == "a"', True), ("all over (i in 2..1: false)", True),
        ("any over (i in 2..1: true)", False), ('date("2024-01-02") > date("2024-01-01")', True),
        ("true == true", True),
    ],
)  # fmt: skip
def test_truths_fold(text: str, value: bool, check) -> None:
    assert check(text).node().attrs == (value,)


def test_an_unknown_truth_is_no_constant(check) -> None:
    assert check("na + 1 > 1 and true").node().op != "const"


NUMBERS = st.one_of(st.floats(), st.integers(-(2**54), 2**54).map(float), st.sampled_from([0.0, -0.0, 1.0, math.nan]))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(scalar.BINARY)), NUMBERS, NUMBERS)
def test_folding_equals_the_back_ends_to_the_last_bit(op: str, a: float, b: float) -> None:
    graph = Graph()
    made = graph.node(op, folding.number(graph, a), folding.number(graph, b))
    found = folding.fold(graph, made)
    assert found.op == "const"
    expected = scalar.BINARY[op](a, b)
    assert found.attrs[0] == expected or (found.attrs[0] != found.attrs[0] and expected != expected)
    assert not math.isinf(float(found.attrs[0]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(scalar.COMPARE)), NUMBERS, NUMBERS)
def test_comparisons_of_constants_fold_to_truth_or_stay(op: str, a: float, b: float) -> None:
    graph = Graph()
    made = graph.node(op, folding.number(graph, a), folding.number(graph, b), kind=Kind.BOOL)
    found = folding.fold(graph, made)
    if a != a or b != b:
        assert found is made
    else:
        assert found.attrs[0] is (scalar.COMPARE[op](a, b) == TRUE)
