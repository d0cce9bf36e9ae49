"""Numbers, amounts, durations and texts: from the literal to the node."""

from __future__ import annotations

import re

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Problems
from lingua.syntax import nodes as n
from lingua.syntax.scanner import Token
from lingua.syntax.source import Span

LONGEST_NUMBER = 400  # characters; reading a longer one costs time and can only be infinite or zero
LARGEST_INT = 2**53
LARGEST_COUNT = 999_999_999

_AMOUNT = re.compile(r"([\d_.]+(?:[eE][+-]?\d+)?)\s*([A-Za-z]+)")
_DURATION = re.compile(r"(\d+)([a-z]+)")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Literals:
    """The part of the tree builder that reads literals."""

    problems: Problems

    def number(self, span: Span, token: Token) -> n.Number:
        text, value = self._value(token.text, span)
        is_int = text.isdecimal()
        if is_int and value > LARGEST_INT:
            self._too_large(span, "whole numbers are exact up to 9,007,199,254,740,992", f"{value:.0e}")
        return n.Number(text, value, is_int, span=span)

    def ratio(self, span: Span, token: Token) -> n.Ratio:
        digits, scale = (token.text[:-1], 100.0) if token.text.endswith("%") else (token.text[:-2], 10_000.0)
        text, value = self._value(digits, span)
        return n.Ratio(text + token.text[len(digits) :], value / scale, span=span)

    def r_multiple(self, span: Span, token: Token) -> n.RMultiple:
        text, value = self._value(token.text[:-1], span)
        return n.RMultiple(text + "R", value, span=span)

    def duration(self, span: Span, token: Token) -> n.Duration:
        found = _DURATION.fullmatch(token.text)
        assert found is not None
        return n.Duration(self._count(found.group(1), span), found.group(2), span=span)

    def quantity(self, span: Span, token: Token) -> n.Quantity:
        found = _AMOUNT.fullmatch(token.text)
        assert found is not None
        unit = found.group(2)
        if unit.islower() and not unit.endswith("s"):
            unit += "s"
        text, value = self._value(found.group(1), span)
        return n.Quantity(text, value, unit, span=span)

    def string(self, span: Span, token: Token) -> n.String:
        return n.String(self.text(token), span=span)

    def true(self, span: Span) -> n.Bool:
        return n.Bool(True, span=span)

    def false(self, span: Span) -> n.Bool:
        return n.Bool(False, span=span)

    def na(self, span: Span) -> n.Na:
        return n.Na(span=span)

    def text(self, token: Token) -> str:
        """What a text in quotes says, its escapes undone."""
        inner = token.text[1:-1]
        if "\\" not in inner:
            return inner

        def replace(match: re.Match[str]) -> str:
            escape = match.group(1)
            if escape in _ESCAPES:
                return _ESCAPES[escape]
            if len(escape) == 5:
                return chr(int(escape[1:], 16))
            start = token.start + 1 + match.start()
            span = Span(start, start + len(match.group()))
            self.problems.add(
                codes.BAD_ESCAPE,
                span,
                escape=match.group(),
                help='write `\\\\` for a backslash; known are `\\"`, `\\\\`, `\\n`, `\\t` and `\\u0041`',
                fixes=(Fix("double the backslash", (Edit(Span(start, start + 1), "\\\\"),)),),
            )
            return match.group()

        return _ESCAPE.sub(replace, inner)

    def count(self, token: Token) -> int:
        """A whole number where the grammar asks for one (`lingua 1`, `pyramid 4`)."""
        digits = token.text.replace("_", "")
        if digits.isdecimal():
            return self._count(digits, token.span)
        self.problems.add(
            codes.UNEXPECTED,
            token.span,
            found=f"`{token.text}`",
            expected="a whole number",
            help="write `1`, `2`, `3`, …",
        )
        return 1

    def _count(self, digits: str, span: Span) -> int:
        if len(digits) > 9:
            self._too_large(span, f"{LARGEST_COUNT:,} is the most a count may be", f"{LARGEST_COUNT}")
            return LARGEST_COUNT
        return int(digits)

    def _value(self, literal: str, span: Span) -> tuple[str, float]:
        """The literal without underscores and its value; 1.0 for one that no float holds, and a diagnostic."""
        text = literal.replace("_", "")
        if text.startswith("."):
            text = "0" + text
        if len(text) <= LONGEST_NUMBER:
            value = float(text)
            if value != float("inf"):
                return text, value
        self._too_large(span, "the largest number is about 1.8e308", "1e308")
        return "1", 1.0

    def _too_large(self, span: Span, why: str, instead: str) -> None:
        self.problems.add(codes.NUMBER_TOO_LARGE, span, why=why, help=f"write `{instead}`")
