"""What was found out about a graph, for the next one who asks with the same values of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lingua.ir.nodes import Node

T = TypeVar("T")
Static = Callable[[Node], Any]
"""Value of a constant or parameter expression in a run."""

UNKNOWN: Any = object()
KEPT = 4096
"""Answers that are kept for each question."""


class Asked:
    """Each answer is kept with the values that were asked for while it was found. Threads may ask. It stays behind when
    its graph goes to another process."""

    def __init__(self) -> None:
        self._found: dict[object, list[tuple[tuple[Node, ...], dict[tuple[Any, ...], Any]]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Asked, ()

    def once(self, question: object, static: Static, find: Callable[[Static], T]) -> T:
        """What `find` gives, which depends on `question` and the values that it asks its argument for, on nothing else.
        It is called where no answer is known for these values."""
        for nodes, answers in self._found.get(question, ()):
            known = answers.get(tuple(map(static, nodes)), UNKNOWN)
            if known is not UNKNOWN:
                answer: T = known
                return answer
        asked: dict[Node, Any] = {}

        def asking(node: Node) -> Any:
            asked[node] = value = static(node)
            return value

        found = find(asking)
        answers = self._of(question, tuple(asked))
        if len(answers) >= KEPT:
            answers.clear()
        answers[tuple(asked.values())] = found
        return found

    def _of(self, question: object, nodes: tuple[Node, ...]) -> dict[tuple[Any, ...], Any]:
        """The answers for which these were asked for, by their values."""
        kept = self._found.setdefault(question, [])
        for each, answers in kept:
            if each == nodes:
                return answers
        made: dict[tuple[Any, ...], Any] = {}
        kept.append((nodes, made))
        return made
