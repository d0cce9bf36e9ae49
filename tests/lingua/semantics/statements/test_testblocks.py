"""Test blocks: what is given, which parameters are used, what is expected."""

from __future__ import annotations

import math

import pytest

from lingua.ir.nodes import Kind

STRATEGY = """  param n = 14 in 7..28
  data btc = BTCUSDT
  let up = close > sma(close, n) and btc.close > 5
  rule enter: up => buy 10% with stop 2%
"""


def block(items, text: str, title: str = "t"):
    return items(f'{STRATEGY}  test "{title}" {{\n{text}\n  }}')


def prepared(items, text: str):
    found = block(items, text)
    assert not found.errors, [p.message for p in found.found.problems]
    (plan,) = found.found.tests
    return plan.prepare()


def test_a_plan_says_what_the_runner_needs(items) -> None:
    ready = prepared(
        items,
        "given lead = 210 given close = [100, 99, na] given btc.close = [1, 2, 3] given capital = 5000 using n: 3"
        " expect never fired(enter) at bar 1 expect always up expect orders.count == 1",
    )
    assert ready.program.params[0].value == 3
    assert (ready.givens.lead, ready.givens.capital, ready.givens.count) == (210, 5000.0, 3)
    (mine, theirs) = ready.givens.columns
    assert (mine.owner, mine.name, mine.values[:2]) == ("", "close", (100.0, 99.0))
    assert math.isnan(mine.values[2])
    assert (theirs.owner, theirs.values) == ("btc", (1.0, 2.0, 3.0))
    assert [(e.mode, e.at_bar, e.condition.kind) for e in ready.expectations] == [
        ("never", 1, Kind.BOOL), ("always", None, Kind.BOOL), ("last", None, Kind.BOOL),
    ]  # fmt: skip
    assert ready.problems == ()


def test_nodes_of_expectations_belong_to_the_program(items) -> None:
    ready = prepared(items, "given close = [1, 2] expect fired(enter)")
    (expectation,) = ready.expectations
    assert (expectation.condition.op, expectation.condition.attrs) == ("observe", ("fired", "enter"))
    assert ready.program.graph.nodes[expectation.condition.index] is expectation.condition


@pytest.mark.parametrize(
    "text",
    [
        "expect fired(enter)",
        "expect not fired(enter) and position == 0",
        "expect orders.count == 0",
        "expect orders == 0",
        "expect orders.working <= 1",
        "expect fills.count >= 0 and trades.wins <= trades.count",
        "expect equity ~ 100000 within 1%",
        "expect equity > 99_000 USD",
        "expect always abs(weight) <= 40%",
        "expect always close in 1..500",
        "expect eventually up",
        "expect warmup <= 210 bars",
        "expect ready_bar < 50",
        "expect close ~ 100 within 0.5",
        "expect close ~ open",
        "expect close > 1 at bar 0",
        "expect pnl >= 0",
        "expect sma(close, 3) > 1",
        "expect close[1] > 1",
    ],
)
def test_what_can_be_expected(items, text: str) -> None:
    assert block(items, f"given close = [100, 101] {text}").errors == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("given close = [1, 2] expect fired(leave)", "L0836"),
        ("given close = [1, 2] expect fired(close > 5)", "L0836"),
        ("given close = [1, 2] expect fired()", "L0836"),
        ("given close = [1, 2] expect close", "L0211"),
        ("given close = [1, 2] expect nothing > 5", "L0201"),
        ("given close = [1, 2] expect orders.sent == 5", "L0209"),
        ("given close = [1, 2] expect up ~ 5", "L0839"),
        ("given close = [1, 2] expect close ~ 5%", "L0211"),
        ("given close = [1, 2] expect up at bar 2", "L0837"),
        ("given close = [1, 2] expect up at bar -1", "L0837"),
        ("given close = [1, 2] expect up at bar 1.5", "L0837"),
        ("given bars = random(1, 50) expect up at bar 50", "L0837"),
        ("given close = [1, 2] given open = [1] expect up", "L0834"),
        ("given btc.close = [1, 2] given btc.open = [1] expect up", "L0834"),
        ("given clse = [1, 2] expect up", "L0832"),
        ("given n = 5 expect up", "L0832"),
        ("given eth.close = [1, 2] expect up", "L0832"),
        ("given btc.lead = 5 expect up", "L0832"),
        ("given close = 5 expect up", "L0833"),
        ("given close = [] expect up", "L0833"),
        ("given close = [1, true] expect up", "L0833"),
        ("given close = [1, -2] expect up", "L0833"),
        ("given close = [1, close] expect up", "L0833"),
        ("given time = [1, 2] expect up", "L0833"),
        ('given time = [date("2024-01-02"), date("2024-01-01")] expect up', "L0833"),
        ("given lead = -1 given close = [1, 2] expect up", "L0833"),
        ("given lead = 1.5 given close = [1, 2] expect up", "L0833"),
        ("given capital = 0 given close = [1, 2] expect up", "L0833"),
        ("given capital = 5% given close = [1, 2] expect up", "L0833"),
        ("given bars = random(1) expect up", "L0833"),
        ("given bars = random(1, 0) expect up", "L0833"),
        ("given bars = random(1, 10_000_000) expect up", "L0833"),
        ("given bars = close expect up", "L0833"),
        ('given bars "/etc/passwd" expect up', "L0833"),
        ('given bars "https://x.y/z.csv" expect up', "L0833"),
        ('given bars "a.csv" given close = [1, 2] expect up', "L0832"),
        ("given close = [1, 2] given close = [1, 2] expect up", "L0730"),
        ("given close = [1, 2] using m: 5 expect up", "L0808"),
        ("given close = [1, 2] using n: 1.5 expect up", "L0809"),
        ("given close = [1, 2] using n: close expect up", "L0214"),
        ("given close = [1, 2] using n: 3 using n: 4 expect up", "L0730"),
        ("given close = [1, 2] using n: 0 expect up", "L0835"),
    ],
)
def test_what_cannot_be_a_test_is_an_error(items, text: str, number: str) -> None:
    assert block(items, text).errors == [number]


def test_a_test_may_leave_the_domain(items) -> None:
    assert prepared(items, "given close = [1, 2] using n: 2 expect up").program.params[0].value == 2


def test_a_test_that_breaks_a_requirement_is_told_at_the_test(items) -> None:
    found = items(
        "  param a = 1 in 1..5\n  param b = 2 in 1..5\n  require a < b\n"
        "  rule r: sma(close, a) crosses above sma(close, b) => buy 10% with stop 2%\n"
        '  test "t" { given close = [1, 2] using a: 4 expect fired(r) }'
    )
    assert found.errors == ["L0835"]
    assert found.at("L0835") == "using a: 4"


def test_a_test_that_expects_nothing_is_pointed_out(items) -> None:
    assert "L0838" in block(items, "given close = [1, 2]").codes


@pytest.mark.parametrize(
    ("header", "number"),
    [('test "t" for S', None), ('test "t"', None), ('test "t" for T', "L0831"), ('test "t" for s', "L0831")],
)
def test_a_test_outside_of_strategies_says_which_it_is_for(file, header: str, number: str | None) -> None:
    text = "strategy S { rule r: close crosses above open => buy 10% with stop 2% }\n"
    found = file(f"{text}{header} {{ given close = [1, 2] expect fired(r) }}")
    assert found.errors == ([number] if number else [])
    assert [plan.strategy for plan in found.found.tests] == ([] if number else ["S"])


def test_with_two_strategies_a_test_must_choose(file) -> None:
    text = "strategy A { rule r: close crosses above open => buy 10% with stop 2% }\n"
    found = file(f'{text}{text.replace("A", "B", 1)}test "t" {{ given close = [1, 2] expect fired(r) }}')
    assert found.errors == ["L0831"]
    assert "for A" in found.problem("L0831").help


def test_the_names_of_a_strategy_win(items) -> None:
    found = items(
        "  let orders = close * 2\n  rule r: close crosses above orders => buy 10% with stop 2%\n"
        '  test "t" { given close = [1, 2] expect orders > 5 USD / 1 shares }'
    )
    assert found.errors == []


def test_a_strategy_cannot_observe_its_orders(items) -> None:
    assert "L0202" in items("  rule r: fired(r) => buy 10% with stop 2%").errors
    assert items("  rule r: orders.count > 5 => buy 10% with stop 2%").errors == ["L0201"]
