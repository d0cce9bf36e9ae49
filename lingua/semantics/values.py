"""What an expression can be once its names are resolved: a series node, or what exists only at compile time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.ir.nodes import Clock, Node
from lingua.structs import Struct

if TYPE_CHECKING:
    from lingua.syntax.nodes import Extern, Fn


class Scalar(Struct):
    """One number, truth, time or string, as a node of the graph.

    `is_literal`: a bare literal (or arithmetic of bare literals), which adopts the unit asked for.
    `low`/`high`: bounds every valid value keeps, when known (RSI: 0..100).
    `sampled`: the expression is an unparenthesised `…@T` (or a name defined as one), so `[n]` on it is refused.
    `instrument`: the source whose price this is ("" = the traded symbol), None when it is no price of one instrument.
    """

    node: Node
    is_literal: bool = False
    low: float | None = None
    high: float | None = None
    sampled: Clock | None = None
    instrument: str | None = None


class Record(Struct):
    """Named outputs (`bbands(…)`) or a user record (`band(upper: …)`); `default` is the field meant when the record is
    used as a number ("" = none)."""

    name: str
    fields: tuple[tuple[str, Value], ...]
    default: str = ""


class SignalValue(Struct):
    """`side` is -1, 0 or 1, `confidence` 0..1, `value` their product."""

    side: Scalar
    confidence: Scalar
    value: Scalar


class DataValue(Struct):
    """The name of a `data` declaration: `btc.close`, `x@btc`, `on btc`."""

    alias: str


class FunctionValue(Struct):
    """A function by name: a built-in or an indicator (`builtin`), or a user definition."""

    builtin: str = ""
    definition: Fn | Extern | None = None


class TimeframeValue(Struct):
    text: str


class Text(Struct):
    text: str


class Items(Struct):
    """A list or a set of constants."""

    items: tuple[Value, ...]


class Session(Struct):
    """`session("08:00-20:00", "UTC")`: minutes of the day and an IANA zone."""

    spec: str
    zone: str


class RiskMultiple(Struct):
    """`2R`"""

    value: Scalar


class Failed(Struct):
    """Already reported; nothing more is said about it."""


Value = (
    Scalar
    | Record
    | SignalValue
    | DataValue
    | FunctionValue
    | TimeframeValue
    | Text
    | Items
    | Session
    | RiskMultiple
    | Failed
)
