"""A hundred million bars on the disk, run in pieces, beside ten million in memory.

    python tests/benchmarks/hundred_million.py             100 million bars (some 4 GB in the temporary folder)
    python tests/benchmarks/hundred_million.py --quick     10 million, beside one million

Writes second bars as Parquet, runs W1 (`workloads.py`, without fees: 1.6 million round trips would leave nothing to
trade with) in pieces over all of them and in memory over the first tenth,
each in a process of its own, and shows bars a second of each, the peak of memory, and whether pieces give the answer of
the whole over that tenth. The files are removed. Reading the file is part of both times: that is what a user waits for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars

ROWS = 2_000_000
"""Written at a time."""
W1 = """strategy w1 {
  execution { size_at: fill }
  indicator fast = ema(close, 12)
  indicator slow = ema(close, 26)
  rule enter: fast crosses above slow => buy
  rule leave: fast crosses below slow => sell
}
"""
ASKED = ("final_equity", "total_return", "sharpe", "max_drawdown", "trades", "profit_factor", "average_trade_bp")
RUN = """
import json, sys, time
import lingua
strategy, asked = lingua.compile(sys.argv[1]), sys.argv[4].split(",")
wall, spent = time.perf_counter(), time.process_time()
result = strategy.backtest(sys.argv[2], chunk=int(sys.argv[3]), capital=5e6)
figures = {name: result.metrics[name] for name in asked}
print(json.dumps({
    "wall": time.perf_counter() - wall, "spent": time.process_time() - spent, "bars": result.instants,
    "peak": next(int(x.split()[1]) for x in open("/proc/self/status") if x.startswith("VmHWM")) / 1024,
    "figures": figures,
}))
"""


def write(path: Path, count: int) -> None:
    """A random walk by the second that comes back to where it began, in row groups of `ROWS` / 8."""
    import pyarrow
    from pyarrow import parquet

    rng = np.random.default_rng(11)
    writer: Any = None
    price, begun = 100.0, np.datetime64("2015-01-01", "ns")
    for first in range(0, count, ROWS):
        size = min(ROWS, count - first)
        steps = np.cumsum(rng.normal(0.0, 2e-4, size))
        close = np.round(price * np.exp(steps - np.linspace(0.0, steps[-1], size)), 4)
        opened = np.concatenate(([price], close[:-1]))
        reach = np.abs(rng.normal(0.0, 1e-4, (2, size)))
        columns = {
            "timestamp": begun + (first + np.arange(size)) * np.timedelta64(1, "s"), "open": opened,
            "high": np.round(np.maximum(opened, close) * (1 + reach[0]), 4) + 1e-4,
            "low": np.round(np.minimum(opened, close) * (1 - reach[1]), 4) - 1e-4, "close": close,
            "volume": rng.integers(1, 1_000, size).astype(np.float64),
        }  # fmt: skip
        frame = polars.DataFrame(columns).with_columns(polars.col("timestamp").dt.replace_time_zone("UTC")).to_arrow()
        if writer is None:
            writer = parquet.ParquetWriter(path, frame.schema, compression="zstd")
        writer.write_table(pyarrow.Table.from_batches(frame.to_batches(), frame.schema), row_group_size=ROWS // 8)
        price = float(close[-1])
    writer.close()


def measured(path: Path, chunk: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, W1, str(path), str(chunk), ",".join(ASKED)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--chunk-bars", type=int, default=262_144)
    parser.add_argument("--folder", help="where the files are written (default: the temporary folder)")
    options = parser.parse_args()
    count = 10_000_000 if options.quick else 100_000_000
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        all_bars, tenth = Path(folder, "SIM.parquet"), Path(folder, "PART.parquet")
        write(all_bars, count)
        write(tenth, count // 10)
        runs = [
            (f"{count // 10:,} in memory", measured(tenth, 0)),
            (f"{count // 10:,} in pieces", measured(tenth, options.chunk_bars)),
            (f"{count:,} in pieces", measured(all_bars, options.chunk_bars)),
        ]
        size = all_bars.stat().st_size / 2**30
    whole, same, big = (run for _, run in runs)
    for name, run in runs:
        rate, by_clock = run["bars"] / run["spent"] / 1e6, run["bars"] / run["wall"] / 1e6
        print(f"{name:24} {run['wall']:8.1f} s by the clock, {run['spent']:8.1f} s of processors, "
              f"{by_clock:6.2f} / {rate:6.2f} million bars a second, peak {run['peak']:7.0f} MiB")  # fmt: skip
    print(f"file of {size:.1f} GiB; the same answer over {whole['bars']:,} bars: {whole['figures'] == same['figures']}")
    for name in ("wall", "spent"):
        ratio = (big[name] / big["bars"]) / (whole[name] / whole["bars"])
        print(f"a bar in pieces takes {ratio:.2f} times as long as one in memory ({name})")


if __name__ == "__main__":
    main()
