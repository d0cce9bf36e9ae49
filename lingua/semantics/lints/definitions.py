"""What the names of a condition stand for, as text: the definitions it is made of."""

from __future__ import annotations

from lingua.semantics.context import Context
from lingua.semantics.scope import ValueDef
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span
from lingua.syntax.walk import postorder


def defined_by(ctx: Context, name: ast.Name) -> Expr | None:
    """The expression a `let`, `indicator` or `const` of this file gives a name to."""
    entry = ctx.scope.values.get(name.name)
    if entry is not None and isinstance(entry.definition, ValueDef) and entry.home.problems is ctx.problems:
        return entry.definition.expr
    return None


def spans_of(ctx: Context, expr: Expr) -> list[Span]:
    """Spans of everything `expr` is defined by, names followed."""
    found: list[Span] = []
    seen: set[str] = set()
    stack = [expr]
    while stack:
        for node in postorder(stack.pop()):
            if isinstance(node, ast.Name) and node.name not in seen:
                seen.add(node.name)
                inner = defined_by(ctx, node)
                if inner is not None:
                    found.append(inner.span)
                    stack.append(inner)
    return found
