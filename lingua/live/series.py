"""The series part of one traded symbol: its stream, and what the decision step is fed at each of its bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lingua.backends.decision import DecisionProgram, lower
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.periods import StreamBar
from lingua.ir.analysis import FreePrevious, priced_by, reachable
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.live.readiness import Readiness
from lingua.trading import opcodes

UNKNOWN_YET = float(2**31 - 1)
"""Bars after which a state starts whose lookback is not known: it waits."""


class SymbolSeries:
    """`roots` are what the decisions read, `also` further fill-dependent nodes that get registers, `watched` series to
    be evaluated besides."""

    def __init__(
        self,
        roots: Sequence[Node],
        also: Sequence[Node],
        watched: Sequence[Node],
        params: Mapping[str, Any],
        static: Callable[[Node], Any],
        sources: Mapping[str, SourceFacts],
    ) -> None:
        legs = [name for name in sources if name]
        self.decision: DecisionProgram = lower([*roots, *also], static, legs, lambda _: UNKNOWN_YET)
        series = self.decision.series
        self.stream = Stream([*series, *watched], params, sources)
        self._states = states_of(self.decision, [*roots, *also])
        self.readiness = Readiness(roots, [state for state, _ in self._states], static, sources)
        self._waiting = dict(enumerate(self._states))
        self._slots = self.stream.slots(series)
        self._whose = priced_by([*series, *watched])
        self._powers = [
            (k, node.unit.qty, self._whose[node.index])
            for k, node in enumerate(series)
            if node.unit.qty and node.kind is not Kind.BOOL
        ]
        self.gap = 0

    def push(self, source: str, bar: StreamBar, finer: str = "") -> None:
        """The next closed bar of a source, or of its finer data."""
        self.stream.push(source, bar, finer)
        if not finer:
            self.readiness.push(source, bar.open_ts, bar.ts)

    def values(self, factors: Mapping[str, float] | None) -> Any:
        """(series,) what the decision program reads at the bar just pushed, in the scale in which it traded. `factors`
        are those of the bars of each source that have closed last, "" is the traded symbol; None where nothing was
        split."""
        out = self.stream.machine.read(self._slots)
        if factors is None:
            return out
        for k, power, whose in self._powers:
            if (factor := factors.get(whose, 1.0)) != 1.0:
                out[k] *= _to_power(factor, power)
        return out

    def value(self, node: Node, factors: Mapping[str, float] | None) -> Any:
        """A series as of its last bar, in the scale in which that bar traded."""
        value, power = self.stream.value(node), node.unit.qty
        if factors is None or not power or node.kind is Kind.BOOL or node.constancy < Constancy.SERIES:
            return value
        factor = factors.get(self._whose.get(node.index, ""), 1.0)
        return value if factor == 1.0 else value * _to_power(factor, power)

    def settle_states(self, evaluator: Any) -> None:
        """Tell the evaluator from which bar on its states may start, as far as that has become known."""
        if not self._waiting:
            return
        for key, (state, instruction) in list(self._waiting.items()):
            bars = self.readiness.lookbacks[state.index]
            if bars is not None:
                evaluator.set_lookback(instruction, bars)
                del self._waiting[key]


def _to_power(factor: float, power: int) -> float:
    """As a column is brought to the scale of the day, to the last bit."""
    return float((np.array([factor]) ** power)[0])


def states_of(decision: DecisionProgram, roots: Sequence[Node]) -> list[tuple[Node, int]]:
    """States that the decision program runs, each with its instruction."""
    free = FreePrevious()
    instructions = {
        target: number
        for number, (code, target, *_) in enumerate(decision.code)
        if code in (opcodes.STATE, opcodes.STATE_TRUTH)
    }
    return [
        (node, instructions[decision.slots[node.index]])
        for node in reachable(roots)
        if node.op == "state"
        and node.constancy >= Constancy.SERIES
        and decision.slots.get(node.index) in instructions
        and (node.uses_fills or free.of(node))
    ]
