"""Which column of a file is what, by the names that exchanges, vendors and libraries give them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from lingua.data.errors import DataError
from lingua.data.table import Table

PRICES = ("open", "high", "low", "close")
NAMES: dict[str, tuple[str, ...]] = {
    "time": (
        "timestamp", "datetime", "date_time", "date time", "date", "time", "open_time", "opentime", "open time",
        "start_time", "start time", "gmt time", "local time", "ts", "ts_event", "dt", "t", "day", "period", "bar_time",
        "window_start", "close_time", "closetime", "close time", "end_time", "end time", "unix", "epoch",
        "unix_timestamp", "unix timestamp", "index", "unnamed: 0", "observation_date", "trade_date", "tradedate",
        "transact_time", "sip_timestamp", "begins_at",
        "datum", "fecha", "data", "дата", "日期", "日付", "时间", "日時",
    ),
    "open": (
        "open", "o", "open_price", "openprice", "open price", "price_open", "op", "first", "bidopen", "open bid",
        "eroffnung", "eroffnungskurs", "eroffn", "erster", "ouverture", "ouv", "apertura", "abierto", "abertura",
        "откр", "开盘", "开盘价", "始値",
    ),
    "high": (
        "high", "h", "high_price", "highprice", "high price", "price_high", "hi", "max", "bidhigh", "high bid",
        "hoch", "tageshoch", "hochstkurs", "plus haut", "haut", "+ haut", "maximo", "massimo", "maxima", "макс",
        "最高", "最高价", "高値", "高",
    ),
    "low": (
        "low", "l", "low_price", "lowprice", "low price", "price_low", "lo", "min", "bidlow", "low bid",
        "tief", "tagestief", "tiefstkurs", "plus bas", "bas", "+ bas", "minimo", "minima", "мин",
        "最低", "最低价", "安値", "低",
    ),
    "close": (
        "close", "c", "close_price", "closeprice", "close price", "price_close", "cl", "close/last", "last",
        "last_price", "bidclose", "price", "close bid",
        "schluss", "schlusskurs", "zuletzt", "letzter", "cloture", "dernier", "clot", "cierre", "ultimo", "chiusura",
        "fechamento", "цена", "收盘", "收盘价", "終値",
    ),
    "volume": (
        "volume", "vol", "v", "base_volume", "basevolume", "volume_base", "volume_traded", "tick_volume", "tickvol",
        "tickqty", "volumefrom", "size", "qty", "amount", "volume_(btc)",
        "volumen", "stuck", "volumes", "объем", "成交量", "出来高",
    ),
    "symbol": ("symbol", "ticker", "tic", "instrument", "pair", "market", "ric", "code", "name"),
    "synthetic": ("synthetic", "is_synthetic"),
}  # fmt: skip
CLOCKS = ("time", "hour", "zeit", "uhrzeit", "heure", "hora", "ora", "时间", "時刻")
"""Columns of times beside a column of dates."""
DATES = ("date", "day", "datum", "fecha", "data", "дата", "日期", "日付", "trade_date")
CLOSE_STAMPS = ("close_time", "closetime", "close time", "end_time", "end time")
ALONE = ("nav", "value", "level", "settle", "settlement", "fixing", "adj close", "adj_close")
"""What a column of closes may be called where a file has nothing else."""
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


def find_roles(table: Table, *, closes_alone: bool = False) -> Roles:
    """Raises DataError where a column that bars need is missing; with `closes_alone` opens, highs and lows may be."""
    found = {role: _named(table, role) for role in NAMES}
    if closes_alone:
        found["close"] = found["close"] or next((name for name in ALONE if name in table.columns), "")
        found.update({role: found["close"] for role in PRICES if not found[role]})
    if not found["volume"]:
        found["volume"] = next((name for name in table.columns if name.startswith("volume")), "")
    missing = [role for role in ("time", *PRICES) if not found[role]]
    if missing:
        shown = ", ".join(name[:40] for name in list(table.columns)[:12])
        raise DataError(
            f"no column for {', '.join(missing)} among {shown or 'no columns'}"
            + ("; these look like trades or quotes, not bars" if is_ticks(table) else ""),
            file=table.source, rows=[1] if table.source else (), mend=_mend_of(table, missing),
        )  # fmt: skip
    time = found["time"]
    clock = clock_of(table, time)
    used = {*found.values(), clock}
    times = {*NAMES["time"], *LEFT_OUT}
    extra = tuple(
        name for name in table.columns if name not in used and name not in times and re.fullmatch(r"[a-z_]\w*", name)
    )
    return Roles(
        time, {role: found[role] for role in PRICES}, found["volume"], found["symbol"], found["synthetic"], clock,
        "close" if time in CLOSE_STAMPS else "", extra,
    )  # fmt: skip


def _mend_of(table: Table, missing: list[str]) -> str:
    if is_ticks(table) and missing == ["open", "high", "low"] and not {"bid", "ask"} & set(table.columns):
        return (
            "make bars of them: `lingua data resample FILE 1m -o BARS.csv`; if each is the close of a bar, take it for "
            "the other prices too with `--mend close`"
        )
    if is_ticks(table):
        return "make bars of them: `lingua data resample FILE 1m -o BARS.csv`"
    if missing == ["open", "high", "low"]:
        return (
            "orders fill at opens, and closes have none: fetch open, high and low too, or take the closes for "
            "them with `--mend close`"
        )
    if "time" not in missing and (missing == ["high", "low"] or any(name in table.columns for name in ALONE)):
        return "fetch a file with open, high, low and close, or take what is there for the others with `--mend close`"
    return "name the columns timestamp, open, high, low, close and volume"


def _named(table: Table, role: str) -> str:
    """The column of a role: by its name, by its name without ornaments, and for times the first if it has no name."""
    return named(table, NAMES[role]) or ("column 1" if role == "time" and "column 1" in table.columns else "")


def named(table: Table, names: tuple[str, ...]) -> str:
    """The first of `names` that a column has, written so or with ornaments; empty if none."""
    exact = next((name for name in names if name in table.columns), "")
    if exact:
        return exact
    plain: dict[str, str] = {}
    for name in table.columns:
        plain.setdefault(unadorned(name), name)
    return next((plain[name] for name in names if name in plain), "")


def unadorned(name: str) -> str:
    """A lower-case title without number, accents and what stands in brackets.

    >>> unadorned("1a. open (usd)"), unadorned("eröffn."), unadorned("clôture")
    ('open', 'eroffn', 'cloture')
    """
    bare = re.sub(r"^\d+[a-z]?\.\s*|\s*[(\[].*$", "", name).strip().rstrip(".")
    if bare.isascii():
        return bare
    # Accents of Latin letters only: in other scripts the mark makes another letter.
    parts = unicodedata.normalize("NFD", bare)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))


def clock_of(table: Table, time: str) -> str:
    """The column of times that belongs to a column of dates; empty if there is none."""
    if unadorned(time) not in DATES:
        return ""
    return next((name for name in table.columns if name != time and unadorned(name) in CLOCKS), "")


def volumes_of(table: Table) -> list[str]:
    """Columns that could be the volume, the likeliest first."""
    return [name for name in NAMES["volume"] if name in table.columns]


def is_ticks(table: Table) -> bool:
    """Whether the table holds trades or quotes."""
    return bool({"price", "bid", "ask"} & set(table.columns)) and not named(table, NAMES["open"])
