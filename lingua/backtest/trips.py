"""Round trips as columns: what figures ask of thousands of them, without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.curve import Floats
from lingua.backtest.roundtrips import RoundTrip

FLOATS = (
    "pnl", "gross", "notional", "commission", "slippage", "planned_risk", "r", "mae", "mfe",
)  # fmt: skip
"""Columns that are called as in `RoundTrip`."""
NAMED = ("entry_rule", "exit_rule", "side", "symbol", "tag")


@dataclass(frozen=True, slots=True)
class Trips:
    """(n,) columns in the order of the first exit of each; floats as `RoundTrip` tells them. Those of `NAMED` are
    numbers of `names`; an open one has left by no rule."""

    names: tuple[str, ...]
    pnl: Floats
    gross: Floats
    notional: Floats
    commission: Floats
    slippage: Floats
    planned_risk: Floats
    r: Floats
    mae: Floats
    mfe: Floats
    bars: NDArray[np.int64]
    entry_rule: NDArray[np.int32]
    exit_rule: NDArray[np.int32]
    is_open: NDArray[np.bool_]
    is_before_settle: NDArray[np.bool_]
    trade_id: NDArray[np.int64]
    entry_ts: NDArray[np.int64]
    side: NDArray[np.int32]
    symbol: NDArray[np.int32]
    tag: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.pnl)

    @property
    def result_bp(self) -> Floats:
        """`RoundTrip.pnl_bp` of each."""
        notional = np.where(self.notional == 0.0, np.nan, self.notional)
        return np.asarray(1e4 * self.pnl / notional)

    @property
    def closed(self) -> Trips:
        """Those from their fill to flat."""
        return self.take(~self.is_open) if self.is_open.any() else self

    def take(self, where: Any) -> Trips:
        """The trips `where` (mask or positions)."""
        columns = (getattr(self, each.name)[where] for each in fields(self)[1:])
        return Trips(self.names, *columns)

    def entered_by(self, name: str) -> Trips:
        return self.take(self.entry_rule == self.number(name))

    def names_in(self, numbers: NDArray[np.int32]) -> list[str]:
        """The names of these numbers, in the order in which they occur first."""
        found, first = np.unique(numbers, return_index=True)
        return [self.names[k] for k in found[np.argsort(first)]]

    def number(self, name: str) -> int:
        """Of a rule or an exit; -1 where no trip names it."""
        return self.names.index(name) if name in self.names else -1


def columns_of(trips: Sequence[RoundTrip], tags: Mapping[tuple[str, int], str] | None = None) -> Trips:
    """The columns of records. `tags` by (symbol, trade_id)."""
    names: dict[str, int] = {}

    def numbers(texts: Iterable[str]) -> Any:
        return np.array([names.setdefault(text, len(names)) for text in texts], dtype=np.int32)

    known = tags or {}
    columns: dict[str, Any] = {
        name: np.array([getattr(trip, name) for trip in trips], dtype=np.float64) for name in FLOATS
    }
    for name in ("bars", "trade_id", "entry_ts"):
        columns[name] = np.array([getattr(trip, name) for trip in trips], dtype=np.int64)
    for name in ("entry_rule", "exit_rule", "side", "symbol"):
        columns[name] = numbers(getattr(trip, name) for trip in trips)
    columns["tag"] = numbers(known.get((trip.symbol, trip.trade_id), "") for trip in trips)
    for name in ("is_open", "is_before_settle"):
        columns[name] = np.array([getattr(trip, name) for trip in trips], dtype=np.bool_)
    return Trips(tuple(names), **columns)


def merged(first: Trips, places: Any, second: Trips, other_places: Any) -> Trips:
    """Two lots of trips in the order of their places."""
    names = (*first.names, *second.names)
    order = np.argsort(np.concatenate((places, other_places)), kind="stable")
    known = {name: k for k, name in reversed(list(enumerate(names)))}
    same = np.array([known[name] for name in names], dtype=np.int32)
    columns = []
    for each in fields(first)[1:]:
        a, b = getattr(first, each.name), getattr(second, each.name)
        is_named = each.name in NAMED
        column = np.concatenate((a, b + len(first.names) if is_named else b))[order]
        columns.append(same[column] if is_named else column)
    return Trips(names, *columns)
