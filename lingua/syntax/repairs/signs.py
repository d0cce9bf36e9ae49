"""The signs that hold an item together: `:`, `=`, `=>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.syntax.blocks import block_of
from lingua.syntax.repairs.actions import verb_meant
from lingua.syntax.repairs.edits import inserting, replacing, short
from lingua.syntax.repairs.places import ITEM_KEYWORDS, VALUE_KINDS, item_of
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import found, shown
from lingua_grammar.tables import END

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery


def action_sign(recovery: Recovery, token: Token) -> bool:
    """A missing `=>`, or `then`, `->`, `:`, `{` in its place."""
    item, _ = item_of(recovery)
    if item not in ("_RULE", "_ALERT", "_STATE") or not recovery.accepts("ARROW"):
        return False
    raw = recovery.raw()
    if item == "_RULE" and raw.kind == WORD and verb_meant(raw.text) and not recovery.accepts(token.kind):
        recovery.report(
            codes.MISSING,
            raw.span,
            sign="=>",
            found=found(raw),
            help=f"write `=> {verb_meant(raw.text)}`",
            fixes=inserting("=> ", raw.start),
        )
        return recovery.insert("ARROW", "=>")
    if token.kind == "STRING" and item == "_ALERT":
        recovery.report(
            codes.MISSING,
            token.span,
            sign="=>",
            found="the text",
            help='write `=> "…"`',
            fixes=inserting("=> ", token.start),
        )
        return recovery.insert("ARROW", "=>")
    follows = recovery.raw(1)
    wrong = token.kind in ("GIVES", "_THEN", "COLON", "LBRACE", "EQUAL", "SEMICOLON", "COMMA")
    if wrong and (item == "_STATE" or (follows.kind == WORD and verb_meant(follows.text))):
        recovery.report(
            codes.WRONG_SIGN,
            token.span,
            sign=token.text,
            after="the start value" if item == "_STATE" else "the condition",
            right="=>",
            help="write `=>`",
            fixes=replacing("write `=>`", token.span, "=>"),
        )
        if token.kind == "LBRACE":
            recovery.forget_closing()
        return recovery.replace("ARROW", "=>")
    return False


def item_sign(recovery: Recovery, token: Token) -> bool:
    """The `:` of a rule or the `=` of a definition is missing, or another sign stands there."""
    item, place = item_of(recovery)
    machine = recovery.machine
    heads = machine.symbol(-1) in ("ONCE", "every") or (
        machine.symbol(-1) == "NAME" and len(machine.states) == place + 2
    )
    if item in ("_RULE", "_FILTER", "_ALERT") and heads:
        return _sign(recovery, token, "COLON", ":", codes.MISSING)
    if item in ("_LET", "_INDICATOR", "_PARAM", "_STATE", "_SIGNAL", "_DATA", "_CONST", "_UNIVERSE", "_FN", "_GIVEN"):
        typed = machine.symbol(-1) in ("type", "NAME", "RSQB", "GT") and len(machine.states) - place == 4
        colon = typed and machine.symbol(place + 2) == "COLON"
        if colon and (
            token.kind in ("LPAR", "DOT", "LSQB", "PLUS", "MINUS", "STAR", "SLASH", "AT") or _is_end(recovery)
        ):
            return _colon_for_equals(recovery, place)
        if (
            machine.symbol(-1) == "COLON"
            and machine.symbol(-2) == "NAME"
            and token.kind in VALUE_KINDS | {"FOLD", "_IF"}
        ):
            return _colon_for_equals(recovery, place)
        if recovery.accepts("EQUAL"):
            return _sign(recovery, token, "EQUAL", "=", codes.MISSING)
    return False


_NAMED = {
    "_STRATEGY": ("LBRACE", "COLON"), "_PORTFOLIO": ("LBRACE",), "_RULE": ("COLON",), "_FILTER": ("COLON",),
    "_ALERT": ("COLON",), "_INDICATOR": ("EQUAL",), "_LET": ("EQUAL",), "_PARAM": ("EQUAL",), "_STATE": ("EQUAL",),
    "_SIGNAL": ("EQUAL",), "_DATA": ("EQUAL",), "_CONST": ("EQUAL",),
}  # fmt: skip
MOST_WORDS = 6


def name_of_words(recovery: Recovery, token: Token) -> bool:
    """`strategy My Strategy {`, `rule my entry:`, `let my average =`: a name is one word."""
    machine = recovery.machine
    item, place = item_of(recovery)
    if item not in _NAMED or len(machine.states) != place + 2 or machine.symbol(-1) != "NAME":
        return False
    count = 0
    while count < MOST_WORDS and recovery.raw(count).kind in (WORD, "NUMBER", "MINUS"):
        count += 1
    if not count or recovery.raw(count).kind not in _NAMED[item] or recovery.starts_line(recovery.raw()):
        return False
    span = Span(recovery.raw(-1).start, recovery.raw(count - 1).end)
    written = recovery.text[span.start : span.end]
    right = "_".join(written.replace("-", " ").split())
    recovery.report(
        codes.MISSPELT_WORD, span, word=short(written), right=right, help=f"write `{right}`: a name is one word",
        fixes=replacing(f"write `{right}`", span, right),
    )  # fmt: skip
    machine.cut(-1)
    recovery.back_to(span.start)
    return recovery.replace("NAME", right, count + 1)


def _is_end(recovery: Recovery) -> bool:
    return recovery.raw().kind in (END, "RBRACE", "SEMICOLON") or recovery.starts_line(recovery.raw())


def _sign(recovery: Recovery, token: Token, kind: str, sign: str, code: object) -> bool:
    wrong = {"COLON", "EQUAL", "ARROW", "GIVES", "EQ"} - {kind}
    if not recovery.accepts(kind):
        return False
    if token.kind in wrong:
        if token.kind == "ARROW" and kind == "COLON":
            return False
        recovery.report(
            codes.WRONG_SIGN,
            token.span,
            sign=token.text,
            after=shown(recovery.raw(-1).text),
            right=sign,
            help=f"write `{sign}`",
            fixes=replacing(f"write `{sign}`", token.span, sign),
        )
        return recovery.replace(kind, sign)
    if token.kind not in VALUE_KINDS | {"NAME", "_NOT", "_IF", "_TRUE", "_FALSE", "_NA", "FOLD", "_MATCH", "SIDE_WHEN"}:
        return False
    if recovery.starts_line(token) and recovery.raw().text in recovery.lexer.tables.words:
        return False
    before = recovery.raw(-1)
    if token.text in ("when", "if", "while", "where") and sign == ":" and token.kind in ("NAME", "_IF"):
        recovery.report(
            codes.WRONG_SIGN, token.span, sign=token.text, after=shown(before.text), right=sign, help="write `:`",
            fixes=replacing("write `:`", Span(before.end, token.end), ":"),
        )  # fmt: skip
        return recovery.replace(kind, sign)
    recovery.report(
        codes.MISSING,
        token.span,
        sign=sign,
        found=found(token),
        help=f"write `{short(before.text)}{'' if sign == ':' else ' '}{sign} {short(token.text)}…`",
        fixes=inserting(sign if sign == ":" else " =", before.end),
    )
    return recovery.insert(kind, sign)


def _colon_for_equals(recovery: Recovery, place: int) -> bool:
    """`indicator x: ema(close, 12)`: back to the colon, which should have been `=`."""
    machine = recovery.machine
    colon = machine.values[place + 2]
    recovery.report(
        codes.WRONG_SIGN,
        colon.span,
        sign=":",
        after=shown(machine.values[place + 1].text),
        right="=",
        help="write `=` before the value; `:` stands before a type",
        fixes=replacing("write `=`", colon.span, " ="),
    )
    machine.cut(place + 2)
    recovery.back_to(colon.start)
    return recovery.replace("EQUAL", "=")


def colon_after_keyword(recovery: Recovery, token: Token) -> bool:
    """`direction: long`, `trade = BTCUSDT`, `size = 10%`."""
    machine = recovery.machine
    keyword = machine.symbol(-1)
    if token.kind == "LBRACE" and keyword in ("_STRATEGY", "_PORTFOLIO"):
        return _missing_name(recovery, token)
    if token.kind not in ("COLON", "EQUAL") or keyword not in ITEM_KEYWORDS:
        return False
    if keyword in (
        "_LET",
        "_INDICATOR",
        "_RULE",
        "_PARAM",
        "_STATE",
        "_SIGNAL",
        "_FILTER",
        "_DATA",
        "_ALERT",
        "_CONST",
    ):
        return _missing_name(recovery, token)
    word = recovery.raw(-1).text
    takes_colon = recovery.accepts("COLON")
    if keyword == "_RISK" and recovery.raw(1).kind != "LBRACE":
        recovery.report(
            codes.UNEXPECTED,
            token.span,
            found=shown(token.text),
            expected="`{`",
            help="`risk { … }` holds limits; the size of orders is `size: risk 1%`",
        )
        recovery.resync(statements=False)
        return True
    right = ":" if takes_colon else ""
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found=shown(token.text),
        expected="`:`" if takes_colon else "a value",
        help=f"write `{word}{right} …`",
        fixes=replacing(f"write `{word}{right}`", Span(recovery.raw(-1).end, token.end), right or " "),
    )
    if takes_colon:
        return recovery.replace("COLON", ":")
    recovery.skip()
    return True


def _missing_name(recovery: Recovery, token: Token) -> bool:
    word = recovery.raw(-1).text
    recovery.report(
        codes.UNEXPECTED,
        token.span,
        found=shown(token.text),
        expected="a name",
        help=f"write `{word} name {token.text} …`",
        fixes=inserting(f" {word}_1", recovery.raw(-1).end),
    )
    return recovery.insert("NAME", f"{word}_1")


def setting_sign(recovery: Recovery, token: Token) -> bool:
    """`slippage 3bp`, `slippage = 3bp` among settings; `max_open: 5` among limits."""
    block = block_of(recovery.machine)
    raw = recovery.raw()
    if block is not None and block.kind == "settings" and raw.kind == WORD and token.kind == "NAME":
        sign = recovery.raw(1)
        if sign.kind not in (*VALUE_KINDS, "EQUAL"):
            return False
        wrong = sign.kind == "EQUAL"
        recovery.report(
            codes.WRONG_SIGN if wrong else codes.MISSING,
            sign.span,
            help=f"write `{raw.text}: …`",
            fixes=replacing("write `:`", Span(raw.end, sign.end), ":") if wrong else inserting(":", raw.end),
            **({"sign": "=", "after": shown(raw.text), "right": ":"} if wrong else {"sign": ":", "found": found(sign)}),
        )
        recovery.replace("KEY", raw.text)
        return recovery.replace("COLON", ":") if wrong else recovery.insert("COLON", ":")
    machine = recovery.machine
    before = block_of(machine, -2) if len(machine.states) > 1 else None
    if (
        before is not None
        and before.kind == "risk"
        and machine.symbol(-1) == "NAME"
        and token.kind in ("COLON", "EQUAL")
    ):
        recovery.report(
            codes.UNEXPECTED,
            token.span,
            found=shown(token.text),
            expected="a value",
            help=f"write `{recovery.raw(-1).text} {recovery.raw(1).text}`",
            fixes=replacing(f"take `{token.text}` out", Span(recovery.raw(-1).end, token.end), " "),
        )
        recovery.skip()
        return True
    return False


def rule_with_if(recovery: Recovery, token: Token) -> bool:
    """`rule r: if close > open then buy`: the `if` of a statement inside a rule."""
    machine = recovery.machine
    item, place = item_of(recovery)
    if item != "_RULE" or len(machine.states) <= place + 3 or machine.symbol(place + 3) != "_IF":
        return False
    then = next((at for at in range(place, len(machine.states)) if machine.symbol(at) == "_THEN"), 0)
    if not then or then + 1 >= len(machine.states):
        return False
    condition = recovery.text[machine.starts[place + 4] : machine.ends[then - 1]]
    verb = verb_meant(recovery.text[machine.starts[then + 1] : machine.ends[then + 1]])
    if verb is None:
        return False
    name = machine.values[place + 1].text
    recovery.report(
        codes.IF_STATEMENT,
        Span(machine.starts[place + 3], machine.ends[-1]),
        help=f"a rule has its `if` built in: `rule {name}: {short(condition)} => {verb}`",
    )
    recovery.resync(statements=False)
    return True
