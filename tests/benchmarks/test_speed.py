"""What the speed benchmark compares has the same answers on both sides; its table can be printed. No time is asserted.

The reference runs as plain Python here: Numba is not among the libraries of the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def modules() -> Iterator[Any]:
    sys.path.insert(0, str(HERE))
    try:
        import ours
        import reference
        import speed
        import workloads

        yield ours, reference, speed, workloads
    finally:
        sys.path.remove(str(HERE))


@pytest.mark.parametrize("work", ["W1", "W2"])
def test_both_sides_do_the_same_work(modules: Any, work: str) -> None:
    ours, reference, _, workloads = modules
    given = workloads.bars(20_000)
    final, trades, _ = reference.CALLS[work](given)
    own_final, own_trades, sharpe = ours.prepared(work, 20_000)()
    assert own_trades == trades > 100
    assert own_final == pytest.approx(final, rel=1e-9)
    assert sharpe != sharpe  # 14 sessions carry no annual figure


def test_both_sides_sweep_the_same_pairs(modules: Any) -> None:
    ours, reference, _, workloads = modules
    given = workloads.bars(3_000)
    found = ours.sweep(ours.lingua.compile(ours.W1), ours.market(given), 1, 20)
    finals = [each.metrics["final_equity"] for each in found]
    # All of ours begin on one bar, so only the pair with the longest average begins where the reference's does.
    expected = reference.w3(given, 1, 20)
    longest = max(range(20), key=lambda k: found[k].parameters["slow"])
    assert len(finals) == len(expected) == 20
    assert finals[longest] == pytest.approx(expected[longest, 0], rel=1e-9)


def test_every_program_of_the_curves_compiles(modules: Any) -> None:
    ours, _, _, _ = modules
    for text in (ours.several_rules(8), ours.several_symbols(3), ours.long_program(1_000)):
        assert ours.lingua.compile(text).ok
    assert ours.long_program(1_000).count("\n") == 999


def test_the_table_says_what_is_missing(modules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, speed, _ = modules
    for name in ("LINGUA_REFERENCE", "LINGUA_RIVALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(speed, "COMPARED", [("W1", 5_000, 0.5)])
    monkeypatch.setattr(speed, "OTHERS", [("vectorbt", "W1", 5_000)])
    monkeypatch.setattr(speed, "ALONE", [("compile", 10, 3.0)])
    monkeypatch.setattr(speed, "CURVES", {})
    text = speed.shown(speed.measured(False, "", 1))
    assert "| vectorbt, W1, 5,000 bars | missing: LINGUA_RIVALS names no Python that has it |" in text
    assert "| W1, 5,000 bars |" in text
    assert "missing" not in text.split("| W1, 5,000 bars |")[1].split("|")[0]
