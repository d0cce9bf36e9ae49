"""Why a search does not begin, or ranks nothing: a diagnostic like those of a check."""

from __future__ import annotations

from typing import NoReturn

from lingua.compiler import Compiled, CompileError
from lingua.diagnostics.diagnostic import Code, Problems
from lingua.syntax.source import Span

FIRST = Span(0, 0)


def refuse(compiled: Compiled, code: Code, help: str, span: Span | None = None, **fields: str) -> NoReturn:
    """Raises CompileError with one diagnostic, at the `optimize` block unless `span` says where."""
    problems = Problems(compiled.source)
    block = compiled.program.optimize
    place = span or (block.span if block is not None else FIRST)
    problems.add(code, place, label="", labels=(), help=help, notes=(), fixes=(), **fields)
    raise CompileError(tuple(problems.found))
