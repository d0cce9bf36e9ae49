"""What a defined name is: its definition, elaborated once for each clock it is wanted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.codes import state as state_codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import BASE, Clock, Constancy, Kind
from lingua.ir.units import NONE
from lingua.semantics import bounds, signals, states, types
from lingua.semantics.scope import (
    ArgDef,
    DataDef,
    Entry,
    ExternDef,
    FnDef,
    Known,
    Namespace,
    ParamDef,
    PartDef,
    Scope,
    SignalDef,
    StateDef,
    ValueDef,
)
from lingua.semantics.values import DataValue, Failed, FunctionValue, Items, Record, Scalar, SignalValue, Value
from lingua.structs import replace
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()


def evaluate(x: Expressions, entry: Entry, expr: Expr, scope: Scope, clock: Clock) -> Value:
    """The value of the name `entry` as of the bars of `clock`; `expr` is where it is used."""
    definition = entry.definition
    if isinstance(definition, Known):
        if definition.clock is not None and definition.clock != clock:
            return _on_other_bars(x, entry, expr, scope)
        return definition.value
    key = (entry, clock)
    if key in x.known:
        return x.known[key]
    if entry.is_cyclic:
        return FAILED
    if entry.in_progress:
        _report_cycle(x, entry)
        return FAILED
    entry.in_progress = True
    x.progress.append(entry)
    found = _elaborate(x, entry, clock)
    # A cycle found on the way is a failure of every definition in it.
    if entry.is_cyclic:
        found = FAILED
    if isinstance(found, Scalar) and found.is_literal and not isinstance(definition, ArgDef) and not x.is_sketch:
        # Bare literals adopt a unit, names of them never do. The sketch has no way to declare one.
        found = replace(found, is_literal=False)
    entry.in_progress = False
    if x.progress:
        x.progress.pop()
    x.known[key] = found
    return found


def _elaborate(x: Expressions, entry: Entry, clock: Clock) -> Value:
    definition = entry.definition
    match definition:
        case ParamDef():
            return parameter(x, definition)
        case ValueDef(expr, type):
            inner = entry.home.hiding((entry.name,))
            return types.declared(x, x.visit(expr, inner, clock), type, expr, inner)
        case PartDef(expr, index, names):
            return _part(x, expr, index, names, entry, clock)
        case StateDef():
            return states.state(x, entry, definition, clock)
        case SignalDef():
            return signals.signal(x, entry, definition, clock)
        case DataDef(alias):
            return DataValue(alias)
        case ArgDef(expr, scope, type):
            return types.declared(x, x.visit(expr, scope, clock), type, expr, scope)
        case FnDef(fn):
            return FunctionValue(definition=fn)
        case ExternDef(extern):
            return FunctionValue(definition=extern)
        case Namespace() | Known():
            return FAILED
        case _:
            assert_never(definition)


def parameter(x: Expressions, definition: ParamDef) -> Scalar:
    """The `param` node; its value in this run is remembered for what must be known before the run."""
    x.params[definition.name] = definition.value
    node = x.graph.node(
        "param", attrs=(definition.name,), kind=definition.kind, unit=definition.unit, clock=BASE,
        constancy=Constancy.PARAM,
    )  # fmt: skip
    low, high = bounds.UNBOUNDED if definition.kind is Kind.BOOL else bounds.exactly(float(definition.value))
    return Scalar(node, is_literal=x.is_sketch and definition.unit == NONE, low=low, high=high)


def _part(x: Expressions, expr: Expr, index: int, names: tuple[str, ...], entry: Entry, clock: Clock) -> Value:
    inner = entry.home.hiding(names)
    whole = x.visit(expr, inner, clock)
    match whole:
        case Failed():
            return FAILED
        case Record(fields=fields):
            parts: tuple[Value, ...] = tuple([part for _, part in fields])
        case Items(items):
            parts = items
        case SignalValue():
            parts = (whole.side, whole.confidence)
        case _:
            parts = (whole,)
    if len(parts) != len(names):
        given = f"{len(parts)} parts" if len(parts) != 1 else "one value"
        titles = ", ".join(name for name, _ in whole.fields) if isinstance(whole, Record) else ""
        help = f"name them all: `let ({titles}) = …`" if titles else "write one name: `let x = …`"
        x.report(
            inner, codes.WRONG_ARGUMENTS, expr.span,
            cause=f"`{x.text(expr, inner)}` has {given}, and {len(names)} names are given", help=help,
        )  # fmt: skip
        return FAILED
    return parts[index]


def _report_cycle(x: Expressions, entry: Entry) -> None:
    """All definitions from `entry` to where it was met again, said once, at the first of them in the text."""
    cycle = x.progress[x.progress.index(entry) :] if entry in x.progress else [entry]
    # Arguments of functions on the way are not names the user would look for.
    cycle = [each for each in cycle if not isinstance(each.definition, ArgDef)] or [entry]
    if any(each.is_cyclic for each in cycle):
        return
    for each in cycle:
        each.is_cyclic = True
    first = min(cycle, key=lambda each: each.span.start)
    names = [f"`{each.name}`" for each in sorted(cycle, key=lambda each: each.span.start)]
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5} more"]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    has_state = any(isinstance(each.definition, StateDef) for each in cycle)
    code = state_codes.STATE_CYCLE if has_state else codes.CYCLE
    help = f"let one of them not use the others; a value of its own past is a `state {first.name} = 0 => prev + …`"
    if has_state:
        help = "put what they share into one `state`, or let one of them read only series"
    labels = tuple(Label(each.span, "uses the next") for each in cycle if each is not first)[:5]
    x.report(first.home, code, first.span, names=listed, help=help, labels=labels)


def _on_other_bars(x: Expressions, entry: Entry, expr: Expr, scope: Scope) -> Value:
    x.report(
        scope, state_codes.PREV_IN_WINDOW, expr.span, expr=x.text(expr, scope), function="another timeframe",
        help=f"take `{entry.name}` out of the `@…` expression",
    )  # fmt: skip
    return FAILED
