"""`risk { max_drawdown 15% => halt; daily_loss 2% => flatten for 1d; max_orders 12 per day }`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import LimitPlan
from lingua.semantics.constants import as_share, constant
from lingua.semantics.context import Context
from lingua.semantics.plain_values import remember_params
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

Takes = Literal["share", "count", "length", "correlation"]


class Rule(Struct):
    """What one limit takes, the periods it may be counted per, and whether it can halt or flatten."""

    takes: Takes
    summary: str
    per: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    most: float | None = None


PERIODS = ("hour", "day", "session", "week", "month", "quarter", "year")
LOSS = ("halt", "flatten")

LIMITS = {
    "max_drawdown": Rule("share", "fall of equity from its peak", effects=LOSS, most=1.0),
    "hourly_loss": Rule("share", "loss since the hour began", effects=LOSS, most=1.0),
    "daily_loss": Rule("share", "loss since the session began", effects=LOSS, most=1.0),
    "weekly_loss": Rule("share", "loss since the week began", effects=LOSS, most=1.0),
    "monthly_loss": Rule("share", "loss since the month began", effects=LOSS, most=1.0),
    "quarterly_loss": Rule("share", "loss since the quarter began", effects=LOSS, most=1.0),
    "yearly_loss": Rule("share", "loss since the year began", effects=LOSS, most=1.0),
    "max_orders": Rule("count", "entry orders", PERIODS),
    "max_exposure": Rule("share", "value of all positions, in equity"),
    "max_weight": Rule("share", "value of one position, in equity"),
    "max_open": Rule("count", "units open at once"),
    "max_open_risk": Rule("share", "loss if all stops were hit, in equity"),
    "max_turnover": Rule("share", "value traded, in equity", PERIODS),
    "max_holding": Rule("length", "time a position is held", effects=("flatten",)),
    "cooldown": Rule("length", "time without entries after a position was closed"),
}
"""Every limit of a strategy's risk block."""

OF_PORTFOLIO = {**LIMITS, "max_correlation": Rule("correlation", "correlation between two positions", most=1.0)}


def limits(ctx: Context, blocks: Iterable[ast.Risk], known: dict[str, Rule] | None = None) -> tuple[LimitPlan, ...]:
    """All limits of the risk blocks, in source order; what is wrong is reported and left out."""
    known = known or LIMITS
    found: list[LimitPlan] = []
    seen: dict[tuple[str, str], ast.Limit] = {}
    for block in blocks:
        for item in block.limits:
            plan = _limit(ctx, item, known)
            if plan is None:
                continue
            before = seen.setdefault((item.name, item.per or ""), item)
            if before is not item:
                ctx.report(
                    codes.REPEATED_SETTING,
                    item.name_span,
                    name=item.name,
                    labels=(Label(before.name_span, "first here"),),
                    help="keep the tighter of the two",
                )
                continue
            found.append(plan)
    return tuple(found)


def _limit(ctx: Context, item: ast.Limit, known: dict[str, Rule]) -> LimitPlan | None:
    rule = known.get(item.name)
    if rule is None:
        near = ctx.near(item.name, known)
        help = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
        if any(word in item.name.lower() for word in ("stop", "take", "profit", "trail")):
            help, near = "exits belong to entries: `protect { stop 5%, target 10% }`, or `with stop 5%`", None
        if item.name in OF_PORTFOLIO:
            help = "it belongs into the risk block of a `portfolio`"
        fixes = (Fix(f"replace by `{near}`", (Edit(item.name_span, near),)),) if near else ()
        ctx.report(codes.UNKNOWN_LIMIT, item.name_span, name=item.name, help=help, fixes=fixes)
        return None
    value = _value(ctx, item, rule)
    if not _period_fits(ctx, item, rule) or not _effect_fits(ctx, item, rule) or value is None:
        return None
    lasting = None
    if item.lasting is not None:
        length = _length(ctx, item, item.lasting, "for")
        if length is None:
            return None
        lasting = (length[0], length[1])
    unit, number = value
    effect = item.effect or ("flatten" if item.name == "max_holding" else "limit")
    return LimitPlan(item.name, number, unit, item.per or "", effect, lasting, item.span)


Measure = Literal["ratio", "count", "bars", "sessions", "seconds"]


def _value(ctx: Context, item: ast.Limit, rule: Rule) -> tuple[Measure, float] | None:
    if rule.takes == "length":
        return _length(ctx, item, item.value, item.name)
    found = constant(ctx, item.value, f"`{item.name}`")
    if found is None:
        return None
    remember_params(ctx, item.value)
    text = ctx.full_text(item.value)
    match rule.takes:
        case "share":
            wanted = "a share above 0%" + (" and up to 100%" if rule.most is not None else "")
            fits = found.unit == "ratio" and 0 < found.value <= (rule.most or 1e6)
            mend = as_share(found.value, text) if found.unit == "none" and found.value > 0 else "10%"
            units: tuple[str, ...] = ("ratio",)
        case "count":
            wanted, mend, units = "a whole number from 1 on", "5", ("none",)
            fits = found.unit == "none" and found.value >= 1 and found.value.is_integer()
        case _:
            wanted, mend, units = "a number above 0 and up to 1", "0.8", ("none", "ratio")
            fits = found.unit in units and 0 < found.value <= 1
    if fits:
        return ("count" if rule.takes == "count" else "ratio"), found.value
    _wrong_value(ctx, item.name, wanted, item.value, found.amiss(*units), f"write `{item.name} {mend}`")
    return None


def _wrong_value(ctx: Context, name: str, wanted: str, expr: Expr, found: str, help: str) -> None:
    ctx.report(codes.LIMIT_VALUE, expr.span, name=name, wanted=wanted, expr=ctx.text(expr), found=found, help=help)


def _length(
    ctx: Context, item: ast.Limit, expr: Expr, name: str
) -> tuple[Literal["bars", "sessions", "seconds"], float] | None:
    """`3 bars`, `4h`, `10d`: bars are traded base bars, `d` counts sessions, all else is clock time."""
    found = constant(ctx, expr, f"`{name}`")
    if found is None:
        return None
    remember_params(ctx, expr)
    length = found.length
    if length is None or length[1] <= 0:
        help = "write `5 bars`, `4h` or `1d`" if name != "for" else f"write `=> {item.effect} for 1d`"
        wanted = "a number of bars or a length of time"
        _wrong_value(ctx, name, wanted, expr, found.amiss("none", "bars", "duration"), help)
        return None
    return length


def _period_fits(ctx: Context, item: ast.Limit, rule: Rule) -> bool:
    if item.per is None or item.per in rule.per:
        return True
    if not rule.per:
        cause = f"`{item.name}` is not counted per anything"
        help = f"leave out `per {item.per}`"
        if item.name.endswith("_loss"):
            help = f"the name says it already: write `{item.name} {ctx.full_text(item.value)}`"
    else:
        near = ctx.near(item.per, rule.per) or {"days": "day", "24h": "day"}.get(item.per)
        cause = f"`{item.per}` is no period"
        help = f"did you mean `per {near}`?" if near else f"write one of {', '.join(rule.per)}"
    ctx.report(codes.LIMIT_PERIOD, item.span, cause=cause, help=help)
    return False


def _effect_fits(ctx: Context, item: ast.Limit, rule: Rule) -> bool:
    if item.effect is None or item.effect in rule.effects:
        return True
    if not rule.effects:
        cause = f"`{item.name}` cuts or refuses the order that would break it, and so cannot {item.effect} anything"
        help = f"leave out `=> {item.effect}`"
    else:
        cause = f"`{item.name}` closes the position that was held too long; nothing is left to {item.effect}"
        help = "write `=> flatten`"
    ctx.report(codes.LIMIT_EFFECT, item.span, cause=cause, help=help)
    return False
