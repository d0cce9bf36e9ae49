"""Bayesian search with Optuna's tree-structured Parzen estimator, without letting the tests guide it.

A sampler that sees how combinations did over all sessions proposes those that did well in the tests too, and the tests
judge no longer. So each fold has a study of its own that is told the figures of its training only, and may choose from
its own proposals only; one more study sees all sessions and proposes what is to be used in the end. Studies take turns,
one proposal each, so that a round runs in parallel and its order depends on nothing. The trials are shared out.

Source: Bergstra, Bardenet, Bengio and Kégl, Algorithms for Hyper-Parameter Optimization, NeurIPS 2011; several
objectives: Ozaki et al., Multiobjective Tree-Structured Parzen Estimator, JAIR 73, 2022.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lingua.optimize.records import Record, key_of
from lingua.optimize.space import Dimension, Values
from lingua.optimize.task import Task

if TYPE_CHECKING:
    from lingua.optimize.search import Runner

TRIES = 50
"""Proposals in a row that may break a `require` or repeat an earlier one."""
MISSING = "a Bayesian search needs Optuna: pip install 'lingua-trading[optimize]'"


@dataclass
class Guided:
    """One study and what it is told. `fold` None: it sees all sessions."""

    fold: int | None
    study: Any
    distributions: dict[str, Any]
    proposed: list[str] = field(default_factory=list)
    is_done: bool = False

    def goals(self, record: Record, task: Task) -> list[float]:
        values = record.overall if self.fold is None else record.train[self.fold]
        return [goal.signed(float(value)) for goal, value in zip(task.objectives, values, strict=True)]


def load_optuna() -> Any:
    try:
        optuna: Any = importlib.import_module("optuna")
    except ImportError as problem:
        raise ImportError(MISSING) from problem
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def bayesian(task: Task, runner: Runner, trials: int, seed: int) -> tuple[list[Record], list[list[int]]]:
    """The records in the order they were proposed, and for each fold (then for the whole) those it may choose from."""
    from lingua.optimize.search import refuse_nothing

    optuna = load_optuna()
    studies = [_guided(optuna, task, number, seed) for number in [*range(len(task.folds)), None]]
    order: dict[str, Values] = {}
    records: dict[str, Record] = {}
    while len(order) < trials and not all(each.is_done for each in studies):
        asked: list[tuple[Guided, Any, str]] = []
        for each in studies:
            # What another study has proposed already costs nothing; the budget counts runs.
            if not each.is_done and (len(order) < trials):
                found = _propose(optuna, each, task)
                if found is None:
                    each.is_done = True
                    continue
                trial, values = found
                key = key_of(values)
                order.setdefault(key, values)
                asked.append((each, trial, key))
        fresh = {key: order[key] for _, _, key in asked if key not in records}
        for record in runner.run(fresh.values()):
            records[record.key] = record
        for each, trial, key in asked:
            _tell(optuna, each, trial, records[key], task)
    refuse_nothing(task, len(order))
    numbers = {key: number for number, key in enumerate(order)}
    return [records[key] for key in order], [[numbers[key] for key in each.proposed] for each in studies]


def _guided(optuna: Any, task: Task, fold: int | None, seed: int) -> Guided:
    # Sampling of several objectives and of groups is experimental by name only; the plain sampler is stable.
    sampler = optuna.samplers.TPESampler(seed=seed * 1_000 + (0 if fold is None else fold + 1), n_startup_trials=8)
    study = optuna.create_study(directions=["maximize"] * len(task.objectives), sampler=sampler)
    return Guided(fold, study, {each.name: _distribution(optuna, each) for each in task.space.dimensions})


def _distribution(optuna: Any, each: Dimension) -> Any:
    """Ordered values are proposed by their number in the list, so that a step keeps its exact values."""
    if each.is_free:
        return optuna.distributions.FloatDistribution(each.low, each.high)
    if each.is_ordered:
        return optuna.distributions.IntDistribution(0, len(each.values) - 1)
    return optuna.distributions.CategoricalDistribution(list(range(len(each.values))))


def _propose(optuna: Any, each: Guided, task: Task) -> tuple[Any, Values] | None:
    """The next combination that keeps every `require` and was not proposed here before; None when none comes."""
    state = optuna.trial.TrialState
    for _ in range(TRIES):
        trial = each.study.ask(each.distributions)
        values: Values = {
            one.name: float(trial.params[one.name]) if one.is_free else one.values[int(trial.params[one.name])]
            for one in task.space.dimensions
        }
        key = key_of(values)
        if key not in each.proposed and task.space.allows(values):
            each.proposed.append(key)
            return trial, values
        each.study.tell(trial, state=state.FAIL)
    return None


def _tell(optuna: Any, each: Guided, trial: Any, record: Record, task: Task) -> None:
    goals = each.goals(record, task)
    if any(math.isnan(goal) for goal in goals):
        each.study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        each.study.tell(trial, goals)
