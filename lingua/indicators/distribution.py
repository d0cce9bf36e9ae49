"""What the values of a window are like: their range, the commonest, their shape, whether they rise in order."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from typing import Any

from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import PLAIN, SAME, SIGNED, Calculation, indicator, length, number
from lingua.indicators.kernels import Extreme
from lingua.indicators.smoothing import Stepped, exact_sum
from lingua.indicators.windows import BASICS, GROUP, Ordered, Percentile, thrice

SHARE = number("share", 50.0, 0.0, 100.0)

indicator(
    "percentile_nearest_rank",
    parameters=(length(), SHARE),
    group=GROUP,
    formula="percentile(source, length, share, nearest): the least value that share percent of the window do not "
    "exceed",
    source="Pine's ta.percentile_nearest_rank",
    summary="Percentile of the window, always one of its values.",
)(lambda length, share: Percentile(length, share, "nearest"))
indicator(
    "percentile_linear_interpolation",
    parameters=(length(), SHARE),
    group=GROUP,
    formula="percentile(source, length, share, linear): the value at rank (length - 1) * share / 100, between the "
    "nearest",
    source="Pine's ta.percentile_linear_interpolation",
    summary="Percentile of the window, between its values.",
)(lambda length, share: Percentile(length, share, "linear"))


@indicator(
    "range",
    "RANGE",
    parameters=(length(),),
    outputs=(OutputSpec("value", "u0", 0.0),),
    group=GROUP,
    formula="highest(source, length) - lowest(source, length)",
    source="Pine's ta.range",
)
class Range(Calculation):
    """Distance between the extremes of the window."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, x: Any) -> Any:
        return self.top(x) - self.bottom(x)


@indicator(
    "mode",
    "MODE",
    parameters=(length(),),
    outputs=(SAME,),
    group=GROUP,
    formula="the value that the window holds most often, the least of those that are equally frequent",
    source="Pine's ta.mode",
)
class Mode(Stepped):
    """Commonest value of the window."""

    def __init__(self, length: int) -> None:
        self.values: deque[float] = deque(maxlen=length)
        self.ranked: list[tuple[int, float]] = []
        """(-count, value) of every value in the window."""
        self.counts: dict[float, int] = {}

    def copy(self) -> Mode:
        twin: Mode = super().copy()
        twin.counts = dict(self.counts)
        return twin

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        x = x + 0.0  # -0.0 is 0.0
        if len(self.values) == self.values.maxlen:
            self.count(self.values[0], -1)
        self.values.append(x)
        self.count(x, 1)
        return self.ranked[0][1] if len(self.values) == self.values.maxlen else math.nan

    def count(self, x: float, step: int) -> None:
        before = self.counts.get(x, 0)
        if before:
            del self.ranked[bisect_left(self.ranked, (-before, x))]
        if before + step:
            self.counts[x] = before + step
            insort(self.ranked, (-(before + step), x))
        else:
            del self.counts[x]


@indicator(
    "rci",
    "RCI",
    parameters=(length(10, 2),),
    outputs=(SIGNED,),
    group=GROUP,
    formula="100 * (1 - 6 * sum(d^2) / (length^3 - length)), d = rank of a value in size - its rank in time, equal "
    "values share the mean of their ranks",
    source="C. Spearman, American Journal of Psychology 15:1 (1904); as Pine's ta.rci",
    cost=lambda length: 40 + 12 * length,
)
class RankCorrelation(Ordered):
    """Rank correlation index: 100 where every value of the window is above the one before it, -100 where below."""

    def value(self, x: float) -> float:
        n, ranked = len(self.ranked), self.ranked
        off = 0.0
        for k, each in enumerate(self.values, 1):
            # Twice the mean rank, so that every term is a whole number.
            step = bisect_left(ranked, each) + bisect_right(ranked, each) + 1 - 2 * k
            off += step * step
        return 100.0 * (1.0 - 1.5 * off / (n * (n * n - 1.0)))


class Moments(Stepped):
    """Means of powers of the distances from the mean of the window."""

    def __init__(self, length: int) -> None:
        self.values: deque[float] = deque(maxlen=length)

    def take(self, x: float) -> float:
        if x - x != 0.0:
            return math.nan
        self.values.append(x)
        n = len(self.values)
        if n < (self.values.maxlen or 0):
            return math.nan
        middle = exact_sum(self.values) / n
        away = [each - middle for each in self.values]
        square = exact_sum([each * each for each in away]) / n
        # A flat window has no shape.
        return self.shape(away, square) if max(self.values) > min(self.values) and 0.0 < square < math.inf else math.nan

    def shape(self, away: list[float], square: float) -> float:
        raise AssertionError("each has its own")


@indicator(
    "skew",
    parameters=(length(30, 2),),
    outputs=(PLAIN,),
    group=GROUP,
    formula="mean of (source - mean)^3 / stddev^3 over the window; na where it is flat",
    source=BASICS,
    cost=thrice,
)
class Skew(Moments):
    """Skewness of the window: above 0 where the far values lie above the mean."""

    def shape(self, away: list[float], square: float) -> float:
        deviation = math.sqrt(square)
        scaled = [each / deviation for each in away]
        return exact_sum([each * each * each for each in scaled]) / len(away)


@indicator(
    "kurtosis",
    parameters=(length(30, 2),),
    outputs=(PLAIN,),
    group=GROUP,
    formula="mean of (source - mean)^4 / stddev^4 over the window, less 3; na where it is flat",
    source=BASICS,
    cost=thrice,
)
class Kurtosis(Moments):
    """Excess kurtosis of the window: above 0 where it has more far values than a normal distribution."""

    def shape(self, away: list[float], square: float) -> float:
        deviation = math.sqrt(square)
        squares = [(each / deviation) ** 2 for each in away]
        return exact_sum([each * each for each in squares]) / len(away) - 3.0
