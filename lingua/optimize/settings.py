"""The settings of a search: what the `optimize` block says, and options that stand over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lingua.ir.program import FoldsPlan, OptimizePlan, Program
from lingua.optimize.objective import Objective, parse_objective
from lingua.optimize.search import DEFAULT_TRIALS, Method
from lingua.optimize.task import Lengths

METHODS: dict[str, Method] = {"grid": "grid", "random": "random", "bayes": "bayes", "tpe": "bayes"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`method` None: the whole grid, or random combinations where that is too large. `folds` None or a number: that
    many walk-forward tests."""

    objectives: tuple[Objective, ...]
    folds: Lengths | int | None = None
    method: Method | None = None
    trials: int = DEFAULT_TRIALS
    seed: int = 0


def settings_of(program: Program) -> Settings:
    """Of the program's block; the defaults where it has none."""
    plan = program.optimize or OptimizePlan((), None, "", None, None, next(iter(program.rules)).span)
    return Settings(
        tuple(parse_objective(text) for text in plan.objectives or ("sharpe",)),
        None if plan.folds is None else lengths_of(plan.folds),
        METHODS.get(plan.method),
        DEFAULT_TRIALS if plan.trials is None else plan.trials,
        plan.seed or 0,
    )


def lengths_of(plan: FoldsPlan) -> Lengths:
    counts = {name: int(value) for name, _, value in plan.lengths if name in ("k", "n")}
    lengths = {name: (unit, value) for name, unit, value in plan.lengths if name not in ("k", "n")}
    return Lengths(plan.kind, lengths, counts)


def with_options(
    settings: Settings,
    *,
    objectives: tuple[str, ...] = (),
    folds: str = "",
    method: str = "",
    trials: int | None = None,
    seed: int | None = None,
) -> Settings:
    """The settings with what was given in their place. Raises ValueError (also as ObjectiveError) for what is none."""
    found = settings
    if objectives:
        found = replace(found, objectives=tuple(parse_objective(text) for text in objectives))
    if folds:
        found = replace(found, folds=read_folds(folds))
    if method:
        found = replace(found, method=METHODS[method])
    if trials is not None:
        found = replace(found, trials=trials)
    return found if seed is None else replace(found, seed=seed)


def read_folds(text: str) -> Lengths | int:
    """`5`, or what a program writes: `rolling(train: 365d, test: 90d)`. Raises ValueError."""
    if text.strip().isdecimal():
        count = int(text)
        if not 1 <= count <= 100:
            raise ValueError(f"{count} folds: give a number from 1 to 100")
        return count
    return lengths_of(_checked(text))


def _checked(text: str) -> FoldsPlan:
    """Read by the compiler itself, so that an option and a program mean the same."""
    from lingua.compiler import compile_source
    from lingua.diagnostics.diagnostic import Severity
    from lingua.syntax.source import Source

    flat = " ".join(text.split())
    rule = "param n = 2 in 2..3 rule r: close > sma(close, n) => buy 10% with stop 5%"
    source = f"strategy S {{ {rule} optimize {{ folds: {flat} }} }}"
    compiled = compile_source(Source("<folds>", source))
    plan = compiled.programs[0].optimize if compiled.programs else None
    wrong = [problem for problem in compiled.problems if problem.severity is Severity.ERROR]
    if plan is None or plan.folds is None or wrong:
        why = f": {wrong[0].message}" if wrong else ""
        raise ValueError(f"`{flat}` is no way to divide the data{why}")
    return plan.folds
