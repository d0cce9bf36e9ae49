"""All codes, joined from `codes/<family>.py`. A number belongs to one code for ever."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lingua.diagnostics import codes
from lingua.diagnostics.diagnostic import Code

FAMILIES = {
    "L01": "syntax",
    "L02": "names, types and units",
    "L03": "the future",
    "L04": "timeframes and calendars",
    "L05": "warm-up and state",
    "L06": "universe and cross-section",
    "L07": "orders, sizing and risk",
    "L08": "parameters and optimisation",
    "L09": "imports and editions",
    "L10": "extern",
}


@cache
def catalogue() -> dict[str, Code]:
    """Number to code, in order of number. Raises ValueError when two codes share a number or a slug."""
    found: dict[str, Code] = {}
    slugs: dict[str, str] = {}
    for module in pkgutil.iter_modules(codes.__path__):
        for value in vars(importlib.import_module(f"{codes.__name__}.{module.name}")).values():
            if not isinstance(value, Code) or found.get(value.number) is value:
                continue
            if value.number in found:
                raise ValueError(f"{value.number} is given twice: {found[value.number].slug} and {value.slug}")
            if value.slug in slugs:
                raise ValueError(f"the slug {value.slug!r} is given to {slugs[value.slug]} and {value.number}")
            found[value.number] = value
            slugs[value.slug] = value.number
    return dict(sorted(found.items()))


def find(text: str) -> Code | None:
    """The code meant by `L0301`, `l0301`, `0301` or its slug; None when there is none."""
    wanted = text.strip()
    number = wanted.upper() if wanted[:1] in "lL" else f"L{wanted}"
    if number in catalogue():
        return catalogue()[number]
    return next((code for code in catalogue().values() if code.slug == wanted.lower()), None)


def looks_like_code(text: str) -> bool:
    """Whether `lingua explain TEXT` asks for a page and not for a file."""
    digits = text[1:] if text[:1] in "lL" else text
    return len(digits) == 4 and digits.isdigit()
