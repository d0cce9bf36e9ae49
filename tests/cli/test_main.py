"""What is common to all commands: help, exit codes, failures."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lingua.cli import exits
from lingua.cli import main as main_module
from lingua.cli.main import COMMANDS, MODULES


def test_help_names_every_command(lingua) -> None:
    done = lingua("--help")
    assert done.code == 0
    assert all(f"  {name} " in done.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(lingua, name: str) -> None:
    done = lingua(name, "--help")
    assert done.code == 0
    assert f"usage: lingua {name}" in done.out


def test_no_command_is_a_usage_error(lingua) -> None:
    assert lingua().code == exits.USAGE


def test_a_mistyped_command_is_guessed(lingua) -> None:
    done = lingua("backtset")
    assert done.code == exits.USAGE
    assert "did you mean `lingua backtest`?" in done.err


def test_a_file_without_a_command_is_guessed(lingua) -> None:
    assert "did you mean `lingua backtest a.lingua`?" in lingua("a.lingua").err


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_a_usage_error(lingua, name: str) -> None:
    done = lingua(name, "x", "--no-such-option")
    assert done.code == exits.USAGE
    assert done.err.startswith("lingua: ")
    assert "Traceback" not in done.err


def test_a_fault_of_ours_is_short_and_has_its_own_code(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINGUA_DEBUG", raising=False)
    monkeypatch.setattr(main_module, "dispatch", lambda words: 1 // 0)
    done = lingua("check")
    assert done.code == exits.INTERNAL
    assert "internal error: ZeroDivisionError" in done.err
    assert "Traceback" not in done.err
    assert "LINGUA_DEBUG" in done.err


def test_debug_shows_where_it_happened(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGUA_DEBUG", "1")
    monkeypatch.setattr(main_module, "dispatch", lambda words: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        lingua("check")


def test_an_interrupt_ends_quietly(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(main_module, "dispatch", interrupted)
    done = lingua("check")
    assert done.code == exits.INTERRUPTED
    assert done.err == "interrupted\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    program = "from lingua.cli.main import main; raise SystemExit(main(['doc']))"
    command = f'"{sys.executable}" -c "{program}" | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "0\n"
    assert done.stderr == ""


def test_a_terminal_without_unicode_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lingua.cli", "doc", "x" + "\N{GREEK SMALL LETTER ALPHA}"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == exits.USAGE
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_command_modules_have_what_the_dispatcher_calls(name: str) -> None:
    module = importlib.import_module(f"lingua.cli.commands.{MODULES.get(name, name)}")
    assert module.__doc__ or name in MODULES
    assert callable(module.add_arguments)
    assert callable(module.run)


def loaded_by(*words: str) -> set[str]:
    """Top-level modules in memory after a command."""
    code = f"import sys; from lingua.cli.main import main; main({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


EXAMPLES = sorted(str(path) for path in (Path(__file__).parents[2] / "examples").glob("*.lingua"))
LIBRARIES = {"numpy", "lark", "rich", "typer", "polars", "pandas", "pyarrow", "talib", "pydantic", "matplotlib"}
SLOW = {"dataclasses", "inspect", "hashlib", "shutil", "ctypes", "pickle"}
"""Of Python's own library, what a short command need not wait for."""


def test_help_loads_nothing_heavy() -> None:
    assert not loaded_by("--help") & (LIBRARIES | SLOW | {"json", "pathlib"})


def test_check_loads_no_library_and_little_of_python() -> None:
    assert len(EXAMPLES) >= 8
    assert not loaded_by("check", *EXAMPLES) & (LIBRARIES | SLOW)


def test_a_backtest_loads_only_the_libraries_it_needs() -> None:
    loaded = loaded_by("backtest", EXAMPLES[0])
    assert not loaded & (LIBRARIES - {"numpy"})
