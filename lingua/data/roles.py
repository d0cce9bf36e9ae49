"""Which column of a file is what, by the names that exchanges, vendors and libraries give them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lingua.data.errors import DataError
from lingua.data.table import Table

PRICES = ("open", "high", "low", "close")
NAMES: dict[str, tuple[str, ...]] = {
    "time": (
        "timestamp", "datetime", "date_time", "date time", "date", "time", "open_time", "opentime", "open time",
        "start_time", "start time", "gmt time", "local time", "ts", "ts_event", "dt", "t", "day", "period", "bar_time",
        "window_start", "close_time", "closetime", "close time", "end_time", "end time", "unix", "epoch",
        "unix_timestamp", "unix timestamp", "index", "unnamed: 0",
    ),
    "open": ("open", "o", "open_price", "openprice", "open price", "price_open", "op", "first", "bidopen"),
    "high": ("high", "h", "high_price", "highprice", "high price", "price_high", "hi", "max", "bidhigh"),
    "low": ("low", "l", "low_price", "lowprice", "low price", "price_low", "lo", "min", "bidlow"),
    "close": (
        "close", "c", "close_price", "closeprice", "close price", "price_close", "cl", "close/last", "last",
        "last_price", "bidclose", "price",
    ),
    "volume": (
        "volume", "vol", "v", "base_volume", "basevolume", "volume_base", "volume_traded", "tick_volume", "tickvol",
        "tickqty", "volumefrom", "size", "qty", "amount", "volume_(btc)",
    ),
    "symbol": ("symbol", "ticker", "tic", "instrument", "pair", "market", "ric", "code", "name"),
    "synthetic": ("synthetic", "is_synthetic"),
}  # fmt: skip
CLOSE_STAMPS = ("close_time", "closetime", "close time", "end_time", "end time")
LEFT_OUT = {
    "adj close", "adj_close", "adjclose", "adjusted close", "adjusted_close", "ignore", "change %", "chg%", "unix",
    "epoch",
}  # fmt: skip
"""Never columns of their own: prices adjusted by later events would show the future."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the columns; `clock` is a column of times beside a column of dates. `stamps` is what the name of the
    time column says of its stamps: open, close, or nothing."""

    time: str
    prices: dict[str, str]
    volume: str = ""
    symbol: str = ""
    synthetic: str = ""
    clock: str = ""
    stamps: str = ""
    extra: tuple[str, ...] = field(default=())


def find_roles(table: Table) -> Roles:
    """Raises DataError where a column that bars need is missing."""
    found = {role: _named(table, role) for role in NAMES}
    if not found["volume"]:
        found["volume"] = next((name for name in table.columns if name.startswith("volume")), "")
    missing = [role for role in ("time", *PRICES) if not found[role]]
    if missing:
        shown = ", ".join(name[:40] for name in list(table.columns)[:12])
        raise DataError(
            f"no column for {', '.join(missing)} among {shown or 'no columns'}"
            + ("; these look like trades or quotes, not bars" if is_ticks(table) else ""),
            file=table.source, rows=[1] if table.source else (),
            mend="name the columns timestamp, open, high, low, close and volume",
        )  # fmt: skip
    time, clock = found["time"], ""
    if time in ("date", "day") and "time" in table.columns:
        clock = "time"
    used = {*found.values(), clock}
    times = {*NAMES["time"], *LEFT_OUT}
    extra = tuple(
        name for name in table.columns if name not in used and name not in times and re.fullmatch(r"[a-z_]\w*", name)
    )
    return Roles(
        time, {role: found[role] for role in PRICES}, found["volume"], found["symbol"], found["synthetic"], clock,
        "close" if time in CLOSE_STAMPS else "", extra,
    )  # fmt: skip


def _named(table: Table, role: str) -> str:
    return next((name for name in NAMES[role] if name in table.columns), "")


def is_ticks(table: Table) -> bool:
    """Whether the table holds trades or quotes."""
    return bool({"price", "bid", "ask"} & set(table.columns)) and "open" not in table.columns
