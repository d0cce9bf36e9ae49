"""`execution { slippage: 3bp; commission: 0.1%; latency: 1 bars; borrow: 3% per year; profile: pine }`."""

from __future__ import annotations

from collections.abc import Iterable

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ExecutionPlan, OptionValue
from lingua.semantics.context import Context
from lingua.semantics.options import OPTIONS
from lingua.semantics.plain_values import remember_params
from lingua.semantics.readers import Found, value_expr
from lingua.structs import Struct
from lingua.syntax import nodes as ast

ALIASES = {
    "per_order": "commission_per_order", "per_unit": "commission_per_unit", "per_share": "commission_per_unit",
    "minimum": "commission_minimum", "maximum": "commission_maximum",
    "tiers": "commission_tiers", "maker": "commission_maker", "taker": "commission",
    "stops": "stops_from", "volume_share": "slippage_volume_share", "leverage": "", "margin": "",
}  # fmt: skip
"""Shorter names; "" marks one that means something, but not here."""


def execution(ctx: Context, blocks: Iterable[ast.Execution]) -> ExecutionPlan:
    """All settings, in source order; what is wrong is reported and left out."""
    found: dict[str, OptionValue] = {}
    first: dict[str, ast.Setting] = {}
    for block in blocks:
        for item in block.settings:
            for name, value in _setting(ctx, item):
                before = first.setdefault(name, item)
                if before is not item:
                    ctx.report(
                        codes.REPEATED_SETTING, item.name_span, name=item.name, help="keep one of them",
                        labels=(Label(before.name_span, "first here"),),
                    )  # fmt: skip
                else:
                    found[name] = value
    _check_together(ctx, found, first)
    return ExecutionPlan(tuple(found.items()))


def _setting(ctx: Context, item: ast.Setting) -> list[Found]:
    name = ALIASES.get(item.name, item.name)
    reader = OPTIONS.get(name)
    if reader is None:
        _unknown(ctx, item)
        return []
    if item.per is not None and name not in ("borrow", "interest", "risk_free", "funding", "commission"):
        ctx.report(
            codes.OPTION_VALUE, item.span, name=item.name, wanted="a value", expr=ctx.text_of(item.span),
            found="a rate per time", help=f"leave out `per {item.per}`",
        )  # fmt: skip
        return []
    found = reader(ctx, item, name)
    written = item.value or value_expr(item)
    if written is not None:
        remember_params(ctx, written)
    return found if isinstance(found, list) else [(name, found)] if found is not None else []


def _unknown(ctx: Context, item: ast.Setting) -> None:
    known = [name for name in (*OPTIONS, *ALIASES) if ALIASES.get(name) != ""]
    near = "commission" if item.name in ("fee", "commissions") else ctx.near(item.name, known)
    help = f"did you mean `{near}`?" if near else f"there are {', '.join(OPTIONS)}"
    if ALIASES.get(item.name) == "":
        help, near = "margin is a fact of the instrument; bound what is held with `risk { max_exposure 200% }`", None
    fixes = (Fix(f"replace by `{near}`", (Edit(item.name_span, near),)),) if near else ()
    ctx.report(codes.UNKNOWN_OPTION, item.name_span, block="execution", name=item.name, help=help, fixes=fixes)


class _Pair(Struct):
    first: str
    second: str
    cause: str
    mend: str


TOGETHER = (
    _Pair("commission", "commission_tiers", "tiers replace `commission`", "keep one of them"),
    _Pair("latency_bars", "latency_s", "latency is given in bars and in time", "keep one of them"),
)


def _check_together(ctx: Context, found: dict[str, OptionValue], first: dict[str, ast.Setting]) -> None:
    for pair in TOGETHER:
        if pair.first in found and pair.second in found and first[pair.first] is not first[pair.second]:
            later = max(first[pair.first], first[pair.second], key=lambda item: item.span.start)
            earlier = min(first[pair.first], first[pair.second], key=lambda item: item.span.start)
            ctx.report(
                codes.CONTRADICTORY,
                later.span,
                cause=pair.cause,
                help=pair.mend,
                labels=(Label(earlier.span, "and here"),),
            )
    if found.get("limit_fill") == "touch" and "limit_through_ticks" in found:
        ctx.report(
            codes.CONTRADICTORY,
            first["limit_through_ticks"].span,
            cause="a limit that fills at a touch needs no ticks through it",
            help="write `limit_fill: through`, or leave the ticks out",
            labels=(Label(first["limit_fill"].span, "and here"),),
        )
