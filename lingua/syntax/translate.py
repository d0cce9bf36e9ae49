"""Text of another platform's language as Lingua writes it, for the mends of messages.

>>> in_lingua("ta.crossover(ta.ema(close, 12), math.max(nz(x), 1)) && strategy.position_size == 0")
'ema(close, 12) crosses above max((x ?? 0), 1) and position == 0'

It goes by words and brackets alone, so that it reads broken text too. What it does not know stays as it is.
"""

from __future__ import annotations

import re

from lingua.syntax import foreign

LONGEST = 600
_TOKEN = re.compile(
    r"(?P<string>\"[^\"\n]*\"|'[^'\n]*')|(?P<word>[A-Za-z_][\w.]*)|(?P<space>\s+)|(?P<sign>&&|\|\||!=|\*\*|<>|!|.)",
    re.S,
)
_SIGNS = {"&&": "and", "||": "or", "**": "^", "<>": "!=", "!": "not "}
_WORDS = {"AND": "and", "OR": "or", "NOT": "not", "And": "and", "Or": "or", "Not": "not"}
_NAMED = re.compile(r"\s*\w+\s*=(?!=)\s*")
_SUM_LIKE = re.compile(r"[-+*/<>=]|\?\?|\b(?:and|or|crosses|then|is)\b")


def in_lingua(text: str) -> str:
    """`text` with its foreign words put right, on one line."""
    flat = " ".join(text.split())
    if len(flat) > LONGEST:
        return flat
    flat = re.sub(r"\bcrosse[sd]\s+over\b|\bcross\s+over\b", "crosses above", flat, flags=re.I)
    flat = re.sub(r"\bcrosse[sd]\s+under\b|\bcross\s+under\b", "crosses below", flat, flags=re.I)
    flat = re.sub(r"\b(\w+)\s+(?:of|from)\s+(\d+)\s+bars?\s+ago\b", r"\1[\2]", flat, flags=re.I)
    return _translated(flat)


def filled(template: str, arguments: list[str]) -> str:
    """A template of the tables with these arguments."""

    def fill(match: re.Match[str]) -> str:
        if match[1] == "all":
            return ", ".join(arguments)
        place, default = int(match[1]), match[2] or "x"
        if default == "tf":
            return foreign.timeframe(arguments[place] if place < len(arguments) else "")
        if default == "newday":
            return arguments[place] if place < len(arguments) else foreign.NEW_DAY
        if default == "back":
            return arguments[place].lstrip("-") if place < len(arguments) else "1"
        return arguments[place] if place < len(arguments) else default

    return re.sub(r"\{(all|\d+)(?::([\w.]+))?\}", fill, template)


def _translated(text: str) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None  # the last alternative takes any character
        at = match.end()
        word = match["word"]
        if word is None:
            pieces.append(_SIGNS.get(match[0], match[0]) if match["sign"] else match[0])
        elif text[at : at + 1] == "(" and (end := closing(text, at)) > 0:
            arguments = [_argument(each) for each in _split(text[at + 1 : end])]
            written = _call(word, arguments)
            at = end + 1
            tight = "*/^[.@"
            near = text[at : at + 2].lstrip()[:1] or " ", "".join(pieces).rstrip()[-1:] or " "
            if not written.endswith(")") and _SUM_LIKE.search(written) and (near[0] in tight or near[1] in "*/^-"):
                written = f"({written})"
            pieces.append(written)
        else:
            pieces.append(_name(word))
    return "".join(pieces)


def _name(word: str) -> str:
    found = foreign.FIELDS.get(word) or foreign.name_of(word)
    if found is not None and "=>" not in found[1] and "`" not in found[1]:
        return found[1]
    base, _, rest = word.partition(".")
    if base in foreign.FRAMES and rest.lower() in ("open", "high", "low", "close", "volume"):
        return rest.lower()
    if word in ("df", "dataframe"):
        return "close"
    return _WORDS.get(word, word)


def _call(word: str, arguments: list[str]) -> str:
    base, _, function = word.rpartition(".")
    if function == "shift" and base:
        return f"{_name(base)}[{arguments[0] if arguments else 1}]"
    template = _template(base, function, word, len(arguments))
    if template is None:
        return f"{word}({', '.join(arguments)})"
    written = filled(template, arguments)
    return f"({written})" if template == "{0} ?? 0" else written


def _template(base: str, function: str, word: str, count: int) -> str | None:
    if base == "ta" and function in ("crossover", "crossunder", "cross"):
        words = {"crossover": "crosses above", "crossunder": "crosses below", "cross": "crosses"}[function]
        return f"{{0}} {words} {{1}}"
    if base == "ta" and (function, count) in foreign.PINE_SHORT:
        return foreign.PINE_SHORT[function, count]
    if base == "ta" and function in foreign.PINE_TA:
        return foreign.PINE_TA[function]
    if base in ("math", "np") and function in foreign.MATH:
        return foreign.MATH[function]
    if base in foreign.LIBRARIES:
        known = foreign.call_of(function) if base == "ta" else None
        name = foreign.OTHER_WORDS.get(function, function if function.islower() else function.lower())
        return known[1] if known is not None else f"{name}({{all}})"
    if base == "request":
        return foreign.CALLS["security"][1]
    found = foreign.call_of(word)
    return found[1] if found is not None else None


def _argument(text: str) -> str:
    """One argument, without the name that Python and Pine put before it."""
    return _translated(_NAMED.sub("", text, count=1).strip() if _NAMED.match(text) else text.strip())


def closing(text: str, opening: int) -> int:
    """Where the bracket that opens at `opening` is closed, or -1."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
    return -1


def _split(text: str) -> list[str]:
    """Arguments at the commas that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if text.strip() else []
