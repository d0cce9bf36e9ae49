"""`show` reaches the venue: as much as the rule says, on the bar on which the order is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.control import ControlError
from lingua_runtime.replaying import replay_journal

HEAD = """
strategy Ice {
  trade BTCUSDT, ETHUSDT @ 1m
  execution { cash_buffer: 2% }
"""
HIDDEN = (
    HEAD
    + """
  rule enter: position == 0 => buy 10 at limit close * 0.99 show close / open * 2 shares for 2 bars
  rule leave: position > 0 => sell at limit close * 1.01 show 4 for 3 bars
}
"""
)
OPEN = HEAD + "  rule enter: position == 0 => buy 10 at limit close * 0.99\n}\n"
MIXED = (
    HEAD
    + """
  rule enter: close > 0 => buy 10 at limit close * 0.99 show 2 & buy 10 at limit close * 0.98
}
"""
)


def artefact(text: str) -> str:
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


async def begun(folder: Path) -> Fair:
    world = Fair({"BTCUSDT": walk(4, 80), "ETHUSDT": walk(5, 80, start=120.0)}, folder)
    await world.run(5)
    await world.start()
    return world


def test_the_venue_is_asked_to_show_what_the_rule_says(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path)
        await world.deploy(artefact(HIDDEN), "ice")
        await world.run(60)
        sent = [order for order in world.exchange.orders.values() if order.kind == "limit"]
        bought = [order for order in sent if order.is_buy]
        assert len({float(order.show) for order in bought}) > 3
        for order in bought:
            # Of its own market and its own bar: the price lies one per cent below the close of the bar that it shows.
            parts = [
                2 * close / open_ for open_, _, _, close in world.prices[order.symbol]
                if abs(close * 0.99 - float(order.limit)) <= 0.011
            ]  # fmt: skip
            assert any(part - 0.001 <= float(order.show) <= part for part in parts)
        sold = [order for order in sent if not order.is_buy and order.quantity > 4]
        assert sold
        assert {float(order.show) for order in sold} == {4.0}
        world.agreed()
        await world.end()

    asyncio.run(main())
    told = replay_journal(f"sqlite:///{tmp_path / 'node.db'}")
    assert [each.why for each in told] == [""]


def test_what_is_no_iceberg_is_shown_whole(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path)
        await world.deploy(artefact(OPEN), "open")
        await world.run(20)
        assert world.exchange.orders
        assert not any(order.show for order in world.exchange.orders.values())
        await world.end()

    asyncio.run(main())


def test_a_venue_without_icebergs_and_a_rule_that_mixes_are_told_beforehand(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path)
        with pytest.raises(ControlError, match="rule enter show different parts"):
            await world.deploy(artefact(MIXED), "mixed")
        able = world.account.capabilities
        world.account.capabilities = replace(able, has_icebergs=False)
        with pytest.raises(
            ControlError, match=r"rule enter sends an iceberg, and the venue has none.*rule leave sends"
        ):
            await world.deploy(artefact(HIDDEN), "ice")
        await world.deploy(artefact(OPEN), "open")
        await world.deploy(artefact(HIDDEN), "ice", mode="paper")
        await world.end()

    asyncio.run(main())
