"""What a strategy has to know of its file, told once; and which parameters change the shape of its program.

A parameter that bounds a fold, in the strategy or in a function it calls, makes another graph: another value needs the
program elaborated again. What cannot be told is taken for structural.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lingua.semantics.universes import expressions
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.walk import postorder


class FileShape(Struct):
    """`portfolios` gives the portfolio that runs each strategy.

    `folds_vary`: a function of the file has a fold whose bounds are no plain numbers.
    """

    universes: tuple[ast.Universe, ...]
    portfolios: dict[str, ast.Portfolio]
    aliases: frozenset[str | None]
    functions: frozenset[str]
    has_folds: bool
    folds_vary: bool


def shape_of(file: ast.File, text: str) -> FileShape:
    """`text` is searched for the word that every fold has."""
    functions = [item for item in file.items if isinstance(item, ast.Fn)]
    has_folds = "over" in text
    return FileShape(
        tuple([item for item in file.items if isinstance(item, ast.Universe)]),
        {
            part.strategy: item
            for item in reversed(file.items) if isinstance(item, ast.Portfolio)
            for part in item.items if isinstance(part, ast.Run)
        },
        frozenset(item.alias for item in file.items if isinstance(item, ast.Import)),
        frozenset(fn.name for fn in functions),
        has_folds,
        has_folds and any(_bounds(expr for fn in functions for expr in _body(fn))),
    )  # fmt: skip


def structural(strategy: ast.Strategy, shape: FileShape, names: set[str]) -> set[str]:
    """Names of parameters that a fold's bounds may depend on."""
    if not shape.aliases and not shape.has_folds:
        return set()
    # A bound inside a function may be any argument of any call.
    if shape.folds_vary or (shape.aliases and _calls_imported(strategy, shape)):
        return names
    found: set[str] = set()
    for bound in _bounds(expressions(strategy)) if shape.has_folds else ():
        mentioned = {node.name for node in postorder(bound) if isinstance(node, ast.Name)}
        if not mentioned <= names:
            return names
        found |= mentioned
    return found


def _bounds(exprs: Iterable[Expr]) -> Iterator[Expr]:
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


def _calls_imported(strategy: ast.Strategy, shape: FileShape) -> bool:
    """Whether anything is called that this file does not define and that may come from an import."""
    for expr in expressions(strategy):
        for node in postorder(expr):
            if isinstance(node, ast.Call):
                function = node.function
                if isinstance(function, ast.Field) and isinstance(function.operand, ast.Name):
                    if function.operand.name in shape.aliases:
                        return True
                elif None in shape.aliases and isinstance(function, ast.Name) and function.name not in shape.functions:
                    return True
    return False
