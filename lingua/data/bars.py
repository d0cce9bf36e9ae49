"""Bars of one symbol, stamped by their close, in columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

Floats = NDArray[np.float64]
Stamps = NDArray[np.int64]


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
    indicators but never fill an order. `columns` are further numeric columns, known at the bar's close.
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

    def __len__(self) -> int:
        return len(self.ts)
