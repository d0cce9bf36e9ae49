"""Beginning, starting anew and ending; programs that cannot run; clients that speak nonsense."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_a_restart_reads_the_program_again_and_keeps_the_breakpoints(client, project: Path) -> None:
    text = project.read_text()
    at = text.splitlines().index("  rule leave: fast crosses below slow => sell") + 1
    client.start(project, [{"line": at}])
    client.wait("stopped")
    before = client.evaluate("slow")["result"]
    project.write_text(text.replace("ema(close, 15)", "ema(close, 16)"))
    client.ask("restart")
    changed = client.wait("breakpoint")["breakpoint"]
    assert (changed["line"], changed["verified"]) == (at, True)
    assert client.wait("stopped")["reason"] == "entry"
    assert client.evaluate("slow")["result"] != before
    client.go("continue")
    assert client.frame()["line"] == at


def test_a_run_without_debugging_tells_its_figures_and_ends(client, project: Path) -> None:
    client.start(project, noDebug=True)
    assert "Swing" in client.wait("output")["output"]
    client.wait("terminated")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("strategy S { trade AAA @ 1d rule a: closs > 1 => buy }", "has errors"),
        ("strategy S { trade NOBODY @ 1d rule a: close > 1 => buy }", "NOBODY"),
        ("strategy S { trade AAA @ 1d } strategy T { trade AAA @ 1d }", "S, T"),
        ("", "none"),
    ],
)
def test_a_program_that_cannot_run_is_refused_in_words(client, project: Path, refusal, text: str, why: str) -> None:
    project.write_text(text)
    client.ask("initialize", adapterID="lingua")
    with pytest.raises(refusal, match=why):
        client.ask("launch", program=str(project))
    # It may be mended and tried again.
    project.write_text("strategy S { trade AAA @ 1d rule a: close > 1 => buy }")
    client.ask("launch", program=str(project))


def test_wrong_requests_are_answered(fresh, project: Path, refusal) -> None:
    fresh.ask("initialize", adapterID="lingua")
    for command, arguments in (
        ("scopes", {"frameId": 1}), ("variables", {"variablesReference": 99}), ("stackTrace", {}), ("nonsense", {}),
        ("launch", {"program": "/no/such/file.lingua"}), ("launch", {}), ("evaluate", {"expression": "close"}),
        ("launch", {"program": str(project), "capital": -5}), ("launch", {"program": str(project), "start": "soon"}),
    ):  # fmt: skip
        with pytest.raises(refusal):
            fresh.ask(command, **arguments)
    assert fresh.ask("threads")["threads"]


def test_one_of_several_strategies_is_chosen_by_name(client, project: Path) -> None:
    project.write_text(project.read_text() + "strategy Other { trade BBB @ 1d rule a: close > 1 => buy }\n")
    client.start(project, strategy="Other")
    client.wait("stopped")
    assert client.frame()["name"].startswith("BBB")


def test_lines_may_be_counted_from_0(client, project: Path) -> None:
    client.ask("initialize", adapterID="lingua", linesStartAt1=False, columnsStartAt1=False)
    client.ask("launch", program=str(project))
    at = project.read_text().splitlines().index("  rule leave: fast crosses below slow => sell")
    (told,) = client.breakpoints(project, [{"line": at}])
    assert told["line"] == at
    client.ask("configurationDone")
    client.wait("stopped")
    client.go("continue")
    assert client.frame()["line"] == at


def test_breakpoints_of_another_file_wait_for_their_own_run(client, project: Path) -> None:
    client.start(project)
    (told,) = client.breakpoints(project.with_name("other.lingua"), [{"line": 3}])
    assert not told["verified"]


def test_a_program_of_the_original_sketch_is_gone_through_by_its_own_rules(client, project: Path) -> None:
    project.write_text(
        "strategy Seed {\n  indicator r = rsi(close, 14)\n"
        "  rule a: r < 30 => buy\n  rule b: r > 70 => close position / 2\n}\n"
    )
    told = client.start(project, [{"line": 3}, {"line": 4, "condition": "r > 70"}], symbol="AAA", timeframe="1d")
    assert all(each["verified"] for each in told), told


@pytest.mark.parametrize(
    "noise", [b"", b"hello\r\n\r\n", b"Content-Length: 5\r\n\r\nhello", b"Content-Length: 99\r\n\r\n{}", b"\0" * 64]
)
def test_a_client_that_speaks_nonsense_ends_the_session(noise: bytes) -> None:
    done = subprocess.run([sys.executable, "-m", "lingua.cli", "dap"], input=noise, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
