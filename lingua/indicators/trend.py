"""Trend or range: how straight the way was, which lines lie in order, what state the market is in."""

from __future__ import annotations

import math
from typing import Any

from lingua.indicators.averages import Parts, ema_kernel, wilder_kernel
from lingua.indicators.composed import StrictRank
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    HIGH,
    LOW,
    PERCENT,
    PLAIN,
    SIGNED,
    Calculation,
    after,
    ema_settle,
    indicator,
    length,
    number,
    wilder_settle,
)
from lingua.indicators.directional import Adx, adx_settle
from lingua.indicators.kernels import Extreme, Lag, TrueRange
from lingua.indicators.kernels_windows import Mean, Sum
from lingua.indicators.momentum import GROUP as MOMENTUM
from lingua.indicators.momentum import WILDER
from lingua.indicators.pointwise import choose, greater, lesser, log, magnitude, mid, ratio
from lingua.indicators.volatility import Natr

GROUP = "trend"
TRADING_CHAOS = "B. Williams, Trading Chaos (1995)"


@indicator(
    "chop",
    "CHOP",
    inputs=BAR,
    parameters=(length(14, 2),),
    outputs=(OutputSpec("value", "none", 0.0),),
    lookback=after,
    group=GROUP,
    formula="100 * log(sum(trange(), length) / (highest(high, length) - lowest(low, length))) / log(length)",
    source="E. W. Dreiss' choppiness index",
)
class Choppiness(Calculation):
    """Choppiness index: high in a range, low in a trend."""

    def __init__(self, length: int) -> None:
        self.range, self.ranges = TrueRange(), Sum(length)
        self.top, self.bottom, self.scale = Extreme(length, 1.0), Extreme(length, -1.0), math.log(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        moved = self.ranges(self.range(high, low, close))
        return 100.0 * log(ratio(moved, self.top(high) - self.bottom(low))) / self.scale


@indicator(
    "rwi",
    "RWI",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(OutputSpec("up", "none"), OutputSpec("down", "none")),
    lookback=after,
    group=GROUP,
    formula="up = (high - low[length]) / (sma(trange(), length) * sqrt(length)); "
    "down = (high[length] - low) over the same",
    source="E. M. Poulos, Technical Analysis of Stocks & Commodities 9:2 (1991), for one length",
)
class RandomWalk(Calculation):
    """Random walk index: the way made good against that of a random walk."""

    def __init__(self, length: int) -> None:
        self.high, self.low, self.range = Lag(length), Lag(length), TrueRange()
        self.mean, self.root = Mean(length), math.sqrt(length)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        expected = self.mean(self.range(high, low, close)) * self.root
        return ratio(high - self.low(low), expected), ratio(self.high(high) - low, expected)


@indicator(
    "ravi",
    "RAVI",
    parameters=(length(7, 1, "fast"), length(65, 1, "slow")),
    outputs=(OutputSpec("value", "none"),),
    lookback=lambda fast, slow: max(fast, slow) - 1,
    group=GROUP,
    formula="100 * abs(sma(source, fast) - sma(source, slow)) / sma(source, slow)",
    source="T. S. Chande, Beyond Technical Analysis (2001)",
)
class Ravi(Calculation):
    """Range action verification index: the distance between two averages in percent; low in a range."""

    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = Mean(fast), Mean(slow)

    def __call__(self, x: Any) -> Any:
        slow = self.slow(x)
        return ratio(100.0 * magnitude(self.fast(x) - slow), slow)


@indicator(
    "tii",
    "TII",
    parameters=(length(30), length(60, 1, "average")),
    outputs=(PERCENT,),
    lookback=lambda length, average: average + length - 2,
    group=GROUP,
    formula="100 * above / (above + below), the sums over length of how far source was above and below "
    "sma(source, average)",
    source="M. H. Pee, Technical Analysis of Stocks & Commodities 20:6 (2002)",
)
class TrendIntensity(Calculation):
    """Trend intensity index: how much of the distance from the average lies above it."""

    def __init__(self, length: int, average: int) -> None:
        self.mean, self.above, self.below = Mean(average), Sum(length), Sum(length)

    def __call__(self, x: Any) -> Any:
        away = x - self.mean(x)
        above, below = self.above(greater(away, 0.0)), self.below(greater(-away, 0.0))
        return ratio(100.0 * above, above + below)


# --- Williams' lines ---------------------------------------------------------------------------------

MOUTH = (
    length(13, 1, "jaw"),
    length(8, 1, "jaw_shift"),
    length(8, 1, "teeth"),
    length(5, 1, "teeth_shift"),
    length(5, 1, "lips"),
    length(3, 1, "lips_shift"),
)


def mouth_lookback(jaw: int, jaw_shift: int, teeth: int, teeth_shift: int, lips: int, lips_shift: int) -> int:
    return max(jaw - 1 + jaw_shift, teeth - 1 + teeth_shift, lips - 1 + lips_shift)


def mouth_settle(jaw: int, teeth: int, lips: int, **_: int) -> int:
    return wilder_settle(max(jaw, teeth, lips))


@indicator(
    "alligator",
    inputs=(HIGH, LOW),
    parameters=MOUTH,
    outputs=tuple(OutputSpec(name, "price") for name in ("jaw", "teeth", "lips")),
    lookback=mouth_lookback,
    settle=mouth_settle,
    group=GROUP,
    formula="rma(hl2, jaw)[jaw_shift], rma(hl2, teeth)[teeth_shift], rma(hl2, lips)[lips_shift]: what a chart that "
    "draws the lines ahead shows over this bar",
    source=TRADING_CHAOS,
)
class Alligator(Calculation):
    """Williams' alligator."""

    def __init__(self, jaw: int, jaw_shift: int, teeth: int, teeth_shift: int, lips: int, lips_shift: int) -> None:
        self.jaw, self.teeth, self.lips = wilder_kernel(jaw), wilder_kernel(teeth), wilder_kernel(lips)
        self.jaw_before, self.teeth_before, self.lips_before = Lag(jaw_shift), Lag(teeth_shift), Lag(lips_shift)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any, Any]:
        middle = mid(high, low)
        jaw, teeth = self.jaw_before(self.jaw(middle)), self.teeth_before(self.teeth(middle))
        return jaw, teeth, self.lips_before(self.lips(middle))


@indicator(
    "gator",
    inputs=(HIGH, LOW),
    parameters=MOUTH,
    outputs=(OutputSpec("upper", "price", 0.0), OutputSpec("lower", "price", None, 0.0)),
    lookback=mouth_lookback,
    settle=mouth_settle,
    group=GROUP,
    formula="of alligator(): upper = abs(jaw - teeth); lower = -abs(teeth - lips)",
    source=TRADING_CHAOS,
)
class Gator(Alligator):
    """Gator oscillator: how wide the alligator's mouth stands open."""

    def __call__(self, high: Any, low: Any) -> Any:
        jaw, teeth, lips = super().__call__(high, low)
        return magnitude(jaw - teeth), -magnitude(teeth - lips)


# --- states ------------------------------------------------------------------------------------------


def state_lookback(length: int, window: int, **_: float) -> int:
    return max(2 * length - 1, length + window)


@indicator(
    "market_state",
    inputs=BAR,
    parameters=(
        length(14),
        number("trend", 25.0, 0.0, 100.0),
        length(100, 1, "window"),
        number("loud", 90.0, 0.0, 100.0),
    ),
    outputs=(OutputSpec("value", "none", -1.0, 2.0, "int"),),
    lookback=state_lookback,
    settle=lambda length, trend, window, loud: adx_settle(length) + window,
    group=GROUP,
    formula="2 volatile: natr(length) is above loud percent of its last window values; else 1 trend up, -1 trend "
    "down: adx(length) >= trend, with the sign of plus_di - minus_di; else 0 range",
    source=f"{WILDER}, for the average directional movement; the rank of the range is Lingua's",
)
class MarketState(Calculation):
    """State of the market: 0 range, 1 trend up, -1 trend down, 2 volatile."""

    def __init__(self, length: int, trend: float, window: int, loud: float) -> None:
        self.strength, self.range, self.rank = DirectedAdx(length), Natr(length), StrictRank(window)
        self.trend, self.loud = trend, loud

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        strength, side = self.strength(high, low, close)
        rank = self.rank(self.range(high, low, close))
        known = (strength - strength) + (rank - rank)
        trending = choose(strength >= self.trend, choose(side < 0.0, -1.0, choose(side > 0.0, 1.0, 0.0)), 0.0)
        return choose(rank > self.loud, 2.0, trending) + known


class DirectedAdx(Adx):
    """(adx, plus_di - minus_di)"""

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        plus, minus = self.indicators(high, low, close)
        return self.average(ratio(100.0 * magnitude(plus - minus), plus + minus)), plus - minus


# --- shares of rises ---------------------------------------------------------------------------------


@indicator(
    "psy",
    "PSY",
    parameters=(length(12),),
    outputs=(PERCENT,),
    lookback=after,
    group=MOMENTUM,
    formula="100 * (how many of the last length changes were rises) / length",
    source="the psychological line of Japanese charting",
)
class PsychologicalLine(Calculation):
    """Psychological line: the share of bars that rose."""

    def __init__(self, length: int) -> None:
        self.before, self.mean = Lag(1), Mean(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        return 100.0 * self.mean(choose(change > 0.0, 1.0, change - change))


@indicator(
    "demarker",
    "DEM",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(OutputSpec("value", "none", 0.0, 1.0),),
    lookback=after,
    group=MOMENTUM,
    formula="up / (up + down), up = sma(max(high - high[1], 0), length), down = sma(max(low[1] - low, 0), length)",
    source="T. R. DeMark, The New Science of Technical Analysis (1994)",
)
class DeMarker(Calculation):
    """DeMarker: new highs against new lows."""

    def __init__(self, length: int) -> None:
        self.high, self.low, self.up, self.down = Lag(1), Lag(1), Mean(length), Mean(length)

    def __call__(self, high: Any, low: Any) -> Any:
        up = self.up(greater(high - self.high(high), 0.0))
        return ratio(up, up + self.down(greater(self.low(low) - low, 0.0)))


# --- distances from an average -----------------------------------------------------------------------


@indicator(
    "pgo",
    "PGO",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PLAIN,),
    lookback=after,
    settle=ema_settle,
    group=MOMENTUM,
    formula="(close - sma(close, length)) / ema(trange(), length)",
    source="M. Johnson, pretty good oscillator",
)
class PrettyGood(Calculation):
    """Pretty good oscillator: the distance from the average in average ranges."""

    def __init__(self, length: int) -> None:
        self.mean, self.range, self.average = Mean(length), TrueRange(), ema_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return ratio(close - self.mean(close), self.average(self.range(high, low, close)))


@indicator(
    "disparity",
    "bias",
    parameters=(length(14),),
    outputs=(PLAIN,),
    group=MOMENTUM,
    formula="100 * (source - sma(source, length)) / sma(source, length)",
    source="S. Nison, Beyond Candlesticks (1994)",
)
class Disparity(Calculation):
    """Disparity index: the distance from the average in percent."""

    def __init__(self, length: int) -> None:
        self.mean = Mean(length)

    def __call__(self, x: Any) -> Any:
        mean = self.mean(x)
        return ratio(100.0 * (x - mean), mean)


@indicator(
    "rainbow",
    parameters=(length(2), length(10, 2, "range")),
    outputs=(OutputSpec("oscillator", "none"), OutputSpec("width", "none", 0.0)),
    lookback=lambda length, range: max(10 * (length - 1), range - 1),
    group=MOMENTUM,
    formula="r1 = sma(source, length), r2 = sma(r1, length), … r10; "
    "span = highest(source, range) - lowest(source, range); oscillator = 100 * (source - mean of r1 … r10) / span; "
    "width = 100 * (greatest - least of r1 … r10) / span",
    source="M. Widner, Technical Analysis of Stocks & Commodities 15:7 (1997)",
)
class Rainbow(Calculation):
    """Rainbow oscillator: the distance from ten averages, each of the one before, and how far they lie apart."""

    def __init__(self, length: int, range: int) -> None:
        self.bands = Parts([Mean(length) for _ in RAINBOW])
        self.top, self.bottom = Extreme(range, 1.0), Extreme(range, -1.0)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        span = self.top(x) - self.bottom(x)
        band = total = most = least = self.bands[0](x)
        for each in self.bands[1:]:
            band = each(band)
            total, most, least = total + band, greater(most, band), lesser(least, band)
        return ratio(100.0 * (x - total / 10.0), span), ratio(100.0 * (most - least), span)


RAINBOW = range(10)


@indicator(
    "pzo",
    "PZO",
    parameters=(length(14),),
    outputs=(SIGNED,),
    lookback=after,
    settle=ema_settle,
    group=MOMENTUM,
    formula="100 * ema(source, negative where it did not rise, length) / ema(source, length)",
    source="W. Khalil, D. Steckler, Technical Analysis of Stocks & Commodities 29:6 (2011)",
)
class PriceZone(Calculation):
    """Price zone oscillator."""

    def __init__(self, length: int) -> None:
        self.before, self.signed, self.all = Lag(1), ema_kernel(length), ema_kernel(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        known = change - change
        signed = self.signed(choose(change > 0.0, x, -x) + known)
        return ratio(100.0 * signed, self.all(x + known))
