"""`state s = init => next`: the only recursion. `prev` is the last valid value of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import state as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import Clock, Constancy, Kind
from lingua.ir.units import NONE, Unit
from lingua.semantics import folding, types
from lingua.semantics.operators import additive_unit
from lingua.semantics.scope import Entry, Known, Scope, StateDef
from lingua.semantics.values import Failed, Scalar, Value
from lingua.semantics.words import kind_words
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
NUMERIC = (Kind.NUM, Kind.INT)


def state(x: Expressions, entry: Entry, definition: StateDef, clock: Clock) -> Value:
    outer = entry.home.hiding((entry.name,))
    init = x.plain(x.visit(definition.init, outer, clock), definition.init, outer)
    if init is not None and (init.node.kind is Kind.STRING or folding.is_na(init.node)):
        never = "`na`, which is never a value," if folding.is_na(init.node) else "a text"
        x.report(
            outer, codes.STATE_KIND, entry.span, name=entry.name, first=never,
            second=f"`{x.text(definition.next, outer)}`",
            help="a state begins at the first bar where its beginning has a value: begin with `0`, `false` or `close`",
        )  # fmt: skip
        return FAILED
    if init is None:
        # `next` is still looked through for its own mistakes.
        x.visit(definition.next, _inside(outer, FAILED, entry, clock), clock)
        return FAILED
    declared = types.declared(x, init, definition.type, definition.init, outer)
    if not isinstance(declared, Scalar):
        return FAILED
    identity = _identity(x, entry.name)
    kind, unit, adopts = declared.node.kind, declared.node.unit, declared.is_literal and definition.type is None
    following = _step(x, entry, definition, outer, identity, kind, unit, adopts, clock)
    if following is None:
        return FAILED
    if definition.type is None:
        better = _widened(kind, unit, adopts, following)
        if better is not None and better != (kind, unit):
            # `state top = 0 => max(prev, high)`: what goes on decides what the bare 0 at the beginning measures.
            kind, unit = better
            again = _step(x, entry, definition, outer, identity, kind, unit, False, clock)
            if again is None:
                return FAILED
            following = again
    start = declared
    if adopts and kind in NUMERIC:
        start = x.with_unit(declared, unit)
    if not _fits(x, entry, definition, start, following, kind, unit, outer):
        return FAILED
    if definition.type is not None:
        checked = types.declared(x, following, definition.type, definition.next, outer)
        if not isinstance(checked, Scalar):
            return FAILED
        following = checked
    node = x.graph.node(
        "state", start.node, following.node, attrs=(identity,), kind=kind, unit=unit, clock=clock,
        constancy=max(Constancy.SERIES, start.node.constancy, following.node.constancy),
    )  # fmt: skip
    return Scalar(node, instrument=following.instrument)


def _step(
    x: Expressions,
    entry: Entry,
    definition: StateDef,
    outer: Scope,
    identity: str,
    kind: Kind,
    unit: Unit,
    adopts: bool,
    clock: Clock,
) -> Scalar | None:
    """`next` with `prev` of this kind and unit."""
    previous = x.graph.node("prev", attrs=(identity,), kind=kind, unit=unit, clock=clock, constancy=Constancy.SERIES)
    inside = _inside(outer, Scalar(previous, is_literal=adopts), entry, clock)
    found = x.visit(definition.next, inside, clock)
    return x.plain(found, definition.next, inside)


def _inside(outer: Scope, previous: Value, entry: Entry, clock: Clock) -> Scope:
    scope = outer.child()
    scope.define("prev", Known(previous, clock=clock), entry.span, "prev").used = True
    return scope


def _identity(x: Expressions, name: str) -> str:
    """A name for the state that no other state of the program has."""
    count = x.state_ids.get(name, 0) + 1
    x.state_ids[name] = count
    return name if count == 1 else f"{name}.{count}"


def _widened(kind: Kind, unit: Unit, adopts: bool, following: Scalar) -> tuple[Kind, Unit] | None:
    """Kind and unit both `init` and `next` fit into, when they differ in a way that can be told."""
    node = following.node
    if kind not in NUMERIC or node.kind not in NUMERIC:
        return None
    wide = Kind.INT if kind is Kind.INT and node.kind is Kind.INT else Kind.NUM
    return (wide, node.unit) if adopts and unit == NONE else (wide, unit)


def _fits(
    x: Expressions,
    entry: Entry,
    definition: StateDef,
    start: Scalar,
    following: Scalar,
    kind: Kind,
    unit: Unit,
    scope: Scope,
) -> bool:
    node = following.node
    same = node.kind is kind or (kind in NUMERIC and node.kind in NUMERIC)
    if same and kind in NUMERIC:
        same = additive_unit(Scalar(start.node), following) == unit or node.unit == unit
    if not same:
        first, second = x.text(definition.init, scope), x.text(definition.next, scope)
        x.report(
            scope, codes.STATE_KIND, entry.span, name=entry.name, first=f"{kind_words(start.node)} (`{first}`)",
            second=f"{kind_words(node)} (`{second}`)", help=_mend(definition.init, start, node.kind, x, scope),
            labels=(Label(definition.init.span, "begins"), Label(definition.next.span, "goes on")),
        )  # fmt: skip
    return same


def _mend(init: Expr, start: Scalar, kind: Kind, x: Expressions, scope: Scope) -> str:
    if kind is Kind.BOOL:
        return "begin with `false`"
    if start.node.kind is Kind.BOOL:
        return "begin with a number, such as `0`, or let what follows be a condition"
    return f"let both be the same, or drop the unit on purpose: `num({x.full_text(init, scope)})`"
