"""Over every example: batch equals incremental bit for bit, and no value knows a later bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backends.replay import replay_columns
from lingua.data.market import Market, load_market
from lingua.ir.analysis import decision_nodes
from lingua.ir.nodes import BASE, Constancy, Kind, Node
from lingua.ir.program import Program

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.lingua"))
BARS = 900


def watched(program: Program) -> list[Node]:
    found = {n.index: n for n in [*(o.node for o in program.outputs), *decision_nodes(program)]}
    return [
        n
        for n in found.values()
        if not n.uses_fills and n.constancy >= Constancy.SERIES and n.clock == BASE and n.kind is not Kind.STRING
    ]


def shortened(market: Market, count: int) -> Market:
    last = min(int(bars.ts[min(count, len(bars)) - 1]) for bars in market.traded)
    return Market(
        tuple(until(bars, last) for bars in market.traded),
        {name: until(bars, last) for name, bars in market.data.items()},
        {key: until(bars, last) for key, bars in market.finer.items()},
    )


def until(bars, last):  # type: ignore[no-untyped-def]
    keep = bars.ts <= last
    columns = {name: getattr(bars, name)[keep] for name in ("ts", "open_ts", "open", "high", "low", "close", "volume")}
    factor = None if bars.factor is None else bars.factor[keep]
    return replace(bars, **columns, factor=factor)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_incremental_values_are_the_batch_values(path: Path) -> None:
    program = lingua.compile(path).program
    market = shortened(load_market(program, near=path), BARS)
    params = {param.name: param.value for param in program.params}
    for bars in market.traded:
        feeds = Feeds(bars, market.data, market.finer)
        nodes = watched(program)
        batch = Batch(feeds, params)
        for node, column in zip(nodes, replay_columns(nodes, params, feeds), strict=True):
            assert np.array_equal(batch.column(node), column, equal_nan=node.kind is not Kind.BOOL), node


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_value_and_no_fill_changes_when_later_bars_do(path: Path) -> None:
    from lingua.backtest.run import execution_of, run_market

    compiled = lingua.compile(path)
    program = compiled.program
    market = shortened(load_market(program, near=path), BARS)
    part = shortened(market, BARS * 2 // 3)
    options = execution_of(program, {})
    whole, early = (run_market(compiled, program, each, options, 100_000.0) for each in (market, part))
    last = int(early.ledger.clock[-1])
    for a, b in zip(whole.series, early.series, strict=True):
        for name, column in b.items():
            assert np.array_equal(a[name][: len(column)], column, equal_nan=column.dtype != np.uint8), name
    fills = [fill for fill in whole.ledger.fills if whole.bars[fill.symbol].ts[fill.bar] <= last]
    assert fills == early.ledger.fills
    assert np.array_equal(whole.ledger.equity[: len(early.ledger.equity)], early.ledger.equity)
