"""Order kinds, lives, exits, legs and groups."""

from __future__ import annotations

import pytest


def only(found):
    return found.program.rules[0].group.actions[0]


@pytest.mark.parametrize(
    ("text", "kind", "life"),
    [
        ("buy 10% with stop 2%", "market", "bar"),
        ("buy 10% at market with stop 2%", "market", "bar"),
        ("buy 10% at open with stop 2%", "open", "bar"),
        ("buy 10% at auction with stop 2%", "auction", "bar"),
        ("buy 10% at limit close with stop 2%", "limit", "bar"),
        ("buy 10% at limit close for 4 bars with stop 2%", "limit", "bars"),
        ("buy 10% at limit close for n with stop 2%", "limit", "bars"),
        ("buy 10% at limit close for n bars with stop 2%", "limit", "bars"),
        ("buy 10% at limit close for 2h with stop 2%", "limit", "duration"),
        ("buy 10% at limit close for wait with stop 2%", "limit", "duration"),
        ("buy 10% at limit close for gtc with stop 2%", "limit", "gtc"),
        ("buy 10% at stop high with stop 2%", "stop", "bar"),
        ("buy 10% at stop high + 1 ticks limit high + 0.2 * atr(14) with stop 2%", "stop_limit", "bar"),
        ("buy 10 at limit close show 2 with stop 2%", "limit", "bar"),
        ("buy 10% at limit 100 with stop 2%", "limit", "bar"),
    ],
)
def test_an_order_is_of_its_kind_and_works_so_long(action, text: str, kind: str, life: str) -> None:
    placed = only(action(text, "param n = 3 in 1..5\n  param wait = 2h in {1h, 2h}")).order
    assert (placed.kind, placed.life.kind) == (kind, life)


def test_an_iceberg_shows_a_quantity(action) -> None:
    assert only(action("buy 10 at limit close show 2 with stop 2%")).order.show.attrs[0] == 2.0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("buy 10% at limit 5% with stop 2%", "L0211"),
        ("buy 10% at stop volume with stop 2%", "L0211"),
        ("buy 10% at limit close for 0.5 bars with stop 2%", "L0717"),
        ("buy 10% at limit close for 0 with stop 2%", "L0717"),
        ("buy 10% at limit close for 5% with stop 2%", "L0717"),
        ("buy 10% at limit close for close with stop 2%", "L0717"),
        ("cancel at limit close", "L0723"),
        ("cancel nobody", "L0721"),
        ("buy 10% on XYZ with stop 2%", "L0722"),
        ("sell with stop 2%", "L0715"),
        ("close with target 2R, stop 1%", "L0715"),
        ("buy 10% with stop 2%& sell", "L0725"),
        ("buy 10% with stop 2R", "L0713"),
        ("buy 10% with target 2R", "L0714"),
        ("buy 10% with target 5%, trail 2% after 1R", "L0714"),
        ("buy 10% with stop k", "L0712"),
        ("buy 10% with stop -2%", "L0712"),
        ("buy 10% with stop 0", "L0712"),
        ("buy 10% with stop volume", "L0712"),
        ("buy 10% with stop at 2R", "L0712"),
        ("buy 10% with stop at 5%", "L0211"),
        ("buy 10% with stop 2%, target 4% closing 150%", "L0716"),
        ("buy 10% with stop 2%, target 4% closing 0%", "L0716"),
        ("buy 10% with stop 2%, target 4% closing close", "L0716"),
        ("buy 10% with stop 2%, target 4% closing k", "L0716"),
        ("buy 10% with stop 2%, target 4% closing 60%, target 6% closing 60%", "L0716"),
        ("buy 10% with stop 2%, target 4% closing 100%, target 6%", "L0716"),
        ("buy 10% with stop 2%, expire after close", "L0717"),
    ],
)
def test_what_cannot_be_an_order_is_an_error(action, text: str, number: str) -> None:
    assert action(text, "let k = rsi(close, 14)\n  rule other: k > 70 => close").errors == [number]


def test_a_plain_distance_has_both_mends(action) -> None:
    help = action("buy 10% with stop k", "param k = 3 in 1..5").problem("L0712").help
    assert "k * atr(14)" in help
    assert "k * 1%" in help


@pytest.mark.parametrize(
    ("exit", "form"),
    [
        ("stop 2 * atr(14)", "price"),
        ("stop 3%", "ratio"),
        ("stop 5", "price"),
        ("stop at lowest(low, 12)", "level"),
        ("stop at entry * 0.98 after 1R, stop 3%", "level"),
        ("trail 3 * atr(14)", "price"),
        ("trail at lowest(low, 5), stop 3%", "level"),
        ("target 2R, stop 3%", "r"),
        ("target at highest(high, 20), stop 3%", "level"),
        ("target k * 1R, stop 3%", "r"),
    ],
)
def test_a_distance_has_its_form(action, exit: str, form: str) -> None:
    found = action(f"buy 10% with {exit}", "param k = 2.5 in 1.5..4")
    assert only(found).exits[0].distance.form == form


def test_an_exit_keeps_all_that_was_said(action) -> None:
    text = (
        "buy 10% with stop 2 * atr(14) from last, target 2R closing 50%, target 4R closing 5 shares,"
        " trail fixed 3 * atr(14) after 1R, stop at entry after 1.5R, expire after 2d"
    )
    stop, first, second, trail, even, expire = only(action(text)).exits
    assert stop.from_last
    assert first.closing.attrs[0] == 0.5
    assert second.closing.unit.qty == 1
    assert (trail.fixed, trail.after.form) == (True, "r")
    assert even.distance.value.op == "account"
    assert (expire.life.kind, expire.life.value.attrs[0]) == ("duration", 172_800.0)


def test_protect_is_the_set_of_entries_without_exits(items) -> None:
    found = items("  protect { stop 2 * atr(14), trail 3 * atr(14) after 2R }\n  rule r: close > open => buy 10%")
    assert [e.kind for e in found.program.protect] == ["stop", "trail"]
    assert found.program.rules[0].group.actions[0].exits == ()


@pytest.mark.parametrize(("leg", "source"), [("btc", "btc"), ("BTCUSDT", "btc"), ('"BTCUSDT"', "btc"), ("ETHUSDT", "")])
def test_a_leg_is_a_data_name_its_symbol_or_the_traded_one(items, leg: str, source: str) -> None:
    text = f"  data btc = BTCUSDT\n  rule r: close crosses above btc.close => buy 10% on {leg} with stop 2%"
    assert items(text, trade="trade ETHUSDT @ 1h").program.rules[0].group.actions[0].source == source


def test_a_leg_of_several_traded_symbols_needs_a_data_name(items) -> None:
    found = items("  rule r: close > open => buy 10% on A with stop 2%", trade="trade A, B @ 1h")
    assert found.errors == ["L0722"]
    assert "data a = A" in found.problem("L0722").help


def test_alternatives_are_joined_by_a_bar(action) -> None:
    group = action("buy 10% at limit low with stop 2% | buy 10% at stop high with stop 2%").program.rules[0].group
    assert (group.joined_by, len(group.actions)) == ("|", 2)


def test_cancel_names_a_rule_or_none(action) -> None:
    program = action("cancel other & close", "rule other: close > 1 => buy 10% at limit low with stop 2%").program
    assert [(a.verb, a.cancel_rule) for a in program.rules[1].group.actions] == [("cancel", "other"), ("close", "")]
    assert action("cancel").program.rules[0].group.actions[0].cancel_rule == ""


def test_a_reversal_is_no_contradiction(action) -> None:
    assert action("cover & buy 10% with stop 2%").errors == []


@pytest.mark.parametrize(
    ("direction", "text", "is_wrong"),
    [
        ("", "short 10% with stop 2%", True),
        ("direction long", "short 10% with stop 2%", True),
        ("direction short", "buy 10% with stop 2%", True),
        ("direction short", "short 10% with stop 2%", False),
        ("direction both", "short 10% with stop 2%", False),
        ("", "target -20%", True),
        ("", "target 20%", False),
        ("direction short", "target 20%", True),
        ("direction both", "target -20%", False),
    ],
)
def test_a_side_must_be_allowed(items, direction: str, text: str, is_wrong: bool) -> None:
    found = items(f"  {direction}\n  rule r: close crosses above open => {text}")
    assert found.errors == (["L0703"] if is_wrong else [])


def test_the_mend_of_a_wrong_side_can_be_applied(file) -> None:
    found = file("strategy S { rule r: close crosses above open => short 10% with stop 2% }")
    (fix,) = found.problem("L0703").fixes
    (edit,) = fix.edits
    assert file(found.text[: edit.span.start] + edit.text + found.text[edit.span.end :]).codes == []


def test_the_life_of_a_market_order_means_nothing(action) -> None:
    assert "L0718" in action("buy 10% at market for 3 bars with stop 2%").codes


def test_two_stops_from_the_fill_on_are_one_too_many(action) -> None:
    assert "L0719" in action("buy 10% with stop 2%, stop 3%").codes
    assert "L0719" not in action("buy 10% with stop 2%, stop at entry after 1R").codes


def test_a_price_of_another_instrument_is_pointed_out(items) -> None:
    text = "  data eth = ETHUSDT\n  rule r: close crosses above open => buy 10% {leg} at limit {price} with stop 2%"
    assert "L0724" in items(text.format(leg="on eth", price="close")).codes
    assert "L0724" in items(text.format(leg="", price="eth.close")).codes
    assert "L0724" not in items(text.format(leg="on eth", price="eth.close")).codes


@pytest.mark.parametrize(
    ("leg", "mend"),
    [
        ("ETHUSDT", "declare it: `data eth = ETHUSDT`, and write `on eth`"),
        ('"CME:ES"', 'declare it: `data es = "CME:ES"`, and write `on es`'),
        ("xrq", "did you mean `xrp`?"),
        ("XRPUSD", "did you mean `XRPUSDT`?"),
        ("btc", "leave out `on btc`: `BTCUSDT` is traded anyway"),
        ("gold", "declare it: `data gold = GOLD`"),
        ("close", "leave out `on close` for the next open; the close of the next session is `at auction`"),
    ],
)
def test_a_leg_that_nobody_declared_is_told_what_was_probably_meant(items, leg: str, mend: str) -> None:
    found = items(f"  data xrp = XRPUSDT\n  rule r: close > xrp.close * 2 => buy 10% on {leg} with stop 2%")
    assert found.problem("L0722").help == mend


@pytest.mark.parametrize(
    ("text", "codes", "at"),
    [
        ("buy na with stop 2%", ["L0753"], "na"),
        ("buy 0 / 0 with stop 2%", ["L0753"], "0 / 0"),
        ("buy 5 * na with stop 2%", ["L0229"], "5 * na"),
        ("buy 10% at limit na with stop 2%", ["L0753"], "na"),
        ("buy 10% with stop at na", ["L0753"], "na"),
        ("buy 10% with stop 2%, target na", ["L0753"], "na"),
    ],
)
def test_an_order_that_is_never_sent_is_told(action, text: str, codes: list[str], at: str) -> None:
    found = action(text)
    assert [code for code in found.codes if code not in ("L0740", "L0741")] == codes
    assert found.at(codes[0]) == at
