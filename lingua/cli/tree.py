"""A syntax tree as indented text, one node or field a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lingua.structs import Struct, fields

HIDDEN = frozenset({"comments"})


def tree_text(node: Any) -> str:
    """Fields that take no part in equality (spans) and those that are empty are left out."""
    return "\n".join(lines(node, "")) + "\n"


def lines(node: Any, indent: str) -> Iterator[str]:
    # A list of pending lines and nodes in place of recursion: an expression nests up to 500 deep.
    pending: list[tuple[str, Any]] = [(indent, node)]
    while pending:
        indent, item = pending.pop()
        head, _, body = indent.rpartition("\0")
        if not isinstance(item, Struct):
            yield f"{head}{body}{item!r}"
            continue
        plain, nested = told(item)
        yield f"{head}{body}{type(item).__name__}{''.join(f' {name}={value!r}' for name, value in plain)}"
        deeper = head + "  "
        pending += [(f"{deeper}\0{name}: " if name else f"{deeper}\0", child) for name, child in reversed(nested)]


def told(node: Struct) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Plain fields, and those that hold nodes; a tuple of nodes becomes its members, without a name after the first."""
    plain: list[tuple[str, Any]] = []
    nested: list[tuple[str, Any]] = []
    for name, spec in fields(node).items():
        value = getattr(node, name)
        if not spec.compare or name in HIDDEN or value is None or value == ():
            continue
        if isinstance(value, Struct):
            nested.append((name, value))
        elif isinstance(value, tuple) and any(holds_node(each) for each in value):
            nested += [(name, each) for each in flat(value)]
        else:
            plain.append((name, value))
    return plain, nested


def holds_node(value: Any) -> bool:
    return isinstance(value, Struct) or (isinstance(value, tuple) and any(map(holds_node, value)))


def flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from flat(value)
        else:
            yield value
