"""Where the debugger stops: on rules, conditions and orders, forward and back."""

from __future__ import annotations

from pathlib import Path

import lingua

END = "the last bar"


def line(program: Path, text: str) -> int:
    return next(at for at, each in enumerate(program.read_text().splitlines(), 1) if text in each)


def result_of(program: Path):
    return lingua.compile(program).backtest()


def stops(client, command: str = "continue") -> list[int]:
    """Bars of every stop from here to the end (the beginning)."""
    found = []
    while True:
        stop = client.go(command)
        if stop.get("text") in (END, "the first bar"):
            return found
        found.append(client.bar())


def test_a_rule_stops_on_exactly_the_bars_on_which_it_fired(client, project: Path) -> None:
    fired = result_of(project).ledger.fired
    for rule in ("enter", "leave"):
        assert len(fired[rule]) > 3
    at = line(project, "rule enter")
    (told,) = client.start(project, [{"line": at}], stopOnEntry=False)
    assert told["verified"]
    assert f"{len(fired['enter'])} times" in told["message"]
    client.wait("stopped")
    assert client.frame()["line"] == at
    assert [client.bar(), *stops(client)] == fired["enter"]
    assert stops(client, "reverseContinue") == fired["enter"][::-1]


def test_a_line_inside_a_rule_is_the_rule(client, project: Path) -> None:
    at = line(project, "rule enter")
    (told,) = client.start(project, [{"line": at + 1}])
    assert told["line"] == at


def test_conditions_stop_where_they_are_true_whatever_the_line(client, project: Path) -> None:
    result = result_of(project)
    fast, slow = result.series[0]["fast"], result.series[0]["slow"]
    wanted = [bar for bar in range(300) if fast[bar] > slow[bar] + 4]
    assert len(wanted) > 5
    lines = [{"line": line(project, "rule leave"), "condition": "fast > slow + 4"}]
    client.start(project, lines, stopOnEntry=False)
    client.wait("stopped")
    assert [client.bar(), *stops(client)] == wanted
    client.breakpoints(project, [{"line": line(project, "let fast"), "condition": "bar == 120"}])
    assert stops(client, "reverseContinue") == [120]
    assert stops(client) == [120]


def test_several_breakpoints_of_one_bar_stop_in_the_order_of_the_lines(client, project: Path) -> None:
    first, second = line(project, "let fast"), line(project, "rule leave")
    lines = [{"line": at, "condition": "bar == 50 or bar == 51"} for at in (second, first)]
    client.start(project, lines, stopOnEntry=False)
    seen = []
    client.wait("stopped")
    for _ in range(4):
        seen.append((client.bar(), client.frame()["line"]))
        last = client.go("continue")
    assert last["text"] == END
    assert seen == [(50, first), (50, second), (51, first), (51, second)]


def test_hit_counts_and_log_messages(client, project: Path) -> None:
    at = line(project, "let fast")
    lines = [{"line": at, "condition": "bar >= 100", "hitCondition": "3"}]
    client.start(project, lines, stopOnEntry=False)
    client.wait("stopped")
    assert client.bar() == 102
    log = {"line": at, "condition": "bar == 110 or bar == 112", "logMessage": "fast is {fast}, twice {fast * 2}"}
    (told, wrong) = client.breakpoints(project, [log, {"line": at, "hitCondition": "many"}])
    assert told["verified"]
    assert not wrong["verified"]
    assert "no count" in wrong["message"]
    client.ask("continue", threadId=1)
    said = [client.wait("output")["output"] for _ in range(2)]
    fast = result_of(project).series[0]["fast"]
    assert f"bar 110 · 2020-04-21: fast is {float(fast[110])!r}, twice {float(fast[110] * 2)!r}" in said[0]
    assert "bar 112" in said[1]


def test_orders_stop_the_run_when_asked(client, project: Path) -> None:
    result = result_of(project)
    client.start(project, events=["fills"], stopOnEntry=False)
    stop = client.wait("stopped")
    assert stop["reason"] == "data breakpoint"
    assert "filled" in stop["text"]
    seen = [client.bar(), *stops(client)]
    assert seen == sorted({fill.bar for fill in result.ledger.fills})


def test_steps_are_a_bar_a_line_and_an_order(client, project: Path) -> None:
    client.start(project)
    assert client.wait("stopped")["reason"] == "entry"
    entry = client.bar()
    assert entry == result_of(project).ready[0]
    client.go("next")
    assert client.bar() == entry + 1
    client.go("stepBack")
    client.go("stepBack")
    assert client.bar() == entry - 1
    first = client.frame()["line"]
    client.go("stepIn")
    assert client.bar() == entry - 1
    assert client.frame()["line"] > first
    client.go("stepIn")
    assert (client.bar(), client.frame()["line"]) == (entry, line(project, "let fast"))
    stop = client.go("stepOut")
    assert "enter" in stop["text"] or "leave" in stop["text"]
    assert client.scope("Orders")


def test_the_run_ends_at_the_last_bar_and_stays_there_once(client, project: Path) -> None:
    client.start(project, stopOnEntry=False)
    assert client.wait("stopped")["text"] == END
    assert client.bar() == 299
    client.ask("continue", threadId=1)
    client.wait("terminated")


def test_rules_tell_what_they_compared(client, project: Path) -> None:
    client.start(project, [{"line": line(project, "rule enter")}], stopOnEntry=False)
    client.wait("stopped")
    assert client.scope("Rules")["enter"] == "fired"
    rule = client.evaluate("enter")
    parts = client.ask("variables", variablesReference=rule["variablesReference"])["variables"]
    assert parts[0]["name"] == "fast crosses above slow"
    assert parts[0]["value"].startswith("✓")
    assert any(each["name"] == "order" for each in parts)


def test_two_symbols_are_gone_through_instant_by_instant(client, project: Path) -> None:
    project.write_text(project.read_text().replace("trade AAA @ 1d", "trade AAA, BBB @ 1d"))
    result = result_of(project)
    client.start(project, [{"line": line(project, "rule enter")}], stopOnEntry=False)
    client.wait("stopped")
    frames = client.ask("stackTrace", threadId=1)["stackFrames"]
    assert {each["name"].split(" · ")[0] for each in frames} == {"AAA", "BBB"}
    seen = []
    while True:
        seen.append(client.frame()["name"].split(" · ")[:2])
        if client.go("continue").get("text") == END:
            break
    sent = {
        (event.symbol, event.bar)
        for event in result.ledger.events
        if event.kind == "submitted" and event.rule == "enter"
    }
    assert {(("AAA", "BBB").index(name), int(bar.removeprefix("bar "))) for name, bar in seen} >= sent
    assert {name for name, _ in seen} == {"AAA", "BBB"}


def test_the_chart_is_told_of_every_stop(client, project: Path) -> None:
    client.start(project)
    found = client.wait("lingua/bar")
    assert (found["program"], found["symbol"]) == (str(project), 0)
    assert found["bar"] == client.bar()
