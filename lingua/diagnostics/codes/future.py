"""L03xx: the future."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

LOOK_AHEAD = Code("L0301", "look-ahead", Severity.ERROR, "`{expr}` reads a bar that has not closed")
WHOLE_SERIES = Code(
    "L0302", "whole-series", Severity.ERROR, "`{expr}` looks at all bars at once, also at those still to come"
)
