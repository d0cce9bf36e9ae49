"""The result of a run over bars in pieces: figures that were told as the bars went by, facts that lie on the disk.

Whatever grows with the bars is not kept: curves are made again from the bars when somebody asks for them (`equity`,
`write_equity`), which reads the bars once more. What grows with what was traded (rows of trades, fills and orders) lies
in a temporary folder that is removed with the result; of each round trip about 100 bytes are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingua.backtest.curve import drawdowns
from lingua.backtest.held import Held, gross_value, share_of
from lingua.backtest.ledgertables import trades_table
from lingua.backtest.pieceequity import Benchmark, Equities, Standing, stepped
from lingua.backtest.piecewise import Happened, PieceRun
from lingua.backtest.result import EQUITY_COLUMNS, TRADE_COLUMNS, Drawn, Result
from lingua.backtest.roundtrips import round_trips
from lingua.backtest.rowfiles import RowFiles
from lingua.backtest.sums import BlockSum
from lingua.backtest.tables import CsvFile, Table
from lingua.backtest.tally import CurveTally, TalliedCurve
from lingua.backtest.times import Decimals
from lingua.backtest.trips import Trips, columns_of, merged
from lingua.data.bars import Floats
from lingua.data.calendars import session_of, sessions_per_year
from lingua.data.pieces import Pieces
from lingua.trading import codes, facts
from lingua.trading.execution import Execution
from lingua.trading.records import Fill, Ledger, OrderEvent, Trade

TRADES_AT_ONCE = 50_000
TABLES = ("fills", "fills_ts", "trades", "entered_ts", "left_ts", "events", "events_ts", "fired", "changes", "holdings")


class Telling:
    """Takes what each piece brought, and tells the result in the end."""

    def __init__(self, run: PieceRun, source: Pieces, capital: float, execution: Execution) -> None:
        first = source.traded[0].bars.instrument
        year = sessions_per_year(first.calendar)
        heads = [*source.traded, *source.data.values()]
        self._run = run
        self._symbols = len(source.traded)
        self._calendar = first.calendar
        self.multipliers = [head.bars.instrument.multiplier for head in heads]
        self._equities = Equities(self.multipliers)
        self._benchmark = Benchmark(len(source.traded), capital, execution)
        self.files = RowFiles()
        self.curve = CurveTally(year)
        self.hold = CurveTally(year)
        self._in, self._counted, self._gross = 0, 0, BlockSum()
        self._traded: list[Any] = []
        self._largest = np.nan
        self.kinds: dict[int, int] = {}
        self.cut = 0
        self.by_rule: dict[tuple[int, int], int] = {}
        self.fired: dict[int, int] = {}
        self.halted_ts = 0
        self.clock_form, self.entry_form, self.exit_form = Decimals(), Decimals(), Decimals()

    def take(self, told: Happened) -> None:
        market = told.market
        bars = [*market.traded, *market.data.values()]
        standing = self._equities.take(told.clock, told.first, bars, told.changes, told.holdings)
        hold = self._benchmark.take(told.clock, bars[: self._symbols], self._run.ready)
        sessions = session_of(told.clock, self._calendar)
        start = self._run.start_in(told)
        self.curve.take(told.clock, standing.equity, sessions, start)
        self.hold.take(told.clock, hold, sessions, start)
        if self.curve.start is not None:
            self._take_held(standing, max(self.curve.start - told.first, 0))
        self._take_fills(told, bars)
        self._take_events(told)
        for form, stamps in (
            (self.clock_form, told.clock), (self.entry_form, told.entered_ts), (self.exit_form, told.left_ts),
        ):  # fmt: skip
            form.take(stamps)
        halted = self._run.run.limits.halted_at
        if halted >= told.first:
            self.halted_ts = int(told.clock[halted - told.first])
        for name in TABLES:
            self.files.add(name, getattr(told, name))

    def _take_held(self, standing: Standing, since: int) -> None:
        is_in = np.zeros(len(standing.equity), dtype=np.bool_)
        gross = np.zeros(len(standing.equity))
        for held, close, multiplier in zip(standing.held, standing.close, self.multipliers, strict=True):
            if held.any():
                is_in |= held != 0
                gross += gross_value(held, close, multiplier)
        self._in += int(np.count_nonzero(is_in[since:]))
        self._counted += len(is_in) - since
        self._gross.take(share_of(gross[since:], standing.equity[since:]))

    def _take_fills(self, told: Happened, bars: Any) -> None:
        rows = told.fills
        number = rows[:, codes.F_MARKET].astype(np.int64)
        quantity, price = rows[:, codes.F_QUANTITY], rows[:, codes.F_PRICE]
        self._traded.append(quantity * np.abs(price) * np.array(self.multipliers)[number])
        if not len(rows):
            return
        # Parts of one order in one bar count together.
        keys = np.column_stack((number, rows[:, codes.F_BAR], rows[:, codes.F_ORDER]))
        unique, inverse = np.unique(keys, axis=0, return_inverse=True)
        filled = np.zeros(len(unique))
        np.add.at(filled, inverse.reshape(-1), quantity)
        volume = np.full(len(unique), np.nan)
        for market in facts.columns_of(self._run.run):
            mine = unique[:, 0] == market.index
            volume[mine] = market.arrays["volume"][unique[mine, 1].astype(np.int64) - market.first]
        shares = filled[volume > 0] / volume[volume > 0]
        if len(shares):
            self._largest = float(np.fmax(self._largest, shares.max()))

    def _take_events(self, told: Happened) -> None:
        rows = told.events
        kinds, rules = rows[:, codes.E_KIND].astype(np.int64), rows[:, codes.E_RULE].astype(np.int64)
        found, first, times = np.unique(kinds, return_index=True, return_counts=True)
        for k in np.argsort(first).tolist():
            self.kinds[int(found[k])] = self.kinds.get(int(found[k]), 0) + int(times[k])
        self.cut += int(np.count_nonzero(rows[:, codes.E_WHY] == codes.WHY_CUT))
        both, first, times = np.unique(rules * 1000 + kinds, return_index=True, return_counts=True)
        for k in np.argsort(first).tolist():
            key = (int(both[k]) // 1000, int(both[k]) % 1000)
            self.by_rule[key] = self.by_rule.get(key, 0) + int(times[k])
        instants = np.unique(told.fired[:, :2], axis=0)
        for rule, times_fired in zip(*np.unique(instants[:, 1], return_counts=True), strict=True):
            self.fired[int(rule)] = self.fired.get(int(rule), 0) + int(times_fired)

    def held(self) -> Held:
        return Held(
            self._in / self._counted if self._counted else 0.0,
            self._gross.mean() if self._counted else 0.0,
            np.concatenate(self._traded) if self._traded else np.empty(0),
            self._largest,
        )


class PiecedLedger(Ledger):
    """Facts of a run in pieces. Lists and curves are made when they are asked for, and are then as large as those of
    any other run."""

    def __init__(self, telling: Telling, run: PieceRun, curves: Callable[[], Mapping[str, Any]]) -> None:
        step = run.run
        book = step.book
        self._telling = telling
        self._lowered = step.lowered
        self._curves = curves
        self._open = run.open_trades()
        self._symbols = [market.symbol for market in book.markets]
        self.done = [market.bar + 1 for market in book.markets]
        self.costs = facts.costs_of(book)
        self.halted_at = step.limits.halted_at if step.limits.halted_at >= 0 else None
        self.ruined_at = step.machine.at - 1 if step.machine.is_ruined else None
        counts = {codes.KINDS[kind]: count for kind, count in telling.kinds.items()}
        if telling.cut:
            counts["cut"] = telling.cut
        self.counts = {**counts, "ambiguous": book.ambiguous}
        trades = telling.files.rows("trades")
        self._is_short = bool(np.any(trades[:, codes.T_SIDE] < 0.0)) or any(t.side == "short" for t in self._open)

    def __getattr__(self, name: str) -> Any:
        if name in ("clock", "equity", "cash", "exposure", "positions"):
            for each, column in self._curves().items():
                setattr(self, each, column)
            return object.__getattribute__(self, name)
        make = getattr(type(self), f"_make_{name}", None)
        if make is None:
            raise AttributeError(name)
        value = make(self)
        setattr(self, name, value)
        return value

    @property
    def has_shorts(self) -> bool:
        return self._is_short

    @property
    def rule_names(self) -> list[str]:
        """By the number that rows have; -1 is the last."""
        return [*self._lowered.rule_names, ""]

    def names_of(self, rows: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Names, and the numbers of these that the chosen rows of trades have in the columns of `trips.NAMED`."""
        table = self._telling.files.rows("trades")
        names: dict[str, int] = {}

        def numbers(texts: Iterable[str]) -> Any:
            return np.array([names.setdefault(text, len(names)) for text in texts], dtype=np.int32)

        def column(number: int) -> Any:
            return np.asarray(table[:, number])[rows].astype(np.int64)

        rules, reasons = numbers(self.rule_names), numbers(codes.REASONS)
        tags, symbols, sides = numbers([*self._lowered.tags, ""]), numbers(self._symbols), numbers(("short", "long"))
        why = column(codes.T_REASON)
        return tuple(names), {
            "entry_rule": rules[column(codes.T_ENTRY_RULE)],
            "exit_rule": np.where(np.isin(why, facts.BY_RULE), rules[column(codes.T_EXIT_RULE)], reasons[why]),
            "side": sides[(np.asarray(table[:, codes.T_SIDE])[rows] > 0).astype(np.int64)],
            "symbol": symbols[column(codes.T_MARKET)],
            "tag": tags[column(codes.T_TAG)],
        }

    def entered(self, rows: Any) -> Any:
        """When the chosen rows of trades were entered."""
        return np.asarray(self._telling.files.rows("entered_ts"))[rows]

    def events_of(self, kind: str) -> list[OrderEvent]:
        files = self._telling.files
        rows = files.rows("events")
        chosen = np.flatnonzero(np.asarray(rows[:, codes.E_KIND]) == codes.KINDS.index(kind))
        return facts.event_records_at(rows[chosen], files.rows("events_ts")[chosen], self._lowered)

    @property
    def still_open(self) -> list[Trade]:
        return self._open

    def _make_fills(self) -> list[Fill]:
        files = self._telling.files
        return facts.fill_records_at(files.rows("fills"), files.rows("fills_ts"), self._lowered)

    def _make_trades(self) -> list[Trade]:
        return [*self.closed_trades(0, self._telling.files.count("trades")), *self._open]

    def closed_trades(self, first: int, last: int) -> list[Trade]:
        """Pieces number `first` to before `last`, in the order of their exits."""
        files = self._telling.files
        return facts.trade_records_at(
            files.rows("trades")[first:last], files.rows("entered_ts")[first:last].tolist(),
            files.rows("left_ts")[first:last].tolist(), self._lowered, self._symbols,
        )  # fmt: skip

    def _make_events(self) -> list[OrderEvent]:
        files = self._telling.files
        return facts.event_records_at(files.rows("events"), files.rows("events_ts"), self._lowered)

    def _make_fired(self) -> dict[str, list[int]]:
        rows = np.asarray(self._telling.files.rows("fired"))
        return {
            name: np.unique(rows[rows[:, 1] == index, 0].astype(np.int64)).tolist()
            for index, name in enumerate(self._lowered.rule_names)
        }


def trips_of(ledger: PiecedLedger, telling: Telling, symbols: list[str]) -> Trips:
    """The round trips in columns, in the order of their first exits; those without an exit at the end."""
    rows = telling.files.rows("trades")
    multipliers = dict(zip(symbols, telling.multipliers, strict=True))
    ids = np.asarray(rows[:, codes.T_ID])
    _, first, inverse, pieces = np.unique(ids, return_index=True, return_inverse=True, return_counts=True)
    held = np.isin(ids, [trade.trade_id for trade in ledger.still_open])
    # Units that left in pieces, or have not left yet, are put together by their records.
    single = (pieces[inverse.reshape(-1)] == 1) & ~held
    apart = [
        *(trade for k in np.flatnonzero(~single).tolist() for trade in ledger.closed_trades(k, k + 1)),
        *ledger.still_open,
    ]  # fmt: skip
    joined = round_trips(apart, multipliers)
    own = _single(rows, single, telling.multipliers, ledger)
    if not joined:
        return own
    starts = np.sort(first[np.unique(inverse.reshape(-1)[~single])]) if (~single).any() else np.empty(0, dtype=np.intp)
    places = np.concatenate((starts, len(rows) + np.arange(len(joined) - len(starts))))
    tags = {(trade.symbol, trade.trade_id): trade.tag for trade in apart}
    return merged(own, np.flatnonzero(single), columns_of(joined, tags), places)


def _single(rows: Any, single: Any, multipliers: list[float], ledger: PiecedLedger) -> Trips:
    def column(number: int) -> Any:
        # A sum of one value has no negative zero.
        return np.asarray(rows[:, number])[single] + 0.0

    pnl, commission, slippage = column(codes.T_PNL), column(codes.T_COMMISSION), column(codes.T_SLIPPAGE)
    planned = column(codes.T_RISK)
    each = np.array(multipliers)[column(codes.T_MARKET).astype(np.int64)]
    names, numbers = ledger.names_of(single)
    return Trips(
        names=names, pnl=pnl, gross=pnl + commission + slippage,
        notional=column(codes.T_QUANTITY) * np.abs(column(codes.T_ENTRY_PRICE)) * each, commission=commission,
        slippage=slippage, planned_risk=planned,
        r=np.where(planned > 0, pnl / np.where(planned > 0, planned, 1.0), np.nan), mae=column(codes.T_MAE),
        mfe=column(codes.T_MFE), bars=(column(codes.T_EXIT_BAR) - column(codes.T_ENTRY_BAR)).astype(np.int64),
        is_open=np.zeros(len(pnl), dtype=np.bool_), is_before_settle=column(codes.T_BEFORE_SETTLE) != 0.0,
        trade_id=column(codes.T_ID).astype(np.int64), entry_ts=ledger.entered(single), **numbers,
    )  # fmt: skip


@dataclass(eq=False)
class PiecedResult(Result):
    """See above. `bars` are heads: they have the terms of each symbol and no bar; `series` and stories of trades are
    not kept."""

    telling: Telling | None = None
    pieces: Pieces | None = None
    curves: tuple[TalliedCurve, TalliedCurve] | None = None

    @property
    def _told(self) -> Telling:
        assert self.telling is not None
        return self.telling

    @property
    def _facts(self) -> PiecedLedger:
        assert isinstance(self.ledger, PiecedLedger)
        return self.ledger

    # -- what was told ---------------------------------------------------------------------------------------------

    @property
    def has_bars(self) -> bool:
        return False

    @property
    def instants(self) -> int:
        return int(self.curve.count)

    def stamp_of(self, instant: int) -> int:
        told = self._told
        known = {0: told.curve.first_ts, -1: told.curve.last_ts, self.instants - 1: told.curve.last_ts}
        if told.curve.start is not None:
            known[told.curve.start] = told.curve.start_ts
        if self.ledger.halted_at is not None:
            known[self.ledger.halted_at] = told.halted_ts
        return known[instant] if instant in known else super().stamp_of(instant)

    @cached_property
    def start(self) -> int:
        return int(self.curve.start)

    @cached_property
    def curve(self) -> Any:
        assert self.curves is not None
        return self.curves[0]

    @cached_property
    def benchmark(self) -> Any:
        assert self.curves is not None
        return self.curves[1]

    @cached_property
    def drawn(self) -> Drawn:
        """A picture of the curves: of a long run the lowest and the highest of each stretch."""
        ts, equity = self.curve.drawn.points()
        at, hold = self.benchmark.drawn.points()
        every = np.union1d(ts, at)
        if len(every):
            equity, hold = (
                values[np.maximum(np.searchsorted(own, every, side="right") - 1, 0)]
                for own, values in ((ts, equity), (at, hold))
            )
        return Drawn(every, equity, hold, drawdowns(equity))

    @cached_property
    def held(self) -> Held:
        return self._told.held()

    @cached_property
    def trips(self) -> Trips:
        return trips_of(self._facts, self._told, [one.symbol for one in self.bars])

    @property
    def closed_count(self) -> int:
        return int(np.count_nonzero(~self.trips.is_open))

    @property
    def fill_count(self) -> int:
        return self._told.files.count("fills")

    @cached_property
    def positions(self) -> list[Floats]:
        parts = [standing.held for _, _, standing in self._standings()]
        return [np.nan_to_num(np.concatenate(each)) for each in zip(*parts, strict=True)]

    @property
    def trade_rows(self) -> int:
        return self._told.files.count("trades") + len(self._facts.still_open)

    @property
    def open_entries(self) -> list[int]:
        return [trade.entry_ts for trade in self._facts.still_open]

    @property
    def liquidations(self) -> int:
        rows = self._told.files.rows("fills")
        return int(np.count_nonzero(rows[:, codes.F_REASON] == codes.REASONS.index("liquidation")))

    def events_of(self, kind: str) -> list[OrderEvent]:
        return self._facts.events_of(kind)

    @property
    def event_counts(self) -> dict[tuple[str, str], int]:
        names = self._facts.rule_names
        return {(names[rule], codes.KINDS[kind]): count for (rule, kind), count in self._told.by_rule.items()}

    @property
    def fired_counts(self) -> dict[str, int]:
        names = self._facts.rule_names
        return {names[rule]: count for rule, count in self._told.fired.items()}

    def last_trades(self, count: int) -> list[Trade]:
        own = self._told.files.count("trades")
        return [*self._facts.closed_trades(max(0, own - count), own), *self._facts.still_open][-count:]

    def png(self, path: str | os.PathLike[str]) -> None:
        """Raises ValueError: a picture shows bars."""
        raise ValueError("a run in pieces keeps no bars to draw; `--report` draws its curves")

    # -- made again from the bars ----------------------------------------------------------------------------------

    @cached_property
    def equity(self) -> Table:
        """One row an instant, as large as the bars: `write_equity` needs no more memory than a piece."""
        parts = list(self._equity_parts())
        names = EQUITY_COLUMNS
        columns: dict[str, Any] = {
            name: np.concatenate([part[k] for part in parts]) if parts else np.empty(0) for k, name in enumerate(names)
        }
        return Table(columns, frozenset({"time"}))

    def write_equity(self, path: str | os.PathLike[str]) -> None:
        with CsvFile(path, list(EQUITY_COLUMNS)) as file:
            for ts, *columns in self._equity_parts():
                cells = Table({str(k): column for k, column in enumerate(columns)}).cells()
                file.add([self._told.clock_form.texts(ts), *cells])

    def write_trades(self, path: str | os.PathLike[str]) -> None:
        told, ledger = self._told, self._facts
        own = told.files.count("trades")
        with CsvFile(path, list(TRADE_COLUMNS)) as file:
            for first in range(0, own, TRADES_AT_ONCE):
                file.add(self._trade_cells(ledger.closed_trades(first, min(first + TRADES_AT_ONCE, own))))
            if ledger.still_open:
                file.add(self._trade_cells(ledger.still_open))

    def _trade_cells(self, trades: list[Trade]) -> list[list[str]]:
        for trade in self._facts.still_open:
            self._told.entry_form.take(np.array([trade.entry_ts]))
        forms = {"entry_time": self._told.entry_form, "exit_time": self._told.exit_form}
        return trades_table(trades).select(*TRADE_COLUMNS).cells(forms)

    def _equity_parts(self) -> Iterator[tuple[Any, ...]]:
        """The columns of `EQUITY_COLUMNS`, piece by piece."""
        peak = -np.inf
        for first, clock, standing in self._standings():
            values = standing.equity
            since = min(max(self.start - first, 0), len(values))
            lost = np.zeros(len(values))
            high = np.maximum.accumulate(np.concatenate(([peak], values[since:])))
            peak = float(high[-1])
            high = high[1:]
            lost[since:] = np.where(high > 0, 1.0 - values[since:] / np.where(high > 0, high, 1.0), 0.0)
            position = np.nan_to_num(standing.held[0]) if len(standing.held) == 1 else standing.exposure
            yield clock, values, standing.cash, position, lost

    def _standings(self) -> Iterator[tuple[int, Any, Standing]]:
        """(number of the first instant, instants, standing) of each piece, made again from the bars."""
        assert self.pieces is not None
        files = self._told.files
        changes, holdings = files.rows("changes"), files.rows("holdings")
        equities = Equities(self._told.multipliers)
        first = change = 0
        walked = [0] * len(self._told.multipliers)
        for market in self.pieces.pieces():
            stamps = [np.asarray(bars.ts) for bars in market.traded]
            clock = stamps[0] if len(stamps) == 1 else np.unique(np.concatenate(stamps))
            clock = clock[: self.instants - first]
            last = change + int(np.searchsorted(changes[change:, 0], first + len(clock)))
            bars = [*market.traded, *market.data.values()]
            ends = [begun + len(each) for begun, each in zip(walked, bars, strict=True)]
            yield (
                first,
                clock,
                equities.take(
                    clock, first, bars, np.asarray(changes[change:last]), self._holdings(holdings, walked, ends)
                ),
            )
            first, change, walked = first + len(clock), last, ends
            if first >= self.instants:
                return

    def _holdings(self, holdings: Any, first: list[int], last: list[int]) -> Any:
        """Rows of bars `first` to before `last` of each market. A market's rows are in the order of its bars."""
        found = []
        for number in range(len(first)):
            own = holdings if len(first) == 1 else holdings[np.asarray(holdings[:, 0]) == number]
            a, b = np.searchsorted(own[:, 1], (first[number], last[number]))
            found.append(np.asarray(own[a:b]))
        return np.concatenate(found)

    def curve_columns(self) -> dict[str, Any]:
        """The columns of a `Ledger`, over all instants."""
        clocks, parts = [], []
        for _, clock, standing in self._standings():
            clocks.append(clock)
            parts.append(standing)
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) if parts else np.empty(0)
            for name in ("cash", "equity", "exposure")
        }
        joined["clock"] = np.concatenate(clocks) if clocks else np.empty(0, dtype=np.int64)
        rows = np.asarray(self._told.files.rows("holdings"))
        joined["positions"] = [
            stepped(own[:, 1], own[:, 2], 0.0, done)
            for number, done in enumerate(self._facts.done)
            for own in [rows[rows[:, 0] == number]]
        ]
        return joined
