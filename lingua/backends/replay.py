"""Feeds recorded bars through the incremental back end, in the order in which they would have arrived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge as merge_sorted
from typing import Any, Protocol

import numpy as np

from lingua.backends.clocks import Feeds
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.periods import StreamBar
from lingua.data.bars import Bars
from lingua.ir.nodes import BASE, Clock, Kind, Node

FIELDS = ("open", "high", "low", "close", "volume", "tick", "lot", "split_scale")


class Ordered(Protocol):
    """What tells the order of bars: a `Stream`."""

    order: tuple[str, ...]

    def finer_clocks(self) -> list[Clock]: ...


def stream_bars(feeds: Feeds, clock: Clock) -> Iterator[StreamBar]:
    """The bars of a clock one by one, as the series part sees them."""
    bars = feeds.bars(clock)
    names = [*FIELDS, *bars.columns]
    columns = [np.asarray(feeds.field(clock, name)).tolist() for name in names]
    for i, (opened, closed) in enumerate(zip(bars.open_ts.tolist(), bars.ts.tolist(), strict=True)):
        yield StreamBar(opened, closed, {name: column[i] for name, column in zip(names, columns, strict=True)})


def arrivals(feeds: Feeds, stream: Ordered) -> Iterator[tuple[str, str, StreamBar]]:
    """(source, finer timeframe or "", bar) in order of arrival, those of one instant as `stream` wants them."""

    def ranked(rank: int, source: str, timeframe: str) -> Iterator[tuple[int, int, int, str, str, StreamBar]]:
        for number, bar in enumerate(stream_bars(feeds, Clock(source, timeframe))):
            yield bar.ts, rank, number, source, timeframe, bar

    queues = [ranked(2 * rank + 1, source, "") for rank, source in enumerate(stream.order)]
    queues += [
        ranked(2 * stream.order.index(clock.source), clock.source, clock.timeframe) for clock in stream.finer_clocks()
    ]
    for _, _, _, source, timeframe, bar in merge_sorted(*queues, key=lambda item: item[:3]):
        yield source, timeframe, bar


def facts_of(bars: Bars) -> SourceFacts:
    return SourceFacts(str(bars.timeframe), bars.instrument)


def open_stream(roots: Iterable[Node], params: Mapping[str, Any], feeds: Feeds) -> Stream:
    """A stream for `roots` over the sources of `feeds`."""
    sources = {"": facts_of(feeds.bars(BASE))}
    sources |= {name: facts_of(feeds.bars(Clock(name))) for name in feeds.others}
    return Stream(roots, params, sources)


def replay_columns(roots: Iterable[Node], params: Mapping[str, Any], feeds: Feeds) -> list[Any]:
    """Columns of base-clock nodes, computed bar by bar: what the batch back end must equal bit for bit."""
    wanted = list(roots)
    stream = open_stream(wanted, params, feeds)
    rows: list[list[Any]] = [[] for _ in wanted]
    for source, timeframe, bar in arrivals(feeds, stream):
        stream.push(source, bar, timeframe)
        if not source and not timeframe:
            for row, node in zip(rows, wanted, strict=True):
                row.append(stream.value(node))
    return [as_column(node, row) for row, node in zip(rows, wanted, strict=True)]


def columns_on_own_clocks(roots: Iterable[Node], params: Mapping[str, Any], feeds: Feeds) -> dict[int, Any]:
    """Columns of nodes by index, each over the bars of its own clock, computed bar by bar."""
    wanted = list(roots)
    stream = open_stream(wanted, params, feeds)
    rows = {node.index: stream.clock(node.clock).kept.setdefault(node.index, []) for node in wanted}
    for source, timeframe, bar in arrivals(feeds, stream):
        stream.push(source, bar, timeframe)
    return {node.index: as_column(node, [stream.shown(node, x) for x in rows[node.index]]) for node in wanted}


def as_column(node: Node, row: list[Any]) -> Any:
    return np.array(
        row, dtype=np.uint8 if node.kind is Kind.BOOL else object if node.kind is Kind.STRING else np.float64
    )


def clock_column(node: Node, params: Mapping[str, Any], feeds: Feeds) -> Any:
    """Column of a node over the bars of its own clock, which need not be the base clock."""
    return columns_on_own_clocks([node], params, feeds)[node.index]
