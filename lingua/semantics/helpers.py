"""Scalar helpers: one value from values of the same bar, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Clock, Constancy, Kind
from lingua.ir.units import BARS, NONE, PRICE, QTY, Unit
from lingua.semantics import bounds, mends
from lingua.semantics.operators import additive_unit, mismatch
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Scalar, Value
from lingua.structs import replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()


def arguments(
    x: Expressions, expr: ast.Call, names: tuple[str, ...], scope: Scope, *, example: str = ""
) -> list[Expr] | None:
    """Exactly these arguments, by place or name, in this order; None after a report."""
    function = expr.function.name if isinstance(expr.function, ast.Name) else x.text(expr.function, scope)
    found: dict[str, Expr] = {}
    write = f"write `{example or function + '(' + ', '.join(names) + ')'}`"
    for number, arg in enumerate(expr.args):
        if arg.up_to is not None:
            x.report(
                scope,
                codes.WRONG_ARGUMENTS,
                arg.span,
                cause=f"`{function}` has no window that could be capped",
                help=write,
            )
            return None
        name = arg.name or (names[number] if number < len(names) else "")
        if name not in names or name in found:
            cause = _cause(function, arg, name, names, len(expr.args))
            x.report(scope, codes.WRONG_ARGUMENTS, arg.span, cause=cause, help=write)
            return None
        found[name] = arg.value
    missing = [name for name in names if name not in found]
    if missing:
        listed = " and ".join(f"`{name}`" for name in missing)
        x.report(scope, codes.WRONG_ARGUMENTS, expr.span, cause=f"`{function}` also needs {listed}", help=write)
        return None
    return [found[name] for name in names]


def _cause(function: str, arg: ast.Arg, name: str, names: tuple[str, ...], count: int) -> str:
    if arg.name is not None and name not in names:
        return f"`{function}` has no input called `{name}`"
    if name in names:
        return f"`{name}` is given twice"
    most = f"{len(names)} argument{'s' if len(names) != 1 else ''}"
    return f"`{function}` takes {most}, and {count} are given"


def _numbers(x: Expressions, exprs: list[Expr], function: str, scope: Scope, clock: Clock) -> list[Scalar] | None:
    found = [x.number_of(each, scope, clock, f"an argument of `{function}`") for each in exprs]
    scalars = [each for each in found if each is not None]
    if len(scalars) != len(found):
        return None
    for scalar, each in zip(scalars, exprs, strict=True):
        if scalar.node.kind is Kind.TIME:
            x.wrong_kind(
                scalar,
                each,
                scope,
                f"an argument of `{function}`",
                "a number",
                f"write `num({x.full_text(each, scope)})`",
            )
            return None
    return scalars


def _unary(
    name: str, unit: Unit | None, kind: Kind | None, bound: Callable[[bounds.Bounds], bounds.Bounds],
    x: Expressions, expr: ast.Call, scope: Scope, clock: Clock,
) -> Value:  # fmt: skip
    """`abs floor …`: `unit` None keeps that of the argument, `kind` None its kind."""
    exprs = arguments(x, expr, ("x",), scope, example=_rounding_example(x, expr, name, scope))
    if exprs is None:
        return FAILED
    found = _numbers(x, exprs, name, scope, clock)
    if found is None:
        return FAILED
    a = found[0]
    node = x.make(
        "fn1", a.node, attrs=(name,), clock=clock, kind=kind or a.node.kind, unit=a.node.unit if unit is None else unit
    )
    low, high = bound(x.bounds_of(a))
    is_same = unit is None
    return Scalar(node, a.is_literal and is_same, low, high, instrument=a.instrument if is_same else None)


def _rounding_example(x: Expressions, expr: ast.Call, name: str, scope: Scope) -> str:
    if name == "round" and len(expr.args) == 2:
        digits = x.full_text(expr.args[1].value, scope)
        step = f"{10.0 ** -int(digits):g}" if digits.isdigit() and int(digits) < 10 else "0.01"
        return f"nearest({x.full_text(expr.args[0].value, scope)}, {step})"
    return ""


def _sign_bounds(_: bounds.Bounds) -> bounds.Bounds:
    return (-1.0, 1.0)


def _exp_bounds(_: bounds.Bounds) -> bounds.Bounds:
    return (0.0, None)


def _no_bounds(_: bounds.Bounds) -> bounds.Bounds:
    return bounds.UNBOUNDED


def _rounded_bounds(a: bounds.Bounds) -> bounds.Bounds:
    return (None if a[0] is None else a[0] - 1, None if a[1] is None else a[1] + 1)


def extreme(
    x: Expressions, name: str, left: Expr, right: Expr, a: Scalar, b: Scalar, whole: Expr, scope: Scope, clock: Clock
) -> Value:
    """`min` or `max` of two values."""
    unit = additive_unit(a, b)
    if unit is None:
        return mismatch(x, whole, name, left, right, a, b, scope)
    kind = Kind.INT if a.node.kind is Kind.INT and b.node.kind is Kind.INT else Kind.NUM
    node = x.make("fnN", a.node, b.node, attrs=(name,), clock=clock, kind=kind, unit=unit)
    merge = bounds.lesser if name == "min" else bounds.greater
    low, high = merge(x.bounds_of(a), x.bounds_of(b))
    instrument = a.instrument if a.instrument == b.instrument else None
    return Scalar(node, a.is_literal and b.is_literal, low, high, instrument=instrument)


def _extreme(name: str, x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    if len(expr.args) < 2 or any(arg.name or arg.up_to for arg in expr.args):
        _one_value(x, expr, name, scope)
        return FAILED
    exprs = [arg.value for arg in expr.args]
    found = _numbers(x, exprs, name, scope, clock)
    if found is None:
        return FAILED
    if _rolling_meant(x, expr, name, found, scope):
        return FAILED
    # A leading bare literal must wait for the unit of the others: max(0, 1, close).
    total: Value = found[0]
    for number in range(1, len(found)):
        if not isinstance(total, Scalar):
            return FAILED
        total = extreme(x, name, exprs[0], exprs[number], total, found[number], expr, scope, clock)
    return total


ROLLING = {"max": "highest", "min": "lowest"}
LONGEST_LENGTH = 500
"""The largest whole number beside a price or quantity that is taken for a length meant."""


def _one_value(x: Expressions, expr: ast.Call, name: str, scope: Scope) -> None:
    """`max(high)`, `max(20)`, `max(high[20])`"""
    rolling, length = ROLLING[name], "20"
    given = expr.args[0].value if expr.args else None
    text = x.full_text(given, scope) if given is not None else "close"
    if isinstance(given, ast.Number):
        text, length = "high" if name == "max" else "low", text
    elif isinstance(given, ast.Index) and isinstance(given.offset, ast.Number):
        text, length = x.full_text(given.operand, scope), given.offset.text
    written = f"{rolling}({text}, {length})"
    x.report(
        scope, codes.WRONG_ARGUMENTS, expr.span, cause=f"`{name}` compares two or more values of one bar",
        help=f"write `{written}` for the {rolling} of {length} bars, or `{name}({text}, open)` for the {name} of two",
        fixes=mends.replacing(expr, written),
    )  # fmt: skip


def _rolling_meant(x: Expressions, expr: ast.Call, name: str, found: list[Scalar], scope: Scope) -> bool:
    """`max(high, 20)`: a price or quantity of each bar beside a whole number, which may be meant for a length. Says so;
    true when the units do not fit either, so that the call has no value."""
    if len(found) != 2:
        return False
    exprs = [arg.value for arg in expr.args]
    first = 0 if found[0].node.constancy >= Constancy.SERIES else 1
    series, length, given = found[first], found[1 - first], exprs[1 - first]
    if not (series.node.unit in (PRICE, QTY) and series.node.constancy >= Constancy.SERIES and _is_length(length)):
        return False
    count = given.text if isinstance(given, ast.Quantity) else x.full_text(given, scope)
    rolling = f"{ROLLING[name]}({x.full_text(exprs[first], scope)}, {count})"
    help = f"did you mean `{rolling}`, the {ROLLING[name]} of {count} bars?"
    fixes = mends.replacing(expr, rolling)
    if additive_unit(*found) is None:
        mismatch(x, expr, name, exprs[0], exprs[1], found[0], found[1], scope, (help, fixes))
        return True
    if isinstance(given, ast.Number):
        what = "price" if series.node.unit == PRICE else "quantity"
        x.report(
            scope, codes.LENGTH_AS_LEVEL, expr.span, expr=x.text(expr, scope), what=f"`{x.text(exprs[first], scope)}`",
            level=f"the {what} {given.text}", help=f"{help} If the {what} is meant, write `{given.text}.0`",
            fixes=(*fixes, *mends.replacing(given, f"{given.text}.0")),
        )  # fmt: skip
    return False


def _is_length(scalar: Scalar) -> bool:
    node = scalar.node
    is_count = node.kind is Kind.INT and node.unit in (NONE, BARS) and node.constancy < Constancy.SERIES
    return is_count and scalar.low is not None and scalar.high is not None and 2 <= scalar.high <= LONGEST_LENGTH


def _clamp(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    exprs = arguments(x, expr, ("x", "low", "high"), scope)
    found = _numbers(x, exprs, "clamp", scope, clock) if exprs is not None else None
    if exprs is None or found is None:
        return FAILED
    value, low, high = found
    unit: Unit = value.node.unit
    for each, where in ((low, exprs[1]), (high, exprs[2])):
        fitting = additive_unit(Scalar(value.node, value.is_literal), each)
        if fitting is None:
            return mismatch(x, expr, "clamp", exprs[0], where, value, each, scope)
        unit = fitting if value.is_literal else unit if unit == fitting else fitting
    kind = Kind.INT if all(each.node.kind is Kind.INT for each in found) else Kind.NUM
    node = x.make("fnN", *(each.node for each in found), attrs=("clamp",), clock=clock, kind=kind, unit=unit)
    _, top = x.bounds_of(high)
    bottom, _ = x.bounds_of(low)
    return Scalar(node, all(each.is_literal for each in found), bottom, top, instrument=value.instrument)


def _step(name: str, x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`mod(a, b)` and `nearest(x, step)`: both in one unit."""
    exprs = arguments(x, expr, ("a", "b") if name == "mod" else ("x", "step"), scope)
    found = _numbers(x, exprs, name, scope, clock) if exprs is not None else None
    if exprs is None or found is None:
        return FAILED
    a, b = found
    unit = additive_unit(a, b)
    if unit is None:
        return mismatch(x, expr, name, exprs[0], exprs[1], a, b, scope)
    kind = Kind.INT if a.node.kind is Kind.INT and b.node.kind is Kind.INT else Kind.NUM
    node = x.make("fnN", a.node, b.node, attrs=(name,), clock=clock, kind=kind, unit=unit)
    low, high = bounds.UNBOUNDED
    if name == "mod" and b.node.op == "const" and isinstance(b.low, float) and b.low > 0:
        low, high = 0.0, b.low
    return Scalar(node, a.is_literal and b.is_literal, low, high, instrument=a.instrument)


def _number(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`num(x)` drops the unit on purpose; of a time it is the seconds since 1970."""
    exprs = arguments(x, expr, ("x",), scope)
    if exprs is None:
        return FAILED
    scalar = x.number_of(exprs[0], scope, clock, "an argument of `num`")
    if scalar is None:
        return FAILED
    return replace(x.with_unit(scalar, NONE), instrument=None, is_literal=False)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": partial(_unary, "abs", None, None, bounds.absolute),
    "log": partial(_unary, "log", NONE, Kind.NUM, _no_bounds),
    "exp": partial(_unary, "exp", NONE, Kind.NUM, _exp_bounds),
    "sqrt": partial(_unary, "sqrt", NONE, Kind.NUM, _exp_bounds),
    "sign": partial(_unary, "sign", NONE, Kind.INT, _sign_bounds),
    "floor": partial(_unary, "floor", None, Kind.INT, _rounded_bounds),
    "ceil": partial(_unary, "ceil", None, Kind.INT, _rounded_bounds),
    "round": partial(_unary, "round", None, Kind.INT, _rounded_bounds),
    "trunc": partial(_unary, "trunc", None, Kind.INT, _rounded_bounds),
    "min": partial(_extreme, "min"),
    "max": partial(_extreme, "max"),
    "clamp": _clamp,
    "mod": partial(_step, "mod"),
    "nearest": partial(_step, "nearest"),
    "num": _number,
}

SUMMARIES = {
    "abs": "size without sign", "log": "natural logarithm; na for 0 and below", "exp": "e to the power x",
    "sqrt": "square root; na below 0", "sign": "-1, 0 or 1", "floor": "next whole number down",
    "ceil": "next whole number up", "round": "nearest whole number, halves to even", "trunc": "whole part",
    "min": "smallest of its arguments", "max": "largest of its arguments", "clamp": "x, kept between low and high",
    "mod": "a - b * floor(a / b)", "nearest": "multiple of step nearest to x", "num": "x without its unit",
}  # fmt: skip
"""One line each, for the reference and hover."""
