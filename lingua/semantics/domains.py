"""`in 7..28 step 1`, `in {ema, sma}`: the values a parameter may have."""

from __future__ import annotations

import math

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import parameters as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.program import ParamValue
from lingua.ir.units import NONE, RATIO
from lingua.semantics.context import Context
from lingua.semantics.overrides import value_text
from lingua.semantics.plain_values import NUMERIC, Plain, plain_value
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

MOST_CHOICES = 1_000


def read_range(ctx: Context, item: ast.Param, default: Plain) -> tuple[float | None, float | None, float | None, bool]:
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


def read_choices(ctx: Context, item: ast.Param, default: Plain) -> list[Plain] | None:
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


def check_default(
    ctx: Context, item: ast.Param, default: Plain, low: float | None, high: float | None, step: float | None,
    values: tuple[ParamValue, ...] | None, domain: str,
) -> None:  # fmt: skip
    shown = ctx.text(item.default)
    if values is not None and not any(equal(default.data, value) for value in values):
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


def equal(a: ParamValue, b: ParamValue) -> bool:
    return (type(a) is type(b) and a == b) or (
        isinstance(a, int | float) and isinstance(b, int | float) and float(a) == float(b)
    )
