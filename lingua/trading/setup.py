"""Put a run together: markets, book, limits, decider and machine from a program and its inputs; see `inputs`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.data.bars import Action, Bars
from lingua.ir.nodes import Node
from lingua.ir.program import Program
from lingua.trading import curves, facts, opcodes, snapshots
from lingua.trading.account import Book
from lingua.trading.decide import Decider
from lingua.trading.evaluator import Evaluator
from lingua.trading.execution import Execution
from lingua.trading.given import Given, Report
from lingua.trading.inputs import LegInput, LiveBar, SymbolInput
from lingua.trading.limits import Limits
from lingua.trading.lower import Lowered, lower
from lingua.trading.market import Market
from lingua.trading.passed import Passed
from lingua.trading.plainness import plain_walk
from lingua.trading.records import Fill, Ledger, OrderEvent
from lingua.trading.step import COMPILED, Machine

__all__ = ["COMPILED", "Advance", "Run", "build"]

DAY_NS = 86_400_000_000_000
columns: Any = curves  # its signatures are Cython's
FORGET_EVERY = 64
"""Bars that a run which forgets keeps at most."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What one live instant brought: fills first, then the events of orders, and the orders now working."""

    fills: list[Fill]
    events: list[OrderEvent]
    working: list[dict[str, Any]]
    equity: float
    cash: float
    is_ruined: bool


def build(
    program: Program,
    slot_of: Callable[[Node], int],
    inputs: Sequence[SymbolInput],
    legs: Sequence[LegInput],
    execution: Execution,
    capital: float,
    *,
    skips_quiet_bars: bool = True,
    watch: Sequence[int] = (),
    is_given: bool = False,
) -> Run:
    """A run that stands before its first bar. `skips_quiet_bars=False` looks at every bar, with the same answer.

    `watch` names registers whose values after each bar's program are kept (`Run.watched`), which looks at every bar.
    With `is_given` the run fills nothing by itself: it is told what was executed (`Run.give`).

    Raises ValueError when inputs do not fit each other or the program asks for what the step does not know.
    """
    if not inputs:
        raise ValueError("a run needs at least one traded symbol")
    if not (math.isfinite(capital) and capital > 0.0):
        raise ValueError(f"the starting capital must be positive, not {capital}")
    if execution.fill_on != "open":
        raise ValueError("a decision never fills on its own bar: fill_on is always the next open")
    markets: list[Market] = []
    for bars, detail, sessions in [(i.bars, i.detail, i.sessions) for i in inputs] + [
        (leg.bars, leg.detail, leg.sessions) for leg in legs
    ]:
        markets.append(_market(len(markets), bars, detail, sessions, execution))
    finest = min(
        detail.timeframe.seconds if detail is not None else bars.timeframe.seconds
        for bars, detail in [(i.bars, i.detail) for i in inputs]
    )
    # Latency below the finest data acts as the next available price: whole finest bars are waited for.
    waits = math.floor(execution.latency_s / finest + 1e-9) * finest
    aliases = {leg.alias: len(inputs) + k for k, leg in enumerate(legs)}
    if waits != execution.latency_s:
        execution = dataclasses.replace(execution, latency_s=float(waits))
    lowered = lower(program, slot_of, aliases, execution)
    evaluators = [Evaluator(i.code, i.registers, i.columns, i.series_offset) for i in inputs]
    _check(program, lowered, inputs, evaluators, len(legs))
    assert lowered.options is not None
    book = Book(lowered.options, markets, float(capital))
    book.is_given = is_given
    limits = Limits(lowered.limits, book)
    starts = [max(i.ready, i.settled) if execution.warmup == "settled" else i.ready for i in inputs]
    decider = Decider(
        book, limits, evaluators, lowered.rules, lowered.filters, starts, [i.settled for i in inputs], list(watch)
    )
    looks_always = not skips_quiet_bars or bool(watch) or decider.has_once or any(e.is_stateful for e in evaluators)
    for market in markets:
        market.is_profiled = lowered.spreads_by_volume
    # A profile of volumes is made of every bar.
    looks_always = looks_always or lowered.spreads_by_volume
    machine = Machine(book, limits, decider, looks_always)
    clock, days = union_clock(inputs)
    attention = [looks_of(i) for i in inputs]
    gaps = [_gaps(i) for i in inputs]
    only = inputs[0].bars if len(inputs) == 1 else None
    rises = only is None or only.once("rises", lambda: bool(np.all(clock[1:] > clock[:-1])))
    may_skip = skips_quiet_bars and not is_given and len(markets) == 1
    machine.load(clock, days, attention, gaps, may_skip, rises)
    if not looks_always and len(inputs) == len(markets) == 1:
        is_adjusted = bool(inputs[0].bars.actions)
        largest = _largest_gap(inputs[0], gaps[0])
        lowest = inputs[0].bars.once("lowest of ordinary bars", lambda: lowest_of(inputs[0].bars))
        machine.plain = plain_walk(
            book, limits, decider, machine.changes, machine.holdings, largest, is_adjusted, lowest
        )
    return Run(program, lowered, book, limits, decider, machine, [i.bars for i in inputs], list(legs), clock)


def union_clock(inputs: Sequence[SymbolInput]) -> tuple[Any, Any]:
    """The instants at which a traded symbol has a bar, and the latest session date of each."""
    stamps = [np.asarray(i.bars.ts, dtype=np.int64) for i in inputs]
    dates = [session_dates(i.bars, i.sessions) for i in inputs]
    if len(inputs) == 1:
        return np.ascontiguousarray(stamps[0]), np.ascontiguousarray(dates[0])
    clock = np.unique(np.concatenate(stamps))
    days = np.full(len(clock), np.iinfo(np.int64).min, dtype=np.int64)
    for column, date in zip(stamps, dates, strict=True):
        at = np.searchsorted(clock, column)
        days[at] = np.maximum(days[at], date)
    return clock, days


def looks_of(given: SymbolInput) -> Any:
    """(n,) uint8 1 on the bars that have to be looked at."""
    if given.attention is None:
        return np.ones(len(given.bars), dtype=np.uint8)
    return np.asarray(given.attention).view(np.uint8)


class Run:
    """A program over its instruments, advanced by `run` (a batch) or `advance` (one live instant)."""

    def __init__(
        self, program: Program, lowered: Lowered, book: Book, limits: Limits, decider: Decider, machine: Machine,
        bars: list[Bars], legs: list[LegInput], clock: Any,
    ) -> None:  # fmt: skip
        self.program = program
        self.lowered = lowered
        self.book = book
        self.limits = limits
        self.decider = decider
        self.machine = machine
        self.bars = bars + [leg.bars for leg in legs]
        self.symbols = len(bars)
        self.stamps = clock.tolist() if len(clock) == 0 else clock
        self.live_stamps: list[int] = []
        self.forgets = False
        self.live_sessions = [_LiveSessions(market, b) for market, b in zip(book.markets, self.bars, strict=True)]

    def run(self, progress: Callable[[int, int], None] | None = None, *, until: int | None = None) -> Ledger:
        """All instants of the union clock (or the first `until`); `progress(done, all)` some hundred times."""
        total = self.machine.instants if until is None else min(until, self.machine.instants)
        if progress is None:
            self.machine.run(total)
        else:
            step = max(1, total // 200)
            while self.machine.at < total and not self.machine.is_ruined:
                done = self.machine.run(min(total, self.machine.at + step))
                progress(done, total)
        return self.ledger()

    def run_checked(self) -> Ledger:
        """As `run`, one instant at a time, asserting after each that the books agree (`facts.verify`)."""
        while self.machine.at < self.machine.instants and not self.machine.is_ruined:
            self.machine.run(self.machine.at + 1)
            facts.verify(self.book)
        return self.ledger()

    def advance(self, ts: int, bars: Mapping[int, LiveBar]) -> Advance:
        """One instant at `ts` (UTC ns). `bars` maps market numbers (traded symbols in source order, then legs) to the
        bars that end now. Raises ValueError for a bar that goes back in time or lacks its series values."""
        self.complete()
        fills, events = self.book.fills.count, self.book.events.count
        self.step(ts, bars)
        return Advance(
            facts.fills(self, fills), facts.events(self, events), snapshots.working(self.book),
            self.book_equity(), self.book.cash, self.machine.is_ruined,
        )  # fmt: skip

    def step(self, ts: int, bars: Mapping[int, LiveBar]) -> None:
        """As `advance`, for a caller that asks for the facts itself. After ruin nothing happens any more."""
        if self.machine.is_ruined:
            return
        self.complete()
        if self.stamps_done and ts <= self.stamps_done[-1]:
            raise ValueError(f"instant {ts} is not after {self.stamps_done[-1]}")
        day, gaps = -(2**63), [0] * self.symbols
        for number, bar in sorted(bars.items()):
            if bar.ts > ts or (number < self.symbols and bar.ts != ts):
                raise ValueError(f"{self.book.markets[number].symbol}: the bar does not end at {ts}")
            date = self.take(number, bar)
            if number < self.symbols:
                if bar.columns is None:
                    raise ValueError(f"{self.book.markets[number].symbol}: series values are missing")
                self.decider.evaluators[number].feed(bar.columns)
                gaps[number] = bar.gap
                day = max(day, date)
        self.live_stamps.append(ts)
        self.machine.advance(ts, day, gaps)

    def complete(self) -> None:
        """Write down what the fast way has passed over, before rows are counted on or bars are forgotten."""
        plain = self.machine.plain
        if plain is None:
            return
        passed = Passed(*plain.passed())
        if passed.ranges:
            trades = self.book.trades.table()
            market = self.book.markets[0]
            facts.complete(trades, market.arrays(), market.first)
            self.book.trades.load(trades)
            self.book.events.load(passed.events(self.book.events.table()))
            self.decider.fired.load(passed.fired(self.decider.fired.table()))
            plain.told()

    def take(self, number: int, bar: LiveBar) -> int:
        """One more bar of a market, walked by the next `step` at or after its end: for bars of legs between two
        instants, and for those of traded symbols that came too late to be decided on. The date of its session."""
        if not 0 <= number < len(self.book.markets):
            raise ValueError(f"no market {number}")
        date = (bar.ts - 1) // DAY_NS if bar.session is None else bar.session
        self._append(number, bar, date)
        return date

    def give(self, report: Report) -> None:
        """What a venue reported; booked when its market's next bar is stepped over. Raises ValueError for a report that
        can be of no execution, or for a run that fills by itself."""
        if not self.book.is_given:
            raise ValueError("this run fills its orders by itself")
        self.machine.walk.given.add(report)

    @property
    def given(self) -> Given:
        """The reports that wait, and where the exits of fills stand."""
        found: Given = self.machine.walk.given
        return found

    def forget(self, kept: int = 4) -> None:
        """Drop what was written down so far, and all bars but the last ones: memory stays as it is for ever. Such a run
        has no ledger; whoever calls this has taken the facts of the instant."""
        self.forgets = True
        book, machine = self.book, self.machine
        for rows in (book.fills, book.trades, book.events, self.decider.fired, self.decider.watched,
                     machine.changes, machine.holdings):  # fmt: skip
            rows.clear()
        del self.live_stamps[:-1]
        for market in book.markets:
            if market.bar - market.first >= FORGET_EVERY:
                market.forget(market.bar + 1 - kept)

    @property
    def stamps_done(self) -> list[int]:
        """Stamps of the instants that were advanced live, after those of the batch."""
        if self.live_stamps:
            return self.live_stamps
        return [int(self.stamps[self.machine.at - 1])] if self.machine.at and len(self.stamps) else []

    def book_equity(self) -> float:
        return facts.equity_now(self.book)

    def ledger(self) -> Ledger:
        """What has happened so far. Raises ValueError for a run that forgets."""
        if self.forgets:
            raise ValueError("a run that forgets has no ledger")
        return facts.ledger(self)

    def watched(self, symbol: int) -> Any:
        """(registers watched, bars done) float64 of one traded symbol."""
        rows = self.decider.watched.table()
        rows = rows[rows[:, 0] == symbol]
        out = np.full((rows.shape[1] - 2, self.book.markets[symbol].bar + 1), np.nan)
        out[:, rows[:, 1].astype(np.int64)] = rows[:, 2:].T
        return out

    def snapshot(self) -> dict[str, Any]:
        """All that the next instant depends on, as plain data (NaN is None)."""
        return snapshots.take(self)

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Stand where `snapshot` was taken. The run must have been built from the same program and inputs; what the
        ledger tells of the time before is restored with it."""
        snapshots.restore(self, snapshot)

    def clock(self) -> Any:
        """(instants,) int64 stamps of the instants done."""
        batch = np.asarray(self.stamps[: self.machine.at - len(self.live_stamps)], dtype=np.int64)
        return np.concatenate([batch, np.array(self.live_stamps, dtype=np.int64)]) if self.live_stamps else batch

    def add_action(self, number: int, action: Action) -> None:
        """A split or dividend that became known while the run was live."""
        market = self.book.markets[number]
        known = [Action(*row) for row in market.planned_actions()]
        market.plan_actions([(a.ts, a.split, a.dividend) for a in sorted([*known, action], key=lambda a: a.ts)])

    def _append(self, number: int, bar: LiveBar, date: int) -> None:
        market = self.book.markets[number]
        prices = (bar.open, bar.high, bar.low, bar.close)
        is_tradable = not bar.is_synthetic and not any(map(math.isnan, prices))
        if bar.volume <= 0.0 and market.has_volume:
            is_tradable = False
        finer = [(o, h, low, c, v, ts, open_ts) for open_ts, ts, o, h, low, c, v in bar.detail]
        if finer and (finer[0][6] != bar.open_ts or finer[-1][5] != bar.ts):
            finer = []  # they do not cover the bar
        row = (*prices, bar.volume, bar.ts, bar.open_ts)
        market.append(row, self.live_sessions[number].index(date), is_tradable, finer)


class _LiveSessions:
    """Numbers sessions as `_market` does, one bar after the other."""

    def __init__(self, market: Market, bars: Bars) -> None:
        self.is_calendar = market.is_calendar
        self._bars: Bars | None = bars
        self.date: int | None = None
        self.number = -1

    def _count(self) -> None:
        """Number the sessions before the first live bar, which most runs never see."""
        if self._bars is not None:
            dates = session_dates(self._bars, None)
            self.date = int(dates[-1]) if len(dates) else None
            self.number = int(_ordinals(dates)[-1]) if len(dates) else -1
            self._bars = None

    def index(self, date: int) -> int:
        self._count()
        if self.is_calendar:
            return date
        if date != self.date:
            self.date, self.number = date, self.number + 1
        return int(self.number)

    def state(self) -> list[int | None]:
        self._count()
        return [self.date, int(self.number)]

    def set_state(self, state: Sequence[int | None]) -> None:
        self._bars = None
        self.date, number = state
        self.number = -1 if number is None else number


def _market(index: int, bars: Bars, detail: Bars | None, sessions: Any, execution: Execution) -> Market:
    terms = bars.instrument
    if execution.whole_units and terms.lot == 0.0:
        terms = dataclasses.replace(terms, lot=1.0)
    has_volume = bars.once("has volume", lambda: bool(np.any(bars.volume > 0.0)))
    market = Market(index, bars.symbol, terms, bars.timeframe.unit in ("d", "w", "mo", "y"), has_volume)
    market.load(market_arrays(bars, detail, sessions))
    actions = [(a.ts, a.split, a.dividend) for a in sorted(bars.actions, key=lambda a: a.ts)]
    if len(bars) and actions:
        # What went ex before the first bar has nothing to act on.
        actions = [a for a in actions if a[0] >= int(bars.open_ts[0]) or a[0] >= int(bars.ts[0])]
    market.plan_actions(actions)
    return market


def market_arrays(
    bars: Bars, detail: Bars | None, sessions: Any, told: tuple[bool, bool] = (False, False)
) -> dict[str, Any]:
    """The bars as `Market.load` takes them. `told`: whether bars before these, and finer ones, had a volume."""
    size = len(bars)
    volume = np.ascontiguousarray(bars.volume, dtype=np.float64)
    dates = session_dates(bars, sessions)
    arrays: dict[str, Any] = {
        "open": _floats(bars.open), "high": _floats(bars.high), "low": _floats(bars.low),
        "close": _floats(bars.close), "volume": volume, "ts": _stamps(bars.ts), "open_ts": _stamps(bars.open_ts),
        "session": dates if bars.instrument.calendar == "24x7" else _sessions(bars, dates),
        "tradable": bars.once("tradable", lambda: _tradable(bars, volume, told[0])),
        "detail_from": bars.once("no finer bars", lambda: np.zeros(size + 1, dtype=np.int64)),
    }  # fmt: skip
    for name in ("open", "high", "low", "close", "volume", "ts", "open_ts"):
        kind = np.int64 if name.endswith("ts") else np.float64
        column = np.empty(0, dtype=kind) if detail is None else np.ascontiguousarray(getattr(detail, name), dtype=kind)
        arrays[f"detail_{name}"] = column
    arrays["detail_tradable"] = np.empty(0, dtype=np.uint8)
    if detail is not None:
        arrays["detail_tradable"] = _tradable(detail, arrays["detail_volume"], told[1])
        _divide(arrays)
    return arrays


def _divide(arrays: dict[str, Any]) -> None:
    """Which finer bars lie inside which bar: those that open and close within it. A bar that its finer bars do not
    cover from open to close keeps its own assumption."""
    ts, open_ts = arrays["ts"], arrays["open_ts"]
    fine_ts, fine_open = arrays["detail_ts"], arrays["detail_open_ts"]
    keep = np.zeros(len(fine_ts), dtype=bool)
    counts = np.zeros(len(ts), dtype=np.int64)
    if len(ts) and len(fine_ts):
        owner = np.searchsorted(ts, fine_ts, side="left")
        inside = owner < len(ts)
        inside[inside] &= fine_open[inside] >= open_ts[owner[inside]]
        first = np.full(len(ts), np.iinfo(np.int64).max)
        last = np.full(len(ts), np.iinfo(np.int64).min)
        np.minimum.at(first, owner[inside], fine_open[inside])
        np.maximum.at(last, owner[inside], fine_ts[inside])
        covers = (first == open_ts) & (last == ts)
        keep[inside] = covers[owner[inside]]
        np.add.at(counts, owner[keep], 1)
    for name in [name for name in arrays if name.startswith("detail_") and name != "detail_from"]:
        arrays[name] = np.ascontiguousarray(arrays[name][keep])
    arrays["detail_from"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _tradable(bars: Bars, volume: Any, is_told: bool) -> Any:
    """Invented bars, and bars in which nothing was traded, feed indicators but never fill an order. A volume that is
    not known (NaN, or 0 before the first bar that has one) says nothing: whether a later bar has one must not decide
    what fills on this one."""
    if curves.COMPILED:
        out = np.empty(len(bars), dtype=np.uint8)
        columns.tradable(*(_owned(each) for each in (bars.open, bars.high, bars.low, bars.close, volume)), out)
        if bars.is_synthetic is not None:
            out[np.asarray(bars.is_synthetic, dtype=bool)] = 0
        if is_told:
            out[volume <= 0.0] = 0
        return out
    valid = ~(np.isnan(bars.open) | np.isnan(bars.high) | np.isnan(bars.low) | np.isnan(bars.close))
    if bars.is_synthetic is not None:
        valid &= ~np.asarray(bars.is_synthetic, dtype=bool)
    valid &= ~((volume <= 0.0) & (is_told | np.logical_or.accumulate(volume > 0.0)))
    return np.ascontiguousarray(valid, dtype=np.uint8)


def _owned(column: Any) -> Any:
    """The column as compiled code takes it: float64, contiguous, not read-only."""
    return np.require(column, np.float64, ["C", "W"])


def session_dates(bars: Bars, sessions: Any) -> Any:
    """(n,) int64 session dates in days since 1970-01-01."""
    if sessions is None:
        return np.ascontiguousarray((np.asarray(bars.ts, dtype=np.int64) - 1) // DAY_NS)
    dates = np.ascontiguousarray(sessions, dtype=np.int64)
    if len(dates) != len(bars):
        raise ValueError(f"{bars.symbol}: one session date for each bar is needed")
    return dates


def _sessions(bars: Bars, dates: Any) -> Any:
    """`_ordinals` of the dates; found out once for those of the calendar."""
    if dates is bars.facts.get("sessions"):
        return bars.once("ordinals", lambda: _ordinals(dates))
    return _ordinals(dates)


def _ordinals(dates: Any) -> Any:
    """Dates numbered 0, 1, 2 … as they come, so that a difference is a number of sessions."""
    changed = np.ones(len(dates), dtype=np.int64)
    changed[1:] = dates[1:] != dates[:-1]
    return np.ascontiguousarray(np.cumsum(changed) - 1, dtype=np.int64)


def _gaps(given: SymbolInput) -> Any:
    """(n,) int32: bars in a row, up to and with this one, whose close is na."""
    if given.gap is not None:
        return np.ascontiguousarray(given.gap, dtype=np.int32)
    bars = given.bars
    return bars.once("gaps", lambda: _missing_in_a_row(bars))


def _largest_gap(given: SymbolInput, gaps: Any) -> int:
    def largest() -> int:
        return int(gaps.max(initial=0))

    return largest() if given.gap is not None else given.bars.once("largest gap", largest)


def lowest_of(bars: Bars) -> float:
    """The lowest price, where every bar may fill orders and opens when the one before it is over; else 0."""
    tradable = bars.once(
        "tradable", lambda: _tradable(bars, np.ascontiguousarray(bars.volume, dtype=np.float64), False)
    )
    if not (len(bars) and tradable.all() and np.all(bars.open_ts[1:] >= bars.ts[:-1])):
        return 0.0
    return max(0.0, min(float(bars.open.min()), float(bars.low.min()), float(bars.close.min())))


def _missing_in_a_row(bars: Bars) -> Any:
    missing = np.isnan(bars.close)
    if not missing.any():
        return np.broadcast_to(np.int32(0), len(missing))
    out = np.zeros(len(bars), dtype=np.int32)
    if len(out):
        index = np.arange(len(missing))
        last = np.maximum.accumulate(np.where(missing, -1, index))
        out[:] = np.where(missing, index - last, 0)
    return out


def _floats(column: Any) -> Any:
    return np.ascontiguousarray(column, dtype=np.float64)


def _stamps(column: Any) -> Any:
    return np.ascontiguousarray(column, dtype=np.int64)


def _check(
    program: Program, lowered: Lowered, inputs: Sequence[SymbolInput], evaluators: list[Evaluator], legs: int
) -> None:
    needed = len(opcodes.ACCOUNT) + len(opcodes.LEG) * legs
    for given, evaluator in zip(inputs, evaluators, strict=True):
        if evaluator.bars != len(given.bars):
            raise ValueError(f"{given.bars.symbol}: {evaluator.bars} series values for {len(given.bars)} bars")
        if evaluator.size < needed:
            raise ValueError(f"{given.bars.symbol}: the register file is smaller than its {needed} account values")
        highest = max((_highest(lowered)), default=-1)
        if highest >= evaluator.size:
            raise ValueError(f"{program.name}: register {highest} is outside the file of {evaluator.size}")


def _highest(lowered: Lowered) -> list[int]:
    slots = list(lowered.filters)
    for rule in lowered.rules:
        slots += [rule.condition, rule.tick]
        for group in (rule.group, rule.otherwise):
            if group is None:
                continue
            for action in group.actions:
                slots += [action.amount_slot, action.limit_slot, action.stop_slot, action.show_slot, action.life_slot]
                for exit_ in action.exits:
                    slots += [exit_.slot, exit_.closing_slot, exit_.after_slot, exit_.life_slot]
    return slots
