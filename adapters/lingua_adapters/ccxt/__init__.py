"""Spot markets of the exchanges that ccxt knows, with what they have in common.

Settings of an account: `exchange` (ccxt's name of it), `key`, `secret`, `password`, `uid`; `sandbox = true` for the
exchange's own test market; `url` for another address (of a simulated Binance); `timeout_s` and `poll_s` (how long
between two looks for a bar that is due). Needs `pip install 'lingua-trading[ccxt]'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lingua_runtime.clock import Clock
from lingua_runtime.ports import Venue

TEXTS = ("exchange", "key", "secret", "password", "uid", "url")
NUMBERS = {"timeout_s": (0.1, 600.0), "poll_s": (0.01, 3600.0)}
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class CcxtVenue(Venue):
    exchange: Any = field(kw_only=True, repr=False)

    async def close(self) -> None:
        await self.exchange.close()


async def open_venue(settings: Mapping[str, Any], clock: Clock) -> Venue:
    """See `lingua_runtime.ports.Opener`. Raises ValueError for a setting that is wrong, VenueError when the exchange
    does not answer."""
    try:
        import ccxt.async_support as plain
        import ccxt.pro as pro
    except ModuleNotFoundError as problem:
        raise ValueError(f"it needs {problem.name}: pip install 'lingua-trading[ccxt]'") from None
    from lingua_adapters.ccxt.account import CcxtAccount
    from lingua_adapters.ccxt.errors import told
    from lingua_adapters.ccxt.market import CcxtMarket

    _check(settings)
    name = str(settings["exchange"])
    kind = getattr(pro, name, None) if name in pro.exchanges else getattr(plain, name, None)
    if kind is None or name not in (*pro.exchanges, *plain.exchanges):
        raise ValueError(f"ccxt knows no exchange `{name}`")
    options = {"defaultType": "spot", "adjustForTimeDifference": True, "maxRetriesOnFailure": 0}
    if name.startswith("binance"):
        options |= {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False}
    exchange = kind(
        {
            "apiKey": settings.get("key", ""), "secret": settings.get("secret", ""),
            "password": settings.get("password", ""), "uid": settings.get("uid", ""),
            "enableRateLimit": "url" not in settings, "timeout": int(float(settings.get("timeout_s", 10.0)) * 1000),
            "options": options,
        }
    )  # fmt: skip
    try:
        if settings.get("sandbox"):
            exchange.set_sandbox_mode(True)
        if "url" in settings:
            _point(exchange, str(settings["url"]).rstrip("/"))
        async with told(exchange):
            exchange.open()
            # aiohttp would send a withdrawal again by itself when a kept connection breaks.
            exchange.session._retry_connection = False
            await exchange.load_markets()
    except BaseException:
        await exchange.close()
        raise
    market = CcxtMarket(exchange, float(settings.get("poll_s", 2.0)))
    account = CcxtAccount(exchange, market) if settings.get("key") else None
    return CcxtVenue(name, market, account, exchange=exchange)


def _check(settings: Mapping[str, Any]) -> None:
    """Raises ValueError with the name of the setting, never with its value."""
    known = (*TEXTS, *NUMBERS, "sandbox")
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"`{name}` is no setting of ccxt; known are {', '.join(known)}")
        if name in TEXTS and not isinstance(value, str):
            raise ValueError(f"`{name}` must be a text")
        if name == "sandbox" and not isinstance(value, bool):
            raise ValueError("`sandbox` must be true or false")
        if name in NUMBERS:
            least, most = NUMBERS[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise ValueError(f"`{name}` must be a number from {least:g} to {most:g}")
    if not settings.get("exchange"):
        raise ValueError("`exchange` is missing: ccxt's name of it, such as kraken")
    if "url" in settings:
        address = urlsplit(str(settings["url"]))
        if settings["exchange"] != "binance" or address.scheme not in ("http", "https"):
            raise ValueError("`url` is for a simulated binance, and begins with http://")
        if address.scheme == "http" and address.hostname not in LOCAL:
            raise ValueError("`url` must begin with https://: keys are sent there; http:// is for this machine alone")


def _point(exchange: Any, url: str) -> None:
    """Other addresses for the same requests."""
    socket = url.replace("http", "ws", 1)
    addresses = exchange.urls["api"]
    for name, address in list(addresses.items()):
        if isinstance(address, str) and "binance.com" in address:
            addresses[name] = url + address.split("binance.com", 1)[1]
    if isinstance(addresses.get("ws"), dict):
        addresses["ws"]["spot"] = f"{socket}/ws"
        addresses["ws"]["ws-api"]["spot"] = f"{socket}/ws-api/v3"
