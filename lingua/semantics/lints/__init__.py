"""What is pointed out in a program: warnings and hints, each with one mend. One file for each subject."""

from __future__ import annotations

from lingua.ir.program import Program
from lingua.semantics.context import Context
from lingua.semantics.lints.conflicts import conflicts
from lingua.semantics.lints.dead import dead
from lingua.semantics.lints.entries import entries
from lingua.semantics.lints.limits import limits
from lingua.semantics.lints.reductions import reductions
from lingua.semantics.lints.stops import stops
from lingua.semantics.lints.unused import unused_of_strategy

ALL = (dead, conflicts, entries, stops, reductions, limits, unused_of_strategy)


def point_out(ctx: Context, program: Program) -> None:
    """All that may be pointed out of one strategy. Rules with errors are missing from `program`."""
    for lint in ALL:
        lint(ctx, program)
