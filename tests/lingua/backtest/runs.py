"""Runs made by hand: a program without a compiler, bars in a few lines, a ledger whose numbers add up on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingua.backtest.result import Result
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.ir.nodes import Graph, Node
from lingua.ir.program import (
    ActionPlan,
    AmountPlan,
    ExecutionPlan,
    GroupPlan,
    OrderPlan,
    Output,
    Program,
    RulePlan,
)
from lingua.ir.units import NONE, PRICE
from lingua.syntax.source import Span
from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument
from lingua.trading.records import Fill, Ledger, OrderEvent, Trade

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
START = 1_704_067_200 * SECOND  # 2024-01-01T00:00Z
CLOSES = (100.0, 101.0, 102.0, 104.0, 103.0, 105.0, 107.0, 106.0, 108.0, 110.0)
NOWHERE = Span(0, 0)


def make_program(
    rules: tuple[str, ...] = ("enter", "leave"),
    direction: Any = "both",
    name: str = "Hand",
    outputs: tuple[tuple[str, bool], ...] = (),
    symbols: tuple[str, ...] = ("AAA",),
) -> Program:
    """`outputs`: (name, whether its unit is price)."""
    graph = Graph()
    close = graph.node("field", attrs=("close",), unit=PRICE)
    plain = graph.node("field", attrs=("bar",), unit=NONE)

    def rule(rule_name: str, condition: Node) -> RulePlan:
        action = ActionPlan("buy", AmountPlan("all", None), "", OrderPlan("market"), (), "", "", NOWHERE)
        return RulePlan(rule_name, condition, GroupPlan((action,), "&"), None, False, None, (), NOWHERE)

    return Program(
        name=name, graph=graph, symbols=symbols, timeframe="1d", data=(), params=(), requires=(),
        outputs=tuple(Output(n, "indicator", close if is_price else plain, NOWHERE) for n, is_price in outputs),
        rules=tuple(rule(n, close) for n in rules), filters=(), size=None, direction=direction, pyramid=None,
        protect=(), limits=(), execution=ExecutionPlan(), plots=(), alerts=(), not_executed=(), is_sketch=False,
    )  # fmt: skip


def make_bars(
    closes: Any = CLOSES, symbol: str = "AAA", step: int = DAY, start: int = START, timeframe: str = "1d", **more: Any
) -> Bars:
    """Each bar opens at the close before it; 1,000 traded in each."""
    close = np.asarray(closes, dtype=np.float64)
    open_ = np.concatenate((close[:1], close[:-1]))
    ts = start + step * np.arange(1, len(close) + 1, dtype=np.int64)
    instrument = more.pop("instrument", Instrument(symbol, is_assumed=False))
    return Bars(
        symbol, Timeframe.parse(timeframe), ts, ts - step, open_, np.maximum(open_, close), np.minimum(open_, close),
        close, np.full(len(close), 1000.0), instrument, **more,
    )  # fmt: skip


def make_trade(
    bars: Bars, trade_id: int, side: str, quantity: float, entry: int, exit_: int | None, **more: Any
) -> Trade:
    """Entered at the open of bar `entry`, left at the open of bar `exit_`; net of `commission`."""
    way = 1 if side == "long" else -1
    entry_price = float(bars.open[entry])
    left = None if exit_ is None else float(bars.open[exit_])
    commission = more.pop("commission", 0.0)
    planned = more.pop("planned_risk", float("nan"))
    pnl = way * quantity * ((bars.close[-1] if left is None else left) - entry_price) - commission
    return Trade(
        trade_id=trade_id, symbol=bars.symbol, side=side, quantity=quantity,
        entry_ts=int(bars.open_ts[entry]), entry_bar=entry, entry_price=entry_price,
        exit_ts=None if exit_ is None else int(bars.open_ts[exit_]), exit_bar=exit_, exit_price=left,
        pnl=float(pnl), commission=commission, slippage=more.pop("slippage", 0.0), carry=0.0,
        bars=(len(bars) - 1 if exit_ is None else exit_) - entry, entry_rule=more.pop("entry_rule", "enter"),
        exit_rule=more.pop("exit_rule", "" if exit_ is None else "leave"), tag=more.pop("tag", ""),
        planned_risk=planned, r=float(pnl / planned), mae=more.pop("mae", 0.01), mfe=more.pop("mfe", 0.03), **more,
    )  # fmt: skip


def make_fill(
    bars: Bars, bar: int, side: int, quantity: float, order_id: int, commission: float = 0.0, **more: Any
) -> Fill:
    return Fill(
        int(bars.open_ts[bar]), bar, more.get("symbol", 0), side, quantity, float(bars.open[bar]), commission, 0.0,
        order_id, more.get("rule", "enter"), more.get("reason", "entry"), False, more.get("is_ambiguous", False),
    )  # fmt: skip


def make_result(
    bars: Bars | tuple[Bars, ...],
    equity: Any,
    position: Any = None,
    trades: tuple[Trade, ...] = (),
    fills: tuple[Fill, ...] = (),
    events: tuple[OrderEvent, ...] = (),
    counts: dict[str, int] | None = None,
    costs: dict[str, float] | None = None,
    fired: dict[str, list[int]] | None = None,
    **more: Any,
) -> Result:
    every = bars if isinstance(bars, tuple) else (bars,)
    clock = np.unique(np.concatenate([one.ts for one in every]))
    values = np.asarray(equity, dtype=np.float64)
    held = [np.zeros(len(one)) for one in every] if position is None else position
    held = held if isinstance(held, list) else [np.asarray(held, dtype=np.float64)]
    single = len(every) == 1
    exposure = held[0] * every[0].close if single else np.zeros(len(clock))
    ledger = Ledger(
        clock, values, values - exposure, exposure, held, list(fills), list(trades), list(events),
        {"ambiguous": sum(fill.is_ambiguous for fill in fills), **(counts or {})}, costs or {}, fired=fired or {},
    )  # fmt: skip
    symbols = tuple(one.symbol for one in every)
    facts: dict[str, Any] = {
        "program": make_program(symbols=symbols), "strategy": "Hand", "fingerprint": "0123456789abcdef",
        "symbols": symbols, "timeframe": str(every[0].timeframe), "bars": every, "ledger": ledger,
        "series": tuple({} for _ in every), "capital": float(values[0]) if len(values) else 1000.0,
        "execution": Execution(), "instruments": tuple(one.instrument for one in every),
        "ready": tuple(1 for _ in every),
    }  # fmt: skip
    return Result(**(facts | more))


def make_hand_run(**more: Any) -> Result:
    """Ten days, capital 1,000, live from the second bar.

    Unit 1: 10 bought at 102 on bar 3, sold at 105 on bar 6, commission 1.00: 30 - 1 = +29.00; risk 20.
    Unit 2: 5 shorted at 107 on bar 7; 2 covered at 106 (+2 - 0.20), 3 by the stop at 108 (-3 - 0.30): -1.50; risk 10.
    Half of each commission is paid at the entry, so equity reads, from bar 3 on:
    1019.50 1009.50 1029.50 | 1029.00 | 1033.75 1027.65 | 1027.50
    """
    bars = more.pop("bars", make_bars())
    trades = (
        make_trade(bars, 1, "long", 10, 3, 6, commission=1.0, planned_risk=20.0, mae=0.0, mfe=0.0294),
        make_trade(bars, 2, "short", 2, 7, 8, commission=0.2, planned_risk=4.0, entry_rule="fade", exit_rule="spent"),
        make_trade(bars, 2, "short", 3, 7, 9, commission=0.3, planned_risk=6.0, entry_rule="fade", exit_rule="stop"),
    )
    fills = (
        make_fill(bars, 3, 1, 10, 1, 0.5),
        make_fill(bars, 6, -1, 10, 2, 0.5, rule="leave", reason="rule"),
        make_fill(bars, 7, -1, 5, 3, 0.25, rule="fade"),
        make_fill(bars, 8, 1, 2, 4, 0.1, rule="spent", reason="rule"),
        make_fill(bars, 9, 1, 3, 5, 0.15, rule="fade", reason="stop", is_ambiguous=True),
    )
    events = (
        OrderEvent(int(bars.ts[4]), 4, 0, "ignored", "enter", 0, 0.0, 0.0, "already long"),
        OrderEvent(int(bars.ts[5]), 5, 0, "suppressed", "enter", 0, 0.0, 0.0, "leave"),
    )
    equity = (1000, 1000, 1000, 1019.5, 1009.5, 1029.5, 1029, 1033.75, 1027.65, 1027.5)
    position = (0, 0, 0, 10, 10, 10, 0, -5, -3, 0)
    facts: dict[str, Any] = {
        "program": make_program(rules=("enter", "leave", "fade", "spent")),
        "counts": {"ignored": 1, "suppressed": 1},
        "costs": {"commission": 1.5, "slippage": 0.0},
        "fired": {"enter": [2, 4, 5], "leave": [5], "fade": [6], "spent": [7]},
    }
    return make_result(bars, equity, np.asarray(position, dtype=np.float64), trades, fills, events, **(facts | more))
