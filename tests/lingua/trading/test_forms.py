"""The step compiled and interpreted: the same files, the same bits."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lingua

PACKAGE = Path(lingua.__file__).parent
HERE = Path(__file__).parent
MODULES = [
    line
    for line in (PACKAGE / "trading" / "compiled.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
SEEDS = 250

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup
modules = sys.argv[1:]
flags = ["-O2", "-ffp-contract=off", "-w"]
extensions = [Extension(m[:-3].replace("/", "."), [m], extra_compile_args=flags) for m in modules]
made = cythonize(extensions, nthreads=2, quiet=True, compiler_directives={"language_level": 3})
setup(name="step", ext_modules=made, script_args=["-q", "build_ext", "--inplace", "-j2"])
"""


def copy_of(folder: Path) -> None:
    """The package without anything compiled."""
    shutil.copytree(
        PACKAGE, folder / "lingua", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.c", "__pycache__"),
        dirs_exist_ok=True,
    )  # fmt: skip


def digests(folder: Path) -> list[str]:
    found = subprocess.run(
        [sys.executable, str(HERE / "wild.py"), "0", str(SEEDS)],
        cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    return found.stdout.splitlines()


@pytest.fixture(scope="session")
def compiled(request):
    """A folder with the compiled package, kept between sessions as long as the sources stand still."""
    if all(any((PACKAGE.parent / module).parent.glob(f"{Path(module).stem}.*.so")) for module in MODULES):
        return PACKAGE.parent  # the installed package is compiled
    pytest.importorskip("Cython", reason="Cython is not installed")
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        pytest.skip("no C compiler on the PATH")
    sources = sorted(p for pattern in ("*.py", "*.pxd") for p in (PACKAGE / "trading").glob(pattern))
    mark = hashlib.sha256(b"".join(p.read_bytes() for p in sources) + sys.version.encode()).hexdigest()[:16]
    folder = Path(request.config.cache.mkdir("lingua-step")) / mark
    if not (folder / "done").exists():
        for old in folder.parent.iterdir():
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True)
        copy_of(folder)
        subprocess.run([sys.executable, "-c", BUILD, *MODULES], cwd=folder, check=True, capture_output=True)
        (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def interpreted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interpreted")
    copy_of(folder)
    return folder


def test_compiled_and_interpreted_give_the_same_bits(compiled, interpreted):
    fast, plain = digests(compiled), digests(interpreted)
    assert (fast[0], plain[0]) == ("compiled", "interpreted")
    assert fast[1:] == plain[1:]
    assert len(fast) == SEEDS + 1


ATTACKS = """
import copy, pickle
import numpy as np
from stage import *
from lingua.trading.setup import COMPILED, build
from lingua.trading.execution import Execution
from lingua.trading.market import Market
from lingua.trading.evaluator import Evaluator
from lingua.trading.rows import Rows
from lingua.trading.step import Machine
assert COMPILED

stage = Stage(5)
stage.rule("in_", [1], stage.act("buy", ("qty", 1), exits=[stage.exit("stop", "price", 3)]))
plan = stage.program()
make = lambda: build(plan, stage.slot_of, [stage.symbol(bars(flat(1, 2, 3, 4, 5)))], [], Execution(), 100.0)
run = make()
run.run(until=10**9)
run.run(until=-5)
tried = 0
def refused(f, *errors):
    global tried
    tried += 1
    try:
        f()
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, KeyError) as error:
        return
    raise SystemExit(f"attack {tried} was not refused")
for thing in (run.machine, run.book, run.decider, run.limits, run.book.markets[0], run.book.fills, run.machine.walk,
              run.book.positions[0], run.decider.evaluators[0]):
    refused(lambda: pickle.dumps(thing))
    refused(lambda: copy.copy(thing))
refused(lambda: setattr(run.machine, "at", 10**9))
refused(lambda: setattr(run.book.markets[0], "bar", 10**9))
refused(lambda: run.book.markets[0].stand_at(10**9))
refused(lambda: run.machine.set_state({"at": -7, "is_ruined": False, "last_cash": 0.0, "last_ts": 0}))
refused(lambda: run.machine.load(np.arange(9), np.arange(9), [], [], True))
refused(lambda: run.book.markets[0].load({}))
refused(lambda: Evaluator(np.array([[0, 0, 99, 0, 0, 0]]), np.zeros(3), np.zeros((1, 2)), 0))
refused(lambda: Evaluator(np.zeros((0, 6)), np.zeros(3), np.zeros((5, 2)), 0))
refused(lambda: Rows(0))
refused(lambda: Rows(4).load(np.zeros(3)))
refused(lambda: run.advance(1, {}))
refused(lambda: Machine(None, None, None, True))
fresh = make()
snapshot = fresh.snapshot()
for path, value in ((("machine", "at"), -3), (("markets", 0, "bar"), 99), (("registers", 0), [1.0]), (("version",), 9)):
    bad = copy.deepcopy(snapshot)
    spot = bad
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    refused(lambda: make().restore(bad))
# A snapshot may lie about rows and orders: the run may raise, but it must live.
lying = copy.deepcopy(run.snapshot())
lying["positions"][0]["units"] = [dict(u, fill_row=10**12, entry_bar=-10**9) for u in lying["positions"][0]["units"]]
lying["registers"][0] = [1e300] * len(lying["registers"][0])
lying["machine"]["at"] = 2
lying["markets"][0]["bar"] = 1
again = make()
again.restore(lying)
try:
    again.run()
except (ValueError, IndexError):
    pass
print("alive", tried)
"""


def test_nothing_from_python_can_crash_the_compiled_step(compiled):
    found = subprocess.run(
        [sys.executable, "-c", ATTACKS], cwd=compiled, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{compiled}{os.pathsep}{HERE}"},
    )  # fmt: skip
    assert found.returncode == 0, found.stderr or found.stdout
    assert found.stdout.startswith("alive")
