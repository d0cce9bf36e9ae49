# cython: language_level=3

"""A table of float64 rows that only grows: what happened, in columns, without an object per event."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython


SHELVES: dict[int, list[Any]] = {}
"""Arrays of 2 ** key cells of tables that may be gone, oldest first: taking one again saves asking the system for
pages."""
SMALLEST = 9
LARGEST = 21
"""Exponents of the sizes that are kept."""
MOST = 16
"""Arrays on a shelf; of large ones as many as make up one of the largest, and two at least."""


def _alone() -> int:
    """What `sys.getrefcount` says of an array that only one name of a function has: that differs by how this file is
    run."""
    probe = np.empty(1)
    return sys.getrefcount(probe)


ALONE: int = _alone()


def roomy(cells: int) -> Any:
    """An array of at least `cells` float64, with anything in it: one that no table and no reader has any more."""
    kind = max(SMALLEST, (cells - 1).bit_length())
    if kind > LARGEST:
        return np.empty(cells)
    shelf = SHELVES.setdefault(kind, [])
    for _ in range(len(shelf)):
        try:
            found = shelf.pop(0)
        except IndexError:
            break
        shelf.append(found)
        if sys.getrefcount(found) == ALONE + 1:
            return found
    made = np.empty(1 << kind)
    shelf.append(made)
    if len(shelf) > max(2, min(MOST, 1 << (LARGEST - kind))):
        shelf.pop(0)
    return made


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Rows:
    """`width` cells a row. `cells` is flat: the row at offset k is cells[k : k + width]. What stands behind the last
    row is of no meaning: whoever writes a row writes all of its cells."""

    def __init__(self, width: cython.Py_ssize_t) -> None:
        if width < 1:
            raise ValueError("a table needs at least one column")
        self.width = width
        self.count = 0
        self.capacity = 0
        self.is_seen = False
        self.store: Any = None
        if not cython.compiled:
            self.cells: list[float] = []

    @cython.cfunc
    def add(self) -> cython.Py_ssize_t:
        """The offset of a new row, whose cells are zero."""
        k: cython.Py_ssize_t
        if self.count == self.capacity:
            self._grow(2 * self.capacity if self.capacity else 64)
        self.count += 1
        for k in range((self.count - 1) * self.width, self.count * self.width):
            self.cells[k] = 0.0
        return (self.count - 1) * self.width

    @cython.cfunc
    def reserve(self, rows: cython.Py_ssize_t) -> cython.int:
        """Room for `rows` rows in all."""
        if rows > self.capacity:
            self._grow(rows if rows > 2 * self.capacity else 2 * self.capacity)
        return 0

    @cython.cfunc
    def take(self, rows: cython.Py_ssize_t) -> cython.int:
        """Let the table have `rows` of the rows that were written into its cells."""
        self.count = rows
        return 0

    def _grow(self, capacity: cython.Py_ssize_t) -> None:
        if cython.compiled:
            store = roomy(capacity * self.width)
            if self.store is not None:
                store[: self.capacity * self.width] = self.store[: self.capacity * self.width]
            capacity = len(store) // self.width
            self.store = store
            address: cython.size_t = store.ctypes.data
            self.cells = cython.cast(cython.p_double, address)
        else:
            self.cells.extend([0.0] * ((capacity - self.capacity) * self.width))
        self.capacity = capacity

    def _leave(self) -> None:
        """Let those who look at the rows have them, and go on with others."""
        self.store = None
        self.capacity = 0
        self.count = 0
        self.is_seen = False

    def table(self, start: int = 0) -> Any:
        """(rows, width) float64 copy of the rows from `start` on."""
        first, last = min(max(start, 0), self.count) * self.width, self.count * self.width
        if cython.compiled:
            flat = np.zeros(0) if self.store is None else self.store[first:last].copy()
        else:
            flat = np.array(self.cells[first:last], dtype=np.float64)
        return flat.reshape(-1, self.width)

    def view(self) -> Any:
        """(rows, width) float64 of the rows so far, which stay as they are whatever becomes of the table. Without a
        copy where that can be kept: do not write into it."""
        if not cython.compiled or self.store is None:
            return self.table()
        self.is_seen = True
        return self.store[: self.count * self.width].reshape(-1, self.width)

    def clear(self) -> None:
        """No rows; what was taken from the system stays for the next ones."""
        if self.is_seen:
            self._leave()
        self.count = 0

    def load(self, table: Any) -> None:
        """Replace the contents by `table` (count, width)."""
        flat = np.ascontiguousarray(table, dtype=np.float64).reshape(-1)
        if len(flat) % self.width:
            raise ValueError(f"a table of width {self.width} cannot hold {len(flat)} cells")
        rows = len(flat) // self.width
        if self.is_seen:
            self._leave()
        self.count = 0
        if rows > self.capacity:
            self._grow(rows)
        if cython.compiled:
            if rows:
                self.store[: len(flat)] = flat
        else:
            self.cells[: len(flat)] = flat.tolist()
        self.count = rows
