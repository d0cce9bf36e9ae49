"""Where TA-Lib computes long columns, its bits are those of our own steps."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lingua.indicators.registry import lookup
from lingua.indicators.talib_twins import CHOOSING, DIVIDING, LONG, TRANSLATED

loaded = importlib.util.spec_from_file_location("conformance", Path(__file__).with_name("test_conformance.py"))
assert loaded is not None
assert loaded.loader is not None
laws = importlib.util.module_from_spec(loaded)
loaded.loader.exec_module(laws)


@pytest.mark.parametrize("kind", laws.KINDS)
@pytest.mark.parametrize("name", [*CHOOSING, *DIVIDING, *TRANSLATED])
def test_long_columns_have_the_bits_of_single_steps(name: str, kind: str) -> None:
    spec = lookup(name)
    assert spec is not None
    for seed in (1, 4):
        data, values = laws.columns(spec, kind, LONG + 50, seed), laws.parameters(spec, seed)
        form = spec.incremental(**values)
        rows = zip(*(column.tolist() for column in data), strict=True)
        stepped = np.array([form.update(*row) for row in rows]).T
        for a, b in zip(spec.batch(*data, **values), stepped, strict=True):
            wrong = np.flatnonzero(~((a == b) | ((a != a) & (b != b))))
            assert len(wrong) == 0, (values, wrong[:3], a[wrong[:3]], b[wrong[:3]])


@pytest.mark.parametrize("name", ["sma", "ema", "wma", "linearreg", "rsi", "tema", "highest", "stddev", "adx", "cum"])
@pytest.mark.parametrize("kind", laws.KINDS)
def test_a_long_column_has_the_values_of_its_steps(name: str, kind: str) -> None:
    spec = lookup(name)
    assert spec is not None
    data, values = laws.columns(spec, kind, LONG + 200, 2), laws.parameters(spec, 2)
    form = spec.incremental(**values)
    stepped = [form.update(*row) for row in zip(*(column.tolist() for column in data), strict=True)]
    assert np.array_equal(np.array(spec.batch(*data, **values)), np.array(stepped).T, equal_nan=True)
