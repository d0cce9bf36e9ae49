"""Which modules are compiled when the package is installed, and how they stand in this installation.

`hatch_build.py` asks this file too, by running it, so it imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

MODULES = (
    "lingua.backends.elementary", "lingua.backends.truths", "lingua.indicators.lanes", "lingua.indicators.passes",
    "lingua.indicators.walks", "lingua.trading.curves",
)  # fmt: skip
"""Written in Cython's pure-Python mode; each runs interpreted, with the same answers, where there is no compiler."""

LISTS = ("lingua/trading/compiled.txt", "lingua/backends/compiled.txt")
"""Further ones: a path on each line, in order of dependency. Those of one list call each other in C, so they are all
compiled or all interpreted."""

RECORD = "compiled.json"
"""Beside this file: module name to the SHA-256 of the source it was compiled from. Absent: nothing was compiled."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is `compiled`, `interpreted`, or `stale`: compiled, but from another source than the one beside it."""

    module: str
    state: str


def groups(root: Path) -> list[tuple[str, ...]]:
    """Names of the compiled modules that exist under `root`, the folder that holds `lingua`; a group is compiled
    together."""
    found: list[tuple[str, ...]] = [(name,) for name in MODULES]
    for listed in (root / name for name in LISTS):
        lines = [line.strip() for line in listed.read_text("utf-8").splitlines()] if listed.exists() else []
        found.append(tuple(line.removesuffix(".py").replace("/", ".") for line in lines if line and line[0] != "#"))
    return [tuple(name for name in group if source_of(root, name).exists()) for group in found]


def modules(root: Path) -> tuple[str, ...]:
    return tuple(sorted(name for group in groups(root) for name in group))


def source_of(root: Path, name: str) -> Path:
    return root.joinpath(*name.split(".")).with_suffix(".py")


def source_digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()


def standings() -> list[Standing]:
    """How each of the modules is run."""
    here = Path(__file__).resolve().parent
    root = here.parents[1]
    record_file = here / RECORD
    record = json.loads(record_file.read_text("utf-8")) if record_file.exists() else {}
    found = []
    for name in modules(root):
        loaded = getattr(importlib.import_module(name), "__file__", None) or ""
        if loaded.endswith(".py"):
            state = "interpreted"
        else:
            state = "compiled" if record.get(name) == source_digest(source_of(root, name)) else "stale"
        found.append(Standing(name, state))
    return found
