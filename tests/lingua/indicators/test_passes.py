"""What goes through a whole column at once has the bits of single steps, on long columns and where values overflow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lingua.indicators.one_pass import KINDS, KINDS_OF_TWO
from lingua.indicators.registry import lookup

loaded = importlib.util.spec_from_file_location("conformance", Path(__file__).with_name("test_conformance.py"))
assert loaded is not None
assert loaded.loader is not None
laws = importlib.util.module_from_spec(loaded)
loaded.loader.exec_module(laws)

ROWS = 14_000
"""Long enough for averages in lanes, and for TA-Lib."""
AT_ONCE = (
    "adosc", "adx", "adxr", "aroon", "aroonosc", "atr", "bop", "cum", "cvi", "dema", "dx", "ha", "highestbars", "kama",
    "lowestbars", "macd", "minmaxindex", "minus_di", "natr", "nvi", "plus_di", "ppo", "pvi", "roc", "rsi", "sar",
    "stoch", "stochrsi", "supertrend", "t3", "tema", "trix", "willr",
)  # fmt: skip


def steps(spec: Any, data: list[np.ndarray], values: dict[str, Any]) -> np.ndarray:
    form = spec.incremental(**values)
    rows = zip(*(column.tolist() for column in data), strict=True)
    return np.array([form.update(*row) for row in rows], dtype=np.float64).T


@pytest.mark.parametrize("kind", ["walk", "flat", "ticks", "spiky", "wild"])
@pytest.mark.parametrize("name", [name for name in (*AT_ONCE, *KINDS, *KINDS_OF_TWO) if lookup(name) is not None])
def test_a_whole_column_has_the_bits_of_its_steps(name: str, kind: str) -> None:
    spec = lookup(name)
    assert spec is not None
    data, values = laws.columns(spec, kind, ROWS, 3), laws.parameters(spec, 0)
    whole = np.array([np.asarray(column) for column in spec.batch(*data, **values)])
    assert np.array_equal(whole, steps(spec, data, values), equal_nan=True)


@pytest.mark.parametrize("name", [name for name in (*AT_ONCE, *KINDS, *KINDS_OF_TWO) if lookup(name) is not None])
def test_values_that_overflow_are_missing_in_both_forms(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    values = laws.parameters(spec, 0)
    data = [column * 1e306 for column in laws.columns(spec, "negative", 300, 5)]
    with np.errstate(all="ignore"):
        data = [np.where(np.isfinite(column), column, 1.0) for column in data]
    whole = np.array([np.asarray(column) for column in spec.batch(*data, **values)])
    assert np.array_equal(whole, steps(spec, data, values), equal_nan=True)


def test_every_name_of_the_list_is_an_indicator() -> None:
    assert all(lookup(name) is not None for name in (*KINDS, *KINDS_OF_TWO))
    assert sum(lookup(name) is not None for name in AT_ONCE) >= 30
