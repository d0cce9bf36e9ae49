"""How long the API takes to answer, over a real socket on this machine.

    python tests/benchmarks/api.py [--seconds 5] [--clients 8] [--events]

A node with 20 deployments, 2,000 orders and a second of history is asked by clients in another process, each on one
connection, with keys, limits and audit log as they are in use. It stops by itself. The target is a 95th percentile
under 50 ms.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime" / "api"))

TARGET_MS = 50.0
WORK: tuple[tuple[str, str, str, Any], ...] = (
    ("one deployment", "GET", "/v1/deployments/d0", None),
    ("all deployments", "GET", "/v1/deployments", None),
    ("snapshot", "GET", "/v1/snapshot", None),
    ("500 orders", "GET", "/v1/orders?most=500", None),
    ("200 log lines", "GET", "/v1/log?most=200", None),
    ("equity, 2,000 points", "GET", "/v1/deployments/d0/equity", None),
    ("metrics", "GET", "/metrics", None),
    ("pause (written to the audit log, twice)", "POST", "/v1/deployments/d1/pause", None),
)


def ask(port: int, key: str, clients: int, seconds: float, out: Any) -> None:
    """In a process of its own: the milliseconds of each request, by work."""
    import http.client
    import threading

    took: dict[str, list[float]] = {name: [] for name, *_ in WORK}
    faults: list[str] = []
    until = time.monotonic() + seconds

    def one(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        number = first
        while time.monotonic() < until:
            name, method, path, body = WORK[number % len(WORK)]
            number += 1
            began = time.perf_counter()
            connection.request(method, path, body, {"Authorization": f"Bearer {key}", "Content-Length": "0"})
            answer = connection.getresponse()
            answer.read()
            took[name].append((time.perf_counter() - began) * 1e3)
            if answer.status != 200:
                faults.append(f"{path}: {answer.status}")
        connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put((took, faults))


def fill(node: Any) -> None:
    from double import NS

    from lingua_runtime.control import EquityPoint, OrderView

    for number in range(20):
        node.put(f"d{number}")
    now = time.time_ns()
    node.order_list = [
        OrderView(
            f"d{n % 20}", f"lg-{n}", str(n), "BTCUSDT", 1, "limit", "filled" if n % 40 else "accepted", 0.5, 0.25,
            50_000.0 + n, math.nan, "enter", False, now, now, now, "",
        )
        for n in range(2_000)
    ]  # fmt: skip
    node.curve = [EquityPoint(n * NS, 10_000.0 + n, 0.01) for n in range(2_000)]
    for number in range(1_000):
        node.say("order", f"buy 0.5 BTCUSDT at {50_000 + number}", f"d{number % 20}", rule="enter", order=number)


def measure(clients: int, seconds: float) -> tuple[dict[str, list[float]], list[str]]:
    from serving import Serving

    from lingua_runtime.observe import logs

    logs.configure(io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder))
        serving.call(lambda: fill(serving.node))
        began = time.process_time()
        context = multiprocessing.get_context("spawn")
        out = context.Queue()
        asking = context.Process(target=ask, args=(serving.port, serving.key, clients, seconds, out))
        asking.start()
        found: tuple[dict[str, list[float]], list[str]] = out.get(timeout=seconds + 60)
        asking.join(10)
        asked = max(1, sum(map(len, found[0].values())))
        print(f"the node spends {(time.process_time() - began) * 1e3 / asked:.2f} ms of a processor on a request")
        serving.close()
    return found


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def stream_rate(count: int = 20_000) -> float:
    """Events a second from the node to one reader of the stream."""
    from serving import Serving
    from websockets.sync.client import connect

    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder))
        headers = {"Authorization": f"Bearer {serving.key}"}
        serving.call(lambda: [serving.node.say("order", f"event {n}", "d0", order=n) for n in range(count)])
        with connect(f"ws://127.0.0.1:{serving.port}/v1/events?after_seq=0", additional_headers=headers) as socket:
            json.loads(socket.recv())
            began, seen = time.perf_counter(), 0
            while seen < count:
                seen = json.loads(socket.recv(timeout=30))["seq"]
            took = time.perf_counter() - began
        serving.close()
    return count / took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--events", action="store_true", help="measure the event stream too")
    options = parser.parse_args()
    worst = 0.0
    for clients in sorted({1, options.clients}):
        took, faults = measure(clients, options.seconds)
        every = [value for values in took.values() for value in values]
        print(f"{clients} client{'s' if clients > 1 else ''}: {len(every) / options.seconds:,.0f} requests/s")
        for name, values in took.items():
            row = [statistics.median(values), percentile(values, 0.95), percentile(values, 0.99)]
            print(f"  {name:<42} p50 {row[0]:7.2f}  p95 {row[1]:7.2f}  p99 {row[2]:7.2f} ms")
        worst = percentile(every, 0.95)
        print(f"  {'all':<42} p95 {worst:.2f} ms (target {TARGET_MS:g})")
        if faults:
            print(f"  {len(faults)} were refused, such as {faults[0]}")
    if options.events:
        print(f"event stream, one reader: {stream_rate():,.0f} events/s")
    return int(worst > TARGET_MS)


if __name__ == "__main__":
    raise SystemExit(main())
