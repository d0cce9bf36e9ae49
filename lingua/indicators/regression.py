"""Lines through windows: with an offset, with a channel, of one series on another, and of ranges on lengths."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from lingua.arrays import np
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import BAND, OTHER, PLAIN, SOURCE, Calculation, after, indicator, length, number
from lingua.indicators.kernels_windows import CoSpread, Line, LineAt, Mean, Spread
from lingua.indicators.pointwise import greater, lesser, log, ratio, root
from lingua.indicators.windows import GROUP, LINE, thrice

indicator(
    "linreg",
    parameters=(length(14, 2), number("offset", 0, -100_000, 100_000)),
    group=GROUP,
    formula=f"the {LINE}, offset bars before its end",
    source="Pine's ta.linreg",
    summary="Linear regression with an offset.",
)(lambda length, offset: LineAt(length, (length - 1) / 2.0 - offset))


@indicator(
    "linearreg_channel",
    parameters=(length(100, 3), number("width", 2.0)),
    outputs=(*BAND, OutputSpec("fit", "none", 0.0, 1.0)),
    group=GROUP,
    cost=lambda length, width: 30 + 6 * length,
    formula=f"middle = end of the {LINE}; upper, lower = middle ± width * sqrt(mean of the squared distances of the "
    "values from the line); fit: the share of the variance that the line explains, na on a flat window",
    source="G. Raff, Technical Analysis of Stocks & Commodities 9:10 (1991), with deviations in place of the extreme",
)
class Channel(Calculation):
    """Linear regression channel: the line now, and the usual distance from it above and below."""

    def __init__(self, length: int, width: float) -> None:
        self.line, self.spread, self.width = Line(length), Spread(length), width
        self.half, self.of_time = (length - 1) / 2.0, (length * length - 1.0) / 12.0

    def __call__(self, x: Any) -> tuple[Any, ...]:
        slope, mean = self.line(x)
        variance, _ = self.spread(x)
        explained = lesser(slope * slope * self.of_time, variance)
        band = self.width * root(variance - explained)
        middle = mean + slope * self.half
        return middle + band, middle, middle - band, ratio(explained, variance)


@indicator(
    "coint_residual",
    inputs=(SOURCE, OTHER),
    parameters=(length(100, 3),),
    outputs=(OutputSpec("residual", "u0"), OutputSpec("zscore", "none")),
    group=GROUP,
    cost=thrice,
    formula="residual = source - a - b * other, a and b those of the least-squares line of source on other through the "
    "window, b = cov / var(other); zscore = residual / sqrt(mean of the squared residuals of the window); na where "
    "other does not move",
    source="R. F. Engle, C. W. J. Granger, Econometrica 55:2 (1987), first step, over a window",
)
class CointegrationResidual(Calculation):
    """Cointegration residual: what the regression of one series on another leaves now, and how unusual that is."""

    def __init__(self, length: int) -> None:
        self.spread, self.mean, self.other = CoSpread(length), Mean(length), Mean(length)

    def __call__(self, y: Any, x: Any) -> tuple[Any, Any]:
        together, of_y, of_x = self.spread(y, x)
        slope = ratio(together, of_x)
        residual = (y - self.mean(y)) - slope * (x - self.other(x))
        return residual, ratio(residual, root(greater(of_y - slope * together, 0.0)))


# --- the Hurst exponent ------------------------------------------------------------------------------

SHORTEST = 8
"""Bars of the shortest part whose range is taken."""


def sizes(length: int) -> list[int]:
    """The window, its half, its quarter …"""
    found = [length]
    while found[-1] // 2 >= SHORTEST:
        found.append(found[-1] // 2)
    return found


def rescaled(changes: Any, size: int) -> Any:
    """(n,) mean of range over deviation of the newest whole parts of `size` of each row of `changes` (n, length)."""
    count = changes.shape[1] // size
    total = 0.0
    for k in range(count):
        end = changes.shape[1] - k * size
        part = changes[:, end - size : end]
        # Running sums go from left to right for a row as for many: both forms give the same bits.
        away = part - (np.cumsum(part, axis=1)[:, -1:] / size)
        path = np.cumsum(away, axis=1)
        deviation = np.sqrt(np.cumsum(away * away, axis=1)[:, -1] / size)
        total = total + ratio(path.max(axis=1) - path.min(axis=1), deviation)
    return total / count


def hurst_of(changes: Any, length: int) -> Any:
    """(n,) slope of log(rescaled range) on log(size), of rows of `length` changes."""
    logs = [math.log(size) for size in sizes(length)]
    middle = math.fsum(logs) / len(logs)
    spread = math.fsum([(each - middle) ** 2 for each in logs])
    slope = 0.0
    for size, each in zip(sizes(length), logs, strict=True):
        slope = slope + (each - middle) / spread * log(rescaled(changes, size))
    return slope


@indicator(
    "hurst",
    parameters=(length(128, 2 * SHORTEST),),
    outputs=(PLAIN,),
    lookback=after,
    group=GROUP,
    formula="slope of log(R/S) on log(n) for n = length, length / 2, length / 4 … down to 8, R/S the mean over the "
    "newest whole parts of n changes of log(source) of (greatest - least running sum of the distances from their "
    "mean) / their deviation; about 0.5 for a random walk, above it for a trend, below for what turns back; na on a "
    "flat part",
    source="H. E. Hurst (1951); E. E. Peters, Chaos and Order in the Capital Markets (1991), ch. 7",
    cost=lambda length: 200 + 12 * length,
)
class Hurst(Calculation):
    """Hurst exponent by rescaled ranges."""

    def __init__(self, length: int) -> None:
        self.length, self.before = length, math.nan
        self.changes: deque[float] = deque(maxlen=length)

    def __call__(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self.run(x)
        level = math.log(x) if x > 0.0 else math.nan
        self.changes.append(level - self.before)
        self.before = level
        if len(self.changes) < self.length:
            return math.nan
        with np.errstate(all="ignore"):
            return float(hurst_of(np.array([self.changes]), self.length)[0])

    def run(self, x: Any) -> Any:
        level = log(x)
        changes = level - np.concatenate(([math.nan], level[:-1]))[: len(level)]
        found = np.full(len(x), math.nan)
        rows = max(1, 1_000_000 // self.length)
        for first in range(self.length - 1, len(x), rows):
            last = min(len(x), first + rows)
            windows = np.lib.stride_tricks.sliding_window_view(changes[first - self.length + 1 : last], self.length)
            found[first:last] = hurst_of(windows, self.length)
        return found
