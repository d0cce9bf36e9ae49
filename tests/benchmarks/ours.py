"""The workloads in Lingua, through its Python interface, from the text of a program.

    python tests/benchmarks/ours.py W1 100000
    python tests/benchmarks/ours.py "W3 two threads" 100000 50     with 50 of the 1,000 pairs

prints one JSON object. The bars are in memory and checked before the clock starts, as everyone else's are; a run tells
the equity after each bar, the Sharpe ratio and, unlike the others, every order, fill and trade.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from workloads import CAPITAL, FEE, bars, pairs, timed

import lingua
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

SETTINGS = f"execution {{ size_at: fill; cash_buffer: 0; commission: {FEE:%}; limit_fill: touch }}"
W1 = f"""
strategy crossing {{
  trade AAA @ 1m
  param fast = 12 in 2..50
  param slow = 26 in 20..200
  rule enter: ema(close, fast) crosses above ema(close, slow) => buy
  rule leave: ema(close, fast) crosses below ema(close, slow) => sell
  {SETTINGS}
}}
"""
W2 = f"""
strategy reversion {{
  trade AAA @ 1m
  indicator strength = rsi(close, 14)
  rule enter: strength < 30 => buy with stop 2%, target 4%
  rule leave: strength > 70 => sell
  {SETTINGS}
}}
"""
PAIR = "  rule in{k}: ema(close, {a}) crosses above ema(close, {b}) => buy\n"


def market(given: dict[str, Any], symbol: str = "AAA") -> Bars:
    ts = given["time"] * 1_000_000_000
    prices = (given[name] for name in ("open", "high", "low", "close", "volume"))
    return Bars(symbol, Timeframe.parse("1m"), ts + 60_000_000_000, ts, *prices, Instrument(symbol))


def run(compiled: lingua.Compiled, data: Any, threads: int = 1) -> tuple[float, int, float]:
    """Final equity, closed trades, Sharpe ratio of sessions; the whole curve is made."""
    result = compiled.backtest(data, capital=CAPITAL, threads=threads)
    curve = result.curve.values
    return float(curve[-1]), len(result.ledger._rows["trades"]), float(result.metrics["sharpe"])  # type: ignore[attr-defined]


def sweep(compiled: lingua.Compiled, data: Any, threads: int, count: int = 1_000) -> list[Any]:
    from lingua.optimize.sweep import sweep as swept

    combinations = [{"fast": fast, "slow": slow} for fast, slow in pairs(count)]
    metrics = ("final_equity", "trades", "sharpe")
    return list(swept(compiled, data, combinations, metrics=metrics, threads=threads, capital=CAPITAL))


def several_rules(count: int) -> str:
    """W1 and `count - 2` further rules, each with two averages of its own."""
    more = "".join(PAIR.format(k=k, a=3 + k, b=60 + k) for k in range(count - 2))
    return W1.replace("  rule enter", f"{more}  rule enter")


def several_symbols(count: int) -> str:
    return W1.replace("AAA", ", ".join(f"S{k}" for k in range(count)))


def prepared(work: str, size: int, count: int = 1_000) -> Callable[[], Any]:
    """What is to be timed. `count` pairs of a sweep."""
    name, _, extra = work.partition(" ")
    if name == "compile":
        return lambda: lingua.compile(W1)
    if name == "check":
        text = long_program(size)
        return lambda: lingua.check(text)
    if work == "W1 from a frame":
        import polars

        frame = polars.DataFrame({**bars(size), "time": (bars(size)["time"] * 1000).astype("datetime64[ms]")})
        compiled = lingua.compile(W1)
        return lambda: run(compiled, frame)
    if name == "symbols":
        count = int(extra)
        given = {f"S{k}": market(bars(size, seed=k), f"S{k}") for k in range(count)}
        compiled = lingua.compile(several_symbols(count))
        return lambda: run(compiled, given)
    data = market(bars(size))
    if name == "rules":
        compiled = lingua.compile(several_rules(int(extra)))
        return lambda: run(compiled, data)
    if name == "W3":
        compiled = lingua.compile(W1)
        return lambda: sweep(compiled, data, 2 if extra else 1, count)
    compiled = lingua.compile({"W1": W1, "W2": W2}[name])
    return lambda: run(compiled, data, 2 if extra else 1)


def long_program(lines: int) -> str:
    """A program of so many lines: indicators, states and rules in turn."""
    body = []
    for k in range((lines - 4) // 3):
        body += [
            f"  indicator a{k} = ema(close, {5 + k % 40})",
            f"  let b{k} = a{k} - sma(close, {10 + k % 90})",
            f"  rule r{k}: b{k} > 0 and close > a{k} => buy 1%",
        ]
    body += ["  // the end"] * (lines - 4 - len(body))
    return "\n".join(["lingua 1", "strategy long {", "  trade AAA @ 1h", *body, "}"])


def cold(size: int, rounds: int = 5) -> dict[str, float]:
    """A backtest from the command line in a fresh process, and `import numpy` in one; the clock's milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "crossing.lingua").write_text(W1)
        given = bars(size)
        rows = np.column_stack([given[each] for each in ("open", "high", "low", "close", "volume")])
        stamps = given["time"].astype("datetime64[s]")
        lines = [f"{ts}Z,{','.join(map(repr, row))}" for ts, row in zip(stamps, rows.tolist(), strict=True)]
        (folder / "AAA.csv").write_text("\n".join(["time,open,high,low,close,volume", *lines]) + "\n")
        words = ["-m", "lingua.cli", "backtest", str(folder / "crossing.lingua"), "--data", str(folder / "AAA.csv")]
        ours = sorted(clocked(words) for _ in range(rounds))
        theirs = sorted(clocked(["-c", "import numpy"]) for _ in range(rounds))
    return {"least": ours[0], "middle": ours[rounds // 2], "numpy": theirs[0], "wall": ours[0], "peak": children()}


def children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0


def clocked(words: list[str]) -> float:
    """Milliseconds of processor time, which a busy machine does not lengthen as it does the clock's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return min(wall, spent) * 1000.0


if __name__ == "__main__":
    work, *sizes = sys.argv[1], *map(int, sys.argv[2:])
    print(json.dumps(cold(*sizes) if work == "W5" else timed(prepared(work, *sizes))))
