"""Files of bars made on the spot, and the shared market data where it is at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Lets the tests of this folder import the makers of bars beside them.
sys.path.insert(0, str(Path(__file__).parent))

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture
def shared() -> Path:
    if not SHARED.exists():
        pytest.skip("the shared market data is not here")
    return SHARED


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a text (or bytes) under a name; its path."""

    def write(text: str | bytes, name: str = "TEST.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
