"""Plateau, importance and verdict on made-up records."""

import math

import numpy as np
import pytest

from lingua.optimize.importance import importance
from lingua.optimize.outcome import Outcome
from lingua.optimize.plateau import neighbours, plateau
from lingua.optimize.records import FIGURES, Record
from lingua.optimize.space import Dimension, Space
from lingua.optimize.verdict import verdict


def line_space(task, count: int) -> Space:
    return Space(task.program, (Dimension("n", tuple(range(count))),))


def test_a_plateau_is_told_from_a_spike(task) -> None:
    space = line_space(task, 11)
    tried = [{"n": n} for n in range(11)]
    hill = [float(-abs(n - 5)) for n in range(11)]
    spike = [1.0 if n == 5 else 0.0 for n in range(11)]
    table = [1.0 if 3 <= n <= 7 else 0.0 for n in range(11)]
    assert plateau(space, tried, spike, 5).score == 0.0
    assert plateau(space, tried, table, 5).score == 1.0
    assert plateau(space, tried, hill, 5).score == 0.8


def test_neighbours_are_one_step_away_in_one_parameter(task) -> None:
    space = Space(task.program, (Dimension("a", (1, 2, 3)), Dimension("f", ("x", "y", "z"), is_ordered=False)))
    tried = [{"a": a, "f": f} for a in (1, 2, 3) for f in ("x", "y", "z")]
    found = {tuple(tried[k].values()) for k in neighbours(space, tried, tried.index({"a": 1, "f": "x"}))}
    assert found == {(2, "x"), (1, "y"), (1, "z")}


def test_undefined_neighbours_count_as_the_worst(task) -> None:
    space = line_space(task, 5)
    tried = [{"n": n} for n in range(5)]
    assert plateau(space, tried, [0.0, math.nan, 1.0, math.nan, 0.0], 2).score == 0.0
    assert math.isnan(plateau(space, tried, [math.nan] * 5, 2).score)


def made(task, returns: np.ndarray, values: list[dict]) -> Outcome:
    """An outcome whose trials have these (sessions, trials) returns, their Sharpe ratio as objective."""
    records = []
    for k, own in enumerate(values):
        column = returns[:, k]

        def sharpe(part: np.ndarray) -> float:
            return float(np.mean(part) / np.std(part, ddof=1) * math.sqrt(task.sessions_per_year))

        train = np.array([[sharpe(np.concatenate([column[a:b] for a, b in f.train]))] for f in task.folds])
        test = np.array([[sharpe(np.concatenate([column[a:b] for a, b in f.test]))] for f in task.folds])
        figures = dict.fromkeys(FIGURES, 1.0)
        records.append(Record(own, np.array([sharpe(column)]), train, test, (1,) * len(task.folds), figures, column))
    return Outcome(task, records, method="grid", seed=0)


def values_of(task) -> list[dict]:
    return list(task.space.grid())


def test_the_parameter_that_decides_is_the_important_one(task) -> None:
    rng = np.random.default_rng(0)
    values = values_of(task)
    returns = rng.normal(0, 0.01, (task.sessions, 1)) + np.array([[v["fast"] * 1e-4 for v in values]])
    found = importance(made(task, returns, values))
    assert found["fast"] > 0.95
    assert found["slow"] < 0.2


def test_noise_is_not_believed(task) -> None:
    rng = np.random.default_rng(4)
    values = values_of(task)
    levels = [verdict(made(task, rng.normal(0, 0.01, (task.sessions, len(values))), values)).level for _ in range(20)]
    assert "believe" not in levels
    assert levels.count("reject") >= 8


def test_a_steady_edge_that_all_neighbours_share_is_believed(task) -> None:
    rng = np.random.default_rng(4)
    values = values_of(task)
    edge = np.array([[0.002 - 1e-4 * (v["fast"] - 5) ** 2 - 1e-6 * v["slow"] for v in values]])
    common = rng.normal(0, 0.008, (task.sessions, 1))
    found = verdict(made(task, common + edge, values))
    assert found.level == "believe", found
    assert any("luck" in reason for reason in found.reasons)


def test_what_loses_in_its_tests_is_rejected_in_so_many_words(task) -> None:
    values = values_of(task)
    returns = np.random.default_rng(9).normal(0.002, 0.01, (task.sessions, len(values)))
    begin = task.folds[0].test[0][0]
    returns[begin:] -= 0.004
    found = verdict(made(task, returns, values))
    assert found.level == "reject"
    assert found.text == "Do not trade this: it did not survive its tests."


@pytest.mark.parametrize("scale", [1.0, 250.0])
def test_the_deflated_sharpe_ratio_does_not_depend_on_the_scale_of_returns(task, scale: float) -> None:
    values = values_of(task)
    returns = np.random.default_rng(1).normal(0.0005, 0.01, (task.sessions, len(values)))
    base, other = made(task, returns, values), made(task, returns * scale * 1e-3, values)
    assert other.deflated_sharpe == pytest.approx(base.deflated_sharpe, rel=1e-9)
