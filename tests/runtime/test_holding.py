"""What an account's `max_holding` does: the position is closed, and the deployment goes on afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.config import config_of
from lingua_runtime.control import ControlError, RiskState
from lingua_runtime.replaying import replay_journal

KEEP = """
strategy Keep {
  trade BTCUSDT @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule enter every 40 bars: close > 0 => buy 20% with stop 50%
}
"""


def artefact() -> str:
    compiled = lingua.compile(KEEP)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


def fair(folder: Path, risk: dict[str, object]) -> Fair:
    world = Fair({"BTCUSDT": walk(3, 300)}, folder)
    world.config = config_of(
        {"journal": "node.db", "accounts": {"main": {"venue": "fair", "risk": risk}}}, folder / "node.toml"
    )
    return world


@pytest.mark.parametrize("restarts", [False, True])
def test_a_position_is_closed_after_so_long_and_another_is_opened_later(restarts: bool, tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, {"max_holding": "10m"})
        await world.run(30)
        await world.start()
        await world.deploy(artefact(), "keep")
        longest = bars = 0
        for k in range(130):
            await world.step()
            bars = bars + 1 if world.held("BTCUSDT") > 0.01 else 0
            longest = max(longest, bars)
            if restarts and bars == 11:
                await world.end()
                await world.start()
            assert k < 5 or longest <= 14, k
        assert longest >= 10
        bought = [order for order in world.exchange.orders.values() if order.is_buy]
        assert len(bought) >= 3, "it opens again once it is flat"
        assert world.node is not None
        assert world.node.hosts["keep"].risk is RiskState.ACTIVE
        assert any("held as long as the account allows" in alarm for alarm in world.alarms())
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_a_limit_that_was_reached_last_week_does_nothing_at_a_restart(tmp_path: Path) -> None:
    """Telling the journal again counts losses and peaks; it does not halt or close a second time."""

    async def main() -> None:
        world = fair(tmp_path, {"max_holding": "10m", "daily_loss": "0.01%"})
        await world.run(30)
        await world.start()
        await world.deploy(artefact(), "keep")
        await world.run(100)
        assert world.node is not None
        before = [e.text for e in world.node.log(most=20_000) if e.kind in ("latch", "operator")]
        assert before
        await world.end()
        node = await world.start()
        after = [e.text for e in node.log(most=20_000) if e.kind in ("latch", "operator")]
        assert after == before
        await world.end()

    asyncio.run(main())


def test_money_is_deployed_once(tmp_path: Path) -> None:
    async def main() -> None:
        world = Fair({"BTCUSDT": walk(3, 100)}, tmp_path, cash=15_000)
        await world.run(30)
        await world.start()
        await world.deploy(artefact(), "one")
        with pytest.raises(ControlError, match=r"10,000.00 are other deployments'"):
            await world.deploy(artefact(), "two")
        await world.deploy(artefact(), "two", capital=5_000.0)
        await world.deploy(artefact(), "one", replace=True)
        await world.end()

    asyncio.run(main())
