"""Limits over all strategies of a node, on orders of several strategies: what one holds counts for the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.config import config_of
from lingua_runtime.control import RiskState

HOLD = """
strategy Hold {
  trade SYMBOL @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule enter: position == 0 and close > 0 => buy 30% with stop 60%
}
"""


def artefact(symbol: str) -> str:
    compiled = lingua.compile(HOLD.replace("SYMBOL", symbol))
    assert compiled.ok, compiled.problems
    return to_json(compiled)


async def begun(folder: Path, risk: dict[str, Any], prices: dict[str, Any]) -> Fair:
    """A strategy on each symbol, the first of them in position before the other comes."""
    world = Fair(prices, folder)
    world.config = config_of(
        {"journal": "node.db", "accounts": {"main": {"venue": "fair"}}, "risk": risk}, folder / "node.toml"
    )
    await world.run(40)
    await world.start()
    await world.deploy(artefact("BTCUSDT"), "btc")
    await world.run(40)
    await world.deploy(artefact("ETHUSDT"), "eth")
    await world.run(40)
    return world


def refusals(world: Fair, deployment: str) -> set[str]:
    assert world.node is not None
    orders = world.node.orders(deployment, most=5_000)
    return {order.why.partition(":")[0] for order in orders if order.state == "denied"}


@pytest.mark.parametrize("is_alike", [True, False])
def test_what_goes_with_what_another_strategy_holds_is_not_bought(is_alike: bool, tmp_path: Path) -> None:
    async def main() -> None:
        btc = walk(3, 130)
        eth = [tuple(round(x / 2, 2) for x in row) for row in btc] if is_alike else walk(9, 130, start=50.0)
        world = await begun(tmp_path, {"max_correlation": 0.8}, {"BTCUSDT": btc, "ETHUSDT": eth})
        assert world.held("BTCUSDT") > 1.0
        assert (world.held("ETHUSDT") > 1.0) is not is_alike
        assert refusals(world, "eth") == ({"MAX_CORRELATION"} if is_alike else set())
        await world.end()

    asyncio.run(main())


@pytest.mark.parametrize(("most", "is_held"), [("6.5%", False), ("60%", True)])
def test_value_at_risk_is_that_of_everything_held(most: str, is_held: bool, tmp_path: Path) -> None:
    """Either alone is 5.3 % of all capital, both together are 7.5 %; the first alone was 10.6 % of its own."""

    async def main() -> None:
        prices = {"BTCUSDT": walk(3, 130), "ETHUSDT": walk(9, 130, start=50.0)}
        world = await begun(tmp_path, {"max_var": most}, prices)
        assert world.held("ETHUSDT") > 1.0
        assert (world.held("BTCUSDT") > 1.0) is is_held
        assert refusals(world, "btc") == (set() if is_held else {"MAX_VAR"})
        assert world.node is not None
        assert world.node.risk()["node"]["value_at_risk"] > 0.0
        await world.end()

    asyncio.run(main())


def test_a_loss_of_one_strategy_lets_none_open_until_the_week_is_over(tmp_path: Path) -> None:
    async def main() -> None:
        fall = [(100.0, 100.0, 100.0, 100.0)] * 60 + [(100.0 - k, 100.0 - k, 99.0 - k, 99.0 - k) for k in range(70)]
        prices = {"BTCUSDT": fall, "ETHUSDT": walk(9, 130, start=50.0)}
        world = await begun(tmp_path, {"weekly_loss": "5%"}, prices)
        node = world.node
        assert node is not None
        assert {host.risk for host in node.hosts.values()} == {RiskState.REDUCING}
        assert all(host.why.startswith("WEEKLY_LOSS") for host in node.hosts.values())
        held = world.held("ETHUSDT")
        await world.run(5)
        assert world.held("ETHUSDT") <= held
        await world.end()

    asyncio.run(main())
