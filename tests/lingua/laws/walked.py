"""Series bar by bar, told as plainly as possible: nodes are walked in Python, each by the rule of its operation.

What the machine of `lingua.backends.incremental` must equal to the last bit, whatever it does to be fast. It keeps
its values in a dictionary, its indicators as their incremental forms, and copies everything for a developing bar.
"""

from __future__ import annotations

import copy
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from lingua.backends import clocktime
from lingua.backends.clocks import Feeds, is_stale
from lingua.backends.incremental import SourceFacts
from lingua.backends.periods import PeriodBuilder, StreamBar, TickClock
from lingua.backends.pointwise import evaluate_scalar, reduce_values
from lingua.backends.replay import arrivals, as_column, facts_of
from lingua.backends.scan import StateSteps
from lingua.data.timeframe import Timeframe
from lingua.indicators.registry import lookup
from lingua.ir.analysis import FreePrevious, is_read_across, reachable, reading_order
from lingua.ir.nodes import BASE, FALSE, TRUE, UNKNOWN, Clock, Constancy, Kind, Node
from lingua.ir.warmup import call_parameters


def walked_columns(roots: Iterable[Node], params: Mapping[str, Any], feeds: Feeds) -> dict[int, Any]:
    """Columns of nodes by index, each over the bars of its own clock."""
    wanted = list(roots)
    sources = {"": facts_of(feeds.bars(BASE)), **{name: facts_of(feeds.bars(Clock(name))) for name in feeds.others}}
    walk = Walk(wanted, params, sources)
    rows: dict[int, list[Any]] = {node.index: [] for node in wanted}
    for source, timeframe, bar in arrivals(feeds, walk):
        for clock in walk.push(source, bar, timeframe):
            for node in wanted:
                if node.clock == clock:
                    rows[node.index].append(walk.values[node.index])
    return {node.index: as_column(node, rows[node.index]) for node in wanted}


def nothing(node: Node) -> Any:
    return UNKNOWN if node.kind is Kind.BOOL else math.nan


class Walk:
    def __init__(self, roots: list[Node], params: Mapping[str, Any], sources: Mapping[str, SourceFacts]) -> None:
        self.sources = sources
        self.free = FreePrevious()
        self.values: dict[int, Any] = {}
        nodes = reachable(roots)
        for node in nodes:
            if node.constancy <= Constancy.PARAM:
                self.values[node.index] = self.constant(node, params)
        own = [n for n in nodes if n.constancy >= Constancy.SERIES and not self.free.of(n)]
        self.order = reading_order(own, sources)
        self.across = {n.clock for n in own if is_read_across(n)}
        self.clocks = {c: ClockWalk(self, c, [n for n in own if n.clock == c]) for c in {n.clock for n in own} | {BASE}}
        self.builders = {
            clock: PeriodBuilder(clock.timeframe, sources[clock.source].instrument)
            for clock in sorted(self.clocks, key=lambda c: -self.seconds(c))
            if self.seconds(clock) > self.seconds(Clock(clock.source))
        }

    def seconds(self, clock: Clock) -> float:
        return float(Timeframe.parse(clock.timeframe or self.sources[clock.source].timeframe).seconds)

    def finer_clocks(self) -> list[Clock]:
        return [clock for clock in self.clocks if self.seconds(clock) < self.seconds(Clock(clock.source))]

    def constant(self, node: Node, params: Mapping[str, Any]) -> Any:
        if node.op in ("const", "param"):
            value = node.attrs[0] if node.op == "const" else params[str(node.attrs[0])]
            return (TRUE if value else FALSE) if node.kind is Kind.BOOL else value
        return evaluate_scalar(node, [self.values[arg.index] for arg in node.args])

    def push(self, source: str, bar: StreamBar, timeframe: str) -> Iterator[Clock]:
        """The clocks, each as soon as it has had a bar."""
        own = self.sources[source].timeframe
        if timeframe and timeframe != own:
            fine = Clock(source, timeframe)
            self.clocks[fine].advance(bar)
            for walk in self.clocks.values():
                walk.gather(fine, bar)
            yield fine
            return
        others = [
            (c, b.close_before(bar.ts)) for c, b in self.builders.items() if c.source != source and c in self.across
        ]
        for clock, over in sorted(((c, b) for c, b in others if b is not None), key=lambda item: item[1].ts):
            self.clocks[clock].advance(over)
            yield clock
        closed = [(c, each) for c, b in self.builders.items() if c.source == source for each in b.push(bar)]
        closed.sort(key=lambda item: item[1].ts)
        closed += [(clock, bar) for clock in (Clock(source, own), Clock(source)) if clock in self.clocks]
        for clock, each in closed:
            self.clocks[clock].advance(each)
            yield clock


class ClockWalk:
    def __init__(self, walk: Walk, clock: Clock, nodes: list[Node]) -> None:
        self.walk = walk
        self.clock = clock
        self.nodes = nodes
        self.bar: StreamBar | None = None
        self.count = 0
        self.ready: dict[int, bool] = {}
        self.since: dict[int, int] = {}
        self.cells: dict[Any, Any] = {}
        self.lookbacks: dict[int, int] = {}
        for node in nodes:
            static = walk.values.__getitem__
            if node.op == "hist":
                self.cells[node.index] = deque(maxlen=int(static(node.args[1].index)) + 1)
            elif node.op == "call":
                spec = lookup(str(node.attrs[0]))
                assert spec is not None
                parameters = call_parameters(node, lambda n: walk.values[n.index])
                self.lookbacks[node.index] = spec.lookback(**parameters)
                self.cells.setdefault(key_of(node), Call(spec, parameters))
            elif node.op == "state":
                self.cells[node.index] = Recursion(StateSteps(node, walk.free))
            elif node.op == "inner":
                self.cells[node.index] = []
            elif node.op == "tick":
                self.cells[node.index] = TickClock(str(node.attrs[0]), walk.sources[clock.source].instrument)

    def advance(self, bar: StreamBar) -> None:
        self.bar = bar
        self.count += 1
        for node in self.nodes:
            self.walk.values[node.index] = self.evaluate(node, bar)
            self.ready[node.index] = self.is_ready(node)
        for node in self.nodes:
            if node.op == "inner":
                self.cells[node.index].clear()

    def peek(self, root: Node, bar: StreamBar) -> tuple[Any, bool]:
        twin = copy.copy(self)
        twin.ready, twin.since = dict(self.ready), dict(self.since)
        twin.cells = {key: copied(cell) for key, cell in self.cells.items()}
        kept = dict(self.walk.values)
        try:
            twin.advance(bar)
            return self.walk.values[root.index], twin.ready[root.index]
        finally:
            self.walk.values.clear()
            self.walk.values.update(kept)

    def gather(self, finer: Clock, bar: StreamBar) -> None:
        for node in self.nodes:
            if node.op == "inner" and node.args[0].clock == finer:
                self.cells[node.index].append((bar.open_ts, self.walk.values[node.args[0].index]))

    def evaluate(self, node: Node, bar: StreamBar) -> Any:
        values = self.walk.values
        zone = self.walk.sources[self.clock.source].instrument.session_zone
        match node.op:
            case "field":
                return self.field(str(node.attrs[0]), bar)
            case "hist":
                ring = self.cells[node.index]
                ring.append(values[node.args[0].index])
                return ring[0] if len(ring) == ring.maxlen else nothing(node)
            case "call":
                return self.cells[key_of(node)].value(node, self.count, values)
            case "state":
                recursion = self.cells[node.index]
                return recursion.step(self.inputs_are_ready(recursion), values)
            case "sample":
                return self.sample(node, bar)
            case "developing":
                return self.developing(node)[0]
            case "inner":
                inside = [v for opened, v in self.cells[node.index] if opened >= bar.open_ts and v == v]
                return reduce_values(inside, str(node.attrs[0]))
            case "tick":
                return TRUE if self.cells[node.index].push(bar) else FALSE
            case "time_part":
                stamp = np.array([values[node.args[0].index]], dtype=np.float64)
                return float(clocktime.part(stamp, str(node.attrs[0]), str(node.attrs[1]) or zone)[0])
            case "session":
                opened, closed = (np.array([values[arg.index]], dtype=np.float64) for arg in node.args)
                inside = clocktime.inside_session(opened, closed, str(node.attrs[0]), str(node.attrs[1]) or zone)
                return TRUE if inside[0] else FALSE
            case _:
                return evaluate_scalar(node, [values[arg.index] for arg in node.args])

    def field(self, name: str, bar: StreamBar) -> Any:
        stamps = {"bar": float(self.count - 1), "time": bar.ts / 1e9, "open_time": bar.open_ts / 1e9}
        if name == "symbol":
            return self.walk.sources[self.clock.source].instrument.symbol
        return stamps[name] if name in stamps else bar.fields.get(name, math.nan)

    def sample(self, node: Node, bar: StreamBar) -> Any:
        source = node.args[0].clock
        theirs, facts = self.walk.clocks[source].bar, self.walk.sources
        if theirs is None:
            return nothing(node)
        if source.source != self.clock.source:
            lengths = [c.timeframe or facts[c.source].timeframe for c in (source, self.clock)]
            if is_stale(theirs.ts, bar.ts, *lengths, facts[source.source].instrument):
                return nothing(node)
        return self.walk.values[node.args[0].index]

    def developing(self, node: Node) -> tuple[Any, bool]:
        clock = node.args[0].clock
        builder, theirs = self.walk.builders.get(clock), self.walk.clocks[clock]
        running = builder.running() if builder is not None else None
        if running is not None:
            return theirs.peek(node.args[0], running)
        if theirs.bar is None:
            return nothing(node), False
        return self.walk.values[node.args[0].index], theirs.ready.get(node.args[0].index, False)

    # --- readiness -------------------------------------------------------------------------------

    def is_known(self, node: Node) -> bool:
        return node.constancy <= Constancy.PARAM or self.walk.clocks[node.clock].ready_as(self, node)

    def ready_as(self, asking: ClockWalk, node: Node) -> bool:
        """A twin that peeks asks for its own nodes."""
        of = asking if asking.clock == self.clock else self
        return of.ready.get(node.index, False)

    def inputs_are_ready(self, recursion: Recursion) -> bool:
        return all(self.is_known(node) for node in recursion.steps.inputs(self.walk.free))

    def is_ready(self, node: Node) -> bool:
        if node.op == "inner":
            return True
        if node.op == "developing":
            return self.developing(node)[1]
        if node.op == "state":
            return self.inputs_are_ready(self.cells[node.index])
        if not all(self.is_known(arg) for arg in node.args):
            return False
        wait = self.cells[node.index].maxlen - 1 if node.op == "hist" else self.lookbacks.get(node.index, 0)
        self.since[node.index] = self.since.get(node.index, -1) + 1
        return self.since[node.index] >= wait


def key_of(node: Node) -> tuple[object, ...]:
    return (node.attrs[0], *(arg.index for arg in node.args))


def copied(cell: Any) -> Any:
    return cell.copy() if isinstance(cell, Call | Recursion) else copy.deepcopy(cell)


class Call:
    """One indicator call, fed only with observations: bars where all inputs are valid."""

    def __init__(self, spec: Any, parameters: Mapping[str, Any]) -> None:
        self.spec = spec
        self.form = spec.incremental(**parameters)
        self.outputs = [output.name for output in spec.outputs]
        self.bar = 0
        self.latest: tuple[float, ...] = ()

    def value(self, node: Node, bar: int, values: dict[int, Any]) -> Any:
        if bar != self.bar:
            self.bar = bar
            self.latest = self.update(node, values)
        chosen = str(node.attrs[1]) if len(node.attrs) > 1 and node.attrs[1] else self.outputs[0]
        value = self.latest[self.outputs.index(chosen)]
        if node.kind is Kind.BOOL:
            return UNKNOWN if value != value else TRUE if value > 0.5 else FALSE
        return value

    def update(self, node: Node, values: dict[int, Any]) -> tuple[float, ...]:
        inputs = []
        for arg in node.args[: len(self.spec.inputs)]:
            value = values[arg.index]
            if value == UNKNOWN if arg.kind is Kind.BOOL else value != value:
                return (math.nan,) * len(self.outputs)
            inputs.append(float(value))
        return tuple(math.nan if math.isinf(v) else float(v) for v in self.form.update(*inputs))

    def copy(self) -> Call:
        twin = copy.copy(self)
        twin.form = self.form.copy()
        return twin


class Recursion:
    """A state: it starts, with the value of `init`, at the first bar where `init` is valid and the lookback of all it
    reads has passed; a missing `next` gives a missing output and keeps `prev`."""

    def __init__(self, steps: StateSteps) -> None:
        self.steps = steps
        self.started = False
        self.previous: float = nothing(steps.state)
        self.inner = {index: Recursion(each) for index, each in steps.inner.items()}

    def copy(self) -> Recursion:
        twin = copy.copy(self)
        twin.inner = {index: each.copy() for index, each in self.inner.items()}
        return twin

    def step(self, is_ready: bool, values: dict[int, Any]) -> float:
        init = self.steps.state.args[0]
        if not self.started:
            if not is_ready or not self.is_valid(values[init.index]):
                return nothing(self.steps.state)
            self.started = True
            self.previous = values[init.index]
            return self.previous
        for index in self.steps.previous:
            values[index] = self.previous
        for node in self.steps.body:
            if node.op == "state":
                values[node.index] = self.inner[node.index].step(is_ready, values)
            else:
                values[node.index] = evaluate_scalar(node, [values[arg.index] for arg in node.args])
        found: float = values[self.steps.state.args[1].index]
        if self.is_valid(found):
            self.previous = found
        return found

    def is_valid(self, value: float) -> bool:
        return value != UNKNOWN if self.steps.state.kind is Kind.BOOL else value == value
