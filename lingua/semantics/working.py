"""`at limit close for 4 bars`: the kind of an order, its prices and how long it works."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.ir.nodes import Kind
from lingua.ir.program import LifePlan, OrderPlan
from lingua.ir.units import BARS, DURATION, NONE, PRICE, QTY
from lingua.semantics.context import Context
from lingua.semantics.expressions import is_na
from lingua.semantics.missing import check_present
from lingua.semantics.values import Scalar, TimeframeValue
from lingua.semantics.words import kind_words
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

MARKET = OrderPlan("market")
UNPRICED = {"market": "a market", "open": "an opening", "auction": "an auction"}


def order(ctx: Context, given: ast.Order | None, source: str) -> OrderPlan | None:
    """The order of one action on `source`; None after a report."""
    if given is None:
        return MARKET
    limit = price(ctx, given.limit, source, "the limit") if given.limit is not None else None
    stop = price(ctx, given.stop, source, "the stop") if given.stop is not None else None
    show = (
        ctx.x.scalar(given.show, ctx.scope, want=QTY, what="what an iceberg shows") if given.show is not None else None
    )
    working: LifePlan | None = LifePlan("bar")
    if isinstance(given.life, str):
        working = LifePlan("gtc")
    elif given.life is not None:
        working = life(ctx, given.life, "how long an order works")
    if given.life is not None and given.kind in UNPRICED:
        ctx.report(
            codes.USELESS_LIFE,
            given.span,
            order=UNPRICED[given.kind],
            help="leave out `for …`, or give a limit or a stop",
        )
    if working is None or (given.limit is not None and limit is None) or (given.stop is not None and stop is None):
        return None
    if given.show is not None and show is None:
        return None
    return OrderPlan(
        given.kind, limit.node if limit is not None else None, stop.node if stop is not None else None,
        show.node if show is not None else None, working,
    )  # fmt: skip


def price(ctx: Context, expr: Expr, source: str, what: str) -> Scalar | None:
    """A price level of the instrument that `source` is."""
    found = ctx.x.scalar(expr, ctx.scope, want=PRICE, what=what)
    if found is not None:
        check_present(ctx, expr, found, what)
        check_instrument(ctx, expr, found, source)
    return found


def check_instrument(ctx: Context, expr: Expr, found: Scalar, source: str) -> None:
    """Warn of a price that belongs to another instrument than the order."""
    if found.instrument is None or found.instrument == source or found.node.unit != PRICE:
        return
    wanted = ctx.x.instrument_name(source)
    mend = (
        f"read a price of it, such as `{source}.close`"
        if source
        else "read a price of the traded symbol, such as `close`"
    )
    ctx.report(
        codes.PRICE_OF_ANOTHER,
        expr.span,
        expr=ctx.text(expr),
        found=ctx.x.instrument_name(found.instrument),
        wanted=wanted,
        help=mend,
    )


def life(ctx: Context, expr: Expr, what: str) -> LifePlan | None:
    """`4 bars`, `n`, `2h`: a number of bars or a length of time; None after a report."""
    value = ctx.x.value(expr, ctx.scope)
    is_timeframe = isinstance(value, TimeframeValue)
    scalar = ctx.x.number(value, expr, ctx.scope, what)
    if scalar is None:
        return None
    node = scalar.node
    text = ctx.factor(expr)
    if (node.unit == DURATION and node.kind is not Kind.TIME) or is_timeframe:
        plan = LifePlan("duration", node)
    elif node.unit == BARS or (
        (node.unit == NONE and (scalar.is_literal or node.kind is Kind.INT)) and node.kind is not Kind.TIME
    ):
        plan = LifePlan("bars", ctx.x.with_unit(scalar, BARS).node)
    else:
        help = f"write `floor({text})` to count bars" if node.unit == NONE else "write `4 bars` or `2h`"
        _wrong(ctx, expr, what, kind_words(node), help)
        return None
    high = scalar.high if not is_na(node) else None
    if high is not None and (high <= 0 or (plan.kind == "bars" and high < 1)):
        _wrong(
            ctx,
            expr,
            what,
            "less than one bar" if plan.kind == "bars" else "no length at all",
            "write at least `1 bars`",
        )
        return None
    return plan


def _wrong(ctx: Context, expr: Expr, what: str, found: str, help: str) -> None:
    ctx.report(codes.WRONG_LENGTH, expr.span, what=what, expr=ctx.text(expr), found=found, help=help)
