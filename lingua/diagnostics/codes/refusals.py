"""Said by a run, not by a check: what is understood and checked, but not executed."""

from lingua.diagnostics.diagnostic import Code, Severity

NOT_RUN = Code("L0690", "not-run", Severity.ERROR, "{construct} checked, but a backtest does not run it yet")
