"""A strategy file is untrusted: any text gives diagnostics, soon and in little memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing import check, text
from hostile import MEMORY, texts

ROUNDS = 6
TEXTS = 350
HOSTILE = texts()
SECONDS = 2.0


@pytest.mark.parametrize("round", range(ROUNDS))
def test_no_text_brings_the_compiler_down(round: int) -> None:
    rng = random.Random(round)
    for _ in range(TEXTS):
        source = text(rng)
        try:
            check(source)
        except Exception as error:
            error.add_note(f"for the text {source!r}")
            raise


def weigh(path: Path) -> dict[str, float]:
    """What compiling a file costs: processor time, most memory, what was told."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hostile.py")), str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_little(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.lingua"
    content = HOSTILE[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = weigh(path)
    assert found["seconds"] < SECONDS
    assert found["peak"] < MEMORY
    assert found["told"] < 5_000_000


def test_a_ring_of_imports_is_told(tmp_path: Path) -> None:
    for i in range(50):
        (tmp_path / f"m{i}.lingua").write_text(f'import "m{(i + 1) % 50}.lingua" as next\nfn f{i}(x) = x\n')
    found = weigh(tmp_path / "m0.lingua")
    assert found["seconds"] < SECONDS
    assert found["problems"] >= 1


def test_imports_that_double_are_read_once(tmp_path: Path) -> None:
    for i in range(40):
        (tmp_path / f"m{i}.lingua").write_text(
            f'import "m{i + 1}.lingua" as a\nimport "m{i + 1}.lingua" as b\nfn f(x) = a.f(x) + b.f(x)\n'
        )
    (tmp_path / "m40.lingua").write_text("fn f(x) = x\n")
    (tmp_path / "top.lingua").write_text('import "m0.lingua" as m\nstrategy S {\n  rule r: m.f(close) > 1 => buy\n}\n')
    found = weigh(tmp_path / "top.lingua")
    assert found["seconds"] < SECONDS
    assert found["peak"] < MEMORY
