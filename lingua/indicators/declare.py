"""How an indicator of the library is written: a class whose call is the formula, and its declaration on top.

The class is made with the parameters; its call takes the inputs and gives the outputs, as floats for one observation or
as columns for all of them. What it keeps between bars are kernels, so the one text is both forms: `Form` steps it, and
`Batch` runs a fresh one over columns. Values before the declared lookback are withheld in both.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.declaration import ANCHORED, IndicatorSpec, Input, OutputSpec, Parameter
from lingua.indicators.one_pass import in_one_pass
from lingua.indicators.talib_twins import by_twin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
walks_over: Any = walks  # its signatures are Cython's
Maker = TypeVar("Maker", bound=Callable[..., Any])

SOURCE = Input("source")
OPEN = Input("open", "price", default="open", is_implicit=True)
HIGH = Input("high", "price", default="high", is_implicit=True)
LOW = Input("low", "price", default="low", is_implicit=True)
CLOSE = Input("close", "price", default="close", is_implicit=True)
VOLUME = Input("volume", "qty", default="volume", is_implicit=True)
BAR = (HIGH, LOW, CLOSE)

OTHER = Input("other")
CONDITION = Input("condition", "none", "bool")

SAME = OutputSpec("value", "u0")
PLAIN = OutputSpec("value", "none")
PRICE = OutputSpec("value", "price")
PERCENT = OutputSpec("value", "none", 0.0, 100.0)
FLAG = OutputSpec("value", "none", kind="bool")
"""A truth: 2.0 true, 0.0 false, NaN unknown, as conditions come in."""
SIGNED = OutputSpec("value", "none", -100.0, 100.0)
QUANTITY = OutputSpec("value", "qty")
BAND = (OutputSpec("upper", "u0"), OutputSpec("middle", "u0"), OutputSpec("lower", "u0"))
CHANNEL = (OutputSpec("upper", "price"), OutputSpec("middle", "price"), OutputSpec("lower", "price"))
BARS_AGO = OutputSpec("value", "bars", 0.0, kind="int")

START_WEIGHT = 1e-6
"""What the start value may still weigh when an indicator counts as settled."""

LIBRARY: dict[str, IndicatorSpec] = {}
"""Lingua's own indicators, by name, in order of declaration."""
MAKERS: dict[str, Callable[..., Any]] = {}
"""What makes the calculation of each of them, from the parameters."""
LOCAL: set[str] = set()
"""Those whose columns may be taken block by block, see `indicator`."""


def length(default: int | None = None, low: int = 1, name: str = "length") -> Parameter:
    """A number of bars."""
    return Parameter(name, default, low, 100_000, "int", is_window=True)


def number(name: str, default: float, low: float = 0.0, high: float = 1e6) -> Parameter:
    return Parameter(name, default, low, high, "num")


def choice(name: str, default: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(name, default, 0, 0, "choice", choices)


def window(length: int, **_: Any) -> int:
    """Lookback of one window."""
    return length - 1


def after(length: int, **_: Any) -> int:
    """Lookback of a window over changes."""
    return length


def none(**_: Any) -> int:
    return 0


def one(**_: Any) -> int:
    return 1


def ema_alpha(length: int) -> float:
    return 2.0 / (length + 1.0)


def wilder_alpha(length: int) -> float:
    return 1.0 / length


def settle_of(alpha: float) -> int:
    """Bars until the start value of `v += alpha * (x - v)` weighs less than START_WEIGHT."""
    return 0 if alpha >= 1 else math.ceil(math.log(START_WEIGHT) / math.log1p(-alpha))


def anchored(**_: Any) -> int:
    """`settle` of what depends on the first bar for ever."""
    return ANCHORED


def ema_settle(length: int, **_: Any) -> int:
    return settle_of(ema_alpha(length))


def wilder_settle(length: int, **_: Any) -> int:
    return settle_of(wilder_alpha(length))


class Calculation:
    """Base of the formulas: copies those of its parts that change."""

    whole: Any = None
    """The formula over whole columns in one pass (`lingua.indicators.walks`), for a fresh calculation alone and where
    it is compiled: (columns) -> what the call gives; None where values overflow."""

    def copy(self) -> Any:
        twin = copy.copy(self)
        for name, part in vars(self).items():
            if hasattr(part, "copy"):
                vars(twin)[name] = part.copy()
        return twin


class Form:
    """The incremental form of a formula."""

    __slots__ = ("_calculation", "_left", "_nothing")

    def __init__(self, calculation: Any, lookback: int, width: int) -> None:
        self._calculation = calculation
        self._left = lookback
        self._nothing = (math.nan,) * width

    def update(self, *inputs: float) -> tuple[float, ...]:
        found = self._calculation(*inputs)
        if self._left > 0:
            self._left -= 1
            return self._nothing
        if len(self._nothing) == 1:
            return (found,) if found - found == 0.0 else self._nothing
        return tuple([value if value - value == 0.0 else math.nan for value in found])

    def copy(self) -> Form:
        twin = Form(self._calculation.copy(), self._left, len(self._nothing))
        return twin


BLOCK = 16_384
"""Rows of a block: what a formula makes on its way through them stays in the cache."""


HELD = 31 << 20
"""Bytes; above 32 MB the C library no longer learns."""


@lru_cache(maxsize=1)
def hold_pages() -> None:
    """Columns made and dropped stay with the process, up to some 60 MB. GNU's C library gives memory back at once
    until it has seen a large piece freed, and the page faults of taking it anew cost more than the arithmetic on it.
    The piece is never written to; with another C library this does nothing."""
    np.empty(HELD, dtype=np.uint8)


def batch_of(
    name: str, make: Callable[..., Any], lookback: Callable[..., int], is_local: bool
) -> Callable[..., tuple[Floats, ...]]:
    """The batch form: a fresh formula over columns, or TA-Lib's function where that is the same."""

    def batch(*inputs: Any, **parameters: Any) -> tuple[Floats, ...]:
        columns = [np.require(each, np.float64, ("C", "W")) for each in inputs]
        first = lookback(**parameters)
        hold_pages()
        with np.errstate(all="ignore"):
            done = in_one_pass(name, columns, parameters)
            if done is not None:
                return (done,)
            found = by_twin(name, columns, parameters)
            if found is None and is_local and len(columns[0]) >= 2 * BLOCK > 8 * first:
                found = in_blocks(make, columns, parameters, first)
            if found is None:
                found = columns_of(make(**parameters), columns)
        return tuple(shown(each, first, columns) for each in (found if isinstance(found, tuple) else (found,)))

    return batch


def in_blocks(
    make: Callable[..., Any], columns: Sequence[Floats], parameters: Mapping[str, Any], lookback: int
) -> tuple[Floats, ...] | None:
    """What a formula gives whose values are made of the last `lookback + 1` rows alone: a fresh one for each block.
    None where a value is missing, since what a kernel passes over moves its window further back."""
    n = len(columns[0])
    outs: tuple[Floats, ...] = ()
    for at in range(0, n, BLOCK):
        start = max(0, at - lookback)
        found = make(**parameters)(*(each[start : at + BLOCK] for each in columns))
        parts = found if isinstance(found, tuple) else (found,)
        if not outs:
            outs = tuple(np.empty(n) for _ in parts)
        for out, part in zip(outs, parts, strict=True):
            made = np.ascontiguousarray(part[max(at, lookback) - start :])
            if not is_finite(made):
                return None
            out[max(at, lookback) : at + BLOCK] = made
    return outs


def columns_of(calculation: Any, columns: list[Any]) -> Any:
    """What a fresh formula makes of columns, in one pass where it knows how."""
    at_once = getattr(calculation, "whole", None) if walks.COMPILED else None
    found = at_once(*columns) if at_once is not None else None
    return calculation(*columns) if found is None else found


def shown(values: Any, lookback: int, inputs: Sequence[Any] = ()) -> Floats:
    """A column of its own, none of `inputs`, without values before `lookback` and without infinities."""
    column: Floats = np.asarray(values, dtype=np.float64)
    if column.base is not None or not column.flags.writeable or any(column is each for each in inputs):
        column = column.copy()
    column[:lookback] = np.nan
    if isinstance(values, np.ndarray) and values.dtype.kind == "i":
        return column
    if not is_finite(column[lookback:]):
        column[np.isinf(column)] = np.nan
    return column


def is_finite(column: Floats) -> bool:
    """Whether no value is missing or infinite."""
    if walks.COMPILED:
        return bool(walks_over.is_finite(column))
    # A finite sum has finite terms: most columns are done with one quick pass.
    with np.errstate(all="ignore"):
        total = np.add.reduce(column)
    return math.isfinite(total) or bool(np.isfinite(column).all())


def incremental_of(make: Callable[..., Any], lookback: Callable[..., int], width: int) -> Callable[..., Form]:
    def incremental(**parameters: Any) -> Form:
        return Form(make(**parameters), lookback(**parameters), width)

    return incremental


def indicator(
    name: str,
    *aliases: str,
    inputs: tuple[Input, ...] = (SOURCE,),
    parameters: tuple[Parameter, ...] = (),
    outputs: tuple[OutputSpec, ...] = (SAME,),
    lookback: Callable[..., int] = window,
    settle: Callable[..., int] = none,
    formula: str,
    source: str,
    group: str,
    summary: str = "",
    cost: Callable[..., int] | None = None,
    memory: Callable[..., int] | None = None,
    is_local: bool = False,
) -> Callable[[Maker], Maker]:
    """Declares the decorated class, or a kernel, as an indicator; its docstring is the summary unless one is given.

    `is_local` promises that a value is made of the last lookback + 1 rows alone, with the same bits wherever the data
    begin, and is missing wherever something on the way to it is: columns may then be taken block by block.
    """
    windows = tuple(each.name for each in parameters if each.is_window)

    if name in LIBRARY:
        raise ValueError(f"two indicators are called {name!r}")

    def remembered(**values: Any) -> int:
        return 4 + sum(int(values[each]) for each in windows) * max(1, len(inputs))

    def declared(make: Maker) -> Maker:
        told = summary or " ".join((make.__doc__ or "").split())
        MAKERS[name] = make
        if is_local:
            LOCAL.add(name)
        LIBRARY[name] = IndicatorSpec(
            name,
            inputs,
            parameters,
            outputs,
            lookback,
            settle,
            batch_of(name, make, lookback, is_local),
            incremental_of(make, lookback, len(outputs)),
            formula,
            source,
            told,
            group,
            aliases,
            cost or (lambda **_: 12),
            memory or remembered,
        )
        return make

    return declared
