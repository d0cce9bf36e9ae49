"""Values known before the run, as parameters have them: a number with its unit, a truth, a time, a timeframe, a text, a
function."""

from __future__ import annotations

import math

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import parameters as codes
from lingua.ir.nodes import Constancy, Kind
from lingua.ir.program import ParamValue
from lingua.ir.units import NONE, Unit
from lingua.semantics import types
from lingua.semantics.context import Context
from lingua.semantics.values import Failed, FunctionValue, Scalar, Text, TimeframeValue, Value
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder


class Plain(Struct):
    """A compile-time value of a parameter: `kind` as in `ParamDecl`, and the value the scope knows."""

    kind: str
    unit: Unit
    data: ParamValue
    value: Value

    @property
    def what(self) -> str:
        if self.kind in ("num", "int") and self.unit != NONE:
            from lingua.semantics.words import unit_words

            return unit_words(self.unit)
        return KINDS[self.kind]


KINDS = {
    "num": "a number", "int": "a whole number", "bool": "true or false", "timeframe": "a timeframe", "string": "a text",
    "function": "the name of a function", "time": "a time",
}  # fmt: skip
NUMERIC = ("num", "int")


def plain_value(
    ctx: Context, expr: Expr, type: ast.TypeRef | None = None, *, is_timeframe: bool = False
) -> Plain | None:
    """`expr` as a value known now; None after a report."""
    found = types.declared(ctx.x, ctx.x.value(expr, ctx.scope), type, expr, ctx.scope)
    if is_timeframe and isinstance(expr, ast.Duration) and type is None:
        text = f"{expr.count}{expr.unit}"
        return Plain("timeframe", NONE, text, TimeframeValue(text))
    match found:
        case Failed():
            return None
        case Text(text):
            return Plain("string", NONE, text, found)
        case TimeframeValue(text):
            return Plain("timeframe", NONE, text, found)
        case FunctionValue(builtin, definition):
            return Plain("function", NONE, builtin or (definition.name if definition is not None else ""), found)
        case Scalar():
            return _plain_scalar(ctx, found, expr)
        case _:
            ctx.report(
                codes.BAD_DEFAULT, expr.span, name=ctx.text(expr), found="more than one value",
                help="give a number, `true` or `false`, a timeframe, a text or the name of a function",
            )  # fmt: skip
            return None


def _plain_scalar(ctx: Context, found: Scalar, expr: Expr) -> Plain | None:
    node = found.node
    if node.constancy > Constancy.PARAM:
        ctx.x.report(
            ctx.scope, name_codes.NOT_CONSTANT, expr.span, what="a parameter", expr=ctx.text(expr),
            help="give a number, or make it a `let` if it changes from bar to bar",
        )  # fmt: skip
        return None
    if node.constancy is Constancy.PARAM:
        remember_params(ctx, expr)
    value = ctx.x.statics.of(node)
    if node.kind is Kind.STRING:
        return Plain("string", NONE, str(value), Text(str(value)))
    if node.kind is Kind.BOOL:
        return Plain("bool", NONE, value == 2, found)
    number = float(value)
    if math.isnan(number):
        ctx.report(codes.BAD_DEFAULT, expr.span, name=ctx.text(expr), found="`na`", help="give a number")
        return None
    if node.kind is Kind.TIME:
        return Plain("time", NONE, number, found)
    kind = "int" if node.kind is Kind.INT else "num"
    return Plain(kind, node.unit, int(number) if kind == "int" else number, found)


def remember_params(ctx: Context, expr: Expr) -> None:
    """Parameters a statement reads before the run make another program when they change."""
    ctx.used_params |= {n.name for n in postorder(expr) if isinstance(n, ast.Name) and n.name in ctx.x.params}
