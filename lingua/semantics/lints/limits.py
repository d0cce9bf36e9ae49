"""Limits that make an entry or an exit pointless."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.program import ActionPlan, LimitPlan, Program
from lingua.semantics.amounts import INCREASES, constant
from lingua.semantics.context import Context


def limits(ctx: Context, program: Program) -> None:
    named = {limit.name: limit for limit in program.limits}
    actions = [action for rule in program.rules for action in rule.group.actions]
    for name in ("max_weight", "max_exposure"):
        if name in named:
            _refused(ctx, named[name], actions)
    _beyond(ctx, named)
    if "max_open" in named and program.pyramid is not None:
        _units(ctx, named["max_open"], program.pyramid.units)
    if "max_holding" in named:
        for action in actions:
            _expires_late(ctx, named["max_holding"], action)


def _refused(ctx: Context, limit: LimitPlan, actions: list[ActionPlan]) -> None:
    """A limit cuts an order to fit and refuses it below half."""
    for action in actions:
        share = constant(action.amount.value)
        if (
            action.verb in INCREASES
            and action.amount.kind == "equity"
            and share is not None
            and share / 2 > limit.value
        ):
            most = f"{limit.name} {limit.value * 100:g}%"
            cause = f"`{ctx.text_of(action.span)}` asks for more than twice `{most}`, so it is always refused"
            ctx.report(
                codes.POINTLESS_LIMIT,
                action.span,
                cause=cause,
                help=f"buy {limit.value * 100:g}% or less, or raise the limit",
                labels=(Label(limit.span, "the limit"),),
            )
            return


def _beyond(ctx: Context, named: dict[str, LimitPlan]) -> None:
    """One position cannot be worth more than all are allowed to be."""
    weight, exposure = named.get("max_weight"), named.get("max_exposure")
    if weight is not None and exposure is not None and weight.value > exposure.value:
        cause = f"`max_weight {weight.value * 100:g}%` is never reached below `max_exposure {exposure.value * 100:g}%`"
        ctx.report(
            codes.POINTLESS_LIMIT, weight.span, cause=cause, help="let `max_weight` be the smaller of the two",
            labels=(Label(exposure.span, "comes first"),),
        )  # fmt: skip


def _units(ctx: Context, limit: LimitPlan, units: int) -> None:
    if limit.value < units and len(ctx.symbols) <= 1:
        cause = f"`max_open {limit.value:g}` refuses what `pyramid {units}` would add"
        ctx.report(
            codes.POINTLESS_LIMIT,
            limit.span,
            cause=cause,
            help=f"write `max_open {units}`, or `pyramid {int(limit.value)}`",
        )


def _expires_late(ctx: Context, limit: LimitPlan, action: ActionPlan) -> None:
    for plan in action.exits:
        if plan.kind != "expire" or plan.life is None:
            continue
        length = constant(plan.life.value)
        unit = {"bars": "bars", "duration": "seconds"}.get(plan.life.kind)
        held = limit.value * 86_400 if limit.unit == "sessions" else limit.value
        comparable = unit == limit.unit or (unit == "seconds" and limit.unit == "sessions")
        if length is not None and comparable and length > held:
            ctx.report(
                codes.EXPIRE_AFTER_HOLDING,
                plan.span,
                expire=ctx.text_of(plan.span).removeprefix("expire after").strip(),
                holding=ctx.text_of(limit.span).removeprefix("max_holding").partition("=>")[0].strip(),
                labels=(Label(limit.span, "this comes first"),),
                help="shorten `expire`, or take it out",
            )
