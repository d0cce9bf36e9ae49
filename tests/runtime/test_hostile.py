"""What cannot be believed is not booked, and what cannot be written lets nothing leave: an alarm, and a safe state."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair
from test_node import TREND, artefact, fair

from lingua_runtime.control import ControlError, Standing
from lingua_runtime.journal import Journal, JournalError, Row, cut
from lingua_runtime.ports import FillReport


async def holding(world: Fair) -> None:
    """Until something is held and protected."""
    await world.run(60)
    await world.start()
    await world.deploy(artefact(TREND), "t")
    while not (world.held("BTCUSDT") > 0.1 and list(world.exchange.open("me"))):
        await world.step()


def test_executions_that_cannot_be_are_told_and_not_booked(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 21, 400)
        await holding(world)
        assert world.node is not None
        host = world.node.hosts["t"]
        assert host.given is not None
        order = next(record for record in host.given.kernel.orders if record.filled)
        true = FillReport("lie-1", order.venue_id, order.client_id, "BTCUSDT", 1, 1.0, 100.0, world.clock.now())
        held = host.quantity_of("BTCUSDT")
        lies = [
            replace(true, quantity=-1.0), replace(true, quantity=0.0), replace(true, price=-5.0),
            replace(true, price=float("nan")), replace(true, quantity=float("inf")), replace(true, fee=float("nan")),
            replace(true, symbol="ETHUSDT"), replace(true, symbol="NO\nSUCH"), replace(true, side=-1),
            replace(true, side=0), replace(true, quantity=1e6),
        ]  # fmt: skip
        for lie in lies:
            await world.node.accounts["main"].deliver(lie)
            await world.quiet()
        assert host.quantity_of("BTCUSDT") == held
        assert host.standing is Standing.RUNNING
        assert sum("nonsense" in alarm for alarm in world.alarms()) == len(lies)
        await world.run(3)
        world.agreed()
        await world.end()

    asyncio.run(main())


def test_when_the_disk_is_full_nothing_leaves_and_what_is_held_stays_protected(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 21, 400)
        await holding(world)
        node = world.node
        assert node is not None
        journal, write = node.writer.journal, node.writer.journal.write

        def full(rows: Sequence[Row]) -> None:
            raise JournalError("node.db cannot be written: database or disk is full")

        journal.write = full  # type: ignore[method-assign]
        orders, working = len(world.exchange.orders), len(list(world.exchange.open("me")))
        await world.run(40)
        assert len(world.exchange.orders) == orders
        assert node.deployment("t").standing is Standing.FAILED
        assert "full" in node.deployment("t").why
        assert not node.health().is_ready
        assert any("critical" in alarm and "full" in alarm for alarm in world.alarms())
        assert len(list(world.exchange.open("me"))) <= working
        with pytest.raises(ControlError, match="full"):
            await node.disarm("t", by="bob")
        journal.write = write  # type: ignore[method-assign]
        await world.end()
        node = await world.start()
        assert node.deployment("t").standing is Standing.RUNNING
        await world.wait(60)
        world.agreed()
        await world.end()

    asyncio.run(main())


def test_a_journal_with_a_broken_tail_is_refused_and_can_be_cut(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 21, 400)
        await holding(world)
        await world.end()
        file = tmp_path / "node.db"
        last = Journal(file).last
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE journal SET data = '{\"ts\": 0}' WHERE seq = ?", (last - 3,))
        with pytest.raises(JournalError, match=f"record {last - 3} is not what was written"):
            await world.start()
        journal = Journal(file)
        assert cut(journal) == 4
        journal.close()
        await world.start()
        await world.wait(60)
        world.agreed()
        await world.end()

    asyncio.run(main())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "nowhere" / "node.db")
