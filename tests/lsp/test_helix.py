"""A real Helix in a terminal of its own. Skipped where there is none (`LINGUA_HELIX` names one off the path)."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HELIX = os.environ.get("LINGUA_HELIX") or shutil.which("hx")
PROGRAM = """strategy S {
  trade AAPL @ 1d
  let   fast = ema(close, 20)
  rule go: fast > close[-1] => buy 10% with stop 2%
}
"""
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "editor.md"
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>]|\][^\x07]*\x07)")


class Terminal:
    """A program on a pseudo-terminal; `seen` is what it has drawn, without what moves the cursor."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def wait(self, what: str, is_there: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < end, f"never: {what}\n{self.seen[-3000:]}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += ESCAPES.sub(" ", os.read(self.master, 65536).decode("utf-8", "replace"))

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self.master)


@pytest.mark.skipif(not HELIX or sys.platform == "win32", reason="needs Helix")
def test_helix_shows_mistakes_explains_and_lays_out(tmp_path: Path) -> None:
    languages, config = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(), re.DOTALL)[:2]
    settings = tmp_path / "helix"
    settings.mkdir()
    python = f'command = "{sys.executable}"\nargs = ["-m", "lingua.cli", "lsp"]'
    (settings / "languages.toml").write_text(languages.replace('command = "lingua"\nargs = ["lsp"]', python))
    (settings / "config.toml").write_text(config)
    program = tmp_path / "go.lingua"
    program.write_text(PROGRAM)
    environment = {
        **os.environ, "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "TERM": "xterm-256color",
    }  # fmt: skip
    assert HELIX is not None
    terminal = Terminal([HELIX, str(program)], environment)
    try:
        # Words are drawn one by one, with what moves the cursor between them.
        terminal.wait("the mistake", lambda: "●" in terminal.seen)
        terminal.type("4gg23l")
        terminal.wait("what is wrong", lambda: "closed" in terminal.seen)
        terminal.wait("the hint", lambda: "price" in terminal.seen)
        terminal.type("3gg15l k")
        terminal.wait("the explanation", lambda: "Exponential" in terminal.seen)
        terminal.type("\x1b")
        time.sleep(0.5)  # what follows at once would be a key with Alt
        terminal.type("4gg23l a")
        terminal.wait("the mend", lambda: "Write `close[1]`" in " ".join(terminal.seen.split()))
        terminal.type("\r")
        terminal.wait("the mended text", lambda: "[+]" in terminal.seen)
        terminal.type(":format\r")
        time.sleep(1)
        terminal.type(":w\r")
        terminal.wait("the text on disk", lambda: "let fast = ema" in program.read_text())
        assert "close[1]" in program.read_text()
        terminal.type(":q!\r")
    finally:
        terminal.close()
