"""What runs beside the server, in a process of its own: checks of whole files, backtests, tests.

`python -m lingua_lsp.jobs` reads requests from its standard input and writes answers to its standard output, each a
pickle after its length. It ends when its input does, so it never outlives the server.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from lingua_lsp import charts
from lingua_lsp.figures import figures, refused
from lingua_lsp.texts import compiled_text

LENGTH = struct.Struct("<Q")
Report = Callable[[int, int], None]


def check(report: Report, text: str, name: str, path: str | None, open_texts: Mapping[str, str]) -> Any:
    """All diagnostics of a text."""
    from lingua.analysis.checks import check as check_text
    from lingua.syntax.source import Source

    return check_text(Source(name, text), Path(path) if path else None, open_texts)


def backtest(
    report: Report, text: str, path: str | None, strategy: str, open_texts: Mapping[str, str], options: dict[str, Any]
) -> dict[str, Any]:
    """Run a strategy; its figures as plain data. What the user can mend comes back as `problem`."""
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError

    compiled = compiled_text(text, path, strategy, open_texts)
    try:
        result = compiled.backtest(options.pop("data", None), progress=report, **options)
        return figures(result)
    except (CompileError, DataError, ValueError, OSError) as problem:
        return refused(problem)


def tests(report: Report, text: str, path: str | None, only: str, open_texts: Mapping[str, str]) -> dict[str, Any]:
    """Run the tests of a text whose title contains `only`."""
    from lingua.backtest.testing import run_tests

    compiled = compiled_text(text, path, "", open_texts)
    if not compiled.ok:
        first = next(each for each in compiled.problems if each.severity == "error")
        return {"problem": f"it does not compile: {first.message}"}
    return {
        "tests": [
            {
                "title": outcome.title,
                "strategy": outcome.strategy,
                "passed": outcome.passed,
                "start": outcome.span.start,
                "elapsed_s": outcome.elapsed_s,
                "misses": [
                    {"start": miss.span.start, "end": miss.span.end, "found": miss.found} for miss in outcome.misses
                ],
                "problem": outcome.problem or "; ".join(outcome.broken_laws),
            }
            for outcome in run_tests(compiled, only)
        ]
    }


def test_from_bar(
    report: Report, text: str, path: str | None, strategy: str, rule: str, bar: int | None,
    open_texts: Mapping[str, str], options: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """A test block of the bars up to one on which a rule acted; it is run, and given only if it passes."""
    from lingua.analysis.refactors import test_block
    from lingua.backtest.testing import run_tests
    from lingua.backtest.times import iso
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError

    try:
        result = compiled_text(text, path, strategy, open_texts).backtest(
            options.pop("data", None), progress=report, **options
        )
    except (CompileError, DataError, ValueError, OSError) as problem:
        return refused(problem)
    fired = [int(at) for at in result.ledger.fired.get(rule, ())]
    bars = result.bars[0]
    if len(result.symbols) != 1:
        return {"problem": "a test is written from the bars of one symbol, and this strategy trades several"}
    if not fired or (bar is not None and bar not in fired):
        where = f"bar {bar}" if bar is not None else "any bar"
        return {"problem": f"`{rule}` did not act on {where} of the loaded data"}
    last = bar if bar is not None else fired[-1]
    for count in (result.ready[0] + 2, MOST_BARS):
        first = max(last - min(count, MOST_BARS) + 1, 0)
        given = {
            name: [float(value) for value in getattr(bars, name)[first : last + 1]]
            for name in ("open", "high", "low", "close", "volume")
        }
        block = test_block(strategy, rule, given, f"{rule} acts on {iso(int(bars.ts[last]))}")
        outcomes = run_tests(compiled_text(f"{text}\n\n{block}", path, "", open_texts), f"{rule} acts on")
        if outcomes and outcomes[-1].passed:
            return {"test": block}
    return {"problem": f"`{rule}` needs more than {MOST_BARS} bars before it; write the test by hand"}


MOST_BARS = 400
"""Bars that are written into a test."""

JOBS: dict[str, Callable[..., Any]] = {
    "check": check, "backtest": backtest, "chart": charts.chart, "tests": tests, "test_from_bar": test_from_bar,
    "explain": charts.explain,
}  # fmt: skip


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""

    def say(kind: str, value: Any) -> None:
        body = pickle.dumps((kind, value))
        answers.write(LENGTH.pack(len(body)) + body)
        answers.flush()

    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        name, arguments = pickle.loads(requests.read(LENGTH.unpack(head)[0]))
        try:
            say("done", JOBS[name](lambda done, total: say("progress", (done, total)), *arguments))
        except Exception as fault:
            traceback.print_exc()
            say("failed", f"{type(fault).__name__}: {fault}")


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    serve(requests, answers)


if __name__ == "__main__":
    main()
