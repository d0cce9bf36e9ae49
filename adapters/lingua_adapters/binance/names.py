"""Names of instruments, timeframes and numbers, as Lingua and as the exchange write them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

from lingua.data.timeframe import Timeframe
from lingua_runtime.ports import Refused

INTERVALS = {
    "1s": "1s", "1m": "1m", "3m": "3m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1h", "2h": "2h", "4h": "4h",
    "6h": "6h", "8h": "8h", "12h": "12h", "1d": "1d", "1w": "1w", "1mo": "1M",
}  # fmt: skip
"""By our timeframe. The exchange's bars of three days begin elsewhere than ours, which are made from days."""
CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")


def venue_symbol(symbol: str) -> str:
    """BTCUSDT of BTCUSDT, BTC/USDT or BINANCE:BTCUSDT."""
    return "".join(c for c in symbol.upper().rpartition(":")[2] if c.isalnum())


def native(timeframe: str) -> str:
    """The longest timeframe of the exchange of whose bars `timeframe` is made; itself where the exchange has it.
    Raises Refused."""
    try:
        wanted = Timeframe.parse(timeframe)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    if timeframe in INTERVALS:
        return timeframe
    makers = [each for each in INTERVALS if wanted.is_multiple_of(Timeframe.parse(each))]
    if not makers:
        raise Refused(f"the exchange has no bars that make {timeframe}")
    return max(makers, key=lambda each: Timeframe.parse(each).seconds)


def digits(value: float, step: str) -> str:
    """The multiple of `step` that a float stands for, with exactly those digits."""
    unit = Decimal(step).normalize()
    if unit <= 0:
        return format(Decimal(repr(value)), "f")
    return format((Decimal(repr(value)) / unit).quantize(Decimal(1), ROUND_HALF_EVEN) * unit, "f")


def client_id(text: str) -> str:
    """Raises Refused for an id that the exchange would not take."""
    if not CLIENT_ID.fullmatch(text):
        raise Refused(f"the exchange takes no client id {text[:40]!r}: 36 letters, digits and .:/_- at most")
    return text
