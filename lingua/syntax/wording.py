"""Names of tokens and of what is expected, in the words of someone who writes strategies."""

from __future__ import annotations

from lingua.syntax.lalr import Machine
from lingua.syntax.scanner import Token
from lingua_grammar.tables import END, load

LONGEST = 30
MOST_NAMED = 5

_GROUPS = {
    "STRING": "a text in quotes",
    "DURATION": "a timeframe such as `1h`",
    "SIDE_WHEN": "`long when`, `short when` or `flat when`",
    "VERB": "a verb (`buy`, `sell`, `close`, `short`, `cover`, `target`)",
    "PLAIN_ORDER": "`market`, `open`, `auction`, `limit` or `stop`",
    "SLICED_ORDER": "`twap for …` or `vwap for …`",
    "BASE": "`equity`, `cash`, `position` or `allocation`",
    "EFFECT": "`halt` or `flatten`",
    "KEY": "a setting such as `slippage: 3bp`",
    END: "the end of the file",
}
_OPERATORS = frozenset("PLUS MINUS STAR SLASH CIRCUMFLEX GT GE LT LE EQ NE CROSSES CROSSES_ABOVE CROSSES_BELOW _AND _OR"  # noqa: SIM905 - words read best without quotes
                       " _IS _IN QMARK ORELSE LSQB LPAR DOT AT".split())  # fmt: skip
_SILENT = frozenset("SEMICOLON CANCEL WORD _NOT _UP_TO _PLOT_WORD _SIZE_WORD _REQUIRE_WORD".split())  # noqa: SIM905 - words read best without quotes


def shown(text: str) -> str:
    """`text` on one line and not too long, in backticks."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}`"


def found(token: Token) -> str:
    return "the end of the file" if token.kind == END else shown(token.text)


def expected(machine: Machine) -> str:
    """What could stand next, in few words."""
    accepted = {kind for kind in machine.row if machine.accepts(kind)}
    if "_INDICATOR" in accepted and len(accepted) > 10 and "RBRACE" in accepted:
        return "an operator or the next item" if "PLUS" in accepted else "the next item or `}`"
    if "_STRATEGY" in accepted:
        return "`strategy`, `fn`, `const` or `import`"
    parts: list[str] = []
    if {"NUMBER", "LPAR", "STRING"} <= accepted:
        parts.append("a value")
        accepted -= {"NUMBER", "LPAR", "STRING", "NAME", "DURATION", "MINUS", "LSQB"}
        accepted = {kind for kind in accepted if kind in _GROUPS or kind == "VERB"}
    elif "PLUS" in accepted:
        accepted -= _OPERATORS
        if not accepted - _SILENT:
            parts.append("an operator")
    elif "NAME" in accepted and "KEY" not in accepted:
        parts.append("a name")
    words = _spelt()
    if "VERB" in accepted:
        accepted -= {"CANCEL"}
    for kind in sorted(accepted - _SILENT, key=lambda kind: (kind not in _GROUPS, kind.startswith("_"), kind)):
        text = _GROUPS.get(kind) or words.get(kind)
        if text and text not in parts:
            parts.append(text)
    if len(parts) > MOST_NAMED:
        parts = [*parts[: MOST_NAMED - 1], "…"]
        return ", ".join(parts)
    if not parts:
        return "something else"
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " or " + parts[-1]


def _spelt() -> dict[str, str]:
    """How terminals are written: signs and words."""
    tables = load()
    spelt = {kind: f"`{sign}`" for sign, kind in tables.literals.items()}
    for word, kinds in tables.words.items():
        for kind, pattern, _, goes_on in kinds:
            if kind not in spelt:
                spelt[kind] = f"`{_phrase(word, pattern)}`" if goes_on else f"`{word}`"
    return spelt


def _phrase(word: str, pattern: str | None) -> str:
    """`expire after` from `expire\\s+after\\b`."""
    rest = (pattern or "").partition(r"\s+")[2].replace(r"\b", "").replace(r"\s*\(", " (").replace(r"\s+", " ")
    return f"{word} {rest.strip('()').split('|')[0]}"
