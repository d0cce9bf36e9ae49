"""Every indicator by name. A new one is a declaration in a file of its group, listed in `SPECS` there."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from lingua.indicators.declaration import IndicatorSpec

GROUPS = ("averages", "windows", "momentum", "volatility", "events")


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, IndicatorSpec], dict[str, str]]:
    specs: dict[str, IndicatorSpec] = {}
    spellings: dict[str, str] = {}
    for group in GROUPS:
        for spec in import_module(f"lingua.indicators.{group}").SPECS:
            specs[spec.name] = spec
            for spelling in (spec.name, *spec.aliases):
                if spelling in spellings:
                    raise ValueError(f"two indicators are called {spelling!r}: {spellings[spelling]} and {spec.name}")
                spellings[spelling] = spec.name
    return specs, spellings


def lookup(name: str) -> IndicatorSpec | None:
    """The declaration of an indicator by its name or one of its aliases; None if there is none."""
    specs, spellings = _table()
    found = spellings.get(name)
    return specs[found] if found is not None else None


def canonical(name: str) -> str:
    """The name the formatter writes for an accepted spelling; unknown names come back as they are."""
    return _table()[1].get(name, name)


def names() -> tuple[str, ...]:
    """All names, aliases left out, in alphabetical order."""
    return tuple(sorted(_table()[0]))
