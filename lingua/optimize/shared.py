"""What the combinations of a sweep have in common: bars, and columns that some or all of them read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backtest.bind import Bound, bind_legs, bind_symbol, fill_columns, shown_fills, warmup_of
from lingua.backtest.result import Result
from lingua.backtest.run import build_run, gather
from lingua.data.bars import Bars
from lingua.data.market import Market
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.ir.program import ParamValue, Program
from lingua.optimize.trials import Trial, Trials
from lingua.trading.execution import Execution

CACHED_BYTES = 256 * 2**20
"""Columns kept for other combinations; the ones not read for longest go first."""

Column = NDArray[Any]
Key = tuple[int, int, tuple[ParamValue, ...]]


class Columns:
    """Columns by symbol, node and the values of the varied parameters the node reads. Safe to use from threads."""

    def __init__(self, varied: frozenset[str]) -> None:
        self.varied = varied
        self._columns: OrderedDict[Key, Column] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._reads: dict[int, frozenset[str]] = {}
        self._names: dict[int, tuple[str, ...] | None] = {}

    def reads(self, node: Node) -> frozenset[str]:
        """The varied parameters on which a node depends."""
        stack = [node]
        while stack:
            each = stack[-1]
            if each.index in self._reads:
                stack.pop()
                continue
            waiting = [arg for arg in each.args if arg.index not in self._reads]
            if waiting:
                stack.extend(waiting)
                continue
            own = {str(each.attrs[0])} & self.varied if each.op == "param" else frozenset()
            self._reads[each.index] = frozenset(own).union(*(self._reads[arg.index] for arg in each.args))
            stack.pop()
        return self._reads[node.index]

    def key(self, symbol: int, node: Node, values: Mapping[str, ParamValue]) -> Key | None:
        """None for a node that reads every varied parameter: no other combination has its column."""
        if node.index not in self._names:
            reads = self.reads(node)
            is_own = bool(self.varied) and reads == self.varied and len(reads) > 1
            self._names[node.index] = None if is_own else tuple(sorted(reads))
        names = self._names[node.index]
        return None if names is None else (symbol, node.index, tuple([values[name] for name in names]))

    def known(self, symbol: int, nodes: Iterable[Node], values: Mapping[str, ParamValue]) -> dict[int, Column]:
        """The columns of `nodes` that are there for these values, by node number."""
        found: dict[int, Column] = {}
        keys = [(node.index, self.key(symbol, node, values)) for node in nodes]
        with self._lock:
            for index, key in keys:
                if key is not None and key in self._columns:
                    self._columns.move_to_end(key)
                    found[index] = self._columns[key]
        return found

    def keep(self, symbol: int, nodes: Iterable[Node], values: Mapping[str, ParamValue], batch: Batch) -> None:
        """Take what `batch` computed and other combinations read too."""
        for node in nodes:
            column = batch.computed(node)
            key = self.key(symbol, node, values)
            if key is None or not isinstance(column, np.ndarray):
                continue
            with self._lock:
                if key not in self._columns:
                    self._columns[key] = column
                    self._bytes += column.nbytes
                while self._bytes > CACHED_BYTES and len(self._columns) > 1:
                    self._bytes -= self._columns.popitem(last=False)[1].nbytes


class Shared:
    """Bars and columns; `figures` simulates one combination, `result` also tells what happened in it."""

    def __init__(
        self, market: Market, varied: frozenset[str], capital: float, options: Execution, metrics: tuple[str, ...]
    ) -> None:
        self.market = market
        self.capital = capital
        self.options = options
        self.metrics = metrics
        self._columns = Columns(varied)
        self._nodes: list[Node] | None = None
        self._feeds = [Feeds(bars, market.data, market.finer) for bars in market.traded]

    def common_start(self, trials: Trials) -> int:
        """The first bar on which every combination has its look-back, of the symbol that needs most."""
        latest = 0
        for index in range(len(trials)):
            values = trials.values(index)
            program = trials.program if values is not None else trials[index].program
            roots = decision_nodes(program)
            for feeds in self._feeds:
                batch = Batch(feeds, _values(program) if values is None else values)
                latest = max(latest, warmup_of(program, roots, batch)[0])
        return latest

    def figures(self, trial: Trial, start: int) -> dict[str, float]:
        run = self.result(trial, start, is_named=False)
        figures = run.metrics
        return {name: figures[name] for name in self.metrics}

    def result(self, trial: Trial, start: int, *, is_named: bool = True) -> Result:
        program = trial.program
        fills = shown_fills(program)
        bound = [self._bind(trial, number, bars, fills, start) for number, bars in enumerate(self.market.traded)]
        watch = [bound[0].decision.slot_of(node) for node in fills]
        run = build_run(program, bound, bind_legs(program, self.market), self.options, self.capital, watch=watch)
        ledger = run.run()
        for number, each in enumerate(bound if fills else ()):
            each.fills = fill_columns(fills, run.watched(number), len(each.bars))
        return gather(
            trial.compiled, program, self.market, bound, ledger, self.options, self.capital, 0.0, is_named=is_named
        )

    def _bind(self, trial: Trial, symbol: int, bars: Bars, fills: list[Node], start: int) -> Bound:
        program, values = trial.program, _values(trial.program)
        if not trial.shares:
            feeds = Feeds(bars, self.market.data, self.market.finer)
            return bind_symbol(program, self.market, bars, Batch(feeds, values), fills, start=start)
        nodes = self._series(program)
        batch = Batch(self._feeds[symbol], values, self._columns.known(symbol, nodes, values))
        bound = bind_symbol(program, self.market, bars, batch, fills, start=start)
        self._columns.keep(symbol, nodes, values, batch)
        return bound

    def _series(self, program: Program) -> list[Node]:
        """Nodes with columns that combinations may share."""
        if self._nodes is None:
            self._nodes = [
                node
                for node in reachable([*decision_nodes(program), *(output.node for output in program.outputs)])
                if node.constancy >= Constancy.SERIES and not node.uses_fills and node.kind is not Kind.STRING
            ]
        return self._nodes


def _values(program: Program) -> dict[str, ParamValue]:
    return {param.name: param.value for param in program.params}
