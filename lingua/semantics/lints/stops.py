"""Stops that lie on the wrong side of the price at the decision, whatever the market does: such entries are refused."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.ir.nodes import Node
from lingua.ir.program import ActionPlan, ExitPlan, Program
from lingua.ir.units import PRICE
from lingua.semantics.amounts import constant
from lingua.semantics.context import Context
from lingua.semantics.values import Scalar
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr


def stops(ctx: Context, program: Program) -> None:
    items = {
        action.span: action
        for item in ctx.items(ast.Rule)
        for group in (item.group, item.otherwise) if group is not None
        for action in group.actions
    }  # fmt: skip
    for rule in program.rules:
        for group in (rule.group, rule.otherwise):
            for action in group.actions if group is not None else ():
                written = items.get(action.span)
                if action.verb in ("buy", "short") and written is not None:
                    for plan, item in zip(action.exits, written.exits, strict=False):
                        _check(ctx, action, plan, item)


def _check(ctx: Context, action: ActionPlan, plan: ExitPlan, item: ast.Exit) -> None:
    if plan.kind != "stop" or plan.distance is None or plan.distance.form != "level" or plan.after is not None:
        return
    reference = action.order.limit or action.order.stop
    sign = _above(ctx, inner_of(item.value), plan.distance.value, reference)
    if sign is None or sign * (1 if action.verb == "buy" else -1) < 0:
        return
    side, place = ("long", "below") if action.verb == "buy" else ("short", "above")
    where = "at" if sign == 0 else "above" if sign > 0 else "below"
    ctx.report(
        codes.STOP_ON_WRONG_SIDE,
        item.span,
        exit="stop",
        where=where,
        verb=action.verb,
        help=f"a stop of a {side} position lies {place} the price",
    )


def inner_of(expr: Expr) -> Expr:
    while isinstance(expr, ast.Paren):
        expr = expr.inner
    return expr


def _above(ctx: Context, expr: Expr, level: Node, reference: Node | None) -> int | None:
    """1: the level is never below the reference price, -1: never above, 0: it is that price; None: unknown."""
    if _is_reference(level, reference):
        return 0
    if reference is None and level.op == "field" and level.clock == level.clock.__class__():
        return {"high": 1, "low": -1}.get(str(level.attrs[0]))
    if level.op in ("mul", "div"):
        first, second = level.args
        factor = constant(second) if _is_reference(first, reference) else None
        if level.op == "mul" and factor is None and _is_reference(second, reference):
            factor = constant(first)
        if factor is None or factor <= 0:
            return None
        factor = factor if level.op == "mul" else 1 / factor
        return 1 if factor > 1 else -1 if factor < 1 else 0
    if isinstance(expr, ast.Binary) and expr.op in ("+", "-"):
        left, right = ctx.x.value(expr.left, ctx.scope), ctx.x.value(expr.right, ctx.scope)
        if isinstance(left, Scalar) and isinstance(right, Scalar) and _is_reference(left.node, reference):
            low, high = right.low, right.high
            sign = 1 if expr.op == "+" else -1
            if low is not None and low >= 0 and right.node.unit == PRICE:
                return sign
            if high is not None and high <= 0 and right.node.unit == PRICE:
                return -sign
    return None


def _is_reference(node: Node, reference: Node | None) -> bool:
    if reference is not None:
        return node is reference
    return node.op == "field" and node.attrs[0] == "close" and not node.clock.source and not node.clock.timeframe
