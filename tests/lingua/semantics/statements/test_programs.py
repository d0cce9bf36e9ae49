"""The programs of the specification."""

from __future__ import annotations

from pathlib import Path

import pytest

from lingua.diagnostics.diagnostic import Severity
from lingua.ir.nodes import Kind
from lingua.ir.units import PRICE, RATIO
from lingua.semantics.elaborate import elaborate
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.lingua"))


def read(number: str):
    path = next(path for path in PROGRAMS if path.name.startswith(number))
    source = Source(path.name, path.read_text("utf-8"))
    tree, problems = parse(source)
    assert not problems
    return elaborate(tree, source)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_of_the_specification_has_no_errors(path: Path) -> None:
    found = read(path.name[:2])
    assert not [p.message for p in found.problems if p.severity is Severity.ERROR]
    assert len(found.programs) == 1


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "06", "07"])
def test_nothing_is_pointed_out_in_a_good_program(number: str) -> None:
    assert read(number).problems == ()


def test_the_sketch_is_told_of_size_stop_and_the_exits_that_repeat() -> None:
    found = read("00")
    assert sorted(p.code.number for p in found.problems) == ["L0740", "L0741", "L0742", "L0742"]
    program = found.programs[0]
    assert program.is_sketch
    assert program.direction == "long"
    assert [rule.name for rule in program.rules][:3] == ["enter_trend", "enter_dip", "leave_trend"]
    assert program.rules[0].group.actions[0].amount.kind == "all"
    half = program.rules[4].group.actions[0].amount
    assert half.kind == "qty"
    assert half.value is not None
    assert half.value.uses_fills


def test_the_cloud_program_becomes_what_it_says() -> None:
    program = read("01").programs[0]
    assert (program.symbols, program.timeframe) == (("BTCUSDT",), "1h")
    assert [(p.name, p.low, p.high, p.step) for p in program.params] == [("fast", 5, 30, None), ("slow", 20, 100, 2)]
    assert [output.name for output in program.outputs] == ["c.upper", "c.mid", "c.lower", "adx", "rising"]
    enter = program.rules[0].group.actions[0]
    assert (enter.verb, enter.amount.kind, enter.amount.value.unit) == ("buy", "risk", RATIO)
    assert [(e.kind, e.distance.form) for e in enter.exits] == [("stop", "level"), ("trail", "price")]
    assert enter.exits[1].after.form == "r"
    assert len(program.rules[0].leaves) == 3
    assert [(limit.name, limit.value, limit.effect) for limit in program.limits] == [("max_drawdown", 0.15, "halt")]
    assert [(plot.title, plot.pane) for plot in program.plots] == [("c.upper", "price"), ("c.lower", "price")]


def test_the_gradient_program_waits_and_expires() -> None:
    dip = read("02").programs[0].rules[0].group.actions[0]
    assert dip.order.kind == "limit"
    assert dip.order.limit.unit == PRICE
    assert dip.order.life.kind == "bars"
    assert [e.kind for e in dip.exits] == ["stop", "target", "expire"]
    assert dip.exits[2].life.kind == "bars"


def test_the_hourly_parameter_is_structural() -> None:
    program = read("03").programs[0]
    (htf,) = program.params
    assert (htf.kind, htf.value, htf.values, htf.is_structural) == ("timeframe", "1h", ("15m", "1h", "4h"), True)
    assert [(limit.per, limit.effect, limit.lasting) for limit in program.limits] == [
        ("", "flatten", ("sessions", 1.0)), ("day", "limit", None),
    ]  # fmt: skip


def test_the_pairs_program_has_legs() -> None:
    program = read("04").programs[0]
    rich = program.rules[0].group
    assert rich.joined_by == "&"
    assert [(a.verb, a.source, a.amount.kind) for a in rich.actions] == [
        ("short", "", "equity"),
        ("buy", "btc", "equity"),
    ]
    assert rich.actions[1].tag == "rich"
    assert [(d.alias, d.symbol, d.timeframe) for d in program.data] == [("btc", "BTCUSDT", "")]
    assert program.limits[1].unit == "sessions"
    assert program.limits[1].value == 10


def test_the_turtle_pyramids() -> None:
    program = read("05").programs[0]
    assert program.symbols == ("CME:CL", "CME:GC", "CME:ES")
    assert program.pyramid is not None
    assert (program.pyramid.units, program.pyramid.step.form) == (4, "price")
    assert program.rules[0].group.actions[0].exits[0].from_last
    assert len(program.requires) == 1


def test_the_squeeze_brackets_its_entry() -> None:
    program = read("06").programs[0]
    release = program.rules[0].group.actions[0]
    assert release.order.kind == "stop_limit"
    assert release.order.stop is not None
    assert release.order.limit is not None
    assert [e.closing is not None for e in release.exits] == [False, True, False]
    assert dict(program.execution.options) == {"detail": "1m", "slippage": 0.0003, "fees": "binance.spot"}


def test_the_rotation_is_checked_and_not_executed() -> None:
    program = read("07").programs[0]
    assert [each.construct for each in program.not_executed] == ["universe"]
    assert program.optimize is not None
    assert program.optimize.objectives == ("sharpe",)
    rotate = program.rules[0]
    assert rotate.tick is not None
    assert (rotate.tick.op, rotate.tick.attrs, rotate.tick.kind) == ("tick", ("weekly",), Kind.BOOL)
    assert rotate.otherwise is not None
    assert rotate.otherwise.actions[0].verb == "close"


def test_the_ensemble_is_checked_and_not_executed() -> None:
    found = read("08")
    program = found.programs[0]
    assert [each.construct for each in program.not_executed] == ["extern", "portfolio"]
    assert [o.name for o in program.outputs if o.role == "signal"][:3] == ["trend", "trend.side", "trend.confidence"]
    assert [name for name, node in program.alerts[0].holes if node is not None] == ["vote", "symbol"]
    assert [p.code.number for p in found.problems] == ["L0620"]
    assert [(plan.strategy, plan.title) for plan in found.tests] == [("Ensemble", "never over-levered")]
