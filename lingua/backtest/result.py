"""What a backtest gives back: the ledger with everything a reader asks of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.benchmark import buy_and_hold
from lingua.backtest.curve import Curve, Indices, ToldCurve, session_ends
from lingua.backtest.explanation import Story
from lingua.backtest.held import Held, held_of
from lingua.backtest.ledgertables import fills_table, orders_table, trades_table
from lingua.backtest.metrics import Metrics
from lingua.backtest.roundtrips import RoundTrip, round_trips
from lingua.backtest.splits import monthly_returns, rule_statistics, splits
from lingua.backtest.stamps import cost_stamps
from lingua.backtest.tables import Table
from lingua.backtest.times import iso, utc_days
from lingua.backtest.trips import Trips, columns_of
from lingua.backtest.values import write_values
from lingua.data.bars import Bars, Floats, Stamps
from lingua.ir.program import ParamValue, Program
from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument
from lingua.trading.records import Ledger, OrderEvent, Trade
from lingua.trading.told import ToldLedger

TRADE_COLUMNS = (
    "symbol", "side", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "pnl", "commission", "bars",
    "entry_rule", "exit_rule",
)  # fmt: skip
EQUITY_COLUMNS = ("time", "equity", "cash", "position", "drawdown")


@dataclass(frozen=True, slots=True)
class Plot:
    """A line to draw: `values` (bars,) of traded symbol number `symbol`; `pane` "price" lies over the bars."""

    title: str
    pane: str
    values: NDArray[Any]
    symbol: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """(n,) curves to draw: instants, equity, buy-and-hold, and the share lost since the highest equity."""

    ts: Stamps
    equity: Floats
    hold: Floats
    drawdown: Floats


@dataclass(eq=False)
class Result:
    """One run.

    `bars` and `instruments` are parallel to `ledger.positions`: the traded symbols in source order, then the legs.
    `symbols`, `series`, `ready` and `settled` are of the traded symbols only. `ready[i]` is the index of the bar of
    symbol i from which its rules were live, `len(bars)` when it never came; `settled` likewise (None: not known).
    `sessions` numbers the session of each instant of the ledger's clock (None: days of 24x7, ending 00:00 UTC).
    `stamps` None: derived from execution and instruments. `plots` None: the indicators, by their unit.
    `explanations` gives the story of a trade by `trade_id`.
    """

    program: Program
    strategy: str
    fingerprint: str
    symbols: tuple[str, ...]
    timeframe: str
    bars: tuple[Bars, ...]
    ledger: Ledger
    series: Sequence[Mapping[str, NDArray[Any]]]
    capital: float
    execution: Execution
    instruments: tuple[Instrument, ...]
    ready: tuple[int, ...]
    settled: tuple[int, ...] | None = None
    anchor_ts: int = 0
    elapsed_s: float = 0.0
    sessions: Stamps | None = None
    sessions_per_year: float = 365.0
    stamps: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, ParamValue] = field(default_factory=dict)
    plots: tuple[Plot, ...] | None = None
    explanations: Mapping[int, Story] = field(default_factory=dict)
    source: str = ""
    _figures: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.stamps is None:
            may_short = self.program.direction != "long" or self.ledger.has_shorts
            self.stamps = cost_stamps(self.execution, self.instruments, may_short)

    # -- what happened ---------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> Metrics:
        """Every figure by name, computed when asked for."""
        # Not kept: the two would hold each other, and the columns of a run stay until the collector finds them.
        return Metrics(self, self._figures)

    @cached_property
    def trades(self) -> Table:
        """One row a closed piece (and a last one for what is still open); pieces of one unit share `trade_id`."""
        return trades_table(self.ledger.trades)

    @cached_property
    def equity(self) -> Table:
        """One row an instant of the clock. `position` is the signed quantity of a single instrument; with several,
        whose quantities do not add up, the signed market value of all."""
        single = len(self.bars) == 1
        columns: dict[str, Any] = {
            "time": self.clock,
            "equity": self.curve.values,
            "cash": np.asarray(self.ledger.cash, dtype=np.float64),
            "position": self.positions[0] if single else np.asarray(self.ledger.exposure, dtype=np.float64),
            "drawdown": self.curve.drawdown,
        }
        return Table(columns, frozenset({"time"}))

    @cached_property
    def fills(self) -> Table:
        """One row an execution."""
        return fills_table(self.ledger.fills, [one.symbol for one in self.bars])

    @cached_property
    def orders(self) -> Table:
        """One row a step in the life of an order, and one for each entry that was not sent, with the reason."""
        return orders_table(self.ledger.events, [one.symbol for one in self.bars])

    @cached_property
    def round_trips(self) -> list[RoundTrip]:
        """Trades as a trader counts them: one unit from its fill to flat."""
        return round_trips(self.ledger.trades, {one.symbol: one.instrument.multiplier for one in self.bars})

    @cached_property
    def closed(self) -> list[RoundTrip]:
        return [trip for trip in self.round_trips if not trip.is_open]

    @cached_property
    def trips(self) -> Trips:
        """The round trips in columns."""
        return columns_of(self.round_trips, self.tags)

    def last_trades(self, count: int) -> list[Trade]:
        """The latest rows of `trades`, at most `count`."""
        return self.ledger.trades[-count:]

    @property
    def trade_rows(self) -> int:
        return len(self.ledger.trades)

    @property
    def open_entries(self) -> list[int]:
        """When each unit that is still held was entered, UTC ns."""
        return [trip.entry_ts for trip in self.round_trips if trip.is_open]

    @property
    def liquidations(self) -> int:
        """Fills for want of margin."""
        return sum(fill.reason == "liquidation" for fill in self.ledger.fills)

    def events_of(self, kind: str) -> list[OrderEvent]:
        return [event for event in self.ledger.events if event.kind == kind]

    @property
    def fill_count(self) -> int:
        return len(self.ledger.fills)

    @property
    def event_counts(self) -> dict[tuple[str, str], int]:
        """How often each (rule, kind) of an `OrderEvent` happened."""
        counts: dict[tuple[str, str], int] = {}
        for event in self.ledger.events:
            counts[event.rule, event.kind] = counts.get((event.rule, event.kind), 0) + 1
        return counts

    @property
    def fired_counts(self) -> dict[str, int]:
        """On how many bars the condition of each rule was true."""
        return {name: len(instants) for name, instants in self.ledger.fired.items()}

    @cached_property
    def held(self) -> Held:
        """What was held and traded."""
        return held_of(self)

    @property
    def closed_count(self) -> int:
        """`len(closed)`, without a record of each where the ledger can count them."""
        return self.ledger.closed_units if isinstance(self.ledger, ToldLedger) else len(self.closed)

    @cached_property
    def tags(self) -> dict[tuple[str, int], str]:
        """The tag of each unit by (symbol, trade_id)."""
        return {(row.symbol, row.trade_id): row.tag for row in self.ledger.trades}

    @cached_property
    def splits(self) -> dict[str, Table]:
        """Closed round trips by side, symbol, hour, weekday, month, exit and tag."""
        return splits(self)

    @cached_property
    def rules(self) -> Table:
        """One row a rule: fired, entries, exits, what they earned, what was not sent and why."""
        return rule_statistics(self)

    @cached_property
    def monthly_returns(self) -> Table:
        """One row a year, one column a month."""
        return monthly_returns(self)

    # -- curves ----------------------------------------------------------------------------------------------------

    @property
    def has_bars(self) -> bool:
        """Whether `bars` and `series` are there to be drawn."""
        return True

    @property
    def instants(self) -> int:
        """How many the clock has."""
        return len(self.clock)

    def stamp_of(self, instant: int) -> int:
        """UTC ns of an instant of the clock, by its number."""
        return int(self.clock[instant])

    @cached_property
    def drawn(self) -> Drawn:
        """The curves from the ready bar on, for pictures."""
        since = slice(self.start, None)
        return Drawn(
            self.clock[since], self.curve.values[since], self.benchmark.values[since], self.curve.drawdown[since]
        )

    @cached_property
    def clock(self) -> Stamps:
        return np.asarray(self.ledger.clock, dtype=np.int64)

    @cached_property
    def start(self) -> int:
        """Clock index of the first ready bar of any traded symbol; `len(clock)` when none was ever ready."""
        instants = [int(one.ts[at]) for one, at in zip(self.bars, self.ready, strict=False) if 0 <= at < len(one)]
        return int(np.searchsorted(self.clock, min(instants))) if instants else len(self.clock)

    @cached_property
    def curve(self) -> Curve:
        if isinstance(self.ledger, ToldLedger):
            return ToldCurve(self.ledger, self.start, *self._sampled())
        return self._curve(np.asarray(self.ledger.equity, dtype=np.float64))

    @cached_property
    def benchmark(self) -> Curve:
        """Buy-and-hold of the traded symbols from the ready bar on, with the costs of one entry."""
        traded = self.bars[: len(self.symbols)]
        return self._curve(buy_and_hold(traded, self.ready, self.clock, self.capital, self.execution))

    @cached_property
    def positions(self) -> list[Floats]:
        """Per instrument (events,) signed quantity after each instant of the clock."""
        held = [np.asarray(one, dtype=np.float64) for one in self.ledger.positions]
        return [np.nan_to_num(self.on_clock(bars, one)) for bars, one in zip(self.bars, held, strict=True)]

    def on_clock(self, bars: Bars, values: Floats) -> Floats:
        """(events,) the value of each instant's latest bar; NaN before the first."""
        if len(bars) == len(self.clock) and np.array_equal(bars.ts, self.clock):
            return values
        if not len(values):
            return np.full(len(self.clock), np.nan)
        at = np.searchsorted(bars.ts, self.clock, side="right") - 1
        placed: Floats = np.where(at >= 0, values[np.maximum(at, 0)], np.nan)
        return placed

    def _curve(self, values: Floats) -> Curve:
        return Curve(self.clock, values, self.start, *self._sampled())

    def _sampled(self) -> tuple[Stamps, float, Indices | None]:
        """How curves are sampled: the session of each instant, sessions a year, and the ends of all where known."""
        sessions = utc_days(self.clock) if self.sessions is None else np.asarray(self.sessions, dtype=np.int64)
        first = self.bars[0]
        all_ends = None
        if sessions is first.facts.get("sessions"):
            all_ends = first.once("session ends", lambda: session_ends(sessions, 0))
        return sessions, self.sessions_per_year, all_ends

    # -- leaving the program ---------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The object of `--json`: run facts, then every metric; None where a figure is undefined."""
        facts: dict[str, Any] = {
            "strategy": self.strategy,
            "fingerprint": self.fingerprint,
            "symbol": ",".join(self.symbols),
            "timeframe": self.timeframe,
            "bars": self.instants,
            "from": iso(self.stamp_of(0)) if self.instants else None,
            "to": iso(self.stamp_of(-1)) if self.instants else None,
        }
        figures = {name: None if value != value else value for name, value in self.metrics.items()}
        never = self.start >= self.instants
        run: dict[str, Any] = {
            "ready_bar": None if never else self.start,
            "ready_time": None if never else iso(self.stamp_of(self.start)),
            "anchor": iso(self.anchor_ts or self.stamp_of(0)) if self.instants else None,
            "capital": self.capital,
            "sessions_per_year": self.sessions_per_year,
            "trade_rows": self.trade_rows,
            "symbols": list(self.symbols),
            "parameters": dict(self.parameters),
            "stamps": list(self.stamps or ()),
            "notes": list(self.notes),
            "counts": dict(self.ledger.counts),
            "costs": dict(self.ledger.costs),
            "halted_at": None if self.ledger.halted_at is None else iso(self.stamp_of(self.ledger.halted_at)),
            "ruined_at": None if self.ledger.ruined_at is None else iso(self.stamp_of(self.ledger.ruined_at)),
            "elapsed_s": self.elapsed_s,
        }
        return {**facts, **figures, **run}

    def to_json(self, indent: int | None = None) -> str:
        """`to_dict` as JSON text; full precision, no NaN."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False, ensure_ascii=False)

    def write_trades(self, path: str | os.PathLike[str]) -> None:
        """CSV of `TRADE_COLUMNS`; an open trade has empty exit fields."""
        self.trades.select(*TRADE_COLUMNS).to_csv(path)

    def write_equity(self, path: str | os.PathLike[str]) -> None:
        """CSV of `EQUITY_COLUMNS`."""
        self.equity.select(*EQUITY_COLUMNS).to_csv(path)

    def write_values(self, path: str | os.PathLike[str]) -> None:
        """CSV of every named series, one row a bar."""
        write_values(path, self.bars[: len(self.symbols)], self.series)

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write the HTML report: one file that opens offline."""
        from lingua.report.page import write_report

        write_report(self, path)

    def png(self, path: str | os.PathLike[str]) -> None:
        """Write a static picture. Raises ImportError naming the extra when matplotlib is missing."""
        from lingua.report.picture import write_png

        write_png(self, path)

    def summary(self, width: int = 80, color: bool = False) -> str:
        """The terminal summary as text."""
        from lingua.report.terminal import render_summary

        return render_summary(self, width=width, color=color)

    def __repr__(self) -> str:
        m = self.metrics
        return (
            f"<Result {self.strategy} {','.join(self.symbols)} {self.timeframe}: {m['trades']} trades, "
            f"return {m['total_return']:.2%}, Sharpe {m['sharpe']:.2f}, drawdown {m['max_drawdown']:.2%}>"
        )

    def _repr_html_(self) -> str:
        from lingua.report.notebook import notebook_html

        return notebook_html(self)
