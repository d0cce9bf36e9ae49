"""Words: misspelt, of another language, out of place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.suggest import did_you_mean
from lingua.syntax.blocks import WHERE, block_of, words_by_block
from lingua.syntax.repairs.edits import inserting, replacing
from lingua.syntax.repairs.places import ITEM_KEYWORDS, VALUE_KINDS, open_bracket
from lingua.syntax.repairs.tokens import DURATION_UNITS
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import found

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

_PHRASES = {"crosses_above": "crosses above", "crossover": "crosses above", "crosses_over": "crosses above",
            "crossesabove": "crosses above", "crosses_below": "crosses below", "crossunder": "crosses below",
            "crosses_under": "crosses below", "crossesbelow": "crosses below"}  # fmt: skip
_CROSS = frozenset({"cross", "crossed", "crossing", "goes", "rises", "falls"})


def misspelt_word(recovery: Recovery, token: Token) -> bool:
    """`AND`, `adn`, `cross above`, `crossover`, `clsoing`."""
    if token.kind != "NAME":
        return False
    before = recovery.raw(-1)
    if before.text in ("NOT", "Not") and recovery.machine.symbol(-1) == "NAME" and token.start != before.start:
        return _late_not(recovery, before)
    if token.text in _PHRASES and recovery.accepts("CROSSES"):
        right = _PHRASES[token.text]
        say_misspelt(recovery, token.span, token.text, right)
        return recovery.replace("CROSSES_ABOVE" if "above" in right else "CROSSES_BELOW", right)
    after = recovery.raw(1)
    if (
        token.text.lower() in _CROSS
        and after.text in ("above", "over", "below", "under")
        and recovery.accepts("CROSSES")
    ):
        right = "crosses above" if after.text in ("above", "over") else "crosses below"
        say_misspelt(recovery, Span(token.start, after.end), f"{token.text} {after.text}", right)
        return recovery.replace("CROSSES_ABOVE" if "above" in right else "CROSSES_BELOW", right, 2)
    if block_of(recovery.machine) is not None:
        return False
    known: dict[str, str] = {}
    for word, kinds in recovery.lexer.tables.words.items():
        for kind, _, _, goes_on in kinds:
            if not goes_on and kind in recovery.machine.row and recovery.accepts(kind):
                known.setdefault(word, kind)
    if recovery.starts_line(token):
        known = {word: kind for word, kind in known.items() if kind not in ITEM_KEYWORDS}
    right_word = did_you_mean(token.text, known)
    if right_word is None or (len(token.text) < 3 and right_word != token.text.lower()):
        return False
    if known[right_word] in ITEM_KEYWORDS:
        return False
    say_misspelt(recovery, token.span, token.text, right_word)
    return recovery.replace(known[right_word], right_word)


def say_misspelt(recovery: Recovery, span: Span, word: str, right: str) -> None:
    recovery.report(
        codes.MISSPELT_WORD,
        span,
        word=word,
        right=right,
        help=f"write `{right}`",
        fixes=replacing(f"write `{right}`", span, right),
    )


def _late_not(recovery: Recovery, before: Token) -> bool:
    """`NOT x`: the name NOT is already on the stack."""
    recovery.machine.cut(-1)
    say_misspelt(recovery, before.span, before.text, "not")
    return recovery.machine.feed(Token("_NOT", "not", before.start, before.end))


def python_and_pascal(recovery: Recovery, token: Token) -> bool:
    """`elif` inside an expression, `and then`, a missing `then`."""
    if token.text == "elif" and recovery.accepts("_ELSE"):
        recovery.report(
            codes.ELSE_STATEMENT,
            token.span,
            word="elif",
            help="write `else if`",
            fixes=replacing("write `else if`", token.span, "else if"),
        )
        recovery.machine.feed(Token("_ELSE", "else", token.start, token.end))
        return recovery.replace("_IF", "if")
    if token.kind == "_THEN" and recovery.machine.symbol(-1) in ("_AND", "_OR"):
        word = recovery.raw(-1).text
        recovery.report(
            codes.UNEXPECTED,
            token.span,
            found="`then`",
            expected="a condition",
            help=f"write `{word}` alone: all conditions are evaluated anyway",
            fixes=replacing("take `then` out", token.span, ""),
        )
        recovery.skip()
        return True
    if recovery.accepts("_THEN") and token.kind in VALUE_KINDS | {"NAME", "COLON"} and token.kind != "MINUS":
        recovery.report(
            codes.MISSING,
            token.span,
            sign="then",
            found=found(token),
            help="write `if a > b then x else y`",
            fixes=inserting("then ", token.start),
        )
        if token.kind == "COLON":
            return recovery.replace("_THEN", "then")
        return recovery.insert("_THEN", "then")
    return False


def half_phrase(recovery: Recovery, token: Token) -> bool:
    """`expire 48 bars`, `signal s = long close > open`, `from` without `last`."""
    if token.kind != "NAME":
        return False
    for kind, _, _, goes_on in recovery.lexer.tables.words.get(token.text, ()):
        if not goes_on or kind in ("FOLD", "_EXTERN", "_AT_BAR") or not recovery.accepts(kind):
            continue
        second = {"SIDE_WHEN": "when", "_EXPIRE": "after", "FROM_LAST": "last", "_UP_TO": "to"}.get(kind)
        if second is None:
            continue
        recovery.report(
            codes.MISSING,
            Span(token.end, token.end),
            sign=second,
            found=found(recovery.raw(1)),
            help=f"write `{token.text} {second} …`",
            fixes=inserting(f" {second}", token.end),
        )
        return recovery.replace(kind, f"{token.text} {second}")
    return False


def reserved_name(recovery: Recovery, token: Token) -> bool:
    """`indicator rule = 1`, `let in = 3`"""
    raw = recovery.raw()
    if raw.kind != WORD or raw.text not in recovery.lexer.tables.reserved:
        return False
    if recovery.machine.symbol(-1) not in ITEM_KEYWORDS or not recovery.accepts("NAME"):
        return False
    if recovery.raw(1).kind not in ("EQUAL", "COLON", "LBRACE"):
        return False
    right = raw.text + "_"
    recovery.report(
        codes.RESERVED_NAME,
        raw.span,
        word=raw.text,
        help=f"choose another name, such as `{right}`",
        fixes=replacing(f"rename to `{right}`", raw.span, right),
    )
    return recovery.replace("NAME", raw.text)


def unknown_item(recovery: Recovery, token: Token) -> bool:
    """`indcator x = …`: a misspelt item word, or the item of another block."""
    machine = recovery.machine
    raw = recovery.raw()
    block = block_of(machine)
    if raw.kind != WORD or (block is None and not recovery.starts_line(raw)):
        return False
    if recovery.raw(1).kind in ("LPAR", "DOT") and raw.text not in ("let",):
        return False
    known = {
        word: kind
        for word, kinds in recovery.lexer.tables.words.items()
        for kind, _, _, goes_on in kinds
        if kind in ITEM_KEYWORDS and not goes_on and recovery.accepts(kind)
    }
    right = did_you_mean(raw.text, known) if len(raw.text) > 2 else None
    assigned = recovery.raw(1).kind in ("EQUAL", "COLON") and known.get(right or "") not in (
        "_SIZE", "_PLOT", "_REQUIRE", "_SIZE_WORD", "_PLOT_WORD", "_REQUIRE_WORD",
    )  # fmt: skip
    if right is not None and not assigned and raw.text not in known:
        where = block.where if block is not None else WHERE["strategy"]
        recovery.report(
            codes.UNKNOWN_ITEM,
            raw.span,
            word=raw.text,
            where=where,
            help=f"did you mean `{right}`?",
            fixes=replacing(f"write `{right}`", raw.span, right),
        )
        return recovery.replace(known[right], right)
    return False


def wrong_place(recovery: Recovery, token: Token) -> bool:
    """`const` inside a strategy, `rule` outside of one."""
    block = block_of(recovery.machine)
    raw = recovery.raw()
    if block is None or block.kind not in WHERE or raw.kind != WORD:
        return False
    homes = [kind for kind, words in words_by_block().items() if raw.text in words]
    follows = recovery.raw(1).kind
    if not homes or block.kind in homes or follows in ("EQUAL", "LPAR", "DOT", "COMMA"):
        return False
    if raw.text == "capital" and block.kind == "strategy":
        return False
    if (raw.text == "import" and follows != "STRING") or (raw.text == "extern" and recovery.raw(1).text != "fn"):
        return False
    inside = {"strategy": "inside `strategy Name { … }`", "file": "at the top of the file, outside of `strategy`",
              "test": 'inside `test "…" { … }`', "portfolio": "inside `portfolio Name { … }`"}  # fmt: skip
    help = f"write it {inside[homes[0]]}"
    if raw.text == "let" and block.kind == "file":
        help = "write `const` for a value that all strategies share, or move it inside `strategy Name { … }`"
    recovery.report(codes.WRONG_PLACE, raw.span, word=raw.text, where=block.where, help=help)
    recovery.resync(statements=True)
    return True


_UNITS = ("bars", "shares", "lots", "contracts", "ticks")


def misspelt_behind(recovery: Recovery, token: Token) -> bool:
    """`a crosses abov b`, `100 shres`: the word before the refused one, or it, belongs to what stands before."""
    machine = recovery.machine
    before, first = recovery.raw(-1), recovery.raw(-2)
    if first.text == "crosses" and machine.symbol(-1) == "NAME" and machine.symbol(-2) == "compare_op":
        right = did_you_mean(before.text, ("above", "below", "over", "under"))
        if right is not None:
            say_misspelt(recovery, before.span, before.text, right)
            machine.cut(-2)
            kind = "CROSSES_ABOVE" if right in ("above", "over") else "CROSSES_BELOW"
            return machine.feed(Token(kind, f"crosses {right}", first.start, before.end))
    if machine.symbol(-1) == "NUMBER" and token.kind == "NAME" and _unit(recovery, token):
        return True
    if token.text in ("to", "until", "through") and recovery.accepts("RANGE"):
        say_misspelt(recovery, token.span, token.text, "..")
        return recovery.replace("RANGE", "..")
    return False


_MONEY = frozenset("usd eur gbp jpy chf cad aud btc eth usdt usdc".split())  # noqa: SIM905 - words read best without quotes


def _unit(recovery: Recovery, token: Token) -> bool:
    """`100 shres`, `14 days`, `50 percent`, `100 usd`: the unit of the number on the stack."""
    machine = recovery.machine
    number = machine.values[-1]
    word = token.text
    kind, right = "UNITNUM", ""
    if word in DURATION_UNITS and number.text.isdecimal():
        kind, right = "DURATION", number.text + DURATION_UNITS[word]
    elif word in ("percent", "pct"):
        kind, right = "PERCENT", number.text + "%"
    elif word.lower() in ("points", "point", "pts"):
        right = f"{number.text} ticks"
    elif word.lower() in ("pips", "pip"):
        kind, right = "NUMBER", f"{float(number.text.replace('_', '')) * 0.0001:g}"
    elif word.lower() in _MONEY and not recovery.starts_line(token):
        right = f"{number.text} {word.upper()}"
    else:
        meant = did_you_mean(word, _UNITS) if len(word) > 2 else None
        right = f"{number.text} {meant}" if meant is not None else ""
    if not right:
        return False
    say_misspelt(recovery, Span(number.start, token.end), f"{number.text} {word}", right)
    machine.cut(-1)
    recovery.skip()
    return machine.feed(Token(kind, right, number.start, token.end))


def match_without_else(recovery: Recovery, token: Token) -> bool:
    """`match { a => b }`"""
    machine = recovery.machine
    place = open_bracket(recovery)
    if token.kind != "RBRACE" or not place or machine.symbol(place - 1) != "_MATCH":
        return False
    comma = recovery.accepts("COMMA")
    if not comma and not recovery.accepts("_ELSE"):
        return False
    recovery.report(
        codes.MISSING,
        token.span,
        sign="else => …",
        found="the end of this `match`",
        help="say what holds in all other cases: `else => na`",
        fixes=inserting(", else => na " if comma else " else => na ", recovery.raw(-1).end),
    )
    if comma:
        recovery.insert("COMMA", ",")
    return recovery.insert("_ELSE", "else") and recovery.insert("ARROW", "=>") and recovery.insert("_NA", "na")
