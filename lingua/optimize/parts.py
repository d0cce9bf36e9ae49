"""A part of a run: the same figures over some of its sessions only.

Trades count in the part that holds them whole, from entry to exit; those that cross an edge belong to none. Between two
spans equity goes on where the span before left it, so that what was earned in between counts for neither.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.curve import Curve, Floats, Stamps
from lingua.backtest.held import Held, held_of
from lingua.backtest.metrics import Metrics
from lingua.backtest.roundtrips import RoundTrip
from lingua.backtest.trips import Trips, columns_of
from lingua.data.bars import Bars
from lingua.optimize.folds import Span
from lingua.trading.execution import Execution
from lingua.trading.records import Ledger

if TYPE_CHECKING:
    from lingua.backtest.result import Result


class Part:
    """What figures read of a `Result`, cut to spans of session returns (see `lingua.optimize.folds`)."""

    def __init__(self, run: Result, spans: tuple[Span, ...]) -> None:
        self._run = run
        ends = run.curve.ends
        # A span of returns a..b begins at the close of session a and ends at that of session b.
        self._spans = [(int(ends[a]), int(ends[b])) for a, b in spans if b < len(ends)]
        self.capital = run.capital
        self.execution: Execution = run.execution
        self.sessions_per_year = run.sessions_per_year
        self.symbols = run.symbols

    @property
    def closed_count(self) -> int:
        return len(self.closed)

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics(self)  # type: ignore[arg-type]

    @cached_property
    def _kept(self) -> NDArray[np.intp]:
        """Instants of the run's clock that the part holds; the close before each span is its first."""
        if not self._spans:
            return np.empty(0, dtype=np.intp)
        return np.concatenate([np.arange(a if k == 0 else a + 1, b + 1) for k, (a, b) in enumerate(self._spans)])

    def _chained(self, values: Floats) -> Floats:
        """(instants,) the curve without what happened between the spans."""
        found = [values[a : b + 1] if k == 0 else values[a + 1 : b + 1] for k, (a, b) in enumerate(self._spans)]
        for k in range(1, len(found)):
            before, last = float(values[self._spans[k][0]]), float(found[k - 1][-1])
            found[k] = found[k] * (last / before) if before > 0 else np.full(len(found[k]), last)
        return np.concatenate(found) if found else np.empty(0)

    def _curve(self, whole: Curve) -> Curve:
        return Curve(self.clock, self._chained(whole.values), 0, whole.sessions[self._kept], whole.sessions_per_year)

    @cached_property
    def clock(self) -> Stamps:
        return self._run.clock[self._kept]

    @property
    def start(self) -> int:
        return 0

    @cached_property
    def curve(self) -> Curve:
        return self._curve(self._run.curve)

    @cached_property
    def benchmark(self) -> Curve:
        return self._curve(self._run.benchmark)

    @cached_property
    def _edges(self) -> list[tuple[int, int]]:
        """(after, until) in stamps."""
        return [(int(self._run.clock[a]), int(self._run.clock[b])) for a, b in self._spans]

    @cached_property
    def round_trips(self) -> list[RoundTrip]:
        return [
            trip
            for trip in self._run.round_trips
            if not trip.is_open
            and trip.exit_ts is not None
            and any(after < trip.entry_ts and trip.exit_ts <= until for after, until in self._edges)
        ]

    @property
    def closed(self) -> list[RoundTrip]:
        return self.round_trips

    @cached_property
    def trips(self) -> Trips:
        return columns_of(self.round_trips)

    @property
    def fill_count(self) -> int:
        return len(self.ledger.fills)

    @cached_property
    def held(self) -> Held:
        return held_of(self)  # type: ignore[arg-type]

    @property
    def bars(self) -> tuple[Bars, ...]:
        """Of the whole run: fills name their bars by number."""
        return self._run.bars

    @cached_property
    def positions(self) -> list[Floats]:
        return [held[self._kept] for held in self._run.positions]

    def on_clock(self, bars: Bars, values: Floats) -> Floats:
        """(instants,) the value of each instant's latest bar; NaN before the first."""
        if not len(bars):
            return np.full(len(self.clock), np.nan)
        at = np.searchsorted(bars.ts, self.clock, side="right") - 1
        placed: Floats = np.where(at >= 0, values[np.maximum(at, 0)], np.nan)
        return placed

    @cached_property
    def ledger(self) -> Ledger:
        """Fills and events of the part. What is known of a whole run only (funding, borrow, interest, dividends) is not
        among its costs."""
        whole = self._run.ledger

        def holds(ts: int) -> bool:
            return any(after < ts <= until for after, until in self._edges)

        fills = [fill for fill in whole.fills if holds(fill.ts)]
        events = [event for event in whole.events if holds(event.ts)]
        counts: dict[str, int] = {"ambiguous": sum(fill.is_ambiguous for fill in fills)}
        for event in events:
            counts[event.kind] = counts.get(event.kind, 0) + 1
        costs = {"commission": sum(f.commission for f in fills), "slippage": sum(f.slippage for f in fills)}
        return replace(whole, fills=fills, events=events, counts=counts, costs=costs)
