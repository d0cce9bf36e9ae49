"""Further measures of strength: of momentum, of buyers against sellers, of how straight the way was."""

from __future__ import annotations

from typing import Any

from lingua.indicators.averages import ema_kernel, wilder_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    PERCENT,
    PLAIN,
    SIGNED,
    Calculation,
    anchored,
    ema_alpha,
    ema_settle,
    indicator,
    length,
    number,
    one,
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernels import Extreme, Lag, Total
from lingua.indicators.kernels_windows import LineAt, Mean, Sum
from lingua.indicators.momentum import GROUP, WILDER, Rsi
from lingua.indicators.pointwise import choose, greater, magnitude, ratio, root
from lingua.indicators.volatility import Rvi

WHOLE = (OPEN, HIGH, LOW, CLOSE)


@indicator(
    "rmi",
    "RMI",
    parameters=(length(20), length(5, 1, "momentum")),
    outputs=(PERCENT,),
    lookback=lambda length, momentum: length + momentum - 1,
    settle=lambda length, momentum: wilder_settle(length),
    group=GROUP,
    formula="100 * rma(rises, length) / (rma(rises, length) + rma(falls, length)) of source - source[momentum]",
    source="R. Altman, Technical Analysis of Stocks & Commodities 11:2 (1993)",
)
class RelativeMomentum(Calculation):
    """Relative momentum index: the relative strength index of changes over several bars."""

    def __init__(self, length: int, momentum: int) -> None:
        self.before, self.rises, self.falls = Lag(momentum), wilder_kernel(length), wilder_kernel(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        rises, falls = self.rises(greater(change, 0.0)), self.falls(greater(-change, 0.0))
        return ratio(100.0 * rises, rises + falls)


def derivative_lookback(length: int, first: int, second: int, signal: int) -> int:
    return length + first + second + signal - 3


@indicator(
    "derivative",
    "DO",
    parameters=(length(14), length(5, 1, "first"), length(3, 1, "second"), length(9, 1, "signal")),
    outputs=(PLAIN,),
    lookback=derivative_lookback,
    settle=lambda length, first, second, signal: (
        wilder_settle(length) + settle_of(ema_alpha(first)) + settle_of(ema_alpha(second))
    ),
    group=GROUP,
    formula="s - sma(s, signal), s = ema(ema(rsi(source, length), first), second)",
    source="C. Brown, Technical Analysis for the Trading Professional (1999)",
)
class Derivative(Calculation):
    """Derivative oscillator: a smoothed relative strength index less its own average."""

    def __init__(self, length: int, first: int, second: int, signal: int) -> None:
        self.strength, self.first, self.second = Rsi(length), ema_kernel(first), ema_kernel(second)
        self.signal = Mean(signal)

    def __call__(self, x: Any) -> Any:
        line = self.second(self.first(self.strength(x)))
        return line - self.signal(line)


def dss_lookback(length: int, first: int, second: int) -> int:
    return length + first + second - 3


@indicator(
    "dss",
    "DSS",
    inputs=BAR,
    parameters=(length(13), length(8, 1, "first"), length(5, 1, "second")),
    outputs=(PERCENT,),
    lookback=dss_lookback,
    settle=lambda length, first, second: settle_of(ema_alpha(first)) + settle_of(ema_alpha(second)),
    group=GROUP,
    formula="100 * e(close - lowest(low, length)) / e(highest(high, length) - lowest(low, length)), "
    "e(x) = ema(ema(x, first), second)",
    source="W. Blau, Momentum, Direction, and Divergence (1995)",
)
class DoubleSmoothed(Calculation):
    """Double smoothed stochastic."""

    def __init__(self, length: int, first: int, second: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)
        self.place, self.place_again = ema_kernel(first), ema_kernel(second)
        self.range, self.range_again = ema_kernel(first), ema_kernel(second)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        top, bottom = self.top(high), self.bottom(low)
        place = self.place_again(self.place(close - bottom))
        return ratio(100.0 * place, self.range_again(self.range(top - bottom)))


@indicator(
    "inertia",
    parameters=(length(20, 2), length(14, 1, "rvi"), length(10, 2, "deviation")),
    outputs=(PLAIN,),
    lookback=lambda length, rvi, deviation: deviation + rvi + length - 3,
    settle=lambda length, rvi, deviation: wilder_settle(rvi),
    group=GROUP,
    formula="linearreg(rvi(source, rvi, deviation), length); above 50 inertia is upwards",
    source="D. Dorsey, Technical Analysis of Stocks & Commodities 13:9 (1995)",
)
class Inertia(Calculation):
    """Inertia: the trend of the relative volatility index."""

    def __init__(self, length: int, rvi: int, deviation: int) -> None:
        self.volatility, self.line = Rvi(rvi, deviation), LineAt(length, (length - 1) / 2.0)

    def __call__(self, x: Any) -> Any:
        return self.line(self.volatility(x))


@indicator(
    "pfe",
    "PFE",
    parameters=(length(10), length(5, 1, "smooth")),
    outputs=(SIGNED,),
    lookback=lambda length, smooth: length + smooth - 1,
    settle=lambda length, smooth: settle_of(ema_alpha(smooth)),
    group=GROUP,
    formula="ema(100 * s * sqrt((source - source[length])^2 + length^2) / "
    "sum(sqrt((source - source[1])^2 + 1), length), smooth), s = 1 where source > source[length], else -1: it "
    "depends on the unit of the source",
    source="H. Hannula, Technical Analysis of Stocks & Commodities 12:1 (1994)",
)
class FractalEfficiency(Calculation):
    """Polarized fractal efficiency: the straight way over the way walked, drawn on the chart."""

    def __init__(self, length: int, smooth: int) -> None:
        self.start, self.before, self.path = Lag(length), Lag(1), Sum(length)
        self.square, self.smooth = float(length) * length, ema_kernel(smooth)

    def __call__(self, x: Any) -> Any:
        covered, step = x - self.start(x), x - self.before(x)
        way = 100.0 * ratio(root(covered * covered + self.square), self.path(root(step * step + 1.0)))
        return self.smooth(choose(covered > 0.0, way, -way))


@indicator(
    "asi",
    "ASI",
    inputs=WHOLE,
    parameters=(number("limit", 10.0, 1e-9, 1e12),),
    outputs=(OutputSpec("index", "none"), OutputSpec("total", "none")),
    lookback=one,
    settle=anchored,
    group="trend",
    formula="index = 50 * n / r * k / limit, total its running sum; n = close - close[1] + (close - open) / 2 + "
    "(close[1] - open[1]) / 4; a = abs(high - close[1]), b = abs(low - close[1]), k = max(a, b); r = o + the first of "
    "a - b / 2, b - a / 2, high - low as a, b or the range is greatest, o = abs(close[1] - open[1]) / 4; "
    "0 where r is 0",
    source=f"{WILDER}, the swing index system; limit is the greatest move of a day, in price",
)
class SwingIndex(Calculation):
    """Wilder's swing index and accumulative swing index."""

    def __init__(self, limit: float) -> None:
        self.opened, self.closed, self.total, self.limit = Lag(1), Lag(1), Total(), limit

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        opened, closed = self.opened(open), self.closed(close)
        a, b, span = magnitude(high - closed), magnitude(low - closed), high - low
        body = closed - opened
        reach = (
            choose((a >= b) & (a >= span), a - b / 2.0, choose(b >= span, b - a / 2.0, span)) + magnitude(body) / 4.0
        )
        moved = close - closed + (close - open) / 2.0 + body / 4.0
        index = 50.0 * ratio(moved, reach) * greater(a, b) / self.limit
        index = choose(reach == 0.0, moved - moved, index)
        return index, self.total(index)


@indicator(
    "brar",
    "BRAR",
    inputs=WHOLE,
    parameters=(length(26),),
    outputs=(OutputSpec("ar", "none", 0.0), OutputSpec("br", "none", 0.0)),
    lookback=lambda length: length,
    group=GROUP,
    formula="ar = 100 * sum(high - open, length) / sum(open - low, length); "
    "br = 100 * sum(max(high - close[1], 0), length) / sum(max(close[1] - low, 0), length)",
    source="the AR and BR of Japanese and Chinese charting",
)
class BrAr(Calculation):
    """AR and BR: pushes above the open, and above the close before, against those below."""

    def __init__(self, length: int) -> None:
        self.before, self.up, self.down = Lag(1), Sum(length), Sum(length)
        self.gap_up, self.gap_down = Sum(length), Sum(length)

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        before = self.before(close)
        up, down = self.gap_up(greater(high - before, 0.0)), self.gap_down(greater(before - low, 0.0))
        return ratio(100.0 * self.up(high - open), self.down(open - low)), ratio(100.0 * up, down)


@indicator(
    "thermometer",
    inputs=(HIGH, LOW),
    parameters=(length(22),),
    outputs=(OutputSpec("value", "price", 0.0), OutputSpec("average", "price", 0.0)),
    lookback=lambda length: length,
    settle=ema_settle,
    group="volatility",
    formula="value = max(high - high[1], low[1] - low, 0): how far the bar reached beyond the one before; "
    "average = ema(value, length)",
    source="A. Elder, Come Into My Trading Room (2002)",
)
class Thermometer(Calculation):
    """Elder's market thermometer."""

    def __init__(self, length: int) -> None:
        self.high, self.low, self.average = Lag(1), Lag(1), ema_kernel(length)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any]:
        value = greater(greater(high - self.high(high), self.low(low) - low), 0.0)
        return value, self.average(value)
