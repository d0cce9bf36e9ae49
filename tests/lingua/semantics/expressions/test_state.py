"""`state`, `prev`, and values that depend on fills."""

import pytest

from lingua.ir.nodes import Clock, Kind


def test_a_state_is_its_beginning_and_its_step(check) -> None:
    node = check("state s = 0 => prev + 1").node("s")
    assert (node.op, node.attrs, node.kind) == ("state", ("s",), Kind.INT)
    init, following = node.args
    assert init.attrs == (0.0,)
    assert following.args[0].op == "prev"
    assert following.args[0].attrs == ("s",)


def test_the_bare_beginning_measures_what_follows(check) -> None:
    node = check("state top = 0 => max(prev, high)").node("top")
    assert str(node.unit) == "price"
    assert [str(arg.unit) for arg in node.args] == ["price", "price"]
    assert check("state total = 0 => prev + volume").node("total").kind is Kind.NUM


def test_a_declared_type_holds(check) -> None:
    assert check("state n: int = 0 => prev + 1").node("n").kind is Kind.INT
    assert check("state n: int = 0 => prev + close / open").codes == ["L0225"]
    assert str(check("state p: price = 0 => prev + 1").node("p").unit) == "price"


def test_a_truth_may_be_remembered(check) -> None:
    node = check("state armed = false => if close > open then true else prev").node("armed")
    assert node.kind is Kind.BOOL


@pytest.mark.parametrize("text", ["state s = 0 => close > open", "state s = false => prev + 1", "state s = true => 1"])
def test_kinds_do_not_change_on_the_way(text: str, check) -> None:
    assert check(text).codes in (["L0506"], ["L0211"])


def test_a_state_must_begin_with_a_value(check) -> None:
    for text in ("state s = na => prev + 1", 'state s = "x" => prev'):
        checked = check(text)
        assert checked.codes == ["L0506"]
        assert "begin with `0`" in checked.problems[0].help


def test_units_do_not_change_on_the_way(check) -> None:
    assert check("state s = 2% => prev + close").codes == ["L0210"]
    assert check("state s = close => volume").codes == ["L0506"]


def test_states_may_read_each_other_one_way(check) -> None:
    checked = check("state a = 0 => prev + 1\nstate b = 0 => prev + a")
    assert not checked.problems
    assert checked.node("b").args[1].args[1] is checked.node("a")


def test_every_call_owns_its_state(check) -> None:
    checked = check(
        "fn steps(x) {\n state s = 0 => prev + x\n return s\n}\n"
        "strategy S {\nlet a = steps(close)\nlet b = steps(open)\n}"
    )
    assert not checked.problems
    assert checked.node("a").attrs != checked.node("b").attrs


def test_on_another_timeframe_it_is_another_state(check) -> None:
    checked = check("state s = 0 => prev + 1\nlet d = s@1d")
    other = checked.node("d").args[0]
    assert other.clock == Clock("", "1d")
    assert other.attrs != checked.node("s").attrs


@pytest.mark.parametrize(
    "step",
    [
        "ema(prev, 3)",
        "prev[1] + 1",
        "if prev crosses above close then 1 else 0",
        "prev@1d",
        "(prev + close)[2]",
        "highest(prev + 1, 3)",
    ],
)
def test_prev_has_no_history_of_its_own(step: str, check) -> None:
    checked = check(f"state s = close => {step}")
    assert checked.codes == ["L0505"], checked.said()


def test_prev_passes_through_everything_else(check) -> None:
    for step in (
        "0.9 * prev + 0.1 * ema(close, 50)", "if close > prev then close else prev", "prev ?? close",
        "clamp(prev, low, high)",
        "match { prev is na => close, close > prev => prev, else => low }", "sum over (i in 1..3: prev * i) / 6",
    ):  # fmt: skip
        assert not check(f"state s = close => {step}").problems, step


def test_prev_means_nothing_elsewhere(check) -> None:
    checked = check("prev + 1")
    assert checked.codes == ["L0501"]
    assert "`close[1]`" in checked.problems[0].help


# --- fills -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["position", "entry", "weight", "equity", "cash", "pnl", "bars_in_trade", "last_fill"])
def test_observables_of_the_account_depend_on_fills(name: str, check) -> None:
    node = check(name).node()
    assert (node.op, node.attrs, node.uses_fills) == ("account", (name, ""), True)


def test_they_pass_through_operators_choices_history_and_states(check) -> None:
    for text in (
        "equity - equity[1]",
        "if position > 0 then entry else na",
        "max(pnl, 0)",
        "entry ?? close",
        "abs(position)[3]",
    ):
        checked = check(text)
        assert not checked.problems, text
        assert checked.node().uses_fills
    assert check("state best = 0 => max(prev, equity)").node("best").uses_fills


@pytest.mark.parametrize(
    "text", ["ema(equity, 20)", "rsi(entry, 3)", "position crosses above 0", "count(position > 0, 5)"]
)
def test_no_function_remembers_them(text: str, check) -> None:
    assert check(text).codes == ["L0504"]


def test_the_extreme_since_the_entry_is_offered(check) -> None:
    assert "`highest_since_entry(pnl)`" in check("highest(pnl, 5)").problems[0].help
    node = check("highest_since_entry(high) - 2 * atr(14)").node().args[0]
    assert (node.op, node.attrs, node.uses_fills, str(node.unit)) == ("since_entry", ("highest",), True, "price")
