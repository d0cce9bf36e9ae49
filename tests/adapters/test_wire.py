"""A whole node on the wire: strategies decide, the Binance adapter sends, the simulated exchange fills, and on the way
connections break, answers are lost and messages are told twice or never. At the end nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from venues import KEY, LISTED, SECRET, START, Server, Terms, served, steer, until

import lingua
from lingua.artefact import to_json
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument
from lingua_adapters.simulator.binance.faults import parse_faults
from lingua_adapters.simulator.binance.simulation import ME
from lingua_adapters.simulator.recording import Recording
from lingua_runtime.config import config_of
from lingua_runtime.node import Node

TREND = """
strategy Trend {
  trade BTCUSDT @ 1m
  execution { commission: 0.1%; cash_buffer: 2% }
  rule up: ema(close, 2) crosses above ema(close, 5) => buy 20% with stop 2 * atr(7), target 1R closing 50%
  rule down: ema(close, 2) < ema(close, 5) => sell
}
"""
HARD = [
    {"on": "POST /api/v3/order*", "do": "status", "status": 504, "when": "after", "times": 0, "chance": 0.04},
    {"on": "POST /api/v3/order*", "do": "status", "status": 503, "times": 0, "chance": 0.04},
    {"on": "POST /api/v3/order*", "do": "reset", "when": "after", "times": 0, "chance": 0.04},
    {"on": "DELETE /api/v3/order", "do": "reset", "when": "after", "times": 0, "chance": 0.05},
    {"on": "GET /api/v3/order", "do": "status", "status": 502, "times": 0, "chance": 0.05},
    {"on": "user executionReport", "do": "drop", "times": 0, "chance": 0.05},
    {"on": "user executionReport", "do": "duplicate", "times": 0, "chance": 0.1},
    {"on": "user executionReport", "do": "swap", "times": 0, "chance": 0.05},
    {"on": "stream *kline*", "do": "drop", "times": 0, "chance": 0.05},
]
CLOSES = [{"on": "sockets", "do": "close", "at": 60.0 * k} for k in (20, 45)]


class MarketTime:
    """The exchange's clock, for a node in the same program: a sleep lets others work, and time moves by hand."""

    def __init__(self) -> None:
        self.server: Server | None = None

    def now(self) -> int:
        return self.server.desk.stage.now() * 1_000_000 if self.server is not None else START

    async def sleep(self, seconds: float) -> None:
        until_ts = self.now() + int(seconds * 1e9)
        await asyncio.sleep(min(seconds, 0.005))
        for _ in range(20):
            if self.now() >= until_ts:
                return
            await asyncio.sleep(0.005)


def walked(count: int, seed: int) -> Recording:
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.004, count))), 2)
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.round(np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.002, count))), 2)
    low = np.round(np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.002, count))), 2)
    step = 60_000_000_000
    ts = START + step * np.arange(1, count + 1)
    terms = Instrument("BTCUSDT", quote="USDT", is_assumed=False)
    volume = np.full(count, 1000.0)
    return Recording(
        LISTED, Bars("BTCUSDT", Timeframe.parse("1m"), ts, ts - step, open_, high, low, close, volume, terms)
    )


async def quiet(node: Node) -> None:
    for _ in range(200):
        await asyncio.sleep(0.003)
        hosts = node.hosts.values()
        if not any(host.given and host.given._tasks for host in hosts) and node.writer.pending == 0:
            return


def agree(server: Server, node: Node) -> None:
    exchange, host = server.desk.exchange, node.hosts["trend"]
    held = exchange.accounts["me"]
    base = float(held.free.get("BTC", 0)) + float(held.locked.get("BTC", 0))
    known = host.quantity_of("BTCUSDT") + node.accounts["main"].base.get("BTCUSDT", 0.0)
    assert abs(base - known) <= 3e-5, (base, known)
    names = [order.client_id for order in exchange.orders.values()]
    assert len(names) == len(set(names)), "sent twice"
    assert host.given is not None
    for order in exchange.open("me"):
        assert host.given.kernel.orders.get(order.client_id) is not None, order
    seen = {fill.trade_id for fill in node.fills("trend")}
    assert seen == {str(trade.number) for trade in exchange.trades_of("me", "BTCUSDT")}


BARS = int(os.environ.get("LINGUA_WIRE_BARS", "40"))
"""More for a longer run by hand."""
HISTORY = 300
"""Of the averages that the strategy takes, which need long to settle."""


def test_a_node_on_the_wire_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:

    async def main() -> None:
        terms = Terms(speed=0, history=HISTORY, seed=5, order_limit=10_000)
        async with served(terms, recordings=[walked(BARS + HISTORY + 20, 3)], owners=[ME]) as server:
            clock = MarketTime()
            clock.server = server
            account = {"venue": "binance", "url": server.url, "key": KEY, "secret": SECRET, "quiet_s": 0.3}
            config = config_of({"journal": "node.db", "accounts": {"main": account}}, tmp_path / "node.toml")
            node = Node(config, clock=clock)
            await node.start()
            compiled = lingua.compile(TREND)
            assert compiled.ok, compiled.problems
            given = {"id": "trend", "mode": "live", "confirm": True, "capital": 10_000.0}
            await node.deploy(to_json(compiled).encode(), given, by="ann")
            await node.arm("trend", "arm trend", by="bob")
            await until(lambda: len(server.lines) >= 2, what="both streams")
            server.desk.faults.add(parse_faults(HARD + CLOSES, "the test"))
            host = node.hosts["trend"]
            for k in range(BARS):
                for _ in range(3):
                    await steer(server, "advance", {"seconds": 20})
                    await quiet(node)
                wanted = START + (HISTORY + k + 1) * 60_000_000_000
                await until(lambda wanted=wanted: host.deployment.live.last_ts >= wanted, 20, f"bar {k}: {host.why}")
            went_wrong = sum(fault.done for fault in server.desk.faults.script)
            server.desk.faults.clear()
            for _ in range(12):
                await steer(server, "advance", {"seconds": 5})
                await quiet(node)
            assert host.why == ""
            assert len(server.desk.exchange.orders) > 5
            assert server.desk.exchange.trades
            assert went_wrong > 5
            agree(server, node)
            await node.end()

    asyncio.run(asyncio.wait_for(main(), 60 + BARS))
