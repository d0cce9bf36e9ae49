"""Volume-weighted prices: since an event, over a window, and where in the range the volume lies.

`vwap` and `vwap_since` stand with the other volume indicators; these have bands. A session's line is one since its
first bar: `vwap_bands(day(open_time) != day(open_time[1]))`.
"""

from __future__ import annotations

from typing import Any

from lingua.indicators.declaration import Input, OutputSpec, Parameter
from lingua.indicators.declare import BAR, CHANNEL, VOLUME, Calculation, anchored, indicator, length, none, number
from lingua.indicators.kernels import Extreme
from lingua.indicators.kernels_structure import Profile, SpreadSince, WeightedSpread
from lingua.indicators.pointwise import choose, root, typical
from lingua.indicators.volume import LOGUE, VwapSince

GROUP = "volume"
TRADED = (*BAR, VOLUME)
WIDTH = number("width", 1.0)


@indicator(
    "vwap_bands",
    inputs=(Input("anchor", "none", "bool"), *TRADED),
    parameters=(WIDTH,),
    outputs=CHANNEL,
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="middle = vwap_since(anchor); upper, lower = middle ± width * the standard deviation of hlc3 since the "
    "anchor last held, weighted by volume; na before it did",
    source=LOGUE,
)
class VwapBands(Calculation):
    """Volume-weighted average price since an event, such as a new session, with bands of standard deviations."""

    def __init__(self, width: float) -> None:
        self.line, self.spread, self.width = VwapSince(), SpreadSince(), width

    def __call__(self, anchor: Any, high: Any, low: Any, close: Any, volume: Any) -> tuple[Any, Any, Any]:
        middle = self.line(anchor, high, low, close, volume)
        band = self.width * root(self.spread(anchor, typical(high, low, close), volume))
        return middle + band, middle, middle - band


@indicator(
    "vwap_rolling",
    "rvwap",
    "RVWAP",
    inputs=TRADED,
    parameters=(length(20), WIDTH),
    outputs=CHANNEL,
    group=GROUP,
    cost=lambda length, width: 20 + 5 * length,
    formula="middle = sum(hlc3 * volume, length) / sum(volume, length); upper, lower = middle ± width * the standard "
    "deviation of hlc3 around it, weighted by volume; na when nothing was traded",
    source=LOGUE,
)
class VwapRolling(Calculation):
    """Volume-weighted average price of the last bars, with bands of standard deviations."""

    def __init__(self, length: int, width: float) -> None:
        self.spread, self.width = WeightedSpread(length), width

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> tuple[Any, Any, Any]:
        middle, variance = self.spread(typical(high, low, close), volume)
        band = self.width * root(variance)
        return middle + band, middle, middle - band


@indicator(
    "volume_profile",
    inputs=TRADED,
    parameters=(
        length(100),
        Parameter("bins", 24, 1, 1000),
        number("share", 70.0, 0.0, 100.0),
    ),
    outputs=tuple(OutputSpec(name, "price") for name in ("poc", "high", "low")),
    lookback=lambda length, bins, share: length - 1,
    group=GROUP,
    cost=lambda length, bins, share: 40 + 4 * length + 4 * bins,
    formula="the range from lowest(low, length) to highest(high, length) in bins equal parts, each bar's volume in "
    "the part of its hlc3; poc = middle of the part with most volume, the lowest of equals; high, low = edges of the "
    "value area: parts join it, the heavier neighbour first, until it holds share percent of the volume",
    source="J. F. Dalton, E. T. Jones, R. B. Dalton, Mind over Markets (1990), with volume in place of time",
)
class VolumeProfile(Calculation):
    """Volume profile of the last bars: point of control and value area."""

    def __init__(self, length: int, bins: int, share: float) -> None:
        self.top, self.bottom = Extreme(length, 1.0), Extreme(length, -1.0)
        self.profile = Profile(length, bins, share / 100.0)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> tuple[Any, Any, Any]:
        top, bottom = self.top(high), self.bottom(low)
        # Until the window is full its range is not known and not asked for; the volumes are taken in all the same.
        top, bottom = choose(top != top, high, top), choose(bottom != bottom, low, bottom)
        poc, upper, lower = self.profile(top, bottom, typical(high, low, close), volume)
        return poc, upper, lower
