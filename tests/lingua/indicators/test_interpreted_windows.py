"""Sums over windows have the same bits interpreted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lingua
from lingua.indicators.kernel import COMPILED

PACKAGE = Path(lingua.__file__).parent


def lines(folder: Path) -> list[str]:
    found = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("wild_windows.py"))],
        cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    return found.stdout.splitlines()


@pytest.mark.skipif(not COMPILED, reason="nothing is compiled: there is no other form to compare with")
def test_windows_have_the_same_bits_compiled_and_interpreted(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "lingua", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.c", "__pycache__"))
    compiled, interpreted = lines(PACKAGE.parent), lines(tmp_path)
    assert compiled[0] == "compiled"
    assert interpreted[0] == "interpreted"
    assert [(a, b) for a, b in zip(compiled[1:], interpreted[1:], strict=True) if a != b] == []


def test_columns_have_the_bits_of_their_rows() -> None:
    found = [line.split()[-2:] for line in lines(PACKAGE.parent)[1:]]
    assert len(found) > 100
    assert [pair for pair in found if pair[0] != pair[1]] == []
