"""Time stamps of all the usual spellings to UTC nanoseconds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.errors import DataError, OptionError
from lingua.data.table import Instants
from lingua.data.zones import SkippedTime, to_utc, zone_named

Stamps = NDArray[np.int64]
DAY_NS = 86_400 * 10**9
FIRST_NS, LAST_NS = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 10**9 for year in (1800, 2200))
"""Stamps outside of these years are none."""

CLOCK = r"(?:[ T,]+(?P<clock>\d{1,2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?)[\s-]*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
COMPACT_CLOCK = CLOCK.replace("[ T,]+", r"(?:[ T,]+|(?=\d{4}(?:\d\d)?$))")
OFFSET = (
    r"\s*(?:(?P<offset>Z|z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)(?:\s*\[[\w/+-]+\])?"
    r"|(?P<zone>[A-Z][A-Za-z_]+/[A-Za-z_/+-]+|[ECMP]S?[DS]?T))?$"
)
SHORT_ZONES = {
    "E": "America/New_York", "C": "America/Chicago", "M": "America/Denver", "P": "America/Los_Angeles",
}  # fmt: skip
"""Of EST, EDT, ET and their like: vendors write one of them for the clocks of the place, in summer and winter."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@lru_cache(maxsize=1)
def forms() -> dict[str, re.Pattern[str]]:
    """The spellings by name, no text has two; compiled (5 ms) when a file needs them."""
    patterns = {
        "year first": r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + CLOCK + OFFSET,
        "month": r"(?P<y>\d{4})[-/](?P<m>\d{1,2})(?P<d>)$",
        "compact": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})" + COMPACT_CLOCK + OFFSET,
        "epoch": r"-?\d{9,19}(?:\.\d+)?$|-?\d\.\d+[eE]\+?\d{1,2}$",
        "slashes": r"(?P<a>\d{1,2})[/-](?P<b>\d{1,2})[/-](?P<y>\d{4}|\d{2})" + CLOCK + OFFSET,
        "dots": r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})" + CLOCK + OFFSET,
        "day and month": r"(?P<d>\d{1,2})[- ](?P<month>[A-Za-z]{3,9})[- ,]+(?P<y>\d{4}|\d{2})" + CLOCK + OFFSET,
        "month and day": r"(?P<month>[A-Za-z]{3,9})[. ]+(?P<d>\d{1,2}),?[ ]+(?P<y>\d{4})" + CLOCK + OFFSET,
    }
    return {name: re.compile(pattern) for name, pattern in patterns.items()}


@dataclass(frozen=True, slots=True)
class Parsed:
    """`ts` (n,) UTC ns, 0 where unreadable; `bad` (n,) bool; `cause` says what is wrong with the first bad one."""

    ts: Stamps
    bad: NDArray[np.bool_]
    cause: str = ""


def parse_stamps(values: Any, zone: str, source: str, rows: Any) -> Parsed:
    """Accepts ISO, US and European dates, compact dates, named months, epoch seconds to nanoseconds, and datetime
    columns; stamps without an offset are read in `zone`. Raises DataError for an unknown zone and for hours that the
    zone's clocks skip."""
    try:
        zone_named(zone)
    except ValueError as problem:
        raise OptionError(str(problem), mend="give `--zone` a name of the IANA time zones") from None
    try:
        if isinstance(values, Instants):
            missing = values.values == np.iinfo(np.int64).min
            known = np.where(missing, 0, values.values)
            ts = known if values.is_utc else _localised(known, missing, zone)
            return _in_range(ts, missing, "a stamp is missing")
        if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
            return epoch(values)
        fast = _uniform(values, zone)
        return fast if fast is not None else _texts([str(value).strip() for value in values], zone)
    except SkippedTime as problem:
        raise DataError(
            str(problem), file=source, rows=[int(rows[k]) for k in problem.positions],
            mend="check `--zone`: another zone, or UTC, fits these stamps",
        ) from None  # fmt: skip


def parse_one(text: str, zone: str) -> int:
    """One stamp as UTC ns. Raises ValueError."""
    parsed = _uniform([text.strip()], zone) or _texts([text.strip()], zone)
    if parsed.bad[0]:
        raise ValueError(f"`{text}` is not a time")
    return int(parsed.ts[0])


def _localised(local: Stamps, missing: Any, zone: str) -> Stamps:
    if zone == "UTC" or not missing.any():
        return to_utc(local, zone)
    ts = np.zeros(len(local), dtype=np.int64)
    ts[~missing] = to_utc(local[~missing], zone)
    return ts


def _in_range(ts: Stamps, bad: Any, cause: str) -> Parsed:
    outside = ~bad & ((ts < FIRST_NS) | (ts > LAST_NS))
    if outside.any():
        cause = cause if bad.any() else "a stamp lies outside of the years 1800 to 2200"
    bad = bad | outside
    return Parsed(np.where(bad, 0, ts), bad, cause if bad.any() else "")


def _uniform(values: Any, zone: str) -> Parsed | None:
    """A whole column of one ISO form at once; None where it is anything else."""
    if not len(values):
        return Parsed(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
    first = str(values[0])
    form = re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|\+00:00)?)?", first)
    if not form:
        return None
    end = form[1] or ""
    if not isinstance(values, list):  # a Polars column of a large file
        values = values.to_list()
    if any(len(value) != len(first) for value in values) or (end and any(not v.endswith(end) for v in values)):
        return None
    try:
        stamps = np.array([v[: -len(end)] for v in values] if end else values, dtype="datetime64[us]")
    except ValueError:
        return None
    micros = stamps.astype(np.int64)
    if (np.abs(micros) > LAST_NS // 1000).any():
        return None
    ts = stamps.astype("datetime64[ns]").astype(np.int64)
    if len(first) - len(end) > 26:  # digits beyond microseconds
        ts = np.array([v[: len(v) - len(end)] for v in values], dtype="datetime64[ns]").astype(np.int64)
    return _in_range(ts if end else to_utc(ts, zone), np.zeros(len(ts), dtype=np.bool_), "")


def _texts(texts: Sequence[str], zone: str) -> Parsed:
    found = _forms_of(texts)
    # An offset in some rows only leaves the others to guesswork, so it is a way of writing of its own.
    kinds = Counter(kind for kind, _ in found if kind)
    bad = np.array([not kind for kind, _ in found], dtype=np.bool_)
    ts = np.zeros(len(texts), dtype=np.int64)
    if not kinds:
        return Parsed(ts, bad, _unreadable(texts, bad))
    usual = kinds.most_common(1)[0][0]
    other = np.array([bool(kind) and kind != usual for kind, _ in found], dtype=np.bool_)
    use = np.flatnonzero(~bad & ~other).tolist()
    if usual == "epoch":
        parsed = epoch(np.array([float(texts[k]) if "." in texts[k] else int(texts[k]) for k in use]))
        ts[use], bad[use] = parsed.ts, parsed.bad
    else:
        matches = [found[k][1] for k in use]
        convert = _day_first if usual.startswith("slashes") and _is_day_first(matches) else _month_first
        known = []
        for k in use:
            match = found[k][1]
            assert match is not None
            try:
                ts[k] = _instant(match, convert)
                _zone_of(match, zone)
                known.append(k)
            except (ValueError, OverflowError):
                bad[k] = True
        if not usual.endswith("offset"):
            _localise(ts, known, [found[k][1] for k in known], zone)
    cause = _unreadable(texts, bad)
    if not bad.any() and other.any():
        k = int(np.flatnonzero(other)[0])
        cause = f"the stamp `{texts[k][:40]}` is written in another way than most ({found[k][0]}, not {usual})"
    return _in_range(ts, bad | other, cause)


def _localise(ts: Stamps, known: Sequence[int], matches: Sequence[re.Match[str] | None], zone: str) -> None:
    """Wall-clock times to UTC, in the zone that each names, else in `zone`."""
    names = [_zone_of(match, zone) for match in matches]
    for name in sorted(set(names) - {"UTC"}):
        here = [k for k, each in zip(known, names, strict=True) if each == name]
        try:
            ts[here] = to_utc(ts[here], name)
        except SkippedTime as problem:
            raise SkippedTime(str(problem), [here[k] for k in problem.positions]) from None


def _zone_of(match: re.Match[str] | None, zone: str) -> str:
    """The zone that a stamp names, else `zone`. Raises ValueError for a name that no zone has."""
    named = match.groupdict().get("zone") if match is not None else None
    if not named:
        return zone
    return zone_named(named).key if "/" in named else SHORT_ZONES[named[0]]


def _unreadable(texts: Sequence[str], bad: Any) -> str:
    if not bad.any():
        return ""
    text = texts[int(np.flatnonzero(bad)[0])]
    return f"`{text[:40]}` is not a time" if text else "the stamp is missing"


def _forms_of(texts: Sequence[str]) -> list[tuple[str, re.Match[str] | None]]:
    """The spelling of each text and its parts; an empty name for none. Rows mostly are spelt as the one before."""
    found: list[tuple[str, re.Match[str] | None]] = []
    patterns = list(forms().items())
    for text in texts:
        for k, (kind, pattern) in enumerate(patterns):
            match = pattern.match(text)
            if match:
                groups = match.groupdict()
                end = " with offset" if groups.get("offset") else " with zone" if groups.get("zone") else ""
                found.append((kind + end, match))
                patterns.insert(0, patterns.pop(k))
                break
        else:
            found.append(("", None))
    return found


Convert = Callable[[re.Match[str]], tuple[int, int]]


def _month_first(match: re.Match[str]) -> tuple[int, int]:
    return int(match["a"]), int(match["b"])


def _day_first(match: re.Match[str]) -> tuple[int, int]:
    return int(match["b"]), int(match["a"])


def _is_day_first(matches: Sequence[re.Match[str] | None]) -> bool:
    """1/2/2024 is read as in the United States unless that is impossible, or only the other way is in order."""
    known = [match for match in matches if match is not None]
    us = [_order(match, _month_first) for match in known]
    eu = [_order(match, _day_first) for match in known]
    if None in us or None in eu:
        return us.count(None) > eu.count(None)
    return _is_ordered(eu) and not _is_ordered(us)


def _order(match: re.Match[str], convert: Convert) -> int | None:
    month, day = convert(match)
    return (int(match["y"]) * 12 + month) * 31 + day if month <= 12 and day <= 31 else None


def _is_ordered(values: Sequence[int | None]) -> bool:
    numbers = np.array(values, dtype=np.int64)
    return bool((np.diff(numbers) >= 0).all() or (np.diff(numbers) <= 0).all())


def _instant(match: re.Match[str], convert: Convert) -> int:
    """ns of one stamp, its offset taken off if it has one. Raises ValueError."""
    groups = match.groupdict()
    if "a" in groups:
        month, day = convert(match)
    else:
        day = int(match["d"] or 1)
        name = groups.get("month")
        month = MONTHS.index(name[:3].lower()) + 1 if name else int(match["m"])
    year = int(match["y"])
    if len(match["y"]) == 2:
        year += 2000 if year < 70 else 1900
    hour, minute, second, nanos = _clock(groups.get("clock"), groups.get("half"))
    whole = datetime(year, month, day, hour % 24, minute, second, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    ns = (whole.days * 86_400 + whole.seconds) * 10**9 + nanos + (DAY_NS if hour == 24 else 0)
    return ns - _offset_ns(groups.get("offset") or "")


def _clock(text: str | None, half: str | None) -> tuple[int, int, int, int]:
    if not text:
        return 0, 0, 0, 0
    digits = text.replace(":", "")
    whole, _, fraction = digits.replace(",", ".").partition(".")
    if len(whole) < 3:  # `2024-01-31 11-PM`
        whole += "00"
    whole = whole.zfill(4) if len(whole) < 5 else whole.zfill(6)
    hour, minute, second = int(whole[:2]), int(whole[2:4]), int(whole[4:6] or 0)
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour == 24 and (minute or second):
        raise ValueError(text)
    return hour, minute, second, int(fraction.ljust(9, "0")) if fraction else 0


def _offset_ns(text: str) -> int:
    text = text.removeprefix("UTC").removeprefix("GMT")
    if not text or text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    digits = (digits.zfill(2) if len(digits) < 3 else digits.zfill(4)).ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60
    return (-seconds if text[0] == "-" else seconds) * 10**9


def epoch(values: Any) -> Parsed:
    """Epoch seconds, milliseconds, microseconds or nanoseconds, told by their size (years 1973 to 2200), or dates
    written as numbers (20240131)."""
    numbers = np.asarray(values)
    size = np.abs(numbers.astype(np.float64))
    bad = np.isnan(size)
    if not len(numbers) or bad.all():
        return Parsed(np.zeros(len(numbers), dtype=np.int64), bad, "the stamp is missing" if bad.any() else "")
    largest = float(size[~bad].max())
    if 18_000_101 <= largest < 1e8:
        return _texts(["" if b else str(int(v)) for v, b in zip(numbers, bad, strict=True)], "UTC")
    # A column of seconds may begin in 1970, but none ends before 1973: such numbers are counts, not times.
    if not 1e8 <= largest < 1e19:
        every = np.ones(len(numbers), dtype=np.bool_)
        return Parsed(np.zeros(len(numbers), dtype=np.int64), every, f"`{numbers[0]}` is not a time")
    scale = next(scale for scale, limit in ((10**9, 1e10), (10**6, 1e13), (10**3, 1e16), (1, 1e19)) if largest < limit)
    if numbers.dtype.kind in "iu":
        ts = numbers.astype(np.int64) * scale
    else:
        seconds = np.where(bad, 0.0, np.floor(numbers))
        rest = np.where(bad, 0.0, numbers - seconds)
        ts = seconds.astype(np.int64) * scale + np.rint(rest * scale).astype(np.int64)
    return _in_range(ts, bad, "the stamp is missing" if bad.any() else "")
