"""Time of a simulated exchange, which may run faster than that of the clock on the wall."""

from __future__ import annotations

import asyncio
import time

from lingua_adapters.binance.reading import MS
from lingua_adapters.binance.rest import Rest
from lingua_runtime.ports import VenueError


class MarketClock:
    """Market time that runs `speed` times as fast as real time. A sleep is so much shorter."""

    def __init__(self, now_ms: int, speed: float) -> None:
        self.speed = speed
        self._anchor = (time.monotonic(), now_ms * MS)

    def now(self) -> int:
        real, market = self._anchor
        return market + int((time.monotonic() - real) * 1e9 * self.speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


async def market_clock(rest: Rest) -> MarketClock | None:
    """The clock of a simulator whose time is not ours; None for the exchange itself, or at its pace."""
    try:
        state = await rest.public("/sim/state")
    except VenueError:
        return None
    speed = state.get("speed") if isinstance(state, dict) else None
    told = state.get("time") if isinstance(state, dict) else None
    if isinstance(speed, int | float) and isinstance(told, int) and speed > 0:
        is_ours = speed == 1 and abs(told - time.time() * 1000) < 60_000
        return None if is_ours else MarketClock(told, float(speed))
    return None
