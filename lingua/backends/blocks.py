"""Columns made block after block, so that what lies between two of them never leaves the processor's cache.

`Batch` makes one node after the other over all bars, and a column of a million bars is written to memory to be read
back by the next node. Here all nodes are taken over a block of bars before the next block begins, and only the columns
that were asked for are kept. The answer is that of `Batch` to the last bit: pointwise operations are the same
functions, windows (`settle` 0) see the bars before the block again, and the indicators of `CARRIED` go on where the
block before left them, which the tests hold over the whole library. Whatever else a program has is made by `Batch`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends import truths
from lingua.backends.batch import COMPARISONS, CROSSINGS, OPERATIONS, Batch, crossed, doubled
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.declare import MAKERS, shown
from lingua.indicators.kernels import Smoother, side_by_side
from lingua.indicators.registry import lookup
from lingua.ir.nodes import BASE, FALSE, UNKNOWN, Constancy, Kind, Node
from lingua.ir.warmup import call_parameters

Column = NDArray[Any]
Step = Callable[[list[Any], int], Any]
"""(values of the arguments over the block, bars of the block) -> values of the node."""

BLOCK = 32_768
"""Bars: a handful of columns of that length stand in the second-level cache."""
LONGEST_WINDOW = BLOCK // 8
"""A longer one would see most of its bars twice."""
POINTWISE = frozenset({
    "add", "sub", "mul", "div", "neg", "gt", "ge", "lt", "le", "eq", "ne", "and", "or", "not", "is_na", "coalesce",
    "select", "fn1", "fnN",
})  # fmt: skip
CARRIED = frozenset({
    "apo", "cmo", "dema", "dema_first", "ema", "ema_first", "macd", "macdfix", "ppo", "pvo", "rma", "rsi", "t3", "tema",
    "tema_first",
})  # fmt: skip
"""Formulas whose columns may be made in pieces by one and the same calculation."""


def fill(batch: Batch, roots: Sequence[Node]) -> None:
    """Give `batch` the columns of `roots`, as far as they can be made in blocks."""
    filling = begin(batch, roots)
    if filling is not None:
        filling.go_on(filling.size)


def begin(batch: Batch, roots: Sequence[Node]) -> Filling | None:
    """Give `batch` columns for `roots`, as far as they can be made in blocks, whose values come as `go_on` is called.
    None where there are none."""
    n = len(batch.feeds.bars(BASE))
    if n < 2 * BLOCK or not truths.COMPILED:
        return None
    wanted = {root.index: root for root in roots if batch.computed(root) is None and _is_blockwise(batch, root)}
    return Filling(batch, list(wanted.values()), n) if wanted else None


class Filling:
    """Columns of `size` bars of which the first `done` are made."""

    def __init__(self, batch: Batch, roots: list[Node], size: int) -> None:
        self.size = size
        self.done = 0
        self._plan = Plan(batch, roots)
        self._kept = {
            node.index: np.empty(size, dtype=np.uint8 if node.kind is Kind.BOOL else np.float64) for node in roots
        }
        for index, column in self._kept.items():
            batch.give(index, column)

    def has(self, node: Node) -> bool:
        return node.index in self._kept

    def go_on(self, until: int) -> None:
        """Make whole blocks, as far as bar `until` at least."""
        with np.errstate(all="ignore"):
            while self.done < until:
                last = min(self.done + BLOCK, self.size)
                values = self._plan.run(self.done, last)
                for index, column in self._kept.items():
                    column[self.done : last] = values[index]
                self.done = last


def _is_blockwise(batch: Batch, node: Node) -> bool:
    if node.clock != BASE or node.kind is Kind.STRING or node.constancy < Constancy.SERIES:
        return False
    if any(arg.kind is Kind.STRING and arg.constancy >= Constancy.SERIES for arg in node.args):
        return False
    if node.op in POINTWISE:
        return node.kind is not Kind.INT and not (node.args and node.args[0].kind is Kind.STRING)
    return has_short_memory(node, batch, LONGEST_WINDOW)


def has_short_memory(node: Node, batch: Batch, longest: int) -> bool:
    """Whether a history or a call looks back no further than `longest` bars, or carries what it needs."""
    if node.op == "hist":
        return int(batch.static(node.args[1])) <= longest
    if node.op != "call":
        return False
    spec = lookup(str(node.attrs[0]))
    if spec is None:
        return False
    if spec.name in CROSSINGS or spec.name in CARRIED:
        return True
    parameters = call_parameters(node, batch.static)
    return spec.settle(**parameters) == 0 and spec.lookback(**parameters) <= longest


class _Complete:
    """Which nodes have a value on every bar of the block; asked of each once. It knows the values and not the plan: the
    two would hold each other, and the block's columns with them."""

    def __init__(self, values: dict[int, Any]) -> None:
        self.known_from: dict[int, int] = {}
        self._values = values
        self._found: dict[int, bool] = {}
        self._first = 0

    def begin(self, first: int) -> None:
        """A block that begins with bar `first`."""
        self._first = first
        self._found.clear()

    def has(self, *nodes: Node) -> bool:
        for node in nodes:
            found = self._found.get(node.index)
            if found is None:
                found = 0 <= self.known_from.get(node.index, -1) <= self._first or self._is_whole(node)
                self._found[node.index] = found
            if not found:
                return False
        return True

    def _is_whole(self, node: Node) -> bool:
        value = self._values[node.index]
        if not isinstance(value, np.ndarray):
            return bool(value == value)
        return not (value == UNKNOWN).any() if node.kind is Kind.BOOL else not np.isnan(value).any()


class Plan:
    """The nodes between whole columns and the roots, in order, each with its step."""

    def __init__(self, batch: Batch, roots: list[Node]) -> None:
        self.roots = roots
        self.whole: dict[int, Any] = {}
        self._batch = batch
        self._values: dict[int, Any] = {}
        self._complete = _Complete(self._values)
        self._steps: list[tuple[Node, Step]] = []
        self._smoothers: dict[int, _Smoothing] = {}
        self._calls: dict[tuple[object, ...], _Calling] = {}
        nodes = self._divided(roots)
        for index in sorted(nodes):
            self._steps.append((nodes[index], self._step(nodes[index])))
        self._columns = [(index, value) for index, value in self.whole.items() if isinstance(value, np.ndarray)]
        self._values.update(self.whole)
        # What every run over the same bars would ask again is known of prices.
        self._complete.known_from = {
            node.index: batch.first_number(node)
            for node in (arg for each in nodes.values() for arg in each.args)
            if node.op == "field" and node.kind is Kind.NUM and node.clock == BASE and node.index in self.whole
        }

    def _divided(self, roots: Sequence[Node]) -> dict[int, Node]:
        """The nodes that have a step here, by number; what they read besides is put into `whole`."""
        batch = self._batch
        nodes: dict[int, Node] = {}
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.index in nodes or node.index in self.whole:
                continue
            if node.constancy <= Constancy.PARAM:
                self.whole[node.index] = batch.static(node)
            elif batch.computed(node) is not None or not _is_blockwise(batch, node):
                self.whole[node.index] = batch.column(node)
            else:
                nodes[node.index] = node
                stack.extend(node.args)
        return nodes

    def run(self, first: int, last: int) -> dict[int, Any]:
        """Values of all nodes over the block, by node number."""
        values = self._values
        self._complete.begin(first)
        for index, column in self._columns:
            values[index] = column[first:last]
        for node, step in self._steps:
            values[node.index] = step([values[arg.index] for arg in node.args], last - first)
        return values

    def _step(self, node: Node) -> Step:
        if node.op == "hist":
            return _History(node, int(self._batch.static(node.args[1])))
        if node.op != "call":
            return self._pointwise(node)
        spec = lookup(str(node.attrs[0]))
        assert spec is not None
        if spec.name in CROSSINGS:
            return _Crossing(self._complete, node, is_above=spec.name == "cross_above")
        parameters = call_parameters(node, self._batch.static)
        if spec.name in CARRIED:
            calculation = MAKERS[spec.name](**parameters)
            if isinstance(calculation, Smoother):
                return self._smoothing(node, calculation)
        key = (spec.name, *(arg.index for arg in node.args))
        if key not in self._calls:
            inputs = node.args[: len(spec.inputs)]
            are_truths = [arg.kind is Kind.BOOL for arg in inputs]
            complete = self._complete
            self._calls[key] = _Calling(spec, parameters, are_truths, lambda k: complete.has(inputs[k]))
        return _Output(self._calls[key], node, spec)

    def _smoothing(self, node: Node, kernel: Smoother) -> Step:
        """Two averages of one source are made side by side."""
        source = node.args[0].index
        waiting = self._smoothers.pop(source, None)
        if waiting is not None:
            return waiting.beside(kernel)
        self._smoothers[source] = _Smoothing(kernel)
        return self._smoothers[source]

    def _pointwise(self, node: Node) -> Step:
        handler, batch = OPERATIONS[node.op], self._batch
        dtype = np.uint8 if node.kind is Kind.BOOL else np.float64
        if node.op in COMPARISONS and all(arg.kind in (Kind.NUM, Kind.INT) for arg in node.args):
            compare, complete = COMPARISONS[node.op], self._complete

            def comparison(args: list[Any], size: int) -> Any:
                if complete.has(*node.args):
                    found = compare(*args)
                    return doubled(found) if np.ndim(found) else np.full(size, 2 * found, dtype=np.uint8)
                found = handler(batch, node, args)
                return found if np.ndim(found) else np.full(size, found, dtype=np.uint8)

            return comparison

        def step(args: list[Any], size: int) -> Any:
            found = handler(batch, node, args)
            return found if np.ndim(found) else np.full(size, found, dtype=dtype)

        return step


class _History:
    """`source[offset]`"""

    def __init__(self, node: Node, offset: int) -> None:
        is_truth = node.kind is Kind.BOOL
        self._kind = np.uint8 if is_truth else np.float64
        self._before = np.full(offset, UNKNOWN if is_truth else np.nan, dtype=self._kind)

    def __call__(self, args: list[Any], size: int) -> Any:
        source = args[0] if isinstance(args[0], np.ndarray) else np.full(size, args[0], dtype=self._kind)
        joined = np.concatenate((self._before, source))
        self._before = joined[size:]
        return joined[:size]


class _Crossing:
    def __init__(self, complete: _Complete, node: Node, *, is_above: bool) -> None:
        self._complete = complete
        self._sides = node.args[:2]
        self._is_above = is_above
        self._carry = np.zeros(2, dtype=np.uint8)

    def __call__(self, args: list[Any], size: int) -> Any:
        left, right = (_floats(each, size) for each in args[:2])
        if not self._is_above:
            left, right = right, left
        return crossed(left, right, self._carry, is_known=self._complete.has(*self._sides))


class _Smoothing:
    """Exponential averages: their columns hold no infinity, and missing values pass by."""

    def __init__(self, kernel: Smoother) -> None:
        self._kernel = kernel
        self._second: Smoother | None = None
        self._other: Any = None

    def __call__(self, args: list[Any], size: int) -> Any:
        source = _floats(args[0], size)
        if self._second is None:
            return self._kernel(source)
        own, self._other = side_by_side(self._kernel, self._second, source)
        return own

    def beside(self, second: Smoother) -> Step:
        self._second = second
        return lambda args, size: self._other


class _Calling:
    """An indicator over the observations of a block: bars on which all inputs are valid."""

    def __init__(
        self, spec: IndicatorSpec, parameters: dict[str, Any], are_truths: Sequence[bool],
        is_complete: Callable[[int], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        """`is_complete` knows of an input that none of its values is missing."""
        self._spec = spec
        self._parameters = parameters
        self._are_truths = are_truths
        self._is_complete = is_complete
        self._lookback = spec.lookback(**parameters)
        self._calculation = MAKERS[spec.name](**parameters) if spec.name in CARRIED else None
        self._before = [np.empty(0)] * len(are_truths)
        self._seen = 0
        self._source: Any = None
        self._found: list[Column] = []

    def columns(self, args: list[Any], size: int) -> list[Column]:
        """One for each output. Asked for once for each output with the same arguments."""
        given = args[: len(self._are_truths)]
        if self._source is not None and all(a is b for a, b in zip(self._source, given, strict=True)):
            return self._found
        rows = [_floats(each, size) for each in given]
        valid: NDArray[np.bool_] | None = None
        for k, (row, is_truth) in enumerate(zip(rows, self._are_truths, strict=True)):
            if self._is_complete(k):
                continue
            missing = row == UNKNOWN if is_truth else np.isnan(row)
            if missing.any():
                valid = ~missing if valid is None else valid & ~missing
        if valid is not None:
            rows = [np.ascontiguousarray(row[valid]) for row in rows]
        found = [self._scattered(each, valid, size) for each in self._observed(rows)]
        self._source, self._found = given, found
        return found

    def _observed(self, rows: list[Column]) -> list[Column]:
        count = len(rows[0])
        if not count:
            return [np.empty(0)] * len(self._spec.outputs)
        if self._calculation is not None:
            made = self._calculation(*rows)
            first = max(0, self._lookback - self._seen)
            self._seen += count
            return [shown(each, first, rows) for each in (made if isinstance(made, tuple) else (made,))]
        joined = [np.concatenate((old, row)) for old, row in zip(self._before, rows, strict=True)]
        self._before = [each[max(0, len(each) - self._lookback) :] for each in joined]
        return [each[len(each) - count :] for each in self._spec.batch(*joined, **self._parameters)]

    def _scattered(self, values: Column, valid: NDArray[np.bool_] | None, size: int) -> Column:
        if valid is None:
            return values
        out = np.full(size, np.nan)
        out[valid] = values
        return out


class _Output:
    """One output of a call."""

    def __init__(self, calling: _Calling, node: Node, spec: IndicatorSpec) -> None:
        names = [output.name for output in spec.outputs]
        self._calling = calling
        self._number = names.index(str(node.attrs[1])) if len(node.attrs) > 1 and node.attrs[1] else 0
        self._is_truth = node.kind is Kind.BOOL

    def __call__(self, args: list[Any], size: int) -> Any:
        column = self._calling.columns(args, size)[self._number]
        if not self._is_truth:
            return column
        return np.where(np.isnan(column), UNKNOWN, np.where(column > 0.5, 2, FALSE)).astype(np.uint8)


def _floats(value: Any, size: int) -> NDArray[np.float64]:
    """Contiguous, writable float64, as compiled code takes it."""
    if not isinstance(value, np.ndarray):
        return np.full(size, float(value))
    return np.require(value, np.float64, ["C", "W"])
