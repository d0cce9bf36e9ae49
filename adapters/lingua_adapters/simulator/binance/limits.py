"""Rate limits: weights per minute, orders per ten seconds and per day, counted in the time of the market: a market that
runs faster takes more requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lingua_adapters.simulator.binance.refusals import Refusal

LETTERS = {"SECOND": "S", "MINUTE": "M", "DAY": "D"}
SECONDS = {"SECOND": 1, "MINUTE": 60, "DAY": 86_400}
AFTER_429 = 10
"""So many requests more after the first refusal lead to a ban."""
BAN_S = 120


@dataclass(slots=True)
class Limit:
    kind: str
    interval: str
    count: int
    most: int
    used: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return SECONDS[self.interval] * self.count

    def window(self, now: float) -> int:
        return int(now // self.length)

    def spent(self, who: str, now: float) -> int:
        window, used = self.used.get(who, (0, 0))
        return used if window == self.window(now) else 0

    def add(self, who: str, amount: int, now: float) -> int:
        used = self.spent(who, now) + amount
        self.used[who] = (self.window(now), used)
        return used

    def wait(self, now: float) -> int:
        return max(1, int((self.window(now) + 1) * self.length - now) + 1)

    def listed(self) -> dict[str, object]:
        return {
            "rateLimitType": self.kind, "interval": self.interval, "intervalNum": self.count, "limit": self.most,
        }  # fmt: skip


class Limits:
    def __init__(self, weight: int = 6_000, orders_10s: int = 100, clock: Callable[[], float] = time.time) -> None:
        self.weight = Limit("REQUEST_WEIGHT", "MINUTE", 1, weight)
        self.orders = [Limit("ORDERS", "SECOND", 10, orders_10s), Limit("ORDERS", "DAY", 1, 200_000)]
        self.raw = Limit("RAW_REQUESTS", "MINUTE", 5, 61_000)
        self.clock = clock
        self._refused: dict[str, int] = {}
        self._banned: dict[str, float] = {}

    def all(self) -> list[Limit]:
        return [self.weight, *self.orders, self.raw]

    def spend(self, who: str, weight: int) -> None:
        """A request of an address. Raises Refusal 429, and 418 for one who goes on."""
        now = self.clock()
        if self._banned.get(who, 0.0) > now:
            self._ban(who, now)
        used = self.weight.add(who, weight, now)
        self.raw.add(who, 1, now)
        if used <= self.weight.most:
            self._refused.pop(who, None)
            return
        self._refused[who] = self._refused.get(who, 0) + 1
        if self._refused[who] > AFTER_429:
            self._banned[who] = now + BAN_S
            self._ban(who, now)
        text = f"Too much request weight used; current limit is {self.weight.most} request weight per 1 MINUTE."
        raise Refusal(
            -1003, text + " Please use WebSocket Streams for live updates.", 429, wait_s=self.weight.wait(now)
        )

    def _ban(self, who: str, now: float) -> None:
        until = self._banned[who]
        raise Refusal(
            -1003, f"Way too much request weight used; IP banned until {int(until * 1000)}.", 418,
            wait_s=max(1, int(until - now) + 1),
        )  # fmt: skip

    def order(self, account: str, count: int = 1) -> None:
        """Raises Refusal when an account sends too many new orders."""
        now = self.clock()
        for limit in self.orders:
            if limit.spent(account, now) + count > limit.most:
                text = f"Too many new orders; current limit is {limit.most} orders per {limit.count} {limit.interval}."
                raise Refusal(-1015, text, 429, wait_s=limit.wait(now))
        for limit in self.orders:
            limit.add(account, count, now)

    def headers(self, who: str, account: str = "") -> dict[str, str]:
        now = self.clock()
        found = {"x-mbx-used-weight": str(self.weight.spent(who, now))}
        found["x-mbx-used-weight-1m"] = found["x-mbx-used-weight"]
        if account:
            for limit in self.orders:
                name = f"x-mbx-order-count-{limit.count}{LETTERS[limit.interval].lower()}"
                found[name] = str(limit.spent(account, now))
        return found

    def told(self, who: str, account: str = "") -> list[dict[str, object]]:
        """As the WebSocket API attaches it to an answer."""
        now = self.clock()
        found = [{**self.weight.listed(), "count": self.weight.spent(who, now)}]
        if account:
            found += [{**limit.listed(), "count": limit.spent(account, now)} for limit in self.orders]
        return found
