"""The series part of one traded symbol: its stream, and what the decision step is fed at each of its bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lingua.backends.decision import DecisionProgram, lower
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.periods import StreamBar
from lingua.ir.analysis import FreePrevious, reachable
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
        self._powers = [
            (k, node.unit.qty) for k, node in enumerate(series) if node.unit.qty and node.kind is not Kind.BOOL
        ]
        self.gap = 0

    def push(self, source: str, bar: StreamBar, finer: str = "") -> None:
        """The next closed bar of a source, or of its finer data."""
        self.stream.push(source, bar, finer)
        if not finer:
            self.readiness.push(source, bar.open_ts, bar.ts)

    def values(self, factor: float) -> Any:
        """(series,) what the decision program reads at the bar just pushed, in the scale in which it traded."""
        out = self.stream.machine.read(self._slots)
        if factor != 1.0:
            scale = np.array([factor])
            for k, power in self._powers:
                out[k] *= float((scale**power)[0])
        return out

    def settle_states(self, evaluator: Any) -> None:
        """Tell the evaluator from which bar on its states may start, as far as that has become known."""
        if not self._waiting:
            return
        for key, (state, instruction) in list(self._waiting.items()):
            bars = self.readiness.lookbacks[state.index]
            if bars is not None:
                evaluator.set_lookback(instruction, bars)
                del self._waiting[key]


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
