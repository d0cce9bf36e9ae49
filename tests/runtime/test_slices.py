"""`at twap for …` and `at vwap for …` at a venue: slices in time, none twice, and protection for what was filled."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import MINUTE, Fair, walk

import lingua
from lingua.artefact import to_json
from lingua.backtest.run import backtest
from lingua.compiler import compile_path
from lingua.data.market import load_market
from lingua.live.replay import open_live, replay
from lingua_adapters.simulated import Faults
from lingua_runtime.config import config_of
from lingua_runtime.control import Standing
from lingua_runtime.journal import Journal
from lingua_runtime.node import Node
from lingua_runtime.ports import NotDone
from lingua_runtime.replaying import replay_journal
from lingua_runtime.slices import Schedule

SPREAD = """
strategy Spread {
  trade BTCUSDT @ 5m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule up: ema(close, 3) crosses above ema(close, 8) => buy 40% at twap for 6 bars with stop 6%
  rule down: ema(close, 3) < ema(close, 8) => sell at vwap for 15m
}
"""
HOUR = 60 * MINUTE
EXAMPLES = Path(__file__).parents[2] / "examples"


def artefact(text: str) -> str:
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


def fair(folder: Path, seed: int, bars: int = 200, faults: Faults | None = None) -> Fair:
    return Fair({"BTCUSDT": walk(seed, bars)}, folder, faults, seed, minutes=5)


def slices(world: Fair, *, is_buy: bool) -> dict[str, list[Any]]:
    """Orders of the exchange by the order of the run that they are part of."""
    found: dict[str, list[Any]] = {}
    for order in world.exchange.orders.values():
        whole = re.fullmatch(r"(.*-\d+)-s\d+", order.client_id)
        if whole is not None and order.is_buy is is_buy:
            found.setdefault(whole[1], []).append(order)
    return found


def schedule(**more: Any) -> Schedule:
    return Schedule(1, "X", 1, False, 12.0, HOUR, 0, **more)


def test_a_bars_part_is_divided_by_time() -> None:
    shares, it = [0.25, 0.5, 0.75, 1.0], schedule()
    assert it.parts(4) == 15
    assert it.due(shares, 4, 0, 0.0) == pytest.approx(12 / 60)
    assert it.due(shares, 4, HOUR // 2, 0.0) == pytest.approx(12 / 60 * 8)
    assert it.due(shares, 4, HOUR // 2, 1.0) == pytest.approx(12 / 60 * 8 - 1.0)
    assert it.due(shares, 4, 5 * HOUR, 0.0) == pytest.approx(3.0), "no further than the bar that runs"
    it.bar_ts = HOUR
    assert it.due(shares, 3, HOUR, 3.0) == pytest.approx(12 / 60)
    assert it.due(shares, 1, 2 * HOUR, 9.0) == pytest.approx(3.0)


def test_what_an_interruption_kept_back_is_spread_over_the_rest() -> None:
    shares, it = [0.25, 0.5, 0.75, 1.0], schedule()
    it.bar_ts = 2 * HOUR
    it.begin_again(shares, 2, 2 * HOUR, 1.0)
    assert it.due(shares, 2, 2 * HOUR, 1.0) == pytest.approx(11 / 30)
    it.bar_ts = 3 * HOUR
    assert it.due(shares, 1, 4 * HOUR, 6.5) == pytest.approx(5.5), "all of it by the end"


def test_slices_leave_through_the_window_and_the_stop_covers_what_is_held(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 3)
        await world.run(30)
        await world.start()
        await world.deploy(artefact(SPREAD), "s")
        covered = 0
        for _ in range(110):
            await world.step()
            held = world.held("BTCUSDT")
            stops = sum(float(o.quantity - o.filled) for o in world.exchange.open("me") if o.kind == "stop")
            if held > 0.1 and not any(o.kind == "market" for o in world.exchange.open("me")):
                assert stops == pytest.approx(held, abs=0.01), (held, stops)
                covered += 1
        assert covered > 10
        bought = slices(world, is_buy=True)
        assert bought
        whole = [each for each in bought.values() if len(each) == 30]
        assert whole, "six bars of five minutes: a slice each minute"
        for each in whole:
            gaps = [b.created - a.created for a, b in pairwise(each)]
            assert max(gaps) <= 125_000
            sizes = [float(order.quantity) for order in each]
            assert max(sizes) < 1.6 * min(sizes)
        assert slices(world, is_buy=False)
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


@pytest.mark.parametrize("seed", range(3))
def test_a_restart_in_the_middle_goes_on_without_doubling(seed: int, tmp_path: Path) -> None:
    """With answers lost, fills told twice and late, and the node away for some bars of the window."""

    async def main() -> None:
        world = fair(tmp_path, seed + 3, 200, Faults(0.02, 0.03, 0.01, 0.02, 0.05, 0.03, 0.1, 0.02))
        await world.run(30)
        await world.start()
        await world.deploy(artefact(SPREAD), "s")
        wanted: dict[str, float] = {}
        for _ in range(120):
            await world.step()
            assert world.node is not None
            kernel = world.node.hosts["s"].given.kernel  # type: ignore[union-attr]
            for each in kernel.schedules:
                wanted[f"{kernel.settings.deployment}-{each.order}"] = each.total
            if world.rng.random() < 0.15 and list(kernel.schedules):
                await world.end()
                await world.run(world.rng.choice([0, 0, 2]))
                await world.start()
                assert world.node.hosts["s"].standing is Standing.RUNNING, world.node.hosts["s"].why
        world.account.faults = Faults()
        await world.wait(150)
        sent = {**slices(world, is_buy=True), **slices(world, is_buy=False)}
        assert len(sent) > 3
        for name, orders in sent.items():
            assert sum(float(o.filled) for o in orders) <= wanted[name] * (1 + 1e-9) + 0.001, name
        names = Counter(order.client_id for order in world.exchange.orders.values())
        assert max(names.values()) == 1
        world.agreed()
        await world.end()

    asyncio.run(main())
    told = replay_journal(f"sqlite:///{tmp_path / 'node.db'}")
    assert [each.why for each in told] == [""]
    assert told[0].compared > 100


def test_refused_slices_are_sent_again_later_and_not_for_ever(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 3)
        await world.run(30)
        node = await world.start()
        await world.deploy(artefact(SPREAD), "s")
        while len(slices(world, is_buy=True)) == 0:
            await world.step()
        place = world.account.place

        async def closed(requests: Any) -> Any:
            if requests[0].kind == "market" and requests[0].side > 0:
                raise NotDone("busy", wait_s=0.1)
            return await place(requests)

        world.account.place = closed  # type: ignore[method-assign]
        await world.wait(400)
        assert any("slices are refused" in alarm for alarm in world.alarms())
        kernel = node.hosts["s"].given.kernel  # type: ignore[union-attr]
        assert not list(kernel.schedules)
        world.account.place = place  # type: ignore[method-assign]
        await world.run(20)
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_one_approval_lets_all_slices_of_an_order_leave(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 3)
        await world.run(30)
        node = await world.start()
        await world.deploy(artefact(SPREAD), "s", mode="semi")
        while not node.approvals():
            await world.step()
        (waiting,) = node.approvals()
        assert waiting.quantity > 1.0, "a person is asked for the whole order"
        assert not world.exchange.orders
        await node.approve(waiting.id, by="bob")
        await world.step()
        assert len(slices(world, is_buy=True)) == 1
        assert not node.approvals()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_paper_is_the_backtest_to_the_byte(tmp_path: Path) -> None:
    """With a restart somewhere, on recorded bars with volumes, and a bound on what is taken of them."""
    (tmp_path / "lingua.toml").write_text((EXAMPLES / "lingua.toml").read_text())
    (tmp_path / "data").symlink_to(EXAMPLES / "data")
    file = tmp_path / "spread.lingua"
    file.write_text(
        SPREAD.replace("BTCUSDT @ 5m", "SOLUSDT @ 1h").replace("15m", "4h").replace("2% }", "2%; fill_share: 1% }")
    )

    async def paper() -> None:
        config = config_of(
            {"journal": "node.db", "accounts": {"demo": {"venue": "replay", "project": "."}}}, tmp_path / "node.toml"
        )
        node = Node(config)
        await node.start()
        await node.deploy(to_json(compile_path(file)).encode(), {"id": "s", "mode": "paper"}, by="ann")
        while node.deployment("s").bars < 300:
            await asyncio.sleep(0.01)
        await node.end()
        node = Node(config)
        await node.start()
        while node.deployment("s").standing in (Standing.RUNNING, Standing.STARTING):
            await asyncio.sleep(0.02)
        assert node.deployment("s").why == "the recorded bars have ended"
        await node.end()

    asyncio.run(paper())
    compiled = compile_path(file)
    result = backtest(compiled, None)
    market = load_market(compiled.program, None, near=file)
    live = open_live(compiled, market, execution=result.execution, capital=result.capital)
    expected = [json.dumps(each.to_dict()) for each in replay(live, market)]
    journal = Journal(tmp_path / "node.db")
    told = [json.dumps(record.data) for record in journal.read("s") if record.kind == "decisions"]
    assert told == expected
    fills = [fill for each in expected for fill in json.loads(each)["fills"]]
    assert [(f["quantity"], f["price"], f["commission"]) for f in fills] == [
        (f.quantity, f.price, f.commission) for f in result.ledger.fills
    ]
    assert len(fills) > 500
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_warming_up_reaches_back_as_far_as_the_usual_volume() -> None:
    from lingua_runtime.strategies import Terms, history_bars

    compiled = lingua.compile(SPREAD)
    assert history_bars(compiled, Terms(("BTCUSDT",), "5m")) == 20 * 288
    without = lingua.compile(SPREAD.replace("vwap", "twap"))
    assert history_bars(without, Terms(("BTCUSDT",), "5m")) < 300
