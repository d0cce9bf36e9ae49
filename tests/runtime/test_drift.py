"""What a venue did beside what paper would have done, by hand and of a real run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from test_node import TREND, artefact, fair

from lingua_runtime.drift import Filled, compare, drift
from lingua_runtime.journal import Journal


def test_a_worse_price_costs_on_either_side() -> None:
    paper = {("t1", "A", "up", "buy"): Filled(10.0, 1_000.0), ("t2", "A", "down", "sell"): Filled(10.0, 1_100.0)}
    venue = {("t1", "A", "up", "buy"): Filled(10.0, 1_001.0), ("t3", "A", "down", "sell"): Filled(10.0, 1_100.0)}
    found = compare("d", paper, venue)
    (pair,) = found.pairs
    assert (pair.basis_points, pair.money) == (pytest.approx(10.0), pytest.approx(1.0))
    assert found.missed == [("t2", "A", "down", "sell")]
    assert found.extra == [("t3", "A", "down", "sell")]
    sold = compare("d", {("t", "A", "x", "sell"): Filled(1.0, 100.0)}, {("t", "A", "x", "sell"): Filled(1.0, 101.0)})
    assert sold.money == pytest.approx(-1.0)
    assert sold.basis_points == pytest.approx(-100.0)


def test_a_run_on_an_exchange_that_fills_at_the_open_drifts_by_little(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 23, 300)
        await world.run(60)
        await world.start()
        await world.deploy(artefact(TREND), "t")
        await world.run(150)
        await world.end()

    asyncio.run(main())
    journal = Journal(tmp_path / "node.db")
    found = drift(journal.read(), "t")
    with pytest.raises(ValueError, match="no deployment"):
        drift(journal.read(), "nobody")
    journal.close()
    assert len(found.pairs) >= 4
    assert abs(found.basis_points) < 20.0
    assert len(found.missed) + len(found.extra) <= len(found.pairs)
