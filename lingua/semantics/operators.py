"""Operators: arithmetic, comparisons, logic, and the choice between two values.

Units: `+ -`, comparisons and choices need equal ones, `* /` multiply and divide them. A bare literal adopts the unit of
its neighbour. A ratio and a plain number may be compared, and added when one of them is a literal; a whole number and
a number of bars are the same thing where they are added or compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.codes import state as state_codes
from lingua.diagnostics.diagnostic import Label, Severity
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.units import BARS, DURATION, NONE, PRICE, RATIO, Unit
from lingua.semantics import bounds, folding, mends
from lingua.semantics.scales import on_one_scale
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Items, Record, RiskMultiple, Scalar, Session, Value
from lingua.semantics.words import kind_words
from lingua.structs import replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow"}
COMPARISON = {">": "gt", ">=": "ge", "<": "lt", "<=": "le", "==": "eq", "!=": "ne"}
CROSSING = {"crosses above": "cross_above", "crosses below": "cross_below", "crosses": "cross"}
NUMERIC = (Kind.NUM, Kind.INT)
LARGEST_POWER = 8

# --- unary and binary --------------------------------------------------------------------------------


def unary(x: Expressions, expr: ast.Unary, scope: Scope, clock: Clock) -> Value:
    if expr.op == "not":
        truth = x.truth_of(expr.operand, scope, clock, "what stands after `not`")
        return FAILED if truth is None else Scalar(x.make("not", truth.node, clock=clock, kind=Kind.BOOL))
    found = x.visit(expr.operand, scope, clock)
    if isinstance(found, RiskMultiple):
        return RiskMultiple(negative(x, found.value, clock))
    scalar = x.number(found, expr.operand, scope, "what stands after `-`")
    if scalar is None:
        return FAILED
    if scalar.node.kind is Kind.TIME:
        x.wrong_kind(scalar, expr.operand, scope, "what stands after `-`", "a number", "subtract two times instead")
        return FAILED
    return negative(x, scalar, clock)


def negative(x: Expressions, a: Scalar, clock: Clock) -> Scalar:
    low, high = bounds.negate(x.bounds_of(a))
    node = x.make("neg", a.node, clock=clock, kind=a.node.kind, unit=a.node.unit)
    return Scalar(node, a.is_literal, low, high, instrument=a.instrument)


def binary(x: Expressions, expr: ast.Binary, scope: Scope, clock: Clock) -> Value:
    if expr.op in ("and", "or"):
        return _logic(x, expr, scope, clock)
    left, right = x.visit(expr.left, scope, clock), x.visit(expr.right, scope, clock)
    if expr.op == "??":
        return _coalesce(x, expr, left, right, scope, clock)
    if isinstance(left, RiskMultiple) or isinstance(right, RiskMultiple):
        return _with_risk(x, expr, left, right, scope, clock)
    a = x.number(left, expr.left, scope, f"what stands left of `{expr.op}`")
    b = x.number(right, expr.right, scope, f"what stands right of `{expr.op}`")
    if a is None or b is None:
        return FAILED
    if isinstance(_bare(expr.left), ast.Na) or isinstance(_bare(expr.right), ast.Na):
        x.report(
            scope, codes.ALWAYS_NA, expr.span, expr=x.text(expr, scope),
            help="write `x ?? 0` to put a number in the place of a missing one, or `x is na` to ask for it",
        )  # fmt: skip
    return arithmetic(x, expr, a, b, scope, clock)


def arithmetic(x: Expressions, expr: ast.Binary, a: Scalar, b: Scalar, scope: Scope, clock: Clock) -> Value:
    if Kind.TIME in (a.node.kind, b.node.kind):
        return _time_arithmetic(x, expr, a, b, scope, clock)
    if expr.op in ("+", "-"):
        unit = additive_unit(a, b)
        if unit is None:
            mismatch(x, expr, expr.op, expr.left, expr.right, a, b, scope)
            if not x.is_sketch:
                return FAILED
            unit = NONE
        _check_instruments(x, expr, a, b, scope)
    elif expr.op == "^":
        unit = _power_unit(x, expr, a, b, scope)
        if unit is None:
            return FAILED
    else:
        unit = a.node.unit * b.node.unit if expr.op == "*" else a.node.unit / b.node.unit
    both_int = a.node.kind is Kind.INT and b.node.kind is Kind.INT
    kind = Kind.INT if both_int and expr.op in ("+", "-", "*") else Kind.NUM
    node = x.make(ARITHMETIC[expr.op], a.node, b.node, clock=clock, kind=kind, unit=unit)
    low, high = _arithmetic_bounds(x, expr.op, a, b)
    if node.op == "const":
        low, high = bounds.exactly(float(node.attrs[0] or 0))
    instrument = _instrument_of(a, b) if unit == PRICE else None
    return Scalar(node, a.is_literal and b.is_literal, low, high, instrument=instrument)


def _arithmetic_bounds(x: Expressions, op: str, a: Scalar, b: Scalar) -> bounds.Bounds:
    first, second = x.bounds_of(a), x.bounds_of(b)
    match op:
        case "+":
            return bounds.add(first, second)
        case "-":
            return bounds.subtract(first, second)
        case "*":
            return bounds.multiply(first, second)
        case "/":
            return bounds.divide(first, second)
        case _:
            return bounds.UNBOUNDED


def _time_arithmetic(x: Expressions, expr: ast.Binary, a: Scalar, b: Scalar, scope: Scope, clock: Clock) -> Value:
    """time - time is a duration, time ± duration a time; nothing else."""
    first, second = a.node.kind is Kind.TIME, b.node.kind is Kind.TIME
    if first and second and expr.op == "-":
        return Scalar(x.make("sub", a.node, b.node, clock=clock, unit=DURATION))
    if first and not second and expr.op in ("+", "-") and b.node.unit == DURATION:
        return Scalar(x.make(ARITHMETIC[expr.op], a.node, b.node, clock=clock, kind=Kind.TIME))
    if second and not first and expr.op == "+" and a.node.unit == DURATION:
        return Scalar(x.make("add", a.node, b.node, clock=clock, kind=Kind.TIME))
    return mismatch(x, expr, expr.op, expr.left, expr.right, a, b, scope)


def _with_risk(x: Expressions, expr: ast.Binary, left: Value, right: Value, scope: Scope, clock: Clock) -> Value:
    """`k * 1R`, `2R / 3`, `1R + 0.5R`: still a multiple of the risk."""
    a = left.value if isinstance(left, RiskMultiple) else x.number(left, expr.left, scope, "the factor")
    b = right.value if isinstance(right, RiskMultiple) else x.number(right, expr.right, scope, "the factor")
    if a is None or b is None:
        return FAILED
    both = isinstance(left, RiskMultiple) and isinstance(right, RiskMultiple)
    if expr.op == "^" or both != (expr.op in ("+", "-")) or (expr.op == "/" and isinstance(right, RiskMultiple)):
        text = x.text(expr, scope)
        x.report(
            scope, codes.NOT_A_VALUE, expr.span, expr=text, found="no multiple of the risk",
            help="multiply it by a number: `2 * 1R`",
        )  # fmt: skip
        return FAILED
    found = arithmetic(x, expr, a, b, scope, clock)
    return RiskMultiple(found) if isinstance(found, Scalar) else FAILED


def _power_unit(x: Expressions, expr: ast.Binary, a: Scalar, b: Scalar, scope: Scope) -> Unit | None:
    """Unit of a^b: only plain exponents; a power of a measured value needs a whole one known at compile time."""
    if not b.node.unit.is_dimensionless:
        x.wrong_kind(b, expr.right, scope, "an exponent", "a plain number", f"write `num({x.text(expr.right, scope)})`")
        return None
    if a.node.unit.is_dimensionless:
        return NONE
    power = b.node.attrs[0] if b.node.op == "const" else None
    if isinstance(power, float) and power.is_integer() and 0 <= power <= LARGEST_POWER:
        unit = NONE
        for _ in range(int(power)):
            unit = unit * a.node.unit
        return unit
    if power == 0.5:
        return NONE
    x.wrong_kind(
        a,
        expr.left,
        scope,
        "what is raised to this power",
        "a plain number",
        f"write `num({x.text(expr.left, scope)})`",
    )
    return None


# --- comparisons -------------------------------------------------------------------------------------


def compare(x: Expressions, expr: ast.Compare, scope: Scope, clock: Clock) -> Value:
    left, right = x.visit(expr.left, scope, clock), x.visit(expr.right, scope, clock)
    if isinstance(left, Failed) or isinstance(right, Failed):
        return FAILED
    if expr.op in CROSSING:
        return _crossing(x, expr, left, right, scope, clock)
    a, b = x.plain(left, expr.left, scope), x.plain(right, expr.right, scope)
    if a is None or b is None:
        return FAILED
    for side, other in ((expr.right, expr.left), (expr.left, expr.right)):
        if isinstance(_bare(side), ast.Na):
            text = x.text(other, scope)
            negated = "not " if expr.op == "!=" else ""
            x.report(scope, codes.COMPARES_NA, expr.span, help=f"write `{text} is {negated}na`")
            return FAILED
    node = comparison(x, expr, expr.op, expr.left, expr.right, a, b, scope, clock)
    if node is None:
        return FAILED
    if a.node.kind in NUMERIC and b.node.kind in NUMERIC:
        _check_instruments(x, expr, a, b, scope)
        _judge(x, expr, a, b, scope)
    return Scalar(node)


def comparison(
    x: Expressions, whole: Expr, op: str, left: Expr, right: Expr, a: Scalar, b: Scalar, scope: Scope, clock: Clock
) -> Node | None:
    """The node of `a op b`, or None after a report."""
    kinds = {a.node.kind, b.node.kind}
    if kinds <= set(NUMERIC):
        if _comparable_unit(a, b) is None:
            mismatch(x, whole, op, left, right, a, b, scope)
            if not x.is_sketch:
                return None
    elif kinds == {Kind.BOOL} or kinds == {Kind.STRING}:
        if op not in ("==", "!="):
            x.wrong_kind(a, left, scope, f"what stands left of `{op}`", "a number", "use `==` or `!=`")
            return None
    elif kinds != {Kind.TIME}:
        _kinds_differ(x, whole, op, left, right, a, b, scope)
        return None
    if kinds == {Kind.BOOL}:
        return _same_truth(x, op, a.node, b.node, clock)
    return x.make(COMPARISON[op], a.node, b.node, clock=clock, kind=Kind.BOOL)


def _same_truth(x: Expressions, op: str, a: Node, b: Node, clock: Clock) -> Node:
    """`a == b` of truths: both or neither, unknown when one is. The decision step compares numbers only."""
    both = x.make("and", a, b, clock=clock, kind=Kind.BOOL)
    not_a, not_b = (x.make("not", each, clock=clock, kind=Kind.BOOL) for each in (a, b))
    neither = x.make("and", not_a, not_b, clock=clock, kind=Kind.BOOL)
    same = x.make("or", both, neither, clock=clock, kind=Kind.BOOL)
    return same if op == "==" else x.make("not", same, clock=clock, kind=Kind.BOOL)


def _kinds_differ(
    x: Expressions, whole: Expr, op: str, left: Expr, right: Expr, a: Scalar, b: Scalar, scope: Scope
) -> None:
    if Kind.BOOL in (a.node.kind, b.node.kind):
        side, scalar = (left, a) if a.node.kind is Kind.BOOL else (right, b)
        text = x.text(side, scope)
        x.wrong_kind(
            scalar, side, scope, f"what stands beside `{op}`", "a number",
            f"`{text}` is already a condition: use it alone, or `if {text} then 1 else 0`",
        )  # fmt: skip
    else:
        mismatch(x, whole, op, left, right, a, b, scope)


def _judge(x: Expressions, expr: ast.Compare, a: Scalar, b: Scalar, scope: Scope) -> None:
    """Warn of a comparison that cannot be decided either way, and of 70% where 70 is meant."""
    if scope.is_inlined or (
        a.node.constancy < Constancy.SERIES
        and b.node.constancy < Constancy.SERIES
        and (a.node.constancy is Constancy.PARAM or b.node.constancy is Constancy.PARAM)
    ):
        return
    for side, scalar, other, share in ((expr.left, a, expr.right, b), (expr.right, b, expr.left, a)):
        if share.node.unit == RATIO and share.node.op == "const" and scalar.node.unit == NONE:
            value = float(share.node.attrs[0] or 0)
            if scalar.low is not None and scalar.high is not None and scalar.high >= 50 and abs(value) <= 1:
                x.report(
                    scope, codes.WRONG_SCALE, expr.span, expr=x.text(side, scope), low=scalar.low, high=scalar.high,
                    share=x.text(other, scope), value=value, help=f"write `{value * 100:g}`",
                    fixes=mends.replacing(other, f"{value * 100:g}"),
                )  # fmt: skip
                return
    always = bounds.decide(expr.op, x.bounds_of(a), x.bounds_of(b))
    if always is None:
        return
    text = x.text(expr, scope)
    ranges = [
        f"`{x.text(side, scope)}` lies between {_bound(scalar.low)} and {_bound(scalar.high)}"
        for side, scalar in ((expr.left, a), (expr.right, b))
        if scalar.node.constancy >= Constancy.SERIES and (scalar.low is not None or scalar.high is not None)
    ]
    help = f"{' and '.join(ranges)}; choose a level inside" if ranges else "both sides are constants; compare a series"
    x.report(scope, codes.ALWAYS_TRUE if always else codes.NEVER_TRUE, expr.span, expr=text, help=help)


def _bound(value: float | None) -> str:
    return "no limit" if value is None else f"{value:g}"


def _crossing(x: Expressions, expr: ast.Compare, left: Value, right: Value, scope: Scope, clock: Clock) -> Value:
    """Crossings count observations of the pair, as named functions do."""
    a = x.number(left, expr.left, scope, "what crosses")
    b = x.number(right, expr.right, scope, "what is crossed")
    if a is None or b is None:
        return FAILED
    if Kind.TIME in (a.node.kind, b.node.kind) or _comparable_unit(a, b) is None:
        return mismatch(x, expr, expr.op, expr.left, expr.right, a, b, scope)
    _check_instruments(x, expr, a, b, scope)
    for side, scalar in ((expr.left, a), (expr.right, b)):
        if not may_enter_window(x, scalar, side, scope, expr.op):
            return FAILED
    if a.node.constancy < Constancy.SERIES and b.node.constancy < Constancy.SERIES:
        x.report(
            scope, codes.NEVER_TRUE, expr.span, expr=x.text(expr, scope),
            help="both sides are constants; compare a series",
        )  # fmt: skip
    return Scalar(crossing(x, CROSSING[expr.op], a.node, b.node, clock))


def crossing(x: Expressions, name: str, a: Node, b: Node, clock: Clock) -> Node:
    a, b = on_one_scale(x, "gt", (a, b), clock)
    return x.graph.node(
        "call",
        a,
        b,
        attrs=(name, ""),
        kind=Kind.BOOL,
        clock=clock,
        constancy=max(Constancy.SERIES, a.constancy, b.constancy),
    )


def may_enter_window(x: Expressions, scalar: Scalar, expr: Expr, scope: Scope, function: str) -> bool:
    """Whether a value can be remembered over bars by a function: not if it reads fills or `prev`."""
    text = x.text(expr, scope)
    if scalar.node.uses_fills:
        name = mends.account_name(scalar.node)
        help = "keep what you need in a `state`: `state best = 0 => max(prev, " + text + ")`"
        if function in ("highest", "lowest"):
            help = f"write `{function}_since_entry({text})` for its {function} since the position was opened"
        x.report(
            scope, state_codes.FILLS_IN_WINDOW, expr.span, expr=text, function=function, help=help,
            notes=(f"`{name}` changes when orders fill",) if name and name != text else (),
        )  # fmt: skip
        return False
    if x.reads_previous(scalar.node):
        x.report(
            scope, state_codes.PREV_IN_WINDOW, expr.span, expr=text, function=f"`{function}`",
            help=f"give the state a name and use `{function}` on that name outside of its definition",
        )  # fmt: skip
        return False
    return True


# --- logic and choice --------------------------------------------------------------------------------


def _logic(x: Expressions, expr: ast.Binary, scope: Scope, clock: Clock) -> Value:
    a = x.truth_of(expr.left, scope, clock, f"what stands left of `{expr.op}`")
    b = x.truth_of(expr.right, scope, clock, f"what stands right of `{expr.op}`")
    if a is None or b is None:
        return FAILED
    return Scalar(x.make(expr.op, a.node, b.node, clock=clock, kind=Kind.BOOL))


def _coalesce(x: Expressions, expr: ast.Binary, left: Value, right: Value, scope: Scope, clock: Clock) -> Value:
    if isinstance(left, Failed) or isinstance(right, Failed):
        return FAILED
    a, b = x.plain(left, expr.left, scope), x.plain(right, expr.right, scope)
    if a is None or b is None:
        return FAILED
    joined = join(x, expr, "??", expr.left, expr.right, a, b, scope)
    if joined is None:
        return FAILED
    a, b, kind, unit = joined
    low, high = bounds.either(x.bounds_of(a), x.bounds_of(b))
    node = x.make("coalesce", a.node, b.node, clock=clock, kind=kind, unit=unit)
    return Scalar(node, a.is_literal and b.is_literal, low, high, instrument=_instrument_of(a, b))


def choose(
    x: Expressions,
    whole: Expr,
    condition: Scalar,
    then: Expr,
    otherwise: Expr,
    a: Value,
    b: Value,
    scope: Scope,
    clock: Clock,
) -> Value:
    """One of two values of the same kind and unit; records part by part."""
    if isinstance(a, Failed) or isinstance(b, Failed):
        return FAILED
    if isinstance(a, RiskMultiple) and isinstance(b, RiskMultiple):
        node = x.make("select", condition.node, a.value.node, b.value.node, clock=clock)
        return RiskMultiple(Scalar(node))
    if isinstance(a, Record) and isinstance(b, Record):
        return _choose_record(x, whole, condition, then, otherwise, a, b, scope, clock)
    first, second = x.plain(a, then, scope), x.plain(b, otherwise, scope)
    if first is None or second is None:
        return FAILED
    joined = join(x, whole, "if", then, otherwise, first, second, scope)
    if joined is None:
        return FAILED
    first, second, kind, unit = joined
    low, high = bounds.either(x.bounds_of(first), x.bounds_of(second))
    node = x.make("select", condition.node, first.node, second.node, clock=clock, kind=kind, unit=unit)
    is_literal = first.is_literal and second.is_literal
    return Scalar(node, is_literal, low, high, instrument=_instrument_of(first, second))


def _choose_record(
    x: Expressions,
    whole: Expr,
    condition: Scalar,
    then: Expr,
    otherwise: Expr,
    a: Record,
    b: Record,
    scope: Scope,
    clock: Clock,
) -> Value:
    names = [name for name, _ in a.fields]
    others = dict(b.fields)
    if names != [name for name, _ in b.fields]:
        x.report(
            scope, codes.UNIT_MISMATCH, whole.span, left=x.text(then, scope), right=x.text(otherwise, scope),
            first=f"a record of {', '.join(names)}", second=f"one of {', '.join(others)}",
            help="both cases must have the same parts",
        )  # fmt: skip
        return FAILED
    parts = []
    for name, part in a.fields:
        parts.append((name, choose(x, whole, condition, then, otherwise, part, others[name], scope, clock)))
    return Record(a.name, tuple(parts), a.default)


def join(
    x: Expressions, whole: Expr, op: str, left: Expr, right: Expr, a: Scalar, b: Scalar, scope: Scope
) -> tuple[Scalar, Scalar, Kind, Unit] | None:
    """Two values as cases of one: their common kind and unit, the literal `na` fitting any."""
    kinds = {a.node.kind, b.node.kind}
    if kinds <= set(NUMERIC):
        unit = additive_unit(a, b)
        if unit is None:
            mismatch(x, whole, op, left, right, a, b, scope)
            return None
        # `na` is a whole number as good as any.
        whole_numbers = all(s.node.kind is Kind.INT or folding.is_na(s.node) for s in (a, b)) and Kind.INT in kinds
        return a, b, Kind.INT if whole_numbers else Kind.NUM, unit
    if len(kinds) == 1 and Kind.STRING not in kinds:
        return a, b, a.node.kind, NONE
    for scalar, other in ((a, b), (b, a)):
        if folding.is_na(scalar.node) and other.node.kind in (Kind.BOOL, Kind.TIME):
            nothing = _missing_as(x, other.node.kind)
            return (nothing, b, other.node.kind, NONE) if scalar is a else (a, nothing, other.node.kind, NONE)
    if kinds == {Kind.STRING}:
        x.wrong_kind(
            a, left, scope, "what is chosen", "a number or a condition", 'compare texts, `symbol == "…"`, instead'
        )
        return None
    mismatch(x, whole, op, left, right, a, b, scope)
    return None


def _missing_as(x: Expressions, kind: Kind) -> Scalar:
    if kind is Kind.BOOL:
        return Scalar(folding.unknown(x.graph))
    return Scalar(folding.number(x.graph, float("nan"), kind=kind))


def contains(x: Expressions, expr: ast.In, scope: Scope, clock: Clock) -> Value:
    """`x in a..b`, `x in {a, b}`, `time in session(…)`."""
    operand = x.visit(expr.operand, scope, clock)
    low = x.visit(expr.low, scope, clock)
    high = x.visit(expr.high, scope, clock) if expr.high is not None else None
    if isinstance(operand, Failed) or isinstance(low, Failed) or isinstance(high, Failed):
        return FAILED
    a = x.plain(operand, expr.operand, scope)
    if a is None:
        return FAILED
    if isinstance(low, Session):
        return _in_session(x, expr, a, low, scope, clock)
    if expr.high is not None and high is not None:
        return _in_range(x, expr, a, low, expr.high, high, scope, clock)
    if isinstance(low, Items):
        return _in_set(x, expr, a, low, scope, clock)
    text = x.text(expr.low, scope)
    x.report(
        scope, codes.NOT_A_VALUE, expr.low.span, expr=text, found="neither a range nor a set",
        help=f"write `{x.text(expr.operand, scope)} in 1..{text}` or `{x.text(expr.operand, scope)} in {{{text}}}`",
    )  # fmt: skip
    return FAILED


def _in_range(
    x: Expressions, expr: ast.In, a: Scalar, low: Value, high_expr: Expr, high: Value, scope: Scope, clock: Clock
) -> Value:
    first, last = x.plain(low, expr.low, scope), x.plain(high, high_expr, scope)
    if first is None or last is None:
        return FAILED
    above = comparison(x, expr, ">=", expr.operand, expr.low, a, first, scope, clock)
    below = comparison(x, expr, "<=", expr.operand, high_expr, a, last, scope, clock)
    if above is None or below is None:
        return FAILED
    return Scalar(x.make("and", above, below, clock=clock, kind=Kind.BOOL))


def _in_set(x: Expressions, expr: ast.In, a: Scalar, items: Items, scope: Scope, clock: Clock) -> Value:
    found: Node | None = None
    written = expr.low.items if isinstance(expr.low, ast.SetExpr | ast.ListExpr) else ()
    for number, item in enumerate(items.items):
        where = written[number] if number < len(written) else expr.low
        scalar = x.plain(item, where, scope)
        if scalar is None:
            return FAILED
        same = comparison(x, expr, "==", expr.operand, where, a, scalar, scope, clock)
        if same is None:
            return FAILED
        found = same if found is None else x.make("or", found, same, clock=clock, kind=Kind.BOOL)
    return Scalar(found if found is not None else folding.truth(x.graph, False))


def _in_session(x: Expressions, expr: ast.In, a: Scalar, session: Session, scope: Scope, clock: Clock) -> Value:
    if a.node.kind is not Kind.TIME or a.node.op != "field":
        x.wrong_kind(
            a,
            expr.operand,
            scope,
            "what lies in a session",
            "the time of the bar",
            f"write `time in {x.text(expr.low, scope)}`",
        )
        return FAILED
    stamps = [
        x.graph.node("field", attrs=(name,), kind=Kind.TIME, clock=clock, constancy=Constancy.SERIES)
        for name in ("open_time", "time")
    ]
    node = x.graph.node("session", *stamps, attrs=(session.spec, session.zone), kind=Kind.BOOL, clock=clock)
    return Scalar(node)


def is_missing(x: Expressions, expr: ast.IsNa, scope: Scope, clock: Clock) -> Value:
    found = x.visit(expr.operand, scope, clock)
    if isinstance(found, Failed):
        return FAILED
    scalar = x.plain(found, expr.operand, scope)
    if scalar is None:
        return FAILED
    if scalar.node.kind is Kind.STRING:
        x.wrong_kind(
            scalar, expr.operand, scope, "what can be missing", "a number or a condition", "a text is always there"
        )
        return FAILED
    node = x.make("is_na", scalar.node, clock=clock, kind=Kind.BOOL)
    if expr.negated:
        node = x.make("not", node, clock=clock, kind=Kind.BOOL)
    return Scalar(node)


# --- units -------------------------------------------------------------------------------------------


def additive_unit(a: Scalar, b: Scalar) -> Unit | None:
    """The unit of a sum or choice of `a` and `b`; None when they do not fit."""
    unit = _same_unit(a, b)
    if unit is None and {a.node.unit, b.node.unit} == {NONE, RATIO}:
        # 1 - share, gap + 2%: one of the two is written out, so no unit was forgotten in a definition.
        return RATIO if "const" in (a.node.op, b.node.op) else None
    return unit


def _comparable_unit(a: Scalar, b: Scalar) -> Unit | None:
    unit = _same_unit(a, b)
    return RATIO if unit is None and {a.node.unit, b.node.unit} == {NONE, RATIO} else unit


def _same_unit(a: Scalar, b: Scalar) -> Unit | None:
    first, second = a.node.unit, b.node.unit
    if first == second:
        return first
    if a.is_literal and first == NONE:
        return second
    if b.is_literal and second == NONE:
        return first
    for one, other in ((a, b), (b, a)):
        if one.node.unit == BARS and other.node.unit == NONE and other.node.kind is Kind.INT:
            return BARS
    return None


def mismatch(
    x: Expressions, whole: Expr, op: str, left: Expr, right: Expr, a: Scalar, b: Scalar, scope: Scope,
    mend: mends.Mend | None = None,
) -> Failed:  # fmt: skip
    help, fixes = mend or mends.mismatch(x, op, left, right, a, b, scope)
    code = codes.UNIT_MISMATCH
    if x.is_sketch and a.node.kind in NUMERIC and b.node.kind in NUMERIC:
        # The sketch had no units: its programs are warned, not refused.
        code = replace(code, severity=Severity.WARNING)
    x.report(
        scope, code, whole.span, left=x.text(left, scope), right=x.text(right, scope),
        first=kind_words(a.node), second=kind_words(b.node), help=help, fixes=fixes,
        labels=(Label(left.span, _short(a)), Label(right.span, _short(b))),
    )  # fmt: skip
    return FAILED


def _short(scalar: Scalar) -> str:
    return scalar.node.kind.value if scalar.node.kind not in NUMERIC else str(scalar.node.unit)


def _check_instruments(x: Expressions, expr: ast.Binary | ast.Compare, a: Scalar, b: Scalar, scope: Scope) -> None:
    if a.instrument is None or b.instrument is None:
        return
    first, second = x.instrument_name(a.instrument), x.instrument_name(b.instrument)
    if a.node.unit == b.node.unit == PRICE and first != second:
        left, right = x.text(expr.left, scope), x.text(expr.right, scope)
        x.report(
            scope, codes.INSTRUMENT_MIX, expr.span, left=left, right=right, first=first, second=second,
            help=f"compare them as a ratio, `{left} / {right}`, or as logarithms, `log({left}) - log({right})`",
        )  # fmt: skip


def _instrument_of(a: Scalar, b: Scalar) -> str | None:
    """Whose price it is: that of the one side that is a price, or of both when they agree."""
    if a.instrument == b.instrument or b.instrument is None:
        return a.instrument
    return b.instrument if a.instrument is None else None


def _bare(expr: Expr) -> Expr:
    while isinstance(expr, ast.Paren):
        expr = expr.inner
    return expr
