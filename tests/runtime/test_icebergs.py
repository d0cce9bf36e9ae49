"""`show` reaches the venue: as much as the rule says, on the bar on which the order is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
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


def test_orders_of_one_rule_may_show_different_parts(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path)
        await world.deploy(artefact(MIXED), "mixed")
        await world.run(3)
        sent = [order for order in world.exchange.orders.values() if order.is_buy]
        pairs: dict[Any, list[Any]] = {}
        for order in sent:
            pairs.setdefault((order.symbol, order.created), []).append(order)
        assert pairs
        for pair in pairs.values():
            assert [float(order.show) for order in sorted(pair, key=lambda o: o.limit)] == [0.0, 2.0]
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_a_venue_without_icebergs_gets_one_part_after_the_other(tmp_path: Path) -> None:
    async def main() -> None:
        world = await begun(tmp_path)
        world.account.capabilities = replace(world.account.capabilities, has_icebergs=False)
        host = await world.deploy(artefact(HIDDEN), "ice")
        most = 0.0
        for _ in range(60):
            await world.step()
            for symbol in world.prices:
                working = [o for o in world.exchange.open("me", symbol) if o.is_buy]
                most = max(most, *(float(o.quantity) for o in working), 0.0)
        assert 1.5 < most < 2.5, "no more than the part that is shown works at any time"
        sent = world.exchange.orders.values()
        bought = {s: sum(float(o.filled) for o in sent if o.is_buy and o.symbol == s) for s in world.prices}
        assert max(bought.values()) > 4, "the next part follows"
        parts = [o for o in sent if not o.is_buy and o.kind == "limit"]
        assert max(float(o.quantity) for o in parts) <= 4.0
        assert host.given is not None
        assert not host.given.kernel.disputed
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]
