"""`param n = 14 in 7..28 step 1`: what a parameter is, and its value in this run.

What a parameter is follows from its default: a number (with its unit), a truth, a timeframe, a text, a function. The
last three change the graph, so a run with another value elaborates the program again.
"""

from __future__ import annotations

from collections.abc import Mapping

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import Kind
from lingua.ir.program import ParamDecl, ParamValue
from lingua.ir.units import NONE
from lingua.semantics.context import Context
from lingua.semantics.domains import check_default, domain_text, equal, read_choices, read_range
from lingua.semantics.overrides import domain_of, fitted
from lingua.semantics.plain_values import Plain, plain_value
from lingua.semantics.scope import Known, ParamDef
from lingua.semantics.values import Failed, FunctionValue, Text, TimeframeValue
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder


def declare_parameters(
    ctx: Context, overrides: Mapping[str, ParamValue], free: frozenset[str] = frozenset()
) -> list[ParamDecl]:
    """Define all parameters in the scope, each after those its default and domain speak of.

    Those in `free` may be given values outside their domain.
    """
    found: list[ParamDecl] = []
    for item in _in_order(ctx, list(ctx.items(ast.Param))):
        declared = _declare(ctx, item, overrides, item.name in free)
        if declared is not None:
            found.append(declared)
    found.sort(key=lambda declared: declared.span.start)
    return found


def _in_order(ctx: Context, items: list[ast.Param]) -> list[ast.Param]:
    """Each parameter after those it speaks of. Those that speak of each other are reported and left out."""
    by_name = {item.name: item for item in reversed(items)}
    ordered: list[ast.Param] = []
    path: list[ast.Param] = []
    state: dict[int, str] = {}
    stack = [(item, False) for item in reversed(items)]
    while stack:
        item, is_done = stack.pop()
        if is_done:
            path.pop()
            if state[id(item)] == "open":
                ordered.append(item)
            state[id(item)] = "done"
        elif state.get(id(item)) == "open":
            circle = path[next(k for k, each in enumerate(path) if each is item) :]
            _report_circle(ctx, circle)
            state.update({id(each): "circle" for each in circle})
        elif id(item) not in state:
            state[id(item)] = "open"
            path.append(item)
            stack.append((item, True))
            names = [n.name for expr in _exprs(item) for n in postorder(expr) if isinstance(n, ast.Name)]
            # Inside its own definition a name means what it means outside.
            stack += [(by_name[name], False) for name in names if name in by_name and name != item.name]
    return ordered


def _report_circle(ctx: Context, circle: list[ast.Param]) -> None:
    circle = sorted(circle, key=lambda item: item.span.start)
    names = [f"`{item.name}`" for item in circle]
    ctx.report(
        name_codes.CYCLE, circle[0].name_span, names=f"{', '.join(names[:-1])} and {names[-1]}",
        labels=tuple([Label(item.name_span, "part of the circle") for item in circle[1:6]]),
        help="give one of them a value of its own",
    )  # fmt: skip
    for item in circle:
        _excuse(ctx, item)


def _exprs(item: ast.Param) -> list[Expr]:
    parts = [item.default, item.low, item.high, item.step, *(item.choices or ())]
    return [part for part in parts if part is not None]


def _declare(ctx: Context, item: ast.Param, overrides: Mapping[str, ParamValue], is_free: bool) -> ParamDecl | None:
    # With a range a length of time is a number to step through; alone it is what `@` and `every` take.
    default = plain_value(ctx, item.default, item.type, is_timeframe=item.low is None)
    if default is None:
        _excuse(ctx, item)
        return None
    if item.type is None and default.kind == "int" and _is_fractional(ctx, item):
        default = Plain("num", default.unit, float(default.data), default.value)
    low, high, step, ok = read_range(ctx, item, default)
    choices = read_choices(ctx, item, default)
    if not ok or (item.choices is not None and choices is None):
        _excuse(ctx, item)
        return None
    domain = domain_text(item, ctx)
    values = tuple([choice.data for choice in choices]) if choices is not None else None
    check_default(ctx, item, default, low, high, step, values, domain)
    declared = ParamDecl(
        item.name, default.kind, str(default.unit), default.data, default.data, low, high, step, values,
        default.kind in ("function", "timeframe", "string", "time"), item.span,
    )  # fmt: skip
    value = default
    if item.name in overrides:
        data = fitted(ctx, declared, overrides[item.name], domain or domain_of(declared), is_free=is_free)
        if data is None:
            _excuse(ctx, item)
            return None
        value = _with_data(ctx, default, data, choices)
    _define(ctx, item, value, choices)
    return ParamDecl(
        declared.name, declared.kind, declared.unit, declared.default, value.data, low, high, step, values,
        declared.is_structural, item.span,
    )  # fmt: skip


def _is_fractional(ctx: Context, item: ast.Param) -> bool:
    """`param k = 2 in 1.5..3`: the domain says that it is no whole number."""
    return any(
        isinstance(number, ast.Number) and not number.is_int
        for expr in (item.low, item.high, item.step, *(item.choices or ()))
        if expr is not None
        for number in postorder(expr)
    )


def _excuse(ctx: Context, item: ast.Param) -> None:
    """What reads a parameter that is wrong, or calls one that was to be a function, is no second mistake."""
    entry = ctx.scope.define(item.name, Known(Failed()), item.name_span, "param")
    entry.used = True
    ctx.scope.functions.setdefault(item.name, entry)


def _define(ctx: Context, item: ast.Param, value: Plain, choices: list[Plain] | None) -> None:
    if value.kind in ("num", "int", "bool", "time"):
        kind = {"num": Kind.NUM, "int": Kind.INT, "bool": Kind.BOOL, "time": Kind.TIME}[value.kind]
        number = value.data if not isinstance(value.data, str) else 0.0
        ctx.scope.define(item.name, ParamDef(item.name, number, kind, value.unit), item.name_span, "param")
        ctx.x.params[item.name] = number
    else:
        others = tuple([choice.value for choice in choices or ()])
        ctx.scope.define(item.name, Known(value.value, others), item.name_span, "param")


def _with_data(ctx: Context, default: Plain, data: ParamValue, choices: list[Plain] | None) -> Plain:
    """The default with another value."""
    for choice in choices or ():
        if equal(choice.data, data):
            return Plain(default.kind, default.unit, choice.data, choice.value)
    if default.kind == "timeframe":
        return Plain("timeframe", NONE, data, TimeframeValue(str(data)))
    if default.kind == "string":
        return Plain("string", NONE, data, Text(str(data)))
    if default.kind == "function":
        found = ctx.x.value(ast.Name(str(data)), ctx.scope)
        return Plain("function", NONE, data, found if isinstance(found, FunctionValue) else default.value)
    return Plain(default.kind, default.unit, data, default.value)
