"""A live strategy: bars that come late or not at all, warm-up, memory, stopping and going on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import lingua
from lingua.backtest.run import execution_of, run_market
from lingua.data.bars import Action
from lingua.data.market import Market
from lingua.live.bars import Source, factor_at
from lingua.live.replay import arrivals, closed_bars, open_live, replay
from lingua.live.snapshot import SnapshotError
from lingua.live.strategy import LiveStrategy
from lingua.trading.instrument import Instrument

SWING = """strategy Swing {
  trade AAA @ 1h
  let fast = ema(close, 3)
  rule enter: close crosses above fast => buy 50% with stop 4, target 3%
  rule leave: close < fast => sell
}
"""
PAIR = """strategy Pair {
  trade AAA @ 1h
  direction both
  data other = BBB @ 1h
  let spread = close - other.close
  rule enter: spread > 0 => buy 10% & short 10% on other
  rule leave: spread < 0 => close & close on other
}
"""


def backtest(text: str, market: Market) -> Any:
    compiled = lingua.compile(text)
    return run_market(compiled, compiled.program, market, execution_of(compiled.program, {}), 100_000.0)


def market(*traded: Any, data: dict[str, Any] | None = None) -> Market:
    return Market(tuple(traded), data or {}, {})


def test_decisions_are_those_of_the_backtest(make: Any) -> None:
    bars = market(make(300))
    live = open_live(lingua.compile(SWING), bars)
    told = list(replay(live, bars))
    ledger = backtest(SWING, bars).ledger
    assert len(ledger.fills) > 10
    assert [fill for each in told for fill in each.fills] == ledger.fills
    assert [repr(event) for each in told for event in each.events] == [repr(event) for event in ledger.events]
    assert [each.equity for each in told] == ledger.equity.tolist()
    fired = {
        name: [each.instant for each in told if name in {f.rule for f in each.fired}] for name in ("enter", "leave")
    }
    assert fired == ledger.fired
    closed = [(t.entry_ts, t.exit_ts, t.pnl) for each in told for t in each.trades]
    assert closed == [(t.entry_ts, t.exit_ts, t.pnl) for t in ledger.trades if t.exit_ts is not None]


def test_an_order_is_told_whole_when_it_leaves(make: Any) -> None:
    bars = market(make(60))
    sent = [order for each in replay(open_live(lingua.compile(SWING), bars), bars) for order in each.orders]
    entry = next(order for order in sent if order.is_increase)
    assert (entry.symbol, entry.side, entry.kind, entry.rule) == ("AAA", 1, "market", "enter")
    assert entry.quantity > 0


def test_the_exits_of_an_open_unit_are_told(make: Any) -> None:
    bars = market(make(60))
    held = next(each for each in replay(open_live(lingua.compile(SWING), bars), bars) if each.protections)
    unit = held.protections[0]
    assert unit.stop < unit.entry < unit.target
    assert held.positions == {"AAA": unit.quantity}


def test_a_bar_that_comes_too_late_feeds_the_series_and_is_not_decided_on(make: Any) -> None:
    text = SWING.replace("trade AAA", "trade AAA, BBB")
    bars = market(make(40), make(40, "BBB"))
    live = open_live(lingua.compile(text), bars)
    held_back: list[Any] = []
    told = []
    for channel, bar in arrivals(live, bars):
        if channel.symbol == "BBB" and bar.ts == bars.traded[0].ts[20]:
            held_back.append((channel, bar))
            continue
        if held_back and bar.ts == bars.traded[0].ts[21]:
            told += live.decide(int(bars.traded[0].ts[20]))
            live.push(*held_back.pop())
        live.push(channel, bar)
    told += live.decide(int(bars.traded[0].ts[-1]))
    assert len(told) == 40
    assert told[20].symbols == ("AAA",)
    assert told[21].late == 1
    assert not any(each.late for each in (*told[:21], *told[22:]))
    whole = open_live(lingua.compile(text), bars)
    for _ in replay(whole, bars):
        pass
    fast = next(output.node for output in whole.program.outputs if output.name == "fast")
    assert live.series[1].stream.value(fast) == whole.series[1].stream.value(fast)


def test_a_missing_bar_is_missing_in_both(make: Any) -> None:
    bars = market(make(200, missing=[50, 51, 120]), data={"other": make(200, "BBB", missing=[30, 119])})
    told = list(replay(open_live(lingua.compile(PAIR), bars), bars))
    assert [fill for each in told for fill in each.fills] == backtest(PAIR, bars).ledger.fills


def test_a_bar_that_goes_back_or_is_not_read_is_refused(make: Any) -> None:
    bars = market(make(5))
    live = open_live(lingua.compile(SWING), bars)
    first, second, *_ = closed_bars(bars.traded[0])
    live.push(live.channels[0], second)
    for bar in (first, second):
        with pytest.raises(ValueError, match="already there"):
            live.push(live.channels[0], bar)
    with pytest.raises(ValueError, match="no bars of CCC 1h are read here"):
        live.push(live.channels[0]._replace(symbol="CCC"), second)


def test_sources_must_be_those_of_the_program(make: Any) -> None:
    compiled, own = lingua.compile(PAIR), Source(Instrument("AAA"), "1h")
    with pytest.raises(ValueError, match="the program reads other, not none"):
        LiveStrategy(compiled, [own])
    with pytest.raises(ValueError, match="at least one traded symbol"):
        LiveStrategy(compiled, [], {"other": own})
    with pytest.raises(ValueError, match="1d and 1h"):
        LiveStrategy(compiled, [own, Source(Instrument("B"), "1d")], {"other": own})


def test_history_to_warm_up_on_is_not_traded(make: Any) -> None:
    bars = market(make(200))
    start = int(bars.traded[0].ts[100])
    live = open_live(lingua.compile(SWING), bars, acts_from=start)
    told = list(replay(live, bars))
    fills = [fill for each in told for fill in each.fills]
    assert not any(each.orders or each.fired for each in told if each.ts < start)
    assert fills
    whole = [fill for fill in backtest(SWING, bars).ledger.fills if fill.side > 0 and fill.ts > start]
    assert {fill.ts for fill in fills if fill.side > 0} <= {fill.ts for fill in whole}


def test_memory_does_not_grow_with_the_number_of_bars(make: Any) -> None:
    bars = market(make(4000), data={"other": make(4000, "BBB")})
    live = open_live(lingua.compile(PAIR), bars)
    early, late = [], []
    for each in replay(live, bars):
        if each.instant % 13 == 0 and (400 < each.instant < 800 or each.instant > 3500):
            (early if each.instant < 800 else late).append(len(json.dumps(live.snapshot())))
    kept = [market.bar + 1 - market.first for market in live.run.book.markets]
    assert max(kept) <= 70
    assert live.run.book.fills.count == live.run.book.events.count == live.run.machine.holdings.count == 0
    assert len(live.run.live_stamps) <= 1
    # Numbers of bars and orders have a digit more later on.
    assert max(late) < max(early) + 500
    with pytest.raises(ValueError, match="no ledger"):
        live.run.ledger()


def test_a_split_told_while_running_is_one_known_before(make: Any) -> None:
    plain = make(120)
    split = Action(int(plain.open_ts[60]), 2.0)
    halved = [close / (2.0 if k >= 60 else 1.0) for k, close in enumerate(plain.close.tolist())]
    known = market(make(120, closes=halved, actions=[split]))
    unknown = market(replace(known.traded[0], actions=(), factor=None))
    before = list(replay(open_live(lingua.compile(SWING), known), known))
    live = open_live(lingua.compile(SWING), unknown)
    told = []
    for channel, bar in arrivals(live, unknown):
        if bar.open_ts == split.ts:
            live.add_action(0, split)
        live.push(channel, replace(bar, factor=None))
        told += live.decide(bar.ts)
    assert [repr(each) for each in told] == [repr(each) for each in before]
    assert factor_at([split], split.ts) == 1.0
    assert factor_at([split], split.ts + 1) == 2.0


def test_alerts_are_told_when_they_become_true(make: Any) -> None:
    text = SWING.replace(
        "}\n", '  alert high: close > 104 or position > 0 => "{symbol} {close} at {time}, {position}"\n}\n'
    )
    bars = market(make(60))
    told = [(each.ts, alert) for each in replay(open_live(lingua.compile(text), bars), bars) for alert in each.alerts]
    assert told
    ts, first = told[0]
    assert (first.symbol, first.name) == ("AAA", "high")
    row = bars.traded[0].ts.tolist().index(ts)
    assert first.message.startswith(f"AAA {bars.traded[0].close[row]:.8g} at 2024-01-0")
    assert len(told) < 20


@pytest.mark.parametrize("stop", [0, 7, 100, 299])
def test_a_stopped_run_goes_on_with_the_same_decisions(make: Any, stop: int) -> None:
    bars, compiled = market(make(300)), lingua.compile(SWING)
    live = open_live(compiled, bars)
    whole, snapshot = [], ""
    for each in replay(live, bars):
        whole.append(repr(each))
        if each.instant == stop:
            snapshot = json.dumps(live.snapshot(), allow_nan=False)
    again = open_live(compiled, bars)
    again.restore(json.loads(snapshot), bars)
    assert [repr(each) for each in replay(again, bars, after=again.last_ts)] == whole[stop + 1 :]


def test_a_snapshot_of_another_run_is_refused(make: Any) -> None:
    bars, compiled = market(make(50)), lingua.compile(SWING)
    live = open_live(compiled, bars)
    for _ in replay(live, bars):
        pass
    snapshot = json.loads(json.dumps(live.snapshot()))
    other = market(replace(bars.traded[0], symbol="BBB", instrument=Instrument("BBB")))
    for opened, given, held, why in (
        (open_live(compiled, bars), {**snapshot, "format": 99}, bars, "format 99"),
        (open_live(lingua.compile(SWING.replace("50%", "40%")), bars), snapshot, bars, "another version"),
        (open_live(compiled, bars, capital=5.0), snapshot, bars, "began with 100000.0, not with 5.0"),
        (open_live(compiled, other), snapshot, other, "over"),
        (open_live(compiled, market(make(50, missing=[0]))), snapshot, market(make(50, missing=[0])), "do not begin"),
        (open_live(compiled, market(make(40))), snapshot, market(make(40)), "not those of the snapshot"),
        (live, snapshot, bars, "seen bars already"),
    ):
        with pytest.raises(SnapshotError, match=why):
            opened.restore(given, held)


def test_ruin_ends_the_decisions(make: Any) -> None:
    text = """strategy Ruin {
  trade AAA @ 1h
  direction both
  rule short: bar == 5 bars => short 900 shares
}
"""
    closes = [100.0] * 10 + [100.0 + 30.0 * k for k in range(1, 31)]
    bars = market(make(40, closes=closes))
    told = list(replay(open_live(lingua.compile(text), bars), bars))
    ledger = backtest(text, bars).ledger
    assert ledger.ruined_at is not None
    assert len(told) == len(ledger.clock)
    assert told[-1].is_ruined
    compiled = lingua.compile(text.replace("rule short", "let fast = ema(close, 3)\n  rule short"))
    options = execution_of(compiled.program, {})
    both = [
        run_market(compiled, compiled.program, bars, options, 100_000.0, incremental=way).series[0]["fast"]
        for way in (False, True)
    ]
    assert both[0].tobytes() == both[1].tobytes()  # series go on where the account has ended
