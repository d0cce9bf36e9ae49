"""`parse` makes the tree of a source text and says everything that is wrong with it; it never raises.

>>> file, problems = parse(Source("x.lingua", "strategy S { rule up: close > open => buy }"))
>>> file.items[0].name, problems
('S', ())
"""

from __future__ import annotations

from typing import Any

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.syntax.builder import TreeBuilder
from lingua.syntax.lalr import Lexer, Machine, TooDeep
from lingua.syntax.nodes import Expr, File
from lingua.syntax.scanner import scan
from lingua.syntax.source import Source

LARGEST_FILE = 1 << 20
MOST_TOKENS = 60_000
DEEPEST = 500


def parse(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The tree of `source` without the items that are broken, and all syntax problems of the file."""
    problems = Problems(source)
    scanned = scan(source, MOST_TOKENS)
    builder = TreeBuilder(problems, scanned.comments)
    machine = Machine(builder, "start", DEEPEST)
    lexer = Lexer(scanned, machine)
    while True:
        token, lexer_next = lexer.peek()
        if not machine.feed(token):
            problems.add(codes.UNEXPECTED, token.span, found=f"`{token.text}`", expected=", ".join(sorted(machine.row)[:6]))
            return File(()), tuple(problems.found)
        if token.kind == "$END":
            return machine.values[-1], tuple(problems.found)
        lexer.index = lexer_next
