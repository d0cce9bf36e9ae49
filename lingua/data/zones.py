"""Wall-clock time to UTC and back for whole columns, daylight saving included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Stamps = NDArray[np.int64]
SECOND_NS = 10**9
WEEK_S = 7 * 86_400
EPOCH = datetime(1970, 1, 1)


class SkippedTime(ValueError):
    """A time that no clock showed; `positions` say which."""

    def __init__(self, text: str, positions: list[int]) -> None:
        super().__init__(text)
        self.positions = positions


def zone_named(name: str) -> ZoneInfo:
    """Raises ValueError for a name that no zone has."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise ValueError(f"no time zone is called {name!r}; write for example Europe/London or UTC") from None


def to_utc(local: Stamps, zone: str) -> Stamps:
    """(n,) UTC ns of wall-clock ns in `zone`. Of the hour that occurs twice in autumn, a stamp that goes back or stands
    still against the one before it begins the second pass. Raises SkippedTime for the hour that spring leaves out."""
    if zone == "UTC" or not len(local):
        return local
    seconds = local // SECOND_NS
    first = int(seconds.min()) // WEEK_S
    week_of = seconds // WEEK_S - first
    # `np.unique` would do, and import `numpy.ma` (10 ms) on its first call.
    present = np.flatnonzero(np.bincount(week_of)).tolist()
    # The offset at both ends of a week is that of every second in it, unless the clocks were changed within.
    edges = {k: _offset((first + k) * WEEK_S, zone) for k in {*present, *(k + 1 for k in present)}}
    table = np.zeros(present[-1] + 1, dtype=np.int64)
    table[present] = [edges[k] for k in present]
    shift = table[week_of]
    for number in present:
        before, after = edges[number], edges[number + 1]
        if before == after:
            continue
        change = _change((first + number) * WEEK_S, (first + number + 1) * WEEK_S, zone)
        here = np.flatnonzero(week_of == number)
        shift[here] = np.where(seconds[here] < change, before, after)
        if after > before:
            skipped = here[(seconds[here] >= change - (after - before)) & (seconds[here] < change)]
            if len(skipped):
                when = EPOCH + timedelta(seconds=int(seconds[skipped[0]]))
                raise SkippedTime(f"{when:%Y-%m-%d %H:%M} does not exist in {zone}: clocks skip it", skipped.tolist())
        else:
            twice = here[(seconds[here] >= change - (before - after)) & (seconds[here] < change)]
            shift[twice] = np.where(_second_pass(local, twice), after, before)
    return np.asarray(local - shift * SECOND_NS)


def to_local(utc: Stamps, zone: str) -> Stamps:
    """(n,) wall-clock ns in `zone` of UTC ns."""
    if zone == "UTC" or not len(utc):
        return utc
    where = zone_named(zone)
    hours, hour_of = np.unique(utc // (900 * SECOND_NS), return_inverse=True)
    shifts = np.empty(len(hours), dtype=np.int64)
    last = -1
    for k in range(len(hours)):
        # Equal offsets a long way apart say nothing about the middle, so only steps of under a day are skipped over.
        if k and hours[k] - hours[k - 1] == 1 and last == int(hours[k]) // 96:
            shifts[k] = shifts[k - 1]
            continue
        moment = datetime.fromtimestamp(int(hours[k]) * 900, UTC).astimezone(where).utcoffset()
        shifts[k] = int(moment.total_seconds()) if moment is not None else 0
        day = int(hours[k]) // 96
        end = datetime.fromtimestamp((day + 1) * 86_400, UTC).astimezone(where).utcoffset()
        last = day if end == moment else -1
    return np.asarray(utc + shifts[hour_of] * SECOND_NS)


@lru_cache(maxsize=8192)
def _offset(local_s: int, zone: str) -> int:
    """Seconds east of UTC when clocks in `zone` show `local_s`, the first time if they do so twice."""
    offset = (EPOCH + timedelta(seconds=local_s)).replace(tzinfo=zone_named(zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change(low: int, high: int, zone: str) -> int:
    """The first local second in (low, high] with the offset of `high`."""
    new = _offset(high, zone)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(middle, zone) == new else (middle, high)
    return high


def _second_pass(local: Stamps, twice: Any) -> Any:
    """(m,) which of the stamps `twice` (positions, in file order, in an hour that occurs twice) are its second pass."""
    if not len(twice):
        return np.zeros(0, dtype=np.bool_)
    previous = np.concatenate(([local[twice[0]] - 1], local[twice[:-1]]))
    return np.cumsum(local[twice] <= previous) > 0
