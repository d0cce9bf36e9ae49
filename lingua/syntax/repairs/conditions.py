"""Conditions as people and other platforms say them: `close of 1 bar ago`, `is greater than`, `not in position`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.syntax.blocks import words_by_block
from lingua.syntax.repairs.edits import replacing, short
from lingua.syntax.repairs.places import VALUE_KINDS, item_of
from lingua.syntax.repairs.tokens import DURATION_UNITS
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import shown
from lingua_grammar.tables import END

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

_EARLIER = frozenset({"yesterday", "yesterdays", "previous", "prev", "prior", "last", "preceding"})
_PRICES = frozenset({"open", "high", "low", "close", "volume", "hl2", "hlc3", "ohlc4"})
_COMPARES = {
    "greater than or equal to": ">=", "less than or equal to": "<=", "greater than": ">", "less than": "<",
    "more than": ">", "higher than": ">", "lower than": "<", "bigger than": ">", "smaller than": "<",
    "equal to": "==", "not equal to": "!=", "equals": "==", "at least": ">=", "at most": "<=",
}  # fmt: skip
_SIGN_KINDS = {">": "GT", "<": "LT", ">=": "GE", "<=": "LE", "==": "EQ", "!=": "NE"}
_UP = frozenset({"up", "upward", "upwards", "upside", "from_below"})
_DOWN = frozenset({"down", "downward", "downwards", "downside", "from_above"})
_HELD = frozenset({"position", "market", "trade", "a"})
_OPENING = ("EQUAL", "COLON", "LPAR", "COMMA", "LSQB", "ARROW", "_AND", "_OR", "_THEN", "_ELSE")


def platform_object(recovery: Recovery, token: Token) -> bool:
    """`strategy.position_size` in a condition: let it be read as a name, which is translated later."""
    raw = recovery.raw()
    if raw.text != "strategy" or recovery.raw(1).kind != "DOT" or not recovery.accepts("NAME"):
        return False
    return recovery.replace("NAME", raw.text)


def worded_condition(recovery: Recovery, token: Token) -> bool:
    """Every phrase of this file that may stand where an operator or a value should."""
    if not item_of(recovery)[0]:
        return False
    return (
        _bars_ago(recovery)
        or _earlier_price(recovery)
        or _worded_comparison(recovery)
        or _direction_of_crossing(recovery)
        or _in_position(recovery)
        or _after_a_while(recovery)
        or _since_entry(recovery)
        or _on_timeframe(recovery)
        or _lone_if(recovery, token)
        or _slice(recovery, token)
        or _choice_behind(recovery, token)
        or _compared_with_truth(recovery)
    )


def _say(recovery: Recovery, span: Span, right: str, written: str = "") -> None:
    recovery.report(
        codes.MISSPELT_WORD, span, word=short(written or recovery.text[span.start : span.end]), right=right,
        help=f"write `{right}`", fixes=replacing(f"write `{right}`", span, right),
    )  # fmt: skip


def _bars_ago(recovery: Recovery) -> bool:
    """`close of 1 bar ago`, `close from 2 bars ago`, `close 3 days ago`"""
    skip = recovery.raw().text in ("of", "from")
    count, word = recovery.raw(skip), recovery.raw(skip + 1)
    size = skip + 2
    if count.kind == "NUMBER" and word.text in (*DURATION_UNITS, "bar", "bars"):
        word, size = recovery.raw(skip + 2), size + 1
    if count.kind not in ("NUMBER", "UNITNUM", "DURATION") or word.text != "ago" or not recovery.accepts("LSQB"):
        return False
    digits = "".join(sign for sign in count.text if sign.isdecimal()) or "1"
    before = recovery.raw(-1)
    span = Span(before.end, word.end)
    whole = Span(before.start, word.end)
    right = f"{before.text}[{digits}]"
    recovery.report(
        codes.MISSPELT_WORD, whole, word=recovery.text[whole.start : whole.end], right=right, help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", span, f"[{digits}]"),
    )  # fmt: skip
    recovery.insert("LSQB", "[")
    recovery.insert("NUMBER", digits)
    return recovery.replace("RSQB", "]", size)


def _earlier_price(recovery: Recovery) -> bool:
    """`yesterday high`, `previous close`, `prev close`"""
    before, price = recovery.raw(-1), recovery.raw()
    is_earlier = before.kind == WORD and before.text.lower().removesuffix("'s") in _EARLIER
    if not is_earlier or price.text not in _PRICES or recovery.machine.symbol(-1) != "NAME":
        return False
    _say(recovery, Span(before.start, price.end), f"{price.text}[1]")
    recovery.machine.cut(-1)
    recovery.replace("NAME", price.text)
    return recovery.insert("LSQB", "[") and recovery.insert("NUMBER", "1") and recovery.insert("RSQB", "]")


def _worded_comparison(recovery: Recovery) -> bool:
    """`is greater than`, `is at least`, `equals`; `is above` is told elsewhere."""
    words: list[Token] = []
    while len(words) < 6 and recovery.raw(len(words)).kind == WORD:
        words.append(recovery.raw(len(words)))
    for size in range(len(words), 0, -1):
        sign = _COMPARES.get(" ".join(word.text.lower() for word in words[:size]))
        if sign is None:
            continue
        machine, start = recovery.machine, words[0].start
        if machine.symbol(-1) == "_IS":
            start = recovery.raw(-1).start
            machine.cut(-1)
        elif machine.symbol(-1) == "IS_NOT" or not recovery.accepts(_SIGN_KINDS[sign]):
            return False
        _say(recovery, Span(start, words[size - 1].end), sign)
        return recovery.replace(_SIGN_KINDS[sign], sign, size)
    return False


def _direction_of_crossing(recovery: Recovery) -> bool:
    """`a crosses up b`, `a crosses b from below`"""
    machine, raw = recovery.machine, recovery.raw()
    before, first = recovery.raw(-1), recovery.raw(-2)
    if first.text == "crosses" and machine.symbol(-1) == "NAME" and before.text.lower() in _UP | _DOWN:
        right = "crosses above" if before.text.lower() in _UP else "crosses below"
        _say(recovery, Span(first.start, before.end), right)
        machine.cut(-2)
        return machine.feed(Token(right.upper().replace(" ", "_"), right, first.start, before.end))
    side = recovery.raw(1)
    if raw.text != "from" or side.text not in ("below", "above", "beneath", "under"):
        return False
    back = 1
    while recovery.raw(-back).kind not in ("COLON", "EQUAL") and recovery.raw(-back).text != "crosses":
        back += 1
    crosses = recovery.raw(-back)
    if crosses.text != "crosses":
        return False
    right = "crosses below" if side.text == "above" else "crosses above"
    recovery.report(
        codes.MISSPELT_WORD, Span(raw.start, side.end), word=f"crosses … {raw.text} {side.text}", right=f"{right} …",
        help=f"write `{right} {short(recovery.text[crosses.end : raw.start].strip())}`",
        fixes=(
            Fix(f"write `{right}`", (Edit(crosses.span, right), Edit(Span(recovery.raw(-1).end, side.end), ""))),
        ),
    )  # fmt: skip
    recovery.skip(2)
    return True


def _in_position(recovery: Recovery) -> bool:
    """`in position`, `not in position`, `not in a trade`"""
    raw, machine = recovery.raw(), recovery.machine
    size = 2 + (recovery.raw(1).text == "a")
    if raw.text != "in" or recovery.raw(size - 1).text not in _HELD - {"a"}:
        return False
    is_flat = machine.symbol(-1) == "_NOT"
    start = recovery.raw(-1).start if is_flat else raw.start
    if is_flat:
        machine.cut(-1)
    elif not recovery.accepts("NAME"):
        return False
    sign = "==" if is_flat else "!="
    _say(recovery, Span(start, recovery.raw(size - 1).end), f"position {sign} 0")
    recovery.insert("NAME", "position")
    recovery.insert("EQ" if is_flat else "NE", sign)
    return recovery.replace("NUMBER", "0", size)


def _after_a_while(recovery: Recovery) -> bool:
    """`after 5 days`, `after 10 bars` as a condition"""
    machine, before, count = recovery.machine, recovery.raw(-1), recovery.raw()
    if machine.symbol(-1) != "NAME" or before.text not in ("after", "held", "since"):
        return False
    if count.kind not in ("NUMBER", "UNITNUM", "DURATION"):
        return False
    size = 1 + (count.kind == "NUMBER" and recovery.raw(1).kind == WORD and recovery.raw(1).text in _LENGTHS)
    digits = "".join(sign for sign in count.text if sign.isdecimal())
    _say(recovery, Span(before.start, recovery.raw(size - 1).end), f"bars_in_trade >= {digits}")
    machine.cut(-1)
    recovery.insert("NAME", "bars_in_trade")
    recovery.insert("GE", ">=")
    return recovery.replace("NUMBER", digits, size)


def _since_entry(recovery: Recovery) -> bool:
    """`bars since entry > 5`"""
    before, raw = recovery.raw(-1), recovery.raw()
    if before.text not in ("bars", "days", "candles", "time") or raw.text != "since" or recovery.raw(1).text != "entry":
        return False
    if recovery.machine.symbol(-1) != "NAME":
        return False
    _say(recovery, Span(before.start, recovery.raw(1).end), "bars_in_trade")
    recovery.machine.cut(-1)
    return recovery.replace("NAME", "bars_in_trade", 2)


def _on_timeframe(recovery: Recovery) -> bool:
    """`ema(close, 20) on 1w`"""
    raw, length = recovery.raw(), recovery.raw(1)
    if raw.text not in ("on", "at") or length.kind != "DURATION" or not recovery.accepts("AT"):
        return False
    _say(recovery, Span(recovery.raw(-1).end, length.end), f"@{length.text}", f"{raw.text} {length.text}")
    return recovery.replace("AT", "@")


def _lone_if(recovery: Recovery, token: Token) -> bool:
    """`rule r: if close > open => buy`"""
    machine = recovery.machine
    item, place = item_of(recovery)
    if token.kind != "ARROW" or item != "_RULE" or len(machine.states) <= place + 3:
        return False
    if machine.symbol(place + 3) != "_IF":
        return False
    start = machine.starts[place + 3]
    recovery.report(
        codes.UNEXPECTED, Span(start, start + 2), found="`if`", expected="the condition",
        help="leave `if` out: the condition follows the colon",
        fixes=replacing("take `if` out", Span(start, machine.starts[place + 4]), ""),
    )  # fmt: skip
    condition = machine.starts[place + 4]
    machine.cut(place + 3)
    recovery.back_to(condition)
    return True


_LENGTHS = frozenset({*DURATION_UNITS, "bar", "bars", "candles", "candle"})


def _slice(recovery: Recovery, token: Token) -> bool:
    """`close[-5:]`, `close[0:10]`"""
    machine = recovery.machine
    opening = next((at for at in range(len(machine.states) - 1, 0, -1) if machine.symbol(at) == "LSQB"), 0)
    if token.kind != "COLON" or not opening or machine.symbol(opening - 1) not in ("postfix", "NAME", "atom"):
        return False
    if any(machine.symbol(at) == "LPAR" for at in range(opening, len(machine.states))):
        return False
    count = 0
    while recovery.raw(count).kind not in ("RSQB", "RBRACE", "ARROW", END):
        count += 1
    span = Span(machine.starts[opening], recovery.raw(count).end)
    source = recovery.text[machine.starts[opening - 1] : machine.ends[opening - 1]]
    digits = "".join(sign for sign in recovery.text[span.start : span.end] if sign.isdecimal()) or "20"
    recovery.report(
        codes.UNEXPECTED, span, found=f"the slice {shown(recovery.text[span.start : span.end])}",
        expected="a number of bars",
        help=f"ask a function of a window: `sma({short(source)}, {digits})`, `highest({short(source)}, {digits})`",
    )  # fmt: skip
    recovery.resync(statements=False)
    return True


def _choice_behind(recovery: Recovery, token: Token) -> bool:
    """Python's `x if condition else y`"""
    machine = recovery.machine
    if token.kind != "_IF" or recovery.starts_line(token):
        return False
    index, depth = 1, 0
    while depth >= 0 and not (depth == 0 and recovery.raw(index).text == "else"):
        kind = recovery.raw(index).kind
        depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
        if kind in (END, "RBRACE", "ARROW"):
            return False
        index += 1
    place = next((at for at in range(len(machine.states) - 1, 0, -1) if machine.symbol(at) in _OPENING), 0)
    if not place or place + 1 >= len(machine.states) or depth < 0:
        return False
    start, end = machine.starts[place + 1], machine.ends[-1]
    value = recovery.text[start:end]
    condition = recovery.text[token.end : recovery.raw(index).start].strip()
    right = f"if {short(condition)} then {short(value)} else …"
    recovery.report(
        codes.UNEXPECTED, Span(start, recovery.raw(index).end), found="a choice written behind its value",
        expected="`if … then … else …`", help=f"write `{right}`",
        fixes=(
            Fix(
                "write `if … then … else …`",
                (
                    Edit(Span(start, start), f"if {condition} then "),
                    Edit(Span(end, recovery.raw(index).start), " "),
                ),
            ),
        ),
    )  # fmt: skip
    recovery.resync(statements=False)
    return True


def _compared_with_truth(recovery: Recovery) -> bool:
    """`a > b == true`: a comparison is true or false already."""
    sign, truth = recovery.raw(), recovery.raw(1)
    if sign.kind not in ("EQUAL", "EQ", "NE") or truth.text.lower() not in ("true", "false"):
        return False
    if not recovery.machine.settle("_AND") and not recovery.accepts("ARROW"):
        return False
    is_plain = (truth.text.lower() == "true") == (sign.kind != "NE")
    span = Span(recovery.raw(-1).end, truth.end)
    recovery.report(
        codes.CHAINED_COMPARISON, Span(sign.start, truth.end),
        help=f"leave `{sign.text} {truth.text}` out: a comparison is true or false already" if is_plain
        else "write `not (…)` around the comparison",
        fixes=replacing(f"take `{sign.text} {truth.text}` out", span, "") if is_plain else (),
    )  # fmt: skip
    recovery.skip(2)
    return True


def _item_below(recovery: Recovery, word: Token) -> bool:
    """`let a = close +` and on the next line `let b = …`, whose first word was read as the missing value."""
    _, place = item_of(recovery)
    if not place or recovery.machine.symbol(-1) != "NAME":
        return False
    recovery.back_to(word.start)
    before = recovery.raw(-1)
    start = recovery.machine.starts[place]
    recovery.report(
        codes.INCOMPLETE, before.span, what=shown(recovery.text[start : before.end]), expected="a value",
        help=f"go on with a value after {shown(before.text)}",
    )  # fmt: skip
    recovery.machine.cut(-1)
    recovery.resync(statements=False)
    return True


def side_by_side(recovery: Recovery, token: Token) -> bool:
    """`average volume`: two values with nothing between them."""
    before, raw = recovery.raw(-1), recovery.raw()
    if before.text in words_by_block()["strategy"] and recovery.starts_line(before) and raw.kind == WORD:
        return _item_below(recovery, before)
    if recovery.starts_line(raw) or raw.kind not in VALUE_KINDS - {"MINUS", "LSQB"} or not recovery.accepts("STAR"):
        return False
    if before.kind not in VALUE_KINDS | {"RPAR", "RSQB"} or raw.text in recovery.lexer.tables.words:
        return False
    left, right = short(before.text), short(raw.text)
    help = f"write an operator between them, such as `{left} * {right}`"
    if before.kind == WORD and raw.kind == WORD:
        help = f"write an operator between them, or, to call a function, `{left}({right})`; a name is one word"
    recovery.report(
        codes.UNEXPECTED, raw.span, found=f"{shown(right)} right after {shown(left)}",
        expected="an operator", help=help,
    )  # fmt: skip
    recovery.silence()
    return False
