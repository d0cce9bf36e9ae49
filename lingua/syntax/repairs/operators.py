"""Operators of other languages, and comparisons in ways Lingua has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.syntax import scanner
from lingua.syntax.blocks import block_of
from lingua.syntax.repairs.actions import VERBS
from lingua.syntax.repairs.edits import inserting, replacing, short
from lingua.syntax.repairs.phrases import EXITS
from lingua.syntax.repairs.places import VALUE_KINDS, item_of
from lingua.syntax.repairs.tokens import drop
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import shown

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

COMPARISONS = frozenset({"GT", "GE", "LT", "LE", "EQ", "NE", "CROSSES", "CROSSES_ABOVE", "CROSSES_BELOW"})
_FOREIGN_OPERATORS: dict[str, tuple[str, str]] = {
    "&&": ("_AND", "and"), "||": ("_OR", "or"), "!": ("_NOT", "not"), "**": ("CIRCUMFLEX", "^"), "<>": ("NE", "!="),
    "===": ("EQ", "=="), "!==": ("NE", "!="), "=<": ("LE", "<="), "≤": ("LE", "<="), "≥": ("GE", ">="),
    "≠": ("NE", "!="), "−": ("MINUS", "-"), "–": ("MINUS", "-"), "—": ("MINUS", "-"), "×": ("STAR", "*"),
    "÷": ("SLASH", "/"),
}  # fmt: skip
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}


def foreign_operator(recovery: Recovery, token: Token) -> bool:
    """`&&`, `||`, `!x`, `**`, `:=`, `%` as modulo, `$100`; `&` and `|` inside a condition."""
    sign = token.text
    if token.kind in ("AMPERSAND", "VBAR"):
        kind, right = ("_AND", "and") if sign == "&" else ("_OR", "or")
        if item_of(recovery)[0] == "_RULE" and recovery.raw(1).text in VERBS:
            return False
        return recovery.accepts(kind) and _other_sign(recovery, token, kind, right)
    if token.kind != scanner.FOREIGN:
        return False
    if sign in ("&&", "||") and recovery.raw(1).text in VERBS and recovery.accepts("AMPERSAND"):
        return _other_sign(recovery, token, "AMPERSAND" if sign == "&&" else "VBAR", sign[0])
    if sign in _FOREIGN_OPERATORS:
        kind, right = _FOREIGN_OPERATORS[sign]
        return _other_sign(recovery, token, kind, right)
    if sign == "%":
        return _percent(recovery, token)
    if sign in (":=", "+=", "-=", "*=", "/=", "++"):
        return _reassignment(recovery, token)
    if sign in _CURRENCIES:
        amount = recovery.raw(1)
        unit = _CURRENCIES[sign]
        right = f"{amount.text} {unit}" if amount.kind == "NUMBER" else f"100 {unit}"
        if amount.kind == "NUMBER" and recovery.machine.symbol(-1) in (*EXITS.values(), "LEVEL", "_LIMIT"):
            # A distance or a level is a price, not an amount of money.
            recovery.report(
                codes.FOREIGN_OPERATOR, token.span, sign=sign, help=f"write `{amount.text}`: prices have no sign",
                fixes=replacing(f"write `{amount.text}`", token.span, ""),
            )  # fmt: skip
            recovery.skip()
            return True
        span = Span(token.start, amount.end) if amount.kind == "NUMBER" else token.span
        recovery.report(
            codes.FOREIGN_OPERATOR, token.span, sign=sign, help=f"write `{right}`",
            fixes=replacing(f"write `{right}`", span, right),
        )  # fmt: skip
        if amount.kind == "NUMBER" and recovery.accepts("UNITNUM"):
            recovery.skip()
            return recovery.replace("UNITNUM", right)
        return drop(recovery)
    recovery.report(codes.BAD_CHARACTER, token.span, found=shown(sign), help="take it out")
    recovery.skip()
    return True


def _other_sign(recovery: Recovery, token: Token, kind: str, right: str) -> bool:
    before, after = recovery.text[token.start - 1 : token.start], recovery.text[token.end : token.end + 1]
    padded = right
    if right.isalpha():
        padded = (" " if before and not before.isspace() and before != "(" else "") + right
        padded += " " if after and not after.isspace() else ""
    recovery.report(
        codes.FOREIGN_OPERATOR,
        token.span,
        sign=token.text,
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", token.span, padded),
    )
    return recovery.replace(kind, right) or drop(recovery)


def _percent(recovery: Recovery, token: Token) -> bool:
    before, after = recovery.raw(-1), recovery.raw(1)
    divides = after.kind in VALUE_KINDS and not (after.kind == WORD and after.text in recovery.lexer.tables.words)
    if before.kind == "NUMBER" and not divides:
        right = before.text + "%"
        recovery.report(
            codes.MODULO,
            Span(before.start, token.end),
            help=f"write `{right}` without a blank",
            fixes=replacing(f"write `{right}`", Span(before.start, token.end), right),
        )
        recovery.skip()
        return True
    recovery.report(codes.MODULO, token.span, help="write `mod(a, b)` for the remainder of a division")
    return recovery.replace("SLASH", "/") or drop(recovery)


def _reassignment(recovery: Recovery, token: Token) -> bool:
    item, _ = item_of(recovery)
    if token.text == ":=" and recovery.accepts("EQUAL"):
        recovery.report(
            codes.WRONG_SIGN,
            token.span,
            sign=":=",
            after="a name",
            right="=",
            help="write `=`",
            fixes=replacing("write `=`", token.span, "="),
        )
        return recovery.replace("EQUAL", "=")
    if not item and block_of(recovery.machine) is not None:
        return False
    name = recovery.raw(-1).text
    recovery.report(
        codes.REASSIGNMENT,
        token.span,
        sign=token.text,
        help=f"what changes from bar to bar is a `state`: `state {name} = 0 => prev + 1`",
    )
    recovery.silence()
    return False


def named_argument(recovery: Recovery, token: Token) -> bool:
    """`ema(close, length=20)`"""
    if token.kind != "EQUAL" or recovery.raw(-1).kind != WORD or recovery.raw(-2).kind not in ("LPAR", "COMMA"):
        return False
    name = recovery.raw(-1)
    if not recovery.accepts("COLON"):
        return False
    recovery.report(
        codes.WRONG_SIGN,
        token.span,
        sign="=",
        after="the name of an argument",
        right=":",
        help=f"write `{name.text}: …`",
        fixes=replacing("write `:`", Span(name.end, token.end), ":"),
    )
    return recovery.replace("COLON", ":")


def equals_in_condition(recovery: Recovery, token: Token) -> bool:
    if token.kind != "EQUAL" or not recovery.accepts("EQ"):
        return False
    recovery.report(
        codes.EQUALS_IN_CONDITION,
        token.span,
        help="write `==` to compare",
        fixes=replacing("write `==`", token.span, "=="),
    )
    return recovery.replace("EQ", "==")


def chained_comparison(recovery: Recovery, token: Token) -> bool:
    """`a < b < c`: read as `a < b and b < c`."""
    machine = recovery.machine
    if token.kind in COMPARISONS:
        machine.settle("PLUS")  # what stands left of the sign, as one sum
    if token.kind not in COMPARISONS or len(machine.states) < 4 or machine.symbol(-2) != "compare_op":
        return False
    value, start, end, depth = machine.values[-1], machine.starts[-1], machine.ends[-1], machine.depths[-1]
    middle = recovery.text[start:end]
    recovery.report(
        codes.CHAINED_COMPARISON,
        token.span,
        help=f"write `… {short(middle)} and {short(middle)} {token.text} …`",
        fixes=inserting(f" and {middle}", end),
    )
    if not recovery.insert("_AND", "and"):
        return False
    machine.push(recovery.lexer.tables.gotos[machine.states[-1]]["sum"], value, start, end, depth)
    return True


def not_in(recovery: Recovery, token: Token) -> bool:
    if token.kind != "_NOT" or recovery.raw(1).text != "in" or not recovery.accepts("_IN"):
        return False
    recovery.report(codes.NOT_IN, Span(token.start, recovery.raw(1).end), help="write `not (x in {1, 2})`")
    recovery.skip()
    return True
