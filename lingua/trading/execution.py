"""Options of the `execution` block with their defaults: how orders meet the market and what it costs.

Ratios are shares (3bp is 0.0003), durations seconds. A `profile` is a named set of these options; explicit options win.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Execution:
    slippage: float = 0.0
    """Share of price against the trader on market and stop fills; not capped by the bar."""
    slippage_ticks: float = 0.0
    slippage_volume_share: float = 0.0
    """Impact: price moves by this ratio times (order quantity / bar volume)."""
    commission: float = 0.0
    """Share of notional, per side, for fills that take liquidity."""
    commission_maker: float | None = None
    """Share of notional for resting limit fills; None: same as `commission`."""
    commission_per_order: float = 0.0
    commission_per_unit: float = 0.0
    commission_minimum: float = 0.0
    commission_maximum: float | None = None
    """Money: most commission of an order; where it is below the minimum, it wins. None: no such bound."""
    commission_maximum_share: float | None = None
    """The same as a share of the order's notional."""
    commission_tiers: tuple[tuple[float, float], ...] = ()
    """(notional traded in the last 30 days from, share), ascending; replaces `commission` when not empty."""
    fees: str = ""
    """Name of a preset (`binance.spot`, …) that sets the commission keys."""
    leg_timeout_s: float = 10.0
    """Legs (`&`) that rest unfilled so long after the first of them filled are a broken group."""
    on_broken: Literal["complete", "unwind"] = "complete"
    """What becomes of a broken group: the missing legs go to the market, or the filled ones are closed."""
    latency_bars: int = 0
    latency_s: float = 0.0
    detail: str = ""
    """Timeframe of finer bars that replace the assumption about the path inside a bar."""
    fill_share: float = 0.0
    """Partial fills: at most this share of a bar's volume fills an order per bar; 0 = no limit."""
    limit_fill: Literal["through", "touch"] = "through"
    limit_through_ticks: float = 1.0
    funding: float = 0.0
    """Flat funding rate per 8 hours on position value of perps."""
    borrow: float = 0.0
    """Yearly rate on the market value of shorts."""
    interest: float = 0.0
    """Yearly rate on idle cash."""
    rebalance: float = 0.01
    cash_buffer: float | None = None
    """None: 1 % for market and stop orders, 0 for limits."""
    size_at: Literal["decision", "fill"] = "decision"
    stops_from: Literal["fill", "next_bar"] = "fill"
    """`next_bar` is the rule of engines that arm protection one bar after the entry."""
    intrabar: Literal["adverse", "favourable"] = "adverse"
    """`favourable` is the best case of `--envelope`."""
    fill_on: Literal["open", "close"] = "open"
    """Reserved for profiles; `close` is refused: a decision never fills on its own bar."""
    warmup: Literal["ready", "settled"] = "ready"
    max_gap: int = 3
    allow_jumps: bool = False
    whole_units: bool = False
    """Quantities round down to whole units where the instrument has no lot of its own."""
    risk_free: float = 0.0
    leavers: Literal["close", "hold"] = "close"
    profile: str = ""
    is_given: frozenset[str] = frozenset()
    """Names of the options the user set; what is missing is stamped GROSS / NO FUNDING / NO BORROW."""
