"""Statistics of a window of bars: each depends on the window's contents alone."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from lingua.indicators.averages import led
from lingua.indicators.declaration import IndicatorSpec, Input, OutputSpec
from lingua.indicators.declare import PERCENT, PLAIN, SAME, SOURCE, Form, length, number, zero
from lingua.indicators.exact import Floats, Window, WindowSums, add, divide, multiply, negative, scale, two_product

RESOLUTION = 2.0**-96
"""A spread below this share of the sum it was taken from is rounding: it counts as none."""
BASICS = "G. W. Snedecor, W. G. Cochran, Statistical Methods (1989)"
OTHER = Input("other")


def spread(n: float, x: Any, y: Any, xy: Any) -> Any:
    """n * sum(xy) - sum(x) * sum(y) of pairs, as a float; exactly 0 where only rounding is left."""
    whole = scale(xy, n)
    rest = add(whole, negative(multiply(x, y)))[0]
    if isinstance(rest, np.ndarray):
        return np.where(np.abs(rest) <= np.abs(whole[0]) * RESOLUTION, 0.0, rest)
    return 0.0 if abs(rest) <= abs(whole[0]) * RESOLUTION else float(rest)


class Products:
    """Sliding exact sums of x * y."""

    def __init__(self, x: Floats, y: Floats) -> None:
        high, low = two_product(x, y)
        self._high, self._low = WindowSums(high), WindowSums(low)

    def sums(self, length: int) -> Any:
        return add(self._high.sums(length), self._low.sums(length))


class ProductWindow(Form):
    def __init__(self, length: int) -> None:
        self._high, self._low = Window(length), Window(length)

    def push(self, x: float, y: float) -> None:
        high, low = two_product(x, y)
        self._high.push(high)
        self._low.push(low)

    def sum(self) -> Any:
        return add(self._high.sum(), self._low.sum())


def variance_of(n: float, sum_x: Any, sum_xx: Any, is_sample: bool) -> Any:
    value = spread(n, sum_x, sum_x, sum_xx)
    value = np.maximum(value, 0.0) if isinstance(value, np.ndarray) else max(value, 0.0)
    return value / (n * (n - 1.0 if is_sample else n))


def var(x: Floats, *, length: int, sample: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    squares = Products(x, x).sums(length)
    return (led(variance_of(float(length), WindowSums(x).sums(length), squares, bool(sample)), length - 1, n),)


class Var(Form):
    def __init__(self, *, length: int, sample: int) -> None:
        self._plain, self._squares = Window(length), ProductWindow(length)
        self._length, self._sample = float(length), bool(sample)

    def update(self, x: float) -> tuple[float]:
        self._plain.push(x)
        self._squares.push(x, x)
        if not self._plain.is_full:
            return (math.nan,)
        return (float(variance_of(self._length, self._plain.sum(), self._squares.sum(), self._sample)),)


def stddev(x: Floats, *, length: int, sample: int) -> tuple[Floats]:
    return (np.sqrt(var(x, length=length, sample=sample)[0]),)


class Stddev(Var):
    def update(self, x: float) -> tuple[float]:
        return (math.sqrt(value) if (value := super().update(x)[0]) == value else value,)


def rolling_sum(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    return (led(WindowSums(x).sums(length)[0], length - 1, n) if n >= length else np.full(n, np.nan),)


class Sum(Form):
    def __init__(self, *, length: int) -> None:
        self._window = Window(length)

    def update(self, x: float) -> tuple[float]:
        self._window.push(x)
        return (self._window.sum()[0] if self._window.is_full else math.nan,)


def zscore(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    mean = led(divide(WindowSums(x).sums(length), float(length)), length - 1, n)
    deviation = stddev(x, length=length, sample=0)[0]
    with np.errstate(all="ignore"):
        return (np.where(deviation == 0.0, np.nan, (x - mean) / deviation),)


class Zscore(Form):
    def __init__(self, *, length: int) -> None:
        self._deviation = Stddev(length=length, sample=0)
        self._window, self._length = Window(length), float(length)

    def update(self, x: float) -> tuple[float]:
        self._window.push(x)
        deviation = self._deviation.update(x)[0]
        if deviation != deviation or deviation == 0.0:
            return (math.nan,)
        return ((x - float(divide(self._window.sum(), self._length))) / deviation,)


def bbands(x: Floats, *, length: int, width: float) -> tuple[Floats, Floats, Floats]:
    n = len(x)
    if n < length:
        nothing = np.full(n, np.nan)
        return nothing, nothing.copy(), nothing.copy()
    mean = led(divide(WindowSums(x).sums(length), float(length)), length - 1, n)
    band = width * stddev(x, length=length, sample=0)[0]
    return mean + band, mean, mean - band


class Bbands(Form):
    def __init__(self, *, length: int, width: float) -> None:
        self._deviation = Stddev(length=length, sample=0)
        self._window, self._length, self._width = Window(length), float(length), width

    def update(self, x: float) -> tuple[float, float, float]:
        self._window.push(x)
        band = self._width * self._deviation.update(x)[0]
        if band != band:
            return math.nan, math.nan, math.nan
        mean = float(divide(self._window.sum(), self._length))
        return mean + band, mean, mean - band


def pair_sums(x: Floats, y: Floats, length: int) -> tuple[Any, Any, Any]:
    return WindowSums(x).sums(length), WindowSums(y).sums(length), Products(x, y).sums(length)


def cov(x: Floats, y: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    return (led(spread(float(length), *pair_sums(x, y, length)) / (float(length) * length), length - 1, n),)


class PairForm(Form):
    def __init__(self, *, length: int) -> None:
        self._x, self._y = Window(length), Window(length)
        self._xy, self._xx, self._yy = ProductWindow(length), ProductWindow(length), ProductWindow(length)
        self._n = float(length)

    def push(self, x: float, y: float) -> bool:
        self._x.push(x)
        self._y.push(y)
        self._xy.push(x, y)
        self._xx.push(x, x)
        self._yy.push(y, y)
        return self._x.is_full

    def together(self) -> float:
        return float(spread(self._n, self._x.sum(), self._y.sum(), self._xy.sum()))


class Cov(PairForm):
    def update(self, x: float, y: float) -> tuple[float]:
        return (self.together() / (self._n * self._n) if self.push(x, y) else math.nan,)


def corr(x: Floats, y: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    size = float(length)
    sum_x, sum_y, sum_xy = pair_sums(x, y, length)
    of_x = spread(size, sum_x, sum_x, Products(x, x).sums(length))
    of_y = spread(size, sum_y, sum_y, Products(y, y).sums(length))
    return (led(correlation(spread(size, sum_x, sum_y, sum_xy), of_x, of_y), length - 1, n),)


def correlation(together: Any, of_x: Any, of_y: Any) -> Any:
    """na where one of the two does not move."""
    with np.errstate(all="ignore"):
        scaled = np.sqrt(np.maximum(of_x, 0.0)) * np.sqrt(np.maximum(of_y, 0.0))
        value = np.where(scaled == 0.0, np.nan, together / np.where(scaled == 0.0, 1.0, scaled))
    return np.minimum(np.maximum(value, -1.0), 1.0)


class Corr(PairForm):
    def update(self, x: float, y: float) -> tuple[float]:
        if not self.push(x, y):
            return (math.nan,)
        of_x = spread(self._n, self._x.sum(), self._x.sum(), self._xx.sum())
        of_y = spread(self._n, self._y.sum(), self._y.sum(), self._yy.sum())
        return (float(correlation(self.together(), of_x, of_y)),)


def line_of(n: float, total: Any, weighted: Any) -> tuple[Any, Any]:
    """Slope and intercept (at the oldest bar) of the least-squares line through a window."""
    moments = n * (n - 1.0) / 2.0
    # slope = (n * sum(k x) - sum(k) * sum(x)) / (n * sum(k^2) - sum(k)^2)
    below = n * n * (n * n - 1.0) / 12.0
    slope = add(scale(weighted, n), negative(scale(total, moments)))[0] / below if n > 1 else total[0] * 0.0
    return slope, divide(total, n) - slope * ((n - 1.0) / 2.0)


def _line(x: Floats, length: int) -> tuple[Floats, Floats]:
    n = len(x)
    if n < length:
        return np.full(n, np.nan), np.full(n, np.nan)
    sums = WindowSums(x)
    slope, intercept = line_of(float(length), sums.sums(length), sums.weighted(length))
    return led(slope, length - 1, n), led(intercept, length - 1, n)


def end_of(slope: Any, intercept: Any, length: int) -> Any:
    return intercept + slope * (length - 1.0)


def linearreg(x: Floats, *, length: int) -> tuple[Floats]:
    return (end_of(*_line(x, length), length),)


def linearreg_slope(x: Floats, *, length: int) -> tuple[Floats]:
    return (_line(x, length)[0],)


def linearreg_intercept(x: Floats, *, length: int) -> tuple[Floats]:
    return (_line(x, length)[1],)


def tsf(x: Floats, *, length: int) -> tuple[Floats]:
    return (end_of(*_line(x, length), length + 1),)


class LineForm(Form):
    def __init__(self, *, length: int) -> None:
        self._window, self._length = Window(length, is_weighted=True), length

    def line(self, x: float) -> tuple[float, float]:
        self._window.push(x)
        if not self._window.is_full:
            return math.nan, math.nan
        slope, intercept = line_of(float(self._length), self._window.sum(), self._window.weighted())
        return float(slope), float(intercept)


class Linearreg(LineForm):
    def update(self, x: float) -> tuple[float]:
        return (end_of(*self.line(x), self._length),)


class LinearregSlope(LineForm):
    def update(self, x: float) -> tuple[float]:
        return (self.line(x)[0],)


class LinearregIntercept(LineForm):
    def update(self, x: float) -> tuple[float]:
        return (self.line(x)[1],)


class Tsf(LineForm):
    def update(self, x: float) -> tuple[float]:
        return (end_of(*self.line(x), self._length + 1),)


def extreme(x: Floats, length: int, choose: Any) -> Floats:
    """Sliding extreme in one pass: blocks of `length`, running extremes forwards and backwards in each
    (M. van Herk, Pattern Recognition Letters 13 (1992) 517-521)."""
    n = len(x)
    if n < length:
        return np.full(n, np.nan)
    blocks = -(-n // length)
    padded = np.concatenate((x, np.full(blocks * length - n, x[-1]))).reshape(blocks, length)
    forward = choose.accumulate(padded, axis=1).ravel()
    backward = choose.accumulate(padded[:, ::-1], axis=1)[:, ::-1].ravel()
    return led(choose(backward[: n - length + 1], forward[length - 1 : n]), length - 1, n)


def highest(x: Floats, *, length: int) -> tuple[Floats]:
    return (extreme(x, length, np.maximum),)


def lowest(x: Floats, *, length: int) -> tuple[Floats]:
    return (extreme(x, length, np.minimum),)


class Recent(Form):
    """The last `length` values."""

    def __init__(self, *, length: int) -> None:
        self._past: deque[float] = deque(maxlen=length)

    def push(self, x: float) -> bool:
        self._past.append(x)
        return len(self._past) == self._past.maxlen


class Highest(Recent):
    def update(self, x: float) -> tuple[float]:
        return (max(self._past) if self.push(x) else math.nan,)


class Lowest(Recent):
    def update(self, x: float) -> tuple[float]:
        return (min(self._past) if self.push(x) else math.nan,)


def _windows(x: Floats, length: int) -> Floats:
    return np.lib.stride_tricks.sliding_window_view(x, length)


def bars_since_extreme(x: Floats, length: int, find: Any) -> Floats:
    n = len(x)
    if n < length:
        return np.full(n, np.nan)
    # The newest of equal extremes counts: look from the newest bar backwards.
    return led(find(_windows(x, length)[:, ::-1], axis=1).astype(np.float64), length - 1, n)


class HighestBars(Recent):
    def update(self, x: float) -> tuple[float]:
        if not self.push(x):
            return (math.nan,)
        return (float(list(reversed(self._past)).index(max(self._past))),)


class LowestBars(Recent):
    def update(self, x: float) -> tuple[float]:
        if not self.push(x):
            return (math.nan,)
        return (float(list(reversed(self._past)).index(min(self._past))),)


def median(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    return (led(np.median(_windows(x, length), axis=1), length - 1, n) if n >= length else np.full(n, np.nan),)


class Median(Recent):
    def update(self, x: float) -> tuple[float]:
        return (float(np.median(np.array(self._past))) if self.push(x) else math.nan,)


def percentile_of(ordered: Any, share: float, length: int) -> Any:
    """Linear interpolation between the two nearest ranks (Hyndman and Fan's definition 7)."""
    rank = (length - 1) * share / 100.0
    below = math.floor(rank)
    above = min(below + 1, length - 1)
    low, high = ordered[..., below], ordered[..., above]
    return low + (rank - below) * (high - low)


def percentile(x: Floats, *, length: int, share: float) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    return (led(percentile_of(np.sort(_windows(x, length), axis=1), share, length), length - 1, n),)


class Percentile(Recent):
    def __init__(self, *, length: int, share: float) -> None:
        super().__init__(length=length)
        self._share, self._length = share, length

    def update(self, x: float) -> tuple[float]:
        if not self.push(x):
            return (math.nan,)
        return (float(percentile_of(np.sort(np.array(self._past)), self._share, self._length)),)


def rank_in(x: Floats, *, length: int) -> tuple[Floats]:
    n = len(x)
    if n < length:
        return (np.full(n, np.nan),)
    windows = _windows(x, length)
    below = (windows[:, :-1] < windows[:, -1:]).sum(axis=1) + 0.5 * (windows[:, :-1] == windows[:, -1:]).sum(axis=1)
    return (led(100.0 * below / max(length - 1, 1), length - 1, n),)


class RankIn(Recent):
    def update(self, x: float) -> tuple[float]:
        if not self.push(x):
            return (math.nan,)
        others = list(self._past)[:-1]
        below = sum(v < x for v in others) + 0.5 * sum(v == x for v in others)
        return (100.0 * below / max(len(others), 1),)


def _lead(*, length: int, **_: Any) -> int:
    return length - 1


def _memory(*, length: int, **_: Any) -> int:
    return length


SAMPLE = number("sample", 0, 0, 1)
PER_BAR = OutputSpec("value", "u0/bars")
CORRELATION = OutputSpec("value", "none", -1.0, 1.0)
BAND = (OutputSpec("upper", "u0"), OutputSpec("middle", "u0"), OutputSpec("lower", "u0"))
COUNT = OutputSpec("value", "bars", 0.0, None)


def _spec(name: str, parameters: Any, outputs: Any, batch: Any, form: Any, formula: str, source: str, summary: str,
          aliases: tuple[str, ...] = (), inputs: Any = (SOURCE,)) -> IndicatorSpec:  # fmt: skip
    return IndicatorSpec(name, inputs, parameters, outputs, _lead, zero, batch, form, formula, source, summary,
                         "windows", aliases, cost=lambda length, **_: 20, memory=_memory)  # fmt: skip


SPECS = (
    _spec("sum", (length(),), (SAME,), rolling_sum, Sum, "sum of the last length values", BASICS, "Rolling sum.", ("SUM",)),
    _spec("var", (length(), SAMPLE), (OutputSpec("value", "u0*u0", 0.0),), var, Var,
          "mean of (source - mean)^2 over the window; divided by length - 1 when sample is 1", BASICS,
          "Variance of the window.", ("VAR", "variance")),
    _spec("stddev", (length(), SAMPLE), (OutputSpec("value", "u0", 0.0),), stddev, Stddev, "sqrt(var(source, length))",
          BASICS, "Standard deviation of the window.", ("STDDEV", "stdev")),
    _spec("zscore", (length(),), (PLAIN,), zscore, Zscore, "(source - sma) / stddev; na on a flat window", BASICS,
          "Distance from the mean in standard deviations."),
    _spec("bbands", (length(20), number("width", 2.0)), BAND, bbands, Bbands, "sma ± width * stddev (population)",
          "J. Bollinger, Bollinger on Bollinger Bands (2001), ch. 7", "Bollinger bands.", ("BBANDS",)),
    _spec("cov", (length(),), (OutputSpec("value", "u0*u1"),), cov, Cov, "mean of the product of deviations", BASICS,
          "Covariance of two series over the window.", (), (SOURCE, OTHER)),
    _spec("corr", (length(),), (CORRELATION,), corr, Corr, "cov / (stddev * stddev); na where one does not move",
          BASICS, "Pearson correlation over the window.", ("CORREL", "correl", "correlation"), (SOURCE, OTHER)),
    _spec("linearreg", (length(14, 2),), (SAME,), linearreg, Linearreg, "end of the least-squares line of the window",
          BASICS, "Linear regression.", ("LINEARREG",)),
    _spec("linearreg_slope", (length(14, 2),), (PER_BAR,), linearreg_slope, LinearregSlope,
          "slope of the least-squares line of the window, per bar", BASICS, "Slope of the linear regression.",
          ("LINEARREG_SLOPE",)),
    _spec("linearreg_intercept", (length(14, 2),), (SAME,), linearreg_intercept, LinearregIntercept,
          "start of the least-squares line of the window", BASICS, "Start of the linear regression.",
          ("LINEARREG_INTERCEPT",)),
    _spec("tsf", (length(14, 2),), (SAME,), tsf, Tsf, "the least-squares line one bar further", BASICS,
          "Time series forecast.", ("TSF",)),
    _spec("highest", (length(),), (SAME,), highest, Highest, "greatest of the last length values",
          "definition", "Highest value of the window.", ("MAX",)),
    _spec("lowest", (length(),), (SAME,), lowest, Lowest, "least of the last length values", "definition",
          "Lowest value of the window.", ("MIN",)),
    _spec("highest_bars", (length(),), (COUNT,), lambda x, length: (bars_since_extreme(x, length, np.argmax),),
          HighestBars, "bars since the newest highest value of the window", "definition",
          "Bars since the window's highest value.", ("MAXINDEX",)),
    _spec("lowest_bars", (length(),), (COUNT,), lambda x, length: (bars_since_extreme(x, length, np.argmin),),
          LowestBars, "bars since the newest lowest value of the window", "definition",
          "Bars since the window's lowest value.", ("MININDEX",)),
    _spec("median", (length(),), (SAME,), median, Median, "middle value of the window", BASICS, "Rolling median."),
    _spec("percentile", (length(), number("share", 50.0, 0.0, 100.0)), (SAME,), percentile, Percentile,
          "linear interpolation between the nearest ranks", "R. J. Hyndman, Y. Fan, American Statistician 50:4 (1996)",
          "Percentile of the window."),
    _spec("rank_in", (length(low=2),), (PERCENT,), rank_in, RankIn,
          "share of the other values of the window below this one, equal ones half, times 100", BASICS,
          "Percent rank of the newest value in its window.", ("percentrank",)),
)  # fmt: skip
