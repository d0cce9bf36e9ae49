"""From a text and bars to a result: the whole way, against figures worked out apart."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.artefact import artefact, to_json
from lingua.backtest.envelope import envelope
from lingua.backtest.explain import NoSuchRule, explainer
from lingua.backtest.next_orders import next_orders
from lingua.backtest.run import execution_of
from lingua.backtest.testing import run_tests
from lingua.compiler import CompileError
from lingua.data.bars import Action, Bars
from lingua.data.market import Market
from lingua.data.timeframe import Timeframe
from lingua.report.findings import findings
from lingua.report.payload import payload
from lingua.trading.instrument import Instrument

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
START = 1_704_067_200 * 10**9
CROSS = """strategy Cross {
  indicator fast = ema(close, 5)
  indicator slow = ema(close, 13)
  rule up: fast crosses above slow => buy
  rule down: fast crosses below slow => sell
  execution { profile: vectorbt; commission: 0.1% }
}"""


def simple_bars(closes: list[float]) -> Bars:
    """Hourly bars that open where the one before closed."""
    close = np.array(closes, dtype=float)
    opened = np.concatenate((close[:1], close[:-1]))
    ts = START + HOUR * np.arange(1, len(close) + 1, dtype=np.int64)
    return Bars(
        "T", Timeframe.parse("1h"), ts, ts - HOUR, opened, np.maximum(opened, close), np.minimum(opened, close), close,
        np.full(len(close), 1000.0), Instrument("T", "stock"),
    )  # fmt: skip


def random_bars(n: int = 600, seed: int = 1) -> Bars:
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.004, n)))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(random.normal(0, 0.001, n))
    high, low = np.maximum(opened, close) * 1.001, np.minimum(opened, close) * 0.999
    ts = (np.arange(n, dtype=np.int64) + 1) * MINUTE + 1_600_000_000 * 10**9 // MINUTE * MINUTE
    return Bars("X", Timeframe(1, "m"), ts, ts - MINUTE, opened, high, low, close, np.ones(n), Instrument("X"))


def ema(x: np.ndarray, length: int) -> list[float]:
    out = [float("nan")] * len(x)
    out[length - 1] = float(np.mean(x[:length]))
    for i in range(length, len(x)):
        out[i] = out[i - 1] + 2 / (length + 1) * (x[i] - out[i - 1])
    return out


def test_a_crossing_earns_what_a_plain_loop_says() -> None:
    bars, fee = random_bars(), 0.001
    fast, slow = ema(bars.close, 5), ema(bars.close, 13)
    cash, quantity, pending, equity, trades = 10_000.0, 0.0, 0, [], 0
    for i in range(len(bars)):
        if pending == 1 and not quantity:
            quantity = cash / (bars.open[i] * (1 + fee))
            cash = 0.0
        elif pending == -1 and quantity:
            cash, quantity = quantity * bars.open[i] * (1 - fee), 0.0
            trades += 1
        above = i > 0 and fast[i] > slow[i] and fast[i - 1] <= slow[i - 1]
        below = i > 0 and fast[i] < slow[i] and fast[i - 1] >= slow[i - 1]
        pending = 1 if above else -1 if below else 0
        equity.append(cash + quantity * bars.close[i])
    result = lingua.compile(CROSS).backtest(bars, capital=10_000.0)
    assert result.metrics["trades"] == trades > 5
    assert np.allclose(result.ledger.equity, equity, rtol=1e-9)


def test_holding_apple_earns_what_its_splits_say() -> None:
    text = "strategy Hold { trade AAPL @ 1d rule hold once: close > 0 => buy execution { cash_buffer: 0% } }"
    path = EXAMPLES / "data" / "AAPL.csv"
    result = lingua.compile(text).backtest(path)
    bars = result.bars[0]
    bought = float(bars.open[1])
    grown = float(bars.close[-1]) * 4 / bought
    # Whole dollars of cash stay behind, because the order was sized at the close before.
    assert result.metrics["final_equity"] == pytest.approx(100_000 * grown, rel=0.06)
    assert result.ledger.positions[0][-1] == pytest.approx(result.ledger.fills[0].quantity * 4)


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = (lingua.compile(CROSS).backtest(random_bars()) for _ in range(2))
    assert first.ledger.fills == second.ledger.fills
    assert first.ledger.equity.tobytes() == second.ledger.equity.tobytes()
    assert first.fingerprint == second.fingerprint


def test_a_fingerprint_follows_meaning_and_parameters_alone() -> None:
    plain = lingua.compile("strategy S { param n = 5 rule a: close > sma(close, n) => buy 1 shares with stop 2% }")
    noted = lingua.compile(
        "// a remark\nstrategy S { param n = 5\n rule a: close > sma(close, n)\n => buy 1 shares with stop 2% }"
    )
    other = lingua.compile(plain.source.text, set={"n": 6})
    assert plain.fingerprint == noted.fingerprint
    assert plain.fingerprint != other.fingerprint


def test_an_optimize_block_does_not_keep_a_strategy_from_running_with_its_own_values() -> None:
    plain = """strategy S { trade AAPL @ 1m param n = 5 in 3..9 rule a: close > sma(close, n) => buy 10% with stop 5%
      rule b: close < sma(close, n) => sell BLOCK }"""
    block = "optimize { objective: sharpe; folds: walk_forward(train: 365d, test: 90d); trials: 9 }"
    with_block = lingua.compile(plain.replace("BLOCK", block)).backtest(random_bars())
    without = lingua.compile(plain.replace("BLOCK", "")).backtest(random_bars())
    assert with_block.metrics["final_equity"] == without.metrics["final_equity"]


def test_a_strategy_of_a_portfolio_runs_when_it_is_named() -> None:
    text = """strategy S { trade X @ 1m rule a: close > open => buy 10% with stop 5% }
      portfolio P { capital 1000 USD run S on X @ 1m weight 100% }"""
    bars = random_bars()
    with pytest.raises(CompileError, match="L0691"):
        lingua.compile(text).backtest(bars)
    assert lingua.compile(text, strategy="S").backtest(bars).metrics["trades"] > 0


def test_a_wrong_program_is_not_run() -> None:
    with pytest.raises(CompileError, match="L02"):
        lingua.compile("strategy S { rule a: closs > 1 => buy }").backtest(random_bars())


def test_the_envelope_encloses_the_run_where_only_bars_decide() -> None:
    text = """strategy S { rule a: close > open => buy 50% with stop 0.3%, target 0.3% }"""
    compiled = lingua.compile(text)
    bars = random_bars()
    found = envelope(compiled, Market((bars,), {}, {}), execution_of(compiled.program, {}), 10_000.0)
    assert found.worst.metrics["final_equity"] < found.best.metrics["final_equity"]


def test_explain_tells_the_leaf_that_failed_and_the_orders_that_were_sent() -> None:
    compiled = lingua.compile(
        """strategy S { rule a: close > sma(close, 10) and close < open => buy 10% with stop 2%
             rule b: close < 1 => sell }"""
    )
    told = explainer(compiled, Market((random_bars(),), {}, {}))
    rule = told.rule("a")
    sent = next(event for event in told.events if event.kind == "submitted")
    assert told.explain(rule, sent.bar).verdict == "fired"
    assert told.explain(rule, 3).verdict == "not ready"
    misses = told.misses(rule)
    assert misses
    assert all(len(miss.failing) == 1 for miss in misses)
    assert told.misses(told.rule("b"))[0].verdict == "false"
    with pytest.raises(NoSuchRule, match="a, b"):
        told.rule("c")


def test_a_leaf_on_another_clock_is_explained_and_its_trades_told() -> None:
    text = "strategy S { rule a: (close > sma(close, 3))@5m and close > open => buy 10% with stop 2% }"
    compiled = lingua.compile(text)
    told = explainer(compiled, Market((random_bars(),), {}, {}))
    assert told.explain(told.rule("a"), -1).leaves
    result = compiled.backtest(random_bars())
    assert result.trades
    assert len(result.explanations) == len(list(result.explanations.values())) > 0


@pytest.mark.parametrize(
    ("condition", "missed", "shown"),
    [
        # bars close at 10, 20, 30, 40 and open where the one before closed
        ("close > 15 and not close > 25", [3, 2, 0], ["close > 15 true", "not close > 25 false"]),
        ("close > 35 or close < 15", [2, 1], ["close > 35 false", "close < 15 false"]),
        ("not (close > 25 and volume > 0)", [2, 3], ["not close > 25 false", "not volume > 0 false"]),
    ],
)
def test_a_near_miss_is_one_part_away_from_acting(condition: str, missed: list[int], shown: list[str]) -> None:
    """Under a `not` a part is needed false; of an `or` any part is enough, so the nearest come first."""
    compiled = lingua.compile(f"strategy S {{ rule a: {condition} => buy 1 }}")
    bars = simple_bars([10, 20, 30, 40])
    told = explainer(compiled, Market((bars,), {}, {}))
    misses = told.misses(told.rule("a"))
    assert [int(np.searchsorted(bars.ts, miss.ts)) for miss in misses] == missed
    assert [f"{leaf.text} {leaf.truth}" for leaf in misses[0].leaves] == shown


def test_explanations_are_in_the_prices_of_the_day() -> None:
    bars = dataclasses.replace(
        simple_bars([100, 50, 51]), actions=(Action(START + HOUR, split=2.0),), factor=np.array([1.0, 2.0, 2.0])
    )
    compiled = lingua.compile("strategy S { rule a: close < open => buy 1 }")
    told = explainer(compiled, Market((bars,), {}, {}))
    assert [told.explain(told.rule("a"), bar).leaves[0].value for bar in (1, 2)] == ["50 < 100", "51 < 50"]


def test_the_trades_of_legs_are_told_and_drawn_as_those_of_the_traded_symbol() -> None:
    legs = "data b = B rule go: bar == 1 => buy 1 & buy 1 on b rule out: bar == 3 => close & close on b"
    compiled = lingua.compile(f"strategy S {{ trade A @ 1h {legs} }}")
    bars = {name: dataclasses.replace(simple_bars([10, 11, 12, 13, 14, 15]), symbol=name) for name in "AB"}
    result = compiled.backtest(bars)
    rules = {name: [part.rule for part in result.explanations[k]] for k, name in ((1, "A"), (2, "B"))}
    assert rules == {"A": ["go", "out"], "B": ["go", "out"]}
    assert [symbol["name"] for symbol in payload(result)["symbols"]] == ["A", "B"]


def test_entries_of_less_than_a_lot_name_the_capital_they_need() -> None:
    """10 % of 1,000 buys 10 at 10; a lot of 100 needs ten times as much, and half as much again at 15."""
    bars = dataclasses.replace(simple_bars([10, 10, 15, 15]), instrument=Instrument("T", "stock", lot=100.0))
    told = [
        finding.text
        for amount in ("10%", "5 shares")
        for finding in findings(
            lingua.compile(f"strategy S {{ rule a: bar > 0 => buy {amount} }}").backtest(bars, capital=1000.0)
        )
        if "rounded" in finding.text
    ]
    assert told == [
        "3 entries rounded down to nothing: the first needs a capital of about 10,000, all of them 15,000.",
        "3 entries rounded down to nothing.",
    ]


def test_next_orders_are_those_of_the_bar_after_the_data() -> None:
    compiled = lingua.compile(
        "strategy S { rule a: close > 0 => buy 3 shares at limit close * 0.9 for gtc with stop 5% }"
    )
    bars = random_bars(50)
    found = next_orders(compiled, Market((bars,), {}, {}), execution_of(compiled.program, {}), 100_000.0)
    assert [order.rule for order in found.orders] == ["a"]
    assert json.dumps(found.to_dict())


def test_next_orders_carry_their_exits_as_a_person_would_write_them() -> None:
    compiled = lingua.compile(
        """strategy S { rule a: bar == 3 => buy risk 1% at limit close - 10 for 5 bars with stop 4,
             target 2R closing 50%, trail 3 after 1R, stop at entry after 1R, target at 130, expire after 20 bars }"""
    )
    bars = simple_bars([100, 100, 100, 100])
    (order,) = next_orders(compiled, Market((bars,), {}, {}), execution_of(compiled.program, {}), 1000.0).orders
    assert (order.side, order.quantity, order.kind, order.limit, order.bars_left) == ("buy", 2.5, "limit", 90.0, 5)
    assert order.planned_loss == 10.0
    assert [(each.text, each.level) for each in order.exits] == [
        ("stop 4 from the fill", 86.0),
        ("target 2R from the fill closing 50%", 98.0),
        ("trail 3 from the best price after 1R", 87.0),
        ("stop at entry after 1R", 90.0),
        ("target at 130", 130.0),
        ("expire after 20 bars", None),
    ]


def test_an_expectation_that_is_not_met_says_on_which_bar() -> None:
    compiled = lingua.compile(
        """strategy S { rule a: close > open => buy 1 shares with stop 50%
             test "counts" { given close = [10, 11, 12, 11] expect fills.count == 9 expect always close < 12 }
             test "holds" { given close = [10, 11, 12, 11] expect eventually position > 0
               expect orders.count >= 1 } }"""
    )
    wrong, right = run_tests(compiled)
    assert right.passed, right
    assert not wrong.passed
    assert [miss.found.split(" it")[0] for miss in wrong.misses] == ["on bar 3", "on bar 2"]
    assert not wrong.broken_laws


def test_the_artefact_is_data_and_the_same_each_time() -> None:
    compiled = lingua.compile(CROSS)
    found = artefact(compiled)
    assert json.loads(to_json(compiled)) == json.loads(to_json(lingua.compile(CROSS))) == json.loads(json.dumps(found))
    assert found["fingerprint"] == compiled.fingerprint
    assert found["data"]["columns"] == ["close"]
    again = lingua.compile(found["source"]["text"])
    assert again.fingerprint == compiled.fingerprint


def test_the_bars_of_the_own_timeframe_may_be_asked_for_by_name() -> None:
    compiled = lingua.compile(
        """strategy S { indicator h = (high@1d)[1] rule a: close > h => buy 1 shares with stop 50%
             test "rises" { given close = [10, 11, 12, 13, 14, 15] expect eventually fired(a) } }"""
    )
    (outcome,) = run_tests(compiled)
    assert outcome.passed, outcome


READS_FILLS = """strategy S { trade A, B @ 1m
  let ahead = (close - entry) / entry
  indicator top = highest_since_entry(high)
  state held = 0 => if position > 0 then prev + 1 else 0
  let is_in = position > 0
  signal s = long when is_in, confidence 0.5
  rule a: close > sma(close, 10) => buy 20% with stop 3%
  rule b: close < sma(close, 10) => sell
  plot top, equity pane "account"
}"""


@pytest.mark.parametrize("incremental", [False, True])
def test_what_reads_fills_is_told_as_each_decision_saw_it(incremental: bool) -> None:
    bars = random_bars()
    other = dataclasses.replace(bars, symbol="B", instrument=dataclasses.replace(bars.instrument, symbol="B"))
    result = lingua.compile(READS_FILLS).backtest({"A": bars, "B": other}, incremental=incremental)
    for number in (0, 1):
        values = result.series[number]
        assert list(values) == ["ahead", "top", "held", "is_in", "s", "s.side", "s.confidence"]
        units = [trade for trade in result.ledger.trades if trade.symbol == result.symbols[number]]
        assert units
        for trade in units:
            last = len(bars) if trade.exit_bar is None else trade.exit_bar
            held = slice(trade.entry_bar, last)
            assert values["ahead"][held] == pytest.approx(bars.close[held] / trade.entry_price - 1, abs=1e-12)
            assert values["held"][held].tolist() == list(range(1, last - trade.entry_bar + 1))
            assert (values["top"][held] == np.maximum.accumulate(bars.high[held])).all()
        assert (values["is_in"] == np.where(values["held"] > 0, 2, 0)).all()
    equity = next(plot for plot in result.plots if plot.title == "equity")
    assert (equity.values == result.curve.values).all()
