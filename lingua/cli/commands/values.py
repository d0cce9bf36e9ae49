"""Write every indicator, let, state and signal of a strategy as CSV, a row for each bar.

Records become NAME.FIELD. Numbers have every digit; a missing value is an empty cell.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_incremental_argument, add_run_arguments, run_program

if TYPE_CHECKING:
    from lingua.backtest.result import Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    add_incremental_argument(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write here (default: the standard output)")


def run(options: argparse.Namespace) -> int:
    result = run_program(compile_or_fail(options), options)
    if options.output is None:
        print_values(result)
        return exits.FINE
    try:
        result.write_values(options.output)
    except OSError as problem:
        raise exits.UsageFailure(f"{options.output} cannot be written: {problem.strerror}") from problem
    if not options.quiet:
        print(f"values: {options.output}", file=sys.stderr)
    return exits.FINE


def print_values(result: Result) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "values.csv"
        result.write_values(file)
        with file.open(encoding="utf-8") as lines:
            sys.stdout.writelines(lines)
