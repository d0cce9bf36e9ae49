"""When a strategy is ready and when it has settled, found while bars arrive.

`lingua.ir.warmup` counts the bars that a value needs. Where the value is read from another clock, that number becomes
one of our own bars only when those bars are there: a backtest looks it up, a live strategy waits for it. Once all is
known nothing more is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lingua.backends.incremental import SourceFacts
from lingua.backends.periods import PeriodBuilder, StreamBar
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import is_read_across, reachable
from lingua.ir.nodes import BASE, Clock, Node
from lingua.ir.warmup import StaticValue, Warmup


class Readiness:
    """Of one traded symbol. `ready`: the number of the bar from which its rules are live; `settled`: the one from which
    the first bar no longer matters; `lookbacks`: the bar from which each of `states` may start. None: not known yet.

    `roots` are what the decisions read; `sources` as a `Stream` takes them.
    """

    def __init__(
        self, roots: Iterable[Node], states: Iterable[Node], static: StaticValue, sources: Mapping[str, SourceFacts]
    ) -> None:
        self.roots = list(roots)
        self.ready: int | None = None
        self.settled: int | None = None
        self.lookbacks: dict[int, int | None] = {state.index: None for state in states}
        self._states = {state.index: state for state in states}
        self._sources = sources
        read_elsewhere = [
            node
            for node in reachable(self.roots)
            if node.op in ("sample", "developing") and not self._is_finer(node.clock)
        ]
        self._counts: dict[Clock, int] = {Clock(source): 0 for source in sources}
        self._builders: dict[str, list[tuple[Clock, PeriodBuilder]]] = {source: [] for source in sources}
        for clock in {self._named(node.clock) for each in read_elsewhere for node in (each, each.args[0])}:
            if clock not in self._counts:
                self._counts[clock] = 0
                builder = PeriodBuilder(clock.timeframe, sources[clock.source].instrument)
                self._builders[clock.source].append((clock, builder))
        reading = {self._named(node.clock) for node in read_elsewhere if is_read_across(node)}
        self._told_by_others = [item for built in self._builders.values() for item in built if item[0] in reading]
        self._lookback = _Needs(self, static, read_elsewhere, settle=False)
        self._settle = _Needs(self, static, read_elsewhere, settle=True)
        self._is_known = False

    def push(self, source: str, open_ts: int, ts: int) -> None:
        """A bar of a source has closed (not one of finer data), in the order in which a `Stream` takes them."""
        if self._is_known:
            return
        bar = StreamBar(open_ts, ts)
        # As a stream does: a longer bar that reads another symbol closes before what comes later.
        over = [(each.ts, clock) for clock, builder in self._told_by_others
                if clock.source != source and (each := builder.close_before(ts)) is not None]  # fmt: skip
        for _, clock in sorted(over, key=lambda item: item[0]):
            self._closed(clock)
        closed = [(each.ts, -builder.timeframe.seconds, clock)
                  for clock, builder in self._builders[source] for each in builder.push(bar)]  # fmt: skip
        for _, _, clock in sorted(closed, key=lambda item: item[:2]):
            self._closed(clock)
        self._closed(Clock(source))
        if not source:
            self._conclude()

    @property
    def is_known(self) -> bool:
        """Whether all is known, so that further bars tell nothing."""
        return self._is_known

    def count(self, clock: Clock) -> int:
        """How many bars of the clock have closed."""
        return self._counts[self._named(clock)]

    def is_forming(self, clock: Clock) -> bool:
        """Whether a whole bar of a longer clock has begun and not closed."""
        named = self._named(clock)
        return any(each == named and builder.running() is not None for each, builder in self._builders[named.source])

    def state(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "ready": self.ready,
            "settled": self.settled,
            "lookbacks": {str(index): bars for index, bars in self.lookbacks.items()},
            "is_known": self._is_known,
            "counts": [[clock.source, clock.timeframe, count] for clock, count in self._counts.items()],
            "builders": [
                [clock.source, clock.timeframe, builder.snapshot()]
                for built in self._builders.values()
                for clock, builder in built
            ],
            "found": [self._lookback.state(), self._settle.state()],
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.ready, self.settled, self._is_known = state["ready"], state["settled"], bool(state["is_known"])
        self.lookbacks = {int(index): bars for index, bars in state["lookbacks"].items()}
        self._counts = {Clock(source, timeframe): int(count) for source, timeframe, count in state["counts"]}
        given = {Clock(source, timeframe): builder for source, timeframe, builder in state["builders"]}
        for built in self._builders.values():
            for clock, builder in built:
                builder.restore(given[clock])
        self._lookback.set_state(state["found"][0])
        self._settle.set_state(state["found"][1])

    def _is_finer(self, clock: Clock) -> bool:
        """Whether its bars lie inside those of its source: what is read there (`inner`) is waited for by nobody."""
        own = Timeframe.parse(self._sources[clock.source].timeframe).seconds
        return bool(clock.timeframe) and Timeframe.parse(clock.timeframe).seconds < own

    def _named(self, clock: Clock) -> Clock:
        """One name for the source's own bars, however they were asked for."""
        return Clock(clock.source) if clock.timeframe == self._sources[clock.source].timeframe else clock

    def _closed(self, clock: Clock) -> None:
        self._counts[clock] += 1
        for needs in (self._lookback, self._settle):
            needs.look(clock)

    def _conclude(self) -> None:
        """What the bars seen so far are enough to know."""
        done = self.count(BASE) - 1
        for index, known in self.lookbacks.items():
            if known is None:
                self.lookbacks[index] = _whole(self._lookback.longest([self._states[index]]))
        if self.ready is None:
            self.ready = _whole(self._lookback.longest(self.roots))
        if self.settled is None:
            self.settled = _whole(self._settle.longest(self.roots))
        never = self._settle.longest(self.roots) == math.inf
        waits = None in self.lookbacks.values() or self.ready is None or (self.settled is None and not never)
        self._is_known = not waits and done >= 0


class _Later(Exception):
    """The bars that would tell are not there yet."""


class _Needs:
    """`Warmup` over clocks whose bars are still arriving."""

    def __init__(self, owner: Readiness, static: StaticValue, read_elsewhere: list[Node], *, settle: bool) -> None:
        self._owner = owner
        self._settle = settle
        self._waiting = read_elsewhere
        self._found: dict[int, int] = {}
        """Node that reads another clock, by index: our bar number at which what it needs was there."""
        self._warmup = Warmup(static, self._convert)

    def longest(self, nodes: Iterable[Node]) -> float | None:
        """Bars that all of the nodes need; None: not known yet."""
        found = [self._of(node) for node in nodes]
        if math.inf in found:
            return math.inf
        return None if None in found else max((bars for bars in found if bars is not None), default=0)

    def look(self, clock: Clock) -> None:
        """One more bar of `clock` has closed: see what has become visible from it."""
        owner = self._owner
        for node in self._waiting:
            if node.index in self._found or owner._named(node.clock) != clock:
                continue
            bars, theirs = self._of(node.args[0]), node.args[0].clock
            if bars is None or bars == math.inf:
                continue
            there = owner.count(theirs) + (node.op == "developing" and owner.is_forming(theirs))
            if there > int(bars):
                self._found[node.index] = owner.count(clock) - 1

    def state(self) -> list[list[int]]:
        return [[index, bar] for index, bar in self._found.items()]

    def set_state(self, state: Iterable[Iterable[int]]) -> None:
        self._found = {int(index): int(bar) for index, bar in state}

    def _of(self, node: Node) -> float | None:
        try:
            return self._warmup.settled(node) if self._settle else self._warmup.lookback(node)
        except _Later:
            return None

    def _convert(self, node: Node, bars: float) -> float:
        if math.isinf(bars):
            return bars
        if node.op == "inner" or self._owner._is_finer(node.clock):
            return 0
        if node.index not in self._found:
            raise _Later
        return self._found[node.index]


def _whole(bars: float | None) -> int | None:
    return None if bars is None or math.isinf(bars) else int(bars)
