"""Names that a piece of the syntax tree speaks of, whatever they mean; and whether the tree is whole."""

from __future__ import annotations

from collections.abc import Iterator

from lingua.structs import Struct, fields
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span


def mentioned(root: object) -> set[str]:
    """Every name an expression below `root` speaks of, and every symbol of an action."""
    return {part.name for part in parts(root) if isinstance(part, ast.Name | ast.SymbolRef)}


def is_whole(root: object) -> bool:
    """Whether everything below `root` is a node of the tree, in a place for such nodes, or plain data: an item that
    could not be mended is not."""
    return all(
        isinstance(part, PLAIN) or (type(part).__module__ == ast.__name__ and _is_in_place(part))
        for part in parts(root)
    )


CLOCKS = (ast.Duration, ast.Name, type(None))


def _is_in_place(part: object) -> bool:
    match part:
        case ast.At():
            return isinstance(part.clock, ast.Duration | ast.Name)
        case ast.Every():
            return isinstance(part.period, ast.Duration | ast.Quantity | ast.Name)
        case ast.Data() | ast.Trade() | ast.Run():
            return isinstance(part.timeframe, CLOCKS)
        case ast.Universe() | ast.Allocate():
            return isinstance(part.refresh, ast.Duration | None)
        case ast.Fn():
            return all(isinstance(item, ast.Let | ast.State) for item in part.body)
        case _:
            return True


PLAIN = (str, int, float, bool, type(None), Span)


def parts(root: object) -> Iterator[object]:
    """`root` and everything it is made of."""
    stack = [root]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
            continue
        yield part
        if isinstance(part, Struct) and not isinstance(part, Span):
            stack.extend([getattr(part, name) for name in fields(part)])
