"""User functions, records, folds, signals, functions as values, external and cross-sectional ones."""

import pytest

from lingua.ir.nodes import Constancy, Kind
from lingua.semantics.values import Record

# --- functions ---------------------------------------------------------------------------------------

CLOUD = """fn cloud(src, fast: int = 5, slow: int = 10) -> band {
  let f = ema(src, fast)
  let s = ema(src, slow)
  return band(upper: max(f, s), mid: (f + s) / 2, lower: min(f, s))
}
strategy S {
"""


def test_a_function_fits_any_unit(check) -> None:
    checked = check("fn gap(x, n) = x - ema(x, n)\nlet a = gap(close, 3)\nlet b = gap(volume, 3)")
    assert [str(checked.node(name).unit) for name in "ab"] == ["price", "qty"]


def test_equal_calls_are_one_value(check) -> None:
    checked = check(
        "fn gap(x, n) = x - ema(x, n)\nlet a = gap(close, 3)\nlet b = gap(close, n: 3)\nlet c = close - ema(close, 3)"
    )
    assert checked.node("a") is checked.node("b")
    assert checked.node("a") is checked.node("c")


def test_a_function_may_give_a_record(check) -> None:
    checked = check(CLOUD + "indicator c = cloud(close, slow: 20)\nlet rising = c.mid > c.mid[5]\n}")
    assert not checked.problems
    record = checked.values["c"]
    assert isinstance(record, Record)
    assert (record.name, [name for name, _ in record.fields]) == ("band", ["upper", "mid", "lower"])


@pytest.mark.parametrize(
    ("call", "cause"),
    [
        ("cloud()", "also needs `src`"), ("cloud(close, 1, 2, 3)", "takes 3 arguments, and 4 are given"),
        ("cloud(close, lenght: 3)", "no input called `lenght`"), ("cloud(close, src: open)", "`src` is given twice"),
        ("cloud(close, 5 up to 9)", "no window"),
    ],
)  # fmt: skip
def test_arguments_must_fit(call: str, cause: str, check) -> None:
    checked = check(CLOUD + f"let c = {call}\n}}")
    assert checked.codes == ["L0217"]
    assert cause in checked.problems[0].message


def test_declared_types_of_inputs_hold(check) -> None:
    assert check(CLOUD + "let c = cloud(close, 2.5)\n}").codes == ["L0225"]
    assert check("fn f(x: price) = x\nlet a = f(volume)").codes == ["L0225"]
    assert not check("fn f(x: price) = x\nlet a = f(100)").problems
    assert check("fn f(x) -> int = x\nlet a = f(close / open)").codes == ["L0225"]


def test_a_mistake_in_a_function_is_said_once_however_often_it_is_called(check) -> None:
    checked = check("fn f(x) = x + nothing\nlet a = f(close)\nlet b = f(open)\nlet c = f(close)@1d")
    assert checked.codes == ["L0201"]


def test_a_function_nobody_calls_is_still_right(check) -> None:
    checked = check("fn f(x, n: int) = ema(x, n) + nothing + (atr(14) > 2%)")
    assert sorted(checked.codes) == ["L0201", "L0210"]
    assert not check("fn f(x, n: int) = ema(x, n) * x[n] + x@1d").problems


def test_no_function_calls_itself(check) -> None:
    assert check("fn f(x) = f(x - 1)\nlet a = f(close)").codes == ["L0207"]
    checked = check("fn f(x) = g(x)\nfn g(x) = f(x)\nlet a = f(close)")
    assert checked.codes == ["L0207"]
    assert "through `g`" in checked.problems[0].message
    assert not check("fn f(x) = x * 2\nlet a = f(f(f(close)))").problems


def test_what_the_result_does_not_use_still_has_to_be_right(check) -> None:
    assert check("fn f(x) {\n let a = nothing\n return x\n}\nstrategy S {\nlet b = f(close)\n}").codes == ["L0201"]


def test_a_function_may_be_chosen_by_a_parameter(check) -> None:
    checked = check("param ma = ema in {ema, sma}\nlet a = ma(close, 20)")
    assert checked.node("a").attrs[0] == "ema"
    assert check("fn mine(x) = x\nparam ma = ema in {ema, mine}\nlet a = ma(close, 20)").codes == ["L0217"]
    assert check("fn apply(f, x) = f(x, 3)\nlet a = apply(ema, close)").node("a").attrs[0] == "ema"


# --- folds -------------------------------------------------------------------------------------------


def test_a_fold_writes_its_terms_out_in_order(check) -> None:
    node = check("sum over (i in 0..2: close[i])").node()
    assert node.op == "add"
    assert node.args[0].op == "add"
    assert node.args[1].args[1].attrs == (2.0,)


def test_truths_fold_with_any_and_all(check) -> None:
    assert check("all over (i in 0..2: close[i] > open[i])").node().op == "and"
    assert check("any over (i in 0..2: close[i] > open[i])").node().op == "or"
    assert check("all over (i in 0..2: close[i])").codes == ["L0211"]
    assert check("sum over (i in 0..0: close > open)").codes == ["L0211"]


def test_the_bounds_of_a_fold_are_known(check) -> None:
    assert not check("param n = 3\nlet a = sum over (i in 0..n - 1: close[i] * (n - i))").problems
    assert check("sum over (i in 0..bar: close)").codes == ["L0214"]
    assert check("sum over (i in 0..2.5: close)").codes == ["L0215"]
    assert check("sum over (i in 0..1000000000: close)").codes == ["L0224"]


def test_a_fold_may_not_look_ahead_either(check) -> None:
    assert check("sum over (i in -1..1: close[i])").codes == ["L0301"]


# --- signals -----------------------------------------------------------------------------------------

SIGNALS = """signal trend = long when close > open, short when close < open, confidence adx(14) / 50
signal revert = long when rsi(close, 14) < 25, flat when rsi(close, 14) > 75
"""


def test_a_signal_is_side_times_confidence(check) -> None:
    checked = check(SIGNALS + "let vote = 0.5 * trend + revert\nlet side = trend.side\nlet sure = trend.confidence")
    assert not checked.problems
    assert checked.node("side").kind is Kind.INT
    assert checked.node("sure").attrs == ("clamp",)
    assert checked.node("vote").op == "add"


def test_the_first_true_clause_gives_the_side(check) -> None:
    side = check(SIGNALS + "let s = trend.side").node("s")
    assert side.op == "select"
    assert side.args[1].attrs == (1.0,)
    assert side.args[2].op == "select"
    assert [arg.attrs for arg in side.args[2].args[1:]] == [(-1.0,), (0.0,)]


def test_signals_agree_on_a_side_that_is_not_flat(check) -> None:
    assert check(SIGNALS + "let a = agree(trend, revert)").node("a").kind is Kind.BOOL
    assert check(SIGNALS + "let a = agree(trend, close)").codes == ["L0217"]


def test_a_signal_has_three_parts(check) -> None:
    checked = check(SIGNALS + "let a = trend.power")
    assert checked.codes == ["L0209"]
    assert "`side`, `confidence`, `value`" in checked.problems[0].help


# --- typed but not executed --------------------------------------------------------------------------


def test_an_external_function_is_typed_and_marked(check) -> None:
    checked = check('extern fn up(w: window<float, 64>) -> float from "m.onnx"\nlet p = up(close / close[1] - 1)')
    assert not checked.problems
    assert checked.node("p").op == "extern"
    assert [(each.construct, each.name) for each in checked.x.not_executed] == [("extern", "up")]
    assert check('extern fn up(w: window<float, 64>) -> float from "m.onnx"\nlet p = up(equity)').codes == ["L0504"]


def test_the_cross_section_is_a_panel(check) -> None:
    checked = check(
        "let a = cs.rank(sma(close / close[20] - 1, 5))\nlet b = cs.winsor(close, 2%)\n"
        "let c = cs.demean(close, by: sector)\nlet d = cs.top(10, close)"
    )
    assert not checked.problems
    assert checked.node("a").constancy is Constancy.PANEL
    assert str(checked.node("b").unit) == "price"
    assert checked.node("d").kind is Kind.BOOL
    assert checked.x.not_executed
    assert check("cs.rnak(close)").problems[0].help == "did you mean `cs.rank`?"
