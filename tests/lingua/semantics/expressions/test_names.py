"""What a name means: scopes, shadowing, cycles, parts."""

import pytest
from checking import check_items

from lingua.diagnostics.diagnostic import Problems
from lingua.ir.nodes import Constancy
from lingua.semantics.scope import Scope, ValueDef
from lingua.semantics.values import Scalar
from lingua.syntax import nodes as ast
from lingua.syntax.source import Source, Span

# --- scopes ------------------------------------------------------------------------------------------


def test_definitions_see_each_other_in_any_order(check) -> None:
    checked = check("let a = b + 1\nlet b = close")
    assert not checked.problems
    assert checked.node("a").op == "add"
    assert checked.node("a").args[0] is checked.node("b")


def test_values_and_functions_are_separate_namespaces(check) -> None:
    checked = check("indicator rsi = rsi(close, 14)\nlet hot = rsi > 70")
    assert not checked.problems
    assert checked.node("hot").args[0] is checked.node("rsi")


def test_inside_its_own_definition_a_name_means_the_outer_one(check) -> None:
    checked = check("const k = 3\nlet k = k + 1")
    assert not checked.problems
    assert checked.node("k").attrs == (4.0,)


def test_a_function_may_extend_the_built_in_of_its_name(check) -> None:
    checked = check("fn ema(x, n) = ema(x, n) * 2\nlet a = ema(close, 3)")
    assert not checked.problems
    assert checked.node("a").op == "mul"


def test_a_name_that_needs_its_own_past_is_shown_the_state(check) -> None:
    checked = check("let x = x + 1")
    assert checked.codes == ["L0201"]
    assert "state x = 0 => prev" in checked.problems[0].help


def test_an_observable_may_not_be_shadowed(check) -> None:
    for name in ("close", "volume", "position", "weight", "hl2", "bars_in_trade", "symbol"):
        checked = check(f"let {name} = 1")
        assert checked.codes == ["L0204"], name
        assert checked.problems[0].fixes[0].edits[0].text == f"my_{name}"


def test_in_a_program_of_the_sketch_shadowing_is_a_warning() -> None:
    checked = check_items("indicator close = ema(close, 12)", is_sketch=True)
    assert checked.codes == ["L0208"]
    assert checked.node("close").op == "call"


def test_parts_of_the_time_are_not_reserved(check) -> None:
    assert not check("let hour = 3\nlet a = hour + 1").problems


def test_a_duplicate_points_at_the_first(check) -> None:
    checked = check("let a = 1\nlet a = 2")
    assert checked.problems[0].labels[0].text == "first defined here"
    assert checked.node("a").attrs == (1.0,)


def test_unused_names_are_those_nothing_looked_up() -> None:
    scope = Scope(Problems(Source("t", "")))
    one = ast.Number("1", 1.0, True)
    for name in ("a", "b", "c"):
        scope.define(name, ValueDef(one), Span(0, 1), "let")
    scope.lookup("a")
    scope.use("c")
    assert [entry.name for entry in scope.unused()] == ["b"]


# --- cycles ------------------------------------------------------------------------------------------


def test_a_cycle_is_said_once_with_all_its_names(check) -> None:
    checked = check("let a = b + 1\nlet b = c\nlet c = a * 2\nlet d = a + b")
    assert checked.codes == ["L0206"]
    assert "`a`, `b` and `c`" in checked.problems[0].message


def test_a_cycle_through_another_timeframe_is_a_cycle(check) -> None:
    assert check("let a = b@1d\nlet b = a + 1").codes == ["L0206"]


def test_a_cycle_between_states_has_its_own_code_also_through_history(check) -> None:
    assert check("state a = 0 => b[1] + 1\nstate b = 0 => a + 1").codes == ["L0503"]
    assert check("state a = 0 => b\nlet b = a + 1").codes == ["L0503"]


# --- suggestions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("clsoe", "close"), ("volum", "volume"), ("posiiton", "position"), ("fats", "fast"),
        ("emma(close, 3)", "ema"), ("bolinger(close)", None), ("stdev_(close, 3)", "stddev"),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_recognised(text: str, near: str | None, check) -> None:
    checked = check(f"param fast = 3\nlet a = {text} + fast")
    assert len(checked.problems) == 1
    problem = checked.problems[0]
    if near is None:
        assert "did you mean" not in problem.help
    else:
        assert problem.help == f"did you mean `{near}`?"
        assert problem.fixes[0].edits[0].text == near


# --- parts -------------------------------------------------------------------------------------------


def test_a_record_has_named_parts(check) -> None:
    checked = check("let b = bbands(close, 20, 2)\nlet width = (b.upper - b.lower) / b.middle")
    assert not checked.problems
    assert [arg.attrs[1] for arg in checked.node("width").args[0].args] == ["upper", "lower"]


def test_a_record_used_as_a_number_names_its_parts(check) -> None:
    checked = check("let b = bbands(close, 20) + 1")
    assert "`upper`, `middle`, `lower`" in checked.problems[0].message
    assert "bbands(close, 20).upper" in checked.problems[0].help


def test_a_tuple_takes_the_parts_in_order(check) -> None:
    checked = check("let (line, sig, hist) = macd(close, 12, 26, 9)")
    assert not checked.problems
    assert [checked.node(name).attrs[1] for name in ("line", "sig", "hist")] == ["macd", "signal", "hist"]
    wrong = check("let (a, b) = macd(close)")
    assert wrong.codes == ["L0217"]
    assert "let (macd, signal, hist)" in wrong.problems[0].help


def test_a_list_is_read_by_place(check) -> None:
    checked = check("const w = [0.5, 0.3, 0.2]\nlet a = w[2]")
    assert checked.node("a").attrs == (0.2,)
    assert check("const w = [1, 2]\nlet a = w[2]").codes == ["L0216"]
    assert check("const w = [1, 2]\nlet a = w[bar]").codes == ["L0214"]


def test_a_failed_definition_is_silent_where_it_is_used(check) -> None:
    checked = check("let a = nothing\nlet b = a + 1\nlet c = b > a and ema(b, 3) > 0\nlet d = a@1d[1]")
    assert checked.codes == ["L0201"]


# --- constancy and facts -----------------------------------------------------------------------------


def test_constancy_is_inferred(check) -> None:
    checked = check("const k = 2\nparam n = 3\nlet a = k * 2\nlet b = n + k\nlet c = close + b * 1 USD / 1 shares")
    assert [checked.node(name).constancy for name in "abc"] == [Constancy.CONST, Constancy.PARAM, Constancy.SERIES]


def test_facts_tell_kind_unit_constancy_and_definition(check) -> None:
    checked = check("let fast = ema(close, 12)\nlet gap = fast - close")
    start = checked.text.index("fast - close")
    fact = checked.x.facts[Span(start, start + 4)]
    assert (fact.kind, fact.unit, fact.constancy) == ("num", "price", "series")
    assert fact.definition == Span(checked.text.index("fast"), checked.text.index("fast") + 4)
    whole = checked.x.facts[Span(start, start + len("fast - close"))]
    assert whole.node is checked.node("gap")


def test_static_gives_the_value_of_this_run(check) -> None:
    checked = check("param n = 14\nlet a = n * 2 + 1\nlet b = close\nparam t = true")
    x, scope = checked.x, checked.scope
    assert x.static(ast.Name("a"), scope, what="it") == 29
    assert isinstance(x.static(ast.Name("a"), scope, what="it"), int)
    assert x.static(ast.Name("t"), scope, what="it") is True
    assert x.static(ast.String("x"), scope, what="it") == "x"
    assert x.static(ast.Name("b"), scope, what="the count") is None
    assert checked.x.problems.found[-1].code.number == "L0214"


def test_scalar_lets_a_bare_literal_adopt_what_is_wanted(check) -> None:
    from lingua.ir.units import PRICE

    checked = check("let a = 2%")
    found = checked.x.scalar(ast.Number("5", 5.0, True), checked.scope, want=PRICE, what="a level")
    assert isinstance(found, Scalar)
    assert found.node.unit == PRICE
    assert checked.x.scalar(ast.Name("a"), checked.scope, want=PRICE, what="a level") is None
    assert "a level must be a price" in checked.x.problems.found[-1].message
