"""A file or frame of bars as named columns, before anything is checked: text, or numbers where the format has types."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.errors import DataError

TEXT_ENDINGS = (".csv", ".tsv", ".txt")
ARROW_ENDINGS = (".feather", ".arrow", ".ipc")


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in file order, names lower-case; values a list of texts or a NumPy array. `rows` gives the line of the
    file each row stands on (the header is line 1)."""

    source: str
    columns: dict[str, Any]
    rows: list[int]

    def __len__(self) -> int:
        return len(self.rows)


def read_table(path: Path) -> Table:
    """Read CSV, TSV, Parquet, Arrow or Feather. Raises DataError for what is none of them."""
    if not path.exists():
        raise DataError("there is no such file", file=str(path), mend="check the path; `--data` takes a file or a folder")
    ending = path.suffix.lower()
    if ending in TEXT_ENDINGS:
        return read_text(path)
    if ending == ".parquet" or ending in ARROW_ENDINGS:
        return read_columnar(path)
    raise DataError(
        f"`{ending or path.name}` is not a format of bars", file=str(path), mend="use .csv, .tsv, .parquet, .feather or .arrow"
    )


def read_text(path: Path) -> Table:
    raw = path.read_bytes()
    if b"\0" in raw[:65_536]:
        raise DataError("this is a binary file, not text", file=str(path), mend="give a CSV, or name it by its format")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = raw[: problem.start].count(b"\n") + 1
        raise DataError("a byte is not UTF-8 text", file=str(path), rows=[row], mend="save the file as UTF-8") from None
    lines = text.splitlines()
    if not lines:
        raise DataError("the file is empty", file=str(path), mend="give a file with a header and bars")
    separator = max(",;\t|", key=lines[0].count)
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    header = [name.strip().strip('"').lower() for name in rows[0]]
    numbers = [number for number, row in enumerate(rows[1:], 2) if row and any(row)]
    body = [row for row in rows[1:] if row and any(row)]
    if looks_like_data(rows[0]):
        raise DataError(
            "the first row holds values, not column names", file=str(path), rows=[1],
            mend="add a header such as `timestamp,open,high,low,close,volume`",
        )  # fmt: skip
    ragged = [number for number, row in zip(numbers, body, strict=True) if len(row) != len(header)]
    if ragged:
        raise DataError(
            f"a row does not have the {len(header)} fields of the header", file=str(path), rows=ragged,
            mend="mend or remove these rows",
        )  # fmt: skip
    columns = dict(zip(header, (list(column) for column in zip(*body, strict=True)), strict=True)) if body else {
        name: [] for name in header
    }
    return Table(str(path), columns, numbers)


def looks_like_data(header: list[str]) -> bool:
    def is_number(text: str) -> bool:
        try:
            float(text)
        except ValueError:
            return False
        return True

    return sum(is_number(field) for field in header) >= 4


def read_columnar(path: Path) -> Table:
    import polars

    try:
        frame = polars.read_parquet(path) if path.suffix.lower() == ".parquet" else polars.read_ipc(path, memory_map=False)
    except Exception as problem:
        raise DataError(
            f"it cannot be read as {path.suffix[1:]}: {str(problem).splitlines()[0]}", file=str(path),
            mend="check that the file is complete",
        ) from None  # fmt: skip
    return from_polars(frame, str(path))


def from_frame(frame: Any, source: str = "") -> Table:
    """A pandas or Polars frame. A pandas index of times counts as a column."""
    module = type(frame).__module__.partition(".")[0]
    if module == "polars":
        return from_polars(frame, source or "the frame")
    if module != "pandas":
        raise DataError(
            f"a {type(frame).__name__} is not data", mend="give a path, a pandas or Polars DataFrame, or Bars"
        )
    columns: dict[str, Any] = {}
    index = frame.index
    if index.dtype.kind == "M" or "datetime" in str(index.dtype):
        columns["timestamp"] = _pandas_times(index)
    for name in frame.columns:
        column = frame[name]
        is_time = column.dtype.kind == "M" or "datetime" in str(column.dtype)
        columns[str(name).lower()] = _pandas_times(column.array) if is_time else column.to_numpy()
    return Table(source or "the frame", columns, list(range(2, len(frame) + 2)))


def _pandas_times(values: Any) -> Any:
    if getattr(values, "tz", None) is not None:
        # An aware column is UTC from here on; a naive one stays naive.
        return np.asarray(values.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ns]")), "UTC"
    return values.to_numpy().astype("datetime64[ns]")


def from_polars(frame: Any, source: str) -> Table:
    import polars

    columns: dict[str, Any] = {}
    for name in frame.columns:
        series = frame[name]
        if isinstance(series.dtype, polars.Datetime):
            aware = series.dtype.time_zone is not None
            values = series.dt.cast_time_unit("ns").to_physical().to_numpy().astype("datetime64[ns]")
            columns[name.lower()] = (values, "UTC") if aware else values
        elif series.dtype == polars.Date:
            columns[name.lower()] = series.to_numpy().astype("datetime64[ns]")
        elif series.dtype.is_numeric():
            columns[name.lower()] = series.cast(polars.Float64).to_numpy() if series.dtype.is_float() else series.to_numpy()
        else:
            columns[name.lower()] = series.cast(polars.String).fill_null("").to_list()
    return Table(source, columns, list(range(2, len(frame) + 2)))
