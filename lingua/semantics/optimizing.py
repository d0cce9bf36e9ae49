"""`optimize { objective: sharpe; folds: walk_forward(train: 365d, test: 90d); trials: 200 }`: a search."""

from __future__ import annotations

from typing import Any

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.codes import parameters as parameter_codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import FoldsPlan, OptimizePlan, ParamDecl
from lingua.optimize.figures import FIGURE_NAMES
from lingua.optimize.objective import ObjectiveError, objective_of
from lingua.semantics.constants import constant
from lingua.semantics.context import Context, inner
from lingua.semantics.readers import words
from lingua.syntax import nodes as ast

KEYS = ("objective", "folds", "trials", "method", "seed")
FOLDS = {
    "walk_forward": ("train", "test", "step", "purge"),
    "rolling": ("train", "test", "step", "purge"),
    "k_fold": ("k", "purge", "embargo"),
    "cpcv": ("n", "k", "purge", "embargo"),
}
OPTIONAL = ("step", "purge", "embargo")
COUNTS = ("k", "n")
METHODS = ("grid", "random", "bayes", "tpe")
OBJECTIVES = FIGURE_NAMES
"""Figures of a backtest that a search may be judged by."""


def check_optimize(ctx: Context, item: ast.Optimize, params: list[ParamDecl]) -> OptimizePlan:
    """What the block asks for; a setting that is wrong is reported and left out."""
    seen: dict[str, ast.Setting] = {}
    found: dict[str, Any] = {}
    for setting in item.settings:
        before = seen.setdefault(setting.name, setting)
        if before is not setting:
            ctx.report(
                codes.REPEATED_SETTING, setting.name_span, name=setting.name, help="keep one of them",
                labels=(Label(before.name_span, "first here"),),
            )  # fmt: skip
        else:
            found[setting.name] = _check_setting(ctx, setting)
    if "folds" not in seen:
        ctx.report(parameter_codes.NEEDS_FOLDS, item.span, help="add `folds: walk_forward(train: 365d, test: 90d)`")
    if not any(param.low is not None or param.values is not None for param in params):
        ctx.report(
            parameter_codes.NOTHING_TO_SEARCH, item.span, name=ctx.strategy.name,
            help="give a parameter a domain: `param n = 14 in 7..28`",
        )  # fmt: skip
    return OptimizePlan(
        found.get("objective") or (), found.get("folds"), found.get("method") or "", found.get("trials"),
        found.get("seed"), item.span,
    )  # fmt: skip


def _check_setting(ctx: Context, item: ast.Setting) -> Any:
    match item.name:
        case "objective":
            return _check_objectives(ctx, item)
        case "method":
            return _check_word(ctx, item, METHODS)
        case "folds":
            return _check_folds(ctx, item)
        case "trials" | "seed":
            least = 1 if item.name == "trials" else 0
            found = constant(ctx, item.value, f"`{item.name}`") if item.value is not None else None
            if item.value is None or (
                found is not None and (found.unit != "none" or not found.is_whole or found.value < least)
            ):
                wanted = "a whole number" if not least else "a whole number from 1 on"
                _wrong(ctx, item, wanted, found.amiss("none") if found is not None else "no number", "200")
            elif found is not None:
                return int(found.value)
        case _:
            near = ctx.near(item.name, KEYS)
            help = f"did you mean `{near}`?" if near else f"there are {', '.join(KEYS)}"
            fixes = (Fix(f"replace by `{near}`", (Edit(item.name_span, near),)),) if near else ()
            ctx.report(codes.UNKNOWN_OPTION, item.name_span, block="optimize", name=item.name, help=help, fixes=fixes)
    return None


def _check_objectives(ctx: Context, item: ast.Setting) -> tuple[str, ...]:
    """One figure or expression of figures, or a list of several in `[…]`."""
    bare = inner(item.value) if item.value is not None and not item.words else None
    if bare is None or isinstance(bare, ast.Name | ast.String):
        word = _check_word(ctx, item, OBJECTIVES)
        return (word,) if word else ()
    found = []
    for each in bare.items if isinstance(bare, ast.ListExpr) else (bare,):
        text = ctx.full_text(each)
        try:
            objective_of(each, text)
            found.append(text)
        except ObjectiveError as problem:
            ctx.report(
                parameter_codes.NO_OBJECTIVE, each.span, cause=str(problem), help=problem.help or "write `sharpe`"
            )
    return tuple(found)


def _check_word(ctx: Context, item: ast.Setting, known: tuple[str, ...]) -> str:
    word = words(ctx, item)
    if word in known:
        return word
    near = ctx.near(word, known) or known[0]
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.UNKNOWN_CHOICE, span, word=word or ctx.text_of(span), known=", ".join(f"`{each}`" for each in known[:12]),
        help=f"write `{item.name}: {near}`",
    )  # fmt: skip
    return ""


def _check_folds(ctx: Context, item: ast.Setting) -> FoldsPlan | None:
    example = "walk_forward(train: 365d, test: 90d)"
    call = inner(item.value) if item.value is not None else None
    if not isinstance(call, ast.Call) or not isinstance(call.function, ast.Name) or call.function.name not in FOLDS:
        _wrong(ctx, item, f"one of {', '.join(FOLDS)}", "none of them", example)
        return None
    known = FOLDS[call.function.name]
    given: dict[str, tuple[str, float]] = {}
    for position, arg in enumerate(call.args):
        name = arg.name or (known[position] if position < len(known) else "")
        if name not in known or name in given:
            form = f"`{call.function.name}({', '.join(f'{each}: …' for each in known if each not in OPTIONAL)})`"
            _wrong(ctx, item, form, "written otherwise", example)
            return None
        found = constant(ctx, arg.value, f"`{name}`")
        if found is None:
            return None
        length = found.length
        if length is None or not _fits(name, *length):
            wanted = "a whole number from 2 on" if name in COUNTS else "a length of time"
            _wrong(ctx, item, wanted, found.amiss("none", "bars", "duration"), example)
            return None
        given[name] = length
    missing = [name for name in known if name not in given and name not in OPTIONAL]
    if missing:
        _wrong(ctx, item, " and ".join(f"`{name}`" for name in missing) + " too", "without it", example)
        return None
    if call.function.name == "cpcv" and given["k"][1] >= given["n"][1]:
        _wrong(ctx, item, "fewer tested groups `k` than groups `n`", "not so", "cpcv(n: 6, k: 2)")
        return None
    return FoldsPlan(call.function.name, tuple([(name, *length) for name, length in given.items()]))


def _fits(name: str, unit: str, value: float) -> bool:
    if name in COUNTS:
        return unit == "bars" and value >= 2
    return value >= 0 if name in ("purge", "embargo") else value > 0


def _wrong(ctx: Context, item: ast.Setting, wanted: str, found: str, example: str) -> None:
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.OPTION_VALUE, span, name=item.name, wanted=wanted, expr=ctx.text_of(span), found=found,
        help=f"write `{item.name}: {example}`",
    )  # fmt: skip
