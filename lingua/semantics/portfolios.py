"""`portfolio Book { capital 100_000 USD run A on BTCUSDT weight 60% … }`: checked, not yet run."""

from __future__ import annotations

from collections.abc import Mapping

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import orders as order_codes
from lingua.diagnostics.codes import timeframes as time_codes
from lingua.diagnostics.codes import universe as codes
from lingua.ir.program import ParamDecl
from lingua.semantics.constants import constant
from lingua.semantics.context import Context, inner
from lingua.semantics.overrides import domain_of, fitted, report_unknown
from lingua.semantics.plain_values import plain_value
from lingua.semantics.risk import OF_PORTFOLIO, limits
from lingua.syntax import nodes as ast

ALLOCATIONS = ("equal", "risk_parity", "inverse_volatility", "minimum_variance", "fixed")


def check_portfolio(ctx: Context, item: ast.Portfolio, params: Mapping[str, tuple[ParamDecl, ...]]) -> None:
    """`params` gives the parameters of each strategy of the file."""
    runs = [part for part in item.items if isinstance(part, ast.Run)]
    if not runs:
        ctx.report(
            codes.EMPTY_PORTFOLIO, item.name_span, name=item.name, help="add a line such as `run Name on BTCUSDT @ 1h`"
        )
    capitals = [part for part in item.items if isinstance(part, ast.Capital)]
    for part in capitals[1:]:
        ctx.report(order_codes.REPEATED_SETTING, part.span, name="capital", help="keep one of them")
    for part in capitals:
        _check_capital(ctx, part)
    allocations = [part for part in item.items if isinstance(part, ast.Allocate)]
    for again in allocations[1:]:
        ctx.report(order_codes.REPEATED_SETTING, again.span, name="allocate", help="keep one of them")
    for allocate in allocations:
        _check_allocation(ctx, allocate)
    for run in runs:
        _check_run(ctx, run, params)
    _check_weights(ctx, runs)
    limits(ctx, [part for part in item.items if isinstance(part, ast.Risk)], OF_PORTFOLIO)


def _check_capital(ctx: Context, part: ast.Capital) -> None:
    found = constant(ctx, part.value, "the capital")
    if found is not None and (found.unit not in ("money", "none") or found.value <= 0):
        is_none = found.amiss("none", "money")
        cause = f"the capital is an amount of money above zero, and `{ctx.text(part.value)}` is {is_none}"
        ctx.report(codes.PORTFOLIO_CAPITAL, part.value.span, cause=cause, help="write `capital 100_000 USD`")


def _check_run(ctx: Context, run: ast.Run, params: Mapping[str, tuple[ParamDecl, ...]]) -> None:
    if run.timeframe is not None:
        text = (
            f"{run.timeframe.count}{run.timeframe.unit}"
            if isinstance(run.timeframe, ast.Duration)
            else run.timeframe.name
        )
        try:
            Timeframe.parse(text)
        except ValueError:
            ctx.report(
                time_codes.UNKNOWN_TIMEFRAME, run.timeframe.span, name=text, help="write a count and a unit: `1h`, `1d`"
            )
    if run.strategy not in params:
        near = ctx.near(run.strategy, params)
        help = f"did you mean `{near}`?" if near else f"put `strategy {run.strategy} {{ … }}` into this file"
        ctx.report(codes.RUN_UNKNOWN, run.span, name=run.strategy, help=help)
        for arg in run.args:
            ctx.x.value(arg.value, ctx.scope)
        return
    check_args(ctx, run.args, params[run.strategy])


def check_args(
    ctx: Context, args: tuple[ast.Arg, ...], params: tuple[ParamDecl, ...], *, is_free: bool = False
) -> dict[str, float | int | bool | str]:
    """Arguments by parameter name, each of the right kind and in its domain; what is wrong is reported."""
    given: dict[str, float | int | bool | str] = {}
    by_name = {param.name: param for param in params}
    for arg in args:
        if arg.name is None or arg.name not in by_name:
            report_unknown(ctx.problems, arg.name or ctx.text(arg.value), list(by_name), arg.span)
            continue
        declared = by_name[arg.name]
        if arg.name in given:
            ctx.report(order_codes.REPEATED_SETTING, arg.span, name=arg.name, help="keep one of them")
            continue
        if declared.kind in ("function", "string") and isinstance(inner(arg.value), ast.Name | ast.String):
            bare = inner(arg.value)
            written = bare.name if isinstance(bare, ast.Name) else bare.value if isinstance(bare, ast.String) else ""
        else:
            found = plain_value(ctx, arg.value, is_timeframe=declared.kind == "timeframe")
            if found is None:
                continue
            written = found.data  # type: ignore[assignment]
        value = fitted(ctx, declared, written, domain_of(declared), arg.span, is_free=is_free)
        if value is not None:
            given[arg.name] = value
    return given


def _check_weights(ctx: Context, runs: list[ast.Run]) -> None:
    total = 0.0
    for run in runs:
        if run.weight is None:
            continue
        found = constant(ctx, run.weight, "the weight of a run")
        if found is None:
            continue
        if found.unit != "ratio" or found.value <= 0:
            cause = f"a weight is a share above zero, and `{ctx.text(run.weight)}` is {found.amiss('ratio')}"
            ctx.report(codes.PORTFOLIO_WEIGHTS, run.weight.span, cause=cause, help="write `weight 50%`")
            continue
        total += found.value
        if total > 1 + 1e-9:
            cause = f"the weights add up to {total * 100:g}%"
            ctx.report(codes.PORTFOLIO_WEIGHTS, run.weight.span, cause=cause, help="let them add up to 100% at most")
            return


def _check_allocation(ctx: Context, part: ast.Allocate) -> None:
    value = inner(part.value)
    name = ""
    if isinstance(value, ast.Name):
        name = value.name
    elif isinstance(value, ast.Call) and isinstance(value.function, ast.Name):
        name = value.function.name
        for arg in value.args:
            found = constant(ctx, arg.value, f"the length of `{name}`")
            if found is not None and (found.length is None or found.length[1] <= 0):
                ctx.report(
                    order_codes.WRONG_LENGTH, arg.value.span, what=f"the length of `{name}`", expr=ctx.text(arg.value),
                    found=found.words, help=f"write `{name}(60d)`",
                )  # fmt: skip
    if name not in ALLOCATIONS:
        near = ctx.near(name, ALLOCATIONS)
        help = (
            f"did you mean `{near}`?" if near else f"write one of {', '.join(ALLOCATIONS)}, such as `risk_parity(60d)`"
        )
        ctx.report(codes.UNKNOWN_ALLOCATION, part.value.span, name=name or ctx.text(part.value), help=help)
