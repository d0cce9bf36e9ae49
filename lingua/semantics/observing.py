"""What an `expect` may ask besides the strategy's own series: `fired(rule)`, `orders.count`, `fills.count`, `warmup` …

These become nodes of one operation, `observe`, whose values the test runner reads from the run: nothing else in a
program can make such a node, so no strategy can see its own orders this way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lingua.diagnostics.codes import parameters as codes
from lingua.ir.nodes import BASE, Constancy, Graph, Kind, Node
from lingua.ir.units import BARS, NONE, Unit
from lingua.semantics.context import Context
from lingua.semantics.scope import Known, Scope
from lingua.semantics.values import Failed, Record, Scalar
from lingua.structs import Struct, fields, replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

COUNTS = {"orders": ("count", "working"), "fills": ("count",), "trades": ("count", "wins", "losses")}
"""`orders.count` is how many were sent up to and with a bar, `orders.working` how many work at its close; `trades` are
closed ones."""

BARS_OF_RUN = ("warmup", "ready_bar")
"""Bars before the rules are live, known once the program is bound to its bars."""


def observe(graph: Graph, what: str, rule: str = "", *, kind: Kind = Kind.INT, unit: Unit = NONE) -> Node:
    return graph.node(
        "observe", attrs=(what, rule), kind=kind, unit=unit, clock=BASE, constancy=Constancy.SERIES, uses_fills=True
    )


def test_scope(ctx: Context, test: ast.Test) -> Scope:
    """Names of the strategy, and what only a test can ask; the strategy's own names win."""
    scope = ctx.scope.child()
    taken = {*ctx.scope.values}
    for owner, parts in COUNTS.items():
        if owner not in taken:
            fields = tuple([(part, Scalar(observe(ctx.x.graph, f"{owner}.{part}"), low=0.0)) for part in parts])
            scope.define(owner, Known(Record(owner, fields, "count")), test.span, "observation").used = True
    for name in BARS_OF_RUN:
        if name not in taken:
            node = observe(ctx.x.graph, name, unit=BARS)
            scope.define(name, Known(Scalar(node, low=0.0)), test.span, "observation").used = True
    scope.define("fired(?)", Known(Failed()), test.span, "observation").used = True
    return scope


def resolve(ctx: Context, expr: Expr, scope: Scope) -> Expr:
    """`expr` with every `fired(rule)` as the name of its observation in `scope`; unknown rules are reported."""

    def change(node: Any) -> Any:
        if not isinstance(node, ast.Call) or not isinstance(node.function, ast.Name) or node.function.name != "fired":
            return node
        if ctx.scope.lookup_function("fired") is not None:
            return node
        return ast.Name(_rule_of(ctx, node, scope), span=node.span)

    return rewrite(expr, change)  # type: ignore[no-any-return]


def _rule_of(ctx: Context, call: ast.Call, scope: Scope) -> str:
    given = call.args[0].value if len(call.args) == 1 and call.args[0].name is None else None
    if isinstance(given, ast.Name) and given.name in ctx.rules:
        # Not a name anyone can write.
        name = f"fired({given.name})"
        if name not in scope.values:
            node = observe(ctx.x.graph, "fired", given.name, kind=Kind.BOOL)
            scope.define(name, Known(Scalar(node)), call.span, "observation").used = True
        return name
    known = ", ".join(f"`{rule}`" for rule in ctx.rules[:8]) or "none"
    if isinstance(given, ast.Name):
        near = ctx.near(given.name, ctx.rules)
        ctx.report(
            codes.BAD_OBSERVATION, given.span, cause=f"no rule is called `{given.name}`",
            help=f"did you mean `{near}`?" if near else f"the rules are {known}",
        )  # fmt: skip
    else:
        ctx.report(
            codes.BAD_OBSERVATION, call.span, cause="`fired` asks about one rule by its name",
            help=f"write `fired({ctx.rules[0] if ctx.rules else 'enter'})`",
        )  # fmt: skip
    return "fired(?)"


def rewrite(node: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of a tree with `change` applied to every node, the outermost first; parts of a changed node stay."""
    if isinstance(node, tuple):
        return tuple([rewrite(part, change) for part in node])
    if not isinstance(node, Struct):
        return node
    changed = change(node)
    if changed is not node:
        return changed
    parts = {}
    for name in fields(node):
        before = getattr(node, name)
        if isinstance(before, tuple | Struct):
            after = rewrite(before, change)
            if after is not before:
                parts[name] = after
    return replace(node, **parts) if parts else node
