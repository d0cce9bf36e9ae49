"""`signal s = long when A, short when B, confidence C`: a side, how sure, and their product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.ir.nodes import Clock, Kind
from lingua.ir.units import NONE, RATIO
from lingua.semantics.scope import Entry, Scope, SignalDef
from lingua.semantics.values import Failed, Scalar, SignalValue, Value
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

SIDES = {"long": 1.0, "short": -1.0, "flat": 0.0}


def signal(x: Expressions, entry: Entry, definition: SignalDef, clock: Clock) -> Value:
    """The first true clause gives the side, none of them flat; an unknown one before it gives `na`."""
    scope = entry.home.hiding((entry.name,))
    clauses = []
    confidence: Scalar | None = x.literal(1.0)
    for clause in definition.clauses:
        if clause.kind == "confidence":
            confidence = _confidence(x, clause.value, scope, clock)
        else:
            clauses.append(
                (clause.kind, x.truth_of(clause.value, scope, clock, f"what stands after `{clause.kind} when`"))
            )
    side = x.literal(0.0, kind=Kind.INT).node
    for kind, condition in reversed(clauses):
        if condition is None:
            return Failed()
        this = x.literal(SIDES[kind], kind=Kind.INT).node
        side = x.make("select", condition.node, this, side, clock=clock, kind=Kind.INT)
    if confidence is None:
        return Failed()
    value = x.make("mul", side, confidence.node, clock=clock)
    return SignalValue(Scalar(side, low=-1.0, high=1.0), confidence, Scalar(value, low=-1.0, high=1.0))


def _confidence(x: Expressions, expr: Expr, scope: Scope, clock: Clock) -> Scalar | None:
    found = x.number_of(expr, scope, clock, "a confidence")
    if found is None:
        return None
    if found.node.unit == RATIO:
        found = x.with_unit(found, NONE)
    if found.node.unit != NONE:
        fitted = x.fit(found, NONE, expr, scope, "a confidence")
        if fitted is None:
            return None
        found = fitted
    low, high = x.literal(0.0).node, x.literal(1.0).node
    node = x.make("fnN", found.node, low, high, attrs=("clamp",), clock=clock)
    return Scalar(node, low=0.0, high=1.0)
