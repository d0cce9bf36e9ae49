"""Columns of equal length that leave as rows, CSV, pandas or Polars."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.times import Decimals, iso_column

if TYPE_CHECKING:
    import pandas
    import polars

Column = Sequence[Any] | NDArray[Any]
NO_TIME = np.iinfo(np.int64).min
"""The empty instant, as NumPy's NaT."""


@dataclass(frozen=True)
class Table:
    """Named columns. `times` names those that hold UTC nanoseconds (int64, `NO_TIME` where empty)."""

    columns: dict[str, Column]
    times: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.to_rows())

    def select(self, *names: str) -> Table:
        """The same rows with these columns only, in this order."""
        return Table({name: self.columns[name] for name in names}, self.times & set(names))

    def to_rows(self) -> list[dict[str, Any]]:
        """One dict a row; times as ISO-8601 text or None, NaN as None."""
        cells = [self._plain(name) for name in self.columns]
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*cells, strict=True)]

    def to_pandas(self) -> pandas.DataFrame:
        """Times are `datetime64[ns, UTC]`."""
        import pandas

        data = {name: self._stamps(name) if name in self.times else column for name, column in self.columns.items()}
        frame = pandas.DataFrame(data)
        for name in self.times:
            frame[name] = frame[name].dt.tz_localize("UTC")
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Times are `Datetime("ns", "UTC")`."""
        import polars

        data = {
            name: polars.Series(name, self._stamps(name)).dt.replace_time_zone("UTC")
            if name in self.times
            else polars.Series(name, column)
            for name, column in self.columns.items()
        }
        return polars.DataFrame(data)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the columns: times as ISO-8601, floats with every digit, nothing for a missing value."""
        write_csv(path, list(self.columns), self.cells())

    def cells(self, forms: Mapping[str, Decimals] | None = None) -> list[list[str]]:
        """The cells of a CSV, one list a column; `forms`: the decimals of columns of times, where these are not all."""
        known = forms or {}
        return [
            time_cells(column, known.get(name)) if name in self.times else cells(column)
            for name, column in self.columns.items()
        ]

    def _repr_html_(self) -> str:
        return str(self.to_pandas()._repr_html_())

    def _stamps(self, name: str) -> NDArray[np.datetime64]:
        return np.asarray(self.columns[name], dtype=np.int64).astype("datetime64[ns]")

    def _plain(self, name: str) -> list[Any]:
        if name in self.times:
            return [text or None for text in time_cells(self.columns[name])]
        column = self.columns[name]
        values = column.tolist() if isinstance(column, np.ndarray) else list(column)
        return [None if isinstance(value, float) and value != value else value for value in values]


def time_cells(column: Column, form: Decimals | None = None) -> list[str]:
    """ISO-8601 text of each instant, empty where there is none. `form`: the decimals, where these are not all."""
    ts = np.asarray(column, dtype=np.int64)
    is_given = ts != NO_TIME
    known = ts[is_given]
    texts = iter(iso_column(known) if form is None else form.texts(known))
    return [next(texts) if given else "" for given in is_given.tolist()]


def cells(column: Column) -> list[str]:
    """CSV cells: `repr` for floats (so that reading gives the same float back), empty for NaN and None; uint8 is
    three-valued truth (0 false, 1 unknown, 2 true)."""
    if isinstance(column, np.ndarray):
        if column.dtype == np.uint8:
            return [("false", "", "true")[value] for value in column.tolist()]
        if column.dtype.kind == "M":
            return time_cells(column.astype("datetime64[ns]").astype(np.int64))
        column = column.tolist()
    return [_cell(value) for value in column]


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    return repr(float(value)) if isinstance(value, (float, np.floating)) else str(value)


def quoted(text: str) -> str:
    """CSV text: in quotes when it holds a separator, quote or line break."""
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def write_csv(path: str | os.PathLike[str], names: list[str], columns: list[list[str]]) -> None:
    """Cells that are ready, one list a column. Lines end in a single newline on every system."""
    with CsvFile(path, names) as file:
        file.add(columns)


class CsvFile:
    """A CSV file that is written piece by piece, in a `with` block."""

    def __init__(self, path: str | os.PathLike[str], names: list[str]) -> None:
        self._path = path
        self._names = names

    def __enter__(self) -> CsvFile:
        self._file = open(self._path, "w", encoding="utf-8", newline="")
        self._file.write(",".join(map(quoted, self._names)) + "\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, columns: list[list[str]]) -> None:
        """Cells that are ready, one list a column."""
        self._file.writelines(",".join(row) + "\n" for row in zip(*columns, strict=True))
