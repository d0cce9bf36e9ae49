"""How much: section 2 and 6 of the specification, in every verb."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("buy", "all", None),
        ("buy 10%", "equity", 0.1),
        ("buy 5bp", "equity", 0.0005),
        ("buy 10", "qty", 10.0),
        ("buy 0.5", "qty", 0.5),
        ("buy 5 shares", "qty", 5.0),
        ("buy 0.1 BTC", "qty", 0.1),
        ("buy 1000 USDT", "money", 1000.0),
        ("buy 10% of equity", "equity", 0.1),
        ("buy 50% of cash", "cash", 0.5),
        ("buy 50% of allocation", "allocation", 0.5),
        ("sell 50%", "position", 0.5),
        ("sell 50% of position", "position", 0.5),
        ("sell 20% of equity", "equity", 0.2),
        ("cover 50%", "position", 0.5),
        ("close 50%", "position", 0.5),
        ("close", "all", None),
        ("sell 3", "qty", 3.0),
        ("sell 500 USDT", "money", 500.0),
        ("target 40%", "equity", 0.4),
        ("target -40%", "equity", -0.4),
        ("target 0", "qty", 0.0),
        ("target 5 shares", "qty", 5.0),
        ("target 10_000 USDT", "money", 10000.0),
        ("short 10%", "equity", 0.1),
        ("buy risk 1% with stop 2%", "risk", 0.01),
        ("buy risk 100 USDT with stop 2%", "risk", 100.0),
        ("buy risk 1% with trail 2%", "risk", 0.01),
    ],
)
def test_an_amount_is_what_its_unit_says(action, text: str, kind: str, value: float | None) -> None:
    amount = action(text).program.rules[0].group.actions[0].amount
    assert amount.kind == kind
    assert (amount.value.attrs[0] if amount.value is not None else None) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("buy w * 100%", "equity"),
        ("buy w * 1 shares", "qty"),
        ("buy w * 10%", "equity"),
        ("close position / 2", "qty"),
        ("close abs(position)", "qty"),
        ("buy equity / close", "qty"),
        ("buy equity * 0.1", "money"),
        ("target w * 40%", "equity"),
        ("buy na", "qty"),
        ("buy if w > 1 then 10% else 20%", "equity"),
        ("buy share", "equity"),
        ("buy count", "qty"),
    ],
)
def test_an_amount_that_changes_has_the_unit_of_its_parts(action, text: str, kind: str) -> None:
    more = "let w = close / close[1]\n  param share = 10% in 5%..20%\n  param count: qty = 5"
    assert action(text, more).program.rules[0].group.actions[0].amount.kind == kind


def test_a_plain_number_is_refused_with_both_mends(action) -> None:
    found = action("buy w", "let w = close / close[1]")
    assert found.errors == ["L0704"]
    problem = found.problem("L0704")
    assert "`buy w * 100%`" in problem.help
    assert "`buy w * 1 shares`" in problem.help
    assert [fix.edits[0].text for fix in problem.fixes] == ["w * 100%", "w * 1 shares"]


def test_the_mend_of_a_sum_has_parentheses(action) -> None:
    assert "`buy (w + 1) * 100%`" in action("buy w + 1", "let w = close / close[1]").problem("L0704").help


def test_a_parameter_may_say_what_it_measures(action) -> None:
    found = action("buy n", "param n = 5 in 1..10")
    assert found.errors == ["L0704"]
    assert "param n: qty" in found.problem("L0704").help


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("buy close", "L0705"),
        ("buy 20 bars", "L0705"),
        ("buy 2R", "L0705"),
        ("buy time", "L0705"),
        ("target", "L0705"),
        ("buy 10 shares of equity", "L0708"),
        ("buy 10 of equity", "L0708"),
        ("buy close of cash", "L0708"),
        ("buy risk 1 with stop 2%", "L0709"),
        ("buy risk 5 shares with stop 2%", "L0709"),
        ("sell risk 1%", "L0709"),
        ("buy risk 1%", "L0710"),
        ("buy risk 1% with target 5%", "L0710"),
        ("buy risk 1% with stop 2% after 3%", "L0710"),
        ("buy -10%", "L0706"),
        ("buy 0", "L0706"),
        ("sell -5 shares", "L0706"),
        ("buy 0% of cash", "L0706"),
        ("buy true", "L0211"),
        ('buy "much"', "L0211"),
    ],
)
def test_an_amount_that_is_none_is_an_error(action, text: str, number: str) -> None:
    assert action(text).errors == [number]


def test_a_price_after_a_verb_is_asked_whether_it_was_to_be_a_limit(action) -> None:
    assert "at limit close" in action("buy close").problem("L0705").help


def test_risk_may_lean_on_protect(items) -> None:
    found = items("  protect { stop 2% }\n  rule r: close > open => buy risk 1%")
    assert found.program.rules[0].group.actions[0].amount.kind == "risk"


def test_the_size_line_is_for_entries_without_an_amount(items) -> None:
    program = items("  size: 25% of equity\n  rule r: close > open => buy with stop 2%").program
    assert program.size is not None
    assert (program.size.kind, program.size.value.attrs[0]) == ("equity", 0.25)
    assert program.rules[0].group.actions[0].amount.kind == "all"


def test_a_size_by_risk_needs_a_stop_on_every_entry(items) -> None:
    found = items("  size risk 1%\n  rule a: close > open => buy with stop 2%\n  rule b: close > open[1] => buy")
    assert found.errors == ["L0710"]


def test_the_sketch_takes_a_plain_number_for_a_quantity_and_warns(file) -> None:
    found = file("strategy S { indicator r = rsi(close, 14) rule a: r > 70 => buy r rule b: r < 30 => buy close }")
    assert not found.errors
    assert {"L0704", "L0705"} <= set(found.codes)
    assert [rule.group.actions[0].amount.kind for rule in found.program.rules] == ["qty", "qty"]


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("sell all", "leave it out: `sell` alone takes all of it"),
        ("close half", "write `close 50%`"),
        ("buy market with stop 2%", "leave it out: `buy` alone is a market order for the next open"),
    ],
)
def test_words_of_other_platforms_are_told_what_stands_for_them(action, text: str, mend: str) -> None:
    assert action(text).problem("L0705").help == mend


def test_a_name_of_the_program_is_no_word_of_another_platform(items) -> None:
    found = items("  param half: ratio = 50% in 10%..90%\n  rule r: close crosses above open => buy half with stop 2%")
    assert not found.errors
