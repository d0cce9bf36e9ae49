"""Averages made in several places at a time have the bits of one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.indicators import lanes
from lingua.indicators.averages import ema_kernel, wilder_kernel
from lingua.indicators.kernels import Strength, side_by_side

smooth: Any = lanes.smooth  # its signature is Cython's


def walk(seed: int, n: int) -> Any:
    return np.round(100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 0.002, n))), 2)


def flat(seed: int, n: int) -> Any:
    """Long stretches in which nothing moves: averages from two sides never meet there."""
    rng = np.random.default_rng(seed)
    return np.repeat(np.round(rng.uniform(1.0, 200.0, n // 500 + 1), 2), 500)[:n]


def wild(seed: int, n: int) -> Any:
    """Some sixty orders of magnitude, both signs, and zeros of both signs."""
    rng = np.random.default_rng(seed)
    made = rng.choice([-1.0, 1.0], n) * 10.0 ** rng.uniform(-30.0, 30.0, n)
    made[rng.random(n) < 0.3] = 0.0
    made[rng.random(n) < 0.1] = -0.0
    return made


def steps(kernel: Any, x: Any) -> Any:
    return np.array([kernel(float(each)) for each in x])


def bits(column: Any) -> Any:
    return np.where(np.isnan(column), 0.0, column).view(np.uint64), np.isnan(column)


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(bits(a), bits(b), strict=True))


@pytest.mark.parametrize("make", [walk, flat, wild])
@given(
    seed=st.integers(0, 10_000), n=st.integers(0, 9_000), alpha=st.sampled_from([1.0, 0.9, 0.5, 2 / 13, 2 / 27, 0.02])
)
def test_lanes_have_the_bits_of_one_step_after_the_other(make: Any, seed: int, n: int, alpha: float) -> None:
    x, out, value = make(seed, n), np.empty(n), 50.0
    expected = np.empty(n)
    last = value
    for i, each in enumerate(x.tolist()):
        last = last + alpha * (each - last)
        expected[i] = last
    assert smooth(x, out, value, alpha) == last
    assert same(out, expected)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("at", [0, 1, 4_000, 8_191])
def test_a_value_that_is_not_finite_is_told(bad: float, at: int) -> None:
    x = walk(1, 8_192)
    x[at] = bad
    found = smooth(x, np.empty(len(x)), 100.0, 0.3)
    assert found != found


@pytest.mark.parametrize("make", [walk, flat, wild])
@pytest.mark.parametrize("hole", [None, 3, 5_000])
def test_columns_of_kernels_are_those_of_their_steps(make: Any, hole: int | None) -> None:
    x = make(3, 9_000)
    if hole is not None:
        x[hole] = np.nan
    for length in (1, 2, 12, 26, 200):
        assert same(ema_kernel(length)(x), steps(ema_kernel(length), x))
        assert same(wilder_kernel(length)(x), steps(wilder_kernel(length), x))
    for pair in ((12, 26), (5, 400)):
        found = side_by_side(ema_kernel(pair[0]), ema_kernel(pair[1]), x)
        for column, length in zip(found, pair, strict=True):
            assert same(column, steps(ema_kernel(length), x))


@pytest.mark.parametrize("make", [walk, flat])
@pytest.mark.parametrize("hole", [None, 3, 5_000])
def test_strength_is_that_of_its_steps(make: Any, hole: int | None) -> None:
    x = make(5, 9_000)
    if hole is not None:
        x[hole] = np.nan
    for length in (2, 14):
        kernel = Strength(length)
        expected = np.array([kernel(float(each)) for each in x])
        rises, falls = Strength(length)(x)
        assert same(rises, expected[:, 0])
        assert same(falls, expected[:, 1])
        if lanes.COMPILED:
            both = expected.sum(axis=1)
            with np.errstate(all="ignore"):
                share = np.where(both != 0.0, 100.0 * expected[:, 0] / both, np.nan)
            assert same(Strength(length).share(x), share)
