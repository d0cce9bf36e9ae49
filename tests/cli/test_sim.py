"""The command `lingua sim`, as somebody at a terminal uses it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("aiohttp", reason="the extra `live` is not installed")

from lingua.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
PRICES = ROOT / "examples" / "data" / "BTCUSDT_5m.csv"


def test_it_serves_until_its_time_is_over_and_says_what_happened() -> None:
    command = [
        sys.executable,
        "-m",
        "lingua.cli",
        "sim",
        "binance",
        "--data",
        str(PRICES),
        "--port",
        "0",
        "--for",
        "20",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        with urllib.request.urlopen(f"{found[0]}/api/v3/exchangeInfo", timeout=20) as answer:
            assert json.load(answer)["symbols"][0]["symbol"] == "BTCUSDT"
        process.terminate()
        assert process.stderr is not None
        rest, errors = process.stdout.read(), process.stderr.read()
        process.wait(20)
    assert process.returncode == 0, errors
    assert "1,000 bars of 5m known, 19,160 to come; tick 0.01, lot 0.00001" in rest
    assert "0 orders, 0 fills" in rest
    assert errors == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--data", "nothing.csv"], 3, "there is no such file or folder"),
        (["--data", str(PRICES), "--speed", "fast"], 2, "`fast` is not a number"),
        (["--data", str(PRICES), "--maker", "200%"], 2, "`200%` is not a share"),
        (["--data", str(PRICES), "--balance", "lots"], 2, "write USDT=10000"),
        (["--data", str(PRICES), "--account", "me:key"], 2, "write NAME:KEY:SECRET"),
        (["--data", str(PRICES), "--account", "me:key2:s:USDT=1"], 2, "two accounts have one name"),
        (["--data", str(PRICES), "--faults", "nothing.toml"], 2, "cannot be read"),
        (["--data", str(PRICES), "--host", "203.0.113.1"], 2, "cannot be listened on"),
        (["--data", str(ROOT / "examples" / "lingua.toml"), "--symbol", "NOPEUSDT"], 3, "NOPEUSDT"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_said_in_words(
    words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "binance", "--port", "0", "--for", "0", *words]) == code
    said = capsys.readouterr().err
    assert told in said
    assert "help:" in said or code == 2


def test_a_script_of_faults_that_cannot_be_used_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\non = "POST /api/v3/order"\ndo = "explode"\n', "utf-8")
    assert main(["sim", "binance", "--data", str(PRICES), "--port", "0", "--for", "0", "--faults", str(script)]) == 2
    assert "cannot `explode`; known there are status, hang, reset" in capsys.readouterr().err
