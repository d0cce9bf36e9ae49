"""`x[n]`: the value n bars ago, n known before the run and never negative; `list[i]`: an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import future, timeframes
from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.codes import state as state_codes
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.units import BARS, NONE
from lingua.semantics import folding, habits, mends
from lingua.semantics.scope import Scope
from lingua.semantics.values import DataValue, Failed, Items, Record, Scalar, SignalValue, Value
from lingua.semantics.words import kind_words
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
LONGEST = 100_000


def index(x: Expressions, expr: ast.Index, scope: Scope, clock: Clock) -> Value:
    if habits.index(x, expr, scope):
        return FAILED
    operand = x.visit(expr.operand, scope, clock)
    if isinstance(operand, Failed):
        return FAILED
    if isinstance(operand, Items):
        return _item(x, expr, operand, scope, clock)
    if isinstance(operand, DataValue):
        x.report(
            scope, codes.NOT_A_VALUE, expr.operand.span, expr=x.text(expr.operand, scope), found="another symbol",
            help=f"read a price of it: `{operand.alias}.close`",
        )  # fmt: skip
        return FAILED
    offset = bars_back(x, expr, scope, clock)
    if offset is None:
        return FAILED
    if isinstance(operand, Record):
        return _record(x, expr, operand, offset, scope, clock)
    if isinstance(operand, SignalValue):
        parts = [
            shift(x, expr, part, offset, scope, clock) for part in (operand.side, operand.confidence, operand.value)
        ]
        if any(part is None for part in parts):
            return FAILED
        return SignalValue(*parts)  # type: ignore[arg-type]
    scalar = x.plain(operand, expr.operand, scope)
    if scalar is None:
        return FAILED
    return shift(x, expr, scalar, offset, scope, clock) or FAILED


def bars_back(x: Expressions, expr: ast.Index, scope: Scope, clock: Clock) -> Node | None:
    """The offset as a constant or parameter node."""
    operand = x.text(expr.operand, scope)
    offset = x.number_of(expr.offset, scope, clock, "the number of bars to go back")
    if offset is None:
        return None
    text = x.text(expr.offset, scope)
    if offset.node.constancy > Constancy.PARAM:
        x.report(
            scope, codes.NOT_CONSTANT, expr.offset.span, what="the number of bars to go back", expr=text,
            help=f"give a number or a `param`; for the value at an event write `value_when(event, {operand}, 0)`",
        )  # fmt: skip
        return None
    value = x.statics.of(offset.node)
    if isinstance(value, float) and value < 0:
        mended = f"{mends.factor(x, expr.operand, scope)}[{abs(value):g}]"
        x.report(
            scope, future.LOOK_AHEAD, expr.span, expr=x.text(expr, scope),
            help=f"write `{mended}` for {_ago(abs(value))}", fixes=mends.replacing(expr, mended),
        )  # fmt: skip
        return None
    if isinstance(expr.offset, ast.Duration):
        x.report(
            scope, codes.NOT_WHOLE, expr.offset.span, what="the number of bars to go back", expr=text,
            found=kind_words(offset.node),
            help=f"count bars, or write `{mends.factor(x, expr.operand, scope)}@{text}` for the last bar of {text}",
        )  # fmt: skip
        return None
    if offset.node.kind is not Kind.INT or offset.node.unit not in (NONE, BARS):
        not_whole(x, expr.offset, offset, "the number of bars to go back", scope)
        return None
    if value != value or float(value) > LONGEST:
        x.report(
            scope, codes.OUT_OF_BOUNDS, expr.offset.span, what="the number of bars to go back",
            allowed=f"at most {LONGEST:,}", expr=text, found=number_text(value),
            help=f"write at most `{operand}[{LONGEST}]`",
        )  # fmt: skip
        return None
    return offset.node


def not_whole(x: Expressions, expr: Expr, scalar: Scalar, what: str, scope: Scope) -> None:
    """Report a number that is not whole, with the rounding that would make it so."""
    text = x.full_text(expr, scope)
    if scalar.node.unit not in (NONE, BARS):
        x.report(
            scope, codes.NOT_WHOLE, expr.span, what=what, expr=x.text(expr, scope), found=kind_words(scalar.node),
            help=f"count bars: write a whole number, or `floor(num({text}))`",
        )  # fmt: skip
        return
    value = x.statics.of(scalar.node) if scalar.node.constancy <= Constancy.PARAM else float("nan")
    found = "the result of a division" if _divides(expr) else "not whole"
    if not isinstance(expr, ast.Number) and value == value and not _divides(expr):
        found = number_text(value)
    mended = f"floor({text})"
    if scalar.is_literal and isinstance(value, float) and value.is_integer():
        mended = f"{int(value)}"
    x.report(
        scope, codes.NOT_WHOLE, expr.span, what=what, expr=x.text(expr, scope), found=found, help=f"write `{mended}`",
        fixes=mends.replacing(expr, mended),
    )  # fmt: skip


def shift(x: Expressions, expr: ast.Index, scalar: Scalar, offset: Node, scope: Scope, clock: Clock) -> Scalar | None:
    if scalar.sampled is not None:
        ambiguous(x, expr, scalar, scope)
        return None
    node = scalar.node
    if node.kind is Kind.STRING:
        x.wrong_kind(
            scalar, expr.operand, scope, "what has a history", "a number or true or false", "leave out the `[…]`"
        )
        return None
    if x.reads_previous(node):
        text = x.text(expr, scope)
        x.report(
            scope, state_codes.PREV_IN_WINDOW, expr.span, expr=text, function=f"`[{x.text(expr.offset, scope)}]`",
            help="`prev` is already the value before; go back further on the state's name, outside of its definition",
        )  # fmt: skip
        return None
    if node.constancy < Constancy.SERIES or (offset.op == "const" and offset.attrs[0] == 0):
        return Scalar(node, False, scalar.low, scalar.high, instrument=scalar.instrument)
    if offset.unit != NONE:
        offset = folding.fold(x.graph, x.with_unit(Scalar(offset), NONE).node)
    shifted = x.graph.node("hist", node, offset, kind=node.kind, unit=node.unit, clock=clock)
    return Scalar(shifted, False, scalar.low, scalar.high, instrument=scalar.instrument)


def ambiguous(x: Expressions, expr: ast.Index, scalar: Scalar, scope: Scope) -> None:
    """`e@T[1]`: both mends."""
    whole, offset = x.full_text(expr, scope), x.full_text(expr.offset, scope)
    text = x.full_text(expr.operand, scope)
    outside = f"({text})[{offset}]"
    inside, where = _inside(x, expr.operand, offset, scalar, scope)
    help = f"write `{inside}` to go back on {where}, or `{outside}` to go back on the bars traded"
    fixes = (*mends.replacing(expr, inside), *mends.replacing(expr, outside))
    x.report(
        scope,
        timeframes.WHOSE_BARS,
        expr.span,
        expr=x.text(expr, scope),
        help=help,
        fixes=fixes,
        notes=_defined(x, expr.operand, scope) if whole else (),
    )


def _inside(x: Expressions, operand: Expr, offset: str, scalar: Scalar, scope: Scope) -> tuple[str, str]:
    """The spelling that counts the other bars, and what those are called."""
    sampled = scalar.sampled
    if isinstance(operand, ast.At):
        mark = x.full_text(operand.clock, scope)
        return f"{mends.factor(x, operand.operand, scope)}[{offset}]@{mark}", f"the bars of {mark}"
    name = _definition_of(operand)
    if sampled is not None and sampled.source and not sampled.timeframe:
        if (
            isinstance(operand, ast.Field)
            and isinstance(operand.operand, ast.Name)
            and operand.operand.name == sampled.source
        ):
            return f"{operand.name}[{offset}]@{sampled.source}", f"the bars of {sampled.source}"
        mark = sampled.source
    else:
        mark = sampled.timeframe if sampled is not None else ""
    entry = scope.lookup(name) if name else None
    expr = (
        getattr(entry.definition, "expr", None) if entry is not None and entry.home.problems is scope.problems else None
    )
    part = f".{operand.name}" if isinstance(operand, ast.Field) else ""
    if isinstance(expr, ast.At):
        mark = x.full_text(expr.clock, scope)
        return f"{mends.factor(x, expr.operand, scope)}{part}[{offset}]@{mark}", f"the bars of {mark}"
    return f"{mends.factor(x, operand, scope)}[{offset}]@{mark}", f"the bars of {mark}"


def _defined(x: Expressions, operand: Expr, scope: Scope) -> tuple[str, ...]:
    name = _definition_of(operand)
    entry = scope.lookup(name) if name else None
    expr = (
        getattr(entry.definition, "expr", None) if entry is not None and entry.home.problems is scope.problems else None
    )
    if expr is None or entry is None:
        return ()
    return (f"`{name}` is defined as `{x.text(expr, entry.home)}`",)


def _definition_of(operand: Expr) -> str:
    while isinstance(operand, ast.Field):
        operand = operand.operand
    return operand.name if isinstance(operand, ast.Name) else ""


def _record(x: Expressions, expr: ast.Index, record: Record, offset: Node, scope: Scope, clock: Clock) -> Value:
    parts: list[tuple[str, Value]] = []
    for name, part in record.fields:
        if not isinstance(part, Scalar):
            return FAILED
        shifted = shift(x, expr, part, offset, scope, clock)
        if shifted is None:
            return FAILED
        parts.append((name, shifted))
    return Record(record.name, tuple(parts), record.default)


def _item(x: Expressions, expr: ast.Index, items: Items, scope: Scope, clock: Clock) -> Value:
    offset = x.number_of(expr.offset, scope, clock, "the place in the list")
    if offset is None:
        return FAILED
    text = x.text(expr.offset, scope)
    if offset.node.constancy > Constancy.PARAM:
        x.report(
            scope, codes.NOT_CONSTANT, expr.offset.span, what="the place in the list", expr=text,
            help="use a number, a `param`, or the variable of a fold",
        )  # fmt: skip
        return FAILED
    value = x.statics.of(offset.node)
    if offset.node.kind is not Kind.INT:
        not_whole(x, expr.offset, offset, "the place in the list", scope)
        return FAILED
    if not isinstance(value, float) or not 0 <= value < len(items.items):
        x.report(
            scope, codes.OUT_OF_BOUNDS, expr.offset.span, what="the place in the list",
            allowed=f"from 0 to {len(items.items) - 1}", expr=text, found=number_text(value),
            help=f"the list has {len(items.items)} items; the first is `[0]`",
        )  # fmt: skip
        return FAILED
    return items.items[int(value)]


def _divides(expr: Expr) -> bool:
    while isinstance(expr, ast.Paren):
        expr = expr.inner
    return isinstance(expr, ast.Binary) and expr.op == "/"


def _ago(bars: float) -> str:
    return "the bar before this one" if bars == 1 else f"{bars:g} bars before this one"


def number_text(value: float | int | str | bool) -> str:
    if isinstance(value, float) and value != value:
        return "na"
    return f"{value:,.15g}" if isinstance(value, float) else str(value)
