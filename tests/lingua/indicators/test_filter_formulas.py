"""Filters, regressions and distributions against their published formulas, written out with NumPy for each bar."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lingua.indicators.registry import lookup

ROWS = 400
Floats = np.ndarray


def walk(seed: int) -> Floats:
    random = np.random.default_rng(seed)
    return 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, ROWS)))


X, Y = walk(1), walk(2) + 0.5 * walk(1)
HIGH, LOW = X * (1.0 + np.abs(walk(3) % 1) / 100.0), X * (1.0 - np.abs(walk(4) % 1) / 100.0)
COARSE = np.round(X)
"""Many equal values."""


def ours(name: str, *inputs: Floats, **given: float | int | str) -> list[Floats]:
    spec = lookup(name)
    assert spec is not None
    return [np.asarray(each) for each in spec.batch(*inputs, **spec.bind(given))]


def agree(found: Floats, expected: Any) -> None:
    """From the first value on."""
    wanted = np.array([math.nan if each is None else each for each in expected], dtype=np.float64)
    first = int(np.argmax(~np.isnan(found)))
    assert first < 250
    assert np.allclose(found[first:], wanted[first:], rtol=1e-9, atol=1e-9, equal_nan=True)


def windows(x: Floats, n: int, function: Callable[[Floats], float]) -> list[float]:
    return [math.nan] * (n - 1) + [function(x[k - n + 1 : k + 1]) for k in range(n - 1, len(x))]


# --- filters -----------------------------------------------------------------------------------------


def test_alma_is_the_loop_of_pines_manual() -> None:
    def of(part: Floats) -> float:
        n, m, s = 9, 0.85 * 8, 9 / 6.0
        norm = total = 0.0
        for i in range(n):
            weight = math.exp(-1 * math.pow(i - m, 2) / (2 * math.pow(s, 2)))
            norm += weight
            total += part[i] * weight
        return total / norm

    agree(ours("alma", X, length=9, offset=0.85, sigma=6.0)[0], windows(X, 9, of))


def test_swma_weighs_four_bars() -> None:
    agree(ours("swma", X)[0], windows(X, 4, lambda p: float((p[0] + 2 * p[1] + 2 * p[2] + p[3]) / 6)))


def test_the_super_smoother_is_the_listing_of_ehlers() -> None:
    a = math.exp(-1.414 * 3.141592653589793 / 10)
    b = 2 * a * math.cos(math.radians(1.414 * 180 / 10))
    c2, c3 = b, -a * a
    c1 = 1 - c2 - c3
    filt = [X[0], X[0]]
    for k in range(1, ROWS):
        filt.append(c1 * (X[k] + X[k - 1]) / 2 + c2 * filt[-1] + c3 * filt[-2])
    agree(ours("super_smoother", X, length=10)[0], filt[1:])


def test_the_decycler_is_the_listing_of_ehlers() -> None:
    angle = math.radians(360 / 60)
    alpha = (math.cos(angle) + math.sin(angle) - 1) / math.cos(angle)
    found = [X[0]]
    for k in range(1, ROWS):
        found.append(alpha / 2 * (X[k] + X[k - 1]) + (1 - alpha) * found[-1])
    agree(ours("decycler", X, length=60)[0], found)


def test_the_roofing_filter_is_a_high_pass_then_the_super_smoother() -> None:
    w = math.radians(0.707 * 360 / 48)
    alpha = (math.cos(w) + math.sin(w) - 1) / math.cos(w)
    hp = [0.0, 0.0]
    for k in range(2, ROWS):
        bend = X[k] - 2 * X[k - 1] + X[k - 2]
        hp.append((1 - alpha / 2) ** 2 * bend + 2 * (1 - alpha) * hp[-1] - (1 - alpha) ** 2 * hp[-2])
    a = math.exp(-1.414 * math.pi / 10)
    c2, c3 = 2 * a * math.cos(math.radians(1.414 * 180 / 10)), -a * a
    filt = [0.0, 0.0]
    for k in range(2, ROWS):
        filt.append((1 - c2 - c3) * (hp[k] + hp[k - 1]) / 2 + c2 * filt[-1] + c3 * filt[-2])
    agree(ours("roofing", X, short=10, long=48)[0], filt)


def test_the_instantaneous_trend_is_the_listing_of_ehlers() -> None:
    a, it = 0.07, [math.nan, math.nan]
    for k in range(2, ROWS):
        if k < 6:
            it.append((X[k] + 2 * X[k - 1] + X[k - 2]) / 4)
        else:
            it.append((a - a * a / 4) * X[k] + 0.5 * a * a * X[k - 1] - (a - 0.75 * a * a) * X[k - 2]
                      + 2 * (1 - a) * it[-1] - (1 - a) * (1 - a) * it[-2])  # fmt: skip
    line, trigger = ours("itrend", X, alpha=0.07)
    agree(line, it)
    agree(trigger, [math.nan] * 2 + [2 * it[k] - it[k - 2] for k in range(2, ROWS)])


def test_the_cyber_cycle_is_the_listing_of_ehlers() -> None:
    a, cycle = 0.07, [math.nan, math.nan]
    s = [math.nan] * 3 + [(X[k] + 2 * X[k - 1] + 2 * X[k - 2] + X[k - 3]) / 6 for k in range(3, ROWS)]
    for k in range(2, ROWS):
        if k < 6:
            cycle.append((X[k] - 2 * X[k - 1] + X[k - 2]) / 4)
        else:
            cycle.append((1 - 0.5 * a) ** 2 * (s[k] - 2 * s[k - 1] + s[k - 2])
                         + 2 * (1 - a) * cycle[-1] - (1 - a) ** 2 * cycle[-2])  # fmt: skip
    found, trigger = ours("cyber_cycle", X, alpha=0.07)
    agree(found, cycle)
    agree(trigger, [math.nan, *cycle[:-1]])


def laguerre(gamma: float) -> list[tuple[float, ...]]:
    rows = [(X[0],) * 4]
    for x in X[1:]:
        a, b, c, d = rows[-1]
        first = (1 - gamma) * x + gamma * a
        second = -gamma * first + a + gamma * b
        third = -gamma * second + b + gamma * c
        rows.append((first, second, third, -gamma * third + c + gamma * d))
    return rows


def test_the_laguerre_filter_and_its_strength_are_the_listings_of_ehlers() -> None:
    agree(ours("laguerre", X, gamma=0.8)[0], [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in laguerre(0.8)])
    expected = []
    for row in laguerre(0.5):
        steps = [row[k] - row[k + 1] for k in range(3)]
        up, down = sum(max(s, 0.0) for s in steps), sum(max(-s, 0.0) for s in steps)
        expected.append(up / (up + down) if up + down else math.nan)
    agree(ours("laguerre_rsi", X, gamma=0.5)[0], expected)


@pytest.mark.parametrize("factor", [1.0, 0.6])
def test_mcginleys_dynamic_is_its_formula(factor: float) -> None:
    found = [X[0]]
    for x in X[1:]:
        found.append(found[-1] + (x - found[-1]) / (factor * 14 * (x / found[-1]) ** 4))
    agree(ours("mcginley", X, length=14, factor=factor)[0], found)


def test_vidya_moves_by_chandes_momentum() -> None:
    found: list[float] = [math.nan] * 9
    for k in range(9, ROWS):
        changes = np.diff(X[k - 9 : k + 1])
        up, down = changes[changes > 0].sum(), -changes[changes < 0].sum()
        share = abs(up - down) / (up + down)
        found.append(X[k] if k == 9 else found[-1] + 2 / 15 * share * (X[k] - found[-1]))
    agree(ours("vidya", X, length=14, momentum=9)[0], found)


def test_frama_is_the_listing_of_ehlers() -> None:
    found: list[float] = [math.nan] * 15
    middle = (HIGH + LOW) / 2
    for k in range(15, ROWS):
        newer, older = slice(k - 7, k + 1), slice(k - 15, k - 7)
        n1 = (HIGH[newer].max() - LOW[newer].min()) / 8
        n2 = (HIGH[older].max() - LOW[older].min()) / 8
        n3 = (max(HIGH[newer].max(), HIGH[older].max()) - min(LOW[newer].min(), LOW[older].min())) / 16
        dimension = (math.log(n1 + n2) - math.log(n3)) / math.log(2)
        alpha = min(1.0, max(0.01, math.exp(-4.6 * (dimension - 1))))
        found.append(middle[k] if k == 15 else alpha * middle[k] + (1 - alpha) * found[-1])
    agree(ours("frama", HIGH, LOW, length=16)[0], found)


def test_the_centre_of_gravity_is_pines() -> None:
    def of(part: Floats) -> float:
        return float(-sum(part[-1 - i] * (i + 1) for i in range(10)) / part.sum())

    agree(ours("cog", X, length=10)[0], windows(X, 10, of))


# --- regressions -------------------------------------------------------------------------------------


def test_the_line_with_an_offset_and_its_channel_are_a_least_squares_fit() -> None:
    t = np.arange(20.0)

    def line(part: Floats) -> Floats:
        return np.polyval(np.polyfit(t, part, 1), t)

    agree(ours("linreg", X, length=20, offset=3)[0], windows(X, 20, lambda p: float(line(p)[-4])))
    upper, middle, lower, fit = ours("linearreg_channel", X, length=20, width=1.5)
    agree(middle, windows(X, 20, lambda p: float(line(p)[-1])))
    for side, band in ((1, upper), (-1, lower)):
        agree(
            band, windows(X, 20, lambda p, s=side: float(line(p)[-1] + s * 1.5 * np.sqrt(np.mean((p - line(p)) ** 2))))
        )  # type: ignore[misc]
    agree(fit, windows(X, 20, lambda p: float(np.corrcoef(t, p)[0, 1] ** 2)))


def test_the_cointegration_residual_is_that_of_a_regression_with_an_intercept() -> None:
    residual, score = ours("coint_residual", Y, X, length=50)
    expected: list[tuple[float, float]] = [(math.nan, math.nan)] * 49
    for k in range(49, ROWS):
        y, x = Y[k - 49 : k + 1], X[k - 49 : k + 1]
        slope, start = np.polyfit(x, y, 1)
        left = y - start - slope * x
        expected.append((left[-1], left[-1] / np.sqrt(np.mean(left**2))))
    agree(residual, [each[0] for each in expected])
    agree(score, [each[1] for each in expected])


def test_the_hurst_exponent_is_the_slope_of_rescaled_ranges() -> None:
    changes = np.diff(np.log(X))
    found = ours("hurst", X, length=64)[0]
    for k in (64, 200, 399):
        part = changes[k - 64 : k]
        points = []
        for n in (64, 32, 16, 8):
            pieces = part.reshape(-1, n)
            away = np.cumsum(pieces - pieces.mean(axis=1, keepdims=True), axis=1)
            points.append((math.log(n), math.log(np.mean((away.max(axis=1) - away.min(axis=1)) / pieces.std(axis=1)))))
        slope = np.polyfit(*np.array(points).T, 1)[0]
        assert found[k] == pytest.approx(slope, rel=1e-9)


def test_a_trend_has_a_greater_hurst_exponent_than_what_turns_back() -> None:
    random = np.random.default_rng(5)
    noise = random.normal(0.0, 0.01, 3000)
    persistent, turning = np.zeros(3000), np.zeros(3000)
    for k in range(1, 3000):
        persistent[k] = 0.6 * persistent[k - 1] + noise[k]
        turning[k] = -0.6 * turning[k - 1] + noise[k]
    high, low = (np.nanmean(ours("hurst", np.exp(np.cumsum(r)), length=256)[0]) for r in (persistent, turning))
    assert low < 0.5 < high


def test_covariance_is_the_mean_of_products_of_deviations() -> None:
    expected = [math.nan] * 29 + [
        float(np.cov(X[k - 29 : k + 1], Y[k - 29 : k + 1], bias=True)[0, 1]) for k in range(29, ROWS)
    ]
    agree(ours("cov", X, Y, length=30)[0], expected)


# --- distributions -----------------------------------------------------------------------------------


def commonest(part: Floats) -> float:
    counts = Counter(part.tolist())
    most = max(counts.values())
    return min(value for value, count in counts.items() if count == most)


def nearest_rank(part: Floats, share: float) -> float:
    return float(sorted(part.tolist())[max(math.ceil(share / 100 * len(part)) - 1, 0)])


def correlation_of_ranks(part: Floats) -> float:
    ranks = np.array([(part < each).sum() + ((part == each).sum() + 1) / 2 for each in part])
    away = ranks - np.arange(1, len(part) + 1)
    return float(100 * (1 - 6 * (away**2).sum() / (len(part) * (len(part) ** 2 - 1))))


def standing(part: Floats) -> float:
    """Percent rank of the newest among the others; of equal ones half lie below."""
    others = part[:-1]
    return float(100 * ((others < part[-1]).sum() + 0.5 * (others == part[-1]).sum()) / len(others))


DISTRIBUTIONS: dict[str, tuple[dict[str, float], Callable[[Floats], float]]] = {
    "range": ({}, lambda p: float(p.max() - p.min())),
    "mode": ({}, commonest),
    "median": ({}, lambda p: statistics.median(p.tolist())),
    "percentile_nearest_rank": ({"share": 30.0}, lambda p: nearest_rank(p, 30.0)),
    "percentile_linear_interpolation": ({"share": 30.0}, lambda p: float(np.percentile(p, 30.0))),
    "rci": ({}, correlation_of_ranks),
    "rank_in": ({}, standing),
    "skew": ({}, lambda p: float(np.mean(((p - p.mean()) / p.std()) ** 3)) if p.std() else math.nan),
    "kurtosis": ({}, lambda p: float(np.mean(((p - p.mean()) / p.std()) ** 4) - 3) if p.std() else math.nan),
    "bbp": ({"width": 2.0}, lambda p: float((p[-1] - p.mean() + 2 * p.std()) / (4 * p.std())) if p.std() else math.nan),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_window_is_described_as_its_definition_says(name: str) -> None:
    given, function = DISTRIBUTIONS[name]
    for source in (X, COARSE):
        agree(ours(name, source, length=12, **given)[0], windows(source, 12, function))


def test_a_percentile_of_nothing_is_the_least_value() -> None:
    assert ours("percentile_nearest_rank", X, length=5, share=0.0)[0][10] == X[6:11].min()
    assert ours("percentile_linear_interpolation", X, length=5, share=100.0)[0][10] == X[6:11].max()


# --- events ------------------------------------------------------------------------------------------


def test_a_pivot_is_told_where_it_is_confirmed() -> None:
    for name, best, beyond in (("pivothigh", max, 1), ("pivotlow", min, -1)):
        found = ours(name, COARSE, left=3, right=2)[0]
        expected = [math.nan] * ROWS
        for k in range(5, ROWS):
            x, before, after = COARSE[k - 2], COARSE[k - 5 : k - 2], COARSE[k - 1 : k + 1]
            if beyond * x > beyond * best(before) and beyond * x >= beyond * best(after):
                expected[k] = x
        agree(found, expected)
        assert np.isfinite(found).sum() > 20


def test_the_furthest_value_so_far_is_kept() -> None:
    agree(ours("cum_max", X)[0], np.maximum.accumulate(X))
    agree(ours("cum_min", X)[0], np.minimum.accumulate(X))


def test_crossings_and_runs_look_at_the_observations_before() -> None:
    left, right = COARSE, np.round(Y - Y.mean() + X.mean())
    above = [math.nan] + [2.0 * (left[k] > right[k] and left[k - 1] <= right[k - 1]) for k in range(1, ROWS)]
    below = [math.nan] + [2.0 * (left[k] < right[k] and left[k - 1] >= right[k - 1]) for k in range(1, ROWS)]
    agree(ours("cross_below", left, right)[0], below)
    agree(ours("cross", left, right)[0], np.maximum(above, below))
    for name, way in (("rising", 1), ("falling", -1)):
        runs = windows(X, 4, lambda p, w=way: 2.0 * bool((w * np.diff(p) > 0).all()))  # type: ignore[misc]
        agree(ours(name, X, length=3)[0], runs)


def test_the_lines_of_ichimoku_know_nothing_later() -> None:
    spec = lookup("ichimoku")
    assert spec is not None
    found = dict(zip((each.name for each in spec.outputs), ours("ichimoku", HIGH, LOW), strict=True))

    def middle(n: int, k: int) -> float:
        return float((HIGH[k - n + 1 : k + 1].max() + LOW[k - n + 1 : k + 1].min()) / 2)

    conversion = [math.nan] * 8 + [middle(9, k) for k in range(8, ROWS)]
    base = [math.nan] * 25 + [middle(26, k) for k in range(25, ROWS)]
    agree(found["conversion"], conversion)
    agree(found["base"], base)
    first = [math.nan] * 26 + [(conversion[k - 26] + base[k - 26]) / 2 for k in range(26, ROWS)]
    second = [math.nan] * 77 + [middle(52, k - 26) for k in range(77, ROWS)]
    spans = [name for name in found if name not in ("conversion", "base")]
    agree(found[spans[0]], first)
    agree(found[spans[1]], second)


def test_the_supertrend_of_pine_is_the_listing_of_its_manual() -> None:
    close = X
    ranges = [HIGH[0] - LOW[0]]
    for k in range(1, ROWS):
        ranges.append(max(HIGH[k] - LOW[k], abs(HIGH[k] - close[k - 1]), abs(LOW[k] - close[k - 1])))
    atr = [math.nan] * 9 + [sum(ranges[:10]) / 10]
    for k in range(10, ROWS):
        atr.append((atr[-1] * 9 + ranges[k]) / 10)
    found = [math.nan] * 9
    upper = lower = 0.0
    on_upper = True
    for k in range(9, ROWS):
        band = 2.0 * atr[k]
        new_upper, new_lower = (HIGH[k] + LOW[k]) / 2 + band, (HIGH[k] + LOW[k]) / 2 - band
        new_lower = new_lower if new_lower > lower or close[k - 1] < lower else lower
        new_upper = new_upper if new_upper < upper or close[k - 1] > upper else upper
        if k > 9:
            on_upper = close[k] <= new_upper if on_upper else close[k] < new_lower
        upper, lower = new_upper, new_lower
        found.append(upper if on_upper else lower)
    line, direction = ours("supertrend_full", HIGH, LOW, X, length=10, width=2.0)
    agree(line, found)
    assert set(direction[9:]) == {1.0, -1.0}
