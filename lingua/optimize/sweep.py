"""Many parameter combinations of one strategy over the same bars, each simulated by itself.

    for outcome in sweep(compiled, frame, [{"fast": 10, "slow": 30}, {"fast": 12, "slow": 30}]):
        print(outcome.parameters, outcome.metrics["sharpe"])

All combinations begin on the same bar: the first on which every one of them is ready, or the one that `start` names.
What does not depend on the varied parameters is computed once, what depends on some of them once for each of their
values. Nothing is kept of a combination but its figures, so memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backtest.metrics import METRICS
from lingua.backtest.result import Result
from lingua.backtest.run import DEFAULT_CAPITAL, execution_of, refuse_not_executed
from lingua.compiler import Compiled
from lingua.data.market import Market, load_market
from lingua.ir.program import ParamValue
from lingua.optimize.shared import Shared
from lingua.optimize.trials import Trials

DEFAULT_METRICS = ("total_return", "sharpe", "max_drawdown", "trades")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One combination: `index` counts from 0 in the order given, `parameters` are the values asked for, `metrics` the
    figures by name, NaN where one is undefined."""

    index: int
    parameters: Mapping[str, ParamValue]
    metrics: Mapping[str, float]
    _again: Callable[[], Result] = field(repr=False, compare=False)

    def result(self) -> Result:
        """The whole run, simulated again: the same answer, with trades, fills and curves."""
        return self._again()

    @property
    def equity(self) -> NDArray[np.float64]:
        """(instants,) equity after each bar, simulated again when it is asked for."""
        return np.asarray(self._again().ledger.equity, dtype=np.float64)


def sweep(
    compiled: Compiled,
    market_or_frame: Market | Any,
    combinations: Iterable[Mapping[str, ParamValue]],
    *,
    metrics: Sequence[str] = DEFAULT_METRICS,
    threads: int | None = None,
    start: int | None = None,
    execution: Mapping[str, Any] | None = None,
    capital: float = DEFAULT_CAPITAL,
) -> Iterator[Outcome]:
    """Backtest `compiled` with each of `combinations`; outcomes come in the order of these, each as soon as it and
    those before it are there. The same input gives the same figures to the last bit, on any number of threads.

    Args:
        market_or_frame: bars already loaded (`lingua.data.market.Market`), or whatever `Compiled.backtest` takes.
        combinations: parameter values by name; what a combination does not name keeps the value of `compiled`.
        metrics: names of figures (`lingua.backtest.metrics.METRICS`).
        threads: how many run at a time; None: one for each processor.
        start: number of the first bar (of each traded symbol) on which rules act and from which figures are taken;
            None: the first on which every combination is ready. A combination that is ready later begins then.
        execution: options of `lingua.trading.execution.Execution`, over the program's own.
        capital: starting cash, in the quote currency.

    Raises:
        CompileError: the program has errors.
        DataError: bars are missing or wrong.
        ValueError: an unknown metric, no such parameter, a value it cannot have, a `require` that does not hold; told
            before anything runs.
    """
    program = compiled.program
    refuse_not_executed(compiled, program)
    unknown = [name for name in metrics if name not in METRICS]
    if unknown:
        raise ValueError(f"no metric is called {', '.join(map(repr, unknown))}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if start is not None and start < 0:
        raise ValueError(f"the first bar has number 0; start is {start}")
    market = market_or_frame if isinstance(market_or_frame, Market) else load_market(program, market_or_frame)
    options = execution_of(program, execution or {})
    trials = Trials(compiled, [dict(each) for each in combinations])
    shared = Shared(market, trials.varied, capital, options, tuple(metrics))
    begin = start if start is not None else shared.common_start(trials)
    return _outcomes(trials, shared, begin, threads or os.cpu_count() or 1)


def _outcomes(trials: Trials, shared: Shared, start: int, threads: int) -> Iterator[Outcome]:
    def run(index: int) -> Outcome:
        trial = trials[index]
        return Outcome(index, trial.values, shared.figures(trial, start), lambda: shared.result(trial, start))

    if threads == 1:
        for index in range(len(trials)):
            yield run(index)
        return
    # A few more than threads are under way, so that none waits while the caller looks at an outcome.
    waiting: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="sweep") as pool:
        try:
            for index in range(len(trials)):
                waiting.append(pool.submit(run, index))
                if len(waiting) > 4 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()
