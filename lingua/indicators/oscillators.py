"""Where the close lies in the range of the last bars."""

from __future__ import annotations

from typing import Any

from lingua.indicators import walks
from lingua.indicators.averages import ema_kernel, wilder_kernel
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
    ema_alpha,
    indicator,
    length,
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernels import Extreme, Lag
from lingua.indicators.kernels_windows import Mean, MeanDeviation, Sum
from lingua.indicators.momentum import ACHELIS, GROUP, Rsi
from lingua.indicators.pointwise import are_columns, greater, lesser, mid, ratio, typical

walks_over: Any = walks  # its signatures are Cython's
LANE = "G. C. Lane, Technical Analysis of Stocks & Commodities 2:3 (1984)"
CHANDE = "T. S. Chande, Technical Analysis of Stocks & Commodities 13:9 (1995)"
K_AND_D = (OutputSpec("k", "none", 0.0, 100.0), OutputSpec("d", "none", 0.0, 100.0))


class Position(Calculation):
    """100 * (close - lowest low) / (highest high - lowest low); na without a range."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        top, bottom = self.top(high), self.bottom(low)
        if are_columns(close, bottom) and are_columns(close, top):
            walks_over.place(close, bottom, top, bottom, 100.0, bottom)
            return bottom
        return ratio(100.0 * (close - bottom), top - bottom)


@indicator(
    "stoch",
    "STOCH",
    inputs=BAR,
    parameters=(length(14), length(3, 1, "smooth"), length(3, 1, "signal")),
    outputs=K_AND_D,
    lookback=lambda length, smooth, signal: length + smooth + signal - 3,
    group=GROUP,
    source=LANE,
    formula="k = sma(100 * (close - lowest low) / (highest high - lowest low), smooth); d = sma(k, signal)",
)
class Stoch(Calculation):
    """Slow stochastic."""

    def __init__(self, length: int, smooth: int, signal: int) -> None:
        self.position, self.smooth, self.signal = Position(length), Mean(smooth), Mean(signal)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        k = self.smooth(self.position(high, low, close))
        return k, self.signal(k)


@indicator(
    "stochf",
    "STOCHF",
    inputs=BAR,
    parameters=(length(5), length(3, 1, "signal")),
    outputs=K_AND_D,
    lookback=lambda length, signal: length + signal - 2,
    group=GROUP,
    source=LANE,
    formula="k = 100 * (close - lowest low) / (highest high - lowest low); d = sma(k, signal)",
)
class StochFast(Calculation):
    """Fast stochastic."""

    def __init__(self, length: int, signal: int) -> None:
        self.position, self.signal = Position(length), Mean(signal)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        k = self.position(high, low, close)
        return k, self.signal(k)


@indicator(
    "stochrsi",
    "STOCHRSI",
    parameters=(length(14), length(5, 1, "range"), length(3, 1, "signal")),
    outputs=K_AND_D,
    lookback=lambda length, range, signal: length + range + signal - 2,
    settle=lambda length, range, signal: wilder_settle(length),
    group=GROUP,
    formula="r = rsi(source, length); k = 100 * (r - lowest(r, range)) / (highest(r, range) - lowest(r, range)); "
    "d = sma(k, signal)",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994)",
)
class StochRsi(Calculation):
    """Stochastic of the relative strength index."""

    def __init__(self, length: int, range: int, signal: int) -> None:
        self.strength, self.position, self.signal = Rsi(length), Position(range), Mean(signal)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        strength = self.strength(x)
        k = self.position(strength, strength, strength)
        return k, self.signal(k)


@indicator(
    "willr",
    "WILLR",
    "wpr",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(OutputSpec("value", "none", -100.0, 0.0),),
    group=GROUP,
    formula="-100 * (highest high - close) / (highest high - lowest low)",
    source=ACHELIS,
)
class Willr(Calculation):
    """Williams %R."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        top, bottom = self.top(high), self.bottom(low)
        if are_columns(close, bottom) and are_columns(close, top):
            walks_over.place(top, close, top, bottom, -100.0, bottom)
            return bottom
        return ratio(-100.0 * (top - close), top - bottom)


@indicator(
    "cci",
    "CCI",
    inputs=BAR,
    parameters=(length(14, 2),),
    outputs=(PLAIN,),
    is_local=True,
    group=GROUP,
    cost=lambda length: 10 + 3 * length,
    formula="(hlc3 - sma(hlc3)) / (0.015 * mean of abs(hlc3 - sma(hlc3))); na on a flat window",
    source="D. R. Lambert, Commodities 9:10 (1980)",
)
class Cci(Calculation):
    """Commodity channel index."""

    def __init__(self, length: int) -> None:
        self.deviation = MeanDeviation(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        middle = typical(high, low, close)
        deviation, mean = self.deviation(middle)
        return ratio(middle - mean, 0.015 * deviation)


@indicator(
    "aroon",
    "AROON",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    lookback=after,
    group=GROUP,
    source=CHANDE,
    outputs=(
        OutputSpec("up", "none", 0.0, 100.0),
        OutputSpec("down", "none", 0.0, 100.0),
        OutputSpec("oscillator", "none", -100.0, 100.0),
    ),
    formula="up = 100 * (length - bars since the highest high of length + 1 bars) / length; down likewise of the "
    "lowest low; oscillator = up - down; the newest of equal extremes counts",
)
class Aroon(Calculation):
    """Aroon: how recent the extremes are."""

    def __init__(self, length: int) -> None:
        self.length = float(length)
        self.top, self.bottom = Extreme(length + 1, 1.0, True), Extreme(length + 1, -1.0, True)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any, Any]:
        up = 100.0 * (self.length - self.top(high)) / self.length
        down = 100.0 * (self.length - self.bottom(low)) / self.length
        return up, down, up - down


@indicator(
    "aroonosc",
    "AROONOSC",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(SIGNED,),
    lookback=after,
    group=GROUP,
    formula="aroon(length).up - aroon(length).down",
    source=CHANDE,
)
class AroonOscillator(Aroon):
    """Aroon oscillator."""

    def __call__(self, high: Any, low: Any) -> Any:
        return super().__call__(high, low)[2]


@indicator(
    "ultosc",
    "ULTOSC",
    inputs=BAR,
    parameters=(length(7, 1, "short"), length(14, 1, "middle"), length(28, 1, "long")),
    outputs=(PERCENT,),
    lookback=lambda short, middle, long: max(short, middle, long),
    is_local=True,
    group=GROUP,
    formula="100 * (4 r(short) + 2 r(middle) + r(long)) / 7, r(n) = sum(close - min(low, close[1]), n) / "
    "sum(true_range(), n)",
    source="L. Williams, Technical Analysis of Stocks & Commodities 3:4 (1985)",
)
class Ultosc(Calculation):
    """Ultimate oscillator."""

    def __init__(self, short: int, middle: int, long: int) -> None:
        self.before = Lag(1)
        self.short, self.short_range = Sum(short), Sum(short)
        self.middle, self.middle_range = Sum(middle), Sum(middle)
        self.long, self.long_range = Sum(long), Sum(long)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        before = self.before(close)
        bottom = lesser(low, before)
        pressure, moved = close - bottom, greater(high, before) - bottom
        short = ratio(self.short(pressure), self.short_range(moved))
        middle = ratio(self.middle(pressure), self.middle_range(moved))
        long = ratio(self.long(pressure), self.long_range(moved))
        return 100.0 * (4.0 * short + 2.0 * middle + long) / 7.0


@indicator(
    "kdj",
    "KDJ",
    inputs=BAR,
    parameters=(length(9), length(3, 1, "smooth"), length(3, 1, "signal")),
    outputs=(*K_AND_D, OutputSpec("j", "none")),
    lookback=lambda length, smooth, signal: length + smooth + signal - 3,
    settle=lambda length, smooth, signal: wilder_settle(smooth) + wilder_settle(signal),
    group=GROUP,
    source=LANE,
    formula="k = rma(100 * (close - lowest low) / (highest high - lowest low), smooth); d = rma(k, signal); "
    "j = 3 k - 2 d",
)
class Kdj(Calculation):
    """Stochastic smoothed Wilder's way, with the distance between its lines drawn out."""

    def __init__(self, length: int, smooth: int, signal: int) -> None:
        self.position, self.smooth, self.signal = Position(length), wilder_kernel(smooth), wilder_kernel(signal)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        k = self.smooth(self.position(high, low, close))
        d = self.signal(k)
        return k, d, 3.0 * k - 2.0 * d


def smi_lookback(length: int, fast: int, slow: int, signal: int) -> int:
    return length + fast + slow + signal - 4


@indicator(
    "smi",
    "SMI",
    inputs=BAR,
    parameters=(length(13), length(2, 1, "fast"), length(25, 1, "slow"), length(9, 1, "signal")),
    outputs=(OutputSpec("smi", "none", -100.0, 100.0), OutputSpec("signal", "none", -100.0, 100.0)),
    lookback=smi_lookback,
    settle=lambda length, fast, slow, signal: sum(settle_of(ema_alpha(n)) for n in (fast, slow, signal)),
    group=GROUP,
    formula="smi = 100 * e(close - middle) / (e(range) / 2), e = ema(ema(x, slow), fast), range = highest high - "
    "lowest low, middle their mean; signal = ema(smi, signal)",
    source="W. Blau, Momentum, Direction, and Divergence (1995)",
)
class Smi(Calculation):
    """Stochastic momentum index."""

    def __init__(self, length: int, fast: int, slow: int, signal: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)
        self.away, self.away_again = ema_kernel(slow), ema_kernel(fast)
        self.range, self.range_again = ema_kernel(slow), ema_kernel(fast)
        self.signal = ema_kernel(signal)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        top, bottom = self.top(high), self.bottom(low)
        away = self.away_again(self.away(close - mid(top, bottom)))
        value = ratio(100.0 * away, self.range_again(self.range(top - bottom)) / 2.0)
        return value, self.signal(value)
