"""What is known or assumed of a symbol that no project file describes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from lingua.data.calendars import DAY_NS, calendar, is_session, names
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

CURRENCIES = (
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "CNH", "MXN", "ZAR", "SGD", "HKD",
    "PLN", "CZK", "HUF", "TRY", "XAU", "XAG",
)  # fmt: skip
COINS = re.compile(
    r"[A-Z0-9]{2,10}(?:USDT|USDC|BUSD|FDUSD|TUSD|XBT|BTC|ETH)|(?:BTC|XBT|ETH|SOL|XRP|LTC|XMR|ADA|DOGE)[A-Z]{3}"
)
COIN_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "BTC", "XBT", "ETH", "EUR", "GBP", "JPY")
FUTURES: dict[str, tuple[float, float, str]] = {
    # contract: multiplier, tick, quote; from the exchange's contract specifications
    "CME:ES": (50, 0.25, "USD"), "CME:MES": (5, 0.25, "USD"), "CME:NQ": (20, 0.25, "USD"), "CME:MNQ": (2, 0.25, "USD"),
    "CME:RTY": (50, 0.1, "USD"), "CME:YM": (5, 1, "USD"), "CME:CL": (1000, 0.01, "USD"), "CME:MCL": (100, 0.01, "USD"),
    "CME:NG": (10_000, 0.001, "USD"), "CME:GC": (100, 0.1, "USD"), "CME:MGC": (10, 0.1, "USD"),
    "CME:SI": (5000, 0.005, "USD"), "CME:HG": (25_000, 0.0005, "USD"), "CME:ZN": (1000, 0.015625, "USD"),
    "CME:ZB": (1000, 0.03125, "USD"), "CME:ZF": (1000, 0.0078125, "USD"), "CME:ZC": (50, 0.25, "USD"),
    "CME:ZS": (50, 0.25, "USD"), "CME:ZW": (50, 0.25, "USD"), "CME:6E": (125_000, 0.00005, "USD"),
    "CME:6B": (62_500, 0.0001, "USD"), "CME:6J": (12_500_000, 0.0000005, "USD"), "CME:6A": (100_000, 0.00005, "USD"),
    "CME:BTC": (5, 5, "USD"), "CME:MBT": (0.1, 5, "USD"),
}  # fmt: skip
VENUES = {"NYMEX": "CME", "COMEX": "CME", "CBOT": "CME"}
STOCK_ZONES = {"XNYS": "USD", "XTSE": "CAD", "XLON": "GBP", "XETR": "EUR", "XPAR": "EUR", "XSWX": "CHF", "XTKS": "JPY",
               "XHKG": "HKD", "XASX": "AUD", "XBOM": "INR"}  # fmt: skip


def assume(symbol: str, ts: Any, timeframe: Timeframe) -> Instrument:
    """A contract named with its venue (`CME:CL`) has the terms of that contract, its margin assumed. A pair of
    currencies is fx; a coin against another is spot; bars that keep the hours of an exchange are a stock of it;
    anything else is spot, open always."""
    venue, _, root = symbol.upper().rpartition(":")
    contract = FUTURES.get(f"{VENUES.get(venue, venue)}:{root}")
    if contract is not None:
        multiplier, tick, quote = contract
        return Instrument(
            symbol, "future", multiplier=float(multiplier), tick=float(tick), lot=1.0, quote=quote, initial_margin=0.1,
            maintenance_margin=0.08, calendar="CMES", session_zone="America/Chicago",
        )  # fmt: skip
    name = "".join(c for c in root if c.isalnum())
    base, quote = name[:3], name[3:]
    if len(name) == 6 and base in CURRENCIES and quote in CURRENCIES:
        return Instrument(
            symbol, "fx", quote=quote, calendar="FX", session_zone="America/New_York", initial_margin=0.05,
            maintenance_margin=0.025,
        )  # fmt: skip
    if COINS.fullmatch(name):
        return Instrument(symbol, quote=next((q for q in COIN_QUOTES if name.endswith(q)), "USD"))
    exchange = exchange_of(np.asarray(ts, dtype=np.int64), timeframe)
    if exchange:
        return replace(
            Instrument(symbol, "stock", calendar=exchange, initial_margin=0.5, maintenance_margin=0.25),
            session_zone=calendar(exchange).zone, quote=STOCK_ZONES[exchange],
        )  # fmt: skip
    return Instrument(symbol)


def exchange_of(ts: Any, timeframe: Timeframe) -> str:
    """The exchange whose days the bars keep: New York unless another fits clearly better; empty if there are bars on
    week-ends, at night, or too few to tell."""
    weekdays = (ts // DAY_NS + 3) % 7
    if len(ts) < 5 or bool((weekdays >= 5).any()):
        return ""
    if timeframe.is_fixed:
        hours = (ts // (3600 * 10**9)) % 24
        return "XNYS" if hours.min() >= 8 and hours.max() <= 23 else ""
    if timeframe.unit != "d":
        return "XNYS"
    days = ts // DAY_NS
    if len(days) < 60:
        return "XNYS"
    strange = {name: float(np.mean(~is_session(days, name))) for name in names() if name in STOCK_ZONES}
    if strange["XNYS"] <= 0.01:
        return "XNYS"
    best = min(strange, key=lambda name: (strange[name], name))
    return best if strange[best] < 0.5 * strange["XNYS"] else "XNYS"
