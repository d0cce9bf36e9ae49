"""Run a strategy over past prices.

Bars come from --data, or from the lingua.toml beside the strategy or above it. Without options the summary is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_run_arguments, run_program

if TYPE_CHECKING:
    from lingua.backtest.result import Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="one JSON object instead of the summary")
    output.add_argument("--trades", metavar="FILE", help="write the trades as CSV")
    output.add_argument("--equity", metavar="FILE", help="write equity, cash, position and drawdown of each bar as CSV")
    output.add_argument("--report", metavar="FILE", help="write the report, an HTML file that opens offline")
    output.add_argument("--png", metavar="FILE", help="write a picture (needs the extra `charts`)")
    output.add_argument("--envelope", action="store_true", help="also the worst and the best order of events in a bar")


def run(options: argparse.Namespace) -> int:
    compiled = compile_or_fail(options)
    result = run_program(compiled, options)
    write_files(result, options)
    if options.json:
        print(result.to_json())
    elif not options.quiet:
        from lingua.report.terminal import print_summary

        print_summary(result, sys.stdout, program_file=options.file)
    return exits.FINE


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
        except ImportError as problem:
            raise exits.UsageFailure(str(problem)) from problem
        except OSError as problem:
            raise exits.UsageFailure(f"{path} cannot be written: {problem.strerror}", near_folder(path)) from problem
        if not options.quiet and not options.json:
            print(f"{name}: {path}", file=sys.stderr)


def near_folder(path: str) -> str:
    folder = Path(path).parent
    return "" if folder.is_dir() else f"there is no folder {folder}"
