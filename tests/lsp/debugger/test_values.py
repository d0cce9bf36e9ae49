"""What the debugger shows is what `lingua values` writes, to the last digit, at every bar and for every expression."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def values_of(program: Path, folder: Path) -> list[dict[str, str]]:
    out = folder / "values.csv"
    command = [sys.executable, "-m", "lingua.cli", "values", str(program), "-o", str(out), "-q"]
    subprocess.run(command, check=True)
    with out.open() as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", ["rsi_gradient", "squeeze", "pairs"])
def test_every_series_is_shown_as_lingua_values_writes_it(client, name: str, tmp_path: Path) -> None:
    program = EXAMPLES / f"{name}.lingua"
    rows = values_of(program, tmp_path)
    client.start(program)
    client.wait("stopped")
    symbol = client.frame()["name"].split(" · ")[0]
    rows = [row for row in rows if row.get("symbol", symbol) == symbol]
    rng = random.Random(7)
    for bar in [0, len(rows) - 1, *(rng.randrange(len(rows)) for _ in range(8))]:
        client.evaluate(f"goto {bar}", "repl")
        client.wait("stopped")
        row = {key: value for key, value in rows[bar].items() if key not in ("time", "symbol")}
        assert client.scope("Series") == {key: value or "na" for key, value in row.items()}
        assert client.scope("Bar")["time"] == rows[bar]["time"]


def test_an_expression_has_the_value_it_would_have_in_the_program(client, project: Path, tmp_path: Path) -> None:
    asked = {
        "a": "fast - slow", "b": "rising and close > open", "c": "highest(high, 9)[2]", "d": "position * 2",
        "e": "ema(close, 3)@3d", "f": "if position > 0 then equity else na", "g": "length + 1",
        "h": "fast > slow // a comment",
    }  # fmt: skip
    text = project.read_text()
    lets = "".join(f"  let {name} = {expression}\n" for name, expression in asked.items())
    (project.parent / "more.lingua").write_text(text.rstrip().removesuffix("}") + lets + "}\n")
    rows = values_of(project.parent / "more.lingua", tmp_path)
    client.start(project)
    client.wait("stopped")
    for bar in (0, 3, 30, 77, 150, 299):
        client.evaluate(f"goto {bar}", "repl")
        client.wait("stopped")
        for name, expression in asked.items():
            assert client.evaluate(expression)["result"] == (rows[bar][name] or "na"), (bar, expression)


def test_earlier_bars_of_a_series_are_its_parts(client, project: Path, tmp_path: Path) -> None:
    rows = values_of(project, tmp_path)
    client.start(project)
    client.wait("stopped")
    client.evaluate("goto 90", "repl")
    client.wait("stopped")
    (fast,) = [each for each in client.variables("Series") if each["name"] == "fast"]
    assert fast["indexedVariables"] == 91
    history = client.ask("variables", variablesReference=fast["variablesReference"], filter="indexed", start=5, count=3)
    shown = [(each["name"], each["value"]) for each in history["variables"]]
    assert shown == [(f"[{back}]", rows[90 - back]["fast"]) for back in (5, 6, 7)]


def test_the_account_is_that_of_the_equity_file(client, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "equity.csv"
    command = [sys.executable, "-m", "lingua.cli", "backtest", str(project), "--equity", str(out), "-q"]
    subprocess.run(command, check=True)
    rows = list(csv.DictReader(out.open()))
    client.start(project)
    client.wait("stopped")
    for bar in (40, 80, 120, 299):
        client.evaluate(f"goto {bar}", "repl")
        client.wait("stopped")
        shown = client.scope("Account")
        assert {name: shown[name] for name in ("position", "equity", "cash")} == {
            name: rows[bar][name] for name in ("position", "equity", "cash")
        }
        assert client.evaluate("position")["result"] == rows[bar]["position"]


def test_what_is_no_expression_is_refused_in_words(client, project: Path, refusal) -> None:
    client.start(project)
    client.wait("stopped")
    for text, why in (
        ("nobody + 1", "nobody"), ("", "write an expression"), ("1) let x = (2", "more than one"), ("buy", "buy"),
        ("close +", "no whole expression"), ("x" * 5000, "write an expression"), ("close[-1]", "has not closed"),
        ("bbands(close, 20, 2)", "several values"),
    ):  # fmt: skip
        with pytest.raises(refusal, match=why):
            client.evaluate(text)
    assert client.evaluate("band")["result"].startswith("upper ")
