"""What a search is judged by: a figure of a backtest, or an expression of figures.

    sharpe            max_drawdown            sharpe - 2 * max_drawdown            min(sharpe, sortino) / (1 + turnover)

An expression is read by Lingua's own grammar and walked as a tree; nothing is ever executed as code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from lingua.diagnostics.suggest import did_you_mean
from lingua.optimize.figures import BETTER_LOW, FIGURE_NAMES
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

NAN = math.nan
FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "min": (2, lambda a, b: min(a, b)),
    "max": (2, lambda a, b: max(a, b)),
    "abs": (1, lambda x: abs(x)),
    "sqrt": (1, lambda x: math.sqrt(x) if x >= 0 else NAN),
    "log": (1, lambda x: math.log(x) if x > 0 else NAN),
    "exp": (1, lambda x: math.exp(x) if x < 700 else NAN),
}
"""Name to (number of arguments, function)."""


class ObjectiveError(ValueError):
    """The objective is not one; the text says why, `help` how to mend it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class Objective(Struct):
    """`text` as written, `figures` the names it reads, `maximize` which way is better."""

    text: str
    expr: Expr
    figures: tuple[str, ...]
    maximize: bool

    def value(self, metrics: Mapping[str, float]) -> float:
        """NaN where a figure that counts is undefined."""
        found = _value(self.expr, metrics)
        return found if math.isfinite(found) else NAN

    def score(self, metrics: Mapping[str, float]) -> float:
        """As `value`, turned so that more is better."""
        return self.value(metrics) if self.maximize else -self.value(metrics)

    def signed(self, value: float) -> float:
        return value if self.maximize else -value


def parse_objective(text: str) -> Objective:
    """Read `sharpe`, `-max_drawdown` or `sharpe * (1 - max_drawdown)`. Raises ObjectiveError."""
    from lingua.syntax.parse import parse_expression

    expr, problems = parse_expression(text, "<objective>")
    if expr is None or problems:
        why = problems[0].message if problems else "it is empty"
        raise ObjectiveError(f"the objective `{text}` cannot be read: {why}", "write for example `sharpe`")
    return objective_of(expr, text)


def objective_of(expr: Expr, text: str) -> Objective:
    """An expression that was read. Raises ObjectiveError for what is no figure and no arithmetic on figures."""
    names: dict[str, None] = {}
    _check(expr, text, frozenset(FIGURE_NAMES), names)
    if not names:
        raise ObjectiveError(
            f"the objective `{text}` reads no figure: it is the same for all", "write for example `sharpe`"
        )
    bare = expr
    while isinstance(bare, ast.Paren):
        bare = bare.inner
    maximize = not (isinstance(bare, ast.Name) and bare.name in BETTER_LOW)
    return Objective(text, expr, tuple(names), maximize)


def _check(expr: Expr, text: str, known: frozenset[str], names: dict[str, None]) -> None:
    match expr:
        case ast.Number() | ast.Ratio():
            return
        case ast.Name(name):
            if name not in known:
                near = did_you_mean(name, sorted(known))
                help = f"did you mean `{near}`?" if near else "docs/reference.md lists every figure"
                raise ObjectiveError(f"no figure of a backtest is called `{name}`", help)
            names.setdefault(name)
        case ast.Paren(inner):
            _check(inner, text, known, names)
        case ast.Unary("-", operand):
            _check(operand, text, known, names)
        case ast.Binary("+" | "-" | "*" | "/" | "^", left, right):
            _check(left, text, known, names)
            _check(right, text, known, names)
        case ast.Binary("??", left, right):
            _check(left, text, known, names)
            _check(right, text, known, names)
        case ast.Call(ast.Name(function), args) if function in FUNCTIONS:
            wanted = FUNCTIONS[function][0]
            if len(args) != wanted or any(arg.name is not None or arg.up_to is not None for arg in args):
                raise ObjectiveError(f"`{function}` takes {wanted} value{'s' if wanted > 1 else ''}")
            for arg in args:
                _check(arg.value, text, known, names)
        case ast.If(condition, then, otherwise):
            _check_truth(condition, text, known, names)
            _check(then, text, known, names)
            _check(otherwise, text, known, names)
        case _:
            raise _refused(text)


def _check_truth(expr: Expr, text: str, known: frozenset[str], names: dict[str, None]) -> None:
    match expr:
        case ast.Compare(">" | ">=" | "<" | "<=" | "==" | "!=", left, right):
            _check(left, text, known, names)
            _check(right, text, known, names)
        case ast.Binary("and" | "or", left, right):
            _check_truth(left, text, known, names)
            _check_truth(right, text, known, names)
        case ast.Unary("not", operand) | ast.Paren(operand):
            _check_truth(operand, text, known, names)
        case _:
            raise _refused(text)


def _refused(text: str) -> ObjectiveError:
    return ObjectiveError(
        f"the objective `{text}` is more than arithmetic on figures",
        "write figures of a backtest with + - * / ^, min, max, abs, sqrt, log, exp and `if … then … else …`",
    )


def _value(expr: Expr, metrics: Mapping[str, float]) -> float:
    match expr:
        case ast.Number(_, value, _) | ast.Ratio(_, value):
            return float(value)
        case ast.Name(name):
            return float(metrics[name])
        case ast.Paren(inner):
            return _value(inner, metrics)
        case ast.Unary("-", operand):
            return -_value(operand, metrics)
        case ast.Binary("??", left, right):
            first = _value(left, metrics)
            return first if first == first else _value(right, metrics)
        case ast.Binary(op, left, right):
            return _arithmetic(op, _value(left, metrics), _value(right, metrics))
        case ast.Call(ast.Name(function), args):
            values = [_value(arg.value, metrics) for arg in args]
            # min and max of Python would drop a NaN that stands first.
            return NAN if any(v != v for v in values) else FUNCTIONS[function][1](*values)
        case ast.If(condition, then, otherwise):
            truth = _truth(condition, metrics)
            return NAN if truth is None else _value(then if truth else otherwise, metrics)
        case _:
            raise ValueError(f"{expr!r} is no objective")


def _arithmetic(op: str, a: float, b: float) -> float:
    try:
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b if b != 0 else NAN
            case _:
                power = a**b
                return power if isinstance(power, float) else NAN
    except (OverflowError, ZeroDivisionError):
        return NAN


def _truth(expr: Expr, metrics: Mapping[str, float]) -> bool | None:
    """None: unknown, because a figure is undefined."""
    match expr:
        case ast.Compare(op, left, right):
            a, b = _value(left, metrics), _value(right, metrics)
            if a != a or b != b:
                return None
            return {">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b, "==": a == b, "!=": a != b}[op]
        case ast.Paren(inner):
            return _truth(inner, metrics)
        case ast.Unary(_, operand):
            found = _truth(operand, metrics)
            return None if found is None else not found
        case ast.Binary(op, left, right):
            first, second = _truth(left, metrics), _truth(right, metrics)
            deciding = op == "or"
            if first is deciding or second is deciding:
                return deciding
            return None if first is None or second is None else not deciding
        case _:
            raise ValueError(f"{expr!r} is no truth")
