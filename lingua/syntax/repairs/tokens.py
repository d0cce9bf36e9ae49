"""Tokens that are wrong wherever they stand: characters, quotes, dates, numbers of other notations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.syntax import scanner
from lingua.syntax.repairs.edits import inserting, replacing
from lingua.syntax.scanner import Token
from lingua.syntax.source import Span
from lingua.syntax.wording import shown

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery


def odd_token(recovery: Recovery, token: Token) -> bool:
    """Bad characters, unclosed or foreign quotes, dates, numbers of other notations."""
    match token.kind:
        case scanner.OPEN_STRING:
            recovery.report(
                codes.UNCLOSED_STRING, token.span, help='close it with `"`', fixes=inserting('"', token.end)
            )
            return recovery.replace("STRING", token.text.rstrip("\\") + '"') or drop(recovery)
        case scanner.OTHER_QUOTES:
            inner = token.text[1:-1]
            right = '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'
            recovery.report(
                codes.OTHER_QUOTES,
                token.span,
                help=f"write {shown(right)}",
                fixes=replacing("use double quotes", token.span, right),
            )
            return recovery.replace("STRING", right) or drop(recovery)
        case scanner.DATE:
            return _date(recovery, token)
        case scanner.ODD_NUMBER:
            return _odd_number(recovery, token)
        case scanner.ODD_NAME:
            recovery.report(
                codes.BAD_CHARACTER,
                token.span,
                found=shown(token.text),
                help="names are made of a-z, A-Z, 0-9 and _",
            )
            return recovery.replace("NAME", token.text) or drop(recovery)
        case scanner.BAD:
            count = 1
            while recovery.raw(count).kind == scanner.BAD and recovery.raw(count).start == recovery.raw(count - 1).end:
                count += 1
            span = Span(token.start, recovery.raw(count - 1).end)
            text = recovery.text[span.start : span.end]
            name = shown(text) if text.isprintable() else f"the character U+{ord(text[0]):04X}"
            recovery.report(
                codes.BAD_CHARACTER,
                span,
                found=name,
                help="take it out",
                fixes=replacing("take it out", span, ""),
            )
            recovery.skip(count)
            return True
    return False


def drop(recovery: Recovery) -> bool:
    """The token is reported and cannot be put right: leave it out, and be quiet about what follows from that."""
    recovery.skip()
    recovery.silence()
    return True


def _date(recovery: Recovery, token: Token) -> bool:
    right = f'date("{token.text}")'
    recovery.report(
        codes.BARE_DATE,
        token.span,
        text=token.text,
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", token.span, right),
    )
    if not recovery.accepts("NAME"):
        return drop(recovery)
    for kind, text in (("NAME", "date"), ("LPAR", "("), ("STRING", f'"{token.text}"'), ("RPAR", ")")):
        recovery.machine.feed(Token(kind, text, token.start, token.end))
    recovery.skip()
    return True


DURATION_UNITS = {"min": "m", "mins": "m", "minute": "m", "minutes": "m", "H": "h", "hr": "h", "hrs": "h", "hour": "h",
          "hours": "h", "D": "d", "day": "d", "days": "d", "W": "w", "week": "w", "weeks": "w", "month": "mo",
          "months": "mo", "Y": "y", "year": "y", "years": "y", "sec": "s", "secs": "s", "S": "s"}  # fmt: skip
_SCALES = {"k": 1_000, "K": 1_000, "mio": 1_000_000, "MM": 1_000_000, "bn": 1_000_000_000}
_EXAMPLES = (
    "write a timeframe, a count and a unit: `15m`, `1h`, `1d`, `1w`, `1mo`",
    "write it like `15`, `0.5`, `1_000`, `10%`, `5bp`, `15m` or `20 bars`",
)
_ODD = re.compile(r"(\.?\d[\d_]*(?:\.\d+)?)([A-Za-z]+)")


def _odd_number(recovery: Recovery, token: Token) -> bool:
    kind, right = "NUMBER", ""
    parts = _ODD.fullmatch(token.text)
    if parts is not None and len(token.text) < 40:
        digits, unit = parts.groups()
        whole = digits.isdecimal()
        if unit in DURATION_UNITS and whole:
            kind, right = "DURATION", digits + DURATION_UNITS[unit]
        elif unit == "M" and whole and recovery.accepts("NUMBER"):
            right = f"{int(digits.replace('_', '')) * 1_000_000:_}"
        elif unit == "M" and whole:
            kind, right = "DURATION", digits + "mo"
        elif unit.lower() in _AVERAGES and whole and recovery.accepts("NAME"):
            return _average(recovery, token, _AVERAGES[unit.lower()], digits)
        elif unit == "x" and recovery.accepts("NUMBER"):
            return _times(recovery, token, digits)
        elif unit.lower() in ("pips", "pip"):
            right = f"{float(digits) * 0.0001:g}"
        elif unit in ("bps", "BP", "bips") and not digits.startswith("."):
            kind, right = "PERCENT", digits + "bp"
        elif unit == "r" and not digits.startswith("."):
            kind, right = "RMULT", digits + "R"
        elif unit in _SCALES:
            right = f"{float(digits.replace('_', '')) * _SCALES[unit]:_.0f}"
        elif unit in ("h", "m", "d", "w", "s") and "." in digits:
            minutes = float(digits) * {"h": 60, "m": 1, "d": 1440, "w": 10080, "s": 1 / 60}[unit]
            kind, right = "DURATION", f"{minutes:.0f}m"
    note = ("`15m` is minutes, `1mo` a month, `1_000_000` a million",) if token.text.endswith("M") else ()
    recovery.report(
        codes.BAD_NUMBER,
        token.span,
        text=token.text[:30],
        help=f"write `{right}`" if right else _EXAMPLES[recovery.accepts("NUMBER")],
        notes=note,
        fixes=replacing(f"write `{right}`", token.span, right) if right else (),
    )
    if recovery.replace(kind, right or "1"):
        return True
    # No name is written like this, so nothing more is said of it.
    recovery.broken.append(token.text)
    return recovery.replace("NAME", token.text) or drop(recovery)


_AVERAGES = {"ma": "sma", "sma": "sma", "dma": "sma", "ema": "ema", "wma": "wma", "dayma": "sma"}


def _average(recovery: Recovery, token: Token, function: str, length: str) -> bool:
    """`200ma`, `50EMA`"""
    right = f"{function}(close, {length})"
    recovery.report(
        codes.BAD_NUMBER, token.span, text=token.text, help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", token.span, right),
    )  # fmt: skip
    for kind, text in (("NAME", function), ("LPAR", "("), ("NAME", "close"), ("COMMA", ","), ("NUMBER", length)):
        recovery.machine.feed(Token(kind, text, token.start, token.end))
    return recovery.replace("RPAR", ")")


def _times(recovery: Recovery, token: Token, digits: str) -> bool:
    """`1.5x`: so many times what follows."""
    recovery.report(
        codes.BAD_NUMBER, token.span, text=token.text, help=f"write `{digits} *`",
        fixes=replacing(f"write `{digits} *`", token.span, f"{digits} *"),
    )  # fmt: skip
    recovery.replace("NUMBER", digits)
    return recovery.insert("STAR", "*")


def thousands(recovery: Recovery, token: Token) -> bool:
    """`100,000 USD`"""
    before, after = recovery.raw(-1), recovery.raw(1)
    if token.kind != "COMMA" or before.kind != "NUMBER" or before.end != token.start or after.start != token.end:
        return False
    if not re.match(r"\d{3}(?!\d)", after.text):
        return False
    span = Span(before.start, after.end)
    right = before.text + "_" + after.text
    recovery.report(
        codes.BAD_NUMBER,
        span,
        text=recovery.text[span.start : span.end],
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", span, right),
    )
    recovery.skip(2)
    return True


def times_range(recovery: Recovery, token: Token) -> bool:
    """`trail 3 atr`: so many times the range of a bar."""
    raw, before = recovery.raw(), recovery.raw(-1)
    name = raw.text.lower().removesuffix("s")
    if name not in ("atr", "natr") or before.kind != "NUMBER" or not recovery.accepts("STAR"):
        return False
    length = "" if recovery.raw(1).kind == "LPAR" else "14"
    right = f"{before.text} * {name}" + (f"({length})" if length else "")
    recovery.report(
        codes.MISSING, raw.span, sign="*", found=shown(raw.text), help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", before.span.to(raw.span), right),
    )  # fmt: skip
    recovery.insert("STAR", "*")
    if not length:
        return recovery.replace("NAME", name)
    recovery.replace("NAME", name)
    return recovery.insert("LPAR", "(") and recovery.insert("NUMBER", length) and recovery.insert("RPAR", ")")


def _every_bars(recovery: Recovery, token: Token) -> bool:
    """`every 5:`"""
    right = f"{token.text} bars"
    recovery.report(
        codes.BAD_NUMBER, token.span, text=token.text, help=f"write `{right}`, or a time such as `1d`",
        fixes=replacing(f"write `{right}`", token.span, right),
    )  # fmt: skip
    return recovery.replace("UNITNUM", right)


def _behind_verb(recovery: Recovery) -> bool:
    """Whether the machine reads the amount of an action."""
    machine = recovery.machine
    return any(machine.symbol(-k) in ("VERB", "verb") for k in range(1, min(8, len(machine.states))))


def timeframe(recovery: Recovery, token: Token) -> bool:
    """`trade BTCUSDT @ 1 day`, `@ 60`: a number where a timeframe stands."""
    if token.kind != "NUMBER" or not token.text.isdecimal() or not recovery.accepts("DURATION"):
        return False
    word, before = recovery.raw(1), recovery.raw(-1)
    unit = DURATION_UNITS.get(word.text) or (word.text if word.text in ("m", "h", "d", "w", "mo") else "")
    if before.text == "every" and not unit:
        return _every_bars(recovery, token)
    if before.text == "@" and not unit and _behind_verb(recovery):
        return False  # `buy 10% @ 150`: a price
    right = token.text + (unit or "m")
    span = Span(token.start, word.end if unit else token.end)
    recovery.report(
        codes.BAD_NUMBER,
        span,
        text=recovery.text[span.start : span.end],
        help=f"write `{right}`: a timeframe is a number and its unit (m, h, d, w, mo)",
        fixes=replacing(f"write `{right}`", span, right),
    )
    return recovery.replace("DURATION", right, 2 if unit else 1)
