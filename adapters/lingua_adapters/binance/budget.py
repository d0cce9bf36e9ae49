"""How much may still be asked: the weight that the exchange counts, shared out so that a withdrawal always has some."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lingua_runtime.ports import NotDone

SHARES = {"read": 0.7, "order": 0.9, "cancel": 1.0}
"""Up to which part of the limit each kind of request may go."""
MINUTE_S = 60.0


class Budget:
    def __init__(self, limit: int = 6_000, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.used = 0
        self._clock = clock
        self._window = clock()
        self._closed_until = 0.0

    def admit(self, weight: int, lane: str) -> None:
        """Raises NotDone, with the time to wait, when a request would go beyond its share, or after a refusal."""
        now = self._clock()
        if now < self._closed_until:
            raise NotDone("the exchange has asked to wait", "429", self._closed_until - now)
        if now - self._window >= MINUTE_S:
            self._window, self.used = now, 0
        if self.used + weight > self.limit * SHARES[lane]:
            wait = max(0.1, MINUTE_S - (now - self._window))
            raise NotDone(f"{self.used} of the weight {self.limit} per minute are used", "429", wait)
        self.used += weight

    def told(self, headers: Mapping[str, str]) -> None:
        """The exchange's own count, which holds also what others of this address have used."""
        text = headers.get("X-MBX-USED-WEIGHT-1M", "")
        if text.isascii() and text.isdigit():
            used = int(text)
            if used < self.used:
                self._window = self._clock()
            self.used = used

    def close(self, seconds: float) -> None:
        """Nothing is to be asked for so long."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)
