"""L05xx: warm-up and state."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, HINT = Severity.ERROR, Severity.HINT

PREV_OUTSIDE = Code("L0501", "prev-outside-state", ERROR, "`prev` means something only after the `=>` of a `state`")
ANCHORED = Code("L0502", "anchored", HINT, "`{expr}` depends on the first bar of the data, however long ago that was")
STATE_CYCLE = Code("L0503", "state-cycle", ERROR, "{names} are defined by each other")
FILLS_IN_WINDOW = Code("L0504", "fills-in-window", ERROR, "`{expr}` depends on fills, and `{function}` remembers bars")
PREV_IN_WINDOW = Code("L0505", "prev-in-window", ERROR, "`{expr}` reads `prev`, and {function} would need its history")
STATE_KIND = Code("L0506", "state-kind", ERROR, "the state `{name}` begins as {first} and goes on as {second}")
