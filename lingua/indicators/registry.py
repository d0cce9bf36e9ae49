"""Every indicator by its name.

A name is what users write; other spellings are accepted too, TA-Lib's upper-case one among them (`EMA`,
`CDLENGULFING`), and the formatter writes the name. Where TA-Lib's name would be that of a plain helper the rolling form
has its usual one: `MAX` is `highest`, `MIN` is `lowest`, `SUM` is `sum`.

A new indicator is a declaration in the file of its subject, or in a new file of this folder: nothing else lists it. Of
TA-Lib's functions, those that are not declared so come from `lingua.indicators.talib_table`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path

from lingua import indicators as package
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.declare import LIBRARY

LAST = "talib_table"
"""It declares what no other file has declared."""


def subjects() -> list[str]:
    """The files of this folder, so that a new one needs no entry anywhere."""
    # `pkgutil` would load `inspect`, which takes longer than reading the declarations.
    found = {each.stem for folder in package.__path__ for each in Path(folder).glob("*.py")} - {"registry", LAST}
    return [*sorted(found), LAST]


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, IndicatorSpec], dict[str, str]]:
    for subject in subjects():
        import_module(f"lingua.indicators.{subject}")
    spellings: dict[str, str] = {}
    for spec in LIBRARY.values():
        for spelling in (spec.name, *spec.aliases):
            if spelling in spellings:
                raise ValueError(f"two indicators are called {spelling!r}: {spellings[spelling]} and {spec.name}")
            spellings[spelling] = spec.name
    return LIBRARY, spellings


def lookup(name: str) -> IndicatorSpec | None:
    """The declaration of an indicator by its name or another spelling; None if there is none."""
    specs, spellings = _table()
    found = spellings.get(name)
    return specs[found] if found is not None else None


def canonical(name: str) -> str:
    """The name the formatter writes for an accepted spelling; unknown names come back as they are."""
    return _table()[1].get(name, name)


def names() -> tuple[str, ...]:
    """All names, other spellings left out, in alphabetical order."""
    return tuple(sorted(_table()[0]))


def specs() -> tuple[IndicatorSpec, ...]:
    """All declarations in the order of `names`."""
    table = _table()[0]
    return tuple(table[name] for name in names())
