"""`test "name" { given … using … expect … }`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingua.semantics.context import Context
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.semantics.strategy import Elaborated


@dataclass(frozen=True)
class TestPlan:
    strategy: str
    test: ast.Test
    span: Span

    __test__ = False


def check_tests(elaborator: Any, chosen: list[ast.Strategy], found: list[Elaborated], ctx: Context) -> tuple[TestPlan, ...]:
    return ()
