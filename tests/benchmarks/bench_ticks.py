"""Trades from a socket to bars: how many a second reach `TickBars` over a WebSocket on this machine, and without one.

Run it with `python tests/benchmarks/bench_ticks.py`; the target is 10,000 trades a second for an instrument.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time

import aiohttp
from aiohttp import web

from lingua_runtime.aggregate import TickBars

COUNT = 100_000
ROUNDS = 5
TARGET = 10_000
START_MS = 1_704_067_200_000


def messages() -> list[str]:
    """Of Binance's trade stream: a hundred trades a second of market time."""
    return [
        json.dumps({
            "e": "trade", "E": START_MS + 10 * k, "s": "BTCUSDT", "t": k + 1, "p": f"{40_000 + k % 700 / 100:.8f}",
            "q": f"{0.001 + k % 9 / 1000:.8f}", "T": START_MS + 10 * k, "m": k % 2 == 0, "M": True,
        })
        for k in range(COUNT)
    ]  # fmt: skip


def take(bars: TickBars, text: str) -> int:
    trade = json.loads(text)
    return len(bars.tick(trade["T"] * 1_000_000, float(trade["p"]), float(trade["q"]), trade["t"]))


def in_process(texts: list[str]) -> float:
    bars = TickBars("1m", since=0)
    begin = time.perf_counter()
    closed = sum(take(bars, text) for text in texts)
    took = time.perf_counter() - begin
    assert closed == COUNT // 6_000, closed
    return COUNT / took


async def over_a_socket(texts: list[str]) -> float:
    async def send(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for text in texts:
            await ws.send_str(text)
        await ws.close()
        return ws

    app = web.Application()
    app.router.add_get("/", send)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bars, closed = TickBars("1m", since=0), 0
    async with aiohttp.ClientSession() as session:
        begin = time.perf_counter()
        async with session.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/") as ws:
            async for message in ws:
                closed += take(bars, message.data)
        took = time.perf_counter() - begin
    await runner.cleanup()
    assert closed == COUNT // 6_000, closed
    return COUNT / took


def main() -> None:
    texts = messages()
    for name, rates in (
        ("in process", [in_process(texts) for _ in range(ROUNDS)]),
        ("over a WebSocket, server in the same process", [asyncio.run(over_a_socket(texts)) for _ in range(ROUNDS)]),
    ):
        print(f"{name}: {statistics.median(rates):,.0f} trades/s to bars (best {max(rates):,.0f}; target {TARGET:,})")


if __name__ == "__main__":
    main()
