"""A run over bars that never lie in memory together: it goes on from one piece of them to the next.

The order/fill step carries its own state; what is told of bars beforehand (sessions, what may fill, gaps) is carried
here. Numbers of bars and instants are those of the whole run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.trading.inputs import LegInput, SymbolInput
from lingua.trading.setup import Run, looks_of, lowest_of, market_arrays, session_dates, union_clock


class Sliding:
    """`run` was built from the first piece (`inputs`, `legs`), of bars in order of time: all up to an instant.

    `firsts` are the open and close of the first bar of each market, wherever it lies (None: it has none).
    """

    def __init__(
        self,
        run: Run,
        inputs: Sequence[SymbolInput],
        legs: Sequence[LegInput],
        firsts: Sequence[tuple[int, int] | None],
    ) -> None:
        self.run = run
        given = [(i.bars, i.detail, i.sessions) for i in inputs] + [
            (leg.bars, leg.detail, leg.sessions) for leg in legs
        ]
        self._markets = [_Carried() for _ in given]
        for carried, (bars, detail, sessions), first, market in zip(
            self._markets, given, firsts, run.book.markets, strict=True
        ):
            carried.note(bars, detail, session_dates(bars, sessions))
            planned = market.planned_actions()
            if first is not None and planned:
                # What went ex before the first bar of all has nothing to act on.
                market.plan_actions([action for action in planned if action[0] >= min(first)])
        self._plain = run.machine.plain
        self._may_skip = len(run.book.markets) == 1 and not run.book.is_given

    def go_on(self, inputs: Sequence[SymbolInput], legs: Sequence[LegInput]) -> None:
        """Stand before the next piece. Raises ValueError where it does not follow the one before."""
        run = self.run
        given = [(i.bars, i.detail, i.sessions) for i in inputs] + [
            (leg.bars, leg.detail, leg.sessions) for leg in legs
        ]
        begins = [market.bar + 1 for market in run.book.markets]
        gaps = []
        for carried, market, (bars, detail, sessions) in zip(self._markets, run.book.markets, given, strict=True):
            arrays = market_arrays(bars, detail, sessions, (carried.is_told, carried.is_fine_told))
            dates = session_dates(bars, sessions)
            if bars.instrument.calendar != "24x7":
                arrays["session"] = carried.ordinals(dates)
            gaps.append(carried.gaps(bars))
            carried.note(bars, detail, dates)
            market.slide(arrays)
        for evaluator, one, begin in zip(run.decider.evaluators, inputs, begins, strict=False):
            evaluator.slide(list(one.columns), begin, len(one.bars))
        clock, days = union_clock(inputs)
        gaps = gaps[: len(inputs)]
        run.machine.load(clock, days, [looks_of(i) for i in inputs], gaps, self._may_skip, True)
        largest = int(gaps[0].max(initial=0))
        run.machine.plain = self._plain if largest <= run.book.options.max_gap else None
        if run.machine.plain is not None:
            run.machine.plain.go_on(lowest_of(inputs[0].bars))


class _Carried:
    """What is known of the bars of one market that came before."""

    def __init__(self) -> None:
        self.is_told = False
        self.is_fine_told = False
        self._date: int | None = None
        self._number = -1
        self._missing = 0

    def note(self, bars: Bars, detail: Bars | None, dates: Any) -> None:
        """These bars have been taken."""
        if detail is not None:
            self.is_fine_told = self.is_fine_told or bool(np.any(detail.volume > 0.0))
        if not len(bars):
            return
        changed = int(np.count_nonzero(dates[1:] != dates[:-1])) + (self._date != int(dates[0]))
        self._number += changed
        self._date = int(dates[-1])
        self.is_told = self.is_told or bool(np.any(bars.volume > 0.0))
        valid = np.flatnonzero(~np.isnan(bars.close[::-1]))
        self._missing = int(valid[0]) if len(valid) else self._missing + len(bars)

    def ordinals(self, dates: Any) -> Any:
        """Sessions numbered on from those before."""
        changed = np.ones(len(dates), dtype=np.int64)
        changed[1:] = dates[1:] != dates[:-1]
        if len(dates):
            changed[0] = self._date != int(dates[0])
        return np.ascontiguousarray(self._number + np.cumsum(changed), dtype=np.int64)

    def gaps(self, bars: Bars) -> Any:
        """(n,) int32 bars in a row, up to and with each, whose close is na."""
        missing = np.isnan(bars.close)
        if not missing.any():
            return np.broadcast_to(np.int32(0), len(missing))
        index = np.arange(len(missing))
        last = np.maximum.accumulate(np.where(missing, -1 - self._missing, index))
        return np.ascontiguousarray(np.where(missing, index - last, 0), dtype=np.int32)
