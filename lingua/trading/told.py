"""The ledger of a run as rows and columns that become records and curves when somebody asks for them.

A search asks for one figure of a thousand runs, a chart for the curve alone: making an object of every fill would take
longer than the run.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import codes, curves, facts
from lingua.trading.passed import Passed
from lingua.trading.records import Fill, Ledger, OrderEvent, Trade
from lingua.trading.rows import roomy

if TYPE_CHECKING:
    from lingua.trading.setup import Run

columns: Any = curves  # its signatures are Cython's


class ToldLedger(Ledger):
    """What a run has told up to now. It does not change when the run goes on."""

    def __init__(self, run: Run) -> None:
        book, machine = run.book, run.machine
        self.clock = run.clock()
        self.costs = facts.costs_of(book)
        self.halted_at = run.limits.halted_at if run.limits.halted_at >= 0 else None
        self.ruined_at = machine.at - 1 if machine.is_ruined else None
        self._lowered = run.lowered
        self._is_long = len(book.markets) == 1 and book.options.direction > 0
        self._ambiguous = book.ambiguous
        self._markets = facts.columns_of(run)
        self._open = facts.open_trades(run)
        self._passed = None if machine.plain is None else Passed(*machine.plain.passed())
        self._rows = {
            "fills": book.fills.view(),
            "trades": book.trades.view(),
            "events": book.events.view(),
            "fired": run.decider.fired.view(),
            "changes": machine.changes.view(),
            "holdings": machine.holdings.view(),
        }
        self._stamps = np.append(self.clock, run.live_stamps[-1:]).astype(np.int64) if run.live_stamps else self.clock
        if run.live_stamps:
            # The bars of a live run move as it goes on.
            for each in fields(Ledger):
                getattr(self, each.name)

    def __getattr__(self, name: str) -> Any:
        # A field that was not set yet: it is made now, once.
        make = getattr(type(self), f"_make_{name}", None)
        if make is None:
            raise AttributeError(name)
        value = make(self)
        setattr(self, name, value)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return Ledger, tuple(getattr(self, each.name) for each in fields(Ledger))

    def _whole(self, name: str) -> Any:
        """All rows of events or of what fired, with those that the fast way has passed over."""
        if self._passed is not None:
            rows = self._rows
            rows["events"], rows["fired"] = self._passed.events(rows["events"]), self._passed.fired(rows["fired"])
            self._passed = None
        return self._rows[name]

    # -- records ---------------------------------------------------------------------------------------------------

    def _make_fills(self) -> list[Fill]:
        return facts.fill_records(self._rows["fills"], self._lowered, self._markets)

    def _make_trades(self) -> list[Trade]:
        """Closed pieces in the order of their exits, then what is still open."""
        table = self._rows["trades"]
        facts.complete(table, self._markets[0].arrays)
        entered = facts.entered_at(table, self._markets)
        return [*facts.trade_records(table, entered, self._lowered, self._markets), *self._open]

    def _make_events(self) -> list[OrderEvent]:
        return facts.event_records(self._whole("events"), self._lowered, self._stamps)

    def _make_counts(self) -> dict[str, int]:
        events = self._whole("events")
        kinds = events[:, codes.E_KIND].astype(np.int64)
        found, first, times = np.unique(kinds, return_index=True, return_counts=True)
        counts = {codes.KINDS[found[k]]: int(times[k]) for k in np.argsort(first)}
        cut = int(np.count_nonzero(events[:, codes.E_WHY] == codes.WHY_CUT))
        if cut:
            counts["cut"] = cut
        return {**counts, "ambiguous": self._ambiguous}

    def _make_fired(self) -> dict[str, list[int]]:
        rows = self._whole("fired")
        return {
            name: np.unique(rows[rows[:, 1] == index, 0].astype(np.int64)).tolist()
            for index, name in enumerate(self._lowered.rule_names)
        }

    @property
    def has_shorts(self) -> bool:
        """Whether anything was held short, without a record of it."""
        if self._is_long:
            return False
        return bool(np.any(self._rows["trades"][:, codes.T_SIDE] < 0.0)) or any(t.side == "short" for t in self._open)

    @property
    def closed_units(self) -> int:
        """Units from their fill to flat, however many pieces; a unit that is still held in part is not closed."""
        units = self._rows["trades"][:, codes.T_ID]
        closed = np.unique(units) if np.any(units[1:] <= units[:-1]) else units
        return len(closed) - sum(trade.trade_id in closed for trade in self._open)

    # -- curves ----------------------------------------------------------------------------------------------------

    def _make_cash(self) -> Any:
        return _steps(self._rows["changes"], len(self.clock))

    def _make_equity(self) -> Any:
        if curves.COMPILED and len(self._markets) == 1 and len(self._rows["changes"]):
            market = self._markets[0]
            stamps = market.arrays["ts"][: market.done]
            if len(stamps) == len(self.clock) and _is_same(stamps, self.clock):
                # A view: its array is taken again when nobody has either any more.
                out = roomy(len(self.clock))[: len(self.clock)]
                close = np.require(market.arrays["close"][: market.done], np.float64, ["C", "W"])
                columns.equity(self._rows["changes"], self._rows["holdings"], close, market.multiplier, out)
                return out
        return self.cash + self.exposure

    def equity_at(self, instants: Any) -> Any:
        """(k,) `equity` at these instants of the clock, without all the others where that can be."""
        market = self._markets[0]
        clock, stamps = self.clock, market.arrays["ts"][: market.done]
        if "equity" in vars(self) or len(self._markets) > 1 or len(stamps) != len(clock) or not _is_same(stamps, clock):
            return self.equity[instants]
        close = market.arrays["close"][instants]
        if np.isnan(close).any() or not len(self._rows["changes"]):
            return self.equity[instants]
        cash = _standing(self._rows["changes"], instants)
        size = _standing(self._rows["holdings"][:, 1:], instants) * market.multiplier
        # As `curves.equity`: who holds nothing has the cash, and not the sum of it and nothing.
        return np.where(size == 0.0, cash, cash + size * close)

    def _make_positions(self) -> list[Any]:
        return [self._held(market) for market in self._markets]

    def _make_exposure(self) -> Any:
        """Signed market value at each instant, added up in the order of the markets."""
        exposure = np.zeros(len(self.clock))
        for market, held in zip(self._markets, self.positions, strict=True):
            if not held.any():
                continue
            size = market.done
            value = held * market.multiplier
            close = market.arrays["close"][:size]
            if np.isnan(close).any():
                valid = np.maximum.accumulate(np.where(np.isnan(close), -1, np.arange(size)))
                mark = np.where(valid >= 0, close[np.maximum(valid, 0)], np.nan)
                value = np.where(held == 0.0, 0.0, value * mark)
            else:
                value *= close
            stamps = market.arrays["ts"][:size]
            if len(stamps) == len(self.clock) and _is_same(stamps, self.clock):
                exposure += value
            else:
                at = np.searchsorted(stamps, self.clock, side="right") - 1
                exposure += np.where(at >= 0, value[np.maximum(at, 0)], 0.0)
        return exposure

    def _held(self, market: facts.MarketColumns) -> Any:
        """(bars,) signed quantity after each bar."""
        rows = self._rows["holdings"]
        own = rows[rows[:, 0] == market.index][:, 1:]
        if len(own) == 0 or own[0, 0] > 0:
            own = np.concatenate([[[0.0, 0.0]], own])
        # Two rows of one bar: the later stands.
        own = own[np.append(np.diff(own[:, 0]) > 0, True)]
        return _steps(own, market.done)


def _is_same(stamps: Any, clock: Any) -> bool:
    """Whether two columns of one length are equal; mostly they are one and the same."""
    return stamps.ctypes.data == clock.ctypes.data or bool(np.array_equal(stamps, clock))


def _standing(rows: Any, instants: Any) -> Any:
    """(k,) of rows (index, value) the value that holds at each instant; 0 before the first."""
    at = np.searchsorted(rows[:, 0], instants, side="right") - 1
    return np.where(at >= 0, rows[np.maximum(at, 0), 1], 0.0) if len(rows) else np.zeros(len(instants))


def _steps(rows: Any, size: int) -> Any:
    """(size,) values that hold from each row's index on."""
    if size == 0 or len(rows) == 0:
        return np.zeros(size)
    index = rows[:, 0].astype(np.int64)
    inside = index < size
    index, values = index[inside], rows[inside, 1]
    lengths = np.diff(np.append(index, size))
    return np.repeat(values, lengths)
