"""`e@T`, `e@d`, `developing(e, T)`, `inner(T, r(e))`: the same expression on other bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import timeframes as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.units import NONE
from lingua.semantics import folding, mends
from lingua.semantics.names import bar_field, not_on_these_bars, sampled
from lingua.semantics.scope import Scope
from lingua.semantics.values import DataValue, Failed, Record, Scalar, SignalValue, TimeframeValue, Value
from lingua.structs import replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
REDUCERS = ("first", "last", "sum", "avg", "min", "max", "count", "stddev")
REMEMBERS = frozenset({"call", "hist", "state", "prev", "developing", "inner"})


def at(x: Expressions, expr: ast.At, scope: Scope, clock: Clock) -> Value:
    """By name: everything reached from the operand is evaluated again on the bars of the other clock."""
    theirs = target(x, expr.clock, expr, scope, clock)
    if theirs is None:
        return FAILED
    found = elsewhere(x, expr.operand, expr, scope, theirs)
    return _seen_from(x, found, theirs, clock, expr, scope)


def elsewhere(x: Expressions, operand: Expr, whole: Expr, scope: Scope, theirs: Clock) -> Value:
    """`operand` on other bars; `whole` is what a mistake of being there is said about."""
    x.elsewhere.append((whole, scope))
    found = x.visit(operand, scope, theirs)
    x.elsewhere.pop()
    return found


def target(x: Expressions, mark: ast.Duration | ast.Name, whole: Expr, scope: Scope, clock: Clock) -> Clock | None:
    """The clock an `@` means; None after a report."""
    if isinstance(mark, ast.Name):
        entry = scope.lookup(mark.name)
        found = x.visit(mark, scope, clock) if entry is not None else None
        if isinstance(found, Failed):
            return None
        if isinstance(found, DataValue):
            return Clock(found.alias)
        if isinstance(found, TimeframeValue):
            return coarser(x, found.text, mark.span, whole, scope, clock)
        _unknown(x, mark, scope, whole)
        return None
    return coarser(x, f"{mark.count}{mark.unit}", mark.span, whole, scope, clock)


def coarser(x: Expressions, text: str, span: Span, whole: Expr, scope: Scope, clock: Clock) -> Clock | None:
    """The clock of `text` bars of the same source; they must be made of whole bars of the clock around."""
    wanted = parse(text)
    if wanted is None:
        x.report(
            scope,
            codes.UNKNOWN_TIMEFRAME,
            span,
            name=text,
            help="write a count and a unit: `15m`, `1h`, `1d`, `1w`, `1mo`",
        )
        return None
    around = x.timeframe_of(clock)
    base = parse(around)
    if base is None:
        return Clock(clock.source, text)
    if wanted == base:
        return clock
    if not wanted.is_multiple_of(base):
        x.report(
            scope,
            codes.NOT_A_MULTIPLE,
            span,
            wanted=text,
            base=around,
            help=_multiple_mend(x, wanted, base, whole, scope),
        )
        return None
    own = parse(x.source_timeframe(clock.source))
    return Clock(clock.source) if own == wanted else Clock(clock.source, text)


def _multiple_mend(x: Expressions, wanted: Timeframe, base: Timeframe, whole: Expr, scope: Scope) -> str:
    if wanted.seconds < base.seconds:
        operand = x.full_text(whole.operand, scope) if isinstance(whole, ast.At) else "close"
        return f"for finer bars inside this one write `inner({wanted}, last({operand}))`"
    if base.is_fixed and wanted.is_fixed:
        multiple = base.seconds * max(2, round(wanted.seconds / base.seconds))
        for unit, seconds in (("h", 3600), ("m", 60), ("s", 1)):
            if multiple % seconds == 0:
                return f"write a multiple of {base}, such as `{multiple // seconds}{unit}`"
    return f"write a whole multiple of {base}"


def parse(text: str) -> Timeframe | None:
    try:
        return Timeframe.parse(text)
    except ValueError:
        return None


ORDERS = ("market", "open", "auction")


def _unknown(x: Expressions, mark: ast.Name, scope: Scope, whole: Expr) -> None:
    near = x.near(mark.name, scope.names())
    if mark.name in ORDERS and isinstance(whole, ast.At):
        # `buy 10% @ market`
        kind = f"at {mark.name}"
        sign = Span(whole.operand.span.end, mark.span.end)
        x.report(
            scope, codes.UNKNOWN_TIMEFRAME, mark.span, name=mark.name,
            help=f"the kind of an order follows `at`: `{kind}`",
            fixes=(Fix(f"write `{kind}`", (Edit(sign, f" {kind}"),)),),
        )  # fmt: skip
        return
    if near is not None:
        help = f"did you mean `{near}`?"
    else:
        help = f"write a timeframe such as `1d`, or declare `data {mark.name} = {mark.name.upper()}`"
    x.report(
        scope, codes.UNKNOWN_TIMEFRAME, mark.span, name=mark.name, help=help,
        fixes=mends.replacing(mark, near) if near is not None else (),
    )  # fmt: skip


def _seen_from(x: Expressions, found: Value, theirs: Clock, clock: Clock, expr: ast.At, scope: Scope) -> Value:
    """Values of another clock as of the bars of this one."""
    match found:
        case Scalar():
            if found.node.uses_fills:
                return _depends_on_fills(x, found.node, expr, scope)
            if found.node.kind is Kind.STRING:
                return _name_of_bars(x, found, theirs, clock)
            if theirs == clock:
                return replace(found, sampled=theirs)
            seen = sampled(x, found, theirs, clock)
            is_series = found.node.constancy >= Constancy.SERIES
            return replace(seen, sampled=theirs if is_series and (theirs.timeframe or seen.sampled) else None)
        case Record():
            parts: list[tuple[str, Value]] = []
            for name, part in found.fields:
                parts.append((name, _seen_from(x, part, theirs, clock, expr, scope)))
            return Record(found.name, tuple(parts), found.default)
        case SignalValue():
            three = []
            for part in (found.side, found.confidence, found.value):
                each = _seen_from(x, part, theirs, clock, expr, scope)
                if not isinstance(each, Scalar):
                    return FAILED
                three.append(each)
            return SignalValue(*three)
        case _:
            return found


def _name_of_bars(x: Expressions, found: Scalar, theirs: Clock, clock: Clock) -> Scalar:
    """A text is a constant, or the symbol of the bars, which is the same at all times."""
    if found.node.op == "const":
        return found
    if theirs.source == clock.source:
        return bar_field(x, "symbol", clock)
    return Scalar(folding.text(x.graph, x.instrument_name(theirs.source)))


def _depends_on_fills(x: Expressions, node: Node, expr: Expr, scope: Scope) -> Value:
    return not_on_these_bars(x, mends.account_name(node), expr, scope)


# --- developing and inner ----------------------------------------------------------------------------


def developing(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`developing(e, T)`: `e` on the closed T bars plus the one still forming."""
    if len(expr.args) != 2 or any(arg.name or arg.up_to for arg in expr.args):
        return _bad_inner(
            x, expr, scope, "`developing` takes an expression and a timeframe", "write `developing(close, 1d)`"
        )
    mark = expr.args[1].value
    if not isinstance(mark, ast.Duration | ast.Name):
        return _bad_inner(
            x, expr, scope, f"`{x.text(mark, scope)}` is not a timeframe", "write one, such as `developing(close, 1d)`"
        )
    theirs = target(x, mark, expr, scope, clock)
    if theirs is None:
        return FAILED
    if theirs.source != clock.source:
        return _bad_inner(
            x, expr, scope, f"`{x.text(mark, scope)}` is a symbol, not a timeframe",
            f"write `developing({x.full_text(expr.args[0].value, scope)}, 1d)@{x.text(mark, scope)}`",
        )  # fmt: skip
    found = x.plain(elsewhere(x, expr.args[0].value, expr, scope, theirs), expr.args[0].value, scope)
    if found is None:
        return FAILED
    if found.node.uses_fills:
        return _depends_on_fills(x, found.node, expr, scope)
    if found.node.kind is Kind.STRING:
        return _name_of_bars(x, found, theirs, clock)
    if theirs == clock or found.node.constancy < Constancy.SERIES:
        return found
    node = x.graph.node("developing", found.node, kind=found.node.kind, unit=found.node.unit, clock=clock)
    return Scalar(node, low=found.low, high=found.high, instrument=found.instrument)


def inner(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`inner(1m, max(high))`: finer bars inside this bar, reduced to one value."""
    example = "write `inner(1m, max(high))`"
    if len(expr.args) != 2 or any(arg.name or arg.up_to for arg in expr.args):
        return _bad_inner(x, expr, scope, "`inner` takes a timeframe and a reduced expression", example)
    mark, reduced = expr.args[0].value, expr.args[1].value
    text = _timeframe_text(x, mark, scope, clock)
    if text is None:
        return _bad_inner(x, expr, scope, f"`{x.text(mark, scope)}` is not a timeframe", example)
    call = reduced if isinstance(reduced, ast.Call) and isinstance(reduced.function, ast.Name) else None
    if (
        call is None
        or not isinstance(call.function, ast.Name)
        or call.function.name not in REDUCERS
        or len(call.args) != 1
    ):
        operand = x.full_text(reduced, scope)
        return _bad_inner(
            x, expr, scope, f"`{x.text(reduced, scope)}` does not say how the finer bars become one value",
            f"use one of {', '.join(REDUCERS)}: `inner({text}, last({operand if call is None else 'close'}))`",
        )  # fmt: skip
    theirs = _finer(x, text, mark.span, scope, clock)
    if theirs is None:
        return FAILED
    return _reduced(x, expr, call, call.function.name, theirs, scope, clock)


def _reduced(
    x: Expressions, expr: ast.Call, call: ast.Call, reducer: str, theirs: Clock, scope: Scope, clock: Clock
) -> Value:
    operand = call.args[0].value
    found = x.plain(elsewhere(x, operand, expr, scope, theirs), operand, scope)
    if found is None:
        return FAILED
    node = found.node
    if node.kind is Kind.STRING:
        x.wrong_kind(
            found, operand, scope, f"what `{reducer}` reduces", "a number or a condition", "write `symbol` alone"
        )
        return FAILED
    if _remembers(node):
        return _bad_inner(
            x, expr, scope, f"`{x.text(operand, scope)}` remembers bars, and `inner` begins anew in every bar",
            "use prices and operators only: `inner(1m, max(high - low))`",
        )  # fmt: skip
    if node.uses_fills:
        return _depends_on_fills(x, node, expr, scope)
    if node.kind is Kind.BOOL:
        if reducer not in ("count", "first", "last", "min", "max"):
            return _bad_inner(
                x, expr, scope, f"`{reducer}` needs a number, and `{x.text(operand, scope)}` is true or false",
                f"write `inner({x.timeframe_of(theirs)}, count({x.full_text(operand, scope)}))`",
            )  # fmt: skip
        if reducer == "count":
            one, zero = x.literal(1.0).node, x.literal(0.0).node
            node, reducer = x.make("select", node, one, zero, clock=theirs), "sum"
    if node.constancy < Constancy.SERIES:
        # A constant has no bars of its own; a product with the bar's number puts it on the finer clock.
        bar = x.graph.node("field", attrs=("bar",), kind=Kind.INT, clock=theirs, constancy=Constancy.SERIES)
        zero = x.make("mul", bar, folding.number(x.graph, 0.0), clock=theirs)
        node = x.make("add", zero, node, clock=theirs, unit=node.unit)
    is_count = call.function.name == "count" if isinstance(call.function, ast.Name) else False
    unit = NONE if is_count else node.unit
    kind = Kind.INT if is_count else node.kind
    made = x.graph.node("inner", node, attrs=(reducer,), kind=kind, unit=unit, clock=clock)
    return Scalar(made, low=0.0 if is_count else None, instrument=found.instrument)


def _remembers(node: Node) -> bool:
    seen: set[int] = set()
    stack = [node]
    while stack:
        each = stack.pop()
        if each.index in seen or each.constancy < Constancy.SERIES:
            continue
        seen.add(each.index)
        if each.op in REMEMBERS:
            return True
        stack.extend(each.args)
    return False


def _timeframe_text(x: Expressions, mark: Expr, scope: Scope, clock: Clock) -> str | None:
    if isinstance(mark, ast.Duration):
        return f"{mark.count}{mark.unit}"
    if isinstance(mark, ast.Name) and scope.lookup(mark.name) is not None:
        found = x.visit(mark, scope, clock)
        if isinstance(found, TimeframeValue):
            return found.text
    return None


def _finer(x: Expressions, text: str, span: Span, scope: Scope, clock: Clock) -> Clock | None:
    wanted, around = parse(text), x.timeframe_of(clock)
    if wanted is None:
        x.report(scope, codes.UNKNOWN_TIMEFRAME, span, name=text, help="write one, such as `1m`")
        return None
    base = parse(around)
    if base is not None and (wanted == base or not base.is_multiple_of(wanted)):
        x.report(
            scope, codes.NOT_A_MULTIPLE, span, wanted=around, base=text,
            help=f"`inner` looks into bars finer than {around}: write one that divides it, such as `1m`",
        )  # fmt: skip
        return None
    return Clock(clock.source, text)


def _bad_inner(x: Expressions, expr: Expr, scope: Scope, cause: str, help: str) -> Value:
    x.report(scope, codes.BAD_INNER, expr.span, cause=cause, help=help)
    return FAILED
