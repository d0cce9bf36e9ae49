"""Every code block of the README and the docs is tried, document by document, in a copy of the examples.

```lingua               compiles without errors
```lingua L0301         gives exactly that code
```sh                   runs, and ends with exit code 0
```sh exit=1            ends with that exit code
```python               runs; blocks of one document share their names
```text output          is what the block before it printed; a line `…` stands for any lines
```text, ```json, …     is for reading
```sh install           sets up an environment: `.ci/run` tries it
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    # Most of the indicators' pages have no block; each document costs a copy of the examples.
    # The specification has its own test.
    *(
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if "```" in path.read_text("utf-8") and path.parent.name != "language"
    ),
]
READ_ONLY = {"text", "json", "csv", "toml", "yaml", "ebnf", "pine", ""}


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    words: tuple[str, ...]
    text: str


def blocks(document: Path) -> list[Block]:
    found: list[Block] = []
    fence = None
    for number, line in enumerate(document.read_text("utf-8").splitlines(), 1):
        if fence is None and (opening := re.match(r"^ *```(\w*) *(.*)$", line)):
            fence = Block(number, opening[1], tuple(opening[2].split()), "")
        elif fence is not None and line.strip() == "```":
            found.append(fence)
            fence = None
        elif fence is not None:
            fence = Block(fence.line, fence.language, fence.words, fence.text + line + "\n")
    assert fence is None, f"{document}: the block of line {fence and fence.line} is not closed"
    return found


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Path]:
    """A folder with the examples in it, as the current one."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("lingua.toml",):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path)
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def environment() -> dict[str, str]:
    """The commands of the interpreter that runs the tests come first."""
    folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": folder + os.pathsep + os.environ["PATH"], "NO_COLOR": "1", "COLUMNS": "100"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_does_what_the_document_says(document: Path, workplace: Path) -> None:
    names: dict[str, object] = {"__name__": "document"}
    printed = ""
    for block in blocks(document):
        where = f"{document.relative_to(ROOT)}:{block.line}"
        if block.language == "lingua":
            check_program(block, where)
        elif block.language == "sh" and "install" not in block.words:
            printed = run_shell(block, where)
        elif block.language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(block.text, where, "exec"), names)
            printed = output.getvalue()
        elif block.language == "text" and "output" in block.words:
            assert matches(block.text, printed), f"{where}: expected\n{block.text}\nbut it printed\n{printed}"
        else:
            assert block.language in READ_ONLY | {"sh"}, f"{where}: no rule for a `{block.language}` block"


def check_program(block: Block, where: str) -> None:
    import lingua
    from lingua.diagnostics.diagnostic import Severity
    from lingua.diagnostics.render import render_all

    compiled = lingua.compile(block.text)
    if block.words:
        assert {problem.code.number for problem in compiled.problems} == set(block.words), where
    else:
        errors = [problem for problem in compiled.problems if problem.severity is Severity.ERROR]
        assert not errors, f"{where}:\n{render_all(errors)}"


def run_shell(block: Block, where: str) -> str:
    wanted = next((int(word.removeprefix("exit=")) for word in block.words if word.startswith("exit=")), 0)
    done = subprocess.run(
        ["bash", "-ec", block.text], env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == wanted, f"{where}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def matches(pattern: str, text: str) -> bool:
    """Whether `text` is `pattern`, where a line `…` stands for any lines and `…` in a line for any characters."""
    lines = []
    for line in pattern.rstrip("\n").split("\n"):
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(part.rstrip()) for part in line.split("…")) + r" *\n")
    return re.fullmatch("".join(lines), text.rstrip("\n") + "\n") is not None


def test_the_output_pattern_can_tell_a_difference() -> None:
    assert matches("a\n…\nd\n", "a\nb\nc\nd\n")
    assert matches("took … s\n", "took 0.3 s\n")
    assert not matches("a\n…\nd\n", "a\nb\n")
    assert not matches("a\n", "b\n")


def test_documents_name_only_files_that_are_there() -> None:
    missing = []
    for document in DOCUMENTS:
        if not document.exists():
            missing.append(str(document.relative_to(ROOT)))
            continue
        text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
        for path in re.findall(r"`((?:docs|examples|tests|lingua|grammar)/[\w./*-]+)`", text):
            if "*" in path or path.startswith("lingua/…"):
                continue
            if not (ROOT / path).exists():
                missing.append(f"{document.relative_to(ROOT)}: {path}")
    assert not missing
