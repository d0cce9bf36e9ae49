"""Klines of a recording as far as it has been played, of any interval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from lingua.data.resample import period_of, resample
from lingua.data.timeframe import Timeframe
from lingua_adapters.simulator.recording import MS, SHARES, Recording, Tick, volume_of

INTERVALS = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
MOST_TRADES = 50_000
EIGHT = Decimal("1e-8")


@dataclass(slots=True)
class Candle:
    """`open_ms` to `close_ms` (exclusive)."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    count: int
    taker: Decimal
    taker_quote: Decimal
    first: int = -1
    last: int = -1

    def add(self, tick: Tick, number: int) -> None:
        self.high, self.low, self.close = max(self.high, tick.price), min(self.low, tick.price), tick.price
        worth = tick.price * tick.quantity
        self.volume += tick.quantity
        self.quote_volume += worth
        self.count += 1
        self.last = number
        if not tick.is_sell:
            self.taker += tick.quantity
            self.taker_quote += worth


def begun(tick: Tick, number: int, open_ms: int, close_ms: int) -> Candle:
    zero = Decimal(0)
    candle = Candle(
        open_ms, close_ms, tick.price, tick.price, tick.price, tick.price, zero, zero, 0, zero, zero, number
    )
    candle.add(tick, number)
    return candle


def timeframe_of(interval: str) -> Timeframe:
    return Timeframe.parse("1mo" if interval == "1M" else interval)


def bounds(instant_ms: int, interval: str) -> tuple[int, int]:
    start, end = period_of(instant_ms * MS, timeframe_of(interval), "24x7")
    return int(start) // MS, int(end) // MS


class Candles:
    """Of one symbol. Closed ones come from the recorded bars, and where the interval is finer than those, from trades;
    the running one from the trades that were played."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.trades: list[tuple[Tick, int]] = []
        self._whole: dict[str, Any] = {}

    def played(self, tick: Tick, number: int) -> None:
        self.trades.append((tick, number))
        if len(self.trades) > 2 * MOST_TRADES:
            del self.trades[:MOST_TRADES]

    def between(self, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int) -> list[Candle]:
        """Those that open in [start, end], the oldest first: from `start` on, or else the newest."""
        wanted = timeframe_of(interval)
        base = self.recording.bars.timeframe
        if wanted == base or wanted.is_multiple_of(base):
            return self._from_bars(interval, wanted, start_ms, end_ms, limit, now_ms)
        found = self._from_trades(interval, start_ms, end_ms, limit, now_ms)
        return found[:limit] if start_ms is not None else found[-limit:]

    def _from_bars(
        self, interval: str, wanted: Timeframe, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> list[Candle]:
        bars = self._whole.get(interval)
        if bars is None:
            own = self.recording.bars
            bars = self._whole[interval] = own if wanted == own.timeframe else resample(own, wanted)
        opens = bars.open_ts // MS
        if wanted != self.recording.bars.timeframe and len(opens):
            opens = period_of(bars.ts - 1, wanted, "24x7")[0] // MS
        closed = int(np.searchsorted(bars.ts, now_ms * MS, side="right"))
        running = self._running(interval, now_ms)
        if running is not None and (start_ms or 0) <= running.open_ms <= (end_ms if end_ms is not None else now_ms):
            extra = [running]
        else:
            extra = []
        low = int(np.searchsorted(opens, start_ms, side="left")) if start_ms is not None else 0
        high = min(closed, int(np.searchsorted(opens, end_ms, side="right")) if end_ms is not None else closed)
        if start_ms is not None:
            rows = range(low, min(high, low + limit))
        else:
            rows = range(max(low, high - (limit - len(extra))), high)
        found = [self._of_bar(bars, int(opens[k]), k) for k in rows]
        return [*found, *extra][:limit] if start_ms is not None else [*found, *extra]

    def _of_bar(self, bars: Any, open_ms: int, k: int) -> Candle:
        price = self.recording.price
        open_, high, low, close = (price(column[k]) for column in (bars.open, bars.high, bars.low, bars.close))
        volume = volume_of(float(bars.volume[k]))
        worth = (volume * (open_ + high + low + close) / 4).quantize(EIGHT)
        base = self.recording.bars.timeframe.seconds
        count = SHARES * max(1, bars.timeframe.seconds // max(base, 1))
        half, half_worth = (volume / 2).quantize(EIGHT), (worth / 2).quantize(EIGHT)
        close_ms = int(bars.ts[k]) // MS
        return Candle(open_ms, close_ms, open_, high, low, close, volume, worth, count, half, half_worth)

    def _running(self, interval: str, now_ms: int) -> Candle | None:
        """The one that lies around `now`: closed bars in it, and the trades of the bar that is being played."""
        start, end = bounds(now_ms, interval)
        bars = self.recording.bars
        first = int(np.searchsorted(bars.open_ts, start * MS, side="left"))
        closed = int(np.searchsorted(bars.ts, now_ms * MS, side="right"))
        candle: Candle | None = None
        for k in range(first, closed):
            part = self._of_bar(bars, start, k)
            candle = part if candle is None else _joined(candle, part)
        begin = max(start, int(bars.ts[closed - 1]) // MS if closed else start)
        for tick, number in self._since(begin):
            if tick.time >= end:
                break
            if candle is None:
                candle = begun(tick, number, start, end)
            else:
                candle.add(tick, number)
        if candle is not None:
            candle.open_ms, candle.close_ms = start, end
        return candle

    def _since(self, begin: int) -> list[tuple[Tick, int]]:
        k = len(self.trades)
        while k and self.trades[k - 1][0].time >= begin:
            k -= 1
        return self.trades[k:]

    def _from_trades(
        self, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> list[Candle]:
        """Finer than the recorded bars: from what was played, and before that from the way a bar would have gone."""
        bars, recording = self.recording.bars, self.recording
        length = timeframe_of(interval).seconds * 1000
        from_ms = start_ms if start_ms is not None else (end_ms or now_ms) - (limit + 1) * length
        until_ms = min(now_ms, end_ms + length if end_ms is not None else now_ms, from_ms + (limit + 2) * length)
        first_played = self.trades[0][0].time if self.trades else now_ms
        ticks: list[tuple[Tick, int]] = []
        first = max(0, int(np.searchsorted(bars.open_ts, from_ms * MS, side="right")) - 1)
        last = int(np.searchsorted(bars.open_ts, min(until_ms, first_played) * MS, side="left"))
        for k in range(first, last):
            if recording.ticks:
                break
            path = recording.path(k, lambda k=k: bool(bars.close[k] >= bars.open[k]))  # type: ignore[misc]
            ticks += [(tick, -1) for tick in path if tick.time < first_played]
        if recording.ticks:
            ticks += [(tick, -1) for tick in recording.ticks if from_ms <= tick.time < min(first_played, until_ms)]
        ticks += self._since(from_ms)
        found: list[Candle] = []
        for tick, number in ticks:
            if tick.time > now_ms or tick.time < from_ms // length * length:
                continue
            if found and tick.time < found[-1].close_ms:
                found[-1].add(tick, number)
            else:
                found.append(begun(tick, number, *bounds(tick.time, interval)))
        stop = end_ms if end_ms is not None else now_ms
        return [each for each in found if (start_ms is None or each.open_ms >= start_ms) and each.open_ms <= stop]


def _joined(a: Candle, b: Candle) -> Candle:
    return Candle(
        a.open_ms, b.close_ms, a.open, max(a.high, b.high), min(a.low, b.low), b.close, a.volume + b.volume,
        a.quote_volume + b.quote_volume, a.count + b.count, a.taker + b.taker, a.taker_quote + b.taker_quote, a.first,
        b.last,
    )  # fmt: skip
