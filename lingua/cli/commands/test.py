"""Run the tests written in strategy files.

Besides what a test expects, each one asserts that bars one by one give what they give at once, and that nothing changes
when later bars are taken away. A test that fails gives exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, compile_file, show
from lingua.cli.terminal import wants_colour

if TYPE_CHECKING:
    from lingua.backtest.testing import TestOutcome
    from lingua.syntax.source import Source, Span

GREEN, RED, RESET = "\x1b[32m", "\x1b[1;31m", "\x1b[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=".lingua files (`-` reads the standard input)")
    parser.add_argument("--only", metavar="TEXT", default="", help="the tests with this text in their title")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from lingua.backtest.testing import run_tests

    found: list[tuple[str, Source, TestOutcome]] = []
    is_broken = False
    for name in options.files:
        compiled = compile_file(name)
        if not compiled.ok:
            show((problem for problem in compiled.problems if problem.severity == "error"), options)
            is_broken = True
            continue
        for outcome in run_tests(compiled, options.only):
            found.append((name, compiled.source, outcome))
            if not options.json and not (options.quiet and outcome.passed):
                print("\n".join(lines(name, compiled.source, outcome, wants_colour(sys.stdout, options.no_color))))
    passed = sum(outcome.passed for _, _, outcome in found)
    if options.json:
        report = {"ok": passed == len(found) and not is_broken, "tests": [data(*each) for each in found]}
        print(json.dumps(report, ensure_ascii=False))
    elif not options.quiet:
        failed = len(found) - passed
        if found:
            print(f"{passed} passed" + (f", {failed} failed" if failed else ""))
        elif not is_broken:
            print("there are no tests to run")
    return exits.FINE if passed == len(found) and not is_broken else exits.WRONG


def lines(name: str, source: Source, outcome: TestOutcome, colour: bool) -> list[str]:
    """One line for a test that passed; for one that failed also what was expected and what was found."""
    word, style = ("ok  ", GREEN) if outcome.passed else ("FAIL", RED)
    mark = f"{style}{word}{RESET}" if colour else word
    shown = [f"{mark} {outcome.strategy}: {outcome.title}"]
    for miss in outcome.misses:
        line, column = source.position(miss.span.start)
        shown += [f"     {name}:{line}:{column}: {miss.expectation}", f"       {miss.found}"]
    line, _ = source.position(outcome.span.start)
    if outcome.problem:
        shown.append(f"     {name}:{line}: it could not run: {outcome.problem}")
    for law in outcome.broken_laws:
        shown.append(f"     a law of Lingua itself is broken, which is no fault of the strategy: {law}")
    return shown


def data(name: str, source: Source, outcome: TestOutcome) -> dict[str, Any]:
    return {
        "file": name,
        "title": outcome.title,
        "strategy": outcome.strategy,
        "passed": outcome.passed,
        **place(source, outcome.span),
        "bars": outcome.bars,
        "expectations": outcome.expectations,
        "misses": [
            {**place(source, miss.span), "expectation": miss.expectation, "found": miss.found}
            for miss in outcome.misses
        ],
        "broken_laws": list(outcome.broken_laws),
        "problem": outcome.problem,
        "elapsed_s": outcome.elapsed_s,
    }


def place(source: Source, span: Span) -> dict[str, int]:
    line, column = source.position(span.start)
    return {"line": line, "column": column}
