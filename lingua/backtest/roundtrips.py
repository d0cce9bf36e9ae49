"""Round trips: the ledger's rows put together, flat to flat per unit. Statistics count these, not rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lingua.trading.records import Trade


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One unit from its fill to flat: an entry that left in three pieces is one round trip.

    `notional` is money at the entry, `pnl` net of all costs, `gross` before commission and slippage (carry stays in).
    `exit_*` are those of the last piece; None while any piece is open. `r` is NaN without an initial stop.
    """

    trade_id: int
    symbol: str
    side: str
    quantity: float
    entry_ts: int
    entry_bar: int
    entry_price: float
    exit_ts: int | None
    exit_bar: int | None
    entry_rule: str
    exit_rule: str
    notional: float
    pnl: float
    gross: float
    commission: float
    slippage: float
    carry: float
    planned_risk: float
    r: float
    mae: float
    mfe: float
    bars: int
    pieces: int
    is_before_settle: bool
    is_ambiguous: bool

    @property
    def is_open(self) -> bool:
        return self.exit_ts is None

    @property
    def pnl_bp(self) -> float:
        """Net result in hundredths of a percent of the money put in."""
        return 1e4 * self.pnl / self.notional if self.notional else math.nan


def round_trips(trades: Iterable[Trade], multipliers: Mapping[str, float]) -> list[RoundTrip]:
    """Rows grouped by symbol and `trade_id`, in the order of their first row."""
    groups: dict[tuple[str, int], list[Trade]] = {}
    for trade in trades:
        groups.setdefault((trade.symbol, trade.trade_id), []).append(trade)
    return [_joined(rows, multipliers.get(symbol, 1.0)) for (symbol, _), rows in groups.items()]


def _joined(rows: list[Trade], multiplier: float) -> RoundTrip:
    first = rows[0]
    is_open = any(row.exit_ts is None for row in rows)
    last = max(rows, key=lambda row: row.exit_ts or 0)
    quantity = math.fsum(row.quantity for row in rows)
    pnl = math.fsum(row.pnl for row in rows)
    commission = math.fsum(row.commission for row in rows)
    slippage = math.fsum(row.slippage for row in rows)
    planned = math.fsum(row.planned_risk for row in rows)
    notional = math.fsum(row.quantity * abs(row.entry_price) for row in rows) * multiplier
    return RoundTrip(
        trade_id=first.trade_id,
        symbol=first.symbol,
        side=first.side,
        quantity=quantity,
        entry_ts=first.entry_ts,
        entry_bar=first.entry_bar,
        entry_price=first.entry_price,
        exit_ts=None if is_open else last.exit_ts,
        exit_bar=None if is_open else last.exit_bar,
        entry_rule=first.entry_rule,
        exit_rule="" if is_open else last.exit_rule,
        notional=notional,
        pnl=pnl,
        gross=pnl + commission + slippage,
        commission=commission,
        slippage=slippage,
        carry=math.fsum(row.carry for row in rows),
        planned_risk=planned,
        r=pnl / planned if planned > 0 else math.nan,
        mae=max(row.mae for row in rows),
        mfe=max(row.mfe for row in rows),
        bars=max(row.bars for row in rows),
        pieces=len(rows),
        is_before_settle=any(row.is_before_settle for row in rows),
        is_ambiguous=any(row.is_ambiguous for row in rows),
    )
