"""The process dies at any step between an event and its effect, and comes back: nothing lost, doubled or forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from rig import walk
from test_kernel import LADDER, TRAIL
from world import World

from lingua_adapters.simulated import Faults


def agreed(world: World) -> None:
    """What the venue holds is what is known, every order is known and was sent once, protection is what is held."""
    assert world.deployment is not None
    kernel, exchange = world.deployment.kernel, world.exchange
    units = kernel.held(0)
    position = kernel.live.run.book.positions[0]
    account = exchange.accounts["me"]
    held = float(sum((side.get("BTC", 0) for side in (account.free, account.locked)), start=0))
    told = world.alarms[-5:]
    assert held == pytest.approx(sum(unit.quantity for unit in units) + position.dust, abs=3e-3), told
    names = [order.client_id for order in exchange.orders.values()]
    assert len(names) == len(set(names)), "sent twice"
    for order in exchange.orders.values():
        assert not order.is_working or kernel.orders.get(order.client_id) is not None, order
    guarded: dict[int, float] = {}
    for order in exchange.open("me"):
        if not order.is_buy:
            group = order.group or -order.number
            guarded[group] = max(guarded.get(group, 0.0), float(order.left))
    wanted = sum(unit.quantity for unit in units if unit.brackets and unit.quantity * 90 > 5)
    assert sum(guarded.values()) == pytest.approx(wanted, abs=0.06 * (1 + len(units))), told


@pytest.mark.parametrize("program", [LADDER, TRAIL], ids=["ladder", "trail"])
@pytest.mark.parametrize("seed", range(4))
def test_a_process_that_dies_at_any_step_comes_back_to_what_the_venue_has(
    program: str, seed: int, tmp_path: Path
) -> None:
    async def main() -> World:
        faults = Faults(0.03, 0.08, 0.02, 0.03, 0.1, 0.1, 0.2, 0.05)
        world = World(program, walk(seed, 120), tmp_path / "node.db", seed, faults)
        await world.run(crash_every=120, down_for=3)
        await world.settle()
        world.writer.close()
        return world

    world = asyncio.run(main())
    agreed(world)
    assert world.crashes >= 3
    assert world.exchange.trades
