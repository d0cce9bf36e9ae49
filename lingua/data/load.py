"""Bars from a file or a frame: read, understood, checked. Wrong rows are refused unless told how to mend them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data import instruments
from lingua.data.actions import actions_beside, factor_of
from lingua.data.bars import Action, Bars, Floats
from lingua.data.calendars import DAY_NS, session_bounds
from lingua.data.checks import MENDS, find_faults, mended
from lingua.data.errors import DataError
from lingua.data.stamps import parse_stamps
from lingua.data.table import Table, from_frame, read_table
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

__all__ = ["DataError", "bars_from_table", "load_bars", "load_frame"]

NAMES = {
    "time": ("timestamp", "time", "datetime", "date", "open_time", "opentime", "open time", "close_time", "ts", "dt", "period"),
    "open": ("open", "o", "open_price", "first"),
    "high": ("high", "h", "high_price", "max"),
    "low": ("low", "l", "low_price", "min"),
    "close": ("close", "c", "close_price", "last", "price"),
    "volume": ("volume", "vol", "v", "base_volume", "volume usd", "tick_volume", "volume_(btc)"),
    "symbol": ("symbol", "ticker", "tic", "instrument", "name"),
}  # fmt: skip
IGNORED = {"adj close", "adj_close", "adjclose", "unix"}
FIXED = (1, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 10800, 14400, 21600, 28800, 43200)


def load_bars(
    path: str | Path,
    *,
    symbol: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    mend: Sequence[str] = (),
    instrument: Instrument | None = None,
    actions: Sequence[Action] | None = None,
) -> Bars:
    """Bars of one symbol from a CSV, TSV, Parquet, Arrow or Feather file.

    Args:
        symbol: which one, in a file of several; and the name the bars get (default: the file's name).
        timeframe: the bar length; told from the stamps when empty.
        stamps: "open" or "close": what the file's stamps mean (default: open; a daily date is the session's date).
        zone: IANA zone of stamps without an offset.
        mend: names of `lingua.data.checks.MENDS` to apply before checking.
        actions: splits and dividends; None reads `NAME.actions.csv` beside the file.

    Raises:
        DataError: with file, rows, cause and mend.
    """
    where = Path(path)
    table = read_table(where)
    name = symbol or where.stem.partition(".")[0]
    known = actions if actions is not None else actions_beside(where, name)
    return bars_from_table(
        table, symbol=symbol, name=name, timeframe=timeframe, stamps=stamps, zone=zone, mend=mend, instrument=instrument,
        actions=known,
    )  # fmt: skip


def load_frame(frame: Any, *, symbol: str = "", **options: Any) -> Bars:
    """Bars from a pandas or Polars frame; options as for `load_bars`."""
    return bars_from_table(from_frame(frame), symbol=symbol, name=symbol or "DATA", **options)


def bars_from_table(
    table: Table,
    *,
    symbol: str = "",
    name: str = "",
    timeframe: str = "",
    stamps: str = "",
    zone: str = "UTC",
    mend: Sequence[str] = (),
    instrument: Instrument | None = None,
    actions: Sequence[Action] | None = None,
) -> Bars:
    found = {role: _column(table, role) for role in NAMES}
    missing = [role for role in ("time", "open", "high", "low", "close") if found[role] is None]
    if missing:
        raise DataError(
            f"no column for {', '.join(missing)} among {', '.join(table.columns) or 'no columns'}", file=table.source,
            rows=[1], mend="name the columns timestamp, open, high, low, close and volume",
        )  # fmt: skip
    table = _one_symbol(table, found["symbol"], symbol)
    if not len(table):
        raise DataError("there is not a single bar", file=table.source, mend="give a file with bars")
    ts = parse_stamps(table.columns[str(found["time"])], zone, table.source, table.rows)
    prices = {role: numbers(table, str(found[role])) for role in ("open", "high", "low", "close")}
    volume = numbers(table, found["volume"]) if found["volume"] else np.full(len(table), np.nan)
    used = set(found.values()) | IGNORED
    extra = {
        key: numbers(table, key)
        for key, values in table.columns.items()
        if key not in used and re.fullmatch(r"[a-z_]\w*", key) and _is_numeric(values)
    }
    columns = {**prices, "volume": volume, **extra}
    rows = np.array(table.rows)
    unknown = set(mend) - set(MENDS)
    if unknown:
        raise DataError(f"no mend is called {', '.join(sorted(unknown))}", mend=f"there are {', '.join(MENDS)}")
    ts, columns, rows = mended(ts, columns, rows, mend)
    fault = next(iter(find_faults(ts, columns, rows)), None)
    if fault is not None:
        raise DataError(fault.text, file=table.source, rows=fault.rows, mend=fault.mend)
    frame = Timeframe.parse(timeframe) if timeframe else infer_timeframe(ts, table.source)
    title = name or symbol or "DATA"
    record = instrument or instruments.assume(title, ts, frame)
    open_ts, close_ts = bar_bounds(ts, frame, stamps, record.calendar)
    known = tuple(actions or ())
    return Bars(
        symbol=title, timeframe=frame, ts=close_ts, open_ts=open_ts, open=columns["open"], high=columns["high"],
        low=columns["low"], close=columns["close"], volume=columns["volume"], instrument=record, actions=known,
        columns={key: columns[key] for key in extra}, factor=factor_of(known, close_ts), source=table.source,
    )  # fmt: skip


def _column(table: Table, role: str) -> str | None:
    return next((name for name in NAMES[role] if name in table.columns), None)


def _is_numeric(values: Any) -> bool:
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "iuf"
    try:
        float(values[0]) if values and values[0] else None
    except (TypeError, ValueError):
        return False
    return not isinstance(values, tuple)


def _one_symbol(table: Table, column: str | None, symbol: str) -> Table:
    if column is None:
        return table
    values = [str(value) for value in table.columns[column]]
    distinct = sorted(set(values))
    if len(distinct) <= 1 and (not symbol or symbol not in distinct):
        return table
    if symbol not in distinct:
        shown = ", ".join(distinct[:8])
        raise DataError(
            f"the file holds {len(distinct)} symbols ({shown}{', …' if len(distinct) > 8 else ''})"
            + (f", none of them {symbol}" if symbol else ""),
            file=table.source, mend=f"choose one: `--symbol {distinct[0]}`",
        )  # fmt: skip
    keep = np.array([value == symbol for value in values])
    where = np.flatnonzero(keep)

    def pick(column: Any) -> Any:
        if isinstance(column, tuple):
            return column[0][keep], column[1]
        return column[keep] if isinstance(column, np.ndarray) else [column[k] for k in where]

    columns = {name: pick(column) for name, column in table.columns.items()}
    return Table(table.source, columns, [table.rows[k] for k in where])


def numbers(table: Table, name: str) -> Floats:
    """A column as float64; empty cells and `na`, `nan`, `null` are NaN. Raises DataError for other text."""
    values = table.columns[name]
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return values.astype(np.float64)
    try:
        return np.array(list(map(float, values)), dtype=np.float64)
    except (TypeError, ValueError):
        pass
    out = np.full(len(values), np.nan)
    bad = []
    for k, value in enumerate(values):
        text = str(value).strip() if value is not None else ""
        if text.lower() in ("", "na", "nan", "null", "none"):
            continue
        try:
            out[k] = float(text)
        except ValueError:
            bad.append(k)
    if bad:
        raise DataError(
            f"`{values[bad[0]]}` in column {name} is not a number", file=table.source, rows=[table.rows[k] for k in bad],
            mend="mend these cells, or drop the rows with `lingua data clean`",
        )  # fmt: skip
    return out


def infer_timeframe(ts: NDArray[np.int64], source: str) -> Timeframe:
    """The step that occurs most often. Raises DataError when there is no usual one."""
    if len(ts) < 2:
        raise DataError("one bar does not tell its length", file=source, mend="say it: `--timeframe 1d`")
    steps, counts = np.unique(np.diff(ts), return_counts=True)
    step = int(steps[np.argmax(counts)]) // 10**9
    days = step / 86_400
    if step in FIXED:
        for unit, seconds in (("h", 3600), ("m", 60), ("s", 1)):
            if step % seconds == 0:
                return Timeframe(step // seconds, unit)
    # Around daylight saving a day has 23 or 25 hours.
    if 0.9 < days < 1.1:
        return Timeframe(1, "d")
    if 6.9 < days < 7.1:
        return Timeframe(1, "w")
    if 27 < days < 32:
        return Timeframe(1, "mo")
    if 360 < days < 370:
        return Timeframe(1, "y")
    raise DataError(
        f"the usual step between stamps is {step} seconds, which is no bar length", file=source,
        mend="say it: `--timeframe 5m`",
    )  # fmt: skip


def bar_bounds(ts: NDArray[np.int64], timeframe: Timeframe, stamps: str, calendar: str) -> tuple[Any, Any]:
    """Opening and closing instants. Daily stamps at midnight are the session's date, whatever `stamps` says."""
    if timeframe.unit == "d" and timeframe.count == 1 and bool((ts % DAY_NS == 0).all()) and stamps != "close":
        return session_bounds(ts // DAY_NS, calendar)
    if timeframe.is_fixed:
        length = timeframe.seconds * 10**9
        return (ts - length, ts) if stamps == "close" else (ts, ts + length)
    from lingua.data.resample import period_of

    if stamps == "close":
        starts, _ = period_of(ts - 1, timeframe, calendar)
        return starts, ts
    starts, ends = period_of(ts, timeframe, calendar)
    return starts, ends
