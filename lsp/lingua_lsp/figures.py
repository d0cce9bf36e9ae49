"""The figures of a run as plain data, and what is said when there are none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

CURVE = 24
"""Places of the equity curve in one line."""


def figures(result: Any) -> dict[str, Any]:
    """What is shown of a run, as plain data."""
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
    found: dict[str, list[float | None]] = {}
    for name, values in (result.series[0] if result.series else {}).items():
        last = np.asarray(values)[-3:]
        if last.dtype == np.uint8:
            found[name] = [{0: 0.0, 2: 1.0}.get(int(value)) for value in last]
        else:
            found[name] = [float(value) if math.isfinite(value) else None for value in last.astype(np.float64)]
    return found


def refused(problem: Exception) -> dict[str, Any]:
    """The answer when a run could not be: `problem` in one line, `help` what to do about it; `missing` when it is bars
    that are missing."""
    from lingua.data.errors import DataError, MissingData

    help = problem.in_project().mend if isinstance(problem, DataError) else ""
    return {"problem": first_line(problem), "help": help, "missing": isinstance(problem, MissingData)}


def first_line(problem: Exception) -> str:
    """What the user can mend, in one line."""
    from lingua.compiler import CompileError

    if isinstance(problem, CompileError):
        errors = [each for each in problem.problems if each.severity == "error"]
        return f"it does not compile: {errors[0].message if errors else problem}"
    return str(problem).splitlines()[0]
