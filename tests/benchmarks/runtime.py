"""What a node does in how long, beside what was asked of it.

    python tests/benchmarks/runtime.py

Decisions: 5 strategies over 10 symbols, one bar each. Risk: one order against every limit with 50 holdings. Signal to
wire: from the beginning of a decision to its order handed to the venue's `place`, the journal's write to disk included,
every order of a decision counted; for one strategy, and for five that decide at the same instant on one processor.
Events: prices, repeated reports and executions through a deployment's kernel. Ticks: trades made into bars. Printed are
median and p99 of all repetitions, and the machine's own noise: the spread of a fixed piece of work, and what this disk
takes to keep 1,500 bytes in a file that is there already (`pwrite` and `fdatasync`), before and after the run: no
journal can be faster than that.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from fair import Fair, walk

import lingua
from lingua.artefact import to_json
from lingua_runtime.aggregate import TickBars
from lingua_runtime.kernel import Kernel
from lingua_runtime.observe import timing
from lingua_runtime.ports import FillReport, OrderReport
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


def disk(folder: Path) -> None:
    file, data, times = os.open(folder / "disk", os.O_CREAT | os.O_RDWR), b"x" * 1_500, []
    os.pwrite(file, b"\0" * 1_500 * 300, 0)
    os.fsync(file)
    for k in range(300):
        time.sleep(0.003)
        began = time.perf_counter()
        os.pwrite(file, data, 1_500 * k)
        os.fdatasync(file)
        times.append(time.perf_counter() - began)
    os.close(file)
    line("the disk: one write that is kept", times, "-")


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


async def decisions(folder: Path, strategies: int) -> None:
    world = Fair({symbol: walk(k, 700) for k, symbol in enumerate(SYMBOLS)}, folder, cash=10_000_000)
    # Every 30 s of real time: none comes between the bars of this run, which are a minute of its own clock apart.
    world.config = replace(world.config, sweep_s=1e6)
    await world.run(400)
    await world.start()
    for k in range(strategies):
        text = PROGRAM.format(symbols=", ".join(SYMBOLS), fast=5 + k, slow=12 + 2 * k)
        compiled = lingua.compile(text)
        assert compiled.ok, compiled.problems
        await world.deploy(to_json(compiled), f"s{k}", capital=1_000_000.0)
    assert world.node is not None
    hosts = list(world.node.hosts.values())
    decided: list[float] = []
    wired: list[float] = []
    deaf = timing.listen(lambda what, seconds: wired.append(seconds) if what == "order" else None)
    for host in hosts:
        given = host.given
        assert given is not None
        instant = given.kernel.instant

        def measured(ts: int, now: int, *, is_late: bool = False, instant=instant) -> object:
            start = time.perf_counter()
            out = instant(ts, now, is_late=is_late)
            decided.append((time.perf_counter() - start) / len(SYMBOLS))
            return out

        given.kernel.instant = measured  # type: ignore[method-assign, assignment]
    await world.run(250)
    many = f"({strategies} x 10)"
    line(f"decision, per symbol's bar {many}", decided, "p99 < 1 ms")
    line(f"signal to the wire, fsync included {many}", wired, "p99 < 10 ms")
    deaf()
    given = hosts[0].given
    assert given is not None
    if strategies == 1:
        events(given.kernel)
    await world.end()


def events(kernel: Kernel) -> None:
    """What a venue tells most: prices; reports and executions that are known already, by another way; and executions
    that are new, a lot each."""
    record = next(each for each in kernel.orders if each.filled)
    request = record.request
    told = OrderReport(record.venue_id, record.client_id, request.symbol, request.side, request.kind, record.state,
                       request.quantity, record.told_filled, 0)  # fmt: skip
    known = FillReport(next(iter(record.trades)), record.venue_id, record.client_id, request.symbol, request.side,
                       record.filled, 100.0, 0)  # fmt: skip
    rate("prices through a kernel", lambda k: kernel.price(request.symbol, 100.0 + k % 7 / 100, 0), 50_000)
    rate("repeated reports through a kernel", lambda _: kernel.report(told, 0), 50_000)
    rate("repeated executions through a kernel", lambda _: kernel.fill(known, 0), 50_000)


def rate(what: str, one: Callable[[int], object], count: int) -> None:
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for k in range(count):
            one(k)
        best = max(best, count / (time.perf_counter() - start))
    print(f"{what:<46} {best:>9,.0f} a second{'':15}target 100,000")


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
        disk(Path(folder))
        for strategies in (1, 5):
            sub = Path(folder) / str(strategies)
            sub.mkdir()
            asyncio.run(decisions(sub, strategies))
        disk(Path(folder))


if __name__ == "__main__":
    main()
