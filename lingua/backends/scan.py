"""A `state`, run bar by bar: `state s = init => next`, where `prev` is its last valid value.

The state starts, with the value of `init`, at the first bar where `init` is valid and the lookback of `init` and
`next` has passed. A missing `next` gives a missing output on that bar and keeps `prev`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.backends.pointwise import evaluate_scalar
from lingua.ir.analysis import FreePrevious
from lingua.ir.nodes import UNKNOWN, Constancy, Kind, Node

if TYPE_CHECKING:
    from lingua.backends.batch import Batch, Column


class StateCell:
    """One state at run time: what batch and incremental form share."""

    __slots__ = ("is_truth", "previous", "started")

    def __init__(self, *, is_truth: bool) -> None:
        self.is_truth = is_truth
        self.started = False
        self.previous: float = UNKNOWN if is_truth else math.nan

    def is_valid(self, value: float) -> bool:
        return value != UNKNOWN if self.is_truth else value == value

    def step(self, is_ready: bool, init: float, following: Callable[[], float]) -> float:
        """The output at this bar; `following` evaluates `next` with the current `previous`."""
        if not self.started:
            if not is_ready or not self.is_valid(init):
                return UNKNOWN if self.is_truth else math.nan
            self.started = True
            self.previous = init
            return init
        value = following()
        if self.is_valid(value):
            self.previous = value
        return value


class StateSteps:
    """Evaluates the step of a state, and of the states inside it, one bar at a time."""

    def __init__(self, state: Node, free: FreePrevious) -> None:
        self.state = state
        self.cell = StateCell(is_truth=state.kind is Kind.BOOL)
        inside, self.outside = free.body(state)
        nested = {node.attrs[0] for node in inside if node.op == "state"}
        # A node that reads the `prev` of an inner state belongs to that state's step, not to this one.
        self.body = [node for node in inside if not free.of(node) & nested and node.op != "prev"]
        self.previous = [node.index for node in inside if node.op == "prev" and node.attrs[0] == state.attrs[0]]
        self.inner = {node.index: StateSteps(node, free) for node in self.body if node.op == "state"}

    def inputs(self, free: FreePrevious) -> list[Node]:
        """Nodes with columns of their own that this step, or one inside it, reads."""
        found = {node.index: node for node in [*self.outside, self.state.args[0]] if not free.of(node)}
        for steps in self.inner.values():
            found |= {node.index: node for node in steps.inputs(free)}
        return list(found.values())

    def copy(self) -> StateSteps:
        """An independent state with the same contents."""
        twin = copy(self)
        twin.cell = copy(self.cell)
        twin.inner = {index: steps.copy() for index, steps in self.inner.items()}
        return twin

    def step(self, is_ready: bool, values: dict[int, Any]) -> float:
        """`values` holds the inputs of this bar by node index, and receives what the step computes. `is_ready`: the
        lookback of everything the step reads has passed."""

        def following() -> float:
            for index in self.previous:
                values[index] = self.cell.previous
            for node in self.body:
                if node.op == "state":
                    values[node.index] = self.inner[node.index].step(is_ready, values)
                else:
                    values[node.index] = evaluate_scalar(node, [values[arg.index] for arg in node.args])
            result: float = values[self.state.args[1].index]
            return result

        return self.cell.step(is_ready, values[self.state.args[0].index], following)


def scan_state(batch: Batch, state: Node, free: FreePrevious) -> Column:
    """(bars of the state's clock,) values of the state."""
    n = len(batch.feeds.bars(state.clock))
    steps = StateSteps(state, free)
    ready = batch.warmup.lookback(state)
    columns: dict[int, Any] = {}
    values: dict[int, Any] = {}
    for node in steps.inputs(free):
        if node.constancy <= Constancy.PARAM:
            values[node.index] = batch.static(node)
        else:
            columns[node.index] = batch.column(node).tolist()
    is_truth = state.kind is Kind.BOOL
    out = np.empty(n, dtype=np.uint8 if is_truth else np.float64)
    for bar in range(n):
        for index, column in columns.items():
            values[index] = column[bar]
        out[bar] = steps.step(bar >= ready, values)
    return out
