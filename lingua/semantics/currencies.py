"""`convert(x, USD)`: a price or money in another currency, by the rate of a pair that the program reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.ir.nodes import Clock, Kind
from lingua.ir.units import MONEY, PRICE
from lingua.semantics.helpers import arguments
from lingua.semantics.lints.assets import letters, quote_of
from lingua.semantics.literals import MONEY_CODES
from lingua.semantics.names import data_field, observable
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, Scalar, Value
from lingua.syntax import nodes as ast
from lingua.trading.instrument import DOLLARS

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
FIRST = "EUR GBP AUD NZD USD CAD CHF JPY"
"""Which currency of a pair is named first."""


def convert(x: Expressions, expr: ast.Call, scope: Scope, clock: Clock) -> Value:
    """The rate is the last closed one of a `data` pair (or of the traded pair) that names both currencies. A symbol
    whose quote its name does not tell (`AAPL`) is quoted in the other currency of the only pair that fits."""
    exprs = arguments(x, expr, ("x", "currency"), scope, example="convert(close, USD)")
    if exprs is None:
        return FAILED
    currency = _currency(x, exprs[1], scope)
    found = x.number_of(exprs[0], scope, clock, "what `convert` converts")
    if found is None or not currency:
        return FAILED
    if found.node.unit not in (PRICE, MONEY) or found.node.kind is Kind.TIME:
        x.wrong_kind(
            found, exprs[0], scope, "what `convert` converts", "a price or an amount of money",
            "convert the price itself, such as `convert(close, USD)`",
        )  # fmt: skip
        return FAILED
    quote = quote_of(letters(x.instrument_name(found.instrument or "")))
    if quote and _one(quote) == _one(currency):
        return found
    rate = _rate(x, quote, currency)
    if rate is None:
        text = x.text(exprs[0], scope)
        x.report(
            scope, codes.NEEDS_RATES, expr.span, expr=text, currency=currency,
            help=f"declare the pair: `data rate = {_pair(quote, currency)}`",
        )  # fmt: skip
        return FAILED
    alias, op = rate
    if alias:
        scope.use(alias)
        field = ast.Field(ast.Name(alias, span=expr.span), "close", span=expr.span)
        seen = data_field(x, field, alias, scope, clock)
    else:
        seen = observable(x, "close", clock) or FAILED
    if not isinstance(seen, Scalar):
        return FAILED
    return Scalar(x.make(op, found.node, seen.node, clock=clock, unit=found.node.unit))


def _currency(x: Expressions, expr: ast.Expr, scope: Scope) -> str:
    """The code of a currency, written as a name or a text."""
    text = expr.name if isinstance(expr, ast.Name) else expr.value if isinstance(expr, ast.String) else ""
    if text.isalnum() and text.isupper() and 3 <= len(text) <= 5:
        return text
    cause = f"`{x.text(expr, scope)}` is no currency"
    x.report(scope, codes.WRONG_ARGUMENTS, expr.span, cause=cause, help="write its code: `convert(close, USD)`")
    return ""


def _rate(x: Expressions, quote: str, currency: str) -> tuple[str, str] | None:
    """The source whose price is the rate, and whether it multiplies or divides; None without a single one."""
    wanted, into = _one(quote), _one(currency)
    found: dict[tuple[str, str], None] = {}
    for alias, decl in x.data.items():
        pair = letters(decl.symbol)
        second = quote_of(pair)
        first, second = _one(pair.removesuffix(second) if second else ""), _one(second)
        if second == into and first and first in (wanted or first, wanted):
            found[alias, "mul"] = None
        elif first == into and second in (wanted or second, wanted):
            found[alias, "div"] = None
    return next(iter(found)) if found and (wanted or len(found) == 1) else None


def _pair(quote: str, currency: str) -> str:
    """The usual name of a pair: a coin before money, and money in the order of its market."""
    other = quote or ("EUR" if currency != "EUR" else "USD")
    return "".join(sorted((other, currency), key=lambda code: (code in MONEY_CODES, FIRST.find(code) % 99, code)))


def _one(currency: str) -> str:
    """Coins that stand for a dollar are dollars."""
    return "USD" if currency in DOLLARS else currency
