"""The other convention, where platforms begin or divide otherwise than TA-Lib.

The plain names follow TA-Lib; what other platforms mean by them has a name here, so that figures can be compared to the
last digit. `docs/reference/conventions.md` says who does what.
"""

from __future__ import annotations

import math
from typing import Any

from lingua.indicators.averages import Dema, Parts, Tema, wilder_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    CLOSE,
    LIBRARY,
    PERCENT,
    PLAIN,
    QUANTITY,
    SOURCE,
    VOLUME,
    Calculation,
    after,
    anchored,
    ema_alpha,
    ema_settle,
    indicator,
    length,
    none,
    number,
    one,
    wilder_settle,
    window,
)
from lingua.indicators.directional import Movement
from lingua.indicators.kernels import Lag, Smoother, Total, TrueRange
from lingua.indicators.kernels_windows import Sum
from lingua.indicators.momentum import WILDER, Trix
from lingua.indicators.pointwise import choose, greater, magnitude, mid, ratio
from lingua.indicators.smoothing import Stepped
from lingua.indicators.volatility import Massi

RANGE = OutputSpec("value", "price", 0.0)


@indicator(
    "ema_first",
    parameters=(length(),),
    lookback=none,
    settle=ema_settle,
    group="averages",
    formula="v + 2 / (length + 1) * (source - v), begun at the first value and shown from it on",
    source="Tulip Indicators; MetaStock; TA-Lib in its Metastock mode",
)
def first_kernel(length: int) -> Smoother:
    """Exponential moving average that begins at the first value instead of a mean."""
    return Smoother(1, ema_alpha(length))


def begun_at_first(length: int) -> Smoother:
    """An average that begins at the first value and shows its length-th, so that the next in a row begins there."""
    return Smoother(length, ema_alpha(length), True)


class FirstDema(Dema):
    """Double exponential moving average of averages that begin at a value instead of a mean."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.parts = Parts([begun_at_first(length) for _ in range(2)])


class FirstTema(Tema):
    """Triple exponential moving average of averages that begin at a value instead of a mean."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.parts = Parts([begun_at_first(length) for _ in range(3)])


class FirstTrix(Trix):
    """Rate of change of a triple exponential average whose parts begin at a value instead of a mean, in percent."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.parts = Parts([begun_at_first(length) for _ in range(3)])


class FirstMassi(Massi):
    """Mass index of averages that begin at a value instead of a mean."""

    def __init__(self, length: int, sum: int) -> None:
        super().__init__(length, sum)
        self.first, self.second = begun_at_first(length), begun_at_first(length)


def declare_begun_at_first(plain: str, make: type) -> None:
    """As the indicator `plain` of the library, with the other seed."""
    spec = LIBRARY[plain]
    indicator(
        f"{plain}_first",
        inputs=spec.inputs,
        parameters=spec.parameters,
        outputs=spec.outputs,
        lookback=spec.lookback,
        settle=spec.settle,
        group=spec.group,
        formula=f"{spec.formula}; each average begins at its first value, shown from its length-th on",
        source="Tulip Indicators; MetaStock",
    )(make)


for _plain, _make in (("dema", FirstDema), ("tema", FirstTema), ("trix", FirstTrix), ("massi", FirstMassi)):
    declare_begun_at_first(_plain, _make)


class FullRange(Calculation):
    """True range; high - low where there is no close before."""

    def __init__(self) -> None:
        self.range = TrueRange()

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        found = self.range(high, low, close)
        return choose(found != found, high - low, found)


indicator(
    "trange_full",
    inputs=BAR,
    outputs=(RANGE,),
    lookback=none,
    settle=one,
    group="volatility",
    formula="max(high, close[1]) - min(low, close[1]); high - low on the first bar",
    source="Pine's ta.tr(true)",
    summary="True range with a value on the first bar.",
)(FullRange)


@indicator(
    "atr_full",
    inputs=BAR,
    parameters=(length(14),),
    outputs=(RANGE,),
    lookback=window,
    settle=lambda length: wilder_settle(length) + 1,
    group="volatility",
    formula="rma(trange_full(), length)",
    source="Pine's ta.atr; QuantConnect LEAN",
)
class FullAtr(Calculation):
    """Average true range that counts the first bar as high - low."""

    def __init__(self, length: int) -> None:
        self.range, self.average = FullRange(), wilder_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return self.average(self.range(high, low, close))


@indicator(
    "dmi",
    inputs=BAR,
    parameters=(length(14), length(14, 1, "smoothing")),
    outputs=(
        OutputSpec("plus", "none", 0.0, 100.0),
        OutputSpec("minus", "none", 0.0, 100.0),
        OutputSpec("adx", "none", 0.0, 100.0),
    ),
    lookback=lambda length, smoothing: length + smoothing - 1,
    settle=lambda length, smoothing: wilder_settle(length) + wilder_settle(smoothing),
    group="trend",
    formula="plus, minus = 100 * rma(+DM or -DM, length) / rma(trange(), length); adx = rma(100 * abs(plus - minus) / "
    "(plus + minus), smoothing); the first means hold length bars, in TA-Lib's adx one less",
    source=f"{WILDER}, p. 35; begun as in Pine's ta.dmi",
)
class Dmi(Calculation):
    """Directional movement with its first means over whole windows."""

    def __init__(self, length: int, smoothing: int) -> None:
        self.movement, self.range = Movement(), TrueRange()
        self.up, self.down, self.ranges = (wilder_kernel(length) for _ in range(3))
        self.index = wilder_kernel(smoothing)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any, Any]:
        up, down = self.movement(high, low)
        moved = self.ranges(self.range(high, low, close))
        plus, minus = ratio(100.0 * self.up(up), moved), ratio(100.0 * self.down(down), moved)
        return plus, minus, self.index(ratio(100.0 * magnitude(plus - minus), plus + minus))


@indicator(
    "rsi_simple",
    "cutler_rsi",
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    group="momentum",
    formula="100 * rises / (rises + falls), both summed over the window; na while nothing has moved",
    source="D. Cutler; QuantConnect LEAN with simple averages",
)
class SimpleRsi(Calculation):
    """Relative strength with simple averages in place of Wilder's."""

    def __init__(self, length: int) -> None:
        self.before, self.rises, self.falls = Lag(1), Sum(length), Sum(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        nothing = change - change
        rises, falls = self.rises(greater(change, nothing)), self.falls(greater(-change, nothing))
        return ratio(100.0 * rises, rises + falls)


@indicator(
    "obv_zero",
    inputs=(CLOSE, VOLUME),
    outputs=(QUANTITY,),
    lookback=none,
    settle=anchored,
    group="volume",
    formula="running sum of volume where the close rose, less volume where it fell; 0 on the first bar",
    source="Pine's ta.obv; Stock.Indicators; Tulip Indicators",
)
class ZeroObv(Calculation):
    """On-balance volume that begins at 0 instead of the first bar's volume."""

    def __init__(self) -> None:
        self.before, self.total = Lag(1), Total()

    def __call__(self, close: Any, volume: Any) -> Any:
        before = self.before(close)
        return self.total(choose(close > before, volume, choose(close < before, -volume, 0.0 * volume)))


@indicator(
    "mfi_of",
    inputs=(SOURCE, VOLUME),
    parameters=(length(14),),
    outputs=(PLAIN,),
    lookback=after,
    group="volume",
    formula="100 * up / (up + down), up and down the sums of source * volume over bars whose source rose and fell; "
    "0 to 100 where the source is positive",
    source="Pine's ta.mfi",
)
class MfiOf(Calculation):
    """Money flow index of any series in place of hlc3."""

    def __init__(self, length: int) -> None:
        self.before, self.up, self.down = Lag(1), Sum(length), Sum(length)

    def __call__(self, x: Any, volume: Any) -> Any:
        change = x - self.before(x)
        flow, nothing = x * volume, change - change
        up = self.up(choose(change > 0.0, flow, nothing))
        down = self.down(choose(change < 0.0, flow, nothing))
        return ratio(100.0 * up, up + down)


@indicator(
    "supertrend_full",
    inputs=BAR,
    parameters=(length(10), number("width", 3.0)),
    outputs=(OutputSpec("supertrend", "price"), OutputSpec("direction", "none", -1.0, 1.0)),
    lookback=window,
    settle=anchored,
    group="trend",
    formula="supertrend(length, width) with atr_full in place of atr; it begins at -1, on the upper band",
    source="Pine's ta.supertrend, whose direction has the other sign; talipp",
)
class FullSupertrend(Stepped):
    """SuperTrend that counts the first bar's range and begins on the upper band."""

    def __init__(self, length: int, width: float) -> None:
        self.range, self.width = FullAtr(length), width
        self.close, self.upper, self.lower, self.side = math.nan, math.nan, math.nan, -1.0

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        return super().__call__(close, mid(high, low), self.width * self.range(high, low, close))

    def take(self, close: float, middle: float, away: float) -> tuple[float, float]:
        upper, lower, before = middle + away, middle - away, self.close
        self.close = close
        if away != away:
            return math.nan, math.nan
        if self.upper == self.upper:
            # A band may only come nearer, unless the close before was beyond it.
            lower = self.lower if lower <= self.lower <= before else lower
            upper = self.upper if upper >= self.upper >= before else upper
            self.side = (1.0 if close > upper else -1.0) if self.side < 0.0 else (-1.0 if close < lower else 1.0)
        self.upper, self.lower = upper, lower
        return (lower if self.side > 0.0 else upper), self.side
