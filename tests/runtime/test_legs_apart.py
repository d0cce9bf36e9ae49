"""Legs that come apart at a venue are mended `leg_timeout` after the first of them filled, not at the end of a bar."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.ports import Refused
from lingua_runtime.replaying import replay_journal

PAIR = """
strategy Pair {
  trade ETHUSDT @ 5m
  data btc = BTCUSDT
  execution { commission: 0.1%; cash_buffer: 2%; leg_timeout: 10s; on_broken: complete }
  rule both every 10 bars: close > 0 => buy 10 & buy 5 on btc at limit btc.close * 0.9 for gtc
  rule leave: bars_in_trade >= 4 => close & close on btc
}
"""


def artefact(text: str) -> str:
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


async def first_leg(folder: Path, text: str, **options: Any) -> Fair:
    """Until the leg at the market has just filled."""
    world = Fair({"BTCUSDT": walk(4, 120), "ETHUSDT": walk(5, 120, start=50.0)}, folder, minutes=5)
    await world.run(30)
    await world.start()
    await world.deploy(artefact(text), "pair", **options)
    while not any(o.symbol == "ETHUSDT" for o in world.exchange.orders.values()):
        await world.step()
    return world


def told(folder: Path) -> list[str]:
    return [each.why for each in replay_journal(f"sqlite:///{folder / 'node.db'}")]


def test_a_leg_that_rests_goes_to_the_market(tmp_path: Path) -> None:
    async def main() -> None:
        world = await first_leg(tmp_path, PAIR)
        assert world.held("ETHUSDT") > 9.9
        assert world.held("BTCUSDT") == 0.0
        await world.wait(5)
        assert world.held("BTCUSDT") == 0.0, "it has its time"
        await world.wait(8)
        assert world.held("BTCUSDT") > 4.9
        assert sum("came apart" in each for each in world.alarms()) == 1
        await world.run(12)
        world.agreed()
        assert world.node is not None
        host = world.node.hosts["pair"]
        assert not host.deployment.live.run.decider.legs.groups
        assert host.given is not None
        assert not host.given.kernel.disputed
        await world.end()

    asyncio.run(main())
    assert told(tmp_path) == [""]


def test_with_unwind_what_has_filled_is_closed(tmp_path: Path) -> None:
    async def main() -> None:
        world = await first_leg(tmp_path, PAIR.replace("on_broken: complete", "on_broken: unwind"))
        assert world.held("ETHUSDT") > 9.9
        await world.wait(13)
        assert world.held("ETHUSDT") < 0.05
        assert not list(world.exchange.open("me")), "the resting leg is withdrawn"
        await world.run(3)
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert told(tmp_path) == [""]


@pytest.mark.parametrize("how", ["complete", "unwind"])
def test_a_leg_that_is_refused_takes_the_others_out_at_once(how: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = Fair({"BTCUSDT": walk(4, 120), "ETHUSDT": walk(5, 120, start=50.0)}, tmp_path, minutes=5)
        place = world.account.place

        async def no_btc(requests: Any) -> Any:
            if requests[0].symbol == "BTCUSDT":
                raise Refused("not today")
            return await place(requests)

        world.account.place = no_btc  # type: ignore[method-assign]
        await world.run(30)
        await world.start()
        await world.deploy(artefact(PAIR.replace("on_broken: complete", f"on_broken: {how}")), "pair")
        while not any("came apart" in each for each in world.alarms()):
            await world.step()
        await world.wait(3)
        assert world.held("ETHUSDT") < 0.05
        sides = [order.is_buy for order in world.exchange.orders.values()]
        assert sides == [True, False]
        await world.run(3)
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert told(tmp_path) == [""]


def test_a_restart_between_the_legs_mends_them_once(tmp_path: Path) -> None:
    async def main() -> None:
        world = await first_leg(tmp_path, PAIR)
        await world.end()
        await world.start()
        await world.wait(20)
        assert world.held("BTCUSDT") == pytest.approx(5, abs=0.1)
        await world.end()
        await world.start()
        await world.wait(20)
        assert world.held("BTCUSDT") == pytest.approx(5, abs=0.1)
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert told(tmp_path) == [""]
