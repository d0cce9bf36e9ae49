"""The proof that nothing sees the future, and graphs made by hand that break it."""

import math

import pytest

from lingua.ir.nodes import BASE, Clock, Constancy, Graph, Kind, Node
from lingua.semantics import folding
from lingua.semantics.availability import ALWAYS, NEVER, Availability

DAY = Clock("", "1d")


def judged(graph: Graph) -> Availability:
    return Availability(folding.StaticValues({"n": 3.0}).of, lambda clock: clock.timeframe or "1h")


def field(graph: Graph, name: str = "close", clock: Clock = BASE) -> Node:
    return graph.node("field", attrs=(name,), clock=clock, constancy=Constancy.SERIES)


def whole(graph: Graph, value: float) -> Node:
    return folding.number(graph, value, kind=Kind.INT)


# --- the rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("close", 0), ("close[3]", -3), ("close[3] + open", 0), ("ema(close, 5)", 0), ("ema(close[2], 5)", -2),
        ("3", ALWAYS),
        ("close@1d", 0), ("developing(close, 1d)", 0), ("inner(5m, max(high))", 0),
        ("if close > open then close[1] else 3", 0),
        ("position", 0), ("close[1] crosses above open[2]", -1), ("hour", 0), ("highest_since_entry(high)", 0),
        ('time in session("08:00-20:00")', 0), ("cs.rank(close)", 0), ("count(close > open, 3) + bar", 0),
    ],
)  # fmt: skip
def test_when_a_value_is_known(text: str, known: float, check) -> None:
    checked = check(text)
    assert judged(checked.x.graph).of(checked.node()) == known


def test_a_state_is_known_with_its_step(check) -> None:
    node = check("state s = 0 => prev + close[1]").node("s")
    assert judged(Graph()).of(node) <= 0


def test_everything_elaboration_makes_passes(check) -> None:
    checked = check(
        "data spy = SPY @ 1d\nlet a = ema(close, 20)@1d\nlet b = (a)[2] + spy.close\nlet c = (close@1d)@4h\n"
        "let d = developing(ema(close, 3), 1d)\nlet e = inner(5m, avg(close))\nstate s = 0 => prev + num(d)\n"
        "let f = macd(close)@1d\nlet g = highest(high, bar up to 4)\nlet h = spy.close@1w"
    )
    known = judged(checked.x.graph)
    for node in checked.x.graph.nodes:
        assert known.of(node) <= 0, node


# --- graphs that break them --------------------------------------------------------------------------


def test_a_negative_offset_is_caught() -> None:
    graph = Graph()
    node = graph.node("hist", field(graph), whole(graph, -1))
    top = graph.node("gt", node, field(graph, "open"), kind=Kind.BOOL)
    known = judged(graph)
    assert known.of(node) == 1
    assert known.of(top) == 1
    assert known.first_violation(top) is node


def test_it_is_caught_behind_a_window_a_choice_and_a_state() -> None:
    graph = Graph()
    ahead = graph.node("hist", field(graph), whole(graph, -2))
    window = graph.node("call", ahead, whole(graph, 5), attrs=("ema", ""))
    choice = graph.node("select", graph.node("gt", field(graph), ahead, kind=Kind.BOOL), field(graph), window)
    state = graph.node("state", whole(graph, 0), choice, attrs=("s",), constancy=Constancy.SERIES)
    for node in (window, choice, state):
        assert judged(graph).of(node) == 2


def test_going_back_mends_only_as_far_as_it_goes() -> None:
    graph = Graph()
    ahead = graph.node("hist", field(graph), whole(graph, -2))
    assert judged(graph).of(graph.node("hist", ahead, whole(graph, 1))) == 1
    assert judged(graph).of(graph.node("hist", ahead, whole(graph, 2))) == 0


def test_an_offset_that_depends_on_a_value_is_caught() -> None:
    graph = Graph()
    node = graph.node("hist", field(graph), graph.node("neg", field(graph, "bar")))
    assert judged(graph).of(node) == NEVER
    unknown = graph.node("hist", field(graph), whole(graph, math.nan))
    assert judged(graph).of(unknown) == NEVER


def test_bars_of_two_clocks_may_not_meet_unsampled() -> None:
    graph = Graph()
    node = graph.node("sub", field(graph), field(graph, clock=DAY), clock=BASE)
    assert judged(graph).of(node) == NEVER
    fine = graph.node("sub", field(graph), graph.node("sample", field(graph, clock=DAY), clock=BASE), clock=BASE)
    assert judged(graph).of(fine) == 0


def test_sampling_does_not_wash_the_future_out() -> None:
    graph = Graph()
    ahead = graph.node("hist", field(graph, clock=DAY), whole(graph, -1), clock=DAY)
    assert judged(graph).of(graph.node("sample", ahead, clock=BASE)) == NEVER


def test_inner_bars_must_be_finer() -> None:
    graph = Graph()
    assert judged(graph).of(graph.node("inner", field(graph, clock=DAY), attrs=("max",), clock=BASE)) == NEVER


def test_an_operation_nobody_judged_is_not_trusted() -> None:
    graph = Graph()
    assert judged(graph).of(graph.node("reverse", field(graph))) == NEVER


# --- a whole program ---------------------------------------------------------------------------------


def program_with(node: Node, graph: Graph):
    from lingua.ir.program import (
        ActionPlan,
        AmountPlan,
        ExecutionPlan,
        FilterPlan,
        GroupPlan,
        OrderPlan,
        Program,
        RulePlan,
    )
    from lingua.syntax.source import Span

    action = ActionPlan("buy", AmountPlan("all", None), "", OrderPlan("market"), (), "", "", Span(0, 3))
    rule = RulePlan("r", node, GroupPlan((action,), "&"), None, False, None, (), Span(0, 3))
    fine = graph.node("gt", field(graph), field(graph, "open"), kind=Kind.BOOL)
    return Program(
        "S", graph, ("A",), "1h", (), (), (), (), (rule,), (FilterPlan("f", fine, Span(4, 5)),), None, "long", None,
        (), (),
        ExecutionPlan(), (), (), (), False,
    )  # fmt: skip


def test_a_rule_that_looks_ahead_is_a_diagnostic() -> None:
    from lingua.semantics.availability import judge
    from lingua.syntax.source import Source

    graph = Graph()
    ahead = graph.node("hist", field(graph), whole(graph, -1))
    bad = graph.node("gt", ahead, field(graph), kind=Kind.BOOL)
    problems = judge(program_with(bad, graph), Source("t", "rule"))
    assert [problem.code.number for problem in problems] == ["L0301"]
    fine = graph.node("gt", graph.node("hist", field(graph), whole(graph, 1)), field(graph), kind=Kind.BOOL)
    assert judge(program_with(fine, graph), Source("t", "rule")) == ()


def test_a_decision_lives_on_the_traded_bars() -> None:
    from lingua.semantics.availability import judge
    from lingua.syntax.source import Source

    graph = Graph()
    daily = graph.node("gt", field(graph, clock=DAY), field(graph, "open", DAY), kind=Kind.BOOL)
    assert [p.code.number for p in judge(program_with(daily, graph), Source("t", "rule"))] == ["L0301"]
