"""Binance spot, on REST and WebSocket.

Settings of an account in a node's configuration: `key` and `secret`; `url`, `stream_url` and `socket_url` for another
address than the exchange's own (of a simulator, `url` alone is enough); `timeout_s`, `recv_window_ms`, `heartbeat_s`
(a ping so often) and `quiet_s` (so long without a message, and it is asked whether a bar has closed). `feed` is `bars`
(the exchange's own, the default) or `trades`: bars are made of trades, which may come `trade_wait_s` late.
Without keys there is a market and no account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lingua_adapters.binance.account import BinanceAccount
from lingua_adapters.binance.market import QUIET_S, BinanceMarket
from lingua_adapters.binance.rest import Rest
from lingua_adapters.binance.simulated import market_clock
from lingua_runtime.clock import Clock
from lingua_runtime.ports import Venue

__all__ = ["BinanceAccount", "BinanceMarket", "open_venue"]

URL = "https://api.binance.com"
STREAM_URL = "wss://stream.binance.com:9443/ws"
SOCKET_URL = "wss://ws-api.binance.com:443/ws-api/v3"
TEXTS = ("key", "secret", "url", "stream_url", "socket_url", "feed")
FEEDS = ("bars", "trades")
NUMBERS = {
    "timeout_s": (0.1, 600.0), "recv_window_ms": (1, 60_000), "heartbeat_s": (0.1, 600.0), "quiet_s": (0.1, 600.0),
    "trade_wait_s": (0.0, 60.0),
}  # fmt: skip
TRADE_WAIT_S = 0.25
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class BinanceVenue(Venue):
    rest: Rest = field(kw_only=True)

    async def close(self) -> None:
        await self.rest.close()


async def open_venue(settings: Mapping[str, Any], clock: Clock) -> Venue:
    """See `lingua_runtime.ports.Opener`. Raises ValueError for a setting that is wrong, VenueError when the exchange
    does not answer."""
    given = _checked(settings)
    url = str(given.get("url", URL)).rstrip("/")
    is_own = "url" in given
    socket = url.replace("http", "ws", 1)
    rest = Rest(
        url, str(given.get("key", "")), str(given.get("secret", "")), timeout_s=float(given.get("timeout_s", 10.0)),
        recv_window_ms=int(given.get("recv_window_ms", 5_000)),
    )  # fmt: skip
    heartbeat = float(given.get("heartbeat_s", 15.0))
    stream = str(given.get("stream_url", f"{socket}/ws" if is_own else STREAM_URL))
    market = BinanceMarket(
        rest, stream, heartbeat_s=heartbeat, quiet_s=float(given.get("quiet_s", QUIET_S)),
        trade_wait_s=float(given.get("trade_wait_s", TRADE_WAIT_S)) if given.get("feed") == "trades" else None,
    )  # fmt: skip
    account = None
    if given.get("key"):
        address = str(given.get("socket_url", f"{socket}/ws-api/v3" if is_own else SOCKET_URL))
        account = BinanceAccount(rest, market, address, heartbeat_s=heartbeat)
    try:
        await rest.measure_clock()
        own = await market_clock(rest) if urlsplit(url).hostname in LOCAL else None
    except BaseException:
        await rest.close()
        raise
    notes = () if own is None else ("a simulated exchange whose time runs at its own pace",)
    return BinanceVenue("binance", market, account, own, notes=notes, rest=rest)


def _checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError with the name of the setting, never with its value."""
    known = (*TEXTS, *NUMBERS)
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"`{name}` is no setting of binance; known are {', '.join(known)}")
        if name in TEXTS and not isinstance(value, str):
            raise ValueError(f"`{name}` must be a text")
        if name in NUMBERS:
            least, most = NUMBERS[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise ValueError(f"`{name}` must be a number from {least:g} to {most:g}")
    if bool(settings.get("key")) != bool(settings.get("secret")):
        raise ValueError("`key` and `secret` go together")
    if settings.get("feed", "bars") not in FEEDS:
        raise ValueError(f"`feed` is one of {', '.join(FEEDS)}")
    for name in ("url", "stream_url", "socket_url"):
        if name in settings and urlsplit(settings[name]).scheme not in ("http", "https", "ws", "wss"):
            raise ValueError(f"`{name}` must begin with http://, https://, ws:// or wss://")
    host = urlsplit(str(settings.get("url", URL)))
    if host.scheme == "http" and host.hostname not in LOCAL:
        raise ValueError("`url` must begin with https://: keys are sent there; http:// is for this machine alone")
    return dict(settings)
