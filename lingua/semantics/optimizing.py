"""`optimize { objective: sharpe; folds: walk_forward(train: 365d, test: 90d); trials: 200 }`: checked, not yet run."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.codes import parameters as parameter_codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ParamDecl
from lingua.semantics.constants import constant
from lingua.semantics.context import Context, inner
from lingua.semantics.readers import words
from lingua.syntax import nodes as ast

KEYS = ("objective", "folds", "trials", "method", "seed")
FOLDS = {
    "walk_forward": ("train", "test", "step"),
    "rolling": ("train", "test", "step"),
    "k_fold": ("k",),
    "cpcv": ("n", "k"),
}
METHODS = ("grid", "random", "bayes")
OBJECTIVES = (
    "sharpe", "sortino", "calmar", "total_return", "annual_return", "final_equity", "profit_factor", "max_drawdown",
    "volatility", "excess_return", "alpha", "average_trade", "average_trade_bp", "average_trade_r", "win_rate",
    "return_without_best_five", "break_even_cost_bp", "time_under_water",
)  # fmt: skip
"""Figures of a backtest that a search may be judged by."""


def check_optimize(ctx: Context, item: ast.Optimize, params: list[ParamDecl]) -> None:
    seen: dict[str, ast.Setting] = {}
    for setting in item.settings:
        before = seen.setdefault(setting.name, setting)
        if before is not setting:
            ctx.report(
                codes.REPEATED_SETTING, setting.name_span, name=setting.name, help="keep one of them",
                labels=(Label(before.name_span, "first here"),),
            )  # fmt: skip
        else:
            _check_setting(ctx, setting)
    if "folds" not in seen:
        ctx.report(parameter_codes.NEEDS_FOLDS, item.span, help="add `folds: walk_forward(train: 365d, test: 90d)`")
    if not any(param.low is not None or param.values is not None for param in params):
        ctx.report(
            parameter_codes.NOTHING_TO_SEARCH, item.span, name=ctx.strategy.name,
            help="give a parameter a domain: `param n = 14 in 7..28`",
        )  # fmt: skip


def _check_setting(ctx: Context, item: ast.Setting) -> None:
    match item.name:
        case "objective":
            _check_word(ctx, item, OBJECTIVES)
        case "method":
            _check_word(ctx, item, METHODS)
        case "folds":
            _check_folds(ctx, item)
        case "trials" | "seed":
            found = constant(ctx, item.value, f"`{item.name}`") if item.value is not None else None
            if item.value is None or (
                found is not None and (found.unit != "none" or not found.is_whole or found.value < 0)
            ):
                _wrong(ctx, item, "a whole number", found.amiss("none") if found is not None else "no number", "200")
        case _:
            near = ctx.near(item.name, KEYS)
            help = f"did you mean `{near}`?" if near else f"there are {', '.join(KEYS)}"
            fixes = (Fix(f"replace by `{near}`", (Edit(item.name_span, near),)),) if near else ()
            ctx.report(codes.UNKNOWN_OPTION, item.name_span, block="optimize", name=item.name, help=help, fixes=fixes)


def _check_word(ctx: Context, item: ast.Setting, known: tuple[str, ...]) -> None:
    word = words(ctx, item)
    if word in known:
        return
    near = ctx.near(word, known) or known[0]
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.UNKNOWN_CHOICE, span, word=word or ctx.text_of(span), known=", ".join(f"`{each}`" for each in known[:12]),
        help=f"write `{item.name}: {near}`",
    )  # fmt: skip


def _check_folds(ctx: Context, item: ast.Setting) -> None:
    example = "walk_forward(train: 365d, test: 90d)"
    call = inner(item.value) if item.value is not None else None
    if not isinstance(call, ast.Call) or not isinstance(call.function, ast.Name) or call.function.name not in FOLDS:
        _wrong(ctx, item, f"one of {', '.join(FOLDS)}", "none of them", example)
        return
    known = FOLDS[call.function.name]
    given: set[str] = set()
    for position, arg in enumerate(call.args):
        name = arg.name or (known[position] if position < len(known) else "")
        if name not in known or name in given:
            _wrong(
                ctx,
                item,
                f"`{call.function.name}({', '.join(f'{each}: …' for each in known)})`",
                "written otherwise",
                example,
            )
            return
        given.add(name)
        found = constant(ctx, arg.value, f"`{name}`")
        if found is None:
            continue
        length = found.length
        if length is None or length[1] <= 0 or (name in ("k", "n") and (length[0] != "bars" or length[1] < 2)):
            _wrong(
                ctx,
                item,
                "a length of time" if name not in ("k", "n") else "a whole number from 2 on",
                found.amiss("none", "bars", "duration"),
                example,
            )
            return
    missing = [name for name in known if name not in given and name != "step"]
    if missing:
        _wrong(ctx, item, " and ".join(f"`{name}`" for name in missing) + " too", "without it", example)


def _wrong(ctx: Context, item: ast.Setting, wanted: str, found: str, example: str) -> None:
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.OPTION_VALUE, span, name=item.name, wanted=wanted, expr=ctx.text_of(span), found=found,
        help=f"write `{item.name}: {example}`",
    )  # fmt: skip
