"""Tables of a run that is too long to keep: rows of float64 or int64 in a folder that goes when nobody needs it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np


class RowFiles:
    """Files by name in a temporary folder, which is removed with this object."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lingua-", ignore_cleanup_errors=True)
        self._files: dict[str, RowFile] = {}

    def add(self, name: str, rows: Any) -> None:
        """Append a table of any number of rows; (rows,) or (rows, width)."""
        if name not in self._files:
            shape = rows.shape[1:]
            self._files[name] = RowFile(Path(self._folder.name, name), rows.dtype, shape)
        self._files[name].add(rows)

    def rows(self, name: str) -> Any:
        """The whole table, read from the disk where it is looked at; not to be written into."""
        return self._files[name].rows()

    def count(self, name: str) -> int:
        return self._files[name].count


class RowFile:
    def __init__(self, path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
        self._path = path
        self._dtype = dtype
        self._shape = shape
        self._file = path.open("wb")
        self.count = 0

    def add(self, rows: Any) -> None:
        self.count += len(rows)
        if len(rows):
            self._file.write(np.ascontiguousarray(rows).data)

    def rows(self) -> Any:
        self._file.flush()
        if not self.count:
            return np.empty((0, *self._shape), dtype=self._dtype)
        return np.memmap(self._path, dtype=self._dtype, mode="r", shape=(self.count, *self._shape))
