"""Every TA-Lib function is there, begins on the same bar and has the same values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.registry import lookup, names
from lingua.indicators.talib_forms import talib

N = 700
RANDOM = np.random.default_rng(20)
CLOSE = np.cumsum(RANDOM.normal(size=N)) + 200.0
OPEN = np.concatenate((CLOSE[:1], CLOSE[:-1])) + RANDOM.normal(size=N) * 0.1
FIELDS = {
    "open": OPEN, "high": np.maximum(OPEN, CLOSE) + RANDOM.random(N), "low": np.minimum(OPEN, CLOSE) - RANDOM.random(N),
    "close": CLOSE, "volume": np.round(RANDOM.random(N) * 1000) + 1.0, "real": CLOSE, "real0": CLOSE,
    "real1": np.cumsum(RANDOM.normal(size=N)) + 100.0, "periods": np.floor(RANDOM.random(N) * 40),
}  # fmt: skip

POSITIONS = {"MAXINDEX", "MININDEX", "MINMAXINDEX"}
"""These are positions in the data there and bars ago here."""
OURS: dict[str, dict[str, Any]] = {
    "BBANDS": {"length": 20, "width": 2.0},
    "STOCH": {"length": 5, "smooth": 3, "signal": 3},
    "KDJ": {"length": 9, "smooth": 3, "signal": 3},
    "MACDEXT": {"fast": 12, "slow": 26, "signal": 9, "average": "sma", "signal_average": "sma"},
    "MAVP": {"shortest": 2, "longest": 30},
    "STDDEV": {"length": 5},
    "VAR": {"length": 5},
    "KAMA": {"length": 30, "fast": 2, "slow": 30},
}
"""Parameters where the two do not stand in the same order with the same defaults."""
MOVED = {"AROON": (1, 0)}
"""Our outputs in the order of TA-Lib's."""


def oracle(name: str) -> tuple[list[np.ndarray], dict[str, Any]]:
    """TA-Lib's outputs for its default parameters, and those parameters."""
    from talib import abstract

    function = getattr(talib(), name)
    line = next(line for line in function.__doc__.splitlines() if line.startswith(f"{name}(") and "ndarray" not in line)
    inputs = line.partition("(")[2].partition("[")[0].rstrip(") ,").split(",")
    parameters = dict(abstract.Function(name).info["parameters"])
    found = function(*(FIELDS[each.strip()] for each in inputs), **parameters)
    return [
        np.asarray(each, dtype=np.float64) for each in (found if isinstance(found, tuple) else (found,))
    ], parameters


def ours(name: str, spec: IndicatorSpec, theirs: dict[str, Any]) -> dict[str, Any]:
    given = OURS.get(name)
    if given is None:
        pairs = zip(spec.parameters, theirs.values(), strict=False)
        given = {each.name: value for each, value in pairs if each.kind != "choice"}
    return spec.bind(given)


def functions() -> list[str]:
    return list(talib().get_functions())


def test_every_function_of_talib_is_accepted_in_its_own_spelling() -> None:
    assert [name for name in functions() if lookup(name) is None] == []
    for name in functions():
        spec = lookup(name)
        assert spec is not None
        assert spec.name in (name.lower(), f"cdl_{name[3:].lower()}") or spec.name in names()


@pytest.mark.parametrize("name", [name for name in functions() if name not in POSITIONS])
def test_values_and_first_bar_are_those_of_talib(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    theirs, parameters = oracle(name)
    chosen = ours(name, spec, parameters)
    plain = {"source": CLOSE, "left": CLOSE, "right": FIELDS["real1"], "other": FIELDS["real1"]}
    inputs = [plain.get(each.name, FIELDS.get(each.name, CLOSE)) for each in spec.inputs]
    found = [np.asarray(each) for each in spec.batch(*inputs, **chosen)]
    found = [found[k] for k in MOVED.get(name, range(len(theirs)))]
    assert len(found) == len(theirs)
    first = spec.lookback(**chosen)
    for x, y in zip(found, theirs, strict=True):
        assert np.isnan(x[:first]).all()
        # Whole-number outputs have 0 there before the first value.
        assert np.isnan(y[:first]).all() or not y[:first].any()
        known = ~np.isnan(y[first:])
        assert np.array_equal(known, ~np.isnan(x[first:]))
        size = np.maximum(1.0, np.abs(y[first:][known]))
        assert (np.abs(x[first:][known] - y[first:][known]) <= 1e-9 * size).all()


@pytest.mark.parametrize("name", ["SMA", "SUM", "WMA", "BBANDS", "STDDEV", "VAR", "LINEARREG", "CORREL", "MFI", "VWMA"])
def test_window_statistics_differ_from_talib_by_rounding_alone(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    theirs, parameters = oracle(name)
    chosen = ours(name, spec, parameters)
    inputs = [CLOSE if i == 0 and not each.is_implicit else FIELDS.get(each.default, FIELDS["real1"])
              for i, each in enumerate(spec.inputs)]  # fmt: skip
    for x, y in zip(spec.batch(*inputs, **chosen), theirs, strict=False):
        known = ~np.isnan(y)
        assert np.allclose(np.asarray(x)[known], y[known], rtol=2e-12, atol=2e-12)


@pytest.mark.parametrize("name", [name for name in functions() if (spec := lookup(name)) is not None])
def test_lookback_is_that_of_talib_for_other_parameters_too(name: str) -> None:
    from talib import abstract

    spec = lookup(name)
    assert spec is not None
    function = abstract.Function(name)
    own = dict(function.info["parameters"])
    if name in OURS or not own or set(own) - {"timeperiod"}:
        assert spec.lookback(**ours(name, spec, own)) == function.lookback
        return
    for length in (2, 3, 7, 30):
        function.parameters = {"timeperiod": length}
        assert spec.lookback(**spec.bind({"length": length})) == function.lookback, length
