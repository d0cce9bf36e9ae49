"""Channels around an average, and what lies in them."""

from __future__ import annotations

import math
from typing import Any

from lingua.indicators.averages import ema_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAND,
    BAR,
    CHANNEL,
    SOURCE,
    Calculation,
    choice,
    ema_alpha,
    ema_settle,
    indicator,
    length,
    number,
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernels import Extreme, TrueRange
from lingua.indicators.kernels_windows import Banded, LineAt, Mean, Spread
from lingua.indicators.pointwise import mid, ratio, root, truth
from lingua.indicators.volatility import Atr

GROUP = "volatility"
KELTNER = (length(20), number("width", 1.5), choice("range", "true_range", ("true_range", "bar")))
PINE_KELTNER = "C. W. Keltner, How to Make Money in Commodities (1960); as Pine's ta."


def keltner_lookback(length: int, width: float, range: str) -> int:
    return length if range == "true_range" else length - 1


class ExponentialKeltner(Calculation):
    def __init__(self, length: int, width: float, range: str) -> None:
        self.middle, self.average, self.width = ema_kernel(length), ema_kernel(length), width
        self.true_range = TrueRange() if range == "true_range" else None

    def lines(self, x: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        """Middle, and distance of the bands from it."""
        moved = high - low if self.true_range is None else self.true_range(high, low, close)
        return self.middle(x), self.width * self.average(moved)


@indicator(
    "kc_ema",
    inputs=(SOURCE, *BAR),
    parameters=KELTNER,
    outputs=BAND,
    lookback=keltner_lookback,
    settle=ema_settle,
    group=GROUP,
    formula="middle = ema(source, length); upper, lower = middle ± width * ema(r, length), r = trange() or, with range "
    "bar, high - low",
    source=f"{PINE_KELTNER}kc",
)
class KeltnerOfEma(ExponentialKeltner):
    """Keltner channel as wide as an exponential mean of ranges."""

    def __call__(self, x: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        middle, band = self.lines(x, high, low, close)
        return middle + band, middle, middle - band


@indicator(
    "kcw",
    "KCW",
    inputs=(SOURCE, *BAR),
    parameters=KELTNER,
    outputs=(OutputSpec("value", "none"),),
    lookback=keltner_lookback,
    settle=ema_settle,
    group=GROUP,
    formula="(upper - lower) / middle of kc_ema(source, length, width, range)",
    source=f"{PINE_KELTNER}kcw",
)
class KeltnerWidth(ExponentialKeltner):
    """Width of the Keltner channel as a share of its middle."""

    def __call__(self, x: Any, high: Any, low: Any, close: Any) -> Any:
        middle, band = self.lines(x, high, low, close)
        return ratio((middle + band) - (middle - band), middle)


class Bands(Calculation):
    def __init__(self, length: int, width: float) -> None:
        self.bands = Banded(length, width)


@indicator(
    "bbw",
    "BBW",
    parameters=(length(20), number("width", 2.0)),
    outputs=(OutputSpec("value", "none"),),
    group=GROUP,
    formula="100 * (upper - lower) / middle of bbands(source, length, width)",
    source="J. Bollinger, Bollinger on Bollinger Bands (2001), ch. 8; as Pine's ta.bbw, in percent",
    cost=lambda length, width: 20 + 3 * length,
)
class BollingerWidth(Bands):
    """Width of the Bollinger bands as percent of their middle."""

    def __call__(self, x: Any) -> Any:
        upper, middle, lower = self.bands(x)
        return ratio(100.0 * (upper - lower), middle)


@indicator(
    "bbp",
    "percent_b",
    parameters=(length(20), number("width", 2.0)),
    outputs=(OutputSpec("value", "none"),),
    group=GROUP,
    formula="(source - lower) / (upper - lower) of bbands(source, length, width): 0 on the lower band, 1 on the upper; "
    "na on a flat window",
    source="J. Bollinger, Bollinger on Bollinger Bands (2001), ch. 8",
    cost=lambda length, width: 20 + 3 * length,
)
class PercentB(Bands):
    """Bollinger's %b: where the source stands between the bands."""

    def __call__(self, x: Any) -> Any:
        upper, _, lower = self.bands(x)
        return ratio(x - lower, upper - lower)


@indicator(
    "starc",
    "STARC",
    inputs=BAR,
    parameters=(length(6), length(15, 1, "range"), number("width", 2.0)),
    outputs=CHANNEL,
    lookback=lambda length, range, width: max(length - 1, range),
    settle=lambda length, range, width: wilder_settle(range),
    group=GROUP,
    formula="middle = sma(close, length); upper, lower = middle ± width * atr(range)",
    source="M. Stoller's average range channels",
)
class Starc(Calculation):
    """STARC bands: a simple average with a margin of average true ranges."""

    def __init__(self, length: int, range: int, width: float) -> None:
        self.mean, self.range, self.width = Mean(length), Atr(range), width

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        middle, band = self.mean(close), self.width * self.range(high, low, close)
        return middle + band, middle, middle - band


@indicator(
    "envelope",
    parameters=(length(20), number("percent", 2.5)),
    outputs=BAND,
    group=GROUP,
    formula="middle = sma(source, length); upper, lower = middle ± middle * percent / 100",
    source="J. J. Murphy, Technical Analysis of the Financial Markets (1999), ch. 9",
)
class Envelope(Calculation):
    """Moving average envelope."""

    def __init__(self, length: int, percent: float) -> None:
        self.mean, self.share = Mean(length), percent / 100.0

    def __call__(self, x: Any) -> tuple[Any, Any, Any]:
        middle = self.mean(x)
        band = middle * self.share
        return middle + band, middle, middle - band


def zone_length(length: int) -> int:
    """The whole number not below the root of `length`."""
    return math.isqrt(length - 1) + 1


@indicator(
    "apz",
    "APZ",
    inputs=BAR,
    parameters=(length(20), number("width", 2.0)),
    outputs=CHANNEL,
    lookback=lambda length, width: 2 * (zone_length(length) - 1),
    settle=lambda length, width: 2 * settle_of(ema_alpha(zone_length(length))),
    group=GROUP,
    formula="middle = ema(ema(close, n), n); upper, lower = middle ± width * ema(ema(high - low, n), n); "
    "n = sqrt(length), rounded up",
    source="L. Leibfarth, Technical Analysis of Stocks & Commodities 24:9 (2006)",
)
class AdaptivePriceZone(Calculation):
    """Adaptive price zone."""

    def __init__(self, length: int, width: float) -> None:
        n = zone_length(length)
        self.first, self.second, self.width = ema_kernel(n), ema_kernel(n), width
        self.range, self.range_again = ema_kernel(n), ema_kernel(n)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        middle = self.second(self.first(close))
        band = self.width * self.range_again(self.range(high - low))
        return middle + band, middle, middle - band


@indicator(
    "squeeze",
    "SQUEEZE",
    inputs=BAR,
    parameters=(length(20, 2), number("deviations", 2.0), number("width", 1.5)),
    outputs=(OutputSpec("on", "none", kind="bool"), OutputSpec("momentum", "price")),
    lookback=lambda length, deviations, width: 2 * length - 2,
    group=GROUP,
    cost=lambda length, deviations, width: 80 + 3 * length,
    formula="on: deviations * stddev(close, length) < width * sma(trange(), length), so that the Bollinger bands lie "
    "inside the Keltner channel; momentum = linearreg(close - (middle of the range of length bars + "
    "sma(close, length)) / 2, length)",
    source="J. F. Carter, Mastering the Trade (2005); the momentum as in LazyBear's form for TradingView",
)
class Squeeze(Calculation):
    """Squeeze: whether volatility has dried up, and which way price leans."""

    def __init__(self, length: int, deviations: float, width: float) -> None:
        self.spread, self.true_range, self.range = Spread(length), TrueRange(), Mean(length)
        self.top, self.bottom, self.line = Extreme(length, 1.0), Extreme(length, -1.0), LineAt(length, (length - 1) / 2)
        self.deviations, self.width = deviations, width

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        variance, mean = self.spread(close)
        moved = self.width * self.range(self.true_range(high, low, close))
        deviation = self.deviations * root(variance)
        middle = mid(mid(self.top(high), self.bottom(low)), mean)
        return truth(deviation < moved, deviation, moved), self.line(close - middle)
