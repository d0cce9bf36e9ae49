"""What is pointed out in a program: warnings and hints, each with one mend. One file for each subject."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Severity
from lingua.ir.program import Program
from lingua.semantics.context import Context
from lingua.semantics.lints.assets import assets
from lingua.semantics.lints.conflicts import conflicts
from lingua.semantics.lints.dead import dead
from lingua.semantics.lints.entries import entries
from lingua.semantics.lints.limits import limits
from lingua.semantics.lints.reductions import reductions
from lingua.semantics.lints.stops import stops
from lingua.semantics.lints.unused import unused_of_strategy

ALL = (dead, conflicts, entries, stops, assets, reductions, limits)


def point_out(ctx: Context, program: Program) -> None:
    """All that may be pointed out of one strategy. Beside errors only unused names are: what else seems doubtful may be
    the same mistake."""
    if any(found.severity is Severity.ERROR for found in ctx.said):
        unused_of_strategy(ctx, program, is_partial=True)
        return
    for lint in ALL:
        lint(ctx, program)
    unused_of_strategy(ctx, program)
