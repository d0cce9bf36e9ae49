"""A run over bars in pieces: series, fills and decisions go on from piece to piece; what happened is told after each.

The answer is that of `run.run_market` over the whole, bit for bit, in memory that does not grow with the bars.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.backends.batch import Batch
from lingua.backends.decision import lower
from lingua.backends.incremental import SourceFacts
from lingua.backends.pieces import PieceFeeds, Pieces
from lingua.backtest.bind import attention, detail_name, looked_at, on_the_day
from lingua.data.bars import Bars
from lingua.data.calendars import sessions_of
from lingua.data.market import Market
from lingua.data.pieces import Pieces as MarketPieces
from lingua.data.pieces import joined, span
from lingua.ir.analysis import decision_nodes, reachable, reading_order
from lingua.ir.nodes import Constancy, Node
from lingua.ir.program import Program
from lingua.ir.warmup import Warmup
from lingua.live.readiness import Readiness
from lingua.live.series import UNKNOWN_YET, states_of
from lingua.trading import facts, setup
from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput, SymbolInput
from lingua.trading.sliding import Sliding

NOT_YET = 2**62
"""A bar number that no run reaches."""
ELSEWHERE = ("sample", "developing", "inner")


@dataclass(frozen=True, slots=True)
class Happened:
    """What one piece brought. Rows are those of the step, instants and bars numbered over the whole run; stamps UTC
    ns. `clock` are the instants done. `started`: numbers of bars from which rules are live that became known."""

    market: Market
    first: int
    clock: Any
    fills: Any
    fills_ts: Any
    trades: Any
    entered_ts: Any
    left_ts: Any
    events: Any
    events_ts: Any
    fired: Any
    changes: Any
    holdings: Any
    watched: Any


class PieceRun:
    """`source` gives the bars. `watch` names nodes that read fills, whose values are told too; `also` series whose
    columns can be looked at (`column`) while a piece is the last one done."""

    def __init__(
        self,
        program: Program,
        source: MarketPieces,
        options: Execution,
        capital: float,
        watch: Sequence[Node] = (),
        also: Sequence[Node] = (),
    ) -> None:
        self.program = program
        self.options = options
        self.capital = capital
        self._source = source
        self._watch = list(watch)
        self._also = list(also)
        self._entered: dict[int, int] = {}
        self._symbols: list[_Symbol] = []
        self._fine: dict[int, Bars] = {}
        self.run: Any = None

    def pieces(self) -> Iterator[Happened]:
        """The whole run, a piece at a time; it ends early where the account does."""
        sliding: Sliding | None = None
        pieces = self._source.pieces()
        for market in pieces:
            if not self._symbols:
                self._symbols = [
                    _Symbol(self.program, self._source, number, self._watch, self._also, market, bars)
                    for number, bars in enumerate(market.traded)
                ]
            inputs = [
                self._input(number, symbol, bars, market)
                for number, (symbol, bars) in enumerate(zip(self._symbols, market.traded, strict=True))
            ]
            legs = self._legs(market)
            if sliding is None:
                decision = self._symbols[0].decision
                self.run = setup.build(
                    self.program, decision.slot_of, inputs, legs, self.options, self.capital,
                    watch=[decision.slot_of(node) for node in self._watch],
                )  # fmt: skip
                heads = [*self._source.traded, *self._source.data.values()]
                sliding = Sliding(self.run, inputs, legs, [head.first for head in heads])
            else:
                sliding.go_on(inputs, legs)
            for symbol, evaluator in zip(self._symbols, self.run.decider.evaluators, strict=True):
                symbol.settle_states(evaluator)
            self.run.decider.starts[:] = [symbol.start(self.options) for symbol in self._symbols]
            self.run.decider.settles[:] = [symbol.settles for symbol in self._symbols]
            first = self.run.machine.at
            self.run.machine.run(self.run.machine.instants)
            clock = setup.union_clock(inputs)[0][: self.run.machine.at - first]
            yield self._happened(market, first, clock)
            if self.run.machine.is_ruined:
                # The bars behind it are checked and counted as those of any other run.
                for _ in pieces:
                    pass
                return

    @property
    def ready(self) -> tuple[int, ...]:
        """As `Result.ready`."""
        return tuple(symbol.ready for symbol in self._symbols)

    @property
    def settled(self) -> tuple[int, ...]:
        """As `Result.settled`."""
        return tuple(symbol.settled for symbol in self._symbols)

    def start_in(self, told: Happened) -> int | None:
        """The number within the instants of the last piece at which the rules of a symbol are live for the first time
        (of that symbol); None where that is elsewhere."""
        found = [
            int(bars.ts[symbol.ready - symbol.begun])
            for symbol, bars in zip(self._symbols, told.market.traded, strict=True)
            if symbol.begun <= symbol.ready < symbol.begun + len(bars)
        ]
        at = int(np.searchsorted(told.clock, min(found))) if found else len(told.clock)
        return at if at < len(told.clock) else None

    @property
    def slow(self) -> list[Node]:
        """Series that had to be made bar by bar."""
        return [node for symbol in self._symbols for node in symbol.pieces.slow]

    def column(self, symbol: int, node: Node) -> Any:
        """(bars of the last piece,) a series named by `also`."""
        return self._symbols[symbol].pieces.column(node)

    def open_trades(self) -> list[Any]:
        return facts.open_trades(self.run, self._entered)

    def _input(self, number: int, symbol: _Symbol, bars: Bars, market: Market) -> SymbolInput:
        detail = detail_name(self.program)
        fine = market.finer.get((bars.symbol, detail)) if detail else None
        return symbol.take(bars, market, None if fine is None else self._whole_fine(number, bars, fine))

    def _legs(self, market: Market) -> list[LegInput]:
        detail, first = detail_name(self.program), len(market.traded)
        found = []
        for number, (alias, bars) in enumerate(market.data.items(), first):
            fine = market.finer.get((bars.symbol, detail)) if detail else None
            whole = None if fine is None else self._whole_fine(number, bars, fine)
            found.append(LegInput(alias, bars, whole, sessions_of(bars)))
        return found

    def _whole_fine(self, number: int, bars: Bars, fine: Bars) -> Bars:
        """The finer bars inside `bars`; those of a bar that closes in a later piece wait for it."""
        waiting = self._fine.get(number)
        whole = fine if waiting is None or not len(waiting) else joined(waiting, fine)
        last = int(bars.ts[-1]) if len(bars) else -(2**63)
        at = int(np.searchsorted(whole.ts, last, side="right"))
        self._fine[number] = span(whole, at, len(whole))
        return span(whole, 0, at)

    def _happened(self, market: Market, first: int, clock: Any) -> Happened:
        run = self.run
        run.complete()
        book, machine, decider = run.book, run.machine, run.decider
        markets = facts.columns_of(run)
        fills, trades, events = book.fills.table(), book.trades.table(), book.events.table()
        entered = facts.stamps_of_entries(trades, markets, self._entered)
        told = Happened(
            market, first, clock, fills, facts.stamps_of_fills(fills, markets), trades, entered,
            facts.stamps_of_exits(trades, markets), events, clock[facts.instants_of(events) - first],
            decider.fired.table(), machine.changes.table(), machine.holdings.table(), decider.watched.table(),
        )  # fmt: skip
        for rows in (book.fills, book.trades, book.events, decider.fired, decider.watched, machine.changes,
                     machine.holdings):  # fmt: skip
            rows.clear()
        held = {unit.id: (position.market, unit) for position in book.positions for unit in position.units}
        self._entered = {
            number: self._entered[number] if number in self._entered else facts.entry_stamp(run, *where)
            for number, where in held.items()
        }
        return told


class _Symbol:
    """The series of one traded symbol and what is known of its warm-up."""

    def __init__(
        self, program: Program, source: MarketPieces, number: int, watch: Sequence[Node], also: Sequence[Node],
        market: Market, bars: Bars,
    ) -> None:  # fmt: skip
        params = {param.name: param.value for param in program.params}
        roots = decision_nodes(program)
        self._source = source
        self._number = number
        self._program = program
        head, data = source.traded[number], source.data
        self.sources = {
            "": SourceFacts(str(head.bars.timeframe), head.bars.instrument),
            **{alias: SourceFacts(str(each.bars.timeframe), each.bars.instrument) for alias, each in data.items()},
        }
        self._factors: dict[str, float] = {}
        feeds = PieceFeeds(bars, market.data, market.finer, 0)
        static = Batch(feeds, params).static
        waits = any(node.op in ELSEWHERE and node.constancy >= Constancy.SERIES for node in reachable([*roots, *watch]))
        warmup = Warmup(static, lambda _, count: count)
        lookback: Any = (lambda _: UNKNOWN_YET) if waits else warmup.lookback
        self.decision = lower([*roots, *watch], static, list(data), lookback)
        self.pieces = Pieces([*self.decision.series, *looked_at(program), *also], params, self.sources, feeds)
        self._done = 0
        self.begun = 0
        """The number of the first bar of the last piece."""
        self._ready: int | None = None
        self._settled: float = math.inf
        self._readiness: Readiness | None = None
        self._states: list[tuple[Node, int]] = []
        if waits:
            self._states = states_of(self.decision, [*roots, *watch])
            self._readiness = Readiness(roots, [state for state, _ in self._states], static, self.sources)
            self._order = reading_order(reachable(roots), self.sources)
        else:
            self._ready = int(max((warmup.lookback(node) for node in roots), default=0))
            self._settled = max((warmup.settled(node) for node in roots), default=0)

    @property
    def _count(self) -> int:
        return self._source.traded[self._number].count

    @property
    def ready(self) -> int:
        """The number of the bar from which the rules are live; that of all bars where it never comes."""
        return self._count if self._ready is None else min(self._ready, self._count)

    @property
    def settled(self) -> int:
        return self._count if math.isinf(self._settled) else int(self._settled)

    @property
    def settles(self) -> int:
        """The number of the bar before which entries are marked."""
        return self._count if math.isinf(self._settled) else min(int(self._settled), self._count)

    def start(self, options: Execution) -> int:
        """The bar from which rules act, as far as it is known."""
        if self._ready is None:
            return NOT_YET
        return max(self.ready, self.settles) if options.warmup == "settled" else self.ready

    def settle_states(self, evaluator: Any) -> None:
        """Tell the evaluator from which bar its states may start, as far as that is known."""
        for state, instruction in self._states:
            bars = self._readiness.lookbacks[state.index] if self._readiness is not None else None
            if bars is not None:
                evaluator.set_lookback(instruction, bars)

    def take(self, bars: Bars, market: Market, detail: Bars | None) -> SymbolInput:
        """Series over the next bars."""
        feeds = PieceFeeds(bars, market.data, market.finer, self._done)
        self.pieces.take(feeds)
        self.begun = self._done
        self._done += len(bars)
        if self._readiness is not None and not self._readiness.is_known:
            self._wait(bars, market)
        columns = on_the_day(self.decision.series, self.pieces.column, bars, market.data, self._factors)
        for alias, other in market.data.items():
            if other.factor is not None and len(other):
                self._factors[alias] = float(other.factor[-1])
        return SymbolInput(
            bars=bars,
            columns=columns or np.empty((0, len(bars))),
            code=np.array(self.decision.code, dtype=np.int32).reshape(-1, 6),
            registers=np.array(self.decision.initial, dtype=np.float64),
            series_offset=self.decision.first_series,
            ready=self.ready,
            settled=self.settles,
            attention=attention(self._program, self.pieces, len(bars)),
            detail=detail,
            sessions=sessions_of(bars),
        )

    def _wait(self, bars: Bars, market: Market) -> None:
        """Count bars of every source until all that has to be waited for has come."""
        readiness = self._readiness
        assert readiness is not None
        each = [(rank, bars if not name else market.data[name]) for rank, name in enumerate(self._order)]
        ts = np.concatenate([one.ts for _, one in each])
        opens = np.concatenate([one.open_ts for _, one in each])
        ranks = np.concatenate([np.full(len(one), rank) for rank, one in each])
        for k in np.lexsort((ranks, ts)).tolist():
            readiness.push(self._order[int(ranks[k])], int(opens[k]), int(ts[k]))
            if readiness.is_known:
                break
        self._ready = readiness.ready
        self._settled = math.inf if readiness.settled is None else readiness.settled
