"""Where TA-Lib's function gives the same bits as ours, it computes long columns.

The formula of the library stays the definition: these functions do the same operations on the same values in the same
order, or only choose among them, and the tests compare the bits. It is a matter of time alone: TA-Lib is one pass in C,
a formula over columns is one pass for each of its operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lingua.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG = 4_096
"""Columns from this length on; shorter ones are not worth loading TA-Lib for."""

CHOOSING = {
    "highest": "MAX", "lowest": "MIN", "minmax": "MINMAX", "midpoint": "MIDPOINT", "midprice": "MIDPRICE",
    "trange": "TRANGE",
    "cosh": "COSH", "sinh": "SINH", "exp": "EXP", "acos": "ACOS", "asin": "ASIN", "atan": "ATAN", "cos": "COS",
    "sin": "SIN", "tan": "TAN", "tanh": "TANH", "log10": "LOG10", "ln": "LN", "sqrt": "SQRT", "ceil": "CEIL",
    "floor": "FLOOR", "plus_dm": "PLUS_DM", "minus_dm": "MINUS_DM", "obv": "OBV", "wad": "WAD", "ad": "AD",
}  # fmt: skip
"""Our name to TA-Lib's; parameters stand in the same order."""
DIVIDING = {"pvt": "PVT", "vwap": "VWAP", "rvol": "RVOL"}
"""The same while no divisor is zero: TA-Lib gives 0 where we give `na`."""
DIVISORS = {"pvt": (0,), "vwap": (3,), "rvol": (0,)}
"""Which columns must not hold a zero."""


def talib() -> Any:
    """TA-Lib's package, loaded at first use."""
    from lingua.indicators.talib_forms import talib as loaded

    return loaded()


@lru_cache(maxsize=64)
def twin_of(name: str) -> Any:
    """TA-Lib's function of the same bits."""
    return getattr(talib(), CHOOSING.get(name) or DIVIDING[name])


def by_twin(
    name: str, columns: Sequence[NDArray[np.float64]], parameters: Mapping[str, Any]
) -> tuple[NDArray[np.float64], ...] | None:
    """What TA-Lib's function gives; None when the column is short or the two would differ. No value is missing or
    infinite, as in every column that a batch form gets."""
    if len(columns[0]) < LONG or not (name in CHOOSING or name in DIVIDING or name in TRANSLATED):
        return None
    if any(isinstance(each, int) and each < 2 for each in parameters.values()):
        return None
    if name in TRANSLATED:
        translated: tuple[NDArray[np.float64], ...] | None = TRANSLATED[name](*columns, **parameters)
        return translated
    if name in DIVIDING and any(has_zero(columns[k]) for k in DIVISORS[name]):
        return None
    found = twin_of(name)(*columns, *parameters.values())
    return found if isinstance(found, tuple) else (found,)


def has_zero(column: NDArray[np.float64]) -> bool:
    # Prices are above zero, and the least of a column is found twice as fast as a zero.
    return not (column.min() > 0.0 or column.all())


def percentile(x: NDArray[np.float64], length: int, share: float, method: str) -> Any:
    return (talib().PERCENTILE(x, length, share),) if method == "nearest" else None


def percentrank(x: NDArray[np.float64], length: int) -> Any:
    """TA-Lib counts the values below this one, ours those not above it: the two meet with the signs turned. Its way
    takes the time of the window, so long ones stay with ours."""
    if length > 200:
        return None
    above = np.round(talib().PERCENTRANK(-x, length) * length / 100.0)
    return (100.0 * (length - above) / length,)


TRANSLATED: dict[str, Any] = {"percentile": percentile, "percentrank": percentrank}
"""Functions that need more than a renaming."""
