"""Amounts of something that is not traded: `buy 10 ETH` of BTCUSDT would buy 10 BTC."""

from __future__ import annotations

import re

from lingua.diagnostics.codes import orders as codes
from lingua.ir.program import Program
from lingua.semantics.context import Context
from lingua.semantics.literals import MONEY_CODES
from lingua.syntax import nodes as ast
from lingua.syntax.walk import postorder
from lingua.trading.instrument import DOLLARS

COUNTED = ("bars", "shares", "contracts", "ticks", "lots")


def assets(ctx: Context, program: Program) -> None:
    """An amount names the base or the quote of each symbol it is for; for a symbol whose quote its name does not tell
    (`AAPL`) any money may be meant."""
    for item in ctx.items(ast.Rule):
        for group in (item.group, item.otherwise):
            for action in group.actions if group is not None else ():
                if action.amount is not None:
                    _check(ctx, action.amount, _symbols(ctx, action.on))
    for size in ctx.items(ast.Size):
        assert isinstance(size, ast.Size)
        _check(ctx, size.amount, ctx.symbols)


def _symbols(ctx: Context, on: ast.SymbolRef | None) -> tuple[str, ...]:
    if on is None:
        return ctx.symbols
    return (on.name if on.quoted else ctx.legs.get(on.name, on.name),)


def _check(ctx: Context, amount: ast.Amount, symbols: tuple[str, ...]) -> None:
    for node in postorder(amount.value):
        if not isinstance(node, ast.Quantity) or node.unit in COUNTED:
            continue
        for symbol in symbols:
            if not _fits(node.unit, symbol):
                ctx.report(
                    codes.AMOUNT_OF_ANOTHER, node.span, expr=ctx.text(node), asset=node.unit, symbol=symbol,
                    help=_mend(symbol, node),
                )  # fmt: skip
                return


def _fits(asset: str, symbol: str) -> bool:
    pair = letters(symbol)
    if pair.startswith(asset) or pair.endswith(asset):
        return True
    quote = quote_of(pair)
    if asset in MONEY_CODES:
        return not quote or {asset, quote} <= DOLLARS
    return False


def _mend(symbol: str, node: ast.Quantity) -> str:
    pair = letters(symbol)
    quote = quote_of(pair)
    if not quote:
        return f"count what is traded: `{node.text.split()[0]} shares`"
    return f"write an amount of {pair.removesuffix(quote)} or of {quote}"


def letters(symbol: str) -> str:
    """`CME:ES` as `ES`, `BTC/USDT` as `BTCUSDT`; XBT is another name of BTC."""
    return re.sub(r"[^A-Z0-9]", "", symbol.rpartition(":")[2].upper()).replace("XBT", "BTC")


def quote_of(pair: str) -> str:
    """The money a pair is priced in, as far as its name tells; "" for `AAPL`."""
    found = [code for code in MONEY_CODES if pair.endswith(code) and len(pair) - len(code) >= 2]
    return max(found, key=len, default="")
