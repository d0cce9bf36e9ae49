"""A price file that is not there ends every command in the same way."""

import importlib
from pathlib import Path

import pytest

from lingua.cli import exits
from lingua.cli.main import COMMANDS, MODULES, Parser

PROGRAM = """
strategy Cross {
  trade PRICES @ 1h
  param n = 5 in 3..9
  rule up: close > sma(close, n) => buy 10% with stop 5%
  rule down: close < sma(close, n) => sell
  optimize { objective: sharpe; folds: walk_forward(train: 20d, test: 5d); trials: 2 }
}
"""

OVER_BARS = {
    "backtest": ("cross.lingua", "--data"),
    "compare": ("cross.lingua", "cross.lingua", "--data"),
    "explain": ("cross.lingua", "up", "--bar", "2024-01-02", "--data"),
    "next": ("cross.lingua", "--data"),
    "optimize": ("cross.lingua", "--data"),
    "run": ("cross.lingua", "--replay"),
    "stress": ("cross.lingua", "--data"),
    "values": ("cross.lingua", "-o", "values.csv", "--data"),
}
OF_FILES = {
    "check": ("data", "check"),
    "clean": ("data", "clean", "-o", "out.csv"),
    "convert": ("data", "convert", "-o", "out.csv"),
    "info": ("data", "info"),
    "resample": ("data", "resample", "-o", "out.csv"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cross.lingua").write_text(PROGRAM)
    Path("prices.csv").write_text("time,open,high,low,close\n")


def takes_bars(command: str) -> bool:
    module = importlib.import_module(f"lingua.cli.commands.{MODULES.get(command, command)}")
    parser = Parser(prog=command)
    module.add_arguments(parser)
    return any(action.dest == "data" for action in parser._actions)


def test_every_command_that_takes_bars_is_tried_here() -> None:
    assert {command for command in COMMANDS if takes_bars(command)} == {*OVER_BARS, "sim"}


@pytest.mark.parametrize("command", OVER_BARS)
@pytest.mark.parametrize("missing", ["price.csv", "price", "nowhere/prices.parquet"])
def test_a_program_without_its_bars_is_a_data_error(lingua, command: str, missing: str) -> None:
    done = lingua(command, *OVER_BARS[command], missing)
    assert done.code == exits.DATA, done.err
    assert "there is no such file" in done.err
    assert ("did you mean prices.csv?" in done.err) is (missing == "price.csv")


@pytest.mark.parametrize("action", OF_FILES)
@pytest.mark.parametrize("missing", ["price.csv", "price", "nowhere/prices.parquet"])
def test_a_file_to_look_at_that_is_not_there_is_a_data_error(lingua, action: str, missing: str) -> None:
    done = lingua(*OF_FILES[action][:2], missing, *(("1w",) if action == "resample" else ()), *OF_FILES[action][2:])
    assert done.code == exits.DATA, done.err
    assert "there is no such file" in done.err
    assert ("did you mean prices.csv?" in done.err) is (missing == "price.csv")


@pytest.mark.parametrize("command", OVER_BARS)
def test_a_folder_without_the_bars_is_a_data_error(lingua, command: str) -> None:
    Path("empty").mkdir()
    done = lingua(command, *OVER_BARS[command], "empty")
    assert done.code == exits.DATA, done.err
    assert "no file of PRICES" in done.err
