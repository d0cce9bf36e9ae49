"""Functions of a bar, or of a bar and one before it, in one pass that also sees whether a value overflows.

They are so short that a second look at the column takes a third of their time. The formula of the library stays the
definition: the operations are the same, in the same order, and the tests compare the bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lingua.arrays import np
from lingua.indicators import walks

if TYPE_CHECKING:
    from numpy.typing import NDArray

walks_over: Any = walks  # its signatures are Cython's

KINDS = {
    "add": 0, "sub": 1, "mult": 2, "div": 3, "medprice": 4, "typprice": 5, "wclprice": 6, "avgprice": 7, "marketfi": 8,
}  # fmt: skip
"""Our name to the operation in `walks.pointwise`; (n,) columns in the order of the inputs."""
KINDS_OF_TWO = {"mom": 1, "change": 1, "rocr": 3, "rocp": 9, "rocr100": 10}
"""Of the source and its value `length` bars before."""


def in_one_pass(
    name: str, columns: Sequence[NDArray[np.float64]], parameters: Mapping[str, Any]
) -> NDArray[np.float64] | None:
    """The column of a function of the tables above as it is shown; None for others, or where nothing is compiled."""
    if not walks.COMPILED or not (name in KINDS or name in KINDS_OF_TWO):
        return None
    n, lag, kind = len(columns[0]), 0, KINDS.get(name, 0)
    out = np.empty(n)
    if name in KINDS_OF_TWO:
        kind, lag = KINDS_OF_TWO[name], min(parameters["length"], n)
        columns = (columns[0][lag:], columns[0][: n - lag])
        out[:lag] = np.nan
    a, b, c, d = [*columns, *[columns[0]] * 4][:4]
    if not walks_over.pointwise(kind, a, b, c, d, out[lag:]):
        out[np.isinf(out)] = np.nan
    return out
