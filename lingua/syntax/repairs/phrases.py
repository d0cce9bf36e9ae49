"""What people write first: phrases of orders, exits and conditions that mean one thing, each with how it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.syntax.repairs.edits import replacing
from lingua.syntax.repairs.places import VALUE_KINDS, item_of
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import found, shown

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

EXITS = {"stop": "_STOP", "target": "_TARGET", "trail": "_TRAIL"}
_STANDS_FOR = {
    "sl": "stop", "stoploss": "stop", "stop_loss": "stop", "tp": "target", "takeprofit": "target",
    "take_profit": "target", "profit": "target", "trailing": "trail", "trailing_stop": "trail",
    "trailingstop": "trail",
}  # fmt: skip
_SECOND = {"stop": "loss", "take": "profit", "trailing": "stop", "profit": "target"}
"""Words of two that name an exit; the second says nothing more."""
_COMPARED = {"above": ">", "over": ">", "below": "<", "under": "<"}
_GOES = ("go", "enter", "open", "exit")
_SIDES = {"long": "buy", "short": "short", "flat": "close"}
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def exit_phrase(recovery: Recovery, token: Token) -> bool:
    """`buy 10% stop 5%`, `with stop loss 5%`, `with take profit 5%`, `with stop = 5%`, `stop 2% and target 4%`."""
    if item_of(recovery)[0] not in ("_RULE", "_PROTECT"):
        return False
    return (
        _other_word(recovery)
        or _without_with(recovery, token)
        or _two_words(recovery, token)
        or _signed(recovery, token)
        or _joined(recovery, token)
    )


def _without_with(recovery: Recovery, token: Token) -> bool:
    raw = recovery.raw()
    word, count = exit_at(recovery)
    if not word or recovery.raw(count).kind not in (*VALUE_KINDS, WORD):
        return False
    if not recovery.accepts("_WITH") or "_WITH" in _stack(recovery) or "with_clause" in _stack(recovery):
        return False
    recovery.report(
        codes.MISSING, raw.span, sign="with", found=found(raw), help=f"write `with {word} …`",
        fixes=replacing(f"write `with {word}`", Span(raw.start, recovery.raw(count - 1).end), f"with {word}"),
    )  # fmt: skip
    return recovery.insert("_WITH", "with") and recovery.replace(EXITS[word], word, count)


def _two_words(recovery: Recovery, token: Token) -> bool:
    """`stop loss`: the second word was taken for the distance."""
    machine = recovery.machine
    first, second = recovery.raw(-2), recovery.raw(-1)
    if machine.symbol(-1) != "NAME" or machine.symbol(-2) not in EXITS.values() or token.kind not in VALUE_KINDS:
        return False
    if _SECOND.get(first.text.lower()) != second.text.lower():
        return False
    _say(recovery, Span(first.start, second.end), first.text)
    machine.cut(-1)
    return True


def _other_word(recovery: Recovery) -> bool:
    """`with take profit 5%`, `with sl 2%`."""
    machine, raw, before = recovery.machine, recovery.raw(), recovery.raw(-1)
    word, count = exit_at(recovery)
    if not word or before.text not in ("with", ","):
        return False
    if before.text == "with" and machine.symbol(-1) == "NAME":
        # Nothing known followed it, so it was read as an amount.
        machine.cut(-1)
        machine.feed(Token("_WITH", "with", before.start, before.end))
    if not recovery.accepts(EXITS[word]):
        return False
    _say(recovery, Span(raw.start, recovery.raw(count - 1).end), word)
    return recovery.replace(EXITS[word], word, count)


def _signed(recovery: Recovery, token: Token) -> bool:
    if recovery.machine.symbol(-1) not in EXITS.values() or token.kind not in ("EQUAL", "COLON"):
        return False
    word = recovery.raw(-1).text
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found=shown(token.text),
        expected="a distance",
        help=f"write `{word} {recovery.raw(1).text}`",
        fixes=replacing(f"take `{token.text}` out", Span(recovery.raw(-1).end, recovery.raw(1).start), " "),
    )
    recovery.skip()
    return True


def _joined(recovery: Recovery, token: Token) -> bool:
    """`with stop 5% and target 10%`"""
    machine = recovery.machine
    word, sign = recovery.raw(-1), recovery.raw(-2)
    if machine.symbol(-1) != "NAME" or machine.symbol(-2) != "_AND" or word.text not in EXITS:
        return False
    if token.kind not in VALUE_KINDS or "_WITH" not in _stack(recovery):
        return False
    recovery.report(
        codes.UNEXPECTED,
        sign.span,
        found="`and`",
        expected="`,`",
        help=f"exits are listed with commas: `…, {word.text} {token.text}`",
        fixes=replacing("write `,`", Span(recovery.raw(-3).end, sign.end), ","),
    )
    machine.cut(-2)
    return machine.feed(Token("COMMA", ",", sign.start, sign.end)) and machine.feed(
        Token(EXITS[word.text], word.text, word.start, word.end)
    )


def exit_at(recovery: Recovery) -> tuple[str, int]:
    """The exit that the next words name, in whatever spelling, and how many words that are; "" for none."""
    first, second = recovery.raw(), recovery.raw(1)
    if first.kind != WORD:
        return "", 0
    text = first.text.lower()
    if _SECOND.get(text) == second.text.lower():
        return _STANDS_FOR.get("profit" if text == "take" else text, text), 2
    return (text if text in EXITS else _STANDS_FOR.get(text, "")), 1


def _say(recovery: Recovery, span: Span, right: str) -> None:
    word = recovery.text[span.start : span.end]
    recovery.report(
        codes.MISSPELT_WORD, span, word=word, right=right, help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", span, right),
    )  # fmt: skip


def _stack(recovery: Recovery) -> list[str]:
    machine = recovery.machine
    _, place = item_of(recovery)
    return [machine.symbol(at) for at in range(place, len(machine.states))]


def late_show(recovery: Recovery, token: Token) -> bool:
    """`at limit close for 3 bars show 2`: what an iceberg shows stands before how long it works."""
    if token.text != "show" or "_FOR" not in _stack(recovery):
        return False
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found="`show`",
        expected="the end of the order",
        help="write `show …` before `for …`: `at limit close show 2 for 3 bars`",
    )
    recovery.resync(statements=False)
    return True


def side_for_verb(recovery: Recovery, token: Token) -> bool:
    """`=> go long`, `=> enter short`, `=> exit long`"""
    raw, side = recovery.raw(), recovery.raw(1)
    if not recovery.accepts("VERB") or side.text not in _SIDES or raw.text.lower() not in _GOES:
        return False
    verb = _SIDES[side.text]
    if raw.text.lower() == "exit":
        verb = {"buy": "sell", "short": "cover"}.get(verb, verb)
    span = Span(raw.start, side.end)
    recovery.report(
        codes.UNKNOWN_WORD,
        span,
        word=recovery.text[span.start : span.end],
        known="`buy`, `sell`, `short`, `cover`, `close`, `target`",
        help=f"write `{verb}`",
        fixes=replacing(f"write `{verb}`", span, verb),
    )
    return recovery.replace("VERB", verb, 2)


def condition_phrase(recovery: Recovery, token: Token) -> bool:
    """`a > b, c > d`, `when a > b`, `a is above b`, `time > 9:30` in a condition."""
    if item_of(recovery)[0] not in ("_RULE", "_FILTER", "_LET", "_INDICATOR", "_ALERT"):
        return False
    machine = recovery.machine
    if token.kind == "COMMA" and item_of(recovery)[0] in ("_RULE", "_FILTER") and recovery.accepts("_AND"):
        recovery.report(
            codes.UNEXPECTED, token.span, found="`,`", expected="`and`", help="join conditions by `and`",
            fixes=replacing("write `and`", Span(recovery.raw(-1).end, token.end), " and"),
        )  # fmt: skip
        return recovery.replace("_AND", "and")
    if token.text in _COMPARED and recovery.raw(1).kind in (WORD, "NUMBER", "LPAR"):
        right, span = _COMPARED[token.text], token.span
        if machine.symbol(-1) == "_IS":
            span = Span(recovery.raw(-1).start, token.end)
            machine.cut(-1)
        if not machine.accepts("GT"):
            return False
        crossing = "above" if right == ">" else "below"
        recovery.report(
            codes.UNEXPECTED, span, found=shown(recovery.text[span.start : span.end]), expected="a comparison",
            help=f"write `{right}`, or `crosses {crossing}` for the bar on which it happens",
            fixes=replacing(f"write `{right}`", span, right),
        )  # fmt: skip
        return recovery.replace("GT" if right == ">" else "LT", right)
    before = recovery.raw(-1)
    if machine.symbol(-1) == "NAME" and before.text in ("when", "while") and machine.symbol(-2) == "COLON":
        recovery.report(
            codes.UNEXPECTED, before.span, found=shown(before.text), expected="the condition",
            help=f"the condition follows the colon: leave out `{before.text}`",
            fixes=replacing(f"take `{before.text}` out", Span(before.start, token.start), ""),
        )  # fmt: skip
        machine.cut(-1)
        recovery.back_to(token.start)
        return True
    if token.kind == "COLON" and _CLOCK.fullmatch(recovery.text[before.start : recovery.raw(1).end]):
        span = Span(before.start, recovery.raw(1).end)
        recovery.report(
            codes.UNEXPECTED, span, found=shown(recovery.text[span.start : span.end]), expected="a value",
            help='hours of the day are a session: `time in session("09:30-16:00", "America/New_York")`',
        )  # fmt: skip
        recovery.skip(2)
        if machine.symbol(-1) == "NUMBER":
            # A name nobody can have, so that nothing more is said of this value.
            text = recovery.text[span.start : span.end]
            recovery.broken.append(text)
            machine.cut(-1)
            machine.feed(Token("NAME", text, span.start, span.end))
        return True
    return False


def domain_phrase(recovery: Recovery, token: Token) -> bool:
    """`param n = 14 from 5 to 30`, `param n = 5..30`"""
    item, _ = item_of(recovery)
    if item != "_PARAM":
        return False
    if token.text in ("from", "between", "range", "within") and recovery.accepts("_IN"):
        recovery.report(
            codes.UNEXPECTED, token.span, found=shown(token.text), expected="`in`", help="write it as `in 5..30`",
            fixes=replacing("write `in`", token.span, "in"),
        )  # fmt: skip
        return recovery.replace("_IN", "in")
    if token.kind == "RANGE" and recovery.machine.symbol(-1) == "NUMBER" and recovery.machine.symbol(-2) == "EQUAL":
        before = recovery.machine.values[-1]  # not the token before this one: that may have been dropped
        low, high = before.text, recovery.raw(1).text
        recovery.report(
            codes.MISSING, before.span, sign="the default", found="the domain",
            help=f"say where the search begins: `= {high} in {low}..{high}`",
        )  # fmt: skip
        return recovery.insert("_IN", "in") and recovery.insert("NUMBER", low)
    return False


def risk_without_braces(recovery: Recovery, token: Token) -> bool:
    """`risk 1%` as a line of its own."""
    if recovery.machine.symbol(-1) != "_RISK" or token.kind not in (*VALUE_KINDS, "NAME"):
        return False
    recovery.report(
        codes.MISSING, token.span, sign="{", found=found(token),
        help="`size: risk 1%` sizes entries by their stops; limits stand in braces: `risk { max_drawdown 15% }`",
    )  # fmt: skip
    recovery.resync(statements=False)
    return True


_EFFECTS = {
    "stop": "halt",
    "pause": "halt",
    "disable": "halt",
    "close": "flatten",
    "exit": "flatten",
    "liquidate": "flatten",
}
_LIMIT_STARTS = ("max", "daily", "weekly", "maximum")


def limit_phrase(recovery: Recovery, token: Token) -> bool:
    """`risk { max drawdown 15% => stop trading }`"""
    machine, raw = recovery.machine, recovery.raw()
    effect = _EFFECTS.get(raw.text.lower())
    if effect is not None and recovery.accepts("EFFECT"):
        count = 1 + (recovery.raw(1).kind == WORD and not recovery.starts_line(recovery.raw(1)))
        _say(recovery, Span(raw.start, recovery.raw(count - 1).end), effect)
        return recovery.replace("EFFECT", effect, count)
    first, second = recovery.raw(-2), recovery.raw(-1)
    if first.text.lower() not in _LIMIT_STARTS or second.kind != WORD or token.kind not in VALUE_KINDS:
        return False
    if machine.symbol(-1) != "NAME" or machine.symbol(-2) != "NAME":
        return False
    right = f"{first.text.lower().removesuffix('imum')}_{second.text.lower()}"
    _say(recovery, Span(first.start, second.end), right)
    machine.cut(-2)
    return machine.feed(Token("NAME", right, first.start, second.end))
