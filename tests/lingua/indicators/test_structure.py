"""Swings, turns, periods and levels, and prices weighed since an event: against plain loops, and cases small enough to
follow on paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lingua.indicators.registry import lookup

NAN = math.nan


def values(name: str, *inputs: Any, **parameters: Any) -> list[np.ndarray]:
    spec = lookup(name)
    assert spec is not None, name
    columns = [np.asarray(each, dtype=np.float64) for each in inputs]
    return [np.asarray(column) for column in spec.batch(*columns, **spec.bind(parameters))]


def same(ours: np.ndarray, theirs: list[float]) -> None:
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12, equal_nan=True), (ours.tolist(), theirs)


def walk(seed: int, rows: int = 400) -> tuple[np.ndarray, ...]:
    """open, high, low, close, volume, and a condition that holds now and then."""
    random = np.random.default_rng(seed)
    close = np.round(100.0 + np.cumsum(random.normal(0.0, 1.0, rows)), 1)
    opened = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opened, close) + np.round(np.abs(random.normal(0.0, 0.5, rows)), 1)
    low = np.minimum(opened, close) - np.round(np.abs(random.normal(0.0, 0.5, rows)), 1)
    volume = np.where(random.random(rows) < 0.1, 0.0, np.round(random.random(rows) * 1000))
    return opened, high, low, close, volume, np.where(random.random(rows) < 0.05, 2.0, 0.0)


# --- swings and turns --------------------------------------------------------------------------------


def test_a_swing_is_told_when_the_bars_after_it_have_confirmed_it() -> None:
    high = [5, 6, 9, 7, 6, 5, 8, 10, 9, 8, 7]
    low = [each - 2 for each in high]
    top, bottom, up, down, trend = values("swings", high, low, left=2, right=2)
    same(top, [NAN] * 4 + [9] * 5 + [10, 10])
    same(bottom, [NAN] * 7 + [3, 3, 3, 3])
    same(up, [NAN] * 9 + [1, 1])
    same(down, [NAN] * 11)
    same(trend, [NAN] * 11)


@pytest.mark.parametrize(("left", "right"), [(1, 1), (3, 2), (2, 5)])
def test_swings_are_those_a_search_through_all_bars_finds(left: int, right: int) -> None:
    for seed in range(3):
        _, high, low, *_ = walk(seed)
        found: dict[int, list[float]] = {1: [], -1: []}
        lines: list[list[float]] = [[] for _ in range(5)]
        for k in range(len(high)):
            at = k - right
            if at >= left:
                for side, x in ((1, high), (-1, -low)):
                    if x[at] > max(x[at - left : at]) and x[at] >= max(x[at + 1 : k + 1]):
                        found[side].append(side * x[at])
            steps = [each[-1] - each[-2] if len(each) > 1 else NAN for each in found.values()]
            trend = NAN if NAN in steps or math.isnan(sum(steps)) else int(min(steps) > 0) - int(max(steps) < 0)
            row = [each[-1] if each else NAN for each in found.values()] + steps + [float(trend)]
            for line, value in zip(lines, row, strict=True):
                line.append(value)
        for ours, theirs in zip(values("swings", high, low, left=left, right=right), lines, strict=True):
            same(ours, theirs)


def test_a_turn_is_told_when_the_price_has_come_back_far_enough_and_is_never_taken_back() -> None:
    high = [100, 110, 120, 115, 112, 108, 118, 130, 129]
    low = [98, 105, 116, 111, 107, 104, 110, 121, 116]
    point, side, bars, extreme = values("zigzag", high, low, percent=10)
    # 98 is a bottom once a high reaches 107.8, 120 a top once a low reaches 108, 104 a bottom at 114.4, 130 a top.
    same(point, [NAN, 98, 98, 98, 120, 120, 104, 104, 130])
    same(side, [NAN, -1, -1, -1, 1, 1, -1, -1, 1])
    same(bars, [NAN, 1, 2, 3, 2, 3, 1, 2, 1])
    same(extreme, [NAN, 110, 120, 120, 107, 104, 118, 130, 116])


def test_turns_alternate_and_lie_at_the_extremes_between_them() -> None:
    for seed in range(4):
        _, high, low, *_ = walk(seed, 900)
        point, side, bars, _ = values("zigzag", high, low, percent=4)
        first = int(np.argmax(~np.isnan(point)))
        told = [k for k in range(first, len(point)) if k == first or side[k] != side[k - 1]]
        at = [k - int(bars[k]) for k in told]
        assert len(told) > 3
        for before, after, k in zip(at[:-1], at[1:], told[1:], strict=True):
            assert before < after < k
            if side[k] > 0:
                assert point[k] == high[after] == max(high[before + 1 : after + 1])
                assert low[k] <= point[k] * 0.96 + 1e-9
            else:
                assert point[k] == low[after] == min(low[before + 1 : after + 1])
                assert high[k] >= point[k] * 1.04 - 1e-9


# --- periods -----------------------------------------------------------------------------------------

NEW = [0, 2, 0, 0, 2, 0, 2]
OPEN = [9, 10, 12, 11, 15, 14, 13]
HIGH = [10, 13, 14, 12, 16, 15, 20]
LOW = [8, 9, 11, 10, 13, 12, 12]
CLOSE = [9, 12, 12, 11, 14, 14, 18]


def test_the_period_before_is_known_from_the_first_bar_of_the_next_and_one_begun_before_the_data_is_none() -> None:
    opened, high, low, close = values("previous_period", NEW, OPEN, HIGH, LOW, CLOSE)
    same(opened, [NAN] * 4 + [10, 10, 15])
    same(high, [NAN] * 4 + [14, 14, 16])
    same(low, [NAN] * 4 + [9, 9, 12])
    same(close, [NAN] * 4 + [11, 11, 14])


def test_the_opening_range_is_told_by_the_last_of_its_bars() -> None:
    high, low = values("opening_range", NEW, HIGH, LOW, length=2)
    same(high, [NAN, NAN, 14, 14, NAN, 16, NAN])
    same(low, [NAN, NAN, 9, 9, NAN, 12, NAN])
    same(values("opening_range", NEW, HIGH, LOW)[0], [NAN, 13, 13, 13, 16, 16, 20])


def test_extremes_since_an_event() -> None:
    same(values("highest_since", NEW, CLOSE)[0], [NAN, 12, 12, 12, 14, 14, 18])
    same(values("lowest_since", NEW, CLOSE)[0], [NAN, 12, 12, 11, 14, 14, 18])


PIVOTS = {
    # of the period with open 10, high 14, low 9, close 11, while the next opens at 15: p, r1 … r5, s1 … s5
    "traditional": (34 / 3, 41 / 3, 49 / 3, 56 / 3, 21, 70 / 3, 26 / 3, 19 / 3, 11 / 3, 1, -5 / 3),
    "classic": (34 / 3, 41 / 3, 49 / 3, 64 / 3, 79 / 3, NAN, 26 / 3, 19 / 3, 4 / 3, -11 / 3, NAN),
    "fibonacci": (34 / 3, 34 / 3 + 1.91, 34 / 3 + 3.09, 49 / 3, NAN, NAN,
                  34 / 3 - 1.91, 34 / 3 - 3.09, 19 / 3, NAN, NAN),
    "woodie": (13.25, 17.5, 18.25, 22.5, 27.5, NAN, 12.5, 8.25, 7.5, 2.5, NAN),
    "dm": (12, 15, NAN, NAN, NAN, NAN, 10, NAN, NAN, NAN, NAN),
    "camarilla": (34 / 3, *(11 + 5.5 / n for n in (12, 6, 4, 2)), 154 / 9,
                  *(11 - 5.5 / n for n in (12, 6, 4, 2)), 44 / 9),
}  # fmt: skip


@pytest.mark.parametrize("kind", PIVOTS)
def test_pivot_points_come_from_the_last_whole_period(kind: str) -> None:
    found = values("pivot_points", NEW, OPEN, HIGH, LOW, CLOSE, kind=kind)
    assert np.isnan([column[:4] for column in found]).all()
    same(np.array([column[4] for column in found]), list(PIVOTS[kind]))
    same(np.array([column[5] for column in found]), list(PIVOTS[kind]))


# --- prices weighed by volume ------------------------------------------------------------------------


def test_bands_of_the_average_price_since_an_event_are_those_of_all_its_bars() -> None:
    for seed in range(3):
        _, high, low, close, volume, anchor = walk(seed)
        upper, middle, lower = values("vwap_bands", anchor, high, low, close, volume, width=2)
        x, began = (high + low + close) / 3.0, None
        for k in range(len(x)):
            began = k if anchor[k] > 1 else began
            if began is None or volume[began : k + 1].sum() == 0:
                assert np.isnan([upper[k], middle[k], lower[k]]).all()
                continue
            part, weight = x[began : k + 1], volume[began : k + 1]
            mean = np.average(part, weights=weight)
            away = 2 * math.sqrt(np.average((part - mean) ** 2, weights=weight))
            assert np.allclose([upper[k], middle[k], lower[k]], [mean + away, mean, mean - away], rtol=1e-9)


def test_one_price_has_no_spread_however_long_the_session() -> None:
    rows = 5000
    anchor = np.zeros(rows)
    anchor[0] = 2.0
    price, volume = np.full(rows, 100.1), np.random.default_rng(0).random(rows) * 1e6
    upper, _, lower = values("vwap_bands", anchor, price, price, price, volume)
    assert np.allclose(upper, lower, rtol=1e-12)
    upper, _, lower = values("vwap_rolling", price, price, price, volume, length=20)
    assert np.array_equal(upper, lower, equal_nan=True)


def test_a_window_without_volume_has_no_profile_and_one_price_is_all_of_its_profile() -> None:
    price = np.full(30, 50.0)
    for column in values("volume_profile", price, price, price, np.zeros(30), length=10):
        assert np.isnan(column).all()
    for column in values("volume_profile", price, price, price, np.ones(30), length=10):
        assert (column[9:] == 50.0).all()


def test_the_value_area_holds_the_share_of_the_volume_around_the_fullest_part() -> None:
    # Five parts of one price unit from 10 to 15 hold 1, 2, 10, 6, 1.
    price = np.array([10.5, 11.5, 12.5, 13.5, 14.5])
    high, low = price.copy(), price.copy()
    low[0], high[-1] = 10.0, 15.0
    close = price * 3 - high - low
    poc, top, bottom = values("volume_profile", high, low, close, [1, 2, 10, 6, 1], length=5, bins=5, share=75.0)
    assert (poc[-1], top[-1], bottom[-1]) == (12.5, 14.0, 12.0)


# --- edges -------------------------------------------------------------------------------------------

FLAT = ("chop", "fisher", "rvgi", "connors_rsi", "stc", "qqe", "wavetrend", "rainbow", "tii", "demarker", "rwi", "pgo")


@pytest.mark.parametrize("name", FLAT)
def test_what_divides_by_movement_is_na_on_a_flat_market(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    flat = [np.full(400, 100.1) for _ in spec.inputs]
    assert all(np.isnan(column).all() for column in spec.batch(*flat, **spec.bind({})))


@pytest.mark.parametrize("name", ["hv", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang", "ulcer"])
def test_a_flat_market_has_no_volatility(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    values = spec.bind({"length": 10})
    (found,) = spec.batch(*[np.full(60, 100.1) for _ in spec.inputs], **values)
    assert (np.asarray(found)[spec.lookback(**values) :] == 0.0).all()


@pytest.mark.parametrize("name", ["hv", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang"])
def test_a_price_of_zero_takes_the_volatility_away_as_long_as_the_window_holds_it(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    data = [np.linspace(100.0, 110.0, 60) for _ in spec.inputs]
    for each in data:
        each[30] = 0.0
    values = spec.bind({"length": 10})
    found = np.asarray(spec.batch(*data, **values)[0])
    last = 30 + spec.lookback(**values)
    assert np.isnan(found[30 : last + 1]).all()
    assert not np.isnan(found[last + 1 :]).any()


@pytest.mark.parametrize("name", ["twiggs", "vzo", "vr", "vosc", "vfi", "iii", "vwap_rolling"])
def test_without_volume_there_is_no_share_of_it(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    opened, high, low, close, *_ = walk(1)
    fields = {"open": opened, "high": high, "low": low, "close": close, "volume": np.zeros(len(close))}
    for column in spec.batch(*[fields[each.default] for each in spec.inputs], **spec.bind({})):
        assert np.isnan(column).all()


def test_three_states_of_the_market() -> None:
    rise = np.concatenate((np.linspace(100.0, 140.0, 200), np.linspace(140.0, 100.0, 200)))
    (state,) = values("market_state", rise + 0.5, rise - 0.5, rise, length=10, window=50, loud=100.0)
    assert (state[100:200] == 1.0).all()
    assert (state[260:] == -1.0).all()
    saw = 100.0 + np.tile([0.0, 1.0], 200)
    wide = np.where(np.arange(400) < 390, 0.5, 5.0)
    (state,) = values("market_state", saw + wide, saw - wide, saw, length=10, window=50)
    assert (state[100:390] == 0.0).all()
    assert (state[392:] == 2.0).all()


def test_nine_closes_above_the_fourth_before_complete_a_setup() -> None:
    close = [10, 9, 8, 7, 6, *range(11, 20)]
    (count,) = values("td_setup", close)
    same(count, [NAN] * 4 + [-1, *range(1, 10)])
