"""Which modules are compiled when the package is installed, and how they stand in this installation.

The only list of them: `hatch_build.py` reads it too, by running this file, so it imports nothing but the standard
library.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

MODULES = (
    "lingua.trading.step",
    "lingua.indicators.kernels",
    "lingua.backends.elementary",
)
"""Written in Cython's pure-Python mode; each runs interpreted, with the same answers, where there is no compiler."""

RECORD = "compiled.json"
"""Beside this file: module name to the SHA-256 of the source it was compiled from. Absent: nothing was compiled."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is `compiled`, `interpreted`, or `stale`: compiled, but from another source than the one beside it."""

    module: str
    state: str


def source_digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()


def standings() -> list[Standing]:
    """How each module of `MODULES` that this version has is run."""
    here = Path(__file__).resolve().parent
    record_file = here / RECORD
    record = json.loads(record_file.read_text("utf-8")) if record_file.exists() else {}
    found = []
    for name in MODULES:
        source = here.parent.joinpath(*name.split(".")[1:]).with_suffix(".py")
        if not source.exists():
            continue
        loaded = getattr(importlib.import_module(name), "__file__", None) or ""
        if loaded.endswith(".py"):
            state = "interpreted"
        else:
            state = "compiled" if record.get(name) == source_digest(source) else "stale"
        found.append(Standing(name, state))
    return found
