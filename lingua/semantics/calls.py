"""What `f(…)` calls: function-valued parameters first, then user functions, imports, built-ins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Fix
from lingua.ir.nodes import Clock
from lingua.semantics import builtins, functions, habits, helpers, indicators, mends, observables
from lingua.semantics.definitions import evaluate
from lingua.semantics.scope import ArgDef, DataDef, Entry, ExternDef, FnDef, Known, Namespace, Scope, ValueDef
from lingua.semantics.values import Failed, FunctionValue, Record, Value
from lingua.syntax import nodes as ast

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()


def call(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    callee = expr.function
    if isinstance(callee, ast.Field):
        return _dotted(x, expr, callee, scope, clock)
    if not isinstance(callee, ast.Name):
        return FAILED  # the parser has said that only a name can be called
    name = callee.name
    value = _function_value(x, callee, scope, clock)
    if value is not None:
        return _call_value(x, expr, value, scope, clock)
    entry = scope.lookup_function(name)
    if entry is not None:
        x.remember_definition(callee.span, entry)
        return call_definition(x, expr, entry, scope, clock)
    return call_builtin(x, expr, name, scope, clock)


def call_builtin(x: Expressions, expr: ast.Call, name: str, scope: Scope, clock: Clock) -> Value:
    handler = builtins.FUNCTIONS.get(name) or helpers.FUNCTIONS.get(name)
    if handler is not None:
        return handler(x, expr, scope, clock)
    spec = indicators.lookup(name)
    if spec is not None and spec.name in builtins.CROSSINGS:
        return builtins.cross(spec.name, x, expr, scope, clock)
    if spec is not None:
        return indicators.call(x, expr, spec, scope, clock)
    record = _record(x, expr, name, scope, clock)
    if record is not None:
        return record
    if habits.call(x, expr, name, scope):
        return FAILED
    return _unknown(x, expr, name, scope, clock)


def call_definition(x: Expressions, expr: ast.Call, entry: Entry, scope: Scope, clock: Clock) -> Value:
    definition = entry.definition
    if isinstance(definition, FnDef):
        return functions.inline(x, expr, definition.fn, entry.home, scope, clock)
    if isinstance(definition, ExternDef):
        return functions.external(x, expr, definition.extern, entry.home, scope, clock)
    return FAILED


def is_function(name: str) -> bool:
    return name in builtins.FUNCTIONS or name in helpers.FUNCTIONS or indicators.lookup(name) is not None


def known_functions(scope: Scope) -> Iterator[str]:
    yield from scope.function_names()
    yield from builtins.FUNCTIONS
    yield from helpers.FUNCTIONS
    yield from indicators.names()


def _function_value(x: Expressions, callee: ast.Name, scope: Scope, clock: Clock) -> Known | None:
    """The parameter or argument that holds a function under this name."""
    entry = scope.lookup(callee.name)
    if entry is None:
        return None
    if isinstance(entry.definition, Known) and isinstance(entry.definition.value, FunctionValue):
        x.remember_definition(callee.span, entry)
        return entry.definition
    if isinstance(entry.definition, ArgDef | ValueDef) and not entry.in_progress:
        expr = entry.definition.expr
        if isinstance(expr, ast.Name | ast.Field):
            found = evaluate(x, entry, callee, scope, clock)
            if isinstance(found, FunctionValue):
                return Known(found)
    return None


def _call_value(x: Expressions, expr: ast.Call, known: Known, scope: Scope, clock: Clock) -> Value:
    """A call of a chosen function; the arguments must fit every function that may be chosen."""
    for choice in known.choices:
        if isinstance(choice, FunctionValue) and choice != known.value:
            _call_function(x, expr, choice, scope, clock)
    return _call_function(x, expr, known.value, scope, clock) if isinstance(known.value, FunctionValue) else FAILED


def _call_function(x: Expressions, expr: ast.Call, value: FunctionValue, scope: Scope, clock: Clock) -> Value:
    if value.definition is None:
        return call_builtin(x, expr, value.builtin, scope, clock)
    home = functions.home_of(x, value.definition)
    if isinstance(value.definition, ast.Fn):
        return functions.inline(x, expr, value.definition, home, scope, clock)
    return functions.external(x, expr, value.definition, home, scope, clock)


def _dotted(x: Expressions, expr: ast.Call, callee: ast.Field, scope: Scope, clock: Clock) -> Value:
    """`c.cloud(…)` of an import, `cs.rank(…)`, or a habit of another language."""
    owner = callee.operand
    if isinstance(owner, ast.Name):
        entry = scope.lookup(owner.name)
        if entry is not None and isinstance(entry.definition, Namespace):
            return _imported(x, expr, callee, entry.definition, scope, clock)
        if entry is not None and isinstance(entry.definition, DataDef):
            alias = entry.definition.alias
            text = indicators.on_bars(callee.name, [x.full_text(arg.value, scope) for arg in expr.args])
            x.report(
                scope, codes.UNKNOWN_FUNCTION, expr.span, name=x.text(callee, scope), help=f"write `{text}@{alias}`",
                fixes=mends.replacing(expr, f"{text}@{alias}"),
            )  # fmt: skip
            return FAILED
        if entry is None and owner.name == "cs":
            return builtins.cross_section(x, expr, callee, scope, clock)
    if habits.method(x, expr, callee, scope):
        return FAILED
    found = x.visit(owner, scope, clock)
    if not isinstance(found, Failed):
        text = x.full_text(owner, scope)
        rest = ", ".join([text, *(x.full_text(arg.value, scope) for arg in expr.args)])
        x.report(
            scope, codes.UNKNOWN_FUNCTION, expr.span, name=x.text(callee, scope),
            help=f"functions are not parts of values: write `{callee.name}({rest})`",
        )  # fmt: skip
    return FAILED


def _imported(
    x: Expressions, expr: ast.Call, callee: ast.Field, module: Namespace, scope: Scope, clock: Clock
) -> Value:
    entry = module.scope.functions.get(callee.name)
    if entry is not None:
        entry.used = True
        x.remember_definition(callee.span, entry)
        return call_definition(x, expr, entry, scope, clock)
    near = x.near(callee.name, module.scope.functions)
    known = ", ".join(f"`{name}`" for name in module.scope.functions)
    text = x.text(callee.operand, scope)
    x.report(
        scope, codes.UNKNOWN_FUNCTION, callee.span, name=x.text(callee, scope),
        help=f"did you mean `{text}.{near}`?" if near else f"it has {known or 'no functions'}",
    )  # fmt: skip
    return FAILED


def _record(x: Expressions, expr: ast.Call, name: str, scope: Scope, clock: Clock) -> Value | None:
    """`band(upper: …, lower: …)` in a function that gives a `band`."""
    returns = scope.function.returns if scope.function is not None else None
    if returns is None or returns.name != name or not expr.args or any(arg.name is None for arg in expr.args):
        return None
    fields: list[tuple[str, Value]] = []
    for arg in expr.args:
        value = x.visit(arg.value, scope, clock)
        if any(other == arg.name for other, _ in fields):
            x.report(
                scope,
                codes.WRONG_ARGUMENTS,
                arg.span,
                cause=f"`{arg.name}` is given twice",
                help="leave one of them out",
            )
            return FAILED
        fields.append((str(arg.name), value))
    return Record(name, tuple(fields))


EXTREMES = {"high": "highest", "low": "lowest"}
"""Prices that people call with a length, and what they mean."""


def _unknown(x: Expressions, expr: ast.Call, name: str, scope: Scope, clock: Clock) -> Value:
    callee = expr.function
    near = x.near(name, known_functions(scope))
    if scope.function is not None and scope.function.name == name:
        x.report(
            scope, codes.RECURSION, callee.span, name=name, through="",
            help="write a `state` with `prev` for a value that builds on its past, or a fold for a sum of terms",
        )  # fmt: skip
        return FAILED
    notes: tuple[str, ...] = ()
    if expr.args and all(arg.name for arg in expr.args) and scope.function is not None:
        notes = (f"to make a record, let the function say so: `fn {scope.function.name}(…) -> {name}`",)
    fixes: tuple[Fix, ...] = ()
    if near is not None:
        help = f"did you mean `{near}`?"
    elif name in EXTREMES and len(expr.args) == 1:
        written = f"{EXTREMES[name]}({name}, {x.full_text(expr.args[0].value, scope)})"
        fixes = mends.replacing(expr, written)
        help = f"write `{written}`, or `{name}[1]` for the bar before"
    elif scope.lookup(name) is not None or name in observables.NAMES:
        help = f"`{name}` is a value: write it without parentheses, or `{name}[1]` for the bar before"
    else:
        help = f"define it, `fn {name}(x) = …`, or look at the list: `lingua doc`"
    x.report(
        scope, codes.UNKNOWN_FUNCTION, callee.span, name=name, help=help, notes=notes,
        fixes=mends.replacing(callee, near) if near else fixes,
    )  # fmt: skip
    for arg in expr.args:
        x.visit(arg.value, scope, clock)
    return FAILED
