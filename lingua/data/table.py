"""A file or frame of bars as named columns, before anything is understood: texts, or numbers where it has types.

Rows are counted as a reader would find them: in text files by the line of the file (the header is line 1), elsewhere
by the bar (the first is 1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.errors import DataError
from lingua.data.packed import decoded, unpacked
from lingua.data.sideways import has_second_header, stacked
from lingua.diagnostics.suggest import near_file

TEXT_ENDINGS = (".csv", ".tsv", ".txt")
LINES_ENDINGS = (".jsonl", ".ndjson")
ARROW_ENDINGS = (".feather", ".arrow", ".ipc")
ENDINGS = (*TEXT_ENDINGS, ".csv.gz", ".zip", *LINES_ENDINGS, ".parquet", *ARROW_ENDINGS)
LARGE_TEXT = 8_000_000
"""From this size on texts are read by Polars, whose import (0.15 s) then pays."""
MOST_COLUMNS = 2000
WITHOUT_HEADER = ("timestamp", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Instants:
    """A column of datetimes: `values` in ns, `is_utc` when the format says so (else wall-clock time)."""

    values: NDArray[np.int64]
    is_utc: bool


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in file order by lower-case name: a list or NumPy array of texts, a NumPy array of numbers, or
    `Instants`. `rows` (n,) says where each row stands; `ragged` are rows left out because their fields do not fit the
    header."""

    source: str
    columns: dict[str, Any]
    rows: NDArray[np.int64]
    ragged: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, keep: Any) -> Table:
        """The rows where `keep` (n,) bool holds."""
        where = np.flatnonzero(keep)

        def pick(column: Any) -> Any:
            if isinstance(column, Instants):
                return Instants(column.values[where], column.is_utc)
            return column[where] if isinstance(column, np.ndarray) else [column[k] for k in where]

        columns = {name: pick(column) for name, column in self.columns.items()}
        return Table(self.source, columns, self.rows[where], self.ragged)


def is_bars_file(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and ".actions." not in path.name.lower()


def _missing(path: Path) -> DataError:
    near = near_file(path)
    guess = f"did you mean {path.with_name(near)}?" if near else "check the path"
    return DataError("there is no such file", file=str(path), mend=guess)


def read_table(path: Path) -> Table:
    """Read CSV, TSV, JSON lines, Parquet, Arrow or Feather. Raises DataError for what is none of them."""
    try:
        if path.is_dir():
            raise DataError("this is a folder", file=str(path), mend="name one file of it")
        name = path.name.lower()
        if name.endswith((".parquet", *ARROW_ENDINGS)):
            path.open("rb").close()
            return read_columnar(path)
        if not name.endswith(ENDINGS):
            path.open("rb").close()
            raise DataError(
                f"`{path.suffix or path.name}` is not a format of bars", file=str(path),
                mend="use .csv, .tsv, .zip, .jsonl, .parquet, .feather or .arrow",
            )  # fmt: skip
        text = decoded(unpacked(path), str(path))
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as problem:
        raise DataError(
            f"it cannot be read: {problem.strerror or problem}", file=str(path), mend="check the path"
        ) from None
    if name.endswith(LINES_ENDINGS):
        return read_lines(text, str(path))
    return read_text(text, str(path))


def read_text(text: str, source: str) -> Table:
    """A table of separated fields. Lines before the header that hold no separator (a title, an address) and lines that
    begin with # are passed over; a file without a header is taken as time, open, high, low, close, volume."""
    if not text.strip():
        raise DataError("the file is empty", file=source, mend="give a file with a header and bars")
    separator, first = _layout(text)
    begin = 0
    for _ in range(first - 1):
        begin = text.index("\n", begin) + 1
    end = text.find("\n", begin)
    columns_told = text.count(separator, begin, end if end >= 0 else len(text)) + 1
    if columns_told > MOST_COLUMNS:
        raise DataError(
            f"the header has {columns_told:,} columns", file=source, rows=[first], mend="give a table of bars"
        )
    if len(text) > LARGE_TEXT and not has_second_header(text[begin : begin + 100_000], separator):
        table = _large_text(text, separator, first, source)
        if table is not None:
            return table
    body: list[list[str]] = []
    numbers: list[int] = []
    ragged: list[int] = []
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    header: list[str] = []
    line = 0
    try:
        for row in reader:
            line = reader.line_num
            if line < first or not row or not any(row) or row[0].startswith("#"):
                continue
            if not header:
                header, is_data = _header(row)
                if not is_data:
                    continue
            if len(row) == len(header):
                body.append(row)
                numbers.append(line)
            elif len(row) == len(header) + 1 and not row[-1]:
                body.append(row[:-1])  # a separator at the end of each line
                numbers.append(line)
            else:
                ragged.append(line)
    except csv.Error as problem:
        raise DataError(f"it cannot be read: {problem}", file=source, rows=[line + 1], mend="mend this row") from None
    aside = stacked(header, body, numbers)
    if aside is not None:
        header, body, numbers = aside
    columns = zip(*body, strict=True) if body else [()] * len(header)
    named = {name: list(column) for name, column in zip(header, columns, strict=True)}
    return Table(source, named, np.array(numbers, dtype=np.int64), tuple(ragged))


def _layout(text: str) -> tuple[str, int]:
    """The separator, and the line (from 1) on which the table begins."""
    lines = text[:65_536].split("\n")[:20]
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            separator = max("\t;,|", key=line.count)
            if line.count(separator) >= 3:
                return separator, number
    return ",", 1


def _header(row: list[str]) -> tuple[list[str], bool]:
    """Column names, and whether the row already is data."""
    names = [name.strip().strip("\"'<>[]").strip().rstrip(".").lower() for name in row]
    if sum(_is_number(field) for field in row[1:]) < 4 or not any(c.isdigit() for c in row[0]):
        return _distinct(names), False
    if row[-1].strip().lower() in ("true", "false") and _is_number(row[0]):
        # Trades as exchanges publish them for download: singly, or those of one order at one price together.
        ids = ["id", "price", "qty", "first_id", "last_id"] if len(row) == 8 else ["id", "price", "qty", "quote_qty"]
        return _distinct([*ids, "time", *(f"column {k}" for k in range(len(ids) + 2, len(row) + 1))]), True
    if len(row) > 6 and _is_number(row[0]):
        # Klines of exchanges: what follows the volume has no common meaning.
        return _distinct([*WITHOUT_HEADER, *(f"column {k}" for k in range(7, len(row) + 1))]), True
    if len(row) == 7 and not _is_number(row[1]):
        return ["date", "time", *WITHOUT_HEADER[1:]], True
    return _distinct(list(WITHOUT_HEADER[: len(row)]) + [f"column {k}" for k in range(7, len(row) + 1)]), True


def _distinct(names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        title = name or f"column {len(found) + 1}"
        while title in found:
            title += "_"
        found[title] = None
    return list(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _large_text(text: str, separator: str, first: int, source: str) -> Table | None:
    """By Polars, every field as text; None where rows need a closer look."""
    import polars

    lines = text.split("\n", first)
    header, is_data = _header(next(csv.reader([lines[first - 1]], delimiter=separator, skipinitialspace=True)))
    content = "\n".join(lines[first - 1 :] if is_data else lines[first:])
    del lines
    if "#" in content or '"' in content or "\n\n" in content or "\r\n\r\n" in content:
        return None
    try:
        frame = polars.read_csv(
            content.encode(), has_header=False, separator=separator, infer_schema=False, quote_char=None,
            new_columns=header,
        )  # fmt: skip
    except Exception:  # ragged rows, mostly: the slow way names them
        return None
    # A row that is too short looks like one whose last cells are empty.
    if frame.columns != header or frame[header[-1]].has_nulls():
        return None
    begin = first + (0 if is_data else 1)
    columns = {name: frame[name].fill_null("").str.strip_chars_end("\r") for name in header}
    return Table(source, columns, np.arange(begin, begin + len(frame), dtype=np.int64))


def read_lines(text: str, source: str) -> Table:
    """One JSON object on each line. Raises DataError."""
    import json

    found: list[dict[str, Any]] = []
    numbers = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise DataError("this is not a JSON object", file=source, rows=[number], mend="write one object a line")
        found.append(value)
        numbers.append(number)
    if not found:
        raise DataError("the file is empty", file=source, mend="give a file with bars")
    names = list(found[0])
    columns = {
        str(name).lower(): ["" if value.get(name) is None else str(value[name]) for value in found] for name in names
    }
    return Table(source, columns, np.array(numbers, dtype=np.int64))


def read_columnar(path: Path) -> Table:
    import polars

    is_parquet = path.name.lower().endswith(".parquet")
    try:
        frame = polars.read_parquet(path) if is_parquet else polars.read_ipc(path)
    except Exception as problem:  # polars has no common error for damaged files, and panics in places
        raise DataError(
            f"it cannot be read as {path.suffix[1:]}: {str(problem).splitlines()[0] if str(problem) else 'damaged'}",
            file=str(path), mend="check that the file is complete",
        ) from None  # fmt: skip
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise DataError("the file is damaged", file=str(path), mend="check that it is complete") from None
    return from_polars(frame, str(path))


def from_polars(frame: Any, source: str) -> Table:
    import polars

    columns: dict[str, Any] = {}
    for name, title in zip(frame.columns, _distinct(name.strip().lower() for name in frame.columns), strict=True):
        series = frame[name]
        if isinstance(series.dtype, polars.Datetime):
            physical = series.dt.cast_time_unit("ns").to_physical()
            stamps = physical.fill_null(np.iinfo(np.int64).min).to_numpy()
            columns[title] = Instants(np.asarray(stamps, dtype=np.int64), series.dtype.time_zone is not None)
        elif series.dtype == polars.Date:
            # A date is that day, in whatever zone: midnight of wall clocks.
            days = series.cast(polars.Datetime("ns")).to_physical().fill_null(np.iinfo(np.int64).min)
            columns[title] = Instants(np.asarray(days.to_numpy(), dtype=np.int64), False)
        elif series.dtype.is_integer() and not series.has_nulls():
            columns[title] = series.to_numpy()
        elif series.dtype.is_numeric():
            columns[title] = series.cast(polars.Float64).fill_null(float("nan")).to_numpy()
        else:
            columns[title] = series.cast(polars.String, strict=False).fill_null("").to_list()
    return Table(source, columns, np.arange(1, len(frame) + 1, dtype=np.int64))
