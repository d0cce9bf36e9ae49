"""How an indicator is declared: one record that the checker, both back ends, the docs and the tests read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from lingua.structs import Struct

ANCHORED = -1
"""`settle` of an indicator whose value depends on the first bar for ever (obv, cum, value_when …)."""


class Input(Struct):
    """One series input. `unit` is "any" (polymorphic), or the name of a unit it must have; `default` names the bar
    field taken when the call leaves it out (functions of the bar take no source: their inputs all have defaults and
    are never written: `is_implicit`)."""

    name: str
    unit: str = "any"
    kind: Literal["num", "bool", "any"] = "num"
    default: str = ""
    is_implicit: bool = False


class Parameter(Struct):
    """A constant of the call: a length in bars, a factor, a choice. Bounds are inclusive."""

    name: str
    default: float | int | str | None
    low: float = 1
    high: float = 100_000
    kind: Literal["int", "num", "choice"] = "int"
    choices: tuple[str, ...] = ()
    is_window: bool = False
    """A number of bars the indicator remembers."""


class OutputSpec(Struct):
    """`unit` is an expression over input units: "u0" (that of the first input), "u0*u1", "u0/bars", or a unit name.
    `low`/`high` bound the values (RSI 0..100)."""

    name: str
    unit: str = "u0"
    low: float | None = None
    high: float | None = None
    kind: Literal["num", "int", "bool"] = "num"


class Incremental(Protocol):
    """One instance per call site. `update` takes the inputs of one observation (never NaN) and returns the outputs
    (NaN during warm-up), the same bits as the batch form; `copy` gives an independent instance."""

    @property
    def update(self) -> Callable[..., tuple[float, ...]]: ...
    def copy(self) -> Incremental: ...


class IndicatorSpec(Struct):
    """`name` is what users write; `aliases` are accepted spellings (TA-Lib's upper case among them).

    batch        (inputs as float64 arrays without NaN, parameters) -> one array per output, NaN during warm-up.
                 Holes never reach it: the back end compresses the observations and scatters the results back.
    incremental  parameters -> Incremental
    lookback     parameters -> index of the first value, exactly
    settle       parameters -> further bars until the start value weighs less than 1e-6; 0 for pure windows; ANCHORED
    cost         parameters -> rough operations per bar, for `check -v`
    memory       parameters -> numbers kept between bars
    """

    name: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[OutputSpec, ...]
    lookback: Callable[..., int]
    settle: Callable[..., int]
    batch: Callable[..., Sequence[Any]]
    incremental: Callable[..., Incremental]
    formula: str
    source: str
    summary: str
    group: str
    aliases: tuple[str, ...] = ()
    cost: Callable[..., int] = lambda **_: 10
    memory: Callable[..., int] = lambda **_: 4

    def bind(self, values: Mapping[str, float | int | str]) -> dict[str, float | int | str]:
        """All parameters, defaults filled in. Raises KeyError for one without default that is not given."""
        return {p.name: values[p.name] if p.name in values or p.default is None else p.default for p in self.parameters}
