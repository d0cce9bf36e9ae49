"""The series machine: every indicator traced equals its own form, and no program reaches outside the registers."""

from __future__ import annotations

import json
import math
import random
import struct

import pytest

from lingua.backends import machine_codes as codes
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.machine import SeriesMachine
from lingua.backends.periods import StreamBar
from lingua.indicators import registry
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.kernels_windows import Mean
from lingua.ir.nodes import Constancy, Graph, Kind, Node
from lingua.trading.instrument import Instrument

FACTS = {"": SourceFacts("1h", Instrument("AAA"))}
HOUR = 3_600 * 10**9
MOST_USED = (
    "sma", "ema", "wma", "rma", "rsi", "macd", "bbands", "atr", "adx", "stoch", "cci", "roc", "mom", "stddev", "obv",
    "mfi", "willr", "kama", "highest", "lowest", "linearreg", "vwap", "supertrend", "donchian", "keltner", "ichimoku",
)  # fmt: skip


def bars(seed: str, count: int) -> list[StreamBar]:
    """With holes, flat stretches, jumps and nothing traded; `c` is a column that is now above and now below 0."""
    rng, close, found = random.Random(seed), 100.0, []
    for i in range(count):
        if rng.random() > 0.15:
            close *= math.exp(rng.gauss(0.0, 0.02)) * (1000.0 if rng.random() < 0.01 else 1.0)
        high, low = close * (1.0 + rng.random() * 0.01), close * (1.0 - rng.random() * 0.01)
        fields = {"open": rng.uniform(low, high), "high": high, "low": low, "close": close, "volume": 0.0}
        fields |= {"volume": rng.random() * 100.0 if rng.random() > 0.1 else 0.0, "c": rng.gauss(0.0, 1.0)}
        fields |= {name: math.nan for name in fields if rng.random() < 0.04}
        found.append(StreamBar(i * HOUR, (i + 1) * HOUR, fields))
    return found


def outputs(spec: IndicatorSpec) -> list[Node]:
    """A call of it for each output, on fields of the bar."""
    graph = Graph()
    zero = graph.node("const", attrs=(0.0,))
    args = []
    for k, each in enumerate(spec.inputs):
        name = each.default or ("close", "volume", "high")[k % 3]
        if each.kind == "bool":
            column = graph.node("field", attrs=("c",), constancy=Constancy.SERIES)
            args.append(graph.node("gt", column, zero, kind=Kind.BOOL))
        else:
            args.append(graph.node("field", attrs=(name,), constancy=Constancy.SERIES))
    for parameter in spec.parameters:
        value = 5 if parameter.default is None else parameter.default
        args.append(graph.node("const", attrs=(value,), kind=Kind.STRING if isinstance(value, str) else Kind.NUM))
    return [
        graph.node(
            "call", *args, attrs=(spec.name, output.name), constancy=Constancy.SERIES,
            kind=Kind.BOOL if output.kind == "bool" else Kind.NUM,
        )
        for output in spec.outputs
    ]  # fmt: skip


def bits(values: list[float]) -> list[bytes]:
    return [struct.pack("<d", value) if value == value else b"na" for value in values]


@pytest.mark.parametrize("spec", registry.specs(), ids=lambda spec: spec.name)
def test_an_indicator_stepped_by_the_machine_gives_the_bits_of_its_form(spec: IndicatorSpec) -> None:
    nodes = outputs(spec)
    traced, called = (Stream(nodes, {}, FACTS, traces=traces) for traces in (True, False))
    for bar in bars(spec.name, 260):
        traced.push("", bar)
        called.push("", bar)
        a, b = ([float(stream.value(node)) for node in nodes] for stream in (traced, called))
        assert bits(a) == bits(b), f"{spec.name} at {bar.ts // HOUR}: {a} {b}"


@pytest.mark.parametrize("name", MOST_USED)
def test_the_indicators_used_most_are_stepped_without_python(name: str) -> None:
    spec = registry.lookup(name)
    assert spec is not None
    stream = Stream(outputs(spec), {}, FACTS)
    assert not stream.lowering.cells


def test_most_of_the_library_is_stepped_without_python() -> None:
    own = [spec for spec in registry.specs() if not Stream(outputs(spec), {}, FACTS).lowering.cells]
    assert len(own) >= 200


def test_the_short_way_in_gives_what_pushing_gives() -> None:
    graph = Graph()
    close, time = (graph.node("field", attrs=(name,), constancy=Constancy.SERIES) for name in ("close", "time"))
    slow = graph.node("call", close, graph.node("const", attrs=(9,)), attrs=("ema", ""), constancy=Constancy.SERIES)
    above = graph.node("gt", close, slow, kind=Kind.BOOL)
    bar_number = graph.node("field", attrs=("bar",), constancy=Constancy.SERIES)
    nodes = [close, time, slow, above, bar_number]
    pushed, updated = (Stream(nodes, {}, FACTS) for _ in range(2))
    update = updated.updater([above])
    for bar in bars("short", 60):
        pushed.push("", bar)
        prices = [bar.fields[name] for name in ("open", "high", "low", "close", "volume")]
        found = update(bar.open_ts, bar.ts, *prices)
        a, b = ([float(stream.value(node)) for node in nodes] for stream in (pushed, updated))
        assert bits(a) == bits(b)
        assert bool(found & 1) == (pushed.value(above) == 2)
    assert updated.clock(above.clock).count == 60
    assert json.dumps(updated.snapshot()["kept"]) == json.dumps(pushed.snapshot()["kept"])


def test_the_short_way_in_is_refused_to_a_program_that_reads_more() -> None:
    graph = Graph()
    funding = graph.node("field", attrs=("funding",), constancy=Constancy.SERIES)
    with pytest.raises(ValueError, match="more than the prices"):
        Stream([funding], {}, FACTS).updater()


@pytest.mark.parametrize(
    "instruction",
    [
        (codes.ADD, 9, 0, 0, 0, 0),
        (codes.ADD, 0, -1, 0, 0, 0),
        (codes.MOVE, 0, 0, 4, 0, 0),
        (200, 0, 0, 0, 0, 0),
        (codes.LINE, 0, 1, 2, 0, 1),
        (codes.KERNEL, 0, 0, 0, 5, 0),
        (codes.KERNEL, 0, 0, 1, 2, 0),
        (codes.SHAPE, 0, 0, 0, 1, 0),
        (codes.HISTORY, 0, 1, 2, 3, 3),
        (codes.HISTORY, 0, 1, 2, 0, 3),
        (codes.STATE_BEGIN, 0, 1, 2, 0, 9),
        (codes.STATE_BEGIN, 0, 1, 1, 0, 1),
        (codes.GATE, 3, 2, 0, 1, 2),
        (codes.CELL, 0, 1, 0, 0, 0),
    ],
)
def test_an_instruction_that_reaches_outside_is_refused(instruction: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"instruction 0|outside"):
        SeriesMachine([instruction], [0, 1], [0.0] * 4, [Mean(3)], [])


def test_registers_and_runs_outside_are_refused() -> None:
    machine = SeriesMachine([(codes.ADD, 0, 1, 2, 0, 0)], [], [0.0] * 3, [], [])
    for call in (
        lambda: machine.value(3),
        lambda: machine.set_value(-1, 0.0),
        lambda: machine.read([0, 3]),
        lambda: machine.advance(0, 2, (), (), {}, None, 0),
        lambda: machine.advance(0, 1, ("close",), (3,), {"close": 1.0}, None, 0),
        lambda: machine.advance(0, 1, (), (), {}, None, 3),
        lambda: machine.prepare(0, 1, [0] * 8, [3]),
        lambda: machine.scan(0, 1, [3], [[1.0]], 0),
    ):
        with pytest.raises((ValueError, IndexError)):
            call()
