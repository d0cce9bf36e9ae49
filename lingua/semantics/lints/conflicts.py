"""Rules that do the same, and entries that a reduction of the same bar always suppresses."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ActionPlan, GroupPlan, Program, RulePlan
from lingua.semantics.context import Context
from lingua.semantics.lints.logic import is_covered
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

SUPPRESSED_BY = {"buy": ("sell", "close"), "short": ("cover", "close")}
MOST_RULES = 200


def conflicts(ctx: Context, program: Program) -> None:
    names = {item.span: item.name_span for item in ctx.items(ast.Rule)}
    rules = program.rules[:MOST_RULES]
    _same(ctx, rules, names)
    reductions = [
        (rule, action)
        for rule in rules
        if rule.tick is None and not rule.once
        for action in rule.group.actions
        if action.verb in ("sell", "cover", "close")
    ]
    for rule in rules:
        for action in rule.group.actions:
            found = _suppressor(rule, action, reductions)
            if found is not None:
                _report(ctx, rule, action, found, names)
                break


def _same(ctx: Context, rules: tuple[RulePlan, ...], names: dict[Span, Span]) -> None:
    first: dict[object, RulePlan] = {}
    for rule in rules:
        key = (rule.condition, rule.tick, rule.once, shape(rule.group), rule.otherwise and shape(rule.otherwise))
        before = first.setdefault(key, rule)
        if before is not rule:
            ctx.report(
                codes.SAME_RULE, names.get(rule.span, rule.span), name=rule.name, other=before.name,
                help="take one of them out", labels=(Label(names.get(before.span, before.span), "the other"),),
                fixes=(Fix(f"take out `{rule.name}`", (Edit(rule.span, ""),)),),
            )  # fmt: skip


def shape(group: GroupPlan) -> object:
    """What a group does, apart from where it stands in the text."""
    return (group.joined_by, tuple([_action(action) for action in group.actions]))


def _action(action: ActionPlan) -> object:
    exits = tuple([(e.kind, e.distance, e.closing, e.after, e.from_last, e.fixed, e.life) for e in action.exits])
    return (action.verb, action.amount, action.source, action.order, exits, action.tag, action.cancel_rule)


def _suppressor(
    rule: RulePlan, action: ActionPlan, reductions: list[tuple[RulePlan, ActionPlan]]
) -> tuple[RulePlan, ActionPlan] | None:
    wins = SUPPRESSED_BY.get(action.verb, ())
    for other, reduction in reductions:
        if other is rule or reduction.verb not in wins or reduction.source != action.source:
            continue
        if is_covered(rule.condition, other.condition):
            return other, reduction
    return None


def _report(
    ctx: Context, rule: RulePlan, action: ActionPlan, found: tuple[RulePlan, ActionPlan], names: dict[Span, Span]
) -> None:
    other, reduction = found
    does = {"buy": "buys", "short": "shorts"}[action.verb]
    wins = {"sell": "sells first", "cover": "covers first", "close": "closes first"}[reduction.verb]
    ctx.report(
        codes.ALWAYS_SUPPRESSED,
        names.get(rule.span, rule.span),
        name=rule.name,
        does=does,
        other=other.name,
        wins=wins,
        labels=(Label(names.get(other.span, other.span), "reductions go first"),),
        help="let the two conditions exclude each other",
    )
