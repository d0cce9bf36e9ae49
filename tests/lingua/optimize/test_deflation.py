"""Formulas against the worked examples of the papers they come from."""

import math

import numpy as np
import pytest

from lingua.backtest.metrics import METRICS
from lingua.optimize.deflation import deflated, expected_maximum, minimum_length, moments, probabilistic
from lingua.optimize.figures import BETTER_LOW, FIGURE_NAMES


def test_the_deflated_sharpe_ratio_of_the_paper() -> None:
    # Bailey and López de Prado, The Deflated Sharpe Ratio (2014), "A numerical example": a yearly Sharpe ratio of 2.5
    # from 1,250 daily returns, skew -3, kurtosis 10, the best of 100 trials whose yearly ratios vary by 1/2, 250 days
    # a year: SR0 = 0.1132 a day, DSR = 0.9004. With 46 trials it would be 0.9505.
    daily = 2.5 / math.sqrt(250)
    variance = 0.5 / 250
    assert expected_maximum(100, variance) == pytest.approx(0.1132, abs=5e-5)
    assert deflated(daily, 100, variance, 1250, -3.0, 10.0) == pytest.approx(0.9004, abs=5e-5)
    assert deflated(daily, 46, variance, 1250, -3.0, 10.0) == pytest.approx(0.9505, abs=5e-4)


def test_with_normal_returns_more_trials_are_needed_to_reach_the_same_doubt() -> None:
    # The same example: with normal returns, 88 trials give 0.9505.
    assert deflated(2.5 / math.sqrt(250), 88, 0.5 / 250, 1250) == pytest.approx(0.9505, abs=5e-4)


def test_the_probabilistic_sharpe_ratio_of_the_paper() -> None:
    # Bailey and López de Prado, The Sharpe Ratio Efficient Frontier (2012), numerical example: two years of
    # monthly returns, mean 0.036, standard deviation 0.079: 0.458 a month (1.59 a year); skew -2.448, kurtosis 10.164.
    # PSR(0) is 0.982 when returns are taken for normal and 0.913 with their moments.
    monthly = 0.036 / 0.079
    assert probabilistic(monthly, 0.0, 24) == pytest.approx(0.982, abs=2e-3)
    assert probabilistic(monthly, 0.0, 24, -2.448, 10.164) == pytest.approx(0.913, abs=2e-3)


def test_the_minimum_track_record_is_where_the_probability_reaches_the_confidence() -> None:
    needed = minimum_length(0.1, 0.02, -0.5, 4.0)
    assert probabilistic(0.1, 0.02, round(needed), -0.5, 4.0) == pytest.approx(0.95, abs=1e-3)
    assert math.isnan(minimum_length(0.1, 0.1))


def test_the_expected_maximum_is_what_a_simulation_shows() -> None:
    rng = np.random.default_rng(5)
    best = rng.normal(size=(20_000, 50)).max(axis=1).mean()
    assert expected_maximum(50, 1.0) == pytest.approx(best, abs=0.03)


def test_one_trial_is_not_deflated() -> None:
    assert expected_maximum(1, 0.5) == 0.0
    assert deflated(0.1, 1, 0.0, 252) == probabilistic(0.1, 0.0, 252)


def test_moments_are_undefined_where_nothing_varies() -> None:
    assert math.isnan(moments(np.zeros(100)).sharpe)
    assert math.isnan(moments(np.full(100, 0.001)).sharpe)
    found = moments(np.array([0.01, -0.01, 0.02, 0.0]))
    assert found.sharpe == pytest.approx(np.mean([1, -1, 2, 0]) / np.std([1, -1, 2, 0], ddof=1))
    assert found.skew == pytest.approx(0.0, abs=1e-9)


def test_every_figure_may_be_an_objective() -> None:
    assert tuple(METRICS) == FIGURE_NAMES
    assert set(METRICS) >= BETTER_LOW
