"""The options that every command that runs a strategy over bars has, and the run itself."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.program import STDIN, add_output_arguments, add_program_arguments, chosen_program, share_of

if TYPE_CHECKING:
    from lingua.backtest.result import Result
    from lingua.compiler import Compiled
    from lingua.data.market import Market
    from lingua.trading.execution import Execution


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    add_program_arguments(parser)
    add_market_arguments(parser)
    add_account_arguments(parser)
    add_output_arguments(parser)


def add_incremental_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--incremental", action="store_true", help="bar by bar, as the strategy runs live: the same answer, slower"
    )


def add_chunk_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chunk-bars", metavar="N", type=bars_at_once, dest="chunk",
        help="hold N bars at a time: the same answer (default: for Parquet and Arrow files of more than 20 million "
        "rows; 0: never)",
    )  # fmt: skip


def bars_at_once(text: str) -> int:
    value = number(text)
    if value is None or value < 0 or value != int(value):
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of bars; write for example 250_000")
    return int(value)


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    account = parser.add_argument_group("account and costs")
    account.add_argument("--capital", metavar="MONEY", type=money, help="what the run starts with (default: 100,000)")
    account.add_argument("--commission", metavar="RATE", type=rate, help="per side, such as 0.1%% or 10bp")
    account.add_argument("--slippage", metavar="RATE", type=rate, help="against you on market and stop fills")


def add_market_arguments(parser: argparse.ArgumentParser, *, replays: bool = False) -> None:
    """`replays`: the bars are asked for by name, so that nobody takes recorded ones for the market."""
    market = parser.add_argument_group("bars")
    if replays:
        market.add_argument(
            "--replay", metavar="FILE|DIR", dest="data", nargs="?", const="",
            help="recorded bars: a price file, or folder of them; without a name, those of lingua.toml",
        )  # fmt: skip
    else:
        market.add_argument("--data", metavar="FILE|DIR", help="price file, or folder of them (default: lingua.toml)")
    market.add_argument("--symbol", metavar="S", default="", help="trade this symbol instead")
    market.add_argument("--timeframe", metavar="T", default="", help="trade these bars instead, such as 1h")
    market.add_argument("--from", metavar="A", dest="start", help="leave out bars before this instant (ISO-8601)")
    market.add_argument("--to", metavar="B", dest="end", help="leave out bars after it")
    market.add_argument("--stamps", choices=("open", "close"), default="", help="what the stamps of the file mean")
    market.add_argument("--zone", metavar="ZONE", default="UTC", help="time zone of stamps that name none")
    market.add_argument(
        "--mend", metavar="METHOD", action="append", default=[],
        help="mend wrong bars: sort, first, last, drop, close, clip; may be repeated",
    )  # fmt: skip
    market.add_argument(
        "--actions", metavar="FILE", help="splits and dividends (default: SYMBOL.actions.csv beside the bars)"
    )
    market.add_argument("--allow-jumps", action="store_true", help="accept jumps of more than 40%% as real")


def money(text: str) -> float:
    value = number(text)
    if value is None or value <= 0:
        raise argparse.ArgumentTypeError(f"`{text}` is not an amount of money above zero; write for example 50_000")
    return value


def rate(text: str) -> float:
    share = share_of(text)
    value = number(text) if share is None else share
    if value is None or not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a rate; write for example 0.1% or 10bp")
    return value


def number(text: str) -> float | None:
    try:
        value = float(text.replace("_", "").replace(",", ""))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def market_options(options: argparse.Namespace) -> dict[str, Any]:
    """Of the options about bars, those of the run."""
    found = {
        "symbol": options.symbol,
        "timeframe": options.timeframe,
        "start": options.start,
        "end": options.end,
        "stamps": options.stamps,
        "zone": options.zone,
        "mend": tuple(name for given in options.mend for name in given.split(",") if name),
        "allow_jumps": options.allow_jumps,
        "actions": options.actions,
    }
    if options.timeframe:
        from lingua.data.timeframe import Timeframe

        try:
            Timeframe.parse(options.timeframe)
        except ValueError as problem:
            raise exits.UsageFailure(str(problem)) from problem
    return found


def run_options(options: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(options, name) for name in ("capital", "commission", "slippage")}
    return {**market_options(options), **{name: value for name, value in given.items() if value is not None}}


def run_program(compiled: Compiled, options: argparse.Namespace) -> Result:
    """The backtest that the options ask for. Raises DataError, CompileError."""
    from lingua.backtest.run import backtest

    incremental, chunk = getattr(options, "incremental", False), getattr(options, "chunk", None)
    if incremental and chunk:
        raise exits.UsageFailure("--incremental and --chunk-bars exclude each other: both give the same answer")
    shown = ProgressLine(is_shown=sys.stderr.isatty() and not getattr(options, "quiet", False))
    with shown:
        return backtest(
            compiled, options.data, incremental=incremental, chunk=chunk, progress=shown.tell, **run_options(options)
        )


class ProgressLine:
    """How far a run is, on one line of standard error, which is gone when the run is over. Only runs of more than a few
    seconds show it."""

    AFTER_S, EVERY_S = 2.0, 0.2

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._began = self._drawn = time.monotonic()
        self._is_drawn = False

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._is_shown or now - self._began < self.AFTER_S or now - self._drawn < self.EVERY_S:
            return
        self._drawn, self._is_drawn = now, True
        left = (now - self._began) * (total - done) / max(done, 1)
        sys.stderr.write(f"\r{done:,} of {total:,} bars, {left:,.0f} s left\x1b[K")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run is made of, for commands that need more of it than its result."""

    market: Market
    execution: Execution
    capital: float


def prepare(compiled: Compiled, options: argparse.Namespace) -> Prepared:
    """The bars and the execution options of a run. Raises DataError, CompileError."""
    from lingua.backtest.run import DEFAULT_CAPITAL, execution_of, refuse_not_executed
    from lingua.data.market import load_market

    program = chosen_program(compiled)
    refuse_not_executed(compiled, program)
    market = load_market(program, options.data, near=near(options.file), **market_options(options))
    rates = {name: getattr(options, name) for name in ("commission", "slippage")}
    execution = execution_of(program, {name: value for name, value in rates.items() if value is not None})
    return Prepared(market, execution, options.capital or DEFAULT_CAPITAL)


def near(file: str) -> Path | None:
    """Where the search for a project file begins: the strategy, or the current folder."""
    return None if file == STDIN else Path(file)
