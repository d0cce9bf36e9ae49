"""What is pointed out in a program that is right: warnings and hints, each with one mend. One file for each subject."""

from __future__ import annotations

from lingua.ir.program import Program
from lingua.semantics.context import Context


def point_out(ctx: Context, program: Program) -> None:
    """All that may be pointed out of one strategy."""
