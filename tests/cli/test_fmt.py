"""`lingua fmt`."""

import io
import sys
from pathlib import Path

import pytest

from lingua.cli import exits

UGLY = "strategy S{rule up:close>open =>buy 10 with stop 5% // now\n}"
NEAT = "strategy S {\n  rule up: close > open => buy 10 with stop 5%  // now\n}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("s.lingua")
    path.write_text(UGLY)
    return path


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put `data` on the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_laid_out_in_place(lingua, file: Path) -> None:
    assert lingua("fmt", file).code == 0
    assert file.read_text() == NEAT
    assert lingua("fmt", file).err == ""


def test_check_changes_nothing_and_tells(lingua, file: Path) -> None:
    done = lingua("fmt", "--check", file)
    assert (done.code, done.err) == (exits.WRONG, "would change: s.lingua\n")
    assert file.read_text() == UGLY


def test_check_of_a_neat_file_is_fine(lingua, file: Path) -> None:
    file.write_text(NEAT)
    assert lingua("fmt", "--check", file).code == 0


def test_diff_shows_what_would_change(lingua, file: Path) -> None:
    done = lingua("fmt", "--diff", file)
    assert done.code == 0
    assert f"+{NEAT.splitlines()[1]}" in done.out
    assert file.read_text() == UGLY


def test_standard_input_goes_to_standard_output(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, UGLY.encode())
    assert lingua("fmt", "-").out == NEAT
    typed(monkeypatch, UGLY.encode())
    done = lingua("fmt", "-", "--check")
    assert (done.code, done.out) == (exits.WRONG, "")


def test_windows_line_ends_stay(lingua, file: Path) -> None:
    file.write_bytes(UGLY.encode().replace(b"\n", b"\r\n"))
    lingua("fmt", file)
    assert file.read_bytes() == NEAT.encode().replace(b"\n", b"\r\n")
    before = file.stat().st_mtime_ns
    lingua("fmt", file)
    assert file.stat().st_mtime_ns == before


def test_a_file_that_does_not_parse_is_left_alone(lingua, file: Path) -> None:
    file.write_text("strategy S { rule }")
    done = lingua("fmt", file)
    assert done.code == exits.WRONG
    assert "error[L01" in done.err
    assert file.read_text() == "strategy S { rule }"


def test_other_files_are_still_laid_out(lingua, file: Path) -> None:
    Path("bad.lingua").write_text("strategy {")
    assert lingua("fmt", "bad.lingua", file).code == exits.WRONG
    assert file.read_text() == NEAT


def test_bytes_that_are_no_text_are_a_problem_like_any_other(lingua, file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    done = lingua("fmt", file)
    assert done.code == exits.WRONG
    assert "L0192" in done.err


@pytest.mark.parametrize("name", ["missing.lingua", "."])
def test_what_is_no_file_is_a_usage_error(lingua, file: Path, name: str) -> None:
    assert lingua("fmt", name).code == exits.USAGE


def test_a_mistyped_file_name_is_guessed(lingua, file: Path) -> None:
    assert "did you mean s.lingua?" in lingua("fmt", "ss.lingua").err
