"""Every indicator by its name.

A name is what users write; aliases are accepted too, TA-Lib's upper-case spelling among them (`EMA`, `CDLENGULFING`),
and the formatter writes the name. Where TA-Lib's name would be that of a plain helper the rolling form has its usual
one: `MAX` is `highest`, `MIN` is `lowest`, `SUM` is `sum`.
"""

from __future__ import annotations

from importlib import import_module

from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.declare import LIBRARY

SUBJECTS = ("averages", "momentum", "volatility", "windows", "events")
for _subject in SUBJECTS:
    import_module(f"lingua.indicators.{_subject}")

REGISTRY: dict[str, IndicatorSpec] = dict(LIBRARY)
"""name to declaration"""

ALIASES: dict[str, str] = {alias: spec.name for spec in REGISTRY.values() for alias in spec.aliases}
"""other spelling to name"""


def lookup(name: str) -> IndicatorSpec | None:
    """The declaration of a name or alias, None when there is none."""
    return REGISTRY.get(name) or REGISTRY.get(ALIASES.get(name, ""))


def names() -> tuple[str, ...]:
    """All names, without aliases."""
    return tuple(REGISTRY)


def canonical(name: str) -> str:
    """The name of a name or alias. Raises KeyError when there is none."""
    spec = lookup(name)
    if spec is None:
        raise KeyError(name)
    return spec.name
