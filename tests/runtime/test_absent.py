"""A node starts without a venue that cannot be reached: it shows what it knows, sends nothing there, and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime import absent, node
from lingua_runtime.clock import Clock
from lingua_runtime.config import ConfigError, config_of
from lingua_runtime.control import ControlError, Standing, StopHow
from lingua_runtime.ports import NotDone, OutcomeUnknown, Venue
from lingua_runtime.replaying import replay_journal

TREND = """
strategy Trend {
  trade BTCUSDT @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule up: ema(close, 5) crosses above ema(close, 12) => buy 20% with stop 3 * atr(7)
  rule down: ema(close, 5) < ema(close, 12) => sell
}
"""
TROUBLES = {
    "refused": NotDone("no connection", wait_s=0.0),
    "unknown name": NotDone("no such host"),
    "server error": OutcomeUnknown("HTTP 503"),
}


def artefact() -> bytes:
    compiled = lingua.compile(TREND)
    assert compiled.ok, compiled.problems
    return to_json(compiled).encode()


class Gone(Fair):
    """A market whose accounts named in `gone` cannot be opened; `hangs`: they do not even answer."""

    def __init__(self, prices: Mapping[str, Any], folder: Path, accounts: tuple[str, ...] = ("main",)) -> None:
        super().__init__(prices, folder, None, 3)
        self.gone: dict[str, Exception] = {}
        self.hangs = False
        self.attempts = 0
        self.config = config_of(
            {"journal": "node.db", "accounts": {name: {"venue": name} for name in accounts}}, folder / "node.toml"
        )

    async def open(self, name: str, settings: Mapping[str, Any], clock: Clock) -> Venue:
        self.attempts += 1
        if name in self.gone:
            if self.hangs:
                await asyncio.sleep(3600)
            raise self.gone[name]
        return Venue("fair", self, self.account)

    async def real(self, holds: Any) -> None:
        """Attempts at a venue are counted by the clock on the wall."""
        for _ in range(400):
            if holds():
                return
            await asyncio.sleep(0.01)
            self.pass_time(50_000_000)
            await self.deliver()
            await self.quiet()
        raise AssertionError("it did not happen")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absent, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(absent, "LONGEST_WAIT_S", 0.1)
    monkeypatch.setattr(node, "OPENING_S", 0.2)


@pytest.mark.parametrize("trouble", [*TROUBLES, "no answer"])
def test_a_restart_without_the_venue_shows_what_is_held_and_goes_on_when_it_is_there(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "LONGEST_OPENING_S", 0.2)

    async def main() -> None:
        world = Gone({"BTCUSDT": walk(5, 400)}, tmp_path)
        await world.run(60)
        await world.start()
        await world.deploy(artefact().decode(), "trend")
        while not (world.held("BTCUSDT") > 0.1 and world.exchange.open("me")):
            await world.step()
        held = world.held("BTCUSDT")
        await world.end()
        await world.run(2)

        world.hangs = trouble == "no answer"
        world.gone = {"main": TROUBLES.get(trouble, NotDone("-"))}
        orders, before = len(world.exchange.orders), world.attempts
        it = await world.start()
        host = it.hosts["trend"]
        await world.real(lambda: world.attempts >= before + 3)
        assert host.standing is Standing.STARTING
        assert "waits for main" in host.why
        health = it.health()
        assert not health.is_ready
        assert health.venues == {"main": False}
        assert any("cannot be reached" in each for each in health.problems)
        assert sum("cannot be reached" in each for each in world.alarms()) == 1, "said once, not at every attempt"
        (position,) = it.positions("trend")
        assert position.quantity == pytest.approx(held, abs=0.002)
        assert position.protected == pytest.approx(held, abs=0.002), "the journal knows the stop that rests there"
        assert len(world.exchange.orders) == orders
        with pytest.raises(ControlError, match="main"):
            await it.deploy(artefact(), {"id": "other", "account": "main"}, by="ann")

        world.gone = {}
        await world.real(lambda: host.standing is Standing.RUNNING)
        assert it.health().venues == {"main": True}
        assert host.why == ""
        await world.run(60)
        world.agreed()
        assert it.health().is_ready
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_deployments_of_other_venues_go_on(tmp_path: Path) -> None:
    async def main() -> None:
        world = Gone({"BTCUSDT": walk(5, 400)}, tmp_path, ("main", "other"))
        world.gone = {"other": TROUBLES["refused"]}
        await world.run(60)
        it = await world.start()
        await world.deploy(artefact().decode(), "trend", account="main")
        assert it.health().venues == {"main": True, "other": False}
        while not world.exchange.orders:
            await world.step()
        await world.end()

    asyncio.run(main())


def test_what_a_person_says_meanwhile_holds_once_the_venue_is_there(tmp_path: Path) -> None:
    async def main() -> None:
        world = Gone({"BTCUSDT": walk(5, 400)}, tmp_path)
        await world.run(60)
        await world.start()
        await world.deploy(artefact().decode(), "trend")
        while not (world.held("BTCUSDT") > 0.1 and world.exchange.open("me")):
            await world.step()
        await world.end()
        world.gone = {"main": TROUBLES["refused"]}
        it = await world.start()
        host = it.hosts["trend"]
        await it.kill(deployment="trend", by="bob")
        await it.pause("trend", by="bob")
        assert world.held("BTCUSDT") > 0.1
        world.gone = {}
        await world.real(lambda: host.standing is Standing.PAUSED)
        await world.wait(60)
        assert world.held("BTCUSDT") < 0.1
        assert host.is_killed
        assert host.why == "killed by bob"
        await world.during(it.stop("trend", StopHow.LEAVE_PROTECTED, by="bob"))
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def test_nothing_is_sent_while_the_venue_answers_no_sweep(tmp_path: Path) -> None:
    """A venue that takes connections and answers nothing else is not one that agrees."""

    async def main() -> None:
        world = Gone({"BTCUSDT": walk(5, 400)}, tmp_path)
        await world.run(60)
        await world.start()
        await world.deploy(artefact().decode(), "trend")
        await world.run(5)
        await world.end()
        balances = world.account.balances

        async def broken() -> Any:
            raise OutcomeUnknown("HTTP 502")

        world.account.balances = broken  # type: ignore[method-assign]
        await world.start()
        assert world.node is not None
        host = world.node.hosts["trend"]
        assert host.given is not None
        orders = len(world.exchange.orders)
        await world.wait(120)
        assert host.given.kernel.is_held
        assert host.standing is Standing.STARTING
        assert len(world.exchange.orders) == orders
        world.account.balances = balances  # type: ignore[method-assign]
        await world.wait(90)
        assert not host.given.kernel.is_held
        assert host.standing is Standing.RUNNING
        await world.end()

    asyncio.run(main())


def test_a_setting_that_is_wrong_still_ends_the_start(tmp_path: Path) -> None:
    async def main() -> None:
        world = Gone({"BTCUSDT": walk(5, 10)}, tmp_path)
        world.gone = {"main": ValueError("`key` and `secret` go together")}
        with pytest.raises(ConfigError, match=r"\[accounts.main\] `key`"):
            await world.start()

    asyncio.run(main())
