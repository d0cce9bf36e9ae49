"""Universes, portfolios, extern functions, optimisation and editions: checked, and not executed."""

from __future__ import annotations

import pytest

ENTRY = "rule r: close crosses above open => buy 10% with stop 2%"
UNIVERSE = 'universe liquid = top 50 by avg(volume * close, 30) from "binance.spot.usdt" refresh 7d\n'


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('universe u = top 50 by volume from "list"', None),
        ('universe u = top 0 by volume from "list"', "L0601"),
        ('universe u = top 2.5 by volume from "list"', "L0601"),
        ('universe u = top 5% by volume from "list"', "L0601"),
        ('universe u = top 50 by volume from ""', "L0602"),
        ('universe u = top 50 by 5 from "list"', "L0605"),
        ('universe u = top 50 by position from "list"', "L0605"),
        ('universe u = top 50 by nothing from "list"', "L0201"),
    ],
)
def test_universes(file, text: str, number: str | None) -> None:
    found = file(f"{text}\nstrategy S {{ trade u @ 1d {ENTRY} }}")
    assert found.errors == ([number] if number else [])
    if number is None:
        program = found.program
        assert program.symbols == ()
        assert [(each.construct, each.name) for each in program.not_executed] == [("universe", "u")]


def test_a_universe_may_stand_in_its_strategy(items) -> None:
    found = items(f'  universe u = top 5 by volume from "list"\n  {ENTRY}', trade="trade u @ 1d")
    assert [each.construct for each in found.program.not_executed] == ["universe"]


def test_a_universe_nobody_trades_is_unused(file) -> None:
    assert file(f"{UNIVERSE}strategy S {{ trade A @ 1d {ENTRY} }}").codes == ["L0205"]


def test_cross_sections_need_a_universe(file) -> None:
    text = "strategy S {{ trade {} @ 1d rule r: cs.rank(close / close[20]) <= 3 => buy 10% with stop 2% }}"
    assert file(UNIVERSE + text.format("liquid")).errors == []
    assert file(text.format("A")).errors == ["L0603"]


def test_a_universe_is_traded_alone(file) -> None:
    assert file(f"{UNIVERSE}strategy S {{ trade liquid, B @ 1d {ENTRY} }}").errors == ["L0604"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (
            "capital 100_000 USD run S on A @ 1h weight 60% allocate equal refresh 7d"
            " risk { max_drawdown 20% => flatten; max_correlation 0.8 }",
            [],
        ),
        ("run S(n: 20) on A, B", []),
        ("run S(n: 99) on A", ["L0810"]),
        ("run S(m: 5) on A", ["L0808"]),
        ("run S(n: 20, n: 21) on A", ["L0730"]),
        ("run T on A", ["L0620"]),
        ("capital 5 USD", ["L0621"]),
        ("capital 5% run S on A", ["L0623"]),
        ("capital 5 USD capital 6 USD run S on A", ["L0730"]),
        ("run S on A weight 60% run S on B weight 60%", ["L0622"]),
        ("run S on A weight 6", ["L0622"]),
        ("run S on A allocate risk_parity(60d)", []),
        ("run S on A allocate risk_party(60d)", ["L0624"]),
        ("run S on A allocate equal(5%)", ["L0717"]),
        ("run S on A @ tomorrow", ["L0404"]),
        ("run S on A risk { max_correlation 2 }", ["L0727"]),
        ("run S on A risk { max_drawdown 20 }", ["L0727"]),
    ],
)
def test_portfolios(file, text: str, codes: list[str]) -> None:
    strategy = (
        "strategy S { param n = 14 in 7..28 rule r: close crosses above sma(close, n) => buy 10% with stop 2% }\n"
    )
    found = file(f"{strategy}portfolio P {{ {text} }}")
    assert found.codes == codes
    if not found.errors and "run S" in text:
        assert [(each.construct, each.name) for each in found.program.not_executed] == [("portfolio", "P")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('extern fn f(w: window<float, 64>) -> float from "models/up.onnx"', None),
        ('extern fn f(w: window<price, 5>, n: int) -> bool from "a.py"', None),
        ('extern fn f(w: window<float, 64>) -> float from "model.bin"', "L1001"),
        ('extern fn f(w) -> float from "a.onnx"', "L1002"),
        ('extern fn f(w: signal) -> float from "a.onnx"', "L1002"),
        ('extern fn f(w: window<float, 0>) -> float from "a.onnx"', "L1003"),
        ('extern fn f(w: window<float, 1000000>) -> float from "a.onnx"', "L1003"),
        ('extern fn f(w: window<float>) -> float from "a.onnx"', "L1003"),
        ('extern fn f(w: window) -> float from "a.onnx"', "L1003"),
        ('extern fn f(w: float) -> band from "a.onnx"', "L1004"),
        ('extern fn f(w: float) -> window<float, 5> from "a.onnx"', "L1004"),
        ('extern fn f(w: float) -> float from "../a.onnx"', "L1005"),
        ('extern fn f(w: float) -> float from "/tmp/a.py"', "L1005"),
    ],
)
def test_extern_functions(file, text: str, number: str | None) -> None:
    assert file(text).errors == ([number] if number else [])


def test_a_called_extern_is_not_executed(file) -> None:
    text = (
        'extern fn f(w: window<float, 64>) -> float from "m.onnx"\nstrategy S {{ rule r: {} => buy 10% with stop 2% }}'
    )
    assert [e.construct for e in file(text.format("f(close / open) crosses above 0.5")).program.not_executed] == [
        "extern"
    ]
    assert file(text.format("close crosses above open")).program.not_executed == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("objective: sharpe; folds: walk_forward(train: 365d, test: 90d); trials: 200", []),
        ("objective: max_drawdown; folds: k_fold(k: 5); method: grid; seed: 1", []),
        ("objective: sharpe", ["L0815"]),
        ("objective: sharp; folds: k_fold(k: 5)", ["L0733"]),
        ("folds: walk_forward(train: 365d)", ["L0732"]),
        ("folds: walk_forward(train: 5%, test: 90d)", ["L0732"]),
        ("folds: walk_forwrd(train: 365d, test: 90d)", ["L0732"]),
        ("folds: k_fold(k: 1)", ["L0732"]),
        ("folds: 5", ["L0732"]),
        ("objective: sharpe - 2 * max_drawdown; folds: rolling(train: 90d, test: 30d, purge: 0)", []),
        ("objective: [sharpe, max_drawdown]; folds: cpcv(n: 6, k: 2, embargo: 5d); method: bayes", []),
        ("objective: sharpe - close; folds: k_fold(k: 5)", ["L0817"]),
        ("objective: 2 + 3; folds: k_fold(k: 5)", ["L0817"]),
        ("objective: [sharpe, sharp]; folds: k_fold(k: 5)", ["L0817"]),
        ("folds: cpcv(n: 4, k: 4)", ["L0732"]),
        ("folds: k_fold(k: 5); trials: 0", ["L0732"]),
        ("folds: k_fold(k: 5); trials: 1.5", ["L0732"]),
        ("folds: k_fold(k: 5); trails: 100", ["L0731"]),
        ("folds: k_fold(k: 5); trials: 100; trials: 200", ["L0730"]),
    ],
)
def test_optimize(items, text: str, codes: list[str]) -> None:
    found = items(
        "  param n = 5 in 2..9\n  rule r: close crosses above sma(close, n) => buy 10% with stop 2%\n"
        f"  optimize {{ {text} }}"
    )
    assert found.codes == codes
    if not codes:
        assert found.program.not_executed == ()
        assert found.program.optimize is not None


def test_optimize_needs_something_to_search(items) -> None:
    assert items(f"  {ENTRY}\n  optimize {{ folds: k_fold(k: 5) }}").codes == ["L0816"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("lingua 1\n", []),
        ("lingua 2\n", ["L0901"]),
        ("lingua 0\n", ["L0901"]),
        ("lingua 1\nlingua 1\n", ["L0902"]),
        ("const A = 1\nlingua 1\n", ["L0902"]),
    ],
)
def test_editions(file, text: str, codes: list[str]) -> None:
    assert file(f"{text}fn f(x) = x").codes == codes


def test_two_strategies_of_one_name(file) -> None:
    assert file(f"strategy S {{ {ENTRY} }}\nstrategy S {{ {ENTRY} }}").errors == ["L0203"]


def test_a_constant_is_constant(file) -> None:
    assert file("const A = close").errors == ["L0214"]
    assert file("const A = B + 1\nconst B = 2").codes == []
    assert file("const A = B\nconst B = A").errors == ["L0206"]
