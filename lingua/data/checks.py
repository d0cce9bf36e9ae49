"""What bars must be, and the named ways to mend them where they are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[np.float64]]
PRICES = ("open", "high", "low", "close")
MENDS = {
    "sort": "put the bars in the order of their stamps",
    "first": "of bars with the same stamp keep the first",
    "last": "of bars with the same stamp keep the last",
    "drop": "drop bars whose prices are impossible or partly missing",
    "clip": "widen high and low to enclose open and close",
}


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    text: str
    rows: tuple[int, ...]
    mend: str


def find_faults(ts: Any, columns: Columns, rows: Any) -> Iterator[Fault]:
    """Every kind of fault that forbids a run, each with the rows that show it."""

    def fault(kind: str, text: str, where: Any, mend: str) -> Iterator[Fault]:
        found = np.flatnonzero(where)
        if len(found):
            yield Fault(kind, text, tuple(int(rows[k]) for k in found), mend)

    steps = np.diff(ts, prepend=ts[:1] - 1)
    yield from fault("unsorted", "the stamp is earlier than the one before", steps < 0, "`--mend sort` puts them in order")
    yield from fault(
        "duplicate", "the stamp is the same as the one before", steps == 0,
        "`--mend last` (or `first`) keeps one of each",
    )  # fmt: skip
    values = np.array([columns[name] for name in PRICES])
    missing = np.isnan(values)
    yield from fault(
        "partial", "some of open, high, low and close are missing", missing.any(axis=0) & ~missing.all(axis=0),
        "`--mend drop` leaves such bars out",
    )  # fmt: skip
    with np.errstate(invalid="ignore"):
        yield from fault("infinite", "a price is infinite", np.isinf(values).any(axis=0), "`--mend drop` leaves such bars out")
        yield from fault(
            "negative", "a price is zero or negative", (values <= 0).any(axis=0), "`--mend drop` leaves such bars out"
        )
        outside = (columns["high"] < values.max(axis=0)) | (columns["low"] > values.min(axis=0))
        yield from fault(
            "impossible", "high and low do not enclose open and close", outside,
            "`--mend clip` widens them, `--mend drop` leaves such bars out",
        )  # fmt: skip
        yield from fault("volume", "the volume is negative", columns["volume"] < 0, "`--mend drop` leaves such bars out")


def mended(ts: Any, columns: Columns, rows: Any, methods: Sequence[str]) -> tuple[Any, Columns, Any]:
    """Stamps, columns and row numbers after the named methods, in the order given."""
    for method in methods:
        if method == "sort":
            keep: Any = np.argsort(ts, kind="stable")
        elif method == "first":
            keep = np.sort(np.unique(ts, return_index=True)[1])
        elif method == "last":
            keep = np.sort(len(ts) - 1 - np.unique(ts[::-1], return_index=True)[1])
        elif method == "clip":
            values = np.array([columns[name] for name in PRICES])
            columns = {**columns, "high": values.max(axis=0), "low": values.min(axis=0)}
            continue
        else:
            bad = {
                row
                for fault in find_faults(ts, columns, rows)
                if fault.kind not in ("unsorted", "duplicate")
                for row in fault.rows
            }
            keep = np.array([row not in bad for row in rows], dtype=np.bool_)
        ts, rows = ts[keep], rows[keep]
        columns = {name: column[keep] for name, column in columns.items()}
    return ts, columns, rows
