"""Columns made in one compiled pass are those made in NumPy, hole for hole."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lingua.backends import truths as module
from lingua.trading import curves as curve_module

truths: Any = module
curves: Any = curve_module
KINDS = {"gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal}


def columns(seed: int, n: int = 300) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    x, y = np.round(random.normal(size=(2, n)), 1)
    x[random.random(n) < 0.05] = np.nan
    y[random.random(n) < 0.05] = np.nan
    x[: seed % 7] = np.nan
    return x, y


def truth(condition: Any, *numbers: Any) -> Any:
    out = np.where(condition, 2, 0)
    for each in numbers:
        out[np.isnan(each)] = 1
    return out


@pytest.mark.parametrize("seed", range(8))
def test_comparisons_are_unknown_where_a_number_is_missing(seed: int) -> None:
    x, y = columns(seed)
    out = np.empty(len(x), dtype=np.uint8)
    for compare, first, second, kind in (
        (truths.above, x, y, "gt"), (truths.above, y, x, "lt"), (truths.at_least, x, y, "ge"),
        (truths.at_least, y, x, "le"),
    ):  # fmt: skip
        compare(first, second, out)
        assert np.array_equal(out, truth(KINDS[kind](x, y), x, y))
    for compare, kind in (
        (truths.above_level, "gt"), (truths.at_least_level, "ge"), (truths.below_level, "lt"),
        (truths.at_most_level, "le"),
    ):  # fmt: skip
        compare(x, 0.3, out)
        assert np.array_equal(out, truth(KINDS[kind](x, 0.3), x))


@pytest.mark.parametrize("seed", range(8))
def test_a_crossing_is_between_one_observation_and_the_next(seed: int) -> None:
    x, y = columns(seed)
    out = np.empty(len(x), dtype=np.uint8)
    truths.crossings(x, y, out, np.zeros(2, dtype=np.uint8))
    whole = np.flatnonzero(~np.isnan(x) & ~np.isnan(y))
    expected = np.ones(len(x))
    for before, now in pairwise(whole):
        expected[now] = 2 if x[now] > y[now] and x[before] <= y[before] else 0
    assert np.array_equal(out, expected)


def test_infinities_and_leading_gaps_are_found() -> None:
    assert not truths.has_infinity(np.array([1.0, np.nan]))
    assert truths.has_infinity(np.array([1.0, -np.inf, np.nan]))
    assert truths.first_number(np.array([np.nan, np.nan, 1.0, 2.0])) == 2
    assert truths.first_number(np.array([np.nan, 1.0, np.nan])) == -1
    assert truths.first_number(np.array([np.nan])) == 1


def test_equity_is_cash_and_what_is_held_at_the_last_close() -> None:
    out = np.empty(6)
    close = np.array([np.nan, 10.0, np.nan, 11.0, 12.0, 13.0])
    changes = np.array([[0.0, 100.0], [2.0, 80.0], [4.0, 70.0], [4.0, 104.0]])
    holdings = np.array([[0.0, 2.0, 2.0], [0.0, 4.0, 0.0]])
    curves.equity(changes, holdings, close, 1.5, out)
    assert out.tolist() == [100.0, 100.0, 80.0 + 2 * 1.5 * 10.0, 80.0 + 2 * 1.5 * 11.0, 104.0, 104.0]


def test_a_bar_fills_orders_where_it_has_prices_and_was_traded() -> None:
    prices = np.array([[1.0, np.nan, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    out = np.empty(4, dtype=np.uint8)
    curves.tradable(*prices, np.array([1.0, 1.0, 0.0, np.nan]), out)
    assert out.tolist() == [1, 0, 0, 1]
