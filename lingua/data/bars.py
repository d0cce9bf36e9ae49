"""Bars of one symbol, stamped by their close, in columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

Floats = NDArray[np.float64]
Stamps = NDArray[np.int64]
T = TypeVar("T")


class Facts(dict[str, Any]):
    """What was found out about bars, by name. It stays behind when they go to another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Facts, ()


@dataclass(frozen=True, slots=True)
class Action:
    """A corporate action on its ex-date: `split` multiplies share counts (2.0 = two for one), `dividend` is cash per
    share held."""

    ts: int
    split: float = 1.0
    dividend: float = 0.0


@dataclass(frozen=True, slots=True)
class Bars:
    """(n,) columns of one symbol; validated: stamps strictly increase, prices are positive or NaN together.

    `ts` is the bar's close and `open_ts` its open, both UTC nanoseconds, whatever the file's stamps were. `volume` is
    NaN throughout when the source has none. `is_synthetic` marks bars that a cleaning step invented: they feed
    indicators but never fill an order. `columns` are further numeric columns, known at the bar's close. Nothing in the
    columns changes: what every run asks of them is found out once.
    """

    symbol: str
    timeframe: Timeframe
    ts: Stamps
    open_ts: Stamps
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    instrument: Instrument
    is_synthetic: NDArray[np.bool_] | None = None
    actions: tuple[Action, ...] = ()
    columns: dict[str, Floats] = field(default_factory=dict)
    factor: Floats | None = None
    """(n,) cumulative split factor up to each bar (None: no splits). Series see traded price * factor, which no later
    split changes; orders are filled at traded prices."""
    source: str = ""
    """File or description the bars came from, for messages."""
    rows: Stamps | None = None
    """(n,) where each bar, or the first it was made of, stands in its source, as `DataError` counts."""

    facts: Facts = field(default_factory=Facts, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ts)

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What `find` gives; it is called the first time only."""
        if name not in self.facts:
            self.facts[name] = find()
        found: T = self.facts[name]
        return found
