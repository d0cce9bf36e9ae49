"""A whole node over many bars with faults and restarts: memory, what went wrong, and the journal told again.

    python tests/runtime/long_run.py --data BTCUSD_1h.parquet --bars 10000     real prices, two strategies
    python tests/runtime/long_run.py --soak                                    a day: ten symbols, five strategies

Afterwards nothing may be sent twice, positions are the venue's, and the journal, told again, must give the same
decisions and orders byte for byte. What the process holds is printed along the way, and for the last two thirds of a
soak as megabytes in a thousand bars, beside the part of it that is the exchange in this same process: its orders,
executions and recorded bars are kept for the comparison afterwards. `--leaks` traces what grows, by file.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import sys
import tempfile
import time
import tracemalloc
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from fair import Fair, Row, walk

import lingua
from lingua.artefact import to_json
from lingua.data.load import load_bars
from lingua_adapters.simulated import Faults
from lingua_runtime.control import Standing
from lingua_runtime.replaying import replay_journal

FAULTS = Faults(0.02, 0.04, 0.01, 0.02, 0.05, 0.05, 0.1, 0.03)
TREND = """
strategy Trend {{
  trade {symbols} @ {timeframe}
  execution {{ commission: 0.1%; cash_buffer: 2% }}
  rule up: ema(close, {n}) crosses above ema(close, {m}) => buy 10% with stop 3 * atr(14), target 2R closing 50%
  rule down: ema(close, {n}) < ema(close, {m}) => sell
}}
"""
DIP = """
strategy Dip {{
  trade {symbols} @ {timeframe}
  execution {{ commission: 0.1%; cash_buffer: 2% }}
  rule dip: rsi(close, {n}) < 30 => buy 8% at limit close for 3 bars with stop 2%, trail 3 * atr(14) after 1R
  rule spent: rsi(close, {n}) > 70 => sell
}}
"""


def real(file: str, bars: int) -> dict[str, list[Row]]:
    found = load_bars(file)
    columns = [getattr(found, name)[: bars + 1] for name in ("open", "high", "low", "close")]
    return {"BTCUSDT": [tuple(round(float(x), 2) for x in row) for row in zip(*columns, strict=True)]}  # type: ignore[misc]


def memory() -> float:
    """Megabytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


@dataclass
class Curve:
    """What the process held, by bar."""

    bars: list[int] = field(default_factory=list)
    held: list[float] = field(default_factory=list)

    def note(self, bar: int) -> None:
        gc.collect()
        self.bars.append(bar)
        self.held.append(memory())

    def slope(self) -> float:
        """Megabytes in a thousand bars, over the last two thirds."""
        first = len(self.bars) // 3
        return float(np.polyfit(self.bars[first:], self.held[first:], 1)[0]) * 1_000


def of_exchange(world: Fair) -> float:
    """Megabytes of the exchange's own records."""
    seen: set[int] = set()

    def size(thing: Any) -> int:
        if id(thing) in seen or isinstance(thing, type):
            return 0
        seen.add(id(thing))
        found = sys.getsizeof(thing)
        if isinstance(thing, dict):
            return found + sum(size(key) + size(value) for key, value in thing.items())
        if isinstance(thing, list | tuple | set | deque):
            return found + sum(map(size, thing))
        slots = [getattr(thing, name, None) for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        return found + sum(map(size, slots)) + size(getattr(thing, "__dict__", None) or 0)

    exchange = world.exchange
    return sum(map(size, (exchange.orders, exchange.trades, world.recorded))) / 2**20


async def run(world: Fair, programs: list[str], bars: int, restarts: int, is_traced: bool) -> None:
    await world.run(400)
    node = await world.start()
    for k, text in enumerate(programs):
        compiled = lingua.compile(text)
        assert compiled.ok, compiled.problems
        await world.deploy(to_json(compiled), f"s{k}", capital=100_000.0)
    each, began = (bars - 400) // (restarts + 1), time.monotonic()
    curve, theirs, before = Curve(), [0.0, 0.0], None
    for part in range(restarts + 1):
        for step in range(each):
            await world.step()
            if step % 60 == 59:
                curve.note(world.k)
                if before is None and world.k - 400 > (bars - 400) / 3:
                    theirs[0] = of_exchange(world)
                    if is_traced:
                        tracemalloc.start()
                        before = tracemalloc.take_snapshot()
            if step % 240 == 239:
                print(f"{world.k:6} bars  {memory():6.0f} MB  {len(world.exchange.trades):6} fills  "
                      f"{time.monotonic() - began:5.0f} s", flush=True)  # fmt: skip
        failed = [f"{h.id}: {h.why}" for h in node.hosts.values() if h.standing is Standing.FAILED]
        assert not failed, failed
        if part < restarts:
            await world.end()
            await world.run(2)
            node = await world.start()
    theirs[1] = of_exchange(world)
    if before is not None:
        for grown in tracemalloc.take_snapshot().compare_to(before, "lineno")[:25]:
            print("  ", grown)
    span = (curve.bars[-1] - curve.bars[len(curve.bars) // 3]) / 1_000
    print(f"memory: {curve.slope():+.2f} MB in a thousand bars over the last two thirds "
          f"({min(curve.held):.0f} to {max(curve.held):.0f} MB), of which the exchange's records "
          f"{(theirs[1] - theirs[0]) / span:+.2f}")  # fmt: skip
    world.account.faults = Faults()
    await world.wait(150)
    world.agreed()
    alarms: dict[str, int] = {}
    for event in node.log(most=100_000):
        if event.kind == "alarm":
            alarms[str(event.data.get("what"))] = alarms.get(str(event.data.get("what")), 0) + 1
    orders, fills = len(world.exchange.orders), len(world.exchange.trades)
    print(f"positions are the venue's; {orders:,} orders, {fills:,} fills, none sent twice; alarms {alarms}")
    await world.end()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="bars of one symbol")
    parser.add_argument("--bars", type=int, default=10_000)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--soak", action="store_true")
    parser.add_argument("--leaks", action="store_true")
    options = parser.parse_args()
    prices: dict[str, list[Row]]
    if options.soak:
        names = [f"C{k}USDT" for k in range(10)]
        bars, timeframe = options.bars if options.bars != 10_000 else 1_840, 1
        prices = {name: walk(k, bars + 60, 0.002) for k, name in enumerate(names)}
    else:
        prices, bars, timeframe = real(options.data, options.bars + 20), options.bars, 60
        names = ["BTCUSDT"]
    given: dict[str, Any] = {"symbols": ", ".join(names), "timeframe": "1m" if timeframe == 1 else "1h"}
    programs = [TREND.format(**given, n=5, m=12), DIP.format(**given, n=5)]
    if options.soak:
        programs += [TREND.format(**given, n=8, m=21), DIP.format(**given, n=7), TREND.format(**given, n=3, m=30)]
    with tempfile.TemporaryDirectory() as folder:
        world = Fair(prices, Path(folder), FAULTS, 1, minutes=timeframe, lot="0.00001")
        asyncio.run(run(world, programs, bars, options.restarts, options.leaks))
        told = replay_journal(f"sqlite:///{Path(folder) / 'node.db'}")
        for each in told:
            print(f"{each.deployment}: {each.why or f'the same: {each.compared:,} decisions and orders'} "
                  f"({each.bars:,} bars, {each.records:,} records)")  # fmt: skip
    return 1 if any(each.why for each in told) else 0


if __name__ == "__main__":
    sys.exit(main())
