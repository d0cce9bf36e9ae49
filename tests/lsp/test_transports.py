"""Standard streams, TCP and WebSocket; several folders; what happens at the ends of a session."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "lingua.cli", "lsp"]
TEXT = "strategy S { rule a: close[-1] > open => buy 10% with stop 2% }\n"


def framed(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def session(folders: list[Path] | None = None) -> list[dict[str, Any]]:
    """From the greeting to the first text."""
    roots = [{"uri": each.as_uri(), "name": each.name} for each in folders or []]
    params = {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": roots}
    item = {"uri": "untitled:a.lingua", "languageId": "lingua", "version": 1, "text": TEXT}
    return [
        {"id": 1, "method": "initialize", "params": params},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
    ]


END: list[dict[str, Any]] = [{"id": 9, "method": "shutdown"}, {"method": "exit"}]


def read_message(stream: Any) -> dict[str, Any]:
    length = 0
    while line := stream.readline().strip():
        if line.lower().startswith(b"content-length"):
            length = int(line.split(b":")[1])
    return json.loads(stream.read(length))


def until(stream: Any, wanted: Any) -> dict[str, Any]:
    while True:
        message = read_message(stream)
        if wanted(message):
            return message


def codes(message: dict[str, Any]) -> list[str]:
    return [each["code"] for each in message["params"]["diagnostics"]]


def is_diagnostics(message: dict[str, Any]) -> bool:
    return message.get("method") == "textDocument/publishDiagnostics"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def connected(port: int) -> socket.socket:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except OSError:
            import time

            time.sleep(0.05)
    raise AssertionError("nobody listens")


def test_standard_streams_carry_messages_and_nothing_else() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"".join(map(framed, session())))
        process.stdin.flush()
        assert codes(until(process.stdout, is_diagnostics)) == ["L0301"]
        process.stdin.write(b"".join(map(framed, END)))
        process.stdin.flush()
        assert until(process.stdout, lambda message: message.get("id") == 9)["result"] is None
        assert process.wait(10) == 0


def test_a_client_that_leaves_ends_the_server() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"".join(map(framed, session())))
        process.stdin.flush()
        until(process.stdout, is_diagnostics)
        process.stdin.close()
        assert process.wait(10) == 1


def test_messages_that_are_no_json_do_not_end_the_server() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        greeting, *rest = session()
        process.stdin.write(framed(greeting) + b"Content-Length: 7\r\n\r\n{broken" + b"".join(map(framed, rest)))
        process.stdin.write(framed({"id": 4, "method": "no/suchMethod", "params": {}}))
        process.stdin.flush()
        assert codes(until(process.stdout, is_diagnostics)) == ["L0301"]
        process.stdin.write(b"".join(map(framed, END)))
        process.stdin.flush()
        assert process.wait(10) == 0


def test_tcp() -> None:
    port = free_port()
    with subprocess.Popen([*COMMAND, "--tcp", str(port)]) as process:
        with connected(port) as link, link.makefile("rwb") as stream:
            stream.write(b"".join(map(framed, session())))
            stream.flush()
            assert codes(until(stream, is_diagnostics)) == ["L0301"]
            stream.write(b"".join(map(framed, END)))
            stream.flush()
            assert until(stream, lambda message: message.get("id") == 9)["result"] is None
        process.wait(10)


def test_websocket_frames_are_text() -> None:
    from websockets.asyncio.client import connect

    port = free_port()

    async def talk() -> None:
        connected(port).close()
        async with connect(f"ws://127.0.0.1:{port}") as link:
            for message in session():
                await link.send(json.dumps({"jsonrpc": "2.0", **message}))
            while True:
                frame = await asyncio.wait_for(link.recv(), 20)
                assert isinstance(frame, str)
                message = json.loads(frame)
                if is_diagnostics(message):
                    assert codes(message) == ["L0301"]
                    return

    with subprocess.Popen([*COMMAND, "--ws", str(port)]) as process:
        asyncio.run(talk())
        process.wait(10)


def test_symbols_come_from_every_folder_and_follow_its_coming_and_going(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
        (folder / "a.lingua").write_text(f"strategy In_{folder.name} {{ rule r: close > open => buy }}\n")
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stdin = process.stdin
        assert stdin is not None
        stdin.write(b"".join(map(framed, session(folders[:2]))))

        def names(number: int) -> set[str]:
            stdin.write(framed({"id": number, "method": "workspace/symbol", "params": {"query": "In_"}}))
            stdin.flush()
            found = until(process.stdout, lambda message: message.get("id") == number)["result"]
            return {each["name"] for each in found}

        assert names(2) == {"In_one", "In_two"}
        event = {
            "added": [{"uri": folders[2].as_uri(), "name": "three"}],
            "removed": [{"uri": folders[0].as_uri(), "name": "one"}],
        }
        stdin.write(framed({"method": "workspace/didChangeWorkspaceFolders", "params": {"event": event}}))
        assert names(3) == {"In_two", "In_three"}
        asked = {"id": 5, "method": "workspace/diagnostic", "params": {"previousResultIds": []}}
        stdin.write(framed(asked))
        stdin.flush()
        report = until(process.stdout, lambda message: message.get("id") == 5)["result"]
        by_file = {each["uri"]: each["items"] for each in report["items"]}
        assert {uri.split("/")[-2] for uri in by_file if uri.startswith("file:")} == {"two", "three"}
        stdin.write(b"".join(map(framed, END)))
        stdin.flush()
        process.wait(10)


@pytest.mark.parametrize(("word", "told"), [("--tcp=99999", "is not a port"), ("--tcp=x", "is not a port")])
def test_a_wrong_port_is_said(word: str, told: str) -> None:
    done = subprocess.run([*COMMAND, word], capture_output=True, text=True)
    assert done.returncode == 2
    assert told in done.stderr


def test_without_the_extra_the_command_names_it(tmp_path: Path) -> None:
    (tmp_path / "pygls").mkdir()
    (tmp_path / "pygls" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n"
    )
    done = subprocess.run(COMMAND, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path), "PATH": ""})
    assert done.returncode == 2
    assert "lingua-trading[lsp]" in done.stderr
    assert "Traceback" not in done.stderr
