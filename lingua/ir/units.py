"""Units of measure as exponents over money, quantity, clock time and bars.

`price` is money per quantity, so `price * qty` is money and `price / price` is a plain number by arithmetic on
exponents alone. `ratio` (from `%` and `bp` literals) is a plain number that remembers it is a share.
"""

from __future__ import annotations

from lingua.structs import Struct


class Unit(Struct):
    money: int = 0
    qty: int = 0
    time: int = 0
    bars: int = 0
    is_ratio: bool = False

    @property
    def is_plain(self) -> bool:
        """No dimension and not a ratio."""
        return self == NONE

    @property
    def is_dimensionless(self) -> bool:
        return not (self.money or self.qty or self.time or self.bars)

    def __mul__(self, other: Unit) -> Unit:
        unit = Unit(self.money + other.money, self.qty + other.qty, self.time + other.time, self.bars + other.bars)
        # ratio * none and ratio * ratio stay ratio; ratio * price is price.
        if unit.is_dimensionless and self.is_dimensionless and (self.is_ratio or other.is_ratio):
            return RATIO
        return unit

    def __truediv__(self, other: Unit) -> Unit:
        if other.is_ratio:  # none / ratio is a plain number, ratio / ratio too; price / ratio is price
            return Unit(self.money, self.qty, self.time, self.bars)
        unit = Unit(self.money - other.money, self.qty - other.qty, self.time - other.time, self.bars - other.bars)
        return RATIO if self.is_ratio and unit.is_dimensionless else unit

    def __str__(self) -> str:
        for name, unit in NAMED.items():
            if unit == self:
                return name
        above: list[str] = []
        below: list[str] = []
        for name, power in (("money", self.money), ("qty", self.qty), ("duration", self.time), ("bars", self.bars)):
            if power:
                (above if power > 0 else below).append(name if abs(power) == 1 else f"{name}^{abs(power)}")
        return ("*".join(above) or "1") + ("".join(f"/{name}" for name in below))


NONE = Unit()
RATIO = Unit(is_ratio=True)
PRICE = Unit(money=1, qty=-1)
QTY = Unit(qty=1)
MONEY = Unit(money=1)
DURATION = Unit(time=1)
BARS = Unit(bars=1)
PRICE_PER_BAR = Unit(money=1, qty=-1, bars=-1)

NAMED = {
    "none": NONE, "ratio": RATIO, "price": PRICE, "qty": QTY, "money": MONEY, "duration": DURATION, "bars": BARS,
    "price per bar": PRICE_PER_BAR,
}  # fmt: skip
