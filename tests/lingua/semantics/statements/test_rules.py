"""When a rule is asked, filters, and what belongs to a strategy once."""

from __future__ import annotations

import pytest

from lingua.ir.nodes import BASE, Constancy, Kind

DOES = "close crosses above open => buy 10% with stop 2%"


@pytest.mark.parametrize(
    ("every", "period"),
    [
        ("1d", "1d"),
        ("4h", "4h"),
        ("1h", "1h"),
        ("1w", "1w"),
        ("1mo", "1mo"),
        ("weekly", "weekly"),
        ("hourly", "hourly"),
        ("yearly", "yearly"),
        ("5 bars", "5 bars"),
        ("1 bar", "1 bars"),
        ("tf", "4h"),
        ("n bars", "7 bars"),
        ("n", "7 bars"),
    ],
)
def test_every_makes_a_tick(items, every: str, period: str) -> None:
    more = "param tf = 4h in {4h, 1d}\n  " if every == "tf" else "param n = 7 in 5..9\n  " if every[0] == "n" else ""
    (rule,) = items(f"  {more}rule r every {every}: {DOES}").program.rules
    assert rule.tick is not None
    assert (rule.tick.op, rule.tick.attrs, rule.tick.kind, rule.tick.clock) == ("tick", (period,), Kind.BOOL, BASE)
    assert rule.tick.constancy is Constancy.SERIES


@pytest.mark.parametrize(
    ("every", "number"),
    [
        ("15m", "L0401"), ("90m", "L0401"), ("wekly", "L0404"), ("0 bars", "L0717"), ("1.5 bars", "L0717"),
        ("10 USD", "L0404"), ("nothing", "L0404"),
    ],
)  # fmt: skip
def test_a_period_that_is_none_is_an_error(items, every: str, number: str) -> None:
    assert items(f"  rule r every {every}: {DOES}").errors == [number]


def test_a_misspelt_period_gets_a_guess(items) -> None:
    assert items(f"  rule r every wekly: {DOES}").problem("L0404").help == "did you mean `weekly`?"


def test_once_and_every_stand_together(items) -> None:
    (rule,) = items(f"  rule r once every 1d: {DOES}").program.rules
    assert rule.once
    assert rule.tick is not None


def test_leaves_are_the_comparisons_in_order(items) -> None:
    found = items(
        "  rule r: (close > open and not (volume > 5 or close[1] < 3)) and rsi(close, 14) > 50 => buy 10% with stop 2%"
    )
    leaves = found.program.rules[0].leaves
    assert [found.text[span.start : span.end] for span, _ in leaves] == [
        "close > open", "volume > 5", "close[1] < 3", "rsi(close, 14) > 50",
    ]  # fmt: skip
    assert all(node.kind is Kind.BOOL for _, node in leaves)


def test_a_condition_must_be_a_truth(items) -> None:
    assert items("  rule r: close => buy 10% with stop 2%").errors == ["L0211"]
    assert items(f"  filter f: close\n  rule r: {DOES}").errors == ["L0211"]


def test_names_of_rules_and_filters_are_their_own(items) -> None:
    assert items(f"  let r = close > open\n  filter r: r\n  rule r: {DOES}").codes == []
    assert items(f"  rule r: {DOES}\n  rule r: close < open => sell").errors == ["L0203"]
    assert items(f"  filter f: close > 1\n  filter f: close > 2\n  rule r: {DOES}").errors == ["L0203"]


@pytest.mark.parametrize(
    "item",
    ["trade A", "size: 10%", "direction long", "pyramid 2 step 1%", "protect { stop 2% }",
     "optimize { folds: walk_forward(train: 90d, test: 30d) }"],
)  # fmt: skip
def test_some_items_are_given_once(items, item: str) -> None:
    found = items(
        f"  param n = 5 in 2..9\n  {item}\n  {item}\n  rule r: close crosses sma(close, n) => buy 10% with stop 2%",
        trade="",
    )
    assert found.errors == ["L0736"]


@pytest.mark.parametrize(("text", "number"), [
    ("pyramid 0 step 1%", "L0737"), ("pyramid 2000 step 1%", "L0737"), ("pyramid 3 step 1R", "L0712"),
    ("pyramid 3 step rsi(close, 14)", "L0712"),
])  # fmt: skip
def test_a_pyramid_counts_units_and_steps_by_a_distance(items, text: str, number: str) -> None:
    assert items(f"  {text}\n  rule r: {DOES}").errors == [number]


def test_alerts_keep_their_holes(items) -> None:
    found = items(
        f"  let bb = bbands(close, 20, 2)\n  rule r: {DOES}\n"
        '  alert big: close > bb.upper => "{symbol} at {close}, {bb.upper} {close}"'
    )
    (alert,) = found.program.alerts
    assert [name for name, _ in alert.holes] == ["symbol", "close", "bb.upper"]
    assert all(node is not None for _, node in alert.holes)


@pytest.mark.parametrize(
    ("hole", "number"), [("close + 1", "L0738"), ("", "L0738"), ("nothing", "L0201"), ("close.x", "L0209")]
)
def test_a_hole_is_a_name(items, hole: str, number: str) -> None:
    found = items(f'  rule r: {DOES}\n  alert big: close > 5 => "now {{{hole}}}"')
    assert found.errors == [number]
    assert found.at(number) in (hole, hole.rpartition(".")[2])


def test_a_record_is_plotted_part_by_part(items) -> None:
    found = items(f'  rule r: {DOES}\n  plot bbands(close, 20, 2), close pane "price"')
    assert [plot.title.rpartition(".")[2] for plot in found.program.plots] == ["upper", "middle", "lower", "close"]


def test_definitions_see_each_other_in_any_order(items) -> None:
    text = "  indicator b = a + 1\n  let a = close\n  state s: int = 0 => if b > a then prev + 1 else 0\n"
    text += "  signal g = long when s > 3, confidence 0.5\n  let (m, n, h) = macd(close, 12, 26, 9)\n"
    found = items(f"{text}  plot b, g, m\n  rule r: {DOES}")
    names = [(output.name, output.role) for output in found.program.outputs]
    assert names == [
        ("b", "indicator"),
        ("a", "let"),
        ("s", "state"),
        ("g", "signal"),
        ("g.side", "signal"),
        ("g.confidence", "signal"),
        ("m", "let"),
        ("n", "let"),
        ("h", "let"),
    ]


def test_the_timeframe_may_be_a_parameter_and_nothing_else(items) -> None:
    assert items(f"  rule r: {DOES}", trade="trade A @ tf").errors == ["L0404"]
    assert items(f"  param tf = 4h in {{1h, 4h}}\n  rule r: {DOES}", trade="trade A @ tf").program.timeframe == "4h"


def test_data_have_their_own_timeframe(items) -> None:
    found = items(f"  data d = SPY @ 1d\n  plot ema(close, 20)@d\n  rule r: {DOES}")
    assert [(each.alias, each.symbol, each.timeframe) for each in found.program.data] == [("d", "SPY", "1d")]
