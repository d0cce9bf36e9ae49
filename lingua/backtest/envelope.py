"""Worst and best case of what the bars leave open: two whole runs, named as such. They are not bounds, because an
earlier fill changes what follows."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

from lingua.backtest.bind import bind
from lingua.backtest.result import Result
from lingua.backtest.run import build_run, gather
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.trading.execution import Execution


@dataclass(frozen=True, slots=True)
class Envelope:
    """`worst` takes the adverse extreme of a bar first and wants prices to trade through a limit; `best` takes the
    favourable one first and fills at a touch."""

    worst: Result
    best: Result


def envelope(compiled: Compiled, market: Market, options: Execution, capital: float) -> Envelope:
    """Both runs over the same series."""
    program = compiled.program
    bound, legs = bind(program, market)
    results = []
    for changes in (
        {"intrabar": "adverse", "limit_fill": "through"},
        {"intrabar": "favourable", "limit_fill": "touch"},
    ):
        began = time.perf_counter()
        chosen = dataclasses.replace(options, **changes)  # type: ignore[arg-type]
        ledger = build_run(program, bound, legs, chosen, capital).run()
        results.append(gather(compiled, program, market, bound, ledger, chosen, capital, time.perf_counter() - began))
    return Envelope(*results)
