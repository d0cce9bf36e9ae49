"""Wall-clock parts of stamps in a zone, daylight saving included. Stamps are float64 seconds UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = 86_400


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def offset_at(second: int, zone: str) -> int:
    """Seconds that local time of `zone` is ahead of UTC at this instant."""
    shift = datetime.fromtimestamp(second, UTC).astimezone(_zone(zone)).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0


@lru_cache(maxsize=65_536)
def _offset_of_quarter(quarter: int, zone: str) -> int:
    # No zone changes its offset inside a quarter of an hour (they change on whole minutes of some quarter).
    return offset_at(quarter * 900, zone)


@lru_cache(maxsize=65_536)
def _offset_of_day(day: int, zone: str) -> int | None:
    """The offset all day long, or None when it changes during this UTC day."""
    first = offset_at(day * DAY, zone)
    return first if first == offset_at((day + 1) * DAY - 1, zone) else None


def offset_for(second: float, zone: str) -> int:
    """Offset in seconds for one stamp."""
    if zone == "UTC":
        return 0
    whole = int(second // 1)
    constant = _offset_of_day(whole // DAY, zone)
    return _offset_of_quarter(whole // 900, zone) if constant is None else constant


def offsets(seconds: Floats, zone: str) -> Floats:
    """(n,) offsets in seconds, 0 for a missing stamp."""
    if zone == "UTC" or len(seconds) == 0:
        return np.zeros(len(seconds))
    days = np.floor(np.where(np.isfinite(seconds), seconds, 0.0) / DAY).astype(np.int64)
    unique, where = np.unique(days, return_inverse=True)
    table = [_offset_of_day(int(day), zone) for day in unique]
    out = np.array([0 if value is None else value for value in table], dtype=np.float64)[where]
    for i, value in enumerate(table):
        if value is None:
            for k in np.flatnonzero((where == i) & np.isfinite(seconds)):
                out[k] = offset_for(float(seconds[k]), zone)
    return out


def part(seconds: Floats, name: str, zone: str) -> Floats:
    """`hour minute second weekday day month year` of each stamp; Monday is weekday 1."""
    local = seconds + offsets(seconds, zone)
    days = np.floor(local / DAY)
    if name == "hour":
        return np.asarray(np.floor((local - days * DAY) / 3600))
    if name == "minute":
        return np.asarray(np.floor(np.mod(local, 3600) / 60))
    if name == "second":
        return np.asarray(np.floor(np.mod(local, 60)))
    if name == "weekday":
        return np.asarray(np.mod(days + 3, 7) + 1)  # 1970-01-01 was a Thursday
    valid = np.isfinite(days)
    stamp = np.where(valid, days, 0).astype(np.int64).astype("datetime64[D]")
    if name == "year":
        value = stamp.astype("datetime64[Y]").astype(np.int64) + 1970
    elif name == "month":
        value = stamp.astype("datetime64[M]").astype(np.int64) % 12 + 1
    elif name == "day":
        value = (stamp - stamp.astype("datetime64[M]")).astype(np.int64) + 1
    else:
        raise ValueError(f"no part of a time is called {name!r}")
    return np.where(valid, value.astype(np.float64), np.nan)


def session_bounds(spec: str) -> tuple[int, int]:
    """`08:00-20:00` as seconds of the day; `24:00` is the end of the day. Raises ValueError."""
    try:
        first, last = spec.split("-")
        bounds = []
        for text in (first, last):
            hour, minute = text.strip().split(":")
            if not (0 <= int(hour) <= 24 and 0 <= int(minute) < 60 and len(minute) == 2):
                raise ValueError
            bounds.append(int(hour) * 3600 + int(minute) * 60)
    except ValueError:
        raise ValueError(f'{spec!r} is not a session; write it like "09:30-16:00"') from None
    if max(bounds) > DAY or bounds[0] == bounds[1]:
        raise ValueError(f'{spec!r} is not a session; write it like "09:30-16:00"')
    return bounds[0], bounds[1]


def inside_session(open_seconds: Floats, close_seconds: Floats, spec: str, zone: str) -> NDArray[np.bool_]:
    """True where the whole bar lies inside the session; one that ends before it starts runs over midnight."""
    start, end = session_bounds(spec)
    opened = np.mod(open_seconds + offsets(open_seconds, zone), DAY)
    length = close_seconds - open_seconds
    # Told from the session's start, a bar is inside when it opens and closes within the session's length.
    since = np.mod(opened - start, DAY)
    lasts = (end - start) % DAY or DAY
    return np.asarray((since + length <= lasts) & (length <= DAY))
