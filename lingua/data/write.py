"""Bars to a file: CSV, TSV, Parquet, Feather or Arrow. What is written reads back as the same prices closing at the
same instants, given the same instrument."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Bars, Stamps
from lingua.data.bounds import bar_bounds
from lingua.data.calendars import DAY_NS, calendar, session_of
from lingua.data.errors import OptionError
from lingua.data.resample import period_of
from lingua.data.zones import to_local

WRITTEN = (".csv", ".tsv", ".parquet", ".feather", ".arrow", ".ipc")


def write_bars(bars: Bars, path: str | Path) -> None:
    """Write the bars as traded, stamped as `file_stamps` says.

    The format follows the name's ending. The file appears whole or not at all. Raises OptionError.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in WRITTEN:
        raise OptionError(f"`{ending or target.name}` cannot be written", mend=f"choose one of {', '.join(WRITTEN)}")
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if ending in (".csv", ".tsv"):
            partial.write_text(_text(bars, "," if ending == ".csv" else "\t"), "utf-8", newline="\n")
        else:
            _write_frame(bars, partial, ending)
        partial.replace(target)
    except OSError as problem:
        raise OptionError(
            f"it cannot be written: {problem.strerror or problem}", file=str(target), mend="check the folder"
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def file_stamps(bars: Bars) -> tuple[str, Stamps]:
    """Name and values (n,) UTC ns of the time column: `date` of the first session from days on; else `timestamp`, the
    open, or `close_time` where no stamp of the open would be read as bars that close when these do."""
    name = bars.instrument.calendar
    if not bars.timeframe.is_fixed:
        if bars.timeframe.unit == "d" and bars.timeframe.count == 1:
            # The day on which the session ends, not the calendar's: a bar may stand on a holiday.
            return "date", to_local(bars.ts - 1, calendar(name).zone) // DAY_NS * DAY_NS
        return "date", session_of(bars.open_ts + 1, name) * DAY_NS
    candidates = (
        lambda: bars.open_ts,
        lambda: bars.ts - bars.timeframe.seconds * 10**9,
        lambda: np.asarray(period_of(bars.open_ts, bars.timeframe, name)[0]),
    )
    for candidate in candidates:
        stamps = candidate()
        opens, closes = bar_bounds(stamps, bars.timeframe, "open", name)
        if np.array_equal(closes, bars.ts) and bool((opens[1:] >= closes[:-1]).all()):
            return "timestamp", stamps
    return "close_time", bars.ts


def _columns(bars: Bars) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(bars, name) for name in ("open", "high", "low", "close")}
    if not np.isnan(bars.volume).all():
        columns["volume"] = bars.volume
    columns.update(bars.columns)
    if bars.is_synthetic is not None:
        columns["synthetic"] = bars.is_synthetic.astype(np.int64)
    return columns


def _text(bars: Bars, separator: str) -> str:
    title, stamps = file_stamps(bars)
    are_dates = title == "date"
    unit = "D" if are_dates else "s" if bool((stamps % 10**9 == 0).all()) else "ns"
    times = stamps.astype("datetime64[ns]").astype(f"datetime64[{unit}]").astype(str).tolist()
    columns = _columns(bars)
    cells = [[str(time) if are_dates else f"{time}Z" for time in times]]
    cells += [[number_text(value) for value in column.tolist()] for column in columns.values()]
    lines = [separator.join((title, *columns))]
    lines += [separator.join(row) for row in zip(*cells, strict=True)]
    return "\n".join(lines) + "\n"


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; nothing for `na`.

    >>> number_text(9616100.0), number_text(0.1), number_text(float("nan"))
    ('9616100', '0.1', '')
    """
    if value != value:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _write_frame(bars: Bars, path: Path, ending: str) -> None:
    import polars

    title, stamps = file_stamps(bars)
    time = polars.Series(title, stamps).cast(polars.Datetime("ns", "UTC"))
    frame = polars.DataFrame([time, *(polars.Series(name, column) for name, column in _columns(bars).items())])
    if ending == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_ipc(path)
