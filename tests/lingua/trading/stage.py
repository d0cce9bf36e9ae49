"""A stage for the step: bars, and rules whose conditions, amounts and levels are plain columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lingua.data.bars import Action, Bars
from lingua.data.timeframe import Timeframe
from lingua.ir.nodes import Graph, Kind, Node
from lingua.ir.program import (
    ActionPlan,
    AmountPlan,
    DistancePlan,
    ExecutionPlan,
    ExitPlan,
    FilterPlan,
    GroupPlan,
    LifePlan,
    LimitPlan,
    OrderPlan,
    Program,
    PyramidPlan,
    RulePlan,
)
from lingua.ir.units import MONEY, NONE, PRICE, QTY, RATIO, Unit
from lingua.syntax.source import Span
from lingua.trading import opcodes
from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput, SymbolInput
from lingua.trading.instrument import Instrument

HOUR = 3_600_000_000_000
START = 1_704_067_200_000_000_000  # 2024-01-01T00:00Z, a Monday
HERE = Span(0, 0)
STOCK = Instrument("TEST", kind="stock")


def bars(
    rows: Sequence[Sequence[float]],
    *,
    instrument: Instrument = STOCK,
    timeframe: str = "1h",
    start: int = START,
    volume: Sequence[float] | None = None,
    synthetic: Sequence[int] = (),
    actions: Sequence[Action] = (),
) -> Bars:
    """Bars from (open, high, low, close) rows."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    step = Timeframe.parse(timeframe).seconds * 1_000_000_000
    n = len(table)
    open_ts = start + step * np.arange(n, dtype=np.int64)
    made = np.zeros(n, dtype=bool)
    made[list(synthetic)] = True
    return Bars(
        instrument.symbol, Timeframe.parse(timeframe), open_ts + step, open_ts,
        *(table[:, k].copy() for k in range(4)),
        np.full(n, np.nan) if volume is None else np.array(volume, dtype=np.float64),
        instrument, made, tuple(actions),
    )  # fmt: skip


def flat(*closes: float) -> list[tuple[float, float, float, float]]:
    """Bars that open at the previous close and have no wicks."""
    out, before = [], closes[0]
    for close in closes:
        out.append((before, max(before, close), min(before, close), close))
        before = close
    return out


@dataclass
class Stage:
    """Collects columns and constants; every expression becomes one node with one register."""

    size: int
    legs: int = 0
    graph: Graph = field(default_factory=Graph)
    columns: list[Any] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    slots: dict[int, Any] = field(default_factory=dict)
    rules: list[RulePlan] = field(default_factory=list)
    filters: list[FilterPlan] = field(default_factory=list)
    limits: list[LimitPlan] = field(default_factory=list)
    code: list[tuple[str, Any, Any, Any]] = field(default_factory=list)

    def value(self, x: Any, unit: Unit = NONE) -> Node:
        """A number is a constant, a sequence a column."""
        if isinstance(x, Node):
            return x
        if isinstance(x, int | float):
            node = self.graph.node("const", attrs=(float(x), len(self.constants)), unit=unit)
            self.slots[node.index] = ("const", len(self.constants))
            self.constants.append(float(x))
            return node
        column = np.full(self.size, np.nan)
        column[: len(x)] = x
        node = self.graph.node("field", attrs=(len(self.columns),), unit=unit)
        self.slots[node.index] = ("column", len(self.columns))
        self.columns.append(column)
        return node

    def truth(self, on: Any) -> Node:
        """True at the bars listed; "unknown" entries are given as ("?", bar)."""
        column = np.zeros(self.size)
        for bar in on:
            if isinstance(bar, tuple):
                column[bar[1]] = 1.0
            else:
                column[bar] = 2.0
        node = self.graph.node("field", attrs=(len(self.columns),), kind=Kind.BOOL)
        self.slots[node.index] = ("column", len(self.columns))
        self.columns.append(column)
        return node

    def account(self, name: str) -> Node:
        node = self.graph.node("account", attrs=(name, ""), uses_fills=True)
        self.slots[node.index] = ("account", opcodes.ACCOUNT.index(name))
        return node

    def distance(self, form: str, x: Any) -> DistancePlan:
        return DistancePlan(form, self.value(x, RATIO if form == "ratio" else PRICE))  # type: ignore[arg-type]

    def exit(
        self, kind: str, form: str = "price", x: Any = None, *, closing: Any = None, after: Any = None,
        from_last: bool = False, fixed: bool = False, bars: Any = None, seconds: Any = None,
    ) -> ExitPlan:  # fmt: skip
        life = None
        if bars is not None:
            life = LifePlan("bars", self.value(bars))
        if seconds is not None:
            life = LifePlan("duration", self.value(seconds))
        return ExitPlan(
            kind, None if x is None else self.distance(form, x),  # type: ignore[arg-type]
            closing=None if closing is None else self.value(closing, RATIO),
            after=None if after is None else self.distance(*after), from_last=from_last, fixed=fixed, life=life,
        )  # fmt: skip

    def act(
        self, verb: str, amount: tuple[str, Any] | None = None, *, on: str = "", order: str = "market",
        limit: Any = None, stop: Any = None, life: Any = None, seconds: Any = None, gtc: bool = False,
        exits: Sequence[ExitPlan] = (), tag: str = "", cancels: str = "",
    ) -> ActionPlan:  # fmt: skip
        plan = LifePlan("bar")
        if gtc:
            plan = LifePlan("gtc")
        elif life is not None:
            plan = LifePlan("bars", self.value(life))
        elif seconds is not None:
            plan = LifePlan("duration", self.value(seconds))
        kind, x = amount or ("all", None)
        unit = {"qty": QTY, "money": MONEY, "risk": RATIO}.get(kind, RATIO)
        if kind == "risk_money":
            kind, unit = "risk", MONEY
        return ActionPlan(
            verb, AmountPlan(kind, None if x is None else self.value(x, unit)), on,  # type: ignore[arg-type]
            OrderPlan(
                order, None if limit is None else self.value(limit, PRICE),  # type: ignore[arg-type]
                None if stop is None else self.value(stop, PRICE), None, plan,
            ),
            tuple(exits), tag, cancels, HERE,
        )  # fmt: skip

    def rule(
        self, name: str, on: Any, *actions: ActionPlan, join: str = "&", otherwise: Sequence[ActionPlan] = (),
        once: bool = False, tick: Any = None,
    ) -> None:  # fmt: skip
        self.rules.append(
            RulePlan(
                name, on if isinstance(on, Node) else self.truth(on), GroupPlan(actions, join),  # type: ignore[arg-type]
                GroupPlan(tuple(otherwise), "&") if otherwise else None, once,
                None if tick is None else self.truth(tick), (), HERE,
            )
        )  # fmt: skip

    def filter(self, name: str, on: Any) -> None:
        self.filters.append(FilterPlan(name, self.truth(on), HERE))

    def limit(
        self, name: str, value: float, unit: str = "ratio", *, per: str = "", effect: str = "limit",
        lasting: tuple[str, float] | None = None,
    ) -> None:  # fmt: skip
        self.limits.append(LimitPlan(name, value, unit, per, effect, lasting, HERE))  # type: ignore[arg-type]

    def program(
        self, *, direction: str = "both", pyramid: tuple[int, str, Any] | None = None,
        size: tuple[str, Any] | None = None, protect: Sequence[ExitPlan] = (),
    ) -> Program:  # fmt: skip
        return Program(
            "Staged", self.graph, ("TEST",), "1h", (), (), (), (), tuple(self.rules), tuple(self.filters),
            None if size is None else AmountPlan(size[0], self.value(size[1])),  # type: ignore[arg-type]
            direction,  # type: ignore[arg-type]
            None if pyramid is None else PyramidPlan(pyramid[0], self.distance(pyramid[1], pyramid[2])),
            tuple(protect), tuple(self.limits), ExecutionPlan(), (), (), (), False,
        )  # fmt: skip

    def slot_of(self, node: Node) -> int:
        kind, index = self.slots[node.index]
        base = len(opcodes.ACCOUNT) + len(opcodes.LEG) * self.legs
        if kind == "account":
            return int(index)
        if kind == "const":
            return base + int(index)
        if kind == "column":
            return base + len(self.constants) + int(index)
        return base + len(self.constants) + len(self.columns) + int(index)

    def attention(self) -> Any:
        """1 where a condition is true, or an `else` acts on a false one."""
        out = np.zeros(self.size, dtype=np.uint8)
        for rule in self.rules:
            kind, index = self.slots[rule.condition.index]
            if kind != "column":
                return None
            out |= (self.columns[index] == 2.0).astype(np.uint8)
            if rule.otherwise is not None:
                out |= (self.columns[index] == 0.0).astype(np.uint8)
        return out

    def symbol(
        self, series: Bars, *, ready: int = 0, settled: int = 0, detail: Bars | None = None, code: Any = None,
        temporaries: int = 0, sessions: Any = None,
    ) -> SymbolInput:  # fmt: skip
        base = len(opcodes.ACCOUNT) + len(opcodes.LEG) * self.legs
        n, k = len(series), len(self.columns)
        registers = np.full(base + len(self.constants) + k + temporaries, np.nan)
        registers[base : base + len(self.constants)] = self.constants
        table = np.array([c[:n] for c in self.columns]).reshape(k, n)
        attention = self.attention()
        return SymbolInput(
            series, np.ascontiguousarray(table), np.zeros((0, 6), dtype=np.int32) if code is None else code,
            registers, base + len(self.constants), ready, settled,
            None if attention is None else attention[:n], detail, sessions,
        )  # fmt: skip


def play(
    stage: Stage, series: Bars, *, capital: float = 10_000.0, legs: Sequence[LegInput] = (),
    execution: Execution | None = None, build: Any = None, checked: bool = True, ready: int = 0, settled: int = 0,
    detail: Bars | None = None, skips: bool = True, sessions: Any = None, others: Sequence[Bars] = (), **program: Any,
) -> Any:  # fmt: skip
    """Run a staged program over `series`; the run is left on the ledger as `.run`-like tuple (ledger, run)."""
    if build is None:
        from lingua.trading.setup import build
    plan = stage.program(**program)
    inputs = [
        stage.symbol(s, ready=ready, settled=settled, detail=detail if k == 0 else None, sessions=sessions)
        for k, s in enumerate([series, *others])
    ]
    run = build(plan, stage.slot_of, inputs, legs, execution or Execution(cash_buffer=0.0), capital,
                skips_quiet_bars=skips)  # fmt: skip
    ledger = run.run_checked() if checked else run.run()
    return ledger, run
