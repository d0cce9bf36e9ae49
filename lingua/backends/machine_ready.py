"""On which bar of its clock each node first has its lookback: what lets a `state` start.

Most of it is known from the graph alone. What is read from another clock (`sample`, `developing`) is there when the
bars of that clock are: until then nothing that depends on it is known either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lingua.ir.nodes import Constancy, Node

ELSEWHERE = ("sample", "developing")


class FirstBars:
    """`nodes` in the order of evaluation; `wait` gives the bars that a node itself adds to those of its arguments,
    `inputs` the nodes that a `state` reads."""

    def __init__(
        self, nodes: Sequence[Node], wait: Callable[[Node], int], inputs: Callable[[Node], Sequence[Node]]
    ) -> None:
        self._nodes = nodes
        self._waits = {node.index: wait(node) for node in nodes}
        self._inputs = inputs
        self.found: dict[int, int] = {}
        """For each node that reads another clock, the bar on which what it reads was there."""
        self._firsts = self.with_found({})
        self.waiting = [node for node in nodes if node.op in ELSEWHERE]

    def of(self, node: Node) -> int | None:
        """The number of the bar, from 0; None: not known yet."""
        return 0 if node.constancy <= Constancy.PARAM else self._firsts.get(node.index)

    def note(self, node: Node, bar: int) -> None:
        """What `node` reads from another clock is there as of bar `bar` of its own."""
        self.found[node.index] = bar
        self.set_found(self.found)

    def set_found(self, found: Mapping[int, int]) -> None:
        self.found = dict(found)
        self.waiting = [node for node in self._nodes if node.op in ELSEWHERE and node.index not in self.found]
        self._firsts = self.with_found({})

    def with_found(self, more: Mapping[int, int]) -> dict[int, int | None]:
        """The first bar of every node, were `more` found as well."""
        known = {**self.found, **more}
        firsts: dict[int, int | None] = {}
        for node in self._nodes:
            if node.op in ELSEWHERE:
                firsts[node.index] = known.get(node.index)
                continue
            args = self._inputs(node) if node.op == "state" else () if node.op == "inner" else node.args
            theirs = [firsts.get(arg.index) for arg in args if arg.constancy >= Constancy.SERIES]
            longest = None if None in theirs else max((bar for bar in theirs if bar is not None), default=0)
            firsts[node.index] = None if longest is None else longest + self._waits[node.index]
        return firsts
