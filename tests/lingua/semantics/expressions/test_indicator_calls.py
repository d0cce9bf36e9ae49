"""Calls of declared indicators: arguments, defaults, spellings, varying lengths."""

import pytest

from lingua.ir.nodes import Kind


def test_the_source_comes_first_lengths_after(check) -> None:
    node = check("ema(close, 12)").node()
    assert (node.op, node.attrs) == ("call", ("ema", ""))
    assert [arg.op for arg in node.args] == ["field", "const"]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("ema(12)", "ema(close, 12)"),
        ("ema(12, close)", "ema(close, 12)"),
        ("cov(20)", "cov(close, close, 20)"),
        ("atr(close, 14)", "atr(14)"),
    ],
)
def test_arguments_in_another_order_are_put_right(text: str, mended: str, check) -> None:
    checked = check(text)
    assert checked.codes == ["L0217"]
    assert f"`{mended}`" in checked.problems[0].help


def test_functions_of_the_bar_read_the_bar(check) -> None:
    assert [arg.attrs[0] for arg in check("atr(14)").node().args] == ["high", "low", "close", 14.0]
    assert check("ATR(high, low, close, 14)").node() is not None
    assert check("ATR(high, low, open, 14)").node().args[2].attrs == ("open",)


def test_the_upper_case_spelling_is_accepted(check) -> None:
    assert check("EMA(close, 12)").node().attrs == ("ema", "")
    assert check("CDLENGULFING()").node().kind is Kind.INT


def test_arguments_may_be_named_and_left_out(check) -> None:
    assert check("macd(close, signal: 5).hist").node().args[3].attrs == (5.0,)
    assert check("rsi(close)").node().args[1].attrs == (14.0,)
    assert check("ema(close, lenght: 3)").problems[0].help == "did you mean `length`?"
    assert check("ema(close, 3, length: 4)").codes == ["L0217"]
    assert check("ema()").codes == ["L0217"]


def test_a_choice_is_a_text_or_the_bare_word(check) -> None:
    assert check('ma(close, 20, "ema")').node().args[2].attrs == ("ema",)
    assert check("ma(close, 20, kind: ema)").node().args[2].attrs == ("ema",)
    assert check('ma(close, 20, "wma")').codes == ["L0216"]


def test_several_outputs_make_a_record(check) -> None:
    assert check("bbands(close, 20, 2).upper").node().attrs == ("bbands", "upper")
    assert check("bbands(close, 20, 2).uper").problems[0].help == "did you mean `bbands(close, 20, 2).upper`?"


def test_crossings_count_observations_of_the_pair(check) -> None:
    for text, name in (("crosses above", "cross_above"), ("crosses below", "cross_below"), ("crosses", "cross")):
        node = check(f"close {text} 100").node()
        assert (node.op, node.attrs, node.kind) == ("call", (name, ""), Kind.BOOL)
    assert check("cross_above(close, open)").node().attrs == ("cross_above", "")


def test_a_length_that_varies_needs_a_cap(check) -> None:
    checked = check("highest(high, floor(adx(14)))")
    assert checked.codes == ["L0223"]
    assert "`floor(adx(14)) up to 60`" in checked.problems[0].help
    node = check("highest(high, floor(adx(14)) up to 5)").node()
    assert node.op == "select"
    lengths = []
    while node.op == "select":
        lengths.append(node.args[1].args[1].attrs[0])
        node = node.args[2]
    assert lengths == [1, 2, 3, 4, 5]
    assert node.attrs[0] != node.attrs[0], "a length beyond the cap is na"


def test_a_cap_is_known_and_not_too_long(check) -> None:
    assert check("highest(high, bar up to bar)").codes == ["L0214"]
    assert check("highest(high, bar up to 100000)").codes == ["L0216"]
    assert check("highest(high up to 5, 3)").codes == ["L0217"]
    assert check("highest(high, close up to 5)").codes == ["L0215"]
    assert check("bbands(close, 20, adx(14))").codes == ["L0214"]


def test_units_of_results_follow_the_inputs(check) -> None:
    from lingua.ir.units import BARS, MONEY, PRICE, QTY
    from lingua.semantics.indicators import unit_of

    assert unit_of("u0", [PRICE]) == PRICE
    assert unit_of("u0*u1", [PRICE, QTY]) == MONEY
    assert unit_of("u0/bars", [PRICE]) == PRICE / BARS
    assert unit_of("u0^2", [PRICE]) == PRICE * PRICE
    assert unit_of("qty", [PRICE]) == QTY
