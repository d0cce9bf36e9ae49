"""A client of the Debug Adapter Protocol that speaks to `lingua dap` over its standard input and output."""

from __future__ import annotations

import datetime
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Refusal(Exception):
    """A request that was answered with `success: false`."""


class Client:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lingua.cli", "dap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.seq = 0
        self.events: list[dict[str, Any]] = []

    def send(self, command: str, **arguments: Any) -> int:
        self.seq += 1
        body = json.dumps({"seq": self.seq, "type": "request", "command": command, "arguments": arguments}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()
        return self.seq

    def read(self) -> dict[str, Any]:
        head = {}
        while line := self.process.stdout.readline().strip():
            name, _, value = line.decode().partition(":")
            head[name.lower()] = value
        assert head, "the debugger has left"
        return json.loads(self.process.stdout.read(int(head["content-length"])))

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The body of the answer. Events before it are kept."""
        seq = self.send(command, **arguments)
        while True:
            message = self.read()
            if message["type"] == "event":
                self.events.append(message)
            elif message["request_seq"] == seq:
                if not message["success"]:
                    raise Refusal(message["message"])
                return message.get("body", {})

    def wait(self, name: str) -> dict[str, Any]:
        """The next event of that name; what comes before it is let go."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    return event["body"]
            message = self.read()
            if message["type"] == "event":
                self.events.append(message)

    # --- a session ---------------------------------------------------------------------------------

    def start(
        self, program: Path, breakpoints: list[dict[str, Any]] = (), events: list[str] = (), **launch: Any
    ) -> Any:
        """From nothing to the first stop; the answer to the breakpoints."""
        self.ask("initialize", adapterID="lingua", linesStartAt1=True, columnsStartAt1=True)
        self.ask("launch", program=str(program), **launch)
        self.wait("initialized")
        found = self.breakpoints(program, breakpoints)
        self.ask("setExceptionBreakpoints", filters=list(events))
        self.ask("configurationDone")
        return found

    def breakpoints(self, program: Path, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self.ask("setBreakpoints", source={"path": str(program)}, breakpoints=list(lines))["breakpoints"]

    def go(self, command: str) -> dict[str, Any]:
        """Move, and the stop that follows."""
        self.ask(command, threadId=1)
        return self.wait("stopped")

    def frame(self) -> dict[str, Any]:
        return self.ask("stackTrace", threadId=1)["stackFrames"][0]

    def bar(self) -> int:
        return int(self.frame()["name"].split(" · bar ")[1].split(" ")[0])

    def scope(self, name: str) -> dict[str, str]:
        """Names and values of a scope of the first frame."""
        return {each["name"]: each["value"] for each in self.variables(name)}

    def variables(self, scope: str) -> list[dict[str, Any]]:
        scopes = self.ask("scopes", frameId=self.frame()["id"])["scopes"]
        reference = next(each["variablesReference"] for each in scopes if each["name"] == scope)
        return self.ask("variables", variablesReference=reference)["variables"]

    def evaluate(self, expression: str, context: str = "watch") -> dict[str, Any]:
        return self.ask("evaluate", expression=expression, frameId=self.frame()["id"], context=context)

    def close(self) -> int:
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@pytest.fixture
def fresh() -> Iterator[Client]:
    """A debugger that nothing has been asked of."""
    client = Client()
    yield client
    assert client.close() == 0


@pytest.fixture(scope="module")
def process() -> Iterator[Client]:
    client = Client()
    yield client
    assert client.close() == 0


@pytest.fixture
def client(process: Client) -> Client:
    """One debugger for many sessions, one after the other: it starts in a second."""
    process.events.clear()
    return process


@pytest.fixture
def refusal() -> type[Refusal]:
    return Refusal


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program with its bars, in a folder of its own."""
    (tmp_path / "AAA.csv").write_text(prices(300, 0.0))
    (tmp_path / "BBB.csv").write_text(prices(280, 1.0))
    (tmp_path / "lingua.toml").write_text(
        '[symbols.AAA]\nfile = "AAA.csv"\ncalendar = "24x7"\n[symbols.BBB]\nfile = "BBB.csv"\ncalendar = "24x7"\n'
    )
    program = tmp_path / "swing.lingua"
    program.write_text(PROGRAM)
    return program


def prices(count: int, phase: float) -> str:
    """A wave of daily bars, from 2020 on."""
    rows = ["time,open,high,low,close,volume"]
    day = datetime.date(2020, 1, 1)
    for at in range(count):
        value = 100 + 20 * math.sin(at / 12 + phase) + at / 20
        rows.append(
            f"{day + datetime.timedelta(at)},{value:.2f},{value + 1:.2f},{value - 1:.2f},{value + 0.5:.2f},1000"
        )
    return "\n".join(rows) + "\n"


PROGRAM = """lingua 1
strategy Swing {
  trade AAA @ 1d
  param length = 5 in 2..9

  let fast = ema(close, length)
  let slow = ema(close, 15)
  let rising = fast > fast[1]
  indicator band = bbands(close, 20, 2)

  filter calm: band.upper - band.lower < 100
  rule enter: fast crosses above slow and
    rising => buy 50% with stop 10%
  rule leave: fast crosses below slow => sell
}
"""
