"""A `state` over columns: `state s = init => next`, where `prev` is its last valid value.

The state starts, with the value of `init`, at the first bar where `init` is valid and the lookback of `init` and
`next` has passed. A missing `next` gives a missing output on that bar and keeps `prev`. It cannot be computed column by
column; the machine that steps it live runs over the columns of what it reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingua.ir.analysis import FreePrevious
from lingua.ir.nodes import Constancy, Kind, Node

if TYPE_CHECKING:
    from lingua.backends.batch import Batch, Column


class StateSteps:
    """What the step of a state is made of: the nodes it evaluates, the states inside it, and what it reads."""

    def __init__(self, state: Node, free: FreePrevious) -> None:
        self.state = state
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


def scan_state(batch: Batch, state: Node, free: FreePrevious) -> Column:
    """(bars of the state's clock,) values of the state."""
    from lingua.backends.machine_lower import Lowering

    steps = StateSteps(state, free)
    read = [node for node in steps.inputs(free) if node.constancy >= Constancy.SERIES]
    lowering = Lowering(batch.static, lambda _: None)
    section = lowering.section()
    slots = [lowering.given(node) for node in read]
    lowering.state(state, steps, section, batch.warmup.lookback(state))
    machine = lowering.machine()
    bars = len(batch.feeds.bars(state.clock))
    columns = np.array([lowering.numbers(node, batch.column(node)) for node in read], dtype=np.float64)
    found: Column = machine.scan(
        0, len(section.code), slots, columns.reshape(len(read), bars), lowering.slots[state.index]
    )
    return found.astype(np.uint8) if state.kind is Kind.BOOL else found
