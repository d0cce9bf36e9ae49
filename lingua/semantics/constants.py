"""Values that settings and limits take: constants of this run, with their unit."""

from __future__ import annotations

from typing import Literal

from lingua.diagnostics.codes import names as name_codes
from lingua.ir.nodes import Constancy, Kind
from lingua.ir.units import BARS, DURATION, MONEY, NONE, PRICE, QTY, RATIO
from lingua.semantics.context import Context, inner
from lingua.semantics.literals import SECONDS
from lingua.semantics.values import Failed, Text, TimeframeValue
from lingua.semantics.words import kind_words
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr


def as_share(value: float, text: str) -> str:
    """The share a plain number was probably meant to be: 0.1 is 10%, and 15 is 15%."""
    return f"{value * 100:.10g}%" if 0 < value < 1 else f"{text}%"


UNITS = {NONE: "none", RATIO: "ratio", MONEY: "money", QTY: "qty", PRICE: "price", DURATION: "duration", BARS: "bars"}


class Constant(Struct):
    """`unit` is none, ratio, money, qty, price, duration (seconds), bars, ticks, truth or text.

    `words` says what it is; `sessions` how many days it was written as.
    """

    value: float
    unit: str
    text: str = ""
    words: str = ""
    is_whole: bool = False
    sessions: float | None = None

    def __str__(self) -> str:
        return self.words

    def amiss(self, *units: str) -> str:
        """What it is instead of a value that fits: another kind of thing, or of these units but out of bounds."""
        return "none" if self.unit in units else self.words

    @property
    def length(self) -> tuple[Literal["bars", "sessions", "seconds"], float] | None:
        """As a length: `d` counts sessions, other times the clock; whole numbers count bars."""
        if self.sessions is not None:
            return "sessions", self.sessions
        if self.unit == "duration":
            return "seconds", self.value
        if self.unit == "bars" or (self.unit == "none" and self.is_whole):
            return "bars", self.value
        return None


def constant(ctx: Context, expr: Expr, what: str) -> Constant | None:
    """`expr` as a constant of this run; None after a report."""
    bare = inner(expr)
    if isinstance(bare, ast.Quantity) and bare.unit == "ticks":
        # How large a tick is only the instrument knows; here they are counted.
        return Constant(bare.value, "ticks", words="a number of ticks")
    value = ctx.x.value(expr, ctx.scope)
    if isinstance(value, Failed):
        return None
    if isinstance(value, Text):
        return Constant(float("nan"), "text", value.text, "a text")
    if isinstance(value, TimeframeValue):
        seconds = _seconds(value.text)
        return Constant(seconds, "duration", value.text, "a timeframe", sessions=_sessions(value.text))
    scalar = ctx.x.plain(value, expr, ctx.scope, what)
    if scalar is None:
        return None
    node = scalar.node
    if node.constancy > Constancy.PARAM:
        ctx.x.report(
            ctx.scope, name_codes.NOT_CONSTANT, expr.span, what=what, expr=ctx.text(expr),
            help="give a number, or a `param` to try others",
        )  # fmt: skip
        return None
    held = ctx.x.statics.of(node)
    if node.kind is Kind.STRING:
        return Constant(float("nan"), "text", str(held), "a text")
    if node.kind is Kind.BOOL:
        return Constant(float(held == 2), "truth", "true" if held == 2 else "false", "true or false")
    number = float(held)
    if number != number or node.kind is Kind.TIME:
        return Constant(number, "missing", words="`na`" if node.kind is not Kind.TIME else "a time")
    sessions = float(bare.count) if isinstance(bare, ast.Duration) and bare.unit == "d" else None
    text = f"{bare.count}{bare.unit}" if isinstance(bare, ast.Duration) else ""
    unit = UNITS.get(node.unit, "other")
    return Constant(number, unit, text, kind_words(node), node.kind is Kind.INT, sessions)


def _seconds(text: str) -> float:
    count = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(count) * SECONDS.get(text[len(count) :], 0.0) if count else 0.0


def _sessions(text: str) -> float | None:
    return float(text[:-1]) if text.endswith("d") and text[:-1].isdecimal() else None
