"""Try a strategy in worlds that are not quite as the past was.

Its trades and sessions in other orders, trades missed, dearer and slower fills, noise on the prices, a later start:
bands instead of one curve, and how often ruin comes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.commands.optimize import count, whole
from lingua.cli.program import compile_or_fail
from lingua.cli.running import add_run_arguments, prepare, rate

if TYPE_CHECKING:
    from lingua.optimize.stress import Stress

TESTS = ("trades", "blocks", "skipped", "commission", "slippage", "delay", "noise", "start")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    how = parser.add_argument_group("stress")
    how.add_argument("--runs", metavar="N", type=count, default=1000, help="histories drawn (default: 1,000)")
    how.add_argument("--reruns", metavar="N", type=count, default=50, help="whole runs of a random test (default: 50)")
    how.add_argument("--seed", metavar="N", type=whole, default=0, help="makes the draw repeatable (default: 0)")
    how.add_argument("--ruin", metavar="SHARE", type=rate, default=0.5, help="loss that counts as ruin (default: 50%%)")
    how.add_argument("--block", metavar="N", type=count, help="sessions in a block on average (default: cube root)")
    how.add_argument(
        "--noise", metavar="SHARE", type=rate, default=0.25, help="of the usual change from bar to bar (default: 25%%)"
    )
    how.add_argument("--only", metavar="TEST", action="append", choices=TESTS, help=", ".join(TESTS))
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    output.add_argument("--report", metavar="FILE", help="write the report, an HTML file that opens offline")


def run(options: argparse.Namespace) -> int:
    from lingua.optimize.perturbed import World
    from lingua.optimize.stress import stress

    compiled = compile_or_fail(options)
    ready = prepare(compiled, options)
    found = stress(
        World(compiled, ready.market, ready.execution, ready.capital), runs=options.runs, reruns=options.reruns,
        seed=options.seed, ruin=options.ruin, block=options.block, noise=options.noise, only=options.only or TESTS,
        tell=teller(options),
    )  # fmt: skip
    if options.report:
        write_report(found, options)
    if options.json:
        print(json.dumps(found.to_dict(), allow_nan=False, ensure_ascii=False))
    elif not options.quiet:
        from lingua.optimize.stresspage import print_stress

        print_stress(found, no_color=options.no_color)
    return exits.FINE


def teller(options: argparse.Namespace) -> Callable[[str, int, int], None]:
    shown = sys.stderr.isatty() and not options.quiet and not options.json

    def tell(name: str, done: int, total: int) -> None:
        if shown:
            end = "" if done < total - 1 else "\r\x1b[K"
            sys.stderr.write(f"\r{done + 1}/{total} {name}\x1b[K{end}")
            sys.stderr.flush()

    return tell


def write_report(found: Stress, options: argparse.Namespace) -> None:
    from lingua.optimize.stresspage import write_stress_report

    try:
        write_stress_report(found, options.report)
    except OSError as problem:
        raise exits.UsageFailure(f"{options.report} cannot be written: {problem.strerror}") from problem
    if not options.quiet and not options.json:
        print(f"report: {options.report}", file=sys.stderr)
