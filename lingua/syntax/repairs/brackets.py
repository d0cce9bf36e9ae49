"""Brackets and braces that are missing, too many or of the wrong kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Label
from lingua.syntax.blocks import block_of, words_by_block
from lingua.syntax.repairs.edits import inserting, replacing, short
from lingua.syntax.repairs.phrases import EXITS, exit_at
from lingua.syntax.repairs.places import CLOSERS, VALUE_KINDS, item_of, open_bracket, opening_span
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import found, shown
from lingua_grammar.tables import END

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery


def brackets(recovery: Recovery, token: Token) -> bool:
    """A bracket that is never closed, closes nothing, or is closed by another one."""
    place = open_bracket(recovery)
    opening = recovery.machine.symbol(place) if place else ""
    if token.kind in ("RPAR", "RSQB"):
        if opening in ("LPAR", "LSQB", "FOLD") and recovery.accepts(CLOSERS[opening][0]):
            kind, sign = CLOSERS[opening]
            recovery.report(
                codes.WRONG_SIGN,
                token.span,
                sign=token.text,
                after="this part",
                right=sign,
                help=f"write `{sign}`",
                labels=(Label(opening_span(recovery, place), "opened here"),),
                fixes=replacing(f"write `{sign}`", token.span, sign),
            )
            return recovery.replace(kind, sign)
        if opening not in ("LPAR", "LSQB", "FOLD"):
            recovery.report(
                codes.STRAY_CLOSING,
                token.span,
                sign=token.text,
                help="take it out",
                fixes=replacing("take it out", token.span, ""),
            )
            recovery.skip()
            return True
        return False
    if opening not in ("LPAR", "LSQB", "FOLD") or not recovery.accepts(CLOSERS[opening][0]):
        return False
    raw = recovery.raw()
    ends = raw.kind in (END, "RBRACE", "ARROW", "SEMICOLON", "AMPERSAND") or (
        raw.kind == WORD and (recovery.starts_line(raw) or raw.text in ("then", "else", "with", "at", "on", "for"))
    )
    if not ends:
        return False
    kind, sign = CLOSERS[opening]
    span = opening_span(recovery, place)
    recovery.report(
        codes.UNCLOSED_BRACKET,
        span,
        sign=recovery.text[span.start : span.end],
        label="opened here",
        help=f"close it with `{sign}` before {found(raw)}",
        fixes=inserting(sign, recovery.raw(-1).end),
    )
    return recovery.insert(kind, sign)


def braces(recovery: Recovery, token: Token) -> bool:
    """A block that is never closed: at the end of the file, or where an item stands that belongs further out."""
    machine = recovery.machine
    raw = recovery.raw()
    if raw.kind == "RBRACE" and not any(machine.symbol(at) == "LBRACE" for at in range(1, len(machine.states))):
        if block_of(machine) is None:
            return False
        recovery.report(
            codes.STRAY_CLOSING, raw.span, sign="}", help="take it out", fixes=replacing("take it out", raw.span, "")
        )
        recovery.skip()
        return True
    place = open_bracket(recovery)
    if not place or machine.symbol(place) != "LBRACE" or not recovery.accepts("RBRACE"):
        return False
    if raw.kind != END and not (
        raw.kind == WORD and recovery.starts_line(raw) and belongs_outside(recovery, raw, place)
    ):
        return False
    if raw.kind == END and recovery.blocks_by_colon:
        # The `}` was told with the `:` that should have been `{`.
        recovery.blocks_by_colon -= 1
        return recovery.insert("RBRACE", "}")
    span = opening_span(recovery, place)
    owner = recovery.text[recovery.text.rfind("\n", 0, span.start) + 1 : span.start].strip()
    recovery.report(
        codes.UNCLOSED_BLOCK,
        span,
        label=f"`{short(owner)}` opens here" if owner else "",
        help="add `}` before " + (found(raw) if raw.kind == END else f"line {_line(recovery, raw)}"),
        fixes=inserting("}\n" if raw.kind != END else "\n}\n", raw.start),
    )
    return recovery.insert("RBRACE", "}")


def _line(recovery: Recovery, token: Token) -> int:
    return recovery.text.count("\n", 0, token.start) + 1


def belongs_outside(recovery: Recovery, raw: Token, place: int) -> bool:
    """Whether `raw` is no item of the block that opens at `place` of the stack, but one of the block around it."""
    machine = recovery.machine
    block = block_of(machine, place)
    words = words_by_block()
    follows = recovery.raw(1)
    if block is None or (follows.kind in ("EQUAL", "COLON", "DOT", "LPAR", "COMMA") and block.names is False):
        return False
    if block.names:
        return _no_entry(recovery, raw, block.kind)
    if block.kind == "strategy":
        top = raw.text in words["file"] - words["strategy"] and follows.kind in (WORD, "STRING")
        return top and (raw.text == "strategy" or _column(recovery, raw) == 0)
    outer = words["strategy"] | words["file"]
    return raw.text in outer - words.get(block.kind, frozenset()) and follows.kind in (WORD, "STRING", "LBRACE")


_OPENS_NEITHER = frozenset({"rule", "indicator", "strategy", "param", "parameter"})


def _no_entry(recovery: Recovery, raw: Token, kind: str) -> bool:
    """Whether `raw` begins what no limit or setting can look like, though every name may begin one."""
    follows, then = recovery.raw(1).kind, recovery.raw(2).kind
    if raw.text in _OPENS_NEITHER:
        return follows == WORD
    if raw.text not in words_by_block()["strategy"]:
        return False
    if follows == "LBRACE" or (follows == WORD and then == "EQUAL"):
        return True
    return kind != "settings" and (follows == "COLON" or (follows == WORD and then == "COLON"))


def _column(recovery: Recovery, token: Token) -> int:
    return token.start - recovery.text.rfind("\n", 0, token.start) - 1


def missing_brace(recovery: Recovery, token: Token) -> bool:
    """`strategy S` without `{`; `risk` too."""
    if not recovery.accepts("LBRACE") or item_of(recovery)[0] not in (
        "_STRATEGY", "_RISK", "_EXECUTION", "_OPTIMIZE", "_PROTECT", "_PORTFOLIO", "_TEST"
    ):  # fmt: skip
        return False
    if token.kind == "COLON":
        recovery.report(
            codes.WRONG_SIGN, token.span, sign=":", after=shown(recovery.raw(-1).text), right="{",
            help="write `{`, and `}` at the end", fixes=replacing("write `{`", token.span, " {"),
        )  # fmt: skip
        recovery.blocks_by_colon += 1
        return recovery.replace("LBRACE", "{")
    if recovery.raw().kind not in (WORD, END, "RBRACE"):
        return False
    before = recovery.raw(-1)
    recovery.report(
        codes.MISSING,
        Span(before.end, before.end),
        sign="{",
        found=found(recovery.raw()),
        help=f"write `{short(before.text)} {{`",
        fixes=inserting(" {", before.end),
    )
    return recovery.insert("LBRACE", "{")


def missing_comma(recovery: Recovery, token: Token) -> bool:
    """`ema(close 12)`, `with stop 5 target 6`"""
    if not recovery.accepts("COMMA"):
        return False
    raw = recovery.raw()
    place = open_bracket(recovery)
    inside = bool(place) and recovery.machine.symbol(place) in ("LPAR", "LSQB")
    exits = raw.text in ("stop", "target", "trail", "expire") or bool(exit_at(recovery)[0])
    exits = exits and item_of(recovery)[0] == "_RULE"
    if not exits and not (inside and raw.kind in VALUE_KINDS and not recovery.starts_line(raw)):
        return False
    before = recovery.raw(-1)
    word, count = exit_at(recovery)
    if exits and word and word != raw.text:
        span = Span(before.end, recovery.raw(count - 1).end)
        recovery.report(
            codes.MISSING, raw.span, sign=",", found=found(raw), help=f"write `, {word}`",
            fixes=replacing(f"write `, {word}`", span, f", {word}"),
        )  # fmt: skip
        return recovery.insert("COMMA", ",") and recovery.replace(EXITS[word], word, count)
    recovery.report(
        codes.MISSING,
        raw.span,
        sign=",",
        found=found(raw),
        help=f"write `{short(before.text)}, {short(raw.text)}`",
        fixes=inserting(",", before.end),
    )
    return recovery.insert("COMMA", ",")


def tuple_assignment(recovery: Recovery, token: Token) -> bool:
    """`[a, b] = macd(close)` on a line of its own, read so far as an index of the line before."""
    machine = recovery.machine
    place = open_bracket(recovery)
    if token.kind != "COMMA" or not place or machine.symbol(place) != "LSQB" or machine.symbol(place - 1) != "postfix":
        return False
    opening = machine.values[place]
    if not recovery.starts_line(opening):
        return False
    recovery.back_to(opening.start)
    machine.cut(place)
    return machine.settle("RBRACE") or machine.settle("_STRATEGY")
