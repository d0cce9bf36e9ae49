from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lingua.cli.main import main


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def lingua(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`lingua("check", "a.lingua")` runs a command line in this process."""

    def run(*words: object) -> Outcome:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
