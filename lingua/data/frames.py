"""Frames of pandas and Polars, and tables of PyArrow. None is imported here: who gives a frame has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingua.data.errors import DataError
from lingua.data.roles import NAMES
from lingua.data.table import Instants, Table, from_polars


def from_frame(frame: Any, source: str = "", symbol: str = "") -> Table:
    """A frame as a table. A pandas index of times is the time column; of two-level columns, as
    downloaders make them, the level with the symbol is told apart."""
    module = type(frame).__module__.partition(".")[0]
    if module == "polars":
        if hasattr(frame, "collect"):
            frame = frame.collect()
        if not hasattr(frame, "columns"):
            raise DataError(
                "a Polars Series is not a table of bars", mend="give a DataFrame with open, high, low and close"
            )
        return from_polars(frame, source or "the frame")
    if module == "pyarrow" and hasattr(frame, "column_names"):
        import polars

        return from_polars(polars.DataFrame(polars.from_arrow(frame)), source or "the frame")
    if module != "pandas" or not hasattr(frame, "columns"):
        raise DataError(
            f"a {type(frame).__name__} is not data", mend="give a path, a pandas or Polars DataFrame, or Bars"
        )
    if frame.columns.nlevels > 1:
        frame = _one_level(frame, symbol)
    columns: dict[str, Any] = {}
    index = frame.index
    if getattr(index, "nlevels", 1) == 1 and _is_time(index.dtype):
        columns["timestamp"] = _times(index)
    elif getattr(index, "nlevels", 1) > 1:
        frame = frame.reset_index()
    elif _may_be_times(index, frame):
        columns["timestamp"] = _index_times(index)
    for name in frame.columns:
        column = frame[name]
        title = str(name).strip().lower()
        if title in columns:
            continue
        if _is_time(column.dtype):
            columns[title] = _times(column.array)
        elif column.dtype.kind in "iuf" or str(column.dtype).startswith(("Int", "UInt", "Float")):
            is_whole = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu"
            columns[title] = column.to_numpy() if is_whole else column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            missing = column.isna()
            columns[title] = ["" if none else str(value) for value, none in zip(column, missing, strict=True)]
    return Table(source or "the frame", columns, np.arange(1, len(frame) + 1, dtype=np.int64))


def _one_level(frame: Any, symbol: str) -> Any:
    """Columns such as (Close, AAPL): the level that holds `close` names the column, the other the symbol."""
    for level in range(frame.columns.nlevels):
        if "close" in {str(value).lower() for value in frame.columns.get_level_values(level)}:
            others = [k for k in range(frame.columns.nlevels) if k != level]
            found = list(dict.fromkeys(str(value) for value in frame.columns.get_level_values(others[0])))
            if len(found) > 1 and symbol not in found:
                raise DataError(
                    f"the frame holds {len(found)} symbols ({', '.join(found[:8])})",
                    mend=f"choose one: symbol={found[0]!r}",
                )
            wanted = symbol if symbol in found else found[0]
            keep = [str(value) == wanted for value in frame.columns.get_level_values(others[0])]
            one = frame.loc[:, keep]
            return one.set_axis([str(name) for name in one.columns.get_level_values(level)], axis=1)
    raise DataError("no level of the columns has a close", mend="give columns open, high, low, close and volume")


def _may_be_times(index: Any, frame: Any) -> bool:
    """Whether an index that is not of datetimes holds the times: by its name, or because no column does and it is more
    than a count of rows."""
    if str(index.name or "").lower() in NAMES["time"]:
        return True
    if {str(name).strip().lower() for name in frame.columns} & set(NAMES["time"]):
        return False
    if index.dtype.kind in "iuf":
        return bool(len(index)) and bool((index > 10_000_000).all())
    return True


def _index_times(index: Any) -> Any:
    if hasattr(index, "to_timestamp"):  # periods, by their first instant
        return _times(index.to_timestamp())
    return index.to_numpy() if index.dtype.kind in "iuf" else [str(value) for value in index]


def _is_time(dtype: Any) -> bool:
    return getattr(dtype, "kind", "") == "M" or "datetime" in str(dtype) or str(dtype).startswith("timestamp")


def _times(values: Any) -> Instants:
    """Aware columns are UTC from here on; naive ones stay wall-clock time."""
    import pandas

    index = pandas.DatetimeIndex(values)
    is_utc = index.tz is not None
    if is_utc:
        index = index.tz_convert("UTC").tz_localize(None)
    return Instants(index.to_numpy().astype("datetime64[ns]").astype(np.int64), is_utc)
