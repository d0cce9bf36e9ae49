"""How often somebody may ask: a bucket of tokens for each caller."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000
"""Callers remembered; the one not seen for longest is forgotten first."""


class Buckets:
    """`rate` tokens a second flow into each bucket, up to `burst`."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, cost: float = 1.0) -> float:
        """0 if `cost` tokens were there and are taken; else the seconds until they will be."""
        if cost <= 0:
            return 0.0
        now = self._clock()
        tokens, filled = self._buckets.pop(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - filled) * self._rate)
        wait = 0.0 if tokens >= cost else (min(cost, self._burst) - tokens) / self._rate
        self._buckets[caller] = (tokens - cost if wait == 0.0 else tokens, now)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return wait if math.isfinite(wait) else 3600.0

    def __len__(self) -> int:
        return len(self._buckets)
