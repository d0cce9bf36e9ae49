"""Statistics of a window: each depends on the window's contents alone."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from typing import Any

from lingua.arrays import np
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BARS_AGO,
    HIGH,
    LOW,
    OTHER,
    PERCENT,
    PLAIN,
    PRICE,
    SOURCE,
    Calculation,
    after,
    choice,
    indicator,
    length,
    number,
)
from lingua.indicators.kernels import Extreme, Lag
from lingua.indicators.kernels_windows import Correlation, CoSpread, LineAt, MeanDeviation, Spread, Sum, Variance
from lingua.indicators.pointwise import mid, ratio, root
from lingua.indicators.talib_forms import talib

GROUP = "windows"
BASICS = "G. W. Snedecor, W. G. Cochran, Statistical Methods (1989)"
DEFINITION = "definition"


def thrice(length: int, **_: Any) -> int:
    """Cost of what goes through the window at each bar."""
    return 20 + 3 * length


def constant(**_: Any) -> int:
    """Cost of what takes exact sums of products along."""
    return 60


indicator(
    "sum",
    "SUM",
    parameters=(length(),),
    group=GROUP,
    formula="x[0] + … + x[length - 1], exact and rounded once",
    source=BASICS,
    summary="Rolling sum.",
)(Sum)


# --- spread ------------------------------------------------------------------------------------------

SAMPLE = number("sample", 0, 0, 1)


def deviation_factor(length: int, sample: float) -> float:
    """What makes the population variance that of a sample where it is to be one."""
    return 1.0 if not sample else length / (length - 1.0) if length > 1 else math.nan


indicator(
    "var",
    "VAR",
    "variance",
    parameters=(length(), SAMPLE),
    outputs=(OutputSpec("value", "u0*u0", 0.0),),
    group=GROUP,
    formula="mean of (source - mean)^2 over the window; divided by length - 1 when `sample` is 1",
    source=BASICS,
    cost=constant,
    summary="Variance of the window.",
)(lambda length, sample: Variance(length, deviation_factor(length, sample)))
indicator(
    "stddev",
    "STDDEV",
    "stdev",
    parameters=(length(), SAMPLE),
    outputs=(OutputSpec("value", "u0", 0.0),),
    group=GROUP,
    formula="sqrt(var(source, length, sample))",
    source=BASICS,
    cost=constant,
    summary="Standard deviation of the window.",
)(lambda length, sample: Variance(length, deviation_factor(length, sample), True))


@indicator(
    "zscore",
    parameters=(length(),),
    outputs=(PLAIN,),
    group=GROUP,
    cost=thrice,
    source=BASICS,
    formula="(source - sma(source, length)) / stddev(source, length); na on a flat window",
)
class Zscore(Calculation):
    """Distance from the mean in standard deviations."""

    def __init__(self, length: int) -> None:
        self.spread = Spread(length)

    def __call__(self, x: Any) -> Any:
        variance, mean = self.spread(x)
        return ratio(x - mean, root(variance))


@indicator(
    "avgdev",
    "AVGDEV",
    "dev",
    parameters=(length(14),),
    outputs=(OutputSpec("value", "u0", 0.0),),
    group=GROUP,
    cost=thrice,
    formula="mean of abs(source - sma(source, length)) over the window",
    source=BASICS,
)
class Avgdev(Calculation):
    """Mean distance from the mean."""

    def __init__(self, length: int) -> None:
        self.deviation = MeanDeviation(length)

    def __call__(self, x: Any) -> Any:
        return self.deviation(x)[0]


# --- two series --------------------------------------------------------------------------------------


@indicator(
    "cov",
    inputs=(SOURCE, OTHER),
    parameters=(length(),),
    outputs=(OutputSpec("value", "u0*u1"),),
    group=GROUP,
    formula="mean of the products of the deviations from either mean",
    source=BASICS,
    cost=thrice,
)
class Cov(Calculation):
    """Covariance of two series over the window."""

    def __init__(self, length: int) -> None:
        self.spread = CoSpread(length)

    def __call__(self, x: Any, y: Any) -> Any:
        return self.spread(x, y)[0]


indicator(
    "corr",
    "CORREL",
    "correl",
    "correlation",
    inputs=(SOURCE, OTHER),
    parameters=(length(30),),
    group=GROUP,
    outputs=(OutputSpec("value", "none", -1.0, 1.0),),
    formula="cov / sqrt(var * var); na where one does not move",
    source=BASICS,
    cost=constant,
    summary="Pearson's correlation over the window.",
)(Correlation)


@indicator(
    "beta",
    "BETA",
    inputs=(SOURCE, OTHER),
    parameters=(length(5),),
    outputs=(PLAIN,),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="cov(a, b) / var(a), a and b the changes of source and other as shares of the value before",
    source="W. F. Sharpe, Journal of Finance 19:3 (1964); inputs as in TA-Lib",
    cost=thrice,
)
class Beta(Calculation):
    """Slope of the second series' returns on the first's."""

    def __init__(self, length: int) -> None:
        self.x, self.y, self.spread = Lag(1), Lag(1), CoSpread(length)

    def __call__(self, x: Any, y: Any) -> Any:
        before_x, before_y = self.x(x), self.y(y)
        together, of_x, _ = self.spread(ratio(x - before_x, before_x), ratio(y - before_y, before_y))
        return ratio(together, of_x)


# --- the least-squares line --------------------------------------------------------------------------

LINE = "least-squares line through the window"
DEGREES = 180.0 / math.pi

indicator(
    "linearreg",
    "LINEARREG",
    parameters=(length(14, 2),),
    group=GROUP,
    formula=f"end of the {LINE}",
    source=BASICS,
    summary="Linear regression: where the line stands now.",
)(lambda length: LineAt(length, (length - 1) / 2.0))
indicator(
    "linearreg_intercept",
    "LINEARREG_INTERCEPT",
    parameters=(length(14, 2),),
    group=GROUP,
    formula=f"start of the {LINE}",
    source=BASICS,
    summary="Linear regression: where the line began.",
)(lambda length: LineAt(length, -(length - 1) / 2.0))
indicator(
    "tsf",
    "TSF",
    parameters=(length(14, 2),),
    group=GROUP,
    formula=f"the {LINE}, one bar further",
    source=BASICS,
    summary="Time series forecast.",
)(lambda length: LineAt(length, (length + 1) / 2.0))


indicator(
    "linearreg_slope",
    "LINEARREG_SLOPE",
    parameters=(length(14, 2),),
    outputs=(OutputSpec("value", "u0/bars"),),
    group=GROUP,
    formula=f"slope of the {LINE}, per bar",
    source=BASICS,
    summary="Slope of the linear regression.",
)(lambda length: LineAt(length, math.nan))


@indicator(
    "linearreg_angle",
    "LINEARREG_ANGLE",
    parameters=(length(14, 2),),
    outputs=(OutputSpec("value", "none", -90.0, 90.0),),
    group=GROUP,
    formula=f"atan of the slope of the {LINE}, in degrees: it depends on the unit of the source",
    source=BASICS,
)
class Angle(Calculation):
    """Angle of the linear regression."""

    def __init__(self, length: int) -> None:
        self.line = LineAt(length, math.nan)

    def __call__(self, x: Any) -> Any:
        slope = self.line(x)
        # The C library's arc tangent in both forms: NumPy's differs from it in the last bit on some processors.
        if isinstance(slope, np.ndarray):
            return talib().ATAN(slope) * DEGREES if len(slope) else slope
        return math.atan(slope) * DEGREES


@indicator(
    "fosc",
    "FOSC",
    parameters=(length(5, 2),),
    outputs=(PLAIN,),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="100 * (source - tsf(source, length)[1]) / source",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994)",
)
class Fosc(Calculation):
    """Forecast oscillator: how far the forecast of the bar before was off, in percent."""

    def __init__(self, length: int) -> None:
        self.forecast, self.before = LineAt(length, (length + 1) / 2.0), Lag(1)

    def __call__(self, x: Any) -> Any:
        return ratio(100.0 * (x - self.before(self.forecast(x))), x)


# --- extremes ----------------------------------------------------------------------------------------

indicator(
    "highest",
    "MAX",
    parameters=(length(),),
    group=GROUP,
    formula="max(x[0], …, x[length - 1])",
    source=DEFINITION,
    summary="Highest value of the window.",
)(lambda length: Extreme(length, 1.0))
indicator(
    "lowest",
    "MIN",
    parameters=(length(),),
    group=GROUP,
    formula="min(x[0], …, x[length - 1])",
    source=DEFINITION,
    summary="Lowest value of the window.",
)(lambda length: Extreme(length, -1.0))
indicator(
    "highest_bars",
    "MAXINDEX",
    "maxindex",
    parameters=(length(),),
    outputs=(BARS_AGO,),
    group=GROUP,
    source=DEFINITION,
    formula="bars since the highest value of the window, the oldest of equal ones, as in Pine",
    summary="Bars since the window's highest value.",
)(lambda length: Extreme(length, 1.0, True, True))
indicator(
    "lowest_bars",
    "MININDEX",
    "minindex",
    parameters=(length(),),
    outputs=(BARS_AGO,),
    group=GROUP,
    source=DEFINITION,
    formula="bars since the lowest value of the window, the oldest of equal ones, as in Pine",
    summary="Bars since the window's lowest value.",
)(lambda length: Extreme(length, -1.0, True, True))


@indicator(
    "minmax",
    "MINMAX",
    parameters=(length(30),),
    outputs=(OutputSpec("min", "u0"), OutputSpec("max", "u0")),
    group=GROUP,
    formula="lowest(source, length), highest(source, length)",
    source=DEFINITION,
)
class Minmax(Calculation):
    """Lowest and highest value of the window."""

    def __init__(self, length: int, is_age: bool = False) -> None:
        self.least = Extreme(length, -1.0, is_age, True)
        self.greatest = Extreme(length, 1.0, is_age, True)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        return self.least(x), self.greatest(x)


AGES = (OutputSpec("min", "bars", 0.0, kind="int"), OutputSpec("max", "bars", 0.0, kind="int"))
indicator(
    "minmaxindex",
    "MINMAXINDEX",
    parameters=(length(30),),
    outputs=AGES,
    group=GROUP,
    source=DEFINITION,
    formula="lowest_bars(source, length), highest_bars(source, length)",
    summary="Bars since the window's lowest and highest value.",
)(lambda length: Minmax(length, True))


@indicator(
    "midpoint",
    "MIDPOINT",
    parameters=(length(14),),
    group=GROUP,
    formula="(highest(source) + lowest(source)) / 2",
    source=DEFINITION,
)
class Midpoint(Minmax):
    """Middle between the window's extremes."""

    def __init__(self, length: int) -> None:
        super().__init__(length)

    def __call__(self, x: Any) -> Any:
        return mid(self.greatest(x), self.least(x))


@indicator(
    "midprice",
    "MIDPRICE",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(PRICE,),
    group=GROUP,
    formula="(highest(high) + lowest(low)) / 2",
    source=DEFINITION,
)
class Midprice(Calculation):
    """Middle of the range of so many bars."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, high: Any, low: Any) -> Any:
        return mid(self.top(high), self.bottom(low))


# --- order statistics --------------------------------------------------------------------------------


class Ordered(Calculation):
    """The last `length` values in order of time and of size."""

    def __init__(self, length: int) -> None:
        self.values: deque[float] = deque(maxlen=length)
        self.ranked: list[float] = []

    def __call__(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return np.array([self.take(each) for each in x.tolist()])
        return self.take(x)

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        if len(self.values) == self.values.maxlen:
            del self.ranked[bisect_left(self.ranked, self.values[0])]
        self.values.append(x)
        insort(self.ranked, x)
        return self.value(x) if len(self.values) == self.values.maxlen else math.nan

    def value(self, x: float) -> float:
        raise AssertionError("each order statistic has its own")


@indicator(
    "percentile",
    "PERCENTILE",
    group=GROUP,
    source="R. J. Hyndman, Y. Fan, American Statistician 50:4 (1996), definitions 1 and 7",
    parameters=(length(30), number("share", 50.0, 0.0, 100.0), choice("method", "nearest", ("nearest", "linear"))),
    formula="nearest: least value of the window that share percent of it do not exceed; linear: value at rank "
    "(length - 1) * share / 100, between the nearest ones",
)
class Percentile(Ordered):
    """Percentile of the window."""

    def __init__(self, length: int, share: float, method: str) -> None:
        super().__init__(length)
        rank = (length - 1) * share / 100.0 if method == "linear" else max(math.ceil(length * share / 100.0) - 1.0, 0.0)
        self.below = math.floor(rank)
        self.above = min(self.below + 1, length - 1)
        self.part = rank - self.below

    def value(self, x: float) -> float:
        low = self.ranked[self.below]
        return low + self.part * (self.ranked[self.above] - low) if self.part else low


indicator(
    "median",
    parameters=(length(),),
    group=GROUP,
    formula="the middle value of the window, or the mean of the middle two",
    source=DEFINITION,
    summary="Median of the window.",
)(lambda length: Percentile(length, 50.0, "linear"))


@indicator(
    "rank_in",
    parameters=(length(None, 2),),
    outputs=(PERCENT,),
    group=GROUP,
    formula="100 * (values of the window below this one + half of those equal to it) / (length - 1), itself left out",
    source=BASICS,
)
class RankIn(Ordered):
    """Percent rank of the newest value among the others of its window."""

    def value(self, x: float) -> float:
        below = bisect_left(self.ranked, x)
        equal = bisect_right(self.ranked, x) - below - 1
        return 100.0 * (below + 0.5 * equal) / (len(self.ranked) - 1)


@indicator(
    "percentrank",
    "PERCENTRANK",
    parameters=(length(100),),
    outputs=(PERCENT,),
    lookback=after,
    group=GROUP,
    formula="100 * (how many of the `length` values before this one are not above it) / length",
    source="TA-Lib; Pine's ta.percentrank",
)
class PercentRank(Ordered):
    """Percent rank of the newest value among those before it."""

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        found = math.nan
        if len(self.values) == self.values.maxlen:
            found = 100.0 * bisect_right(self.ranked, x) / len(self.ranked)
        super().take(x)
        return found

    def value(self, x: float) -> float:
        return x  # not asked for: the rank was taken before x joined
