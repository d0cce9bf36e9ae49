"""A real Neovim in headless mode. Skipped where there is none of 0.10 or newer (`LINGUA_NVIM` names another one)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NEOVIM = os.environ.get("LINGUA_NVIM") or shutil.which("nvim")
PROGRAM = """strategy S {
  trade AAPL @ 1d
  let   fast = ema(close, 20)
  rule go: fast > close[-1] => buy 10% with stop 2%
}
"""


def version() -> tuple[int, int]:
    if not NEOVIM:
        return (0, 0)
    told = subprocess.run([NEOVIM, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"NVIM v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@pytest.mark.skipif(version() < (0, 10), reason="needs Neovim 0.10 or newer")
def test_neovim_shows_mends_renames_and_lays_out(tmp_path: Path) -> None:
    program, out = tmp_path / "go.lingua", tmp_path / "found.txt"
    program.write_text(PROGRAM)
    script = Path(__file__).with_name("neovim.lua")
    drive = (
        f"lua local ok, e = xpcall(dofile, debug.traceback, [[{script}]]); "
        "if not ok then io.stderr:write(e .. '\\n'); vim.cmd('cq') end"
    )
    environment = {
        **os.environ, "LINGUA_PYTHON": sys.executable, "LINGUA_FILE": str(program), "LINGUA_OUT": str(out),
        "XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path),
    }  # fmt: skip
    assert NEOVIM is not None
    done = subprocess.run(
        [NEOVIM, "--clean", "--headless", "-c", drive], env=environment, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split(": ", 1) for line in out.read_text().splitlines())
    assert found["diagnostic"] == "L0301"
    assert found["token"] == "function"
    assert found["hint"] == ": price"
    assert found["lens"] == "▶ backtest"
    assert "close[1]" in found["mended"]
    assert found["formatted"] == "  let quick = ema(close, 20)"
    assert "quick" in found["hover"]
