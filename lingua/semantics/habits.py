"""Habits of other languages, translated: what Pine, EasyLanguage, thinkScript and Python users write first.

Nothing here accepts a foreign word; each gets one message with the Lingua spelling, made of the user's own arguments.
A definition of the user's by the same name always comes first, because these tables are asked last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import future
from lingua.diagnostics.codes import names as codes
from lingua.semantics import mends, observables
from lingua.semantics.scope import Scope
from lingua.syntax import nodes as ast
from lingua.syntax.foreign import (
    FIELDS,
    FRAMES,
    LIBRARIES,
    MATH,
    OTHER_WORDS,
    PANDAS,
    PERIODS,
    PINE,
    PINE_SHORT,
    PINE_TA,
    PYTHON,
    THINK,
    WHOLE,
    WINDOWS,
    call_of,
    name_of,
)
from lingua.syntax.nodes import Expr
from lingua.syntax.translate import filled, in_lingua

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

STRATEGY = {
    "entry": "a rule: `rule enter: … => buy`", "order": "a rule: `rule enter: … => buy`",
    "close": "a rule: `rule leave: … => close`", "close_all": "a rule: `rule leave: … => close`",
    "exit": "exits on the entry: `=> buy with stop 2 * atr(14), target 2R`",
    "cancel": "a rule: `rule drop: … => cancel`",
}  # fmt: skip


AVERAGES = {"SIMPLE": "sma", "EXPONENTIAL": "ema", "WEIGHTED": "wma", "WILDERS": "rma", "HULL": "hma"}
"""thinkScript's `AverageType`."""


# --- what the walk asks ------------------------------------------------------------------------------


def name(x: Expressions, expr: ast.Name, scope: Scope) -> bool:
    """Translate a foreign name; whether it was one."""
    found = name_of(expr.name)
    if found is None and expr.name in ("df", "dataframe"):
        found = (PANDAS, "close")
    if found is None:
        return False
    return _say(x, expr, found[0], found[1], scope)


def call(x: Expressions, expr: ast.Call, name: str, scope: Scope) -> bool:
    if name in observables.NAMES and any(arg.name == "period" for arg in expr.args):
        period = next(x.full_text(arg.value, scope) for arg in expr.args if arg.name == "period")
        length = PERIODS.get(period.rpartition(".")[2].upper(), "1d")
        return _say(x, expr, THINK, f"{name}@{length}", scope, written=f"{name}(period = …)")
    if name == "MovingAverage" and len(expr.args) == 3:
        kind = x.full_text(expr.args[0].value, scope).rpartition(".")[2].upper()
        template = f"{AVERAGES.get(kind, 'sma')}({{1}}, {{2}})"
        return _say(x, expr, THINK, _fill(x, template, expr, scope), scope, written=f"{name}(…)")
    found = call_of(name)
    if found is None:
        return False
    return _say(x, expr, found[0], _fill(x, found[1], expr, scope), scope, written=f"{name}(…)")


def field(x: Expressions, expr: ast.Field, scope: Scope) -> bool:
    """`strategy.position_size`, `df.close`, `close.iloc`."""
    dotted = _dotted(expr)
    base = dotted.partition(".")[0]
    if base and scope.lookup(base) is not None:
        return False
    if dotted in FIELDS:
        platform, mended = FIELDS[dotted]
        return _say(x, expr, platform, mended, scope)
    if base == "strategy" and expr.name in STRATEGY:
        return _order(x, expr, expr.name, scope)
    if base == "self" and not {part.lower() for part in dotted.split(".")} & {*observables.NAMES}:
        return _say(x, expr, PYTHON, expr.name, scope)
    if base in FRAMES:
        column = next(
            (part.lower() for part in reversed(dotted.split(".")) if part.lower() in observables.NAMES), "close"
        )
        return _say(x, expr, PANDAS if base != "self" else PYTHON, column, scope)
    if expr.name in ("iloc", "values", "loc", "iat") and isinstance(expr.operand, ast.Name):
        return _say(x, expr, PANDAS, x.full_text(expr.operand, scope), scope)
    return False


def index(x: Expressions, expr: ast.Index, scope: Scope) -> bool:
    """`df["close"]`, `close.iloc[-1]`"""
    if isinstance(expr.operand, ast.Field) and expr.operand.name in ("iloc", "iat"):
        # pandas counts from the end: -1 is the bar that has closed last.
        offset = x.full_text(expr.offset, scope)
        if re.fullmatch(r"-\s*[1-9]\d{0,5}", offset):
            back = int(offset[1:]) - 1
            owner = in_lingua(x.full_text(expr.operand.operand, scope))
            return _say(x, expr, PANDAS, f"{owner}[{back}]" if back else owner, scope)
    if not isinstance(expr.offset, ast.String) or not isinstance(expr.operand, ast.Name):
        return False
    if scope.lookup(expr.operand.name) is not None:
        return False
    return _say(x, expr, PANDAS, expr.offset.value.lower() or "close", scope)


def method(x: Expressions, expr: ast.Call, callee: ast.Field, scope: Scope) -> bool:
    """`ta.ema(…)`, `strategy.entry(…)`, `close.shift(1)`, `close.rolling(20).mean()`."""
    base = _dotted(callee).partition(".")[0]
    if base and scope.lookup(base) is None:
        if base == "strategy":
            return _order(x, expr, callee.name, scope)
        if base == "request":
            return _security(x, expr, scope)
        if base == "input":
            return _input(x, expr, scope)
        if base in LIBRARIES:
            return _library(x, expr, base, callee.name, scope)
    return _series_method(x, expr, callee, scope)


# --- one habit each ----------------------------------------------------------------------------------


def _library(x: Expressions, expr: ast.Call, base: str, function: str, scope: Scope) -> bool:
    written = f"{base}.{function}"
    if base == "ta" and function in ("crossover", "crossunder", "cross"):
        words = {"crossover": "crosses above", "crossunder": "crosses below", "cross": "crosses"}[function]
        template = f"{{0}} {words} {{1}}"
    elif base in ("np", "numpy", "pd") and function in WHOLE and len(expr.args) == 1:
        return _whole(x, expr, expr.args[0].value, function, scope)
    elif base == "ta":
        known = call_of(function)
        plain = known[1] if known is not None else f"{function}({{all}})"
        template = PINE_SHORT.get((function, len(expr.args))) or PINE_TA.get(function, plain)
    elif function in MATH and base != "talib":
        template = MATH[function]
    elif function in ("isnan", "isna", "isnull"):
        template = "{0} is na"
    elif function == "where":
        template = "if {0} then {1} else {2}"
    elif function == "nan":
        template = "na"
    else:
        template = f"{OTHER_WORDS.get(function, _own_name(function))}({{all}})"
    name = template.partition("(")[0]
    if name.isidentifier() and template == f"{name}({{all}})" and not _exists(name):
        x.report(
            scope, codes.FOREIGN_NAME, expr.span, written=f"{written}(…)", platform=LIBRARIES[base],
            help=f"there is no `{name}` here; `lingua doc` lists what there is, and `fn {name}(x) = …` adds it",
        )  # fmt: skip
        return True
    return _say(x, expr, LIBRARIES[base], _fill(x, template, expr, scope), scope, written=f"{written}(…)")


def _own_name(function: str) -> str:
    """TA-Lib's `MAX` is `highest` here."""
    from lingua.semantics.indicators import lookup

    spec = lookup(function)
    return spec.name if spec is not None else function.lower()


def _exists(name: str) -> bool:
    from lingua.semantics.calls import is_function

    return is_function(name)


def _order(x: Expressions, expr: Expr, function: str, scope: Scope) -> bool:
    mended = STRATEGY.get(function, "a rule: `rule enter: … => buy`")
    x.report(
        scope,
        codes.FOREIGN_NAME,
        expr.span,
        written=f"strategy.{function}",
        platform=PINE,
        help=f"orders are the actions of {mended}",
    )
    return True


def _security(x: Expressions, expr: ast.Call, scope: Scope) -> bool:
    mended = _fill(x, "{2:close}@{1:tf}", expr, scope)
    symbol = x.full_text(expr.args[0].value, scope) if expr.args else ""
    notes: tuple[str, ...] = ()
    if symbol and "ticker" not in symbol:
        notes = (f"for another symbol declare `data other = {symbol}` and write `…@other`",)
    x.report(
        scope, codes.FOREIGN_NAME, expr.span, written="request.security(…)", platform=PINE, help=f"write `{mended}`",
        notes=notes, fixes=mends.replacing(expr, mended),
    )  # fmt: skip
    return True


def _input(x: Expressions, expr: ast.Call, scope: Scope) -> bool:
    default = x.full_text(expr.args[0].value, scope) if expr.args else "14"
    written = x.text(expr.function, scope)
    x.report(
        scope, codes.FOREIGN_NAME, expr.span, written=f"{written}(…)", platform=PINE,
        help=f"declare it as an item of the strategy, `param n = {default}`, and write `n` here",
    )  # fmt: skip
    return True


def _series_method(x: Expressions, expr: ast.Call, callee: ast.Field, scope: Scope) -> bool:
    operand = mends.factor(x, callee.operand, scope)
    first = x.full_text(expr.args[0].value, scope) if expr.args else ""
    match callee.name:
        case "shift":
            return _shift(x, expr, operand, first, scope)
        case "diff":
            mended = f"{operand} - {operand}[{first or 1}]"
        case "pct_change":
            mended = f"{operand} / {operand}[{first or 1}] - 1"
        case "fillna":
            mended = f"{operand} ?? {first or 0}"
        case "isna" | "isnull":
            mended = f"{operand} is na"
        case "cumsum":
            mended = f"cum({operand})"
        case "abs":
            mended = f"abs({operand})"
        case "rolling" | "ewm":
            mended = f"{'ema' if callee.name == 'ewm' else 'sma'}({operand}, {first or 20})"
        case other if other in WHOLE:
            return _window_method(x, expr, callee, operand, scope)
        case _:
            return False
    return _say(x, expr, PANDAS, mended, scope, written=f".{callee.name}(…)")


def _shift(x: Expressions, expr: ast.Call, operand: str, by: str, scope: Scope) -> bool:
    if by.startswith("-"):
        back = by[1:].strip() or "1"
        x.report(
            scope, future.LOOK_AHEAD, expr.span, expr=x.text(expr, scope),
            help=f"write `{operand}[{back}]` to look back instead",
            fixes=mends.replacing(expr, f"{operand}[{back}]"),
        )  # fmt: skip
        return True
    return _say(x, expr, PANDAS, f"{operand}[{by or 1}]", scope, written=".shift(…)")


def _window_method(x: Expressions, expr: ast.Call, callee: ast.Field, operand: str, scope: Scope) -> bool:
    """`close.rolling(20).mean()`, or `close.mean()` over everything."""
    inner = callee.operand
    if (
        isinstance(inner, ast.Call)
        and isinstance(inner.function, ast.Field)
        and inner.function.name in ("rolling", "ewm")
    ):
        source = x.full_text(inner.function.operand, scope)
        length = x.full_text(inner.args[0].value, scope) if inner.args else "20"
        function = WINDOWS.get(callee.name, "sma")
        if inner.function.name == "ewm" and callee.name == "mean":
            function = "ema"
        return _say(
            x,
            expr,
            PANDAS,
            f"{function}({source}, {length})",
            scope,
            written=f".{inner.function.name}(…).{callee.name}()",
        )
    if expr.args:
        return False
    return _whole(x, expr, inner, callee.name, scope)


def _whole(x: Expressions, expr: ast.Call, operand: Expr, function: str, scope: Scope) -> bool:
    mended = f"{WHOLE[function]}({x.full_text(operand, scope)}, 200)"
    x.report(
        scope, future.WHOLE_SERIES, expr.span, expr=x.text(expr, scope), help=f"say over how many bars: `{mended}`",
        fixes=mends.replacing(expr, mended),
    )  # fmt: skip
    return True


# --- helpers -----------------------------------------------------------------------------------------


def _say(x: Expressions, expr: Expr, platform: str, mended: str, scope: Scope, *, written: str = "") -> bool:
    is_code = "`" not in mended and "=>" not in mended
    if is_code:
        mended = _held_together(x, expr, mended, scope)
    help = f"write `{mended}`" if is_code else f"write {mended}" if "`" in mended else f"write a rule with `{mended}`"
    x.report(
        scope, codes.FOREIGN_NAME, expr.span, written=written or x.text(expr, scope), platform=platform,
        help=help,
        fixes=mends.replacing(expr, mended) if is_code else (),
    )  # fmt: skip
    return True


_LOOSE = re.compile(r"[-+*/<>=]|\?\?|\b(?:crosses|then|is|and|or)\b")


def _held_together(x: Expressions, expr: Expr, mended: str, scope: Scope) -> str:
    """`mended` in parentheses where its neighbours in the text would tear it apart."""
    text = scope.problems.source.text
    before, after = text[: expr.span.start].rstrip()[-1:], text[expr.span.end :].lstrip()[:1]
    is_torn = before in set("*/^-+") or after in set("*/^+-[.@") or text[expr.span.end :].lstrip().startswith("crosses")
    is_torn = is_torn or (mended.startswith("if ") and after != "" and after in "<>=!")
    bare = re.sub(r"\([^()]*\)|\[[^]]*\]", "", mended)
    return f"({mended})" if is_torn and _LOOSE.search(bare) and not mended.startswith("(") else mended


def _fill(x: Expressions, template: str, expr: ast.Call, scope: Scope) -> str:
    """The template with the user's own arguments in it, and what is foreign in them put right."""
    return filled(template, [in_lingua(x.full_text(arg.value, scope)) for arg in expr.args])


def _dotted(expr: Expr) -> str:
    """`a.b.c` when the expression is nothing else, or ""."""
    parts: list[str] = []
    while isinstance(expr, ast.Field):
        parts.append(expr.name)
        expr = expr.operand
    if not isinstance(expr, ast.Name):
        return ""
    return ".".join([expr.name, *reversed(parts)])
