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
KINDS = ("walk", "flat", "spiky", "tiny", "ticks")


def columns(spec: IndicatorSpec, kind: str, n: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    close = np.cumsum(random.normal(0, 1, n)) + 200.0
    if kind == "flat":
        close = np.full(n, 100.1)
    elif kind == "spiky":
        close = close * np.where(random.random(n) < 0.05, 100.0, 1.0)
    elif kind == "tiny":
        close = close * 1e-7
    elif kind == "ticks":
        close = np.round(close * 4) / 4
    close = np.abs(close) + 1e-9
    spread = np.zeros(n) if kind == "flat" else np.abs(random.normal(0, 0.01, n)) * close
    fields = {
        "open": close, "high": close + spread, "low": close - spread, "close": close,
        "volume": np.where(random.random(n) < 0.1, 0.0, np.round(random.random(n) * 1000)),
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
    random = np.random.default_rng(seed)
    values: dict[str, float | int | str] = {}
    for each in spec.parameters:
        if each.kind == "int":
            low = int(each.low)
            values[each.name] = int(random.integers(low, low + 25))
        elif each.default is not None:
            values[each.name] = each.default
    return spec.bind(values)


def incremental(spec: IndicatorSpec, data: list[np.ndarray], values: dict[str, float | int | str]) -> np.ndarray:
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
    for seed in range(3):
        data, values = columns(spec, kind, 160, seed), parameters(spec, seed)
        batch = np.array([np.asarray(column) for column in spec.batch(*data, **values)])
        stepped = incremental(spec, data, values)
        assert batch.shape == stepped.shape
        assert np.array_equal(batch, stepped, equal_nan=True), (values, np.argwhere(batch != stepped)[:3])
        assert not np.isinf(batch).any()


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_lookback_is_the_index_of_the_first_value(spec: IndicatorSpec) -> None:
    if spec.name in ("bars_since", "value_when"):
        pytest.skip("waits for an event, which is not warm-up")
    for seed in range(5):
        values = parameters(spec, seed)
        batch = spec.batch(*columns(spec, "walk", 200, seed), **values)
        first = max(int(np.argmax(~np.isnan(np.asarray(column)))) for column in batch)
        assert spec.lookback(**values) == first, values
        assert all(np.isnan(np.asarray(column)[:first]).all() for column in batch)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_no_value_changes_when_later_bars_do(spec: IndicatorSpec) -> None:
    data, values = columns(spec, "walk", 150, 7), parameters(spec, 7)
    whole = spec.batch(*data, **values)
    part = spec.batch(*(column[:90].copy() for column in data), **values)
    for a, b in zip(whole, part, strict=True):
        assert np.array_equal(np.asarray(a)[:90], np.asarray(b), equal_nan=True)


@pytest.mark.parametrize("spec", [s for s in ALL if s.group == "windows"], ids=lambda spec: spec.name)
def test_a_window_statistic_does_not_depend_on_where_the_data_began(spec: IndicatorSpec) -> None:
    for kind in KINDS:
        data, values = columns(spec, kind, 200, 11), parameters(spec, 11)
        whole = spec.batch(*data, **values)
        later = spec.batch(*(column[57:].copy() for column in data), **values)
        for a, b in zip(whole, later, strict=True):
            tail = ~np.isnan(np.asarray(b))
            assert np.array_equal(np.asarray(a)[57:][tail], np.asarray(b)[tail], equal_nan=True)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_settled_runs_agree(spec: IndicatorSpec) -> None:
    values = spec.bind({p.name: int(p.low) + 9 for p in spec.parameters if p.kind == "int"})
    settle = spec.settle(**values)
    if settle < 0:
        pytest.skip("anchored: it depends on its first bar for ever")
    data = columns(spec, "walk", spec.lookback(**values) + settle + 60, 3)
    whole = spec.batch(*data, **values)
    later = spec.batch(*(column[20:].copy() for column in data), **values)
    for a, b, output in zip(whole, later, spec.outputs, strict=True):
        x, y = np.asarray(a)[-20:], np.asarray(b)[-20:]
        size = max(1.0, float(np.nanmax(np.abs(np.asarray(data[0])))) if output.unit != "none" else 1.0)
        assert np.allclose(x, y, rtol=1e-4, atol=1e-4 * size, equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 8))
def test_short_columns_are_all_na_or_shorter_than_the_lookback(n: int) -> None:
    for spec in ALL:
        values = parameters(spec, 1)
        for column in spec.batch(*(c[:n] for c in columns(spec, "walk", 10, 1)), **values):
            assert len(np.asarray(column)) == n
            if n <= spec.lookback(**values) and spec.name not in ("bars_since", "value_when"):
                assert np.isnan(np.asarray(column)).all()


def test_a_close_is_never_above_its_mean_on_a_flat_market() -> None:
    spec = lookup("sma")
    assert spec is not None
    flat = np.full(60, 100.1)
    assert not (flat > spec.batch(flat, length=20)[0]).any()


def test_rsi_of_a_series_that_never_moved_is_na() -> None:
    spec = lookup("rsi")
    assert spec is not None
    assert all(math.isnan(v) for v in spec.batch(np.full(50, 3.0), length=14)[0])
