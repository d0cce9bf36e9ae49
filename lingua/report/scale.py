"""The scale of drawn prices: today's, with what came before a split restated, so that a chart has no false cliffs.

Tables, CSV files and explanations keep the prices as they were traded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars
from lingua.trading.records import Trade

Floats = NDArray[np.float64]


def scale_of(bars: Bars) -> Floats | None:
    """(bars,) what a traded price is multiplied by to be drawn; None when it is drawn as traded."""
    if bars.factor is None or not len(bars) or np.all(bars.factor == bars.factor[-1]):
        return None
    return np.asarray(bars.factor / bars.factor[-1])


def drawn_bars(bars: Bars) -> Bars:
    """The bars as they are drawn: prices in today's scale, volumes in today's shares."""
    scale = scale_of(bars)
    if scale is None:
        return bars
    return replace(
        bars,
        open=bars.open * scale,
        high=bars.high * scale,
        low=bars.low * scale,
        close=bars.close * scale,
        volume=bars.volume / scale,
    )


def drawn_values(values: NDArray[Any], bars: Bars, pane: str) -> NDArray[Any]:
    """(bars,) a plot's values: those over the bars are prices and share their scale."""
    scale = scale_of(bars) if pane == "price" and values.dtype != np.uint8 else None
    return values if scale is None else np.asarray(values * scale)


def scale_of_trade(trade: Trade, bars: Bars) -> float:
    """What a trade's two prices are multiplied by; its row is in the scale of the bar of its exit."""
    scale = scale_of(bars)
    if scale is None:
        return 1.0
    return float(scale[-1 if trade.exit_bar is None else trade.exit_bar])
