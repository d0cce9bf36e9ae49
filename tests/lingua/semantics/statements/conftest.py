"""Programs in, plans and diagnostics out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.ir.program import Program
from lingua.semantics.elaborate import Elaboration, elaborate
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

sys.path.insert(0, str(Path(__file__).parent))


@dataclass
class Read:
    """A text, elaborated."""

    text: str
    found: Elaboration

    @property
    def codes(self) -> list[str]:
        """Numbers of all diagnostics, in the order of the text."""
        return [problem.code.number for problem in sorted(self.found.problems, key=lambda p: p.span.start)]

    @property
    def errors(self) -> list[str]:
        return [p.code.number for p in self.found.problems if p.severity is Severity.ERROR]

    @property
    def program(self) -> Program:
        assert not self.errors, [p.message for p in self.found.problems]
        assert len(self.found.programs) == 1
        return self.found.programs[0]

    def problem(self, number: str) -> Diagnostic:
        return next(problem for problem in self.found.problems if problem.code.number == number)

    def at(self, number: str) -> str:
        """The text a diagnostic underlines."""
        span = self.problem(number).span
        return self.text[span.start : span.end]


Reader = Callable[..., Read]


@pytest.fixture
def file() -> Reader:
    """Elaborate a whole file."""

    def run(text: str, **options: object) -> Read:
        source = Source("test.lingua", text)
        tree, problems = parse(source)
        assert not problems, [problem.message for problem in problems]
        return Read(text, elaborate(tree, source, **options))  # type: ignore[arg-type]

    return run


@pytest.fixture
def items(file: Reader) -> Reader:
    """Elaborate items of one strategy that trades BTCUSDT by the hour."""

    def run(text: str, *, trade: str = "trade BTCUSDT @ 1h", **options: object) -> Read:
        return file(f"strategy S {{\n  {trade}\n{text}\n}}", **options)

    return run


@pytest.fixture
def action(items: Reader) -> Reader:
    """Elaborate one action of a rule; the strategy goes both ways, and its rule is true now and then."""

    def run(text: str, more: str = "") -> Read:
        return items(f"  direction both\n  {more}\n  rule r: close crosses above open => {text}")

    return run
