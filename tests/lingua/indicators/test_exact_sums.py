"""Window sums depend on the window's contents alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lingua.indicators.exact import Window, WindowSums, divide

numbers = st.lists(
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)), min_size=3, max_size=40
)


@given(numbers, st.integers(1, 10))
def test_sums_of_batch_and_incremental_form_are_the_exact_ones(values: list[float], length: int) -> None:
    length = min(length, len(values))
    column = np.array(values)
    high, low = WindowSums(column).sums(length)
    wide, wide_low = WindowSums(column).weighted(length)
    window = Window(length, is_weighted=True)
    for i, x in enumerate(values):
        window.push(x)
        if i >= length - 1:
            k = i - length + 1
            part = values[k : i + 1]
            assert Fraction(high[k]) + Fraction(low[k]) == sum(map(Fraction, part))
            assert (high[k], low[k]) == window.sum()
            assert Fraction(wide[k]) + Fraction(wide_low[k]) == sum(j * Fraction(v) for j, v in enumerate(part))
            assert (wide[k], wide_low[k]) == window.weighted()


@given(st.floats(1e-8, 1e8), st.integers(1, 300))
def test_the_mean_of_equal_values_is_that_value(value: float, length: int) -> None:
    column = np.full(length, value)
    assert divide(WindowSums(column).sums(length), float(length))[0] == value
