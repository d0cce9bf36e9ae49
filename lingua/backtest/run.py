"""Run a compiled strategy over bars: find the data, compute the series, walk the order/fill step, gather the result."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends.blocks import BLOCK
from lingua.backtest.bind import Ahead, Bound, OutputColumns, bind, fill_columns, on_the_day, shown_fills
from lingua.backtest.result import Plot, Result
from lingua.compiler import Compiled, CompileError
from lingua.data.bars import Bars
from lingua.data.calendars import session_of, sessions_per_year
from lingua.data.finder import GivenActions
from lingua.data.market import Market, load_market
from lingua.ir.nodes import Node
from lingua.ir.program import Program
from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput

if TYPE_CHECKING:
    from lingua.backtest.pieced import PiecedResult
    from lingua.data.pieces import Pieces
    from lingua.live.observed import Observed
    from lingua.trading.records import Ledger

DEFAULT_CAPITAL = 100_000.0
HANDED_OVER = 4
"""Blocks of bars that one thread hands to the other at a time."""
Progress = Callable[[int, int], None]
OPTIONS = frozenset(field.name for field in dataclasses.fields(Execution))


def backtest(
    compiled: Compiled,
    data: Any = None,
    *,
    symbol: str = "",
    timeframe: str = "",
    start: str | None = None,
    end: str | None = None,
    capital: float = DEFAULT_CAPITAL,
    commission: float | None = None,
    slippage: float | None = None,
    execution: Mapping[str, Any] | None = None,
    stamps: str = "",
    zone: str = "UTC",
    mend: Sequence[str] = (),
    allow_jumps: bool = False,
    actions: GivenActions | Mapping[str, GivenActions] | None = None,
    incremental: bool = False,
    chunk: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Result:
    """Backtest the only strategy of `compiled`.

    Args:
        data: a CSV, Parquet or Feather file, a folder of them, a pandas or Polars frame, or a mapping from symbol to
            any of these. None: the project file `lingua.toml` near the strategy says where the bars are.
        symbol, timeframe: instead of what the `trade` line says.
        start, end: ISO times that bound the bars.
        capital: starting cash, in the quote currency.
        commission, slippage: shares of notional and of price per side (0.001 is 0.1 %), over the program's own.
        execution: further options of `lingua.trading.execution.Execution`.
        stamps: "open" or "close", what the stamps of the data mean; zone: of stamps without an offset.
        mend: names of mends for wrong bars (`lingua.data.checks.MENDS`); without, wrong bars are refused.
        allow_jumps: accept a stock's overnight moves of more than 40 %.
        actions: splits and dividends: an actions file, what it holds, or a mapping from symbol to these. None: the file
            `SYMBOL.actions.csv` beside the bars.
        incremental: feed bar after bar to the live evaluator instead of computing columns; the same answer, slower.
        threads: 2 makes the columns of one symbol in a thread of their own while the bars before are walked; the same
            answer. Worth it from a few hundred thousand bars on.
        chunk: bars of a piece: the run holds so many at a time, with the same answer (see `lingua.backtest.pieced`). 0:
            all in memory. None: pieces where a Parquet or Arrow file has more than 20 million rows.
        progress: called with (bars done, bars in all).

    Raises:
        CompileError: the program has errors, or uses what a backtest does not run.
        DataError: bars are missing or wrong, or prices are in different currencies.
        ValueError: a number makes no sense (capital, commission, threads).
    """
    began = time.perf_counter()
    program = compiled.program
    refuse_not_executed(compiled, program)
    near = Path(compiled.source.name) if compiled.source.name.endswith((".lingua", ".lgx")) else None
    if chunk is not None and chunk < 0:
        raise ValueError(f"a piece has one bar or more, not {chunk}")
    told: dict[str, Any] = {
        "near": near, "symbol": symbol, "timeframe": timeframe, "start": start, "end": end, "stamps": stamps,
        "zone": zone, "mend": mend, "allow_jumps": allow_jumps, "actions": actions,
    }  # fmt: skip
    source = None if incremental else pieces_of(program, data, chunk, told)
    market = None if source is not None else load_market(program, data, **told)
    given = dict(execution or {})
    if commission is not None:
        given["commission"] = commission
    if slippage is not None:
        given["slippage"] = slippage
    options = execution_of(program, given)
    if market is None:
        assert source is not None
        return run_pieces(compiled, program, source, options, capital, progress=progress, began=began)
    return run_market(
        compiled, program, market, options, capital, incremental=incremental, threads=threads, progress=progress,
        began=began,
    )  # fmt: skip


def pieces_of(program: Program, data: Any, chunk: int | None, told: Mapping[str, Any]) -> Pieces | None:
    """The bars in pieces of `chunk` where that is wanted (see `backtest`); None: they are to be loaded as a whole.
    `told` are arguments of `load_market`."""
    from lingua.data.columnar import NotInPieces
    from lingua.data.filepieces import PIECE, FilePieces, is_large

    if chunk == 0 or (chunk is None and not is_large(data)):
        return None
    if not (data is None or isinstance(data, str | os.PathLike)):
        from lingua.data.pieces import every_so_many

        return every_so_many(load_market(program, data, **told), chunk or PIECE)
    try:
        return FilePieces(program, data, **told, rows=chunk or PIECE)
    except NotInPieces:
        if chunk is None:
            return None
        raise


def run_market(
    compiled: Compiled,
    program: Program,
    market: Market,
    options: Execution,
    capital: float,
    *,
    incremental: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
    began: float | None = None,
) -> Result:
    """Backtest over bars that are already loaded."""
    began = time.perf_counter() if began is None else began
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if incremental:
        from lingua.live.observed import observe

        shown = [*(output.node for output in program.outputs), *(plot.node for plot in program.plots)]
        seen, ledger = observe(compiled, market, options, capital, shown, progress)
        return gather(compiled, program, market, seen, ledger, options, capital, time.perf_counter() - began)
    fills = shown_fills(program)
    bound, legs = bind(program, market, also=fills, ahead=threads > 1)
    watch = [bound[0].decision.slot_of(node) for node in fills]
    run = build_run(program, bound, legs, options, capital, watch=watch)
    ahead = bound[0].ahead
    ledger = run.run(progress) if ahead is None else run_behind(run, ahead, progress)
    for number, each in enumerate(bound if fills else ()):
        each.fills = fill_columns(fills, run.watched(number), len(each.bars))
    return gather(compiled, program, market, bound, ledger, options, capital, time.perf_counter() - began)


def run_behind(run: Any, ahead: Ahead, progress: Progress | None) -> Any:
    """Walk some blocks of bars as soon as a second thread has made their columns. A trade that is open where they end
    is walked to there by the general step, so they are not handed over one by one."""
    from concurrent.futures import ThreadPoolExecutor

    size = ahead.filling.size
    ends = [*range(HANDED_OVER * BLOCK, size, HANDED_OVER * BLOCK), size]
    with ThreadPoolExecutor(1, thread_name_prefix="columns") as pool:
        for end, made in [(end, pool.submit(ahead.go_on, end)) for end in ends]:
            made.result()
            run.machine.run(end)
            if progress is not None:
                progress(end, size)
    return run.ledger()


def run_pieces(
    compiled: Compiled,
    program: Program,
    source: Pieces,
    options: Execution,
    capital: float,
    *,
    progress: Progress | None = None,
    began: float | None = None,
) -> PiecedResult:
    """Backtest over bars that are read piece after piece: the answer of `run_market`, in memory that does not grow with
    the bars (see `lingua.backtest.pieced`). Raises ValueError where there is no bar."""
    from lingua.backtest.pieced import PiecedLedger, PiecedResult, Telling
    from lingua.backtest.piecewise import PieceRun

    began = time.perf_counter() if began is None else began
    run = PieceRun(program, source, options, capital)
    telling = Telling(run, source, capital, options)
    total = max((head.count for head in source.traded), default=0)
    for told in run.pieces():
        telling.take(told)
        if progress is not None:
            progress(min(told.first + len(told.clock), total), total)
    heads = (*source.traded, *source.data.values())
    bars = tuple(head.bars for head in heads)
    first = bars[0]
    result = PiecedResult(
        program=program, strategy=program.name, fingerprint=compiled.fingerprint,
        symbols=tuple(head.bars.symbol for head in source.traded), timeframe=str(first.timeframe), bars=bars,
        ledger=PiecedLedger(telling, run, lambda: result.curve_columns()), series=[], capital=capital,
        execution=options, instruments=tuple(each.instrument for each in bars), ready=run.ready, settled=run.settled,
        anchor_ts=min((head.first[1] for head in source.traded if head.first is not None), default=0),
        elapsed_s=time.perf_counter() - began, sessions_per_year=sessions_per_year(first.instrument.calendar),
        notes=(*source.notes, *tickless(options, bars)),
        parameters={param.name: param.value for param in program.params}, source=compiled.source.text,
        telling=telling, pieces=source, curves=(telling.curve.close(), telling.hold.close()),
    )  # fmt: skip
    return result


def build_run(
    program: Program, bound: Sequence[Bound], legs: Sequence[LegInput], options: Execution, capital: float, **how: Any
) -> Any:
    """The order/fill step, standing before its first bar."""
    from lingua.trading.setup import build

    return build(program, bound[0].decision.slot_of, [each.input for each in bound], legs, options, capital, **how)


def execution_of(program: Program, given: Mapping[str, Any]) -> Execution:
    """The program's execution block with presets and profile filled in; `given` wins over it. Raises ValueError."""
    try:
        question = ("execution", program.execution.options, *sorted(given.items()))
        return program.asked.once(question, lambda _: None, lambda _: _execution_of(program, given))
    except TypeError:  # an option that is a list, say, cannot be kept in mind
        return _execution_of(program, given)


def _execution_of(program: Program, given: Mapping[str, Any]) -> Execution:
    from lingua.trading.profiles import resolve

    values: dict[str, Any] = {**dict(program.execution.options), **given}
    for name in ("commission", "slippage"):
        value = values.get(name)
        if value is not None and not 0.0 <= float(value) < 1.0:
            raise ValueError(f"{name} is a share of the price, such as 0.001 for 0.1 %, not {value}")
    unknown = sorted(set(values) - OPTIONS)
    if unknown:
        raise ValueError(f"no execution option is called {', '.join(unknown)}")
    return resolve(Execution(**{**values, "is_given": frozenset(values)}))


def refuse_not_executed(compiled: Compiled, program: Program) -> None:
    """Raises CompileError for what is checked but not run yet (universe, portfolio, extern)."""
    if program.not_executed:
        from lingua.semantics.refusals import refusals

        raise CompileError(refusals(program, compiled.source))


def stories_of(compiled: Compiled, market: Market, options: Execution, capital: float, ledger: Ledger) -> Any:
    """What stands behind each trade, told when it is asked for."""
    from lingua.backtest.stories import TradeStories

    return TradeStories(compiled, market, options, capital, ledger)


def tickless(options: Execution, bars: Sequence[Bars]) -> list[str]:
    """What slippage in ticks leaves out: an instrument without a tick has none."""
    names = [each.symbol for each in bars if options.slippage_ticks and each.instrument.tick <= 0.0]
    if not names:
        return []
    return [
        f"slippage is given in ticks, and {' and '.join(dict.fromkeys(names))} has no tick: NO SLIPPAGE there; "
        "write `tick = 0.01` into its record in lingua.toml, or give a share of the price"
    ]


def _drawn(each: Bound | Observed, node: Node, market: Market) -> NDArray[Any]:
    """A plotted column in the scale of the day; what reads fills is in that scale already."""
    return each.column(node) if node.uses_fills else on_the_day([node], each.column, each.bars, market.data)[0]


def _sessions(bound: Sequence[Bound | Observed], ledger: Any, calendar: str) -> NDArray[np.int64]:
    """The session of each instant of the ledger; that of each bar where these are the instants."""
    only = bound[0] if len(bound) == 1 else None
    if isinstance(only, Bound) and only.input.sessions is not None and len(only.input.sessions) == len(ledger.clock):
        return only.input.sessions
    return session_of(np.asarray(ledger.clock, dtype=np.int64), calendar)


def gather(
    compiled: Compiled,
    program: Program,
    market: Market,
    bound: Sequence[Bound | Observed],
    ledger: Any,
    options: Execution,
    capital: float,
    elapsed_s: float,
    *,
    is_named: bool = True,
) -> Result:
    """What a reader asks of a run. `is_named`: with the fingerprint of the program, which takes longer than a short run
    to find."""
    bars = (*(each.bars for each in bound), *market.data.values())
    first = bound[0].bars
    calendar = first.instrument.calendar
    plots = tuple(
        Plot(plot.title, plot.pane or "price", _drawn(each, plot.node, market), number)
        for number, each in enumerate(bound)
        for plot in program.plots
    )
    return Result(
        program=program,
        strategy=program.name,
        fingerprint=compiled.fingerprint if is_named else "",
        symbols=tuple(each.bars.symbol for each in bound),
        timeframe=str(first.timeframe),
        bars=bars,
        ledger=ledger,
        series=[OutputColumns(program, each, each.bars, market.data) for each in bound],
        capital=capital,
        execution=options,
        instruments=tuple(each.instrument for each in bars),
        ready=tuple(each.ready for each in bound),
        settled=tuple(len(each.bars) if each.settled is None else each.settled for each in bound),
        # A symbol that is not listed yet has no first bar.
        anchor_ts=min((int(each.bars.ts[0]) for each in bound if len(each.bars)), default=0),
        elapsed_s=elapsed_s,
        sessions=_sessions(bound, ledger, calendar),
        sessions_per_year=sessions_per_year(calendar),
        notes=(*market.notes, *tickless(options, bars)),
        parameters={param.name: param.value for param in program.params},
        plots=plots or None,
        source=compiled.source.text,
        explanations=stories_of(compiled, market, options, capital, ledger),
    )
