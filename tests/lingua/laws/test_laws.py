"""Random programs over random bars: the two back ends agree, nothing knows the future, the books add up."""

from __future__ import annotations

from functools import cache

import pytest
from laws import LAWS, Case, a_run_in_pieces_is_the_run, a_run_is_the_same_every_time
from random_bars import shortened

from lingua.diagnostics.diagnostic import Severity
from lingua.diagnostics.render import render_all

PROGRAMS = 200
GROUPS = 10
COMPILED = cache(Case)


def cases(group: int) -> list[Case]:
    return [case for case in map(COMPILED, range(group, PROGRAMS, GROUPS)) if case.compiled.ok]


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_law_holds_for_random_programs(group: int) -> None:
    for case in cases(group):
        for law in LAWS:
            if law in (a_run_is_the_same_every_time, a_run_in_pieces_is_the_run) and case.seed % 5:
                continue
            try:
                law(case)
            except Exception as error:
                error.add_note(f"`{law.__name__}` does not hold for Case({case.seed}):\n{case.maker.text}")
                raise


def test_nearly_all_random_programs_compile() -> None:
    wrong = []
    for seed in range(PROGRAMS):
        problems = COMPILED(seed).compiled.problems
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            wrong.append(f"Case({seed}): {render_all(errors)}")
    assert len(wrong) <= 0.05 * PROGRAMS, "\n\n".join(wrong[:5])


def test_the_random_programs_trade() -> None:
    """Laws over runs without a fill would say little."""
    runs = [case.told.ledger for group in range(2) for case in cases(group)]
    assert sum(bool(ledger.fills) for ledger in runs) > len(runs) // 3
    assert sum(len(ledger.trades) for ledger in runs) > 4 * len(runs)


def test_a_program_that_knew_the_future_would_be_caught() -> None:
    """The law compares what it says it compares: bars that are themselves made from later ones break it."""
    case = next(case for case in cases(0) if any(fill.bar > 5 for fill in case.told.ledger.fills))
    law = next(law for law in LAWS if law.__name__ == "the_future_changes_nothing")
    seen = Case(case.seed)
    seen.told = case.run(shortened(case.market, int(case.market.traded[0].ts[5])))
    with pytest.raises(AssertionError):
        law(seen)
