"""How long one closed bar takes, beside other libraries, and what 500 strategies in one process cost.

python tests/benchmarks/streaming.py                  the table: EMA 12, EMA 26, RSI 14, MACD, BBANDS, ATR 14 a bar
python tests/benchmarks/streaming.py --many 500       memory and time a bar of 500 streams, and of 500 live strategies
python tests/benchmarks/streaming.py --json           one JSON object

Lingua's line carries three rules more than the others. Everyone is measured call by call in a process of its own; all
take turns for `--rounds` rounds, so that a busy machine slows all of them. Shown are medians over the rounds, and in
`spread` the lowest and highest mean of a round. Other libraries stand in an environment of their own, whose Python
LINGUA_RIVALS names:

    python -m venv rivals && rivals/bin/pip install talipp TA-Lib nautilus_trader
    LINGUA_RIVALS=rivals/bin/python python tests/benchmarks/streaming.py

Run it on a compiled installation (`lingua --version` tells).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import runpy
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import lingua
from lingua.backends.incremental import SourceFacts, Stream
from lingua.backends.machine import COMPILED
from lingua.compiler import Compiled
from lingua.ir.nodes import Node
from lingua.live.bars import ClosedBar, Source
from lingua.live.strategy import LiveStrategy
from lingua.trading.instrument import Instrument

HERE = Path(__file__)
RIVALS: dict[str, Any] = runpy.run_path(str(HERE.with_name("streaming_rivals.py")), run_name="benchmark")
OURS = "Lingua, with three rules"
MINUTE = 60_000_000_000
TEXT = """
strategy six {{
  trade AAA @ 1m
  indicator fast = ema(close, {fast})
  indicator slow = ema(close, 26)
  indicator strength = rsi(close, 14)
  indicator lines = macd(close, 12, 26, 9)
  indicator band = bbands(close, 20, 2)
  indicator width = atr(14)
  rule enter: fast crosses above slow and strength < 70 => buy 10% with stop 2 * width
  rule leave: lines.hist < 0 or close > band.upper => close
  rule cut: width > close * 2% and close < band.lower => close
}}
"""


def compiled(fast: int = 12) -> Compiled:
    return lingua.compile(TEXT.format(fast=fast))


def series(program: Any) -> tuple[list[Node], list[Node]]:
    """The indicators, and the conditions of the rules."""
    return [each.node for each in program.outputs], [rule.condition for rule in program.rules]


def stream_of(program: Any) -> Stream:
    shown, rules = series(program)
    return Stream([*shown, *rules], {}, {"": SourceFacts("1m", Instrument("AAA"))})


def ours() -> dict[str, float]:
    """One call a bar; all values stand in the registers afterwards, the rules are the bits of what it returns."""
    program = compiled().program
    update = stream_of(program).updater(series(program)[1])
    given = RIVALS["bars"]()
    prices = zip(given["open"], given["high"], given["low"], given["close"], strict=True)
    bars = [(i * MINUTE, (i + 1) * MINUTE, *each, 1.0) for i, each in enumerate(prices)]
    found: dict[str, float] = RIVALS["measured"](lambda i: update(*bars[i]))
    return found


# --- taking turns ------------------------------------------------------------------------------------


def table(rounds: int) -> dict[str, dict[str, Any]]:
    """Figures of everyone by name, or `missing` with the reason."""
    taken: dict[str, list[dict[str, Any]]] = {OURS: []}
    for _ in range(rounds):
        taken[OURS].append(run([sys.executable, str(HERE), "--ours"]))
        for name in RIVALS["RIVALS"]:
            taken.setdefault(name, []).append(rival(name))
    return {name: summary(each) for name, each in taken.items()}


def rival(name: str) -> dict[str, Any]:
    # TA-Lib is one of our own libraries; the others need an environment of their own.
    python = os.environ.get("LINGUA_RIVALS", sys.executable if name == "talib.stream" else "")
    if not python:
        return {"missing": "LINGUA_RIVALS names no Python that has it"}
    found: dict[str, Any] = run([python, str(HERE.with_name("streaming_rivals.py")), name])[name]
    return found


def run(words: list[str]) -> Any:
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    if "missing" in rounds[0]:
        return rounds[0]
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    means = [each["mean"] for each in rounds]
    return {**middle, "low": min(means), "high": max(means)}


def shown(found: dict[str, dict[str, Any]], rounds: int) -> str:
    form = "compiled" if COMPILED else "interpreted"
    lines = [
        f"microseconds a bar, {RIVALS['BARS']} bars, {rounds} rounds; Lingua {form}",
        f"{'':26}{'mean':>8}{'p50':>8}{'p99':>8}{'p99.9':>8}  spread of the mean",
    ]
    for name, each in found.items():
        if "missing" in each:
            lines.append(f"{name:26}  not measured: {each['missing']}")
            continue
        figures = "".join(f"{each[key]:8.2f}" for key in ("mean", "p50", "p99", "p999"))
        lines.append(f"{name:26}{figures}  {each['low']:.2f} to {each['high']:.2f}")
    return "\n".join(lines)


# --- many in one process -----------------------------------------------------------------------------


def resident() -> float:
    """Megabytes of this process that stand in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024.0
    raise RuntimeError("the memory of a process is only told on Linux")


def many_streams(count: int, bars: int = 200) -> dict[str, float]:
    """`count` streams, each of a program of its own, fed bar by bar through one call each."""
    programs = [compiled(5 + k % 20) for k in range(20)]
    for program in programs:
        stream_of(program.program).updater(series(program.program)[1])
    gc.collect()
    before = resident()
    streams = [stream_of(programs[k % 20].program) for k in range(count)]
    updates = [stream.updater(series(programs[k % 20].program)[1]) for k, stream in enumerate(streams)]
    given = RIVALS["bars"](bars)

    def bar(i: int) -> None:
        values = (i * MINUTE, (i + 1) * MINUTE, *(given[name][i] for name in ("open", "high", "low", "close")), 1.0)
        for update in updates:
            update(*values)

    return timed(bar, bars, before)


def many_strategies(count: int, bars: int = 200) -> dict[str, float]:
    """`count` live strategies over a symbol each: series, rules, account, orders and fills, told as decisions."""
    programs = [compiled(5 + k % 20) for k in range(20)]
    LiveStrategy(programs[0], [Source(Instrument("AAA"), "1m")])
    gc.collect()
    before = resident()
    lives = [LiveStrategy(programs[k % 20], [Source(Instrument(f"S{k}"), "1m")]) for k in range(count)]
    channels = [live.channels[0] for live in lives]
    given = RIVALS["bars"](bars)

    def bar(i: int) -> None:
        opened, ts = i * MINUTE, (i + 1) * MINUTE
        closed = ClosedBar(opened, ts, *(given[name][i] for name in ("open", "high", "low", "close")), 1.0)
        for live, channel in zip(lives, channels, strict=True):
            live.push(channel, closed)
            for _ in live.decide(ts):
                pass

    return timed(bar, bars, before)


def timed(bar: Any, bars: int, before: float) -> dict[str, float]:
    """Memory of all, and milliseconds of a bar for all of them once the indicators stand."""
    times = []
    for i in range(bars):
        started = time.perf_counter()
        bar(i)
        times.append((time.perf_counter() - started) * 1000.0)
    settled = sorted(times[bars // 2 :])
    return {
        "megabytes": resident() - before, "ms": statistics.median(settled),
        "ms_low": settled[0], "ms_high": settled[-1 - len(settled) // 20],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ours:
        print(json.dumps(ours()))
    elif given.many:
        found = {"streams": many_streams(given.many), "live strategies": many_strategies(given.many)}
        if given.json:
            print(json.dumps(found))
            return
        for name, each in found.items():
            print(
                f"{given.many} {name}: {each['megabytes']:.1f} MB, {each['ms']:.2f} ms a bar in total "
                f"({each['ms_low']:.2f} to {each['ms_high']:.2f})"
            )
    else:
        rows = table(given.rounds)
        print(json.dumps(rows) if given.json else shown(rows, given.rounds))


if __name__ == "__main__":
    main()
