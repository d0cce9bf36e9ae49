"""Which way the volume goes: flows weighed by where the close lies, how far price moved, or how easily it did."""

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
    PLAIN,
    QUANTITY,
    SIGNED,
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
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernels import Lag, Smoother, Total
from lingua.indicators.kernels_structure import TrendSpan
from lingua.indicators.kernels_windows import Mean, Spread, Sum
from lingua.indicators.momentum import ACHELIS
from lingua.indicators.pointwise import choose, greater, lesser, log, magnitude, mid, ratio, root, typical

GROUP = "volume"
TRADED = (*BAR, VOLUME)


@indicator(
    "iii",
    "III",
    inputs=TRADED,
    outputs=(OutputSpec("value", "none/qty"),),
    lookback=none,
    group=GROUP,
    formula="(2 * close - high - low) / ((high - low) * volume); na in a bar without range or volume",
    source="D. Bostian's intraday intensity, as in Pine's ta.iii; with the volume as a factor and summed it is cmf",
)
class IntradayIntensity(Calculation):
    """Intraday intensity index of the bar."""

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        return ratio(2.0 * close - high - low, (high - low) * volume)


@indicator(
    "wvad",
    "WVAD",
    inputs=(OPEN, *TRADED),
    parameters=(length(1),),
    outputs=(QUANTITY,),
    group=GROUP,
    formula="sum((close - open) / (high - low) * volume, length), 0 in a bar without range",
    source="L. Williams, How I Made One Million Dollars Last Year Trading Commodities (1979); for one bar, Pine",
)
class Wvad(Calculation):
    """Williams' variable accumulation/distribution: volume weighed by the body's share of the range."""

    def __init__(self, length: int) -> None:
        self.sum = Sum(length)

    def __call__(self, open: Any, high: Any, low: Any, close: Any, volume: Any) -> Any:
        span = high - low
        return self.sum(choose(span == 0.0, 0.0 * volume, ratio(close - open, span) * volume))


@indicator(
    "ad_williams",
    inputs=TRADED,
    outputs=(QUANTITY,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="running sum of volume * (close - close[1]) / (max(high, close[1]) - min(low, close[1])), 0 at first and "
    "in a bar without true range",
    source="M. Chaikin's accumulation/distribution with L. Williams' true range and change of the close",
)
class AdWilliams(Calculation):
    """Accumulation/distribution line that counts gaps: volume times the change's share of the true range."""

    def __init__(self) -> None:
        self.before, self.total = Lag(1), Total()

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        before = self.before(close)
        span = greater(high, before) - lesser(low, before)
        return self.total(choose((span > 0.0) & (before == before), ratio(close - before, span) * volume, 0.0 * volume))


@indicator(
    "twiggs",
    "TMF",
    "tmf",
    inputs=TRADED,
    parameters=(length(21),),
    outputs=(OutputSpec("value", "none", -1.0, 1.0),),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="rma(volume * ((close - bottom) - (top - close)) / (top - bottom), length) / rma(volume, length), top = "
    "max(high, close[1]), bottom = min(low, close[1])",
    source="C. Twiggs' money flow: Chaikin's with Wilder's true range and smoothing",
)
class Twiggs(Calculation):
    """Twiggs money flow."""

    def __init__(self, length: int) -> None:
        self.before, self.flow, self.volume = Lag(1), wilder_kernel(length), wilder_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        before = self.before(close)
        top, bottom = greater(high, before), lesser(low, before)
        span, known = top - bottom, before - before
        place = ratio((close - bottom) - (top - close), span)
        flow = self.flow(choose(span == 0.0, 0.0 * volume, place * volume) + known)
        return ratio(flow, self.volume(volume + known))


@indicator(
    "eom",
    "EMV",
    "emv",
    inputs=(HIGH, LOW, VOLUME),
    parameters=(length(14), number("divisor", 10_000.0, 1e-6, 1e15)),
    outputs=(OutputSpec("value", "price^2/qty"),),
    lookback=after,
    group=GROUP,
    formula="sma((hl2 - hl2[1]) * (high - low) / (volume / divisor), length); 0 in a bar without volume",
    source=f"R. W. Arms, Volume Cycles in the Stock Market (1983); {ACHELIS}",
)
class EaseOfMovement(Calculation):
    """Ease of movement: how far price went for its volume."""

    def __init__(self, length: int, divisor: float) -> None:
        self.before, self.mean, self.divisor = Lag(1), Mean(length), divisor

    def __call__(self, high: Any, low: Any, volume: Any) -> Any:
        middle = mid(high, low)
        moved = (middle - self.before(middle)) * (high - low)
        return self.mean(choose(volume == 0.0, 0.0 * moved, ratio(moved, volume / self.divisor)))


def klinger_lookback(fast: int, slow: int, signal: int) -> int:
    return max(fast, slow) + signal - 1


@indicator(
    "klinger",
    "KVO",
    "kvo",
    inputs=TRADED,
    parameters=(length(34, 1, "fast"), length(55, 1, "slow"), length(13, 1, "signal")),
    outputs=(OutputSpec("klinger", "qty"), OutputSpec("signal", "qty")),
    lookback=klinger_lookback,
    settle=anchored,
    group=GROUP,
    formula="klinger = ema(force, fast) - ema(force, slow), both begun at the first force; signal = ema(klinger, "
    "signal); force = 100 * volume * abs(2 * (high - low) / span - 1), negative in a trend down; span = sum of "
    "high - low since the trend turned, the bar before it included; the trend is that of the last change of hlc3",
    source=f"S. J. Klinger, Technical Analysis of Stocks & Commodities 15:12 (1997); {ACHELIS}",
)
class Klinger(Calculation):
    """Klinger oscillator: volume force in the long and the short run."""

    def __init__(self, fast: int, slow: int, signal: int) -> None:
        self.span, self.fast = TrendSpan(), Smoother(fast, ema_alpha(fast), True)
        self.slow, self.signal = Smoother(slow, ema_alpha(slow), True), ema_kernel(signal)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> tuple[Any, Any]:
        width = high - low
        span, trend = self.span(typical(high, low, close), width)
        force = trend * 100.0 * volume * magnitude(choose(span == 0.0, 0.0 * span, 2.0 * ratio(width, span) - 1.0))
        line = self.fast(force) - self.slow(force)
        return line, self.signal(line)


@indicator(
    "vosc",
    "VOSC",
    inputs=(VOLUME,),
    parameters=(length(5, 1, "fast"), length(10, 1, "slow")),
    outputs=(PLAIN,),
    lookback=lambda fast, slow: max(fast, slow) - 1,
    group=GROUP,
    formula="100 * (sma(volume, fast) - sma(volume, slow)) / sma(volume, slow)",
    source=ACHELIS,
)
class VolumeOscillator(Calculation):
    """Volume oscillator, in percent."""

    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = Mean(fast), Mean(slow)

    def __call__(self, volume: Any) -> Any:
        slow = self.slow(volume)
        return ratio(100.0 * (self.fast(volume) - slow), slow)


@indicator(
    "vr",
    "VR",
    "volume_ratio",
    inputs=(CLOSE, VOLUME),
    parameters=(length(26),),
    outputs=(OutputSpec("value", "none", 0.0),),
    lookback=after,
    group=GROUP,
    formula="100 * (up + flat / 2) / (down + flat / 2), the sums of volume over bars whose close rose, stayed and fell",
    source="the volume ratio of Japanese and Chinese charting; the relation to the mean volume is rvol",
)
class VolumeRatio(Calculation):
    """Volume of rises against volume of falls, in percent."""

    def __init__(self, length: int) -> None:
        self.before, self.up, self.down = Lag(1), Sum(length), Sum(length)

    def __call__(self, close: Any, volume: Any) -> Any:
        change = close - self.before(close)
        known = change - change
        half = volume / 2.0
        up = self.up(choose(change > 0.0, volume, choose(change == 0.0, half, known)))
        down = self.down(choose(change < 0.0, volume, choose(change == 0.0, half, known)))
        return ratio(100.0 * up, down)


@indicator(
    "vzo",
    "VZO",
    inputs=(CLOSE, VOLUME),
    parameters=(length(14),),
    outputs=(SIGNED,),
    lookback=after,
    settle=ema_settle,
    group=GROUP,
    formula="100 * ema(volume, negative where the close did not rise, length) / ema(volume, length)",
    source="W. Khalil, D. Steckler, Technical Analysis of Stocks & Commodities 29:5 (2011)",
)
class VolumeZone(Calculation):
    """Volume zone oscillator."""

    def __init__(self, length: int) -> None:
        self.before, self.signed, self.volume = Lag(1), ema_kernel(length), ema_kernel(length)

    def __call__(self, close: Any, volume: Any) -> Any:
        change = close - self.before(close)
        known = change - change
        signed = self.signed(choose(change > 0.0, volume, -volume) + known)
        return ratio(100.0 * signed, self.volume(volume + known))


def vfi_lookback(length: int, deviation: int, cutoff: float, most: float, smooth: int) -> int:
    return max(length, deviation) + length + smooth - 2


@indicator(
    "vfi",
    "VFI",
    inputs=TRADED,
    parameters=(
        length(130),
        length(30, 2, "deviation"),
        number("cutoff", 0.2, 0.0, 100.0),
        number("most", 2.5, 0.0, 1e6),
        length(3, 1, "smooth"),
    ),
    outputs=(PLAIN,),
    lookback=vfi_lookback,
    settle=lambda length, deviation, cutoff, most, smooth: settle_of(ema_alpha(smooth)),
    group=GROUP,
    cost=lambda length, deviation, cutoff, most, smooth: 60 + 3 * deviation,
    formula="ema(sum(flow, length) / mean, smooth); mean = sma(volume, length)[1]; "
    "flow = min(volume, most * mean) with the sign of hlc3 - hlc3[1], "
    "0 where that is within cutoff * stddev(log(hlc3 / hlc3[1]), deviation) * close",
    source="M. Katsanos, Technical Analysis of Stocks & Commodities 22:6 (2004)",
)
class VolumeFlow(Calculation):
    """Volume flow indicator."""

    def __init__(self, length: int, deviation: int, cutoff: float, most: float, smooth: int) -> None:
        self.before, self.spread, self.mean, self.mean_before = Lag(1), Spread(deviation), Mean(length), Lag(1)
        self.sum, self.smooth, self.cutoff, self.most = Sum(length), ema_kernel(smooth), cutoff, most

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        level = typical(high, low, close)
        before = self.before(level)
        least = self.cutoff * root(self.spread(log(ratio(level, before)))[0]) * close
        mean = self.mean_before(self.mean(volume))
        counted, moved = lesser(volume, self.most * mean), level - before
        nothing = (least - least) + (mean - mean)
        flow = choose(moved > least, counted, choose(moved < -least, -counted, nothing)) + nothing
        return self.smooth(ratio(self.sum(flow), mean))
