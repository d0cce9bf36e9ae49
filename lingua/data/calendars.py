"""Trading sessions: when each begins and ends, daylight saving and holidays included.

A calendar is a rule (weekdays, opening and closing time in a zone) with a table of exceptions that ships with Lingua
(`tables/calendars.json`, written by `tables/generate.py` from the exchanges' published holidays). `24x7` has a session
for each UTC day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Stamps = NDArray[np.int64]
DAY_NS = 86_400 * 10**9
EPOCH = date(1970, 1, 1)
ALIASES = {
    "NYSE": "XNYS", "NASDAQ": "XNYS", "XNAS": "XNYS", "AMEX": "XNYS", "US": "XNYS", "LSE": "XLON", "TSE": "XTKS",
    "CME": "CMES", "FOREX": "FX", "24/7": "24x7", "24/5": "FX", "24x5": "FX",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """`opens` and `closes` are seconds from local midnight of the session's date (negative: the evening before).
    `holidays` are days since 1970-01-01; `early` and `late` give another closing or opening time of a day."""

    name: str
    zone: str
    opens: int
    closes: int
    sessions_per_year: float
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: frozenset[int] = frozenset()
    early: dict[int, int] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)


ALWAYS = Calendar("24x7", "UTC", 0, 86_400, 365.0, (0, 1, 2, 3, 4, 5, 6))


@dataclass(frozen=True, slots=True)
class Sessions:
    """(n,) columns: date as days since 1970-01-01, opening and closing instant in UTC ns."""

    days: Stamps
    opens: Stamps
    closes: Stamps


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    text = resources.files("lingua.data").joinpath("tables/calendars.json").read_text("utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


def names() -> tuple[str, ...]:
    return ("24x7", *sorted(_tables()))


@lru_cache(maxsize=32)
def calendar(name: str) -> Calendar:
    """The calendar of that name or alias. Raises ValueError with the names there are."""
    if name == "24x7":
        return ALWAYS
    table = _tables().get(ALIASES.get(name, name))
    if table is None:
        if ALIASES.get(name) == "24x7":
            return ALWAYS
        raise ValueError(f"no calendar is called {name!r}; there are {', '.join(names())}")
    return Calendar(
        ALIASES.get(name, name), table["zone"], table["opens"], table["closes"], table["sessions_per_year"],
        tuple(table.get("weekdays", (0, 1, 2, 3, 4))), frozenset(table.get("holidays", ())),
        {int(day): seconds for day, seconds in table.get("early", {}).items()},
        {int(day): seconds for day, seconds in table.get("late", {}).items()},
    )  # fmt: skip


def sessions_per_year(name: str) -> float:
    """Sessions in a usual year: what a yearly figure is scaled by."""
    return calendar(name).sessions_per_year


@lru_cache(maxsize=512)
def _year(name: str, year: int) -> Sessions:
    rule = calendar(name)
    first = (date(year, 1, 1) - EPOCH).days
    last = (date(year + 1, 1, 1) - EPOCH).days
    days = [d for d in range(first, last) if (d + 3) % 7 in rule.weekdays and d not in rule.holidays]
    if rule.zone == "UTC":
        at = np.array(days, dtype=np.int64)
        return Sessions(at, at * DAY_NS + rule.opens * 10**9, at * DAY_NS + rule.closes * 10**9)
    opens = [_instant(d, rule.late.get(d, rule.opens), rule.zone) for d in days]
    closes = [_instant(d, rule.early.get(d, rule.closes), rule.zone) for d in days]
    return Sessions(*(np.array(column, dtype=np.int64) for column in (days, opens, closes)))


def _instant(day: int, seconds: int, zone: str) -> int:
    local = datetime(1970, 1, 1) + timedelta(days=day, seconds=seconds)
    return int(local.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 10**9


@lru_cache(maxsize=64)
def _years(name: str, first: int, last: int) -> Sessions:
    parts = [_year(name, year) for year in range(first, last + 1)]
    return Sessions(*(np.concatenate([getattr(part, column) for part in parts]) for column in Sessions.__slots__))


def sessions_between(first_ns: int, last_ns: int, name: str) -> Sessions:
    """All sessions of the years around the two instants."""
    years = [datetime.fromtimestamp(ns / 1e9, UTC).year for ns in (first_ns, last_ns)]
    return _years(ALIASES.get(name, name), years[0] - 1, years[1] + 1)


def session_of(ts: Stamps, name: str) -> Stamps:
    """(n,) date of the session each closing instant belongs to, as days since 1970-01-01. An instant between two
    sessions belongs to the next one, a close to the session it ends."""
    stamps = np.asarray(ts, dtype=np.int64)
    if not len(stamps):
        return stamps.copy()
    if name == "24x7":
        return (stamps - 1) // DAY_NS
    table = sessions_between(int(stamps.min()), int(stamps.max()), name)
    return np.asarray(table.days[np.searchsorted(table.closes, stamps, side="left")])


def session_close_after(ts: int, name: str) -> int:
    """Close of the session that follows the one in which `ts` lies (or which ends at it)."""
    table = sessions_between(ts, ts + 14 * DAY_NS, name)
    return int(table.closes[np.searchsorted(table.closes, ts, side="left") + 1])


def session_bounds(days: Stamps, name: str) -> tuple[Stamps, Stamps]:
    """(n,) opening and closing instants of the sessions of these dates. A date without a session (a holiday on which
    the data has a bar all the same) gets the usual hours."""
    wanted = np.asarray(days, dtype=np.int64)
    if not len(wanted):
        return wanted.copy(), wanted.copy()
    rule = calendar(name)
    table = sessions_between(int(wanted.min()) * DAY_NS, int(wanted.max()) * DAY_NS, name)
    at = np.minimum(np.searchsorted(table.days, wanted), len(table.days) - 1)
    opens, closes = table.opens[at].copy(), table.closes[at].copy()
    for k in np.flatnonzero(table.days[at] != wanted):
        opens[k] = _instant(int(wanted[k]), rule.opens, rule.zone)
        closes[k] = _instant(int(wanted[k]), rule.closes, rule.zone)
    return opens, closes
