"""Recorded bars as a market: files, at any speed, on a clock of their own. Paper trades on it as on a live market.

    [accounts.demo]
    venue = "replay"
    data = "prices"        # a file or folder; without it, the lingua.toml at `project` or above
    speed = 60             # so many times as fast as it was; 0 (the default): as fast as possible
    start = "2024-01-01"   # what closes earlier is history to warm up on

Each deployment opens its own and begins at its beginning, so that its run is the backtest over the same files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from heapq import merge
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.errors import DataError
from lingua.data.finder import Finder
from lingua.data.project import find_project
from lingua.live.replay import closed_bars
from lingua_runtime.clock import Clock, VirtualClock
from lingua_runtime.ports import BarEvent, Listing, MarketEvent, NotFound, Venue, VenueError

KNOWN = ("data", "project", "speed", "start", "mend", "stamps")
SECOND = 1_000_000_000


class ReplayMarket:
    """`lingua_runtime.ports.MarketData` of files. `clock` is moved to the close of each bar before it is given; at a
    `speed`, `real` is waited on between two of them."""

    def __init__(self, finder: Finder, clock: VirtualClock, real: Clock, speed: float = 0.0, start_ts: int = 0) -> None:
        self._finder = finder
        self._clock = clock
        self._real = real
        self._speed = speed
        self._start = start_ts

    def recorded(self, symbol: str, timeframe: str) -> Bars:
        """Raises NotFound, VenueError."""
        data = self._finder.data
        is_only = isinstance(data, Path) and not data.is_dir()
        try:
            return self._finder.find(symbol, timeframe, is_only=is_only)
        except DataError as problem:
            if type(problem).__name__ == "MissingData":
                raise NotFound(str(problem)) from None
            raise VenueError(str(problem)) from None

    async def listing(self, symbol: str) -> Listing:
        bars = self.recorded(symbol, "")
        return Listing(bars.instrument, symbol, bars.instrument.quote, actions=bars.actions)

    async def bars(self, symbol: str, timeframe: str, start_ts: int, end_ts: int) -> Bars:
        found = self.recorded(symbol, timeframe)
        first, last = np.searchsorted(found.ts, [start_ts, min(end_ts, await self.now())], side="right")
        return part(found, int(first), int(last))

    async def price(self, symbol: str) -> float:
        found = self.recorded(symbol, "")
        at = int(np.searchsorted(found.ts, await self.now(), side="right")) - 1
        return float(found.close[max(at, 0)])

    async def subscribe(self, channels: Sequence[tuple[str, str]]) -> AsyncIterator[MarketEvent]:
        every = [self.recorded(symbol, timeframe) for symbol, timeframe in channels]
        queues = [
            zip(repeat(channel), closed_bars(bars, after=self._start - 1 if self._start else -1))
            for channel, bars in zip(channels, every, strict=True)
        ]
        # Of bars that close together finer ones come first: what is longer contains them.
        order = {channel: k for k, channel in enumerate(sorted(channels, key=lambda c: _length(c[1])))}
        for channel, bar in merge(*queues, key=lambda item: (item[1].ts, order[item[0]])):
            if self._speed > 0.0 and bar.ts > self._clock.now() > 0:
                await self._real.sleep((bar.ts - self._clock.now()) / SECOND / self._speed)
            self._clock.move(bar.ts)
            yield BarEvent(channel[0], channel[1], bar)

    async def now(self) -> int:
        return self._clock.now()


def _length(timeframe: str) -> int:
    from lingua.data.timeframe import Timeframe

    return Timeframe.parse(timeframe).seconds


def part(bars: Bars, first: int, last: int) -> Bars:
    """Bars number `first` to `last - 1`."""
    from dataclasses import replace

    def cut(column: Any) -> Any:
        return None if column is None else column[first:last]

    return replace(
        bars, **{name: cut(getattr(bars, name)) for name in COLUMNS},
        columns={name: column[first:last] for name, column in bars.columns.items()},
    )  # fmt: skip


COLUMNS = ("ts", "open_ts", "open", "high", "low", "close", "volume", "is_synthetic", "factor", "rows")


async def open_venue(settings: Mapping[str, Any], clock: Clock) -> Venue:
    """Raises ValueError for a setting that is wrong."""
    for name in settings:
        if name not in KNOWN:
            raise ValueError(f"the adapter `replay` has no setting `{name}`; it has {', '.join(KNOWN)}")
    start = 0
    if "start" in settings:
        try:
            start = int(np.datetime64(str(settings["start"]).removesuffix("Z"), "ns").astype(np.int64))
        except ValueError:
            raise ValueError(f"`start` is an ISO-8601 instant, not `{settings['start']}`") from None
    data = settings.get("data")
    near = Path(str(settings.get("project") or data or "."))
    mend = settings.get("mend", ())
    finder = Finder(
        find_project(near), data, stamps=str(settings.get("stamps", "")),
        mend=(mend,) if isinstance(mend, str) else tuple(mend),
    )  # fmt: skip
    own = VirtualClock(start)
    market = ReplayMarket(finder, own, clock, float(settings.get("speed", 0.0)), start)
    return Venue("replay", market, None, own, is_shared=False)
