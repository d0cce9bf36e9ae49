"""A stream written down and taken up again goes on with the same bits."""

from __future__ import annotations

import json
import math
import random

import pytest

from lingua.indicators import registry
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.memory import NotStorableError, state_of, with_state

OWN = [spec for spec in registry.specs() if not spec.source.endswith("as in TA-Lib") and "Rocket" not in spec.source]


def rows(spec: IndicatorSpec, count: int) -> list[list[float]]:
    rng, close, found = random.Random(spec.name), 100.0, []
    for _ in range(count):
        close *= 1.0 + rng.gauss(0.0, 0.01)
        bar = {"high": close * 1.01, "low": close * 0.99, "close": close, "volume": rng.random() * 100.0}
        found.append(
            [
                (2.0 if rng.random() < 0.1 else 0.0)
                if each.kind == "bool"
                else bar.get(each.name, close + rng.random())
                for each in spec.inputs
            ]
        )
    return found


@pytest.mark.parametrize("spec", OWN, ids=lambda spec: spec.name)
def test_a_form_written_down_goes_on_with_the_same_bits(spec: IndicatorSpec) -> None:
    parameters = spec.bind({p.name: 5 if p.default is None else p.default for p in spec.parameters})
    form, again = spec.incremental(**parameters), spec.incremental(**parameters)
    fed = rows(spec, 150)
    for row in fed[:90]:
        form.update(*row)
    with_state(again, json.loads(json.dumps(state_of(form), allow_nan=False)))
    for row in fed[90:]:
        for a, b in zip(form.update(*row), again.update(*row), strict=True):
            assert float(a).hex() == float(b).hex()


def test_what_talib_keeps_is_refused_by_name() -> None:
    spec = registry.lookup("ht_sine")
    assert spec is not None
    form = spec.incremental()
    for row in rows(spec, 100):
        form.update(*row)
    with pytest.raises(NotStorableError, match="HT_SINE"):
        state_of(form)


def test_numbers_that_are_not_finite_are_written_as_json_allows() -> None:
    kept = [math.nan, math.inf, -0.0, 1e-320, (1, "nan"), {"a": None}]
    again = with_state(None, json.loads(json.dumps(state_of(kept), allow_nan=False)))
    assert repr(again) == repr(kept)


def test_a_snapshot_of_another_form_is_refused() -> None:
    ema, rsi = registry.lookup("ema"), registry.lookup("rsi")
    assert ema is not None
    assert rsi is not None
    with pytest.raises(ValueError, match="members"):
        with_state(rsi.incremental(length=3), state_of(ema.incremental(length=3)))
