"""What bars must be. Each kind of fault forbids a run until a named mend takes it away (`lingua.data.mends`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

PRICES = ("open", "high", "low", "close")
MENDS = {
    "sort": "put the bars in the order of their stamps",
    "first": "of bars with the same stamp keep the first",
    "last": "of bars with the same stamp keep the last",
    "drop": "leave out rows that are unreadable, impossible or without prices",
    "close": "where a file has no opens, highs or lows, take its closes for them",
    "clip": "widen high and low to enclose open and close",
    "forward": "fill missing bars with the close before them (such bars never fill an order)",
    "na": "put bars without prices where bars are missing",
    "linear": "fill missing bars on a straight line to the next close (it knows the next close: never for a backtest)",
    "spike": "leave out prices that jump away by a fifth and come back at once (it looks at the next bars)",
    "mad": "leave out prices far from the median of the 21 bars around them (it looks at the next bars)",
}
LOOKS_AHEAD = frozenset({"linear", "spike", "mad"})
"""These use later bars. They clean a file that one then looks at; a backtest does not take them on the fly."""
DROP = "`--mend drop` leaves these rows out"


@dataclass(frozen=True, slots=True)
class Fault:
    """`rows` as `DataError` counts them."""

    kind: str
    text: str
    rows: tuple[int, ...]
    mend: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Bars as read, before anything is demanded of them: stamps as the file has them (UTC ns), columns with NaN where
    a cell is empty or unreadable. `unreadable` tells of rows and cells that could not be understood; of those, rows
    without a stamp or with too few fields are not in the columns. `bad_cells` (n,) marks rows of unreadable cells.
    `from_close` counts rows that have their close for prices which the file leaves out."""

    source: str
    ts: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]
    rows: NDArray[np.int64]
    bad_cells: NDArray[np.bool_]
    synthetic: NDArray[np.bool_]
    unreadable: tuple[Fault, ...] = ()
    stamps: str = ""
    symbol: str = ""
    from_close: int = 0

    def __len__(self) -> int:
        return len(self.ts)

    def take(self, order: Any) -> Raw:
        """The rows `order` (positions or a mask)."""
        return replace(
            self, ts=self.ts[order], rows=self.rows[order], bad_cells=self.bad_cells[order],
            synthetic=self.synthetic[order], columns={name: column[order] for name, column in self.columns.items()},
        )  # fmt: skip


def find_faults(raw: Raw) -> Iterator[Fault]:
    """Every kind of fault, each with all its rows. Bars without any price are no fault: they are `na`."""
    yield from raw.unreadable
    steps = np.diff(raw.ts, prepend=raw.ts[:1] - 1)
    yield from _fault(
        raw, "unsorted", "the stamp is earlier than the one before", steps < 0, "`--mend sort` puts them in order"
    )
    yield from _fault(
        raw, "duplicate", "the stamp occurs more than once", repeated(raw.ts),
        "`--mend last` (or `first`) keeps one of each",
    )  # fmt: skip
    for kind, text, where, mend in impossible(raw):
        yield from _fault(raw, kind, text, where, mend)


def repeated(ts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) true where an earlier row has the same stamp, next to it or not."""
    if len(ts) < 2:
        return np.zeros(len(ts), dtype=np.bool_)
    if (np.diff(ts) > 0).all():
        return np.zeros(len(ts), dtype=np.bool_)
    order = np.argsort(ts, kind="stable")
    same = np.zeros(len(ts), dtype=np.bool_)
    same[order[1:]] = ts[order[1:]] == ts[order[:-1]]
    return same


def impossible(raw: Raw) -> Iterator[tuple[str, str, NDArray[np.bool_], str]]:
    """What no bar can be: kind, text, (n,) where, mend."""
    o, h, low, c = (raw.columns[name] for name in PRICES)
    missing = [np.isnan(column) for column in (o, h, low, c)]
    some, every = missing[0] | missing[1] | missing[2] | missing[3], missing[0] & missing[1] & missing[2] & missing[3]
    yield "partial", "some of open, high, low and close are missing", some & ~every & ~raw.bad_cells, DROP
    with np.errstate(invalid="ignore"):
        infinite = np.isinf(o) | np.isinf(h) | np.isinf(low) | np.isinf(c) | np.isinf(raw.columns["volume"])
        yield "infinite", "a price or volume is infinite", infinite, DROP
        negative = (o <= 0) | (h <= 0) | (low <= 0) | (c <= 0)
        yield "negative", "a price is zero or negative", negative, DROP
        outside = (h < o) | (h < c) | (low > o) | (low > c) | (h < low)
        yield (
            "range", "high and low do not enclose open and close", outside & ~negative & ~infinite,
            "`--mend clip` widens high and low, `--mend drop` leaves these rows out",
        )  # fmt: skip
        yield "volume", "the volume is negative", raw.columns["volume"] < 0, DROP


def _fault(raw: Raw, kind: str, text: str, where: Any, mend: str) -> Iterator[Fault]:
    found = np.flatnonzero(where)
    if len(found):
        yield Fault(kind, text, tuple(raw.rows[found].tolist()), mend)
