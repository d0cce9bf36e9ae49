"""A venue whose clock is off: nothing opens until it agrees with ours again; what is held is closed all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, Row

import lingua
from lingua.artefact import to_json
from lingua_runtime.clock import VirtualClock
from lingua_runtime.ports import NotDone, Venue
from lingua_runtime.skew import ClockCheck

SECOND = 1_000_000_000
STEP = """
strategy Step {
  trade BTCUSDT @ 1m
  execution { cash_buffer: 2% }
  rule up: close > 105 and close[1] <= 105 => buy 20% with stop 50%
  rule down: close < 95 => sell
}
"""


class OffFair(Fair):
    """A fair whose clock differs from ours by `off_s`."""

    off_s = 0.0

    async def now(self) -> int:
        if self.is_down:
            raise NotDone("no connection")
        return self.clock.now() + int(self.off_s * SECOND)


def rows(*closes: float) -> list[Row]:
    out, last = [], closes[0]
    for close in closes:
        out.append((last, max(last, close), min(last, close), close))
        last = close
    return out


async def begun(folder: Path, *closes: float, most_s: float = 1.0) -> OffFair:
    """After five bars at 100, with the deployment armed."""
    world = OffFair({"BTCUSDT": rows(*[100.0] * 5, *closes)}, folder)
    world.config = replace(world.config, max_clock_skew_s=most_s)
    await world.run(5)
    await world.start()
    await deploy(world)
    return world


async def deploy(world: OffFair) -> None:
    compiled = lingua.compile(STEP)
    assert compiled.ok, compiled.problems
    await world.deploy(to_json(compiled), "step")


def told(world: OffFair) -> tuple[list[str], list[str]]:
    """(What health says of clocks, the alarms about them.)"""
    assert world.node is not None
    return [p for p in world.node.health().problems if "clock" in p], [a for a in world.alarms() if " clock: " in a]


@pytest.mark.parametrize("off_s", [5.0, -5.0])
def test_nothing_is_opened_while_it_is_off_and_then_again(off_s: float, tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path, 100.0, 110.0, 100.0, 100.0, 110.0, 110.0)
        assert told(world) == ([], [])
        world.off_s = off_s
        await world.run(2)
        assert not world.exchange.orders
        problems, alarms = told(world)
        assert len(problems) == len(alarms) == 1
        assert f"5.0 s {'ahead of' if off_s > 0 else 'behind'} ours" in problems[0]
        assert alarms[0].startswith("critical")
        world.off_s = 0.5
        await world.run(2)
        assert told(world)[0] == []
        await world.run(2)
        assert world.held("BTCUSDT") > 0.0
        world.agreed()
        await world.end()

    asyncio.run(main())


def test_exits_and_protection_go_on(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path, 100.0, 110.0, 110.0, 110.0, 90.0, 90.0, 90.0)
        await world.run(3)
        assert world.held("BTCUSDT") > 0.0
        guards = [order for order in world.exchange.open("me") if not order.is_buy]
        world.off_s = 60.0
        await world.run(1)
        assert told(world)[0]
        assert [order for order in world.exchange.open("me") if not order.is_buy] == guards != []
        await world.run(3)
        assert world.held("BTCUSDT") < 0.002
        world.agreed()
        await world.end()

    asyncio.run(main())


def test_it_is_compared_at_start_and_after_a_reconnection(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path, *[100.0] * 4)
        await world.run(1)
        await world.disconnect()
        world.off_s = 5.0
        await world.run(1)
        assert told(world)[0] == []  # nobody could ask
        await world.reconnect()
        assert told(world)[0]
        await world.end()
        await world.start()
        assert told(world)[0]
        await world.end()
        world.off_s = 0.0
        await world.start()
        assert told(world)[0] == []
        assert len(told(world)[1]) == 2, "the log keeps what was said, and nothing is said anew"
        await world.end()

    asyncio.run(main())


def test_the_limit_is_the_nodes(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path, 100.0, 110.0, 110.0, most_s=10.0)
        world.off_s = 5.0
        await world.run(3)
        assert told(world) == ([], [])
        assert world.held("BTCUSDT") > 0.0
        await world.end()

    asyncio.run(main())


def test_the_delay_of_the_answer_is_no_difference() -> None:
    """An answer that took four seconds says nothing finer than that."""
    clock = VirtualClock(100 * SECOND)

    class Slow:
        told_s = 0.0

        async def now(self) -> int:
            clock.move(clock.now() + 4 * SECOND)
            return clock.now() + int(self.told_s * SECOND)

    async def main() -> None:
        slow = Slow()
        check = ClockCheck(Venue("slow", slow), clock, 1.0)  # type: ignore[arg-type]  # it needs no more of a market
        for told_s, skew_s in ((0.0, 0.0), (-4.0, 0.0), (-2.0, 0.0), (1.5, 1.5), (-5.5, -1.5)):
            slow.told_s = told_s
            await check.look()
            assert check.skew_s == pytest.approx(skew_s)
            assert check.is_off is (skew_s != 0.0)

    asyncio.run(main())
