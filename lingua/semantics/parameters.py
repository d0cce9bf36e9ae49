"""`param n = 14 in 7..28 step 1`: the value in this run, its domain, and `require`.

What a parameter is follows from its default: a number (with its unit), a truth, a timeframe, a text, a function. The
last three change the graph, so a run with another value elaborates the program again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import parameters as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.ir.program import ParamDecl, ParamValue
from lingua.ir.units import NONE, RATIO, Unit
from lingua.semantics import types
from lingua.semantics.context import Context
from lingua.semantics.overrides import domain_of, fitted, value_text
from lingua.semantics.scope import Known, ParamDef
from lingua.semantics.values import Failed, FunctionValue, Scalar, Text, TimeframeValue, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder

MOST_CHOICES = 1_000


@dataclass(frozen=True, slots=True)
class Plain:
    """A compile-time value of a parameter: `kind` as in `ParamDecl`, and the value the scope knows."""

    kind: str
    unit: Unit
    data: ParamValue
    value: Value

    @property
    def what(self) -> str:
        if self.kind in ("num", "int") and self.unit != NONE:
            from lingua.semantics.words import unit_words

            return unit_words(self.unit)
        return KINDS[self.kind]


KINDS = {
    "num": "a number", "int": "a whole number", "bool": "true or false", "timeframe": "a timeframe", "string": "a text",
    "function": "the name of a function", "time": "a time",
}  # fmt: skip
NUMERIC = ("num", "int")


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
    low, high, step, ok = _range(ctx, item, default)
    choices = _choices(ctx, item, default)
    if not ok or (item.choices is not None and choices is None):
        _excuse(ctx, item)
        return None
    domain = domain_text(item, ctx)
    values = tuple([choice.data for choice in choices]) if choices is not None else None
    _check_default(ctx, item, default, low, high, step, values, domain)
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


def plain_value(
    ctx: Context, expr: Expr, type: ast.TypeRef | None = None, *, is_timeframe: bool = False
) -> Plain | None:
    """`expr` as a value known now; None after a report."""
    found = types.declared(ctx.x, ctx.x.value(expr, ctx.scope), type, expr, ctx.scope)
    if is_timeframe and isinstance(expr, ast.Duration) and type is None:
        text = f"{expr.count}{expr.unit}"
        return Plain("timeframe", NONE, text, TimeframeValue(text))
    match found:
        case Failed():
            return None
        case Text(text):
            return Plain("string", NONE, text, found)
        case TimeframeValue(text):
            return Plain("timeframe", NONE, text, found)
        case FunctionValue(builtin, definition):
            return Plain("function", NONE, builtin or (definition.name if definition is not None else ""), found)
        case Scalar():
            return _plain_scalar(ctx, found, expr)
        case _:
            ctx.report(
                codes.BAD_DEFAULT, expr.span, name=ctx.text(expr), found="more than one value",
                help="give a number, `true` or `false`, a timeframe, a text or the name of a function",
            )  # fmt: skip
            return None


def _plain_scalar(ctx: Context, found: Scalar, expr: Expr) -> Plain | None:
    node = found.node
    if node.constancy > Constancy.PARAM:
        ctx.x.report(
            ctx.scope, name_codes.NOT_CONSTANT, expr.span, what="a parameter", expr=ctx.text(expr),
            help="give a number, or make it a `let` if it changes from bar to bar",
        )  # fmt: skip
        return None
    if node.constancy is Constancy.PARAM:
        remember_params(ctx, expr)
    value = ctx.x.statics.of(node)
    if node.kind is Kind.STRING:
        return Plain("string", NONE, str(value), Text(str(value)))
    if node.kind is Kind.BOOL:
        return Plain("bool", NONE, value == 2, found)
    number = float(value)
    if math.isnan(number):
        ctx.report(codes.BAD_DEFAULT, expr.span, name=ctx.text(expr), found="`na`", help="give a number")
        return None
    if node.kind is Kind.TIME:
        return Plain("time", NONE, number, found)
    kind = "int" if node.kind is Kind.INT else "num"
    return Plain(kind, node.unit, int(number) if kind == "int" else number, found)


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


# --- domains -----------------------------------------------------------------------------------------


def _range(ctx: Context, item: ast.Param, default: Plain) -> tuple[float | None, float | None, float | None, bool]:
    if item.low is None or item.high is None:
        return None, None, None, _no_step(ctx, item)
    # What is wrong with one end is wrong with the other for the same reason.
    low = _end(ctx, item, item.low, default)
    high = _end(ctx, item, item.high, default) if low is not None else None
    step = _end(ctx, item, item.step, default) if item.step is not None and high is not None else None
    if low is None or high is None or (item.step is not None and step is None):
        return None, None, None, False
    if low > high:
        ctx.report(
            codes.EMPTY_RANGE,
            item.low.span.to(item.high.span),
            low=ctx.text(item.low),
            high=ctx.text(item.high),
            name=item.name,
            help=f"write the smaller end first: `in {ctx.full_text(item.high)}..{ctx.full_text(item.low)}`",
        )
        return None, None, None, False
    if item.step is not None and step is not None and not _step_fits(ctx, item, item.step, step, low, high):
        return None, None, None, False
    return low, high, step, True


def _no_step(ctx: Context, item: ast.Param) -> bool:
    if item.step is None:
        return True
    ctx.report(
        codes.BAD_STEP, item.step.span, cause=f"`step` of `{item.name}` needs a range to step through",
        help=f"write `in 5..50 step {ctx.full_text(item.step)}`, or leave the step out",
    )  # fmt: skip
    return False


def _step_fits(ctx: Context, item: ast.Param, expr: Expr, step: float, low: float, high: float) -> bool:
    if step > 0 and (high == low or step <= high - low):
        return True
    tenth = max((high - low) // 10, 1) if float(high - low).is_integer() else (high - low) / 10
    why = "must be above zero" if step <= 0 else "is longer than the range"
    ctx.report(
        codes.BAD_STEP,
        expr.span,
        cause=f"the step {ctx.text(expr)} of `{item.name}` {why}",
        help=f"write `step {tenth:g}`",
    )
    return False


def _end(ctx: Context, item: ast.Param, expr: Expr, default: Plain) -> float | None:
    """One end of a range, or the step: a number of the default's unit."""
    found = plain_value(ctx, expr)
    if found is None:
        return None
    if not _same(default, found) or default.kind not in (*NUMERIC, "time"):
        _mixed(ctx, item, expr, default, found)
        return None
    if default.kind == "int" and found.kind == "num" and not float(found.data).is_integer():
        ctx.x.report(
            ctx.scope, name_codes.NOT_WHOLE, expr.span, what=f"the domain of `{item.name}`", expr=ctx.text(expr),
            found="not whole", help=f"write the default with a point, such as `{ctx.full_text(item.default)}.0`",
        )  # fmt: skip
        return None
    return float(found.data)


def _choices(ctx: Context, item: ast.Param, default: Plain) -> list[Plain] | None:
    if item.choices is None:
        return None
    found: list[Plain] = []
    for expr in item.choices[:MOST_CHOICES]:
        choice = plain_value(ctx, expr, is_timeframe=default.kind == "timeframe")
        if choice is None:
            return None
        if not _same(default, choice):
            _mixed(ctx, item, expr, default, choice)
            return None
        found.append(choice)
    return found if _no_step(ctx, item) else None


def _same(default: Plain, other: Plain) -> bool:
    if default.kind in NUMERIC and other.kind in NUMERIC:
        return default.unit == other.unit or (other.unit == NONE and default.unit != RATIO)
    return default.kind == other.kind


def _mixed(ctx: Context, item: ast.Param, expr: Expr, default: Plain, found: Plain) -> None:
    example = {"timeframe": "`15m`, `1h`", "function": "`ema`, `sma`", "bool": "`true`, `false`"}.get(default.kind, "")
    mend = f"write {example or default.what}"
    if default.kind in (*NUMERIC, "time") and default.unit == RATIO and found.unit == NONE:
        mend = f"write `{ctx.full_text(expr)}%`"
    elif default.kind not in NUMERIC and item.choices is None:
        mend = "list its values: `in {…}`"
    ctx.report(
        codes.MIXED_DOMAIN, expr.span, expr=ctx.text(expr), name=item.name, found=found.what, wanted=default.what,
        help=mend, labels=(Label(item.default.span, "the default"),),
    )  # fmt: skip


def domain_text(item: ast.Param, ctx: Context) -> str:
    """`7..28` or `{ema, sma}`, as written."""
    if item.choices is not None:
        return "{" + ", ".join(ctx.full_text(choice) for choice in item.choices[:12]) + "}"
    if item.low is not None and item.high is not None:
        return f"{ctx.full_text(item.low)}..{ctx.full_text(item.high)}"
    return ""


def _check_default(
    ctx: Context, item: ast.Param, default: Plain, low: float | None, high: float | None, step: float | None,
    values: tuple[ParamValue, ...] | None, domain: str,
) -> None:  # fmt: skip
    shown = ctx.text(item.default)
    if values is not None and not any(_equal(default.data, value) for value in values):
        ctx.report(
            codes.OUTSIDE_DOMAIN, item.default.span, value=shown, name=item.name, domain=domain,
            help=f"add {shown} to the set, or begin with one of it",
        )  # fmt: skip
    if low is None or high is None or isinstance(default.data, str):
        return
    number = float(default.data)
    if not low <= number <= high:
        nearest = item.low if number < low else item.high
        ctx.report(
            codes.OUTSIDE_DOMAIN,
            item.default.span,
            value=shown,
            name=item.name,
            domain=domain,
            help=f"begin with {ctx.text(nearest) if nearest is not None else low}, or widen the domain",
        )
    elif step is not None and not on_grid(number, low, step):
        below = low + math.floor((number - low) / step) * step
        above = min(below + step, high)
        ctx.report(
            codes.OFF_GRID,
            item.default.span,
            value=shown,
            name=item.name,
            low=value_text(low, default.unit),
            help=f"begin with {value_text(below, default.unit)} or {value_text(above, default.unit)}",
        )


def on_grid(value: float, low: float, step: float) -> bool:
    steps = (value - low) / step
    return abs(steps - round(steps)) < 1e-6


def _equal(a: ParamValue, b: ParamValue) -> bool:
    return (type(a) is type(b) and a == b) or (
        isinstance(a, int | float) and isinstance(b, int | float) and float(a) == float(b)
    )


# --- values given from outside -----------------------------------------------------------------------


def _with_data(ctx: Context, default: Plain, data: ParamValue, choices: list[Plain] | None) -> Plain:
    """The default with another value."""
    for choice in choices or ():
        if _equal(choice.data, data):
            return Plain(default.kind, default.unit, choice.data, choice.value)
    if default.kind == "timeframe":
        return Plain("timeframe", NONE, data, TimeframeValue(str(data)))
    if default.kind == "string":
        return Plain("string", NONE, data, Text(str(data)))
    if default.kind == "function":
        found = ctx.x.value(ast.Name(str(data)), ctx.scope)
        return Plain("function", NONE, data, found if isinstance(found, FunctionValue) else default.value)
    return Plain(default.kind, default.unit, data, default.value)


# --- require -----------------------------------------------------------------------------------------


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
        if ctx.x.statics.of(truth.node) != 2:
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


def remember_params(ctx: Context, expr: Expr) -> None:
    """Parameters a statement reads before the run make another program when they change."""
    ctx.used_params |= {n.name for n in postorder(expr) if isinstance(n, ast.Name) and n.name in ctx.x.params}
