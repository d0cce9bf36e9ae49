"""Names and parts: what `x` and `x.y` mean."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.codes import state as state_codes
from lingua.diagnostics.codes import timeframes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.nodes import BASE, Clock, Constancy, Kind, Node
from lingua.ir.units import PRICE
from lingua.semantics import definitions, folding, functions, habits, mends, observables
from lingua.semantics.scope import DataDef, Namespace, Scope
from lingua.semantics.values import DataValue, Failed, FunctionValue, Record, Scalar, SignalValue, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()


def name(x: Expressions, expr: ast.Name, scope: Scope, clock: Clock) -> Value:
    entry = scope.lookup(expr.name)
    if entry is not None:
        x.remember_definition(expr.span, entry)
        return definitions.evaluate(x, entry, expr, scope, clock)
    if expr.name == "prev":
        x.report(
            scope, state_codes.PREV_OUTSIDE, expr.span,
            help="for the value one bar ago write `close[1]`; to remember something write `state s = 0 => prev + 1`",
        )  # fmt: skip
        return FAILED
    found = observable(x, expr.name, clock)
    if isinstance(found, Scalar) and found.node.uses_fills and clock != BASE:
        return not_on_these_bars(x, expr.name, expr, scope)
    if found is not None:
        return found
    return _as_function(x, expr, scope)


def not_on_these_bars(x: Expressions, name: str, expr: Expr, scope: Scope) -> Value:
    """A value that depends on fills, wanted on bars other than the traded ones: said at the outermost `@…`."""
    where, place = x.elsewhere[0] if x.elsewhere else (expr, scope)
    text = x.text(where, place)
    inside = f"`{text}` gets there: " if name not in text else ""
    x.report(
        place, timeframes.FILLS_ON_OTHER_CLOCK, where.span, name=name,
        help=f"{inside}take `{name}` out of the `@…` expression and combine it with the result",
    )  # fmt: skip
    return FAILED


def observable(x: Expressions, name: str, clock: Clock) -> Scalar | None:
    """A built-in value, as of the bars of `clock`."""
    if name in observables.FIELDS:
        return bar_field(x, name, clock)
    if name in observables.AVERAGES:
        return _average(x, observables.AVERAGES[name], clock)
    if name in observables.ACCOUNT:
        return account(x, name, "")
    if name in observables.TIME_PARTS:
        return time_part(x, name, bar_field(x, "time", clock).node, "", clock)
    return None


def bar_field(x: Expressions, name: str, clock: Clock) -> Scalar:
    what = observables.FIELDS[name]
    node = x.graph.node("field", attrs=(name,), kind=what.kind, unit=what.unit, clock=clock, constancy=Constancy.SERIES)
    low = 0.0 if name in ("open", "high", "low", "close", "volume", "bar") else None
    return Scalar(node, low=low, instrument=clock.source if what.unit == PRICE else None)


def account(x: Expressions, name: str, source: str) -> Scalar:
    what = observables.ACCOUNT[name]
    node = x.graph.node(
        "account", attrs=(name, source), kind=what.kind, unit=what.unit, clock=BASE, constancy=Constancy.SERIES,
        uses_fills=True,
    )  # fmt: skip
    return Scalar(node, low=0.0 if name == "bars_in_trade" else None, instrument=source if what.unit == PRICE else None)


def time_part(x: Expressions, part: str, stamp: Node, zone: str, clock: Clock) -> Scalar:
    low, high = {"hour": (0, 23), "minute": (0, 59), "weekday": (1, 7), "day": (1, 31), "month": (1, 12)}.get(
        part, (None, None)
    )
    node = x.graph.node("time_part", stamp, attrs=(part, zone), kind=Kind.INT, clock=clock)
    return Scalar(node, low=low, high=high)


def _average(x: Expressions, parts: tuple[str, ...], clock: Clock) -> Scalar:
    total: Node | None = None
    for part in parts:
        each = bar_field(x, part, clock).node
        total = each if total is None else x.make("add", total, each, unit=PRICE, clock=clock)
    count = folding.number(x.graph, float(len(parts)))
    node = x.make("div", total or count, count, unit=PRICE, clock=clock)
    return Scalar(node, low=0.0, instrument=clock.source)


def _as_function(x: Expressions, expr: ast.Name, scope: Scope) -> Value:
    """A name that is no value: a function by name, or a mistake."""
    from lingua.semantics.calls import is_function, known_functions

    entry = scope.lookup_function(expr.name)
    if entry is not None:
        definition = functions.function_of(x, entry)
        x.remember_definition(expr.span, entry)
        return FunctionValue(definition=definition)
    if is_function(expr.name) and not _is_its_own(expr.name, scope):
        return FunctionValue(builtin=expr.name)
    if habits.name(x, expr, scope):
        return FAILED
    with_length = re.fullmatch(r"([a-zA-Z]+)_?(\d{1,4})", expr.name)
    if with_length is not None and is_function(with_length[1]):
        written = mends.called(with_length[1], with_length[2])
        x.report(
            scope, codes.UNKNOWN_NAME, expr.span, name=expr.name, help=f"write `{written}`",
            fixes=mends.replacing(expr, written),
        )  # fmt: skip
        return FAILED
    after = scope.problems.source.text[expr.span.end : expr.span.end + 12]
    if expr.name.isupper() and re.match(r"\.(?:open|high|low|close|volume)\b", after):
        alias = expr.name.lower()
        x.report(
            scope, codes.UNKNOWN_NAME, expr.span, name=expr.name,
            help=f"declare the other symbol, `data {alias} = {expr.name}`, and write `{alias}` here",
        )  # fmt: skip
        return FAILED
    known = chain(scope.names(), observables.NAMES)
    near = x.near(expr.name, known) or x.near(expr.name, known_functions(scope))
    if _is_its_own(expr.name, scope):
        x.report(
            scope, codes.UNKNOWN_NAME, expr.span, name=expr.name,
            help=f"for the last value of `{expr.name}` write `state {expr.name} = 0 => prev + …`",
            notes=("inside its own definition a name means something defined outside",),
        )  # fmt: skip
        return FAILED
    if near is not None:
        x.report(
            scope, codes.UNKNOWN_NAME, expr.span, name=expr.name, help=f"did you mean `{near}`?",
            fixes=mends.replacing(expr, near),
        )  # fmt: skip
    else:
        x.report(
            scope, codes.UNKNOWN_NAME, expr.span, name=expr.name,
            help=f"define it first, such as `let {expr.name} = …` or `param {expr.name} = …`",
        )  # fmt: skip
    return FAILED


def _is_its_own(name: str, scope: Scope) -> bool:
    """Whether the name is hidden here because this is its own definition."""
    place: Scope | None = scope
    while place is not None:
        if name in place.hidden and name in place.values:
            return True
        place = place.parent
    return False


# --- parts -------------------------------------------------------------------------------------------


def field(x: Expressions, expr: ast.Field, scope: Scope, clock: Clock) -> Value:
    if isinstance(expr.operand, ast.Name):
        entry = scope.lookup(expr.operand.name)
        if entry is not None and isinstance(entry.definition, Namespace):
            return _imported(x, expr, entry.definition, scope, clock)
        if entry is not None and isinstance(entry.definition, DataDef):
            x.remember_definition(expr.operand.span, entry)
            return data_field(x, expr, entry.definition.alias, scope, clock)
    if habits.field(x, expr, scope):
        return FAILED
    owner = x.visit(expr.operand, scope, clock)
    match owner:
        case Failed():
            return FAILED
        case Record():
            return _part_of_record(x, expr, owner, scope)
        case SignalValue():
            parts: dict[str, Value] = {"side": owner.side, "confidence": owner.confidence, "value": owner.value}
            return parts[expr.name] if expr.name in parts else _no_part(x, expr, list(parts), scope)
        case DataValue(alias):
            return data_field(x, expr, alias, scope, clock)
        case Scalar(node=node) if node.kind is Kind.TIME and expr.name in observables.TIME_PARTS:
            return time_part(x, expr.name, node, "", clock)
        case _:
            return _no_part(x, expr, [], scope)


def _part_of_record(x: Expressions, expr: ast.Field, record: Record, scope: Scope) -> Value:
    for part, value in record.fields:
        if part == expr.name:
            return value
    return _no_part(x, expr, [part for part, _ in record.fields], scope)


def _no_part(x: Expressions, expr: ast.Field, parts: list[str], scope: Scope) -> Value:
    near = x.near(expr.name, parts)
    if near is None and len(expr.name) > 2:
        # `m.histogram` for `m.hist`
        near = next((part for part in parts if part.startswith(expr.name) or expr.name.startswith(part)), None)
    alone: tuple[Fix, ...] = ()
    if near is not None:
        help = f"did you mean `{x.text(expr.operand, scope)}.{near}`?"
    elif parts:
        help = f"it has {', '.join(f'`{part}`' for part in parts)}"
    else:
        help = f"it is one value and has no parts; write `{x.text(expr.operand, scope)}` alone"
        alone = (Fix(help, (Edit(Span(expr.operand.span.end, expr.name_span.end), ""),)),)
    x.report(
        scope, codes.UNKNOWN_FIELD, expr.name_span, owner=x.text(expr.operand, scope), name=expr.name, help=help,
        fixes=(mends.replacing(ast.Name(near, span=expr.name_span), near) if near else alone),
    )  # fmt: skip
    return FAILED


def _imported(x: Expressions, expr: ast.Field, module: Namespace, scope: Scope, clock: Clock) -> Value:
    entry = module.scope.values.get(expr.name)
    if entry is not None:
        entry.used = True
        return definitions.evaluate(x, entry, expr, scope, clock)
    function = module.scope.functions.get(expr.name)
    if function is not None:
        function.used = True
        definition = functions.function_of(x, function)
        return FunctionValue(definition=definition)
    return _no_part(x, expr, [*module.scope.values, *module.scope.functions], scope)


def data_field(x: Expressions, expr: ast.Field, alias: str, scope: Scope, clock: Clock) -> Value:
    """`btc.close`: the last bar of btc closed by now; `btc.position`: the account's leg."""
    if expr.name in observables.LEG:
        if clock != BASE:
            return not_on_these_bars(x, x.text(expr, scope), expr, scope)
        return account(x, expr.name, alias)
    theirs = Clock(alias)
    if expr.name in observables.FIELDS or expr.name in observables.AVERAGES:
        own = observable(x, expr.name, theirs)
        assert own is not None
        if clock == theirs:
            return own
        if expr.name == "symbol":
            return Scalar(folding.text(x.graph, x.instrument_name(alias)))
        return sampled(x, own, theirs, clock)
    return _no_part(x, expr, [*observables.FIELDS, *observables.AVERAGES, *observables.LEG], scope)


def sampled(x: Expressions, own: Scalar, theirs: Clock, clock: Clock) -> Scalar:
    """The value of another clock as of each bar of `clock`."""
    node = own.node
    if node.constancy < Constancy.SERIES:
        return own
    seen = x.graph.node("sample", node, kind=node.kind, unit=node.unit, clock=clock, constancy=node.constancy)
    is_other = x.timeframe_of(theirs) != x.timeframe_of(clock)
    return Scalar(seen, False, own.low, own.high, theirs if is_other else None, own.instrument)
