"""The requests that the server knows: one declaration for REST and WebSocket API alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.given import Given
from lingua_adapters.simulator.binance.keys import Account


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `account` is known where the request is signed or carries a key."""

    desk: Desk
    given: Given
    who: Account | None = None

    @property
    def account(self) -> Account:
        assert self.who is not None
        return self.who


Act = Callable[[Asked], Any]
PUBLIC, KEYED, SIGNED = "public", "keyed", "signed"


@dataclass(frozen=True, slots=True)
class Call:
    """`method` of the WebSocket API; empty where it has none. `orders`: so many count as new ones."""

    act: Act
    verb: str
    path: str
    method: str
    weight: int
    security: str
    orders: int = 0
    needs_trade: bool = False


REST: dict[tuple[str, str], Call] = {}
SOCKET: dict[str, Call] = {}


def call(
    route: str, method: str = "", *, weight: int = 1, security: str = PUBLIC, orders: int = 0, trades: bool = False
) -> Callable[[Act], Act]:
    """Declare a request: `route` such as `GET /api/v3/time`."""

    def declare(act: Act) -> Act:
        verb, path = route.split()
        made = Call(act, verb, path, method, weight, security, orders, trades)
        REST[verb, path] = made
        if method:
            SOCKET[method] = made
        return act

    return declare
