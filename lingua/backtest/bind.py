"""From a program and its bars to the inputs of the order/fill step: columns, registers, and bars that need a look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lingua.backends import blocks, truths
from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backends.decision import DecisionProgram, lower
from lingua.data.bars import Bars
from lingua.data.calendars import sessions_of
from lingua.data.market import Market
from lingua.ir.analysis import decision_nodes, priced_by
from lingua.ir.asked import Static
from lingua.ir.nodes import BASE, FALSE, TRUE, UNKNOWN, Constancy, Kind, Node
from lingua.ir.program import Program, RulePlan
from lingua.ir.warmup import Warmup
from lingua.trading.inputs import LegInput, SymbolInput

truth_columns: Any = truths  # its signatures are Cython's


@dataclass(slots=True)
class Bound:
    """One traded symbol: its columns, the decision program, and what the step is given. `fills` are the columns of
    nodes that read fills, by node number, once the run has told them. `ahead`: columns are there without their values,
    which it makes."""

    bars: Bars
    batch: Batch
    decision: DecisionProgram
    ready: int
    settled: int | None
    input: SymbolInput
    ahead: Ahead | None = None
    fills: dict[int, NDArray[Any]] = field(default_factory=dict)

    def column(self, node: Node) -> NDArray[Any]:
        """(bars,) the values of a series."""
        return self.fills[node.index] if node.index in self.fills else self.batch.column(node)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Makes columns, and the bars that need a look, some bars before the step comes there."""

    filling: blocks.Filling
    conditions: list[NDArray[np.uint8]]
    looks: NDArray[np.uint8]

    def go_on(self, until: int) -> None:
        """As far as bar `until` at least."""
        done = self.filling.done
        self.filling.go_on(until)
        for each in self.conditions:
            truth_columns.mark_true(each[done : self.filling.done], self.looks[done : self.filling.done])


class Columns(Protocol):
    """What a traded symbol's series are read from, however they were computed."""

    @property
    def fills(self) -> dict[int, NDArray[Any]]: ...

    def column(self, node: Node) -> NDArray[Any]: ...


def bind(
    program: Program, market: Market, also: Sequence[Node] = (), *, ahead: bool = False
) -> tuple[list[Bound], list[LegInput]]:
    """Everything the step needs, computed over whole columns. `also` names further nodes to give registers to. With
    `ahead` the values of a symbol that is alone are made later, where that can be (`Bound.ahead`)."""
    params = {param.name: param.value for param in program.params}
    bound = [
        bind_symbol(
            program,
            market,
            bars,
            Batch(Feeds(bars, market.data, market.finer), params),
            also,
            ahead=ahead and len(market.traded) == 1,
        )
        for bars in market.traded
    ]
    return bound, bind_legs(program, market)


def bind_legs(program: Program, market: Market) -> list[LegInput]:
    """The data symbols, on which orders may act too."""
    return [
        LegInput(alias, bars, _detail(market, bars, detail_name(program)), sessions_of(bars))
        for alias, bars in market.data.items()
    ]


def bind_symbol(
    program: Program, market: Market, bars: Bars, batch: Batch, also: Sequence[Node] = (), *, start: int = 0,
    ahead: bool = False,
) -> Bound:  # fmt: skip
    """One traded symbol, its columns computed by `batch`. Rules act from bar `start` on at the earliest."""
    roots = decision_nodes(program)
    decision = _lowered(program, [*roots, *also], batch, list(market.data))
    first, settled = warmup_of(program, roots, batch)
    ready = min(max(first, start), len(bars))
    later: Ahead | None = None
    if ahead:
        later = _ahead(program, batch, decision, bars)
    elif not batch.is_shared:
        blocks.fill(batch, [*decision.series, *looked_at(program)])
    columns = on_the_day(decision.series, batch.column, bars, market.data)
    given = SymbolInput(
        bars=bars,
        columns=columns or np.empty((0, len(bars))),
        code=np.array(decision.code, dtype=np.int32).reshape(-1, 6),
        registers=np.array(decision.initial, dtype=np.float64),
        series_offset=decision.first_series,
        ready=ready,
        settled=len(bars) if settled is None else min(settled, len(bars)),
        attention=attention(program, batch, len(bars)) if later is None else later.looks,
        detail=_detail(market, bars, detail_name(program)),
        sessions=sessions_of(bars),
    )
    return Bound(bars, batch, decision, ready, settled, given, later)


def _ahead(program: Program, batch: Batch, decision: DecisionProgram, bars: Bars) -> Ahead | None:
    """None, and all columns are made, where something needs a whole one."""
    filling = blocks.begin(batch, [*decision.series, *looked_at(program)])
    if filling is None:
        return None
    conditions = [rule.condition for rule in program.rules]
    if (
        bars.factor is None
        and all(filling.has(node) for node in (*decision.series, *conditions))
        and all(map(_is_simple, program.rules))
    ):
        return Ahead(filling, [batch.column(node) for node in conditions], np.zeros(len(bars), dtype=np.uint8))
    filling.go_on(filling.size)
    return None


def _lowered(program: Program, nodes: list[Node], batch: Batch, legs: list[str]) -> DecisionProgram:
    if any(node.uses_fills for node in nodes):
        # Their states ask for bars that are needed on other clocks, which the data tells.
        return lower(nodes, batch.static, legs, batch.warmup.lookback)
    question = ("decision", *(node.index for node in nodes), *legs)
    return program.asked.once(question, batch.static, lambda static: lower(nodes, static, legs, batch.warmup.lookback))


def warmup_of(program: Program, roots: list[Node], batch: Batch) -> tuple[int, int | None]:
    """`Batch.ready` and `Batch.settled` of the roots."""

    def find(static: Static) -> tuple[float, float]:
        warmup = Warmup(static, _on_data, asked=program.asked)
        return max(map(warmup.lookback, roots), default=0), max(map(warmup.settled, roots), default=0)

    try:
        bars, settled = program.asked.once(("warmup", *(node.index for node in roots)), batch.static, find)
    except _DependsOnDataError:
        return batch.ready(roots), batch.settled(roots)
    return int(min(bars, len(batch.feeds.bars(BASE)))), None if math.isinf(settled) else int(settled)


class _DependsOnDataError(Exception):
    pass


def _on_data(_node: Node, _bars: float) -> float:
    """How many bars of another clock there are only the data can tell."""
    raise _DependsOnDataError


def detail_name(program: Program) -> str:
    return str(dict(program.execution.options).get("detail", ""))


def _detail(market: Market, bars: Bars, detail: str) -> Bars | None:
    return market.finer.get((bars.symbol, detail)) if detail else None


def on_the_day(
    nodes: Sequence[Node], column: Callable[[Node], NDArray[Any]], bars: Bars, data: Mapping[str, Bars],
    before: Mapping[str, float] | None = None,
) -> list[NDArray[Any]]:  # fmt: skip
    """The columns of `nodes` as `traded_scale` has them; prices of a data symbol are on the scale of its own day. In a
    piece of a run `before` holds the factors of the data symbols at its beginning."""
    before = before or {}
    if bars.factor is None and all(other.factor is None for other in data.values()) and set(before.values()) <= {1.0}:
        return [column(node) for node in nodes]
    whose = priced_by(nodes) if data else {}
    factors = {
        "": bars.factor,
        **{alias: _factor_seen(other, bars, before.get(alias, 1.0)) for alias, other in data.items()},
    }
    return [traded_scale(column(node), node, factors[whose.get(node.index, "")]) for node in nodes]


def _factor_seen(other: Bars, bars: Bars, before: float) -> NDArray[np.float64] | None:
    """(bars,) the factor of the bar of another symbol that has closed last by the close of each bar; `before` the first
    of those given."""
    if other.factor is None or not len(other):
        return None if before == 1.0 else np.full(len(bars), before)
    at = np.searchsorted(other.ts, bars.ts, side="right") - 1
    return np.where(at >= 0, other.factor[np.maximum(at, 0)], before)


def traded_scale(column: NDArray[Any], node: Node, factor: NDArray[np.float64] | None) -> NDArray[Any]:
    """A column in the scale in which its bar traded. Series see prices on one scale across splits; orders, entries and
    quantities are in that of the day."""
    power = node.unit.qty
    # A constant is a level of the day already.
    if factor is None or not power or node.kind is Kind.BOOL or node.constancy < Constancy.SERIES:
        return column
    return np.asarray(column * factor**power)


def looked_at(program: Program) -> list[Node]:
    """What `attention` reads."""
    found = [rule.condition for rule in program.rules if not rule.condition.uses_fills]
    return [*found, *(rule.tick for rule in program.rules if rule.tick is not None and not rule.once)]


class Read(Protocol):
    """Where the columns of nodes are read."""

    def column(self, node: Node) -> NDArray[Any]: ...


def attention(program: Program, batch: Read, n: int) -> NDArray[np.uint8]:
    """(n,) 1 on bars where some rule may act: its condition is true, or false with an `else`, or reads fills. A `once`
    rule is also looked at where its condition turns false, which ends an episode."""
    looks = np.zeros(n, dtype=np.uint8)
    for rule in program.rules:
        if _is_simple(rule) and truths.COMPILED:
            truth_columns.mark_true(batch.column(rule.condition), looks)
        else:
            looks |= _attention_of(rule, batch, n)
    return looks


def _is_simple(rule: RulePlan) -> bool:
    """Whether a rule acts where its condition is true, and nowhere else."""
    return not rule.condition.uses_fills and rule.otherwise is None and not rule.once and rule.tick is None


def _attention_of(rule: RulePlan, batch: Read, n: int) -> NDArray[np.uint8]:
    if rule.condition.uses_fills:
        looks = np.ones(n, dtype=np.bool_)
    else:
        truth = batch.column(rule.condition)
        looks = truth == TRUE
        if rule.otherwise is not None:
            looks |= truth == FALSE
        if rule.once:
            before = np.concatenate(([FALSE], truth[:-1]))
            looks |= (truth == FALSE) & (before != FALSE)
    if rule.tick is not None and not rule.once:
        looks &= batch.column(rule.tick) == TRUE
    return looks.astype(np.uint8)


def shown_fills(program: Program) -> list[Node]:
    """What a user is shown and only the run can tell: outputs and plots that read fills."""
    nodes = [output.node for output in program.outputs] + [plot.node for plot in program.plots]
    return list({n.index: n for n in nodes if n.uses_fills and n.kind is not Kind.STRING}.values())


def fill_columns(nodes: Sequence[Node], watched: NDArray[np.float64], n: int) -> dict[int, NDArray[Any]]:
    """Columns of n bars from the registers (nodes, bars done) that a run kept; na after the account has ended."""
    found: dict[int, NDArray[Any]] = {}
    for node, values in zip(nodes, watched, strict=True):
        column = np.full(n, np.nan)
        column[: len(values)] = values
        if node.kind is Kind.BOOL:
            found[node.index] = np.where(np.isnan(column), UNKNOWN, column).astype(np.uint8)
        else:
            found[node.index] = column
    return found


class OutputColumns(Mapping[str, NDArray[Any]]):
    """Named outputs of one traded symbol, over its bars, in the scale of each day; made when they are asked for. Those
    that read fills are as at the decision of each bar."""

    def __init__(self, program: Program, bound: Columns, bars: Bars, data: Mapping[str, Bars]) -> None:
        self._bound = bound
        self._bars = bars
        self._data = data
        self._nodes: dict[str, Node] = {}
        for output in program.outputs:
            node = output.node
            if node.kind is Kind.STRING or (node.uses_fills and node.index not in bound.fills):
                continue
            if node.constancy >= Constancy.SERIES and node.clock != BASE:
                continue
            self._nodes[output.name] = node

    def __getitem__(self, name: str) -> NDArray[Any]:
        node = self._nodes[name]
        if node.index in self._bound.fills:
            return self._bound.column(node)
        return on_the_day([node], self._bound.column, self._bars, self._data)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


def roots_of(program: Program) -> Sequence[Node]:
    """Nodes of the series part that a user can look at."""
    return [output.node for output in program.outputs if not output.node.uses_fills]
