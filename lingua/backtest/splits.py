"""Round trips by side, symbol, hour, weekday, month and rule; returns by calendar month."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.sums import total
from lingua.backtest.tables import Table
from lingua.backtest.times import DAY
from lingua.backtest.tradestats import factor, mean, result_bp
from lingua.backtest.trips import Trips
from lingua.data.zones import to_local

if TYPE_CHECKING:
    from lingua.backtest.result import Result

HOUR = 3600 * 10**9
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOT_SENT = (
    "filtered", "suppressed", "ignored", "spent", "na_value", "zero_rounded", "below_minimum", "wrong_side", "halted",
    "denied", "rejected", "expired",
)  # fmt: skip
"""Kinds of `OrderEvent` that end a wish without a fill, in the order in which they can happen."""


def splits(run: Result) -> dict[str, Table]:
    """Closed round trips, told by where and when they were entered. Hours, weekdays and months are those of the
    instrument's zone. Splits that would have one line for each time of the same daily open are left out."""
    closed = run.trips.closed
    zones = {bars.symbol: bars.instrument.session_zone for bars in run.bars}
    entered = _local(closed, zones)
    months = entered.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % 12

    def named(numbers: NDArray[np.int32], order: Iterable[str] = (), empty: str = "") -> Table:
        return split(closed, numbers, {k: name or empty for k, name in enumerate(closed.names)}, order)

    def counted(numbers: NDArray[np.int64], names: Sequence[str]) -> Table:
        return split(closed, numbers, dict(enumerate(names)), names)

    tables = {
        "side": named(closed.side),
        "symbol": named(closed.symbol, run.symbols),
        "hour": counted(entered // HOUR % 24, [f"{hour:02d}:00" for hour in range(24)]),
        "weekday": counted((entered // DAY + 3) % 7, WEEKDAYS),
        "month": counted(months, MONTHS),
        "exit": named(closed.exit_rule),
        "tag": named(closed.tag, empty="no tag"),
    }
    return {name: table for name, table in tables.items() if name not in ("hour", "tag", "symbol") or len(table) > 1}


def _local(trips: Trips, zones: Mapping[str, str]) -> NDArray[np.int64]:
    """(n,) wall-clock ns of each entry where its instrument is traded."""
    out = trips.entry_ts.copy()
    for number in np.unique(trips.symbol).tolist():
        here = trips.symbol == number
        try:
            out[here] = to_local(trips.entry_ts[here], zones.get(trips.names[number], "UTC"))
        except ValueError:  # a system without this zone still deserves its table, in UTC
            continue
    return out


def split(trips: Trips, numbers: NDArray[Any], names: Mapping[int, str], order: Iterable[str] = ()) -> Table:
    """One row a key (the name of its number): trades, wins, net result, averages. In the given order, further keys
    sorted after it."""
    groups = {names[number]: trips.take(numbers == number) for number in np.unique(numbers).tolist()}
    known = [one for one in order if one in groups]
    keys = known + sorted(set(groups) - set(known))
    rows = [groups[one] for one in keys]
    return Table(
        {
            "key": keys,
            "trades": [len(row) for row in rows],
            "wins": [int(np.count_nonzero(row.pnl > 0)) for row in rows],
            "pnl": [total(row.pnl) for row in rows],
            "average_bp": [result_bp(row) for row in rows],
            "average_r": [mean(row.r) for row in rows],
            "profit_factor": [factor(row) for row in rows],
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
