"""Orders as other platforms write them: `buy 100 shares next bar at market`, `buy qty=10`, `at high stop`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.syntax.repairs.edits import replacing, short
from lingua.syntax.repairs.places import item_of
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import shown
from lingua_grammar.tables import END

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

_AMOUNTS = frozenset("qty quantity size amount shares contracts units volume lots percent pct".split())  # noqa: SIM905 - words read best without quotes
_ATTACHED = {
    "stop": "stop at", "stop_loss": "stop at", "stoploss": "stop at", "sl": "stop at", "loss": "stop",
    "limit": "target at", "take_profit": "target at", "takeprofit": "target at", "tp": "target at", "profit": "target",
    "target": "target at",
}  # fmt: skip
_LITERALS = ("NUMBER", "PERCENT", "RMULT", "UNITNUM")
_AHEAD = 40


def order_phrase(recovery: Recovery, token: Token) -> bool:
    """Every phrase of this file; they stand behind the verb of a rule."""
    if item_of(recovery)[0] != "_RULE":
        return False
    return (
        _which_bar(recovery)
        or _named_amount(recovery, token)
        or _named_exit(recovery, token)
        or _kind_behind_price(recovery)
        or _two_verbs(recovery)
        or _share_of(recovery)
        or _order_without_at(recovery)
        or _at_sign(recovery)
        or _life_without_at(recovery)
        or _every_behind(recovery)
    )


def _which_bar(recovery: Recovery) -> bool:
    """`next bar at market`, `this bar on close`, `next bar at high stop`"""
    machine, raw = recovery.machine, recovery.raw()
    start, size = raw.start, 2
    if raw.text == "bar" and recovery.raw(-1).text in ("next", "this") and machine.symbol(-1) == "NAME":
        # The first word was taken for an amount.
        start, size = recovery.raw(-1).start, 1
        machine.cut(-1)
    elif raw.text not in ("next", "this") or recovery.raw(1).text not in ("bar", "candle"):
        return False
    end = recovery.raw(size - 1).end
    if recovery.raw(size).text == "on" and recovery.raw(size + 1).text in ("close", "open"):
        end = recovery.raw(size + 1).end
        size += 2
    text = recovery.text[start:end]
    recovery.report(
        codes.UNEXPECTED, Span(start, end), found=shown(text), expected="`at` or `with`",
        help=f"leave `{text}` out: every order works from the next bar on",
        fixes=replacing(f"take `{text}` out", Span(len(recovery.text[:start].rstrip()), end), ""),
    )  # fmt: skip
    recovery.skip(size)
    return True


def _named_amount(recovery: Recovery, token: Token) -> bool:
    """`buy qty=10`, `buy size: 0.1`"""
    machine, word, value = recovery.machine, recovery.raw(-1), recovery.raw(1)
    if token.kind not in ("EQUAL", "COLON") or word.text.lower() not in _AMOUNTS:
        return False
    if machine.symbol(-1) != "NAME" or machine.symbol(-2) not in ("VERB", "verb"):
        return False
    right = value.text
    if value.kind == "NUMBER" and word.text.lower() in ("size", "percent", "pct"):
        share = float(value.text.replace("_", ""))
        right = f"{share * (100 if share <= 1 and word.text.lower() == 'size' else 1):g}%"
    span = Span(word.start, value.end)
    verb = recovery.raw(-2).text
    recovery.report(
        codes.UNEXPECTED, Span(word.start, token.end), found=shown(f"{word.text}{token.text}"), expected="an amount",
        help=f"write the amount right after the verb: `{verb} {right}`",
        fixes=replacing(f"write `{verb} {right}`", span, right),
    )  # fmt: skip
    machine.cut(-1)
    recovery.skip()
    if value.kind == "NUMBER" and right.endswith("%"):
        return recovery.replace("PERCENT", right)
    return True


def _named_exit(recovery: Recovery, token: Token) -> bool:
    """`buy 10% stop=x`, `buy 10%, limit=x`: arguments of a call where exits stand."""
    comma = recovery.raw().kind == "COMMA"
    word, sign, value = recovery.raw(comma), recovery.raw(comma + 1), recovery.raw(comma + 2)
    written = _ATTACHED.get(word.text.lower())
    if written is None or sign.kind not in ("EQUAL", "COLON"):
        return False
    is_first = recovery.accepts("_WITH")
    if not is_first and not (comma and recovery.accepts("COMMA")):
        return False
    if value.kind in _LITERALS:
        written = written.removesuffix(" at")
    joined = ("with " if is_first else ", ") + written
    span = Span(recovery.raw().start, sign.end)
    recovery.report(
        codes.UNEXPECTED, Span(word.start, sign.end), found=shown(f"{word.text}{sign.text}"),
        expected="the exits of the order",
        help=f"write `{joined.lstrip(', ')} {short(value.text)}`",
        fixes=replacing(f"write `{joined}`", Span(span.start, value.start), f"{joined} "),
    )  # fmt: skip
    recovery.insert(*(("_WITH", "with") if is_first else ("COMMA", ",")))
    kind = "_STOP" if written.startswith("stop") else "_TARGET"
    if written.endswith(" at"):
        recovery.insert(kind, written.split()[0])
        return recovery.replace("LEVEL", "at", 2 + comma)
    return recovery.replace(kind, written.split()[0], 2 + comma)


def _two_verbs(recovery: Recovery) -> bool:
    """`sell short 10%`: the second verb was taken for an amount."""
    machine, first, second = recovery.machine, recovery.raw(-2), recovery.raw(-1)
    if first.text not in ("sell", "buy") or second.text not in ("short", "long", "cover"):
        return False
    if machine.symbol(-1) != "NAME" or machine.symbol(-2) not in ("VERB", "verb"):
        return False
    verb = "buy" if second.text == "long" else second.text
    span = Span(first.start, second.end)
    recovery.report(
        codes.MISSPELT_WORD, span, word=f"{first.text} {second.text}", right=verb, help=f"write `{verb}`",
        fixes=replacing(f"write `{verb}`", span, verb),
    )  # fmt: skip
    machine.cut(-2)
    return machine.feed(Token("VERB", verb, first.start, second.end))


def _share_of(recovery: Recovery) -> bool:
    """`buy 10% equity`"""
    raw = recovery.raw()
    if raw.text not in ("equity", "cash", "position", "allocation") or not recovery.accepts("_OF"):
        return False
    recovery.report(
        codes.MISSING, raw.span, sign="of", found=shown(raw.text), help=f"write `of {raw.text}`",
        fixes=replacing(f"write `of {raw.text}`", raw.span, f"of {raw.text}"),
    )  # fmt: skip
    return recovery.insert("_OF", "of") and recovery.replace("BASE", raw.text)


def _order_without_at(recovery: Recovery) -> bool:
    """`buy 10% limit 100`, `buy 10% @ market`"""
    sign = recovery.raw().text == "@"
    kind = recovery.raw(sign)
    if kind.text not in ("limit", "market") or not recovery.accepts("_AT_ORDER"):
        return False
    span = Span(recovery.raw().start, kind.end)
    recovery.report(
        codes.MISSING, span, sign="at", found=shown(kind.text), help=f"write `at {kind.text}`",
        fixes=replacing(f"write `at {kind.text}`", span, f"at {kind.text}"),
    )  # fmt: skip
    recovery.skip(sign)
    return recovery.insert("_AT_ORDER", "at")


def _at_sign(recovery: Recovery) -> bool:
    """`buy 10% @ limit 99`, `buy 10% @ 150`: the sign was read as that of a timeframe."""
    machine = recovery.machine
    size = 1 if recovery.raw(-1).text == "@" else 2
    sign = recovery.raw(-size)
    kind = recovery.raw(-1) if size == 2 else None
    if sign.text != "@" or (kind is not None and kind.text not in ("limit", "stop")):
        return False
    place = next((at for at in range(len(machine.states) - 1, 0, -1) if machine.ends[at] <= sign.start), 0)
    if not place:
        return False
    # Back to before the sign, and on as if `at` had stood there.
    machine.cut(place + 1)
    written = "limit" if kind is None else kind.text
    recovery.back_to(sign.start)
    recovery.skip()
    if not recovery.insert("_AT_ORDER", "at"):
        return False
    price = recovery.raw(0 if kind is None else 1)
    right = "at limit" if kind is None else "at"
    recovery.report(
        codes.MISSING, sign.span, sign="at", found=shown("@"), help=f"write `at {written} {short(price.text)}`",
        fixes=replacing(f"write `{right}`", sign.span, right),
    )  # fmt: skip
    return recovery.insert("_LIMIT", "limit") if kind is None else True


def _life_without_at(recovery: Recovery) -> bool:
    """`buy 10 shares for 3 bars`: how long an order works stands behind its kind."""
    raw = recovery.raw()
    if raw.text != "for" or not recovery.accepts("_AT_ORDER"):
        return False
    recovery.report(
        codes.MISSING, raw.span, sign="at market", found=shown("for"), help="write `at market for …`",
        fixes=replacing("write `at market for`", raw.span, "at market for"),
    )  # fmt: skip
    return recovery.insert("_AT_ORDER", "at") and recovery.insert("PLAIN_ORDER", "market")


_PERIODS = {"day": "daily", "week": "weekly", "month": "monthly", "hour": "hourly", "bar": "1 bars"}


def _every_behind(recovery: Recovery) -> bool:
    """`rule r: a > b every day => buy`: how often stands behind the name of the rule."""
    machine, word, period = recovery.machine, recovery.raw(), recovery.raw(1)
    _, place = item_of(recovery)
    if word.text not in ("every", "once") or machine.symbol(place + 2) not in ("COLON", "ONCE"):
        return False
    name_end = machine.ends[place + 1]
    size = 1 if word.text == "once" else 2
    written = word.text if size == 1 else f"every {_PERIODS.get(period.text, period.text)}"
    span = Span(word.start, recovery.raw(size - 1).end)
    gone = Span(len(recovery.text[: span.start].rstrip()), span.end)
    name = recovery.text[machine.starts[place + 1] : name_end]
    edits = (Edit(Span(name_end, name_end), f" {written}"), Edit(gone, ""))
    recovery.report(
        codes.UNEXPECTED, span, found=shown(recovery.text[span.start : span.end]), expected="`=>`",
        help=f"how often a rule acts stands behind its name: `rule {name} {written}: …`",
        fixes=(Fix(f"write `{written}` behind the name", edits),),
    )  # fmt: skip
    recovery.skip(size)
    return True


def _kind_behind_price(recovery: Recovery) -> bool:
    """`at high stop`, `at 150 limit`: the kind of the order stands before its price."""
    at = recovery.raw(-1)
    if at.text != "at" or recovery.raw().text in ("market", "open", "auction", "limit", "stop"):
        return False
    size = depth = 0
    while size < _AHEAD and recovery.raw(size).kind not in (END, "RBRACE", "SEMICOLON", "AMPERSAND", "VBAR"):
        each = recovery.raw(size)
        depth += (each.kind == "LPAR") - (each.kind == "RPAR")
        if each.kind == "COMMA" and depth <= 0:
            break
        if size and (each.text in ("with", "for", "tag") or recovery.starts_line(each)):
            return False
        if size and each.text in ("stop", "limit"):
            break
        size += 1
    kind = recovery.raw(size)
    if kind.text not in ("stop", "limit") or not size:
        return False
    price = recovery.text[recovery.raw().start : recovery.raw(size - 1).end]
    right = f"at {kind.text} {short(price)}"
    recovery.report(
        codes.MISSPELT_WORD, Span(at.start, kind.end), word=short(f"at {price} {kind.text}"), right=right,
        help=f"write `{right}`: the kind of an order stands before its price",
        fixes=(
            Fix(
                f"write `at {kind.text} …`",
                (
                    Edit(Span(recovery.raw().start, recovery.raw().start), f"{kind.text} "),
                    Edit(Span(recovery.raw(size - 1).end, kind.end), ""),
                ),
            ),
        ),
    )  # fmt: skip
    recovery.silence()
    return False


def broker_call(recovery: Recovery, token: Token) -> bool:
    """`=> strategy.entry("L", strategy.long)`, `=> self.buy()`, `=> OrderSend(…)`: a call where a verb stands."""
    if not recovery.accepts("VERB") or recovery.raw().kind != WORD:
        return False
    count = 1
    while recovery.raw(count).kind == "DOT" and recovery.raw(count + 1).kind == WORD:
        count += 2
    if recovery.raw(count).kind != "LPAR":
        return False
    name = recovery.text[recovery.raw().start : recovery.raw(count - 1).end]
    depth = 0
    while recovery.raw(count).kind != END:
        depth += (recovery.raw(count).kind == "LPAR") - (recovery.raw(count).kind == "RPAR")
        count += 1
        if depth == 0:
            break
    span = recovery.raw().span.to(recovery.raw(count - 1).span)
    call = recovery.text[span.start : span.end].lower()
    verb = _verb_of(name.lower(), call)
    if verb is None:
        return False
    if verb == "target":
        # order_target_percent(asset, 0.1): the weight is its last argument.
        weight = re.search(r"(-?\d*\.?\d+)\s*\)$", call)
        share = f"{float(weight.group(1)) * 100:g}%" if weight is not None else "10%"
        recovery.report(
            codes.ORDER_HABIT, span, help=f"write the verb and the weight: `=> target {share}`",
            fixes=replacing(f"write `target {share}`", span, f"target {share}"),
        )  # fmt: skip
        recovery.replace("VERB", verb, count)
        return recovery.insert("PERCENT", share.lstrip("-"))
    recovery.report(
        codes.ORDER_HABIT,
        span,
        help=f"write the verb alone: `=> {verb}`",
        fixes=replacing(f"write `{verb}`", span, verb),
    )
    return recovery.replace("CANCEL" if verb == "cancel" else "VERB", verb, count)


def _verb_of(name: str, call: str) -> str | None:
    """The verb that a broker's call stands for; None for a call that is none."""
    if "cancel" in name or "delete" in name:
        return "cancel"
    if "close" in name or "exit" in name or "liquidate" in name or "flatten" in name:
        return "close"
    if "cover" in name:
        return "cover"
    if "short" in call or "op_sell" in call or "order_type_sell" in call:
        return "short"
    if name.endswith(("target_percent", "setholdings")):
        return "target"
    if "sell" in name:
        return "sell"
    if any(word in name for word in ("buy", "order", "entry", "long", "enter")):
        return "buy"
    return None
