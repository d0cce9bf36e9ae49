"""The fast way through the bars writes what the general step writes, to the last bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import lingua
from lingua.backtest.bind import bind
from lingua.backtest.run import build_run, execution_of
from lingua.data.bars import Bars
from lingua.data.market import Market
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

MINUTE = 60 * 10**9
ENTRIES = ("buy", "buy 50% of equity", "buy 3", "buy 20000 USDT", "buy 30% of cash")
EXITS = (
    "", " with stop 1%", " with stop 1%, target 2%", " with target 1.5%", " with stop 2, target 3R",
    " with stop at lowest(low, 8), target at highest(high, 20)", " with stop 0.3%, target 0.3%",
)  # fmt: skip
EXECUTIONS = (
    "commission: 0.1%", "commission: 0.1%; size_at: fill", "slippage: 2bp; commission_per_order: 1",
    "limit_fill: touch; cash_buffer: 0%; stops_from: next_bar", "commission_minimum: 2",
    "slippage_ticks: 2; commission_per_unit: 0.01; commission_maker: 0.02%",
)  # fmt: skip
OTHERS = (
    "", "  rule again: close > ema(close, 10) => buy\n", "  rule fast: rsi(close, 5) > 80 => close\n",
    "  filter calm: atr(10) < 1.2\n",
)  # fmt: skip
INSTRUMENTS: tuple[dict[str, float], ...] = (
    {}, {"tick": 0.01, "lot": 0.001, "min_notional": 10.0}, {"tick": 0.05, "lot": 1.0},
    {"multiplier": 2.0, "lot": 0.1, "min_quantity": 0.5},
)  # fmt: skip
NOT_PLAIN = (
    "direction both\n  rule up: close > ema(close, 9) => short\n  rule down: close < ema(close, 9) => cover",
    "rule up: close > ema(close, 9) => buy with trail 2%",
    "rule up: close > ema(close, 9) => buy at limit close * 0.99",
    "rule up: close > ema(close, 9) => target 30%",
    "rule up: close > ema(close, 9) and position == 0 => buy",
    "rule up: close > ema(close, 9) => buy\n  risk { max_drawdown 20% }",
)


def bars(n: int, seed: int, terms: dict[str, float]) -> Bars:
    """Random bars with holes, and with bars in which nothing was traded."""
    random_ = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random_.normal(0, 0.004, n)))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(random_.normal(0, 0.002, n))
    high = np.maximum(opened, close) * np.exp(np.abs(random_.normal(0, 0.003, n)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random_.normal(0, 0.003, n)))
    volume = random_.integers(0, 50, n).astype(np.float64)
    holes = random_.random(n) < 0.01
    for column in (opened, high, low, close, volume):
        column[holes] = np.nan
    ts = (np.arange(n, dtype=np.int64) + 1) * MINUTE + 1_600_000_000 * 10**9 // MINUTE * MINUTE
    instrument = Instrument("X", **terms)  # type: ignore[arg-type]
    return Bars("X", Timeframe(1, "m"), ts, ts - MINUTE, opened, high, low, close, volume, instrument)


def ordinary(n: int, seed: int, terms: dict[str, float]) -> Bars:
    """`bars` without holes and with something traded in each."""
    given = bars(n, seed, terms)
    keep = ~np.isnan(given.close)
    count = int(keep.sum())
    columns = (getattr(given, name)[keep] for name in ("open", "high", "low", "close"))
    ts = given.ts[:count]
    return Bars("X", given.timeframe, ts, ts - MINUTE, *columns, given.volume[keep] + 1.0, given.instrument)


def run_of(text: str, given: Bars, capital: float, *, skips: bool) -> Any:
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    bound, legs = bind(compiled.program, Market((given,), {}, {}))
    options = execution_of(compiled.program, {})
    return build_run(compiled.program, bound, legs, options, capital, skips_quiet_bars=skips)


def told(run: Any, pieces: random.Random | None = None) -> dict[str, Any]:
    """Everything a run tells, and what it stands on; in one go, or in pieces of any length."""
    at = 0
    while pieces is not None and at < run.machine.instants:
        at += pieces.randrange(1, 60)
        run.machine.run(at)
    ledger = run.run()
    state = run.snapshot()
    del state["registers"]  # what was decided last is loaded anew before every decision
    del state["book"]["instant"]
    del state["machine"]["last_ts"]
    return {
        **{name: repr(getattr(ledger, name)) for name in ("fills", "trades", "events", "costs", "fired")},
        "counts": ledger.counts,
        "equity": ledger.equity.tobytes(),
        "cash": ledger.cash.tobytes(),
        "held": ledger.positions[0].tobytes(),
        "state": state,
    }


@pytest.mark.parametrize("seed", range(120))
def test_the_fast_way_tells_what_the_general_step_tells(seed: int) -> None:
    choose = random.Random(seed)
    text = f"""strategy S {{
  rule enter: rsi(close, {choose.choice((3, 7, 14))}) < {choose.choice((30, 40, 50))}
    => {choose.choice(ENTRIES)}{choose.choice(EXITS)}
  rule leave: {choose.choice(("rsi(close, 7) > 65", "close crosses below ema(close, 9)"))} => sell
{choose.choice(OTHERS)}  execution {{ {choose.choice(EXECUTIONS)} }}
}}"""
    made = ordinary if seed % 2 else bars
    given = made(choose.choice((30, 300, 600)), seed, choose.choice(INSTRUMENTS))
    capital = choose.choice((100.0, 10_000.0, 1_000_000.0))
    fast, general = (run_of(text, given, capital, skips=skips) for skips in (True, False))
    assert fast.machine.plain is not None
    assert told(fast, choose if seed % 3 == 0 else None) == told(general)


@pytest.mark.parametrize("made", [bars, ordinary])
def test_a_long_run_of_trades_needs_room_more_than_once(made: Any) -> None:
    text = "strategy S { rule a: close > open => buy\n rule b: close < open => sell\n execution { commission: 0.01% } }"
    given = made(3_000, 7, {})
    fast, general = (run_of(text, given, 1e6, skips=skips) for skips in (True, False))
    assert told(fast) == told(general)
    assert fast.book.trades.count > 500


@pytest.mark.parametrize("made", [bars, ordinary])
def test_who_buys_with_all_there_is_stays_on_the_fast_way(made: Any) -> None:
    rules = "rule a: close > open => buy\n rule b: close < open => sell"
    text = f"strategy S {{ {rules}\n execution {{ commission: 0.1%; size_at: fill; cash_buffer: 0 }} }}"
    given = made(3_000, 11, {})
    fast, general = (run_of(text, given, 1e6, skips=skips) for skips in (True, False))
    assert told(fast) == told(general)
    # The rounding of what is paid leaves the cash a hair below zero now and then.
    assert float(fast.ledger().cash.min()) < 0.0


@pytest.mark.parametrize("rules", NOT_PLAIN)
def test_other_strategies_go_the_general_way(rules: str) -> None:
    assert run_of(f"strategy S {{\n  {rules}\n}}", bars(50, 1, {}), 1e4, skips=True).machine.plain is None
