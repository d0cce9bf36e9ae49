"""Lingua and the reference in one process, taking turns call by call: one allocator, one state of the caches.

    PYTHONPATH=… LINGUA_REFERENCE's Python tests/benchmarks/together.py W1 100000

prints {"ours": …, "reference": …}. The Python must have Numba beside what Lingua needs.
"""

from __future__ import annotations

import json
import sys
import time

from ours import prepared
from reference import CALLS
from workloads import bars


def main() -> dict[str, dict[str, float]]:
    work, size = sys.argv[1], int(sys.argv[2])
    data = bars(size)
    calls = {"reference": lambda: CALLS[work](data), "ours": prepared(work, size)}
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    until = time.perf_counter() + 2.0
    while len(spent["ours"]) < 3 or (len(spent["ours"]) < 101 and time.perf_counter() < until):
        for name, call in calls.items():
            began = time.process_time()
            call()
            spent[name].append((time.process_time() - began) * 1000.0)
    return {
        name: {"least": min(times), "middle": sorted(times)[len(times) // 2]} for name, times in spent.items()
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main()))
