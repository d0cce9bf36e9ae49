"""The saved tables are those of the grammar, and the parser that runs on them reads what Lark reads."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import lark
from sketch_programs import Sketch
from test_parse import everything

import lingua_grammar.build as build
from lingua.syntax.lalr import Lexer, Machine
from lingua.syntax.scanner import Token, scan
from lingua.syntax.source import Source, Span
from lingua_grammar.tables import END, load


class Shape:
    """Builds the tree Lark would build: `(production, *children)`."""

    grows: frozenset[str] = frozenset()

    def callback(self, name: str) -> Any:
        def make(span: Span, *children: Any) -> tuple[Any, ...]:
            return (name, *(child.text if isinstance(child, Token) else child for child in children))

        return make


def ours(text: str) -> Any:
    machine = Machine(Shape(), "start", 10**6)
    lexer = Lexer(scan(Source("x", text)), machine)
    while True:
        token, following = lexer.peek()
        assert machine.feed(token), token
        if token.kind == END:
            return machine.values[-1]
        lexer.index = following


def of_lark(tree: Any) -> Any:
    if isinstance(tree, lark.Tree):
        return (str(tree.data), *(of_lark(child) for child in tree.children))
    return None if tree is None else str(tree)


def test_the_saved_tables_are_those_of_the_grammar() -> None:
    assert build.main(["--check"]) == 0, "run `python -m lingua_grammar.build`"


def test_the_grammar_has_no_conflicts() -> None:
    messages: list[str] = []
    handler = type(
        "Handler", (__import__("logging").Handler,), {"emit": lambda self, record: messages.append(str(record.msg))}
    )()
    lark.logger.addHandler(handler)
    level = lark.logger.level
    lark.logger.setLevel("DEBUG")
    try:
        build.lark_parser(debug=True)
    finally:
        lark.logger.removeHandler(handler)
        lark.logger.setLevel(level)
    assert not [message for message in messages if "conflict" in message.lower()]


def test_lark_reads_the_same_trees() -> None:
    parser = build.lark_parser()
    # Lark's lexer sees merged look-aheads: forms that only the stack can tell apart are beyond it.
    beyond = re.compile(r"^(plot \(|plot: -a|require \(|size clamp|let v = f\(\.5)")
    whole = "\n".join(line for line in everything().splitlines() if not beyond.match(line))
    sketch = Sketch(3)
    for text in (whole, *(sketch.program() for _ in range(150))):
        assert of_lark(parser.parse(text, start="start")) == ours(text), text


def test_reading_a_program_imports_neither_lark_nor_numbers() -> None:
    code = (
        "import sys; from lingua.syntax.parse import parse; from lingua.syntax.source import Source;"
        "parse(Source('x', 'strategy S { rule r: a > 1 => buy }'));"
        "print([m for m in ('lark', 'numpy', 'pandas', 'polars', 'talib', 'pickle') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_reserved_words_are_those_of_the_specification() -> None:
    reserved = "and or not if then else true false na is in strategy indicator rule param parameter"
    assert load().reserved == frozenset(reserved.split())
