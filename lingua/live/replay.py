"""Recorded bars, fed to a live strategy in the order in which they would have arrived."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import repeat
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.market import Market
from lingua.live.bars import Channel, ClosedBar, Source
from lingua.live.decisions import Decisions
from lingua.live.strategy import LiveStrategy


def sources_of(market: Market) -> tuple[list[Source], dict[str, Source]]:
    """What a strategy must know of these bars before the first: the traded symbols, the data symbols by alias."""

    def source(bars: Bars) -> Source:
        finer = tuple(sorted(timeframe for symbol, timeframe in market.finer if symbol == bars.symbol))
        return Source(bars.instrument, str(bars.timeframe), finer, tuple(sorted(bars.actions, key=lambda a: a.ts)))

    return [source(bars) for bars in market.traded], {alias: source(bars) for alias, bars in market.data.items()}


def open_live(compiled: Any, market: Market, **options: Any) -> LiveStrategy:
    """A strategy that waits for the first of these bars; `options` as `LiveStrategy` takes them."""
    traded, data = sources_of(market)
    return LiveStrategy(compiled, traded, data, **options)


def replay(live: LiveStrategy, market: Market, *, after: int = -1) -> Iterator[Decisions]:
    """Every instant of the bars that close after `after` (UTC ns), one by one."""
    waiting = -1
    for channel, bar in arrivals(live, market, after=after):
        if bar.ts > waiting >= 0:
            yield from live.decide(waiting)
        waiting = bar.ts
        live.push(channel, bar)
    if waiting >= 0:
        yield from live.decide(waiting)


def arrivals(live: LiveStrategy, market: Market, *, after: int = -1) -> Iterator[tuple[Channel, ClosedBar]]:
    """The bars of every channel in the order of their closes."""
    every = (*market.traded, *market.data.values())
    queues = []
    for channel in live.channels:
        bars = every[channel.market]
        if channel.is_finer:
            bars = market.finer[bars.symbol, channel.timeframe]
        queues.append(zip(repeat(channel), closed_bars(bars, after=after)))
    yield from merge(*queues, key=lambda item: item[1].ts)


def closed_bars(bars: Bars, *, after: int = -1) -> Iterator[ClosedBar]:
    """The bars one by one, as they traded, without those that close by `after`."""
    first = int(np.searchsorted(bars.ts, after, side="right"))
    prices = [getattr(bars, name)[first:].tolist() for name in ("open", "high", "low", "close", "volume")]
    names = list(bars.columns)
    extra = [bars.columns[name][first:].tolist() for name in names]
    invented = None if bars.is_synthetic is None else bars.is_synthetic[first:].tolist()
    factor = None if bars.factor is None else bars.factor[first:].tolist()
    for k, (opened, ts) in enumerate(zip(bars.open_ts[first:].tolist(), bars.ts[first:].tolist(), strict=True)):
        yield ClosedBar(
            opened, ts, prices[0][k], prices[1][k], prices[2][k], prices[3][k], prices[4][k],
            {name: column[k] for name, column in zip(names, extra, strict=True)},
            False if invented is None else invented[k], 1.0 if factor is None else factor[k],
        )  # fmt: skip
