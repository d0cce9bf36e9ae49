"""L06xx: universes, cross-sections and portfolios."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

UNIVERSE_SIZE = Code(
    "L0601", "universe-size", ERROR, "a universe holds a whole number of symbols, and `{expr}` is {found}"
)
UNIVERSE_SOURCE = Code("L0602", "universe-source", ERROR, "a universe needs the name of a list to choose from")
NO_UNIVERSE = Code(
    "L0603", "cross-section-without-universe", ERROR, "`{expr}` compares symbols, and this strategy trades no universe"
)
MIXED_UNIVERSE = Code("L0604", "mixed-universe", ERROR, "a universe and single symbols cannot be traded together")
UNIVERSE_RANK = Code(
    "L0605", "universe-rank", ERROR, "a universe is ranked by a number that changes, and `{expr}` {found}"
)

# --- portfolios ----------------------------------------------------------------------------------
RUN_UNKNOWN = Code("L0620", "run-unknown-strategy", WARNING, "no strategy of this file is called `{name}`")
EMPTY_PORTFOLIO = Code("L0621", "empty-portfolio", ERROR, "the portfolio `{name}` runs no strategy")
PORTFOLIO_WEIGHTS = Code("L0622", "portfolio-weights", ERROR, "{cause}")
PORTFOLIO_CAPITAL = Code("L0623", "portfolio-capital", ERROR, "{cause}")
UNKNOWN_ALLOCATION = Code("L0624", "unknown-allocation", ERROR, "`{name}` is no way to allocate capital")
