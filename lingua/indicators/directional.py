"""Whether there is a trend: directional movement, stops that follow it, channels of the past."""

from __future__ import annotations

from typing import Any

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.averages import wilder_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    HIGH,
    LOW,
    PERCENT,
    PRICE,
    Calculation,
    after,
    anchored,
    indicator,
    length,
    number,
    one,
    settle_of,
    wilder_alpha,
    wilder_settle,
)
from lingua.indicators.kernels import Extreme, Lag, Parabolic, Ratchet, Skip, TrueRange, WilderSum
from lingua.indicators.kernels_windows import Sum
from lingua.indicators.momentum import WILDER
from lingua.indicators.pointwise import magnitude, mid, only, ratio
from lingua.indicators.volatility import Atr

GROUP = "trend"
walks_over: Any = walks  # its signatures are Cython's


class Movement(Calculation):
    """+DM and -DM of the bar."""

    def __init__(self) -> None:
        self.high, self.low = Lag(1), Lag(1)

    def __call__(self, high: Any, low: Any) -> tuple[Any, Any]:
        up, down = high - self.high(high), self.low(low) - low
        return only((up > down) & (up > 0.0), up), only((down > up) & (down > 0.0), down)


def movement_lookback(length: int) -> int:
    return max(length - 1, 1)


class Movements(Calculation):
    def __init__(self, length: int) -> None:
        self.movement, self.up, self.down = Movement(), WilderSum(length), WilderSum(length)

    def both(self, high: Any, low: Any) -> tuple[Any, Any]:
        up, down = self.movement(high, low)
        return self.up(up), self.down(down)


MOVEMENT = "the first length - 1 added, then s - s / length + x"


@indicator(
    "plus_dm",
    "PLUS_DM",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(PRICE,),
    lookback=movement_lookback,
    settle=wilder_settle,
    group=GROUP,
    formula=f"Wilder's sum of +DM: {MOVEMENT}",
    source=f"{WILDER}, p. 35",
)
class PlusDm(Movements):
    """Plus directional movement."""

    def __call__(self, high: Any, low: Any) -> Any:
        return self.both(high, low)[0]


@indicator(
    "minus_dm",
    "MINUS_DM",
    inputs=(HIGH, LOW),
    parameters=(length(14),),
    outputs=(PRICE,),
    lookback=movement_lookback,
    settle=wilder_settle,
    group=GROUP,
    formula=f"Wilder's sum of -DM: {MOVEMENT}",
    source=f"{WILDER}, p. 35",
)
class MinusDm(Movements):
    """Minus directional movement."""

    def __call__(self, high: Any, low: Any) -> Any:
        return self.both(high, low)[1]


class Directional(Movements):
    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length
        self.range, self.ranges = TrueRange(), WilderSum(length)
        # Wilder's first value is the one after the first sum has been smoothed once.
        self.start = Skip(min(length - 1, 1))

    def indicators(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        up, down = self.both(high, low)
        moved = self.moved(high, low, close)
        return ratio(100.0 * up, moved), ratio(100.0 * down, moved)

    def at_once(self, high: Any, low: Any, close: Any, which: int) -> Any:
        """+DI (1), -DI (-1) or DX (0) of a fresh formula in one pass; None where values overflow."""
        out = np.full(len(close), np.nan)
        return out if walks_over.directional(high, low, close, self.length, which, out) else None

    def moved(self, high: Any, low: Any, close: Any) -> Any:
        return self.start(self.ranges(self.range(high, low, close)))

    def index(self, high: Any, low: Any, close: Any) -> Any:
        plus, minus = self.indicators(high, low, close)
        return ratio(100.0 * magnitude(plus - minus), plus + minus)


@indicator(
    "plus_di",
    "PLUS_DI",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * plus_dm(length) / Wilder's sum of true_range()",
    source=f"{WILDER}, p. 35",
)
class PlusDi(Directional):
    """Plus directional indicator."""

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return ratio(100.0 * self.up(self.movement(high, low)[0]), self.moved(high, low, close))

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        return self.at_once(high, low, close, 1)


@indicator(
    "minus_di",
    "MINUS_DI",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * minus_dm(length) / Wilder's sum of true_range()",
    source=f"{WILDER}, p. 35",
)
class MinusDi(Directional):
    """Minus directional indicator."""

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return ratio(100.0 * self.down(self.movement(high, low)[1]), self.moved(high, low, close))

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        return self.at_once(high, low, close, -1)


@indicator(
    "dx",
    "DX",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * abs(plus_di - minus_di) / (plus_di + minus_di)",
    source=f"{WILDER}, p. 40",
)
class Dx(Directional):
    """Directional movement index."""

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.index(high, low, close)

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        return self.at_once(high, low, close, 0)


def adx_settle(length: int) -> int:
    return 2 * settle_of(wilder_alpha(length))


@indicator(
    "adx",
    "ADX",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=lambda length: 2 * length - 1,
    settle=adx_settle,
    group=GROUP,
    formula="rma(dx(length), length)",
    source=f"{WILDER}, p. 42",
)
class Adx(Directional):
    """Average directional movement index."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.average = wilder_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.average(self.index(high, low, close))

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        index = self.at_once(high, low, close, 0)
        return None if index is None else self.average(index)


@indicator(
    "adxr",
    "ADXR",
    inputs=BAR,
    parameters=(length(14, 2),),
    outputs=(PERCENT,),
    lookback=lambda length: 3 * length - 2,
    settle=adx_settle,
    group=GROUP,
    formula="(adx(length) + adx(length)[length - 1]) / 2",
    source=f"{WILDER}, p. 44",
)
class Adxr(Adx):
    """Average directional movement rating."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.before = Lag(length - 1)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.with_before(super().__call__(high, low, close))

    def with_before(self, value: Any) -> Any:
        return (value + self.before(value)) / 2.0

    def whole(self, high: Any, low: Any, close: Any) -> Any:
        value = super().whole(high, low, close)
        return None if value is None else self.with_before(value)


@indicator(
    "vortex",
    "VORTEX",
    inputs=BAR,
    parameters=(length(14),),
    lookback=after,
    is_local=True,
    group=GROUP,
    outputs=(OutputSpec("plus", "none", 0.0), OutputSpec("minus", "none", 0.0)),
    formula="plus = sum(abs(high - low[1]), length) / sum(true_range(), length); minus likewise of abs(low - high[1])",
    source="E. Botes, D. Siepman, Technical Analysis of Stocks & Commodities 28:1 (2010)",
)
class Vortex(Calculation):
    """Vortex indicator."""

    def __init__(self, length: int) -> None:
        self.high, self.low, self.range = Lag(1), Lag(1), TrueRange()
        self.plus, self.minus, self.ranges = Sum(length), Sum(length), Sum(length)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        ranges = self.ranges(self.range(high, low, close))
        plus, minus = self.plus(magnitude(high - self.low(low))), self.minus(magnitude(low - self.high(high)))
        return ratio(plus, ranges), ratio(minus, ranges)


@indicator(
    "vhf",
    "VHF",
    parameters=(length(28),),
    outputs=(OutputSpec("value", "none", 0.0, 1.0),),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="(highest(source, length) - lowest(source, length)) / sum(abs(source - source[1]), length)",
    source="A. White, Futures (August 1991)",
)
class Vhf(Calculation):
    """Vertical horizontal filter: trending or ranging."""

    def __init__(self, length: int) -> None:
        self.before, self.path = Lag(1), Sum(length)
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, x: Any) -> Any:
        return ratio(self.top(x) - self.bottom(x), self.path(magnitude(x - self.before(x))))


ACCELERATION = number("acceleration", 0.02, 0.0, 1e6)


@indicator(
    "sar",
    "SAR",
    "psar",
    inputs=(HIGH, LOW),
    parameters=(ACCELERATION, number("maximum", 0.2, 0.0, 1e6)),
    outputs=(PRICE,),
    lookback=one,
    settle=anchored,
    group=GROUP,
    source=f"{WILDER}, p. 9",
    formula="stop + factor * (extreme - stop), the factor rising by `acceleration` with each new extreme up to "
    "`maximum`, never inside the range of this bar and the one before; turns when reached",
)
class Sar(Calculation):
    """Parabolic stop and reverse."""

    def __init__(self, acceleration: float, maximum: float) -> None:
        self.stop = Parabolic(acceleration, maximum)

    def __call__(self, high: Any, low: Any) -> Any:
        return self.stop(high, low)[0]


@indicator(
    "supertrend",
    "SUPERTREND",
    inputs=BAR,
    parameters=(length(10), number("width", 3.0)),
    lookback=after,
    settle=anchored,
    outputs=(OutputSpec("supertrend", "price"), OutputSpec("direction", "none", -1.0, 1.0)),
    group=GROUP,
    formula="hl2 ± width * atr(length), a band never loosening until a close beyond it turns to the other; "
    "direction is 1 above the lower band, -1 below the upper; it begins at 1",
    source="O. Seban, Tout le monde mérite d'être riche (2008)",
)
class Supertrend(Calculation):
    """SuperTrend: a stop of several average ranges that follows the trend."""

    def __init__(self, length: int, width: float) -> None:
        self.range, self.width, self.bands = Atr(length), width, Ratchet()

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        away, middle = self.width * self.range(high, low, close), mid(high, low)
        stop, direction = self.bands(close, middle + away, middle - away)
        return stop, direction


def ichimoku_lookback(conversion: int, base: int, span: int, shift: int) -> int:
    return max(conversion, base, span) - 1 + shift


LINES = tuple(OutputSpec(name, "price") for name in ("conversion", "base", "span_a", "span_b", "lead_a", "lead_b"))


@indicator(
    "ichimoku",
    inputs=(HIGH, LOW),
    group=GROUP,
    outputs=LINES,
    lookback=ichimoku_lookback,
    parameters=(length(9, 1, "conversion"), length(26, 1, "base"), length(52, 1, "span"), length(26, 1, "shift")),
    formula="middle(n) = (highest(high, n) + lowest(low, n)) / 2; conversion = middle(conversion); "
    "base = middle(base); "
    "lead_a = (conversion + base) / 2, lead_b = middle(span): drawn `shift` bars ahead; span_a, span_b: the cloud over "
    "this bar, which is lead_a, lead_b `shift` bars ago. The lagging span is `close` against `close[shift]`",
    source="G. Hosoda, Ichimoku Kinko Hyo (1969)",
)
class Ichimoku(Calculation):
    """Ichimoku lines as they are known at the bar."""

    def __init__(self, conversion: int, base: int, span: int, shift: int) -> None:
        self.conversion, self.base, self.span = Middle(conversion), Middle(base), Middle(span)
        self.span_a, self.span_b = Lag(shift), Lag(shift)

    def __call__(self, high: Any, low: Any) -> tuple[Any, ...]:
        conversion, base, lead_b = self.conversion(high, low), self.base(high, low), self.span(high, low)
        lead_a = (conversion + base) / 2.0
        return conversion, base, self.span_a(lead_a), self.span_b(lead_b), lead_a, lead_b


class Middle(Calculation):
    """Middle of the range of so many bars."""

    def __init__(self, length: int) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)

    def __call__(self, high: Any, low: Any) -> Any:
        return mid(self.top(high), self.bottom(low))
