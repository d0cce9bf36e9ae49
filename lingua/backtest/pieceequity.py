"""Cash, positions and equity at each instant of a piece, from the rows in which a run writes down what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.backtest.benchmark import affordable
from lingua.data.bars import Bars
from lingua.trading.execution import Execution


@dataclass(frozen=True, slots=True)
class Standing:
    """(n,) columns over the instants of a piece. `held` and `close` are per instrument: signed quantity, and the close
    of the latest bar (NaN where it has none)."""

    cash: Any
    equity: Any
    exposure: Any
    held: list[Any]
    close: list[Any]


class Equities:
    """Goes on from piece to piece. `changes` and `holdings` are the rows of the step (`lingua.trading.step`)."""

    def __init__(self, multipliers: Sequence[float]) -> None:
        self._markets = [_Marked(number, multiplier) for number, multiplier in enumerate(multipliers)]
        self._cash = 0.0

    def take(self, clock: Any, first: int, bars: Sequence[Bars], changes: Any, holdings: Any) -> Standing:
        """The instants `clock`, numbered from `first`, with the bars of every instrument up to their end."""
        cash = stepped(changes[:, 0] - first, changes[:, 1], self._cash, len(clock))
        if len(clock):
            self._cash = float(cash[-1])
        exposure = np.zeros(len(clock))
        held, closes = [], []
        for market, own in zip(self._markets, bars, strict=True):
            quantity, close, mark = market.take(clock, own, holdings)
            held.append(quantity)
            closes.append(close)
            if quantity.any():
                exposure += np.where(quantity == 0.0, 0.0, quantity * market.multiplier * mark)
        return Standing(cash, cash + exposure, exposure, held, closes)


class _Marked:
    """One instrument: its quantity and mark. Bars that no instant has seen yet wait."""

    def __init__(self, number: int, multiplier: float) -> None:
        self.number = number
        self.multiplier = multiplier
        self._seen = 0
        self._held = 0.0
        self._close = np.nan
        self._mark = np.nan
        self._waiting: tuple[Any, Any] = (np.empty(0, dtype=np.int64), np.empty(0))

    def take(self, clock: Any, bars: Bars, holdings: Any) -> tuple[Any, Any, Any]:
        """(n,) quantity, close of the latest bar, and last known close."""
        ts, close = np.asarray(bars.ts), np.asarray(bars.close)
        if len(self._waiting[0]):
            ts, close = np.concatenate((self._waiting[0], ts)), np.concatenate((self._waiting[1], close))
        rows = holdings[holdings[:, 0] == self.number]
        marks = known_so_far(close, self._mark)
        if len(ts) == len(clock) and np.array_equal(ts, clock):
            quantity = stepped(rows[:, 1] - self._seen, rows[:, 2], self._held, len(clock))
            found = quantity, close, marks
            seen = len(ts)
        else:
            # Number of the latest bar among these; -1 is the last one of those before.
            at = np.searchsorted(ts, clock, side="right") - 1
            row = np.searchsorted(rows[:, 1], at + self._seen, side="right") - 1
            quantity = np.where(row >= 0, rows[np.maximum(row, 0), 2], self._held) if len(rows) else (
                np.full(len(clock), self._held)
            )  # fmt: skip
            inside = np.maximum(at, 0)
            found = (
                quantity,
                np.where(at >= 0, close[inside], self._close) if len(ts) else np.full(len(clock), self._close),
                np.where(at >= 0, marks[inside], self._mark) if len(ts) else np.full(len(clock), self._mark),
            )
            seen = int(at[-1]) + 1 if len(clock) else 0
        if len(clock):
            self._held = float(found[0][-1])
        if seen:
            self._close, self._mark = float(close[seen - 1]), float(marks[seen - 1])
        self._seen += seen
        self._waiting = (ts[seen:].copy(), close[seen:].copy())
        return found


class Benchmark:
    """`benchmark.buy_and_hold`, piece by piece."""

    def __init__(self, symbols: int, capital: float, execution: Execution) -> None:
        part = capital / symbols
        self._owned = [_Owned(part, execution) for _ in range(symbols)]

    def take(self, clock: Any, bars: Sequence[Bars], ready: Sequence[int]) -> Any:
        """(n,) value at the instants `clock`. `ready` as far as it is known."""
        total = np.zeros(len(clock))
        for owned, own, at in zip(self._owned, bars, ready, strict=True):
            total += owned.take(clock, own, at)
        return total


class _Owned:
    """One symbol, bought once."""

    def __init__(self, money: float, execution: Execution) -> None:
        self._money = money
        self._execution = execution
        self._done = 0
        self._is_told = False
        self._shares: float | None = None
        self._cash = 0.0
        self._mark = np.nan
        self._next_action = 0
        self._value = money

    def take(self, clock: Any, bars: Bars, ready: int) -> Any:
        values = self._values(bars, ready)
        if len(bars) == len(clock) and np.array_equal(bars.ts, clock):
            found = values
        else:
            at = np.searchsorted(bars.ts, clock, side="right") - 1
            found = np.where(at >= 0, values[np.maximum(at, 0)], self._value) if len(bars) else (
                np.full(len(clock), self._value)
            )  # fmt: skip
        if len(bars):
            self._value = float(values[-1])
        self._done += len(bars)
        self._is_told = self._is_told or bool(np.any(bars.volume > 0))
        return found

    def _values(self, bars: Bars, ready: int) -> Any:
        """(bars,) value after each."""
        values = np.full(len(bars), self._money)
        first = 0
        if self._shares is None:
            entry = self._first_fill(bars, ready)
            if entry is None:
                return values
            first = entry
            self._shares = affordable(self._money, float(bars.open[entry]), bars, self._execution)
            self._mark = float(bars.open[entry])
            actions = sorted(bars.actions, key=lambda action: action.ts)
            # Those by the entry's close: an entry on that very bar already paid the new price.
            self._next_action = sum(action.ts < int(bars.ts[entry]) for action in actions)
        size = len(bars) - first
        shares, cash = np.full(size, self._shares), np.full(size, self._cash)
        actions = sorted(bars.actions, key=lambda action: action.ts)
        for action in actions[self._next_action :]:
            at = int(np.searchsorted(bars.ts, action.ts, side="right")) - first
            if at >= size:
                break
            self._next_action += 1
            cash[at:] += shares[at] * action.dividend
            shares[at:] *= action.split
        marks = known_so_far(bars.close[first:], self._mark)
        values[first:] = cash + shares * bars.instrument.multiplier * marks
        if size:
            self._shares, self._cash, self._mark = float(shares[-1]), float(cash[-1]), float(marks[-1])
        return values

    def _first_fill(self, bars: Bars, ready: int) -> int | None:
        can_fill = ~np.isnan(bars.open)
        if bars.is_synthetic is not None:
            can_fill &= ~bars.is_synthetic
        can_fill &= ~((bars.volume == 0) & (self._is_told | np.logical_or.accumulate(bars.volume > 0)))
        can_fill[: max(ready + 1 - self._done, 0)] = False
        found = np.flatnonzero(can_fill)
        return int(found[0]) if len(found) else None


def stepped(index: Any, values: Any, before: float, size: int) -> Any:
    """(size,) values that hold from each index on, of two with one index the later; `before` until the first."""
    whole = index.astype(np.int64)
    inside = (whole >= 0) & (whole < size)
    lengths = np.diff(np.concatenate(([0], whole[inside], [size])))
    return np.repeat(np.concatenate(([before], values[inside])), lengths)


def known_so_far(values: Any, before: float) -> Any:
    """`values` with each NaN replaced by the last value that is none; `before` where there was none yet."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    at = np.maximum.accumulate(np.where(missing, -1, np.arange(len(values))))
    return np.where(at >= 0, values[np.maximum(at, 0)], before)
