"""Built-in functions that are neither scalar helpers nor indicators: times, sessions, other bars, the account, the
cross-section of a universe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import future
from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import BASE, Clock, Constancy, Kind, Node
from lingua.ir.program import NotExecuted
from lingua.ir.units import NONE
from lingua.semantics import clocks, currencies, folding, literals, mends, observables
from lingua.semantics.helpers import arguments
from lingua.semantics.names import not_on_these_bars, time_part
from lingua.semantics.operators import may_enter_window
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Scalar, Session, SignalValue, Text, Value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
CROSSINGS: dict[str, ast.CompareOp] = {
    "cross": "crosses",
    "cross_above": "crosses above",
    "cross_below": "crosses below",
}

# --- times -------------------------------------------------------------------------------------------


def _date(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    exprs = arguments(x, expr, ("text",), scope, example='date("2024-01-31")')
    if exprs is None:
        return FAILED
    text = _text(x, exprs[0], scope, clock, "a date", 'date("2024-01-31")')
    return FAILED if text is None else literals.date(x, expr, scope, text)


def _part_of_time(part: str, x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`hour(time)`, `hour(time, "America/New_York")`; in the instrument's own zone unless one is given."""
    names = ("time", "zone") if len(expr.args) == 2 else ("time",)
    exprs = arguments(x, expr, names, scope, example=f"{part}(time)")
    if exprs is None:
        return FAILED
    stamp = x.number_of(exprs[0], scope, clock, f"an argument of `{part}`")
    if stamp is None:
        return FAILED
    if stamp.node.kind is not Kind.TIME:
        x.wrong_kind(stamp, exprs[0], scope, f"an argument of `{part}`", "a time", f"write `{part}(time)`")
        return FAILED
    zone = ""
    if len(exprs) == 2:
        found = _zone(x, exprs[1], scope, clock)
        if found is None:
            return FAILED
        zone = found
    return time_part(x, part, stamp.node, zone, clock)


def _session(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`session("08:00-20:00", "UTC")`, the zone being the instrument's own unless given."""
    names = ("hours", "zone") if len(expr.args) == 2 else ("hours",)
    example = 'session("09:30-16:00", "America/New_York")'
    exprs = arguments(x, expr, names, scope, example=example)
    if exprs is None:
        return FAILED
    spec = _text(x, exprs[0], scope, clock, "a session", example)
    if spec is None:
        return FAILED
    if not _is_session(spec):
        x.report(
            scope, codes.BAD_TEXT, exprs[0].span, cause=f'"{spec}" is not a session',
            help='write its first and last minute: `session("09:30-16:00")`',
        )  # fmt: skip
        return FAILED
    zone = _zone(x, exprs[1], scope, clock) if len(exprs) == 2 else ""
    return FAILED if zone is None else Session(spec, zone)


def _is_session(spec: str) -> bool:
    ends = spec.split("-")
    minutes = []
    for end in ends:
        hour, colon, minute = end.strip().partition(":")
        if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2):
            return False
        minutes.append(int(hour) * 60 + int(minute))
        if int(minute) > 59 or minutes[-1] > 24 * 60:
            return False
    return len(minutes) == 2 and minutes[0] != minutes[1]


def _zone(x: Expressions, expr: Expr, scope: Scope, clock: Clock) -> str | None:
    text = _text(x, expr, scope, clock, "a time zone", '"America/New_York"')
    if text is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few programs name a zone

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        x.report(
            scope, codes.BAD_TEXT, expr.span, cause=f'"{text}" is not a time zone',
            help='write its IANA name, such as "UTC", "Europe/London" or "America/New_York"',
        )  # fmt: skip
        return None
    return text


def _text(x: Expressions, expr: Expr, scope: Scope, clock: Clock, what: str, example: str) -> str | None:
    found = x.visit(expr, scope, clock)
    if isinstance(found, Text):
        return found.text
    if isinstance(found, Failed):
        return None
    if isinstance(found, Scalar) and found.node.kind is Kind.STRING and found.node.constancy <= Constancy.PARAM:
        return str(x.statics.of(found.node))
    x.report(
        scope, codes.BAD_TEXT, expr.span, cause=f"`{x.text(expr, scope)}` is not {what} in double quotes",
        help=f"write `{example}`",
    )  # fmt: skip
    return None


# --- the account -------------------------------------------------------------------------------------


def _since_entry(which: str, x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """Extreme of a value since the position was opened."""
    exprs = arguments(x, expr, ("x",), scope, example=f"{which}_since_entry({'high' if which == 'highest' else 'low'})")
    if exprs is None:
        return FAILED
    scalar = x.number_of(exprs[0], scope, clock, f"an argument of `{which}_since_entry`")
    if scalar is None:
        return FAILED
    name = f"{which}_since_entry"
    if clock != BASE:
        return not_on_these_bars(x, name, expr, scope)
    if x.reads_previous(scalar.node) and not may_enter_window(x, scalar, exprs[0], scope, name):
        return FAILED
    node = x.graph.node(
        "since_entry", scalar.node, attrs=(which,), kind=scalar.node.kind, unit=scalar.node.unit, clock=clock,
        constancy=Constancy.SERIES, uses_fills=True,
    )  # fmt: skip
    return Scalar(node, low=scalar.low, high=scalar.high, instrument=scalar.instrument)


# --- signals and crossings ---------------------------------------------------------------------------


def _agree(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """True when all signals take the same side and that side is not flat."""
    if len(expr.args) < 2 or any(arg.name or arg.up_to for arg in expr.args):
        x.report(
            scope, codes.WRONG_ARGUMENTS, expr.span, cause="`agree` compares two or more signals",
            help="write `agree(trend, revert)`",
        )  # fmt: skip
        return FAILED
    sides: list[Node] = []
    for arg in expr.args:
        found = x.visit(arg.value, scope, clock)
        if isinstance(found, Failed):
            return FAILED
        if not isinstance(found, SignalValue):
            text = x.text(arg.value, scope)
            x.report(
                scope, codes.WRONG_ARGUMENTS, arg.span, cause=f"`{text}` is not a signal",
                help=f"declare it: `signal {text if text.isidentifier() else 's'} = long when …, short when …`",
            )  # fmt: skip
            return FAILED
        sides.append(found.side.node)
    zero = folding.number(x.graph, 0.0, kind=Kind.INT)
    node = x.make("ne", sides[0], zero, clock=clock, kind=Kind.BOOL)
    for other in sides[1:]:
        same = x.make("eq", sides[0], other, clock=clock, kind=Kind.BOOL)
        node = x.make("and", node, same, clock=clock, kind=Kind.BOOL)
    return Scalar(node)


def cross(name: str, x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`cross_above(a, b)` is `a crosses above b`."""
    op = CROSSINGS[name]
    exprs = arguments(x, expr, ("a", "b"), scope, example=f"close {op} open")
    return FAILED if exprs is None else x.visit(ast.Compare(op, exprs[0], exprs[1], span=expr.span), scope, clock)


# --- refused -----------------------------------------------------------------------------------------


def _lead(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """`lead(close, 1)`: there is no such thing."""
    text = mends.factor(x, expr.args[0].value, scope) if expr.args else "close"
    n = x.full_text(expr.args[1].value, scope) if len(expr.args) > 1 else "1"
    x.report(
        scope, future.LOOK_AHEAD, expr.span, expr=x.text(expr, scope), help=f"write `{text}[{n}]` to look back instead",
        fixes=mends.replacing(expr, f"{text}[{n}]"),
    )  # fmt: skip
    return FAILED


# --- across the members of a universe ----------------------------------------------------------------

CROSS_SECTION: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rank": (("x",), ()),
    "zscore": (("x",), ()),
    "winsor": (("x", "share"), ()),
    "demean": (("x",), ("by",)),
    "neutral": (("x",), ("against",)),
    "top": (("n", "x"), ()),
}
"""Arguments that must be given, and those that may be."""


def cross_section(x: Expressions, expr: ast.Call, callee: ast.Field, scope: Scope, clock: Clock) -> Value:
    """`cs.rank(x)`: across members as of this bar. Typed, but not run by a backtest."""
    name = callee.name
    if name not in CROSS_SECTION:
        near = x.near(name, CROSS_SECTION)
        help = (
            f"did you mean `cs.{near}`?" if near else f"there are {', '.join(f'cs.{each}' for each in CROSS_SECTION)}"
        )
        x.report(scope, codes.UNKNOWN_FUNCTION, callee.span, name=f"cs.{name}", help=help)
        return FAILED
    needed, optional = CROSS_SECTION[name]
    names = needed + tuple(
        each for each in optional if any(arg.name == each for arg in expr.args) or len(expr.args) > 1
    )
    exprs = arguments(x, expr, names, scope, example=f"cs.{name}({', '.join(needed)})")
    if exprs is None:
        return FAILED
    nodes: list[Node] = []
    for argument, each in zip(names, exprs, strict=True):
        if argument == "by" and isinstance(each, ast.Name) and scope.lookup(each.name) is None:
            # The name of a classification (sector, industry), not of a value.
            nodes.append(folding.text(x.graph, each.name))
            continue
        scalar = x.number_of(each, scope, clock, f"`{argument}` of `cs.{name}`")
        if scalar is None or not may_enter_window(x, scalar, each, scope, f"cs.{name}"):
            return FAILED
        if argument in ("n", "share") and scalar.node.constancy > Constancy.PARAM:
            x.report(
                scope, codes.NOT_CONSTANT, each.span, what=f"`{argument}` of `cs.{name}`", expr=x.text(each, scope),
                help="give a number or a `param`",
            )  # fmt: skip
            return FAILED
        nodes.append(scalar.node)
    x.mark_not_executed(NotExecuted("cross-section", f"cs.{name}", expr.span))
    unit = nodes[0].unit if name in ("winsor", "demean", "neutral") else NONE
    kind = {"rank": Kind.INT, "top": Kind.BOOL}.get(name, Kind.NUM)
    node = x.graph.node("cs", *nodes, attrs=(name,), kind=kind, unit=unit, clock=clock, constancy=Constancy.PANEL)
    return Scalar(node, low=1.0 if name == "rank" else None)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "date": _date,
    "session": _session,
    **{part: partial(_part_of_time, part) for part in observables.TIME_PARTS},
    "developing": clocks.developing,
    "inner": clocks.inner,
    "highest_since_entry": partial(_since_entry, "highest"),
    "lowest_since_entry": partial(_since_entry, "lowest"),
    "agree": _agree,
    **{name: partial(cross, name) for name in CROSSINGS},
    "lead": _lead,
    "convert": currencies.convert,
}
