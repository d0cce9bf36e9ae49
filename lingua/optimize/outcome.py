"""What a search found, and how much of it to believe. Everything here follows from the records alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingua.backtest.curve import Floats, drawdowns
from lingua.backtest.times import iso
from lingua.optimize import deflation
from lingua.optimize.folds import Fold, Span, paths
from lingua.optimize.overfitting import Overfitting, overfitting
from lingua.optimize.plateau import Plateau, plateau
from lingua.optimize.records import Record
from lingua.optimize.task import Task

NAN = math.nan


@dataclass(frozen=True, slots=True)
class FoldOutcome:
    """`chosen` is the number of the trial with the best training, None where none had a defined one; `train`, `test`
    its objective there. `beaten` is the share of the other trials that it beat in the test."""

    fold: Fold
    chosen: int | None
    train: float
    test: float
    trades: int
    beaten: float


@dataclass(frozen=True, slots=True)
class Stitched:
    """Sessions judged by what others chose, put together: figures of these session returns."""

    returns: Floats
    sharpe: float
    total_return: float
    annual_return: float
    max_drawdown: float


class Outcome:
    """`records` in an order that does not depend on which finished first; `candidates` (folds + 1) lists the trials
    each fold may choose from, and the last the whole (None: all). `tried` counts the trials of this lineage."""

    def __init__(
        self,
        task: Task,
        records: Sequence[Record],
        *,
        method: str,
        seed: int,
        tried: int | None = None,
        candidates: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.task = task
        self.records = list(records)
        self.method = method
        self.seed = seed
        self.tried = max(tried or 0, len(self.records))
        self.candidates = candidates

    # -- choosing --------------------------------------------------------------------------------------------------

    def scores(self, objective: int = 0) -> Floats:
        """(trials,) over all sessions, more is better."""
        goal = self.task.objectives[objective]
        return np.array([goal.signed(float(record.overall[objective])) for record in self.records])

    @cached_property
    def best(self) -> int | None:
        """The trial with the best objective over all sessions; the first of equal ones. None: it is defined nowhere."""
        return _best(self.scores(), range(len(self.records)))

    @cached_property
    def folds(self) -> list[FoldOutcome]:
        return [self._fold(number, fold) for number, fold in enumerate(self.task.folds)]

    def _fold(self, number: int, fold: Fold) -> FoldOutcome:
        goal = self.task.objectives[0]
        train = np.array([goal.signed(float(record.train[number, 0])) for record in self.records])
        test = np.array([goal.signed(float(record.test[number, 0])) for record in self.records])
        among = self.candidates[number] if self.candidates is not None else range(len(self.records))
        chosen = _best(train, among)
        if chosen is None:
            return FoldOutcome(fold, None, NAN, NAN, 0, NAN)
        record = self.records[chosen]
        others = np.delete(test, chosen)
        others = others[~np.isnan(others)]
        own = test[chosen]
        beaten = NAN if own != own or not len(others) else float(np.mean((others < own) + 0.5 * (others == own)))
        return FoldOutcome(
            fold, chosen, float(record.train[number, 0]), float(record.test[number, 0]), record.trades[number], beaten
        )

    @cached_property
    def front(self) -> list[int]:
        """Trials that no other beats in every objective, best of the first objective first."""
        if len(self.task.objectives) < 2:
            return [] if self.best is None else [self.best]
        points = np.column_stack([self.scores(k) for k in range(len(self.task.objectives))])
        usable = [k for k in range(len(points)) if not np.isnan(points[k]).any()]
        kept = [k for k in usable if not any(_dominates(points[other], points[k]) for other in usable)]
        return sorted(kept, key=lambda k: (-points[k][0], k))

    # -- judging ---------------------------------------------------------------------------------------------------

    @cached_property
    def in_sample(self) -> float:
        """Mean objective of the chosen ones in training."""
        return _mean([each.train for each in self.folds])

    @cached_property
    def out_of_sample(self) -> float:
        """Mean objective of the same ones in the tests."""
        return _mean([each.test for each in self.folds])

    @cached_property
    def stitched(self) -> Stitched:
        """The tests one after the other. Of combinatorial folds, the first path."""
        if self.task.plan.kind == "cpcv":
            return self.paths[0] if self.paths else self._figures(np.empty(0))
        return self._figures(_joined_returns([(self._returns(each.chosen), each.fold.test) for each in self.folds]))

    @cached_property
    def paths(self) -> list[Stitched]:
        """The histories that combinatorial folds put together; otherwise none."""
        if self.task.plan.kind != "cpcv":
            return []
        edges = [round(self.task.sessions * k / self.task.plan.groups) for k in range(self.task.plan.groups + 1)]
        found = []
        for path in paths(self.task.folds, self.task.plan.groups):
            parts = [(self._returns(self.folds[number - 1].chosen), ((edges[g], edges[g + 1]),)) for g, number in path]
            found.append(self._figures(_joined_returns(parts)))
        return found

    def _returns(self, chosen: int | None) -> Floats | None:
        return None if chosen is None else self.records[chosen].returns

    def _figures(self, returns: Floats) -> Stitched:
        curve: Floats = np.cumprod(np.concatenate((np.ones(1), 1.0 + returns)), dtype=np.float64)
        found = deflation.moments(returns)
        years = len(returns) / self.task.sessions_per_year
        total = float(curve[-1]) - 1.0
        annual = (1.0 + total) ** (1.0 / years) - 1.0 if len(returns) >= 30 and total > -1 else NAN
        yearly = found.sharpe * math.sqrt(self.task.sessions_per_year) if len(returns) >= 30 else NAN
        return Stitched(returns, yearly, total, annual, float(np.max(drawdowns(curve))))

    @cached_property
    def sharpe_variance(self) -> float:
        """Of the trials' Sharpe ratios a session; 0 with fewer than two."""
        found = [deflation.moments(record.returns).sharpe for record in self.records]
        defined = [each for each in found if each == each]
        return float(np.var(defined, ddof=1)) if len(defined) > 1 else 0.0

    @cached_property
    def moments(self) -> deflation.Moments:
        """Of the best over all sessions."""
        return deflation.moments(self.records[self.best].returns if self.best is not None else np.empty(0))

    @cached_property
    def luck(self) -> float:
        """The yearly Sharpe ratio that so many trials would have shown without any skill."""
        found = deflation.expected_maximum(self.tried, self.sharpe_variance)
        return found * math.sqrt(self.task.sessions_per_year)

    @cached_property
    def deflated_sharpe(self) -> float:
        """The probability that the best is better than luck; NaN when its Sharpe ratio is undefined."""
        m = self.moments
        return deflation.deflated(m.sharpe, self.tried, self.sharpe_variance, m.count, m.skew, m.kurtosis)

    @cached_property
    def overfitting(self) -> Overfitting:
        """Over all trials that ran."""
        columns = [record.returns for record in self.records if not record.problem]
        return overfitting(np.column_stack(columns) if columns else np.empty((0, 0)))

    @cached_property
    def plateau(self) -> Plateau:
        if self.best is None:
            return Plateau(NAN, 0)
        return plateau(self.task.space, [r.values for r in self.records], self.scores().tolist(), self.best)

    # -- leaving the program ---------------------------------------------------------------------------------------

    def day(self, session: int) -> str:
        """The date at whose end session return number `session` begins."""
        return iso(int(self.task.ends[session]))[:10]

    def to_dict(self) -> dict[str, Any]:
        """The object of `lingua optimize --json`; None where a figure is undefined."""
        from lingua.optimize.verdict import verdict

        task, best = self.task, self.best
        told = verdict(self)
        return {
            "strategy": task.program.name,
            "fingerprint": task.compiled.fingerprint,
            "search": task.fingerprint,
            "data": task.data_fingerprint,
            "symbols": [bars.symbol for bars in task.market.traded],
            "method": self.method,
            "seed": self.seed,
            "objectives": [{"text": o.text, "maximize": o.maximize} for o in task.objectives],
            "parameters": {each.name: list(each.values) for each in task.space.dimensions},
            "space": task.space.size,
            "trials": len(self.records),
            "tried": self.tried,
            "failed": sum(bool(record.problem) for record in self.records),
            "start_bar": task.start,
            "sessions": task.sessions,
            "from": self.day(0) if task.sessions > 0 else None,
            "to": self.day(task.sessions) if task.sessions > 0 else None,
            "sessions_per_year": task.sessions_per_year,
            "folds": {"plan": str(task.plan), "purge": task.purge if task.plan.purge is None else task.plan.purge},
            "best": None if best is None else self._trial(best),
            "in_sample": _plain(self.in_sample),
            "out_of_sample": _plain(self.out_of_sample),
            "stitched": _stitched(self.stitched),
            "paths": [_stitched(each) for each in self.paths],
            "deflated_sharpe": _plain(self.deflated_sharpe),
            "luck_sharpe": _plain(self.luck),
            "probability_of_overfitting": _plain(self.overfitting.probability),
            "overfitting_blocks": self.overfitting.blocks,
            "plateau": _plain(self.plateau.score),
            "plateau_neighbours": self.plateau.neighbours,
            "verdict": {"level": told.level, "text": told.text, "reasons": list(told.reasons)},
            "by_fold": [self._fold_dict(each) for each in self.folds],
            "front": [self._trial(number) for number in self.front],
            "all": [self._trial(number) for number in range(len(self.records))],
        }

    def _fold_dict(self, each: FoldOutcome) -> dict[str, Any]:
        fold = each.fold
        return {
            "fold": fold.number,
            "train": [[self.day(a), self.day(b)] for a, b in fold.train],
            "test": [[self.day(a), self.day(b)] for a, b in fold.test],
            "train_sessions": fold.train_sessions,
            "test_sessions": fold.test_sessions,
            "values": None if each.chosen is None else self.records[each.chosen].values,
            "in_sample": _plain(each.train),
            "out_of_sample": _plain(each.test),
            "trades": each.trades,
            "beaten": _plain(each.beaten),
        }

    def _trial(self, number: int) -> dict[str, Any]:
        record = self.records[number]
        return {
            "trial": number,
            "values": record.values,
            "objectives": [_plain(float(value)) for value in record.overall],
            "figures": {name: _plain(value) for name, value in record.figures.items()},
            "in_sample": [_plain(float(value)) for value in record.train[:, 0]],
            "out_of_sample": [_plain(float(value)) for value in record.test[:, 0]],
            "problem": record.problem,
        }


def _best(scores: Floats, among: Sequence[int]) -> int | None:
    found: int | None = None
    for k in among:
        if scores[k] == scores[k] and (found is None or scores[k] > scores[found]):
            found = k
    return found


def _dominates(a: Floats, b: Floats) -> bool:
    return bool(np.all(a >= b) and np.any(a > b))


def _mean(values: Sequence[float]) -> float:
    defined = [value for value in values if value == value]
    return math.fsum(defined) / len(defined) if defined else NAN


def _joined_returns(parts: Sequence[tuple[Floats | None, tuple[Span, ...]]]) -> Floats:
    """Tests without a choice stay in cash; sessions judged twice (a step shorter than the test) count once."""
    found: list[Floats] = []
    done = 0
    for returns, spans in sorted(parts, key=lambda part: part[1][0][0]):
        for a, b in spans:
            begin = max(a, done)
            if b > begin:
                found.append(np.zeros(b - begin) if returns is None else returns[begin:b])
                done = b
    return np.concatenate(found) if found else np.empty(0)


def _plain(value: float) -> float | None:
    return None if value != value else float(value)


def _stitched(one: Stitched) -> dict[str, Any]:
    return {
        "sessions": len(one.returns),
        "sharpe": _plain(one.sharpe),
        "total_return": _plain(one.total_return),
        "annual_return": _plain(one.annual_return),
        "max_drawdown": _plain(one.max_drawdown),
    }
