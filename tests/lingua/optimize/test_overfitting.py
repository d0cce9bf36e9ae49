"""CSCV by hand, on pure noise, and where one combination is truly better."""

import math
from itertools import combinations

import numpy as np
import pytest

from lingua.optimize.overfitting import blocks_for, overfitting


def naive(returns: np.ndarray, blocks: int) -> tuple[float, list[float]]:
    """The algorithm step by step as section 2 of the paper lists it, with nothing shared between choices."""
    size = len(returns) // blocks
    parts = [returns[k * size : (k + 1) * size] for k in range(blocks)]
    logits = []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[k] for k in chosen])
        outside = np.concatenate([parts[k] for k in range(blocks) if k not in chosen])
        sharpe_in = inside.mean(axis=0) / inside.std(axis=0, ddof=1)
        sharpe_out = outside.mean(axis=0) / outside.std(axis=0, ddof=1)
        best = int(np.argmax(sharpe_in))
        rank = 1 + int((sharpe_out < sharpe_out[best]).sum())
        share = rank / (returns.shape[1] + 1)
        logits.append(math.log(share / (1 - share)))
    return float(np.mean(np.array(logits) <= 0)), logits


@pytest.mark.parametrize(("sessions", "trials", "blocks"), [(120, 7, 4), (200, 20, 8), (160, 3, 10)])
def test_it_is_the_algorithm_of_the_paper(sessions: int, trials: int, blocks: int) -> None:
    returns = np.random.default_rng(sessions).normal(0.0002, 0.01, (sessions, trials))
    probability, logits = naive(returns, blocks)
    found = overfitting(returns, blocks)
    assert found.probability == probability
    assert found.logits == pytest.approx(logits)


def test_sixteen_blocks_are_12870_choices() -> None:
    # The number that the paper gives for S = 16.
    assert len(overfitting(np.random.default_rng(0).normal(size=(320, 5))).logits) == 12_870


def test_noise_is_overfitted_in_half_of_all_cases() -> None:
    # Without skill the rank out of sample is uniform; full sample re-use pulls it a little below the middle, as the
    # paper's first test case shows, so the mean over many data sets lies at or above one half.
    rng = np.random.default_rng(11)
    found = [overfitting(rng.normal(0, 0.01, (160, 20)), 8).probability for _ in range(60)]
    assert 0.45 < float(np.mean(found)) < 0.75


def test_a_combination_that_is_truly_better_is_not_overfitting() -> None:
    returns = np.random.default_rng(3).normal(0.0, 0.01, (800, 30))
    returns[:, 4] += 0.004
    found = overfitting(returns)
    assert found.probability < 0.01
    assert found.loss < 0.01


def test_what_is_best_in_turns_is_always_overfitting() -> None:
    # Each combination earns in one half of the time and loses in the other: whatever was best is last afterwards.
    rng = np.random.default_rng(2)
    returns = rng.normal(0, 0.0001, (40, 2))
    returns[:20, 0] += 0.01
    returns[20:, 0] -= 0.01
    returns[:20, 1] -= 0.01
    returns[20:, 1] += 0.01
    assert overfitting(returns, 2).probability == 1.0


def test_too_little_says_nothing() -> None:
    assert math.isnan(overfitting(np.zeros((30, 5))).probability)
    assert math.isnan(overfitting(np.zeros((300, 1))).probability)
    assert [blocks_for(n) for n in (39, 40, 75, 100, 5000)] == [0, 4, 6, 10, 16]
