"""What was traded, and on which side."""

from __future__ import annotations

from typing import Any

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.averages import ema_kernel
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    BAR,
    CLOSE,
    CONDITION,
    HIGH,
    LOW,
    PERCENT,
    PLAIN,
    PRICE,
    QUANTITY,
    VOLUME,
    Calculation,
    after,
    anchored,
    ema_alpha,
    ema_settle,
    indicator,
    is_finite,
    length,
    none,
    settle_of,
)
from lingua.indicators.kernels import Lag, Product, Smoother, Total, TotalSince
from lingua.indicators.kernels_windows import Mean, Sum
from lingua.indicators.momentum import ACHELIS
from lingua.indicators.pointwise import choose, greater, lesser, ratio, typical
from lingua.indicators.talib_twins import by_twin

GROUP = "volume"
walks_over: Any = walks  # its signatures are Cython's
TRADED = (*BAR, VOLUME)
LOGUE = "S. A. Berkowitz, D. E. Logue, E. A. Noser, Journal of Finance 43:1 (1988)"
FOSBACK = "N. G. Fosback, Stock Market Logic (1976)"


class Signed(Calculation):
    """Volume with the sign of the close's change; the first bar counts as up."""

    def __init__(self) -> None:
        self.before = Lag(1)

    def __call__(self, close: Any, volume: Any) -> Any:
        before = self.before(close)
        return choose(close < before, -volume, choose(close == before, 0.0 * volume, volume))


@indicator(
    "obv",
    "OBV",
    inputs=(CLOSE, VOLUME),
    outputs=(QUANTITY,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="running sum of volume, signed by the change of the close; the first bar counts as up",
    source="J. E. Granville, New Key to Stock Market Profits (1963)",
)
class Obv(Calculation):
    """On balance volume."""

    def __init__(self) -> None:
        self.signed, self.total = Signed(), Total()

    def __call__(self, close: Any, volume: Any) -> Any:
        return self.total(self.signed(close, volume))


def located(high: Any, low: Any, close: Any, volume: Any) -> Any:
    """Volume times where the close lies in the bar, -1 at the low, 1 at the high; 0 in a bar without range."""
    span = high - low
    place = ratio((close - low) - (high - close), span)
    return choose(span == 0.0, 0.0 * volume, place * volume)


LOCATED = "((close - low) - (high - close)) / (high - low) * volume, 0 in a bar without range"


@indicator(
    "ad",
    "AD",
    "accdist",
    inputs=TRADED,
    outputs=(QUANTITY,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula=f"running sum of {LOCATED}",
    source=f"{ACHELIS}, M. Chaikin's form",
)
class Ad(Calculation):
    """Accumulation/distribution line."""

    def __init__(self) -> None:
        self.total = Total()

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        return self.total(located(high, low, close, volume))


@indicator(
    "adosc",
    "ADOSC",
    "chaikin",
    inputs=TRADED,
    parameters=(length(3, 1, "fast"), length(10, 1, "slow")),
    outputs=(QUANTITY,),
    lookback=lambda fast, slow: max(fast, slow) - 1,
    settle=lambda fast, slow: settle_of(ema_alpha(max(fast, slow))),
    group=GROUP,
    formula="ema(ad, fast) - ema(ad, slow), both begun at the first value of ad",
    source=f"{ACHELIS}, M. Chaikin's form",
)
class Adosc(Calculation):
    """Chaikin oscillator."""

    def __init__(self, fast: int, slow: int) -> None:
        self.line = Ad()
        self.fast, self.slow = Smoother(fast, ema_alpha(fast), True), Smoother(slow, ema_alpha(slow), True)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        line = self.line(high, low, close, volume)
        return self.fast(line) - self.slow(line)

    def whole(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        made = by_twin("ad", [high, low, close, volume], {})
        if made is None or not is_finite(made[0]):
            return None
        fast = self.fast(made[0])
        fast -= self.slow(made[0])
        return fast


@indicator(
    "cmf",
    "CMF",
    inputs=TRADED,
    parameters=(length(20),),
    outputs=(OutputSpec("value", "none", -1.0, 1.0),),
    is_local=True,
    group=GROUP,
    formula=f"sum of {LOCATED}, over sum(volume, length)",
    source="M. Chaikin's money flow",
)
class Cmf(Calculation):
    """Chaikin money flow."""

    def __init__(self, length: int) -> None:
        self.located, self.volume = Sum(length), Sum(length)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        return ratio(self.located(located(high, low, close, volume)), self.volume(volume))


@indicator(
    "mfi",
    "MFI",
    inputs=TRADED,
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="100 * up / (up + down), up and down the sums of hlc3 * volume over bars whose hlc3 rose and fell",
    source="G. Quong, A. Soudack, Technical Analysis of Stocks & Commodities 7:3 (1989)",
)
class Mfi(Calculation):
    """Money flow index."""

    def __init__(self, length: int) -> None:
        self.before, self.up, self.down = Lag(1), Sum(length), Sum(length)

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        middle = typical(high, low, close)
        change = middle - self.before(middle)
        flow, nothing = middle * volume, change - change
        up = self.up(choose(change > 0.0, flow, nothing))
        down = self.down(choose(change < 0.0, flow, nothing))
        return ratio(100.0 * up, up + down)


@indicator(
    "vwap",
    "VWAP",
    inputs=TRADED,
    outputs=(PRICE,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=LOGUE,
    formula="running sum of hlc3 * volume over running sum of volume, since the first bar; of a session: vwap_since",
)
class Vwap(Calculation):
    """Volume-weighted average price since the first bar."""

    def __init__(self) -> None:
        self.money, self.volume = Total(), Total()

    def __call__(self, high: Any, low: Any, close: Any, volume: Any) -> Any:
        return ratio(self.money(typical(high, low, close) * volume), self.volume(volume))


@indicator(
    "vwap_since",
    inputs=(CONDITION, *TRADED),
    outputs=(PRICE,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=LOGUE,
    formula="sum of hlc3 * volume over sum of volume since the condition last held, that bar too; na before it did",
)
class VwapSince(Calculation):
    """Volume-weighted average price since an event, as a new day: `vwap_since(day(open_time) != day(open_time[1]))`."""

    def __init__(self) -> None:
        self.money, self.volume = TotalSince(), TotalSince()

    def __call__(self, condition: Any, high: Any, low: Any, close: Any, volume: Any) -> Any:
        return ratio(self.money(condition, typical(high, low, close) * volume), self.volume(condition, volume))


@indicator(
    "efi",
    "EFI",
    inputs=(CLOSE, VOLUME),
    parameters=(length(13),),
    outputs=(OutputSpec("value", "money"),),
    lookback=after,
    settle=ema_settle,
    group=GROUP,
    formula="ema((close - close[1]) * volume, length)",
    source="A. Elder, Trading for a Living (1993)",
)
class Efi(Calculation):
    """Elder's force index."""

    def __init__(self, length: int) -> None:
        self.before, self.average = Lag(1), ema_kernel(length)

    def __call__(self, close: Any, volume: Any) -> Any:
        return self.average((close - self.before(close)) * volume)


@indicator(
    "rvol",
    "RVOL",
    inputs=(VOLUME,),
    parameters=(length(20),),
    outputs=(OutputSpec("value", "none", 0.0),),
    lookback=after,
    group=GROUP,
    formula="volume / sma(volume, length)[1]",
    source="definition",
)
class RelativeVolume(Calculation):
    """Volume relative to the mean of the bars before."""

    def __init__(self, length: int) -> None:
        self.mean, self.before = Mean(length), Lag(1)

    def __call__(self, volume: Any) -> Any:
        return ratio(volume, self.before(self.mean(volume)))


class VolumeIndex(Calculation):
    """1000 times the growth of the close over the bars whose volume fell (`side` -1) or rose (1)."""

    def __init__(self, side: float) -> None:
        self.side, self.close, self.volume, self.value = side, Lag(1), Lag(1), Product(1000.0)

    def __call__(self, close: Any, volume: Any) -> Any:
        before, change = self.close(close), self.side * (volume - self.volume(volume))
        return self.value(choose(change > 0.0, ratio(close, before), 1.0 + 0.0 * close))

    def whole(self, close: Any, volume: Any) -> Any:
        out = np.empty(len(close))
        return out if walks_over.volume_index(close, volume, self.side, out) else None


indicator(
    "nvi",
    "NVI",
    inputs=(CLOSE, VOLUME),
    outputs=(PLAIN,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=FOSBACK,
    formula="1000 at the first bar, times close / close[1] where volume < volume[1]",
    summary="Negative volume index.",
)(lambda: VolumeIndex(-1.0))
indicator(
    "pvi",
    "PVI",
    inputs=(CLOSE, VOLUME),
    outputs=(PLAIN,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=FOSBACK,
    formula="1000 at the first bar, times close / close[1] where volume > volume[1]",
    summary="Positive volume index.",
)(lambda: VolumeIndex(1.0))


@indicator(
    "pvt",
    "PVT",
    inputs=(CLOSE, VOLUME),
    outputs=(QUANTITY,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=ACHELIS,
    formula="running sum of volume * (close - close[1]) / close[1], 0 at the first bar",
)
class Pvt(Calculation):
    """Price volume trend."""

    def __init__(self) -> None:
        self.before, self.total = Lag(1), Total()

    def __call__(self, close: Any, volume: Any) -> Any:
        before = self.before(close)
        return self.total(choose(before != before, 0.0 * volume, ratio(close - before, before) * volume))


@indicator(
    "wad",
    "WAD",
    inputs=BAR,
    outputs=(PRICE,),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source=f"{ACHELIS}, L. Williams",
    formula="running sum of close - min(low, close[1]) where the close rose, close - max(high, close[1]) where it fell",
)
class Wad(Calculation):
    """Williams' accumulation/distribution."""

    def __init__(self) -> None:
        self.before, self.total = Lag(1), Total()

    def __call__(self, high: Any, low: Any, close: Any) -> Any:
        before = self.before(close)
        moved = choose(close > before, close - lesser(low, before), close - greater(high, before))
        return self.total(choose((close > before) | (close < before), moved, 0.0 * close))


@indicator(
    "marketfi",
    "MARKETFI",
    inputs=(HIGH, LOW, VOLUME),
    outputs=(OutputSpec("value", "price/qty"),),
    lookback=none,
    group=GROUP,
    formula="(high - low) / volume",
    source="B. Williams, New Trading Dimensions (1998)",
)
class MarketFacilitation(Calculation):
    """Market facilitation index."""

    def __call__(self, high: Any, low: Any, volume: Any) -> Any:
        return ratio(high - low, volume)
