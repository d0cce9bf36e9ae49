"""`plot` and `alert`: what a person gets to see."""

from __future__ import annotations

import re

from lingua.diagnostics.codes import orders as codes
from lingua.ir.nodes import Node
from lingua.ir.program import AlertPlan, PlotPlan
from lingua.semantics.context import Context
from lingua.semantics.values import Failed, Record, Scalar
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

MOST_HOLES = 100
_HOLE = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def plots(ctx: Context) -> tuple[PlotPlan, ...]:
    """One line for each value; a record gives one for each of its parts."""
    found: list[PlotPlan] = []
    for item in ctx.items(ast.Plot):
        for expr in item.values:
            value = ctx.x.value(expr, ctx.scope)
            title = ctx.full_text(expr)
            if isinstance(value, Record):
                found += [
                    PlotPlan(f"{title}.{name}", part.node, item.pane or "", item.span)
                    for name, part in value.fields
                    if isinstance(part, Scalar)
                ]
                continue
            scalar = ctx.x.plain(value, expr, ctx.scope, "what is plotted")
            if scalar is not None:
                found.append(PlotPlan(title, scalar.node, item.pane or "", item.span))
    return tuple(found)


def alerts(ctx: Context) -> tuple[AlertPlan, ...]:
    found: list[AlertPlan] = []
    for item in ctx.items(ast.Alert):
        condition = ctx.x.truth(item.condition, ctx.scope, what="the condition of an alert")
        named = list(dict.fromkeys(_HOLE.findall(item.message)))
        if len(named) > MOST_HOLES:
            help = f"tell at most {MOST_HOLES} values in one message"
            ctx.report(codes.BAD_HOLE, item.span, hole=named[MOST_HOLES][:60], help=help)
        holes = tuple([(hole, _hole(ctx, item, hole)) for hole in named[:MOST_HOLES]])
        if condition is not None:
            found.append(AlertPlan(item.name, condition.node, item.message, holes))
    return tuple(found)


def _hole(ctx: Context, item: ast.Alert, hole: str) -> Node | None:
    """The value named in `{…}`, such as `{vote}`, `{symbol}` or `{bb.upper}`."""
    start = ctx.problems.source.text.find("{" + hole + "}", item.span.start, item.span.end)
    span = Span(start + 1, start + 1 + len(hole)) if start >= 0 else item.span
    if not _PATH.fullmatch(hole):
        ctx.report(
            codes.BAD_HOLE,
            span,
            hole=hole[:60],
            help="name the value with `let` first, and put that name between the braces",
        )
        return None
    head, *parts = hole.split(".")
    end = span.start + len(head)
    expr: Expr = ast.Name(head, span=Span(span.start, end))
    for part in parts:
        name_span = Span(end + 1, end + 1 + len(part))
        end = name_span.end
        expr = ast.Field(expr, part, span=Span(span.start, end), name_span=name_span)
    value = ctx.x.value(expr, ctx.scope)
    if isinstance(value, Failed):
        return None
    scalar = ctx.x.plain(value, expr, ctx.scope, "what an alert tells")
    return scalar.node if scalar is not None else None
