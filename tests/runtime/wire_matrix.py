"""kill -9 of a whole node at every step of its journal, against `lingua sim binance` in a process of its own.

    python tests/runtime/wire_matrix.py --kills 500

The node (configuration, journal, Binance's REST and WebSocket on loopback, deployments, reconciliation) is a process
that is killed at a labelled step between an event and its effect, or at any moment at all; the exchange is another one,
goes on meanwhile, and by its script refuses, breaks off and loses answers, before and after they took effect, drops,
doubles and delays messages, fills in parts and closes sockets. After each world everything is asked of the exchange by
a client of its own and compared with what the node knows: orders sent twice, orders lost on either side, forgotten
stops, positions that differ. Printed: where the deaths were, and each of these counts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from rig import START, walk

import lingua
import lingua_adapters.binance  # so that the processes that are made from this one need not load it
from lingua.artefact import to_json
from lingua_adapters.simulator.binance.simulation import KEY, SECRET
from lingua_runtime.config import config_of
from lingua_runtime.control import Standing
from lingua_runtime.node import Node
from lingua_runtime.states import FINAL

SPEED = 60
"""A minute's bar each second."""
BRACKETS = """strategy Brackets {
  trade BTCUSDT @ 1m
  rule enter: close > open => buy 15% of equity with stop 0.4%, target 0.3% closing 50%, target 0.8%
  rule leave: close < open and close[1] < open[1] => sell
}
"""
LIMITS = """strategy Limits {
  trade BTCUSDT @ 1m
  rule dip: close < open => buy 15% of equity at limit close * 0.999 for 3 bars with stop 0.5%
  rule up: close > close[1] => buy 10% of equity with trail 0.6%
  rule half: close > open and close[1] > open[1] => sell 50% of position
}
"""
"""Something is to be done at nearly every bar: a node lives for one or two."""
LABELS = (
    "handled", "written", "before place", "no answer", "placed", "before cancel", "canceled", "before look-up",
    "looked up",
)  # fmt: skip
FAULTS = [
    {"on": "POST /api/v3/order*", "do": "status", "when": "before", "status": 503, "times": 0, "chance": 0.04},
    {"on": "POST /api/v3/order*", "do": "status", "when": "after", "status": 504, "times": 0, "chance": 0.08},
    {"on": "POST /api/v3/order*", "do": "reset", "when": "after", "times": 0, "chance": 0.05},
    {"on": "POST /api/v3/order*", "do": "garbage", "when": "after", "text": "<html>", "times": 0, "chance": 0.02},
    {"on": "DELETE /api/v3/order*", "do": "status", "when": "after", "status": 502, "times": 0, "chance": 0.08},
    {"on": "DELETE /api/v3/order*", "do": "reject", "code": -2011, "text": "Unknown order sent.", "times": 0,
     "chance": 0.04},
    {"on": "GET /api/v3/order", "do": "reset", "times": 0, "chance": 0.03},
    {"on": "user executionReport", "do": "drop", "times": 0, "chance": 0.1},
    {"on": "user executionReport", "do": "duplicate", "times": 0, "chance": 0.1},
    {"on": "user executionReport", "do": "delay", "seconds": 30.0, "times": 0, "chance": 0.1},
    {"on": "stream *", "do": "drop", "times": 0, "chance": 0.02},
    {"on": "market", "do": "share", "share": 0.4},
]  # fmt: skip
PATIENCE_S = 20.0
"""Real seconds in which a node must be there, and agree when everything is quiet."""


# --- the process that dies -------------------------------------------------------------------------------


def process(folder: Path, url: str, artefact: str, kill_at: int, at: str, asked: int, answers: int) -> None:
    """The life of a node. It dies at step number `kill_at` of those called `at` (of all, without a name). A byte on
    `asked` (it ends: 1) is answered on `answers` with what it knows."""
    left = [kill_at]

    def hook(label: str) -> None:
        left[0] -= at in ("", label)
        if left[0] == 0 and at in ("", label):
            os.write(answers, json.dumps({"dying": label}).encode() + b"\n")
            os.kill(os.getpid(), signal.SIGKILL)

    async def main() -> None:
        settings = {"venue": "binance", "url": url, "key": KEY, "secret": SECRET, "timeout_s": 3.0}
        # The exchange's script loses requests in a row; what is looked at here is not the downgrade after them.
        config = config_of(
            {"journal": "node.db", "errors_until_advisory": 10_000, "sweep_s": 2.0, "max_clock_skew_s": 3_600,
             "accounts": {"main": settings}},
            folder / "node.toml",
        )  # fmt: skip
        node = Node(config, hook=hook)
        await node.start()
        if not node.hosts:
            options = {"id": "d1", "mode": "live", "confirm": True, "capital": 50_000.0, "late_entries": 3}
            await node.deploy(artefact.encode(), options, by="ann")
        host = next(iter(node.hosts.values()))
        if not host.is_armed and host.standing is not Standing.FAILED:
            await node.arm("d1", "arm d1", by="bob")
        os.write(answers, b'{"up": true}\n')
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[bytes] = asyncio.Queue()
        loop.add_reader(asked, lambda: told.put_nowait(os.read(asked, 1)))
        while True:
            word = await told.get()
            if word == b"d":
                await node.disarm("d1", by="bob")
            if word in (b"", b"e"):
                os._exit(0)
            if word == b"s" and host.given is not None:
                await host.given.sweep("BTCUSDT")
                await host.given.idle()
            os.write(answers, json.dumps(known(host, node.log_book)).encode() + b"\n")

    asyncio.run(main())


def known(host: Any, log: Any) -> dict[str, Any]:
    """What the node holds to be true."""
    kernel = host.given.kernel
    units = kernel.held(0)
    return {
        "standing": str(host.standing), "why": host.why, "compared": host.deployment.compared,
        "held": sum(unit.quantity for unit in units) + abs(kernel.live.run.book.positions[0].dust),
        "guarded": sum(unit.quantity for unit in units if unit.brackets and unit.quantity * 80 > 5),
        "units": len(units),
        "standing here": f"{'held back, ' if kernel.is_held else ''}{len(kernel._watched)} levels watched, disputed "
        f"{sorted(kernel.disputed)}, {len(kernel.waiting)} executions not booked, waits "
        f"{list(kernel._patience.values())}, unclear {[r.client_id for r in kernel.orders.unclear('BTCUSDT')]}",
        "alarms": [event.text for event in log.latest(after_seq=-1, most=2_000) if event.kind == "alarm"][-5:],
        "orders": {record.client_id: str(record.state) for record in kernel.orders},
    }  # fmt: skip


# --- the exchange ----------------------------------------------------------------------------------------


class Exchange:
    """`lingua sim binance` in a process of its own, and a client of it that shares nothing with the node."""

    def __init__(self, folder: Path, seed: int) -> None:
        rows = walk(seed, 4_000)
        lines = ["ts,open,high,low,close,volume"]
        lines += [f"{START // 10**9 + 60 * k},{','.join(map(str, row))},1000000" for k, row in enumerate(rows)]
        data = folder / "BTCUSDT_1m.csv"
        data.write_text("\n".join(lines) + "\n", "utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        words = ["sim", "binance", "--data", str(data), "--speed", str(SPEED), "--history", "200", "--port",
                 str(self.port), "--seed", str(seed), "-q"]  # fmt: skip
        self.log = (folder / "sim.log").open("w")
        command = [sys.executable, "-c", "from lingua.cli.main import main; raise SystemExit(main())", *words]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=folder)
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                self.ask("GET", "/sim/state")
                break
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("the exchange does not begin: " + (folder / "sim.log").read_text("utf-8")[-500:])
            time.sleep(0.1)

    def ask(self, verb: str, path: str, body: Any = None, **params: Any) -> Any:
        query = urllib.parse.urlencode(params)
        if path.startswith("/api") and path != "/api/v3/time":
            now = self.ask("GET", "/api/v3/time")["serverTime"]
            query = urllib.parse.urlencode({**params, "timestamp": now, "recvWindow": 60_000})
            query += "&signature=" + hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            f"{self.url}{path}?{query}", method=verb, data=None if body is None else json.dumps(body).encode(),
            headers={"X-MBX-APIKEY": KEY, "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def orders(self) -> list[Any]:
        """All that were ever taken, oldest first."""
        found: list[Any] = []
        while True:
            page = self.ask("GET", "/api/v3/allOrders", symbol="BTCUSDT", limit=1000,
                            orderId=found[-1]["orderId"] + 1 if found else 1)  # fmt: skip
            found += page
            if len(page) < 1000:
                return found

    def held(self) -> float:
        balances = self.ask("GET", "/api/v3/account")["balances"]
        return sum(float(each["free"]) + float(each["locked"]) for each in balances if each["asset"] == "BTC")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.log.close()


# --- the world -------------------------------------------------------------------------------------------


@dataclass
class Tally:
    kills: int = 0
    worlds: int = 0
    lives: int = 0
    orders: int = 0
    fills: int = 0
    compared: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Lives that ended by themselves, or nodes that did not come up."""

    @property
    def wrong(self) -> list[str]:
        return [*self.doubled, *self.lost, *self.forgotten, *self.differing, *self.ended]


class World:
    def __init__(self, seed: int, folder: Path, tally: Tally) -> None:
        self.rng = random.Random(seed)
        self.name = f"world {seed}"
        self.folder, self.tally = folder, tally
        self.artefact = to_json(lingua.compile((BRACKETS, LIMITS)[seed % 2]))
        self.exchange = Exchange(folder, seed)
        self.pid = 0

    def start(self, *, is_mortal: bool) -> None:
        """A new life. Half of the labelled deaths come at a step of one name, which might be rare."""
        kill_at = self.rng.randint(1, 60) if is_mortal and self.rng.random() < 0.75 else 0
        at = self.rng.choice(LABELS) if kill_at and self.rng.random() < 0.5 else ""
        kill_at = self.rng.randint(1, 3) if at else kill_at
        asked, self.asking = os.pipe()
        self.answers, answering = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.asking)
            os.close(self.answers)
            try:
                process(self.folder, self.exchange.url, self.artefact, kill_at, at, asked, answering)
            except BaseException as problem:
                with contextlib.suppress(OSError):
                    os.write(answering, json.dumps({"failed": f"{type(problem).__name__}: {problem}"}).encode() + b"\n")
            os._exit(4)
        os.close(asked)
        os.close(answering)
        self._text = b""
        self.tally.lives += 1

    def hear(self, patience_s: float) -> dict[str, Any] | None:
        """The next answer; None when the process is gone or says nothing."""
        until = time.monotonic() + patience_s
        while b"\n" not in self._text:
            ready, _, _ = select.select([self.answers], [], [], max(until - time.monotonic(), 0.0))
            part = os.read(self.answers, 65_536) if ready else b""
            if not part:
                return None
            self._text += part
        line, _, self._text = self._text.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def live_and_die(self) -> None:
        """One life until it is killed."""
        self.start(is_mortal=True)
        label = "any moment"
        # Wherever it is by then: starting, reconciling, trading.
        until = time.monotonic() + self.rng.choice((0.6, 1.5, 2.5, 3.5)) * (0.5 + self.rng.random())
        while (left := until - time.monotonic()) > 0:
            told = self.hear(left)
            if told is None:
                break
            if "dying" in told:
                label = told["dying"]
                break
            if "failed" in told:
                self.tally.ended.append(f"{self.name}: a node ended: {told['failed'][:300]}")
                label = "failed"
                break
        if label == "any moment":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.bury(label)

    def bury(self, label: str) -> None:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.asking)
        os.close(self.answers)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.tally.kills += 1
            self.tally.labels[label] += 1
        elif label not in ("failed", "end"):
            self.tally.ended.append(f"{self.name}: a node ended by itself ({status})")

    def run(self, deaths: int) -> None:
        self.exchange.ask("POST", "/sim/faults", FAULTS)
        for _ in range(deaths):
            if self.rng.random() < 0.2:
                path = self.rng.choice(("*", "/ws-api*", "/ws*"))
                do = self.rng.choice(("close", "half_open"))
                self.exchange.ask("POST", "/sim/faults", [{"on": "sockets", "do": do, "path": path, "seconds": 20.0}])
            self.live_and_die()
            time.sleep(self.rng.random() * 0.15)

    # --- what must be true ---

    def check(self) -> None:
        self.exchange.ask("DELETE", "/sim/faults")
        self.start(is_mortal=False)
        up = self.hear(PATIENCE_S)
        if up is None or "up" not in up:
            self.tally.ended.append(f"{self.name}: the node does not come up: {up}")
        else:
            self.settle()
        with contextlib.suppress(OSError):
            os.write(self.asking, b"e")
        time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.asking)
        os.close(self.answers)
        self.tally.worlds += 1
        self.exchange.end()

    def say(self, word: bytes) -> dict[str, Any]:
        os.write(self.asking, word)
        return self.hear(PATIENCE_S) or {}

    def settle(self) -> None:
        """Disarmed and without faults, both sides must come to say the same; the market goes on meanwhile, so they are
        asked until one look at the exchange lies between two equal ones at the node."""
        self.say(b"d")
        until, found = time.monotonic() + PATIENCE_S, Tally()
        while time.monotonic() < until:
            time.sleep(0.5)
            before = self.say(b"s")
            orders, held = self.exchange.orders(), self.exchange.held()
            after = self.say(b"k")
            found = Tally()
            if before.get("standing") == "failed":
                found.ended.append(f"{self.name}: the deployment failed: {before['why'][:300]}")
                break
            found.compared = int(after.get("compared", 0))
            found.orders = len(orders)
            found.fills = sum(float(each["executedQty"]) > 0 for each in orders)
            self.compare(found, after, orders, held)
            if before == after and not found.wrong:
                break
        for name in ("doubled", "lost", "forgotten", "differing", "ended"):
            getattr(self.tally, name).extend(getattr(found, name))
        self.tally.orders += found.orders
        self.tally.fills += found.fills
        self.tally.compared += found.compared

    def compare(self, found: Tally, here: dict[str, Any], orders: list[Any], held: float) -> None:
        open_here = {name: state for name, state in here["orders"].items() if state not in FINAL}
        said = (
            f"; {here['standing here']}; open here {open_here}; alarms {here['alarms']}; the last there "
            + ", ".join(
                f"{o['clientOrderId']} {o['side']} {o['type']} {o['executedQty']}/{o['origQty']} {o['status']}"
                for o in orders[-8:]
            )
        )
        if abs(held - here["held"]) > 3e-3:
            found.differing.append(f"{self.name}: the venue holds {held:g}, {here['held']:g} is known here{said}")
        names = Counter(each["clientOrderId"] for each in orders)
        found.doubled += [f"{self.name}: {name} was sent {count} times" for name, count in names.items() if count > 1]
        working = [each for each in orders if each["status"] in ("NEW", "PARTIALLY_FILLED", "PENDING_NEW")]
        for each in working:
            state = here["orders"].get(each["clientOrderId"])
            if state is None or state in FINAL:
                found.lost.append(f"{self.name}: {each['clientOrderId']} works at the venue and is {state} here")
        for name, state in here["orders"].items():
            if state in ("accepted", "partially_filled", "unknown", "submitted") and name not in names:
                found.lost.append(f"{self.name}: {name} is {state} here and the venue has never seen it")
        guarded: dict[Any, float] = {}
        for each in working:
            if each["side"] == "SELL":
                group = each["orderListId"] if each["orderListId"] != -1 else f"order {each['orderId']}"
                left = float(each["origQty"]) - float(each["executedQty"])
                guarded[group] = max(guarded.get(group, 0.0), left)
        if abs(sum(guarded.values()) - here["guarded"]) > 0.06 * (1 + here["units"]):
            found.forgotten.append(
                f"{self.name}: {sum(guarded.values()):g} is protected at the venue, {here['guarded']:g} should be "
                f"{said}"
            )


def matrix(kills: int, *, seed: int = 0, deaths: int = 40, seconds: float = 1e9, tell: Any = None) -> Tally:
    """Worlds until so many nodes were killed, or until so many seconds have gone."""
    assert lingua_adapters.binance.open_venue is not None
    tally, until = Tally(), time.monotonic() + seconds
    while tally.kills < kills and time.monotonic() < until:
        with tempfile.TemporaryDirectory() as folder:
            world = World(seed, Path(folder), tally)
            try:
                world.run(min(deaths, kills - tally.kills))
                world.check()
            finally:
                if world.exchange.process.poll() is None:
                    world.exchange.end()
        seed += 1
        if tell is not None:
            tell(tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no further world after so long")
    options = parser.parse_args()
    began = time.monotonic()

    def tell(tally: Tally) -> None:
        print(f"{tally.kills} kills in {tally.worlds} worlds, {tally.orders:,} orders, {len(tally.wrong)} faults found "
              f"({time.monotonic() - began:.0f} s)", flush=True)  # fmt: skip

    tally = matrix(options.kills, seed=options.seed, seconds=options.seconds, tell=tell)
    print(f"{tally.kills} nodes killed in {tally.worlds} worlds; {tally.orders:,} orders and {tally.fills:,} of them "
          f"filled; {tally.compared:,} decisions and requests told again, all the same")  # fmt: skip
    for label, count in sorted(tally.labels.items(), key=lambda item: -item[1]):
        print(f"  {count:5}  {label}")
    print(f"orders sent twice {len(tally.doubled)}, orders lost on either side {len(tally.lost)}, forgotten stops "
          f"{len(tally.forgotten)}, positions that differ {len(tally.differing)}, nodes that ended by themselves "
          f"{len(tally.ended)}")  # fmt: skip
    for each in tally.wrong:
        print("  ", each)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
