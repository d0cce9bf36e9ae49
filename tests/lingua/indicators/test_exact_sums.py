"""Window sums depend on the window's contents alone, in every way in which they are computed."""

from __future__ import annotations

import importlib.util
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lingua.indicators.exact import WindowSums, divided, pair_of, whole
from lingua.indicators.kernel import Kernel
from lingua.indicators.kernels import Extreme
from lingua.indicators.kernels_windows import (
    CoSpread,
    Line,
    LinearMean,
    Mean,
    MeanDeviation,
    Spread,
    Sum,
    WeightedMean,
)

found = importlib.util.spec_from_file_location("wild_windows", Path(__file__).with_name("wild_windows.py"))
assert found is not None
assert found.loader is not None
wild = importlib.util.module_from_spec(found)
found.loader.exec_module(wild)

near = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4))
far = st.builds(lambda x, e: x * 10.0**e, st.floats(-10, 10), st.integers(-200, 200))
columns = st.lists(st.one_of(near, far), min_size=1, max_size=40) | st.lists(near, min_size=1, max_size=60)
lengths = st.integers(1, 12)


@given(columns, lengths)
def test_sums_over_columns_are_the_exact_ones_rounded_to_a_pair(values: list[float], length: int) -> None:
    if len(values) < length:
        return
    sums = WindowSums(np.array(values))
    for pairs, is_weighted in ((sums.sums(length), False), (sums.weighted(length), True)):
        for k in range(len(values) - length + 1):
            part = values[k : k + length]
            total = sum((Fraction(x) * (j if is_weighted else 1) for j, x in enumerate(part)), Fraction())
            assert pairs[0][k] == float(total)
            assert pairs[1][k] == float(total - Fraction(pairs[0][k]))


ALL = [Sum, Mean, LinearMean, Spread, MeanDeviation, WeightedMean, Line, CoSpread]
TWO = (WeightedMean, CoSpread)
anything = st.one_of(
    near,
    far,
    st.sampled_from([0.0, -0.0, 1e12, 1e-3, 100.1, 5e-324, -3e-310, 2.0**-1022, 1e300, -1e300, 1e-300, 1e154, 1e-154]),
    st.integers(-1000, 1000).map(float),
    st.floats(0.01, 0.02).map(lambda x: x - 0.015),
)
rows = st.lists(st.tuples(anything, anything), min_size=1, max_size=60)


def outputs(found: object) -> tuple[object, ...]:
    return found if isinstance(found, tuple) else (found,)


def same(a: object, b: object) -> bool:
    return bool(a == b or (a != a and b != b))


def stepped(kernel: Kernel, pairs: list[tuple[float, float]], two: bool) -> list[tuple[object, ...]]:
    return [outputs(kernel(x, y) if two else kernel(x)) for x, y in pairs]


@pytest.mark.parametrize("make", ALL)
@given(rows, lengths, st.lists(st.tuples(anything, anything), max_size=20))
def test_a_window_has_one_value_whatever_came_before_it(
    make: type, values: list[tuple[float, float]], length: int, before: list[tuple[float, float]]
) -> None:
    length, two = max(length, 2), make in TWO
    late, early = make(length), make(length)
    stepped(late, [(1e17, 3.0), (0.1, 1e-9), (-3e-9, 1.0 / 3.0), *before], two)
    found = stepped(late, values, two)
    fresh = stepped(early, values, two)
    columns = np.array(values).T.copy()
    batch = outputs(make(length)(*columns) if two else make(length)(columns[0]))
    for k in range(length - 1, len(values)):
        for a, b, column in zip(found[k], fresh[k], batch, strict=True):
            assert same(a, b)
            assert same(a, column[k]), (k, a, column[k])


@pytest.mark.parametrize("kind", wild.KINDS)
@pytest.mark.parametrize("length", [2, 20, 300])
@pytest.mark.parametrize("make", ALL)
def test_long_columns_have_the_values_of_single_steps(make: type, length: int, kind: str) -> None:
    x, y = wild.columns(kind, 1500, length)
    two = make in TWO
    found = stepped(make(length), list(zip(x.tolist(), y.tolist(), strict=True)), two)
    batch = outputs(make(length)(x, y) if two else make(length)(x))
    for number, column in enumerate(batch):
        one = np.array([row[number] for row in found])
        wrong = np.flatnonzero(~((one == column) | ((one != one) & (column != column))))
        assert len(wrong) == 0, (number, wrong[:3], one[wrong[:3]], column[wrong[:3]])


@given(st.lists(st.tuples(anything, anything), min_size=2, max_size=12))
def test_covariances_are_the_exact_ones_rounded(values: list[tuple[float, float]]) -> None:
    n = len(values)
    both, of_x, of_y = stepped(CoSpread(n), values, True)[-1]
    spread = stepped(Spread(n), values, False)[-1][0]
    xs, ys = ([Fraction(row[k]) for row in values] for k in (0, 1))

    def rounded(a: list[Fraction], b: list[Fraction]) -> float:
        excess = n * sum(x * y for x, y in zip(a, b, strict=True)) - sum(a) * sum(b)
        try:
            return float(excess) / n**2
        except OverflowError:
            return math.nan

    assert same(both, rounded(xs, ys))
    assert same(of_x, rounded(xs, xs))
    assert same(of_y, rounded(ys, ys))
    assert same(spread, of_x)


@given(st.lists(st.tuples(near, st.floats(0.0, 1e9)), min_size=1, max_size=12))
@example([(0.25, 2.225073858507203e-309)])
@example([(0.25, 5e-324), (0.25, 5e-324), (0.5, 5e-324)])
def test_a_weighted_mean_is_rounded_once(values: list[tuple[float, float]]) -> None:
    found = stepped(WeightedMean(len(values)), values, True)[-1][0]
    weights = sum(Fraction(w) for _, w in values)
    if float(weights) == 0.0:
        assert math.isnan(found)
        return
    exact = sum(Fraction(x) * Fraction(w) for x, w in values) / weights
    assert abs(Fraction(found) - exact) <= Fraction(math.ulp(found)) * Fraction(51, 100)


@given(st.floats(1e-280, 1e280), st.integers(2, 300))
def test_on_equal_values_means_are_that_value_and_spreads_and_slopes_nothing(value: float, length: int) -> None:
    flat = np.full(length, value)
    for kernel in (Mean(length), LinearMean(length)):
        assert kernel(flat)[-1] == value
    assert WeightedMean(length)(flat, np.arange(1.0, length + 1))[-1] == value
    assert Spread(length)(flat)[0][-1] == 0.0
    assert Line(length)(flat)[0][-1] == 0.0


@given(st.lists(near, min_size=3, max_size=50))
def test_a_mean_is_rounded_once(values: list[float]) -> None:
    total = sum(map(Fraction, values), Fraction())
    high, low = pair_of(sum(map(whole, values)))
    mean = divided((high, low), float(len(values)))
    # Half a unit in the last place, and what 2^-26 of one may turn at a tie.
    assert abs(Fraction(mean) - total / len(values)) <= Fraction(math.ulp(mean)) * (Fraction(1, 2) + Fraction(1, 2**24))


@given(
    st.lists(st.floats(-1e9, 1e9) | st.integers(-2, 2).map(float), min_size=1, max_size=60),
    st.integers(1, 15),
    st.sampled_from([1.0, -1.0]),
)
def test_extremes_are_those_of_the_window(values: list[float], length: int, sign: float) -> None:
    column = np.array(values)
    found = Extreme(length, sign)(column)
    newest, oldest = Extreme(length, sign, True)(column), Extreme(length, sign, True, True)(column)
    best = max if sign > 0 else min
    for k in range(len(values)):
        part = values[max(0, k - length + 1) : k + 1]
        if len(part) < length:
            assert math.isnan(found[k])
        else:
            assert found[k] == best(part)
            assert newest[k] == part[::-1].index(best(part))
            assert oldest[k] == len(part) - 1 - part.index(best(part))


def test_a_row_with_a_hole_gives_nothing_and_leaves_a_kernel_as_it_was() -> None:
    values = [1.0, math.nan, 2.0, math.inf, 4.0]
    for make in (lambda: Mean(2), lambda: Sum(2), lambda: Extreme(2, 1.0), lambda: Spread(2)):
        kernel: Kernel = make()
        stepped = [kernel(x) for x in values]
        stepped = [x[0] if isinstance(x, tuple) else x for x in stepped]
        column = make()(np.array(values))
        column = column[0] if isinstance(column, tuple) else column
        assert np.array_equal(stepped, column, equal_nan=True)
        assert np.isnan(column[[0, 1, 3]]).all()
        assert not np.isnan(column[[2, 4]]).any()
