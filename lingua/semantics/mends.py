"""One concrete change that would mend a mistake, in the user's own text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.nodes import Kind, Node
from lingua.ir.units import DURATION, MONEY, NONE, PRICE, QTY, RATIO, Unit
from lingua.semantics.scope import ParamDef, Scope, ValueDef
from lingua.semantics.values import Scalar
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

Mend = tuple[str, tuple[Fix, ...]]


def called(function: str, length: str) -> str:
    """`rsi14` as a call: `rsi(close, 14)`, `atr(14)`."""
    from lingua.semantics.indicators import example

    written = example(function)
    return re.sub(r"\d+", length, written, count=1) if re.search(r"\d", written) else f"{function}(close, {length})"


COMPARISONS = (">", ">=", "<", "<=", "==", "!=")
SUM_LIKE = (ast.Binary, ast.Compare, ast.If, ast.Match, ast.Unary, ast.In, ast.IsNa)


def replacing(expr: Expr, text: str) -> tuple[Fix, ...]:
    """The fix that writes `text` in place of `expr`."""
    return (Fix(f"write `{text}`", (Edit(expr.span, text),)),)


def factor(x: Expressions, expr: Expr, scope: Scope) -> str:
    """The text of `expr`, in parentheses where a product would tear it apart."""
    text = x.full_text(expr, scope)
    return f"({text})" if isinstance(expr, SUM_LIKE) else text


def mismatch(x: Expressions, op: str, left: Expr, right: Expr, a: Scalar, b: Scalar, scope: Scope) -> Mend:
    """How to make the two sides of `op` fit."""
    first, second = x.full_text(left, scope), x.full_text(right, scope)
    units = (a.node.unit, b.node.unit)
    if isinstance(left, ast.Name) and left.name == "pnl" and units[1] == RATIO and op in COMPARISONS:
        written = f"close / entry - 1 {op} {second}"
        return f"the gain since the entry as a share is `{written}`", (
            Fix(f"write `{written}`", (Edit(left.span.to(right.span), written),)),
        )
    if Kind.TIME in (a.node.kind, b.node.kind):
        return _with_time(op, first, second, a, b, left, right)
    for mine, other, my_text, their_text, is_left in (
        (left, right, factor(x, left, scope), second, True),
        (right, left, factor(x, right, scope), first, False),
    ):
        my_unit, their_unit = units if is_left else units[::-1]
        if my_unit == PRICE and their_unit == RATIO:
            if op in ("+", "-"):
                if not is_left:
                    continue
                text = f"{my_text} * (1 {op} {their_text})"
                return f"write `{text}`", (Fix(f"write `{text}`", (Edit(left.span.to(right.span), text),)),)
            text = f"{my_text} / close"
            if op not in COMPARISONS:
                return f"make both a share of the price: `{text}`", replacing(mine, text)
            whole = f"{text} {op} {their_text}" if is_left else f"{their_text} {op} {text}"
            return f"compare it with the price level: `{whole}`", replacing(mine, text)
        if my_unit != NONE and their_unit == NONE and isinstance(other, ast.Name):
            declared = _declaration(x, other, my_unit, scope)
            if declared:
                return declared, ()
    if set(units) == {NONE, RATIO}:
        text = f"{factor(x, left if units[0] == NONE else right, scope)} * 100%"
        plain = left if units[0] == NONE else right
        return f"make the plain number a share: `{text}`", replacing(plain, text)
    if {a.node.kind, b.node.kind} <= {Kind.NUM, Kind.INT}:
        bare = [text if unit == NONE else f"num({text})" for text, unit in zip((first, second), units, strict=True)]
        if op in (*COMPARISONS, "+", "-", "??") or op.startswith("crosses"):
            return f"drop the units on purpose: `{bare[0]} {op} {bare[1]}`", ()
        return f"drop the units on purpose: `{bare[0]}` and `{bare[1]}`", ()
    return "give both the same kind of value", ()


def _with_time(op: str, first: str, second: str, a: Scalar, b: Scalar, left: Expr, right: Expr) -> Mend:
    if a.node.kind is not Kind.TIME or b.node.kind is Kind.TIME:
        return 'compare times with times, such as `date("2024-01-31")`', ()
    if op in ("+", "-"):
        return f"add a length of time, such as `{first} {op} 1h`", ()
    day = _date(right)
    if day:
        return f"write `{first} {op} {day}`", replacing(right, day)
    clock = _clock(first, op, right)
    if clock:
        part = 'time in session("09:30-16:00", "UTC")'
        fix = Fix(f"write `{clock}`", (Edit(left.span.to(right.span), clock),))
        return f"compare the clock: `{clock}`, or a part of the day: `{part}`", (fix,)
    return f'compare with a time: `{first} {op} date("2024-01-31")`', ()


def _date(right: Expr) -> str:
    """EasyLanguage's 1200131, or 20200131, as `date("2020-01-31")`; "" for what is none."""
    if not isinstance(right, ast.Number) or not right.text.isdecimal() or len(right.text) not in (7, 8):
        return ""
    year, rest = divmod(int(right.text), 10_000)
    month, day = divmod(rest, 100)
    year += 1900 if len(right.text) == 7 else 0
    return f'date("{year}-{month:02d}-{day:02d}")' if 1 <= month <= 12 and 1 <= day <= 31 else ""


def _clock(time: str, op: str, right: Expr) -> str:
    """The clock compared with EasyLanguage's 1530, half past three, or with a bare 15, an hour; "" for neither."""
    if not isinstance(right, ast.Number) or not right.text.isdecimal() or len(right.text) > 4:
        return ""
    hour, minute = divmod(int(right.text), 100) if len(right.text) > 2 else (int(right.text), 0)
    if hour > 23 or minute > 59:
        return ""
    if len(right.text) > 2:
        return f"hour({time}) * 60 + minute({time}) {op} {hour * 60 + minute}"
    return f"hour({time}) {op} {hour}"


def _declaration(x: Expressions, name: ast.Name, unit: Unit, scope: Scope) -> str:
    """`param level: price = 100`, when the plain number is a name defined by a literal."""
    if str(unit) not in ("price", "qty", "money", "duration", "bars", "ratio"):
        return ""
    entry = scope.lookup(name.name)
    if entry is None or entry.home.problems is not scope.problems:
        return ""
    definition = entry.definition
    if isinstance(definition, ParamDef):
        return f"say what it measures: `param {name.name}: {unit} = {definition.value:g}`"
    if isinstance(definition, ValueDef) and isinstance(definition.expr, ast.Number):
        return f"say what it measures: `{entry.kind} {name.name}: {unit} = {definition.expr.text}`"
    return ""


def to_unit(x: Expressions, scalar: Scalar, unit: Unit, expr: Expr, scope: Scope) -> str:
    """How to make one value measure `unit`."""
    text = factor(x, expr, scope)
    found = scalar.node.unit
    if isinstance(expr, ast.Name) and found == NONE:
        declared = _declaration(x, expr, unit, scope)
        if declared:
            return declared
    if unit == RATIO and found == NONE:
        return f"write `{text} * 100%`"
    if unit == RATIO and found == PRICE:
        return f"write `{text} / close`"
    if unit == PRICE and found == RATIO:
        return f"write `{text} * close`"
    if unit == QTY and found == NONE:
        return f"write `{text} * 1 shares`"
    if unit == QTY and found == MONEY:
        return f"write `{text} / close`"
    if unit == MONEY and found == NONE:
        return f"write `{text} * 1 USD`"
    if unit == DURATION and found == NONE:
        return f"write `{text} * 1m` if it counts minutes"
    if unit == NONE:
        return f"drop the unit on purpose: `num({x.full_text(expr, scope)})`"
    return f"give a value that is {unit}"


def account_name(node: Node) -> str:
    """The observable that makes a node depend on fills."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        each = stack.pop()
        if each.op in ("account", "since_entry"):
            return str(each.attrs[0]) if each.op == "account" else f"{each.attrs[0]}_since_entry"
        if each.index not in seen:
            seen.add(each.index)
            stack.extend(arg for arg in each.args if arg.uses_fills)
    return ""
