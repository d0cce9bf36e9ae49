"""A recording being played: market time, the trades that are due, and the exchange that they move.

Market time runs `speed` times as fast as real time, or stands still and is moved by `advance`. When more is due than
can be played, market time waits: nothing is left out.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from lingua_adapters.simulator.matching import Exchange
from lingua_adapters.simulator.recording import MS, Recording, Tick

PATHS = ("natural", "adverse", "up", "down")
WEEK_MS = 7 * 86_400_000
SLICE_S = 0.005
"""So long at a time trades are played before requests are answered again."""
MOST_BEHIND_S = 0.25

Listener = Callable[[str, Tick, int], None]
"""Called after each trade of the recording with (symbol, trade, its number)."""


class Stage:
    """See above. Playing begins after `history` bars, which are known at once, or at the bar that opens at `begin_ms`.
    `path`: which extreme of a bar comes first: as its close suggests (natural), the one where stops rest (adverse), or
    always the higher (up) or lower (down) one."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        exchange: Exchange,
        *,
        history: int | None = None,
        speed: float = 1.0,
        path: str = "natural",
        begin_ms: int | None = None,
    ) -> None:
        self.recordings = {each.symbol: each for each in recordings}
        self.exchange = exchange
        self.speed = speed
        self.path = path
        self.listeners: list[Listener] = []
        self.is_over = False
        self.trade_numbers = dict.fromkeys(self.recordings, 0)
        self.begin_ms = begin_ms if begin_ms is not None else common_begin(recordings, history)
        self.position = {symbol: running_bar(each, self.begin_ms) for symbol, each in self.recordings.items()}
        self.end_ms = max(int(each.bars.ts[-1]) // MS for each in recordings)
        self._played = self.begin_ms
        self._anchor = (time.monotonic(), self.begin_ms)
        self._due: list[tuple[int, int, int, Any]] = []
        self._count = itertools.count()
        self._sources: dict[str, Iterator[Tick]] = {}
        self._times: dict[str, Iterator[int]] = {}
        self.is_held: Callable[[], bool] = lambda: False
        """Whether market time is to wait, because somebody who listens is behind."""
        for symbol, recording in self.recordings.items():
            k = self.position[symbol]
            before = recording.bars.close[k - 1] if k else recording.bars.open[0]  # nothing was traded before
            exchange.prices[symbol] = recording.price(float(before))
            self._sources[symbol] = self._ticks(symbol)
            self._times[symbol] = self._due_times(symbol)
            self._next(symbol)
        exchange.now = self._played

    # --- time ----------------------------------------------------------------------------------------

    def now(self) -> int:
        """Market time in ms."""
        if self.speed <= 0:
            return self._played
        real, market = self._anchor
        return max(self._played, market + int((time.monotonic() - real) * 1000 * self.speed))

    def start(self, at_ms: int) -> None:
        """Market time is `at_ms` now; what is due by then is played."""
        self.advance(at_ms)
        self._anchor = (time.monotonic(), at_ms)

    def set_speed(self, speed: float) -> None:
        self._anchor = (time.monotonic(), self.now())
        self.speed = speed

    def at(self, when: int, act: Callable[[int], None]) -> None:
        """Call `act(when)` at market time `when`, before what trades at that instant."""
        heapq.heappush(self._due, (when, 0, next(self._count), act))

    def advance(self, to: int, *, for_s: float = float("inf")) -> bool:
        """Play what is due by `to`, for so long at most; whether all of it was played."""
        stop = time.monotonic() + for_s
        while self._due and self._due[0][0] <= to:
            when, rank, _, what = heapq.heappop(self._due)
            self._played = max(self._played, when)
            self.exchange.now = self._played
            if rank == 0:
                what(when)
            else:
                self._play(what, next(self._sources[what]))
            if time.monotonic() > stop or self.is_held():
                return False
        self._played = max(self._played, to)
        self.exchange.now = self._played
        return True

    async def run(self) -> None:
        """Play for ever; with speed 0 only `advance` moves the market."""
        while True:
            if self.speed <= 0:
                await asyncio.sleep(0.02)
                continue
            target = self.now()
            if not self.advance(target, for_s=SLICE_S):
                _real, _ = self._anchor
                if target - self._played > MOST_BEHIND_S * 1000 * max(self.speed, 1.0):
                    # Too much at once: market time goes on from where the playing is.
                    self._anchor = (time.monotonic(), self._played)
                await asyncio.sleep(0.001 if self.is_held() else 0)
                continue
            wait = (self._due[0][0] - target) / 1000 / self.speed if self._due else 0.05
            await asyncio.sleep(min(max(wait, 0.001), 0.05))

    # --- trades --------------------------------------------------------------------------------------

    def _next(self, symbol: str) -> None:
        when = next(self._times[symbol], None)
        if when is not None:
            heapq.heappush(self._due, (when, 1, next(self._count), symbol))
        else:
            del self._times[symbol]
            self.is_over = not self._times

    def _play(self, symbol: str, tick: Tick) -> None:
        self.trade_numbers[symbol] += 1
        self.exchange.move(symbol, tick.price)
        for listener in self.listeners:
            listener(symbol, tick, self.trade_numbers[symbol])
        self._next(symbol)

    def move(self, symbol: str, price: Decimal, quantity: Decimal) -> None:
        """A trade that the recording does not hold."""
        self.trade_numbers[symbol] += 1
        before = self.exchange.prices[symbol]
        self.exchange.now = self._played = self.now()
        self.exchange.move(symbol, price)
        tick = Tick(self._played, price, quantity, price < before)
        for listener in self.listeners:
            listener(symbol, tick, self.trade_numbers[symbol])

    def _due_times(self, symbol: str) -> Iterator[int]:
        recording = self.recordings[symbol]
        if recording.ticks:
            yield from (tick.time for tick in recording.ticks if tick.time >= self.begin_ms)
            return
        for k in range(self.position[symbol], len(recording.bars)):
            yield from recording.times(k)

    def _ticks(self, symbol: str) -> Iterator[Tick]:
        recording = self.recordings[symbol]
        if recording.ticks:
            yield from (tick for tick in recording.ticks if tick.time >= self.begin_ms)
            return
        for k in range(self.position[symbol], len(recording.bars)):
            self.position[symbol] = k
            # Which way it goes is asked when the next trade is due: an order may have come meanwhile.
            yield from recording.path(k, lambda k=k: self._low_first(recording, k))  # type: ignore[misc]
        self.position[symbol] = len(recording.bars)

    def _low_first(self, recording: Recording, k: int) -> bool:
        bars = recording.bars
        natural = bool(bars.close[k] >= bars.open[k])
        if self.path in ("up", "down"):
            return self.path == "down"
        if self.path == "adverse":
            # Towards the stops that rest; what they protect would have been saved by the other way.
            low, high = recording.price(float(bars.low[k])), recording.price(float(bars.high[k]))
            waiting = [order for order in self._working(recording.symbol) if order.waits]
            if any(not order.is_buy and order.stop >= low for order in waiting):
                return True
            if any(order.is_buy and order.stop <= high for order in waiting):
                return False
        return natural

    def _working(self, symbol: str) -> list[Any]:
        return [order for account in self.exchange.accounts for order in self.exchange.open(account, symbol)]


def first_played(recording: Recording, history: int | None) -> int:
    """The bar at which playing begins where there is no other symbol."""
    count = len(recording.bars)
    known = min(1_000, count // 3) if history is None else history
    return max(0, min(known, count - 1))


def common_begin(recordings: Sequence[Recording], history: int | None) -> int:
    """When all symbols have their history; the earliest such time when a recording ends before that."""
    begins = [int(each.bars.open_ts[first_played(each, history)]) // MS for each in recordings]
    first_end = min(int(each.bars.ts[-1]) // MS for each in recordings)
    return max(begins) if max(begins) < first_end else min(begins)


def running_bar(recording: Recording, begin_ms: int) -> int:
    """The first bar that has not closed by then."""
    return int(np.searchsorted(recording.bars.ts, begin_ms * MS, side="right"))


def begun_now(recordings: Sequence[Recording], history: int | None, now_ms: int) -> tuple[list[Recording], int]:
    """The recordings moved in time so that playing begins at a bar that is about to open at `now_ms`.

    They move by whole bars of the longest timeframe up to a day, so that bars still begin where their timeframe says.
    Returns them with the market time at which playing begins.
    """
    longest = max(recordings, key=lambda each: each.bars.timeframe.seconds)
    begin = common_begin(recordings, history)
    step = max(min(longest.bars.timeframe.seconds, 86_400), 60) * 1000
    by = (now_ms - begin) // step * step
    return [each.moved(by) for each in recordings], begin + by
