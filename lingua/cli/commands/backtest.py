"""Run a strategy over past prices.

Bars come from --data, or from the lingua.toml beside the strategy or above it. Without options the summary is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_chunk_argument, add_incremental_argument, add_run_arguments, prepare, run_program

if TYPE_CHECKING:
    from lingua.backtest.envelope import Envelope
    from lingua.backtest.result import Result
    from lingua.compiler import Compiled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    add_incremental_argument(parser)
    add_chunk_argument(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="one JSON object instead of the summary")
    output.add_argument("--trades", metavar="FILE", help="write the trades as CSV")
    output.add_argument("--equity", metavar="FILE", help="write equity, cash, position and drawdown of each bar as CSV")
    output.add_argument("--report", metavar="FILE", help="write the report, an HTML file that opens offline")
    output.add_argument("--png", metavar="FILE", help="write a picture")
    output.add_argument("--envelope", action="store_true", help="also the worst and the best order of events in a bar")


def run(options: argparse.Namespace) -> int:
    compiled = compile_or_fail(options)
    result = run_program(compiled, options)
    both = both_ends(compiled, options) if options.envelope else None
    write_files(result, options)
    if options.json:
        print(as_json(result, both))
    elif not options.quiet:
        from lingua.report.terminal import print_summary

        print_summary(result, sys.stdout, program_file=options.file)
        if both is not None:
            print_envelope(both, options)
    return exits.FINE


def both_ends(compiled: Compiled, options: argparse.Namespace) -> Envelope:
    from lingua.backtest.envelope import envelope

    ready = prepare(compiled, options)
    return envelope(compiled, ready.market, ready.execution, ready.capital)


def as_json(result: Result, both: Envelope | None) -> str:
    if both is None:
        return result.to_json()
    ends = {"worst": both.worst.to_dict(), "best": both.best.to_dict()}
    return json.dumps({**result.to_dict(), "envelope": ends}, allow_nan=False, ensure_ascii=False)


def print_envelope(both: Envelope, options: argparse.Namespace) -> None:
    """The figures of both runs side by side. Two whole runs: an earlier fill changes what follows, so they are no
    bounds."""
    from lingua.cli.terminal import print_table

    rows = []
    for name, title, written in ENVELOPE_ROWS:
        cells = [run.metrics[name] for run in (both.worst, both.best)]
        rows.append([title, *("na" if cell != cell else written.format(cell) for cell in cells)])
    print("\nWhat the bars leave open: two whole runs, the worse and the better order of events inside a bar")
    print_table(["", "worst", "best"], rows, right=(1, 2), no_color=options.no_color)


ENVELOPE_ROWS = (
    ("trades", "trades", "{:,.0f}"),
    ("ambiguous_fills", "ambiguous fills", "{:,.0f}"),
    ("final_equity", "final equity", "{:,.2f}"),
    ("total_return", "total return", "{:.2%}"),
    ("max_drawdown", "drawdown", "{:.2%}"),
    ("sharpe", "Sharpe", "{:.2f}"),
)


def write_files(result: Result, options: argparse.Namespace) -> None:
    """What `--trades`, `--equity`, `--report` and `--png` ask for."""
    writers = {
        "trades": result.write_trades,
        "equity": result.write_equity,
        "report": result.report,
        "png": result.png,
    }
    for name, write in writers.items():
        path = getattr(options, name)
        if path is None:
            continue
        try:
            write(path)
        except (ImportError, ValueError) as problem:
            raise exits.UsageFailure(str(problem)) from problem
        except OSError as problem:
            raise exits.UsageFailure(f"{path} cannot be written: {problem.strerror}", near_folder(path)) from problem
        if not options.quiet and not options.json:
            print(f"{name}: {path}", file=sys.stderr)


def near_folder(path: str) -> str:
    folder = Path(path).parent
    return "" if folder.is_dir() else f"there is no folder {folder}"
