"""Round trips by side, symbol, hour, weekday, month and rule; returns by calendar month."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from lingua.backtest.roundtrips import RoundTrip
from lingua.backtest.sums import total
from lingua.backtest.tables import Table
from lingua.backtest.times import SECOND
from lingua.backtest.tradestats import factor, mean, result_bp
from lingua.backtest.trips import columns_of

if TYPE_CHECKING:
    from lingua.backtest.result import Result

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOT_SENT = (
    "filtered", "suppressed", "ignored", "spent", "na_value", "zero_rounded", "below_minimum", "wrong_side", "halted",
    "denied", "rejected", "expired",
)  # fmt: skip
"""Kinds of `OrderEvent` that end a wish without a fill, in the order in which they can happen."""

Key = Callable[[RoundTrip], Any]


def splits(run: Result) -> dict[str, Table]:
    """Closed round trips, told by where and when they were entered. Hours, weekdays and months are those of the
    instrument's zone. Splits that would have one line for each time of the same daily open are left out."""
    local = {bars.symbol: _zone(bars.instrument.session_zone) for bars in run.bars}

    def entry(trip: RoundTrip) -> datetime:
        return datetime.fromtimestamp(trip.entry_ts // SECOND, tz=UTC).astimezone(local.get(trip.symbol, UTC))

    tables = {
        "side": split(run.closed, lambda trip: trip.side),
        "symbol": split(run.closed, lambda trip: trip.symbol, run.symbols),
        "hour": split(run.closed, lambda trip: f"{entry(trip).hour:02d}:00"),
        "weekday": split(run.closed, lambda trip: WEEKDAYS[entry(trip).weekday()], WEEKDAYS),
        "month": split(run.closed, lambda trip: MONTHS[entry(trip).month - 1], MONTHS),
        "exit": split(run.closed, lambda trip: trip.exit_rule),
        "tag": split(run.closed, lambda trip: run.tags.get((trip.symbol, trip.trade_id)) or "no tag"),
    }
    return {name: table for name, table in tables.items() if name not in ("hour", "tag", "symbol") or len(table) > 1}


def split(trips: Iterable[RoundTrip], key: Key, order: Iterable[str] = ()) -> Table:
    """One row a key: trades, wins, net result, averages. In the given order, further keys sorted after it."""
    groups: dict[Any, list[RoundTrip]] = {}
    for trip in trips:
        groups.setdefault(key(trip), []).append(trip)
    known = [one for one in order if one in groups]
    keys = known + sorted(set(groups) - set(known))
    rows = [groups[one] for one in keys]
    columns = [columns_of(row) for row in rows]
    return Table(
        {
            "key": keys,
            "trades": [len(row) for row in rows],
            "wins": [int(np.count_nonzero(row.pnl > 0)) for row in columns],
            "pnl": [total(row.pnl) for row in columns],
            "average_bp": [result_bp(row) for row in columns],
            "average_r": [mean(row.r) for row in columns],
            "profit_factor": [factor(row) for row in columns],
        }
    )


def rule_statistics(run: Result) -> Table:
    """One row a rule: on how many bars it was true, what its entries earned, how many units it closed, and how often
    it wanted an order that was not sent or not filled, by reason."""
    names = [rule.name for rule in run.program.rules]
    every, closed = run.trips, run.trips.closed
    seen = [*every.names_in(every.entry_rule), *closed.names_in(closed.exit_rule)]
    names += [name for name in dict.fromkeys(seen) if name and name not in names]
    counts = run.event_counts
    entered = [closed.entered_by(name) for name in names]
    columns: dict[str, Any] = {
        "rule": names,
        "fired": [run.fired_counts.get(name, 0) for name in names],
        "entries": [int(np.count_nonzero(every.entry_rule == every.number(name))) for name in names],
        "exits": [int(np.count_nonzero(closed.exit_rule == closed.number(name))) for name in names],
        "wins": [int(np.count_nonzero(trips.pnl > 0)) for trips in entered],
        "pnl": [total(trips.pnl) if len(trips) else math.nan for trips in entered],
        "average_bp": [result_bp(trips) for trips in entered],
        "average_r": [mean(trips.r) for trips in entered],
    }
    for kind in NOT_SENT:
        column = [counts.get((name, kind), 0) for name in names]
        if any(column):
            columns[kind] = column
    return Table(columns)


def monthly_returns(run: Result) -> Table:
    """One row a year with the return of each month (NaN where there was none) and of the whole year. The first month
    starts at the ready bar; a bar that closes at midnight belongs to the month that ends there."""
    curve = run.curve
    names = ("year", *MONTHS, "total")
    if not curve.months:
        return Table({name: [] for name in names})
    by_year: dict[int, dict[int, tuple[float, float]]] = {}
    start = curve.first
    for month, end in curve.months:
        by_year.setdefault(1970 + month // 12, {})[month % 12] = (start, end)
        start = end
    rows = []
    for year, found in by_year.items():
        figures = [_growth(*found[month]) if month in found else math.nan for month in range(12)]
        first, final = found[min(found)][0], found[max(found)][1]
        rows.append([year, *figures, _growth(first, final)])
    return Table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def _growth(before: float, after: float) -> float:
    return after / before - 1.0 if before > 0 else math.nan


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # a system without this zone still deserves its table, in UTC
        return UTC
