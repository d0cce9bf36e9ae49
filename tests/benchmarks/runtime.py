"""What a node does in how long, beside what was asked of it.

    python tests/benchmarks/runtime.py

Decisions: 5 strategies over 10 symbols, one bar each. Risk: one order against every limit with 50 holdings. Signal to
wire: from the last bar of an instant to the venue's `place`, the journal's write to disk included. Events: reports of
an order through a deployment's kernel. Ticks: trades made into bars. Printed are median and p99 of all repetitions,
and the machine's own noise: the spread of a fixed piece of work.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.aggregate import TickBars
from lingua_runtime.ports import OrderReport, OrderRequest
from lingua_runtime.risk import DAY, Guardian, Holding, Markets, Wanted, read_limits

SYMBOLS = [f"C{k}USDT" for k in range(10)]
PROGRAM = """
strategy S {{
  trade {symbols} @ 1m
  execution {{ commission: 0.1%; cash_buffer: 2% }}
  let trend = ema(close, {fast}) - ema(close, {slow})
  indicator r = rsi(close, 14)
  indicator b = bbands(close, 20, 2)
  rule up: trend crosses above 0 and r < 75 => buy 3% with stop 3 * atr(14), trail 4 * atr(14) after 1R
  rule down: trend < 0 or close > b.upper * 1.05 => sell
}}
"""


def line(what: str, times: list[float], target: str) -> None:
    times = sorted(times)
    p99 = times[min(int(len(times) * 0.99), len(times) - 1)]
    print(f"{what:<46} median {statistics.median(times) * 1e3:9.3f} ms   p99 {p99 * 1e3:9.3f} ms   target {target}")


def noise() -> None:
    found = []
    for _ in range(50):
        began = time.perf_counter()
        sum(k * k for k in range(20_000))
        found.append(time.perf_counter() - began)
    print(f"the machine: the same work takes {min(found) * 1e3:.2f} to {max(found) * 1e3:.2f} ms")


def risk() -> None:
    markets = Markets()
    rows = {symbol: walk(k, 250) for k, symbol in enumerate(SYMBOLS)}
    for symbol, prices in rows.items():
        for k, row in enumerate(prices):
            markets.bar(symbol, (k + 1) * DAY, row[3], 1e6)
    table = {
        "max_position": "50%", "max_exposure": "500%", "max_concentration": "90%", "max_liquidity": "50%",
        "max_volatility": "50%", "collar": "50%", "max_orders": 1e9, "daily_loss": "50%", "max_drawdown": "50%",
        "max_var": "90%", "max_correlation": 1.0,
    }  # fmt: skip
    guardian = Guardian(read_limits(table, "risk"), "a", markets, time.time_ns)
    guardian.watch(1e6, DAY)
    held = [Holding("a", SYMBOLS[k % 10], 1_000.0) for k in range(50)]
    times = []
    for _ in range(500):
        began = time.perf_counter()
        why = guardian.why_not(Wanted("a", SYMBOLS[0], 1, 1.0, markets.prices[SYMBOLS[0]]), 1e6, held)
        times.append(time.perf_counter() - began)
        assert why == "", why
    line("risk of one order, all limits, 50 holdings", times, "p99 < 1 ms")


async def decisions(folder: Path) -> None:
    world = Fair({symbol: walk(k, 700) for k, symbol in enumerate(SYMBOLS)}, folder, cash=10_000_000)
    await world.run(400)
    await world.start()
    for k in range(5):
        text = PROGRAM.format(symbols=", ".join(SYMBOLS), fast=5 + k, slow=12 + 2 * k)
        compiled = lingua.compile(text)
        assert compiled.ok, compiled.problems
        await world.deploy(to_json(compiled), f"s{k}", capital=1_000_000.0)
    assert world.node is not None
    hosts = list(world.node.hosts.values())
    decided, wired, began = [], [], [0.0]
    place = world.account.place

    async def timed(requests: list[OrderRequest]) -> object:
        if began[0] and not requests[0].is_reduce:
            wired.append(time.perf_counter() - began[0])
        return await place(requests)

    world.account.place = timed  # type: ignore[assignment, method-assign]  # the same with a clock
    for host in hosts:
        given = host.given
        assert given is not None
        instant = given.kernel.instant

        def measured(ts: int, now: int, *, is_late: bool = False, instant=instant) -> object:
            start = time.perf_counter()
            out = instant(ts, now, is_late=is_late)
            decided.append((time.perf_counter() - start) / len(SYMBOLS))
            began[0] = start
            return out

        given.kernel.instant = measured  # type: ignore[method-assign, assignment]
    await world.run(250)
    line("decision, per symbol's bar (5 strategies x 10)", decided, "p99 < 1 ms")
    line("signal to the wire, fsync included", wired, "p99 < 10 ms")
    given = hosts[0].given
    assert given is not None
    # What a venue repeats most: a report of an order that is known, and an execution that is.
    record = next(iter(given.kernel.orders))
    told = OrderReport(record.venue_id, record.client_id, record.request.symbol, record.request.side,
                       record.request.kind, record.state, record.request.quantity, record.told_filled, 0)  # fmt: skip
    count, start = 20_000, time.perf_counter()
    for _ in range(count):
        given.kernel.report(told, 0)
    print(
        f"{'events through a kernel':<46} {count / (time.perf_counter() - start):>9,.0f} a second{'':15}target 100,000"
    )
    await world.end()


def ticks() -> None:
    bars, count, made = TickBars("1m"), 100_000, 0
    start = time.perf_counter()
    for k in range(count):
        made += len(bars.tick(k * 10_000_000, 100.0 + k % 7, 1.0))
    print(f"{'ticks into bars':<46} {count / (time.perf_counter() - start):>9,.0f} a second{'':15}target 10,000")
    assert made >= count // 6_000 - 1


def main() -> None:
    noise()
    risk()
    ticks()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(decisions(Path(folder)))


if __name__ == "__main__":
    main()
