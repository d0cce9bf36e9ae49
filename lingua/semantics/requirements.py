"""`require fast < slow`: what must hold between parameters, computed now."""

from __future__ import annotations

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import parameters as codes
from lingua.ir.nodes import TRUE, Constancy, Node
from lingua.ir.units import NONE
from lingua.semantics.context import Context
from lingua.semantics.overrides import value_text
from lingua.syntax import nodes as ast
from lingua.syntax.walk import postorder


def check_requirements(ctx: Context) -> list[tuple[Node, ast.Require]]:
    """Each `require` as a node, its truth in this run checked now."""
    found: list[tuple[Node, ast.Require]] = []
    for item in ctx.items(ast.Require):
        truth = ctx.x.truth(item.condition, ctx.scope, what="what is required")
        if truth is None:
            continue
        if truth.node.constancy > Constancy.PARAM:
            ctx.x.report(
                ctx.scope, name_codes.NOT_CONSTANT, item.condition.span, what="what is required",
                expr=ctx.text(item.condition),
                help="compare parameters, such as `require fast < slow`; to gate entries write `filter name: …`",
            )  # fmt: skip
            continue
        found.append((truth.node, item))
        if ctx.x.statics.of(truth.node) != TRUE:
            _not_met(ctx, item)
    return found


def _not_met(ctx: Context, item: ast.Require) -> None:
    names: list[str] = []
    for node in postorder(item.condition):
        if isinstance(node, ast.Name) and node.name not in names and node.name in ctx.x.params:
            names.append(node.name)
    values = " and ".join(f"`{name}` is {value_text(ctx.x.params[name], NONE)}" for name in names) or "it is false"
    help = f"give {' and '.join(f'`{name}`' for name in names)} other values" if names else "leave it out"
    ctx.report(codes.NOT_MET, item.condition.span, expr=ctx.text(item.condition), values=values, help=help)
