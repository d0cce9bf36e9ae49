"""A bar length: a count of seconds, minutes, hours, days, weeks, months or years. Pure Python, no NumPy."""

from __future__ import annotations

import re

from lingua.structs import Struct

SECONDS = {"s": 1, "m": 60, "h": 3600}
UNITS = ("s", "m", "h", "d", "w", "mo", "y")


class Timeframe(Struct):
    """`15m`, `1h`, `1d`, `1w`, `1mo`, `1y`. Up to hours the length is fixed; from days on a calendar decides."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Timeframe:
        """Read `15m`. Raises ValueError with the accepted forms."""
        match = re.fullmatch(r"(\d{1,5})(s|m|h|d|w|mo|y)", text)
        if not match or int(match[1]) == 0:
            raise ValueError(
                f"{text!r} is not a timeframe; write a count and a unit, such as 15m, 1h, 1d, 1w, 1mo or 1y"
            )
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def is_fixed(self) -> bool:
        return self.unit in SECONDS

    @property
    def seconds(self) -> int:
        """Length in seconds; nominal (365 days a year, 30 a month) from days on."""
        return self.count * {**SECONDS, "d": 86_400, "w": 604_800, "mo": 2_592_000, "y": 31_536_000}[self.unit]

    def is_multiple_of(self, base: Timeframe) -> bool:
        """Whether every bar of `self` is made of whole bars of `base` (a calendar period is of any shorter bar
        that divides a day)."""
        if self == base:
            return True
        if self.is_fixed and base.is_fixed:
            return self.seconds > base.seconds and self.seconds % base.seconds == 0
        if base.is_fixed:
            return 86_400 % base.seconds == 0
        if self.is_fixed:
            return False
        if base.unit == "d" and base.count == 1:
            return True
        months = {"mo": 1, "y": 12}
        if self.unit in months and base.unit in months:
            small, large = base.count * months[base.unit], self.count * months[self.unit]
            return large > small and large % small == 0
        return self.unit == base.unit and self.count > base.count and self.count % base.count == 0
