"""One compiled strategy over its instruments, fed with closed bars as they arrive: decisions come out.

Series come from the incremental back end, decisions, orders and fills from the same step that a backtest runs, so that
the same bars give the same bits. Memory does not grow with the number of bars.

    live = LiveStrategy(compiled, traded=[Source(instrument, "1h")], data={"btc": Source(other, "1h")})
    for channel in live.channels: ...            # subscribe to the bars of channel.symbol on channel.timeframe
    live.push(channel, ClosedBar(...))           # in the order of arrival
    for decisions in live.decide(until_ts): ...  # when all bars of an instant are there, or are waited for no longer
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds, empty_like
from lingua.backends.incremental import SourceFacts
from lingua.compiler import Compiled
from lingua.data.bars import Action, Bars
from lingua.data.calendars import sessions_between
from lingua.data.market import Market
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import decision_nodes
from lingua.ir.nodes import Node
from lingua.ir.program import Program
from lingua.live.alerts import AlertWatch
from lingua.live.bars import Channel, ClosedBar, Source, factor_at, on_one_scale
from lingua.live.decisions import Decisions
from lingua.live.series import SymbolSeries
from lingua.live.telling import told
from lingua.trading.execution import Execution
from lingua.trading.given import Report
from lingua.trading.inputs import LegInput, LiveBar, SymbolInput
from lingua.trading.setup import Run, build

NOT_YET = 2**62
"""A bar number that no run reaches."""
DAY_NS = 86_400 * 10**9


class LiveStrategy:
    """See above. `keeps_history`: nothing is forgotten, so that `run.ledger()` tells all of it afterwards (and memory
    grows). `watched` names further nodes to be evaluated at each bar of the traded symbols; `observer` is called with
    the number of the symbol when its series have taken a bar, before anything is decided.

    Rules are live from the first bar that closes at `acts_from` (UTC ns) or later, and not before they are ready: what
    is fed before is history to warm up on. After ruin the series go on and nothing is decided any more.

    With `is_given` the run fills nothing by itself: `give` it what a venue executed. Orders are then sized when they
    leave, and filled as the venue fills them, whatever the execution block assumes of fills.

    Raises CompileError when the program has errors or uses what is not executed, ValueError when sources do not fit the
    program or a number makes no sense.
    """

    def __init__(
        self,
        compiled: Compiled,
        traded: Sequence[Source],
        data: Mapping[str, Source] | None = None,
        *,
        execution: Execution | None = None,
        capital: float = 100_000.0,
        keeps_history: bool = False,
        watched: Sequence[Node] = (),
        observer: Callable[[int], None] | None = None,
        acts_from: int = 0,
        is_given: bool = False,
    ) -> None:
        from lingua.backtest.run import execution_of, refuse_not_executed

        program = compiled.program
        refuse_not_executed(compiled, program)
        data = dict(data or {})
        _fit(program, traded, data)
        self.compiled = compiled
        self.program: Program = program
        self.sources: tuple[Source, ...] = (*traded, *data.values())
        self.execution = execution or execution_of(program, {})
        self.fill_share = self.execution.fill_share
        """What part of a bar's volume the program may take: of slices, also where a venue fills them."""
        self.capital = capital
        self.keeps_history = keeps_history
        self.names = tuple(source.symbol for source in self.sources)
        self.acts_from = acts_from
        self.is_given = is_given
        if is_given:
            self.execution = replace(
                self.execution, size_at="decision", fill_share=0.0, latency_bars=0, latency_s=0.0, detail=""
            )
        self.observer = observer
        self.first_ts = -1
        """The close of the first bar of all: equality is promised for the same one."""
        self.last_ts = -1
        """The last instant that was decided."""
        self.instants = 0
        self._symbols = len(traded)
        self._aliases = ("",) * len(traded) + tuple(data)
        self._unsplit = [1.0] * len(self.sources)
        self._last_factors = list(self._unsplit)
        self.alerts = AlertWatch(program, len(traded))
        self.signals = [
            output
            for output in program.outputs
            if output.role == "signal" and "." not in output.name and not output.node.uses_fills
        ]
        self.series = self._make_series(traded, data, watched)
        self.run = self._make_run(traded, data)
        self._detail = [_detail_of(self.execution, source) for source in self.sources]
        self.channels = tuple(self._list_channels())
        self._heap: list[tuple[int, int, int, Channel, ClosedBar]] = []
        self._arrived = 0
        self._last: dict[Channel, int] = {}
        self._fine: list[list[tuple[int, int, float, float, float, float, float]]] = [[] for _ in self.sources]
        self.entered: dict[int, int] = {}
        """When each open unit was entered, by its number."""
        self._passed = [0] * len(traded)
        self._sessions = [_Sessions(source.instrument.calendar) for source in self.sources]
        self.late = 0
        """Late bars taken since the last instant."""

    # --- bars in, decisions out ----------------------------------------------------------------------

    def push(self, channel: Channel, bar: ClosedBar) -> None:
        """Take a closed bar. Bars of one channel come in the order of their closes; a bar whose instant has been
        decided already is late: it still feeds the series. Raises ValueError for an unknown channel or a bar that goes
        back."""
        if channel not in self._last and channel not in self.channels:
            raise ValueError(f"no bars of {channel.symbol} {channel.timeframe} are read here")
        if bar.ts <= self._last.get(channel, -(2**63)) or bar.open_ts >= bar.ts:
            raise ValueError(f"{channel.symbol} {channel.timeframe}: a bar that ends at {bar.ts} is already there")
        self._last[channel] = bar.ts
        if self.first_ts < 0:
            self.first_ts = bar.ts
        self._arrived += 1
        heapq.heappush(self._heap, (bar.ts, self._rank(channel), self._arrived, channel, bar))

    def decide(self, until: int) -> Iterator[Decisions]:
        """Close every instant up to `until` (UTC ns): what arrived for it is taken in order (finer data, data symbols,
        traded symbols), fills happen, rules are evaluated. One `Decisions` for each instant at which a traded symbol
        has a bar."""
        for ts, closing in self._closing(until, has_account=True):
            if ts <= self.last_ts:
                self._take_late(closing)
            elif not self.run.machine.is_ruined:
                yield self._instant(ts, closing)
            else:
                self._take_series(closing)

    def relive(self, until: int) -> None:
        """As `decide`, for the series alone: no fill, no rule, nothing told. For bars whose decisions are known."""
        for ts, closing in self._closing(until, has_account=False):
            self.last_ts = max(self.last_ts, ts)
            self._take_series(closing)

    def last_of(self, channel: Channel) -> int:
        """The close of the last bar taken of a channel; -1 before the first."""
        return self._last.get(channel, -1)

    def _closing(self, until: int, *, has_account: bool) -> Iterator[tuple[int, dict[int, ClosedBar]]]:
        """The instants up to `until` at which traded symbols have bars, with these; all else is fed on the way."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            ts = heap[0][0]
            closing: dict[int, ClosedBar] = {}
            while heap and heap[0][0] == ts:
                _, _, _, channel, bar = heapq.heappop(heap)
                if channel.is_finer or channel.market >= self._symbols:
                    self._feed(channel, bar, has_account=has_account)
                else:
                    closing[channel.market] = bar
            if closing:
                yield ts, closing

    def give(self, report: Report) -> None:
        """What a venue executed, booked when the bar in which it happened closes. Raises ValueError for a report that
        can be of no execution."""
        self.run.give(report)

    def add_action(self, market: int, action: Action) -> None:
        """A split or dividend that has become known; before the first bar that closes after it."""
        source = self.sources[market]
        known = tuple(sorted((*source.actions, action), key=lambda each: each.ts))
        self.sources = (
            *self.sources[:market],
            Source(source.instrument, source.timeframe, source.finer, known),
            *self.sources[market + 1 :],
        )
        self.run.add_action(market, action)

    def value(self, symbol: int, node: Node) -> Any:
        """A series of a traded symbol as of its last bar, in the prices of that day."""
        return self.series[symbol].value(node, self._factors_for(symbol))

    def _factors_for(self, symbol: int) -> dict[str, float] | None:
        """Product of the splits up to the last bar of each source that a traded symbol reads; None without splits."""
        if self._last_factors == self._unsplit:
            return None
        own, others = self._last_factors[symbol], self._last_factors[self._symbols :]
        return {"": own, **dict(zip(self._aliases[self._symbols :], others, strict=True))}

    def registers(self, symbol: int) -> list[float]:
        """The register file of a traded symbol after its last bar (`SymbolSeries.decision` says what stands where)."""
        file: list[float] = self.run.decider.evaluators[symbol].file()
        return file

    @property
    def is_ready(self) -> bool:
        """Whether the rules of every traded symbol are live."""
        markets = self.run.book.markets
        # A plain loop: this is asked at every instant.
        for symbol, start in enumerate(self.run.decider.starts):  # noqa: SIM110
            if start > markets[symbol].bar:
                return False
        return True

    def snapshot(self) -> dict[str, Any]:
        """All that the next instant depends on, as JSON-able data; see `lingua.live.snapshot`."""
        from lingua.live.snapshot import take

        return take(self)

    def restore(self, snapshot: Mapping[str, Any], market: Market) -> None:
        """Stand where `snapshot` was taken, with the series derived from the recorded bars of `market`. Raises
        `lingua.live.snapshot.SnapshotError` when it does not belong to this run."""
        from lingua.live.snapshot import restore

        restore(self, snapshot, market)

    # --- one instant ---------------------------------------------------------------------------------

    def _instant(self, ts: int, closing: Mapping[int, ClosedBar]) -> Decisions:
        live: dict[int, LiveBar] = {}
        symbols = sorted(closing)
        for market in symbols:
            bar = closing[market]
            factor = self._take(market, bar)
            live[market] = self._live_bar(market, bar, factor)
        self.run.step(ts, live)
        self.last_ts = ts
        self.instants += 1
        decisions = told(self, ts, symbols)
        if not self.keeps_history:
            self.run.forget()
        return decisions

    def _take(self, market: int, bar: ClosedBar) -> float:
        """A bar of a traded symbol goes to its series; what has become known of its warm-up is noted."""
        series, decider = self.series[market], self.run.decider
        factor = self._last_factors[market] = self._factor(market, bar)
        series.push("", on_one_scale(bar, factor, self.sources[market].instrument))
        series.gap = series.gap + 1 if math.isnan(bar.close) else 0
        series.settle_states(decider.evaluators[market])
        ready, settled = series.readiness.ready, series.readiness.settled
        decider.settles[market] = NOT_YET if settled is None else settled
        start = NOT_YET if ready is None or bar.ts < self.acts_from else max(ready, self._passed[market])
        if bar.ts < self.acts_from:
            self._passed[market] += 1
        if self.execution.warmup == "settled":
            start = max(start, decider.settles[market])
        decider.starts[market] = start
        if self.observer is not None:
            self.observer(market)
        return factor

    def _take_series(self, closing: Mapping[int, ClosedBar]) -> None:
        for market, bar in sorted(closing.items()):
            self._take(market, bar)
            self._inside(market, bar)

    def _take_late(self, closing: Mapping[int, ClosedBar]) -> None:
        for market, bar in sorted(closing.items()):
            self._take(market, bar)
            self.run.take(market, self._live_bar(market, bar, None))
            self.late += 1

    def _feed(self, channel: Channel, bar: ClosedBar, *, has_account: bool) -> None:
        """Finer data, and bars of data symbols: every traded symbol may read them."""
        market, source = channel.market, self.sources[channel.market]
        factor = self._factor(market, bar)
        scaled = on_one_scale(bar, factor, source.instrument)
        finer = channel.timeframe if channel.is_finer else ""
        if finer and finer == self._detail[market]:
            self._keep_fine(market, bar)
        if not finer:
            self._last_factors[market] = factor
        readers = self.series if market >= self._symbols else [self.series[market]]
        for series in readers:
            series.push(self._aliases[market], scaled, finer)
        if finer or market < self._symbols or self.run.machine.is_ruined:
            return
        if has_account:
            self.run.take(market, self._live_bar(market, bar, None))
        else:
            self._inside(market, bar)

    def _live_bar(self, market: int, bar: ClosedBar, factor: float | None) -> LiveBar:
        columns = None if factor is None else self.series[market].values(self._factors_for(market))
        return LiveBar(
            bar.open_ts, bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, columns,
            self._sessions[market].date(bar.ts), bar.is_synthetic,
            self.series[market].gap if market < self._symbols else 0, self._inside(market, bar),
        )  # fmt: skip

    def _factor(self, market: int, bar: ClosedBar) -> float:
        return factor_at(self.sources[market].actions, bar.ts) if bar.factor is None else bar.factor

    # --- finer bars inside a bar ---------------------------------------------------------------------

    def _keep_fine(self, market: int, bar: ClosedBar) -> None:
        fine = self._fine[market]
        # A filled-in bar trades nothing, whatever volume it was given.
        volume = 0.0 if bar.is_synthetic else bar.volume
        fine.append((bar.open_ts, bar.ts, bar.open, bar.high, bar.low, bar.close, volume))
        reach = 2 * Timeframe.parse(self.sources[market].timeframe).seconds * 10**9
        while fine[0][0] < bar.ts - reach:
            del fine[0]

    def _inside(self, market: int, bar: ClosedBar) -> tuple[Any, ...]:
        fine = self._fine[market]
        if not fine:
            return ()
        inside = tuple(row for row in fine if row[0] >= bar.open_ts and row[1] <= bar.ts)
        self._fine[market] = [row for row in fine if row[1] > bar.ts]
        return inside

    # --- making --------------------------------------------------------------------------------------

    def _make_series(
        self, traded: Sequence[Source], data: Mapping[str, Source], watched: Sequence[Node]
    ) -> list[SymbolSeries]:
        params = {param.name: param.value for param in self.program.params}
        roots = decision_nodes(self.program)
        seen = [*watched, *(output.node for output in self.signals), *self.alerts.nodes]
        plain = [node for node in seen if not node.uses_fills]
        self._told = [node for node in watched if node.uses_fills]
        also = [*self._told, *(node for node in self.alerts.nodes if node.uses_fills)]
        others = {alias: SourceFacts(source.timeframe, source.instrument) for alias, source in data.items()}
        made = []
        for source in traded:
            sources = {"": SourceFacts(source.timeframe, source.instrument), **others}
            static = _statics(source, data, params)
            made.append(SymbolSeries(roots, also, plain, params, static, sources))
        return made

    def _make_run(self, traded: Sequence[Source], data: Mapping[str, Source]) -> Run:
        inputs = []
        for source, series in zip(traded, self.series, strict=True):
            bars, decision = _no_bars(source), series.decision
            detail = _detail_of(self.execution, source)
            inputs.append(
                SymbolInput(
                    bars=bars,
                    columns=np.empty((len(decision.series), 0)),
                    code=np.array(decision.code, dtype=np.int32).reshape(-1, 6),
                    registers=np.array(decision.initial, dtype=np.float64),
                    series_offset=decision.first_series,
                    ready=NOT_YET,
                    settled=NOT_YET,
                    detail=empty_like(bars, Timeframe.parse(detail)) if detail else None,
                )
            )
        legs = [LegInput(alias, _no_bars(source)) for alias, source in data.items()]
        return build(
            self.program, self.series[0].decision.slot_of, inputs, legs, self.execution, self.capital,
            is_given=self.is_given, watch=[self.series[0].decision.slot_of(node) for node in self._told],
        )  # fmt: skip

    def _list_channels(self) -> Iterator[Channel]:
        for market, source in enumerate(self.sources):
            wanted = {self._detail[market]} - {""}
            for series in self.series if market >= self._symbols else [self.series[market]]:
                wanted |= {c.timeframe for c in series.stream.finer_clocks() if c.source == self._aliases[market]}
            for finer in sorted(wanted & set(source.finer)):
                yield Channel(market, source.symbol, finer, is_finer=True)
            yield Channel(market, source.symbol, source.timeframe)

    def _rank(self, channel: Channel) -> int:
        """Order within an instant: data symbols as the series read them, traded symbols in source order; finer bars
        before those they belong to."""
        if channel.market >= self._symbols:
            place = self.series[0].stream.order.index(self._aliases[channel.market])
            return 2 * place + (not channel.is_finer)
        return 1_000_000 + (0 if channel.is_finer else 1 + channel.market)


class _Sessions:
    """The date of the session that each bar belongs to; one look-up for each day."""

    def __init__(self, calendar: str) -> None:
        self._calendar = calendar
        self._from = self._to = 0
        self._date = 0

    def date(self, ts: int) -> int:
        if self._calendar == "24x7":
            return (ts - 1) // DAY_NS
        if not self._from < ts <= self._to:
            table = sessions_between(ts, ts, self._calendar)
            at = int(np.searchsorted(table.closes, ts, side="left"))
            self._date, self._from, self._to = int(table.days[at]), int(table.closes[at - 1]), int(table.closes[at])
        return self._date


def _fit(program: Program, traded: Sequence[Source], data: Mapping[str, Source]) -> None:
    """Raises ValueError unless the sources are those that the program names."""
    if not traded:
        raise ValueError("at least one traded symbol is needed")
    wanted = [declared.alias for declared in program.data]
    if sorted(data) != sorted(wanted):
        raise ValueError(f"the program reads {', '.join(wanted) or 'no other data'}, not {', '.join(data) or 'none'}")
    lengths = {source.timeframe for source in traded}
    if len(lengths) > 1:
        raise ValueError(f"the traded symbols have bars of {' and '.join(sorted(lengths))}; one length is needed")


def _detail_of(execution: Execution, source: Source) -> str:
    """The timeframe of the finer bars that fills walk through; "" without."""
    return execution.detail if execution.detail in source.finer else ""


def _no_bars(source: Source) -> Bars:
    none, stamps = np.empty(0), np.empty(0, dtype=np.int64)
    return Bars(
        source.symbol, Timeframe.parse(source.timeframe), stamps, stamps, none, none, none, none, none,
        source.instrument, actions=source.actions,
    )  # fmt: skip


def _statics(source: Source, data: Mapping[str, Source], params: Mapping[str, Any]) -> Callable[[Node], Any]:
    """Values of constants and parameters, as the batch side gives them."""
    feeds = Feeds(_no_bars(source), {alias: _no_bars(each) for alias, each in data.items()}, {})
    return Batch(feeds, params).static
