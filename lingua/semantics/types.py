"""Declared types: `let x: price = 100`, `fast: int`, `-> band`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Kind
from lingua.ir.units import BARS, DURATION, MONEY, NONE, PRICE, QTY, RATIO, Unit
from lingua.semantics import folding
from lingua.semantics.scope import Scope
from lingua.semantics.values import (
    DataValue,
    Failed,
    FunctionValue,
    Record,
    Scalar,
    SignalValue,
    Text,
    TimeframeValue,
    Value,
)
from lingua.semantics.words import kind_words
from lingua.structs import replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr, TypeRef

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
UNITS: dict[str, Unit] = {
    "price": PRICE, "qty": QTY, "money": MONEY, "ratio": RATIO, "duration": DURATION, "bars": BARS,
}  # fmt: skip
NUMBERS = ("num", "float", "number")
OTHERS = ("int", "bool", "string", "time", "symbol", "timeframe", "signal", "window", "series", "function")
KNOWN = (*UNITS, *NUMBERS, *OTHERS)


def is_known(type: TypeRef) -> bool:
    return type.name in KNOWN


def declared(x: Expressions, value: Value, type: TypeRef | None, expr: Expr, scope: Scope) -> Value:
    """`value` as what was declared: a bare literal adopts the unit, anything else must be it already."""
    if type is None or isinstance(value, Failed):
        return value
    name = type.name
    if name in ("window", "series"):
        inner = type.args[0] if type.args else None
        return declared(x, value, inner, expr, scope) if isinstance(inner, TypeRef) else value
    if name in UNITS:
        return _with_unit(x, value, UNITS[name], type, expr, scope)
    if name in NUMBERS:
        return _numeric(x, value, type, expr, scope)
    if name == "int":
        return _whole(x, value, type, expr, scope)
    if name == "bool":
        if isinstance(value, Scalar) and folding.is_na(value.node):
            return x.boolean(value, expr, scope, "it") or FAILED
        return value if _is_kind(value, Kind.BOOL) else _wrong(x, value, type, expr, scope, "compare it with something")
    if name in ("string", "symbol"):
        fits = isinstance(value, Text | DataValue) or _is_kind(value, Kind.STRING)
        return value if fits else _wrong(x, value, type, expr, scope, "write a text in double quotes")
    if name == "time":
        fits = _is_kind(value, Kind.TIME)
        return value if fits else _wrong(x, value, type, expr, scope, 'write `date("2024-01-31")`')
    if name == "timeframe":
        if isinstance(value, Scalar) and isinstance(expr, ast.Duration):
            return TimeframeValue(f"{expr.count}{expr.unit}")
        return (
            value
            if isinstance(value, TimeframeValue)
            else _wrong(x, value, type, expr, scope, "write one, such as `1h`")
        )
    if name == "signal":
        return (
            value if isinstance(value, SignalValue) else _wrong(x, value, type, expr, scope, "declare it with `signal`")
        )
    if name == "function":
        return (
            value if isinstance(value, FunctionValue) else _wrong(x, value, type, expr, scope, "give a function's name")
        )
    if isinstance(value, Record) and value.name == name:
        return value
    return _unknown_type(x, value, type, expr, scope)


def _is_kind(value: Value, kind: Kind) -> bool:
    return isinstance(value, Scalar) and value.node.kind is kind


def _with_unit(x: Expressions, value: Value, unit: Unit, type: TypeRef, expr: Expr, scope: Scope) -> Value:
    scalar = _number(x, value, type, expr, scope)
    if scalar is None:
        return FAILED
    is_bare = scalar.is_literal and scalar.node.unit == NONE
    counts = unit == BARS and scalar.node.kind is Kind.INT and scalar.node.unit == NONE
    if (scalar.node.unit != unit and not is_bare and not counts) or scalar.node.kind is Kind.TIME:
        from lingua.semantics.mends import to_unit

        return _wrong(x, scalar, type, expr, scope, to_unit(x, scalar, unit, expr, scope))
    found = x.with_unit(scalar, unit)
    if type.suffix is not None:
        entry = scope.lookup(type.suffix)
        alias = getattr(entry.definition, "alias", None) if entry is not None else None
        found = replace(found, instrument=alias if isinstance(alias, str) else found.instrument)
    return found


def _numeric(x: Expressions, value: Value, type: TypeRef, expr: Expr, scope: Scope) -> Value:
    """`num` and `float` say nothing of the unit: any number will do."""
    scalar = _number(x, value, type, expr, scope)
    if scalar is None:
        return FAILED
    if scalar.node.kind is Kind.TIME:
        return _wrong(x, scalar, type, expr, scope, f"write `num({x.full_text(expr, scope)})`")
    return scalar


def _number(x: Expressions, value: Value, type: TypeRef, expr: Expr, scope: Scope) -> Scalar | None:
    """`value` as a number or time; a truth or a text breaks the declaration."""
    if isinstance(value, Scalar) and value.node.kind in (Kind.BOOL, Kind.STRING):
        mend = f"choose a number for each case: `if {x.full_text(expr, scope)} then 1 else 0`"
        _wrong(x, value, type, expr, scope, mend if value.node.kind is Kind.BOOL else "give a number")
        return None
    return x.number(value, expr, scope, "it")


def _whole(x: Expressions, value: Value, type: TypeRef, expr: Expr, scope: Scope) -> Value:
    scalar = _number(x, value, type, expr, scope)
    if scalar is None:
        return FAILED
    if scalar.node.kind is Kind.INT or folding.is_na(scalar.node):
        return scalar
    return _wrong(x, scalar, type, expr, scope, f"write `floor({x.full_text(expr, scope)})` or `round(…)`")


def _unknown_type(x: Expressions, value: Value, type: TypeRef, expr: Expr, scope: Scope) -> Value:
    near = {"integer": "int", "boolean": "bool", "double": "num", "str": "string"}.get(type.name.lower())
    near = near or x.near(type.name, KNOWN)
    if near is None and isinstance(value, Record):
        return _wrong(x, value, type, expr, scope, f"declare `{value.name}`, or make a `{type.name}(…)`")
    help = f"did you mean `{near}`?" if near else f"known types: {', '.join(KNOWN[:12])}"
    x.report(scope, codes.UNKNOWN_NAME, type.span, name=type.name, help=help)
    return FAILED


def _wrong(x: Expressions, value: Value, type: TypeRef, expr: Expr, scope: Scope, help: str) -> Failed:
    found = "something else"
    if isinstance(value, Scalar):
        found = kind_words(value.node)
        if type.name == "int" and value.node.kind in (Kind.NUM, Kind.INT):
            found = "not a whole number"
    elif isinstance(value, Record):
        found = f"a `{value.name}`"
    x.report(scope, codes.WRONG_TYPE, expr.span, expr=x.text(expr, scope), found=found, type=type.name, help=help)
    return FAILED
