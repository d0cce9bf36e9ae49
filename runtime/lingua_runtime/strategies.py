"""From an artefact to a strategy that waits for its first bar: its sources, its costs, the history it warms up on."""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path
from typing import Any

from lingua.backtest.run import DEFAULT_CAPITAL, execution_of, refuse_not_executed
from lingua.cli.facts import static
from lingua.compiler import Compiled, CompileError, compile_path
from lingua.data.bars import Action
from lingua.data.timeframe import Timeframe
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.program import Program
from lingua.ir.warmup import NEVER, budget, by_length
from lingua.live.bars import Channel, ClosedBar, Source
from lingua.live.replay import closed_bars
from lingua.live.strategy import LiveStrategy
from lingua.trading.instrument import Instrument
from lingua_runtime.ports import Listing, MarketData, NotFound
from lingua_runtime.risk import LEAST

PROFILE_DAYS = 20
"""History for an order that follows the usual volume: as many days as `lingua.trading.market` makes a mean of."""
ANCHORED_BARS = 5_000
"""History for what never settles: as much as this, and the anchor is written down."""


class NotDeployable(ValueError):
    """The artefact or its options are wrong; the text can be shown."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deployment is made of beside its program; plain data, written down once and the same for ever.

    `acts_from`: rules are live from bars that close then or later. `listings` in the order of the sources (traded
    symbols, then data symbols); `execution` are options over those of the program."""

    symbols: tuple[str, ...]
    timeframe: str
    capital: float = DEFAULT_CAPITAL
    acts_from: int = 0
    execution: Mapping[str, Any] = field(default_factory=dict)
    listings: tuple[Listing, ...] = ()

    def to_data(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Terms:
        listings = []
        for each in data["listings"]:
            actions = tuple(Action(**action) for action in each["actions"])
            listings.append(Listing(**{**each, "instrument": Instrument(**each["instrument"]), "actions": actions}))
        return cls(
            tuple(data["symbols"]), data["timeframe"], float(data["capital"]), int(data["acts_from"]),
            dict(data["execution"]), tuple(listings),
        )  # fmt: skip


def compile_bytes(artefact: bytes, values: Mapping[str, Any] | None = None, strategy: str = "") -> Compiled:
    """The program of an artefact, or of a program's text. Raises NotDeployable."""
    is_artefact = artefact.lstrip()[:1] == b"{"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("strategy.lgx" if is_artefact else "strategy.lingua")
        path.write_bytes(artefact)
        compiled = compile_path(path, overrides=dict(values or {}), strategy=strategy)
    if not compiled.ok:
        from lingua.diagnostics.render import render

        raise NotDeployable("\n".join(render(problem) for problem in compiled.problems if problem.severity == "error")
                            or "the artefact has errors")  # fmt: skip
    if len(compiled.programs) != 1:
        raise NotDeployable("the artefact holds not one strategy; build it with `--strategy NAME`")
    try:
        refuse_not_executed(compiled, compiled.program)
    except CompileError as problem:
        raise NotDeployable(str(problem)) from None
    return compiled


async def find_terms(compiled: Compiled, market: MarketData, options: Mapping[str, Any], acts_from: int) -> Terms:
    """The instruments as the venue lists them now. Raises NotDeployable."""
    program = compiled.program
    symbols = tuple(options.get("symbols") or program.symbols)
    timeframe = str(options.get("timeframe") or program.timeframe)
    if not symbols:
        raise NotDeployable(f"{program.name} names no symbol: say which with `--symbol S`")
    if not timeframe:
        raise NotDeployable(f"{program.name} names no timeframe: say which with `--timeframe T`")
    listings = []
    for symbol in (*symbols, *(declared.symbol for declared in program.data)):
        try:
            listings.append(await market.listing(symbol))
        except NotFound:
            raise NotDeployable(f"the venue does not list {symbol}") from None
    quotes = {listing.quote for listing in listings[: len(symbols)]}
    if len(quotes) > 1:
        raise NotDeployable(f"what is traded is paid in {' and '.join(sorted(quotes))}; one account has one currency")
    given = {name: options[name] for name in ("commission", "slippage") if options.get(name) is not None}
    capital = float(options.get("capital") or DEFAULT_CAPITAL)
    if not (math.isfinite(capital) and capital > 0):
        raise NotDeployable("the capital is an amount of money above zero")
    return Terms(symbols, timeframe, capital, acts_from, given, tuple(listings))


def make_live(compiled: Compiled, terms: Terms, *, is_given: bool) -> LiveStrategy:
    """Raises NotDeployable."""
    program = compiled.program
    traded = [_source(program, each, terms.timeframe, "") for each in terms.listings[: len(terms.symbols)]]
    data = {
        declared.alias: _source(program, listing, declared.timeframe or terms.timeframe, declared.alias)
        for declared, listing in zip(program.data, terms.listings[len(terms.symbols) :], strict=True)
    }
    try:
        execution = execution_of(program, terms.execution)
        return LiveStrategy(
            compiled, traded, data, execution=execution, capital=terms.capital, acts_from=terms.acts_from,
            is_given=is_given,
        )  # fmt: skip
    except ValueError as problem:
        raise NotDeployable(str(problem)) from None


def _source(program: Program, listing: Listing, timeframe: str, alias: str) -> Source:
    """Finer bars are those that something reads, or that fills walk through."""
    roots = [*decision_nodes(program), *(output.node for output in program.outputs)]
    wanted = {n.clock.timeframe for n in reachable(roots) if n.clock.timeframe and n.clock.source == alias}
    detail = str(dict(program.execution.options).get("detail", ""))
    if detail and not alias:
        wanted.add(detail)
    length = Timeframe.parse(timeframe).seconds
    finer = tuple(sorted(each for each in wanted if Timeframe.parse(each).seconds < length))
    return Source(listing.instrument, timeframe, finer, tuple(sorted(listing.actions, key=lambda a: a.ts)))


def history_bars(compiled: Compiled, terms: Terms) -> int:
    """Base bars that must be fed before the first decision: until the first bar no longer matters."""
    program = compiled.program
    timeframes = {declared.alias: declared.timeframe or terms.timeframe for declared in program.data}
    convert = by_length(Timeframe.parse(terms.timeframe), lambda source: timeframes.get(source, terms.timeframe))
    found = budget(decision_nodes(program), lambda node: static(node, program), convert)
    bars = int(found.lookback) + ANCHORED_BARS if found.settled == NEVER else int(found.settled) + 1
    # So many that the limits of an account can judge its first order.
    bars = max(bars, LEAST + 2)
    if _spreads_by_volume(program):
        bars = max(bars, PROFILE_DAYS * 86_400 // Timeframe.parse(terms.timeframe).seconds)
    return bars


def _spreads_by_volume(program: Program) -> bool:
    groups = [group for rule in program.rules for group in (rule.group, rule.otherwise) if group is not None]
    return any(action.order.kind == "vwap" for group in groups for action in group.actions)


async def history(live: LiveStrategy, market: MarketData, bars: int, until: int) -> list[tuple[Channel, ClosedBar]]:
    """The bars of every channel that close by `until`, `bars` base bars back, in the order of closes."""
    base = Timeframe.parse(live.sources[0].timeframe).seconds
    calendar = live.sources[0].instrument.calendar
    # Markets that close are open for at least a sixth of the time; more bars than asked for do no harm.
    start = until - int(bars * base * (1.0 if calendar == "24x7" else 6.0) + 3 * 86_400 * (calendar != "24x7")) * 10**9
    return list(arriving(live, {c: await market.bars(c.symbol, c.timeframe, start, until) for c in live.channels}))


def arriving(live: LiveStrategy, bars: Mapping[Channel, Any]) -> Iterator[tuple[Channel, ClosedBar]]:
    """Bars of channels in the order of their closes."""
    queues = [[(channel, bar) for bar in closed_bars(bars[channel])] for channel in live.channels]
    yield from merge(*queues, key=lambda item: item[1].ts)
