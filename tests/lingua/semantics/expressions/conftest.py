"""Programs in, nodes and diagnostics out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_registry
from checking import Checked, check_items


@pytest.fixture(autouse=True)
def only_a_few_indicators(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of expressions are tested against declarations the reader can see."""
    monkeypatch.setattr("lingua.semantics.indicators.lookup", small_registry.lookup)
    monkeypatch.setattr("lingua.semantics.indicators.names", small_registry.names)


@pytest.fixture
def check():
    def run(text: str, **options: object) -> Checked:
        return check_items(text, **options)

    return run
