"""Raw tokens of a text: words, numbers, strings, signs; comments set aside. What a word means is the parser's affair.

>>> [(token.kind, token.text) for token in scan(Source("x", "let a = 10% // ten")).tokens]
[('word', 'let'), ('word', 'a'), ('EQUAL', '='), ('PERCENT', '10%'), ('$END', '')]
"""

from __future__ import annotations

import re
from functools import cache

from lingua.structs import Struct
from lingua.syntax.nodes import Comment
from lingua.syntax.source import Source, Span
from lingua_grammar.tables import END, load

WORD = "word"
DATE = "date"
ODD_NUMBER = "odd number"
ODD_NAME = "odd name"
OPEN_STRING = "open string"
OTHER_QUOTES = "other quotes"
FOREIGN = "foreign sign"
BAD = "bad"

# Signs of other languages, read as one token so that a message can name them.
FOREIGN_SIGNS = ("&&", "||", ":=", "**", "<>", "===", "!==", "+=", "-=", "*=", "/=", "++", "=<", "!", "%", "\\",
                 "≤", "≥", "≠", "−", "×", "÷", "–", "—", "$", "€", "£", "`")  # fmt: skip


class Token:
    """A piece of the text `[start, end)`; `kind` is a terminal of the grammar or one of the kinds above."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def __repr__(self) -> str:
        return f"Token({self.kind!r}, {self.text!r}, {self.start})"


class Scan(Struct):
    """`text` is the source with every comment blanked out, offsets unchanged. The last token is the end."""

    text: str
    tokens: list[Token]
    comments: tuple[Comment, ...]
    unclosed_comment: Span | None
    complete: bool


_LOOSE = re.compile(
    r'"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?',
)
_NOT_NEWLINE = re.compile(r"[^\n]")
_BLANK = r"[\s\u200b\ufeff]*+"
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\ufeff"


@cache
def _pattern() -> re.Pattern[str]:
    """One regular expression for all raw tokens; numbers as the grammar defines them."""
    tables = load()
    numbers = dict(tables.numbers)
    literals = sorted((*tables.literals, *FOREIGN_SIGNS), key=len, reverse=True)
    parts = [
        (WORD, r"[^\W\d]\w*"),
        ("date", r"\d{4}-\d{2}-\d{2}(?![\w-])"),
        *((name, f"{numbers[name]}") for name in ("PERCENT", "RMULT", "DURATION", "UNITNUM")),
        ("NUMBER", rf"(?>{numbers['NUMBER']})(?!\w)"),
        ("odd", r"\.?\d\w*(?:\.\w+)*"),
        ("string", r'"(?:[^"\\\n]|\\.)*"'),
        ("open", r'"(?:[^"\\\n]|\\.)*\\?'),
        ("quotes", r"'[^'\n]*'|[‘’][^‘’'\n]*[‘’]|[“”„][^“”\"\n]*[“”\"]"),
        ("sign", "|".join(map(re.escape, literals))),
        ("bad", r"[^\s]"),
    ]
    return re.compile(_BLANK + "(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in parts) + ")")


_KINDS = {
    "date": DATE,
    "odd": ODD_NUMBER,
    "string": "STRING",
    "open": OPEN_STRING,
    "quotes": OTHER_QUOTES,
    "bad": BAD,
}


def scan(source: Source, limit: int = 1 << 60) -> Scan:
    """Raw tokens of `source`, at most `limit` of them (`complete` tells whether that was all)."""
    text, comments, unclosed = _without_comments(source, limit)
    literals = load().literals
    tokens: list[Token] = []
    append = tokens.append
    complete = len(comments) < limit
    # Without blanks at the end every search finds a token, so the whole scan is linear.
    for match in _pattern().finditer(text, 0, len(text.rstrip(_BLANKS))):
        kind = match.lastgroup or BAD
        start, end = match.span(kind)
        word = text[start:end]
        if kind == "sign":
            kind = literals.get(word, FOREIGN)
        elif kind != WORD:
            kind = _KINDS.get(kind, kind)
        elif not word.isascii():
            kind = ODD_NAME
        if not complete or len(tokens) >= limit:
            complete = False
            break
        append(Token(kind, word, start, end))
    append(Token(END, "", len(text), len(text)))
    return Scan(text, tokens, comments, unclosed, complete)


def _without_comments(source: Source, limit: int) -> tuple[str, tuple[Comment, ...], Span | None]:
    """The text with its comments blanked out, at most `limit` of them; and where one opens that is never closed."""
    text = source.text
    if "/" not in text and "#" not in text:
        return text, (), None
    comments: list[Comment] = []
    unclosed: Span | None = None
    pieces: list[str] = []
    done = 0
    for match in _LOOSE.finditer(text):
        found = match.group()
        if found[0] in "\"'":
            continue
        start, end = match.span()
        if found.startswith("/*") and (len(found) < 4 or not found.endswith("*/")):
            unclosed = Span(start, start + 2)
        # Only what stands between the comment before and this one can begin the line anew.
        before = text[done:start]
        own_line = not before[before.rfind("\n") + 1 :].strip() and ("\n" in before or done == 0)
        comments.append(Comment(found.rstrip(), Span(start, start + len(found.rstrip())), own_line))
        pieces += [before, _NOT_NEWLINE.sub(" ", found)]
        done = end
        if len(comments) >= limit:
            break
    pieces.append(text[done:])
    return "".join(pieces), tuple(comments), unclosed
