"""Running the trials: which combinations, in which order, where, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol

from lingua.diagnostics.codes import searching as codes
from lingua.optimize.outcome import Outcome
from lingua.optimize.records import Record, key_of
from lingua.optimize.refusals import refuse
from lingua.optimize.space import Values
from lingua.optimize.storage import Storage
from lingua.optimize.task import Task

Method = Literal["grid", "random", "bayes"]
DEFAULT_TRIALS = 200
SAVE_EVERY_S = 1.0
"""Seconds of finished work that a crash may cost."""


class Workers(Protocol):
    """Where trials run. Each combination comes back once, in whatever order."""

    def judge(self, task: Task, combinations: Sequence[Values]) -> Iterator[Record]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """`best` is the best objective over all sessions so far (None: none is defined yet); `left_s` None at first."""

    done: int
    total: int
    best: float | None
    left_s: float | None


Tell = Callable[[Progress], None]


class LocalThreads:
    """In this process, `count` at a time."""

    def __init__(self, count: int = 1) -> None:
        self.count = max(1, count)

    def judge(self, task: Task, combinations: Sequence[Values]) -> Iterator[Record]:
        if self.count == 1 or len(combinations) == 1:
            for values in combinations:
                yield task.judge(values)
            return
        _ = task.shared  # made once, before threads would race to make it
        with ThreadPoolExecutor(self.count, thread_name_prefix="search") as pool:
            waiting: list[Future[Record]] = [pool.submit(task.judge, values) for values in combinations]
            try:
                for each in as_completed(waiting):
                    yield each.result()
            finally:
                for each in waiting:
                    each.cancel()


class Runner:
    """Runs combinations that are not known yet, keeps each as it comes, and tells how far it is."""

    def __init__(self, task: Task, storage: Storage, workers: Workers, total: int, tell: Tell | None) -> None:
        self.task, self.storage, self.workers, self.total, self.tell = task, storage, workers, total, tell
        storage.begin(task)
        self.known = storage.known(task)
        self.used: dict[str, Record] = {}
        self.fresh = 0
        self._began = time.monotonic()

    def run(self, combinations: Iterable[Values]) -> list[Record]:
        """The records of these combinations, in their order."""
        wanted = list(combinations)
        keys = [key_of(values) for values in wanted]
        for key in keys:
            if key in self.known:
                self.used.setdefault(key, self.known[key])
        missing = {key: values for key, values in zip(keys, wanted, strict=True) if key not in self.known}
        self._say()
        unsaved: list[Record] = []
        saved = time.monotonic()
        try:
            for record in self.workers.judge(self.task, list(missing.values())) if missing else ():
                if record.key in self.known:
                    continue  # a worker that was thought lost has answered after all
                self.known[record.key] = self.used[record.key] = record
                self.fresh += 1
                unsaved.append(record)
                if time.monotonic() - saved > SAVE_EVERY_S:
                    self.storage.add(self.task, unsaved)
                    unsaved, saved = [], time.monotonic()
                self._say()
        finally:
            self.storage.add(self.task, unsaved)
        return [self.known[key] for key in keys]

    def _say(self) -> None:
        if self.tell is None:
            return
        goal = self.task.objectives[0]
        values = [float(record.overall[0]) for record in self.used.values()]
        best = max((value for value in values if value == value), key=goal.signed, default=None)
        spent = time.monotonic() - self._began
        left = spent / self.fresh * max(0, self.total - len(self.used)) if self.fresh else None
        self.tell(Progress(len(self.used), max(self.total, len(self.used)), best, left))


def search(
    task: Task,
    *,
    method: Method | None = None,
    trials: int = DEFAULT_TRIALS,
    seed: int = 0,
    storage: Storage | None = None,
    workers: Workers | None = None,
    tell: Tell | None = None,
) -> Outcome:
    """Try combinations and judge them. The same task, method, trials and seed give the same outcome to the last bit, on
    whatever workers, in one piece or after interruptions.

    Args:
        method: None: the whole grid where it has no more than `trials` combinations, else random ones.
        trials: how many combinations at most; a grid is searched whole or not at all.
        storage: None: nothing is kept.

    Raises:
        CompileError: no combination may be tried; none traded; the objective is defined nowhere (L0891 to L0896).
        ImportError: `bayes` without Optuna.
    """
    chosen: Method = method or ("grid" if task.space.size <= trials else "random")
    keeping: AbstractContextManager[Storage] = nullcontext(storage) if storage is not None else _forgetting()
    with keeping as kept:
        runner = Runner(task, kept, workers or LocalThreads(), trials, tell)
        candidates: list[list[int]] | None = None
        if chosen == "bayes":
            from lingua.optimize.bayes import bayesian

            records, candidates = bayesian(task, runner, trials, seed)
        else:
            combinations = grid(task, trials) if chosen == "grid" else task.space.draw(trials, seed)
            refuse_nothing(task, len(combinations))
            runner.total = len(combinations)
            records = runner.run(combinations)
        outcome = Outcome(task, records, method=chosen, seed=seed, tried=kept.lineage(task), candidates=candidates)
    refuse_unranked(outcome)
    return outcome


class _forgetting(AbstractContextManager["Storage"]):
    def __enter__(self) -> Storage:
        self._storage = Storage(":memory:")
        return self._storage

    def __exit__(self, *_: object) -> None:
        self._storage.close()


def grid(task: Task, trials: int) -> list[Values]:
    """Every combination, where there are no more than `trials`. Raises CompileError."""
    found: list[Values] = []
    for values in task.space.grid():
        found.append(values)
        if len(found) > trials:
            help = f"take longer steps, ask for `--trials {task.space.size}`, or search with `--method random`"
            refuse(task.compiled, codes.GRID_TOO_LARGE, help, trials=f"{trials:,}")
    return found


def refuse_nothing(task: Task, combinations: int) -> None:
    """Raises CompileError when no combination may be tried."""
    if combinations:
        return
    requires = task.program.requires
    size = f"{task.space.size:,} combination{'' if task.space.size == 1 else 's'}"
    refuse(
        task.compiled, codes.NOTHING_LEFT, "loosen it, or widen the domains", requires[0][1] if requires else None,
        cause=f"`require` leaves none of {size}",
    )  # fmt: skip


def refuse_unranked(outcome: Outcome) -> None:
    """Nothing is ranked that did not trade, or by a figure that is defined nowhere. Raises CompileError."""
    task = outcome.task
    ran = [record for record in outcome.records if not record.problem]
    if not ran:
        cause = f"no combination could run: {outcome.records[0].problem}"
        refuse(task.compiled, codes.NOTHING_LEFT, "`lingua check` may tell more", cause=cause)
    if not any(record.figures["trades"] > 0 for record in ran):
        help = "`lingua explain` tells what kept a rule from acting"
        refuse(task.compiled, codes.NO_TRADES, help, count=f"{len(ran):,}")
    text = task.objectives[0].text
    if outcome.best is None:
        help = "annual figures need 30 sessions, and figures of trades closed trades"
        refuse(task.compiled, codes.UNDEFINED_OBJECTIVE, help, text=text, where="for every combination")
    if all(each.chosen is None for each in outcome.folds):
        help = "train longer, or choose by a figure that fewer sessions and trades can carry"
        refuse(task.compiled, codes.UNDEFINED_OBJECTIVE, help, text=text, where="in the training of every fold")
    if all(each.test != each.test for each in outcome.folds):
        help = "test longer, or judge by a figure that fewer sessions and trades can carry"
        refuse(task.compiled, codes.UNDEFINED_OBJECTIVE, help, text=text, where="in the test of every fold")
