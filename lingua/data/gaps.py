"""Bars that should be there and are not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingua.data.bounds import label_days
from lingua.data.calendars import DAY_NS, calendar, is_session, sessions_between
from lingua.data.timeframe import Timeframe
from lingua.data.zones import SkippedTime, to_local, to_utc

Stamps = NDArray[np.int64]
USUAL = 0.5
"""A time of day counts as one at which bars come when it has one in at least half of the sessions."""


def expected_stamps(ts: Stamps, timeframe: Timeframe, name: str) -> Stamps:
    """Stamps between the first and the last at which the calendar has a bar; `ts` increase.

    On a market that never closes that is every step from the first stamp on; elsewhere the times of day at which the
    data itself usually has bars, on every session of the calendar, up to its close.
    """
    if len(ts) < 2:
        return ts
    if timeframe.is_fixed:
        length = timeframe.seconds * 10**9
        if name == "24x7":
            return np.arange(int(ts[0]), int(ts[-1]) + 1, length, dtype=np.int64)
        return _in_sessions(ts, name)
    days = label_days(ts, name)
    if timeframe.unit != "d" or days is None or timeframe.count > 1:
        return _periods(ts, timeframe)
    every = np.arange(int(days[0]), int(days[-1]) + 1, dtype=np.int64)
    every = every[is_session(every, name)]
    if bool((ts % DAY_NS == 0).all()):
        return every * DAY_NS
    return to_utc(every * DAY_NS, calendar(name).zone)


def missing_stamps(ts: Stamps, timeframe: Timeframe, name: str) -> Stamps:
    return np.setdiff1d(expected_stamps(ts, timeframe, name), ts)


def _in_sessions(ts: Stamps, name: str) -> Stamps:
    table = sessions_between(int(ts[0]), int(ts[-1]), name)
    session = np.searchsorted(table.closes, ts, side="right")
    low, high = int(session[0]), int(session[-1])
    zone = calendar(name).zone
    time_of_day = to_local(ts, zone) - table.days[session] * DAY_NS
    weekdays = (table.days + 3) % 7
    found = [ts[:0]]
    for weekday in range(7):
        days = table.days[low : high + 1][weekdays[low : high + 1] == weekday]
        slots, counts = np.unique(time_of_day[weekdays[session] == weekday], return_counts=True)
        slots = slots[counts >= USUAL * len(days)]
        if not len(days) or not len(slots):
            continue
        local = (days[:, None] * DAY_NS + slots[None, :]).ravel()
        try:
            instants = to_utc(np.sort(local), zone)
        except SkippedTime:
            continue
        owner = np.searchsorted(table.closes, instants, side="right")
        # After an early close the slot would fall to the next session.
        found.append(instants[(weekdays[owner] == weekday) & (np.abs(instants - table.opens[owner]) < 2 * DAY_NS)])
    stamps = np.unique(np.concatenate(found))
    return np.asarray(stamps[(stamps >= ts[0]) & (stamps <= ts[-1])])


def _periods(ts: Stamps, timeframe: Timeframe) -> Stamps:
    """Longer bars: where two follow each other more than a step and a half apart, the steps between."""
    step = timeframe.seconds * 10**9
    extra = [
        np.arange(1, round(gap / step), dtype=np.int64) * step + before
        for before, gap in zip(ts[:-1].tolist(), np.diff(ts).tolist(), strict=True)
        if gap > 1.5 * step
    ]
    return np.unique(np.concatenate([ts, *extra]))
