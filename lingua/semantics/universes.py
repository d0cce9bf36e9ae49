"""`universe liquid = top 50 by avg(volume * close, 30) from "binance.spot.usdt" refresh 7d`: checked, not yet run."""

from __future__ import annotations

from lingua.diagnostics.codes import universe as codes
from lingua.ir.nodes import Constancy, Kind
from lingua.semantics.constants import constant
from lingua.semantics.context import Context
from lingua.semantics.values import Failed
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder


def check_universe(ctx: Context, item: ast.Universe) -> None:
    found = constant(ctx, item.count, "the size of a universe")
    if found is not None and (found.unit != "none" or found.value < 1 or not found.value.is_integer()):
        help = f"write a whole number: `universe {item.name} = top 50 by …`"
        ctx.report(
            codes.UNIVERSE_SIZE, item.count.span, expr=ctx.text(item.count), found=found.amiss("none"), help=help
        )
    if not item.source.strip():
        help = 'name the list, such as `from "binance.spot.usdt"`'
        ctx.report(codes.UNIVERSE_SOURCE, item.span, help=help)
    value = ctx.x.value(item.by, ctx.scope)
    if isinstance(value, Failed):
        return
    rank = ctx.x.number(value, item.by, ctx.scope, "what a universe is ranked by")
    if rank is None:
        return
    wrong = ""
    if rank.node.uses_fills:
        wrong = "depends on fills"
    elif rank.node.constancy < Constancy.SERIES or rank.node.kind is Kind.TIME:
        wrong = "is the same for all symbols"
    if wrong:
        help = "rank by something of each symbol, such as `avg(volume * close, 30)`"
        ctx.report(codes.UNIVERSE_RANK, item.by.span, expr=ctx.text(item.by), found=wrong, help=help)


def check_cross_section(ctx: Context) -> None:
    """`cs.rank(…)` needs a universe to rank in."""
    if ctx.universe or not any(each.construct == "cross-section" for each in ctx.x.not_executed):
        return
    for expr in expressions(ctx.strategy):
        for node in postorder(expr):
            if isinstance(node, ast.Call) and isinstance(node.function, ast.Field):
                owner = node.function.operand
                if isinstance(owner, ast.Name) and owner.name == "cs" and ctx.scope.lookup("cs") is None:
                    ctx.report(
                        codes.NO_UNIVERSE,
                        node.span,
                        expr=ctx.text(node),
                        help='declare one, `universe liquid = top 50 by volume from "…"`, and `trade liquid @ 1d`',
                    )
                    return


def expressions(strategy: ast.Strategy) -> list[Expr]:
    """Expressions that definitions and conditions of a strategy are made of."""
    found: list[Expr] = []
    for item in strategy.items:
        match item:
            case ast.Indicator() | ast.Let():
                found.append(item.value)
            case ast.State():
                found += [item.init, item.next]
            case ast.Signal():
                found += [clause.value for clause in item.clauses]
            case ast.Rule() | ast.Filter() | ast.Alert():
                found.append(item.condition)
            case ast.Plot():
                found += item.values
            case _:
                pass
    return found
