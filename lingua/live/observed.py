"""A whole run bar by bar, told as a backtest tells its own: the ledger, and a column for every series asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lingua.backends.replay import as_column
from lingua.backtest.bind import fill_columns
from lingua.compiler import Compiled
from lingua.data.bars import Bars
from lingua.data.market import Market
from lingua.ir.nodes import BASE, Constancy, Kind, Node
from lingua.live.replay import open_live, replay
from lingua.trading.execution import Execution
from lingua.trading.records import Ledger


@dataclass(frozen=True, slots=True)
class Observed:
    """One traded symbol: what `lingua.backtest.bind.Bound` says of it, found bar by bar."""

    bars: Bars
    ready: int
    settled: int | None
    columns: dict[int, NDArray[Any]]
    fills: dict[int, NDArray[Any]]

    def column(self, node: Node) -> NDArray[Any]:
        """(bars,) the values of a node that was watched."""
        return self.fills[node.index] if node.index in self.fills else self.columns[node.index]


def observe(
    compiled: Compiled,
    market: Market,
    options: Execution,
    capital: float,
    nodes: Sequence[Node],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Observed], Ledger]:
    """Feed every bar of `market` to a live strategy. `nodes` are series of the traded symbols' own bars."""
    once = {node.index: node for node in nodes}.values()
    watched = [node for node in once if is_column(node)]
    fills = [node for node in once if node.uses_fills and node.kind is not Kind.STRING]
    rows: list[list[list[Any]]] = [[[] for _ in watched] for _ in market.traded]
    total = sum(len(bars) for bars in market.traded)
    done = 0

    def note(symbol: int) -> None:
        nonlocal done
        value = live.series[symbol].stream.value
        for row, node in zip(rows[symbol], watched, strict=True):
            row.append(value(node))
        done += 1
        if progress is not None and done % 256 == 0:
            progress(done, total)

    live = open_live(
        compiled, market, execution=options, capital=capital, keeps_history=True, watched=watched + fills, observer=note
    )
    for _ in replay(live, market):
        pass
    found = []
    for number, (bars, own, series) in enumerate(zip(market.traded, rows, live.series, strict=True)):
        columns = {node.index: as_column(node, row) for node, row in zip(watched, own, strict=True)}
        ready = series.readiness.ready
        told = fill_columns(fills, live.run.watched(number), len(bars)) if fills else {}
        found.append(Observed(bars, len(bars) if ready is None else ready, series.readiness.settled, columns, told))
    return found, live.run.ledger()


def is_column(node: Node) -> bool:
    """Whether the node has a value on each bar of the traded symbols that no fill changes."""
    on_base = node.constancy < Constancy.SERIES or node.clock == BASE
    return on_base and not node.uses_fills and node.kind is not Kind.STRING
