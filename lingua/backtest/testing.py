"""Runs the `test` blocks of a program. Every test also asserts, for free, that batch equals incremental and that no
value, fill or mark knows a later bar."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backends.replay import replay_columns
from lingua.backtest.bind import Bound, bind
from lingua.backtest.run import build_run, execution_of
from lingua.backtest.testbars import market_of
from lingua.compiler import Compiled
from lingua.data.bars import Bars
from lingua.data.errors import DataError
from lingua.data.market import Market
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import BASE, FALSE, TRUE, Constancy, Kind, Node
from lingua.ir.program import Program
from lingua.semantics.testblocks import Expectation, PreparedTest, TestPlan
from lingua.syntax.source import Span
from lingua.trading.execution import Execution
from lingua.trading.records import Ledger

COSTS = frozenset({
    "slippage", "slippage_ticks", "slippage_volume_share", "commission", "commission_maker", "commission_per_order",
    "commission_per_unit", "commission_minimum", "commission_maximum", "commission_maximum_share", "commission_tiers",
    "fees", "funding", "borrow", "interest", "detail",
})  # fmt: skip
"""Options that a test leaves out: it is free of costs."""
ENDED = ("filled", "canceled", "expired", "rejected")


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that was not met: where it stands, and what was found."""

    span: Span
    expectation: str
    found: str


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """`broken_laws` names what the engine itself got wrong; `problem` says why the test could not run."""

    title: str
    strategy: str
    span: Span
    bars: int = 0
    expectations: int = 0
    misses: tuple[Miss, ...] = ()
    broken_laws: tuple[str, ...] = ()
    problem: str = ""
    elapsed_s: float = field(default=0.0, compare=False)

    __test__ = False

    @property
    def passed(self) -> bool:
        return not (self.misses or self.broken_laws or self.problem)


def run_tests(compiled: Compiled, only: str = "") -> list[TestOutcome]:
    """Every test of the text, in source order; `only` keeps those whose title contains it."""
    folder = Path(compiled.source.name).parent if compiled.source.name.endswith((".lingua", ".lgx")) else Path()
    return [run_test(plan, compiled, folder) for plan in compiled.tests if only.lower() in plan.title.lower()]


def run_test(plan: TestPlan, compiled: Compiled, folder: Path) -> TestOutcome:
    """One test. A mistake in its data is its `problem`, never an exception."""
    began = time.perf_counter()
    prepared = plan.prepare()
    program = prepared.program
    outcome = TestOutcome(plan.title, plan.strategy, plan.span, expectations=len(prepared.expectations))
    if program.not_executed:
        names = ", ".join(item.construct for item in program.not_executed)
        return dataclasses.replace(outcome, problem=f"the strategy uses {names}, which is not run yet")
    try:
        market = market_of(program, prepared.givens, folder)
    except DataError as problem:
        return dataclasses.replace(outcome, problem=str(problem))
    options = free_of_costs(program)
    seen = observe(prepared, market, options)
    misses = tuple(
        miss
        for expectation in prepared.expectations
        if (miss := judge(expectation, seen, prepared.givens.lead)) is not None
    )
    laws = broken_laws(program, market, options, prepared.givens.capital)
    return dataclasses.replace(
        outcome, bars=len(market.traded[0]), misses=misses, broken_laws=laws, elapsed_s=time.perf_counter() - began
    )


def free_of_costs(program: Program) -> Execution:
    """The program's execution options without its costs."""
    kept = tuple((name, value) for name, value in program.execution.options if name not in COSTS)
    return execution_of(
        dataclasses.replace(program, execution=dataclasses.replace(program.execution, options=kept)), {}
    )


# --- what happened -----------------------------------------------------------------------------------


def observe(prepared: PreparedTest, market: Market, options: Execution) -> Batch:
    """The columns of the first traded symbol, with what the run observed filled in."""
    program = prepared.program
    nodes = reachable([each.condition for each in prepared.expectations])
    fills = [node for node in nodes if node.op in ("account", "since_entry")]
    bound, legs = bind(program, market, also=fills)
    slots = [bound[0].decision.slot_of(node) for node in fills]
    run = build_run(program, bound, legs, options, prepared.givens.capital, watch=slots)
    ledger = run.run()
    bars = bound[0].bars
    known: dict[int, Any] = {}
    if fills:
        table = run.watched(0)
        for row, node in enumerate(fills):
            known[node.index] = _padded(table[row], len(bars))
    for node in nodes:
        if node.op == "observe":
            known[node.index] = _observed(node, ledger, bound[0], bars, prepared.givens.lead)
    params = {param.name: param.value for param in program.params}
    return Batch(Feeds(bars, market.data, market.finer), params, known)


def _padded(column: Any, n: int) -> Any:
    return column if len(column) == n else np.concatenate((column, np.full(n - len(column), column[-1])))


def _observed(node: Node, ledger: Ledger, bound: Bound, bars: Bars, lead: int) -> Any:
    what, n = str(node.attrs[0]), len(bars)
    if what == "fired":
        column = np.full(n, FALSE, dtype=np.uint8)
        stamps = np.asarray(ledger.clock, dtype=np.int64)[ledger.fired.get(str(node.attrs[1]), [])]
        column[np.isin(bars.ts, stamps)] = TRUE
        return column
    if what == "warmup":
        return np.full(n, float(bound.ready))
    if what == "ready_bar":
        return np.full(n, float(bound.ready - lead))
    return np.cumsum(_steps(what, ledger, n)).astype(np.float64)


def _steps(what: str, ledger: Ledger, n: int) -> Any:
    """How a count changes at each bar of the first symbol."""
    steps = np.zeros(n)
    own = [event for event in ledger.events if event.symbol == 0]
    match what:
        case "orders.count" | "orders.working":
            for event in own:
                if event.kind == "submitted":
                    steps[event.bar] += 1
                elif what == "orders.working" and event.kind in ENDED and event.order_id >= 0:
                    steps[event.bar] -= 1
        case "fills.count":
            for fill in ledger.fills:
                if fill.symbol == 0 and fill.reason != "split":
                    steps[fill.bar] += 1
        case "trades.count" | "trades.wins" | "trades.losses":
            for bar, pnl in _closed(ledger):
                if what == "trades.count" or (pnl > 0) == (what == "trades.wins"):
                    steps[bar] += 1
        case _:
            raise RuntimeError(f"a test cannot observe {what!r}")
    return steps


def _closed(ledger: Ledger) -> list[tuple[int, float]]:
    """(bar, profit) of each unit of the first symbol that is closed whole."""
    units: dict[int, list[Any]] = {}
    for trade in ledger.trades:
        units.setdefault(trade.trade_id, []).append(trade)
    return [
        (max(piece.exit_bar for piece in pieces), sum(piece.pnl for piece in pieces))
        for pieces in units.values()
        if all(piece.exit_bar is not None for piece in pieces)
    ]


# --- judging -----------------------------------------------------------------------------------------


def judge(expectation: Expectation, seen: Batch, lead: int) -> Miss | None:
    """None when the expectation is met. Bars are counted from the first given one, lead bars left out."""
    column = np.asarray(seen.column(expectation.condition))
    last = len(column) - 1 if expectation.at_bar is None else lead + expectation.at_bar
    if last >= len(column):
        return Miss(expectation.span, expectation.text, f"there is no bar {expectation.at_bar}")
    given = column[lead : last + 1]
    match expectation.mode:
        case "last":
            bad = None if column[last] == TRUE else last
        case "always":
            # Unknown breaks no promise (a warm-up is unknown), unless there is nothing else.
            bad = _first(given == FALSE, lead)
            if bad is None and not (given == TRUE).any():
                return Miss(expectation.span, expectation.text, "it was unknown on every bar")
        case "never":
            bad = _first(given == TRUE, lead)
        case "eventually":
            bad = None if bool((given == TRUE).any()) else last
    if bad is None:
        return None
    if expectation.mode == "eventually":
        return Miss(expectation.span, expectation.text, f"it was true on none of bars 0 to {last - lead}")
    return Miss(expectation.span, expectation.text, f"on bar {bad - lead} {_words(expectation, seen, bad)}")


def _first(flags: Any, lead: int) -> int | None:
    found = np.flatnonzero(flags)
    return int(found[0]) + lead if len(found) else None


def _words(expectation: Expectation, seen: Batch, bar: int) -> str:
    nodes = expectation.leaves or expectation.condition.args
    shown = [_value(node, seen, bar) for node in nodes if node.kind is not Kind.STRING]
    truth = {TRUE: "true", FALSE: "false"}.get(int(np.asarray(seen.column(expectation.condition))[bar]), "unknown")
    if expectation.condition.op in ("observe", "call") or not shown:
        return f"it was {truth}"
    return f"it was {truth}: {' against '.join(shown)}"


def _value(node: Node, seen: Batch, bar: int) -> str:
    value = seen.column(node)[bar]
    if node.kind is Kind.BOOL:
        return {TRUE: "true", FALSE: "false"}.get(int(value), "unknown")
    return "na" if value != value else f"{value:.10g}"


# --- the laws ----------------------------------------------------------------------------------------


def broken_laws(program: Program, market: Market, options: Execution, capital: float) -> tuple[str, ...]:
    """Empty, unless the engine is wrong: batch is not incremental, or an early value knows a later bar."""
    broken = []
    if not batch_is_incremental(program, market):
        broken.append("the incremental values differ from the batch ones")
    count = len(market.traded[0])
    if count >= 4 and not is_prefix_stable(program, market, options, capital, count * 2 // 3):
        broken.append("a value, fill or mark changed when later bars were taken away")
    return tuple(broken)


def batch_is_incremental(program: Program, market: Market) -> bool:
    """Every series the program shows or decides by, bar by bar, bit for bit."""
    params = {param.name: param.value for param in program.params}
    for bars in market.traded:
        feeds = Feeds(bars, market.data, market.finer)
        nodes = series_of(program)
        batch = Batch(feeds, params)
        for node, column in zip(nodes, replay_columns(nodes, params, feeds), strict=True):
            if not np.array_equal(batch.column(node), column, equal_nan=node.kind is not Kind.BOOL):
                return False
    return True


def series_of(program: Program) -> list[Node]:
    """Nodes on the traded bars whose columns can be compared."""
    found = {n.index: n for n in [*(o.node for o in program.outputs), *decision_nodes(program)]}
    return [
        n
        for n in found.values()
        if not n.uses_fills and n.constancy >= Constancy.SERIES and n.clock == BASE and n.kind is not Kind.STRING
    ]


def is_prefix_stable(program: Program, market: Market, options: Execution, capital: float, count: int) -> bool:
    """Whether a run over the first `count` bars is the beginning of the whole run."""
    last = int(market.traded[0].ts[count - 1])
    early = Market(
        tuple(until(bars, last) for bars in market.traded),
        {alias: until(bars, last) for alias, bars in market.data.items()},
        {key: until(bars, last) for key, bars in market.finer.items()},
    )
    runs = []
    for each in (market, early):
        bound, legs = bind(program, each)
        runs.append((bound, build_run(program, bound, legs, options, capital).run()))
    (whole_bound, whole), (part_bound, part) = runs
    for a, b in zip(whole_bound, part_bound, strict=True):
        for node in series_of(program):
            column = b.batch.column(node)
            if not np.array_equal(a.batch.column(node)[: len(column)], column, equal_nan=node.kind is not Kind.BOOL):
                return False
    # A fill at an open is stamped with it, which is the close before: it belongs to the bar in which it happened.
    bars = (*market.traded, *market.data.values())
    same_fills = [fill for fill in whole.fills if bars[fill.symbol].ts[fill.bar] <= last] == part.fills
    equity = np.asarray(part.equity)
    return same_fills and np.array_equal(np.asarray(whole.equity)[: len(equity)], equity, equal_nan=True)


def until(bars: Bars, last: int) -> Bars:
    """The bars that have closed by an instant (UTC ns)."""
    keep = bars.ts <= last
    names = ("ts", "open_ts", "open", "high", "low", "close", "volume")
    return dataclasses.replace(
        bars, **{name: getattr(bars, name)[keep] for name in names},
        factor=None if bars.factor is None else bars.factor[keep],
        is_synthetic=None if bars.is_synthetic is None else bars.is_synthetic[keep],
        columns={name: column[keep] for name, column in bars.columns.items()},
    )  # fmt: skip
