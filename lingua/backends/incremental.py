"""The incremental back end: every series of a program, one closed bar at a time, in fixed memory.

`Stream.push(source, bar)` takes the next closed bar of a source; afterwards `value(node)` is the node's value as of
that bar, the same bits as the batch column of `lingua.backends.batch` for the same first bar. Bars of several sources
that close at one instant are pushed as `order` tells (the traded symbol last), finer bars before their source's own.

The nodes of each clock are instructions of one `lingua.backends.machine.SeriesMachine`, run once a bar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lingua.backends.machine import FIELDS, SeriesMachine
from lingua.backends.machine_cells import (
    Cell,
    DevelopingCell,
    InnerCell,
    SampleCell,
    SessionCell,
    TickCell,
    TimePartCell,
    nothing_of,
)
from lingua.backends.machine_lower import NOTHING, Lowering, Section, constant_value
from lingua.backends.machine_ready import FirstBars
from lingua.backends.periods import PeriodBuilder, StreamBar, TickClock
from lingua.backends.scan import StateSteps
from lingua.indicators.memory import numbers_of, state_of, with_state
from lingua.indicators.registry import lookup
from lingua.ir.analysis import FreePrevious, is_read_across, reachable, reading_order
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.warmup import call_parameters
from lingua.trading.instrument import Instrument

Scalar = float | int | str | bool
VERSION = 2
"""Of snapshots; raised when an older one could not be continued with the same bits."""
STAMPS = ("time", "open_time")


class SourceFacts(NamedTuple):
    """What a stream must know of a source before its first bar: its own timeframe and its instrument."""

    timeframe: str
    instrument: Instrument


class Stream:
    """Values of `roots` as bars arrive. `sources` maps "" (the traded symbol) and each data alias to its facts.
    `traces` False lets the formulas of indicators run as Python, with the same bits."""

    def __init__(
        self,
        roots: Iterable[Node],
        params: Mapping[str, Scalar],
        sources: Mapping[str, SourceFacts],
        *,
        traces: bool = True,
    ) -> None:
        self._sources = sources
        free = FreePrevious()
        nodes = reachable(roots)
        self._static: dict[int, Any] = {}
        for node in nodes:
            if node.constancy <= Constancy.PARAM:
                args = [self._static[arg.index] for arg in node.args]
                self._static[node.index] = constant_value(node, params, args)
        own = [node for node in nodes if node.constancy >= Constancy.SERIES and not free.of(node)]
        steps = {node.index: StateSteps(node, free) for node in own if node.op == "state"}
        inputs = {index: each.inputs(free) for index, each in steps.items()}
        self._firsts = FirstBars(own, self._wait, lambda node: inputs[node.index])
        self._lowering = Lowering(self._constant, self._outside, traces=traces)
        self._clocks = {clock: ClockStream(self, clock) for clock in self._list_clocks(own)}
        for node in nodes:
            if node.constancy <= Constancy.PARAM:
                self._lowering.node(node, self._clocks[Clock()].section)
        for node in own:
            section = self._clocks[node.clock].section
            if node.op == "state":
                first = self._firsts.of(node)
                self._lowering.state(node, steps[node.index], section, math.inf if first is None else first)
            else:
                self._lowering.node(node, section)
        self._own = own
        self.order = reading_order(own, sources)
        """The sources in the order in which their bars of one instant are pushed: what is read comes first."""
        self.machine: SeriesMachine = self._lowering.machine()
        for stream in self._clocks.values():
            stream.settle(self.machine)
        self._builders: dict[str, list[tuple[Clock, PeriodBuilder]]] = {name: [] for name in sources}
        for clock in self._clocks:
            facts = sources[clock.source]
            if clock.timeframe and clock.timeframe != facts.timeframe and not self._is_finer(clock):
                builder = PeriodBuilder(clock.timeframe, facts.instrument)
                self._builders[clock.source].append((clock, builder))
        for built in self._builders.values():
            # At one instant the longer period closes first: what the shorter one reads of it has closed by then.
            built.sort(key=lambda item: -item[1].timeframe.seconds)
        self._told_by_others = self._list_told_by_others(own)
        # What is asked for `@T` of the very bars goes first: the bars themselves read it.
        self._plain = {
            name: [self._clocks[c] for c in (Clock(name, facts.timeframe), Clock(name)) if c in self._clocks]
            for name, facts in sources.items()
        }

    def push(self, source: str, bar: StreamBar, timeframe: str = "") -> None:
        """Take the next closed bar of a source; `timeframe` names finer data ("" = the source's own bars)."""
        if timeframe and timeframe != self._sources[source].timeframe:
            fine = Clock(source, timeframe)
            if fine in self._clocks:
                self._clocks[fine].advance(bar)
                for stream in self._clocks.values():
                    stream.gather_inner(fine)
            return
        if self._told_by_others:
            self._close_before(source, bar.ts)
        built = self._builders[source]
        if built:
            closed: list[tuple[int, Clock, StreamBar]] = []
            for clock, builder in built:
                closed.extend((each.ts, clock, each) for each in builder.push(bar))
            closed.sort(key=lambda item: item[0])
            for _, clock, each in closed:
                self._clocks[clock].advance(each)
        for stream in self._plain[source]:
            stream.advance(bar)

    def _close_before(self, source: str, ts: int) -> None:
        """A longer bar that reads another symbol reads it as of its own end: it closes before what comes later."""
        found = []
        for clock, builder in self._told_by_others:
            if clock.source != source and (bar := builder.close_before(ts)) is not None:
                found.append((bar.ts, clock, bar))
        for _, clock, bar in sorted(found, key=lambda item: item[0]):
            self._clocks[clock].advance(bar)

    def value(self, node: Node) -> Any:
        """The node's value as of the last bar of its clock (`na` before the first)."""
        if node.constancy <= Constancy.PARAM and node.index in self._static:
            return self._static[node.index]
        slot = self._lowering.slots.get(node.index)
        if slot is None:
            return nothing_of(node)
        return self.shown(node, self.machine.value(slot))

    def shown(self, node: Node, value: float) -> Any:
        """What a register holds, as a value of the node's kind."""
        if node.kind is Kind.BOOL:
            return int(value)
        return self._lowering.text(value) if node.kind is Kind.STRING else value

    def slots(self, nodes: Iterable[Node]) -> list[int]:
        """The registers of nodes, for `machine.read` and `machine.value`: truth as 0 false, 1 unknown, 2 true."""
        return [self._lowering.slots[node.index] for node in nodes]

    def updater(self, watched: Sequence[Node] = ()) -> Callable[..., int]:
        """The shortest way in, for a stream of one source whose nodes all live on its own bars: a function of (open_ts,
        ts, open, high, low, close, volume), stamps in UTC ns, to be called with each closed bar instead of `push`. Bit
        k of what it returns tells whether the k-th of the `watched` truths holds.

        Raises ValueError when the program reads anything else than that."""
        base = self._clocks[Clock()]
        fields = set(base.section.fields) - set(FIELDS)
        if len(self._clocks) > 1 or fields or any(cell.reads_bar for cell in self._lowering.cells):
            raise ValueError("the program reads more than the prices and volume of the traded symbol's own bars")
        slots = [base.section.fields.get(name, NOTHING) for name in FIELDS[:-1]]
        self.machine.prepare(base.start, base.stop, [*slots, base.number], self.slots(watched))
        update: Callable[..., int] = self.machine.update
        return update

    def is_ready(self, node: Node) -> bool:
        """Whether the node's lookback has passed."""
        first = self._firsts.of(node)
        return first is not None and (node.constancy <= Constancy.PARAM or self._clocks[node.clock].count > first)

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
        lowering, machine = self._lowering, self.machine
        return {
            "version": VERSION,
            "values": numbers_of(machine.read(self.slots(self._own))),
            "kept": [numbers_of(machine.read(list(range(first, first + n)))) for first, n in lowering.kept],
            "calls": [state_of(part.settle(machine)) for part in lowering.calls.values()],
            "cells": [cell.state() for cell in lowering.cells if cell.keeps],
            "found": [list(pair) for pair in self._firsts.found.items()],
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
        lowering, machine = self._lowering, self.machine
        cells = [cell for cell in lowering.cells if cell.keeps]
        for name, ours in (("values", self._own), ("kept", lowering.kept), ("calls", lowering.calls), ("cells", cells)):
            if len(snapshot[name]) != len(ours):
                raise ValueError(f"snapshot of {len(snapshot[name])} {name} for a stream that has {len(ours)}")
        for slot, value in zip(self.slots(self._own), snapshot["values"], strict=True):
            machine.set_value(slot, float(value))
        for (first, n), values in zip(lowering.kept, snapshot["kept"], strict=True):
            for slot, value in zip(range(first, first + n), values, strict=True):
                machine.set_value(slot, float(value))
        for part, state in zip(lowering.calls.values(), snapshot["calls"], strict=True):
            part.take_back(machine, state)
        for cell, state in zip(cells, snapshot["cells"], strict=True):
            cell.set_state(state)
        self._firsts.set_found({int(index): int(bar) for index, bar in snapshot["found"]})
        for clock, stream in self._clocks.items():
            stream.set_state(streams[clock])
        for built in self._builders.values():
            for clock, builder in built:
                builder.restore(with_state(None, builders[clock]))

    # --- made of ---------------------------------------------------------------------------------

    def _list_told_by_others(self, own: Sequence[Node]) -> list[tuple[Clock, PeriodBuilder]]:
        """Longer clocks that read other symbols."""
        reading = {node.clock for node in own if is_read_across(node)}
        return [item for built in self._builders.values() for item in built if item[0] in reading]

    def _list_clocks(self, own: Sequence[Node]) -> list[Clock]:
        found = {node.clock for node in own} | {Clock()}
        return sorted(found, key=lambda clock: (clock.source, clock.timeframe))

    def _is_finer(self, clock: Clock) -> bool:
        from lingua.data.timeframe import Timeframe

        own = self._sources[clock.source].timeframe
        return Timeframe.parse(clock.timeframe).seconds < Timeframe.parse(own).seconds

    def _constant(self, node: Node) -> Any:
        if node.op == "field":  # the symbol: the same on every bar
            return self._sources[node.clock.source].instrument.symbol
        return self._static[node.index]

    def _wait(self, node: Node) -> int:
        """Bars that a node waits once its arguments are there."""
        if node.op == "hist":
            return int(self._static[node.args[1].index])
        spec = lookup(str(node.attrs[0])) if node.op == "call" else None
        return 0 if spec is None else int(spec.lookback(**call_parameters(node, self._constant)))

    def _outside(self, node: Node) -> Cell | None:
        """The cell of a node that reads the bar or another clock; None where the machine has an instruction."""
        instrument = self._sources[node.clock.source].instrument
        match node.op:
            case "inner":
                return self._clocks[node.clock].inner(node)
            case "tick":
                return TickCell(TickClock(str(node.attrs[0]), instrument))
            case "time_part":
                return TimePartCell(str(node.attrs[0]), str(node.attrs[1]) or instrument.session_zone)
            case "session":
                return SessionCell(str(node.attrs[0]), str(node.attrs[1]) or instrument.session_zone)
            case "developing":
                return DevelopingCell(lambda: self._developing(node))
            case "sample" if is_read_across(node):
                return self._sample(node)
            case _:
                return None

    def _sample(self, node: Node) -> Cell:
        from lingua.backends.clocks import fresh_until

        theirs, ours = node.args[0].clock, node.clock
        facts, own = self._sources[theirs.source], self._sources[ours.source]
        lengths = theirs.timeframe or facts.timeframe, ours.timeframe or own.timeframe
        return SampleCell(
            lambda: self._clocks[theirs].bar,
            lambda closed: int(fresh_until(closed, *lengths, facts.instrument)),
            nothing_of(node),
        )

    def _developing(self, node: Node) -> float:
        clock = node.args[0].clock
        builder = self.builder(clock)
        running = builder.running() if builder is not None else None
        if running is not None:
            return self._clocks[clock].peek(node.args[0], running)
        return self.machine.value(self._lowering.slots[node.args[0].index])

    # --- readiness -------------------------------------------------------------------------------

    def is_there(self, node: Node) -> bool:
        """Whether what a node reads from another clock has its lookback."""
        source = node.args[0]
        stream = self._clocks[source.clock]
        first = self._firsts.of(source)
        if node.op == "developing":
            builder = self.builder(source.clock)
            if builder is not None and builder.running() is not None:
                if first is None:
                    first = stream.firsts_at(stream.count).get(source.index)
                return first is not None and stream.count >= first
        return first is not None and stream.count > first

    @property
    def firsts(self) -> FirstBars:
        return self._firsts

    @property
    def lowering(self) -> Lowering:
        return self._lowering


class ClockStream:
    """The nodes of one clock: which instructions they are, and what has been seen of its bars."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self.stream = stream
        self.name = clock
        self.section: Section = stream.lowering.section()
        self.number = stream.lowering.number()
        """The register that holds the number of the last bar."""
        self.section.fields["bar"] = self.number
        self.bar: StreamBar | None = None
        self.kept: dict[int, list[Any]] = {}
        """Nodes, by index, whose value after each bar is to be kept."""
        self.start = self.stop = 0
        self._inner: list[tuple[Node, InnerCell]] = []
        self._waiting: list[Node] = []

    def settle(self, machine: SeriesMachine) -> None:
        """All nodes are written down."""
        self.machine = machine
        self.start, self.stop = self.section.start, self.section.start + len(self.section.code)
        fields = {name: slot for name, slot in self.section.fields.items() if name != "bar" and name not in STAMPS}
        self._names, self._slots = tuple(fields), tuple(fields.values())
        self._stamps = [(name, self.section.fields[name]) for name in STAMPS if name in self.section.fields]
        self._waiting = [node for node in self.stream.firsts.waiting if node.clock == self.name]

    @property
    def count(self) -> int:
        """Bars that have closed."""
        return int(self.machine.value(self.number)) + 1

    def advance(self, bar: StreamBar) -> None:
        """One more closed bar of this clock."""
        self.bar = bar
        if self._waiting:
            self._look()
        if self._stamps:
            self._stamp(self.machine, bar)
        self.machine.advance(self.start, self.stop, self._names, self._slots, bar.fields, bar, self.number)
        for _, cell in self._inner:
            cell.values.clear()
        if self.kept:
            values = self.stream.lowering.slots
            for index, row in self.kept.items():
                row.append(self.machine.value(values[index]))

    def peek(self, root: Node, bar: StreamBar) -> float:
        """The register of `root` if `bar` were the next closed bar; nothing is kept."""
        twin = self.machine.twin(self.start, self.stop)
        if self._waiting:
            firsts = self.firsts_at(self.count)
            for node, slot in self.section.states:
                first = firsts.get(node.index)
                if first is not None:
                    twin.set_value(slot, first)
        self._stamp(twin, bar)
        twin.advance(self.start, self.stop, self._names, self._slots, bar.fields, bar, self.number)
        return twin.value(self.stream.lowering.slots[root.index])

    def inner(self, node: Node) -> InnerCell:
        """The cell of a node that reduces finer bars."""
        cell = InnerCell(str(node.attrs[0]))
        self._inner.append((node, cell))
        return cell

    def gather_inner(self, finer: Clock) -> None:
        """A finer bar closed: remember its values until this clock's bar closes."""
        latest = self.stream.clock(finer).bar
        for node, cell in self._inner:
            if latest is not None and node.args[0].clock == finer:
                cell.values.append((latest.open_ts, float(self.stream.value(node.args[0]))))

    def firsts_at(self, bar: int) -> dict[int, int | None]:
        """The first bar of every node, if what they read from other clocks now is there as of bar `bar` of this one."""
        there = {node.index: bar for node in self._waiting if self.stream.is_there(node)}
        return self.stream.firsts.with_found(there)

    def state(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "bar": None if self.bar is None else [self.bar.open_ts, self.bar.ts, state_of(self.bar.fields)],
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.machine.set_value(self.number, float(state["count"]) - 1.0)
        bar = state["bar"]
        self.bar = None if bar is None else StreamBar(int(bar[0]), int(bar[1]), with_state({}, bar[2]))
        self._waiting = [node for node in self.stream.firsts.waiting if node.clock == self.name]

    def _stamp(self, machine: SeriesMachine, bar: StreamBar) -> None:
        for name, slot in self._stamps:
            machine.set_value(slot, (bar.ts if name == "time" else bar.open_ts) / 1e9)

    def _look(self) -> None:
        """See what has become visible on other clocks; a state that waited for it may start."""
        there = [node for node in self._waiting if self.stream.is_there(node)]
        if not there:
            return
        for node in there:
            self.stream.firsts.note(node, self.count)
        self._waiting = [node for node in self._waiting if node not in there]
        for node, slot in self.section.states:
            first = self.stream.firsts.of(node)
            if first is not None:
                self.machine.set_value(slot, first)
