"""The short form of the crash matrix: real processes, really killed."""

from __future__ import annotations

import os
import sys

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="processes are forked")


def test_processes_that_are_killed_lose_and_double_nothing() -> None:
    from crash_matrix import matrix

    tally = matrix(6, bars=50, seed=900)
    assert tally.wrong == []
    assert tally.kills >= 6
    assert tally.orders
