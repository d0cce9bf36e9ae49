"""User functions, written out where they are called, and external ones, which stay calls.

Arguments are evaluated where they are given; the body may want them again on other bars. The same function with the
same arguments on the same bars is one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.program import NotExecuted
from lingua.ir.units import NONE
from lingua.semantics import types
from lingua.semantics.scope import ArgDef, Entry, ExternDef, FnDef, Known, PartDef, Scope, StateDef, ValueDef
from lingua.semantics.values import Failed, FunctionValue, Scalar, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
DEEPEST = 100
"""Calls inside calls."""


def inline(x: Expressions, expr: ast.Call, fn: ast.Fn, home: Scope, scope: Scope, clock: Clock) -> Value:
    if _calls_itself(x, expr, fn, scope):
        return FAILED
    if scope.call_depth >= DEEPEST:
        x.report(
            scope, codes.PROGRAM_TOO_LARGE, expr.span, cause=f"functions call each other more than {DEEPEST} deep",
            help="name what is in between with `let`",
        )  # fmt: skip
        return FAILED
    given = bind(x, expr, fn.name, fn.params, scope)
    if given is None:
        return FAILED
    body = _body_scope(fn, home, scope, expr)
    values: list[Value] = []
    for param in fn.params:
        argument = given.get(param.name)
        where = scope if argument is not None else home
        value = argument if argument is not None else param.default
        if value is None:
            continue
        values.append(types.declared(x, x.visit(value, where, clock), param.type, value, where))
        body.values[param.name] = _argument(param, value, where, body)
    if any(isinstance(value, Failed) for value in values):
        return FAILED
    key = (id(fn), clock, *(_key(value) for value in values))
    found = x.calls.get(key)
    if found is None:
        found = x.calls[key] = run(x, fn, body, clock)
    return found


def run(x: Expressions, fn: ast.Fn, body: Scope, clock: Clock) -> Value:
    """The result of the body, its arguments being defined in `body`."""
    local = body.child()
    for item in fn.body:
        define_local(local, item)
    result = x.visit(fn.result, local, clock)
    for entry in local.values.values():
        # What the result does not use still has to be right.
        if not entry.used:
            from lingua.semantics.definitions import evaluate

            evaluate(x, entry, fn.result, local, clock)
            entry.used = False
    return types.declared(x, result, fn.returns, fn.result, local)


def define_local(scope: Scope, item: ast.Let | ast.State) -> None:
    """Add a `let` or `state` to a scope."""
    if isinstance(item, ast.State):
        scope.define(item.name, StateDef(item.init, item.next, item.type), item.name_span, "state")
    elif len(item.names) == 1:
        scope.define(item.names[0], ValueDef(item.value, item.type), item.name_spans[0], "let")
    else:
        for index, (name, span) in enumerate(zip(item.names, item.name_spans, strict=True)):
            scope.define(name, PartDef(item.value, index, item.names), span, "let")


def check_unused(x: Expressions, entry: Entry) -> None:
    """Elaborate a function nobody calls, its untyped inputs being anything at all."""
    if not isinstance(entry.definition, FnDef):
        return
    fn = entry.definition.fn
    body = _body_scope(fn, entry.home, entry.home, None)
    for param in fn.params:
        known = Known(_anything(x, param))
        stand_in = Entry(param.name, known, param.name_span, "input", body)
        body.values[param.name] = stand_in
    run(x, fn, body, Clock())


def _anything(x: Expressions, param: ast.FnParam) -> Value:
    """A series of the declared type, or a value nothing is known of."""
    name = param.type.name if param.type is not None else ""
    constant = x.literal(1.0, kind=Kind.INT)
    if name == "int":
        return constant
    if name in types.UNITS or name in types.NUMBERS:
        unit = types.UNITS.get(name, NONE)
        node = x.graph.node("field", attrs=("close",), unit=unit, constancy=Constancy.SERIES)
        return Scalar(node)
    return FAILED


def bind(
    x: Expressions, expr: ast.Call, name: str, params: tuple[ast.FnParam, ...], scope: Scope
) -> dict[str, Expr] | None:
    """Arguments by parameter name; None after a report."""
    given: dict[str, Expr] = {}
    order = [param.name for param in params]
    for number, arg in enumerate(expr.args):
        if arg.up_to is not None:
            _wrong(x, scope, arg, f"`{name}` has no window that could be capped", "leave out `up to …`")
            return None
        wanted = arg.name
        if wanted is None:
            if number >= len(order):
                few = f"{len(order)} argument{'s' if len(order) != 1 else ''}"
                _wrong(
                    x,
                    scope,
                    arg,
                    f"`{name}` takes {few}, and {len(expr.args)} are given",
                    f"write `{_signature(name, order)}`",
                )
                return None
            wanted = order[number]
        elif wanted not in order:
            near = x.near(wanted, order)
            help = f"did you mean `{near}`?" if near else f"write `{_signature(name, order)}`"
            _wrong(x, scope, arg, f"`{name}` has no input called `{wanted}`", help)
            return None
        if wanted in given:
            _wrong(x, scope, arg, f"`{wanted}` is given twice", "leave one of them out")
            return None
        given[wanted] = arg.value
    missing = [param.name for param in params if param.default is None and param.name not in given]
    if missing:
        listed = " and ".join(f"`{each}`" for each in missing)
        _wrong(x, scope, expr, f"`{name}` also needs {listed}", f"write `{_signature(name, order)}`")
        return None
    return given


def _signature(name: str, order: list[str]) -> str:
    return f"{name}({', '.join(order)})"


def _wrong(x: Expressions, scope: Scope, where: ast.Arg | ast.Call, cause: str, help: str) -> None:
    x.report(scope, codes.WRONG_ARGUMENTS, where.span, cause=cause, help=help)


def _body_scope(fn: ast.Fn, home: Scope, caller: Scope, expr: ast.Call | None) -> Scope:
    """Where the body is read: the names around the function, its own name meaning what it means outside."""
    body = Scope(home.problems, home.hiding_function(fn.name), is_sketch=home.is_sketch)
    body.function = fn
    body.caller = caller
    body.call_span = expr.span if expr is not None else fn.name_span
    body.call_depth = caller.call_depth + 1
    return body


def _argument(param: ast.FnParam, expr: Expr, scope: Scope, body: Scope) -> Entry:
    return Entry(param.name, ArgDef(expr, scope, param.type), param.name_span, "input", body)


def _calls_itself(x: Expressions, expr: ast.Call, fn: ast.Fn, scope: Scope) -> bool:
    place: Scope | None = scope
    while place is not None and place.function is not None:
        if place.function is fn:
            last = scope.function
            through = f" through `{last.name}`" if last is not None and last is not fn else ""
            x.report(
                scope, codes.RECURSION, expr.function.span, name=fn.name, through=through,
                help="write a `state` with `prev` for a value that builds on its past, or a fold for a sum of terms",
            )  # fmt: skip
            return True
        place = place.caller
    return False


def _key(value: Value) -> object:
    """What makes two arguments the same."""
    if isinstance(value, FunctionValue):
        return (value.builtin, id(value.definition))
    return value


def function_of(x: Expressions, entry: Entry) -> ast.Fn | ast.Extern | None:
    """The function behind an entry; where it was defined is remembered for when it is called by another name."""
    definition = entry.definition
    if isinstance(definition, FnDef):
        x.homes[id(definition.fn)] = entry.home
        return definition.fn
    if isinstance(definition, ExternDef):
        x.homes[id(definition.extern)] = entry.home
        return definition.extern
    return None


def home_of(x: Expressions, definition: ast.Fn | ast.Extern) -> Scope:
    """The scope a function was defined in."""
    found = x.homes.get(id(definition))
    return found if found is not None else x.root


def external(x: Expressions, expr: ast.Call, extern: ast.Extern, home: Scope, scope: Scope, clock: Clock) -> Value:
    """A call of Python or a model: typed, but not run by a backtest."""
    given = bind(x, expr, extern.name, extern.params, scope)
    if given is None:
        return FAILED
    args: list[Node] = []
    for param in extern.params:
        value = given.get(param.name, param.default)
        if value is None:
            continue
        where = scope if param.name in given else home
        found = types.declared(x, x.visit(value, where, clock), param.type, value, where)
        scalar = x.plain(found, value, where)
        if scalar is None:
            return FAILED
        from lingua.semantics.operators import may_enter_window

        if not may_enter_window(x, scalar, value, where, extern.name):
            return FAILED
        args.append(scalar.node)
    x.mark_not_executed(NotExecuted("extern", extern.name, extern.span))
    returns = extern.returns.name
    kind = {"int": Kind.INT, "bool": Kind.BOOL, "time": Kind.TIME}.get(returns, Kind.NUM)
    unit = types.UNITS.get(returns, NONE)
    if returns not in types.KNOWN:
        x.report(
            home, codes.UNKNOWN_NAME, extern.returns.span, name=returns,
            help=f"known types: {', '.join(types.KNOWN[:12])}",
        )  # fmt: skip
    node = x.graph.node(
        "extern", *args, attrs=(extern.name,), kind=kind, unit=unit, clock=clock,
        constancy=max([Constancy.SERIES, *(arg.constancy for arg in args)]),
    )  # fmt: skip
    return Scalar(node)
