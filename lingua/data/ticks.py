"""Trades or quotes to bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data import instruments
from lingua.data.bars import Bars
from lingua.data.calendars import DAY_NS, sessions_between
from lingua.data.checks import DROP, Fault
from lingua.data.errors import DataError
from lingua.data.load import Terms, refuse
from lingua.data.numbers import as_floats
from lingua.data.raw import one_symbol
from lingua.data.resample import Groups, period_of
from lingua.data.roles import NAMES, clock_of, named
from lingua.data.stamps import parse_stamps
from lingua.data.table import Instants, Table
from lingua.data.timeframe import Timeframe

AUCTION_NS = 60 * 10**9
TRADES = ("price", "trade_price", "last", "p")
SIZES = ("size", "qty", "quantity", "amount", "volume", "vol", "s", "last_size")
BIDS = ("bid", "bid_price", "bidprice")
ASKS = ("ask", "ask_price", "askprice", "offer")


@dataclass(frozen=True, slots=True)
class Ticks:
    """(n,) stamps in UTC ns, never falling, prices and sizes (NaN: not told)."""

    symbol: str
    ts: NDArray[np.int64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    source: str


def bars_from_ticks(
    table: Table, timeframe: Timeframe, *, symbol: str = "", name: str = "", zone: str = "UTC",
    mend: tuple[str, ...] = (), terms: Terms | None = None,
) -> Bars:  # fmt: skip
    """Bars of `timeframe` of the trades in a table, or of the middle between bid and ask. A period without a tick gives
    no bar; the first and the last may have begun before the file or end after it, which ticks do not tell.

    Bars of days and longer are of sessions, so ticks between two sessions are left out of them.

    Raises DataError for ticks out of order and prices that are none; `mend` may hold `sort` and `drop`.
    """
    ticks = read_ticks(table, symbol=symbol, name=name, zone=zone, mend=mend)
    record = instruments.assume(ticks.symbol, ticks.ts, Timeframe(1, "m"))
    if terms is not None:
        record = terms(record)
    if not timeframe.is_fixed and record.calendar != "24x7":
        ticks = _of_sessions(ticks, record.calendar)
    starts, ends = period_of(ticks.ts, timeframe, record.calendar)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(starts)) - 1
    # Added up from left to right, as ticks that come one by one are: sums of floats depend on the order.
    size = Groups(first, last - first + 1).total(np.nan_to_num(ticks.size))
    return Bars(
        symbol=ticks.symbol, timeframe=timeframe, ts=ends[first], open_ts=starts[first],
        open=ticks.price[first], high=np.maximum.reduceat(ticks.price, first),
        low=np.minimum.reduceat(ticks.price, first), close=ticks.price[last],
        volume=size if not np.isnan(ticks.size).all() else np.full(len(first), np.nan), instrument=record,
        source=ticks.source,
    )  # fmt: skip


def _of_sessions(ticks: Ticks, calendar_name: str) -> Ticks:
    """The ticks inside sessions. Those of the minute after a close are taken to it: the closing auction is printed once
    the bell has rung."""
    ts = ticks.ts
    table = sessions_between(int(ts[0]) - DAY_NS, int(ts[-1]), calendar_name)
    at = np.searchsorted(table.closes, ts, side="right")
    before = np.where(at > 0, table.closes[at - 1], np.iinfo(np.int64).min // 2)
    is_auction = ts < before + AUCTION_NS
    keep = is_auction | (ts >= table.opens[at])
    ts = np.where(is_auction, before - 1, ts)
    if not keep.any():
        raise DataError(
            f"no tick lies in a session of {calendar_name}", file=ticks.source, mend="check `--zone`, or the calendar"
        )
    return Ticks(ticks.symbol, ts[keep], ticks.price[keep], ticks.size[keep], ticks.source)


def read_ticks(table: Table, *, symbol: str, name: str, zone: str, mend: tuple[str, ...]) -> Ticks:
    """The ticks of one symbol. Raises DataError."""
    unknown = [method for method in mend if method not in ("sort", "drop")]
    if unknown:
        raise DataError(f"`{unknown[0]}` mends bars, not ticks", mend="mend with `sort` and `drop`")
    table, found = one_symbol(table, named(table, NAMES["symbol"]), symbol)
    time = named(table, NAMES["time"])
    if not time:
        raise DataError("no column of times", file=table.source, mend="name it timestamp")
    clock = clock_of(table, time)
    values = table.columns[time]
    if clock and not isinstance(values, Instants):
        values = [f"{day} {moment}" for day, moment in zip(values, table.columns[clock], strict=True)]
    parsed = parse_stamps(values, zone, table.source, table.rows)
    price, size, is_early = _prices(table)
    with np.errstate(invalid="ignore"):
        wrong = (~(price > 0.0) | np.isinf(price)) & ~is_early
    faults = []
    for kind, text, where in (("stamp", parsed.cause, parsed.bad), ("negative", "a price is not above zero", wrong)):
        if where.any() and "drop" not in mend:
            faults.append(Fault(kind, text, tuple(table.rows[where].tolist()), DROP))
    keep = np.flatnonzero(~parsed.bad & ~wrong & ~is_early)
    if "sort" in mend:
        keep = keep[np.argsort(parsed.ts[keep], kind="stable")]
    ts, rows = parsed.ts[keep], table.rows[keep]
    falls = np.diff(ts, prepend=ts[:1]) < 0
    if falls.any():
        text = "the stamp is earlier than the one before"
        faults.append(Fault("unsorted", text, tuple(rows[falls].tolist()), "`--mend sort` puts them in order"))
    refuse(faults, table.source)
    if not len(ts):
        raise DataError("there is not a single tick", file=table.source, mend="give a file with trades or quotes")
    return Ticks(symbol or found or name or "DATA", ts, price[keep], size[keep], table.source)


def _prices(table: Table) -> tuple[Any, Any, Any]:
    """(n,) prices and sizes: of trades, else the middle of the quotes. A bid or ask that is empty or 0 was not changed
    by that row, so the one before it stands; the third says of which rows one of them is not known yet."""
    unknown = np.full(len(table), np.nan)
    trade = named(table, TRADES)
    if trade:
        price = _column(table, trade)
        if (price > 0.0).any():
            held = named(table, SIZES)
            return price, _column(table, held) if held else unknown, np.zeros(len(table), dtype=np.bool_)
    bid, ask = named(table, BIDS), named(table, ASKS)
    if not bid or not ask:
        raise DataError(
            "no column for the price of a trade, nor for bid and ask", file=table.source, mend="name it price"
        )
    middle = (_standing(_column(table, bid)) + _standing(_column(table, ask))) / 2.0
    return middle, unknown, np.isnan(middle)


def _column(table: Table, name: str) -> Any:
    numbers, bad = as_floats(table.columns[name])
    if bad:
        text = f"`{str(table.columns[name][bad[0]])[:40]}` in column {name} is not a number"
        raise DataError(text, file=table.source, rows=table.rows[bad].tolist(), mend="mend these rows")
    return numbers


def _standing(side: Any) -> Any:
    told = np.where(side > 0.0, np.arange(len(side)), -1)
    last = np.maximum.accumulate(told)
    return np.where(last >= 0, side[last], np.nan)
