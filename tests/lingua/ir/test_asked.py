"""An answer is found once for the values that it read, and again for others."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from lingua.ir.asked import Asked
from lingua.ir.nodes import Constancy, Graph, Node

GRAPH = Graph()
FAST, SLOW = (GRAPH.node("param", attrs=(name,), constancy=Constancy.PARAM) for name in ("fast", "slow"))


class Questions:
    def __init__(self) -> None:
        self.asked = Asked()
        self.found = 0

    def sum(self, values: Mapping[str, float], question: str = "sum") -> float:
        """fast, and slow as well where fast is above 10: what is read depends on what was read."""

        def find(static: Any) -> float:
            self.found += 1
            fast = float(static(FAST))
            return fast + float(static(SLOW)) if fast > 10 else fast

        def static(node: Node) -> float:
            return values[str(node.attrs[0])]

        return self.asked.once(question, static, find)


def test_an_answer_is_found_once_for_the_values_it_read() -> None:
    questions = Questions()
    assert [questions.sum({"fast": 12, "slow": slow}) for slow in (1, 2, 1, 2)] == [13, 14, 13, 14]
    assert questions.found == 2


def test_what_was_not_read_does_not_matter() -> None:
    questions = Questions()
    assert [questions.sum({"fast": 5, "slow": slow}) for slow in (1, 2, 3)] == [5, 5, 5]
    assert questions.found == 1
    assert questions.sum({"fast": 20, "slow": 3}) == 23
    assert questions.sum({"fast": 5, "slow": 9}) == 5
    assert questions.found == 2


def test_another_question_has_another_answer() -> None:
    questions = Questions()
    assert questions.sum({"fast": 5}, "one") == questions.sum({"fast": 5}, "two") == 5
    assert questions.found == 2


def test_nothing_goes_to_another_process() -> None:
    questions = Questions()
    questions.sum({"fast": 5})
    assert vars(pickle.loads(pickle.dumps(questions.asked))) == vars(Asked())
