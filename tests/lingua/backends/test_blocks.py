"""Columns made block after block are those of the batch form, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

import lingua
from lingua.backends import blocks, truths
from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.indicators.declare import MAKERS
from lingua.indicators.registry import specs
from lingua.trading.instrument import Instrument

N = 1_000
LIBRARY = {spec.name: spec for spec in specs() if spec.name in MAKERS}
pytestmark = pytest.mark.skipif(not truths.COMPILED, reason="without a compiler columns are made whole")


def prices(seed: int, holes: float) -> Bars:
    rng = np.random.default_rng(seed)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, N))), 2)
    opened = np.round(close * np.exp(rng.normal(0.0, 0.003, N)), 2)
    high, low = np.maximum(opened, close) + 0.05, np.minimum(opened, close) - 0.05
    missing = rng.random(N) < holes
    for column in (opened, high, low, close):
        column[missing] = np.nan
    ts = (np.arange(N, dtype=np.int64) + 1) * 3_600 * 10**9
    return Bars(
        "A", Timeframe.parse("1h"), ts, ts - 3_600 * 10**9, opened, high, low, close,
        rng.integers(0, 1_000, N).astype(np.float64), Instrument("A"),
    )  # fmt: skip


def fits(name: str) -> bool:
    spec = LIBRARY[name]
    values = spec.bind({each.name: each.default if each.default is not None else 14 for each in spec.parameters})
    return name in blocks.CARRIED or spec.settle(**values) == 0


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("name", [name for name in LIBRARY if fits(name)])
def test_an_indicator_goes_on_where_the_block_before_left_it(name: str, holes: float) -> None:
    spec = LIBRARY[name]
    rng = np.random.default_rng(len(name))
    bars = prices(len(name), holes)
    truth = [each.kind == "bool" for each in spec.inputs]
    values = spec.bind({each.name: each.default if each.default is not None else 14 for each in spec.parameters})
    given = [
        np.where(bars.close > bars.open, 2.0, np.where(np.isnan(bars.close), 1.0, 0.0)) if is_truth
        else rng.integers(2, 30, N).astype(np.float64) if each.name == "periods"
        else getattr(bars, each.default or "close")
        for each, is_truth in zip(spec.inputs, truth, strict=True)
    ]  # fmt: skip
    valid = np.ones(N, dtype=np.bool_)
    for column, is_truth in zip(given, truth, strict=True):
        valid &= (column != 1.0) if is_truth else ~np.isnan(column)
    with np.errstate(all="ignore"):
        whole = [np.full(N, np.nan) for _ in spec.outputs]
        for out, found in zip(whole, spec.batch(*(each[valid] for each in given), **values), strict=True):
            out[valid] = found
        calling = blocks._Calling(spec, values, truth)
        first = 0
        while first < N:
            last = min(N, first + int(rng.integers(1, 90)))
            made = calling.columns([each[first:last] for each in given], last - first)
            for expected, column in zip(whole, made, strict=True):
                np.testing.assert_array_equal(column, expected[first:last])
            first = last


PROGRAMS = {
    "two averages": "ema(close, 5) crosses above ema(close, 20)",
    "three averages": "ema(close, 5) > ema(close, 20) and ema(close, 9) > rma(close, 11)",
    "history": "close > close[3] and highest(high, 10)[1] < high",
    "bands": "close > bbands(close, 20, 2).upper or close < bbands(close, 20, 2).lower",
    "strength": "rsi(close, 7) < 30 and (macd(close, 5, 9, 4).hist > 0 or volume > sma(volume, 10))",
    "gaps": "(close ?? open) > sma(close, 8) or close is na",
    "a state between": "bars_since(close crosses above sma(close, 6)) < 4 and close / sma(close, 50) > 1.001",
    "an average of a truth": "(if close > open then close else -close) * 2 > sma(ema(close, 3), 4)",
    "another clock": "close > ema(close, 10)@4h and ema(close, 3) > ema(close, 10)",
}


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_condition_has_the_bits_of_the_batch_form(name: str, holes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 64)
    compiled = lingua.compile(f"strategy S {{\n trade A @ 1h\n rule r: {PROGRAMS[name]} => buy\n}}")
    assert compiled.ok, [each.message for each in compiled.problems]
    condition = compiled.program.rules[0].condition
    bars = prices(7, holes)
    whole, blocked = Batch(Feeds(bars, {}, {}), {}), Batch(Feeds(bars, {}, {}), {})
    blocks.fill(blocked, [condition])
    assert blocked.computed(condition) is not None
    np.testing.assert_array_equal(blocked.column(condition), whole.column(condition))


def test_every_carried_formula_is_of_the_library() -> None:
    assert set(MAKERS) >= blocks.CARRIED
