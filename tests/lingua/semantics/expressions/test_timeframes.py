"""`x[n]`, `e@T`, other symbols, developing and inner bars."""

import pytest

from lingua.ir.nodes import BASE, Clock

# --- history -----------------------------------------------------------------------------------------


def test_history_counts_bars_of_its_clock(check) -> None:
    node = check("close[3]").node()
    assert (node.op, node.args[0].attrs, node.args[1].attrs) == ("hist", ("close",), (3.0,))


def test_no_bars_back_is_the_value_itself(check) -> None:
    assert check("close[0]").node().op == "field"


def test_a_constant_has_no_history(check) -> None:
    assert check("param n = 3\nlet a = n[2]").node("a").op == "param"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("close[-1]", "close[1]"), ("(close - open)[-2]", "(close - open)[2]"),
        ("ema(close, 5)[-1]", "ema(close, 5)[1]"),
        ("lead(close, 1)", "close[1]"), ("close.shift(-3)", "close[3]"), ("close[2 - 3]", "close[1]"),
    ],
)  # fmt: skip
def test_the_future_is_refused_with_the_past_in_its_place(text: str, mended: str, check) -> None:
    checked = check(text)
    assert checked.codes == ["L0301"]
    assert f"`{mended}`" in checked.problems[0].help
    assert checked.problems[0].fixes[0].edits[0].text == mended


def test_a_parameter_below_zero_is_the_future_too(check) -> None:
    assert check("param n = -1\nlet a = close[n]").codes == ["L0301"]


def test_an_aggregate_over_everything_is_the_future(check) -> None:
    checked = check("close / close.max()")
    assert checked.codes == ["L0302"]
    assert "`highest(close, 200)`" in checked.problems[0].help


def test_records_and_signals_have_a_history(check) -> None:
    checked = check("let b = bbands(close, 20)[1].upper\nsignal s = long when close > open\nlet t = s[1].side")
    assert not checked.problems
    assert checked.node("b").op == "hist"
    assert checked.node("t").op == "hist"


# --- e@T ---------------------------------------------------------------------------------------------


def test_a_timeframe_evaluates_everything_again_on_its_bars(check) -> None:
    checked = check("let fast = ema(close, 3)\nlet up = close > fast\nlet day = up@1d")
    node = checked.node("day")
    assert (node.op, node.clock) == ("sample", BASE)
    inner = node.args[0]
    assert inner.clock == Clock("", "1d")
    assert {arg.clock for arg in inner.args} == {Clock("", "1d")}


def test_states_and_functions_are_evaluated_again_too(check) -> None:
    checked = check("fn f(x) = x - ema(x, 3)\nstate s = 0 => prev + 1\nlet a = s@1d\nlet b = f(close)@1d")
    assert not checked.problems
    assert checked.node("a").args[0].op == "state"
    assert checked.node("a").args[0] is not checked.node("s")
    assert checked.node("b").args[0].args[0].clock == Clock("", "1d")


def test_an_argument_is_by_name(check) -> None:
    checked = check("fn daily(x) = x@1d\nlet a = daily(ema(close, 3))")
    assert checked.node("a").args[0].op == "call"
    assert checked.node("a").args[0].clock == Clock("", "1d")


def test_the_bars_own_timeframe_changes_nothing(check) -> None:
    assert check("close@1h").node().op == "field"
    assert check("(close@1d)@1d").node().args[0].op == "field"


def test_constants_need_no_clock(check) -> None:
    assert check("(2 + 3)@1d").node().op == "const"


@pytest.mark.parametrize(
    ("timeframe", "wanted"), [("1h", "90m"), ("1h", "5m"), ("7m", "1d"), ("1d", "1h"), ("1w", "1mo")]
)
def test_bars_must_be_made_of_whole_bars(timeframe: str, wanted: str, check) -> None:
    assert check(f"close@{wanted}", timeframe=timeframe).codes == ["L0401"]


@pytest.mark.parametrize(
    ("timeframe", "wanted"), [("1h", "4h"), ("1h", "1d"), ("5m", "1w"), ("1d", "1mo"), ("1mo", "1y")]
)
def test_multiples_and_calendar_periods_are_fine(timeframe: str, wanted: str, check) -> None:
    assert not check(f"close@{wanted}", timeframe=timeframe).problems


def test_nested_timeframes_must_be_multiples_of_each_other(check) -> None:
    assert not check("(close@1d)@4h").problems
    assert check("(close@4h)@1d").codes == ["L0401"]


def test_without_a_base_timeframe_nothing_is_refused(check) -> None:
    assert not check("close@1d", timeframe="").problems


def test_finer_bars_are_pointed_to_inner(check) -> None:
    assert "`inner(5m, last(ema(close, 9)))`" in check("ema(close, 9)@5m").problems[0].help


def test_a_timeframe_may_be_a_parameter(check) -> None:
    checked = check("param htf = 4h in {4h, 1d}\nlet a = close@htf")
    assert checked.node("a").args[0].clock == Clock("", "4h")


def test_an_unknown_timeframe_is_told(check) -> None:
    assert check("close@daily").codes == ["L0404"]
    checked = check("param htf = 4h in {4h, 1d}\nlet a = close@hft")
    assert checked.problems[0].help == "did you mean `htf`?"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("close@1d[1]", "close[1]@1d", "(close@1d)[1]"),
        ("ema(close, 20)@1d[2]", "ema(close, 20)[2]@1d", "(ema(close, 20)@1d)[2]"),
        ("(close - open)@1d[1]", "(close - open)[1]@1d", "((close - open)@1d)[1]"),
    ],
)
def test_history_after_a_timeframe_is_refused_with_both_mends(text: str, inside: str, outside: str, check) -> None:
    checked = check(text)
    assert checked.codes == ["L0402"]
    assert [fix.edits[0].text for fix in checked.problems[0].fixes] == [inside, outside]
    for mended in (inside, outside):
        assert not check(mended).problems


def test_so_is_history_of_a_name_defined_that_way(check) -> None:
    checked = check("let day = ema(close, 20)@1d\nlet a = day[1]")
    assert checked.codes == ["L0402"]
    assert "`ema(close, 20)[1]@1d`" in checked.problems[0].help
    assert "`(day)[1]`" in checked.problems[0].help
    assert not check("let day = ema(close, 20)@1d\nlet a = (day)[1]").problems
    assert not check("let day = (ema(close, 20)@1d)\nlet a = day[1]").problems
    assert check("let h = macd(close)@1d\nlet a = h.hist[1]").codes == ["L0402"]


def test_a_sum_with_a_timeframe_in_it_is_not_ambiguous(check) -> None:
    assert not check("(close@1d + open)[1]").problems


def test_fills_do_not_exist_on_other_bars(check) -> None:
    for text in ("position@1d", "(close > entry)@1d", "highest_since_entry(high)@1d", "developing(equity, 1d)"):
        assert check(text).codes == ["L0403"], text
    checked = check("let gain = close / entry\nlet day = gain@1d\nlet again = gain@1d")
    assert checked.codes == ["L0403"]
    start = checked.problems[0].span.start
    assert checked.text[start:].startswith("gain@1d")


# --- other symbols -----------------------------------------------------------------------------------

DATA = "data btc = BTCUSDT\ndata spy = SPY @ 1d\n"


def test_a_field_of_another_symbol_is_its_last_closed_bar(check) -> None:
    node = check(DATA + "let a = spy.close").node("a")
    assert (node.op, node.args[0].clock) == ("sample", Clock("spy"))


def test_an_expression_may_be_evaluated_on_another_symbol(check) -> None:
    node = check(DATA + "let a = ema(close, 20)@spy").node("a")
    assert node.op == "sample"
    assert node.args[0].args[0].clock == Clock("spy")


def test_windows_over_a_symbol_of_another_timeframe_do_not_say_whose_bars(check) -> None:
    for text, mended in (
        ("spy.close[1]", "close[1]@spy"),
        ("ema(spy.close, 20)", "ema(close, 20)@spy"),
        ("correl(spy.close, spy.open, 20)", "correl(close, open, 20)@spy"),
    ):
        checked = check(DATA + f"let a = {text}")
        assert checked.codes == ["L0402"], text
        assert checked.problems[0].fixes[0].edits[0].text == mended
        assert not check(DATA + f"let a = {mended}").problems
    assert not check(DATA + "let a = (spy.close)[1]").problems


def test_on_the_same_timeframe_they_do(check) -> None:
    assert not check(DATA + "let a = btc.close[1]\nlet b = ema(btc.close, 20)\nlet c = close@btc").problems


def test_a_leg_tells_its_position(check) -> None:
    node = check(DATA + "let a = btc.position").node("a")
    assert (node.op, node.attrs, node.uses_fills) == ("account", ("position", "btc"), True)
    assert check(DATA + "let a = btc.equity").codes == ["L0209"]


def test_functions_are_not_parts_of_symbols(check) -> None:
    assert check(DATA + "let a = spy.ema(20)").problems[0].help == "write `ema(close, 20)@spy`"
    assert check(DATA + "let a = spy > 3").codes == ["L0219"]


# --- developing and inner ----------------------------------------------------------------------------


def test_developing_is_the_expression_on_the_running_bar(check) -> None:
    node = check("developing(ema(close, 20), 1d)").node()
    assert (node.op, node.args[0].clock) == ("developing", Clock("", "1d"))
    assert check("developing(close, 1h)").node().op == "field"
    assert check("developing(close)").codes == ["L0405"]
    assert check("developing(close, 90m)").codes == ["L0401"]


@pytest.mark.parametrize("reducer", ["first", "last", "sum", "avg", "min", "max", "count", "stddev"])
def test_inner_reduces_finer_bars(reducer: str, check) -> None:
    node = check(f"inner(5m, {reducer}(high - low))").node()
    assert (node.op, node.attrs, node.args[0].clock) == ("inner", (reducer,), Clock("", "5m"))


def test_inner_counts_true_bars(check) -> None:
    node = check("inner(5m, count(close > open))").node()
    assert (node.attrs, node.args[0].op) == (("sum",), "select")


def test_inner_says_what_is_missing(check) -> None:
    for text in (
        "inner(5m, high)",
        "inner(5m, max(high, low))",
        "inner(close, max(high))",
        "inner(5m)",
        "inner(5m, max(ema(close, 3)))",
    ):
        assert check(text).codes == ["L0405"], text
    assert check("inner(4h, max(high))").codes == ["L0401"]
    assert check("inner(7m, max(high))").codes == ["L0401"]
