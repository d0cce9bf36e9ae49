"""Symbols and bar lengths in the names of files: `AAPL.csv`, `BTCUSDT-5m.parquet`, `crypto_1h_BTCUSD_2017-2018.csv`."""

from __future__ import annotations

import re
from pathlib import Path

from lingua.data.raw import plain

LENGTH = re.compile(r"(\d{1,3})(s|sec|m|min|minute|h|hour|d|day|w|week|mo|month|y)s?", re.IGNORECASE)
WORDS = {
    "daily": "1d", "weekly": "1w", "monthly": "1mo", "hourly": "1h", "minute": "1m", "d1": "1d", "h1": "1h", "h4": "4h",
    "m1": "1m", "m5": "5m", "m15": "15m", "m30": "30m", "w1": "1w", "mn1": "1mo",
}  # fmt: skip
UNITS = {"sec": "s", "min": "m", "minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo"}


def stem_of(path: Path) -> str:
    """The file's name without its ending: `BTC.csv.gz` is BTC."""
    name = path.name
    for ending in (".gz", path.with_suffix("").suffix if name.endswith(".gz") else path.suffix):
        name = name.removesuffix(ending)
    return name


def tokens(stem: str) -> list[str]:
    return [token for token in re.split(r"[_\-. ,()]+", stem) if token]


def length_in(token: str) -> str:
    """`1h` for 1h, 1hour, H1 and hourly; empty for what is no length."""
    if token.lower() in WORDS:
        return WORDS[token.lower()]
    match = LENGTH.fullmatch(token)
    if not match:
        return ""
    if match[2] == "M":  # exchanges write 1M for a month
        return f"{int(match[1])}mo"
    unit = match[2].lower()
    return f"{int(match[1])}{UNITS.get(unit, unit)}"


def timeframe_in(path: Path) -> str:
    """The bar length that the file's name tells; empty if none."""
    return next((found for token in tokens(stem_of(path)) if (found := length_in(token))), "")


def guess_symbol(path: Path) -> str:
    """The symbol in a file's name: what is neither a length nor a number, in capitals if some of it is."""
    stem = stem_of(path)
    words = [token for token in tokens(stem) if not length_in(token) and not token.isdigit()]
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    chosen = capitals if capitals and len(capitals) < len(words) else words
    return "_".join(chosen) if chosen and len(chosen) <= 3 else stem


def names_symbol(path: Path, symbol: str) -> bool:
    """Whether the file's name begins with the symbol, or holds it as words of its own: `btcusdt_1h` and `fx-BTC-USDT`
    name BTC/USDT; `btcusdtx` does not."""
    wanted = plain(symbol)
    parts = [token.lower() for token in tokens(stem_of(path))]
    return bool(wanted) and any(
        "".join(parts[a:b]) == wanted for a in range(len(parts)) for b in range(a + 1, min(a + 4, len(parts)) + 1)
    )
