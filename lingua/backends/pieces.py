"""Columns of a series that never lies in memory as a whole: made piece after piece of bars, the same bits as in one.

Fields are read from the bars of the piece; pointwise operations, windows and the indicators of `blocks.CARRIED` go on
as they do from block to block (`blocks`). All else (other timeframes, states, indicators without such a form) is taken
from the incremental back end, which is slower and goes on by its nature. Memory holds one piece, and the look-backs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends import elementary, truths
from lingua.backends.batch import Batch
from lingua.backends.blocks import BLOCK, POINTWISE, Plan, Step, has_short_memory
from lingua.backends.clocks import Feeds
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.replay import arrivals
from lingua.ir.nodes import BASE, Clock, Constancy, Kind, Node

Column = NDArray[Any]
Scalar = float | int | str | bool
functions: Any = elementary  # its signatures are Cython's

LONGEST_WINDOW = 65_536
"""Bars; a longer window is seen bar by bar, not again with each piece."""
PRICES = ("open", "high", "low", "close", "volume")


class PieceFeeds(Feeds):
    """The bars of one piece of every source; `first` bars of the traded symbol came before."""

    def __init__(self, own: Any, data: Mapping[str, Any], finer: Mapping[tuple[str, str], Any], first: int) -> None:
        super().__init__(own, data, finer)
        self.first = first

    def field(self, clock: Clock, name: str) -> Any:
        if name == "bar" and clock == BASE:
            return np.arange(self.first, self.first + len(self.bars(clock)), dtype=np.float64)
        return super().field(clock, name)


class Pieces:
    """Columns of `roots` (series on the bars of the traded symbol), piece by piece. `sources` as a `Stream` takes
    them."""

    def __init__(
        self, roots: Iterable[Node], params: Mapping[str, Scalar], sources: Mapping[str, SourceFacts], feeds: PieceFeeds
    ) -> None:
        self._roots = list({root.index: root for root in roots}.values())
        self._batch = Batch(feeds, params)
        self._plan = _PiecePlan(self._batch, self._roots)
        self._bar_by_bar = _Stream(self._plan.slow, params, sources) if self._plan.slow else None
        self._columns: dict[int, Column] = {}

    @property
    def slow(self) -> list[Node]:
        """What is made bar by bar."""
        return self._plan.slow

    def take(self, feeds: PieceFeeds) -> None:
        """Go on over the next bars of every source, in order of time."""
        self._batch.feeds = feeds
        n = len(feeds.bars(BASE))
        whole = {} if self._bar_by_bar is None else self._bar_by_bar.take(feeds)
        kept = {
            root.index: np.empty(n, dtype=np.uint8 if root.kind is Kind.BOOL else np.float64) for root in self._roots
        }
        self._plan.open(whole)
        with np.errstate(all="ignore"):
            for first in range(0, n, BLOCK):
                last = min(first + BLOCK, n)
                values = self._plan.run(first, last)
                for index, column in kept.items():
                    column[first:last] = values[index]
        self._columns = kept

    def column(self, node: Node) -> Column:
        """(bars of the piece,) of one of the roots."""
        return self._columns[node.index]


class _PiecePlan(Plan):
    """What can go on from piece to piece by columns; `slow` is the rest, which has to be handed in."""

    def __init__(self, batch: Batch, roots: list[Node]) -> None:
        self.slow: list[Node] = []
        self._fields: list[Node] = []
        super().__init__(batch, roots)

    def open(self, given: Mapping[int, Column]) -> None:
        """Stand before a piece, whose slow columns are `given`."""
        feeds = self._batch.feeds
        for node in self._fields:
            value = feeds.field(node.clock, str(node.attrs[0]))
            self._values[node.index] = value
            self.whole[node.index] = value
        self.whole.update(given)
        self._columns = [(index, value) for index, value in self.whole.items() if isinstance(value, np.ndarray)]

    def _divided(self, roots: Sequence[Node]) -> dict[int, Node]:
        nodes: dict[int, Node] = {}
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.index in seen:
                continue
            seen.add(node.index)
            if node.constancy <= Constancy.PARAM:
                self.whole[node.index] = self._batch.static(node)
            elif node.op == "field" and node.clock == BASE:
                self._fields.append(node)
            elif self._goes_on(node):
                nodes[node.index] = node
                stack.extend(node.args)
            else:
                self.slow.append(node)
        self.slow.sort(key=lambda node: node.index)
        return nodes

    def _goes_on(self, node: Node) -> bool:
        if node.clock != BASE or node.kind is Kind.STRING or not truths.COMPILED:
            return False
        if node.op in POINTWISE or node.op in ("pow", "time_part", "session"):
            return True
        return has_short_memory(node, self._batch, LONGEST_WINDOW)

    def _step(self, node: Node) -> Step:
        return _power if node.op == "pow" else super()._step(node)


def _power(args: list[Any], size: int) -> Column:
    x, y = (
        np.require(each, np.float64, ["C", "W"]) if isinstance(each, np.ndarray) else np.full(size, float(each))
        for each in args
    )
    out = np.empty(size)
    functions.power(x, y, out)
    return out


class _Stream:
    """Columns from the incremental back end."""

    def __init__(self, nodes: list[Node], params: Mapping[str, Scalar], sources: Mapping[str, SourceFacts]) -> None:
        self._nodes = nodes
        self._stream = Stream(nodes, params, sources)
        self._slots = self._stream.slots(nodes)
        try:
            self._update: Any = self._stream.updater()
        except ValueError:
            self._update = None

    def take(self, feeds: PieceFeeds) -> dict[int, Column]:
        bars = feeds.bars(BASE)
        rows = np.empty((len(bars), len(self._nodes)))
        read, slots = self._stream.machine.read, self._slots
        if self._update is not None:
            update = self._update
            columns = [np.asarray(feeds.field(BASE, name)).tolist() for name in PRICES]
            for k, bar in enumerate(zip(bars.open_ts.tolist(), bars.ts.tolist(), *columns, strict=True)):
                update(*bar)
                rows[k] = read(slots)
        else:
            k = 0
            for source, timeframe, each in arrivals(feeds, self._stream):
                self._stream.push(source, each, timeframe)
                if not source and not timeframe:
                    rows[k] = read(slots)
                    k += 1
        return {
            node.index: np.ascontiguousarray(column).astype(np.uint8 if node.kind is Kind.BOOL else np.float64)
            for node, column in zip(self._nodes, rows.T, strict=True)
        }
