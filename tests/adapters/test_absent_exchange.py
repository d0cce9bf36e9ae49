"""A node and an exchange that is not there: refused, answering with errors, or taking connections in silence."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from venues import KEY, OWNERS, SECRET, Terms, recording, steer, until

import lingua
from lingua.artefact import to_json
from lingua_adapters.simulator.binance.server import Server
from lingua_adapters.simulator.binance.simulation import simulation
from lingua_runtime import absent, node
from lingua_runtime.config import config_of
from lingua_runtime.control import Standing
from lingua_runtime.node import Node

HOLD = """
strategy Hold {
  trade BTCUSDT @ 1m
  rule enter: position == 0 => buy 10% with stop 5%
}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def exchange() -> Server:
    return simulation([recording()], Terms(speed=1.0, history=300, begins_now=True), owners=OWNERS)


def node_of(folder: Path, port: int) -> Node:
    main = {"venue": "binance", "url": f"http://127.0.0.1:{port}", "key": KEY, "secret": SECRET, "timeout_s": 1.0}
    return Node(config_of({"journal": "node.db", "sweep_s": 1, "accounts": {"main": main}}, folder / "node.toml"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absent, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(absent, "LONGEST_WAIT_S", 0.3)
    monkeypatch.setattr(node, "OPENING_S", 1.0)


def standing(it: Node) -> Any:
    return it.deployment("hold").standing


def test_an_exchange_that_comes_later_and_goes_in_between(tmp_path: Path) -> None:
    compiled = lingua.compile(HOLD)
    port = free_port()

    async def main() -> None:
        it = node_of(tmp_path, port)
        await it.start()
        assert it.health().venues == {"main": False}
        assert "no connection" in it.health().problems[0]
        server = exchange()
        await server.start(port=port)
        await until(lambda: it.health().venues["main"], 20.0, "the exchange is found")
        options = {"id": "hold", "account": "main", "mode": "live", "confirm": True, "capital": 1_000.0}
        await it.deploy(to_json(compiled).encode(), options, by="ann")
        await it.arm("hold", "arm hold", by="bob")
        assert standing(it) is Standing.RUNNING
        await server.stop()  # while it runs
        await until(lambda: not it.health().venues["main"], 20.0, "the stream is missed")
        assert standing(it) is Standing.RUNNING
        await it.end()

        it = node_of(tmp_path, port)
        await it.start()
        assert standing(it) is Standing.STARTING
        await until(lambda: "waits for main" in it.deployment("hold").why, 20.0, "it says what it waits for")
        await server.start(port=port)
        await until(lambda: standing(it) is Standing.RUNNING, 30.0, "it goes on")
        await until(lambda: it.health().is_ready, 30.0, "it is ready")
        assert it.deployment("hold").is_armed
        await it.end()
        await server.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    "fault", [{"do": "status", "status": 503}, {"do": "hang"}, {"do": "reset"}], ids=["errors", "silence", "resets"]
)
def test_an_exchange_that_answers_badly_is_not_traded_on(fault: dict[str, Any], tmp_path: Path) -> None:
    port = free_port()

    async def main() -> None:
        server = exchange()
        await server.start(port=port)
        await steer(server, "faults", [{"on": "GET /api/v3/*", "times": 0, **fault}])
        it = node_of(tmp_path, port)
        await it.start()
        await until(lambda: it.log(after_seq=-1), 20.0, "an alarm")
        assert it.health().venues == {"main": False}
        assert it.log(after_seq=-1)[-1].level == "critical"
        await steer(server, "faults", verb="DELETE")
        await until(lambda: it.health().venues["main"], 20.0, "the exchange answers")
        await it.end()
        await server.stop()

    asyncio.run(main())
