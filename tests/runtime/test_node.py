"""A node with several strategies on one account: nothing is lost or doubled, and it stands where its journal ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_adapters.simulated import Faults
from lingua_runtime.config import config_of
from lingua_runtime.control import ControlError, Mode, RiskState, Standing, StopHow
from lingua_runtime.ports import NotDone
from lingua_runtime.replaying import replay_journal

TREND = """
strategy Trend {
  trade BTCUSDT @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule up: ema(close, 5) crosses above ema(close, 12) => buy 20% with stop 3 * atr(7), target 2R closing 50%
  rule down: ema(close, 5) < ema(close, 12) => sell
}
"""
DIP = """
strategy Dip {
  trade BTCUSDT, ETHUSDT @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule dip: rsi(close, 5) < 30 => buy 15% at limit close for 3 bars with stop 2%, trail 3 * atr(7) after 1R
  rule spent: rsi(close, 5) > 70 => sell
}
"""
HARD = Faults(0.02, 0.04, 0.01, 0.02, 0.05, 0.05, 0.1, 0.03)


def artefact(text: str) -> str:
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


def fair(folder: Path, seed: int, bars: int, faults: Faults | None = None) -> Fair:
    prices = {"BTCUSDT": walk(seed, bars), "ETHUSDT": walk(seed + 100, bars, start=50.0)}
    return Fair(prices, folder, faults, seed)


async def both(world: Fair, history: int = 60) -> None:
    await world.run(history)
    await world.start()
    await world.deploy(artefact(TREND), "trend")
    await world.deploy(artefact(DIP), "dip")


async def settle(world: Fair) -> None:
    world.account.faults = Faults()
    await world.wait(150)


@pytest.mark.parametrize("seed", range(2))
def test_two_strategies_share_an_account_through_faults_and_a_restart(seed: int, tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, seed, 260, HARD)
        await both(world)
        await world.run(90)
        await world.end()
        await world.run(3)
        node = await world.start()
        await world.during(asyncio.sleep(0))
        await world.run(100)
        assert {host.standing for host in node.hosts.values()} == {Standing.RUNNING}, [
            h.why for h in node.hosts.values()
        ]
        await settle(world)
        world.agreed()
        assert world.exchange.trades
        assert node.fills("trend")
        await world.end()

    asyncio.run(main())
    told = replay_journal(f"sqlite:///{tmp_path / 'node.db'}")
    assert [each.why for each in told] == ["", ""]
    assert all(each.compared > 180 for each in told)


def test_a_live_deployment_sends_nothing_before_both_confirmations(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 3, 260)
        await world.run(60)
        node = await world.start()
        with pytest.raises(ControlError, match="--confirm"):
            await node.deploy(artefact(TREND).encode(), {"id": "a", "mode": "live", "capital": 1000.0}, by="ann")
        await world.during(
            node.deploy(
                artefact(TREND).encode(), {"id": "a", "mode": "live", "capital": 1e4, "confirm": True}, by="ann"
            )
        )
        await world.run(100)
        assert not world.exchange.orders
        assert any(order.state == "denied" for order in node.orders("a")), (node.orders("a"), node.log("a"))
        with pytest.raises(ControlError):
            await node.arm("a", "yes", by="bob")
        with pytest.raises(ControlError, match="another person"):
            await node.arm("a", "arm a", by="ann")
        await node.arm("a", "arm a", by="bob")
        await world.run(90)
        assert world.exchange.orders
        await world.end()

    asyncio.run(main())


def test_a_kill_closes_everything_through_an_outage_and_stays_across_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 5, 400)
        await both(world)
        while not (world.held("BTCUSDT") > 0.1 and world.exchange.open("me")):
            await world.step()
        node = world.node
        assert node is not None
        place = world.account.place

        async def no_market(requests: Any) -> Any:
            if requests[0].kind == "market":
                raise NotDone("no market orders now", wait_s=0.1)
            return await place(requests)

        world.account.place = no_market  # type: ignore[method-assign]
        await world.during(node.kill(by="bob"))
        await world.wait(30)
        assert world.held("BTCUSDT") > 0.1
        assert any(o.kind.startswith("stop") for o in world.exchange.open("me")), "protection is put back meanwhile"
        await world.end()
        node = await world.start()
        assert all(host.is_killed for host in node.hosts.values())
        await world.wait(20)
        world.account.place = place  # type: ignore[method-assign]
        await world.wait(120)
        assert world.held("BTCUSDT") < 0.1
        assert not list(world.exchange.open("me"))
        orders = len(world.exchange.orders)
        await world.run(60)
        assert len(world.exchange.orders) == orders
        assert {host.risk for host in node.hosts.values()} == {RiskState.HALTED}
        await node.rearm(by="bob")
        assert not node.deployment("trend").is_armed
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == ["", ""]


def test_an_order_waits_for_a_person_and_expires(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 7, 400)
        await world.run(60)
        node = await world.start()
        await world.deploy(artefact(TREND), "semi", mode="semi")
        while not node.approvals():
            await world.step()
        assert not world.exchange.orders
        await node.approve(node.approvals()[0].id, by="bob")
        await world.quiet()
        assert world.exchange.orders
        while not node.approvals():
            await world.step()
        waiting = node.approvals()[0].id
        await world.wait(310)
        assert waiting not in [each.id for each in node.approvals()]
        with pytest.raises(ControlError, match="expired"):
            await node.approve(waiting, by="bob")
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_what_somebody_else_bought_stops_entries_until_it_is_adopted(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 9, 400)
        await world.run(60)
        node = await world.start()
        host = await world.deploy(artefact(TREND), "t")
        from decimal import Decimal

        world.exchange.deposit("me", "BTC", Decimal("1.5"))
        await world.wait(60)
        assert host.given is not None
        assert host.given.kernel.disputed == {"BTCUSDT"}
        assert any("mismatch" in alarm for alarm in world.alarms())
        await node.adopt("t", "BTCUSDT", by="bob")
        # What it then does with it is the strategy's affair: a rule may close it on the next bar.
        assert host.quantity_of("BTCUSDT") == pytest.approx(1.5)
        await world.step()
        await world.wait(60)
        assert not host.given.kernel.disputed
        await world.during(node.stop("t", StopHow.FLATTEN, by="bob"))
        assert world.held("BTCUSDT") < 0.06
        assert node.deployment("t").standing is Standing.STOPPED
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_a_downgraded_deployment_opens_nothing_and_still_closes(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 11, 400)
        await both(world)
        node = world.node
        assert node is not None
        while world.held("BTCUSDT") < 0.1:
            await world.step()
        await node.set_mode("trend", Mode.ADVISORY, by="bob")
        await node.set_mode("dip", Mode.ADVISORY, by="bob")
        await world.run(150)
        assert world.held("BTCUSDT") < 0.1
        with pytest.raises(ControlError):
            await node.set_mode("nobody", Mode.ADVISORY, by="bob")
        await world.end()

    asyncio.run(main())


def test_a_version_replaces_another_when_that_one_is_flat_and_is_rolled_back(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 13, 500)
        await both(world)
        node = world.node
        assert node is not None
        while world.held("BTCUSDT") < 0.1:
            await world.step()
        other = TREND.replace("ema(close, 5)", "ema(close, 4)")
        await world.deploy(artefact(other), "trend", replace=True)
        new = node.hosts["trend-v2"]
        assert new.fingerprint != node.hosts["trend"].fingerprint
        assert node.hosts["trend"].is_replaced
        assert new.may_enter <= node.hosts["trend"].is_flat
        for _ in range(80):
            await world.step()
            await world.during(node._hand_on())
        assert node.hosts["trend"].standing is Standing.STOPPED
        await world.during(node.arm("trend-v2", "arm trend-v2", by="bob"))
        assert new.may_enter
        await world.during(node.roll_back("trend-v2", by="ann"))
        assert node.hosts["trend-v3"].fingerprint == node.hosts["trend"].fingerprint
        world.agreed()
        await world.end()
        node = await world.start()
        assert [host.standing for host in node.hosts.values()].count(Standing.FAILED) == 0
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""] * 4


def test_requests_that_go_wrong_again_and_again_end_in_advisory(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 15, 500, Faults(refused=1.0))
        await both(world)
        node = world.node
        assert node is not None
        for _ in range(150):
            await world.step()
            await world.during(node._downgrade())
        assert Mode.ADVISORY in {host.mode for host in node.hosts.values()}
        assert any("downgraded" in event.text for event in node.log(most=20_000))
        await world.end()

    asyncio.run(main())


def test_limits_of_an_account_hold_over_all_its_strategies(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 17, 400)
        world.config = config_of(
            {"journal": "node.db", "accounts": {"main": {"venue": "fair", "risk": {"max_exposure": 2_500}}}},
            tmp_path / "node.toml",
        )
        await both(world)
        node = world.node
        assert node is not None
        most = 0.0
        for _ in range(150):
            await world.step()
            worth = sum(world.held(s) * float(world.exchange.prices[s]) for s in world.prices)
            most = max(most, worth)
        assert 500 < most < 2_600
        denied = [order for order in node.orders(most=5_000) if order.state == "denied"]
        assert any(order.why.startswith("MAX_EXPOSURE") for order in denied)
        limits = node.risk()["accounts"]["main"]["limits"]
        assert limits.keys() == {"max_exposure"}
        assert limits["max_exposure"]["limit"] == 2_500.0
        assert 0.0 < limits["max_exposure"]["used"] == node.risk()["accounts"]["main"]["exposure"]
        world.agreed()
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == ["", ""]


def test_what_is_put_into_the_folder_is_deployed_and_what_changes_replaces(tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 19, 300)
        world.config = config_of(
            {"journal": "node.db", "strategies": "live", "accounts": {"main": {"venue": "fair"}}},
            tmp_path / "node.toml",
        )
        await world.run(60)
        (tmp_path / "live").mkdir()
        file = tmp_path / "live" / "Trend.lingua"
        file.write_text(TREND)
        node = await world.start()
        folder = node._folder
        assert folder is not None

        async def look() -> None:
            for _ in range(2):
                folder._next = 0.0
                await world.during(folder.look())
            await world.quiet()

        await look()
        assert list(node.hosts) == ["trend"]
        file.write_text(TREND.replace("ema(close, 5)", "ema(close, 4)"))
        await look()
        await world.during(node._hand_on())
        assert list(node.hosts) == ["trend", "trend-v2"]
        assert node.hosts["trend"].standing is Standing.STOPPED
        file.write_text("strategy {")
        await look()
        assert any("Trend.lingua" in alarm for alarm in world.alarms())
        await world.end()

    asyncio.run(main())
