"""Traps that trading languages fall into, each as a program with tests of its own: which value, order or fill it must
give. `lingua test` also asserts that the batch, the incremental and the replayed run of each agree."""

from __future__ import annotations

from pathlib import Path

import pytest

import lingua
from lingua.backtest.testing import run_tests

TRAPS = sorted(Path(__file__).with_name("traps").glob("*.lingua"))


def test_there_are_traps() -> None:
    assert len(TRAPS) >= 25


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_a_trap_is_none_here(path: Path) -> None:
    compiled = lingua.compile(path)
    assert compiled.ok, [str(problem.message) for problem in compiled.problems]
    outcomes = run_tests(compiled)
    assert outcomes
    for outcome in outcomes:
        assert outcome.passed, (outcome.title, outcome.misses, outcome.broken_laws, outcome.problem)
