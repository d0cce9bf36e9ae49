"""A program is untrusted: large ones are refused quickly, and nothing raises."""

import random
import sys
import time

import pytest
from checking import check_items
from hypothesis import given, settings
from hypothesis import strategies as st

import lingua.semantics.indicators
from lingua.diagnostics.diagnostic import Severity

sys.path.insert(0, __file__.rpartition("/")[0])
import small_registry

SECONDS = 8
"""Far above what is needed, so that a busy machine does not fail the test; quadratic work would take minutes."""


def functions(bodies: list[str], result: str) -> str:
    return "\n".join([*bodies, "strategy S {", f"let it = {result}", "}"])


LARGE = {
    "a chain of operators": (" + ".join(["close"] * 490), None),
    "nested parentheses": ("(" * 400 + "close" + ")" * 400, None),
    "nested choices": ("if close > open then 1 else " * 240 + "0", None),
    "names each defined by the next": (
        "\n".join([*(f"let a{i} = a{i + 1} + 1" for i in range(6000)), "let a6000 = close"]), None),
    "thousands of names": ("\n".join(f"let a{i} = ema(close, {i % 300 + 1}) + {i}" for i in range(3000)), None),
    "one large cycle": ("\n".join(f"let a{i} = a{(i + 1) % 4000} + 1" for i in range(4000)), "L0206"),
    "functions that double": (
        functions(["fn f0(x) = x + 1", *(f"fn f{i}(x) = f{i - 1}(x + 1) + f{i - 1}(x + 2)" for i in range(1, 60))],
                  "f59(close)"), "L0224"),
    "functions that share": (
        functions(["fn f0(x) = x + 1", *(f"fn f{i}(x) = f{i - 1}(x) + f{i - 1}(x)" for i in range(1, 90))],
                  "f89(close)"),
        None),
    "functions very deep": (
        functions(["fn f0(x) = x + 1", *(f"fn f{i}(x) = f{i - 1}(x)" for i in range(1, 2000))], "f1999(close)"),
        "L0224"),
    "states in states": (
        functions(["fn f0(x) = x",
                   *(f"fn f{i}(x) {{ state s = 0 => f{i - 1}(prev + x) return s }}" for i in range(1, 40))],
                  "f39(close)"), "L0224"),
    "folds in folds": (
        "sum over (i in 0..9999: sum over (j in 0..9999: sum over (k in 0..9999: close[i])))", "L0224"),
    "a long fold": ("sum over (i in 0..1000000000: close[i])", "L0224"),
    "a fold at the limit": ("sum over (i in 0..9999: close[i])", None),
    "a large window": ("sma(close, 1000000000)", "L0216"),
    "many mistakes": ("\n".join(f"let a{i} = undefined_{i}" for i in range(2000)), "L0201"),
    "many duplicates": ("\n".join("let a = 1" for _ in range(3000)), "L0203"),
    "many arguments": ("max(" + ", ".join(["close"] * 5000) + ")", None),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_large_program_is_elaborated_or_refused_quickly(name: str) -> None:
    text, code = LARGE[name]
    limit = sys.getrecursionlimit()
    started = time.process_time()
    checked = check_items(text)
    assert time.process_time() - started < SECONDS
    assert sys.getrecursionlimit() == limit
    errors = {p.code.number for p in checked.problems if p.severity is Severity.ERROR}
    assert errors == ({code} if code else set()), checked.said()[:500]


NAMES = [
    "close",
    "x",
    "n",
    "rec",
    "sig",
    "btc",
    "spy",
    "position",
    "time",
    "w",
    "htf",
    "ma",
    "prev",
    "symbol",
    "nothing",
    "f",
]
ATOMS = [*NAMES, "1", "2.5", "10%", "2R", "1d", "5 bars", "100 USD", '"t"', "true", "na", "[1, 2]", "1 ticks"]
FORMS = [
    "({0} + {1})", "{0} * {1}", "({0} > {1})", "({0} and {1})", "not {0}", "-{0}", "{0}[{1}]", "{0}.upper", "{0}.close",
    "({0})@1d", "({0})@btc", "({0})@htf", "({0})@spy", "if {0} then {1} else {2}", "({0} ?? {1})", "({0} is na)",
    "({0} in {1}..{2})", "({0} crosses above {1})", "ema({0}, {1})", "bbands({0}, {1})", "rsi({0})", "atr({0})",
    "max({0}, {1})",
    "clamp({0}, {1}, {2})", "f({0}, {1})", "ma({0}, {1})", "highest({0}, {1} up to 5)", "developing({0}, 1d)",
    "inner(5m, max({0}))", "sum over (i in 0..2: {0}[i])", "{0} ^ {1}", "{0} / {1}", "count({0}, {1})", "hour({0})",
    "agree({0}, {1})", "highest_since_entry({0})", "cs.rank({0})", "num({0})", "{0}.shift({1})", "ta.ema({0}, {1})",
    "floor({0})", "({0} == {1})", "value_when({0}, {1}, {2})", "match {{ {0} => {1}, else => {2} }}",
    "convert({0}, USD)",
]  # fmt: skip
AROUND = """fn f(x, n) {{ let a = ema(x, 3) state s = x => if {1} then prev else x return s + a }}
strategy S {{
data btc = BTCUSDT
data spy = SPY @ 1d
param n = 3
param htf = 4h in {{4h, 1d}}
param ma = ema in {{ema, sma}}
let x = close - open
let rec = bbands(close, 20)
let w = [1, 2, 3]
signal sig = long when close > open, confidence {2}
state s = 0 => {3}
let it = {0}
}}"""


def random_expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(ATOMS)
    return rng.choice(FORMS).format(*(random_expression(rng, depth - 1) for _ in range(3)))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32))
def test_no_expression_raises(seed: int) -> None:
    rng = random.Random(seed)
    text = AROUND.format(*(random_expression(rng, rng.randint(1, 4)) for _ in range(4)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lingua.semantics.indicators, "lookup", small_registry.lookup)
        patch.setattr(lingua.semantics.indicators, "names", small_registry.names)
        checked = check_items(text, is_strict=False)
    for problem in checked.problems:
        assert problem.message
        assert problem.help


def test_nodes_are_in_evaluation_order_and_know_their_clock() -> None:
    checked = check_items("let a = ema(close, 3)@1d + close\nstate s = 0 => prev + a\nlet b = s[2] > 3")
    for node in checked.x.graph.nodes:
        assert all(arg.index < node.index for arg in node.args)
