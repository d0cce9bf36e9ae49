"""Entries: no stop, no size, more than all there is, closed but never opened, `target` beside `buy`."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ActionPlan, GroupPlan, Program
from lingua.ir.units import MONEY
from lingua.semantics.amounts import INCREASES, REDUCTIONS, constant
from lingua.semantics.context import Context
from lingua.syntax import nodes as ast

OPENERS = {"sell": ("buy", "target"), "cover": ("short", "target")}
OPENS = {"sell": ("a long position", "buys", "short"), "cover": ("a short position", "shorts", "buy")}


def entries(ctx: Context, program: Program) -> None:
    if next(iter(ctx.items(ast.Rule)), None) is None:
        ctx.report(
            codes.NO_RULES,
            ctx.strategy.name_span,
            name=ctx.strategy.name,
            help="add one: `rule enter: close > open => buy 10%`",
        )
    _no_stop(ctx)
    _no_size(ctx)
    _never_opened(ctx)
    _target_and_buy(ctx)
    for group in _groups(program):
        for action in group.actions:
            _more_than_all(ctx, program, action)


def _groups(program: Program) -> list[GroupPlan]:
    found = [rule.group for rule in program.rules]
    return found + [rule.otherwise for rule in program.rules if rule.otherwise is not None]


def _rules(ctx: Context) -> list[tuple[ast.Rule, ast.Group]]:
    found: list[tuple[ast.Rule, ast.Group]] = []
    for item in ctx.items(ast.Rule):
        found.append((item, item.group))
        if item.otherwise is not None:
            found.append((item, item.otherwise))
    return found


def _no_stop(ctx: Context) -> None:
    """Entries without a stop or trail. Legs that hedge each other have another kind of protection."""
    protected = any(each.kind in ("stop", "trail") for item in ctx.items(ast.Protect) for each in item.exits)
    bare: dict[str, ast.Action] = {}
    for rule, group in _rules(ctx):
        opens = [action for action in group.actions if action.verb in INCREASES]
        if len({action.verb for action in opens}) == 2 and group.joined_by == "&":
            continue
        for action in opens:
            own = any(each.kind in ("stop", "trail") for each in action.exits)
            if not own and (action.exits or not protected):
                bare.setdefault(rule.name, action)
    if not bare:
        return
    names = [f"`{name}`" for name in bare]
    verb = "enters" if len(names) == 1 else "enter"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1][:5])} and {names[-1]}"
    first, *others = bare.values()
    ctx.report(
        codes.NO_STOP,
        first.span,
        rules=f"{listed} {verb}",
        labels=tuple([Label(other.span, "here too") for other in others[:5]]),
        help="add a stop: `with stop 2 * atr(14)`, or `protect { stop 2 * atr(14) }` for all entries",
    )


def _no_size(ctx: Context) -> None:
    if next(iter(ctx.items(ast.Size)), None) is not None:
        return
    bare = [a for _, group in _rules(ctx) for a in group.actions if a.verb in INCREASES and a.amount is None]
    if bare:
        ctx.report(
            codes.NO_SIZE,
            bare[0].verb_span,
            verb=bare[0].verb,
            help=f"say how much: `{bare[0].verb} 10%`, `{bare[0].verb} risk 1%` with a stop, or `size: 10%` for all",
        )


def _never_opened(ctx: Context) -> None:
    actions = [
        (action, action.on.name if action.on is not None else "") for _, g in _rules(ctx) for action in g.actions
    ]
    known = {(action.verb, source) for action, source in actions}
    said: set[str] = set()
    for action, source in actions:
        openers = OPENERS.get(action.verb)
        if openers is None or action.verb in said:
            continue
        if any((opener, source) in known for opener in openers):
            continue
        said.add(action.verb)
        what, opens, other = OPENS[action.verb]
        ctx.report(
            codes.NEVER_OPENED,
            action.verb_span,
            verb=action.verb,
            what=what,
            opens=opens,
            help=f"did you mean `{other}`?",
            fixes=(Fix(f"replace by `{other}`", (Edit(action.verb_span, other),)),),
        )


def _target_and_buy(ctx: Context) -> None:
    targets = {a.on.name if a.on else "" for _, group in _rules(ctx) for a in group.actions if a.verb == "target"}
    for rule, group in _rules(ctx):
        for action in group.actions:
            if action.verb in INCREASES and (action.on.name if action.on else "") in targets:
                ctx.report(
                    codes.TARGET_AND_BUY, action.verb_span, verb=action.verb, other=rule.name,
                    help="size the position by `target` alone, or by `buy` and `sell` alone",
                )  # fmt: skip
                return


def _more_than_all(ctx: Context, program: Program, action: ActionPlan) -> None:
    value = constant(action.amount.value)
    if value is None or abs(value) <= 1 + 1e-9:
        return
    kind, written = action.amount.kind, _written(ctx, action)
    if kind == "risk" and action.amount.value is not None and action.amount.value.unit == MONEY:
        return
    if action.verb in REDUCTIONS and kind == "position":
        why, help = "an exit never goes through zero", f"write `{action.verb}` alone for all of it"
    elif kind in ("equity", "allocation", "cash", "risk") and action.verb not in REDUCTIONS:
        if kind in ("equity", "allocation") and any(
            limit.name == "max_exposure" and limit.value >= abs(value) for limit in program.limits
        ):
            return
        why = "only margin could pay for it" if kind != "risk" else "a stop would take more than the account holds"
        help = f"write 100% or less; where margin is meant, say so: `risk {{ max_exposure {abs(value) * 100:g}% }}`"
        if kind in ("risk", "cash"):
            help = f"write less, such as `{action.verb} {'risk 1%' if kind == 'risk' else '100% of cash'}`"
    else:
        return
    ctx.report(codes.MORE_THAN_ALL, action.span, expr=written, why=why, help=help)


def _written(ctx: Context, action: ActionPlan) -> str:
    for _, group in _rules(ctx):
        for item in group.actions:
            if item.span == action.span and item.amount is not None:
                risk = "risk " if item.amount.is_risk else ""
                return f"{item.verb} {risk}{ctx.text(item.amount.value)}"
    return action.verb
