"""What stands after `=>`: verbs, amounts, clauses, symbols."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Edit, Fix
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
    "at": ("market", "open", "auction", "limit", "stop", "twap", "vwap"),
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
    if before.text == "with" and raw.kind == WORD and right is None:
        # `trail_percent`, `stop_loss`
        right = next((word for word in known if raw.text.lower().startswith(word)), None)
    hint = {"at": "at market` for the next open, or `at limit close", "with": "with stop 2%", "of": "10% of equity"}
    help = f"write `{hint[before.text]}`"
    fixes: tuple[Fix, ...] = ()
    if right is not None:
        help = f"write `{before.text} {right}`"
        fixes = replacing(help, raw.span, right)
    elif before.text == "at":
        help, fixes = _kind_of_order(recovery)
    elif before.text == "with" and raw.kind in _DISTANCES and recovery.raw(1).text in ("stop", "target", "trail"):
        help = f"write `with {recovery.raw(1).text} {raw.text}`"
        fixes = replacing(help, raw.span.to(recovery.raw(1).span), f"{recovery.raw(1).text} {raw.text}")
    elif before.text == "with" and raw.kind in _DISTANCES:
        help = f"write `with stop {raw.text}`"
        fixes = inserting("stop ", raw.start)
    elif before.text == "of" and raw.text.lower() in _EQUITY:
        help = "write `of equity`"
        fixes = replacing(help, raw.span, "equity")
    recovery.report(
        codes.UNKNOWN_WORD, raw.span, word=raw.text[:30], known=", ".join(f"`{word}`" for word in known), help=help,
        fixes=fixes,
    )  # fmt: skip
    recovery.silence()
    return False


_DISTANCES = ("PERCENT", "NUMBER", "RMULT", "UNITNUM")
_EQUITY = frozenset(("account", "capital", "portfolio", "balance", "money", "funds", "nav"))
_NEXT = frozenset(("next", "the", "this", "tomorrow", "todays", "next_open"))
_GOES_ON = frozenset(("STAR", "SLASH", "PLUS", "MINUS", "LSQB", "CIRCUMFLEX", "LPAR", "DOT"))


def _kind_of_order(recovery: Recovery) -> tuple[str, tuple[Fix, ...]]:
    """What `at close`, `at 150`, `at high[1]`, `at next open` would be here."""
    raw, following = recovery.raw(), recovery.raw(1)
    if raw.text in _NEXT and following.text in ("open", "close", "bar", "market", "auction"):
        kind = {"open": "open", "auction": "auction", "close": "auction"}.get(following.text, "market")
        help = f"write `at {kind}`" + (", the close of the next session" if kind == "auction" else "")
        return help, replacing(f"write `at {kind}`", raw.span.to(following.span), kind)
    if raw.text in ("close", "price", "now", "once") and following.kind not in _GOES_ON:
        limit = "; at that price or better, `at limit close`" if raw.text in ("close", "price") else ""
        return f"write `at market` for the next open{limit}", replacing("write `at market`", raw.span, "market")
    kind = _breaks_out(recovery, raw.text)
    price = raw.text if following.kind not in _GOES_ON else f"{raw.text} …"
    other = "limit" if kind == "stop" else "stop"
    means = {"stop": "once the price has reached it", "limit": "at that price or better"}
    help = f"write `at {kind} {price}`, {means[kind]}, or `at {other} {price}`, {means[other]}"
    return help, inserting(f"{kind} ", raw.start)


def _breaks_out(recovery: Recovery, price: str) -> str:
    """`stop` for an order at a price that lies beyond the market on its side: `buy at high`; else `limit`."""
    verb = next((each for k in range(1, 12) if (each := recovery.raw(-k).text) in VERBS), "")
    ups, downs = ("high", "highest", "upper"), ("low", "lowest", "lower")
    beyond = (verb in ("buy", "cover") and price in ups) or (verb in ("sell", "short", "close") and price in downs)
    return "stop" if beyond else "limit"


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


TIMEFRAMES_MEANT = {
    "daily": "1d", "weekly": "1w", "monthly": "1mo", "hourly": "1h", "minute": "1m", "minutely": "1m", "day": "1d",
    "week": "1w", "month": "1mo", "hour": "1h", "d1": "1d", "h1": "1h", "h4": "4h", "m1": "1m", "m5": "5m",
    "m15": "15m", "m30": "30m", "w1": "1w", "mn1": "1mo",
}  # fmt: skip


def trade_timeframe(recovery: Recovery, token: Token) -> bool:
    """`trade AAPL, 1d`, `trade AAPL on 1d`, `trade AAPL 1d`: the timeframe follows `@`."""
    machine, raw = recovery.machine, recovery.raw()
    if item_of(recovery)[0] not in ("_TRADE", "_DATA"):
        return False
    behind_comma = machine.symbol(-1) == "COMMA"
    size = int(raw.text in ("on", "at", "timeframe", "tf"))
    length = recovery.raw(size)
    written = TIMEFRAMES_MEANT.get(length.text.lower(), "") if length.kind == WORD else ""
    if (length.kind != "DURATION" and not written) or not (behind_comma or recovery.accepts("AT")):
        return False
    if written:
        gap = Span(recovery.raw(-1 - behind_comma).end, length.end)
        recovery.report(
            codes.MISSING, Span(gap.start + 1, gap.end), sign="@", found=shown(length.text),
            help=f"write `@ {written}`", fixes=replacing(f"write `@ {written}`", gap, f" @ {written}"),
        )  # fmt: skip
        if behind_comma:
            machine.cut(-1)
        recovery.skip(size)
        return recovery.insert("AT", "@") and recovery.replace("DURATION", written)
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
    closing = recovery.closing()
    fixes: tuple[Fix, ...] = ()
    if closing is not None:
        gap = Span(len(recovery.text[: closing.start].rstrip()), closing.end)
        fixes = (Fix("take the brackets out", (Edit(Span(token.start, recovery.raw(1).start), ""), Edit(gap, ""))),)
    recovery.report(
        codes.UNEXPECTED, token.span, found=shown(token.text), expected="a verb",
        help="write actions without brackets, joined by `&`: `=> buy & sell on btc`", fixes=fixes,
    )  # fmt: skip
    recovery.forget_closing()
    recovery.skip()
    return True
