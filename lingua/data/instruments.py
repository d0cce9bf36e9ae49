"""What is assumed of a symbol that no project file describes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "CNH", "MXN", "ZAR", "SGD", "HKD")
DAY_NS = 86_400 * 10**9


def assume(symbol: str, ts: Any, timeframe: Timeframe) -> Instrument:
    """A pair of currencies is fx; daily bars that skip week-ends are a US stock; anything else is spot, open always."""
    pair = re.search(r"([A-Z]{3})[^A-Z]?([A-Z]{3})$", symbol.upper())
    if pair and pair[1] in CURRENCIES and pair[2] in CURRENCIES:
        return Instrument(symbol, "fx", quote=pair[2], calendar="FX", session_zone="America/New_York", initial_margin=0.05)
    weekdays = (np.asarray(ts) // DAY_NS + 3) % 7
    if len(weekdays) >= 10 and not (weekdays >= 5).any():
        if timeframe.unit in ("d", "w", "mo", "y"):
            return Instrument(symbol, "stock", calendar="XNYS", session_zone="America/New_York", initial_margin=0.5)
        hours = (np.asarray(ts) // (3600 * 10**9)) % 24
        if hours.min() >= 8 and hours.max() <= 23:
            return Instrument(symbol, "stock", calendar="XNYS", session_zone="America/New_York", initial_margin=0.5)
    return Instrument(symbol)
