"""Lingua and the reference in one process, taking turns call by call: one allocator, one state of the caches.

    PYTHONPATH=… LINGUA_REFERENCE's Python tests/benchmarks/together.py W1 100000

prints {"ours": …, "reference": …}. The Python must have Numba beside what Lingua needs.
"""

from __future__ import annotations

import json
import sys
import time

import ours
import reference


def main() -> dict[str, dict[str, float]]:
    work, sizes = sys.argv[1], [int(each) for each in sys.argv[2:]]
    calls = {"reference": reference.prepared(work, *sizes), "ours": ours.prepared(work, *sizes)}
    # Where several threads work the clock counts, else what the processor did.
    clock = time.perf_counter if "threads" in work else time.process_time
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    until = time.perf_counter() + 2.0
    while len(spent["ours"]) < 3 or (len(spent["ours"]) < 101 and time.perf_counter() < until):
        for name, call in calls.items():
            began = clock()
            call()
            spent[name].append((clock() - began) * 1000.0)
    return {
        name: {"least": min(times), "middle": sorted(times)[len(times) // 2]} for name, times in spent.items()
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main()))
