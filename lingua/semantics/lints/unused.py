"""Names that nothing uses."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Problems
from lingua.semantics.imports import Module
from lingua.semantics.scope import Scope
from lingua.syntax import nodes as ast


def unused_of_file(
    problems: Problems, file: ast.File, root: Scope, loaded: list[tuple[ast.Import, Module]]
) -> None:
    """Constants, functions and imports of a file with strategies that none of them uses."""
