"""The incremental back end: every series of a program, one closed bar at a time, in fixed memory.

`Stream.push(source, bar)` takes the next closed bar of a source; afterwards `value(node)` is the node's value as of
that bar, the same bits as the batch column of `lingua.backends.batch` for the same first bar. Bars of several sources
that close at one instant are pushed in this order: finer data, other symbols, then the traded symbol.
"""

from __future__ import annotations

import copy
import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lingua.backends import clocktime
from lingua.backends.periods import PeriodBuilder, StreamBar, TickClock
from lingua.backends.pointwise import evaluate_scalar, reduce_values
from lingua.backends.scan import StateSteps
from lingua.indicators.memory import state_of, with_state
from lingua.indicators.registry import lookup
from lingua.ir.analysis import FreePrevious, reachable
from lingua.ir.nodes import FALSE, TRUE, UNKNOWN, Clock, Constancy, Kind, Node
from lingua.ir.warmup import call_parameters
from lingua.trading.instrument import Instrument

Scalar = float | int | str | bool
VERSION = 1
"""Of snapshots; raised when an older one could not be continued with the same bits."""


class SourceFacts(NamedTuple):
    """What a stream must know of a source before its first bar: its own timeframe and its instrument."""

    timeframe: str
    instrument: Instrument


class Stream:
    """Values of `roots` as bars arrive. `sources` maps "" (the traded symbol) and each data alias to its facts."""

    def __init__(self, roots: Iterable[Node], params: Mapping[str, Scalar], sources: Mapping[str, SourceFacts]) -> None:
        self._params = params
        self._sources = sources
        self._free = FreePrevious()
        self.values: dict[int, Any] = {}
        self._clocks: dict[Clock, ClockStream] = {}
        self._builders: dict[str, list[tuple[Clock, PeriodBuilder]]] = {name: [] for name in sources}
        nodes = reachable(roots)
        for node in nodes:
            if node.constancy <= Constancy.PARAM:
                self.values[node.index] = self._constant(node)
        for clock in {node.clock for node in nodes if node.constancy >= Constancy.SERIES} | {Clock()}:
            own = [n for n in nodes if n.clock == clock and n.constancy >= Constancy.SERIES and not self._free.of(n)]
            self._clocks[clock] = ClockStream(self, clock, own)
            facts = sources[clock.source]
            if clock.timeframe and clock.timeframe != facts.timeframe and not self._is_finer(clock):
                builder = PeriodBuilder(clock.timeframe, facts.instrument)
                self._builders[clock.source].append((clock, builder))
        for built in self._builders.values():
            # At one instant the longer period closes first: what the shorter one reads of it has closed by then.
            built.sort(key=lambda item: -item[1].timeframe.seconds)

    def push(self, source: str, bar: StreamBar, timeframe: str = "") -> None:
        """Take the next closed bar of a source; `timeframe` names finer data ("" = the source's own bars)."""
        if timeframe and timeframe != self._sources[source].timeframe:
            fine = Clock(source, timeframe)
            if fine in self._clocks:
                self._clocks[fine].advance(bar)
                for stream in self._clocks.values():
                    stream.gather_inner(fine)
            return
        closed: list[tuple[int, Clock, StreamBar]] = []
        for clock, builder in self._builders[source]:
            closed.extend((each.ts, clock, each) for each in builder.push(bar))
        closed.sort(key=lambda item: item[0])
        for _, clock, each in closed:
            self._clocks[clock].advance(each)
        # What is asked for `@T` of the very bars goes first: the bars themselves read it.
        for clock in (Clock(source, self._sources[source].timeframe), Clock(source)):
            if clock in self._clocks:
                self._clocks[clock].advance(bar)

    def value(self, node: Node) -> Any:
        """The node's value as of the last bar of its clock (`na` before the first)."""
        if node.index in self.values:
            return self.values[node.index]
        return UNKNOWN if node.kind is Kind.BOOL else math.nan

    def is_ready(self, node: Node) -> bool:
        """Whether the node's lookback has passed."""
        return node.constancy <= Constancy.PARAM or self._clocks[node.clock].ready.get(node.index, False)

    def clock(self, clock: Clock) -> ClockStream:
        return self._clocks[clock]

    def finer_clocks(self) -> list[Clock]:
        """Clocks that want data finer than their source's own bars."""
        return [clock for clock in self._clocks if clock.timeframe and self._is_finer(clock)]

    def builder(self, clock: Clock) -> PeriodBuilder | None:
        return next((b for c, b in self._builders[clock.source] if c == clock), None)

    def facts(self, source: str) -> SourceFacts:
        return self._sources[source]

    def snapshot(self) -> dict[str, Any]:
        """All that the next bars depend on, as JSON-able data. Raises NotStorableError where an indicator keeps its
        state outside (TA-Lib's stream handles): such a stream is made again from its bars."""
        return {
            "version": VERSION,
            "values": [[index, state_of(value)] for index, value in self.values.items()],
            "clocks": [[clock.source, clock.timeframe, stream.state()] for clock, stream in self._clocks.items()],
            "periods": [
                [clock.source, clock.timeframe, state_of(builder.snapshot())]
                for built in self._builders.values()
                for clock, builder in built
            ],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Stand where a stream of the same roots, parameters and sources stood: the same bits follow. Raises ValueError
        when the snapshot is not of such a one."""
        if snapshot.get("version") != VERSION:
            raise ValueError(f"snapshot of version {snapshot.get('version')!r}; this is version {VERSION}")
        streams = {Clock(source, timeframe): state for source, timeframe, state in snapshot["clocks"]}
        builders = {Clock(source, timeframe): state for source, timeframe, state in snapshot["periods"]}
        own = {clock for built in self._builders.values() for clock, _ in built}
        if streams.keys() != self._clocks.keys() or builders.keys() != own:
            raise ValueError("snapshot of a stream with other clocks")
        for clock, stream in self._clocks.items():
            stream.set_state(streams[clock])
        for built in self._builders.values():
            for clock, builder in built:
                builder.restore(with_state(None, builders[clock]))
        self.values = {index: with_state(None, value) for index, value in snapshot["values"]}

    def _is_finer(self, clock: Clock) -> bool:
        from lingua.data.timeframe import Timeframe

        own = self._sources[clock.source].timeframe
        return Timeframe.parse(clock.timeframe).seconds < Timeframe.parse(own).seconds

    def _constant(self, node: Node) -> Any:
        if node.op in ("const", "param"):
            value = node.attrs[0] if node.op == "const" else self._params[str(node.attrs[0])]
            return (TRUE if value else FALSE) if node.kind is Kind.BOOL else value
        return evaluate_scalar(node, [self.values[arg.index] for arg in node.args])


class ClockStream:
    """The nodes of one clock, in evaluation order, with what each keeps between bars."""

    def __init__(self, stream: Stream, clock: Clock, nodes: list[Node]) -> None:
        self.stream = stream
        self.name = clock
        self.nodes = nodes
        self.bar: StreamBar | None = None
        self.count = 0
        self.ready: dict[int, bool] = {}
        self._since_ready: dict[int, int] = {}
        self.kept: dict[int, list[Any]] = {}
        """Nodes, by index, whose value after each bar is to be kept."""
        self._cells: dict[Any, Any] = {}
        self._lookbacks: dict[int, int] = {}
        for node in nodes:
            self._prepare(node)

    def advance(self, bar: StreamBar) -> None:
        """One more closed bar of this clock."""
        self.bar = bar
        self.count += 1
        values = self.stream.values
        for node in self.nodes:
            values[node.index] = self._evaluate(node, bar, values)
            self.ready[node.index] = self._is_ready(node)
        for node in self.nodes:
            if node.op == "inner":
                self._cells[node.index].clear()
        for index, row in self.kept.items():
            row.append(values[index])

    def peek(self, root: Node, bar: StreamBar) -> tuple[Any, bool]:
        """Value and readiness of `root` if `bar` were the next closed bar; nothing is kept."""
        twin = copy.copy(self)
        needed = {node.index for node in reachable([root])}
        twin.nodes = [node for node in self.nodes if node.index in needed]
        twin.ready, twin._since_ready = dict(self.ready), dict(self._since_ready)
        twin.kept = {}
        twin._cells = {key: copy_cell(cell) for key, cell in self._cells.items()}
        kept = dict(self.stream.values)
        try:
            twin.advance(bar)
            return self.stream.values[root.index], twin.ready[root.index]
        finally:
            self.stream.values.clear()
            self.stream.values.update(kept)

    def state(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "bar": None if self.bar is None else [self.bar.open_ts, self.bar.ts, state_of(self.bar.fields)],
            "ready": [index for index, is_ready in self.ready.items() if is_ready],
            "since": [list(pair) for pair in self._since_ready.items()],
            "cells": [state_of(kept(cell)) for cell in self._cells.values()],
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.count = int(state["count"])
        bar = state["bar"]
        self.bar = None if bar is None else StreamBar(int(bar[0]), int(bar[1]), with_state({}, bar[2]))
        self.ready = dict.fromkeys(state["ready"], True)
        self._since_ready = {int(index): int(bars) for index, bars in state["since"]}
        cells = state["cells"]
        if len(cells) != len(self._cells):
            raise ValueError(f"snapshot of {len(cells)} cells on a clock that has {len(self._cells)}")
        for cell, each in zip(self._cells.values(), cells, strict=True):
            take_back(cell, with_state(kept(cell), each))

    def _prepare(self, node: Node) -> None:
        stream = self.stream
        static = stream.values.__getitem__
        if node.op == "hist":
            self._cells[node.index] = deque(maxlen=int(static(node.args[1].index)) + 1)
        elif node.op == "call":
            spec = lookup(str(node.attrs[0]))
            if spec is None:
                raise RuntimeError(f"no indicator is called {node.attrs[0]!r}")
            parameters = call_parameters(node, lambda n: static(n.index))
            self._lookbacks[node.index] = spec.lookback(**parameters)
            self._cells.setdefault(call_key(node), CallCell(spec, parameters))
        elif node.op == "state":
            self._cells[node.index] = StateSteps(node, stream._free)
        elif node.op == "inner":
            self._cells[node.index] = []
        elif node.op == "tick":
            facts = stream.facts(node.clock.source)
            self._cells[node.index] = TickClock(str(node.attrs[0]), facts.instrument)

    def _evaluate(self, node: Node, bar: StreamBar, values: dict[int, Any]) -> Any:
        match node.op:
            case "field":
                return self._field(str(node.attrs[0]), bar, node)
            case "hist":
                ring = self._cells[node.index]
                ring.append(values[node.args[0].index])
                full = len(ring) == ring.maxlen
                return ring[0] if full else UNKNOWN if node.kind is Kind.BOOL else math.nan
            case "call":
                return self._cells[call_key(node)].value(node, self.count, values)
            case "state":
                steps = self._cells[node.index]
                return steps.step(self._step_is_ready(steps), values)
            case "sample":
                return self._sample(node, bar)
            case "developing":
                return self._developing(node)[0]
            case "inner":
                # Finer bars before this bar's open belong to one that is missing.
                inside = [v for opened, v in self._cells[node.index] if opened >= bar.open_ts and v == v]
                return reduce_values(inside, str(node.attrs[0]))
            case "tick":
                return TRUE if self._cells[node.index].push(bar) else FALSE
            case "time_part":
                zone = str(node.attrs[1]) or self.stream.facts(node.clock.source).instrument.session_zone
                stamp = np.array([values[node.args[0].index]], dtype=np.float64)
                return float(clocktime.part(stamp, str(node.attrs[0]), zone)[0])
            case "session":
                zone = str(node.attrs[1]) or self.stream.facts(node.clock.source).instrument.session_zone
                opened, closed = (np.array([values[arg.index]], dtype=np.float64) for arg in node.args)
                return TRUE if clocktime.inside_session(opened, closed, str(node.attrs[0]), zone)[0] else FALSE
            case _:
                return evaluate_scalar(node, [values[arg.index] for arg in node.args])

    def _field(self, name: str, bar: StreamBar, node: Node) -> Any:
        if name == "symbol":
            return self.stream.facts(node.clock.source).instrument.symbol
        if name == "bar":
            return float(self.count - 1)
        if name == "time":
            return bar.ts / 1e9
        if name == "open_time":
            return bar.open_ts / 1e9
        return bar.fields.get(name, math.nan)

    def _sample(self, node: Node, bar: StreamBar) -> Any:
        theirs = self.stream.clock(node.args[0].clock)
        nothing = UNKNOWN if node.kind is Kind.BOOL else math.nan
        if theirs.bar is None or self._is_stale(node, theirs.bar, bar):
            return nothing
        return self.stream.values[node.args[0].index]

    def _is_stale(self, node: Node, theirs: StreamBar, ours: StreamBar) -> bool:
        from lingua.backends.clocks import is_stale

        source, clock = node.args[0].clock, node.clock
        if source.source == clock.source:
            return False
        facts, own = self.stream.facts(source.source), self.stream.facts(clock.source)
        return is_stale(
            theirs.ts, ours.ts, source.timeframe or facts.timeframe, clock.timeframe or own.timeframe, facts.instrument
        )

    def _developing(self, node: Node) -> tuple[Any, bool]:
        clock = node.args[0].clock
        builder = self.stream.builder(clock)
        running = builder.running() if builder is not None else None
        theirs = self.stream.clock(clock)
        if running is not None:
            return theirs.peek(node.args[0], running)
        nothing = UNKNOWN if node.kind is Kind.BOOL else math.nan
        if theirs.bar is None:
            return nothing, False
        return self.stream.values[node.args[0].index], theirs.ready.get(node.args[0].index, False)

    def gather_inner(self, finer: Clock) -> None:
        """A finer bar closed: remember its values until this clock's bar closes."""
        latest = self.stream.clock(finer).bar
        for node in self.nodes:
            if latest is not None and node.op == "inner" and node.args[0].clock == finer:
                self._cells[node.index].append((latest.open_ts, self.stream.values[node.args[0].index]))

    # --- readiness -------------------------------------------------------------------------------

    def _arg_ready(self, node: Node) -> bool:
        return node.constancy <= Constancy.PARAM or self.stream.clock(node.clock).ready.get(node.index, False)

    def _step_is_ready(self, steps: StateSteps) -> bool:
        return all(self._arg_ready(node) for node in steps.inputs(self.stream._free))

    def _is_ready(self, node: Node) -> bool:
        if node.op == "inner":
            return True
        if node.op == "developing":
            return self._developing(node)[1]
        if node.op == "state":
            return self._step_is_ready(self._cells[node.index])
        if not all(self._arg_ready(arg) for arg in node.args):
            return False
        wait = 0
        if node.op == "hist":
            wait = self._cells[node.index].maxlen - 1
        elif node.op == "call":
            wait = self._lookbacks[node.index]
        if not wait:
            return True
        since = self._since_ready.get(node.index, -1) + 1
        self._since_ready[node.index] = since
        return since >= wait


def call_key(node: Node) -> tuple[object, ...]:
    """Calls that differ only in the output asked for share one cell."""
    return (node.attrs[0], *(arg.index for arg in node.args))


class CallCell:
    """One indicator call: its incremental form, fed only with observations (bars where all inputs are valid)."""

    def __init__(self, spec: Any, parameters: Mapping[str, Any]) -> None:
        self.spec = spec
        self.form = spec.incremental(**parameters)
        self.outputs = [output.name for output in spec.outputs]
        self._bar = 0
        self._latest: tuple[float, ...] = ()

    def value(self, node: Node, bar: int, values: dict[int, Any]) -> Any:
        if bar != self._bar:
            self._bar = bar
            self._latest = self._update(node, values)
        chosen = str(node.attrs[1]) if len(node.attrs) > 1 and node.attrs[1] else self.outputs[0]
        value = self._latest[self.outputs.index(chosen)]
        if node.kind is Kind.BOOL:
            return UNKNOWN if value != value else TRUE if value > 0.5 else FALSE
        return value

    def _update(self, node: Node, values: dict[int, Any]) -> tuple[float, ...]:
        inputs = []
        for arg in node.args[: len(self.spec.inputs)]:
            value = values[arg.index]
            if value == UNKNOWN if arg.kind is Kind.BOOL else value != value:
                return (math.nan,) * len(self.outputs)
            inputs.append(float(value))
        return tuple(math.nan if math.isinf(v) else float(v) for v in self.form.update(*inputs))

    def copy(self) -> CallCell:
        twin = copy.copy(self)
        twin.form = self.form.copy()
        return twin


def copy_cell(cell: Any) -> Any:
    """An independent cell with the same contents."""
    if isinstance(cell, CallCell):
        return cell.copy()
    if isinstance(cell, StateSteps):
        return cell.copy()
    return copy.copy(cell)


def kept(cell: Any) -> Any:
    """What of a cell changes from bar to bar."""
    match cell:
        case CallCell():
            return (cell.form, cell._bar, cell._latest)
        case StateSteps():
            return (cell.cell.started, cell.cell.previous, [kept(each) for each in cell.inner.values()])
        case TickClock():
            return cell.state()
        case _:
            return cell


def take_back(cell: Any, content: Any) -> None:
    """Put `content`, as `kept` tells it, into a cell."""
    match cell:
        case CallCell():
            cell.form, cell._bar, cell._latest = content
        case StateSteps():
            cell.cell.started, cell.cell.previous, inner = content
            for each, state in zip(cell.inner.values(), inner, strict=True):
                take_back(each, state)
        case TickClock():
            cell.set_state(content)
        case _:
            found = list(content)
            cell.clear()
            cell.extend(found)
