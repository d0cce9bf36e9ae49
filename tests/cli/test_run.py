"""`lingua run --replay`, and `--incremental` of backtest and values: the same decisions and files as the batch side."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.lingua"))
LINGUA = [sys.executable, "-m", "lingua.cli"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """The examples with their data, as the current folder."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    before = Path.cwd()
    os.chdir(tmp_path / "examples")
    yield tmp_path / "examples"
    os.chdir(before)


def decisions(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_bar_by_bar_writes_the_same_bytes(lingua: Any, place: Path, tmp_path: Path, example: Path) -> None:
    span = ["--to", "2024-01-20" if "USDT" in example.read_text() else "2003-01-01"]
    written = []
    for name, more in (("batch", []), ("bars", ["--incremental"])):
        folder = tmp_path / name
        folder.mkdir()
        files = ["--trades", folder / "trades.csv", "--equity", folder / "equity.csv"]
        told = lingua("backtest", example.name, *span, *more, "--json", *files)
        assert told.code == 0, told.err
        facts = json.loads(told.out)
        assert facts.pop("elapsed_s") > 0
        values = lingua("values", example.name, *span, *more, "-o", folder / "values.csv")
        assert values.code == 0, values.err
        written.append({**{path.name: path.read_bytes() for path in folder.iterdir()}, "json": json.dumps(facts)})
    assert written[0] == written[1]


def test_decisions_are_those_of_the_backtest(lingua: Any, place: Path) -> None:
    told = decisions(lingua("run", "ema_cloud.lingua", "--replay").out)
    lingua("backtest", "ema_cloud.lingua", "--trades", "trades.csv", "-q")
    with (place / "trades.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["exit_time"]]
    closed = [trade for each in told for trade in each["trades"]]
    assert [(t["entry_time"], t["exit_time"], repr(t["pnl"])) for t in closed] == [
        (row["entry_time"], row["exit_time"], row["pnl"]) for row in rows
    ]
    assert len(closed) > 50
    assert {key for each in told for key in each} == {
        "schema", "time", "instant", "symbols", "ready", "fired", "orders", "ended", "blocked", "fills", "trades",
        "signals", "alerts", "positions", "protections", "equity", "cash", "halted", "ruined", "late",
    }  # fmt: skip


def test_every_bar_is_told_when_asked_for(lingua: Any, place: Path) -> None:
    some = decisions(lingua("run", "rsi_gradient.lingua", "--replay", "--to", "2024-01-05").out)
    every = decisions(lingua("run", "rsi_gradient.lingua", "--replay", "--to", "2024-01-05", "--every-bar").out)
    assert [each["instant"] for each in every] == list(range(len(every)))
    kept = {each["instant"] for each in some}
    assert [each for each in every if each["instant"] in kept] == some
    assert len(some) < len(every)


def test_costs_and_parameters_are_those_given(lingua: Any, place: Path) -> None:
    words = ["ema_cloud.lingua", "--set", "fast=5", "--capital", "5000", "--commission", "0.1%", "--to", "2003-01-01"]
    told = decisions(lingua("run", *words, "--replay").out)
    facts = json.loads(lingua("backtest", *words, "--json").out)
    assert told[0]["equity"] == 5000.0
    assert sum(len(each["fills"]) for each in told) > 0
    assert sum(fill["commission"] for each in told for fill in each["fills"]) == pytest.approx(
        facts["costs"]["commission"]
    )


def test_a_stopped_replay_goes_on(lingua: Any, place: Path) -> None:
    whole = lingua("run", "ema_cloud.lingua", "--replay", "--to", "2006-01-01").out
    first = lingua("run", "ema_cloud.lingua", "--replay", "--to", "2003-05-05", "--snapshot", "stop.json")
    assert first.code == 0
    assert "snapshot: stop.json" in first.err
    rest = lingua("run", "ema_cloud.lingua", "--replay", "--to", "2006-01-01", "--resume", "stop.json")
    assert first.out + rest.out == whole
    assert first.out
    assert rest.out


def test_a_snapshot_that_does_not_belong_is_refused(lingua: Any, place: Path) -> None:
    words = ["run", "ema_cloud.lingua", "--replay", "--to", "2003-05-05"]
    assert lingua(*words, "--snapshot", "stop.json", "-q").err == ""
    for more, why in (
        (["--set", "fast=5"], "another version of the strategy or other parameter values"),
        (["--capital", "7"], "began with 100000.0, not with 7.0"),
        (["--commission", "1%"], "other costs"),
        (["--from", "2001-01-01"], "do not begin where"),
    ):
        told = lingua(*words, *more, "--resume", "stop.json")
        assert told.code == 2
        assert why in told.err
        assert "stop.json cannot be continued" in told.err
    (place / "text.json").write_text("no snapshot")
    assert "is not a snapshot" in lingua(*words, "--resume", "text.json").err
    assert "cannot be read" in lingua(*words, "--resume", "nothing.json").err
    assert "cannot be written" in lingua(*words, "--snapshot", "no/such/folder.json").err


def test_bars_have_to_be_asked_for(lingua: Any, place: Path) -> None:
    told = lingua("run", "ema_cloud.lingua")
    assert told.code == 2
    assert "`--replay FILE`" in told.err
    assert lingua("run", "ema_cloud.lingua", "--replay", "nothing.csv").code == 3


def test_control_c_stops_between_two_bars(place: Path) -> None:
    words = [*LINGUA, "run", "mtf_momentum.lingua", "--replay", "--every-bar", "--snapshot", "stop.json"]
    whole = subprocess.run(
        [*LINGUA, "run", "mtf_momentum.lingua", "--replay", "--every-bar"], capture_output=True, text=True
    )
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    head = [running.stdout.readline() for _ in range(40)]
    running.send_signal(signal.SIGINT)
    rest, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    first = "".join(head) + rest
    assert whole.stdout.startswith(first)
    assert len(first) < len(whole.stdout)
    going_on = subprocess.run([*words, "--resume", "stop.json"], capture_output=True, text=True, check=True)
    assert first + going_on.stdout == whole.stdout


def test_a_reader_that_leaves_ends_it_quietly(place: Path) -> None:
    command = f"{' '.join(LINGUA)} run mtf_momentum.lingua --replay --every-bar | head -n 3"
    told = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert len(told.stdout.splitlines()) == 3
    assert told.stderr == ""


def test_a_line_is_out_before_the_next_bar(place: Path) -> None:
    running = subprocess.Popen(
        [*LINGUA, "run", "mtf_momentum.lingua", "--replay", "--every-bar"], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert json.loads(running.stdout.readline())["instant"] == 0
    assert running.poll() is None
    running.kill()
    running.communicate()


def test_a_terminal_gets_sentences(place: Path) -> None:
    ours, theirs = pty.openpty()
    words = [*LINGUA, "run", "ema_cloud.lingua", "--replay", "--to", "2000-12-01"]
    running = subprocess.Popen(words, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    shown = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        shown += piece
    running.communicate()
    text = shown.decode()
    assert "AAPL: order 1 buy" in text
    assert "AAPL: bought" in text
    assert "{" not in text
