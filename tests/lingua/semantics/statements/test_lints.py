"""What is pointed out, and what is not."""

from __future__ import annotations

import pytest

ENTRY = "  rule enter: close crosses above open => buy 10% with stop 2%"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("param n = 5 in 2..9", "n"),
        ("let n = close * 2", "n"),
        ("indicator n = ema(close, 5)", "n"),
        ("state n = 0 => prev + 1", "n"),
        ("signal n = long when close > open", "n"),
        ("data n = SPY", "n"),
        ("let (a, b) = (close)", None),
        ("let (n, b, c) = macd(close, 12, 26, 9)", "n"),
    ],
)
def test_an_unused_name_is_pointed_out(items, text: str, name: str | None) -> None:
    if name is None:
        assert items(f"  {text}\n{ENTRY}").errors == ["L0217"]
        return
    found = items(f"  {text}\n{ENTRY}")
    assert set(found.codes) == {"L0205"}
    assert f"`{name}`" in found.problem("L0205").message
    assert found.at("L0205") == name


@pytest.mark.parametrize(
    "text",
    [
        "let _n = close * 2",
        "indicator n = ema(close, 5)\n  plot n",
        'indicator n = ema(close, 5)\n  alert up: close > 5 => "{n}"',
        "param n = 5 in 2..9\n  require n > 1",
        "let (a, b, c) = macd(close, 12, 26, 9)\n  plot b",
        "let m = close\n  let n = m * 2\n  plot n",
        "data n = SPY\n  plot n.close",
        "data n = SPY\n  rule other: close > 5 => cancel on n",
        "param n = 2 in 1..5\n  risk { max_open n }",
        "param n = 2bp in 1bp..5bp\n  execution { slippage: n }",
        'let n = close > open\n  test "t" { given close = [1, 2] expect n }',
        "param n = 4h in {4h, 1d}\n  rule other every n: close > 5 => cancel",
    ],
)
def test_a_name_that_is_used_is_not(items, text: str) -> None:
    assert "L0205" not in items(f"  {text}\n{ENTRY}").codes


def test_indicators_of_a_strategy_without_rules_are_there_to_be_seen(items) -> None:
    assert items("  indicator n = ema(close, 5)").codes == ["L0739"]


def test_a_misspelt_name_is_one_mistake(items) -> None:
    assert items("  let slow = sma(close, 9)\n  rule r: close crosses above slwo => buy 10% with stop 2%").codes == [
        "L0201"
    ]


def test_beside_an_error_only_what_nobody_speaks_of_is_unused(items) -> None:
    found = items("  let a = close\n  let b = open\n  rule r: close > atr(14) + 5% + a => buy 10% with stop 2%")
    assert found.errors
    assert [found.at("L0205")] == ["b"]


def test_constants_functions_and_imports_of_the_file(file) -> None:
    text = "const A = 1\nconst B = 2\nfn f(x) = x * B\nfn g(x) = x\n"
    found = file(text + "strategy S { rule r: close crosses above f(open) => buy 10% with stop 2% }")
    assert found.codes == ["L0205", "L0205"]
    assert [found.text[p.span.start : p.span.end] for p in found.found.problems] == ["A", "g"]


def test_a_file_without_a_strategy_is_a_library(file) -> None:
    assert file("const A = 1\nfn f(x) = x * A").codes == []


def test_a_function_nobody_calls_is_still_looked_through(file) -> None:
    assert file("fn f(x: price) = x + 5%\n").errors == ["L0210"]
    assert file("fn f(x) = y\n").errors == ["L0201"]


# --- entries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("does", "codes"),
    [
        ("buy 10%", ["L0740"]),
        ("buy", ["L0740", "L0741"]),
        ("buy 10% with target 5%", ["L0740"]),
        ("buy 10% with expire after 5 bars", ["L0740"]),
        ("buy 10% with stop 2%", []),
        ("buy 10% with trail 2%", []),
        ("buy with stop 2%", ["L0741"]),
        ("buy 150% with stop 2%", ["L0747"]),
        ("buy 100% with stop 2%", []),
        ("buy 150% of cash with stop 2%", ["L0747"]),
        ("buy risk 200% with stop 2%", ["L0747"]),
    ],
)
def test_entries(items, does: str, codes: list[str]) -> None:
    assert sorted(items(f"  rule r: close crosses above open => {does}").codes) == codes


def test_hedged_legs_need_no_stop(items) -> None:
    text = "  direction both\n  data b = B\n  rule r: close crosses above open => {}"
    assert items(text.format("buy 10% & short 10% on b")).codes == []
    assert items(text.format("buy 10% & buy 10% on b")).codes == ["L0740"]


def test_entries_without_a_stop_are_told_together(items) -> None:
    found = items(
        "  rule a: close > open => buy 10%\n  rule b: close > open[1] => buy 10%\n  rule c: close < 5 => sell"
    )
    assert found.codes == ["L0740"]
    assert found.problem("L0740").message == "`a` and `b` enter without a protective stop"
    assert len(found.problem("L0740").labels) == 1


def test_margin_that_is_meant_is_not_pointed_out(items) -> None:
    assert (
        items("  rule r: close crosses above open => buy 150% with stop 2%\n  risk { max_exposure 200% }").codes == []
    )


def test_selling_what_is_never_bought(items) -> None:
    found = items("  direction both\n  rule a: close > open => sell\n  rule b: close < open => cover")
    assert found.codes == ["L0701", "L0701"]
    assert found.problem("L0701").help == "did you mean `short`?"
    assert found.problem("L0701").fixes[0].edits[0].text == "short"
    assert items("  rule a: close crosses above open => target 40%\n  rule b: close < 5 => sell").codes == []


def test_target_beside_buy(items) -> None:
    assert items(f"{ENTRY}\n  rule t: close crosses above 5 => target 10%").codes == ["L0748"]


@pytest.mark.parametrize(
    ("direction", "does", "is_wrong"),
    [
        ("long", "buy 10% with stop at close * 1.05", True),
        ("long", "buy 10% with stop at close + atr(14)", True),
        ("long", "buy 10% with stop at close", True),
        ("long", "buy 10% with stop at high", True),
        ("long", "buy 10% at limit low with stop at low + 1 ticks", False),
        ("long", "buy 10% at limit low with stop at low * 1.01", True),
        ("long", "buy 10% with stop at close * 0.95", False),
        ("long", "buy 10% with stop at close - atr(14)", False),
        ("long", "buy 10% with stop at low", False),
        ("long", "buy 10% with stop at close * 1.05 after 2%, stop 2%", False),
        ("short", "short 10% with stop at close * 0.95", True),
        ("short", "short 10% with stop at low", True),
        ("short", "short 10% with stop at close * 1.05", False),
    ],
)
def test_a_stop_on_the_wrong_side(items, direction: str, does: str, is_wrong: bool) -> None:
    found = items(f"  direction {direction}\n  rule r: close crosses above open => {does}")
    assert ("L0711" in found.codes) == is_wrong
    assert not found.errors


# --- reductions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "repeats"),
    [
        ("rule x: close < open => sell 50%", True),
        ("rule x: close < open => close position / 2", True),
        ("rule x: close < open => sell 5 shares", True),
        ("rule x: close < open and close > 5 => sell 50%", True),
        ("rule x: close < open or close crosses above 5 => sell 50%", True),
        ("rule x: rising => sell 50%", True),
        ("rule x once: close < open => sell 50%", False),
        ("rule x every 1d: close < open => sell 50%", False),
        ("rule x: close crosses below open => sell 50%", False),
        ("rule x: close < open and close crosses above 5 => sell 50%", False),
        ("rule x: crossing => sell 50%", False),
        ("rule x: rising and not rising[1] => sell 50%", False),
        ("rule x: close < open => sell", False),
        ("rule x: close < open => sell 100%", False),
        ("rule x: close < open => close position", False),
        ("rule x: close < open => close abs(position)", False),
        ("rule x: bars_in_trade == 10 => sell 50%", False),
    ],
)
def test_a_partial_exit_that_repeats(items, rule: str, repeats: bool) -> None:
    found = items(
        f"  let rising = close > close[5]\n  let crossing = close crosses above open\n  plot rising, crossing\n"
        f"{ENTRY}\n  {rule}"
    )
    assert ("L0742" in found.codes) == repeats


def test_the_mend_of_a_repeating_exit_can_be_applied(items) -> None:
    found = items(f"{ENTRY}\n  rule trim: close < open => sell 50%")
    (edit,) = found.problem("L0742").fixes[0].edits
    text = found.text[: edit.span.start] + edit.text + found.text[edit.span.end :]
    assert "rule trim once: close < open" in text


@pytest.mark.parametrize(
    ("direction", "does", "is_told"),
    [
        ("both", "close position / 2", True),
        ("both", "close position", True),
        ("short", "cover position * 0.5", True),
        ("both", "close abs(position) / 2", False),
        ("both", "close 50%", False),
        ("both", "sell position / 2", False),
        ("long", "close position / 2", False),
    ],
)
def test_an_amount_that_is_negative_while_short(items, direction: str, does: str, is_told: bool) -> None:
    verb = "short" if direction == "short" else "buy"
    found = items(
        f"  direction {direction}\n  rule e: close crosses above 5 => {verb} 10% with stop 2%\n"
        f"  rule x once: close < open => {does}"
    )
    assert ("L0749" in found.codes) == is_told


def test_more_than_the_whole_position(items) -> None:
    assert items(f"{ENTRY}\n  rule x: close < open => sell 150%").codes == ["L0747"]


# --- conditions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("false", "L0745"),
        ("true", "L0746"),
        ("close > open and false", "L0745"),
        ("close > open or true", "L0746"),
        ("not true", "L0745"),
        ("close > open and close < open", "L0745"),
        ("close > open and open > close", "L0745"),
        ("close > open and close <= open", "L0745"),
        ("close > open or close <= open", "L0746"),
        ("rsi(close, 14) > 70 and rsi(close, 14) < 30", "L0745"),
        ("rsi(close, 14) == 50 and rsi(close, 14) > 60", "L0745"),
        ("up and not up", "L0745"),
        ("rsi(close, 14) > 120", "L0220"),
        ("rsi(close, 14) >= 0", "L0221"),
        ("never", "L0220"),
        ("close > open and close >= open", None),
        ("rsi(close, 14) > 30 and rsi(close, 14) < 70", None),
        ("rsi(close, 14) < 30 or rsi(close, 14) > 70", None),
        ("close > open and close[1] < open[1]", None),
        ("close >= open and close <= open", None),
    ],
)
def test_dead_rules_are_told_once(items, condition: str, code: str | None) -> None:
    more = "  let up = close > close[1]\n  plot up\n" + (
        "  let never = rsi(close, 14) > 120\n" if condition == "never" else ""
    )
    found = items(f"{more}  rule r: {condition} => buy 10% with stop 2%")
    assert found.codes == ([code] if code is not None else [])


def test_a_filter_that_never_opens(items) -> None:
    assert items(f"  filter f: close > 10 and close < 5\n{ENTRY}").codes == ["L0750"]
    assert items(f"  filter f: close > 10\n{ENTRY}").codes == []


# --- rules beside each other -------------------------------------------------------------------------


def test_the_same_rule_twice(items) -> None:
    other = "rule again: close crosses above open => buy 10% with stop 2%"
    found = items(f"{ENTRY}\n  {other}")
    assert found.codes == ["L0743"]
    assert found.at("L0743") == "again"
    assert items(f"{ENTRY}\n  {other.replace('10%', '20%')}").codes == []


@pytest.mark.parametrize(
    ("entry", "reduction", "is_told"),
    [
        ("close > open => buy 10% with stop 2%", "close > open => sell", True),
        ("close > open and volume > 5 => buy 10% with stop 2%", "close > open => sell", True),
        ("close > 80 => buy 10% with stop 2%", "close > 70 => close", True),
        ("close > 80 => buy 10% with stop 2%", "close > 70 or volume < 5 => close", True),
        ("close > 80 => buy 10% with stop 2%", "close > 70 and volume < 5 => close", False),
        ("close > 70 => buy 10% with stop 2%", "close > 80 => close", False),
        ("close > open => buy 10% with stop 2%", "close > open => cover", False),
        ("close > open => short 10% with stop 2%", "close >= open => cover", True),
        ("close > open => short 10% with stop 2%", "close > open => sell", False),
        ("close < 30 => buy 10% with stop 2%", "close > 70 => sell", False),
    ],
)
def test_an_entry_that_is_always_suppressed(items, entry: str, reduction: str, is_told: bool) -> None:
    more = (
        "  direction both\n  rule b: volume > 1 => buy 1% with stop 2%\n  rule s: volume > 2 => short 1% with stop 2%\n"
    )
    found = items(f"{more}  rule e: {entry}\n  rule x: {reduction}")
    assert ("L0744" in found.codes) == is_told
    if is_told:
        assert found.at("L0744") == "e"


def test_a_reduction_that_is_asked_seldom_suppresses_seldom(items) -> None:
    assert items(f"{ENTRY}\n  rule x every 1d: close crosses above open => sell").codes == []


# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rule r: close crosses above open => buy 50% with stop 2%\n  risk { max_weight 10% }", "L0751"),
        ("rule r: close crosses above open => buy 15% with stop 2%\n  risk { max_weight 10% }", None),
        (
            "rule r: close crosses above open => buy 5% with stop 2%\n  risk { max_weight 30%; max_exposure 20% }",
            "L0751",
        ),
        (
            "pyramid 4 step 1%\n  rule r: close crosses above open => buy 5% with stop 2%\n  risk { max_open 2 }",
            "L0751",
        ),
        ("pyramid 4 step 1%\n  rule r: close crosses above open => buy 5% with stop 2%\n  risk { max_open 4 }", None),
        (
            "rule r: close crosses 5 => buy 5% with stop 2%, expire after 50 bars\n  risk { max_holding 20 bars }",
            "L0720",
        ),
        (
            "rule r: close crosses 5 => buy 5% with stop 2%, expire after 10 bars\n  risk { max_holding 20 bars }",
            None,
        ),
        (
            "rule r: close crosses 5 => buy 5% with stop 2%, expire after 5d\n  risk { max_holding 2d => flatten }",
            "L0720",
        ),
    ],
)
def test_limits_that_make_something_pointless(items, text: str, code: str | None) -> None:
    assert items(f"  {text}").codes == ([code] if code is not None else [])
