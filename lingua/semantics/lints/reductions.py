"""Partial exits that repeat on every bar, and amounts that change sign with the position."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.nodes import Node
from lingua.ir.program import ActionPlan, Program
from lingua.semantics.amounts import REDUCTIONS, constant
from lingua.semantics.context import Context, inner
from lingua.semantics.lints.definitions import defined_by
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

EVENTS = ("crosses", "crosses above", "crosses below")
EVENT_FUNCTIONS = ("cross_above", "cross_below", "cross", "crossed_above", "crossed_below")


def reductions(ctx: Context, program: Program) -> None:
    items = {item.span: item for item in ctx.items(ast.Rule)}
    for rule in program.rules:
        item = items.get(rule.span)
        if item is None:
            continue
        for action in rule.group.actions:
            if action.verb not in REDUCTIONS:
                continue
            _signed(ctx, program, action)
            if not rule.once and rule.tick is None and is_partial(action) and not is_event(ctx, item.condition):
                _repeats(ctx, item, action)
                break


def _repeats(ctx: Context, item: ast.Rule, action: ActionPlan) -> None:
    at = Span(item.name_span.end, item.name_span.end)
    ctx.report(
        codes.REPEATS, action.span, action=ctx.text_of(action.span), condition=ctx.text(item.condition),
        help=f"to act once each time it becomes true write `rule {item.name} once: …`",
        fixes=(Fix(f"write `rule {item.name} once:`", (Edit(at, " once"),)),),
    )  # fmt: skip


def is_partial(action: ActionPlan) -> bool:
    """Whether something of the position may be left."""
    amount = action.amount
    if amount.kind == "all" or amount.value is None:
        return False
    value = constant(amount.value)
    if amount.kind == "position":
        return value is None or value < 1
    return not (amount.kind == "qty" and _is_position(amount.value))


def _is_position(node: Node) -> bool:
    """`position`, `-position`, `abs(position)`, or more than it."""
    if node.op == "account":
        return node.attrs[0] == "position"
    if node.op == "neg" or (node.op == "fn1" and node.attrs[0] == "abs"):
        return _is_position(node.args[0])
    if node.op == "mul":
        for first, second in (node.args, node.args[::-1]):
            factor = constant(second)
            if factor is not None and factor >= 1 and _is_position(first):
                return True
    return False


def is_event(ctx: Context, condition: Expr, depth: int = 0) -> bool:
    """Whether a condition is true for a moment only: a crossing, or `a and not a[1]`."""
    expr = inner(condition)
    match expr:
        case ast.Compare(op):
            return op in EVENTS or _changes(expr)
        case ast.Binary("and", left, right):
            return is_event(ctx, left, depth) or is_event(ctx, right, depth)
        case ast.Binary("or", left, right):
            return is_event(ctx, left, depth) and is_event(ctx, right, depth)
        case ast.Unary("not", operand):
            return isinstance(inner(operand), ast.Index)
        case ast.Call(ast.Name(name)):
            return name in EVENT_FUNCTIONS
        case ast.Name():
            definition = defined_by(ctx, expr) if depth < 20 else None
            return definition is not None and is_event(ctx, definition, depth + 1)
        case _:
            return False


def _changes(expr: ast.Compare) -> bool:
    """`x != x[1]`, `bars_in_trade == 10`: true on single bars."""
    left, right = inner(expr.left), inner(expr.right)
    if expr.op == "!=":
        return (isinstance(left, ast.Index) and inner(left.operand) == right) or (
            isinstance(right, ast.Index) and inner(right.operand) == left
        )
    return expr.op == "==" and any(
        isinstance(side, ast.Name) and side.name in ("bars_in_trade", "bar") for side in (left, right)
    )


def _signed(ctx: Context, program: Program, action: ActionPlan) -> None:
    """`close position / 2` is a negative amount while short, and a negative amount does nothing."""
    node = action.amount.value
    if program.direction == "long" or action.verb == "sell" or action.amount.kind != "qty" or node is None:
        return
    factor = _share_of_position(node)
    if factor is None:
        return
    share = "" if factor >= 1 else f" {factor * 100:g}%"
    ctx.report(
        codes.SIGNED_POSITION, action.span, expr=ctx.text_of(action.span),
        help=f"write `{action.verb}{share}`, which is of the position whatever its side",
    )  # fmt: skip


def _share_of_position(node: Node) -> float | None:
    """`k` of `position * k` with a positive constant."""
    if node.op == "account" and node.attrs[0] == "position":
        return 1.0
    if node.op in ("mul", "div"):
        first, second = node.args
        factor = constant(second)
        if node.op == "mul" and factor is None:
            first, factor = second, constant(first)
        inside = _share_of_position(first)
        if factor is not None and factor > 0 and inside is not None:
            return inside * factor if node.op == "mul" else inside / factor
    return None
