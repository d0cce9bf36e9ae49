"""Bars from a file or a frame: read, understood, checked. Wrong rows are refused unless told how to mend them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data import instruments
from lingua.data.actions import actions_beside, at_exchange, factor_of
from lingua.data.bars import Action, Bars
from lingua.data.bounds import bar_bounds, infer_timeframe
from lingua.data.checks import LOOKS_AHEAD, Fault, Raw, find_faults
from lingua.data.errors import DataError, MissingData, OptionError, rows_text
from lingua.data.frames import from_frame
from lingua.data.mends import Change, Spacing, known, mended
from lingua.data.names import guess_symbol
from lingua.data.raw import read_raw
from lingua.data.table import Table, read_table
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

__all__ = ["DataError", "MissingData", "bars_from_table", "load_bars", "load_frame"]

Terms = Callable[[Instrument], Instrument]


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
    """Bars of one symbol from a CSV, TSV, JSON lines, Parquet, Arrow or Feather file.

    Args:
        symbol: which one, in a file of several; and the name the bars get (default: told from the file's name).
        timeframe: the bar length; told from the stamps when empty.
        stamps: "open" or "close": what the file's stamps mean (default: open; at midnight, the date of the session).
        zone: IANA zone of stamps without an offset.
        mend: names of `lingua.data.checks.MENDS` to apply before checking, in order.
        actions: splits and dividends; None reads `NAME.actions.csv` beside the file.

    Raises:
        DataError: with file, rows, cause and mend.
    """
    where = Path(path)
    table = read_table(where)
    name = symbol or guess_symbol(where)
    known_actions = actions if actions is not None else actions_beside(where, name)
    return bars_from_table(
        table, symbol=symbol, name=name, timeframe=timeframe, stamps=stamps, zone=zone, mend=mend,
        instrument=instrument, actions=known_actions,
    )  # fmt: skip


def load_frame(frame: Any, *, symbol: str = "", name: str = "", **options: Any) -> Bars:
    """Bars from a pandas or Polars frame; options as for `load_bars`."""
    return bars_from_table(from_frame(frame, symbol=symbol), symbol=symbol, name=name or symbol, **options)


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
    terms: Terms | None = None,
    actions: Sequence[Action] | None = None,
) -> Bars:
    """As `load_bars`, of a table; `name` is what the bars are called where neither `symbol` nor the table says. `terms`
    gets the record that is assumed and returns the one to use."""
    raw = read_raw(table, symbol, zone, mend)
    title = symbol or raw.symbol or name or "DATA"
    return bars_from_raw(
        raw, title, timeframe=timeframe, stamps=stamps, mend=mend, instrument=instrument, terms=terms,
        actions=actions or (),
    )[0]  # fmt: skip


def bars_from_raw(
    raw: Raw,
    title: str,
    *,
    timeframe: str = "",
    stamps: str = "",
    mend: Sequence[str] = (),
    instrument: Instrument | None = None,
    terms: Terms | None = None,
    actions: Sequence[Action] = (),
    may_look_ahead: bool = False,
) -> tuple[Bars, tuple[Change, ...]]:
    """Checked bars, and what the mends changed. `may_look_ahead` allows mends that use later bars."""
    if stamps not in ("", "open", "close"):
        raise OptionError(
            f"stamps are of the open or the close, not of `{stamps}`", mend="write `--stamps open` or `close`"
        )
    known(mend)
    ahead = [method for method in mend if method in LOOKS_AHEAD]
    if ahead and not may_look_ahead:
        raise OptionError(
            f"`{ahead[0]}` uses later bars, so a backtest does not mend with it on the fly", file=raw.source,
            mend=f"write a cleaned file: `lingua data clean FILE --mend {','.join(mend)} -o CLEAN`",
        )  # fmt: skip

    def record_of(current: Raw, length: Timeframe) -> Instrument:
        if instrument is not None:
            return instrument
        assumed = instruments.assume(title, current.ts, length)
        return assumed if terms is None else terms(assumed)

    def spacing(current: Raw) -> Spacing:
        length = length_of(current, timeframe)
        return Spacing(length, record_of(current, length).calendar)

    raw, changes = mended(raw, mend, spacing)
    refuse(list(find_faults(raw)), raw.source)
    if not len(raw):
        raise DataError("no bar is left", file=raw.source, mend="give a file with bars")
    length = length_of(raw, timeframe)
    record = record_of(raw, length)
    open_ts, close_ts = bar_bounds(raw.ts, length, stamps or raw.stamps, record.calendar)
    _refuse_overlap(open_ts, close_ts, raw, length)
    at = at_exchange(actions, record.calendar)
    columns = dict(raw.columns)
    prices = {name: columns.pop(name) for name in ("open", "high", "low", "close", "volume")}
    return Bars(
        symbol=title, timeframe=length, ts=close_ts, open_ts=open_ts, **prices, instrument=record,
        is_synthetic=raw.synthetic if raw.synthetic.any() else None, actions=at, columns=columns,
        factor=factor_of(at, close_ts), source=raw.source, rows=raw.rows,
    ), changes  # fmt: skip


def length_of(raw: Raw, timeframe: str) -> Timeframe:
    """The bar length as given, else as the stamps tell."""
    if not timeframe:
        return infer_timeframe(raw.ts, raw.source)
    try:
        return Timeframe.parse(timeframe)
    except ValueError as problem:
        raise OptionError(str(problem), mend="write for example `--timeframe 1h`") from None


def refuse(faults: Sequence[Fault], source: str) -> None:
    """Raises DataError naming the first fault with its rows, and the others after it."""
    if not faults:
        return
    first = faults[0]
    more = [f"{rows_text(fault.rows)}: {fault.text}" for fault in faults[1:8]]
    raise DataError(first.text, file=source, rows=first.rows, mend=first.mend, more=more)


def _refuse_overlap(open_ts: Any, close_ts: Any, raw: Raw, length: Timeframe) -> None:
    overlaps = np.flatnonzero((open_ts[1:] < close_ts[:-1]) | (close_ts[1:] <= close_ts[:-1])) + 1
    if len(overlaps):
        raise DataError(
            f"the bar begins before the one before it ends, if bars are {length} long", file=raw.source,
            rows=raw.rows[overlaps].tolist(), mend="say the length of the bars: `--timeframe 5m`",
        )  # fmt: skip
