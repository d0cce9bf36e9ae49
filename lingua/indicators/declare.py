"""Short forms for declaring indicators: the usual inputs, parameters and bookkeeping."""

from __future__ import annotations

import copy
from typing import Any

from lingua.indicators.declaration import Input, OutputSpec, Parameter

SOURCE = Input("source")
OPEN = Input("open", "price", default="open", is_implicit=True)
HIGH = Input("high", "price", default="high", is_implicit=True)
LOW = Input("low", "price", default="low", is_implicit=True)
CLOSE = Input("close", "price", default="close", is_implicit=True)
VOLUME = Input("volume", "qty", default="volume", is_implicit=True)

SAME = OutputSpec("value", "u0")
PLAIN = OutputSpec("value", "none")
PRICE = OutputSpec("value", "price")
PERCENT = OutputSpec("value", "none", 0.0, 100.0)
FLAG = OutputSpec("value", "none", kind="bool")


def length(default: int | None = None, low: int = 1, name: str = "length") -> Parameter:
    """A window of bars."""
    return Parameter(name, default, low, 100_000, "int", is_window=True)


def number(name: str, default: float, low: float = 0.0, high: float = 1e6) -> Parameter:
    return Parameter(name, default, low, high, "num")


class Form:
    """Base of incremental forms: copies its parts that know how to copy themselves."""

    def copy(self) -> Any:
        twin = copy.copy(self)
        for name, part in vars(self).items():
            vars(twin)[name] = part.copy() if hasattr(part, "copy") else part
        return twin


def zero(**_: Any) -> int:
    return 0
