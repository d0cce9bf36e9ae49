"""Every indicator of the registry keeps the laws of the library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.registry import lookup, names

ALL = [spec for name in names() if (spec := lookup(name)) is not None]
KINDS = ("walk", "flat", "spiky", "tiny", "huge", "wild", "ticks", "steps", "negative")
AWAITS = {
    *("bars_since", "value_when", "vwap_since", "vwap_bands", "swings", "zigzag", "highest_since", "lowest_since"),
    *("previous_period", "opening_range", "pivot_points", "pivothigh", "pivotlow"),
}
"""These wait for an event, and that is not warm-up."""
NARROW = {"acos", "asin"}
"""These have values from -1 to 1 only."""
POSITIVE = {"mfi", "pzo"}
"""Their bounds hold for positive prices."""


def columns(spec: IndicatorSpec, kind: str, n: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    close = np.abs(np.cumsum(random.normal(0, 1, n)) + 200.0) + 1e-9
    if kind == "flat":
        close = np.full(n, 100.1)
    elif kind == "spiky":
        close = close * np.where(random.random(n) < 0.05, 100.0, 1.0)
    elif kind == "tiny":
        close = close * 1e-7
    elif kind == "huge":
        close = close * 1e12
    elif kind == "wild":
        close = close * 10.0 ** random.integers(-12, 12, n)
    elif kind == "ticks":
        close = np.round(close * 4) / 4
    elif kind == "steps":
        close = np.repeat(close[: n // 9 + 1], 9)[:n]
    elif kind == "negative":
        close = close - 200.0
    opened = np.concatenate((close[:1], close[:-1]))
    spread = np.zeros(n) if kind == "flat" else np.abs(random.normal(0, 0.01, n)) * np.abs(close)
    fields = {
        "open": opened, "high": np.maximum(opened, close) + spread, "low": np.minimum(opened, close) - spread,
        "close": close, "volume": np.where(random.random(n) < 0.1, 0.0, np.round(random.random(n) * 1000)),
    }  # fmt: skip
    found = []
    for i, each in enumerate(spec.inputs):
        if each.kind == "bool":
            found.append(np.where(random.random(n) < 0.3, 2.0, 0.0))
        elif each.default in fields:
            found.append(fields[each.default])
        else:
            found.append(close if i == 0 else np.cumsum(random.normal(0, 1, n)) + 200.0)
    return found


def parameters(spec: IndicatorSpec, seed: int) -> dict[str, float | int | str]:
    """Seed 0 takes the defaults where there are any."""
    random = np.random.default_rng(seed)
    values: dict[str, float | int | str] = {}
    for each in spec.parameters:
        if each.kind == "choice":
            values[each.name] = each.choices[seed % len(each.choices)]
        elif each.kind == "int" and (seed or each.default is None):
            values[each.name] = int(random.integers(each.low, each.low + 25))
        elif each.default is not None:
            values[each.name] = each.default
    return spec.bind(values)


def incremental(spec: IndicatorSpec, data: list[np.ndarray], values: dict[str, float | int | str]) -> np.ndarray:
    """Stepped bar by bar; half-way a copy goes on and the original is fed something else."""
    form = spec.incremental(**values)
    rows = []
    for k, row in enumerate(zip(*(column.tolist() for column in data), strict=True)):
        if k == len(data[0]) // 2:
            form, dropped = form.copy(), form
            dropped.update(*(x * 3 for x in row))
        rows.append(form.update(*row))
    return np.array(rows, dtype=np.float64).T


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_incremental_form_agrees_with_batch_form_bit_for_bit(spec: IndicatorSpec, kind: str) -> None:
    for seed in range(2):
        data, values = columns(spec, kind, 170, seed), parameters(spec, seed)
        batch = np.array([np.asarray(column) for column in spec.batch(*data, **values)])
        stepped = incremental(spec, data, values)
        assert batch.shape == stepped.shape
        assert np.array_equal(batch, stepped, equal_nan=True), (values, np.argwhere(batch != stepped)[:3])
        assert not np.isinf(batch).any()
        for output, column in zip(spec.outputs, batch, strict=True):
            if spec.name in POSITIVE and kind == "negative":
                continue
            # A quotient of two roundings may lie beyond its bound by their errors, not further.
            assert output.low is None or not (column < output.low - 1e-9).any()
            assert output.high is None or not (column > output.high + 1e-9).any()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_forms_agree_on_any_values_and_parameters(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(ALL))
    number = st.floats(-1e15, 1e15, allow_subnormal=False)
    n = data.draw(st.integers(0, 60))
    given_columns = []
    for each in spec.inputs:
        values = st.sampled_from([0.0, 2.0]) if each.kind == "bool" else number | st.integers(-3, 3).map(float)
        given_columns.append(np.array(data.draw(st.lists(values, min_size=n, max_size=n)), dtype=np.float64))
    chosen = parameters(spec, data.draw(st.integers(0, 30)))
    batch = np.array([np.asarray(column) for column in spec.batch(*given_columns, **chosen)])
    assert batch.shape == (len(spec.outputs), n)
    assert not np.isinf(batch).any()
    if n:
        assert np.array_equal(batch, incremental(spec, given_columns, chosen), equal_nan=True)


@pytest.mark.parametrize("spec", [s for s in ALL if s.name not in AWAITS | NARROW], ids=lambda spec: spec.name)
def test_lookback_is_the_index_of_the_first_value(spec: IndicatorSpec) -> None:
    for seed in range(4):
        values = parameters(spec, seed)
        batch = spec.batch(*columns(spec, "walk", max(260, spec.lookback(**values) + 20), seed), **values)
        assert {int(np.argmax(~np.isnan(np.asarray(column)))) for column in batch} == {spec.lookback(**values)}, values


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_no_value_changes_when_later_bars_do(spec: IndicatorSpec) -> None:
    data, values = columns(spec, "walk", 190, 7), parameters(spec, 7)
    whole = spec.batch(*data, **values)
    part = spec.batch(*(column[:130].copy() for column in data), **values)
    for a, b in zip(whole, part, strict=True):
        assert np.array_equal(np.asarray(a)[:130], np.asarray(b), equal_nan=True)


def is_window(spec: IndicatorSpec) -> bool:
    """Nothing before the window matters; candle patterns come from TA-Lib, whose means are running sums."""
    return spec.settle(**parameters(spec, 11)) == 0 and spec.group != "candles"


@pytest.mark.parametrize("spec", [s for s in ALL if is_window(s)], ids=lambda spec: spec.name)
def test_a_window_statistic_does_not_depend_on_where_the_data_began(spec: IndicatorSpec) -> None:
    for kind in KINDS:
        data, values = columns(spec, kind, 200, 11), parameters(spec, 11)
        whole = spec.batch(*data, **values)
        later = spec.batch(*(column[57:].copy() for column in data), **values)
        first = spec.lookback(**values)
        for a, b in zip(whole, later, strict=True):
            assert np.array_equal(np.asarray(a)[57 + first :], np.asarray(b)[first:], equal_nan=True), kind


@pytest.mark.parametrize("spec", [s for s in ALL if s.settle(**parameters(s, 0)) > 0], ids=lambda spec: spec.name)
def test_settled_runs_agree(spec: IndicatorSpec) -> None:
    values = parameters(spec, 0)
    first = spec.lookback(**values) + spec.settle(**values)
    data = columns(spec, "walk", first + 80, 3)
    whole = spec.batch(*data, **values)
    later = spec.batch(*(column[20:].copy() for column in data), **values)
    for a, b in zip(whole, later, strict=True):
        x, y = np.asarray(a)[-20:], np.asarray(b)[-20:]
        size = max(1.0, float(np.nanmax(np.abs(np.asarray(a)))))
        assert np.allclose(x, y, rtol=0, atol=1e-5 * size, equal_nan=True)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 9])
def test_columns_no_longer_than_the_lookback_have_no_value(n: int) -> None:
    for spec in ALL:
        values = parameters(spec, 1)
        found = spec.batch(*(c[:n] for c in columns(spec, "walk", 10, 1)), **values)
        assert len(found) == len(spec.outputs), spec.name
        for column in found:
            assert len(np.asarray(column)) == n
            if n <= spec.lookback(**values) and spec.name not in AWAITS:
                assert np.isnan(np.asarray(column)).all()


def test_read_only_and_strided_columns_are_taken_and_left_as_they_were() -> None:
    spec = lookup("ema")
    assert spec is not None
    table = np.arange(200.0).reshape(100, 2)
    table.flags.writeable = False
    expected = spec.batch(np.arange(0.0, 200.0, 2), length=9)[0]
    assert np.array_equal(spec.batch(table[:, 0], length=9)[0], expected, equal_nan=True)


FLAT = {"rsi": 14, "cci": 20, "stoch": 5, "willr": 14, "zscore": 20, "mfi": 14, "adx": 14, "dx": 14, "cmo": 14}


@pytest.mark.parametrize("name", FLAT)
def test_what_divides_by_movement_is_na_where_nothing_moves(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    values = spec.bind({"length": FLAT[name]})
    assert all(np.isnan(column).all() for column in spec.batch(*columns(spec, "flat", 90, 0), **values))


@pytest.mark.parametrize(
    "name", ["sma", "ema", "wma", "rma", "dema", "tema", "hma", "trima", "kama", "vwma", "linearreg"]
)
def test_a_close_is_never_off_its_average_on_a_flat_market(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    for price in (100.1, 0.1, 1e-7 / 3, 4711.17):
        flat = np.full(90, price)
        inputs = [flat] if len(spec.inputs) == 1 else [flat, np.arange(1.0, 91.0)]
        found = spec.batch(*inputs, **spec.bind({"length": 20}))[0]
        assert (found[~np.isnan(found)] == price).all() or name in ("dema", "tema", "hma")
        assert np.allclose(found[~np.isnan(found)], price, rtol=1e-15)


def test_a_crossing_is_seen_from_the_observation_before() -> None:
    spec = lookup("cross_above")
    assert spec is not None
    left, right = np.array([1.0, 2.0, 3.0, 2.0, 2.0, 3.0]), np.full(6, 2.0)
    assert np.array_equal(spec.batch(left, right)[0], [math.nan, 0.0, 2.0, 0.0, 0.0, 2.0], equal_nan=True)
