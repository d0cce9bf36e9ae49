"""Buy-and-hold of the traded symbols under the strategy's own terms: the yardstick of every report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars
from lingua.trading.execution import Execution

Floats = NDArray[np.float64]
Stamps = NDArray[np.int64]


def buy_and_hold(
    bars: Sequence[Bars], ready: Sequence[int], clock: Stamps, capital: float, execution: Execution
) -> Floats:
    """(events,) equity of putting `capital` in equal parts into each symbol at the open of the first bar after its
    ready bar (where the strategy's first order could fill), and keeping it.

    Pays slippage and commission of that one entry. Splits multiply the shares, dividends stay as cash. Quantities are
    not rounded, so that a small account is compared with the market and not with lot sizes.
    """
    part = capital / len(bars) if bars else 0.0
    total = np.full(len(clock), 0.0 if bars else capital)
    for one, at in zip(bars, ready, strict=True):
        values = _held(one, at, part, execution)
        index = np.searchsorted(one.ts, clock, side="right") - 1
        total += np.where(index >= 0, values[np.maximum(index, 0)], part) if len(one) else part
    return total


def _held(bars: Bars, ready: int, money: float, execution: Execution) -> Floats:
    """(bars,) value of `money` put into one symbol after bar `ready`."""
    values = np.full(len(bars), money)
    entry = _first_fill(bars, ready)
    if entry is None:
        return values
    multiplier = bars.instrument.multiplier
    quantity = affordable(money, float(bars.open[entry]), bars, execution)
    shares = np.full(len(bars) - entry, quantity)
    cash = np.zeros(len(bars) - entry)
    for action in sorted(bars.actions, key=lambda action: action.ts):
        # The first bar that ends after the ex-date's start; an entry on that very bar already paid the new price.
        at = int(np.searchsorted(bars.ts, action.ts, side="right")) - entry
        if 0 < at < len(shares):
            cash[at:] += shares[at] * action.dividend
            shares[at:] *= action.split
    values[entry:] = cash + shares * multiplier * _last_known(bars.close[entry:], float(bars.open[entry]))
    return values


def _first_fill(bars: Bars, ready: int) -> int | None:
    """The first bar after `ready` in which an order can fill: real, priced and, where volume is known, traded."""
    can_fill = ~np.isnan(bars.open)
    if bars.is_synthetic is not None:
        can_fill &= ~bars.is_synthetic
    can_fill &= ~((bars.volume == 0) & np.logical_or.accumulate(bars.volume > 0))
    can_fill[: max(ready + 1, 0)] = False
    found = np.flatnonzero(can_fill)
    return int(found[0]) if len(found) else None


def affordable(money: float, price: float, bars: Bars, execution: Execution) -> float:
    """Units that `money` buys at `price` with slippage and commission paid out of it."""
    price = price * (1 + execution.slippage) + execution.slippage_ticks * bars.instrument.tick
    notional = price * bars.instrument.multiplier
    tiers = execution.commission_tiers
    share = tiers[0][1] if tiers else execution.commission
    per_unit = notional * share + execution.commission_per_unit
    quantity = (money - execution.commission_per_order) / (notional + per_unit)
    if quantity * per_unit + execution.commission_per_order < execution.commission_minimum:
        quantity = (money - execution.commission_minimum) / notional
    return max(quantity, 0.0)


def _last_known(values: Floats, first: float) -> Floats:
    """`values` with each NaN replaced by the value before it (`first` before any)."""
    is_known = ~np.isnan(values)
    at = np.maximum.accumulate(np.where(is_known, np.arange(len(values)), -1))
    filled: Floats = np.where(at >= 0, values[np.maximum(at, 0)], first)
    return filled
