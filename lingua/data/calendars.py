"""Trading sessions: when each begins and ends, daylight saving and holidays included.

A calendar is a rule (weekdays, opening and closing time in a zone) with a table of exceptions that ships with Lingua
(`tables/calendars.json`, written by `tables/generate.py` from the exchanges' published holidays). `24x7` has a session
for each UTC day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.zones import to_local, to_utc

if TYPE_CHECKING:
    from lingua.data.bars import Bars

Stamps = NDArray[np.int64]
DAY_NS = 86_400 * 10**9
EPOCH = date(1970, 1, 1)
ALIASES = {
    "NYSE": "XNYS", "NASDAQ": "XNYS", "XNAS": "XNYS", "AMEX": "XNYS", "ARCA": "XNYS", "US": "XNYS", "LSE": "XLON",
    "TSE": "XTKS", "TSX": "XTSE", "XETRA": "XETR", "SIX": "XSWX", "HKEX": "XHKG", "ASX": "XASX", "BSE": "XBOM",
    "NSE": "XBOM", "CME": "CMES", "GLOBEX": "CMES", "FOREX": "FX", "24/7": "24x7", "24/5": "FX", "24x5": "FX",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """`eras` are (first day, opening, closing): hours from that day on, in seconds from local midnight of the session's
    date (negative: the evening before). `holidays` are days since 1970-01-01; `early` and `late` give another closing
    or opening time of a day. Days after the table's last (a year or two ahead) have no holidays."""

    name: str
    zone: str
    sessions_per_year: float
    eras: tuple[tuple[int, int, int], ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: frozenset[int] = frozenset()
    early: dict[int, int] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)


ALWAYS = Calendar("24x7", "UTC", 365.0, ((0, 0, 86_400),), (0, 1, 2, 3, 4, 5, 6))


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
        ALIASES.get(name, name), table["zone"], table["sessions_per_year"], tuple(map(tuple, table["eras"])),
        tuple(table.get("weekdays", (0, 1, 2, 3, 4))), frozenset(table.get("holidays", ())),
        {int(day): seconds for day, seconds in table.get("early", {}).items()},
        {int(day): seconds for day, seconds in table.get("late", {}).items()},
    )  # fmt: skip


def sessions_per_year(name: str) -> float:
    """Sessions in a usual year: what a yearly figure is scaled by."""
    return calendar(name).sessions_per_year


def _hours(rule: Calendar, days: Stamps) -> Sessions:
    """The sessions of these dates, whether or not the calendar has one there."""
    begins, opening, closing = (np.array(column, dtype=np.int64) for column in zip(*rule.eras, strict=True))
    era = np.maximum(np.searchsorted(begins, days, side="right") - 1, 0)
    opens, closes = opening[era], closing[era]
    for changed, column in ((rule.late, opens), (rule.early, closes)):
        for k in [k for k, day in enumerate(days.tolist()) if day in changed]:
            column[k] = changed[int(days[k])]
    return Sessions(days, _instants(days, opens, rule.zone), _instants(days, closes, rule.zone))


def _instants(days: Stamps, seconds: Stamps, zone: str) -> Stamps:
    return to_utc(days * DAY_NS + seconds * 10**9, zone)


@lru_cache(maxsize=64)
def _years(name: str, first: int, last: int) -> Sessions:
    days = np.arange((date(first, 1, 1) - EPOCH).days, (date(last + 1, 1, 1) - EPOCH).days, dtype=np.int64)
    return _hours(calendar(name), days[is_session(days, name)])


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


def sessions_of(bars: Bars) -> Stamps:
    """(n,) `session_of` the bars, by their own calendar."""
    return bars.once("sessions", lambda: session_of(bars.ts, bars.instrument.calendar))


def session_close_after(ts: int, name: str) -> int:
    """Close of the session that follows the one in which `ts` lies (or which ends at it)."""
    table = sessions_between(ts, ts + 14 * DAY_NS, name)
    return int(table.closes[np.searchsorted(table.closes, ts, side="left") + 1])


def session_bounds(days: Stamps, name: str) -> tuple[Stamps, Stamps]:
    """(n,) opening and closing instants of the sessions of these dates. A date without a session (a holiday on which
    the data has a bar all the same) gets the usual hours."""
    wanted = np.asarray(days, dtype=np.int64)
    sessions = _hours(calendar(name), wanted)
    return sessions.opens, sessions.closes


def is_session(days: Stamps, name: str) -> NDArray[np.bool_]:
    """(n,) whether the calendar has a session on these dates."""
    rule = calendar(name)
    wanted = np.asarray(days, dtype=np.int64)
    usual = np.zeros(7, dtype=np.bool_)
    usual[list(rule.weekdays)] = True
    # The table ends with a day that never comes, so that every search finds one.
    closed = np.array([*sorted(rule.holidays), np.iinfo(np.int64).max], dtype=np.int64)
    return np.asarray(usual[(wanted + 3) % 7] & (closed[np.searchsorted(closed, wanted)] != wanted))


def local_dates(ts: Stamps, name: str) -> Stamps:
    """(n,) dates on the exchange's wall calendar, as days since 1970-01-01."""
    return np.asarray(to_local(np.asarray(ts, dtype=np.int64), calendar(name).zone) // DAY_NS)
