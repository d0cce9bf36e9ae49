"""Finding an adapter by its name."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from typing import Any

from lingua_runtime.clock import Clock
from lingua_runtime.ports import Opener, Venue

GROUP = "lingua.venues"
OWN = "lingua_adapters"


class NoAdapter(ValueError):
    """There is no adapter of that name, or what it needs is not installed."""


def opener(name: str) -> Opener:
    """`open_venue` of an adapter: one of ours, or of an installed package that names it in the group `lingua.venues`.
    Raises NoAdapter."""
    for entry in importlib.metadata.entry_points(group=GROUP, name=name):
        found: Opener = entry.load()
        return found
    if not name.isidentifier() or importlib.util.find_spec(f"{OWN}.{name}") is None:
        raise NoAdapter(f"there is no adapter `{name[:40]}`")
    try:
        module = importlib.import_module(f"{OWN}.{name}")
    except ModuleNotFoundError as problem:
        raise NoAdapter(f"the adapter `{name}` needs {problem.name}, which is not installed") from None
    made = getattr(module, "open_venue", None)
    if made is None:
        raise NoAdapter(f"`{name}` is no adapter: it has no open_venue")
    return made  # type: ignore[no-any-return]  # by name: adapters import this package, not the other way


async def open_venue(name: str, settings: Mapping[str, Any], clock: Clock) -> Venue:
    return await opener(name)(settings, clock)
