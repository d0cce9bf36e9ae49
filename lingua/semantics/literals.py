"""Literals: numbers, shares, lengths of time, quantities, texts, lists."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Clock, Constancy, Kind
from lingua.ir.units import BARS, DURATION, MONEY, PRICE, QTY, RATIO
from lingua.semantics import folding
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Items, Record, RiskMultiple, Scalar, Text, Value
from lingua.structs import replace
from lingua.syntax import nodes as ast

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

SECONDS = {
    "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "mo": 2_592_000.0, "y": 31_536_000.0,
}  # fmt: skip
"""Nominal lengths: 30 days a month, 365 a year."""

LARGEST_INT = 2.0**53

MONEY_CODES = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CHF",
        "CAD",
        "AUD",
        "NZD",
        "CNY",
        "CNH",
        "HKD",
        "SGD",
        "SEK",
        "NOK",
        "DKK",
        "INR",
        "KRW",
        "BRL",
        "MXN",
        "ZAR",
        "TRY",
        "PLN",
        "CZK",
        "HUF",
        "ILS",
        "THB",
        "USDT",
        "USDC",
        "BUSD",
        "TUSD",
        "FDUSD",
        "DAI",
    ]
)
"""What a price is paid in; other capitals after a number are taken for the thing that is traded."""


def seconds_of(timeframe: str) -> float:
    """Nominal length of `15m`, `3mo`; 0 for what is none."""
    match = re.fullmatch(r"(\d+)(ms|mo|[smhdwy])", timeframe)
    return int(match[1]) * SECONDS[match[2]] if match else 0.0


def number(x: Expressions, expr: ast.Number, scope: Scope, clock: Clock) -> Value:
    kind = Kind.INT if expr.is_int else Kind.NUM
    value = expr.value
    # 9007199254740993 is beyond 2^53 as written, though the nearest float is not.
    if not math.isfinite(value) or (expr.is_int and (value > LARGEST_INT or int(expr.text) > LARGEST_INT)):
        value = math.nan
    return x.literal(value, kind=kind, is_literal=True)


def ratio(x: Expressions, expr: ast.Ratio, scope: Scope, clock: Clock) -> Value:
    return x.literal(expr.value, unit=RATIO)


def r_multiple(x: Expressions, expr: ast.RMultiple, scope: Scope, clock: Clock) -> Value:
    return RiskMultiple(x.literal(expr.value))


def duration(x: Expressions, expr: ast.Duration, scope: Scope, clock: Clock) -> Value:
    return x.literal(expr.count * SECONDS[expr.unit], unit=DURATION)


def quantity(x: Expressions, expr: ast.Quantity, scope: Scope, clock: Clock) -> Value:
    unit = expr.unit
    whole = expr.value == math.floor(expr.value)
    if unit == "bars":
        return x.literal(expr.value, kind=Kind.INT if whole else Kind.NUM, unit=BARS)
    if unit in ("shares", "contracts"):
        return x.literal(expr.value, unit=QTY)
    if unit in ("ticks", "lots"):
        return _steps_of_instrument(x, expr, clock)
    return x.literal(expr.value, unit=MONEY if _is_money(x, unit) else QTY)


def _steps_of_instrument(x: Expressions, expr: ast.Quantity, clock: Clock) -> Scalar:
    """`2 ticks`, `3 lots`: the size of one is a fact of the instrument, told by its bars."""
    name, unit = ("tick", PRICE) if expr.unit == "ticks" else ("lot", QTY)
    size = x.graph.node("field", attrs=(name,), unit=unit, clock=clock, constancy=Constancy.SERIES)
    return Scalar(x.make("mul", folding.number(x.graph, expr.value), size, unit=unit, clock=clock))


def _is_money(x: Expressions, asset: str) -> bool:
    """`100 USDT` is money, `10 ETH` a quantity: the symbol's own spelling decides where it can."""
    symbol = x.data[""].symbol if "" in x.data else ""
    pair = re.sub(r"[^A-Z0-9]", "", symbol.rpartition(":")[2].upper())
    if pair.startswith(asset):
        return False
    return pair.endswith(asset) or asset in MONEY_CODES


def text(x: Expressions, expr: ast.String, scope: Scope, clock: Clock) -> Value:
    return Text(expr.value)


def boolean(x: Expressions, expr: ast.Bool, scope: Scope, clock: Clock) -> Value:
    return Scalar(folding.truth(x.graph, expr.value))


def missing(x: Expressions, expr: ast.Na, scope: Scope, clock: Clock) -> Value:
    return x.literal(math.nan, is_literal=True)


def items(x: Expressions, expr: ast.ListExpr | ast.SetExpr, scope: Scope, clock: Clock) -> Value:
    """A list of constants: `const w = [0.5, 0.3, 0.2]`, read as `w[i]`."""
    found = tuple([x.visit(item, scope, clock) for item in expr.items])
    if any(isinstance(item, Failed) for item in found):
        return Failed()
    return Items(found)


def paren(x: Expressions, expr: ast.Paren, scope: Scope, clock: Clock) -> Value:
    """Parentheses end the ambiguity of `e@T[1]`: in `(e@T)[1]` the bars are those of the clock outside."""
    found = x.visit(expr.inner, scope, clock)
    if isinstance(found, Scalar) and found.sampled is not None:
        return replace(found, sampled=None)
    if isinstance(found, Record):
        return Record(
            found.name,
            tuple((n, replace(v, sampled=None) if isinstance(v, Scalar) else v) for n, v in found.fields),
            found.default,
        )
    return found


def date(x: Expressions, expr: ast.Expr, scope: Scope, written: str) -> Value:
    """`date("2024-01-01")` or `date("2024-01-01 09:30")`, UTC, as a time."""
    from datetime import UTC, datetime

    try:
        stamp = datetime.fromisoformat(written.replace("Z", "+00:00"))
    except ValueError:
        x.report(
            scope, codes.BAD_TEXT, expr.span, cause=f'"{written}" is not a date',
            help='write year, month and day: `date("2024-01-31")`, or with a time: `date("2024-01-31 09:30")`',
        )  # fmt: skip
        return Failed()
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    return x.literal(stamp.timestamp(), kind=Kind.TIME)
