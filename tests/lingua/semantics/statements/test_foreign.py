"""Programs as users of other platforms write them: the mends, put in one round after another, give a program that says
the same in Lingua."""

from __future__ import annotations

from pathlib import Path

import pytest

import lingua
from lingua.diagnostics.diagnostic import Severity

CASES = Path(__file__).with_name("foreign.txt")
MOST_ROUNDS = 4


def cases() -> list[tuple[str, str, str]]:
    """Name, text and what it becomes, of each case of the file."""
    parts = [part.partition("\n") for part in CASES.read_text("utf-8").removeprefix("%% ").split("\n%% ")]
    texts = [(name, text.strip("\n") + "\n") for name, _, text in parts]
    return [(name, text, right) for (name, text), (_, right) in zip(texts[::2], texts[1::2], strict=True)]


def mended(text: str) -> str:
    errors = [problem for problem in lingua.compile(text).problems if problem.severity is Severity.ERROR]
    edits = {
        (edit.span.start, edit.span.end, edit.text)
        for problem in errors
        for fix in problem.fixes[:1]
        for edit in fix.edits
    }
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def test_there_are_enough() -> None:
    assert len(cases()) >= 80


@pytest.mark.parametrize(("name", "text", "right"), cases(), ids=[name for name, _, _ in cases()])
def test_a_program_of_another_platform_becomes_one_of_lingua(name: str, text: str, right: str) -> None:
    rounds = [text]
    while len(rounds) <= MOST_ROUNDS and (again := mended(rounds[-1])) != rounds[-1]:
        rounds.append(again)
    assert len(rounds) > 1 or text == right, "nothing was mended"
    assert rounds[-1].split() == right.split()
    assert lingua.compile(rounds[-1]).ok
