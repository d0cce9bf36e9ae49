"""Rules and filters: a condition, when it is asked, and what it does."""

from __future__ import annotations

from collections.abc import Mapping

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import orders as order_codes
from lingua.diagnostics.codes import timeframes as time_codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.nodes import BASE, Constancy, Kind, Node
from lingua.ir.program import FilterPlan, RulePlan
from lingua.semantics import mends
from lingua.semantics.actions import group
from lingua.semantics.context import Context, inner
from lingua.semantics.plain_values import remember_params
from lingua.semantics.values import Scalar, TimeframeValue, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

PERIODS = ("hourly", "daily", "weekly", "monthly", "quarterly", "yearly")


def rules(ctx: Context) -> tuple[RulePlan, ...]:
    found: list[RulePlan] = []
    first: dict[str, Span] = {}
    for item in ctx.items(ast.Rule):
        _check_name(ctx, item, first)
        plan = rule(ctx, item)
        if plan is not None:
            found.append(plan)
    return tuple(found)


def rule(ctx: Context, item: ast.Rule) -> RulePlan | None:
    """One rule; None after a report."""
    begun = ctx.x.noted
    condition = ctx.x.truth(item.condition, ctx.scope, what="the condition of a rule")
    known = ctx.x.notes_since(begun)
    tick = _tick(ctx, item.every, item) if item.every is not None else None
    does = group(ctx, item.group)
    otherwise = group(ctx, item.otherwise) if item.otherwise is not None else None
    if condition is None or does is None or (item.otherwise is not None and otherwise is None):
        return None
    if item.every is not None and tick is None:
        return None
    return RulePlan(
        item.name,
        condition.node,
        does,
        otherwise,
        item.once,
        tick,
        leaves(ctx, item.condition, condition.node, known),
        item.span,
    )


def filters(ctx: Context) -> tuple[FilterPlan, ...]:
    found: list[FilterPlan] = []
    first: dict[str, Span] = {}
    for item in ctx.items(ast.Filter):
        _check_name(ctx, item, first)
        condition = ctx.x.truth(item.condition, ctx.scope, what="the condition of a filter")
        if condition is not None:
            found.append(FilterPlan(item.name, condition.node, item.span))
    return tuple(found)


def _check_name(ctx: Context, item: ast.Rule | ast.Filter, first: dict[str, Span]) -> None:
    before = first.setdefault(item.name, item.name_span)
    if before is not item.name_span:
        ctx.report(
            ctx.lenient(name_codes.DUPLICATE),
            item.name_span,
            name=item.name,
            labels=(Label(before, "first defined here"),),
            help=f"give one of them another name, such as `{item.name}2`",
        )


def leaves(ctx: Context, condition: Expr, node: Node, known: Mapping[int, Value]) -> tuple[tuple[Span, Node], ...]:
    """The comparisons of a condition (which is `node`) in source order, with their nodes; `known` are the values noted
    while it was read."""
    if not isinstance(inner(condition), ast.Binary | ast.Unary):
        return ((inner(condition).span, node),)
    found: list[tuple[Span, Node]] = []
    stack = [condition]
    while stack:
        expr = inner(stack.pop())
        if isinstance(expr, ast.Binary) and expr.op in ("and", "or"):
            stack += [expr.right, expr.left]
        elif isinstance(expr, ast.Unary) and expr.op == "not":
            stack.append(expr.operand)
        else:
            value = known.get(id(expr.span)) or ctx.x.value(expr, ctx.scope)
            if isinstance(value, Scalar):
                found.append((expr.span, value.node))
    return tuple(found)


# --- every -------------------------------------------------------------------------------------------


PERIOD_MEANT = {
    "minute": "1m", "hour": "hourly", "day": "daily", "night": "daily", "morning": "daily", "session": "daily",
    "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly", "bar": "1 bars", "candle": "1 bars",
}  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _tick(ctx: Context, every: ast.Every, rule: ast.Rule) -> Node | None:
    """A truth series: the first base bar at which a new period has closed."""
    period = _period(ctx, every.period, rule)
    if period is None:
        return None
    return ctx.x.graph.node("tick", attrs=(period,), kind=Kind.BOOL, clock=BASE, constancy=Constancy.SERIES)


def _period(ctx: Context, period: ast.Duration | ast.Quantity | ast.Name, rule: ast.Rule) -> str | None:
    if isinstance(period, ast.Duration):
        return _timeframe(ctx, f"{period.count}{period.unit}", period.span)
    if isinstance(period, ast.Quantity):
        if period.unit == "bars":
            return _bars(ctx, period.value, period)
        _unknown(ctx, period.span, ctx.text(period), "count bars, such as `every 5 bars`, or name a period")
        return None
    if period.name in PERIODS and ctx.scope.lookup(period.name) is None:
        return period.name
    if ctx.scope.lookup(period.name) is None:
        near = PERIOD_MEANT.get(period.name.lower()) or ctx.near(period.name, (*PERIODS, *ctx.scope.names()))
        help = f"did you mean `{near}`?" if near else f"write `1d`, `5 bars`, or one of {', '.join(PERIODS)}"
        fixes: tuple[Fix, ...] = ()
        if period.name.lower() in WEEKDAYS:
            help, fixes = _on_weekday(period, rule.condition)
        elif near:
            fixes = mends.replacing(period, near)
        ctx.report(time_codes.UNKNOWN_TIMEFRAME, period.span, name=period.name, help=help, fixes=fixes)
        return None
    value = ctx.x.value(period, ctx.scope)
    if isinstance(value, TimeframeValue):
        return _timeframe(ctx, value.text, period.span)
    count = ctx.x.static(period, ctx.scope, what="the period of `every`")
    if count is None:
        return None
    remember_params(ctx, period)
    if isinstance(count, str):
        return _timeframe(ctx, count, period.span)
    return _bars(ctx, float(count), period)


def _on_weekday(period: ast.Name, condition: Expr) -> tuple[str, tuple[Fix, ...]]:
    """`every monday`"""
    day = f"weekday(time) == {WEEKDAYS.index(period.name.lower()) + 1}"
    edits = (
        Edit(period.span, "daily"),
        Edit(Span(condition.span.start, condition.span.start), f"{day} and ("),
        Edit(Span(condition.span.end, condition.span.end), ")"),
    )
    help = f"write `every daily`, and ask for the day in the condition: `{day} and …`"
    return help, (Fix(f"write `{day}`", edits),)


def _bars(ctx: Context, count: float, expr: Expr) -> str | None:
    if count >= 1 and count == int(count) and count <= 100_000:
        return f"{int(count)} bars"
    ctx.report(
        order_codes.WRONG_LENGTH, expr.span, what="the period of `every`", expr=ctx.text(expr), found=f"{count:g} bars",
        help="write a whole number from 1 to 100,000: `every 5 bars`",
    )  # fmt: skip
    return None


def _timeframe(ctx: Context, text: str, span: Span) -> str | None:
    try:
        wanted = Timeframe.parse(text)
    except ValueError:
        _unknown(ctx, span, text, "write a count and a unit: `15m`, `1h`, `1d`, `1w`, `1mo`")
        return None
    base = Timeframe.parse(ctx.timeframe) if ctx.timeframe else None
    if base is not None and not wanted.is_multiple_of(base):
        ctx.report(
            time_codes.NOT_A_MULTIPLE, span, wanted=text, base=ctx.timeframe,
            help=f"rules are asked on bars of {base}: write a multiple of it, or leave out `every`",
        )  # fmt: skip
        return None
    return text


def _unknown(ctx: Context, span: Span, name: str, help: str) -> None:
    ctx.report(time_codes.UNKNOWN_TIMEFRAME, span, name=name, help=help)
