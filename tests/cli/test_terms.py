"""Everything in the reference is a program that compiles; and the reference has everything the language has."""

from __future__ import annotations

import pytest

import lingua
from lingua.cli import terms
from lingua.cli.words import LIMITS, OPTIONS, WORDS
from lingua.semantics import builtins, helpers, observables, observing
from lingua.semantics.builtins import CROSS_SECTION

BODY = """  trade BTCUSDT @ 1h
  direction both
  data btc = ETHUSDT
  param n = 10 in 5..20
  signal s1 = long when close > open
  signal s2 = short when close < open
  let f = ema(close, 12)
  let s = ema(close, 26)
  let big = s1 + s2
  let x = close
  let r = rsi(close, 14)
  let a = close > open
  let b = close[1]
  let c = close[2]
  let vote = s1 + btc.close / btc.close[1]
"""
ITEM = "strategy Trend {\n" + BODY + "  rule enter: close > ema(close, n) => buy 10% with stop 5%\n"
PLACES = {
    "expression": ITEM + "  let zz = HERE\n}",
    "condition": ITEM + "  rule zz: HERE => buy 10% with stop 5%\n}",
    "action": ITEM + "  rule zz: close > open => HERE\n}",
    "item": ITEM + "  HERE\n}",
    "execution": ITEM + "  execution { HERE }\n}",
    "risk": ITEM + "  risk { HERE }\n}",
    "test": ITEM + '}\ntest "t" for Trend { HERE }',
    "portfolio": ITEM + "}\nportfolio Book { HERE run Trend on BTCUSDT @ 1h }",
    "file": "HERE\n" + ITEM + "}",
    "universe": 'universe u = top 5 by volume from "x" refresh 7d\nstrategy Trend { trade u @ 1d let zz = HERE }',
    "rule": "strategy Trend {\n" + BODY + "  rule enter: close > open HERE\n}",
    "first item": "strategy Trend {\n  trade ETHUSDT @ 1h\n  param fast = 12 in 5..20\n  param slow = 26 in 21..50\n"
    "  rule enter: ema(close, fast) > ema(close, slow) => buy 10% with stop 5%\n  HERE\n}",
    "first rule": "strategy Trend {\n" + BODY + "  HERE\n}",
    "entry": ITEM + "  rule zz: close > open => buy 10% HERE\n}",
    "long": ITEM.replace("direction both", "") + "  HERE\n}",
    "without trade": ITEM.replace("trade BTCUSDT @ 1h", "") + "  HERE\n}",
}
EXAMPLES = [
    (kind, name, written)
    for kind, group in {**terms.GROUPS, "word": WORDS, "option": OPTIONS, "limit": LIMITS}.items()
    for name, (written, _) in group.items()
]
WITH_OTHERS = {
    "import": "needs the file it names",
    "prev": "is shown with the state around it",
    "portfolio": "stands for a block of items",
    "strategy": "stands for a block of items",
    "test": "stands with the strategy it tests",
}
"""Examples that are no program by themselves."""


def wrong(written: str, place: str) -> list[str]:
    text = PLACES[place].replace("HERE", written)
    return [problem.message for problem in lingua.check(text) if str(problem.severity) == "error"]


@pytest.mark.parametrize(("kind", "name", "written"), EXAMPLES, ids=[f"{kind} {name}" for kind, name, _ in EXAMPLES])
def test_what_the_reference_writes_compiles_somewhere(kind: str, name: str, written: str) -> None:
    if name in WITH_OTHERS and kind == "word":
        pytest.skip(WITH_OTHERS[name])
    said = {place: wrong(written, place) for place in PLACES}
    assert [] in said.values(), said


def test_every_function_has_an_entry() -> None:
    known = {*terms.HELPERS, *WORDS}
    functions = {*helpers.FUNCTIONS, *builtins.FUNCTIONS, *(f"cs.{name}" for name in CROSS_SECTION)}
    assert functions - known == {"cross_below", "cross", "lead"}  # told beside `cross_above`; refused


def test_every_value_has_an_entry() -> None:
    told = {*terms.VALUES, *terms.HELPERS}
    assert {*observables.NAMES} - told == {"hlc3", "ohlc4"}  # told beside `hl2`
    assert {*observing.COUNTS, *observing.BARS_OF_RUN} - {*terms.TESTS} == {"warmup"}  # told beside `ready_bar`
