"""Said by a run, not by a check: what is understood and checked, but not executed.

A number is of the family its construct belongs to.
"""

from lingua.diagnostics.diagnostic import Code, Severity

UNIVERSE_NOT_RUN = Code(
    "L0690", "universe-not-run", Severity.ERROR, "{construct} checked, but a backtest trades single symbols only"
)
PORTFOLIO_NOT_RUN = Code(
    "L0691", "portfolio-not-run", Severity.ERROR, "the portfolio `{name}` is checked, but a backtest runs one strategy"
)
EXTERN_NOT_RUN = Code(
    "L1090", "extern-not-run", Severity.ERROR, "the extern function `{name}` is checked, but a backtest cannot call it"
)
