"""What a search is made of: the program, its bars, the combinations, the folds; and how one combination is judged."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backtest.curve import Curve, Floats, Stamps
from lingua.backtest.result import Result
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.diagnostics.codes.searching import FOLDS_DO_NOT_FIT, NO_DOMAIN
from lingua.ir.analysis import decision_nodes
from lingua.ir.program import Program
from lingua.optimize.folds import Fold, FoldError, FoldPlan, cut_folds, default_plan
from lingua.optimize.objective import Objective
from lingua.optimize.parts import Part
from lingua.optimize.records import FIGURES, Record
from lingua.optimize.refusals import refuse
from lingua.optimize.shared import Shared
from lingua.optimize.space import Space, Values, space_of
from lingua.optimize.trials import Trial, Trials, elaborated
from lingua.trading.execution import Execution


@dataclass(frozen=True)
class Task:
    """`start` is the bar on which all combinations begin, `sessions` the session returns from there on, `ends`
    (sessions + 1,) stamps of the session ends. `purge` is in sessions, from the look-back and the holding limit."""

    compiled: Compiled
    market: Market
    execution: Execution
    capital: float
    space: Space
    objectives: tuple[Objective, ...]
    plan: FoldPlan
    folds: tuple[Fold, ...]
    start: int
    purge: int
    ends: Stamps
    sessions_per_year: float
    holding: str = ""

    @property
    def sessions(self) -> int:
        return len(self.ends) - 1

    @property
    def program(self) -> Program:
        return self.compiled.program

    def __getstate__(self) -> dict[str, object]:
        """Without what was only computed: columns and locks stay in their process."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def shared(self) -> Shared:
        return shared_of(self.compiled, self.market, self.execution, self.capital, self.space)

    def run(self, values: Values) -> Result:
        """The whole backtest of one combination, from the common start. Raises ValueError for values that do not go
        together."""
        return self.shared.result(trial_of(self.compiled, values), self.start)

    def judge(self, values: Values) -> Record:
        """One combination over all sessions and over each fold. What is wrong with it is in the record."""
        try:
            run = self.run(values)
        except ValueError as problem:
            return Record.failed(values, str(problem).splitlines()[0], self.sessions, len(self.folds), self.objectives)
        return judged(run, values, self.folds, self.objectives)

    @cached_property
    def data_fingerprint(self) -> str:
        """sha256 of all bars that are traded or read."""
        digest = hashlib.sha256()
        for name, bars in [(b.symbol, b) for b in self.market.traded] + sorted(self.market.data.items()):
            digest.update(f"{name} {bars.timeframe} {bars.instrument}\0".encode())
            for column in (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume):
                digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all that a record depends on: program, bars, costs, capital, objectives, folds and start. Method,
        seed and number of trials are not part of it, so a search can be gone on with by another."""
        parts = [
            self.compiled.fingerprint, self.data_fingerprint, repr(_plain(self.execution)), repr(self.capital),
            json.dumps([each.text for each in self.objectives]), repr(self.folds), str(self.start),
        ]  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _plain(execution: Execution) -> Execution:
    """Sets have no order of their own."""
    return replace(execution, is_given=frozenset())


def trial_of(compiled: Compiled, values: Values) -> Trial:
    return Trials(compiled, [values])[0]


def shared_of(compiled: Compiled, market: Market, execution: Execution, capital: float, space: Space) -> Shared:
    return Shared(market, frozenset(each.name for each in space.dimensions), capital, execution, ())


def judged(run: Result, values: Values, folds: Sequence[Fold], objectives: Sequence[Objective]) -> Record:
    train, test, trades = [], [], []
    for fold in folds:
        inside, outside = Part(run, fold.train), Part(run, fold.test)
        train.append([each.value(inside.metrics) for each in objectives])
        test.append([each.value(outside.metrics) for each in objectives])
        trades.append(len(outside.round_trips))
    return Record(
        values,
        np.array([each.value(run.metrics) for each in objectives]),
        np.array(train).reshape(len(folds), len(objectives)),
        np.array(test).reshape(len(folds), len(objectives)),
        tuple(trades),
        {name: float(run.metrics[name]) for name in FIGURES},
        np.asarray(run.curve.returns, dtype=np.float64),
    )


def make_task(
    compiled: Compiled,
    market: Market,
    execution: Execution,
    capital: float,
    objectives: tuple[Objective, ...],
    plan: FoldPlan | Lengths | int | None = None,
) -> Task:
    """Everything fixed before the first trial. `plan` as an int: that many walk-forward tests. Raises CompileError
    where nothing can vary (L0891), or the folds do not fit the bars (L0897)."""
    space = space_of(compiled.program)
    if not space.dimensions:
        refuse(compiled, NO_DOMAIN, "give a param a domain: `param n = 14 in 7..28`", name=compiled.program.name)
    start = common_start(compiled, market, space)
    curve = _reference(compiled, market, execution, capital, space, start)
    sessions = max(0, len(curve.ends) - 1)
    per_session = max(1.0, len(curve.ts) / max(1, len(np.unique(curve.sessions))))
    held, told = holding(compiled.program, per_session)
    purge = math.ceil(start / per_session) + held
    scale = Scale(per_session, *_session_scale(curve))
    if plan is None or isinstance(plan, int):
        plan = default_plan(sessions, purge, plan)
    elif isinstance(plan, Lengths):
        plan = plan.in_sessions(scale)
    ends = curve.ts[curve.ends]
    task = Task(
        compiled,
        market,
        execution,
        capital,
        space,
        objectives,
        plan,
        (),
        start,
        purge,
        ends,
        curve.sessions_per_year,
        told,
    )
    try:
        return replace(task, folds=cut_folds(plan, sessions, purge))
    except FoldError as problem:
        refuse(compiled, FOLDS_DO_NOT_FIT, "give shorter folds or more bars", cause=str(problem))


def common_start(compiled: Compiled, market: Market, space: Space) -> int:
    """The first bar on which every combination of the domain has its look-back, of the symbol that needs most."""
    latest = 0
    feeds = [Feeds(bars, market.data, market.finer) for bars in market.traded]
    structural = {param.name for param in compiled.program.params if param.is_structural}
    programs: dict[tuple[object, ...], Program] = {}
    for values in space.corners():
        key = tuple(values[name] for name in sorted(structural & values.keys()))
        if key not in programs:
            try:
                programs[key] = elaborated(compiled, values).program if key else compiled.program
            except ValueError:
                continue  # a corner that `require` forbids; it is never run
        program = programs[key]
        known = {param.name: values.get(param.name, param.value) for param in program.params}
        roots = decision_nodes(program)
        latest = max([latest, *(Batch(each, known).ready(roots) for each in feeds)])
    return latest


def _reference(
    compiled: Compiled, market: Market, execution: Execution, capital: float, space: Space, start: int
) -> Curve:
    """The curve of the program's own values: its sessions are those of every combination."""
    shared = shared_of(compiled, market, execution, capital, space)
    return shared.result(trial_of(compiled, {}), start).curve


def holding(program: Program, bars_per_session: float) -> tuple[int, str]:
    """Sessions a position may last by `max_holding`, and how that is told."""
    limit = next((each for each in program.limits if each.name == "max_holding"), None)
    if limit is None:
        return 0, "no holding limit"
    sessions = {"bars": limit.value / bars_per_session, "seconds": limit.value / 86_400}.get(limit.unit, limit.value)
    return math.ceil(sessions), f"held for at most {math.ceil(sessions)} sessions"


@dataclass(frozen=True, slots=True)
class Scale:
    """How long one session return is: `bars`, and calendar `days` and `trading` sessions."""

    bars: float
    days: float
    trading: float

    def sessions(self, unit: str, value: float) -> int:
        """A length as a number of session returns, rounded up."""
        per = {"bars": self.bars, "sessions": self.trading, "seconds": self.days * 86_400}[unit]
        return max(1, math.ceil(value / per - 1e-9))


def _session_scale(curve: Curve) -> tuple[float, float]:
    """Calendar days and trading sessions between two session ends. A weekly bar is one return of five sessions."""
    if len(curve.ends) < 2:
        return 1.0, 1.0
    span_ns = int(curve.ts[curve.ends[-1]]) - int(curve.ts[curve.ends[0]])
    days = span_ns / 86_400e9 / (len(curve.ends) - 1)
    trading = days * curve.sessions_per_year / 365.25
    return max(days, 1e-9), 1.0 if 0.8 < trading < 1.25 or trading == 0 else trading


@dataclass(frozen=True, slots=True)
class Lengths:
    """Folds as written: lengths are (unit, value) with unit bars, sessions or seconds."""

    kind: str
    lengths: dict[str, tuple[str, float]]
    counts: dict[str, int]

    def in_sessions(self, scale: Scale) -> FoldPlan:
        found = {name: scale.sessions(*length) for name, length in self.lengths.items()}
        purge, embargo = found.get("purge"), found.get("embargo")
        match self.kind:
            case "walk_forward" | "rolling" as kind:
                return FoldPlan(kind, found["train"], found["test"], found.get("step", 0), purge=purge, embargo=embargo)
            case "k_fold":
                return FoldPlan("k_fold", groups=self.counts["k"], purge=purge, embargo=embargo)
            case _:
                return FoldPlan("cpcv", groups=self.counts["n"], tested=self.counts["k"], purge=purge, embargo=embargo)


__all__ = ["Floats", "Lengths", "Scale", "Task", "common_start", "holding", "judged", "make_task", "trial_of"]
