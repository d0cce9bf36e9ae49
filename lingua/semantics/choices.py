"""`if`, `? :` and `match`: nested choices between values. Both sides are always evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.ir.nodes import Clock
from lingua.semantics.operators import choose
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Value
from lingua.syntax import nodes as ast

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions


def if_(x: Expressions, expr: ast.If, scope: Scope, clock: Clock) -> Value:
    condition = x.truth_of(expr.condition, scope, clock, "what stands after `if`")
    then = x.visit(expr.then, scope, clock)
    otherwise = x.visit(expr.otherwise, scope, clock)
    if condition is None:
        return Failed()
    return choose(x, expr, condition, expr.then, expr.otherwise, then, otherwise, scope, clock)


def match(x: Expressions, expr: ast.Match, scope: Scope, clock: Clock) -> Value:
    """The first true arm; an unknown condition before it gives `na`."""
    conditions = []
    values = []
    for condition, value in expr.arms:
        conditions.append(x.truth_of(condition, scope, clock, "what stands before `=>`"))
        values.append(x.visit(value, scope, clock))
    found = x.visit(expr.otherwise, scope, clock)
    other = expr.otherwise
    for number in range(len(expr.arms) - 1, -1, -1):
        test = conditions[number]
        if test is None:
            return Failed()
        mine = expr.arms[number][1]
        found = choose(x, mine, test, mine, other, values[number], found, scope, clock)
        other = mine
    return found
