"""What runs beside the server, in a process of its own: checks of whole files, backtests, tests.

`python -m lingua_lsp.jobs` reads requests from its standard input and writes answers to its standard output, each a
pickle after its length. It ends when its input does, so it never outlives the server.
"""

from __future__ import annotations

import math
import os
import pickle
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct("<Q")
Report = Callable[[int, int], None]
CURVE = 24
"""Places of the equity curve in one line."""


def check(report: Report, text: str, name: str, path: str | None, open_texts: Mapping[str, str]) -> Any:
    """All diagnostics of a text."""
    from lingua.analysis.checks import check as check_text
    from lingua.syntax.source import Source

    return check_text(Source(name, text), Path(path) if path else None, open_texts)


def _compiled(text: str, path: str | None, strategy: str, open_texts: Mapping[str, str]) -> Any:
    from lingua.analysis.library import OpenLibrary
    from lingua.compiler import compile_source
    from lingua.syntax.source import Source

    place = Path(path) if path else None
    library = OpenLibrary(place, lambda each: open_texts.get(str(each)))
    return compile_source(Source(path or "untitled", text), strategy=strategy, path=place, library=library)


def backtest(
    report: Report, text: str, path: str | None, strategy: str, open_texts: Mapping[str, str], options: dict[str, Any]
) -> dict[str, Any]:
    """Run a strategy; its figures as plain data. What the user can mend comes back as `problem`."""
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError

    compiled = _compiled(text, path, strategy, open_texts)
    try:
        result = compiled.backtest(options.pop("data", None), progress=report, **options)
        return _figures(result)
    except CompileError as problem:
        errors = [each for each in problem.problems if each.severity == "error"]
        first = errors[0].message if errors else str(problem)
        return {"problem": f"it does not compile: {first}"}
    except (DataError, ValueError, OSError) as problem:
        return {"problem": str(problem)}


def _figures(result: Any) -> dict[str, Any]:
    import numpy as np

    from lingua.report.sparkline import sparkline

    rules = result.rules
    figures = {
        name: None if not math.isfinite(value) else float(value)
        for name, value in ((each, result.metrics[each]) for each in ("total_return", "sharpe", "max_drawdown"))
    }
    curve = np.asarray(result.curve.values, dtype=np.float64)[result.curve.start :]
    names, fired = list(rules["rule"]), [int(count) for count in rules["fired"]]
    return {
        "strategy": result.strategy,
        "bars": len(result.clock),
        **figures,
        "trades": int(result.metrics["trades"]),
        "curve": sparkline(curve, CURVE),
        "fired": dict(zip(names, fired, strict=True)),
        "values": _last_values(result),
        "summary": result.summary(),
    }


def _last_values(result: Any) -> dict[str, list[float | None]]:
    """The last three values of each series of the first symbol, oldest first; None for `na`."""
    import numpy as np

    found: dict[str, list[float | None]] = {}
    for name, values in (result.series[0] if result.series else {}).items():
        last = np.asarray(values)[-3:]
        if last.dtype == np.uint8:
            found[name] = [{0: 0.0, 2: 1.0}.get(int(value)) for value in last]
        else:
            found[name] = [float(value) if math.isfinite(value) else None for value in last.astype(np.float64)]
    return found


def tests(report: Report, text: str, path: str | None, only: str, open_texts: Mapping[str, str]) -> dict[str, Any]:
    """Run the tests of a text whose title contains `only`."""
    from lingua.backtest.testing import run_tests

    compiled = _compiled(text, path, "", open_texts)
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
    open_texts: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """A test block of the bars up to one on which a rule acted; it is run, and given only if it passes."""
    from lingua.analysis.refactors import test_block
    from lingua.backtest.testing import run_tests
    from lingua.backtest.times import iso
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError

    try:
        result = _compiled(text, path, strategy, open_texts).backtest(progress=report)
    except (CompileError, DataError, ValueError, OSError) as problem:
        return {"problem": str(problem).splitlines()[0]}
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
        outcomes = run_tests(_compiled(f"{text}\n\n{block}", path, "", open_texts), f"{rule} acts on")
        if outcomes and outcomes[-1].passed:
            return {"test": block}
    return {"problem": f"`{rule}` needs more than {MOST_BARS} bars before it; write the test by hand"}


def chart(
    report: Report, text: str, path: str | None, strategy: str, open_texts: Mapping[str, str], options: dict[str, Any]
) -> dict[str, Any]:
    """A backtest's figures, with what is drawn of it (as in the report) and when each rule acted, in seconds."""
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError
    from lingua.report.payload import payload

    try:
        result = _compiled(text, path, strategy, open_texts).backtest(
            options.pop("data", None), progress=report, **options
        )
    except (CompileError, DataError, ValueError, OSError) as problem:
        return {"problem": str(problem).splitlines()[0]}
    clock = result.clock // 1_000_000_000
    fired = {
        rule.name: [int(clock[at]) for at in result.ledger.fired.get(rule.name, ())] for rule in result.program.rules
    }
    return {**_figures(result), "chart": payload(result), "fired_at": fired}


def explain(
    report: Report, text: str, path: str | None, strategy: str, rule: str, bar: str, open_texts: Mapping[str, str]
) -> dict[str, Any]:
    """Why a rule acted or did not on one bar (a number, or a time) of each traded symbol."""
    from lingua.backtest.explain import explainer
    from lingua.backtest.run import DEFAULT_CAPITAL, execution_of, refuse_not_executed
    from lingua.compiler import CompileError
    from lingua.data.errors import DataError
    from lingua.data.market import load_market
    from lingua.report.explain import explanation_text

    compiled = _compiled(text, path, strategy, open_texts)
    try:
        program = compiled.program
        refuse_not_executed(compiled, program)
        market = load_market(program, None, near=Path(path) if path else None)
        told = explainer(compiled, market, execution_of(program, {}), DEFAULT_CAPITAL)
        plan = told.rule(rule)
        texts = [
            explanation_text(told.explain(plan, told.bar_at(bar, number), number)) for number in range(len(told.bound))
        ]
    except (CompileError, DataError, ValueError, OSError) as problem:
        return {"problem": str(problem).splitlines()[0]}
    return {"text": "\n\n".join(texts)}


MOST_BARS = 400
"""Bars that are written into a test."""

JOBS: dict[str, Callable[..., Any]] = {
    "check": check, "backtest": backtest, "chart": chart, "tests": tests, "test_from_bar": test_from_bar,
    "explain": explain,
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
