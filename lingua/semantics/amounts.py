"""How much: `buy 10% of equity`, `sell 5 shares`, `buy risk 1%`, `close position / 2`, `target w * 40%`.

A quantity or a bare literal is a quantity, money is money, a ratio a share: of equity in `buy`, `short` and `target`,
of the position in `sell`, `cover` and `close`. A plain number that is no literal says nothing and is refused.
"""

from __future__ import annotations

import re

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.nodes import Kind, Node
from lingua.ir.program import AmountKind, AmountPlan
from lingua.ir.units import MONEY, NONE, QTY, RATIO
from lingua.semantics.context import Context
from lingua.semantics.expressions import is_na
from lingua.semantics.missing import check_present
from lingua.semantics.values import RiskMultiple, Scalar
from lingua.semantics.words import kind_words
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

INCREASES = ("buy", "short")
REDUCTIONS = ("sell", "cover", "close")
ALL = AmountPlan("all", None)
NO_FIX: tuple[Fix, ...] = ()


def amount(ctx: Context, given: ast.Amount | None, verb: str, *, word: str = "") -> AmountPlan | None:
    """The amount of one action (or of the `size` line, `word`); None after a report."""
    if given is None:
        return ALL
    if _is_foreign(ctx, given.value, word or verb):
        return None
    value = ctx.x.value(given.value, ctx.scope)
    if isinstance(value, RiskMultiple):
        _wrong(ctx, given.value, "a multiple of the risk of a trade", "write `risk 1%` to size by the stop")
        return None
    scalar = ctx.x.number(value, given.value, ctx.scope, "an amount")
    if scalar is None:
        return None
    check_present(ctx, given.value, scalar, "the amount")
    if given.is_risk:
        plan = _risk(ctx, given.value, scalar)
    elif given.base is not None:
        plan = _share(ctx, given, scalar)
    else:
        plan = _bare(ctx, given.value, scalar, verb, word or verb)
    if plan is not None and verb != "target":
        _check_sign(ctx, given.value, scalar)
    return plan


FOREIGN = {
    "short": "write the verb `short` alone",
    "all": "leave it out: `{verb}` alone takes all of it", "everything": "leave it out: `{verb}` alone takes all of it",
    "half": "write `{verb} 50%`", "market": "leave it out: `{verb}` alone is a market order for the next open",
    "limit": "write `{verb} 10% at limit close`", "max": "leave it out: `{verb}` alone takes all of it",
}  # fmt: skip
"""Words that other platforms have for an amount, and what is written here."""


def _is_foreign(ctx: Context, expr: Expr, verb: str) -> bool:
    """Report `sell all`, `close half`, `buy market`, unless the word is a name of the program."""
    if ctx.is_sketch or not isinstance(expr, ast.Name) or expr.name not in FOREIGN:
        return False
    if ctx.scope.lookup(expr.name) is not None:
        return False
    help = FOREIGN[expr.name].replace("{verb}", verb)
    mended = re.fullmatch(rf"write `{verb} ([^`]*)`", help)
    ctx.report(
        codes.WRONG_AMOUNT, expr.span, expr=expr.name, found="a word of other platforms", help=help,
        fixes=(Fix(help, (Edit(expr.span, mended.group(1) if mended else ""),)),)
        if mended or help.startswith("leave it out") else (),
    )  # fmt: skip
    return True


def _risk(ctx: Context, expr: Expr, scalar: Scalar) -> AmountPlan | None:
    unit = scalar.node.unit
    if unit in (RATIO, MONEY) and scalar.node.kind is not Kind.TIME:
        return AmountPlan("risk", scalar.node)
    text = ctx.factor(expr)
    if unit == NONE and scalar.is_literal:
        help = f"write `risk {text}%` for a share of equity, or `risk {text} {_currency(ctx)}`"
        fixes: tuple[Fix, ...] = (Fix(f"write `{text}%`", (Edit(expr.span, f"{text}%"),)),)
    else:
        help, fixes = f"write `risk {text} * 1%`, or `risk {text} * 1 {_currency(ctx)}`", NO_FIX
        if unit != NONE:
            help = "write a share of equity, such as `risk 1%`"
    ctx.report(codes.WRONG_RISK, expr.span, expr=ctx.text(expr), found=_found(scalar), help=help, fixes=fixes)
    return None


def _share(ctx: Context, given: ast.Amount, scalar: Scalar) -> AmountPlan | None:
    if scalar.node.unit == RATIO and given.base is not None:
        return AmountPlan(given.base, scalar.node)
    text = ctx.factor(given.value)
    if scalar.is_literal:
        if isinstance(given.value, ast.Number) and float(given.value.text) <= 1:
            text = f"{float(given.value.text) * 100:g}"  # 0.1 of equity is a tenth
        help, written = f"write `{text}% of {given.base}`", f"{text}%"
    elif scalar.node.unit == NONE:
        help, written = f"write `{text} * 100% of {given.base}`", f"{text} * 100%"
    else:
        help, written = f"leave out `of {given.base}`, or write a share such as `10% of {given.base}`", ""
    fixes = (Fix(f"write `{written}`", (Edit(given.value.span, written),)),) if written else ()
    ctx.report(
        codes.SHARE_OF_BASE, given.value.span, base=given.base, expr=ctx.text(given.value), found=_found(scalar),
        help=help, fixes=fixes,
    )  # fmt: skip
    return None


def _bare(ctx: Context, expr: Expr, scalar: Scalar, verb: str, word: str) -> AmountPlan | None:
    node = scalar.node
    if is_na(node) or (node.unit == NONE and scalar.is_literal and node.kind is not Kind.TIME):
        return AmountPlan("qty", ctx.x.with_unit(scalar, QTY).node)
    if node.kind is not Kind.TIME:
        if node.unit == QTY:
            return AmountPlan("qty", node)
        if node.unit == MONEY:
            return AmountPlan("money", node)
        if node.unit == RATIO:
            share: AmountKind = "position" if verb in REDUCTIONS else "equity"
            return AmountPlan(share, node)
        if node.unit == NONE:
            return _plain(ctx, expr, scalar, word)
    return _no_amount(ctx, expr, scalar, word)


def _plain(ctx: Context, expr: Expr, scalar: Scalar, verb: str) -> AmountPlan | None:
    text = ctx.factor(expr)
    share, count = f"{text} * 100%", f"{text} * 1 shares"
    help = f"write `{verb} {share}` for a share, or `{verb} {count}` for a quantity"
    inner_name = expr.name if isinstance(expr, ast.Name) else ""
    if inner_name in ctx.x.params:
        help += f"; or say what it measures: `param {inner_name}: qty = …`"
    ctx.report(
        ctx.lenient(codes.PLAIN_AMOUNT),
        expr.span,
        expr=ctx.text(expr),
        help=help,
        fixes=(
            Fix(f"a share: `{share}`", (Edit(expr.span, share),)),
            Fix(f"a quantity: `{count}`", (Edit(expr.span, count),)),
        ),
    )
    # The sketch had no units: a number after a verb was a quantity.
    return AmountPlan("qty", ctx.x.with_unit(scalar, QTY).node) if ctx.is_sketch else None


def _no_amount(ctx: Context, expr: Expr, scalar: Scalar, verb: str) -> AmountPlan | None:
    text = ctx.factor(expr)
    help = f"write a share (`{verb} 10%`), a quantity (`{verb} 5 shares`) or money (`{verb} 1000 {_currency(ctx)}`)"
    if verb in INCREASES:
        help += f"; for an order at this price `{verb} at limit {text}`"
    _wrong(ctx, expr, _found(scalar), help, lenient=True)
    return AmountPlan("qty", ctx.x.with_unit(scalar, QTY).node) if ctx.is_sketch else None


def _wrong(ctx: Context, expr: Expr, found: str, help: str, *, lenient: bool = False) -> None:
    code = ctx.lenient(codes.WRONG_AMOUNT) if lenient else codes.WRONG_AMOUNT
    ctx.report(code, expr.span, expr=ctx.text(expr), found=found, help=help)


def _check_sign(ctx: Context, expr: Expr, scalar: Scalar) -> None:
    """An amount is a magnitude: one that is never above zero does nothing, ever."""
    high = scalar.high
    if scalar.node.op == "const" and isinstance(scalar.node.attrs[0], float):
        high = scalar.node.attrs[0]
        if high != high:
            return
    if high is not None and high <= 0:
        ctx.report(
            ctx.lenient(codes.NEVER_POSITIVE), expr.span, expr=ctx.text(expr),
            help="an amount is a magnitude: leave out the minus, and choose the side by the verb",
        )  # fmt: skip


def _found(scalar: Scalar) -> str:
    return "`na`" if is_na(scalar.node) else kind_words(scalar.node)


def _currency(ctx: Context) -> str:
    from lingua.semantics.literals import MONEY_CODES

    symbol = ctx.symbols[0] if ctx.symbols else ""
    return next(
        (code for code in ("USDT", "USDC", "EUR", "GBP", "JPY") if symbol.endswith(code) and code in MONEY_CODES), "USD"
    )


def constant(node: Node | None) -> float | None:
    """The number a node is on every bar, None when it changes or is a parameter."""
    if node is not None and node.op == "const" and isinstance(node.attrs[0], float):
        return node.attrs[0]
    return None
