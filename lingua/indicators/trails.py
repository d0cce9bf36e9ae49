"""Stops that follow the price."""

from __future__ import annotations

from typing import Any

from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import BAR, Calculation, after, anchored, indicator, length, number, wilder_settle
from lingua.indicators.kernels import Extreme, Lag, ValueWhen
from lingua.indicators.kernels_structure import ClosingStop, Trail
from lingua.indicators.kernels_windows import Mean
from lingua.indicators.momentum import WILDER
from lingua.indicators.pointwise import choose, truth
from lingua.indicators.volatility import Atr

GROUP = "trend"
SIDES = (OutputSpec("long", "price"), OutputSpec("short", "price"))
STOP = (OutputSpec("stop", "price"), OutputSpec("direction", "none", -1.0, 1.0, "int"))


@indicator(
    "chandelier",
    "CHANDELIER",
    inputs=BAR,
    parameters=(length(22), number("width", 3.0)),
    outputs=SIDES,
    lookback=lambda length, width: length,
    settle=lambda length, width: wilder_settle(length),
    group=GROUP,
    formula="long = highest(high, length) - width * atr(length); short = lowest(low, length) + width * atr(length)",
    source="C. LeBeau's exit, as in A. Elder, Come Into My Trading Room (2002)",
)
class Chandelier(Calculation):
    """Chandelier exit: a stop hung from the highest high, or raised from the lowest low."""

    def __init__(self, length: int, width: float) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)
        self.range, self.width = Atr(length), width

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        away = self.width * self.range(high, low, close)
        return self.top(high) - away, self.bottom(low) + away


@indicator(
    "chande_kroll",
    inputs=BAR,
    parameters=(length(10), number("width", 1.0), length(9, 1, "stop")),
    outputs=SIDES,
    lookback=lambda length, width, stop: length + stop - 1,
    settle=lambda length, width, stop: wilder_settle(length),
    group=GROUP,
    formula="short = highest(highest(high, length) - width * atr(length), stop); "
    "long = lowest(lowest(low, length) + width * atr(length), stop)",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994)",
)
class ChandeKroll(Chandelier):
    """Chande Kroll stop: a long position leaves below `long`, a short one above `short`."""

    def __init__(self, length: int, width: float, stop: int) -> None:
        super().__init__(length, width)
        self.highest, self.lowest = Extreme(stop, 1.0), Extreme(stop, -1.0)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        hung, raised = super().__call__(high, low, close)
        return self.lowest(raised), self.highest(hung)


@indicator(
    "volatility_stop",
    "VSTOP",
    "vstop",
    inputs=BAR,
    parameters=(length(20), number("width", 2.0)),
    outputs=STOP,
    lookback=lambda length, width: length,
    settle=anchored,
    group=GROUP,
    formula="in a trend up (direction 1) the highest close since it began less width * atr(length), never falling; a "
    "close below it turns the trend, and likewise down (-1); it begins up",
    source=f"{WILDER}, p. 23; kept from retreating, as on TradingView",
)
class VolatilityStop(Calculation):
    """Volatility stop: several average true ranges from the best close of the trend."""

    def __init__(self, length: int, width: float) -> None:
        self.range, self.width, self.stop = Atr(length), width, self.follower()

    def follower(self) -> Any:
        return ClosingStop()

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        stop, direction = self.stop(close, self.width * self.range(high, low, close))
        return stop, direction


@indicator(
    "atr_stop",
    "atr_trailing_stop",
    inputs=BAR,
    parameters=(length(5), number("width", 3.5)),
    outputs=STOP,
    lookback=lambda length, width: length,
    settle=anchored,
    group=GROUP,
    formula="close - width * atr(length) while the close is above the stop of the bar before (direction 1), "
    "close + that while below (-1), not retreating while the close before was on the same side; it begins below",
    source="S. Vervoort, Technical Analysis of Stocks & Commodities 27:6 (2009), with Wilder's average true range",
)
class AtrStop(VolatilityStop):
    """ATR trailing stop: several average true ranges from the close."""

    def follower(self) -> Any:
        return Trail()


@indicator(
    "hilo",
    "gann_hilo",
    inputs=BAR,
    parameters=(length(3),),
    outputs=STOP,
    lookback=after,
    settle=anchored,
    group=GROUP,
    formula="sma(low, length) in a trend up (direction 1), sma(high, length) in one down (-1); a close above "
    "sma(high, length)[1] turns it up, one below sma(low, length)[1] down; it begins up",
    source="R. Krausz, Technical Analysis of Stocks & Commodities 16:2 (1998)",
)
class HiLo(Calculation):
    """Gann HiLo activator: the average of the lows below a rise, of the highs above a fall."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom, self.top_before, self.bottom_before = Mean(length), Mean(length), Lag(1), Lag(1)
        self.side = ValueWhen(0)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        top, bottom = self.top(high), self.bottom(low)
        above, below = close > self.top_before(top), close < self.bottom_before(bottom)
        held = self.side(truth(above | below), choose(above, 1.0, -1.0))
        side = choose(held != held, 1.0, held)
        return choose(side > 0.0, bottom, top), side
