"""Units: equal ones for sums, comparisons and choices; products and quotients by arithmetic."""

import pytest

GOOD = {
    "close * 2": "price", "close / open": "none", "close - open": "price", "position * close": "money",
    "equity / close": "qty", "10% * close": "price", "10% * 2": "ratio", "2% / (close / open)": "ratio",
    "10% * 5%": "ratio", "1 - 10%": "ratio", "close + 5": "price", "100 USD / close": "qty",
    "max(close, 100.0)": "price",
    "if close > open then close else 0": "price", "log(close)": "none", "sqrt(close)": "none",
    "exp(close / open)": "none",
    "num(close)": "none", "close ^ 2": "money^2/qty^2", "close ^ 0.5": "none", "ema(volume, 3)": "qty",
    "ema(rsi(close, 14), 3)": "none", "cov(close, volume, 20)": "money", "linearreg_slope(close, 5)": "price per bar",
    "linearreg_slope(close, 5) * 3 bars": "price", "atr(14) / close": "none", "abs(close - open)": "price",
    "time - open_time": "duration", "(time - open_time) / 1h": "none", "weight": "ratio", "pnl / equity": "none",
    "floor(close)": "price", "mod(close, 5)": "price", "nearest(close, 0.5)": "price", "close ?? 0": "price",
    "(na ?? close) + 1": "price", "if close > open then na else close": "price", "hl2": "price", "5 bars + 3": "bars",
    "clamp(2% / stddev(close / close[1] - 1, 30), 1%, 10%)": "ratio", "close * (1 + 2%)": "price",
    "close / close[1] - 1 - 2%": "ratio", "match { close > open => 10%, else => 0 }": "ratio",
    "volume * close": "money",
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_the_unit_of(text: str, check) -> None:
    checked = check(text)
    assert not checked.problems, checked.said()
    assert str(checked.node().unit) == GOOD[text]


BAD = [
    "atr(14) < 2%", "close > volume", "close + volume", "close + 2%", "equity > close",
    "if close > open then close else 2%",
    "max(close, 2%)", "rsi(close, 14) > close", "close crosses above rsi(close, 14)", "close ?? 2%", "close in 1%..2%",
    "time > 5", "time + 5", "time > close", "equity - 5 shares", "clamp(close, 1%, 2%)", "mod(close, volume)",
    "close in {1, 2%}", "match { close > open => close, else => 2% }", "5 bars + 1h",
    "(close / open) * 10% + close / open",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_units_that_do_not_fit(text: str, check) -> None:
    checked = check(text)
    assert checked.codes == ["L0210"], checked.said()
    problem = checked.problems[0]
    assert problem.help
    assert len(problem.labels) == 2


def test_the_mend_is_made_of_the_users_own_words(check) -> None:
    assert "`atr(14) / close < 2%`" in check("atr(14) < 2%").problems[0].help
    assert "`close * (1 + 2%)`" in check("close + 2%").problems[0].help
    assert "`(close - open) / close > 1%`" in check("close - open > 1%").problems[0].help
    assert "`num(volume) > num(close)`" in check("volume > close").problems[0].help


def test_a_fix_of_a_share_compared_with_a_price_mends_the_text(check) -> None:
    checked = check("let a = atr(14) < 2%")
    edit = checked.problems[0].fixes[0].edits[0]
    mended = checked.text[: edit.span.start] + edit.text + checked.text[edit.span.end :]
    assert not check(mended).problems


# --- literals and names ------------------------------------------------------------------------------


def test_a_bare_literal_adopts_the_unit_a_name_never_does(check) -> None:
    assert not check("close > 100").problems
    assert not check("close > 2 * 50").problems
    assert not check("100 < close").problems
    for kind in ("param", "const", "let"):
        checked = check(f"{kind} level = 100\nlet a = close > level")
        assert checked.codes == ["L0210"]
        assert f"`{kind} level: price = 100`" in checked.problems[0].help
        assert not check(f"{kind} level: price = 100\nlet a = close > level").problems


def test_an_argument_stays_a_literal_inside_a_function(check) -> None:
    assert not check("fn above(x, level) = x > level\nlet a = above(close, 100) and above(volume, 100)").problems


def test_ratio_and_none_may_be_compared_but_added_only_with_a_literal(check) -> None:
    assert not check("param w = 0.5\nparam r = 10%\nlet a = w > r").problems
    checked = check("param w = 0.5\nparam r = 10%\nlet a = w + r")
    assert checked.codes == ["L0210"]
    assert "`param w: ratio = 0.5`" in checked.problems[0].help
    assert "`(close / open) * 100%`" in check("param r = 10%\nlet a = close / open + r").problems[0].help


def test_whole_numbers_and_bars_are_the_same_where_compared(check) -> None:
    assert not check("param hold = 20\nlet a = bars_in_trade > hold").problems
    assert not check("bars_since(close > open) > 5").problems
    assert check("param hold = 20.5\nlet a = bars_in_trade > hold").codes == ["L0210"]


def test_ticks_are_prices_and_assets_money_or_quantity(check) -> None:
    assert str(check("high + 1 ticks").node().unit) == "price"
    assert str(check("100 USDT").node().unit) == "money"
    assert str(check("2 BTC").node().unit) == "qty"
    assert str(check("3 lots + 2 shares").node().unit) == "qty"


def test_a_program_of_the_sketch_is_warned_of_units_not_refused() -> None:
    from checking import check_items

    text = "param level = 100\nindicator a = volume - close\nindicator b = close - level"
    checked = check_items(text, is_sketch=True)
    assert [(p.code.number, p.severity.value) for p in checked.problems] == [("L0210", "warning")]
    assert checked.node("a").op == "sub"
    assert str(checked.node("b").unit) == "price"


# --- instruments and scales --------------------------------------------------------------------------


def test_prices_of_two_instruments_are_not_added(check) -> None:
    data = "data eth = ETHUSDT\n"
    checked = check(data + "let a = ema(close, 3) - eth.close * 2")
    assert checked.codes == ["L0213"]
    assert "BTCUSDT" in checked.problems[0].message
    assert "ETHUSDT" in checked.problems[0].message
    assert check(data + "let a = close > eth.close").codes == ["L0213"]
    assert check(data + "let a = close crosses above eth.close").codes == ["L0213"]
    for fine in ("log(close) - log(eth.close)", "close / eth.close", "close - open", "eth.close - eth.open[1]"):
        assert not check(data + f"let a = {fine}").problems, fine


def test_a_scale_of_a_hundred_is_not_a_share(check) -> None:
    checked = check("rsi(close, 14) > 70%")
    assert checked.codes == ["L0212"]
    assert checked.problems[0].fixes[0].edits[0].text == "70"
    assert not check("atr(14) / close > 70%").problems


def test_an_input_must_have_the_unit_declared(check) -> None:
    checked = check("obv(volume, close)")
    assert checked.codes == ["L0228"]
    assert "`obv` works on a price" in checked.problems[0].message


def test_numbers_are_given_to_numbers_and_conditions_to_conditions(check) -> None:
    assert "`if close > open then 1 else 0`" in check("ema(close > open, 3)").problems[0].help
    assert check("ema(close > open, 3)").codes == ["L0228"]
    assert check("count(close, 3)").codes == ["L0228"]
    assert check("value_when(na, close, 0)").codes == []


def test_multiples_of_the_risk_are_no_numbers(check) -> None:
    from lingua.semantics.values import RiskMultiple

    checked = check("let a = 2 * 1R\nlet b = 1R + 0.5R\nlet c = 3R / 2")
    assert all(isinstance(value, RiskMultiple) for value in checked.values.values())
    assert [value.value.node.attrs[0] for value in checked.values.values()] == [2.0, 1.5, 1.5]
    assert check("2R + 1").codes == ["L0219"]
    assert check("close > 2R").codes == ["L0219"]


@pytest.mark.parametrize(
    ("written", "meant", "kept"),
    [
        ("max(high, 20)", "highest(high, 20)", "max(high, 20.0)"),
        ("min(250, low[1])", "lowest(low[1], 250)", "min(250.0, low[1])"),
        ("max(volume, 96)", "highest(volume, 96)", "max(volume, 96.0)"),
    ],
)
def test_a_length_in_max_or_min_is_told_from_a_level(check, written: str, meant: str, kept: str) -> None:
    checked = check(written)
    assert checked.codes == ["L0231"]
    mended = [
        written[: (edit := fix.edits[0]).span.start - (start := checked.problems[0].span.start)]
        + edit.text
        + written[edit.span.end - start :]
        for fix in checked.problems[0].fixes
    ]
    assert mended == [meant, kept]
    assert not check(meant).problems
    assert not check(kept).problems


@pytest.mark.parametrize(
    "level", ["max(close, 0)", "max(close, 1)", "max(rsi(close, 14), 20)", "max(close, 501)", "max(high, low, 20)",
              "max(20, 30)", "max(close - open, 0.5)", "max(bar, 20)"],
)  # fmt: skip
def test_a_number_that_can_be_no_length_is_a_level(check, level: str) -> None:
    assert not check(level).problems
