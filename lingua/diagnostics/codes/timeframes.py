"""L04xx: timeframes and calendars."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR = Severity.ERROR

NOT_A_MULTIPLE = Code("L0401", "not-a-multiple", ERROR, "bars of {wanted} are not made of whole bars of {base}")
WHOSE_BARS = Code("L0402", "whose-bars", ERROR, "`{expr}` does not say whose bars are counted")
FILLS_ON_OTHER_CLOCK = Code(
    "L0403", "fills-on-other-clock", ERROR, "`{name}` depends on fills and exists on the traded bars only"
)
UNKNOWN_TIMEFRAME = Code("L0404", "unknown-timeframe", ERROR, "`{name}` is neither a timeframe nor a `data` symbol")
BAD_INNER = Code("L0405", "bad-inner", ERROR, "{cause}")
