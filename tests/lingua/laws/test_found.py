"""What random programs and texts have found, each as small as it gets."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import random_bars
from fuzzing import check
from laws import (
    LAWS,
    Case,
    a_live_run_is_the_backtest,
    a_run_goes_on_where_it_stopped,
    incremental_is_batch,
    the_books_agree,
    the_future_changes_nothing,
)
from saved import load, save

from lingua.data.actions import factor_of
from lingua.data.bars import Action
from lingua.data.market import Market
from lingua.trading.instrument import Instrument


def case(body: str, *, before: str = "", kind: str = "stock") -> Case:
    found = Case(0, text=f"{before}strategy S {{\n  trade AAA @ 1h\n  {body}\n}}\n")
    found.market = random_bars.market(random.Random(5), "1h", 200, ["AAA"], [], kind=kind, calendar="24x7")
    assert found.compiled.ok, found.compiled.problems
    return found


def test_developing_has_a_column_of_the_bars_it_stands_on() -> None:
    incremental_is_batch(
        case(
            "let y = f(close)\n  rule r: y > close => buy",
            before="fn f(x) {\n  let y = if x < x[1] then low else developing(high, 1d)\n  return y@4h\n}\n",
        )
    )


@pytest.mark.parametrize("function", ["floor", "ceil", "round", "trunc", "sign"])
def test_a_whole_number_has_no_negative_zero(function: str) -> None:
    incremental_is_batch(case(f"let y = {function}(-(close / open - 1) * 0.1)\n  let z = {function}(-num(hour(time)))"))


def test_longer_bars_across_a_split_are_adjusted_with_one_rounding() -> None:
    found = case("let y = num(abs(open@4h - close)) + num(sma(volume, 2)@1d)")
    whole = found.market.traded[0]
    actions = tuple(Action(int(whole.open_ts[k]), 3.0) for k in (22, 45, 90))
    found.market = Market((replace(whole, actions=actions, factor=factor_of(actions, whole.ts)),), {}, {})
    incremental_is_batch(found)


def test_what_fills_does_not_depend_on_whether_later_bars_have_a_volume() -> None:
    found = case("rule r: close > open => buy 90%\n  rule s: close < open => sell")
    whole = found.market.traded[0]
    volume = np.full(len(whole), np.nan)
    volume[len(whole) * 9 // 10 :] = 5.0
    close = 100.0 + np.cumsum(np.where(np.arange(len(whole)) % 7 < 4, 1.0, -1.0))
    opened = np.concatenate(([100.0], close[:-1]))
    walk = replace(
        whole,
        open=opened,
        high=np.maximum(opened, close),
        low=np.minimum(opened, close),
        close=close,
        volume=volume,
        instrument=Instrument("AAA", kind="stock"),
    )
    found.market = Market((walk,), {}, {})
    assert found.told.ledger.fills[0].bar < len(whole) // 2
    the_future_changes_nothing(found)


def test_a_rule_that_waits_does_not_tell_how_many_bars_are_to_come() -> None:
    the_future_changes_nothing(case("rule r: close > sma(close, 5000) or close > open => buy 10%"))


def test_a_comment_behind_a_leading_semicolon_is_laid_out_once_and_for_all() -> None:
    check("; // first\nstrategy S { }")


def test_finer_bars_of_a_missing_bar_belong_to_none() -> None:
    found = case("let y = inner(15m, avg(close))\n  let z = inner(15m, last(close - open))")
    whole = found.market.traded[0]
    step = 900 * random_bars.SECOND
    finer = random_bars.split_up(random.Random(1), whole, "15m")
    keep = np.ones(len(whole), dtype=np.bool_)
    keep[[20, 21, 90]] = False
    found.market = Market((random_bars._chosen(whole, keep),), {}, {(whole.symbol, "15m"): finer})
    assert int(np.diff(finer.ts).min()) == step
    incremental_is_batch(found)


def test_a_fee_taken_from_what_was_bought_cannot_take_more_than_that() -> None:
    found = case("rule r: close > open => buy 0.5 USD\n  execution { commission_per_order: 1 USD }", kind="spot")
    whole = found.market.traded[0]
    terms = Instrument("AAA", fee_asset="base")
    found.market = Market((replace(whole, instrument=terms, actions=(), factor=None),), {}, {})
    the_books_agree(found)
    assert found.told.ledger.counts["rejected"] > 0
    assert not found.told.ledger.fills


def test_an_order_at_a_price_of_zero_has_no_size() -> None:
    found = case("rule r: close > open => buy 10% at limit close * 0")
    found.market = random_bars.market(random.Random(3), "1h", 200, ["AAA"], [], kind="stock", calendar="24x7")
    assert found.told.ledger.counts["na_value"] > 0


def test_a_sum_begins_with_zero_and_not_with_its_first_value() -> None:
    found = case("let y = ad()\n  let z = obv()")
    whole = found.market.traded[0]
    none = np.zeros(len(whole))
    prices = {"open": 10.0, "high": 12.0, "low": 9.0, "close": 9.5}
    flat = {name: np.full(len(whole), value) for name, value in prices.items()}
    found.market = Market((replace(whole, **flat, volume=none, actions=(), factor=None),), {}, {})
    incremental_is_batch(found)


CASES = Path(__file__).parent / "cases"


def test_every_law_holds_for_what_a_soak_found() -> None:
    for path in sorted(CASES.glob("*.json")):
        found = load(path)
        assert found.compiled.ok, (path.name, found.compiled.problems)
        for law in LAWS:
            try:
                law(found)
            except Exception as error:
                error.add_note(f"{law.__name__} does not hold for {path.name}")
                raise


def test_a_case_is_read_as_it_was_written(tmp_path: Path) -> None:
    for seed in (0, 3, 9):
        written = Case(seed, 60)
        save(tmp_path / "case.json", written, "")
        read = load(tmp_path / "case.json")
        assert read.text.strip() == written.maker.text.strip()
        read.seed = written.seed
        assert repr(read.told.ledger.fills) == repr(written.told.ledger.fills)
        incremental_is_batch(read)


READ_ACROSS = (
    "let x = (close / d2.close)@d1",
    "let x = (close / d1.close)@d2",
    "let x = ((close - d2.close)@4h)@d1",
    "let x = (ema(close - d2.close, 3))@4h",
    "let x = inner(15m, max(close - d1.close))",
    "let x = (inner(15m, max(close - d2.close)))@d1",
    "let x = developing(ema(close - d1.close, 3), 4h)",
    "state s = d1.close => prev * 0.9 + 0.1 * (close@d2)  let x = (s)@4h",
)


@pytest.mark.parametrize("definition", READ_ACROSS)
def test_symbols_read_on_each_others_bars_are_seen_as_of_these(definition: str) -> None:
    """At one instant what is read comes first; a longer bar that nothing closes in time still ends at its end."""
    text = (
        "strategy S {\n  trade AAA @ 1h\n  data d1 = D1\n  data d2 = D2\n"
        f"  {definition}\n  rule r: close > open => buy\n  rule q: x > 1 => close\n}}\n"
    )
    data = [("d1", "D1", "1h"), ("d2", "D2", "1h")]
    for seed in range(8):
        found = Case(seed, 120, text)
        assert found.compiled.ok, found.compiled.problems
        found.market = random_bars.market(
            random.Random(seed), "1h", 120, ["AAA"], data, kind="stock", calendar="24x7", detail="15m"
        )
        for law in (incremental_is_batch, a_live_run_is_the_backtest, a_run_goes_on_where_it_stopped):
            law(found)


def test_what_asks_for_the_symbol_is_a_column_like_any_other() -> None:
    found = case(
        'let one = if symbol == "AAA" then -1 else 0\n  let before = (symbol == "AAA" ? 2 : 1)[1]\n'
        '  let summed = sum(if symbol != "AAA" then 1 else 2, 5)\n  state s = 0 => prev + one\n'
        '  rule r: close > open and symbol == "AAA" => buy'
    )
    for law in (incremental_is_batch, a_live_run_is_the_backtest, the_future_changes_nothing):
        law(found)
