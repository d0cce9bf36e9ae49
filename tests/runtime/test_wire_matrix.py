"""The short form of the matrix over the wire: a node against `lingua sim binance`, killed for real."""

from __future__ import annotations

import os
import sys

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")
pytest.importorskip("aiohttp", reason="the extra `live` is not installed")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="processes are forked")


def test_nodes_that_are_killed_over_the_wire_lose_and_double_nothing() -> None:
    from wire_matrix import matrix

    tally = matrix(8, seed=3, deaths=8)
    assert tally.wrong == []
    assert tally.kills >= 7
    assert tally.lives > tally.kills - 1
