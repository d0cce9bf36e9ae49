"""How long an editor waits: completion, diagnostics and token differences after a keystroke, over the size of the file.

    python tests/benchmarks/lsp_latency.py [--lines 100 300 1000 3000] [--rounds 60]

A real client on the server's own pipes. Each round types one character into a rule, waits for what it asks for, and
takes the character out again. Diagnostics count from the keystroke to the push of that version, debounce included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from queue import Queue
from typing import Any

TARGETS = {"completion": 50.0, "diagnostics": 100.0, "tokens delta": 50.0}
"""Milliseconds, 95th percentile, at 1,000 lines."""


class Client:
    """A minimal client over pipes; answers by id, notifications in order."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "lingua.cli", "lsp", "--stdio"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers: Queue[dict[str, Any]] = Queue()
        self.diagnostics: Queue[tuple[int, float, int]] = Queue()
        self._id = 0
        threading.Thread(target=self._read, daemon=True).start()
        tokens = {
            "requests": {"full": {"delta": True}},
            "tokenTypes": [],
            "tokenModifiers": [],
            "formats": ["relative"],
        }
        abilities = {"textDocument": {"semanticTokens": tokens, "publishDiagnostics": {"versionSupport": True}}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": abilities})
        self.tell("initialized", {})

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = int(line.split(b":")[1])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                self.diagnostics.put((params["version"], time.perf_counter(), len(params["diagnostics"])))
            elif "id" in message and "method" not in message:
                self.answers.put(message)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        answer = self.answers.get(timeout=60)
        assert answer["id"] == self._id, answer
        assert "error" not in answer, answer
        return answer["result"]

    def close(self) -> None:
        self.ask("shutdown", None)
        self.tell("exit", {})
        self.process.wait(10)


def program(lines: int) -> str:
    """A strategy of about so many lines, an item on each."""
    found = ["lingua 1", "strategy Big {", "  trade BTCUSDT @ 1h"]
    at = 0
    while len(found) < lines - 1:
        found += [
            f"  param p{at} = {10 + at % 20} in 5..40",
            f"  indicator a{at} = ema(close, p{at})",
            f"  let b{at} = a{at} - sma(close, {20 + at % 50}) * 0.5",
            f"  rule r{at}: a{at} crosses above sma(close, {5 + at % 30}) and b{at} > 0 => buy 1% with stop 2%",
        ]
        at += 1
    return "\n".join([*found[: lines - 1], "}"]) + "\n"


def keystrokes(client: Client, uri: str, line: int, column: int, rounds: int) -> Iterator[int]:
    """Type a character and take it out, alternately; the version after each."""
    for version in range(2, rounds + 2):
        is_typed = version % 2 == 0
        end = column if is_typed else column + 1
        change = {
            "range": {"start": {"line": line, "character": column}, "end": {"line": line, "character": end}},
            "text": "1" if is_typed else "",
        }
        client.tell(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        )
        yield version


def measure(lines: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round, by what was waited for."""
    text = program(lines)
    rows = text.split("\n")
    line = next(at for at in range(len(rows) // 2, len(rows)) if rows[at].startswith("  let"))
    column = len(rows[line]) - 3
    document = {"uri": "file:///bench/big.lingua"}
    found: dict[str, list[float]] = {name: [] for name in TARGETS}
    client = Client()
    item = {**document, "languageId": "lingua", "version": 1, "text": text}
    client.tell("textDocument/didOpen", {"textDocument": item})
    client.diagnostics.get(timeout=60)
    mark = client.ask("textDocument/semanticTokens/full", {"textDocument": document})["resultId"]
    position = {"line": line, "character": len(rows[line])}
    client.ask("textDocument/completion", {"textDocument": document, "position": position})
    for version in keystrokes(client, document["uri"], line, column, rounds):
        began = time.perf_counter()
        kind = version % 3
        if kind == 0:
            place = {"line": line, "character": column}
            client.ask("textDocument/completion", {"textDocument": document, "position": place})
            found["completion"].append(1e3 * (time.perf_counter() - began))
        elif kind == 1:
            asked = {"textDocument": document, "previousResultId": mark}
            mark = client.ask("textDocument/semanticTokens/full/delta", asked)["resultId"]
            found["tokens delta"].append(1e3 * (time.perf_counter() - began))
        while True:
            told, at, _ = client.diagnostics.get(timeout=60)
            if told == version:
                if kind == 2:
                    found["diagnostics"].append(1e3 * (at - began))
                break
        # Typing has pauses: the whole check beside the server goes on meanwhile, as it does for a person.
        time.sleep(0.05)
    client.close()
    return found


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 300, 1000, 3000])
    parser.add_argument("--rounds", type=int, default=90)
    options = parser.parse_args()
    print(f"{'lines':>6}  " + "  ".join(f"{name + ' p50 / p95 ms':>28}" for name in TARGETS))
    for lines in options.lines:
        found = measure(lines, options.rounds)
        cells = [f"{percentile(each, 0.5):10.1f} / {percentile(each, 0.95):6.1f}" for each in found.values()]
        print(f"{lines:>6}  " + "  ".join(f"{cell:>28}" for cell in cells))


if __name__ == "__main__":
    main()
