"""`sum over (i in a..b: e)` and its kin: bounds are known before the run, terms are written out in index order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Clock, Constancy, Kind
from lingua.semantics import folding, operators
from lingua.semantics.history import not_whole, number_text
from lingua.semantics.scope import Known, Scope
from lingua.semantics.values import Failed, Scalar, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
MOST_TERMS = 10_000
SURELY = 8
"""Times over the steps left, by the first terms: the rest, however short its terms are, will not fit."""


def fold(x: Expressions, expr: ast.Fold, scope: Scope, clock: Clock) -> Value:
    low = _bound(x, expr.low, "the first index", scope, clock)
    high = _bound(x, expr.high, "the last index", scope, clock)
    if low is None or high is None:
        return FAILED
    if high - low + 1 > MOST_TERMS:
        x.report(
            scope, codes.PROGRAM_TOO_LARGE, expr.span,
            cause=f"this fold has {number_text(float(high - low + 1))} terms, more than the {MOST_TERMS:,} allowed",
            help=f"shorten it, or use a function of a window: `sum(close, {MOST_TERMS})`",
        )  # fmt: skip
        return FAILED
    if high < low:
        return _empty(x, expr)
    total: Value = FAILED
    shortest = x.steps_left
    for i in range(low, high + 1):
        before = x.steps
        inner = scope.child()
        inner.define(expr.variable, Known(x.literal(float(i), kind=Kind.INT)), expr.span, "index").used = True
        term = x.visit(expr.body, inner, clock)
        if isinstance(term, Failed):
            return FAILED
        total = term if i == low else _combine(x, expr, total, term, inner, clock)
        if isinstance(total, Failed):
            return FAILED
        # Told as soon as it is sure, not when all the steps are used up: what is defined elsewhere is paid for by the
        # first term, and the terms of a triangle grow shorter.
        shortest = min(shortest, x.steps - before)
        if i == low + 1 and shortest * (high - i) > SURELY * x.steps_left:
            return x.too_large(expr, scope)
    return _checked(x, expr, total, scope) if low == high else total


def _bound(x: Expressions, expr: Expr, what: str, scope: Scope, clock: Clock) -> int | None:
    scalar = x.number_of(expr, scope, clock, what)
    if scalar is None:
        return None
    if scalar.node.constancy > Constancy.PARAM:
        x.report(
            scope, codes.NOT_CONSTANT, expr.span, what=what, expr=x.text(expr, scope),
            help="give a number or a `param`: a fold has the same terms on every bar",
        )  # fmt: skip
        return None
    if scalar.node.kind is not Kind.INT:
        not_whole(x, expr, scalar, what, scope)
        return None
    value = x.statics.of(scalar.node)
    if not isinstance(value, float) or value != value:
        x.report(
            scope, codes.OUT_OF_BOUNDS, expr.span, what=what, allowed="a number", expr=x.text(expr, scope), found="na",
            help="write a whole number, such as `0`",
        )  # fmt: skip
        return None
    return int(value)


def _combine(x: Expressions, expr: ast.Fold, total: Value, term: Value, scope: Scope, clock: Clock) -> Value:
    what = f"a term of `{expr.kind} over`"
    if expr.kind in ("all", "any"):
        first, second = x.boolean(total, expr.body, scope, what), x.boolean(term, expr.body, scope, what)
        if first is None or second is None:
            return FAILED
        return Scalar(
            x.make("and" if expr.kind == "all" else "or", first.node, second.node, clock=clock, kind=Kind.BOOL)
        )
    a, b = x.number(total, expr.body, scope, what), x.number(term, expr.body, scope, what)
    if a is None or b is None:
        return FAILED
    if expr.kind in ("min", "max"):
        from lingua.semantics.helpers import extreme

        return extreme(x, expr.kind, expr.body, expr.body, a, b, expr, scope, clock)
    op = ast.Binary("+" if expr.kind == "sum" else "*", expr.body, expr.body, span=expr.span)
    return operators.arithmetic(x, op, a, b, scope, clock)


def _checked(x: Expressions, expr: ast.Fold, total: Value, scope: Scope) -> Value:
    """A fold of one term never met an operator: its kind is still checked."""
    what = f"a term of `{expr.kind} over`"
    coerce = x.boolean if expr.kind in ("all", "any") else x.number
    return coerce(total, expr.body, scope, what) or FAILED


def _empty(x: Expressions, expr: ast.Fold) -> Value:
    match expr.kind:
        case "all" | "any":
            return Scalar(folding.truth(x.graph, expr.kind == "all"))
        case "sum":
            return x.literal(0.0, kind=Kind.INT, is_literal=True)
        case "product":
            return x.literal(1.0, kind=Kind.INT, is_literal=True)
        case _:
            return x.literal(math.nan, is_literal=True)
