"""Columns taken block by block have the values of whole ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lingua.indicators import declare
from lingua.indicators.registry import lookup

loaded = importlib.util.spec_from_file_location("conformance", Path(__file__).with_name("test_conformance.py"))
assert loaded is not None
assert loaded.loader is not None
laws = importlib.util.module_from_spec(loaded)
loaded.loader.exec_module(laws)


@pytest.mark.parametrize("kind", laws.KINDS)
@pytest.mark.parametrize("name", sorted(declare.LOCAL))
def test_blocks_give_the_bits_of_the_whole(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = lookup(name)
    assert spec is not None
    for seed in range(3):
        data, values = laws.columns(spec, kind, 1500, seed), laws.parameters(spec, seed)
        whole = spec.batch(*data, **values)
        monkeypatch.setattr(declare, "BLOCK", 4 * spec.lookback(**values) + 150)
        for a, b in zip(whole, spec.batch(*data, **values), strict=True):
            assert np.array_equal(a, b, equal_nan=True)
        monkeypatch.undo()


def test_blocks_are_taken_where_nothing_is_missing() -> None:
    x = np.cumsum(np.random.default_rng(3).normal(0, 1, 2000)) + 500.0
    made: list[int] = []

    def make(length: int) -> declare.Calculation:
        made.append(length)
        found: declare.Calculation = declare.MAKERS["dpo"](length=length)
        return found

    whole = declare.MAKERS["dpo"](length=10)(x)
    before, declare.BLOCK = declare.BLOCK, 300
    try:
        (blocks,) = declare.in_blocks(make, [x], {"length": 10}, 9) or (None,)
    finally:
        declare.BLOCK = before
    assert len(made) == 7
    assert np.array_equal(blocks[9:], whole[9:])
