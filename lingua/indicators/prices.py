"""One price for a bar."""

from __future__ import annotations

from typing import Any

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import BAR, CLOSE, HIGH, LOW, OPEN, PRICE, Calculation, indicator, none, settle_of
from lingua.indicators.kernels import Lag, Smoother
from lingua.indicators.pointwise import choose, greater, lesser, mid, typical

GROUP = "prices"
walks_over: Any = walks  # its signatures are Cython's
WHOLE = (OPEN, HIGH, LOW, CLOSE)
DEFINITION = "definition"

indicator(
    "medprice",
    "MEDPRICE",
    inputs=(HIGH, LOW),
    outputs=(PRICE,),
    lookback=none,
    group=GROUP,
    source=DEFINITION,
    formula="(high + low) / 2",
    summary="Middle of the bar.",
)(lambda: Plain(mid))
indicator(
    "typprice",
    "TYPPRICE",
    inputs=BAR,
    outputs=(PRICE,),
    lookback=none,
    group=GROUP,
    source=DEFINITION,
    formula="(high + low + close) / 3",
    summary="Typical price of the bar.",
)(lambda: Plain(typical))
indicator(
    "wclprice",
    "WCLPRICE",
    inputs=BAR,
    outputs=(PRICE,),
    lookback=none,
    group=GROUP,
    source=DEFINITION,
    formula="(high + low + 2 * close) / 4",
    summary="Weighted close of the bar.",
)(lambda: Plain(lambda high, low, close: (high + low + close * 2.0) / 4.0))
indicator(
    "avgprice",
    "AVGPRICE",
    inputs=WHOLE,
    outputs=(PRICE,),
    lookback=none,
    group=GROUP,
    source=DEFINITION,
    formula="(open + high + low + close) / 4",
    summary="Mean of the bar's four prices.",
)(lambda: Plain(lambda open, high, low, close: (high + low + close + open) / 4.0))


class Plain(Calculation):
    """A formula of one bar, nothing remembered."""

    def __init__(self, formula: Any) -> None:
        self.formula = formula

    def __call__(self, *inputs: Any) -> Any:
        return self.formula(*inputs)


@indicator(
    "ha",
    "HA",
    "heikin_ashi",
    inputs=WHOLE,
    lookback=none,
    settle=lambda: settle_of(0.5),
    group=GROUP,
    outputs=tuple(OutputSpec(name, "price") for name in ("open", "high", "low", "close")),
    formula="close = (open + high + low + close) / 4; open = the middle of the bar's open and close before, at first "
    "(open + close) / 2; high and low of the bar with both",
    source="D. Valcu, Technical Analysis of Stocks & Commodities 22:2 (2004)",
)
class HeikinAshi(Calculation):
    """Heikin-Ashi bar."""

    def __init__(self) -> None:
        self.close_before, self.opened = Lag(1), Smoother(1, 0.5, True)

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any, Any]:
        mean = (open + high + low + close) / 4.0
        before = self.close_before(mean)
        # open = (open + close) / 2 of the bar before is smoothing the closes before with weight 1/2.
        began = self.opened(choose(before != before, mid(open, close), before))
        return began, greater(high, greater(began, mean)), lesser(low, lesser(began, mean)), mean

    def whole(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        found = tuple([np.empty(len(close)) for _ in range(4)])
        return found if walks_over.heikin_ashi(open, high, low, close, *found) else None
