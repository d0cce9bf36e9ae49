"""After an outage: what was to be opened meanwhile leaves only where the deployment asked for that, while it is fresh
and works."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, Row

import lingua
from lingua.artefact import to_json
from lingua_runtime.control import ControlError
from lingua_runtime.replaying import replay_journal

JUMP = """
strategy Jump {
  trade BTCUSDT @ 1m
  execution { cash_buffer: 2% }
  rule up: close > 105 and close[1] <= 105 => buy 20% ORDER
  rule down: close < 95 => sell
}
"""
HISTORY, QUIET = 10, 5
"""Bars before the deployment, and before the outage."""


def artefact(order: str = "") -> str:
    compiled = lingua.compile(JUMP.replace("ORDER", order))
    assert compiled.ok, compiled.problems
    return to_json(compiled)


def jump(folder: Path, after: int) -> Fair:
    """The price jumps on the bar after the quiet ones."""
    rows: list[Row] = [(100.0, 100.5, 99.5, 100.0)] * (HISTORY + QUIET)
    rows += [(100.0, 110.5, 100.0, 110.0), *[(110.0, 110.5, 109.5, 110.0)] * after]
    return Fair({"BTCUSDT": rows}, folder)


async def missed(world: Fair, bars: int, late_entries: int | None, order: str, *, restarts: bool) -> None:
    """An outage over the jump and `bars` bars more, and its end."""
    await world.run(HISTORY)
    await world.start()
    options: dict[str, Any] = {} if late_entries is None else {"late_entries": late_entries}
    await world.deploy(artefact(order), "jump", **options)
    await world.run(QUIET)
    assert not world.exchange.orders
    if restarts:
        await world.end()
    else:
        await world.disconnect()
    await world.run(1 + bars)
    assert not world.exchange.orders
    if restarts:
        await world.start()
    else:
        await world.reconnect()
    await world.wait(5)
    await world.run(1)
    world.agreed()


@pytest.mark.parametrize("restarts", [True, False], ids=["restart", "connection"])
@pytest.mark.parametrize(
    ("late_entries", "bars", "order", "leaves"),
    [
        (None, 1, "", False),
        (0, 1, "", False),
        (1, 1, "", True),
        (1, 2, "", False),
        (3, 2, "", True),
        (5, 3, "at limit 120 for 2 bars", False),
        (5, 3, "at limit 120 for 9 bars", True),
    ],
)
def test_a_missed_entry_leaves_while_it_is_fresh_and_works(
    late_entries: int | None, bars: int, order: str, leaves: bool, restarts: bool, tmp_path: Path
) -> None:
    async def main() -> None:
        world = jump(tmp_path, bars + 4)
        await missed(world, bars, late_entries, order, restarts=restarts)
        assert (len(world.exchange.orders) == 1) is leaves
        assert (world.held("BTCUSDT") > 0.0) is leaves
        await world.end()

    asyncio.run(main())
    told = replay_journal(f"sqlite:///{tmp_path / 'node.db'}")
    assert [each.why for each in told] == [""]


def test_a_number_of_bars_that_is_none_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        world = jump(tmp_path, 1)
        await world.run(HISTORY)
        await world.start()
        for wrong in (-1, True, 1.5, "2"):
            with pytest.raises(ControlError, match="late_entries is a number of bars"):
                await world.deploy(artefact(), "jump", late_entries=wrong)
        await world.end()

    asyncio.run(main())
