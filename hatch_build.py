"""Build hook: compile the bar loop and the kernels where there is a C compiler, and leave them as Python where not.

`pip install .` puts the extension modules into the wheel; `pip install -e .` and `python hatch_build.py` put them beside
their sources. A module that cannot be compiled is left interpreted and the build goes on: `lingua --version` tells which.
"""

from __future__ import annotations

import contextlib
import json
import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script in an environment without the build requirements
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
LISTED: dict[str, Any] = runpy.run_path(str(ROOT / "lingua" / "cli" / "compiled.py"))
RECORD = ROOT / "lingua" / "cli" / LISTED["RECORD"]

# No contraction: a*b + c rounds twice, as it does interpreted and on every other processor.
FLAGS = ["/O2", "/fp:precise"] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"]


class CustomBuildHook(BuildHookInterface):
    """Adds the compiled modules to the wheel, or puts them beside their sources for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            compile_in_place()
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
    """Module name to source file, of the listed modules that exist."""
    every = {name: ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in LISTED["MODULES"]}
    return {name: path for name, path in every.items() if path.exists()}


def digests(names: dict[str, Path]) -> dict[str, str]:
    return {name: LISTED["source_digest"](path) for name, path in sources().items() if name in names}


def compile_all(folder: Path) -> dict[str, Path]:
    """Compile into `folder`; the modules that succeeded, by name. Says on stderr which did not, and why."""
    built: dict[str, Path] = {}
    for name, source in sources().items():
        try:
            built[name] = compile_one(name, source, folder)
        except Exception as problem:  # no compiler, no headers, no Cython: the package works without
            reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
            print(f"lingua: {name} stays interpreted: {reason}", file=sys.stderr)
    return built


def compile_one(name: str, source: Path, folder: Path) -> Path:
    """One extension module from one source. Raises what Cython and the compiler raise."""
    from setuptools import Extension

    # Relative path: Cython derives the module's package from it, and the C file names no folder of this machine.
    extension = Extension(name, [str(source.relative_to(ROOT))], extra_compile_args=FLAGS)
    with contextlib.chdir(ROOT):
        return build(extension, name, folder)


def build(extension: Any, name: str, folder: Path) -> Path:
    from Cython.Build import cythonize
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    modules = cythonize([extension], build_dir=str(folder / "c"), force=True, quiet=True, language_level=3)
    command = build_ext(Distribution({"ext_modules": modules}))
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


if __name__ == "__main__":
    for module, path in compile_in_place().items():
        print(f"{module}: {path.relative_to(ROOT)}")
