"""What stands after `=>`: verbs, amounts, clauses, symbols."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.suggest import did_you_mean
from lingua.syntax import scanner
from lingua.syntax.repairs.edits import inserting, replacing
from lingua.syntax.repairs.places import VALUE_KINDS, item_of
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import shown
from lingua_grammar.tables import END

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

VERBS = ("buy", "sell", "close", "short", "cover", "target", "cancel")
SWALLOWED = {"size": "_SIZE", "plot": "_PLOT", "require": "_REQUIRE"}
_VERBS_MEANT = {"long": "buy", "enter": "buy", "enter_long": "buy", "go_long": "buy", "exit": "close", "flat": "close",
                "flatten": "close", "exit_long": "sell", "enter_short": "short", "go_short": "short",
                "sellshort": "short", "sell_short": "short", "buytocover": "cover", "buy_to_cover": "cover",
                "exit_short": "cover", "order": "buy", "rebalance": "target"}  # fmt: skip


@cache
def verb_meant(word: str) -> str | None:
    """The verb that `word` is, in any case, or stands for."""
    lower = word.lower()
    if lower in VERBS:
        return lower
    return _VERBS_MEANT.get(lower)


def unknown_verb(recovery: Recovery, token: Token) -> bool:
    """`=> Buy`, `=> enter`, `=> long`; and `a => b => buy`, where the first should have been `>=`."""
    raw = recovery.raw()
    if not recovery.accepts("VERB") or raw.kind not in (WORD, *VALUE_KINDS):
        return False
    right = (verb_meant(raw.text) or did_you_mean(raw.text, VERBS)) if raw.kind == WORD else None
    if right is None or recovery.raw(1).kind in ("DOT", "LSQB", "STAR"):
        return _arrow_as_comparison(recovery)
    recovery.report(
        codes.UNKNOWN_WORD,
        raw.span,
        word=raw.text,
        known=", ".join(f"`{verb}`" for verb in VERBS),
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", raw.span, right),
    )
    return recovery.replace("CANCEL" if right == "cancel" else "VERB", right)


def _arrow_as_comparison(recovery: Recovery) -> bool:
    machine, raw = recovery.machine, recovery.lexer.raw
    item, place = item_of(recovery)
    if item != "_RULE" or machine.symbol(-1) != "ARROW":
        return False
    index = recovery.lexer.index
    while raw[index].kind not in ("ARROW", "RBRACE", "LBRACE", "SEMICOLON", END) and raw[index].text != "rule":
        index += 1
    if raw[index].kind != "ARROW" or verb_meant(raw[index + 1].text) is None:
        return False
    arrow = machine.values[-1]
    recovery.report(
        codes.ARROW_AS_COMPARISON,
        arrow.span,
        help="write `>=` for greater or equal",
        fixes=replacing("write `>=`", arrow.span, ">="),
    )
    # Back to the condition: the sign is read again as the comparison it should have been.
    recovery.back_to(arrow.start)
    raw[recovery.lexer.index] = Token("GE", ">=", arrow.start, arrow.end)
    colon = next(at for at in range(place, len(machine.states)) if machine.symbol(at) == "COLON")
    recovery.back_to(machine.ends[colon])
    machine.cut(colon + 1)
    return True


def mixed_group(recovery: Recovery, token: Token) -> bool:
    """`buy & sell | close`"""
    other = {"AMPERSAND": "VBAR", "VBAR": "AMPERSAND"}.get(token.kind)
    if other is None or not recovery.accepts(other):
        return False
    recovery.report(
        codes.MIXED_GROUP,
        token.span,
        help="give the second group a rule of its own",
    )
    return recovery.replace(other, "&" if other == "AMPERSAND" else "|")


_CLAUSES = {
    "at": ("market", "open", "auction", "limit", "stop"),
    "with": ("stop", "target", "trail", "expire"),
    "of": ("equity", "cash", "position", "allocation"),
}


def swallowed_clause(recovery: Recovery, token: Token) -> bool:
    """`buy at close`, `buy with stp 5`: the clause's word was read as a name because nothing known follows it."""
    before = recovery.raw(-1)
    if token.kind not in ("NAME", "NUMBER", "STRING", "VERB") and token.kind not in VALUE_KINDS:
        return False
    if before.text not in _CLAUSES or item_of(recovery)[0] not in ("_RULE", "_SIZE", "_SIZE_WORD"):
        return False
    known = _CLAUSES[before.text]
    raw = recovery.raw()
    right = did_you_mean(raw.text, known) if raw.kind == WORD else None
    if before.text == "at" and right is None:
        right = "market" if raw.text == "close" else "limit"
    hint = {"at": "at market` for the next open, or `at limit close", "with": "with stop 2%", "of": "10% of equity"}
    if before.text == "at" and right == "limit" and raw.kind != WORD:
        right = f"limit {raw.text}"
    recovery.report(
        codes.UNKNOWN_WORD,
        raw.span,
        word=raw.text[:30],
        known=", ".join(f"`{word}`" for word in known),
        help=f"write `{before.text} {right}`" if right and raw.text != "close" else f"write `{hint[before.text]}`",
    )
    recovery.silence()
    return False


def verb_as_price(recovery: Recovery, token: Token) -> bool:
    """`=> close / 2`: after the verb `close` an amount must begin."""
    machine = recovery.machine
    if machine.symbol(-1) != "verb" and machine.symbol(-1) != "VERB":
        return False
    if token.kind not in ("SLASH", "STAR", "PLUS", "LSQB", "DOT", "AT"):
        return False
    verb = recovery.raw(-1)
    what = "position" if verb.text == "close" else "10%"
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found=shown(token.text),
        expected="an amount",
        help=f"`{verb.text}` is the verb here: write `{verb.text} {what} {token.text} …`",
        fixes=inserting(f" {what}", verb.end) if what == "position" else (),
    )
    return recovery.insert("NAME", "position")


def swallowed(recovery: Recovery, token: Token) -> bool:
    """`=> buy` and on the next line `plot (a + b)`: newlines are blanks, so it would be the amount of `buy`."""
    machine = recovery.machine
    if token.text not in SWALLOWED or machine.symbol(-1) not in ("VERB", "CANCEL", "verb"):
        return False
    follows = recovery.raw(1)
    if follows.kind not in ("LPAR", "MINUS", "LSQB", "STRING") or not recovery.starts_line(token):
        return False
    recovery.report(
        codes.SWALLOWED_STATEMENT,
        token.span,
        word=token.text,
        verb=recovery.raw(-1).text,
        help=f"write `{token.text}:`",
        fixes=replacing(f"write `{token.text}:`", token.span, f"{token.text}:"),
    )
    return recovery.replace(SWALLOWED[token.text], token.text)


_SYMBOL_ITEMS = ("_TRADE", "_DATA", "_RUN", "_RULE")
_SYMBOL_SIGNS = ("MINUS", "SLASH", "DOT", "COLON", "STAR", "EQUAL", "CIRCUMFLEX")
_SYMBOL_ENDS = ("COMMA", "AT", "SEMICOLON", "RBRACE", END)


def trade_timeframe(recovery: Recovery, token: Token) -> bool:
    """`trade AAPL, 1d`, `trade AAPL on 1d`, `trade AAPL 1d`: the timeframe follows `@`."""
    machine, raw = recovery.machine, recovery.raw()
    if item_of(recovery)[0] not in ("_TRADE", "_DATA"):
        return False
    behind_comma = machine.symbol(-1) == "COMMA"
    size = int(raw.text in ("on", "at", "timeframe", "tf"))
    length = recovery.raw(size)
    if length.kind != "DURATION" or not (behind_comma or recovery.accepts("AT")):
        return False
    start = recovery.raw(-1).start if behind_comma else raw.start
    gap = Span(recovery.raw(-1 - behind_comma).end, length.start)
    recovery.report(
        codes.MISSING, Span(start, length.end), sign="@", found=shown(length.text), help=f"write `@ {length.text}`",
        fixes=replacing(f"write `@ {length.text}`", gap, " @ "),
    )  # fmt: skip
    if behind_comma:
        machine.cut(-1)
    recovery.skip(size)
    return recovery.insert("AT", "@")


def symbol_needs_quotes(recovery: Recovery, token: Token) -> bool:
    """`trade BTC-USD @ 1d`, `data es = CME:ES`, `trade $SPX`, `trade 1INCHUSDT`"""
    machine = recovery.machine
    before = recovery.raw(-1)
    if item_of(recovery)[0] not in _SYMBOL_ITEMS:
        return False
    if recovery.accepts("STRING") and not recovery.accepts("NUMBER"):
        if token.kind not in (*VALUE_KINDS, scanner.FOREIGN, scanner.BAD, scanner.ODD_NUMBER, "CIRCUMFLEX"):
            return False
        first, count = token, 1
    else:
        name = machine.symbol(-1) in ("NAME", "symbol") and before.kind == WORD and before.end == token.start
        on = item_of(recovery)[0] != "_RULE" or recovery.raw(-2).text == "on"
        if token.kind not in _SYMBOL_SIGNS or not name or not on:
            return False
        first, count = before, 0
    while recovery.raw(count).start == recovery.raw(count - 1).end and recovery.raw(count).kind not in _SYMBOL_ENDS:
        count += 1
    span = Span(first.start, recovery.raw(count - 1).end)
    right = f'"{recovery.text[span.start : span.end]}"'
    recovery.report(
        codes.SYMBOL_NEEDS_QUOTES,
        span,
        symbol=right[1:-1],
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", span, right),
    )
    if first is before:
        machine.cut(-1)
    recovery.skip(count)
    return machine.feed(Token("STRING", right, span.start, span.end))


def braced_action(recovery: Recovery, token: Token) -> bool:
    """`=> { buy }`"""
    if token.kind not in ("LBRACE", "LPAR") or not recovery.accepts("VERB") or verb_meant(recovery.raw(1).text) is None:
        return False
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found=shown(token.text),
        expected="a verb",
        help="write actions without brackets, joined by `&`: `=> buy & sell on btc`",
    )
    recovery.forget_closing()
    recovery.skip()
    return True
