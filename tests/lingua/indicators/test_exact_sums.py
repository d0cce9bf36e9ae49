"""Window sums depend on the window's contents alone, in every way in which they are computed."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua.indicators.exact import WindowSums, divided, pair_of, whole
from lingua.indicators.kernel import Kernel
from lingua.indicators.kernels import Extreme
from lingua.indicators.kernels_windows import Line, LinearMean, Mean, MeanDeviation, Spread, Sum, WeightedMean

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


@pytest.mark.parametrize("make", [Sum, Mean, LinearMean, Spread, MeanDeviation, WeightedMean, Line])
@given(columns, lengths, st.integers(0, 20))
def test_a_window_has_one_value_whatever_came_before_it(
    make: type, values: list[float], length: int, extra: int
) -> None:
    length = max(length, 2)
    if len(values) < length:
        return
    weights = np.array(values[::-1])
    long, short = make(length), make(length)
    two = make is WeightedMean
    before = [1e17, 0.1, -3e-9, *values[:extra]]
    for x in before:
        long(x, 1.0 / 3.0) if two else long(x)
    stepped = [long(x, float(w)) if two else long(x) for x, w in zip(values, weights, strict=True)]
    whole_column = short(np.array(values), weights) if two else short(np.array(values))
    first = whole_column[0] if isinstance(whole_column, tuple) else whole_column
    for k in range(length - 1, len(values)):
        value = stepped[k][0] if isinstance(stepped[k], tuple) else stepped[k]
        assert value == first[k] or (math.isnan(value) and math.isnan(first[k]))


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
    assert abs(Fraction(mean) - total / len(values)) <= Fraction(math.ulp(mean)) / 2


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
