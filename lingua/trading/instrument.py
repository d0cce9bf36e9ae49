"""What is traded: one record per symbol. Assumed records are stamped on the report."""

from __future__ import annotations

from typing import Literal

from lingua.structs import Struct

DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "TUSD", "FDUSD", "DAI"})
"""Money that counts as dollars: coins made to be worth one each."""

InstrumentKind = Literal["spot", "stock", "future", "perp", "fx"]


class Instrument(Struct):
    """Contract terms of one symbol.

    `money = price * quantity * multiplier`. `tick` and `lot` 0 mean no rounding. `initial_margin` and
    `maintenance_margin` are shares of notional (1.0 = fully paid). `calendar` names an entry of the calendar tables.
    `session_zone` is the IANA zone that `hour`, `day` … of a time are told in.
    """

    symbol: str
    kind: InstrumentKind = "spot"
    multiplier: float = 1.0
    tick: float = 0.0
    lot: float = 0.0
    min_quantity: float = 0.0
    min_notional: float = 0.0
    quote: str = "USD"
    fee_asset: Literal["quote", "base"] = "quote"
    initial_margin: float = 1.0
    maintenance_margin: float = 0.0
    liquidation_fee: float = 0.0
    calendar: str = "24x7"
    session_zone: str = "UTC"
    is_assumed: bool = True

    @property
    def lot_size(self) -> float:
        """What `1 lots` is: one unit where quantities are not rounded."""
        return self.lot if self.lot > 0.0 else 1.0

    @property
    def may_short(self) -> bool:
        return self.kind != "spot"
