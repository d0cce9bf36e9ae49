"""When a bar opens and closes, told from the stamps of a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.calendars import DAY_NS, calendar, session_bounds, sessions_between
from lingua.data.errors import DataError
from lingua.data.timeframe import Timeframe
from lingua.data.zones import to_local

Stamps = NDArray[np.int64]
FIXED = (1, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 10800, 14400, 21600, 28800, 43200)
FRIDAY = 4


def infer_timeframe(ts: Stamps, source: str) -> Timeframe:
    """The step that occurs most often. Raises DataError when there is no usual one."""
    if len(ts) < 2:
        raise DataError("one bar does not tell its length", file=source, mend="say it: `--timeframe 1d`")
    every = np.diff(ts)
    steps, counts = counted(every[every > 0])
    return timeframe_of_steps(steps, counts, source)


def timeframe_of_steps(steps: Stamps, counts: Stamps, source: str) -> Timeframe:
    """The same of the distinct steps between stamps, ascending, and how often each occurs."""
    step = int(steps[np.argmax(counts)]) // 10**9 if len(steps) else 0
    days = step / 86_400
    if step in FIXED:
        odd = int(counts[steps % (step * 10**9) != 0].sum()) / int(counts.sum())
        if odd > 0.1:
            raise DataError(
                f"the usual step between stamps is {step} seconds, but {odd:.0%} of the steps are no multiple of it",
                file=source, mend="say the length of the bars: `--timeframe 5m`",
            )  # fmt: skip
        unit, seconds = next((u, s) for u, s in (("h", 3600), ("m", 60), ("s", 1)) if step % s == 0)
        return Timeframe(step // seconds, unit)
    # Around daylight saving a day has 23 or 25 hours.
    for count, unit, low, high in (
        (1, "d", 0.9, 1.1), (2, "d", 1.95, 2.05), (3, "d", 2.95, 3.05), (1, "w", 6.9, 7.1), (2, "w", 13.9, 14.1),
        (1, "mo", 27, 32), (3, "mo", 88, 93), (6, "mo", 180, 185), (1, "y", 360, 370),
    ):  # fmt: skip
        if low < days < high:
            return Timeframe(count, unit)
    raise DataError(
        f"the usual step between stamps is {step} seconds, which is no bar length", file=source,
        mend="say it: `--timeframe 5m`",
    )  # fmt: skip


def counted(values: Stamps) -> tuple[Stamps, Stamps]:
    """The distinct values, ascending, and how often each occurs. (`np.unique` would import `numpy.ma`, 10 ms, on its
    first call.)"""
    ordered = np.sort(values)
    begins = np.flatnonzero(np.concatenate((np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1])))
    return ordered[begins], np.diff(np.append(begins, len(ordered)))


def bar_bounds(ts: Stamps, timeframe: Timeframe, stamps: str, name: str) -> tuple[Stamps, Stamps]:
    """(n,) opening and closing instants, UTC ns.

    Up to hours a stamp is an instant, the bar's open unless `stamps` is "close"; a bar that lies partly within a
    session opens and ends with it. From days on a stamp at midnight (UTC, or of the exchange's clocks) is a date: of
    the session, or the first or last day of the week, month or year (the day in the week or month tells which). When
    it could be either the bar is taken to close later, because closing too early would show the future.
    """
    if timeframe.is_fixed:
        return _intraday(ts, timeframe.seconds * 10**9, stamps, name)
    days = label_days(ts, name)
    if days is None:
        return _instants(ts, timeframe, stamps, name)
    if timeframe.unit == "d":
        if name == "24x7" and stamps == "close":
            return ts - timeframe.count * DAY_NS, ts
        return _sessions(days, days + timeframe.count, name)
    first, end = _period(days, timeframe, stamps)
    if name == "24x7":
        return first * DAY_NS, end * DAY_NS
    return _sessions(first, end, name)


def label_days(ts: Stamps, name: str) -> Stamps | None:
    """Stamps as dates, when they all are midnights; else None."""
    if bool((ts % DAY_NS == 0).all()):
        return np.asarray(ts // DAY_NS)
    local = to_local(ts, calendar(name).zone)
    return np.asarray(local // DAY_NS) if bool((local % DAY_NS == 0).all()) else None


def _intraday(ts: Stamps, length: int, stamps: str, name: str) -> tuple[Stamps, Stamps]:
    return intraday_bounds(ts, length, stamps, name, odd_share(ts, length, stamps, name), None)


def odd_bars(ts: Stamps, length: int, stamps: str, name: str, before: int | None) -> Any:
    """(n,) bool: bars that begin before the one before ends (of stamps of the close), or that lie outside the hours of
    the exchange. `before` is the stamp in front of the first."""
    if stamps == "close":
        return _stamps_before(ts, length, before) > ts - length
    if name == "24x7" or not len(ts):
        return np.zeros(len(ts), dtype=np.bool_)
    table = sessions_between(int(ts.min()), int(ts.max()), name)
    return ts + length <= table.opens[np.searchsorted(table.closes, ts, side="right")]


def odd_share(ts: Stamps, length: int, stamps: str, name: str) -> float:
    """Which share of all bars `odd_bars` finds."""
    return float(np.mean(odd_bars(ts, length, stamps, name, None))) if len(ts) else 0.0


def _stamps_before(ts: Stamps, length: int, before: int | None) -> Stamps:
    first = ts[:1] - length if before is None else np.full(min(1, len(ts)), before, dtype=np.int64)
    return np.concatenate((first, ts[:-1]))


def intraday_bounds(
    ts: Stamps, length: int, stamps: str, name: str, odd: float, before: int | None
) -> tuple[Stamps, Stamps]:
    """`bar_bounds` of bars that are `length` ns long, or of a piece of them: `odd` is the share of all bars that
    `odd_bars` finds, `before` the stamp in front of the first of these."""
    if stamps == "close":
        # The last bar of a session may be shorter than the others; many such bars mean another length.
        last = _stamps_before(ts, length, before)
        return np.where((last > ts - length) & (odd < 0.05), last, ts - length), ts
    # Trading before the opening and after the close: then no bar can be told to end at the close.
    if name == "24x7" or not len(ts) or odd > 0.01:
        return ts, ts + length
    table = sessions_between(int(ts.min()), int(ts.max()), name)
    session = np.searchsorted(table.closes, ts, side="right")
    inside = ts + length > table.opens[session]
    # A bar from 9:00 on of a market that opens at 9:30 opens at 9:30.
    opens = np.where(inside, np.maximum(ts, table.opens[session]), ts)
    return opens, np.where(inside, np.minimum(ts + length, table.closes[session]), ts + length)


def _instants(ts: Stamps, timeframe: Timeframe, stamps: str, name: str) -> tuple[Stamps, Stamps]:
    """Daily or longer bars stamped by a time of day."""
    table = sessions_between(int(ts.min()), int(ts.max()), name)
    length = timeframe.seconds * 10**9
    if stamps == "close" or (name != "24x7" and bool(np.isin(ts, table.closes).all())):
        before = np.concatenate((ts[:1] - length, ts[:-1]))
        at = np.searchsorted(table.opens, before, side="left")
        opens = table.opens[np.minimum(at, len(table.opens) - 1)]
        return np.where((opens < ts) & (name != "24x7"), opens, before), ts
    if timeframe.unit == "d":
        if name != "24x7" and bool(np.isin(ts, table.opens).all()):
            at = np.searchsorted(table.opens, ts)
            return ts, table.closes[at]
        return ts, ts + timeframe.count * DAY_NS
    first, end = _period(np.asarray(to_local(ts, calendar(name).zone) // DAY_NS), timeframe, "open")
    return ts, np.asarray(ts + (end - first) * DAY_NS)


def _period(days: Stamps, timeframe: Timeframe, stamps: str) -> tuple[Stamps, Stamps]:
    """First day, and day after the last, of the week, month or year that each label stands for."""
    count = timeframe.count
    if timeframe.unit == "w":
        weekdays = (days + 3) % 7
        usual = int(np.bincount(weekdays, minlength=7).argmax())
        if stamps == "close" or (not stamps and usual in (FRIDAY, FRIDAY + 1)):
            end = days - weekdays + 7
            return end - 7 * count, end
        # A label that a holiday moved belongs to the week that begins on the usual day.
        first = days - (weekdays - usual) % 7
        return first, first + 7 * count
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    in_month = days - months.astype("datetime64[D]").astype(np.int64)
    count *= 12 if timeframe.unit == "y" else 1
    numbers = months.astype(np.int64)
    is_end = stamps == "close" or (not stamps and float(np.median(in_month)) >= 15 and (
        timeframe.unit != "y" or int(np.median(numbers % 12)) == 11
    ))  # fmt: skip
    first = numbers - count + 1 if is_end else numbers
    return _month_day(first), _month_day(first + count)


def _month_day(months: Any) -> Stamps:
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _sessions(first: Stamps, end: Stamps, name: str) -> tuple[Stamps, Stamps]:
    """Opening of the first session from day `first` on, closing of the last before day `end`; the usual hours of the
    first day where the calendar has no session between."""
    table = sessions_between(int(first.min()) * DAY_NS, int(end.max()) * DAY_NS, name)
    at, last = np.searchsorted(table.days, first), np.searchsorted(table.days, end) - 1
    opens, closes = table.opens[np.minimum(at, len(table.days) - 1)].copy(), table.closes[last].copy()
    none = at > last
    opens[none], closes[none] = session_bounds(first[none], name)
    return opens, closes
