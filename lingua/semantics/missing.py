"""Amounts, prices and distances that are `na` whatever the bars are: the order would never be sent."""

from __future__ import annotations

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import orders as codes
from lingua.ir.nodes import Node
from lingua.semantics.context import Context
from lingua.semantics.values import Scalar
from lingua.syntax.nodes import Expr


def is_missing(node: Node) -> bool:
    """Whether a node is a constant without a value: `na`, `0 / 0`, `5 * na`."""
    value = node.attrs[0] if node.op == "const" else None
    return isinstance(value, float) and value != value


def check_present(ctx: Context, expr: Expr, scalar: Scalar, what: str) -> None:
    """Warn where `what` is never there, unless the arithmetic inside has said so."""
    if not is_missing(scalar.node):
        return
    for said in ctx.problems.found:
        if said.code is name_codes.ALWAYS_NA and expr.span.start <= said.span.start <= expr.span.end:
            return
    ctx.report(
        codes.NEVER_SENT,
        expr.span,
        what=what,
        expr=ctx.text(expr),
        help="give it a value; `na` stands for one that is not known",
    )
