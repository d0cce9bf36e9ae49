"""What the statements of one strategy are read in: its names, its expressions, and where mistakes go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar, cast

from lingua.diagnostics.diagnostic import Code, Diagnostic, Fix, Label, Problems, Severity
from lingua.diagnostics.suggest import did_you_mean
from lingua.semantics.expressions import Expressions, shortened
from lingua.semantics.scope import Scope
from lingua.structs import OpenStruct, field, replace
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

T = TypeVar("T")
MOST_GUESSES = 300


class Context(OpenStruct, slots=False):
    """`legs` maps each name of a `data` declaration to its symbol. In a program of the original sketch what would be
    an error of meaning is only a warning: such programs are accepted as they are."""

    strategy: ast.Strategy
    x: Expressions
    scope: Scope
    problems: Problems
    is_sketch: bool
    symbols: tuple[str, ...] = ()
    timeframe: str = ""
    universe: str = ""
    legs: dict[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    used_params: set[str] = field(default_factory=set)
    """Parameters that statements read before the run: another value makes another program."""
    said: list[Diagnostic] = field(default_factory=list)
    """What was reported inside this strategy before anything was pointed out."""
    direction: str = field(init=False)
    protect: tuple[ast.Exit, ...] = field(init=False)
    """Exits of every entry that has none of its own."""

    def __post_init__(self) -> None:
        self._by_kind: dict[type, list[ast.Item]] = {}
        for item in self.strategy.items:
            self._by_kind.setdefault(type(item), []).append(item)
        self.direction = next((item.value for item in self.items(ast.Direction)), "long")
        self.protect = tuple([each for item in self.items(ast.Protect) for each in item.exits])

    def report(
        self,
        code: Code,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        help: str = "",
        notes: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
        **fields: object,
    ) -> None:
        self.problems.add(code, span, label=label, labels=labels, help=help, notes=notes, fixes=fixes, **fields)

    def lenient(self, code: Code) -> Code:
        """`code` as a warning in a program of the sketch, for a mistake of meaning that leaves a program to run."""
        if self.is_sketch and code.severity is Severity.ERROR:
            return replace(code, severity=Severity.WARNING)
        return code

    def text(self, expr: Expr) -> str:
        """The user's own words, shortened."""
        return shortened(self.problems.source.excerpt(expr.span))

    def text_of(self, span: Span) -> str:
        return shortened(self.problems.source.excerpt(span))

    def full_text(self, expr: Expr) -> str:
        return " ".join(self.problems.source.excerpt(expr.span).split())

    def factor(self, expr: Expr) -> str:
        """The words of `expr`, in parentheses where a product would tear them apart."""
        text = self.full_text(expr)
        return text if isinstance(expr, TIGHT) or (text.startswith("(") and text.endswith(")")) else f"({text})"

    def items(self, kind: type[T]) -> Iterator[T]:
        """Items of one kind, in source order."""
        return iter(cast("list[T]", self._by_kind.get(kind, [])))

    def near(self, word: str, known: Iterable[str]) -> str | None:
        """The known word that was probably meant; not looked for in a text with hundreds of mistakes."""
        return did_you_mean(word, known) if len(self.problems.found) < MOST_GUESSES else None


TIGHT = (
    ast.Number,
    ast.Ratio,
    ast.RMultiple,
    ast.Duration,
    ast.Quantity,
    ast.Name,
    ast.Paren,
    ast.Field,
    ast.Call,
    ast.Index,
    ast.At,
)


def inner(expr: Expr) -> Expr:
    """`expr` without parentheses around it."""
    while isinstance(expr, ast.Paren):
        expr = expr.inner
    return expr
