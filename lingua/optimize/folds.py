"""How the sessions are divided into those that choose and those that judge.

    walk_forward(train: 365d, test: 90d)   anchored: training begins at the start and grows
    rolling(train: 365d, test: 90d)        training keeps its length and moves along
    k_fold(k: 5)                           each fifth is judged once by what the others chose
    cpcv(n: 6, k: 2)                       combinatorial: each choice of 2 of 6 groups is judged once

Spans are (first, last + 1) over session returns from the common start. Between training and test `purge` sessions are
left out on either side: there the same bars feed both (the look-back) or a position spans both (the holding limit).
After a test, training waits `embargo` sessions more. Sources: López de Prado, Advances in Financial Machine Learning,
2018, chapters 7 (purging and embargo) and 12 (combinatorial purged cross-validation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

Span = tuple[int, int]
EMBARGO = 0.01
"""Share of all sessions that training waits after a test."""
MOST_FOLDS = 500
TESTS = 5
SHORTEST_TEST = 40
"""Sessions; yearly figures need 30."""


class FoldError(ValueError):
    """The folds do not fit the sessions; the text says by how much."""


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """`train`, `test`, `step` in sessions for walk-forward; `groups` and `tested` otherwise (k_fold: k and 1).
    `purge` and `embargo` None: what the program needs, and 1 % of the sessions."""

    kind: Literal["walk_forward", "rolling", "k_fold", "cpcv"]
    train: int = 0
    test: int = 0
    step: int = 0
    groups: int = 0
    tested: int = 1
    purge: int | None = None
    embargo: int | None = None

    def __str__(self) -> str:
        match self.kind:
            case "walk_forward" | "rolling":
                step = f", step: {self.step}d" if self.step not in (0, self.test) else ""
                return f"{self.kind}(train: {self.train}d, test: {self.test}d{step})"
            case "k_fold":
                return f"k_fold(k: {self.groups})"
            case "cpcv":
                return f"cpcv(n: {self.groups}, k: {self.tested})"


@dataclass(frozen=True, slots=True)
class Fold:
    """`train` and `test` hold spans in order; none overlaps another. `groups` are the tested groups, for paths."""

    number: int
    train: tuple[Span, ...]
    test: tuple[Span, ...]
    groups: tuple[int, ...] = ()

    @property
    def train_sessions(self) -> int:
        return sum(b - a for a, b in self.train)

    @property
    def test_sessions(self) -> int:
        return sum(b - a for a, b in self.test)


def cut_folds(plan: FoldPlan, sessions: int, purge: int) -> tuple[Fold, ...]:
    """The folds of so many sessions. `purge` is what the program needs; the plan's own wins. Raises FoldError."""
    gap = purge if plan.purge is None else plan.purge
    if plan.kind in ("walk_forward", "rolling"):
        return _walk(plan, sessions, gap)
    embargo = math.ceil(EMBARGO * sessions) if plan.embargo is None else plan.embargo
    return _groups(plan, sessions, gap, embargo)


def _walk(plan: FoldPlan, sessions: int, gap: int) -> tuple[Fold, ...]:
    step = plan.step or plan.test
    found: list[Fold] = []
    begin = plan.train + gap
    while begin + plan.test <= sessions:
        first = 0 if plan.kind == "walk_forward" else begin - gap - plan.train
        found.append(Fold(len(found) + 1, ((first, begin - gap),), ((begin, begin + plan.test),)))
        begin += step
        if len(found) > MOST_FOLDS:
            raise FoldError(f"{plan} makes more than {MOST_FOLDS} folds of {sessions:,} sessions")
    if not found:
        needed = plan.train + gap + plan.test
        raise FoldError(
            f"{plan} needs {needed:,} sessions ({plan.train:,} to train, {gap:,} between, {plan.test:,} to test), "
            f"and there are {sessions:,} after the warm-up"
        )
    return tuple(found)


def _groups(plan: FoldPlan, sessions: int, gap: int, embargo: int) -> tuple[Fold, ...]:
    count = plan.groups
    if math.comb(count, plan.tested) > MOST_FOLDS:
        raise FoldError(f"{plan} makes {math.comb(count, plan.tested):,} folds; {MOST_FOLDS} is the most")
    edges = [round(sessions * k / count) for k in range(count + 1)]
    if min(b - a for a, b in pairwise(edges)) < 2:
        raise FoldError(f"{plan} cuts {sessions:,} sessions into groups of fewer than two")
    found: list[Fold] = []
    for chosen in combinations(range(count), plan.tested):
        test = _joined([(edges[k], edges[k + 1]) for k in chosen])
        train: list[Span] = [(0, sessions)]
        for a, b in test:
            train = _without(train, (a - gap, b + gap + embargo))
        if not train:
            raise FoldError(
                f"{plan} leaves nothing to train on: {gap:,} sessions are purged on either side of a test and "
                f"{embargo:,} more wait after it, of {sessions:,} in all"
            )
        found.append(Fold(len(found) + 1, tuple(train), tuple(test), chosen))
    return tuple(found)


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbours as one.

    >>> _joined([(0, 5), (5, 9), (12, 20)])
    [(0, 9), (12, 20)]
    """
    found: list[Span] = []
    for a, b in spans:
        if found and found[-1][1] == a:
            found[-1] = (found[-1][0], b)
        else:
            found.append((a, b))
    return found


def _without(spans: list[Span], hole: Span) -> list[Span]:
    """
    >>> _without([(0, 100)], (20, 30))
    [(0, 20), (30, 100)]
    """
    found: list[Span] = []
    for a, b in spans:
        found += [(x, y) for x, y in ((a, min(b, hole[0])), (max(a, hole[1]), b)) if y > x]
    return found


def default_plan(sessions: int, purge: int, tests: int | None = None) -> FoldPlan:
    """Anchored walk-forward: the first half trains, the rest is judged in `tests` equal parts (None: five, fewer where
    those would be too short for a yearly figure)."""
    train = max(1, (sessions - purge) // 2)
    rest = sessions - purge - train
    count = tests or max(1, min(TESTS, rest // SHORTEST_TEST))
    return FoldPlan("walk_forward", train=train, test=max(1, rest // count))


def paths(folds: tuple[Fold, ...], groups: int) -> list[list[tuple[int, int]]]:
    """Of combinatorial folds, the histories that can be put together from tests: each path takes every group once, as
    (group, fold number). With n groups, k of them tested, there are C(n, k) * k / n."""
    queues: dict[int, list[int]] = {group: [] for group in range(groups)}
    for fold in folds:
        for group in fold.groups:
            queues[group].append(fold.number)
    count = min((len(each) for each in queues.values()), default=0)
    return [[(group, queues[group][path]) for group in range(groups)] for path in range(count)]
