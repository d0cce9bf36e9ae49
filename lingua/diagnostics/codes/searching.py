"""L089x: said by a search, when there is nothing to try or nothing to rank."""

from lingua.diagnostics.diagnostic import Code, Severity

NO_DOMAIN = Code(
    "L0891", "no-domain", Severity.ERROR, "no param of `{name}` has a domain, so there is nothing to search"
)
GRID_TOO_LARGE = Code(
    "L0892", "grid-too-large", Severity.ERROR, "the grid has more than the {trials} combinations asked for"
)
NOTHING_LEFT = Code("L0893", "nothing-left", Severity.ERROR, "{cause}")
NO_TRADES = Code(
    "L0895", "no-trades", Severity.ERROR, "none of {count} combinations traded: there is nothing to compare"
)
UNDEFINED_OBJECTIVE = Code("L0896", "undefined-objective", Severity.ERROR, "`{text}` is undefined {where}")
FOLDS_DO_NOT_FIT = Code("L0897", "folds-do-not-fit", Severity.ERROR, "{cause}")
