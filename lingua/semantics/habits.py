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
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

PINE, EASY, THINK, PANDAS, PYTHON, AMI = "Pine", "EasyLanguage", "thinkScript", "pandas", "Python", "AmiBroker"

NEW_DAY = "day(time) != day(time[1])"

CALLS: dict[str, tuple[str, str]] = {
    "nz": (PINE, "{0} ?? 0"),
    "iff": (PINE, "if {0} then {1} else {2}"),
    "barssince": (PINE, "bars_since({0})"),
    "valuewhen": (PINE, "value_when({0}, {1}, {2:0})"),
    "crossover": (PINE, "{0} crosses above {1}"),
    "crossunder": (PINE, "{0} crosses below {1}"),
    "stdev": (PINE, "stddev({all})"),
    "variance": (PINE, "var({all})"),
    "wpr": (PINE, "willr({all})"),
    "fixnan": (PINE, "value_when({0} is not na, {0}, 0)"),
    "pow": (PINE, "{0} ^ {1}"),
    "security": (PINE, "{2}@{1:tf}"),
    "Average": (EASY, "sma({all})"),
    "AverageFC": (EASY, "sma({all})"),
    "XAverage": (EASY, "ema({all})"),
    "WAverage": (EASY, "wma({all})"),
    "AvgTrueRange": (EASY, "atr({all})"),
    "Summation": (EASY, "sum({all})"),
    "MRO": (EASY, "bars_since({0})"),
    "BarsSinceEntry": (EASY, "bars_in_trade"),
    "EntryPrice": (EASY, "entry"),
    "MarketPosition": (EASY, "position"),
    "ExpAverage": (THINK, "ema({all})"),
    "MovAvgExponential": (THINK, "ema({all})"),
    "SimpleMovingAvg": (THINK, "sma({all})"),
    "WildersAverage": (THINK, "rma({all})"),
    "WildersSmoothing": (THINK, "rma({all})"),
    "StDev": (THINK, "stddev({all})"),
    "TrueRange": (THINK, "trange()"),
    "AbsValue": (THINK, "abs({all})"),
    "Crosses": (THINK, "{0} crosses {1}"),
    "GetValue": (THINK, "{0}[{1:1}]"),
    "IsNaN": (THINK, "{0} is na"),
    "Ref": (AMI, "{0}[{1:back}]"),
    "MA": (AMI, "sma({all})"),
    "HHV": (AMI, "highest({all})"),
    "LLV": (AMI, "lowest({all})"),
    "len": (PYTHON, "bar + 1"),
    "isnan": (PYTHON, "{0} is na"),
    "float": (PYTHON, "num({0})"),
    "int": (PYTHON, "trunc({0})"),
}
"""Plain calls. `{0}` is the first argument, `{1:20}` the second or 20, `{all}` all of them."""

PINE_TA = {
    "barssince": "bars_since({all})", "valuewhen": "value_when({0}, {1}, {2:0})", "bb": "bbands({all})",
    "kc": "kc_ema({0}, {1:20}, {2:1.5})", "kcw": "kcw({0}, {1:20}, {2:1.5})", "correlation": "corr({all})",
    "linreg": "linreg({all})", "cmo": "cmou({all})", "cci": "cci({1:20})", "mfi": "mfi_of({0}, {1:14})",
    "stoch": "stochf({3:14}, 3).k", "tsi": "tsi({0}, {2:25}, {1:13})", "alma": "alma({0}, {1:9}, {2:0.85}, {3:6})",
    "sar": "sar({1:0.02}, {2:0.2})", "supertrend": "supertrend({1:10}, {0:3})", "tr": "trange_full()",
    "highestbars": "-highest_bars({all})", "lowestbars": "-lowest_bars({all})", "max": "cum_max({0})",
    "min": "cum_min({0})", "pivot_point_levels": "pivot_points({1})", "atr": "atr_full({all})",
    "vwap": "vwap_since({1:newday})",
}  # fmt: skip
"""`ta.` functions with another name, another order or another beginning here; the rest keep theirs."""

PINE_SHORT = {
    ("highest", 1): "highest(high, {0})", ("lowest", 1): "lowest(low, {0})",
    ("highestbars", 1): "-highest_bars(high, {0})", ("lowestbars", 1): "-lowest_bars(low, {0})",
    ("pivothigh", 2): "pivothigh(high, {0}, {1})", ("pivotlow", 2): "pivotlow(low, {0}, {1})",
}  # fmt: skip
"""`ta.` functions that leave their source out when they have so many arguments."""

MATH = {
    "pow": "{0} ^ {1}",
    "avg": "({0} + {1}) / 2",
    "ceil": "ceil({0})",
    "sum": "sum({all})",
    "log10": "log({0}) / log(10)",
}

STRATEGY = {
    "entry": "a rule: `rule enter: … => buy`", "order": "a rule: `rule enter: … => buy`",
    "close": "a rule: `rule leave: … => close`", "close_all": "a rule: `rule leave: … => close`",
    "exit": "exits on the entry: `=> buy with stop 2 * atr(14), target 2R`",
    "cancel": "a rule: `rule drop: … => cancel`",
}  # fmt: skip

FIELDS = {
    "strategy.position_size": (PINE, "position"),
    "strategy.position_avg_price": (PINE, "entry"),
    "strategy.equity": (PINE, "equity"),
    "strategy.openprofit": (PINE, "pnl"),
    "strategy.initial_capital": (PINE, "equity"),
    "strategy.opentrades": (PINE, "position != 0"),
    "strategy.long": (PINE, "=> buy"),
    "strategy.short": (PINE, "=> short"),
    "barstate.isconfirmed": (PINE, "true"),
    "syminfo.ticker": (PINE, "symbol"),
    "syminfo.tickerid": (PINE, "symbol"),
    "syminfo.mintick": (PINE, "1 ticks"),
    "ta.tr": (PINE, "trange()"),
    **{f"ta.{name}": (PINE, f"{name}()") for name in ("iii", "nvi", "pvi", "pvt", "wad", "wvad")},
    "ta.obv": (PINE, "obv_zero()"),
    "ta.accdist": (PINE, "ad()"),
    "ta.vwap": (PINE, f"vwap_since({NEW_DAY})"),
    "math.pi": (PINE, "3.141592653589793"),
}

NAMES = {
    "bar_index": (PINE, "bar"),
    "tr": (PINE, "trange()"),
    "MarketPosition": (EASY, "position"),
    "EntryPrice": (EASY, "entry"),
    "BarsSinceEntry": (EASY, "bars_in_trade"),
    "BarNumber": (EASY, "bar"),
    "CurrentBar": (EASY, "bar"),
    "OpenPositionProfit": (EASY, "pnl"),
    "CurrentContracts": (EASY, "abs(position)"),
    "C": (EASY, "close"), "O": (EASY, "open"), "H": (EASY, "high"), "L": (EASY, "low"), "V": (EASY, "volume"),
    "reference": (THINK, "the function itself, such as `rsi(close, 14)`"),
    "None": (PYTHON, "na"), "True": (PYTHON, "true"), "False": (PYTHON, "false"),
    "nan": (PYTHON, "na"), "NaN": (PYTHON, "na"), "null": ("another language's word", "na"),
}  # fmt: skip

FRAMES = ("df", "data", "self", "bars", "ohlc", "ohlcv", "frame", "prices", "dataframe", "candles")
WINDOWS = {
    "mean": "sma", "std": "stddev", "max": "highest", "min": "lowest", "sum": "sum", "var": "var", "median": "median",
    "quantile": "percentile", "count": "count",
}  # fmt: skip
WHOLE = {**WINDOWS, "idxmax": "highest", "idxmin": "lowest", "rank": "rank_in"}
LIBRARIES = {"np": PYTHON, "numpy": PYTHON, "talib": PYTHON, "ta": PINE, "math": PINE, "pd": PANDAS, "tulipy": PYTHON}
OTHER_WORDS = {"maximum": "max", "minimum": "min", "fabs": "abs", "power": "pow"}
MINUTES = {"60": "1h", "120": "2h", "180": "3h", "240": "4h", "D": "1d", "W": "1w", "M": "1mo"}

# --- what the walk asks ------------------------------------------------------------------------------


def name(x: Expressions, expr: ast.Name, scope: Scope) -> bool:
    """Translate a foreign name; whether it was one."""
    found = NAMES.get(expr.name)
    if found is None:
        return False
    return _say(x, expr, found[0], found[1], scope)


def call(x: Expressions, expr: ast.Call, name: str, scope: Scope) -> bool:
    found = CALLS.get(name)
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
    if base in FRAMES:
        column = next(
            (part.lower() for part in reversed(dotted.split(".")) if part.lower() in observables.NAMES), "close"
        )
        return _say(x, expr, PANDAS if base != "self" else PYTHON, column, scope)
    if expr.name in ("iloc", "values", "loc", "iat") and isinstance(expr.operand, ast.Name):
        return _say(x, expr, PANDAS, x.full_text(expr.operand, scope), scope)
    return False


def index(x: Expressions, expr: ast.Index, scope: Scope) -> bool:
    """`df["close"]`"""
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
        known = CALLS.get(function)
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
    help = f"write `{mended}`" if is_code else f"write {mended}" if "`" in mended else f"write a rule with `{mended}`"
    x.report(
        scope, codes.FOREIGN_NAME, expr.span, written=written or x.text(expr, scope), platform=platform,
        help=help,
        fixes=mends.replacing(expr, mended) if is_code else (),
    )  # fmt: skip
    return True


def _fill(x: Expressions, template: str, expr: ast.Call, scope: Scope) -> str:
    """The template with the user's own arguments in it."""
    texts = [x.full_text(arg.value, scope) for arg in expr.args]

    def fill(match: re.Match[str]) -> str:
        if match[1] == "all":
            return ", ".join(texts)
        place, default = int(match[1]), match[2] or "x"
        if default == "tf":
            return timeframe(texts[place] if place < len(texts) else "")
        if default == "newday":
            return texts[place] if place < len(texts) else NEW_DAY
        if default == "back":
            return texts[place].lstrip("-") if place < len(texts) else "1"
        return texts[place] if place < len(texts) else default

    return re.sub(r"\{(all|\d+)(?::([\w.]+))?\}", fill, template)


def timeframe(written: str) -> str:
    """Pine's `"60"`, `"D"`, `"15"` as a timeframe."""
    text = written.strip("\"'")
    match = re.fullmatch(r"(\d*)([DWM]?)", text)
    if text in MINUTES:
        return MINUTES[text]
    if not match or not text:
        return "1d"
    unit = {"D": "d", "W": "w", "M": "mo", "": "m"}[match[2]]
    return f"{match[1] or 1}{unit}"


def _dotted(expr: Expr) -> str:
    """`a.b.c` when the expression is nothing else, or ""."""
    parts: list[str] = []
    while isinstance(expr, ast.Field):
        parts.append(expr.name)
        expr = expr.operand
    if not isinstance(expr, ast.Name):
        return ""
    return ".".join([expr.name, *reversed(parts)])
