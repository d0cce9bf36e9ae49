"""Time stamps of all the usual kinds to UTC nanoseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lingua.data.errors import DataError

Stamps = NDArray[np.int64]
US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](.*))?$")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")


def parse_stamps(values: Any, zone: str, source: str, rows: list[int]) -> Stamps:
    """(n,) UTC ns. Accepts ISO texts with or without an offset, US dates, compact dates, epoch seconds to nanoseconds,
    and datetime columns; stamps without an offset are read in `zone`. Raises DataError naming the rows."""
    if isinstance(values, tuple):  # a column that knows it is UTC
        return np.asarray(values[0].astype(np.int64))
    if isinstance(values, np.ndarray):
        if values.dtype.kind == "M":
            return localise(values.astype("datetime64[ns]").astype(np.int64), zone)
        if values.dtype.kind in "iuf":
            return epoch(values, source, rows)
    texts = [str(value).strip() for value in values]
    fast = _fast(texts, zone)
    if fast is not None:
        return fast
    found = np.zeros(len(texts), dtype=np.int64)
    bad = []
    for k, text in enumerate(texts):
        try:
            found[k] = parse_one(text, zone)
        except (ValueError, OverflowError):
            bad.append(rows[k])
    if bad:
        shown = texts[rows.index(bad[0])]
        raise DataError(
            f"`{shown}` is not a time", file=source, rows=bad,
            mend="write times as 2024-01-31T14:30:00Z, 2024-01-31 or epoch numbers, or remove these rows",
        )  # fmt: skip
    return found


def _fast(texts: list[str], zone: str) -> Stamps | None:
    """A whole column of one ISO form at once."""
    if not texts or not re.match(r"\d{4}-\d{2}-\d{2}", texts[0]):
        return None
    is_utc = texts[0].endswith("Z") or texts[0].endswith("+00:00")
    length = len(texts[0])
    if any(len(text) != length for text in texts):
        return None
    cut = [text.removesuffix("Z").removesuffix("+00:00") for text in texts] if is_utc else texts
    width = len(cut[0])
    if width > 10 and any(len(text) != width or "+" in text or "-" in text[10:] for text in cut):
        return None
    try:
        stamps = np.array(cut, dtype="datetime64[ns]").astype(np.int64)
    except ValueError:
        return None
    return np.asarray(stamps) if is_utc else localise(stamps, zone)


def parse_one(text: str, zone: str) -> int:
    """One stamp as UTC ns. Raises ValueError."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and not COMPACT.match(text):
        return int(epoch(np.array([float(text)]), "", [0])[0])
    match = US_DATE.match(text)
    if match:
        rest = match[4] or "00:00:00"
        moment = datetime.fromisoformat(f"{match[3]}-{int(match[1]):02d}-{int(match[2]):02d}T{_day_time(rest)}")
    elif match := COMPACT.match(text):
        moment = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    else:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))
    delta = aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def _day_time(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?", text.strip())
    if not match:
        raise ValueError(text)
    hour = int(match[1]) % 12 + (12 if match[4].lower() == "pm" else 0) if match[4] else int(match[1])
    return f"{hour:02d}:{match[2]}:{match[3] or '00'}"


def epoch(values: Any, source: str, rows: list[int]) -> Stamps:
    """Epoch seconds, milliseconds, microseconds or nanoseconds, told by their size (years 1971 to 2250)."""
    numbers = np.asarray(values)
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    largest = float(np.nanmax(np.abs(numbers.astype(np.float64))))
    for scale, limit in ((10**9, 1e10), (10**6, 1e13), (10**3, 1e16), (1, 1e19)):
        if largest < limit:
            whole = numbers.astype(np.int64) if numbers.dtype.kind in "iu" else None
            if whole is not None:
                return np.asarray(whole * scale)
            seconds = np.floor(numbers)
            return np.asarray(seconds.astype(np.int64) * scale + np.rint((numbers - seconds) * scale).astype(np.int64))
    raise DataError("a stamp is too large for any epoch unit", file=source, rows=rows[:1], mend="check the time column")


def localise(stamps: Stamps, zone: str) -> Stamps:
    """Wall-clock stamps of `zone` to UTC. An hour that occurs twice is read as the first."""
    if zone == "UTC":
        return stamps
    where = ZoneInfo(zone)
    unique, index = np.unique(stamps // 900_000_000_000, return_inverse=True)
    shifts = np.zeros(len(unique), dtype=np.int64)
    for k, quarter in enumerate(unique):
        local = datetime.fromtimestamp(int(quarter) * 900, UTC).replace(tzinfo=where)
        shift = local.utcoffset()
        shifts[k] = int(shift.total_seconds()) if shift is not None else 0
    return np.asarray(stamps - shifts[index] * 10**9)
