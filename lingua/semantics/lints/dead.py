"""Rules and filters that can never, or must always, be true."""

from __future__ import annotations

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import Node
from lingua.ir.program import FilterPlan, Program, RulePlan
from lingua.semantics.context import Context
from lingua.semantics.lints.definitions import spans_of
from lingua.semantics.lints.logic import conjuncts, disjuncts, has_contradiction, has_tautology
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

SAID = (name_codes.NEVER_TRUE.number, name_codes.ALWAYS_TRUE.number, name_codes.COMPARES_NA.number)


def dead(ctx: Context, program: Program) -> None:
    conditions = {item.span: item for item in ctx.strategy.items if isinstance(item, ast.Rule | ast.Filter)}
    plans: list[RulePlan | FilterPlan] = [*program.rules, *program.filters]
    is_something_said = any(found.code.number in SAID for found in ctx.said)
    for plan in plans:
        item = conditions.get(plan.span)
        if item is None or (is_something_said and _is_said(ctx, item.condition)):
            continue
        _check(ctx, item, plan.condition)


def _check(ctx: Context, item: ast.Rule | ast.Filter, condition: Node) -> None:
    if always(condition, False):
        label = "its parts exclude each other" if condition.op == "and" else ""
        help = "join them by `or`, or change one of them" if label else "give it a condition, or take it out"
        code = codes.NEVER_FILTERED if isinstance(item, ast.Filter) else codes.RULE_NEVER
        ctx.report(
            code,
            item.name_span,
            name=item.name,
            help=help,
            labels=(Label(item.condition.span, label),) if label else (),
        )
    elif always(condition, True) and isinstance(item, ast.Rule):
        ctx.report(
            codes.RULE_ALWAYS, item.name_span, name=item.name,
            help=f"give it a condition, or ask it less often: `rule {item.name} every weekly: …`",
        )  # fmt: skip


def always(node: Node, value: bool) -> bool:
    """Whether a condition is this truth on every bar: one false part makes an `and` false, one true an `or` true.

    So do parts that exclude each other, and alternatives that leave nothing out.
    """
    if node.op == "const":
        return node.attrs[0] is value
    if node.op == "not":
        return always(node.args[0], not value)
    if node.op in ("and", "or"):
        parts = conjuncts(node) if node.op == "and" else disjuncts(node)
        if (node.op == "or") == value:
            return any(always(part, value) for part in parts) or (has_tautology if value else has_contradiction)(parts)
        return all(always(part, value) for part in parts)
    return False


def _is_said(ctx: Context, condition: Expr) -> bool:
    """Whether a part of the condition, or of what the names in it stand for, was reported already."""
    places = [condition.span, *spans_of(ctx, condition)]
    starts = [found.span.start for found in ctx.said if found.code.number in SAID]
    return any(place.start <= start < place.end for place in places for start in starts)
