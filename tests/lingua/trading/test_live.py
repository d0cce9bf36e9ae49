"""One instant at a time: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from stage import HOUR, START, Stage, bars, flat

from lingua.data.bars import Action
from lingua.trading.execution import Execution
from lingua.trading.inputs import LiveBar
from lingua.trading.setup import build

CLOSES = [100, 100, 100, 104, 103, 97, 97]


def staged():
    stage = Stage(len(CLOSES))
    exits = [stage.exit("stop", "price", 2)]
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=exits))
    return stage, stage.program()


def begun(upto):
    stage, plan = staged()
    series = bars(flat(*CLOSES[:upto]))
    return stage, build(plan, stage.slot_of, [stage.symbol(series)], [], Execution(cash_buffer=0.0), 10_000.0)


def live(stage, k, **changes):
    o, h, low, c = flat(*CLOSES)[k]
    columns = np.array([column[k] for column in stage.columns])
    values = {"open": o, "high": h, "low": low, "close": c, "columns": columns, **changes}
    return LiveBar(START + k * HOUR, START + (k + 1) * HOUR, **values)


def test_each_instant_tells_fills_events_and_working_orders():
    stage, run = begun(1)
    run.run()
    first = run.advance(START + 2 * HOUR, {0: live(stage, 1)})
    assert first.fills == []
    assert [e.kind for e in first.events] == ["submitted"]
    assert [(order["symbol"], order["kind"], order["quantity"]) for order in first.working] == [
        ("TEST", "market", 10.0)
    ]
    second = run.advance(START + 3 * HOUR, {0: live(stage, 2)})
    assert [(f.price, f.quantity, f.ts) for f in second.fills] == [(100, 10, START + 2 * HOUR)]
    assert second.working == []
    assert (second.cash, second.equity) == (9_000, 10_000)


def test_a_restart_from_a_snapshot_goes_on_alike():
    stage, run = begun(1)
    run.run()
    for k in range(1, 4):
        run.advance(START + (k + 1) * HOUR, {0: live(stage, k)})
    text = json.dumps(run.snapshot(), allow_nan=False)
    # After a restart the bars are stored ones, fed as history; the snapshot carries the rest.
    _, again = begun(4)
    again.restore(json.loads(text))
    for k in range(4, len(CLOSES)):
        one = run.advance(START + (k + 1) * HOUR, {0: live(stage, k)})
        other = again.advance(START + (k + 1) * HOUR, {0: live(stage, k)})
        assert one == other
    assert [f.reason for f in again.ledger().fills] == ["entry", "stop"]
    assert again.ledger().equity.tolist() == run.ledger().equity.tolist()


def test_a_live_split_is_applied_on_its_ex_date():
    stage, run = begun(1)
    run.run()
    for k in range(1, 3):
        run.advance(START + (k + 1) * HOUR, {0: live(stage, k)})
    run.add_action(0, Action(START + 3 * HOUR + 1, split=2.0))
    run.advance(START + 4 * HOUR, {0: live(stage, 3, open=50.0, high=52.0, low=50.0, close=52.0)})
    assert run.ledger().positions[0].tolist() == [0, 0, 10, 20]


def test_finer_bars_are_used_when_they_cover_the_bar():
    stage, run = begun(1)
    run.run()
    run.advance(START + 2 * HOUR, {0: live(stage, 1)})
    quarter = HOUR // 4
    opens = [START + 2 * HOUR + j * quarter for j in range(4)]
    prices = [(100, 101, 100, 101), (101, 101, 97, 98), (98, 99, 98, 99), (99, 100, 99, 100)]
    detail = tuple((t, t + quarter, *map(float, row), float("nan")) for t, row in zip(opens, prices, strict=True))
    told = run.advance(START + 3 * HOUR, {0: live(stage, 2, low=97.0, high=101.0, detail=detail)})
    assert [(f.price, f.reason, f.ts) for f in told.fills] == [
        (100, "entry", opens[0]), (98, "stop", opens[1] + quarter),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ts", "bar", "message"),
    [
        (START + HOUR, {}, "is not after"),
        (START + 9 * HOUR, {0: {"k": 1}}, "does not end at"),
        (START + 2 * HOUR, {0: {"k": 1, "columns": None}}, "series values are missing"),
        (START + 2 * HOUR, {0: {"k": 1, "columns": np.zeros(99)}}, "series values expected"),
        (START + 2 * HOUR, {5: {"k": 1}}, "no market 5"),
    ],
)
def test_a_bar_that_does_not_fit_is_refused(ts, bar, message):
    stage, run = begun(1)
    run.run()
    given = {number: live(stage, item.pop("k"), **item) for number, item in ((n, dict(b)) for n, b in bar.items())}
    with pytest.raises(ValueError, match=message):
        run.advance(ts, given)


def test_a_snapshot_of_something_else_is_refused():
    _, run = begun(3)
    snapshot = run.snapshot()
    with pytest.raises(ValueError, match="version"):
        run.restore({**snapshot, "version": 0})
    with pytest.raises(ValueError, match="not of 'Staged'"):
        run.restore({**snapshot, "program": "Other"})
    with pytest.raises(ValueError, match="other instruments"):
        run.restore({**snapshot, "markets": [{**snapshot["markets"][0], "symbol": "X"}]})


def test_inputs_that_do_not_fit_are_refused():
    stage, plan = staged()
    good = stage.symbol(bars(flat(*CLOSES)))
    with pytest.raises(ValueError, match="at least one"):
        build(plan, stage.slot_of, [], [], Execution(), 1.0)
    with pytest.raises(ValueError, match="capital"):
        build(plan, stage.slot_of, [good], [], Execution(), float("nan"))
    with pytest.raises(ValueError, match="never fills on its own bar"):
        build(plan, stage.slot_of, [good], [], Execution(fill_on="close"), 1.0)
    short = dataclasses.replace(good, columns=good.columns[:, :3])
    with pytest.raises(ValueError, match="series values for"):
        build(plan, stage.slot_of, [short], [], Execution(), 1.0)
    outside = dataclasses.replace(good, series_offset=10**6)
    with pytest.raises(ValueError, match="do not fit"):
        build(plan, stage.slot_of, [outside], [], Execution(), 1.0)
