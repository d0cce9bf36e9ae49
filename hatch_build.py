"""Build hook: compile the bar loop and the kernels where there is a C compiler, and leave them as Python where not.

`pip install .` puts the extension modules into the wheel; `pip install -e .` and `python hatch_build.py` put them
beside their sources. A module that cannot be compiled is left interpreted and the build goes on: `lingua --version`
tells which.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import runpy
import sys
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script in an environment without the build requirements
    BuildHookInterface = object  # type: ignore[assignment,misc]

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent
LISTED: dict[str, Any] = runpy.run_path(str(ROOT / "lingua" / "cli" / "compiled.py"))
RECORD = ROOT / "lingua" / "cli" / LISTED["RECORD"]

# No contraction: a*b + c rounds twice, as it does interpreted and on every other processor.
FLAGS = ["/O2", "/fp:precise"] if sys.platform == "win32" else ["-O3", "-ffp-contract=off", "-g0"]


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # generic to the type checker alone
    """Adds the compiled modules to the wheel, or puts them beside their sources for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            compile_in_place()
            cache_byte_code()
            return
        folder = Path(tempfile.mkdtemp(prefix="lingua-build-"))
        built = compile_all(folder)
        if not built:
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        record = folder / RECORD.name
        record.write_text(json.dumps(digests(built), indent=1), "utf-8")
        build_data["force_include"][str(record)] = RECORD.relative_to(ROOT).as_posix()
        for name, binary in built.items():
            package = Path(*name.split(".")[:-1])
            build_data["force_include"][str(binary)] = (package / binary.name).as_posix()


def sources() -> dict[str, Path]:
    """Module name to source file."""
    return {name: LISTED["source_of"](ROOT, name) for name in LISTED["modules"](ROOT)}


def digests(names: dict[str, Path]) -> dict[str, str]:
    return {name: LISTED["source_digest"](path) for name, path in sources().items() if name in names}


def compile_all(folder: Path) -> dict[str, Path]:
    """Compile into `folder`; the modules that succeeded, by name. Says on stderr which did not, and why."""
    # The C compiler takes most of the time and is another process, so its runs overlap; Cython goes first, one by one.
    with contextlib.chdir(ROOT), ThreadPoolExecutor(os.cpu_count()) as pool:
        translated = {name: attempt(name, translate, name, path, folder) for name, path in sources().items()}
        running = {
            name: pool.submit(attempt, name, build, name, each, folder) for name, each in translated.items() if each
        }
        built = {name: path for name, done in running.items() if (path := done.result()) is not None}
    return {
        name: built[name] for group in LISTED["groups"](ROOT) if all(each in built for each in group) for name in group
    }


def attempt(name: str, act: Callable[..., T], *arguments: Any) -> T | None:
    """What `act` gives; None, told on stderr, where there is no compiler, no headers, no Cython."""
    try:
        return act(*arguments)
    except Exception as problem:
        reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        print(f"lingua: {name} stays interpreted: {reason}", file=sys.stderr)
        return None


def translate(name: str, source: Path, folder: Path) -> list[Any]:
    """Python to C."""
    from Cython.Build import cythonize
    from setuptools import Extension

    # Relative path: Cython derives the module's package from it, and the C file names no folder of this machine.
    extension = Extension(name, [str(source.relative_to(ROOT))], extra_compile_args=FLAGS)
    made: list[Any] = cythonize([extension], build_dir=str(folder / "c"), force=True, quiet=True, language_level=3)
    return made


def build(name: str, extensions: list[Any], folder: Path) -> Path:
    """C to an extension module; its file. Raises what the compiler's run raises."""
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    command = build_ext(Distribution({"ext_modules": extensions}))
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "temp")
    command.force = True
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(name))


def compile_in_place() -> dict[str, Path]:
    """Compile beside the sources; what an earlier build left there goes first, so that nothing stale is imported."""
    for source in sources().values():
        for suffix in (".so", ".pyd"):
            for old in source.parent.glob(f"{source.stem}.*{suffix}"):
                old.unlink()
    RECORD.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="lingua-build-") as folder:
        built = compile_all(Path(folder))
        placed = {}
        for name, binary in built.items():
            target = sources()[name].parent / binary.name
            target.write_bytes(binary.read_bytes())
            placed[name] = target
    if placed:
        RECORD.write_text(json.dumps(digests(placed), indent=1), "utf-8")
    return placed


def cache_byte_code() -> None:
    """As pip does for a wheel: where Python is told to write no byte code itself, each start would compile it anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        compileall.compile_dir(ROOT / package, quiet=2)


if __name__ == "__main__":
    for module, path in compile_in_place().items():
        print(f"{module}: {path.relative_to(ROOT)}")
