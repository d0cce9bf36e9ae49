"""What a live strategy is fed: the sources it wants, the channels their bars come by, and the bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lingua.backends.periods import StreamBar
from lingua.data.bars import Action
from lingua.trading.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Source:
    """One instrument on its own bars. `finer` names the timeframes of finer bars of it that will be fed as well;
    `actions` are the splits and dividends known so far (more can be added)."""

    instrument: Instrument
    timeframe: str
    finer: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def symbol(self) -> str:
        return self.instrument.symbol


class Channel(NamedTuple):
    """Where bars come in. `market` counts the traded symbols in source order, then the data declarations; `timeframe`
    is that of the bars; `is_finer`: finer than the source's own."""

    market: int
    symbol: str
    timeframe: str
    is_finer: bool = False


@dataclass(frozen=True, slots=True)
class ClosedBar:
    """One closed bar as it traded: stamps in UTC nanoseconds, `ts` its close; prices NaN where there are none.

    `volume` NaN: not known. `columns` are further numbers known at the close. `is_synthetic`: invented by a cleaning
    step, so that no order fills on it. `factor` is the product of the splits up to it (None: from the actions).
    """

    open_ts: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = math.nan
    columns: Mapping[str, float] = field(default_factory=dict)
    is_synthetic: bool = False
    factor: float | None = None


def factor_at(actions: Sequence[Action], ts: int) -> float:
    """Product of the splits that took effect before `ts`, the close of a bar."""
    factor = 1.0
    for action in actions:
        if action.split != 1.0 and ts > action.ts:
            factor *= action.split
    return factor


def on_one_scale(bar: ClosedBar, factor: float, terms: Instrument) -> StreamBar:
    """The bar as series see it: prices on one scale across splits."""
    fields = {
        **bar.columns,
        "open": bar.open * factor,
        "high": bar.high * factor,
        "low": bar.low * factor,
        "close": bar.close * factor,
        "volume": bar.volume / factor,
        "tick": terms.tick * factor,
        "lot": terms.lot_size / factor,
        "split_scale": factor,
    }
    return StreamBar(bar.open_ts, bar.ts, fields)
