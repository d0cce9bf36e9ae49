"""The built-in names of values: what every bar has, what the account tells, and parts of the time."""

from __future__ import annotations

from lingua.ir.nodes import Kind
from lingua.ir.units import BARS, MONEY, NONE, PRICE, QTY, RATIO, Unit
from lingua.structs import Struct


class Observable(Struct):
    kind: Kind
    unit: Unit
    summary: str


FIELDS = {
    "open": Observable(Kind.NUM, PRICE, "first price of the bar"),
    "high": Observable(Kind.NUM, PRICE, "highest price of the bar"),
    "low": Observable(Kind.NUM, PRICE, "lowest price of the bar"),
    "close": Observable(Kind.NUM, PRICE, "last price of the bar"),
    "volume": Observable(Kind.NUM, QTY, "quantity traded in the bar"),
    "time": Observable(Kind.TIME, NONE, "when the bar closed"),
    "open_time": Observable(Kind.TIME, NONE, "when the bar opened"),
    "bar": Observable(Kind.INT, BARS, "number of the bar, from 0"),
    "symbol": Observable(Kind.STRING, NONE, "symbol of the bar"),
}
"""Read from the bars of any clock."""

AVERAGES = {"hl2": ("high", "low"), "hlc3": ("high", "low", "close"), "ohlc4": ("open", "high", "low", "close")}
"""Means of prices of one bar."""

ACCOUNT = {
    "position": Observable(Kind.NUM, QTY, "quantity held, negative when short"),
    "entry": Observable(Kind.NUM, PRICE, "average entry price of the open position"),
    "weight": Observable(Kind.NUM, RATIO, "signed share of equity in the position"),
    "equity": Observable(Kind.NUM, MONEY, "cash and positions at the last price"),
    "cash": Observable(Kind.NUM, MONEY, "free cash"),
    "pnl": Observable(Kind.NUM, MONEY, "unrealised profit of the open position"),
    "bars_in_trade": Observable(Kind.INT, BARS, "bars since the position was opened"),
    "last_fill": Observable(Kind.NUM, PRICE, "price of the last fill"),
}
"""Depend on fills."""

LEG = ("position", "entry", "pnl")
"""What `btc.` of a data declaration tells of the account."""

TIME_PARTS = ("hour", "minute", "weekday", "day", "month", "year")
"""Functions of a time; alone they mean the part of `time`. Not reserved: a definition may use these names."""

PROTECTED = {
    **dict.fromkeys(("open", "high", "low", "close", *AVERAGES), "a price of every bar"),
    **dict.fromkeys(("volume", "time", "open_time", "bar", "symbol"), "part of every bar"),
    **dict.fromkeys(ACCOUNT, "what the account tells"),
}
"""Names that a definition may not take, and what they are."""

NAMES = (*FIELDS, *AVERAGES, *ACCOUNT, *TIME_PARTS)
