"""Lets Lark build the LALR(1) tables of `lingua.lark` and saves them as `tables.json`.

python -m lingua_grammar.build            writes the file
python -m lingua_grammar.build --check    exits 1 if the file is not what the grammar gives
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule as LarkRule
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

STARTS = ["start", "expression"]
NAME = "NAME"
OPEN_WORDS = ("KEY", "WORD")
NUMBERS = ("PERCENT", "RMULT", "DURATION", "UNITNUM", "NUMBER")


def grammar_text() -> str:
    return resources.files("lingua_grammar").joinpath("lingua.lark").read_text(encoding="utf-8")


def lark_parser(**options: Any) -> Lark:
    """Lark's own parser for the grammar, as its header asks for it."""
    settings: dict[str, Any] = {
        "parser": "lalr",
        "lexer": "contextual",
        "start": STARTS,
        "maybe_placeholders": True,
        "g_regex_flags": re.ASCII,
    }
    return Lark(grammar_text(), **(settings | options))


def tables() -> dict[str, object]:
    """The tables as JSON data; the same grammar gives the same data."""
    parser = lark_parser()
    table = parser.parser.parser._parse_table
    rules = sorted(set(parser.rules), key=lambda rule: (rule.origin.name, rule.order, str(rule)))
    rules += _reduced_only(table.states, rules)
    number = _numbered(table.states, table.start_states)
    states = {number[state]: row for state, row in table.states.items()}
    number_of = {rule: index for index, rule in enumerate(rules)}
    terminals = sorted({name for row in states.values() for name in row if _is_terminal(name)})
    terminal_of = {name: index for index, name in enumerate(terminals)}
    sets: dict[tuple[int, ...], int] = {}
    shifts: list[list[int]] = []
    reduces: list[list[int]] = []
    gotos: list[dict[str, int]] = []
    symbols = [""] * len(states)
    for state in range(len(states)):
        shift: list[int] = []
        goto: dict[str, int] = {}
        reduce: dict[int, list[int]] = {}
        for name, (action, argument) in sorted(states[state].items()):
            if action is Shift:
                target = number[argument]
                symbols[target] = name
                if _is_terminal(name):
                    shift += [terminal_of[name], target]
                else:
                    goto[name] = target
            else:
                reduce.setdefault(number_of[argument], []).append(terminal_of[name])
        shifts.append(shift)
        gotos.append(goto)
        reduces.append(
            [x for rule, of in sorted(reduce.items()) for x in (rule, sets.setdefault(tuple(of), len(sets)))]
        )
    return {
        "fingerprint": hashlib.sha256(grammar_text().encode()).hexdigest(),
        "terminals": terminals,
        "rules": [_rule(rule) for rule in rules],
        "starts": {start: number[state] for start, state in sorted(table.start_states.items())},
        "ends": {start: number[state] for start, state in sorted(table.end_states.items())},
        "shifts": shifts,
        "reduces": reduces,
        "sets": [list(of) for of in sets],
        "gotos": gotos,
        "symbols": symbols,
        **_lexicon(list(parser.terminals)),
    }


def _numbered(states: dict[int, dict[str, tuple[Any, Any]]], starts: dict[str, int]) -> dict[int, int]:
    """States by breadth first search over sorted symbols: Lark's own numbers change from run to run."""
    number: dict[int, int] = {}
    queue = [state for _, state in sorted(starts.items())]
    for state in queue:
        if state not in number:
            number[state] = len(number)
            queue += [target for _, (action, target) in sorted(states[state].items(), key=_first) if action is Shift]
    return number


def _first(entry: tuple[str, object]) -> str:
    return entry[0]


def _is_terminal(name: str) -> bool:
    return name.startswith("$") or name.upper() == name


def _reduced_only(states: dict[int, dict[str, tuple[Any, Any]]], known: list[LarkRule]) -> list[LarkRule]:
    """Rules that stand in the table alone (the ones Lark adds for the start symbols)."""
    found = {argument for row in states.values() for action, argument in row.values() if action is not Shift}
    return sorted(found - set(known), key=str)


def _rule(rule: LarkRule) -> list[object]:
    """A production with the shape its tree takes: Lark's rules for filtered tokens, placeholders, lists and `?rule`."""
    options = rule.options
    absent = [len(ones) for ones in "".join(str(int(bit)) for bit in options.empty_indices or ()).split("0")]
    if not options.empty_indices:
        absent = [0] * (len(rule.expansion) + 1)
    children: list[tuple[int, int]] = []
    for place, symbol in enumerate(rule.expansion):
        children += [(-1, 0)] * absent[place]
        if options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):  # type: ignore[attr-defined]
            children.append((place, int(not symbol.is_term and symbol.name.startswith("_"))))
    children += [(-1, 0)] * absent[-1]
    callback: str | None = rule.alias or str(rule.origin.name)
    if rule.alias is None and options.expand1 and len(children) == 1:
        callback = None
    elif rule.alias is None and str(rule.origin.name).startswith("_"):
        callback = ""
    return [str(rule.origin.name), len(rule.expansion), callback, children]


def _lexicon(terminals: list[TerminalDef]) -> dict[str, object]:
    """How raw words, numbers and signs become terminals."""
    by_name = {terminal.name: terminal for terminal in terminals}
    literals = {t.pattern.value: t.name for t in terminals if isinstance(t.pattern, PatternStr)}
    heads: dict[str, list[tuple[int, str, str | None, bool]]] = {}
    for terminal in terminals:
        pattern = terminal.pattern.to_regexp()
        if not re.match(r"[(?:a-z]", pattern) or terminal.name in literals.values() or terminal.name in OPEN_WORDS:
            continue
        words, rest = _leading_words(pattern)
        for word in words:
            entry = (terminal.priority, terminal.name, None if rest == r"\b" else pattern, rest.startswith(r"\s"))
            heads.setdefault(word, []).append(entry)
    name_rank = by_name[NAME].priority
    words_of = {
        word: [
            (terminal, pattern, priority > name_rank, goes_on)
            for priority, terminal, pattern, goes_on in sorted(found, key=lambda entry: (-entry[0], entry[1]))
        ]
        for word, found in sorted(heads.items())
    }
    reserved = re.match(r"\(\?!\(([a-z|]+)\)", by_name[NAME].pattern.to_regexp())
    assert reserved is not None
    return {
        "literals": dict(sorted(literals.items())),
        "numbers": [(name, by_name[name].pattern.to_regexp()) for name in NUMBERS],
        "words": words_of,
        "open_words": [(name, by_name[name].pattern.to_regexp()) for name in OPEN_WORDS],
        "reserved": reserved.group(1).split("|"),
    }


def _leading_words(pattern: str) -> tuple[list[str], str]:
    """The words a terminal can begin with, and what its pattern asks after them."""
    body = re.sub(r"^(\(\?:)+", "", pattern)
    found = re.match(r"\(([a-z|]+)\)|([a-z]+)", body)
    if found is None:
        return [], ""
    return (found.group(1) or found.group(2)).split("|"), body[found.end() :]


def main(arguments: list[str]) -> int:
    path = Path(str(resources.files("lingua_grammar").joinpath("tables.json")))
    text = json.dumps(tables(), separators=(",", ":")) + "\n"
    if "--check" in arguments:
        return int(not path.exists() or path.read_text(encoding="utf-8") != text)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
