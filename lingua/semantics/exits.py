"""`with stop 2 * atr(14), target 2R closing 50%, trail 3 * atr(14) after 1R, expire after 48 bars`, and `protect`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.nodes import Kind
from lingua.ir.program import DistancePlan, ExitPlan
from lingua.ir.units import NONE, PRICE, QTY, RATIO
from lingua.semantics.amounts import constant
from lingua.semantics.context import Context
from lingua.semantics.missing import check_present
from lingua.semantics.values import RiskMultiple, Scalar
from lingua.semantics.words import kind_words
from lingua.semantics.working import check_instrument, life, price
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr


def exits(ctx: Context, given: Sequence[ast.Exit], source: str) -> tuple[ExitPlan, ...] | None:
    """One set of exits; None after a report."""
    found: list[ExitPlan] = []
    ok = True
    for item in given:
        plan = _exit(ctx, item, source)
        if plan is None:
            ok = False
        else:
            found.append(plan)
    ok = _r_is_known(ctx, given) and ok
    _check_pairs(ctx, given)
    _check_ladder(ctx, given, found if ok else [])
    return tuple(found) if ok else None


def sets_risk(item: ast.Exit) -> bool:
    """Whether R is measured by this exit: a stop or trail that acts from the fill on."""
    return item.kind in ("stop", "trail") and item.after is None


def _exit(ctx: Context, item: ast.Exit, source: str) -> ExitPlan | None:
    if item.kind == "expire":
        length = life(ctx, item.value, "`expire after`")
        return ExitPlan("expire", None, life=length, span=item.span) if length is not None else None
    reach = _reach(ctx, item, source)
    armed = distance(ctx, item.after, source, "`after`") if item.after is not None else None
    closing = _closing(ctx, item.closing) if item.closing is not None else None
    if reach is None or (item.after is not None and armed is None) or (item.closing is not None and closing is None):
        return None
    return ExitPlan(
        item.kind,
        reach,
        closing.node if closing is not None else None,
        armed,
        item.from_last,
        item.fixed,
        span=item.span,
    )


def _reach(ctx: Context, item: ast.Exit, source: str) -> DistancePlan | None:
    if item.is_level:
        value = ctx.x.value(item.value, ctx.scope)
        if isinstance(value, RiskMultiple):
            _level_in_r(ctx, item)
            return None
        level = price(ctx, item.value, source, f"the level of a {item.kind}")
        return DistancePlan("level", level.node) if level is not None else None
    found = distance(ctx, item.value, source, f"a {item.kind}")
    if found is not None and found.form == "r" and item.kind == "stop" and item.after is None:
        help = "give the stop a distance, such as `stop 2 * atr(14)` or `stop 2%`"
        ctx.report(codes.R_OF_STOP, item.value.span, help=help)
        return None
    return found


def _level_in_r(ctx: Context, item: ast.Exit) -> None:
    text = ctx.full_text(item.value)
    ctx.report(
        codes.WRONG_DISTANCE,
        item.value.span,
        expr=ctx.text(item.value),
        found="a multiple of R, which is no price level",
        help=f"leave out `at`: `{item.kind} {text}`",
    )


def distance(ctx: Context, expr: Expr, source: str, what: str) -> DistancePlan | None:
    """A distance: a price, a share of the fill price, or multiples of R; None after a report."""
    value = ctx.x.value(expr, ctx.scope)
    if isinstance(value, RiskMultiple):
        return _positive(ctx, expr, DistancePlan("r", value.value.node), value.value)
    scalar = ctx.x.number(value, expr, ctx.scope, what)
    if scalar is None:
        return None
    check_present(ctx, expr, scalar, f"the distance of {what}")
    node = scalar.node
    if node.kind is not Kind.TIME:
        if node.unit == RATIO:
            return _positive(ctx, expr, DistancePlan("ratio", node), scalar)
        if node.unit == PRICE:
            check_instrument(ctx, expr, scalar, source)
            return _positive(ctx, expr, DistancePlan("price", node), scalar)
        if node.unit == NONE and scalar.is_literal:
            return _positive(ctx, expr, DistancePlan("price", ctx.x.with_unit(scalar, PRICE).node), scalar)
    text = ctx.factor(expr)
    help = "give a price distance such as `2 * atr(14)`, or a share such as `3%`"
    fixes: tuple[Fix, ...] = ()
    if node.unit == NONE and node.kind is not Kind.TIME:
        written = (f"{text} * atr(14)", f"{text} * 1%")
        help = f"write `{written[0]}` for a price distance, or `{written[1]}` for a share of the price"
        fixes = tuple([Fix(f"write `{new}`", (Edit(expr.span, new),)) for new in written])
    ctx.report(codes.WRONG_DISTANCE, expr.span, expr=ctx.text(expr), found=kind_words(node), help=help, fixes=fixes)
    return None


def _positive(ctx: Context, expr: Expr, plan: DistancePlan, scalar: Scalar) -> DistancePlan | None:
    value = constant(plan.value)
    high = value if value is not None else scalar.high
    if high is not None and high <= 0:
        help = "a distance is a magnitude: leave out the minus" if high < 0 else "give a distance above zero"
        ctx.report(codes.WRONG_DISTANCE, expr.span, expr=ctx.text(expr), found="never above zero", help=help)
        return None
    return plan


def _closing(ctx: Context, expr: Expr) -> Scalar | None:
    """What part of the unit a target closes: a share or a quantity of its original size."""
    scalar = ctx.x.number(ctx.x.value(expr, ctx.scope), expr, ctx.scope, "`closing`")
    if scalar is None:
        return None
    node = scalar.node
    text = ctx.factor(expr)
    if node.unit == NONE and scalar.is_literal and node.kind is not Kind.TIME:
        scalar = ctx.x.with_unit(scalar, QTY)
    elif node.unit not in (RATIO, QTY) or node.kind is Kind.TIME:
        help = f"write `closing {text} * 100%`" if node.unit == NONE else "write a share, such as `closing 50%`"
        cause = f"`closing` takes a share or a quantity, and `{ctx.text(expr)}` is {kind_words(node)}"
        ctx.report(codes.WRONG_CLOSING, expr.span, cause=cause, help=help)
        return None
    value = constant(scalar.node)
    if value is not None and (value <= 0 or (scalar.node.unit == RATIO and value > 1)):
        cause = f"`closing {ctx.text(expr)}` is {'nothing' if value <= 0 else 'more than the whole unit'}"
        ctx.report(codes.WRONG_CLOSING, expr.span, cause=cause, help="write a share above 0% and up to 100%")
        return None
    return scalar


# --- a set of exits ----------------------------------------------------------------------------------


def _r_is_known(ctx: Context, given: Sequence[ast.Exit]) -> bool:
    """`2R` needs a stop that says what R is."""
    if any(sets_risk(item) for item in given):
        return True
    for item in given:
        for expr in (item.value, item.after):
            if expr is not None and isinstance(ctx.x.value(expr, ctx.scope), RiskMultiple):
                ctx.report(
                    codes.R_WITHOUT_STOP, expr.span, expr=ctx.text(expr),
                    help="add a stop, such as `stop 2 * atr(14)`, or give the distance itself",
                )  # fmt: skip
                return False
    return True


def _check_pairs(ctx: Context, given: Sequence[ast.Exit]) -> None:
    for kind in ("stop", "expire"):
        plain = [item for item in given if item.kind == kind and item.after is None]
        for first, second in pairwise(plain):
            ctx.report(
                codes.TWO_STOPS,
                second.span,
                exit=kind,
                labels=(Label(first.span, "the one before"),),
                help="keep one of them"
                if kind == "expire"
                else "keep one of them, or arm the second later: `stop at entry after 1R`",
            )


def _check_ladder(ctx: Context, given: Sequence[ast.Exit], found: Sequence[ExitPlan]) -> None:
    """Targets together close no more than the unit."""
    total = 0.0
    for plan, item in zip(found, given, strict=False):
        if plan.kind != "target":
            continue
        share = constant(plan.closing) if plan.closing is not None and plan.closing.unit == RATIO else None
        if total >= 1 - 1e-9:
            cause = f"the targets before `{ctx.text(item.value)}` have closed the whole unit"
            ctx.report(codes.WRONG_CLOSING, item.span, cause=cause, help="let each rung close a part: `closing 50%`")
            return
        total += share if share is not None else 1.0 if plan.closing is None and len(found) == 1 else 0.0
        if total > 1 + 1e-9 and item.closing is not None:
            cause = f"the targets together close {total * 100:g}% of the unit"
            ctx.report(
                codes.WRONG_CLOSING, item.closing.span, cause=cause, help="let the shares add up to 100% at most"
            )
            return
