"""Conditions in the words of a trader: `50 day moving average`, `close > open for 3 bars`, and so on.

Each is found as a whole in the text of the condition around the refused token, and replaced as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.syntax.repairs.edits import replacing, short
from lingua.syntax.repairs.places import item_of
from lingua.syntax.scanner import Token
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

LONGEST_CONDITION = 200
MOST_MISTAKES = 50
"""Beyond so many mistakes a text is no program whose sayings are worth looking for."""
_ITEMS = frozenset({"_RULE", "_LET", "_FILTER", "_INDICATOR", "_SIGNAL", "_STATE", "_ALERT", "_EXPECT"})
_PRICE = r"(?P<price>open|high|low|close|volume|price)"
_BARS = r"\s*-?\s*(?:bars?|candles?|days?|periods?|sessions?)"
_NOT = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!="}
_AVERAGES = {"exponential": "ema", "ema": "ema", "weighted": "wma", "smoothed": "rma"}

Match = re.Match[str]


def _price(match: Match) -> str:
    return "close" if match["price"] == "price" else match["price"]


def _moved(match: Match) -> str:
    price, share = _price(match), match["share"]
    return f"{price} / {price}[1] - 1 " + (f"> {share}%" if match["way"] in ("up", "rises", "rose") else f"< -{share}%")


def _new_extreme(match: Match) -> str:
    side, count = match["side"], match["count"] or "20"
    return f"high > highest(high, {count})[1]" if side == "high" else f"low < lowest(low, {count})[1]"


def _hours(match: Match) -> str:
    begin, end = (f"{int(match[h]):02d}:{match[m]}" for h, m in (("h1", "m1"), ("h2", "m2")))
    return f'time in session("{begin}-{end}", "UTC")'


def _lasting(match: Match) -> str:
    return f"count({match['term'].strip()}, {match['count']}) == {match['count']}"


def _within(match: Match) -> str:
    return f"bars_since({match['term'].strip()}) < {match['count']}"


_TERM = r"(?P<term>(?:(?!\b(?:and|or)\b)[^:{}=]|[<>=!]=)+?)"

SAYINGS: tuple[tuple[str, str, Callable[[Match], str]], ...] = (
    (
        "average",
        r"(?P<count>\d+)\s*-?\s*(?:days?|bars?|periods?|d|weeks?)?\s*-?\s*"
        r"(?P<kind>simple|exponential|weighted|smoothed)?\s*moving\s+average",
        lambda match: f"{_AVERAGES.get(match['kind'], 'sma')}(close, {match['count']})",
    ),
    ("new", rf"(?:an?\s+)?new\s+(?:(?P<count>\d+){_BARS}\s+)?(?P<side>high|low)\b", _new_extreme),
    (
        "est",
        rf"(?:the\s+)?(?P<side>highest|lowest)\s+{_PRICE}\s+(?:of|in|over|for)\s+(?:the\s+)?(?:last\s+|past\s+|previous\s+)?"
        rf"(?P<count>\d+)(?:{_BARS})?",
        lambda match: f"{match['side']}({_price(match)}, {match['count']})",
    ),
    (
        "",
        rf"{_PRICE}\s+(?:yesterday|(?:of\s+)?(?:the\s+)?(?:previous|prior|last)\s+(?:bar|day|candle))\b",
        lambda match: f"{_price(match)}[1]",
    ),
    (
        "",
        rf"{_PRICE}\s+(?:is\s+)?(?P<way>up|down|rises|falls|rose|fell)\s+(?:by\s+)?(?:more\s+than\s+|at\s+least\s+)?"
        r"(?P<share>\d+(?:\.\d+)?)\s*(?:%|percent\b)(?:\s+today|\s+on\s+the\s+day)?",
        _moved,
    ),
    (
        "",
        rf"(?P<count>\d+)(?:{_BARS}|d)\s+(?:after|since|from)\s+(?:the\s+)?(?:entry|entering|buy|buying)\b",
        lambda match: f"bars_in_trade >= {match['count']}",
    ),
    (
        "between",
        r"(?:time\s+(?:is\s+)?)?between\s+(?P<h1>\d{1,2}):(?P<m1>\d\d)\s+and\s+(?P<h2>\d{1,2}):(?P<m2>\d\d)",
        _hours,
    ),
    ("not", r"\bnot\s*(?P<sign>>=|<=|==|>|<)", lambda match: _NOT[match["sign"]]),
    (
        "is",
        r"\bis\s+(?P<no>not\s+)?(?:None|null|NULL|nil|nan|NaN|NA|empty|missing)\b",
        lambda match: f"is {match['no'] or ''}na".replace("  ", " "),
    ),
    ("within", rf"{_TERM}\s+within\s+(?:the\s+)?(?:last\s+)?(?P<count>\d+){_BARS}", _within),
    ("for", rf"{_TERM}\s+for\s+(?:the\s+last\s+)?(?P<count>\d+){_BARS}(?:\s+in\s+a\s+row)?", _lasting),
)
"""A word that is in it, how it is said, and what says the same."""


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str], Callable[[Match], str]], ...]:
    return tuple((word, re.compile(pattern, re.ASCII), written) for word, pattern, written in SAYINGS)


def saying(recovery: Recovery, token: Token) -> bool:
    """Report the saying around the refused token; the item is dropped, since its other words belong to it."""
    item, place = item_of(recovery)
    if item not in _ITEMS or recovery.quiet or len(recovery.problems.found) > MOST_MISTAKES:
        return False
    text, at = recovery.text, recovery.raw().start
    start = max(recovery.machine.starts[place], at - LONGEST_CONDITION)
    colon = re.compile(r":|(?<![<>=!])=(?![=>])").search(text, start, at)
    begin = colon.end() if colon is not None else start
    arrow = re.compile(r"=>|\n[ \t]*\w+\s+\w+\s*[:=]").search(text, begin)
    end = min(arrow.start() if arrow is not None else len(text), at + LONGEST_CONDITION)
    if end < at:
        return False  # behind the arrow: an action
    condition = text[begin:end]
    for word, pattern, written in _compiled():
        if word not in condition:
            continue
        for match in pattern.finditer(text, begin, end):
            lead = len(match[0]) - len(match[0].lstrip())
            span = Span(match.start() + lead, match.end())
            if not span.start <= at <= span.end:
                continue
            right = written(match)
            recovery.report(
                codes.MISSPELT_WORD, span, word=short(text[span.start : span.end]), right=short(right),
                help=f"write `{right}`", fixes=replacing(f"write `{right}`", span, right),
            )  # fmt: skip
            recovery.silence()
            return False
    return False
