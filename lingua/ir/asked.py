"""What was found out about a graph, for the next one who asks with the same values of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lingua.ir.nodes import Node

T = TypeVar("T")
Static = Callable[[Node], Any]
"""Value of a constant or parameter expression in a run."""

KEPT = 4
"""Answers that are kept for each question."""


class Asked:
    """Each answer is kept with the values that were asked for while it was found. It stays behind when its graph goes
    to another process."""

    def __init__(self) -> None:
        self._found: dict[object, list[tuple[list[tuple[Node, Any]], Any]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Asked, ()

    def once(self, question: object, static: Static, find: Callable[[Static], T]) -> T:
        """What `find` gives, which depends on `question` and the values that it asks its argument for, on nothing else.
        It is called where no answer is known for these values."""
        for values, answer in self._found.get(question, ()):
            if all(static(node) == value for node, value in values):
                known: T = answer
                return known
        asked: list[tuple[Node, Any]] = []

        def asking(node: Node) -> Any:
            value = static(node)
            asked.append((node, value))
            return value

        found = find(asking)
        self._found[question] = [*self._found.get(question, ())[1 - KEPT :], (asked, found)]
        return found
