"""TA-Lib's own kernels in both forms, for what the library does not declare itself.

TA-Lib's stream handles give the same bits as its batch functions for the same first bar. A handle opens on the bars of
its lookback and the one after; until then they are kept.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.indicators.declare import shown

if TYPE_CHECKING:
    from lingua.indicators.declare import Floats

HEAVY = ("pandas", "polars")
"""TA-Lib's package loads these when they are installed, which takes four times as long as the rest of it."""


@lru_cache(maxsize=1)
def talib() -> ModuleType:
    """The package, loaded at first use and without what it does not need here."""
    hidden = [name for name in HEAVY if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import talib
        import talib.stream
    finally:
        for name in hidden:
            if sys.modules.get(name, talib) is None:
                del sys.modules[name]
    return talib


def batch(
    function: str, inputs: tuple[Any, ...], parameters: Mapping[str, Any], lookback: int, width: int
) -> tuple[Floats, ...]:
    columns = [np.ascontiguousarray(each, dtype=np.float64) for each in inputs]
    if len(columns[0]) <= lookback:
        return tuple(np.full(len(columns[0]), np.nan) for _ in range(width))
    found = getattr(talib(), function)(*columns, **parameters)
    return tuple(shown(each, lookback) for each in (found if width > 1 else (found,)))


class TalibForm:
    """The incremental form: a stream handle, opened as soon as there are bars enough."""

    __slots__ = ("_function", "_handle", "_history", "_lookback", "_parameters", "_width")

    def __init__(self, function: str, parameters: Mapping[str, Any], lookback: int, width: int) -> None:
        self._function = function
        self._parameters = dict(parameters)
        self._lookback = lookback
        self._width = width
        self._history: list[tuple[float, ...]] = []
        self._handle: Any = None

    def update(self, *inputs: float) -> tuple[float, ...]:
        if self._handle is not None:
            return self._shown(self._handle.update(*inputs))
        self._history.append(inputs)
        if len(self._history) <= self._lookback:
            return (math.nan,) * self._width
        columns = [np.array(each, dtype=np.float64) for each in zip(*self._history, strict=True)]
        self._handle = getattr(talib().stream, self._function)(*columns, **self._parameters)
        self._history = []
        return self._shown(self._handle.value)

    def copy(self) -> TalibForm:
        twin = TalibForm(self._function, self._parameters, self._lookback, self._width)
        twin._history = list(self._history)
        twin._handle = self._handle.copy() if self._handle is not None else None
        return twin

    def _shown(self, found: Any) -> tuple[float, ...]:
        values = found if self._width > 1 else (found,)
        return tuple([float(each) if math.isfinite(each) else math.nan for each in values])
