"""Which parameters change the shape of a program: bounds of folds, in the strategy and in the functions it calls.

Another value of such a parameter needs the program elaborated again. What cannot be told is taken for structural.
"""

from __future__ import annotations

from collections.abc import Iterator

from lingua.semantics.universes import expressions
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder


def structural(strategy: ast.Strategy, file: ast.File, names: set[str], *, has_folds: bool = True) -> set[str]:
    """Names of parameters that a fold's bounds may depend on; `has_folds` says whether the file may hold any."""
    has_imports = any(isinstance(item, ast.Import) for item in file.items)
    if not has_imports and not has_folds:
        return set()
    functions = [item for item in file.items if isinstance(item, ast.Fn)]
    inside = [expr for fn in functions for expr in _body(fn)]
    if has_imports or any(_bounds(inside)):
        # A bound inside a function may be any argument of any call.
        if any(_bounds(inside)) or _calls_imported(strategy, file):
            return names
    found: set[str] = set()
    for bound in _bounds(expressions(strategy)):
        mentioned = {node.name for node in postorder(bound) if isinstance(node, ast.Name)}
        if not mentioned <= names:
            return names
        found |= mentioned
    return found


def _bounds(exprs: list[Expr]) -> Iterator[Expr]:
    """Bounds of folds that are no plain numbers."""
    for expr in exprs:
        for node in postorder(expr):
            if isinstance(node, ast.Fold):
                for bound in (node.low, node.high):
                    if not isinstance(bound, ast.Number):
                        yield bound


def _body(fn: ast.Fn) -> list[Expr]:
    found: list[Expr] = [fn.result]
    for item in fn.body:
        found += [item.value] if isinstance(item, ast.Let) else [item.init, item.next]
    return found


def _calls_imported(strategy: ast.Strategy, file: ast.File) -> bool:
    """Whether anything is called that this file does not define and that may come from an import."""
    aliases = {item.alias for item in file.items if isinstance(item, ast.Import)}
    own = {item.name for item in file.items if isinstance(item, ast.Fn)}
    for expr in expressions(strategy):
        for node in postorder(expr):
            if isinstance(node, ast.Call):
                function = node.function
                if isinstance(function, ast.Field) and isinstance(function.operand, ast.Name) and function.operand.name in aliases:
                    return True
                if None in aliases and isinstance(function, ast.Name) and function.name not in own:
                    return True
    return False
