"""How far prices range, and channels as wide as that."""

from __future__ import annotations

from typing import Any

from lingua.indicators import walks
from lingua.indicators.averages import ema_kernel, wilder_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAND,
    BAR,
    CHANNEL,
    HIGH,
    LOW,
    PERCENT,
    PLAIN,
    Calculation,
    after,
    ema_alpha,
    indicator,
    length,
    number,
    one,
    settle_of,
    wilder_settle,
    window,
)
from lingua.indicators.kernels import Extreme, Lag, Skip, TrueRange
from lingua.indicators.kernels_windows import Banded, Mean, Sum, Variance
from lingua.indicators.momentum import ACHELIS, WILDER, Roc
from lingua.indicators.pointwise import choose, mid, ratio, typical

GROUP = "volatility"
walks_over: Any = walks  # its signatures are Cython's
RANGE = OutputSpec("value", "price", 0.0)


indicator(
    "trange",
    "TRANGE",
    "true_range",
    "tr",
    inputs=BAR,
    outputs=(RANGE,),
    lookback=one,
    group=GROUP,
    formula="max(high, close[1]) - min(low, close[1])",
    source=f"{WILDER}, p. 21",
    summary="True range: that of the bar with the gap from the close before it.",
)(TrueRange)


@indicator(
    "atr",
    "ATR",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(RANGE,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="rma(trange(), length); the first true range is that of the second bar",
    source=f"{WILDER}, p. 21",
)
class Atr(Calculation):
    """Average true range."""

    def __init__(self, length: int) -> None:
        self.range, self.average = TrueRange(), wilder_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.average(self.range(high, low, close))


@indicator(
    "natr",
    "NATR",
    "atr_percent",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PLAIN,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * atr(length) / close",
    source="J. Forman, Technical Analysis of Stocks & Commodities 24:5 (2006)",
)
class Natr(Atr):
    """Average true range in percent of the close."""

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return ratio(100.0 * super().__call__(high, low, close), close)

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        found = super().__call__(high, low, close)
        walks_over.share(found, close, 100.0, found)
        return found


@indicator(
    "adr",
    "ADR",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(RANGE,),
    is_local=True,
    group=GROUP,
    formula="sma(high - low, length)",
    source=ACHELIS,
)
class Adr(Calculation):
    """Mean range of the bars."""

    def __init__(self, length: int) -> None:
        self.mean = Mean(length)

    def __call__(self, high: Any, low: Any) -> Any:
        return self.mean(high - low)


@indicator(
    "cvi",
    "CVI",
    inputs=(HIGH, LOW),
    parameters=(length(10), length(10, 1, "change")),
    outputs=(PLAIN,),
    lookback=lambda length, change: length - 1 + change,
    settle=lambda length, change: settle_of(ema_alpha(length)),
    group=GROUP,
    formula="roc(ema(high - low, length), change)",
    source=f"{ACHELIS}, Chaikin's volatility",
)
class Cvi(Calculation):
    """Chaikin volatility: change of the mean range in percent."""

    def __init__(self, length: int, change: int) -> None:
        self.average, self.rate = ema_kernel(length), Roc(change)

    def __call__(self, high: Any, low: Any) -> Any:
        return self.rate(self.average(high - low))


@indicator(
    "massi",
    "MASSI",
    inputs=(HIGH, LOW),
    parameters=(length(9), length(25, 1, "sum")),
    outputs=(PLAIN,),
    lookback=lambda length, sum: 2 * (length - 1) + sum - 1,
    settle=lambda length, sum: 2 * settle_of(ema_alpha(length)),
    group=GROUP,
    formula="sum(ema(high - low, length) / ema(ema(high - low, length), length), sum)",
    source="D. Dorsey, Technical Analysis of Stocks & Commodities 10:6 (1992)",
)
class Massi(Calculation):
    """Mass index."""

    def __init__(self, length: int, sum: int) -> None:
        self.first, self.second, self.sum = ema_kernel(length), ema_kernel(length), Sum(sum)

    def __call__(self, high: Any, low: Any) -> Any:
        first = self.first(high - low)
        return self.sum(ratio(first, self.second(first)))


@indicator(
    "rvi",
    "RVI",
    parameters=(length(14), length(10, 2, "deviation")),
    outputs=(PERCENT,),
    lookback=lambda length, deviation: deviation - 1 + length - 1,
    settle=lambda length, deviation: wilder_settle(length),
    group=GROUP,
    formula="100 * rma(s where source rose) / (rma(s where source rose) + rma(s where it fell)), "
    "s = stddev(source, deviation)",
    source="D. Dorsey, Technical Analysis of Stocks & Commodities 11:6 (1993)",
)
class Rvi(Calculation):
    """Relative volatility index."""

    def __init__(self, length: int, deviation: int) -> None:
        self.before, self.spread = Lag(1), Variance(deviation, 1.0, True)
        self.rises, self.falls = wilder_kernel(length), wilder_kernel(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        deviation = self.spread(x)
        nothing = deviation - deviation
        rises = self.rises(choose(change > 0.0, deviation, nothing))
        falls = self.falls(choose(change < 0.0, deviation, nothing))
        return ratio(100.0 * rises, rises + falls)


# --- channels ----------------------------------------------------------------------------------------


indicator(
    "bbands",
    "BBANDS",
    parameters=(length(20), number("width", 2.0)),
    outputs=BAND,
    group=GROUP,
    cost=lambda length, width: 80,
    lookback=window,
    formula="middle = sma(source, length); upper, lower = middle ± width * stddev(source, length)",
    source="J. Bollinger, Bollinger on Bollinger Bands (2001), ch. 7",
    summary="Bollinger bands.",
)(lambda length, width: Banded(length, width))


@indicator(
    "keltner",
    inputs=BAR,
    parameters=(length(20), number("width", 2.0)),
    outputs=CHANNEL,
    lookback=lambda length, width: length,
    settle=lambda length, width: wilder_settle(length),
    group=GROUP,
    formula="middle = ema(close, length); upper, lower = middle ± width * atr(length)",
    source="L. B. Raschke's form of C. W. Keltner, How to Make Money in Commodities (1960)",
)
class Keltner(Calculation):
    """Keltner channel."""

    def __init__(self, length: int, width: float) -> None:
        self.middle, self.range, self.width = ema_kernel(length), Atr(length), width

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        middle, band = self.middle(close), self.width * self.range(high, low, close)
        return middle + band, middle, middle - band


def kc_lookback(length: int, range: int, width: float) -> int:
    return max(length - 1, range)


def kc_settle(length: int, range: int, width: float) -> int:
    return max(settle_of(ema_alpha(length)), wilder_settle(range))


@indicator(
    "kc",
    "KC",
    inputs=BAR,
    parameters=(length(20), length(10, 1, "range"), number("width", 2.0)),
    outputs=CHANNEL,
    lookback=kc_lookback,
    settle=kc_settle,
    group=GROUP,
    source="C. W. Keltner, How to Make Money in Commodities (1960); widths as in TA-Lib",
    formula="middle = ema(hlc3, length); upper, lower = middle ± width * atr(range), both begun so "
    "that their first values fall on one bar",
)
class TypicalKeltner(Calculation):
    """Keltner channel around the typical price."""

    def __init__(self, length: int, range: int, width: float) -> None:
        most = max(length - 1, range)
        self.middle_start, self.range_start = Skip(most - length + 1), Skip(most - range)
        self.middle, self.true_range, self.range = ema_kernel(length), TrueRange(), wilder_kernel(range)
        self.width = width

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        middle = self.middle(self.middle_start(typical(high, low, close)))
        band = self.width * self.range(self.range_start(self.true_range(high, low, close)))
        return middle + band, middle, middle - band


@indicator(
    "donchian",
    "DONCHIAN",
    inputs=(HIGH, LOW),
    parameters=(length(20),),
    outputs=CHANNEL,
    group=GROUP,
    formula="upper = highest(high, length), lower = lowest(low, length), this bar included; middle between them",
    source="R. D. Donchian's four-week rule, as in C. Faith, Way of the Turtle (2007)",
)
class Donchian(Calculation):
    """Donchian channel."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any, Any]:
        top, bottom = self.top(high), self.bottom(low)
        return top, mid(top, bottom), bottom


@indicator(
    "accbands",
    "ACCBANDS",
    inputs=BAR,
    parameters=(length(20),),
    outputs=CHANNEL,
    is_local=True,
    group=GROUP,
    formula="middle = sma(close); upper, lower = sma(high * (1 + 4 w)), sma(low * (1 - 4 w)), w = (high - low) / "
    "(high + low)",
    source="P. Headley, Big Trends in Trading (2002)",
)
class Accbands(Calculation):
    """Acceleration bands."""

    def __init__(self, length: int) -> None:
        self.upper, self.middle, self.lower = Mean(length), Mean(length), Mean(length)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        width = 4.0 * ratio(high - low, high + low)
        return self.upper(high * (1.0 + width)), self.middle(close), self.lower(low * (1.0 - width))
