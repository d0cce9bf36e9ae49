"""Parameters, their domains, values from outside, and requirements."""

from __future__ import annotations

import pytest

RULE = "\n  rule r: close crosses above open => buy 10% with stop 2%"


def used(names: str) -> str:
    return f"{RULE}\n  plot: {names}"


@pytest.mark.parametrize(
    ("text", "kind", "unit", "value"),
    [
        ("param n = 14", "int", "none", 14),
        ("parameter n = 14", "int", "none", 14),
        ("param n = 1.5", "num", "none", 1.5),
        ("param n = 2 in 1.5..3", "num", "none", 2.0),
        ("param n = 2%", "num", "ratio", 0.02),
        ("param n: price = 100", "num", "price", 100),
        ("param n: qty = 5", "num", "qty", 5),
        ("param n = 5 shares", "num", "qty", 5.0),
        ("param n = 20 bars", "int", "bars", 20),
        ("param n = -3 in -5..5", "int", "none", -3),
        ("param n = true", "bool", "none", True),
        ("param n = false in {true, false}", "bool", "none", False),
        ("param n = 1 + 2", "int", "none", 3),
        ("param n = 2h in 1h..4h step 1h", "num", "duration", 7200.0),
    ],
)
def test_a_parameter_is_what_its_default_is(items, text: str, kind: str, unit: str, value: object) -> None:
    (param,) = items(f"  {text}{used('n')}").program.params
    assert (param.kind if param.unit != "price" and param.unit != "qty" else "num", param.unit) == (kind, unit)
    assert param.default == param.value == value
    assert type(param.value) is type(value) or unit in ("price", "qty")
    assert not param.is_structural


@pytest.mark.parametrize(
    ("text", "use", "kind", "value", "values"),
    [
        ("param tf = 1h in {1h, 4h}", "close@tf", "timeframe", "1h", ("1h", "4h")),
        ("param ma = ema in {ema, sma}", "ma(close, 5)", "function", "ema", ("ema", "sma")),
        ('param name = "up"', 'if name == "up" then close else open', "string", "up", None),
    ],
)
def test_other_kinds_make_another_program(items, text: str, use: str, kind: str, value: str, values: object) -> None:
    (param,) = items(f"  {text}{used(use)}").program.params
    assert (param.kind, param.value, param.values, param.is_structural) == (kind, value, values, True)


def test_a_parameter_of_the_timeframe_or_of_a_setting_makes_another_program(items) -> None:
    text = (
        "  param tf = 1h in {1h, 4h}\n  param slip = 3bp in 0bp..10bp\n  param most = 3 in 1..5\n  param n = 5 in 2..9"
    )
    found = items(
        f"{text}{used('sma(close, n)')}\n  execution {{ slippage: slip }}\n  risk {{ max_open most }}",
        trade="trade A @ tf",
    )
    assert found.program.timeframe == "1h"
    assert {p.name: p.is_structural for p in found.program.params} == {
        "tf": True,
        "slip": True,
        "most": True,
        "n": False,
    }


def test_the_bound_of_a_fold_makes_another_program(items) -> None:
    text = "  param n = 3 in 1..5\n  param m = 3 in 1..5\n  let s = sum over (i in 0..n: close[i]) + sma(close, m)"
    found = items(f"{text}{used('s')}")
    assert {p.name: p.is_structural for p in found.program.params} == {"n": True, "m": False}


def test_the_bound_of_a_fold_in_a_function_may_be_any_parameter(file) -> None:
    found = file(
        "fn f(k: int) = sum over (i in 0..k: close[i])\n"
        "strategy S { param n = 3 in 1..5 rule r: close crosses above f(n) => buy 10% with stop 2% }"
    )
    assert found.program.params[0].is_structural


def test_parameters_may_speak_of_each_other_in_any_order(items) -> None:
    found = items(f"  param slow = fast * 2\n  param fast = 10 in 5..20{used('sma(close, fast), sma(close, slow)')}")
    assert [(p.name, p.value) for p in found.program.params] == [("slow", 20), ("fast", 10)]
    assert found.program.params[1].is_structural


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("param n = 50 in 7..28", "L0801"),
        ("param n = wma in {ema, sma}", "L0801"),
        ("param n = 2h in {1h, 4h}", "L0801"),
        ("param n = 14 in 28..7", "L0802"),
        ("param n = 14 in 7..28 step 0", "L0803"),
        ("param n = 14 in 7..28 step 50", "L0803"),
        ("param n = 14 in {7, 14} step 7", "L0803"),
        ("param n = 14 step 7", "L0803"),
        ("param n = 14 in 7%..28%", "L0805"),
        ("param n = 14 in {7, ema}", "L0805"),
        ("param n = 1h in {1h, 5}", "L0805"),
        ("param n = 2% in 1..5", "L0805"),
        ("param n = true in 1..5", "L0805"),
        ("param n = close", "L0214"),
        ("param n = na", "L0812"),
        ("param n = bbands(close, 20, 2)", "L0812"),
        ("param n: int = 1.5", "L0225"),
        ("param n = a\n  param a = n", "L0206"),
        ("param n = 14 in 7..28.5", "L0215"),
    ],
)
def test_what_cannot_be_a_parameter_is_an_error(items, text: str, number: str) -> None:
    if number == "L0215":
        # The domain says that it is a fraction.
        assert items(f"  {text}{used('num(close) + n')}").program.params[0].kind == "num"
        return
    assert items(f"  {text}{used('sma(close, 5)')}").errors == [number]


def test_a_default_between_two_steps_is_pointed_out(items) -> None:
    found = items(f"  param n = 15 in 10..20 step 2{used('sma(close, n)')}")
    assert found.codes == ["L0804"]
    assert "14" in found.problem("L0804").help


@pytest.mark.parametrize(
    ("text", "use", "name", "given", "value"),
    [
        ("param n = 14 in 7..28", "sma(close, n)", "n", 20, 20),
        ("param n = 14 in 7..28", "sma(close, n)", "n", 20.0, 20),
        ("param k = 1.5 in 1..3", "k", "k", 2, 2.0),
        ("param b = true", "if b then 1 else 2", "b", False, False),
        ("param tf = 1h in {1h, 4h}", "close@tf", "tf", "4h", "4h"),
        ("param ma = ema in {ema, sma}", "ma(close, 5)", "ma", "sma", "sma"),
        ('param s = "up"', 'if s == "up" then 1 else 2', "s", "down", "down"),
        ("param w = 2% in 1%..5%", "w", "w", 0.03, 0.03),
    ],
)
def test_a_value_from_outside_replaces_the_default(items, text, use, name, given, value) -> None:
    (param,) = items(f"  {text}{used(use)}", overrides={name: given}).program.params
    assert param.value == value
    assert type(param.value) is type(value)
    assert param.default != value


def test_another_function_makes_another_graph(items) -> None:
    text = f"  param ma = ema in {{ema, sma}}{used('ma(close, 5)')}"
    ops = [
        [node.attrs[0] for node in items(text, overrides=given).program.graph.nodes if node.op == "call"]
        for given in ({}, {"ma": "sma"})
    ]
    assert "ema" in ops[0]
    assert ops[0] != ops[1]


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({"n": 50}, "L0810"),
        ({"n": 1.5}, "L0809"),
        ({"n": "fast"}, "L0809"),
        ({"n": True}, "L0809"),
        ({"n": float("nan")}, "L0809"),
        ({"m": 5}, "L0808"),
        ({"tf": "2h"}, "L0810"),
        ({"tf": "soon"}, "L0809"),
        ({"tf": 5}, "L0809"),
        ({"ma": "wma"}, "L0810"),
        ({"ma": "no such thing"}, "L0809"),
        ({"b": 1}, "L0809"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(items, given: dict[str, object], number: str) -> None:
    text = "  param n = 14 in 7..28\n  param tf = 1h in {1h, 4h}\n  param ma = ema in {ema, sma}\n  param b = true"
    found = items(f"{text}{used('ma(close, n)@tf, if b then 1 else 2')}", overrides=given)
    assert found.errors == [number]
    assert not found.found.programs


def test_a_misspelt_parameter_gets_a_guess(items) -> None:
    found = items(f"  param length = 14 in 7..28{used('sma(close, length)')}", overrides={"lenght": 20})
    assert found.problem("L0808").help == "did you mean `length`?"


def test_require_holds_or_says_the_values(items) -> None:
    text = "  param fast = 12 in 5..30\n  param slow = 34 in 20..100\n  require fast < slow"
    text += used("sma(close, fast), sma(close, slow)")
    assert len(items(text).program.requires) == 1
    found = items(text, overrides={"fast": 30, "slow": 20})
    assert found.errors == ["L0806"]
    assert found.problem("L0806").message == "`fast < slow` does not hold: `fast` is 30 and `slow` is 20"
    assert not found.found.programs


def test_require_is_known_before_the_run(items) -> None:
    assert items(f"  require close > 5{RULE}").errors == ["L0214"]
    assert items(f"  param n = 5\n  require n{used('sma(close, n)')}").errors == ["L0211"]


def test_one_strategy_of_several_can_be_chosen(file) -> None:
    text = "strategy A { rule r: close crosses above 1 => buy 10% with stop 2% }\nstrategy B { rule r: close > => buy }"
    good = text.replace("close > =>", "close > x =>")
    assert [program.name for program in file(good, strategy="A").found.programs] == ["A"]
    assert file(good).errors == ["L0201"]
    assert [program.name for program in file(good).found.programs] == ["A"]
    found = file(good, strategy="AA")
    assert found.errors == ["L0811"]


def test_a_mistake_of_the_file_stops_all_strategies(file) -> None:
    found = file("const c = d\nstrategy A { rule r: close crosses above c => buy 10% with stop 2% }")
    assert found.errors == ["L0201"]
    assert not found.found.programs
